"""Package: an .xlsx file as parts. Reads its cells, and splices values into them; every other byte stays.

Splicing is so far for workbooks of our own template: cells exist, without namespace prefixes.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence, Set
from copy import copy
from functools import cached_property
from typing import NamedTuple
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from xl_econ.core.spell import START
from xl_econ.workbook.cells import Broken, SheetCells, date_styles, parsed

Scalar = float | int | str
CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"((?: s="[0-9]+")?)[^>]*?(?:/>|>(.*?)</c>)', re.DOTALL)
FORMULA = re.compile(rb"<f[ >].*?</f>|<f>.*?</f>", re.DOTALL)
LARGEST_PART = 200_000_000
"""Bytes unpacked: far more than any workbook of ours, far less than a memory."""


class Cell(NamedTuple):
    """What a cell shall hold: its value, and its formula (None: none; KEEP: the one that it has)."""

    value: Scalar
    formula: str | None = None


KEEP = "keep"
"""Stands for the formula that the cell has."""


class MissingCells(KeyError):
    """The sheet has no such cells."""


class Package:
    """An opened workbook. What it finds out it keeps, so that one package fills many workbooks.

    Raises Broken where the file is no workbook.
    """

    def __init__(self, book: bytes) -> None:
        try:
            self.file = zipfile.ZipFile(io.BytesIO(book))
        except zipfile.BadZipFile as error:
            raise Broken(str(error)) from None
        self._parts: dict[str, bytes] = {}
        self._sheets: dict[str, CutSheet] = {}
        self._cells: dict[str, SheetCells] = {}

    # --- reading ---

    def part(self, name: str) -> bytes:
        """A part, unpacked."""
        if name not in self._parts:
            try:
                if self.file.getinfo(name).file_size > LARGEST_PART:
                    raise Broken(f"{name} is too large")
                self._parts[name] = self.file.read(name)
            except (KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
                raise Broken(str(error)) from None
        return self._parts[name]

    @cached_property
    def names(self) -> dict[str, str]:
        """What each name that the whole workbook knows stands for."""
        found = self._workbook.iterfind("{*}definedNames/{*}definedName")
        return {name.get("name", ""): name.text or "" for name in found if name.get("localSheetId") is None}

    @cached_property
    def sheet_parts(self) -> dict[str, str]:
        """The part of each sheet, by the sheet's name."""
        targets = {each.get("Id"): _target(each) for each in self._relations}
        ids = {sheet.get("name", ""): _relation(sheet) for sheet in self._workbook.iterfind("{*}sheets/{*}sheet")}
        return {name: targets[id] for name, id in ids.items() if id in targets}

    def cells(self, sheet: str) -> SheetCells:
        """The cells of a sheet, by its name."""
        if sheet not in self._cells:
            self._cells[sheet] = SheetCells(parsed(self.part(self.sheet_parts[sheet])), self._texts, self._dates)
        return self._cells[sheet]

    @cached_property
    def _workbook(self) -> Element:
        return parsed(self.part("xl/workbook.xml"))

    @cached_property
    def _relations(self) -> list[Element]:
        return list(parsed(self.part("xl/_rels/workbook.xml.rels")))

    @cached_property
    def _texts(self) -> Sequence[Element]:
        """The texts that cells share."""
        return [item for root in self._related("sharedStrings") for item in root.iterfind("{*}si")]

    @cached_property
    def _dates(self) -> frozenset[int]:
        return frozenset(style for root in self._related("styles") for style in date_styles(root))

    def _related(self, kind: str) -> list[Element]:
        """The parts of a kind; most kinds have one or none."""
        found = [each for each in self._relations if each.get("Type", "").endswith(f"/{kind}")]
        return [parsed(self.part(_target(each))) for each in found]

    # --- writing ---

    def patched(self, sheets: Mapping[str, Mapping[str, Cell]]) -> bytes:
        """A workbook with these cells, by sheet name and A1 address, holding new content."""
        changed = {self.sheet_parts[name]: cells for name, cells in sheets.items()}
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as file:
            for item in self.file.infolist():
                name = item.filename
                data = self._spliced(name, changed[name]) if name in changed else self.part(name)
                file.writestr(copy(item), data)  # writing changes the item, which reading needs as it is
        return out.getvalue()

    def _spliced(self, part: str, cells: Mapping[str, Cell]) -> bytes:
        sheet = self._sheets.get(part)
        if sheet is None or sheet.spots.keys() != cells.keys():
            sheet = self._sheets[part] = CutSheet(self.part(part), cells.keys())
        return sheet.spliced(cells)


def _target(relation: Element) -> str:
    """The part that a relation of the workbook leads to."""
    return posixpath.normpath(posixpath.join("/xl", relation.get("Target", ""))).lstrip("/")


def _relation(sheet: Element) -> str | None:
    """The id of a sheet's relation."""
    return next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)


# --- splicing ---


class Spot(NamedTuple):
    """Where a cell stands among the pieces of a sheet; its address and style, and its formula, as XML."""

    place: int
    head: bytes
    formula: bytes


class CutSheet:
    """A sheet's XML, cut at the cells that change. Raises MissingCells where there is no such cell."""

    def __init__(self, xml: bytes, addresses: Set[str]) -> None:
        self.pieces: list[bytes] = []
        self.spots: dict[str, Spot] = {}
        wanted, end = {address.encode() for address in addresses}, 0
        for found in CELL.finditer(xml):
            if found[1] in wanted:
                self.pieces += (xml[end : found.start()], b"")
                self.spots[found[1].decode()] = _spot(found, len(self.pieces) - 1)
                end = found.end()
        self.pieces.append(xml[end:])
        missing = addresses - self.spots.keys()
        if missing:
            raise MissingCells(", ".join(sorted(missing)))

    def spliced(self, cells: Mapping[str, Cell]) -> bytes:
        """The XML with the cells in their places."""
        pieces = self.pieces.copy()
        for address, cell in cells.items():
            spot = self.spots[address]
            pieces[spot.place] = _content(spot, cell)
        return b"".join(pieces)


def _spot(found: re.Match[bytes], place: int) -> Spot:
    formula = FORMULA.search(found[3] or b"")
    return Spot(place, b'<c r="%s"%s' % (found[1], found[2]), formula[0] if formula else b"")


def _content(spot: Spot, cell: Cell) -> bytes:
    formula = spot.formula if cell.formula == KEEP else _formula(cell.formula)
    if not isinstance(cell.value, str):
        return b"%s>%s<v>%s</v></c>" % (spot.head, formula, repr(cell.value).encode())
    text = escape(cell.value).encode()
    if formula:
        return b'%s t="str">%s<v>%s</v></c>' % (spot.head, formula, text)
    return b'%s t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>' % (spot.head, text)


def _formula(formula: str | None) -> bytes:
    return b"<f>%s</f>" % escape(formula.removeprefix(START)).encode() if formula else b""
