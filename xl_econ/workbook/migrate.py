"""Migrate: the inputs of a workbook of an older version, carried into a new one; and what has no counterpart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from xl_econ.core.problems import stop_on
from xl_econ.inputs.changes import Change, with_changes
from xl_econ.inputs.study import Study
from xl_econ.model import model_graph
from xl_econ.version import VERSION
from xl_econ.workbook.anchors import PREFIX
from xl_econ.workbook.book import Book, WorkbookError
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.layout import ABOUT_CELLS, BASELINE, SCENARIO_NAMES
from xl_econ.workbook.read import Reading, study_in
from xl_econ.workbook.receipt import Receipt, sha256
from xl_econ.workbook.sheets.about import ENGINE


def version_of(book: Book) -> str:
    """The engine's version that computed the results; empty if nobody says so."""
    return book.text("engine_version").removeprefix(ENGINE).strip()


def is_newer(version: str) -> bool:
    return _parts(version) > _parts(VERSION)


def is_of_another_version(book: Book) -> bool:
    """A workbook whose stamp somebody cleared counts as ours: its names tell whether it is."""
    return version_of(book) not in ("", VERSION)


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
    made = version_of(book)
    if is_newer(made):
        yield f"{path}: it was made by {ENGINE} {made}, and this is {VERSION}. Update: pip install --upgrade xl-econ."
    elif target.exists() and target.samefile(path):
        what = f"{path}: it was made by {ENGINE} {made}, and this is {VERSION}."
        yield f"{what} Give -o NEW.xlsx: its inputs go into a new workbook, and your own sheets stay in the old one."


def _notes(book: Book, reading: Reading) -> Iterator[str]:
    yield f"{book.name} was made by {ENGINE} {version_of(book)}: its inputs are in a new workbook."
    yield from (
        f"new: {name} has its standard value, since the old workbook does not know it" for name in reading.unknown
    )
    for name in book.package.names:
        is_ours = (
            name in model_graph() or name in (*ABOUT_CELLS, SCENARIO_NAMES) or name.startswith((PREFIX, BASELINE, "_"))
        )
        cells = [] if is_ours else book.of_scenarios(name)
        if len(cells) == 1:
            values = ", ".join(str(book.value(spot)) for spot in cells[0])
            yield f"no counterpart: {name} ({values}) is no input any more"


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
