"""Held: what an edited workbook holds beside a study's inputs, and its results depend on."""

from __future__ import annotations

from typing import Any

from xl_econ.core.quantity import Given
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.study import Study
from xl_econ.workbook.blank import Shape
from xl_econ.workbook.book import Book
from xl_econ.workbook.columns import Held
from xl_econ.workbook.layout import Layout, layout_for
from xl_econ.workbook.located import Located
from xl_econ.workbook.table_order import order_with


def held_by(book: Book, study: Study, located: Located, shape: Shape, rebase: bool = False) -> Held:
    """Its baseline, the order of its catalog tables, and the inputs of the article's cases."""
    layout = layout_for(*shape)
    cases = {name: found for name, given in decided().items() if (found := _cases(book, located, layout, given))}
    return Held({} if rebase else book.baseline(), order_with(book, study), cases if shape.full else {})


def _cases(book: Book, located: Located, layout: Layout, given: Given) -> list[Any]:
    """An input of each case: typed at the right of Inputs, or the base value on Assumptions; none if one is missing."""
    spots = [located.spots.get(layout.one(given.name, layout.scenarios + case)) for case in range(layout.cases)]
    values = [book.value(spot) if spot else None for spot in spots]
    wanted = str if given.unit == "text" else (int, float)
    return values if all(isinstance(value, wanted) for value in values) else []
