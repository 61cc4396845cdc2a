"""Checks: what is wrong or unusual, scenario by scenario, and one word on it for every sheet."""

from __future__ import annotations

from dataclasses import replace

from xl_econ.core.expr import Call, Ref
from xl_econ.core.graph import trace_function
from xl_econ.core.operations import blanks, total
from xl_econ.core.spell import Naming, words
from xl_econ.model.bridge import same
from xl_econ.model.checks import master_words, status_words
from xl_econ.workbook.bridge_cells import BRIDGE
from xl_econ.workbook.layout import CHECKS, FIRST_COLUMN, INPUTS, Layout, letters, span
from xl_econ.workbook.page import Page, Seen
from xl_econ.workbook.pens import ValuePen
from xl_econ.workbook.sensitivity_cells import SENSITIVITY
from xl_econ.workbook.sheets import bridge, sensitivity
from xl_econ.workbook.sheets.other_layouts import SENTENCE

TITLE = "Checks"
HOW_WIDTH = 90
FAULTS = 5
"""How many checks other sheets make."""
OF_SHEETS = "checks of other sheets"
PURPOSE = "OK: it holds. LOOK: something is wrong or unusual, and the note says what is compared; 0 is OK."


def write(page: Page) -> None:
    notes = page.layout.notes_column
    page.head(TITLE, PURPOSE, {0: 64, 1: 10, **dict.fromkeys(page.sheet_columns, 18), notes: HOW_WIDTH, notes + 1: 30})
    page.scenario_heads()
    page.column_heads({0: "What should hold", 1: "", notes: "What is compared", notes + 1: "Name"})
    for group in page.layout.groups[CHECKS]:
        page.group_title(group, notes + 1)
        for quantity in group.quantities:
            row = page.layout.place(quantity.name).row
            page.text(row, 0, quantity.label)
            for column in page.scenario_columns:
                page.quantity(quantity, column, "check")
            how = words(page.layout.graph.trees[quantity.name])
            page.text(row, notes, how, "wrapped")
            page.fit_row(row, (how, HOW_WIDTH))
            page.text(row, notes + 1, quantity.name, "note")
    _blank_inputs(page)
    _of_other_sheets(page)
    _master(page)
    first, end = _rows(page.layout)[0], page.layout.checks_end
    _mark(page, first, end - 1, page.layout.scenarios)
    if page.layout.trials:
        _mark(page, end, end + FAULTS - 1, 1)


def _mark(page: Page, first: int, last: int, columns: int) -> None:
    """Green and red; a free cell is neither."""
    cells = first, FIRST_COLUMN, last, FIRST_COLUMN + columns - 1
    page.pen.dress("mark", *cells, "good", criteria="==", value=0)
    page.pen.dress("mark", *cells, "bad", criteria=">", value=0)


def _rows(layout: Layout) -> tuple[int, int]:
    """First and last row of the checks: those of scenarios, empty inputs, those of other sheets."""
    return layout.groups[CHECKS][0].row + 1, _master_row(layout) - 2


def _master_row(layout: Layout) -> int:
    return layout.checks_end + 1 + (FAULTS if layout.trials else 0)


def _of_other_sheets(page: Page) -> None:
    """What holds once for the workbook."""
    for row, (what, (cell, value)) in enumerate(_faults(page).items(), start=page.layout.checks_end):
        page.text(row, 0, what)
        naming = Naming(lambda _, cell=cell: cell, str)
        page.spelled(row, FIRST_COLUMN, Ref("fault"), naming, value, "check", "check")


def _faults(page: Page) -> dict[str, Seen]:
    """The checks that other sheets of a full workbook make themselves."""
    once = page.columns.once
    if OF_SHEETS not in once:
        once[OF_SHEETS] = _worked_out(page)
    return once[OF_SHEETS]


def _worked_out(page: Page) -> dict[str, Seen]:
    sheets = {BRIDGE: bridge.faults, SENSITIVITY: sensitivity.faults} if page.layout.trials else {}
    return {
        what: (f"{sheet}!{cell}", value)
        for sheet, found in sheets.items()
        for what, (cell, value) in found(replace(page, sheet=sheet, pen=ValuePen())).items()
    }


def _blank_inputs(page: Page) -> None:
    """An empty input counts as 0 in Excel, so it must not go unseen.

    Cell by cell, not range by range: rows that people put between, and blocks that they move, do no harm.
    """
    row = page.layout.checks_end - 1
    page.text(row, 0, "No input is empty")
    inputs = [quantity.name for group in page.layout.groups[INPUTS] for quantity in group.quantities]
    for column in page.scenario_columns:
        tree = Call(blanks, (Ref(inputs[0]),))
        for name in inputs[1:]:
            tree = tree + Call(blanks, (Ref(name),))
        naming = Naming(str, page.naming(column).one)
        page.spelled(row, FIRST_COLUMN + column, tree, naming, 0, "check", "check")


def _master(page: Page) -> None:
    """How many checks want a look, over all scenarios, and the word for it; below them what is no fault."""
    row, (first, last) = _master_row(page.layout), _rows(page.layout)
    cells = span(first, FIRST_COLUMN, last, FIRST_COLUMN + page.layout.scenarios - 1)
    count = failures(page)
    page.text(row, 0, "Checks to look at, all scenarios together", "strong")
    page.spelled(
        row, FIRST_COLUMN, Call(total, (Ref("checks"),)), Naming(str, lambda _: cells), count, "formula", "code"
    )
    page.text(row + 1, 0, "Said on every sheet", "strong")
    naming = Naming(lambda _: f"{letters(FIRST_COLUMN)}{row + 1}", str)
    page.spelled(row + 1, FIRST_COLUMN, trace_function(master_words), naming, words_of(page), "formula", "text")
    _note_on_layouts(page, row + 3)


def _note_on_layouts(page: Page, row: int) -> None:
    """Whether another layout is better now: worth knowing, and no fault."""
    if page.layout.trials:
        cell, value = page.columns.once[SENTENCE]
        page.text(row, 0, "Note on layouts (sheet Sensitivity)", "strong")
        page.worked(row, FIRST_COLUMN, same, {"cell": (f"{SENSITIVITY}!{cell}", value)}, "status", "text")


def failures(page: Page) -> int:
    """Checks that want a look, by Python's values."""
    names = [quantity.name for group in page.layout.groups[CHECKS] for quantity in group.quantities]
    found = [page.columns.value(name, column) for name in names for column in page.scenario_columns]
    return sum(map(int, [*found, *(value for _, value in _faults(page).values())]))


def words_of(page: Page) -> str:
    """The word said on every sheet, by Python's values."""
    return str(master_words(failures(page)).item())


def said_on_every_sheet(page: Page) -> None:
    """The master check at the top of a sheet: green if all is well, red if not, and never an error."""
    cell = f"{CHECKS}!${letters(FIRST_COLUMN)}${_master_row(page.layout) + 2}"
    if page.sheet != CHECKS:
        naming = Naming(lambda _: cell, str)
        page.spelled(2, 0, trace_function(status_words), naming, words_of(page), "status", "text")
        page.pen.dress("mark", 2, 0, 2, 0, "bad", type="text", criteria="not containing", value="all OK")
