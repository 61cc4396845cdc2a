"""Engine: every derived quantity that has one value per scenario, in reading order."""

from __future__ import annotations

from xl_econ.core.quantity import Quantity
from xl_econ.core.spell import words
from xl_econ.workbook.layout import ENGINE
from xl_econ.workbook.page import Page
from xl_econ.workbook.sheets.sources import cited

TITLE = "Engine"
PURPOSE = (
    "Every step of the calculation; a row is one formula, the same in every scenario. In words: by code (c, a, b) is "
    "a or b, as c says; x at c is row c of a table; size of (a) is a without its sign."
)

SCENARIO_WIDTH, HOW_WIDTH, SOURCE_WIDTH = 22, 92, 52
HEADLINE = 0.72
"""The letters of a headline are larger than those of a note."""


def write(page: Page) -> None:
    notes = page.layout.notes_column
    widths = {0: 58, 1: 18, **dict.fromkeys(page.sheet_columns, SCENARIO_WIDTH)}
    page.head(TITLE, PURPOSE, widths | {notes: HOW_WIDTH, notes + 1: SOURCE_WIDTH, notes + 2: 36})
    page.scenario_heads()
    page.column_heads({0: "Quantity", 1: "Unit", notes: "How it is computed", notes + 1: "Source", notes + 2: "Name"})
    for group in page.layout.groups[ENGINE]:
        page.group_title(group, notes + 2)
        for quantity in group.quantities:
            row = page.layout.place(quantity.name).row
            page.text(row, 0, quantity.label)
            page.text(row, 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")
            for column in page.scenario_columns:
                page.quantity(quantity, column, "formula_text" if quantity.unit == "text" else "formula")
            how = words(page.layout.graph.trees[quantity.name])
            page.text(row, notes, how, "wrapped")
            longest = _longest(page, quantity)
            cite = cited(quantity.source)
            page.fit_row(row, (how, HOW_WIDTH), (cite, SOURCE_WIDTH), (longest, HEADLINE * SCENARIO_WIDTH))
            page.text(row, notes + 1, cite, "wrapped")
            page.text(row, notes + 2, quantity.name, "note")


def _longest(page: Page, quantity: Quantity) -> str:
    """The longest text that the row shows; nothing for numbers."""
    texts = [str(page.columns.value(quantity.name, column)) for column in page.scenario_columns]
    return max(texts, key=len) if quantity.unit == "text" else ""
