"""Cells: how the content of a cell is written in XML, and read from it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring as defused

from xl_econ.workbook.archive import Broken

DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""The number formats that every Excel has and that show a date or a time."""
NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
"""Text, colours and locales in a format's code."""
DAY_0 = datetime(1899, 12, 30)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
NOT_TEXT = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
BOOLEANS = {"1": True, "true": True, "0": False, "false": False}


def parsed(xml: bytes) -> Element:
    """The root of an XML part. A document type definition, which could blow up, is refused."""
    try:
        if not _is_utf8(xml):
            return defused(xml, forbid_dtd=True)
        if b"<!DOCTYPE" in xml:
            raise Broken("it holds a document type definition")
        return fromstring(xml)  # ten times as fast, and nothing is left to defuse
    except DefusedXmlException:
        raise Broken("it holds a document type definition") from None
    except (ParseError, LookupError, ValueError, RecursionError) as error:
        raise Broken(f"its XML is damaged: {error}") from None


def _is_utf8(xml: bytes) -> bool:
    """Whether what looks like a tag is one: other encodings could hide a definition."""
    try:
        return "\0" not in xml.decode("utf-8")
    except UnicodeDecodeError:
        return False


def unescaped(text: str) -> str:
    """A text as a person typed it: `_x000D_` stands for a character that XML cannot hold."""
    return ESCAPED.sub(_character, text)


def _character(escape_sequence: re.Match[str]) -> str:
    """Half of a surrogate pair is no character: it stays as it is written."""
    code = int(escape_sequence[1], 16)
    return escape_sequence[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def escaped(text: str) -> bytes:
    """A text as a part holds it."""
    text = LOOKS_ESCAPED.sub("_x005F_", text)
    return escape(NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)).encode()


def characters(xml: bytes) -> str:
    """The text in a piece of XML that holds no elements."""
    pieces = CDATA.split(NOT_TEXT.sub(b"", xml))
    texts = [piece.decode() if place % 2 else html.unescape(piece.decode()) for place, piece in enumerate(pieces)]
    return "".join(texts)


def text_of(item: Element) -> str:
    """A shared text in one piece or in formatted runs; how to pronounce it is left out."""
    pieces = [*item.findall("{*}t"), *item.findall("{*}r/{*}t")]
    return unescaped("".join(piece.text or "" for piece in pieces))


def date_styles(styles: Element) -> Iterator[int]:
    """The cell styles that show a number as a date or a time."""
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iterfind("{*}numFmts/{*}numFmt")}
    for place, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
        number = style.get("numFmtId", "0")
        shown = NOT_CODE.sub("", codes.get(number, "").split(";")[0])
        if (number.isdecimal() and int(number) in DATES) or re.search("[dmhys]", shown, re.IGNORECASE):
            yield place


def number_of(text: str, is_date: bool) -> Any:
    """A cell's number, or the day that it shows."""
    number = float(text) if set(text) & set(".eE") else int(text)
    return DAY_0 + timedelta(days=number) if is_date else number


def boolean_of(text: str) -> bool:
    return BOOLEANS[text]
