"""Workings: the engine and its curve once more, for the article's cases."""

from __future__ import annotations

from xl_econ.core.expr import Ref
from xl_econ.core.quantity import Derived
from xl_econ.core.spell import Naming
from xl_econ.model import LEVEL_COUNT
from xl_econ.workbook.layout import FIRST_COLUMN, HEAD_ROW, INPUTS, WORKINGS, letters
from xl_econ.workbook.page import Page

TITLE = "Workings"
PURPOSE = (
    "The same formulas as on Engine and Curve, for the article's cases; their inputs stand at the right of Inputs."
)


def write(page: Page) -> None:
    cases = range(page.layout.scenarios, page.layout.scenarios + page.layout.cases)
    page.head(TITLE, PURPOSE, {0: 58, 1: 18, **dict.fromkeys(range(FIRST_COLUMN, FIRST_COLUMN + len(cases)), 18)})
    page.column_heads({0: "Quantity", 1: "Unit"})
    for place, column in enumerate(cases):
        source = f"{INPUTS}!{letters(page.layout.first_case_column + place)}{HEAD_ROW + 1}"
        naming = Naming(lambda _, source=source: source, str)
        page.spelled(
            HEAD_ROW, FIRST_COLUMN + place, Ref("name"), naming, page.columns.all[column].title, "link_head", "text"
        )
    page.pen.dress("set_row", HEAD_ROW, 44)
    for group in page.layout.groups[WORKINGS]:
        page.group_title(group, FIRST_COLUMN + len(cases) - 1)
        for quantity in group.quantities:
            assert isinstance(quantity, Derived)
            _rows(page, quantity, cases)


def _rows(page: Page, quantity: Derived, cases: range) -> None:
    place = page.layout.place(quantity.name, cases[0])
    levels = range(LEVEL_COUNT) if place.rows > 1 else (None,)
    for level in levels:
        label = quantity.label if level is None else f"Level {level + 1}"
        page.text(place.row + (level or 0), 0, label, "label" if level is None else "unit")
        page.text(place.row + (level or 0), 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")
        for column in cases:
            page.quantity(quantity, column, position=level)
