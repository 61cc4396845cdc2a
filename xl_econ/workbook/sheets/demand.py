"""Demand: the hours of a week, what base load is reserved, and where the hosted API is cheaper over volume."""

from __future__ import annotations

from xl_econ.core.quantity import Quantity
from xl_econ.core.spell import words
from xl_econ.model import AXES, CALENDAR
from xl_econ.workbook.demand_charts import capacity_over_volume, replicas_by_hour
from xl_econ.workbook.layout import DEMAND, FIRST_COLUMN, FIRST_ROW
from xl_econ.workbook.page import Page

TITLE = "Demand"
PURPOSE = (
    "Demand by hour of weekdays and weekends, the replicas that it takes, and what they cost reserved or by the hour. "
    "The shape of the day stands on Inputs."
)
SCENARIO_WIDTH, HOW_WIDTH, NAME_WIDTH = 31, 80, 36
KINDS = ("Weekday", "Weekend")


def write(page: Page) -> None:
    notes = page.layout.notes_column
    widths = {0: 58, 1: 16, **dict.fromkeys(page.sheet_columns, SCENARIO_WIDTH)}
    page.head(TITLE, PURPOSE, widths | {notes: HOW_WIDTH, notes + 1: NAME_WIDTH})
    page.scenario_heads()
    page.column_heads({0: "Quantity", 1: "Unit", notes: "How it is computed", notes + 1: "Name"})
    for group in page.layout.groups[DEMAND]:
        page.group_title(group, notes + 1)
        if group.row in _blocks(page):
            _block(page, group.row, group.quantities[0])
        else:
            for quantity in group.quantities:
                _single(page, quantity)
    replicas_by_hour(page, FIRST_ROW, 0)
    capacity_over_volume(page, FIRST_ROW, FIRST_COLUMN)
    page.pen.dress("print_area", 0, 0, min(_blocks(page)) - 1, notes - 1)


def _blocks(page: Page) -> list[int]:
    """Where the blocks by hour and volume begin: for the screen, not printed."""
    axes = page.layout.graph.axes
    return [group.row for group in page.layout.groups[DEMAND] if axes[group.quantities[0].name]]


def _single(page: Page, quantity: Quantity) -> None:
    """One value for a scenario."""
    row, notes = page.layout.place(quantity.name).row, page.layout.notes_column
    page.text(row, 0, quantity.label)
    page.text(row, 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")
    for column in page.scenario_columns:
        page.quantity(quantity, column, "formula_text" if quantity.unit == "text" else "formula")
    how = words(page.layout.graph.trees[quantity.name])
    page.text(row, notes, how, "wrapped")
    page.text(row, notes + 1, quantity.name, "note")
    texts = [str(page.columns.value(quantity.name, column)) for column in page.scenario_columns]
    longest = max(texts, key=len) if quantity.unit == "text" else ""
    page.fit_row(row, (how, HOW_WIDTH), (longest, SCENARIO_WIDTH))


def _block(page: Page, row: int, quantity: Quantity) -> None:
    """A row for each hour or volume."""
    axis, notes = page.layout.graph.axes[quantity.name], page.layout.notes_column
    how = words(page.layout.graph.trees[quantity.name])
    page.text(row, 1, quantity.shown_unit, "section")
    page.text(row, notes, how, "section_note")
    page.text(row, notes + 1, quantity.name, "section_note")
    page.fit_row(row, (how, HOW_WIDTH))
    for place, position in enumerate(AXES[str(axis)]):
        page.text(row + 1 + place, 0, _hour(place) if axis == "hour" else f"Volume {position}", "unit")
        for column in page.scenario_columns:
            page.quantity(quantity, column, position=place)


def _hour(place: int) -> str:
    kind, hour = (CALENDAR[name][place] for name in ("day_kind", "hour_of_day"))
    return f"{KINDS[kind - 1]} {hour - 1}:00"
