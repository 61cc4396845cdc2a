"""Where the rows and cells of a sheet stand, found by a parser, to compare two versions of a sheet byte by byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers.expat import ParserCreate

from openpyxl.utils import coordinate_to_tuple, get_column_letter

TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
EMPTY_ROW = re.compile(rb"></(?:\w+:)?row>")


@dataclass
class Outline:
    """The bytes of each cell by address, and of each row by number, in the order of the file."""

    xml: bytes
    cells: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._row = self._column = 0
        self._open: list[int] = []
        self._parser = ParserCreate()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._parser.Parse(self.xml, True)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name, given = tag.rpartition(":")[2], attributes.get("r")
        if name == "row":
            self._row, self._column = int(given or self._row + 1), 0
        elif name == "c":
            row, self._column = coordinate_to_tuple(given) if given else (self._row, self._column + 1)
            assert row == self._row, f"{given} is in row {self._row}"
        self._open.append(self._parser.CurrentByteIndex)

    def _end(self, tag: str) -> None:
        name, start = tag.rpartition(":")[2], self._open.pop()
        if name == "c":
            address = f"{get_column_letter(self._column)}{self._row}"
            assert address not in self.cells, f"{address} is there twice"
            self.cells[address] = (start, self._stop(start))
        elif name == "row":
            assert self._row not in self.rows, f"row {self._row} is there twice"
            self.rows[self._row] = (start, self._stop(start))

    def _stop(self, start: int) -> int:
        """Where the element ends that ends now."""
        tag = TAG.match(self.xml, start)
        assert tag
        last = tag if tag[0].endswith(b"/>") else TAG.match(self.xml, self._parser.CurrentByteIndex)
        assert last
        return last.end()

    @property
    def places(self) -> list[tuple[int, int]]:
        """Row and column of each cell, in the order of the file."""
        return [coordinate_to_tuple(address) for address in self.cells]

    def cell(self, address: str) -> bytes:
        """A cell's XML."""
        start, end = self.cells[address]
        return self.xml[start:end]

    def without(self, addresses: Iterable[str], rows: Iterable[int] = ()) -> bytes:
        """The sheet less these cells and rows; a row that is empty then is spelled in one tag."""
        spans = [self.rows[number] for number in rows]
        spans += [span for at in addresses if (span := self.cells.get(at)) and coordinate_to_tuple(at)[0] not in rows]
        pieces, end = [], 0
        for start, stop in sorted(spans):
            pieces.append(self.xml[end:start])
            end = stop
        return EMPTY_ROW.sub(b"/>", b"".join([*pieces, self.xml[end:]]))


def same_but(before: bytes, after: bytes, addresses: Iterable[str]) -> bool:
    """Whether nothing but these cells changed. New rows hold nothing else."""
    old, new, changed = Outline(before), Outline(after), list(addresses)
    return old.without(changed) == new.without(changed, new.rows.keys() - old.rows.keys())
