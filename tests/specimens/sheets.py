"""The user's own sheets, and what the workbook keeps for them: styles, names, tables, a pivot, links, connections."""

from __future__ import annotations

import re
import struct
import zlib
from xml.sax.saxutils import escape

from specimens.book import DRAWING, MICROSOFT, STYLES, WORKBOOK, Book, Feature, excel, spreadsheet

NOTES, PIVOT = "xl/worksheets/sheet41.xml", "xl/worksheets/sheet42.xml"
IMAGE = "xl/media/image1.png"
CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
THEME_OVERRIDE = "application/vnd.openxmlformats-officedocument.themeOverride+xml"
APP = "docProps/app.xml"

PLACE = 2
"""The user's notes stand third, after Results: the sheets behind them move, and with them their numbers in names."""
NAMES = (
    ("fx_eur_usd", 'comment="Treasury, 1 December"', "1.08"),
    ("board_gap", "", "SUM(BoardSpend[Spend])-'Board notes'!$B$8"),
    ("board_cost", "", "usd_per_m_tokens"),
    ("row_total", "", "SUM('Board notes'!$C1:$D1)"),
    ("lost_rate", "", "#REF!"),
    ("Twice", 'comment="Doubles a number"', "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)"),
    ("_board_version", 'hidden="1"', '"2026-12"'),
    ("_xlchart.v1.0", 'hidden="1"', "'Board notes'!$A$19:$A$24"),
    ("_xlchart.v1.1", 'hidden="1"', "'Board notes'!$C$19:$C$24"),
    ("Slicer_Region", "", "#N/A"),
    ("_xlnm.Print_Area", f'localSheetId="{PLACE}"', "'Board notes'!$A$1:$V$31"),
    ("ExternalData_1", f'localSheetId="{PLACE}" hidden="1"', "'Board notes'!$A$28:$B$31"),
    ("ttft_ms", f'localSheetId="{PLACE}"', "'Board notes'!$C$13"),
    ("spend_here", f'localSheetId="{PLACE}"', "'Board notes'!$B$14"),
)
XF = '<xf numFmtId="{}" fontId="0" fillId="0" borderId="0" xfId="{}" applyNumberFormat="1"/>'


def styles(book: Book) -> None:
    """Excel's styles Percent and Comma, a date, an own percentage; `{style.date}` is the number of such a format."""
    comma = book.append(STYLES, "cellStyleXfs", XF.format(43, 0).replace(' xfId="0"', ""))
    percent = book.append(STYLES, "cellStyleXfs", XF.format(9, 0).replace(' xfId="0"', ""))
    book.append(STYLES, "cellStyles", f'<cellStyle name="Comma" xfId="{comma}" builtinId="3"/>')
    book.append(STYLES, "cellStyles", f'<cellStyle name="Percent" xfId="{percent}" builtinId="5"/>')
    book.append(STYLES, "numFmts", '<numFmt numFmtId="300" formatCode="#,##0.0%"/>')
    formats = {"date": (14, 0), "comma": (43, comma), "percent": (10, percent), "long_percent": (300, percent)}
    numbers = {name: book.append(STYLES, "cellXfs", XF.format(*each)) for name, each in formats.items()}
    numbers["check"] = book.append(STYLES, "cellXfs", book.fragment("checkbox_format"))
    book.meanings["style"] = {name: str(number) for name, number in numbers.items()}


def checkbox(book: Book) -> None:
    """A checkbox in a cell is TRUE or FALSE with a format that has a complement."""
    kind = f"{MICROSOFT}2022/11/relationships/FeaturePropertyBag"
    book.relate(WORKBOOK, kind, "xl/featurePropertyBag/featurePropertyBag.xml")


def sheets(book: Book) -> None:
    """The user's two sheets: one among ours, one at the end."""
    numbers = [int(number) for number in re.findall(r'sheetId="([0-9]+)"', book.text(WORKBOOK))]
    entry = '<sheet name="{}" sheetId="{}" r:id="{}"/>'
    notes = entry.format("Board notes", max(numbers) + 2, book.relate(WORKBOOK, "worksheet", NOTES))
    pivot = entry.format("Board pivot", max(numbers) + 3, book.relate(WORKBOOK, "worksheet", PIVOT))
    book.replace(WORKBOOK, r"(<sheets>" + r"<sheet [^>]*/>" * PLACE + ")", rf"\1{notes}")
    book.append(WORKBOOK, "sheets", pivot)
    _move_numbers(book)
    _list_titles(book)


def _move_numbers(book: Book) -> None:
    """Names of one sheet know it by its place, which has changed."""
    moved = re.sub(
        r'localSheetId="([0-9]+)"',
        lambda found: f'localSheetId="{int(found[1]) + (int(found[1]) >= PLACE)}"',
        book.text(WORKBOOK),
    )
    book.parts[WORKBOOK] = moved.encode()


def _list_titles(book: Book) -> None:
    """The properties list the sheets."""
    ours = len(re.findall("<sheet ", book.text(WORKBOOK))) - 2
    title = "<vt:lpstr>{}</vt:lpstr>"
    listed = f"({title.format('[^<]*')})"
    pattern = rf"(baseType=\"lpstr\">)((?:{listed}){{{PLACE}}})((?:{listed}){{{ours - PLACE}}})"
    book.replace(APP, pattern, rf"\1\2{title.format('Board notes')}\4{title.format('Board pivot')}")
    book.replace(APP, rf"<vt:i4>{ours}</vt:i4>", f"<vt:i4>{ours + 2}</vt:i4>")
    size = len(re.findall("<vt:lpstr>", book.text(APP).split("<TitlesOfParts>")[1]))
    book.replace(APP, r'<vt:vector size="[0-9]+" baseType="lpstr">', f'<vt:vector size="{size}" baseType="lpstr">')


def names(book: Book) -> None:
    """Names of each kind, among ours by the alphabet as Excel sorts them."""
    for name, attributes, text in NAMES:
        attributes = f'name="{name}" {attributes}'.strip()
        book.append(WORKBOOK, "definedNames", f"<definedName {attributes}>{escape(text)}</definedName>")
    entries = re.findall(r"<definedName .*?</definedName>", book.text(WORKBOOK))
    entries.sort(key=lambda entry: entry.split('"')[1].removeprefix("_xlnm.").lower())
    book.replace(WORKBOOK, r"<definedNames>.*</definedNames>", f"<definedNames>{''.join(entries)}</definedNames>")


def image(book: Book) -> None:
    """A picture of two by two pixels."""
    rows = b"\0\x15\x60\x82\xe9\x71\x32" + b"\0\xe9\x71\x32\x15\x60\x82"
    chunks = {b"IHDR": struct.pack(">IIBBBBB", 2, 2, 8, 2, 0, 0, 0), b"IDAT": zlib.compress(rows), b"IEND": b""}
    png = b"\x89PNG\r\n\x1a\n"
    for tag, data in chunks.items():
        png += struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))
    book.add(IMAGE, "image/png", png)


def slicer(book: Book) -> None:
    """A slicer of the table on the user's sheet."""
    cache = book.relate(WORKBOOK, f"{MICROSOFT}2007/relationships/slicerCache", "xl/slicerCaches/slicerCache1.xml")
    book.extend(WORKBOOK, book.fragment("slicer_caches", cache=cache))
    book.extend(STYLES, book.fragment("slicer_styles"))


def pivot(book: Book) -> None:
    """A pivot of the table, with its own copy of the rows."""
    part = "xl/pivotCache/pivotCacheDefinition1.xml"
    cache = book.relate(WORKBOOK, "pivotCacheDefinition", part)
    book.place(WORKBOOK, f'<pivotCaches><pivotCache cacheId="41" r:id="{cache}"/></pivotCaches>')


def connections(book: Book) -> None:
    """A query that filled a table, and a connection to a database."""
    book.relate(WORKBOOK, "connections", "xl/connections.xml")


def external_link(book: Book) -> None:
    """A workbook elsewhere, with the cells that ours uses."""
    link = book.relate(WORKBOOK, "externalLink", "xl/externalLinks/externalLink1.xml")
    book.place(WORKBOOK, f'<externalReferences><externalReference r:id="{link}"/></externalReferences>')


ON_NOTES = Feature(changes=("Board notes",))
"""Planted in the file of the sheet itself."""
FEATURES = {
    "named styles": Feature(changes=(STYLES,), splice=styles),
    "user's sheets": Feature(
        {NOTES: spreadsheet("worksheet"), PIVOT: spreadsheet("worksheet")}, (WORKBOOK, APP), sheets
    ),
    "names of each kind": Feature(changes=(WORKBOOK,), splice=names),
    "rich text and phonetic runs": ON_NOTES,
    "boolean, date, percentages, typed error": ON_NOTES,
    "shared formulas, legacy array, data table": ON_NOTES,
    "dynamic arrays": ON_NOTES,
    "in-cell checkbox": Feature(
        {"xl/featurePropertyBag/featurePropertyBag.xml": excel("featurepropertybag")},
        ("Board notes", STYLES, WORKBOOK),
        checkbox,
    ),
    "shapes and a text box": Feature({"xl/drawings/drawing41.xml": DRAWING}),
    "image": Feature({IMAGE: "image/png"}, splice=image),
    "chart": Feature(
        {
            "xl/charts/chart41.xml": CHART,
            "xl/charts/style1.xml": "application/vnd.ms-office.chartstyle+xml",
            "xl/charts/colors1.xml": "application/vnd.ms-office.chartcolorstyle+xml",
            "xl/theme/themeOverride1.xml": THEME_OVERRIDE,
        }
    ),
    "waterfall chart": Feature({"xl/charts/chartEx1.xml": "application/vnd.ms-office.chartex+xml"}, (WORKBOOK,)),
    "table": Feature({"xl/tables/table41.xml": spreadsheet("table")}, ("Board notes",)),
    "slicer": Feature(
        {"xl/slicers/slicer1.xml": excel("slicer"), "xl/slicerCaches/slicerCache1.xml": excel("slicerCache")},
        ("Board notes", STYLES, WORKBOOK),
        slicer,
    ),
    "pivot table": Feature(
        {
            "xl/pivotCache/pivotCacheDefinition1.xml": spreadsheet("pivotCacheDefinition"),
            "xl/pivotCache/pivotCacheRecords1.xml": spreadsheet("pivotCacheRecords"),
            "xl/pivotTables/pivotTable1.xml": spreadsheet("pivotTable"),
        },
        ("Board pivot", WORKBOOK),
        pivot,
    ),
    "connections": Feature(
        {
            "xl/connections.xml": spreadsheet("connections"),
            "xl/tables/table42.xml": spreadsheet("table"),
            "xl/queryTables/queryTable1.xml": spreadsheet("queryTable"),
        },
        ("Board notes", WORKBOOK),
        connections,
    ),
    "external link": Feature(
        {"xl/externalLinks/externalLink1.xml": spreadsheet("externalLink")},
        ("Board notes", WORKBOOK),
        external_link,
    ),
}
