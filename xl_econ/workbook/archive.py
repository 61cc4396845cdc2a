"""Archive: the zip around a workbook. Refuses hostile files; copies untouched parts as they are packed."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from copy import copy

LARGEST_PART = 24_000_000
"""Bytes of one unpacked part that is read: a sheet of 200,000 formulas has fewer."""
LARGEST_TREE, MOST_ELEMENTS = 8_000_000, 100_000
"""Bytes and elements of a part that becomes a tree in memory: the list of sheets and names, relationships."""
MOST_STYLES = 200_000
"""Elements of the styles, which do not."""
LARGEST_BOOK = 1_000_000_000
"""Bytes of all parts unpacked; parts that are only copied are never unpacked."""
MOST_PARTS = 20_000
TIGHTEST, LOOSE_BELOW = 200, 1_000_000
"""A part that unpacks to more than its packed size times this is a bomb; small parts may."""
LOCAL_HEADER = 30
COMPRESSED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
LEVEL = 5
UNSAFE = re.compile(r"^[/\\]|^[A-Za-z]:|\\|(^|/)\.\.(/|$)")
DESCRIPTOR_FOLLOWS = 0x08
ENCRYPTED = 0x01

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
OTHER_FILES = (
    (b"\x89PNG", "it is a PNG picture"),
    (b"\xff\xd8\xff", "it is a JPEG picture"),
    (b"%PDF", "it is a PDF document"),
    (b"{\\rtf", "it is an RTF document"),
    (b"<", "it is a web page or an XML file"),
)


class Broken(ValueError):
    """The file is no workbook that can be read; the message says why."""


class TooLarge(Broken):
    """More than we read: a sheet of ours never is, another person's may be."""


class Archive:
    """The parts of a workbook, by name. Raises Broken for what is no workbook or means harm."""

    def __init__(self, book: bytes) -> None:
        _refuse_other_files(book)
        self.book = book
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(book))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError, EOFError) as error:
            raise Broken(f"its zip archive is damaged: {error}") from None
        self.items = {item.filename: item for item in self.zip.infolist()}
        _refuse_hostile(self.zip.infolist())

    def __contains__(self, name: str) -> bool:
        return name in self.items

    def read(self, name: str) -> bytes:
        """A part, unpacked."""
        if name not in self.items:
            raise Broken(f"the part {name} is missing")
        size = self.items[name].file_size
        if size > LARGEST_PART:
            raise TooLarge(f"the part {name} is too large ({size:,} bytes)")
        try:
            with self.zip.open(name) as part:
                return part.read(size)  # no more, whatever it unpacks to
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            raise Broken(f"the part {name} is damaged: {error}") from None

    def replaced(self, parts: Mapping[str, bytes]) -> bytes:
        """The archive with other content in these parts; all others are copied as they are packed.

        A part that becomes empty is dropped.
        """
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as new:
            for item in self.zip.infolist():
                if parts.get(item.filename) == b"":
                    continue
                if item.filename in parts:
                    new.writestr(_plain(item), parts[item.filename], zipfile.ZIP_DEFLATED, LEVEL)
                else:
                    self._copy(item, new)
            new.comment = self.zip.comment
        return out.getvalue()

    def _copy(self, item: zipfile.ZipInfo, new: zipfile.ZipFile) -> None:
        """A part as it is packed, with its sizes in its header: neither unpacked nor packed again."""
        assert new.fp is not None
        start = item.header_offset + _header_length(self.book, item)
        item = _plain(item)
        item.header_offset = new.start_dir
        new.fp.seek(new.start_dir)
        new.fp.write(item.FileHeader() + self.book[start : start + item.compress_size])
        new.filelist.append(item)
        new.NameToInfo[item.filename] = item
        new.start_dir = new.fp.tell()


def _plain(item: zipfile.ZipInfo) -> zipfile.ZipInfo:
    """A part's entry without the forms that only a stream or a huge archive needs."""
    item = copy(item)
    item.flag_bits &= ~DESCRIPTOR_FOLLOWS
    item.extra = b""
    return item


def _header_length(book: bytes, item: zipfile.ZipInfo) -> int:
    """Bytes of a part's own header: it may have another extra field than the directory."""
    header = book[item.header_offset : item.header_offset + LOCAL_HEADER]
    if len(header) < LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise Broken(f"the part {item.filename} has no header")
    name, extra = struct.unpack("<HH", header[26:])
    return LOCAL_HEADER + name + extra


def _refuse_other_files(book: bytes) -> None:
    if book.startswith(OLE):
        if ENCRYPTED_PACKAGE in book:
            raise Broken("it is encrypted. Take the password off in Excel (File, Info) and save")
        raise Broken("it is a workbook of Excel 97-2003 (.xls)")
    start = book[:200].lstrip(b"\xef\xbb\xbf \t\r\n")
    for signature, what in OTHER_FILES:
        if start.startswith(signature):
            raise Broken(what)
    if not book.startswith(b"PK"):
        raise Broken("it is empty" if not book else "it is no zip archive, as a workbook is")


def _refuse_hostile(items: list[zipfile.ZipInfo]) -> None:
    """What no program writes: parts that repeat, overlap, climb out, are encrypted or unpack without end."""
    if len(items) > MOST_PARTS or sum(item.file_size for item in items) > LARGEST_BOOK:
        raise Broken("it unpacks to far more than any workbook")
    seen: set[str] = set()
    for item in items:
        if item.filename.casefold() in seen:
            raise Broken(f"the part {item.filename} is there twice")
        seen.add(item.filename.casefold())
        _refuse_part(item)
    _refuse_overlap(items)


def _refuse_part(item: zipfile.ZipInfo) -> None:
    name = item.filename
    if UNSAFE.search(name) or UNSAFE.search(item.orig_filename):
        raise Broken(f"the part {name!r} leads out of the archive")
    if item.flag_bits & ENCRYPTED:
        raise Broken(f"the part {name} is encrypted")
    if item.compress_type not in COMPRESSED:
        raise Broken(f"the part {name} is packed in a way that no workbook is")
    if item.file_size > max(LOOSE_BELOW, TIGHTEST * item.compress_size):
        raise Broken(f"the part {name} unpacks to far more than any part of a workbook ({item.file_size:,} bytes)")


def _refuse_overlap(items: list[zipfile.ZipInfo]) -> None:
    end = 0
    for item in sorted(items, key=lambda item: item.header_offset):
        if item.header_offset < end:
            raise Broken(f"the part {item.filename} lies inside another one")
        end = item.header_offset + LOCAL_HEADER + item.compress_size
