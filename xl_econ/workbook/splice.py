"""Splice: new content for some cells of a sheet, put between the bytes that stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from xl_econ.core.spell import START
from xl_econ.workbook.archive import Broken
from xl_econ.workbook.cells import characters, escaped
from xl_econ.workbook.sheet_xml import CellXml, Formula, SheetXml, attributes, letters, place_of, without

Scalar = float | int | str | bool
RANGE = re.compile(r"\$?([A-Z]+)\$?([0-9]+)(?::\$?([A-Z]+)\$?([0-9]+))?")
KEEP = "keep"
"""Stands for the formula that a cell has."""


class Cell(NamedTuple):
    """What a cell shall hold: its value, and its formula (None: none; KEEP: the one that it has)."""

    value: Scalar
    formula: str | None = None


class Spot(NamedTuple):
    """A cell to write: address and style, its formula, and what follows the value, as XML."""

    address: str
    head: bytes
    metadata: bytes
    formula: bytes
    tail: bytes


Piece = bytes | Spot


class Edit(NamedTuple):
    """Bytes to replace by pieces."""

    start: int
    end: int
    pieces: list[Piece]


class CutSheet:
    """A sheet cut at the cells that change, ready for any number of fillings."""

    def __init__(self, sheet: SheetXml, addresses: Iterable[str], freed: Mapping[str, str] = {}) -> None:
        self.prefix = sheet.prefix
        self.addresses = frozenset(addresses)
        self.pieces: list[Piece] = []
        end = 0
        for edit in sorted([*_edits(sheet, self.addresses), *_freed_edits(sheet, freed)], key=lambda edit: edit.start):
            self.pieces += (sheet.xml[end : edit.start], *edit.pieces)
            end = edit.end
        self.pieces.append(sheet.xml[end:])

    def spliced(self, cells: Mapping[str, Cell]) -> bytes:
        """The XML with the cells in their places."""
        return b"".join(
            piece if isinstance(piece, bytes) else self._content(piece, cells[piece.address]) for piece in self.pieces
        )

    def _content(self, spot: Spot, cell: Cell) -> bytes:
        p, value = self.prefix, cell.value
        keeps = cell.formula == KEEP
        formula = spot.formula if keeps else _formula(p, cell.formula)
        head = spot.head + (spot.metadata if keeps else b"")
        if isinstance(value, str) and not formula:
            text = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, escaped(value), p, p)
            return b'%s t="inlineStr">%s%s</%sc>' % (head, text, spot.tail, p)
        kind, shown = _shown(value)
        return b"%s%s>%s<%sv>%s</%sv>%s</%sc>" % (head, kind, formula, p, shown, p, spot.tail, p)


def _shown(value: Scalar) -> tuple[bytes, bytes]:
    """The attribute that tells the kind of a value, and the value as XML."""
    if isinstance(value, bool):
        return b' t="b"', b"%d" % value
    if isinstance(value, str):
        return b' t="str"', escaped(value)
    return b"", repr(value).encode()


def _formula(prefix: bytes, formula: str | None) -> bytes:
    if not formula:
        return b""
    return b"<%sf>%s</%sf>" % (prefix, escaped(formula.removeprefix(START)), prefix)


# --- where to cut ---


def _edits(sheet: SheetXml, addresses: Iterable[str]) -> Iterator[Edit]:
    """The places of these cells, in the order of the file; made where they are missing."""
    places = sorted((*place_of(address), address) for address in addresses)
    for number, group in groupby(places, key=lambda place: place[0]):
        wanted = [(column, address) for _, column, address in group]
        if number in sheet.rows:
            yield from _in_row(sheet, number, wanted)
        else:
            yield _new_row(sheet, number, [_new_spot(sheet, address) for _, address in wanted])


def _in_row(sheet: SheetXml, number: int, wanted: list[tuple[int, str]]) -> Iterator[Edit]:
    row, cells = sheet.rows[number], sheet.cells_of(number)
    if row.is_empty:
        spots = [_new_spot(sheet, address) for _, address in wanted]
        yield Edit(row.opened - 2, row.opened, [b">", *spots, b"</%srow>" % sheet.prefix])
        return
    starts = [(place_of(address)[1], cell.start) for address, cell in cells.items()]
    for column, address in wanted:
        cell = cells.get(address)
        if cell is not None:
            yield Edit(cell.start, cell.end, [_spot(sheet, address, cell)])
        else:
            at = next((start for other, start in starts if other > column), row.end)
            yield Edit(at, at, [_new_spot(sheet, address)])


def _new_row(sheet: SheetXml, number: int, spots: list[Spot]) -> Edit:
    content: list[Piece] = [b'<%srow r="%d">' % (sheet.prefix, number), *spots, b"</%srow>" % sheet.prefix]
    first, last = sheet.data
    if first == last and sheet.xml[first - 2 : first] == b"/>":
        return Edit(first - 2, first, [b">", *content, b"</%ssheetData>" % sheet.prefix])
    at = next((row.start for other, row in sheet.rows.items() if other > number), last)
    return Edit(at, at, content)


def _new_spot(sheet: SheetXml, address: str) -> Spot:
    return Spot(address, b'<%sc r="%s"' % (sheet.prefix, address.encode()), b"", b"", b"")


def _spot(sheet: SheetXml, address: str, cell: CellXml) -> Spot:
    formula = sheet.formula(cell)
    written = without(cell.attributes, ("t", "cm", "vm"))
    metadata = b"".join(
        b' %s="%s"' % (n.encode(), v.encode()) for n, v in attributes(cell.attributes).items() if n == "cm"
    )
    head = b"<%sc%s" % (sheet.prefix, written.rstrip())
    return Spot(address, head, metadata, formula.xml if formula else b"", sheet.after_value(cell))


# --- formulas that several cells share ---


def freed(sheet: SheetXml, replaced: Iterable[str]) -> dict[str, str]:
    """Formulas to spell out, by address, since the cell that spells them for others gets another content.

    Raises Broken where a cell is part of an array formula or a data table, which nobody can change singly.
    """
    gone = set(replaced)
    if not gone or not sheet.has_groups:
        return {}
    formulas = {address: formula for address in sheet.addresses() if (formula := _formula_of(sheet, address))}
    _refuse_parts(formulas, gone)
    masters = {
        formula.attributes.get("si"): address
        for address, formula in formulas.items()
        if address in gone and _is_shared(formula) and formula.text
    }
    return {
        address: moved(characters(formulas[master].text), master, address)
        for address, formula in formulas.items()
        if address not in gone and _is_shared(formula) and not formula.text
        if (master := masters.get(formula.attributes.get("si")))
    }


def _freed_edits(sheet: SheetXml, freed: Mapping[str, str]) -> Iterator[Edit]:
    for address, text in freed.items():
        formula = _formula_of(sheet, address)
        assert formula is not None
        yield Edit(formula.start, formula.end, [_formula(sheet.prefix, text)])


def _formula_of(sheet: SheetXml, address: str) -> Formula | None:
    cell = sheet.cell(address)
    return sheet.formula(cell) if cell else None


def _is_shared(formula: Formula) -> bool:
    return formula.attributes.get("t") == "shared"


def _refuse_parts(formulas: Mapping[str, Formula], gone: set[str]) -> None:
    for address, formula in formulas.items():
        if formula.attributes.get("t") in ("array", "dataTable"):
            box = Box.of(formula.attributes.get("ref", address))
            covered = [each for each in gone if each in box]
            if covered and not box.is_one_cell:
                raise Broken(f"{covered[0]} is part of an array formula or data table in {address}; clear that first")


class Box(NamedTuple):
    """A range of cells: first and last row and column, from 1."""

    row: int
    column: int
    last_row: int
    last_column: int

    @classmethod
    def of(cls, text: str) -> Box:
        """The range that a text such as C7:E9 or $C$7 names."""
        found = RANGE.fullmatch(text)
        if not found:
            raise Broken(f"{text!r} is no range of cells")
        first = place_of(found[1] + found[2])
        last = place_of(found[3] + found[4]) if found[3] else first
        return cls(*first, *last)

    def __contains__(self, address: object) -> bool:
        row, column = place_of(str(address))
        return self.row <= row <= self.last_row and self.column <= column <= self.last_column

    @property
    def absolute(self) -> str:
        """As a name refers to it: $C$7:$E$9."""
        ends = (f"${letters(self.column)}${self.row}", f"${letters(self.last_column)}${self.last_row}")
        return ends[0] if self.is_one_cell else ":".join(ends)

    def places(self) -> Iterator[tuple[int, int]]:
        """Row and column of each cell."""
        columns = range(self.column, self.last_column + 1)
        return ((row, column) for row in range(self.row, self.last_row + 1) for column in columns)

    @property
    def is_one_cell(self) -> bool:
        return (self.row, self.column) == (self.last_row, self.last_column)


def moved(formula: str, origin: str, address: str) -> str:
    """A formula copied from one cell to another."""
    from openpyxl.formula.translate import Translator

    translator: Any = Translator(START + formula, origin)
    return str(translator.translate_formula(address))
