"""Stray columns: inputs that stand beside or between the scenarios, where nothing reads them."""

from __future__ import annotations

from collections.abc import Iterator

from xl_econ.core.quantity import Given
from xl_econ.inputs.scenario import decided, labels_of
from xl_econ.workbook.blank import Spot
from xl_econ.workbook.book import Book
from xl_econ.workbook.sheet_xml import letters, place_of

LAST_COLUMN = 16_384


def stray_columns(book: Book) -> list[str]:
    """Each such column, with a remedy."""
    return [*_between(book), *_beside(book)]


def _between(book: Book) -> Iterator[str]:
    """A column between the scenarios is free, or it is a scenario and has a name."""
    for place, head in enumerate(book.heads):
        if place in book.scenarios.values():
            continue
        areas = (book.cells(given.name) for given in decided().values())
        alike = [rows[0] for rows in areas if rows and len(rows[0]) == len(book.heads)]
        filled = [row[place] for row in alike if not book.is_free(row[place])]
        if filled:
            what = f"{'!'.join(head)}: the column has inputs, such as {'!'.join(filled[0])}, but no scenario's name."
            yield f"{what} Type one, or clear the column."


def _beside(book: Book) -> Iterator[str]:
    """A column just outside the scenarios, which their names do not cover."""
    for end, step in ((0, -1), (-1, 1)):
        sheet, address = book.heads[end]
        column = place_of(address)[1] + step
        for given, spot in _inputs_in(book, sheet, column):
            if _decides(book, given, spot):
                what = f"{'!'.join(spot)}: {book.value(spot)!r} stands beside the scenarios, so nothing reads it."
                yield f"{what} Insert a column between two scenarios, and move the scenario there."
                break


def _inputs_in(book: Book, sheet: str, column: int) -> Iterator[tuple[Given, Spot]]:
    """The cells of a column in the rows that hold inputs."""
    for given in decided().values():
        rows = book.cells(given.name)
        if 1 <= column <= LAST_COLUMN and rows and rows[0] and rows[0][0][0] == sheet:
            yield given, (sheet, f"{letters(column)}{place_of(rows[0][0][1])[0]}")


def _decides(book: Book, given: Given, spot: Spot) -> bool:
    """Whether a cell holds what this input could be: our own notes there are other texts."""
    value = book.value(spot)
    if given.unit == "text":
        return value in labels_of(given)
    return isinstance(value, float | int) and not isinstance(value, bool)
