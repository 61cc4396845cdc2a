"""Lists: constants, facts by number format, and the labels of the drop-downs."""

from __future__ import annotations

from xl_econ.catalog.assumptions import constants
from xl_econ.catalog.load import load_catalog
from xl_econ.inputs.study import fixed_values
from xl_econ.workbook.layout import DOWN, FIRST_COLUMN, LISTS, PERIOD, YEAR_POSITION
from xl_econ.workbook.page import Page
from xl_econ.workbook.sheets.sources import numbered

TITLE, LAST_PRINTED = "Lists", 15
PURPOSE = "Conversions, facts by number format, and the labels that Inputs offers."


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, {0: 44, 1: 22, **dict.fromkeys(range(2, 30), 24)}, frozen=False)
    page.column_heads({0: "Constant", 1: "Unit", 2: "Value", 3: "Name"}, ("Value",))
    for group in page.layout.groups[LISTS]:
        page.group_title(group, 3)
        for given in group.quantities:
            row = page.layout.place(given.name).row
            page.text(row, 0, given.label)
            page.text(row, 1, given.shown_unit, "unit")
            page.figure(row, FIRST_COLUMN, constants()[given.name].value, "quoted", "general")
            page.text(row, 3, given.name, "note")
    _precisions(page)
    _drop_downs(page)
    _times(page)
    page.pen.dress("print_area", 0, 0, page.layout.place(PERIOD).row - 2, LAST_PRINTED)


def _precisions(page: Page) -> None:
    columns = [given for given in page.layout.graph.givens if given.table == "precisions"]
    for at, given in enumerate(columns):
        page.text(page.layout.precisions_row, at, f"{given.label} ({given.unit})" if at else given.label, "head_left")
    row = page.layout.precisions_row
    page.pen.dress("set_row", row, 30)
    for id, record in load_catalog().precisions.items():
        row += 1
        for at, given in enumerate(columns):
            page.figure(
                row, at, load_catalog().value("precisions", id, given.name.partition(".")[2]), "quoted", "general"
            )
        page.text(row, len(columns), f"{record.name} [{numbered()[record.element_bytes.source]}]", "note")


def _drop_downs(page: Page) -> None:
    for given in page.layout.graph.givens:
        if given.options or given.axis in DOWN:
            place, at = page.layout.place(given.name), page.layout.sheet_column(given.name, 0)
            page.text(place.row - 1, at, given.label, "head_left")
            for offset, label in enumerate(fixed_values()[given.name].tolist()):
                page.figure(place.row + offset, at, label, "quoted", "general")


def _times(page: Page) -> None:
    """Across, as Plan and Provider have them."""
    told = {PERIOD: "of the plan; 0 is its opening", YEAR_POSITION: "of the GPU cloud; 0 is the purchase"}
    for name, what in told.items():
        row, given = page.layout.place(name).row, page.layout.graph[name]
        page.text(row, 0, f"{given.label} {what}")
        for place, time in enumerate(page.study.given()[name].tolist()):
            page.figure(row, FIRST_COLUMN + place, time, "quoted", "general")
