"""A sheet's XML by byte offsets: where each row and cell stands, what it holds, and new content spliced in.

Nothing is parsed into a tree and written again: every byte that is not a named cell stays. Rows and
cells may have any namespace prefix, may leave out their addresses, and may be missing altogether.
"""

from __future__ import annotations

import functools
import re
from array import array
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

from xl_econ.workbook.archive import Broken, TooLarge
from xl_econ.workbook.cells import BOM, characters, is_utf8, unescaped

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
MOST_ROWS = 200_000
"""Rows of a sheet that is looked at cell by cell."""
LONGEST_FORMULA = 16_384
"""Characters: twice as many as Excel takes."""
ATTRIBUTES = rb"""(?:[^>"']*(?:"[^"]*"|'[^']*'))*[^>"']*?"""
ATTRIBUTE = re.compile(rb"""\s([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
PROLOG = re.compile(rb"\s*<\?xml.*?\?>", re.DOTALL)
NOT_ELEMENTS = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
ROOT = re.compile(rb"\s*<(?:([\w.-]+):)?([\w.-]+)")
FIRST = b' r="'
ADDRESS = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class Row(NamedTuple):
    """A row of the sheet: where its tag begins and ends, and where the row ends."""

    start: int
    opened: int
    end: int
    is_empty: bool
    """Written as one tag."""


class CellXml(NamedTuple):
    """A cell: where it begins and ends, its attributes as written, and its content."""

    start: int
    end: int
    attributes: bytes
    body: tuple[int, int]


class Formula(NamedTuple):
    """The element of a cell's formula: where it stands, as written, its attributes, and its text as written."""

    start: int
    end: int
    xml: bytes
    attributes: dict[str, str]
    text: bytes


class SheetXml:
    """The rows and cells of a sheet. Raises Broken for XML that no program writes."""

    def __init__(self, xml: bytes) -> None:
        refuse(xml)
        self.xml = xml
        self.shadow = elements_only(xml)
        """The same bytes with comments and character data blanked: what looks like a tag is one."""
        start = len(BOM) if xml.startswith(BOM) else 0
        after = PROLOG.match(self.shadow, start)
        root = ROOT.match(self.shadow, after.end() if after else start)
        if not root or root[2] != b"worksheet":
            raise Broken("a sheet holds no cells")
        self.prefix = root[1] + b":" if root[1] else b""

    # --- where things stand ---

    @cached_property
    def data(self) -> tuple[int, int]:
        """Where the content of the rows' element begins and ends."""
        opening = re.compile(rb"<%ssheetData(?=[\s/>])%s>" % (self.prefix, ATTRIBUTES)).search(self.shadow)
        if not opening:
            raise Broken("a sheet has no sheetData")
        if opening[0].endswith(b"/>"):
            return opening.end(), opening.end()
        closing = self.shadow.find(b"</%ssheetData" % self.prefix, opening.end())
        return opening.end(), closing

    @cached_property
    def rows(self) -> dict[int, Row]:
        """The rows by number (from 1), in order."""
        first, last = self.data
        count = self.shadow.count(b"<%srow" % self.prefix, first, last)
        if count > MOST_ROWS:
            raise TooLarge(f"a sheet has {count:,} rows")
        tag = re.compile(rb"<%srow(?=[\s/>])%s>" % (self.prefix, ATTRIBUTES))
        found = list(tag.finditer(self.shadow, first, last))
        ends = [*(each.start() for each in found[1:]), last] if found else []
        rows: dict[int, Row] = {}
        number = 0
        for each, end in zip(found, ends, strict=True):
            given = attribute(each[0], "r")
            previous, number = number, _number(given) if given else number + 1
            if not previous < number <= LAST_ROW:
                raise Broken(f"row {number} is out of order")
            is_empty = each[0].endswith(b"/>")
            closed = each.end() if is_empty else self._closed(each.end(), end)
            rows[number] = Row(each.start(), each.end(), closed, is_empty)
        return rows

    def _closed(self, start: int, end: int) -> int:
        """Where the content of a row ends."""
        closing = self.shadow.rfind(b"</%srow" % self.prefix, start, end)
        if closing < 0:
            raise Broken("a row does not end")
        return closing

    @cached_property
    def _cell_tag(self) -> re.Pattern[bytes]:
        return re.compile(
            rb"<%sc(?=[\s/>])(%s)(?:/>|>(.*?)</%sc\s*>)" % (self.prefix, ATTRIBUTES, self.prefix), re.DOTALL
        )

    def cells_of(self, number: int) -> dict[str, CellXml]:
        """The cells of a row by address, from left to right."""
        if number not in self._cells:
            row = self.rows.get(number)
            self._cells[number] = {} if row is None else dict(self._cells_in(row, number))
        return self._cells[number]

    @cached_property
    def _cells(self) -> dict[int, dict[str, CellXml]]:
        return {}

    def _cells_in(self, row: Row, number: int) -> Iterator[tuple[str, CellXml]]:
        column = 0
        for found in self._cell_tag.finditer(self.shadow, row.opened, row.end):
            given = _address(found[1])
            previous, column = column, _column_of(given, number) if given else column + 1
            if column <= previous:
                raise Broken(f"the cell {given} is out of order")
            address = given or f"{letters(column)}{number}"
            yield address, CellXml(found.start(), found.end(), found[1], found.span(2))

    def cell(self, address: str) -> CellXml | None:
        """A cell by its address, such as C7."""
        return self.cells_of(place_of(address)[0]).get(address)

    @property
    def has_groups(self) -> bool:
        """Whether formulas may be shared by cells, or fill a range."""
        return any(kind in self.xml for kind in (b"shared", b"array", b"dataTable"))

    def group_formulas(self) -> Iterator[dict[str, str]]:
        """The attributes of array formulas and data tables: each fills a range."""
        if b"array" in self.xml or b"dataTable" in self.xml:
            for found in re.finditer(rb"<%sf(?=[\s/>])(%s)>" % (self.prefix, ATTRIBUTES), self.shadow):
                given = attributes(found[1])
                if given.get("t") in ("array", "dataTable"):
                    yield given

    def addresses(self) -> Iterator[str]:
        """All cells that the sheet writes down."""
        for number in self.rows:
            yield from self.cells_of(number)

    def formula_addresses(self) -> list[str]:
        """The cells that hold a formula."""
        return [
            address for number in self.rows for address, cell in self.cells_of(number).items() if self.formula(cell)
        ]

    # --- what things hold ---

    def inside(self, cell: CellXml, name: str) -> bytes | None:
        """The content of an element in a cell, as written; empty if the element is empty."""
        found = self._element(cell, name)
        return None if found is None else self.xml[found.start(2) : found.end(2)] if found.start(2) >= 0 else b""

    def formula(self, cell: CellXml) -> Formula | None:
        """A cell's formula element."""
        found = self._element(cell, "f")
        if found is None:
            return None
        text = self.xml[found.start(2) : found.end(2)] if found.start(2) >= 0 else b""
        if len(text) > LONGEST_FORMULA:
            raise Broken(f"a formula has {len(text):,} characters")
        start, end = found.span()
        return Formula(start, end, self.xml[start:end], attributes(found[1]), text)

    def after_value(self, cell: CellXml) -> bytes:
        """What follows formula and value in a cell, such as an extension list."""
        ends = [found.end() for name in ("f", "v", "is") if (found := self._element(cell, name))]
        return self.xml[max(ends, default=cell.body[0]) : cell.body[1]].strip() if cell.body[0] >= 0 else b""

    def _element(self, cell: CellXml, name: str) -> re.Match[bytes] | None:
        start, end = cell.body
        return self._pattern(name).search(self.shadow, start, end) if start >= 0 else None

    def _pattern(self, name: str) -> re.Pattern[bytes]:
        if name not in self._patterns:
            tag = self.prefix + name.encode()
            self._patterns[name] = re.compile(
                rb"<%s(?=[\s/>])(%s)(?:/>|>(.*?)</%s\s*>)" % (tag, ATTRIBUTES, tag), re.DOTALL
            )
        return self._patterns[name]

    @cached_property
    def _patterns(self) -> dict[str, re.Pattern[bytes]]:
        return {}

    def inline_text(self, cell: CellXml) -> str:
        """The text that a cell holds itself."""
        found = self._element(cell, "is")
        return text_within(self.xml, self.shadow, self.prefix, *found.span(2)) if found and found.start(2) >= 0 else ""


# --- addresses ---


def place_of(address: str) -> tuple[int, int]:
    """Row and column (from 1) of an address."""
    found = ADDRESS.fullmatch(address)
    place = (int(found[2]), column_number(found[1])) if found else (0, 0)
    if not (1 <= place[0] <= LAST_ROW and 1 <= place[1] <= LAST_COLUMN):
        raise Broken(f"{address!r} is no cell")
    return place


@functools.lru_cache(LAST_COLUMN)
def column_number(text: str) -> int:
    """The place of a column's letters, from 1."""
    place = 0
    for letter in text:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place


@functools.lru_cache(LAST_COLUMN)
def letters(column: int) -> str:
    """The letters of a column: 1 is A, 27 is AA."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def attributes(tag: bytes) -> dict[str, str]:
    """The attributes of a tag, as written: none that are read here hold escaped characters."""
    return {found[1].decode(): (found[2] or found[3] or b"").decode() for found in ATTRIBUTE.finditer(tag)}


def attribute(tag: bytes, name: str) -> str | None:
    """One attribute of a tag, as written."""
    if b"'" in tag:  # a value may hold what looks like an attribute, in the other quotes
        return attributes(tag).get(name)
    found = _attribute_named(name).search(tag)
    return found[1].decode() if found else None


@functools.cache
def _attribute_named(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"""\s%s\s*=\s*"([^"]*)\"""" % re.escape(name.encode()))


def without(tag: bytes, names: Iterable[str]) -> bytes:
    """A tag's attributes less some."""
    gone = {name.encode() for name in names}
    return ATTRIBUTE.sub(lambda found: b"" if found[1] in gone else found[0], tag)


def _address(tag: bytes) -> str | None:
    """A cell's address, which most programs write first."""
    if tag.startswith(FIRST):
        return tag[len(FIRST) : tag.index(b'"', len(FIRST))].decode()
    return attribute(tag, "r")


def _column_of(address: str, row: int) -> int:
    column = _checked_column(address.removesuffix(str(row)))
    if not column:
        raise Broken(f"a cell in row {row} has the address {address!r}")
    return column


@functools.lru_cache(LAST_COLUMN)
def _checked_column(text: str) -> int:
    """The place of a column's letters; 0 if they are none."""
    is_text = text.isascii() and text.isalpha() and text.isupper() and len(text) <= 3
    column = column_number(text) if is_text else 0
    return column if column <= LAST_COLUMN else 0


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Broken(f"a row has the number {text!r}")
    return int(text)


# --- texts ---


def text_within(xml: bytes, shadow: bytes, prefix: bytes, start: int, end: int) -> str:
    """A text in one piece or in formatted runs; how to pronounce it is left out."""
    spoken, piece = _text_patterns(prefix)
    silent = [found.span() for found in spoken.finditer(shadow, start, end)]
    pieces = [
        characters(xml[found.start(1) : found.end(1)])
        for found in piece.finditer(shadow, start, end)
        if found.start(1) >= 0 and not any(first <= found.start() < last for first, last in silent)
    ]
    return unescaped("".join(pieces))


@functools.cache
def _text_patterns(prefix: bytes) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    spoken, text = prefix + b"rPh", prefix + b"t"
    return (
        re.compile(rb"<%s(?=[\s/>])%s(?:/>|>.*?</%s\s*>)" % (spoken, ATTRIBUTES, spoken), re.DOTALL),
        re.compile(rb"<%s(?=[\s/>])%s(?:/>|>(.*?)</%s\s*>)" % (text, ATTRIBUTES, text), re.DOTALL),
    )


class SharedTexts:
    """The texts that cells share, by number; found where they stand, and read one by one."""

    def __init__(self, xml: bytes) -> None:
        refuse(xml)
        self.xml, self.shadow = xml, elements_only(xml)
        root = re.search(rb"<(?:([\w.-]+):)?sst(?=[\s/>])", self.shadow)
        self.prefix = root[1] + b":" if root and root[1] else b""
        tag = rb"<%ssi(?=[\s/>])" % self.prefix
        self.starts = array("Q", (found.start() for found in re.finditer(tag, self.shadow)))
        self.known: dict[int, str] = {}

    def __getitem__(self, number: int) -> str:
        if number not in self.known:
            self.known[number] = self._read(number)
        return self.known[number]

    def _read(self, number: int) -> str:
        if not 0 <= number < len(self.starts):
            raise LookupError(f"there is no shared text {number}")
        end = self.starts[number + 1] if number + 1 < len(self.starts) else len(self.xml)
        return text_within(self.xml, self.shadow, self.prefix, self.starts[number], end)


# --- refusing ---


def refuse(xml: bytes) -> None:
    """XML that is not well-formed UTF-8 without a document type definition."""
    if not is_utf8(xml):
        raise Broken("a sheet is not written in UTF-8")
    if b"<!DOCTYPE" in xml:
        raise Broken("it holds a document type definition")
    try:
        ParserCreate().Parse(xml, True)
    except ExpatError as error:
        raise Broken(f"the XML of a sheet is damaged: {error}") from None


def elements_only(xml: bytes) -> bytes:
    """The same bytes with comments, character data and instructions blanked."""
    if b"<!" in xml or xml.find(b"<?", len(BOM) + 1) >= 0:
        return NOT_ELEMENTS.sub(lambda found: b" " * len(found[0]), xml)
    return xml
