"""Cells: how the content of a cell is written in XML, and read from it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.parsers.expat import ExpatError, ParserCreate
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring as defused

from xl_econ.workbook.archive import LARGEST_TREE, MOST_ELEMENTS, MOST_STYLES, Broken, TooLarge

DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""The number formats that every Excel has and that show a date or a time."""
NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
"""Text, colours and locales in a format's code."""
DAY_0, DAY_0_OF_MACS = datetime(1899, 12, 30), datetime(1904, 1, 1)
"""The day 0 of a workbook, and of one that began on an old Macintosh."""
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
MARK = "\0"
"""Stands for the first sign of an escape that we make, until those that a text only seems to hold are told apart."""
LOOKS_ESCAPED = re.compile(f"_(?=x[0-9A-Fa-f]{{4}}[_{MARK}])")
NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_PLAIN = re.compile(rb"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->|<\?.*?\?>", re.DOTALL)
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
ENTITY = re.compile(r"&(#[xX]?[0-9a-fA-F]+|[a-z]+);")
BOM = b"\xef\xbb\xbf"
ENCODING = re.compile(rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)""")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


def parsed(xml: bytes) -> Element:
    """The root of an XML part. A document type definition, which could blow up, is refused."""
    try:
        stop_at(xml, MOST_ELEMENTS)
        if not is_utf8(xml):
            return defused(xml, forbid_dtd=True)
        if b"<!DOCTYPE" in xml:
            raise Broken("it holds a document type definition")
        return fromstring(xml)  # ten times as fast, and nothing is left to defuse
    except DefusedXmlException:
        raise Broken("it holds a document type definition") from None
    except (ParseError, LookupError, ValueError, RecursionError) as error:
        raise Broken(f"its XML is damaged: {error}") from None


def is_utf8(xml: bytes) -> bool:
    """Whether a part says (or leaves it open) that it is UTF-8: in other encodings a definition could hide."""
    declared = ENCODING.match(xml.removeprefix(BOM))
    return b"\0" not in xml and (not declared or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii"))


def unescaped(text: str) -> str:
    """A text as a person typed it: `_x000D_` stands for a character that XML cannot hold."""
    return ESCAPED.sub(_character, text)


def _character(escape_sequence: re.Match[str]) -> str:
    """Half of a surrogate pair is no character: it stays as it is written."""
    code = int(escape_sequence[1], 16)
    return escape_sequence[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def escaped(text: str) -> bytes:
    """A text as a part holds it."""
    marked = NOT_IN_XML.sub(lambda found: f"{MARK}x{ord(found[0]):04X}_", text)
    return escape(LOOKS_ESCAPED.sub("_x005F_", marked).replace(MARK, "_")).encode()


def characters(xml: bytes) -> str:
    """The text in a piece of XML that holds no elements."""
    xml = xml.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    pieces: list[str] = []
    end = 0
    for found in NOT_PLAIN.finditer(xml):
        pieces += (_plain(xml[end : found.start()]), (found[1] or b"").decode())
        end = found.end()
    return "".join([*pieces, _plain(xml[end:])])


def _plain(xml: bytes) -> str:
    text = xml.decode()
    return ENTITY.sub(_entity, text) if "&" in text else text


def _entity(found: re.Match[str]) -> str:
    name = found[1]
    if not name.startswith("#"):
        return ENTITIES[name]
    return chr(int(name[2:], 16) if name[1] in "xX" else int(name[1:]))


def stop_at(xml: bytes, most: int) -> None:
    """Raises TooLarge for a part with more elements than any workbook has there."""
    if len(xml) > LARGEST_TREE or xml.count(b"<") > 2 * most:
        raise TooLarge("it holds more than any workbook")


def date_styles(xml: bytes) -> frozenset[int]:
    """The cell styles that show a number as a date or a time, from the part of the styles."""
    stop_at(xml, MOST_STYLES)
    if not is_utf8(xml) or b"<!DOCTYPE" in xml:
        raise Broken("its styles are not plain UTF-8, or hold a document type definition")
    formats = Formats()
    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = formats.opened, formats.closed
    try:
        parser.Parse(xml, True)
    except ExpatError as error:
        raise Broken(f"its styles are damaged: {error}") from None
    shown = ((place, number, formats.codes.get(number, "")) for place, number in enumerate(formats.numbers))
    return frozenset(place for place, number, code in shown if _shows_a_date(number, code))


class Formats:
    """The number formats of cells, gathered while the styles are read; no tree is made of them."""

    def __init__(self) -> None:
        self.codes: dict[str, str] = {}
        self.numbers: list[str] = []
        self.of_cells = False

    def opened(self, name: str, given: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "numFmt":
            self.codes[given.get("numFmtId", "")] = given.get("formatCode", "")
        elif name == "xf" and self.of_cells:
            self.numbers.append(given.get("numFmtId", "0"))
        self.of_cells = self.of_cells or name == "cellXfs"

    def closed(self, name: str) -> None:
        self.of_cells = self.of_cells and name.rpartition(":")[2] != "cellXfs"


def _shows_a_date(number: str, code: str) -> bool:
    shown = NOT_CODE.sub("", code.split(";")[0])
    is_known = number.isascii() and number.isdecimal() and len(number) < 9 and int(number) in DATES
    return is_known or bool(re.search("[dmhys]", shown, re.IGNORECASE))


def number_of(text: str, day_0: datetime | None) -> Any:
    """A cell's number; or the day that it shows, counted from another."""
    if not NUMBER.fullmatch(text):  # Python takes more, such as 1_000
        raise ValueError(f"{text!r} is no number")
    number = float(text) if set(text) & set(".eE") else int(text)
    return day_0 + timedelta(days=number) if day_0 else number


def boolean_of(text: str) -> bool:
    return BOOLEANS[text]
