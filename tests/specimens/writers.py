"""The same two sheets, as many programs write them: `WRITERS` makes a workbook for each by its name.

XlsxWriter, openpyxl and LibreOffice write theirs themselves. Excel's is spelled here as Excel spells it, and is
changed by a few lines each for all that other writers do, and for all else that XML allows.
"""

from __future__ import annotations

import functools
import io
import re
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape, unescape

import engines
import openpyxl
import xlsxwriter
from openpyxl.styles import Font
from openpyxl.utils import coordinate_to_tuple

from specimens.content import CONTENT, DATA, DAY, STYLED, Held
from specimens.spelled import DECLARATION, PACKINGS, Parts, chain_xml, list_xml, packed, parts_of, rows_xml, sheet_xml

Change = Callable[[str], str]
"""Another way to write the XML of a sheet."""
TAG = re.compile(r"<[^<>]+>")
EMPTY_ROW = '<row r="5" spans="2:8" x14ac:dyDescent="0.25"/>'
ERROR = "#DIV/0!"
TEXT = re.compile(r"(<(?:t|v|f)(?: [^>]*)?>)([^<]+)(</)")
LISTED = re.compile(r"<si>(<t[^>]*>)(.*?)</t></si>", re.DOTALL)
NOTE = ' x14ac:note="a &gt; or > in it" '
GOOGLE = (
    'xmlns:mx="http://schemas.microsoft.com/office/mac/excel/2008/main" xmlns:mv="urn:schemas-microsoft-com:mac:vml" '
    'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" '
)
STRICT = {
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main": "http://purl.oclc.org/ooxml/spreadsheetml/main",
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships": (
        "http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
}


# --- programs ---


@functools.cache
def by_xlsxwriter() -> bytes:
    """As XlsxWriter writes it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        styles = {1: book.add_format({"bold": True}), 2: book.add_format({"num_format": "yyyy-mm-dd"})}
        for name, cells in CONTENT.items():
            sheet = book.add_worksheet(name)
            for address, held in cells.items():
                _by_xlsxwriter(sheet, address, held, styles.get(STYLED.get(address, 0)))
    return out.getvalue()


def _by_xlsxwriter(
    sheet: xlsxwriter.worksheet.Worksheet, address: str, held: Held, style: xlsxwriter.format.Format | None
) -> None:
    if held.formula:
        sheet.write_formula(address, f"={held.formula}", style, held.value)
    elif isinstance(held.value, str):
        sheet.write_string(address, held.value, style)
    else:
        sheet.write(address, held.value, style)


@functools.cache
def by_openpyxl() -> bytes:
    """As openpyxl writes it: without values for formulas. It spells no text, so we do."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, cells in CONTENT.items():
        sheet = book.create_sheet(name)
        for address, held in cells.items():
            cell = sheet[address]
            cell.value = f"={held.formula}" if held.formula else held.spelled or held.value
            if isinstance(held.value, str) and not held.formula:
                cell.data_type = "s"
            cell.font = Font(bold=STYLED.get(address) == 1)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@functools.cache
def by_libreoffice() -> bytes:
    """As LibreOffice writes what it reads from XlsxWriter."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "in.xlsx"
        path.write_bytes(by_xlsxwriter())
        (result,) = engines.recalculate_libreoffice([path], Path(folder) / "out")
        return result.read_bytes()


# --- Excel, and others after it ---


def excel() -> Parts:
    """As Excel writes it: shared texts and formulas, spans, and an older Excel may ignore the rest."""
    texts, sheets, links = texts_of(CONTENT), dict[str, str](), ""
    for place, (name, cells) in enumerate(CONTENT.items(), 1):
        spelled = {address: _cell(address, held, texts) for address, held in cells.items()}
        sheets[name] = sheet_xml(rows_xml(spelled, {5: EMPTY_ROW} if name == DATA else {}))
        formulas = [address for address, held in cells.items() if held.formula]
        links += _links(formulas, place)
    return parts_of(sheets, list_xml(texts), chain_xml(links))


def _links(addresses: list[str], sheet: int) -> str:
    """The first link names the sheet, the others follow it."""
    first, *others = addresses
    return f'<c r="{first}" i="{sheet}"/>' + "".join(f'<c r="{address}"/>' for address in others)


def texts_of(content: Mapping[str, Mapping[str, Held]]) -> list[str]:
    """Each text once, as it is spelled."""
    held = [each for cells in content.values() for each in cells.values() if not each.formula]
    return [each.spelled or each.value for each in held if isinstance(each.value, str)]


def _cell(address: str, held: Held, texts: list[str]) -> str:
    head = f'<c r="{address}" s="{STYLED.get(address, 0)}"'
    if held.value is None:
        return f"{head}/>"
    if held.formula:
        return f"{head}{_kind(held.value)}>{_formula(held)}<v>{_shown(held.value)}</v></c>"
    if isinstance(held.value, str):
        return f'{head} t="s"><v>{texts.index(held.spelled or held.value)}</v></c>'
    return f"{head}{_kind(held.value)}><v>{_shown(held.value)}</v></c>"


def _formula(held: Held) -> str:
    """A cell whose formula another one spells holds no text."""
    tag = f"f {held.group}" if held.group else "f"
    return f"<{tag}/>" if held.group and "ref" not in held.group else f"<{tag}>{escape(held.formula)}</f>"


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return ' t="b"'
    return (' t="e"' if value == ERROR else ' t="str"') if isinstance(value, str) else ""


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return str(DAY)
    return str(int(value)) if isinstance(value, bool) else escape(str(value))


def google(sheet: str) -> str:
    """As Google Sheets exports it: other attributes in another order, no spans, and 12 is 12.0."""
    sheet = sheet.replace("<worksheet ", f"<worksheet {GOOGLE}")
    sheet = re.sub(r' spans="[^"]*"| x14ac:dyDescent="[^"]*"| xr:uid="[^"]*"', "", sheet)
    sheet = re.sub(r'<c r="(\w+)" s="(\d+)" t="(\w+)"', r'<c t="\3" s="\2" r="\1"', sheet)
    sheet = re.sub(r'<f t="shared" ref="([^"]*)" si', r'<f ref="\1" t="shared" si', sheet)
    return re.sub(r'(<c r="\w+" s="\d+"><v>-?\d+)</v>', r"\1.0</v>", sheet)


def prefixed(sheet: str) -> str:
    """Each element with a prefix, and no namespace without one."""
    return re.sub(r"<(/?)(?=\w+[\s/>])", r"<\1x:", sheet).replace(" xmlns=", " xmlns:x=")


def single_quoted(sheet: str) -> str:
    return TAG.sub(lambda tag: tag[0].replace('"', "'"), sheet)


def spaced(sheet: str) -> str:
    """Blanks and line ends wherever a tag allows them."""
    return re.sub(r'(\w)="([^"]*)"(/?>)?', lambda a: f'{a[1]} =\n "{a[2]}" {a[3] or ""}', sheet).replace(
        "</c>", "</c\n>"
    )


def greater_signs(sheet: str) -> str:
    """A sign that ends no tag, in a value of each tag."""
    return re.sub(r"(<(?:sheetData|row|c|f|v|is|t))(?=[\s/>])", rf"\1{NOTE}", sheet)


def other_attributes(sheet: str) -> str:
    """A value that looks like attributes."""
    return re.sub(r"<(row|c|f)(?=[\s/>])", """<\\1 x14ac:was=" r='Z9' t='e' s='1' si='7' " """, sheet)


def commented(sheet: str) -> str:
    """Comments and instructions that look like cells, between and inside of cells."""
    cell, row = '<!-- <c r="A1"><v>9</v></c> -->', '<?was <row r="1"><c r="A1"/></row> ?>'
    sheet = re.sub(r"(<c [^<>]*[^/<>]>)(.*?)</c>", rf"{cell}\1<!-- <f>9</f><v>9</v> -->\2<!-- <v>9</v> --></c>", sheet)
    return re.sub(r"(<sheetData>|</row>)", rf"\1{row}{cell}", sheet)


def comments_in_texts(sheet: str) -> str:
    """Comments that look like texts, in texts."""
    return inline(sheet).replace("</t>", "<!-- no --></t>").replace("<is>", "<is><!-- <t>no</t> -->")


def inline(sheet: str) -> str:
    """Each text in its cell, in two pieces, and how to pronounce it."""
    listed = LISTED.findall(list_xml(texts_of(CONTENT)))
    return re.sub(r't="s"><v>(\d+)</v></c>', lambda found: _inline(*listed[int(found[1])]), sheet)


def _inline(tag: str, text: str) -> str:
    """A text that starts with an escape stays in one piece."""
    pieces = f"<r>{tag}{text[0]}</t></r><r><rPr><b/></rPr>{tag}{text[1:]}</t></r>"
    whole = f"{tag}{text}</t>" if text[0] in "&_" else pieces
    return f't="inlineStr"><is>{whole}<rPh sb="0" eb="1"><t>spoken</t></rPh></is></c>'


def character_data(sheet: str) -> str:
    """Texts, values and formulas as character data."""
    return TEXT.sub(lambda found: f"{found[1]}<![CDATA[{unescape(found[2])}]]>{found[3]}", inline(sheet))


def without_addresses(sheet: str) -> str:
    """Rows and cells without their addresses, wherever they follow from those before."""
    row = column = 0

    def less(found: re.Match[str]) -> str:
        nonlocal row, column
        before = row, column
        row, column = (int(found[2]), 0) if found[1] == "row" else coordinate_to_tuple(found[2])
        follows = row == before[0] + 1 if found[1] == "row" else column == before[1] + 1
        return f"<{found[1]}" if follows else found[0]

    return re.sub(r'<(row|c) r="(\w+)"', less, sheet)


def indented(sheet: str) -> str:
    """A line for each element, as for people."""
    return re.sub(r"(?<=>)(?=<(?!/?(?:t|v|f)\b)/?\w)", "\n    ", sheet)


def carriage_returns(sheet: str) -> str:
    """Each line ends as in Windows, those of texts too; for XML, that is one character."""
    return indented(inline(sheet)).replace("\n", "\r\n")


def closed(sheet: str) -> str:
    """An end tag for each element."""
    return re.sub(r"<(\w+)([^<>]*)/>", r"<\1\2></\1>", sheet)


def undeclared(sheet: str) -> str:
    """Without the XML declaration, which UTF-8 does not need."""
    return sheet.removeprefix(DECLARATION).lstrip()


def instructed(sheet: str) -> str:
    """One instruction, and no XML declaration."""
    return undeclared(sheet).replace("<sheetData>", '<sheetData><?was <row r="1"><c r="A1"/></row> ?>')


def with_mark(sheet: str) -> str:
    """With the mark of UTF-8 before it."""
    return "\ufeff" + sheet


CHANGES: dict[str, Change] = {
    "XML with prefixes": prefixed,
    "XML in single quotes": single_quoted,
    "XML with blanks in tags": spaced,
    "XML with > in values": greater_signs,
    "XML with attributes in values": other_attributes,
    "XML with comments": commented,
    "XML with comments in texts": comments_in_texts,
    "XML with texts in cells": inline,
    "XML with character data": character_data,
    "XML without addresses": without_addresses,
    "XML for people": indented,
    "XML with CRLF": carriage_returns,
    "XML with end tags": closed,
    "XML without declaration": undeclared,
    "XML with one instruction": instructed,
    "XML with BOM": with_mark,
    "XML with BOM, without declaration": lambda sheet: with_mark(undeclared(sheet)),
    "XML with BOM and comments": lambda sheet: with_mark(commented(sheet)),
    "XML of many ways": lambda sheet: single_quoted(prefixed(commented(without_addresses(sheet)))),
}


def changed(change: Change) -> bytes:
    """Excel's workbook with its sheets written in another way."""
    return packed({part: change(xml) if "/worksheets/" in part else xml for part, xml in excel().items()})


def repacked(pack: Callable[[Parts], bytes]) -> bytes:
    """Excel's parts, packed in another way."""
    return pack(excel())


def by_google() -> bytes:
    """Google's has no list of formulas, and says nothing of calculation."""
    parts = {part: xml for part, xml in excel().items() if "calcChain" not in part}
    parts = {part: re.sub(r"<[^<>]*calcChain[^<>]*>|<calcPr[^<>]*>", "", xml) for part, xml in parts.items()}
    return packed({part: google(xml) if "/worksheets/" in part else xml for part, xml in parts.items()})


def all_prefixed() -> bytes:
    """Each element of each part of the workbook."""
    own = re.compile(r"xl/(workbook|styles|sharedStrings|calcChain|worksheets/.*)\.xml")
    return packed({part: prefixed(xml) if own.fullmatch(part) else xml for part, xml in excel().items()})


def strict() -> bytes:
    """In the namespaces of the strict standard."""
    return packed({part: _strict(xml) for part, xml in excel().items()})


def _strict(xml: str) -> str:
    for transitional, other in STRICT.items():
        xml = xml.replace(transitional, other)
    return xml.replace("<workbook ", '<workbook conformance="strict" ')


WRITERS: dict[str, Callable[[], bytes]] = {
    "XlsxWriter": by_xlsxwriter,
    "openpyxl": by_openpyxl,
    "LibreOffice": by_libreoffice,
    "Excel": lambda: packed(excel()),
    "Google Sheets": by_google,
    "all prefixed": all_prefixed,
    "strict": strict,
    **{name: functools.partial(changed, change) for name, change in CHANGES.items()},
    **{name: functools.partial(repacked, pack) for name, pack in PACKINGS.items()},
}
