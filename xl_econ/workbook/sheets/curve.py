"""Curve: the engine at each level of concurrency, a block of rows per quantity."""

from __future__ import annotations

from xl_econ.core.spell import words
from xl_econ.model import LEVEL_COUNT
from xl_econ.workbook.charts import cost_over_concurrency, throughput_over_latency
from xl_econ.workbook.layout import CURVE, FIRST_ROW
from xl_econ.workbook.page import Page

TITLE = "Curve"
MAIN_BLOCKS, HOW_WIDTH = 5, 80
PURPOSE = (
    "Throughput, latency and cost from one sequence to the most that fit. Main results first, then their parts; what "
    "few rows take is part of them, and stands by itself on Engine."
)


def write(page: Page) -> None:
    notes = page.layout.notes_column
    widths = {0: 58, 1: 14, **dict.fromkeys(page.sheet_columns, 16), notes: HOW_WIDTH, notes + 1: 3}
    page.head(TITLE, PURPOSE, widths)
    page.scenario_heads()
    page.column_heads({0: "Quantity, level by level", 1: "Unit", notes: "How it is computed"})
    for group in page.layout.groups[CURVE]:
        quantity = group.quantities[0]
        page.group_title(group, notes - 1)
        how = words(page.layout.tree(quantity.name, 0))
        page.text(group.row, notes, how, "section_note")
        page.fit_row(group.row, (how, HOW_WIDTH))
        page.text(group.row, 1, quantity.shown_unit, "section")
        for level in range(LEVEL_COUNT):
            page.text(group.row + 1 + level, 0, f"Level {level + 1}", "unit")
            for column in page.scenario_columns:
                page.quantity(quantity, column, position=level)
    page.pen.dress("print_area", 0, 0, _below_main(page), notes + 11)
    page.pen.dress("set_h_pagebreaks", [page.layout.groups[CURVE][2].row, page.layout.groups[CURVE][4].row])
    throughput_over_latency(page, FIRST_ROW, notes + 2)
    cost_over_concurrency(page, FIRST_ROW + 24, notes + 2)


def _below_main(page: Page) -> int:
    """The last row of the main results, which are printed; their parts are for the screen."""
    return page.layout.groups[CURVE][MAIN_BLOCKS].row - 1
