"""Splice: new content for some cells of a sheet, put between the bytes that stay."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from xl_econ.core.spell import START
from xl_econ.workbook.archive import Broken
from xl_econ.workbook.cells import characters, escaped, unescaped
from xl_econ.workbook.sheet_xml import (
    LAST_COLUMN,
    LAST_ROW,
    LONGEST_FORMULA,
    CellXml,
    Formula,
    SheetXml,
    attributes,
    column_number,
    letters,
    place_of,
    without,
)

Scalar = float | int | str | bool | None
RANGE = re.compile(r"\$?([A-Z]+)\$?([0-9]+)(?::\$?([A-Z]+)\$?([0-9]+))?")
LONGEST_TEXT = 32_767
"""Characters that Excel takes in a cell."""
USUAL_TAG = re.compile(rb'( r="[A-Z]{1,3}[0-9]{1,7}"(?: s="[0-9]+")?)(?: t="[a-zA-Z]+")?')
USUAL_BODY = re.compile(rb"(<f>[^<]*</f>)?<v>[^<]*</v>")
"""Without a prefix, metadata or extensions."""
KEEP = "keep"
"""Stands for the formula that a cell has."""


class Cell(NamedTuple):
    """What a cell shall hold: its value (None: nothing yet), and its formula (None: none; KEEP: its own)."""

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
            text = b'<%sis><%st xml:space="preserve">%s</%st></%sis>' % (p, p, _checked(value), p, p)
            return b'%s t="inlineStr">%s%s</%sc>' % (head, text, spot.tail, p)
        if value is None:
            return b"%s>%s%s</%sc>" % (head, formula, spot.tail, p)
        kind, shown = _shown(value)
        return b"%s%s>%s<%sv>%s</%sv>%s</%sc>" % (head, kind, formula, p, shown, p, spot.tail, p)


def _shown(value: float | int | str | bool) -> tuple[bytes, bytes]:
    """The attribute that tells the kind of a value, and the value as XML."""
    if isinstance(value, bool):
        return b' t="b"', b"%d" % value
    if isinstance(value, str):
        return b' t="str"', _checked(value)
    number = value if type(value) is int else float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value} is no number that a cell can hold")
    return b"", repr(number).encode()


def _checked(text: str) -> bytes:
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a text has {len(text):,} characters, and a cell holds {LONGEST_TEXT:,}")
    return escaped(text)


def _formula(prefix: bytes, formula: str | None) -> bytes:
    if not formula:
        return b""
    return b"<%sf>%s</%sf>" % (prefix, escaped(formula.removeprefix(START)), prefix)


# --- where to cut ---


def _edits(sheet: SheetXml, addresses: Iterable[str]) -> Iterator[Edit]:
    """The places of these cells, in the order of the file; made where they are missing."""
    places = sorted((*place_of(address), address) for address in addresses)
    new: dict[int, list[Spot]] = {}
    for number, group in groupby(places, key=lambda place: place[0]):
        wanted = [(column, address) for _, column, address in group]
        if number in sheet.rows:
            yield from _in_row(sheet, number, wanted)
        else:
            new[number] = [_new_spot(sheet, address) for _, address in wanted]
    yield from _new_rows(sheet, new)


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


def _new_rows(sheet: SheetXml, rows: Mapping[int, list[Spot]]) -> Iterator[Edit]:
    """Rows that the sheet does not write down, each before the next one that it does."""
    made = {number: _row(sheet.prefix, number, spots) for number, spots in rows.items()}
    first, last = sheet.data
    if made and sheet.xml[first - 2 : first] == b"/>":
        pieces = [piece for row in made.values() for piece in row]
        yield Edit(first - 2, first, [b">", *pieces, b"</%ssheetData>" % sheet.prefix])
        return
    for number, pieces in made.items():
        at = next((row.start for other, row in sheet.rows.items() if other > number), last)
        yield Edit(at, at, pieces)


def _row(prefix: bytes, number: int, spots: list[Spot]) -> list[Piece]:
    return [b'<%srow r="%d">' % (prefix, number), *spots, b"</%srow>" % prefix]


def _new_spot(sheet: SheetXml, address: str) -> Spot:
    return Spot(address, b'<%sc r="%s"' % (sheet.prefix, address.encode()), b"", b"", b"")


def _spot(sheet: SheetXml, address: str, cell: CellXml) -> Spot:
    return _usual_spot(sheet, address, cell) or _any_spot(sheet, address, cell)


def _usual_spot(sheet: SheetXml, address: str, cell: CellXml) -> Spot | None:
    """Of a cell as Excel and XlsxWriter write it, in a fraction of the time; None of any other."""
    tag, body = USUAL_TAG.fullmatch(cell.attributes), USUAL_BODY.fullmatch(sheet.shadow, *cell.body)
    if sheet.prefix or not tag or not body or cell.body[1] - cell.body[0] > LONGEST_FORMULA:
        return None
    formula = sheet.xml[body.start(1) : body.end(1)] if body.start(1) >= 0 else b""
    return Spot(address, b"<c" + tag[1], b"", formula, b"")


def _any_spot(sheet: SheetXml, address: str, cell: CellXml) -> Spot:
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
    gone = sorted(set(replaced), key=place_of)
    if not gone or not sheet.has_groups:
        return {}
    _refuse_parts(sheet, gone)
    formulas = {address: formula for address in gone if (formula := _formula_of(sheet, address))}
    masters = {
        formula.attributes.get("si"): address
        for address, formula in formulas.items()
        if _is_shared(formula) and formula.text
    }
    if not masters:
        return {}
    return {
        address: moved(unescaped(characters(formulas[master].text)), master, address)
        for address in sheet.addresses()
        if address not in formulas and (formula := _formula_of(sheet, address))
        if _is_shared(formula) and not formula.text
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


def _refuse_parts(sheet: SheetXml, gone: list[str]) -> None:
    for found in sheet.group_formulas():
        box = Box.of(found.get("ref", ""))
        covered = [each for each in gone if each in box]
        if covered and not box.is_one_cell:
            where = found["ref"].replace("$", "")
            raise Broken(f"{covered[0]} is part of an array formula or data table in {where}; clear that first")


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
    from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
    from openpyxl.formula.translate import Translator

    try:
        tokenizer: Any = Tokenizer(START + formula)
    except TokenizerError as error:
        raise Broken(f"the formula in {origin} cannot be read: {error}") from None
    move: Any = getattr(Translator, "translate_range")  # noqa: B009 - it has no types
    down, right = (there - here for there, here in zip(place_of(address), place_of(origin), strict=True))
    is_range = [token.type == Token.OPERAND and token.subtype == Token.RANGE for token in tokenizer.items]
    pieces = [
        move(token.value, down, right) if moves and not _is_beyond(token.value) else token.value
        for token, moves in zip(tokenizer.items, is_range, strict=True)
    ]
    return START + "".join(map(str, pieces))


def _is_beyond(text: str) -> bool:
    """Whether what looks like a cell is a name, since no sheet has that column or row."""
    found = RANGE.fullmatch(text.rpartition("!")[2])
    return bool(found) and (column_number(found[1]) > LAST_COLUMN or int(found[2]) > LAST_ROW)
