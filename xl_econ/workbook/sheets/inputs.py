"""Inputs: every decision, a row each; scenarios side by side, the article's cases at the far right."""

from __future__ import annotations

from xl_econ.core.expr import Ref
from xl_econ.core.quantity import Bounds, Given
from xl_econ.core.spell import START, cell_formula
from xl_econ.model.declare import is_unused
from xl_econ.workbook.layout import FIRST_COLUMN, HEAD_ROW, INPUTS, letters
from xl_econ.workbook.page import Page, unit_format

TITLE = "Inputs"
PURPOSE = (
    "Decisions, one column per scenario. Type into the yellow cells; a cell that you leave follows the first scenario."
)
NOTE_WIDTH = 60
CASES = "The article's cases (for the sheet Article)"


def write(page: Page) -> None:
    notes, cases = page.layout.notes_column, page.layout.first_case_column
    widths = {
        0: 44,
        1: 12,
        **dict.fromkeys(page.sheet_columns, 25),
        notes: 40,
        notes + 1: NOTE_WIDTH,
        notes + 2: 34,
        notes + 3: 3,
    }
    page.head(TITLE, PURPOSE, widths | {cases + i: 21 for i in range(page.layout.cases)})
    page.column_heads({0: "Input", 1: "Unit", notes: "Allowed", notes + 1: "Note", notes + 2: "Name"})
    for place, column in enumerate(page.columns.scenarios):
        page.pen.typed(HEAD_ROW, FIRST_COLUMN + place, column.title, "scenario", None)
    if page.layout.cases:
        page.text(HEAD_ROW - 1, cases, CASES, "strong")
    for place, column in enumerate(page.columns.cases):
        page.text(HEAD_ROW, cases + place, column.title, "head")
    page.pen.dress("set_row", HEAD_ROW, 44)
    page.pen.dress("print_area", 0, 0, _last_row(page), notes + 1)
    for group in page.layout.groups[INPUTS]:
        page.group_title(group, max(notes + 2, cases + page.layout.cases - 1))
        for given in group.quantities:
            assert isinstance(given, Given)
            _row(page, given)


def _last_row(page: Page) -> int:
    last = page.layout.groups[INPUTS][-1]
    return last.row + len(last.quantities)


def _row(page: Page, given: Given) -> None:
    row, notes = page.layout.place(given.name).row, page.layout.notes_column
    page.text(row, 0, given.label)
    page.text(row, 1, _unit(given), "unit")
    page.text(row, notes, allowed(page, given), "note")
    page.text(row, notes + 1, given.note, "wrapped")
    page.fit_row(row, (given.note, NOTE_WIDTH))
    page.text(row, notes + 2, given.name, "note")
    for column in range(len(page.columns.all)):
        input_cell(page, given, column)
    _validate(page, given, FIRST_COLUMN, page.layout.notes_column - 1)
    if page.layout.cases:
        first = page.layout.first_case_column
        _validate(page, given, first, first + page.layout.cases - 1)
    mark_differences(page, row)
    _mark_unused(page, given)


def _mark_unused(page: Page, given: Given) -> None:
    """An input stands back while a choice leaves it aside."""
    if given.counts_with:
        row, last = page.layout.place(given.name).row, FIRST_COLUMN + page.layout.scenarios - 1
        unused = cell_formula(is_unused(given), page.naming(0))
        page.pen.dress("mark", row, FIRST_COLUMN, row, last, "unused", type="formula", criteria=unused)


def input_cell(page: Page, given: Given, column: int) -> None:
    """Typed where the column decides, else following the column that it inherits from."""
    place, at = page.layout.place(given.name, column), page.layout.sheet_column(given.name, column)
    value, role = page.columns.value(given.name, column), "choice" if given.unit == "text" else "input"
    parent = page.columns.all[column].inherits
    unit = None if given.unit == "text" else unit_format(given)
    if parent is None or given.name in page.columns.all[column].overrides:
        page.pen.typed(place.row, at, value, role, unit)
    else:
        tree, naming = Ref(given.name), page.naming(parent)
        page.inherit(place.row, at, tree, naming, value, role, unit)


def mark_differences(page: Page, row: int) -> None:
    """What differs from the first scenario stands out."""
    if page.layout.scenarios > 1:
        first, last = FIRST_COLUMN + 1, FIRST_COLUMN + page.layout.scenarios - 1
        base = f"{START}${letters(FIRST_COLUMN)}${row + 1}"
        page.pen.dress("mark", row, first, row, last, "differs", criteria="!=", value=base)


def _unit(given: Given) -> str:
    return "choice" if given.choices else given.shown_unit


def allowed(page: Page, given: Given) -> str:
    """What the cell takes, in words."""
    if given.choices:
        return "pick from the list"
    return given.bounds.as_percentages() if unit_format(given) == "share" else str(given.bounds)


def _validate(page: Page, given: Given, first: int, last: int) -> None:
    row = page.layout.place(given.name).row
    rule = _list_rule(page, given) if given.choices else number_rule(given.bounds)
    page.pen.dress("data_validation", row, first, row, last, rule | messages(page, given))


def _list_rule(page: Page, given: Given) -> dict[str, object]:
    sheet, cells = page.layout.whole(str(given.choices), 0)
    return {"validate": "list", "source": f"{START}{sheet}!{cells}"}


def number_rule(bounds: Bounds) -> dict[str, object]:
    """The validation of a number."""
    kind = "integer" if bounds.whole else "decimal"
    low = bounds.at_least if bounds.at_least is not None else bounds.above
    if bounds.above is not None and bounds.at_most is None:
        return {"validate": kind, "criteria": ">", "value": bounds.above}
    if bounds.at_most is None:
        return {"validate": kind, "criteria": ">=", "value": low}
    tiny = 1e-12 if bounds.above is not None else 0
    return {"validate": kind, "criteria": "between", "minimum": (low or 0) + tiny, "maximum": bounds.at_most}


def messages(page: Page, given: Given) -> dict[str, object]:
    """What Excel shows beside the cell, and when the entry is refused."""
    what = f"Allowed: {allowed(page, given)}."
    return {
        "input_title": given.label[:32],
        "input_message": f"{what} {given.note}"[:255].strip(),
        "error_title": "Not allowed here",
        "error_message": f"{given.label}: {what}"[:255],
        "ignore_blank": False,
    }
