"""Zip archives byte by byte, so that they may lie about sizes, sums, flags, methods and names, or never end."""

from __future__ import annotations

import functools
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from string import ascii_letters

STORED, DEFLATED = 0, 8
ENCRYPTED, UTF8 = 0x01, 0x800
MB = 1 << 20
NOISE = "".join(Random(1).choices(ascii_letters, k=8_000)).encode()
"""Does not pack well."""
LAST_BLOCK = b"\x03\x00"
"""An empty block that ends a deflated stream."""
FULL = 0xFFFFFFFF
"""Stands for a size that the 64-bit field has."""
LOCAL, CENTRAL, END = "<4s5H3I2H", "<4s6H3I5H2I", "<4s4H2IH"
VERSION, VERSION_64, MIDNIGHT = 20, 45, 0x21


@dataclass(frozen=True)
class Entry:
    """One part, packed already. What it says of itself need not be true."""

    name: bytes
    packed: bytes
    crc: int
    size: int
    method: int = DEFLATED
    flags: int = 0
    first_name: bytes | None = None
    """The name before the data, where it is another than the directory's."""

    @property
    def content(self) -> bytes:
        """What it unpacks to."""
        return zlib.decompress(self.packed, -zlib.MAX_WBITS) if self.method == DEFLATED else self.packed

    @property
    def local(self) -> bytes:
        """The header before the data, and the data."""
        name, extra = self.first_name or self.name, self._extra
        head = struct.pack(LOCAL, b"PK\x03\x04", *self._facts, len(name), len(extra))
        return head + name + extra + self.packed

    def central(self, offset: int) -> bytes:
        """The line in the directory at the end."""
        extra, lengths = self._extra, (len(self.name), len(self._extra), 0, 0, 0, 0)
        return struct.pack(CENTRAL, b"PK\x01\x02", VERSION, *self._facts, *lengths, offset) + self.name + extra

    @property
    def _extra(self) -> bytes:
        return struct.pack("<HHQ", 1, 8, self.size) if self.size >= FULL else b""

    @property
    def _facts(self) -> tuple[int, ...]:
        version = VERSION_64 if self.size >= FULL else VERSION
        sizes = (self.crc, len(self.packed), min(self.size, FULL))
        return (version, self.flags, self.method, 0, MIDNIGHT, *sizes)


def entry(name: str, content: bytes) -> Entry:
    """An honest part."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Entry(name.encode(), packer.compress(content) + packer.flush(), zlib.crc32(content), len(content))


def stored(name: str, content: bytes) -> Entry:
    """An honest part, not compressed."""
    return Entry(name.encode(), content, zlib.crc32(content), len(content), STORED)


def entries(book: bytes) -> dict[str, Entry]:
    """The parts of an archive by name, as they are packed."""
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        return {item.filename: _packed(book, item) for item in file.infolist()}


def _packed(book: bytes, item: zipfile.ZipInfo) -> Entry:
    lengths = struct.unpack_from("<HH", book, item.header_offset + 26)
    start = item.header_offset + struct.calcsize(LOCAL) + sum(lengths)
    data = book[start : start + item.compress_size]
    return Entry(item.filename.encode(), data, item.CRC, item.file_size, item.compress_type)


def zipped(parts: Iterable[Entry], nested: Sequence[Entry] = ()) -> bytes:
    """An archive of these parts, in this order; then those that lie inside one another, the innermost given first."""
    out, directory = bytearray(), list[bytes]()
    for part in parts:
        directory.append(part.central(len(out)))
        out += part.local
    out += nested[-1].local if nested else b""
    directory += [part.central(len(out) - len(part.local)) for part in nested]
    lines = b"".join(directory)
    return bytes(out) + lines + _end(len(directory), len(lines), len(out))


def _end(count: int, length: int, offset: int) -> bytes:
    return struct.pack(END, b"PK\x05\x06", 0, 0, count, count, length, offset, 0)


# --- bombs ---


@functools.cache
def bomb(name: str, unit: bytes, times: int, head: bytes = b"", tail: bytes = b"") -> Entry:
    """A part of `unit` many times between head and tail. Only one unit is ever in memory, and the part is honest."""
    crc = zlib.crc32(head)
    for _ in range(times):
        crc = zlib.crc32(unit, crc)
    packed = _block(head) + _block(unit) * times + _block(tail) + LAST_BLOCK
    return Entry(name.encode(), packed, zlib.crc32(tail, crc), len(head) + len(unit) * times + len(tail))


def _block(content: bytes) -> bytes:
    """A piece of a deflated stream that needs no piece before it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush(zlib.Z_FULL_FLUSH)


def nest(names: Iterable[str], kernel: Entry, content: bytes) -> list[Entry]:
    """Parts that lie inside one another: each is the header of the one before it as data, then all of its data."""
    parts = [kernel]
    for name in names:
        inner = parts[-1]
        header = inner.local.removesuffix(inner.packed)
        length = struct.pack("<HH", len(header), len(header) ^ 0xFFFF)
        content = header + content
        parts.append(Entry(name.encode(), b"\x00" + length + inner.local, zlib.crc32(content), len(content)))
    return parts
