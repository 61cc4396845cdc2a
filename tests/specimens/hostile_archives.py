"""Files that are no workbook at all, and archives that lie, repeat, overlap or unpack without end."""

from __future__ import annotations

from dataclasses import replace

from specimens.book import TYPES, WORKBOOK
from specimens.package import OLE
from specimens.tampered import (
    INPUTS,
    RELATIONS,
    STYLES,
    TEXTS,
    Hostile,
    Maker,
    added,
    after,
    as_excel_saves,
    edited,
    lies,
    part_of,
    parts,
)
from specimens.zips import ENCRYPTED, MB, NOISE, Entry, bomb, entries, entry, nest, stored, zipped

ZEROS, SPACES = bytes(MB), b" " * MB
TEXT = (NOISE + "😀".encode()).ljust(MB)
"""Packs 150 times smaller, where blanks pack a thousand times smaller; one character makes Python take four bytes for
each."""
TAGS = NOISE + b"<x/>" * (MB // 4 - 2_000)
LZMA, UNHEARD_OF = 14, 77
NO_ARCHIVE = "workbook"
"""Said of what is no archive: that it is no workbook."""


# --- bombs -------------------------------------------------------------------------------------


def within(where: str, unit: bytes, times: int) -> Maker:
    """A part with a bomb between the start of its root and the rest."""

    def make(book: bytes) -> bytes:
        name = part_of(book, where)
        content = entries(book)[name].content
        at = content.index(b">", content.index(b"?>") + 2) + 1
        return parts(name, lambda _: [bomb(name, unit, times, content[:at], content[at:])])(book)

    return make


def lying_bomb(where: str) -> Maker:
    """A bomb that says it is small."""
    return parts(where, lambda part: [replace(bomb("", ZEROS, 5_000), name=part.name, size=1_000)])


def more_behind(where: str) -> Maker:
    """A good part whose stream goes on behind its end: 5 GB that neither its size nor its sum knows of."""

    def change(part: Entry) -> list[Entry]:
        whole = bomb("", SPACES, 5_000, part.content)
        return [replace(part, packed=whole.packed)]

    return parts(where, change)


def nested(book: bytes) -> bytes:
    """The sheet of inputs among parts that lie inside one another and unpack to 200 MB together."""
    names = [f"xl/media/image{number}.png" for number in range(200)]
    return zipped(entries(book).values(), nest(names, entry("xl/media/image.png", TEXT), TEXT))


# --- archives that are damaged or lie ----------------------------------------------------------


def cut(share: float) -> Maker:
    """The first part of the file, as when the network fails."""
    return lambda book: book[: int(len(book) * share)]


def without_directory(book: bytes) -> bytes:
    """The middle of the directory at the end is gone; what says where it starts is still there."""
    start, end = book.index(b"PK\x01\x02"), book.rindex(b"PK\x05\x06")
    return book[: start + 100] + book[end - 100 :]


def garbled(where: str) -> Maker:
    """Bytes in the middle of a packed part are others."""

    def change(part: Entry) -> list[Entry]:
        middle = len(part.packed) // 2
        return [replace(part, packed=part.packed[:middle] + b"\xff" * 40 + part.packed[middle + 40 :])]

    return parts(where, change)


def other_flag(book: bytes) -> bytes:
    """Every part is marked as encrypted, which zip programs of today do with a password."""
    return zipped(replace(part, flags=ENCRYPTED) for part in entries(book).values())


# --- other kinds of files ----------------------------------------------------------------------


def ole(*names: str) -> Maker:
    """An OLE file with these streams: the header, a sector of allocations and one of the directory."""
    lines = b"".join(name.encode("utf-16-le").ljust(128, b"\0") for name in ("Root Entry", *names))
    return lambda _: OLE.ljust(512, b"\0") + b"\xff" * 512 + lines.ljust(2048, b"\0")


def constant(content: bytes) -> Maker:
    """A file that has nothing to do with the workbook."""
    return lambda _: content


def archive(**files: str) -> Maker:
    """A zip with other things in it; two underscores stand for the slash, one for the dot."""
    names = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    return lambda _: zipped(stored(name, text.encode()) for name, text in names.items())


def binary(book: bytes) -> bytes:
    """An .xlsb: its parts are binary records, and the workbook is not where it is in an .xlsx."""
    start = entries(book)["_rels/.rels"].content.replace(b"workbook.xml", b"workbook.bin")
    records = {"xl/workbook.bin": b"\x83\x01\x00", "xl/styles.bin": b"\x96\x02\x00"}
    return zipped([entries(book)[TYPES], *(entry(*part) for part in ({"_rels/.rels": start} | records).items())])


BOMBS = {
    "bomb of 5 GB in the inputs": Hostile(
        parts(INPUTS, lambda part: [bomb(part.name.decode(), ZEROS, 5_000)]),
        "unpacks|large|sheet",
        "Zeros pack a thousand times smaller; whoever unpacks them has no memory left.",
        worst=True,
    ),
    "300 MB of blanks in the inputs": Hostile(
        within(INPUTS, SPACES, 300), "sheet|part", "The XML is good, only far too long.", worst=True
    ),
    "100 MB of blanks in the texts": Hostile(
        within(TEXTS, SPACES, 100), "sharedStrings", "The same, less at once, in what all sheets share.", worst=True
    ),
    "50 MB of blanks in the workbook": Hostile(
        within(WORKBOOK, SPACES, 50), "workbook", "A part of its own kind that is always read.", worst=True
    ),
    "bomb that says it is small": Hostile(
        lying_bomb(INPUTS), "damaged|CRC|size|sheet", "The size in the directory is a claim, no fact.", worst=True
    ),
    "small part that says it is large": Hostile(
        lies(INPUTS, size=10_000_000_000),
        "large|unpacks|sheet",
        "Whoever makes room for what it says has no memory left.",
    ),
    "parts inside one another": Hostile(
        nested, "inside|overlap|Overlap", "A small file that unpacks to any size without a tight packing.", worst=True
    ),
}

ARCHIVES = {
    **{
        f"first {share:.1%} of the file": Hostile(cut(share), "zip|damaged", "A download broke off.")
        for share in (0.001, 0.1, 0.5, 0.9, 0.99, 0.999)
    },
    "directory cut": Hostile(without_directory, "zip|damaged", "The list of the parts is damaged."),
    "packed bytes garbled": Hostile(garbled(INPUTS), "sheet|part", "A bad disk, or a bad transfer."),
    "packed texts garbled": Hostile(
        after(as_excel_saves, garbled(TEXTS)), "sharedStrings", "The same where many cells look."
    ),
    "wrong sum": Hostile(lies(INPUTS, crc=12345), "CRC|damaged", "The content is not what was packed."),
    "unheard-of packing": Hostile(lies(INPUTS, method=UNHEARD_OF), "sheet|part|compression", "Nothing unpacks it."),
    "packing that no workbook has": Hostile(
        lies(INPUTS, method=LZMA), "sheet|part|compression", "It fails its own way."
    ),
    "encrypted parts": Hostile(other_flag, "encrypted|password", "A zip program put a password on it."),
    "two workbooks": Hostile(
        parts(WORKBOOK, lambda part: [part, part]), "twice|two|duplicate", "Excel may read the one, Python the other."
    ),
    "two workbooks but for the case": Hostile(
        parts(WORKBOOK, lambda part: [part, replace(part, name=b"XL/Workbook.xml")]),
        "twice|two|duplicate",
        "Names of parts are equal whatever their case.",
    ),
    "a terminal's codes twice": Hostile(
        added(*[stored("xl/\x1b[2J\x1b[31m", b"")] * 2), "twice|two|duplicate", "A zip takes any name for a part."
    ),
    "another name before the data": Hostile(
        lies(INPUTS, first_name=b"xl/worksheets/evil1.xml"), "differ|damaged|part", "Two programs see two parts."
    ),
    "a name that is no text": Hostile(
        lies(INPUTS, name=b"xl/worksheets/\xff\xfe\xfa.xml", flags=0x800), "zip|damaged|part", "It says it is UTF-8."
    ),
    **{
        f"path {path}": Hostile(
            added(entry(path, b"evil")), "leads out|outside|path|name", "Whoever unpacks it to disk overwrites a file."
        )
        for path in ("../../evil", "/etc/evil", "C:\\evil", "xl\\..\\..\\evil", "xl/../../evil")
    },
    **{
        f"no {part}": Hostile(parts(part, lambda _: []), "missing|no item|no workbook", "Half of a workbook.")
        for part in (WORKBOOK, RELATIONS, INPUTS)
    },
    "no texts": Hostile(
        after(as_excel_saves, parts(TEXTS, lambda _: [])),
        "sharedStrings|text|C[0-9]",
        "A cell looks for its text there.",
    ),
    "workbook empty": Hostile(edited(WORKBOOK, lambda _: b""), "workbook", "There is nothing in it."),
}

OTHER_FILES = {
    "encrypted workbook": Hostile(
        ole("EncryptionInfo", "EncryptedPackage"), "password", "Excel's own password; the fix is to take it off."
    ),
    "old .xls": Hostile(ole("Workbook"), r"\.xls\b|97", "The format of Excel 97 to 2003."),
    "binary .xlsb": Hostile(binary, r"\.xlsb\b|binary", "Excel opens it, so a person wonders why we do not."),
    ".ods": Hostile(
        archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml="<office/>"),
        r"\.ods\b|OpenDocument|no workbook",
        "LibreOffice's own format.",
    ),
    ".docx": Hostile(
        archive(word__document_xml="<w:document/>"),
        "Word|no workbook|workbook.xml",
        "The same packaging, another program.",
    ),
    "zip of pictures": Hostile(archive(holiday_jpg="a picture"), NO_ARCHIVE, "A zip, and nothing of ours in it."),
    "zip with nothing in it": Hostile(archive(), NO_ARCHIVE, "22 bytes."),
    "picture": Hostile(constant(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), NO_ARCHIVE, "Renamed, or the wrong attachment."),
    "empty file": Hostile(constant(b""), "empty", "A download that never started."),
    "one byte": Hostile(constant(b"P"), NO_ARCHIVE, "A download that only started."),
    "CSV": Hostile(constant(b"llm,tensor_parallel\nllama-3.1-8b,1\n"), NO_ARCHIVE, "Exported, then renamed."),
    "HTML": Hostile(
        constant(b"\xef\xbb\xbf<!DOCTYPE html><html><body>Please sign in</body></html>"),
        "web page|HTML|zip",
        "The page of a log-in saved in place of the file.",
    ),
    "Excel's lock file": Hostile(
        constant(b"\x05Alice".ljust(55, b" ") + b"\x05\0A\0l\0i\0c\0e\0".ljust(110, b" ")),
        NO_ARCHIVE,
        "~$deal.xlsx lies beside an open workbook, and patterns for files catch it.",
    ),
}

HOSTILE = {**BOMBS, **ARCHIVES, **OTHER_FILES}
EITHER = {
    "no styles": Hostile(parts(STYLES, lambda _: []), "", "No cell shows a date then."),
    "5 GB behind the end of the inputs": Hostile(more_behind(INPUTS), "", "What the size covers is good.", worst=True),
    **{
        f"{what} in {where}": Hostile(after(as_excel_saves, within(where, unit, 40)), "", why, worst=True)
        for what, unit, why in (
            ("40 MB of text", TEXT, "It packs no better than a good part may: only its length is unusual."),
            ("10 million elements", TAGS, "40 MB, and each element takes many times the memory that its tag does."),
        )
        for where in (WORKBOOK, INPUTS, TEXTS, STYLES, RELATIONS)
    },
    "5 GB in a picture": Hostile(
        added(bomb("xl/media/image1.png", ZEROS, 5_000)), "", "A part that reading has no need of.", worst=True
    ),
    "20,000 parts": Hostile(
        added(*(stored(f"xl/media/image{number}.png", b"") for number in range(20_000))), "", "Each small."
    ),
}
