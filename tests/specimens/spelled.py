"""Small workbooks spelled by hand as Excel spells them, and the archives around them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import coordinate_to_tuple

Parts = dict[str, str]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MARKUP = (
    f'xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'mc:Ignorable="x14ac xr" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac" '
    'xmlns:xr="http://schemas.microsoft.com/office/spreadsheetml/2014/revision"'
)
UID = 'xr:uid="{00000000-0001-0000-0000-000000000000}"'
VIEW = '<sheetViews><sheetView workbookViewId="0"/></sheetViews>'
FORMAT = '<sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/>'
MARGINS = '<pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>'
CALCULATION = '<calcPr calcId="191029"/>'
STYLES = (
    f'{DECLARATION}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '</numFmts><fonts count="2"><font><sz val="11"/></font><font><b/><sz val="11"/></font></fonts><fills count="2">'
    '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1">'
    '<xf numFmtId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" xfId="0"/><xf numFmtId="0" fontId="1" '
    'xfId="0" applyFont="1"/><xf numFmtId="164" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
APPLICATION = (
    f'{DECLARATION}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>Microsoft Excel</Application></Properties>"
)
FIRST = "xl/worksheets/sheet1.xml"
"""The part of the first sheet."""
TYPES = {
    "xl/workbook.xml": f"{SPREADSHEET}.sheet.main+xml",
    "xl/styles.xml": f"{SPREADSHEET}.styles+xml",
    "xl/sharedStrings.xml": f"{SPREADSHEET}.sharedStrings+xml",
    "xl/calcChain.xml": f"{SPREADSHEET}.calcChain+xml",
    "docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
}


def workbook_xml(names: Iterable[str], calculation: str = CALCULATION) -> str:
    """The part that lists the sheets."""
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{place}" r:id="rId{place}"/>' for place, name in enumerate(names, 1)
    )
    head = f'{DECLARATION}<workbook {MARKUP}><fileVersion appName="xl"/><workbookPr/>'
    sheets = f"<bookViews><workbookView/></bookViews><sheets>{listed}</sheets>"
    named = '<definedNames><definedName name="price">Data!$B$4</definedName></definedNames>'
    tail = '<extLst><ext uri="{B58B0392-4F1F-4190-BB64-5DF3571DCE5F}"/></extLst></workbook>'
    return f"{head}{sheets}{named}{calculation}{tail}"


def sheet_xml(rows: str) -> str:
    """A sheet around its rows."""
    head = f'{DECLARATION}<worksheet {MARKUP} {UID}><dimension ref="A1:H9"/>{VIEW}{FORMAT}'
    return f"{head}<sheetData>{rows}</sheetData>{MARGINS}</worksheet>"


def rows_xml(cells: Mapping[str, str], more: Mapping[int, str] = {}) -> str:
    """Rows around cells, by their addresses in order; `more` are rows of their own."""
    rows = dict(more)
    for number, group in groupby(cells, key=lambda address: coordinate_to_tuple(address)[0]):
        content = "".join(cells[address] for address in group)
        rows[number] = f'<row r="{number}" spans="2:8" x14ac:dyDescent="0.25">{content}</row>'
    return "".join(rows[number] for number in sorted(rows))


def list_xml(texts: Iterable[str]) -> str:
    """The texts that cells share, as they are spelled."""
    items = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    return f'{DECLARATION}<sst xmlns="{MAIN}">{items}</sst>'


def chain_xml(links: str) -> str:
    """Excel's list of formula cells."""
    return f'{DECLARATION}<calcChain xmlns="{MAIN}">{links}</calcChain>'


def parts_of(
    sheets: Mapping[str, str], texts: str = list_xml(()), chain: str = "", calculation: str = CALCULATION
) -> Parts:
    """All parts of a workbook, from the XML of its sheets by name."""
    numbered = {f"xl/worksheets/sheet{place}.xml": xml for place, xml in enumerate(sheets.values(), 1)}
    parts = {"xl/workbook.xml": workbook_xml(sheets, calculation), **numbered, "xl/styles.xml": STYLES}
    parts |= {"xl/sharedStrings.xml": texts} | ({"xl/calcChain.xml": chain} if chain else {})
    targets = [*numbered, *(part for part in parts if part not in numbered and part != "xl/workbook.xml")]
    relations = {"xl/_rels/workbook.xml.rels": _relations(targets, "xl/"), "docProps/app.xml": APPLICATION}
    main = {"_rels/.rels": _relations(["xl/workbook.xml", "docProps/app.xml"], "")}
    return {"[Content_Types].xml": _types([*parts, "docProps/app.xml"])} | main | parts | relations


def book_of(rows: str, chain: str = "", **sheets: str) -> bytes:
    """A workbook of one sheet with these rows; `sheets` are the rows of others."""
    spelled = {name: sheet_xml(content) for name, content in {"Data": rows, **sheets}.items()}
    return packed(parts_of(spelled, chain=chain_xml(chain) if chain else ""))


def _relations(targets: Iterable[str], folder: str) -> str:
    listed = "".join(
        f'<Relationship Id="rId{place}" Type="{RELATIONSHIPS}/{_kind(part)}" Target="{part.removeprefix(folder)}"/>'
        for place, part in enumerate(targets, 1)
    )
    return f'{DECLARATION}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def _kind(part: str) -> str:
    kinds = {"xl/workbook.xml": "officeDocument", "docProps/app.xml": "extended-properties"}
    return "worksheet" if "/worksheets/" in part else kinds.get(part, part.split("/")[-1].removesuffix(".xml"))


def _types(parts: Iterable[str]) -> str:
    listed = "".join(
        f'<Override PartName="/{part}" ContentType="{TYPES.get(part, f"{SPREADSHEET}.worksheet+xml")}"/>'
        for part in parts
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{DECLARATION}<Types xmlns="{PACKAGE}/content-types">{rels}{listed}</Types>'


# --- archives ---


def packed(
    parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"", extra: bytes = b""
) -> bytes:
    """The parts in an archive, as most programs pack them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, xml in parts.items():
            item = zipfile.ZipInfo(name, (2026, 11, 23, 12, 0, 0))
            item.compress_type, item.extra, item.comment = method, extra, comment
            file.writestr(item, xml)
        file.comment = comment
    return out.getvalue()


def unpacked(book: bytes) -> dict[str, bytes]:
    """The parts by name."""
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        return {name: file.read(name) for name in file.namelist()}


class Stream(io.BytesIO):
    """A file that can only be written on, such as a web server's answer."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: int) -> int:
        raise io.UnsupportedOperation("seek")

    def tell(self) -> int:
        raise io.UnsupportedOperation("tell")


def streamed(parts: Mapping[str, str], large: bool = False) -> bytes:
    """The size of each part stands behind it, since it was not known before."""
    out = Stream()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, xml in parts.items():
            with file.open(name, "w", force_zip64=large) as part:
                part.write(xml.encode())
    return out.getvalue()


def zip64(parts: Mapping[str, str]) -> bytes:
    """Sizes of 64 bits, as programs write that do not know how large a part gets."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, xml in parts.items():
            with file.open(name, "w", force_zip64=True) as part:
                part.write(xml.encode())
    return out.getvalue()


def with_folders(parts: Mapping[str, str]) -> bytes:
    """Entries for folders too, and the parts in another order."""
    backwards = {name: parts[name] for name in reversed(parts)}
    return packed({"xl/": "", "xl/worksheets/": "", **backwards})


EXTRA = struct.pack("<HH9s", 0x5455, 9, b"\x03" + b"\x00" * 8)
"""When a file was changed and read, as Info-ZIP notes it."""
PACKINGS: dict[str, Callable[[Parts], bytes]] = {
    "zip with 64-bit sizes": zip64,
    "zip from a stream": streamed,
    "zip from a stream, 64-bit sizes": lambda parts: streamed(parts, large=True),
    "zip with comments": lambda parts: packed(parts, comment=b"PK\x03\x04 a comment"),
    "zip without compression": lambda parts: packed(parts, zipfile.ZIP_STORED),
    "zip with extra fields": lambda parts: packed(parts, extra=EXTRA),
    "zip with folders": with_folders,
}
