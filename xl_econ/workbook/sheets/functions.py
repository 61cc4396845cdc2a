"""Functions: each LAMBDA name with its arguments, a live call on the first scenario, and the plain cell beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_econ.core.graph import trace_function
from xl_econ.core.spell import Naming, cell_formula
from xl_econ.functions.lambdas import PREFIX, call_of
from xl_econ.functions.registry import FUNCTIONS, Function
from xl_econ.functions.tables import TABLES, Table, figure_of
from xl_econ.model.checks import NO_RESULT, called
from xl_econ.workbook.layout import FIRST_ROW
from xl_econ.workbook.page import Page, unit_format

TITLE = "Functions"
PURPOSE = "The model as functions for any cell here. What an argument does not say is as in the first scenario."
NOTES = (
    "The column Function calls the LAMBDA name with the inputs of the first scenario; Cell is the figure from Engine.",
    "Functions need Excel 365, 2024 or Excel for the web. Elsewhere they show #NAME? (LibreOffice: Err:508), or no "
    "result here; in Protected View, choose Enable Editing. No other sheet needs them.",
    "LLM.SERVING_COST gives a table of many figures, which spills; the row above shows the last of them.",
    'An argument may be a range: LLM.WEIGHTS_GB(A2:A20,"fp8") gives a column (but for LLM.CONCURRENCY_AT_ITL). '
    "For other workbooks: `xl-econ functions lambdas`.",
)
WIDTHS = {0: 92, 1: 20, 2: 22, 3: 22, 4: 90}
CALL, CELL, GIVES = 2, 3, 4
HEADS = {0: "Call", 1: "Unit", CALL: "Function", CELL: "Cell", GIVES: "What it gives"}


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, WIDTHS)
    page.pen.dress("fit_to_pages", 1, 1)
    page.column_heads(HEADS, ("Function", "Cell"))
    row = FIRST_ROW
    for function in FUNCTIONS:
        _row(page, row, function, function, call_in(page, function))
        row += 1
    for table in TABLES:
        _row(page, row, table, table.functions[-1], figure_of(table, call_in(page, table)))
        row += 1
    for note in NOTES:
        row += 1
        page.text(row, 0, note, "purpose")


def call_in(page: Page, entry: Function | Table) -> str:
    """A call with the inputs of the first scenario."""
    return call_of(entry.name, [page.naming(0).one(name) for name in entry.arguments])


def _row(page: Page, row: int, entry: Function | Table, shown: Function, call: str) -> None:
    """What is called, and the figure of it that is shown beside the same from Engine."""
    result = shown.result
    page.text(row, 0, PREFIX + entry.signature, "wrapped")
    page.text(row, 1, result.shown_unit, "unit")
    naming = Naming(lambda _: call, str)
    page.pen.array(
        row,
        CALL,
        lambda: cell_formula(trace_function(called), naming),
        _value(page, shown),
        "link",
        unit_format(result),
    )
    page.link(row, CELL, shown.quantity, 0)
    page.text(row, GIVES, entry.help, "wrapped")
    page.fit_row(row, (PREFIX + entry.signature, WIDTHS[0]), (entry.help, WIDTHS[GIVES]))


def _value(page: Page, function: Function) -> Any:
    """As the first scenario has it, by Python."""
    values = (page.columns.value(name, 0) for name in function.results)
    found = float(np.asarray(function.combine(*values)))
    return found if np.isfinite(found) else NO_RESULT
