"""Fixed cells: constants, facts by number format and labels on Lists, which are the engine's and no input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from xl_econ.inputs.difference import same
from xl_econ.inputs.study import fixed_values
from xl_econ.model import PERIOD
from xl_econ.workbook.blank import Spot
from xl_econ.workbook.book import Book
from xl_econ.workbook.layout import LISTS, layout_for


class Altered(NamedTuple):
    """A cell that somebody changed, though Python computes with what was there."""

    spot: Spot
    name: str
    there: Any
    was: Any

    def __str__(self) -> str:
        return f"{self.name} is {self.there!r}, and was {self.was!r}, which results are computed with"


def altered_cells(book: Book) -> Iterator[Altered]:
    """Every cell of Lists that says something else than the engine has."""
    layout, values = layout_for(1), fixed_values() | {PERIOD: np.arange(book.months + 1)}
    for given in layout.graph.givens:
        if layout.place(given.name).sheet != LISTS:
            continue
        spots = [spot for row in book.cells(given.name) for spot in row]
        for spot, value in zip(spots, np.ravel(values[given.name]).tolist(), strict=False):
            there = book.value(spot)
            if not same(there, value):
                yield Altered(spot, given.name, there, value)
