"""Conventions: the house rules of a workbook that people could break on our sheets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from xl_econ.workbook.anchors import PREFIX
from xl_econ.workbook.book import Book
from xl_econ.workbook.located import area_of

FORBIDDEN = {
    "OFFSET": "is recalculated at every change and hides what it reads",
    "INDIRECT": "hides what it reads",
    "NOW": "changes the results from day to day",
    "TODAY": "changes the results from day to day",
    "RAND": "changes the results at every calculation",
    "RANDBETWEEN": "changes the results at every calculation",
    "NPV": "discounts the first flow too: use a row of discount factors",
}
CALL = re.compile(rf"\b({'|'.join(FORBIDDEN)})\(", re.IGNORECASE)
WHOLE_COLUMN = re.compile(r"(?<![A-Za-z0-9_.])\$?[A-Z]{1,3}:\$?[A-Z]{1,3}(?![A-Za-z0-9_(.])")
ANOTHER_FILE = re.compile(r"\[\d+\]|\[[^\]]+\.xl\w+\]", re.IGNORECASE)
TEXT = re.compile(r'"(?:[^"]|"")*"')
HIDDEN_ROW = re.compile(rb"""\shidden\s*=\s*["'](?:1|true)["']""")

Made = TypeVar("Made")


def broken_conventions(book: Book, finding: Callable[[str, str, str, str], Made]) -> Iterator[Made]:
    """What breaks a rule, on sheets that hold our cells."""
    for sheet, cell, message in _broken(book):
        yield finding("convention", sheet, cell, message)


def _broken(book: Book) -> Iterator[tuple[str, str, str]]:
    ours = our_sheets(book)
    for each in book.package.workbook.iterfind("{*}sheets/{*}sheet"):
        if each.get("name") in ours and each.get("state", "visible") != "visible":
            yield str(each.get("name")), "", "the sheet is hidden. Show it: a reader must see each step."
    for sheet in ours:
        xml = book.package.sheet(sheet)
        for number, row in xml.rows.items():
            if HIDDEN_ROW.search(xml.shadow[row.start : row.opened]):
                yield sheet, f"A{number}", f"row {number} is hidden. Show it: a reader must see each step."
        for address in xml.formula_addresses():
            yield from _of_formula(sheet, address, str(book.package.formula(sheet, address)))


def _of_formula(sheet: str, address: str, formula: str) -> Iterator[tuple[str, str, str]]:
    told = TEXT.sub('""', formula)
    for call in {found[1].upper() for found in CALL.finditer(told)}:
        yield sheet, address, f"{formula} uses {call}, which {FORBIDDEN[call]}."
    if WHOLE_COLUMN.search(told):
        yield sheet, address, f"{formula} reads a whole column. Name the cells."
    if ANOTHER_FILE.search(told):
        yield sheet, address, f"{formula} reads another file. Copy its value in, with the source beside it."


def our_sheets(book: Book) -> list[str]:
    """Sheets that hold cells of ours."""
    found: dict[str, Any] = {}
    for name in book.package.names:
        area = area_of(book.package, name) if name.startswith(PREFIX) else None
        if area:
            found[area[0]] = None
    return list(found)
