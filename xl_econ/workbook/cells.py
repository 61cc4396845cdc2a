"""Cells: the values and formulas in a sheet's XML, decoded one by one as they are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from xl_econ.core.spell import START

DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""The number formats that every Excel has and that show a date or a time."""
NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
"""Text, colours and locales in a format's code."""
DAY_0 = datetime(1899, 12, 30)


class Broken(ValueError):
    """The file is no workbook that can be read."""


def parsed(xml: bytes) -> Element:
    """The root of an XML part. A document type definition, which could blow up, is refused."""
    try:
        return fromstring(xml, forbid_dtd=True)
    except DefusedXmlException:
        raise Broken("it holds a document type definition") from None
    except (ParseError, LookupError, ValueError) as error:
        raise Broken(str(error)) from None


def text_of(item: Element) -> str:
    """A text in one piece or in formatted runs; how to pronounce it is left out."""
    pieces = [*item.findall("{*}t"), *item.findall("{*}r/{*}t")]
    return "".join(piece.text or "" for piece in pieces).replace("_x005F_", "_")


def date_styles(styles: Element) -> Iterator[int]:
    """The cell styles that show a number as a date or a time."""
    codes = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iterfind("{*}numFmts/{*}numFmt")}
    for place, style in enumerate(styles.iterfind("{*}cellXfs/{*}xf")):
        number = style.get("numFmtId", "0")
        shown = NOT_CODE.sub("", codes.get(number, "").split(";")[0])
        if int(number) in DATES or re.search("[dmhys]", shown, re.IGNORECASE):
            yield place


class SheetCells:
    """The cells of a sheet, by address."""

    def __init__(self, sheet: Element, texts: Sequence[Element], dates: frozenset[int]) -> None:
        self.space = sheet.tag.rpartition("worksheet")[0]
        """The namespace, as names start: not every program writes the same."""
        self.texts, self.dates = texts, dates
        self.elements: Mapping[str | None, Element] = {cell.get("r"): cell for cell in sheet.iter(f"{self.space}c")}

    def value(self, address: str) -> Any:
        """What a cell shows: typed, or as the last program to calculate left it; None if it is empty."""
        cell = self.elements.get(address)
        if cell is None:
            return None
        try:
            return self._decoded(cell)
        except (ValueError, IndexError, OverflowError):
            raise Broken(f"cell {address} cannot be decoded") from None

    def formula(self, address: str) -> str | None:
        """A cell's formula as it is typed, or None."""
        cell = self.elements.get(address)
        found = cell.find(f"{self.space}f") if cell is not None else None
        if found is None:
            return None
        if found.text is None and found.get("si") in self._shared:
            return _moved(*self._shared[found.get("si")], address)
        return START + (found.text or "")

    def _decoded(self, cell: Element) -> Any:
        kind, text = cell.get("t", "n"), cell.findtext(f"{self.space}v")
        if kind == "inlineStr":
            item = cell.find(f"{self.space}is")
            return text_of(item) if item is not None else None
        if not text:
            return None
        if kind == "s":
            return text_of(self.texts[int(text)])
        if kind == "b":
            return bool(int(text))
        return self._number(text, int(cell.get("s", "0"))) if kind == "n" else text

    def _number(self, text: str, style: int) -> float | int | datetime:
        number = float(text) if set(text) & set(".eE") else int(text)
        return DAY_0 + timedelta(days=number) if style in self.dates else number

    @cached_property
    def _shared(self) -> dict[str | None, tuple[str, str]]:
        """Formulas that one cell spells for many, and that cell's address."""
        found = ((address, cell.find(f"{self.space}f")) for address, cell in self.elements.items())
        return {f.get("si"): (f.text, str(at)) for at, f in found if f is not None and f.get("si") and f.text}


def _moved(formula: str, origin: str, address: str) -> str:
    """A formula copied from one cell to another."""
    from openpyxl.formula.translate import Translator

    translator: Any = Translator(START + formula, origin)
    return str(translator.translate_formula(address))
