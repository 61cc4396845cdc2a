"""Sensitivity: what moves a result most, and a result over two things at once. Each case is the engine once more."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_econ.catalog.assumptions import assumptions
from xl_econ.core.expr import Ref, refs
from xl_econ.core.spell import Naming
from xl_econ.model import bridge, sensitivity
from xl_econ.workbook import other_layout_cells as layouts
from xl_econ.workbook.charts import tornado
from xl_econ.workbook.layout import letters, span
from xl_econ.workbook.page import Page, Seen, unit_format
from xl_econ.workbook.sensitivity_cells import (
    ACROSS,
    AT_HIGH,
    AT_LOW,
    BASE,
    BASE_ROW,
    DOWN,
    DRIVERS,
    ELASTICITY,
    FACTORS,
    FAULT_ROW,
    GRID_COLUMNS,
    GRID_FACTOR_ROW,
    GRID_HEADS,
    GRID_ROWS,
    GRID_TOP,
    GRID_VALUE,
    HEADS,
    HIGH,
    HIGH_CHANGE,
    HIGH_FACTOR,
    LABEL,
    LOW,
    LOW_CHANGE,
    LOW_FACTOR,
    PLACE,
    ROWS,
    SHARES,
    SORTED,
    SORTED_HEADS,
    SORTED_HIGH,
    SORTED_LOW,
    STANDING,
    SWING,
    TOP,
    UNIT,
)
from xl_econ.workbook.sheets import other_layouts
from xl_econ.workbook.sheets.setting_cells import (
    FOUR,
    four_results,
    list_cells,
    of_scenarios,
    picked_result,
    picked_scenario,
    setting_cell,
)
from xl_econ.workbook.trials import EXPLAINED, STATE, STATE_LABELS, correction_trials, driven_trials, scenario_trials

TITLE = "Sensitivity"
PURPOSE = (
    "What a result does when one thing is lower or higher, and what it does over two at once. Each case is the model "
    "once more (sheet Workings), from the scenario that you pick."
)
TABLE = {
    LABEL: "What is moved",
    UNIT: "Unit",
    LOW_FACTOR: "Low, over base",
    HIGH_FACTOR: "High, over base",
    LOW: "Low",
    BASE: "Base",
    HIGH: "High",
    AT_LOW: "Result at low",
    AT_HIGH: "Result at high",
    SWING: "Swing",
    ELASTICITY: "Elasticity",
    LOW_CHANGE: "Change at low",
    HIGH_CHANGE: "Change at high",
    PLACE: "No.",
    STANDING: "Rank",
}
CHARTED = {LABEL: TABLE[LABEL], UNIT: "No.", SORTED_LOW: TABLE[LOW_CHANGE], SORTED_HIGH: TABLE[HIGH_CHANGE]}
WIDTHS = {LABEL: 54, UNIT: 14, **dict.fromkeys(range(LOW_FACTOR, STANDING + 1), 13)}
BAND = "from Assumptions"
FAULT = "Sensitivity: the base is the scenario's own result"
Moved = tuple[float, float, float]
"""Change at the low end, change at the high end, swing."""
NOTE = "Elasticity: change of the result in percent for one percent more of what is moved, between both ends."


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, WIDTHS, frozen=False)
    page.pen.dress("print_area", 0, 0, layouts.NOTE, ELASTICITY)
    page.pen.dress("set_print_scale", 50)
    page.pen.dress("set_h_pagebreaks", [SORTED_HEADS])
    faults(page)


def faults(page: Page) -> dict[str, Seen]:
    """Writes tornado, grid and layouts; gives the cell that Checks repeats."""
    first = page.layout.scenarios + page.layout.cases + len(correction_trials()) + len(scenario_trials())
    band(page, TOP, "What moves the result most")
    place, name = picked_scenario(page, "tornado_scenario", BASE)
    label, code = picked_result(page, "tornado_result", STANDING)
    base = _base(page, first, code)
    fault = _fault(page, place, code, base)
    changes = [_driver(page, each, first, code, base) for each in range(len(DRIVERS))]
    standings = _standings(page, [swing for _, _, swing in changes])
    _sorted(page, changes, standings)
    taken = {"start": name, "label": label}
    page.worked(BASE_ROW, STANDING, sensitivity.tornado_title, taken, "link", "text")
    tornado(page, [page.sheet, BASE_ROW, STANDING])
    _grid(page, first, code, label)
    band(page, layouts.TOP, other_layouts.TITLE)
    other_layouts.table(page, first, name)
    return {FAULT: fault}


def band(page: Page, row: int, title: str) -> None:
    for column in range(STANDING + 1):
        page.text(row, column, title if column == LABEL else "", "section")


def _base(page: Page, column: int, code: Seen) -> Seen:
    page.text(BASE_ROW, LABEL, "Result of the base", "strong")
    return page.worked(BASE_ROW, LOW_FACTOR, bridge.chosen, {"code": code, **four_results(page, column)}, "link")


def _fault(page: Page, place: Seen, code: Seen, base: Seen) -> Seen:
    page.text(FAULT_ROW, LABEL, "It is the scenario's own result")
    results = dict(zip(FOUR, (of_scenarios(page, name) for name in EXPLAINED), strict=True))
    own = page.worked(FAULT_ROW, STANDING, bridge.scenario_result, {"code": code, "place": place, **results}, "link")
    taken = {"base": base, "result": own, "check_tolerance": page.seen("check_tolerance", 0)}
    page.pen.dress("mark", FAULT_ROW, LOW_FACTOR, FAULT_ROW, LOW_FACTOR, "good", criteria="==", value=0)
    page.pen.dress("mark", FAULT_ROW, LOW_FACTOR, FAULT_ROW, LOW_FACTOR, "bad", criteria=">", value=0)
    return page.worked(FAULT_ROW, LOW_FACTOR, sensitivity.base_fault, taken, "check", "check")


# --- the tornado ---


def _driver(page: Page, place: int, first: int, code: Seen, base: Seen) -> Moved:
    """A row: what is moved, from where to where, and the results."""
    name, row = list(DRIVERS)[place], ROWS[place]
    quantity = page.layout.graph[name]
    page.text(row, LABEL, quantity.label)
    page.text(row, UNIT, quantity.shown_unit, "unit")
    page.figure(row, PLACE, place + 1, "quoted", "code")
    unit = unit_format(quantity)
    middle = page.worked(row, BASE, bridge.same, {"cell": page.seen(name, first)}, "link", unit)
    ends: list[Seen] = []
    changes: list[Seen] = []
    for end, (at, shown, moved) in enumerate(((LOW, AT_LOW, LOW_CHANGE), (HIGH, AT_HIGH, HIGH_CHANGE))):
        column = first + 1 + 2 * place + end
        ends.append(_end(page, place, end, at, middle, column))
        changes.append(_result(page, (row, shown, moved), column, code, base))
    taken = {"low_change": changes[0], "high_change": changes[1], "result": base}
    swing = page.worked(row, SWING, sensitivity.swing, taken, unit="share")
    taken |= {"low": ends[0], "base": middle, "high": ends[1]}
    page.worked(row, ELASTICITY, sensitivity.elasticity, taken)
    return changes[0][1], changes[1][1], swing[1]


def _end(page: Page, place: int, end: int, at: int, middle: Seen, column: int) -> Seen:
    """The low or high value of a driver: by a factor, or what Assumptions says of all that it is made of."""
    name, row = list(DRIVERS)[place], ROWS[place]
    unit = unit_format(page.layout.graph[name])
    if place < FACTORS:
        factor = setting_cell(page, ("low_factors", "high_factors")[end], place)
        function = sensitivity.scaled_share if name in SHARES else sensitivity.scaled
        return page.worked(row, at, function, {"base": middle, "factor": factor}, unit=unit)
    if end == 0:
        page.text(row, LOW_FACTOR, BAND, "note")
    known, seen = assumptions(), page.naming(page.layout.scenarios + driven_trials()[0].base)
    tree = page.layout.tree(name, column) if name not in known else Ref(name)
    ends = letters(page.layout.notes_column + 1 + end)
    cells = {each: f"Assumptions!{ends}{page.layout.place(each).row + 1}" for each in refs(tree) if each in known}
    naming = Naming(lambda each: cells.get(each) or seen.one(each), seen.whole)
    value = page.columns.value(name, column)
    page.spelled(row, at, tree, naming, value, "link", unit)
    return f"{letters(at)}{row + 1}", value


def _result(page: Page, at: tuple[int, int, int], column: int, code: Seen, base: Seen) -> Seen:
    """A case's result, or why there is none; gives by how much it moved."""
    row, shown, moved = at
    taken = {"code": code, **four_results(page, column)}
    state, labels = page.seen(STATE, column), list_cells(page, STATE_LABELS)
    result = _value(bridge.chosen, taken)
    value = labels[1][int(state[1])] if state[1] else result
    page.worked(
        row, shown, sensitivity.result_or_why, {"state": state, "state_labels": labels, **taken}, "link", value=value
    )
    return page.worked(row, moved, sensitivity.result_change, {"state": state, "base": base, **taken}, "link")


def _value(function: Any, taken: dict[str, Seen]) -> Any:
    return np.asarray(function(**{name: value for name, (_, value) in taken.items()})).item()


def _standings(page: Page, swings: list[float]) -> list[int]:
    """Which driver moves the result most."""
    page.heads(HEADS, TABLE, [head for column, head in TABLE.items() if column > UNIT])
    page.pen.dress("set_row", HEADS, 30)
    every = {"values": (_column(SWING), swings), "places": (_column(PLACE), list(range(1, len(DRIVERS) + 1)))}
    every |= {"slack": page.seen("slack", 0)}
    found: list[int] = []
    for place, row in enumerate(ROWS):
        own = {
            "value": (f"{letters(SWING)}{row + 1}", swings[place]),
            "place": (f"{letters(PLACE)}{row + 1}", place + 1),
        }
        found.append(page.worked(row, STANDING, sensitivity.place_by_size, own | every, unit="code")[1])
    return found


def _column(column: int) -> str:
    return span(ROWS[0], column, ROWS[-1], column)


def _sorted(page: Page, changes: list[Moved], standings: list[int]) -> None:
    """The drivers from the largest swing down: what the chart shows."""
    page.text(ROWS.stop, LABEL, NOTE, "note")
    page.heads(SORTED_HEADS, CHARTED, [head for column, head in CHARTED.items() if column > LABEL])
    page.pen.dress("set_row", SORTED_HEADS, 30)
    labels = [page.layout.graph[name].label for name in DRIVERS]
    for place, row in enumerate(SORTED, start=1):
        page.figure(row, UNIT, place, "quoted", "code")
        taken = {"place": (f"{letters(UNIT)}{row + 1}", place), "standings": (_column(STANDING), standings)}
        named = taken | {"values": (_column(LABEL), labels)}
        page.worked(row, LABEL, sensitivity.in_order, named, "formula_text", "text")
        for end, (source, column) in enumerate(((LOW_CHANGE, SORTED_LOW), (HIGH_CHANGE, SORTED_HIGH))):
            values = _column(source), [each[end] for each in changes]
            page.worked(row, column, sensitivity.in_order, taken | {"values": values})


# --- the grid ---


def _grid(page: Page, first: int, code: Seen, label: Seen) -> None:
    """A result over the price of an hour and utilisation."""
    band(page, GRID_TOP, "A result over two things at once")
    page.text(GRID_FACTOR_ROW, LABEL, f"{page.layout.graph[ACROSS].label}: over the base, across")
    page.worked(GRID_HEADS, LABEL, bridge.same, {"cell": label}, "formula_text", "text")
    for place, column in enumerate(GRID_COLUMNS):
        _axis(page, (GRID_HEADS, column), setting_cell(page, "grid_across", place), page.seen(ACROSS, first), ACROSS)
    for down, row in enumerate(GRID_ROWS):
        page.text(row, LABEL, f"{page.layout.graph[DOWN].label}: over the base, down" if down == 0 else "")
        _axis(page, (row, GRID_VALUE), setting_cell(page, "grid_down", down), page.seen(DOWN, first), DOWN)
        for across, column in enumerate(GRID_COLUMNS):
            case = first + 1 + 2 * len(DRIVERS) + down * len(GRID_COLUMNS) + across
            taken = {"code": code, **four_results(page, case)}
            state, labels = page.seen(STATE, case), list_cells(page, STATE_LABELS)
            value = labels[1][int(state[1])] if state[1] else _value(bridge.chosen, taken)
            taken |= {"state": state, "state_labels": labels}
            page.worked(row, column, sensitivity.result_or_why, taken, "link", value=value)
    cells = GRID_ROWS[0], GRID_COLUMNS[0], GRID_ROWS[-1], GRID_COLUMNS[-1]
    page.pen.dress("heat", *cells)


def _axis(page: Page, at: tuple[int, int], factor: Seen, base: Seen, name: str) -> None:
    function = sensitivity.scaled_share if name in SHARES else sensitivity.scaled
    unit = unit_format(page.layout.graph[name])
    page.worked(*at, function, {"base": base, "factor": factor}, "formula", unit)
