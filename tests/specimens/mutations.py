"""Seeded damage to a good workbook: to the bytes of the zip, or to one part that is then packed soundly again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from random import Random

from specimens.book import STYLES, WORKBOOK
from specimens.tampered import INPUTS, RELATIONS, TEXTS, part_of
from specimens.zips import Entry, entries, stored, zipped

Damage = Callable[[Random, bytes], bytes]
ZIP = "zip"
TARGETS = (ZIP, WORKBOOK, INPUTS, "Assumptions", "About", TEXTS, STYLES, RELATIONS)
MOST_AT_ONCE, LONGEST = 6, 40
VALUE = re.compile(rb'="([^"<]*)"|>([^<>]*)<')
"""What stands in an attribute or between tags."""
TAG = re.compile(rb"<[^>]*>")
TOKENS = re.findall(
    r"\S+",
    "0 -1 1e400 -1e400 NaN INF 1_0 0x10 ٣ 4294967295 99999999999999999999 TRUE true #REF! #N/A s b d e n str inlineStr "
    "shared array A0 A1 a1 XFD1048576 ZZZZZZZZ1 Inputs!$A$1:$XFD$1048576 Inputs!$A$1:$ZZZZZZ$1 Nowhere!$A$1 C6 =C6 "
    "Inputs!C6 SUM(A1:C1) ../../x /xl/workbook.xml http://x/ x:y { {}x \u202e é _x0000_ _x005F_ &#0; &#10; &lt; &x; "
    "<x/> <!-- ]]> SUM(&quot; 1+(2 'x!A1 [1]x!A1 {1;2 $XFD$1048576 A1:B2 _x001B_",
)
"""What has gone wrong in some program before."""


def change(random: Random, data: bytes) -> bytes:
    """One byte, or some in a row, are others."""
    at, length = random.randrange(len(data)), random.choice((1, 1, 1, 2, 4, 8))
    return data[:at] + random.randbytes(len(data[at : at + length])) + data[at + length :]


def flip(random: Random, data: bytes) -> bytes:
    """One bit is another."""
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def delete(random: Random, data: bytes) -> bytes:
    """Some bytes are gone."""
    at = random.randrange(len(data))
    return data[:at] + data[at + random.randrange(1, LONGEST) :]


def insert(random: Random, data: bytes) -> bytes:
    """Some bytes came in."""
    at = random.randrange(len(data))
    return data[:at] + random.randbytes(random.randrange(1, LONGEST)) + data[at:]


def swap(random: Random, data: bytes) -> bytes:
    """Two blocks changed places."""
    a, b, c = sorted(random.randrange(len(data)) for _ in range(3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def repeat(random: Random, data: bytes) -> bytes:
    """A block is there twice."""
    at = random.randrange(len(data))
    return data[: at + LONGEST] + data[at:]


def value(random: Random, data: bytes) -> bytes:
    """An attribute or a text is another."""
    found = random.choice(list(VALUE.finditer(data)) or [None])
    if found is None:
        return data
    start, end = found.span(1 if found[1] is not None else 2)
    return data[:start] + random.choice(TOKENS).encode() + data[end:]


def borrow(random: Random, data: bytes) -> bytes:
    """An attribute or a text is that of another place."""
    places = list(VALUE.finditer(data))
    if not places:
        return data
    to, other = random.choice(places), random.choice(places)
    start, end = to.span(1 if to[1] is not None else 2)
    return data[:start] + (other[1] or other[2] or b"") + data[end:]


def untag(random: Random, data: bytes) -> bytes:
    """A tag is gone."""
    found = random.choice(list(TAG.finditer(data)) or [None])
    return data if found is None else data[: found.start()] + data[found.end() :]


OF_BYTES: tuple[Damage, ...] = (change, change, flip, delete, insert, swap, repeat)
OF_XML: tuple[Damage, ...] = (*OF_BYTES, *(value, borrow) * 5, untag)


@dataclass(frozen=True)
class Fuzzed:
    """A good workbook to be damaged, its parts at hand."""

    book: bytes

    @cached_property
    def entries(self) -> dict[str, Entry]:
        return entries(self.book)

    @cached_property
    def parts(self) -> dict[str, Entry]:
        """The parts that are damaged, by what they are called here."""
        return {where: self.entries[part_of(self.book, where)] for where in TARGETS if where != ZIP}

    @cached_property
    def directory(self) -> int:
        """Where the list of the parts starts."""
        return self.book.index(b"PK\x01\x02")

    def damaged(self, seed: int) -> tuple[str, bytes]:
        """What was damaged, and the damaged workbook; equal for equal seeds."""
        random = Random(seed)
        where = random.choice(TARGETS)
        if where == ZIP:
            return where, self._zip(random)
        name = self.parts[where].name.decode()
        damaged = stored(name, several(random, OF_XML, self.parts[where].content))
        return where, zipped((self.entries | {name: damaged}).values())

    def _zip(self, random: Random) -> bytes:
        """Half of the damage is to the directory, where a byte means more than in a packed part."""
        at = self.directory if random.random() < 0.5 else 0
        return self.book[:at] + several(random, OF_BYTES, self.book[at:])


def several(random: Random, kinds: tuple[Damage, ...], data: bytes) -> bytes:
    """One damage, or a few."""
    for _ in range(1 if random.random() < 0.6 else random.randrange(2, MOST_AT_ONCE)):
        data = random.choice(kinds)(random, data) or b"x"
    return data
