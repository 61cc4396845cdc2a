"""Layout: the one owner of addresses. Quantity to sheet, row, columns and defined name."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import replace

from xl_econ.catalog.load import load_catalog
from xl_econ.core.expr import Expr
from xl_econ.core.quantity import Derived, Given, Quantity
from xl_econ.core.spell import Naming
from xl_econ.inputs.study import YEAR_MONTHS
from xl_econ.model import AXES, DEMAND_THEMES, HEADLINES, MONTH_COUNT, PERIOD, PROVIDER_THEMES, model_graph
from xl_econ.model.declare import CODES
from xl_econ.workbook.demand_cells import CHART_ROWS
from xl_econ.workbook.names import defined_name
from xl_econ.workbook.places import Group, Place
from xl_econ.workbook.provider_cells import SHOWN_ROWS
from xl_econ.workbook.rows import case_rows, case_trees, curve_trees, trial_rows
from xl_econ.workbook.sheet_xml import letters as column_letters
from xl_econ.workbook.simulation_cells import DISTRIBUTION_CELLS
from xl_econ.workbook.trials import Trial, behind_bridges, case_count, moved_by, set_givens, trials

FIRST_ROW = 4
"""Rows 0 to 3 of every sheet: title, what it is for and the checks, a free row, the column heads."""
HEAD_ROW = 3
FIRST_COLUMN = 2
"""Behind label and unit."""
INPUT_NOTES = 3
"""Columns behind the scenarios on Inputs (allowed, note, name), before the article's cases."""
SCENARIO_NAMES = "scenario_names"
ABOUT = "About"
STUDY_CELLS = {"study_title": (3, 1), "study_as_of": (4, 1)}
"""The named cells of About that a study decides: row and column."""
ABOUT_CELLS = STUDY_CELLS | {"engine_version": (5, 1), "inputs_fingerprint": (6, 1)}
"""All named cells of About: also who computed the results, and from which inputs."""
RESULTS = "Results"
SPARE_ROWS = 20
"""Free rows of each catalog table that the look-ups cover."""

INPUTS, ASSUMPTIONS, PLAN, PROVIDER, ENGINE, CURVE = "Inputs", "Assumptions", "Plan", "Provider", "Engine", "Curve"
DEMAND, CHECKS, LISTS, CATALOG, WORKINGS, CHANGES = "Demand", "Checks", "Lists", "Catalog", "Workings", "Changes"
MONTH = "plan_month"
"""The months as the head of Plan shows them, for all scenarios; Lists has them too."""
YEAR_POSITION, YEAR = "year_position", "cloud_year"
"""The years as Lists has them, and as Provider shows them above its first block."""
FIRST_YEAR_COLUMN = FIRST_COLUMN + 2
"""On Plan, behind what years show and the sum over all months."""
DOWN = ("level", "hour")
"""Axes that run down a sheet, scenarios side by side; the others run across."""
BASELINE = "baseline_"
"""How the names of the baseline's values begin, on Changes."""


class Layout:
    """Addresses for a number of scenarios. Columns count from 0: scenarios, the article's cases, trials."""

    def __init__(self, scenarios: int, full: bool = True, months: int = MONTH_COUNT) -> None:
        self.graph = model_graph()
        self.scenarios = scenarios
        self.months = months
        self.years = months // YEAR_MONTHS
        """Of the plan, each with a column before the months."""
        self.first_month_column = FIRST_YEAR_COLUMN + self.years
        self.cases = case_count() if full else 0
        self.trials = trials() if full else ()
        self.groups: dict[str, list[Group]] = {}
        self._places: dict[str, Place] = {}
        self._workings: dict[str, Place] = {}
        self.compared: dict[str, Place] = {}
        """Where Changes holds each input and headline beside its baseline."""
        self._columns: dict[str, int] = {}
        self._place_all()

    # --- building ---

    def _place_all(self) -> None:
        givens, derived = self.graph.givens, [q for q in self.graph if isinstance(q, Derived)]
        derived = self._place_demand(self._place_provider(derived))
        single = [q for q in derived if self.graph.axes[q.name] is None]
        curve = [q for q in derived if q.name in curve_trees()]
        plan = [q for q in derived if self.graph.axes[q.name] == "period" and q.name != MONTH]
        self._stack(INPUTS, [q for q in givens if q.role == "input"], self._places)
        self._stack(ASSUMPTIONS, [q for q in givens if q.role == "assumption"], self._places)
        self._stack(ENGINE, _codes_last(q for q in single if q.theme != CHECKS), self._places)
        self.checks_end = self._stack(CHECKS, [q for q in single if q.theme == CHECKS], self._places)
        """Where Checks goes on with what holds for the whole workbook."""
        self._stack_blocks(CURVE, _main_first(curve), self._places, FIRST_ROW)
        self.plan_rows = self._stack_scenarios(PLAN, plan, FIRST_ROW, self.months + 1)
        self._places[MONTH] = Place(PLAN, HEAD_ROW, across=self.months + 1)
        headlines = [replace(self.graph[name], theme=RESULTS) for name in HEADLINES]
        self._stack(CHANGES, [*headlines, *(q for q in givens if q.role in ("input", "assumption"))], self.compared)
        self._place_workings(single, derived)
        self._place_lists([q for q in givens if q.role in ("constant", "column")])
        self._place_tables([q for q in givens if q.role == "column"])

    def _place_workings(self, single: Sequence[Derived], derived: Sequence[Derived]) -> None:
        free = self._stack(WORKINGS, [q for q in single if q.name in case_trees()], self._workings)
        along = [q for q in derived if self.graph.axes[q.name] == "level" and q.name in case_trees()]
        free = self._stack_blocks(WORKINGS, along, self._workings, free)
        self.set_row = free
        """The row above what trials decide themselves, on Workings."""
        self._set = {given.name: Place(WORKINGS, free + 1 + i) for i, given in enumerate(set_givens())}

    def _stack(self, sheet: str, quantities: Iterable[Quantity], into: dict[str, Place], row: int = FIRST_ROW) -> int:
        """A title row, a row each, a free row, theme by theme; gives the next free row."""
        themes: dict[str, list[Quantity]] = {}
        for quantity in quantities:
            themes.setdefault(quantity.theme, []).append(quantity)
        for theme, members in themes.items():
            self.groups.setdefault(sheet, []).append(Group(theme, row, tuple(members)))
            into.update({q.name: Place(sheet, row + 1 + i) for i, q in enumerate(members)})
            row += len(members) + 2
        return row

    def _stack_blocks(self, sheet: str, quantities: Sequence[Quantity], into: dict[str, Place], row: int) -> int:
        """A title row and a row for each place along its axis, quantity by quantity; gives the next free row."""
        for quantity in quantities:
            self.groups.setdefault(sheet, []).append(Group(quantity.label, row, (quantity,)))
            rows = len(AXES[str(self.graph.axes[quantity.name])])
            into[quantity.name] = Place(sheet, row + 1, rows)
            row += rows + 2
        return row

    def _stack_scenarios(self, sheet: str, quantities: Sequence[Quantity], row: int, across: int) -> int:
        """The first scenario's block, under a row with its name; the others follow, each as many rows further down."""
        rows: dict[str, Place] = {}
        down = self._stack(sheet, quantities, rows, row + 1) - row
        self._places |= {name: Place(sheet, place.row, across=across, down=down) for name, place in rows.items()}
        return down

    def _place_demand(self, derived: Sequence[Derived]) -> list[Derived]:
        """The sheet Demand, below its charts: single values, then blocks by hour and volume; gives the rest."""
        there, axes = [q for q in derived if q.theme in DEMAND_THEMES], self.graph.axes
        free = self._stack(DEMAND, [q for q in there if not axes[q.name]], self._places, FIRST_ROW + CHART_ROWS)
        self._stack_blocks(DEMAND, [q for q in there if axes[q.name]], self._places, free)
        return [q for q in derived if q.theme not in DEMAND_THEMES]

    def _place_provider(self, derived: Sequence[Derived]) -> list[Derived]:
        """The sheet Provider in a full workbook; gives what other sheets show.

        Below results and charts scenarios stand side by side, then follow their years, block by block. Without the
        sheet, nothing is placed that needs what stands there.
        """
        there = {q.name: q for q in derived if q.theme in PROVIDER_THEMES}
        if not self.cases:
            return [q for q in derived if there.keys().isdisjoint(self.graph.needs([q.name]))]
        single = [q for q in there.values() if self.graph.axes[q.name] is None]
        free = self._stack(PROVIDER, single, self._places, FIRST_ROW + SHOWN_ROWS)
        self.provider_single = len(self.groups[PROVIDER])
        """How many groups of Provider hold one value for a scenario."""
        self._places[YEAR] = Place(PROVIDER, free, across=len(AXES["year"]))
        years = [q for q in there.values() if self.graph.axes[q.name] == "year" and q.name != YEAR]
        self.provider_rows = self._stack_scenarios(PROVIDER, years, free + 1, len(AXES["year"]))
        return [q for q in derived if q.name not in there]

    def _place_lists(self, givens: Sequence[Given]) -> None:
        constants = [q for q in givens if q.role == "constant"]
        free = self._stack(LISTS, constants, self._places)
        self.precisions_row = free
        for place, column in enumerate(q for q in givens if q.table == "precisions"):
            self._put_column(column.name, LISTS, free + 1, len(load_catalog().precisions), place)
        self.drop_downs_row = free + len(load_catalog().precisions) + 3
        lists = [(q, len(q.options or AXES[str(q.axis)])) for q in givens if q.options or q.axis in DOWN]
        for place, (column, rows) in enumerate(lists):
            self._put_column(column.name, LISTS, self.drop_downs_row + 1, rows, place)
        after = self.drop_downs_row + max(rows for _, rows in lists) + 2
        self._places[PERIOD] = Place(LISTS, after, across=self.months + 1)
        self._places[YEAR_POSITION] = Place(LISTS, after + 1, across=len(AXES["year"]))

    def _place_tables(self, columns: Sequence[Given]) -> None:
        """The catalog's tables under each other: title, heads, records, spare rows."""
        self.tables: dict[str, Place] = {}
        row = FIRST_ROW
        for table in ("accelerators", "llms", "hosted"):
            rows = len(load_catalog().table(table)) + SPARE_ROWS
            self.tables[table] = Place(CATALOG, row + 2, rows)
            for place, column in enumerate(q for q in columns if q.table == table):
                self._put_column(column.name, CATALOG, row + 2, rows, place)
            row += rows + 4

    def _put_column(self, name: str, sheet: str, row: int, rows: int, column: int) -> None:
        self._places[name] = Place(sheet, row, rows)
        self._columns[name] = column

    # --- asking ---

    def place(self, name: str, column: int = 0) -> Place:
        """Where a quantity stands for a column; formulas of cases, and what trials decide, stand on Workings."""
        if column >= self.scenarios and name in self._workings:
            return self._workings[name]
        if self.trial(column) and name in self._set:
            return self._set[name]
        found = self._places[name]
        return replace(found, row=found.row + column * found.down)

    def spot(self, name: str, column: int, position: int | None = None) -> tuple[int, int]:
        """Row and column (from 0) of a quantity's cell, for a scenario or case and a position along its axis."""
        place, at = self.place(name, column), self.sheet_column(name, column)
        if place.across:
            return place.row, at + (position or 0)
        along = self.graph.axes[name] in DOWN or name in self._columns
        return place.row + (position or 0 if along else 0), at

    def trial(self, column: int) -> Trial | None:
        """The trial of a column."""
        place = column - self.scenarios - self.cases
        return self.trials[place] if place >= 0 else None

    def owner(self, name: str, column: int) -> int:
        """The column that holds a quantity for a column: what a trial does not move stands where it starts from."""
        trial = self.trial(column)
        if trial is None or name in moved_by(trial):
            return column
        return self.owner(name, self.scenarios + trial.base)

    def tree(self, name: str, column: int) -> Expr:
        """The formula of a quantity's cell in a column."""
        if column >= self.scenarios:
            return case_trees()[name]
        return curve_trees()[name] if name in curve_trees() else self.graph.trees[name]

    def computes(self, name: str, column: int) -> bool:
        """Whether Workings has a formula's cell for a case or trial."""
        trial = self.trial(column)
        return name in (trial_rows(trial) if trial else case_rows(column - self.scenarios))

    def holds(self, name: str) -> bool:
        """Whether a quantity has cells of its own, rather than being part of the formulas that take it."""
        return name in self._places

    def sheet_column(self, name: str, column: int) -> int:
        """The sheet's column (from 0) in which a quantity stands for a scenario or case; the first of several."""
        if name in self._columns:
            return self._columns[name]
        found = self._places.get(name)
        if found and found.across:
            return self.first_month_column if found.sheet == PLAN else FIRST_COLUMN
        quantity = self.graph[name]
        if isinstance(quantity, Given) and quantity.role == "constant":
            return FIRST_COLUMN
        if column < self.scenarios:
            return FIRST_COLUMN + column
        case = column - self.scenarios
        trial = self.trial(column)
        if trial:
            return FIRST_COLUMN + case + behind_bridges(trial)
        if isinstance(quantity, Given) and quantity.role == "assumption":
            return self.base_column
        return (self.first_case_column if isinstance(quantity, Given) else FIRST_COLUMN) + case

    @property
    def notes_column(self) -> int:
        """The first column behind the scenarios."""
        return FIRST_COLUMN + self.scenarios

    @property
    def base_column(self) -> int:
        """Where Assumptions holds the base values that the first scenario inherits."""
        return self.notes_column

    @property
    def baseline_column(self) -> int:
        """Where Changes holds the baseline of the first scenario, behind what the scenarios hold now."""
        return self.notes_column

    @property
    def first_case_column(self) -> int:
        """Where Inputs holds the first of the article's cases, behind the notes and a gap."""
        return self.notes_column + INPUT_NOTES + 1

    def defined_names(self) -> dict[str, str]:
        """Each quantity by name: over its scenario columns, or the one column that a table has for it."""
        last = FIRST_COLUMN + self.scenarios - 1
        heads = f"{INPUTS}!{span(HEAD_ROW, FIRST_COLUMN, HEAD_ROW, last)}"
        about = {name: f"{ABOUT}!{span(row, at, row, at)}" for name, (row, at) in ABOUT_CELLS.items()}
        baseline = {f"{BASELINE}{name}": self._baseline_cells(place) for name, place in self.compared.items()}
        named = {defined_name(name): self._named_cells(name) for name, place in self._places.items() if not place.down}
        found = about | {SCENARIO_NAMES: heads} | named | baseline
        return found | DISTRIBUTION_CELLS if self.cases else found

    def plan_names(self) -> dict[str, str]:
        """Each row of months or years by name, in every scenario's block. Cells are found by anchors, not by these."""
        return {
            name: ",".join("!".join(self.whole(name, column)) for column in range(self.scenarios))
            for name, place in self._places.items()
            if place.down
        }

    def _baseline_cells(self, place: Place) -> str:
        first = self.baseline_column
        return f"{place.sheet}!{span(place.row, first, place.row, first + self.scenarios - 1)}"

    def _named_cells(self, name: str) -> str:
        place, first, last = self._places[name], FIRST_COLUMN, FIRST_COLUMN + self.scenarios - 1
        quantity = self.graph[name]
        if name in self._columns:
            first = last = self._columns[name]
        elif place.across:
            first = self.sheet_column(name, 0)
            last = first + place.across - 1
        elif isinstance(quantity, Given) and quantity.role == "constant":
            last = first
        return f"{place.sheet}!{span(place.row, first, place.row + place.rows - 1, last)}"

    def one(self, name: str, column: int, position: int | None = None) -> tuple[str, str]:
        """Sheet and A1 address of a quantity's cell."""
        column = self.owner(name, column)
        place, (row, at) = self.place(name, column), self.spot(name, column, position)
        if place.across:
            return place.sheet, f"{letters(at)}{'' if place.down else '$'}{row + 1}"
        quantity = self.graph[name]
        if name in self._columns:
            return place.sheet, f"${letters(at)}{row + 1}"
        if isinstance(quantity, Given) and quantity.role == "constant":
            return place.sheet, f"${letters(at)}${row + 1}"
        return place.sheet, f"{letters(at)}{row + 1}"

    def until(self, name: str, column: int, position: int | None = None) -> tuple[str, str]:
        """Sheet and range of a quantity that runs across, from its first cell to the one at a position."""
        sheet, cell = self.one(name, column, position)
        first = letters(self.sheet_column(name, column))
        return sheet, f"${first}{cell.lstrip('ABCDEFGHIJKLMNOPQRSTUVWXYZ')}:{cell}"

    def whole(self, name: str, column: int) -> tuple[str, str]:
        """Sheet and range of all of a quantity: a table's column, or its block along the axis."""
        column = self.owner(name, column)
        place, at = self.place(name, column), self.sheet_column(name, column)
        if place.across:
            return place.sheet, span(place.row, at, place.row, at + place.across - 1)
        if name in self._columns:
            return place.sheet, span(place.row, at, place.row + place.rows - 1, at)
        return place.sheet, span(place.row, at, place.row + place.rows - 1, at, across=True)

    def naming(self, name: str, column: int, position: int | None = None) -> Naming:
        """How the formula of this cell spells the quantities that it takes."""
        place = self.place(name, column)

        def seen(address: tuple[str, str]) -> str:
            sheet, cell = address
            return cell if sheet == place.sheet else f"{sheet}!{cell}"

        def one(taken: str) -> str:
            sheet, cell = self.one(taken, column, position)
            stays = place.across and not self.place(taken, column).across and not cell.startswith("$")
            return seen((sheet, f"${cell}" if stays else cell))

        return Naming(
            one,
            lambda taken: seen(self.whole(taken, column)),
            lambda taken: seen(self.until(taken, column, position)),
        )


def _codes_last(quantities: Iterable[Quantity]) -> list[Quantity]:
    """Codes are plumbing: a reader wants them last."""
    return sorted(quantities, key=lambda quantity: quantity.theme == CODES)


def _main_first(quantities: Sequence[Quantity]) -> list[Quantity]:
    """Concurrency and the curve's results before their parts."""
    main = [
        f"level_{name}"
        for name in ("concurrency", "output_tokens_per_s_per_accelerator", "itl_ms", "ttft_ms", "usd_per_m_tokens")
    ]
    ranked = {name: place for place, name in enumerate(main)}
    return sorted(quantities, key=lambda quantity: ranked.get(quantity.name, len(main)))


@functools.cache
def letters(column: int) -> str:
    """A column's letters: 0 is A, 26 is AA."""
    return column_letters(column + 1)


def span(row: int, column: int, last_row: int, last_column: int, across: bool = False) -> str:
    """A range, absolute; with `across` the columns stay relative, for formulas copied across."""
    mark = "" if across else "$"
    return f"{mark}{letters(column)}${row + 1}:{mark}{letters(last_column)}${last_row + 1}"


@functools.cache
def layout_for(scenarios: int, full: bool = True, months: int = MONTH_COUNT) -> Layout:
    """The layout of a workbook with this many scenarios and months, with the article's cases or without."""
    return Layout(scenarios, full, months)


@functools.cache
def our_names() -> frozenset[str]:
    """The names of all quantities, whatever the number of scenarios."""
    return frozenset(layout_for(1).defined_names() | layout_for(1).plan_names())
