"""A page is what a sheet module writes on. One script makes the template and fills it.

A sheet module says what stands where; a `Pen` decides what becomes of it: cells of a new file
(`template.py`), or the values to patch into a template that has those cells already (`fill.py`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from xl_econ.core.expr import Expr, Ref
from xl_econ.core.graph import trace_function
from xl_econ.core.quantity import Given, Quantity
from xl_econ.core.spell import Naming, cell_formula
from xl_econ.inputs.study import Study
from xl_econ.workbook.columns import Columns
from xl_econ.workbook.layout import FIRST_COLUMN, HEAD_ROW, INPUTS, Layout, letters
from xl_econ.workbook.places import Group

Scalar = float | int | str
CHARACTERS_PER_WIDTH, LINE_HEIGHT = 1.25, 12.5
"""Of the note style's letters, per unit of column width; and points."""
CODES = ("_code", "_state", "_level", "_count", "_meets", "_position")
MONTHS = ("period_month", "plan_month", "last_month", "season_peak_month")
YEARS = ("cloud_year", "cloud_last_year")
MEANS = ("_mean_replicas",)
"""Of whole numbers: with decimals."""
RATIOS = ("_over_hosted", "_over_bought", "_over_revenue", "_ratio", "peak_to_average", "_cover")
OF_COST = ("_share", "utilisation", "mfu", "mbu", "_way", "_pass_rate", "headroom", "margin", "profit_over_cost")
OF_PLAN = ("_growth", "_change", "_amplitude", "_discount")
SHARES = OF_COST + OF_PLAN
RATES = ("_rate", "wacc", "irr", "cost_of_equity")
Formula = Callable[[], str]
Seen = tuple[str, Any]
"""A cell or a range as a formula on a sheet spells it, and what it holds."""


class Pen(Protocol):
    """Where cells go. Formulas come as functions, because most pens need only the value."""

    changes_only: bool
    """Whether cells that are the same in every study may be left out, computed ones too."""

    def still(self, row: int, column: int, value: Scalar, role: str, unit: str | None) -> None:
        """A cell that is the same in every study."""
        ...

    def typed(self, row: int, column: int, value: Scalar | None, role: str, unit: str | None) -> None:
        """A cell whose value the study decides; None leaves it free."""
        ...

    def stamped(self, row: int, column: int, value: Scalar, role: str, unit: str | None) -> None:
        """A cell that another command writes later; a new file has a value that says so."""
        ...

    def formula(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        """A computed cell with its value; the formula is the same in every study."""
        ...

    def array(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        """A computed cell in the form of a dynamic array, so that Excel does not cut what it calls to one value."""
        ...

    def inherited(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        """An input cell that follows another cell in this study."""
        ...

    def dress(self, what: str, *args: Any, **options: Any) -> None:
        """Whatever is not a cell: widths, validations, charts, print set-up. Only a new file has these."""
        ...


@dataclass(frozen=True)
class Page:
    """One sheet, its pen, and all that it may want to show."""

    sheet: str
    pen: Pen
    layout: Layout
    columns: Columns
    study: Study
    baseline: Mapping[str, list[Scalar]] = field(default_factory=dict[str, list[Scalar]])
    """What each input and headline was in the workbook's baseline; nothing for a new workbook."""
    stamps: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What formulas take of the sheet Simulation's stamps; nothing for a new workbook."""

    # --- cells ---

    def text(self, row: int, column: int, text: str, role: str = "label") -> None:
        """Fixed text."""
        self.pen.still(row, column, text, role, None)

    def figure(self, row: int, column: int, value: Scalar, role: str, unit: str | None = None) -> None:
        """A typed figure that is the same in every study."""
        self.pen.still(row, column, value, role, unit)

    def quantity(self, quantity: Quantity, column: int, role: str = "formula", position: int | None = None) -> None:
        """A derived quantity's own cell for a scenario or case, at a position (from 0) along its axis."""
        layout, name = self.layout, quantity.name
        self.pen.formula(
            *layout.spot(name, column, position),
            lambda: cell_formula(layout.tree(name, column), layout.naming(name, column, position)),
            self.columns.value(name, column, position),
            role,
            unit_format(quantity),
        )

    def across(self, quantity: Quantity, column: int, role: str = "formula") -> None:
        """A derived quantity's cells at all positions of an axis that runs across, in one go: there are thousands."""
        layout, name, unit = self.layout, quantity.name, unit_format(quantity)
        row, first = layout.spot(name, column)

        def formula(position: int) -> str:
            return cell_formula(layout.graph.trees[name], layout.naming(name, column, position))

        for position, value in enumerate(self.columns.values[name][column]):
            self.pen.formula(row, first + position, functools.partial(formula, position), value, role, unit)

    def link(self, row: int, at: int, name: str, column: int, role: str = "link") -> None:
        """A cell that shows a quantity from another sheet."""
        unit = unit_format(self.layout.graph[name])
        value = self.columns.value(name, column)
        self.pen.formula(row, at, lambda: cell_formula(Ref(name), self.naming(column)), value, role, unit)

    def applied(
        self, row: int, at: int, function: Callable[..., Any], cells: dict[str, str], value: Any, role: str, unit: str
    ) -> None:
        """A plain function on cells of this sheet, given as addresses by parameter."""
        naming = Naming(cells.__getitem__, cells.__getitem__)
        self.pen.formula(row, at, lambda: cell_formula(trace_function(function), naming), value, role, unit)

    def worked(
        self,
        row: int,
        at: int,
        function: Callable[..., Any],
        taken: Mapping[str, Seen],
        role: str = "formula",
        unit: str = "change",
        value: Any = None,
    ) -> Seen:
        """A plain function on cells, each with its value, by parameter; gives this cell with its own."""
        if value is None:
            with np.errstate(all="ignore"):  # both branches of a choice are computed
                value = np.asarray(function(**{name: np.asarray(each) for name, (_, each) in taken.items()})).item()
        self.applied(row, at, function, {name: cell for name, (cell, _) in taken.items()}, value, role, unit)
        return f"{letters(at)}{row + 1}", value

    def seen(self, name: str, column: int) -> Seen:
        """A quantity's cell, from this sheet, and its value."""
        return self.naming(column).one(name), self.columns.value(name, column)

    def inherit(
        self, row: int, at: int, tree: Expr, naming: Naming, value: Scalar, role: str, unit: str | None
    ) -> None:
        """An input cell that follows another one."""
        self.pen.inherited(row, at, lambda: cell_formula(tree, naming), value, role, unit)

    def spelled(self, row: int, at: int, tree: Expr, naming: Naming, value: Scalar, role: str, unit: str) -> None:
        """A tree with names of its own."""
        self.pen.formula(row, at, lambda: cell_formula(tree, naming), value, role, unit)

    def naming(self, column: int) -> Naming:
        """Quantities of a column, seen from this sheet."""

        def seen(address: tuple[str, str]) -> str:
            return address[1] if address[0] == self.sheet else "!".join(address)

        return Naming(
            lambda name: seen(self.layout.one(name, column)), lambda name: seen(self.layout.whole(name, column))
        )

    # --- what every sheet has ---

    def head(self, title: str, purpose: str, widths: Mapping[int, float], *, frozen: bool = True) -> None:
        """Title, purpose, checks, widths, frozen panes and print set-up."""
        self.text(0, 0, title, "title")
        self.text(1, 0, purpose, "purpose")
        self.pen.dress("set_row", 0, 26)
        for column, width in widths.items():
            self.pen.dress("set_column", column, column, width)
        if frozen:
            self.pen.dress("freeze_panes", HEAD_ROW + 1, FIRST_COLUMN)
        self.pen.dress("hide_gridlines", 2)
        self.pen.dress("set_landscape")
        self.pen.dress("set_paper", 9)
        self.pen.dress("fit_to_pages", 1, 0)
        if frozen:
            self.pen.dress("repeat_rows", HEAD_ROW)
        self.pen.dress("set_footer", "&L&F&C&A&R&P / &N")

    def fit_row(self, row: int, *texts: tuple[str, float]) -> None:
        """Height for wrapped text, given with the width of its column: not every program fits rows by itself."""
        lines = max(math.ceil(len(text) / (width * CHARACTERS_PER_WIDTH)) for text, width in texts)
        if lines > 1:
            self.pen.dress("set_row", row, LINE_HEIGHT * lines + 3)

    def scenario_heads(self, row: int = HEAD_ROW) -> None:
        """The scenarios' names above their columns, linked to Inputs."""
        for place, column in enumerate(self.columns.scenarios):
            at = FIRST_COLUMN + place
            source = f"{INPUTS}!{letters(at)}{HEAD_ROW + 1}"
            naming = Naming(lambda _, source=source: source, str)
            self.spelled(row, at, Ref("name"), naming, column.title, "link_head", "text")
        self.pen.dress("set_row", row, 32)

    def column_heads(self, heads: dict[int, str], figures: Collection[str] = ()) -> None:
        """Heads of the columns that hold no scenario; those of figures stand right, as figures do."""
        self.heads(HEAD_ROW, heads, figures)

    def heads(self, row: int, heads: dict[int, str], figures: Collection[str] = ()) -> None:
        """Heads of columns in any row."""
        for column, head in heads.items():
            role = "head_right" if head in figures else "head_note" if column else "head_left"
            self.text(row, column, head, role)

    def group_title(self, group: Group, last_column: int) -> None:
        """A band across the sheet."""
        for column in range(last_column + 1):
            self.text(group.row, column, group.title if column == 0 else "", "section")

    @property
    def scenario_columns(self) -> range:
        """The scenarios' places, from 0."""
        return range(self.layout.scenarios)

    @property
    def sheet_columns(self) -> range:
        """The sheet's columns that hold the scenarios."""
        return range(FIRST_COLUMN, FIRST_COLUMN + self.layout.scenarios)


def unit_format(quantity: Quantity) -> str:
    """The number format's key: the unit, with codes, checks and shares told apart."""
    at_most_1 = isinstance(quantity, Given) and quantity.bounds.at_most == 1
    return _format_of(quantity.name, quantity.unit, at_most_1)


@functools.cache
def _format_of(name: str, unit: str, at_most_1: bool) -> str:
    if name.startswith("check_"):
        return "check"
    if name.endswith("_discount_factor"):
        return "factor"
    if name in MONTHS:
        return "month number"
    if name in YEARS:
        return "year number"
    if name.endswith(CODES) or name.startswith("corrects_"):
        return "code"
    if name.endswith(MEANS):
        return "1"
    if name.endswith(RATIOS):
        return "ratio"
    return "share" if unit == "1" and (at_most_1 or name.endswith(SHARES + RATES)) else unit
