"""Trial cells: how a trial comes by what it decides itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xl_econ.core.graph import trace_function
from xl_econ.core.quantity import Quantity
from xl_econ.core.spell import Naming
from xl_econ.inputs.article import article_bridge
from xl_econ.inputs.layouts import BILL, BILLS
from xl_econ.model.bridge import same, scenario_value, taken_over
from xl_econ.model.layout import first_of, typed_or
from xl_econ.workbook import other_layout_cells as layouts
from xl_econ.workbook.bridge_cells import BRIDGE, CORRECTIONS, FIRST_SOURCE, ORDER, SCENARIOS
from xl_econ.workbook.layout import FIRST_COLUMN, letters, span
from xl_econ.workbook.page import Page, unit_format
from xl_econ.workbook.sensitivity_cells import (
    ACROSS,
    DRIVERS,
    FIRST_PICK,
    GRID_COLUMNS,
    GRID_HEADS,
    GRID_ROWS,
    GRID_VALUE,
    HIGH,
    LOW,
    LOW_FACTOR,
    ROWS,
    SENSITIVITY,
)
from xl_econ.workbook.trials import (
    Trial,
    bridge_ends,
    correction_trials,
    driven_trials,
    grid_trials,
    group_of,
    layout_trials,
    scenario_trials,
)

Way = tuple[Callable[..., Any], Naming]
"""A formula, and how it spells what it takes."""


def set_cell(page: Page, trial: Trial, column: int, quantity: Quantity) -> None:
    """The cell of a quantity that a trial decides."""
    name = quantity.name
    function, naming = _way(page, trial, name)
    place, at = page.layout.place(name, column), page.layout.sheet_column(name, column)
    value, unit = page.columns.value(name, column), "text" if quantity.unit == "text" else unit_format(quantity)
    page.spelled(place.row, at, trace_function(function), naming, value, "formula", unit)


def _way(page: Page, trial: Trial, name: str) -> Way:
    if trial in correction_trials():
        return _correction(page, trial, name)
    if trial in scenario_trials():
        return _followed(page, name, f"{BRIDGE}!{source_cell(group_of(name), trial.step)}")
    if trial in driven_trials():
        row, at = ROWS[list(DRIVERS).index(name)], LOW if trial.step % 2 else HIGH
        return _shown(f"{letters(at)}{row + 1}")
    if trial in grid_trials():
        down, across = divmod(trial.step - 1, len(GRID_COLUMNS))
        at = (GRID_HEADS, GRID_COLUMNS[across]) if name == ACROSS else (GRID_ROWS[down], GRID_VALUE)
        return _shown(f"{letters(at[1])}{at[0] + 1}")
    if trial in layout_trials():
        return _candidate(page, trial, name)
    return _followed(page, name, f"{SENSITIVITY}!${letters(LOW_FACTOR)}${FIRST_PICK + 1}")


def _correction(page: Page, trial: Trial, name: str) -> Way:
    """The end's input once its correction is switched on, until then the start's."""
    place = next(place for place, each in enumerate(article_bridge().correction) if name in each.inputs)
    start, end = (page.naming(page.layout.scenarios + end).one(name) for end in bridge_ends())
    cells = {
        "rank": f"{BRIDGE}!${letters(ORDER)}${CORRECTIONS.ranks[place] + 1}",
        "step": f"{BRIDGE}!${letters(ORDER)}${CORRECTIONS.steps[trial.step - 1] + 1}",
        "start": start,
        "end": end,
    }
    return taken_over, Naming(cells.__getitem__, str)


def _followed(page: Page, name: str, source: str) -> Way:
    """The input of the scenario that a cell names."""
    place = page.layout.place(name)
    cells = span(place.row, FIRST_COLUMN, place.row, FIRST_COLUMN + page.layout.scenarios - 1)
    return scenario_value, Naming(lambda _: source, lambda _: f"{place.sheet}!{cells}")


def _candidate(page: Page, trial: Trial, name: str) -> Way:
    """What is typed of a layout; a free cell is that of the scenario."""
    if name == BILL:
        return first_of, Naming(str, lambda _: "!".join(page.layout.whole(BILLS, 0)))
    cells = {
        "typed": f"{SENSITIVITY}!${letters(layouts.PARTS[name])}${layouts.ROWS[trial.step - 1] + 1}",
        "own": page.naming(page.layout.scenarios + trial.base).one(name),
    }
    return typed_or, Naming(cells.__getitem__, str)


def _shown(cell: str) -> Way:
    """What the sheet Sensitivity says."""
    return same, Naming(lambda _: f"{SENSITIVITY}!{cell}", str)


def source_cell(group: int, step: int) -> str:
    """Where Bridge says which scenario a group follows in a step."""
    return f"{letters(FIRST_SOURCE + step - 1)}{SCENARIOS.ranks[group] + 1}"
