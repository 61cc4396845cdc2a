"""What Excel itself does to a workbook when it saves it."""

from __future__ import annotations

import re
import uuid

from specimens.book import DECLARATION, STYLES, WORKBOOK, Book, Feature, spreadsheet

CALC_CHAIN, TEXTS = "xl/calcChain.xml", "xl/sharedStrings.xml"
SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
INLINE = re.compile(r't="inlineStr"([^>]*)><is>(.*?)</is></c>')
FORMULA = re.compile(r'<c r="([A-Z]+[0-9]+)"[^>]*><f\b([^>]*)>')
NAMESPACES = {
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "x14": "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main",
    "x14ac": "http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac",
    "x15": "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main",
    "x16r2": "http://schemas.microsoft.com/office/spreadsheetml/2015/02/main",
    "xdr": "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing",
    "xr": "http://schemas.microsoft.com/office/spreadsheetml/2014/revision",
    "xr2": "http://schemas.microsoft.com/office/spreadsheetml/2015/revision2",
    "xr3": "http://schemas.microsoft.com/office/spreadsheetml/2016/revision3",
    "xr6": "http://schemas.microsoft.com/office/spreadsheetml/2016/revision6",
    "xr10": "http://schemas.microsoft.com/office/spreadsheetml/2016/revision10",
}
ROOTS = {
    "worksheet": ("xdr x14 mc x14ac xr xr2 xr3", "x14ac xr xr2 xr3"),
    "workbook": ("mc x15 xr xr6 xr10 xr2", "x15 xr xr6 xr10 xr2"),
    "styleSheet": ("mc x14ac x16r2 xr", "x14ac x16r2 xr"),
}
"""What Excel declares on a root, and what an older Excel may ignore."""


def sheet_parts(book: Book) -> list[str]:
    return [part for part in book.parts if SHEET_PART.fullmatch(part)]


def roots(book: Book) -> None:
    """The namespaces of today on each root, an identity for each sheet, and the height of each row's base line."""
    for part in (WORKBOOK, STYLES):
        _declare(book, part, "")
    for part in sheet_parts(book):
        _declare(book, part, f' xr:uid="{{{str(uuid.uuid5(uuid.NAMESPACE_URL, part)).upper()}}}"')
        rows = re.sub(r"<row ([^>]*?)(/?)>", r'<row \1 x14ac:dyDescent="0.25"\2>', book.text(part))
        book.parts[part] = rows.encode()
        book.replace(part, r"(<sheetFormatPr [^>]*?)/>", r'\1 x14ac:dyDescent="0.25"/>')


def _declare(book: Book, part: str, more: str) -> None:
    root = re.search(r"<(worksheet|workbook|styleSheet) ", book.text(part))
    assert root, f"{part} has another root"
    declared, ignorable = ROOTS[root[1]]
    prefixes = "".join(f' xmlns:{prefix}="{NAMESPACES[prefix]}"' for prefix in declared.split())
    book.replace(part, rf"(<{root[1]} [^>]*)>", rf'\1{prefixes} mc:Ignorable="{ignorable}"{more}>')


def share_texts(book: Book) -> None:
    """Texts in cells move to the table of shared texts, each once."""
    head, listed = book.text(TEXTS).split("<si>", 1)
    texts = [f"<si>{item}" for item in listed.removesuffix("</sst>").split("<si>")]
    numbers = {text: number for number, text in enumerate(texts)}
    assert len(numbers) == len(texts), "a text is listed twice"

    def share(found: re.Match[str]) -> str:
        text = re.sub(r'<t xml:space="preserve">(\S|\S[^<]*\S)</t>', r"<t>\1</t>", found[2])
        return f't="s"{found[1]}><v>{numbers.setdefault(f"<si>{text}</si>", len(numbers))}</v></c>'

    for part in sheet_parts(book):
        book.parts[part] = INLINE.sub(share, book.text(part)).encode()
    used = sum(book.text(part).count(' t="s"') for part in sheet_parts(book))
    head = re.sub(r'count="[0-9]+" uniqueCount="[0-9]+"', f'count="{used}" uniqueCount="{len(numbers)}"', head)
    book.parts[TEXTS] = f"{head}{''.join(numbers)}</sst>".encode()


def calc_chain(book: Book) -> None:
    """The order of calculation, which lists each formula cell."""
    cells: list[str] = []
    for name, number in re.findall(r'<sheet name="([^"]+)" sheetId="([0-9]+)"', book.text(WORKBOOK)):
        for cell, kind in FORMULA.findall(book.text(book.sheet(name))):
            if "dataTable" not in kind:
                array = ' a="1"' if "array" in kind else ""
                cells.append(f'<c r="{cell}" i="{number}"{array}/>')
    start = f'{DECLARATION}<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    book.add(CALC_CHAIN, spreadsheet("calcChain"), f"{start}{''.join(cells)}</calcChain>".encode())
    book.relate(WORKBOOK, "calcChain", CALC_CHAIN)


def version(book: Book) -> None:
    """Excel of today calculated everything, says so, and names who saved."""
    book.replace(
        WORKBOOK,
        r"<fileVersion [^>]*/>",
        '<fileVersion appName="xl" lastEdited="7" lowestEdited="4" rupBuild="29029"/>',
    )
    book.replace(WORKBOOK, r"<calcPr [^>]*/>", '<calcPr calcId="191029"/>')
    book.place(WORKBOOK, book.fragment("revision"))
    book.extend(WORKBOOK, book.fragment("calculation_features"))
    book.replace("docProps/app.xml", r"<AppVersion>[^<]*<", "<AppVersion>16.0300<")
    book.replace("docProps/core.xml", r"(<cp:lastModifiedBy>)[^<]*<", r"\1Ana Lima<")
    book.replace("docProps/core.xml", r"(<dcterms:modified [^>]*>)[^<]*<", r"\g<1>2026-12-01T09:45:00Z<")


ALL = "every sheet"
"""Stands for each sheet, ours and the user's, where a feature changes them all."""
FEATURES = {
    "version of Excel": Feature(changes=(WORKBOOK, "docProps/app.xml", "docProps/core.xml"), splice=version),
    "namespaces of Excel": Feature(changes=(WORKBOOK, STYLES, ALL), splice=roots),
    "shared texts": Feature(changes=(TEXTS, ALL), splice=share_texts),
    "calculation chain": Feature({CALC_CHAIN: spreadsheet("calcChain")}, (WORKBOOK,), calc_chain),
}
