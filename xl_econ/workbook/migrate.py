"""Migrate: the inputs of a workbook of an older version, carried into a new one; and what has no counterpart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from xl_econ.core.problems import stop_on
from xl_econ.inputs.changes import Change, with_changes
from xl_econ.inputs.study import Study
from xl_econ.version import ENGINE, VERSION
from xl_econ.workbook.anchors import PREFIX
from xl_econ.workbook.blank import Spot
from xl_econ.workbook.book import Book, WorkbookError, is_newer_than
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.layout import BASELINE, our_names
from xl_econ.workbook.read import Reading, study_in
from xl_econ.workbook.receipt import Receipt, sha256


def migrated(
    book: Book, path: Path, target: Path, study: Study | None, changes: Iterable[Change]
) -> tuple[bytes, Receipt]:
    """A new workbook with the inputs of an older one, and the receipt.

    Raises WorkbookError for a workbook of a newer version, and where the old file would be lost.
    """
    stop_on(_refused(book, path, target), WorkbookError)
    found, reading = study_in(book, lenient=True)
    content = new_workbook(with_changes(study or found, changes))
    before = book.package.archive.book
    notes = tuple(_notes(book, reading))
    return content, Receipt(target, sha256(before), sha256(content), (), (), (), (), notes)


def _refused(book: Book, path: Path, target: Path) -> Iterator[str]:
    made = book.version
    if is_newer_than(made, VERSION):
        yield f"{path}: it was made by {ENGINE} {made}, and this is {VERSION}. Update: pip install --upgrade xl-econ."
    elif target.exists() and target.samefile(path):
        what = f"{path}: it was made by {ENGINE} {made}, and this is {VERSION}."
        yield f"{what} Give -o NEW.xlsx: its inputs go into a new workbook, and your own sheets stay in the old one."


def _notes(book: Book, reading: Reading) -> Iterator[str]:
    yield f"{book.name} was made by {ENGINE} {book.version}: its inputs are in a new workbook."
    yield from (
        f"as shipped: {name}, which the old workbook has no name for; nothing of it is carried over"
        for name in reading.unknown
    )
    gone = {name: cells[0] for name in book.package.names if (cells := _unknown_cells(book, name))}
    results = [name for name, cells in gone.items() if book.formula(cells[0])]
    for name, cells in gone.items():
        if name not in results:
            values = ", ".join(str(book.value(spot)) for spot in cells)
            yield f"no counterpart: {name} ({values}) is no input any more"
    if results:
        yield f"no counterpart: {len(results)} results are not computed any more: {', '.join(results)}"


def _unknown_cells(book: Book, name: str) -> list[list[Spot]]:
    """The cells of a name over the scenarios that no quantity has any more."""
    is_ours = name in our_names() or name.startswith((PREFIX, BASELINE, "_"))
    cells = [] if is_ours else book.of_scenarios(name)
    return cells if len(cells) == 1 else []
