"""Package: splices values into known cells of a workbook's sheet XML; every other byte stays.

So far for workbooks of our own template: cells exist, without namespace prefixes.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

import defusedxml.ElementTree as ElementTree

from xl_econ.core.spell import START

Scalar = float | int | str
CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"((?: s="[0-9]+")?)[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)
FORMULA = re.compile(rb"<f[ >].*?</f>|<f>.*?</f>", re.DOTALL)
RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Cell:
    """What a cell shall hold: its value, and its formula (None: none; KEEP: the one that it has)."""

    value: Scalar
    formula: str | None = None


KEEP = "keep"
"""Stands for the formula that the cell has."""


class MissingCells(KeyError):
    """The sheet has no such cells."""


def patched(book: bytes, sheets: Mapping[str, Mapping[str, Cell]]) -> bytes:
    """The workbook with these cells, by sheet name and A1 address, holding new content."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as new,
    ):
        parts = {part: sheets[name] for name, part in sheet_parts(old).items() if name in sheets}
        for item in old.infolist():
            data = old.read(item)
            new.writestr(item, spliced(data, parts[item.filename]) if item.filename in parts else data)
    return out.getvalue()


def sheet_parts(book: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by the sheet's name."""
    relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): f"xl/{relation.get('Target')}" for relation in relations}
    workbook = ElementTree.fromstring(book.read("xl/workbook.xml"))
    sheets = (element for element in workbook.iter() if element.tag.endswith("}sheet"))
    return {str(sheet.get("name")): targets[sheet.get(RELATIONS)] for sheet in sheets}


def spliced(sheet: bytes, cells: Mapping[str, Cell]) -> bytes:
    """The sheet's XML with these cells changed; raises MissingCells where there is no such cell."""
    wanted = {address.encode(): cell for address, cell in cells.items()}
    done: set[bytes] = set()

    def change(found: re.Match[bytes]) -> bytes:
        cell = wanted.get(found[1])
        if cell is None:
            return found[0]
        done.add(found[1])
        return _content(found, cell)

    changed = CELL.sub(change, sheet)
    if len(done) < len(wanted):
        raise MissingCells(", ".join(sorted(address.decode() for address in wanted.keys() - done)))
    return changed


def _content(found: re.Match[bytes], cell: Cell) -> bytes:
    formula = _formula(found, cell)
    head = b'<c r="%s"%s' % (found[1], found[2])
    if isinstance(cell.value, str):
        text = escape(cell.value).encode()
        if formula:
            return b'%s t="str">%s<v>%s</v></c>' % (head, formula, text)
        return b'%s t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>' % (head, text)
    return b"%s>%s<v>%s</v></c>" % (head, formula, repr(cell.value).encode())


def _formula(found: re.Match[bytes], cell: Cell) -> bytes:
    if cell.formula == KEEP:
        kept = FORMULA.search(found[3] or b"")
        return kept[0] if kept else b""
    return b"<f>%s</f>" % escape(cell.formula.removeprefix(START)).encode() if cell.formula else b""
