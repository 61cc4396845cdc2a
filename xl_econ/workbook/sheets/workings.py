"""Workings: the engine and its curve once more, for the article, the bridges and Sensitivity."""

from __future__ import annotations

from xl_econ.core.expr import Ref
from xl_econ.core.quantity import Derived
from xl_econ.core.spell import Naming
from xl_econ.model import LEVEL_COUNT
from xl_econ.workbook.layout import FIRST_COLUMN, HEAD_ROW, INPUTS, WORKINGS, letters
from xl_econ.workbook.page import Page
from xl_econ.workbook.sheets.trial_cells import set_cell
from xl_econ.workbook.trials import behind_bridges, set_givens

TITLE = "Workings"
PURPOSE = (
    "The formulas of Engine and Curve once more, a column per case of Article, Bridge, Sensitivity; what few rows take "
    "is part of them. A free cell is that of the column that it starts from."
)
DECIDED = "Inputs that steps and cases decide"


def write(page: Page) -> None:
    layout, cases = page.layout, range(page.layout.scenarios, page.layout.scenarios + page.layout.cases)
    columns = range(cases.start, cases.stop + len(layout.trials))
    sheet_columns = range(FIRST_COLUMN, FIRST_COLUMN + len(columns) + 1)
    page.head(TITLE, PURPOSE, {0: 58, 1: 18, **dict.fromkeys(sheet_columns, 18)})
    page.column_heads({0: "Quantity", 1: "Unit"})
    for place, column in enumerate(cases):
        source = f"{INPUTS}!{letters(layout.first_case_column + place)}{HEAD_ROW + 1}"
        naming = Naming(lambda _, source=source: source, str)
        page.spelled(
            HEAD_ROW, FIRST_COLUMN + place, Ref("name"), naming, page.columns.all[column].title, "link_head", "text"
        )
    for place, trial in enumerate(layout.trials):
        page.text(HEAD_ROW, FIRST_COLUMN + layout.cases + place + behind_bridges(trial), trial.title, "head")
    page.pen.dress("set_row", HEAD_ROW, 44)
    for group in layout.groups[WORKINGS]:
        page.group_title(group, sheet_columns[-1])
        for quantity in group.quantities:
            assert isinstance(quantity, Derived)
            _rows(page, quantity, columns)
    _decided(page, cases.stop, sheet_columns[-1])


def _rows(page: Page, quantity: Derived, columns: range) -> None:
    """A row, or one for each level, in the columns that it is computed in."""
    place = page.layout.place(quantity.name, columns[0])
    own = [column for column in columns if page.layout.computes(quantity.name, column)]
    levels = range(LEVEL_COUNT) if place.rows > 1 else (None,)
    for level in levels:
        label = quantity.label if level is None else f"Level {level + 1}"
        page.text(place.row + (level or 0), 0, label, "label" if level is None else "unit")
        page.text(place.row + (level or 0), 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")
        for column in own:
            page.quantity(quantity, column, position=level)


def _decided(page: Page, first: int, last_column: int) -> None:
    """The inputs of each trial that are not those of the column that it starts from."""
    layout = page.layout
    for column in range(last_column + 1):
        page.text(layout.set_row, column, DECIDED if column == 0 else "", "section")
    for given in set_givens():
        row = layout.place(given.name, first).row
        page.text(row, 0, given.label)
        page.text(row, 1, "" if given.unit in ("1", "text") else given.unit, "unit")
    for place, trial in enumerate(layout.trials):
        for name in sorted(trial.sets):
            set_cell(page, trial, first + place, layout.graph[name])
