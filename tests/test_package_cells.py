"""Single cells: how XML may spell one, an empty sheet that takes some, and what no cell can hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy
import pytest
from specimens.content import DATA
from specimens.outline import Outline
from specimens.spelled import FIRST, book_of, packed, parts_of, sheet_xml, unpacked
from specimens.writers import prefixed

from xl_econ.core.shipped import shipped
from xl_econ.workbook.package import KEEP, Broken, Cell, Package
from xl_econ.workbook.splice import _any_spot, _usual_spot

SPELLINGS: list[tuple[str, str, Any, str]] = [
    ("", "<v><![CDATA[5]]></v>", 5, "a number as character data"),
    ("", "<v>5<!-- 6 --></v>", 5, "a comment in a number"),
    ("", "<v> 5 </v>", 5, "blanks around a number"),
    ("", "<v>1E+3</v>", 1000.0, "a number with an exponent"),
    ("", "<v>.5</v>", 0.5, "a number without a zero"),
    ("", "<v/>", None, "no value"),
    ("", "", None, "nothing at all"),
    ('t="b"', "<v>true</v>", True, "TRUE as a word"),
    ('t="e"', "<v>#N/A</v>", "#N/A", "an error"),
    ('s="2"', "<v>46349.5</v>", datetime(2026, 11, 23, 12), "noon of a day"),
    ('t="str"', "<v>a<![CDATA[<v>b</v>]]>c</v>", "a<v>b</v>c", "character data that looks like a value"),
    ('t="str"', "<v> a </v>", " a ", "blanks of a formula's text"),
    ('t="inlineStr"', "<is><t><![CDATA[<t>a</t>]]></t></is>", "<t>a</t>", "character data that looks like a text"),
    (
        't="inlineStr"',
        "<is><t><![CDATA[<!-- a -->]]></t></is>",
        "<!-- a -->",
        "character data that looks like a comment",
    ),
    ('t="inlineStr"', "<is><!-- <t>a</t> --><t>b</t></is>", "b", "a comment that looks like a text"),
    ('t="inlineStr"', "<is><t>a&#10;b&#13;c</t></is>", "a\nb\rc", "characters by number"),
    ('t="inlineStr"', "<is><t>a\r\nb\rc</t></is>", "a\nb\nc", "line ends of Windows and of old Macs are one character"),
    ('t="inlineStr"', "<is><t>a&#x7F;b&#x80;</t></is>", "a\x7fb\x80", "characters that a web page takes for others"),
    ('t="inlineStr"', "<is><t>&amp;copy;&amp;nbsp</t></is>", "&copy;&nbsp", "what looks like a web page's character"),
    ('t="inlineStr"', "<is><t>_x000d__x000A__x00E9_</t></is>", "\r\né", "characters as Excel spells them"),
    ('t="inlineStr"', "<is><t>_xD83D_ _x12_ _x005F_x0041_</t></is>", "_xD83D_ _x12_ _x0041_", "what only looks so"),
    ('t="inlineStr"', "<is><t/></is>", "", "an empty text"),
    ('t="inlineStr"', "<is/>", "", "no text"),
]


@pytest.mark.parametrize(
    ("attributes", "content", "value"), [pytest.param(*each[:3], id=each[3]) for each in SPELLINGS]
)
def test_a_cell_is_read_as_xml_says(attributes: str, content: str, value: Any) -> None:
    found = Package(book_of(f'<row r="1"><c r="A1" {attributes}>{content}</c></row>')).value(DATA, "A1")
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("number", "day"), [("46349", datetime(2030, 11, 24)), ("0.5", datetime(1904, 1, 1, 12))])
def test_days_are_counted_from_where_the_workbook_says(number: str, day: datetime) -> None:
    """From 1904 in those that Excel for Mac once made, or that somebody has set so."""
    parts = parts_of({DATA: sheet_xml(f'<row r="1"><c r="A1" s="2"><v>{number}</v></c></row>')})
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("<workbookPr/>", '<workbookPr date1904="1"/>')
    assert Package(packed(parts)).value(DATA, "A1") == day


EMPTY = {
    "one tag": "<sheetData/>",
    "one tag with a blank": "<sheetData />",
    "two tags": "<sheetData></sheetData>",
    "a line end": "<sheetData>\r\n</sheetData>",
    "a comment": "<sheetData><!-- <row/> --></sheetData>",
    "an empty row in one tag": '<sheetData><row r="3"/></sheetData>',
    "an empty row in two tags": '<sheetData><row r="3"></row></sheetData>',
    "an empty row without its number": "<sheetData><row/><row/><row/></sheetData>",
}


@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_sheet_holds_nothing(name: str) -> None:
    sheet = sheet_xml("").replace("<sheetData></sheetData>", EMPTY[name])
    package = Package(packed(parts_of({DATA: sheet})))
    assert (package.value(DATA, "A1"), package.formula(DATA, "A1"), package.formulas(DATA)) == (None, None, {})
    assert list(package.sheet(DATA).addresses()) == []


@pytest.mark.parametrize("change", [str, prefixed])
@pytest.mark.parametrize("name", EMPTY)
def test_an_empty_sheet_takes_cells(name: str, change: Callable[[str], str]) -> None:
    head, tail = sheet_xml("").split("<sheetData></sheetData>")
    book = packed(parts_of({DATA: change(head + EMPTY[name] + tail)}))
    cells = {"B1": Cell(1), "A3": Cell("three"), "C3": Cell(True), "AA10": Cell(0.5)}
    new = Package(book).patched({DATA: cells})
    assert {at: Package(new).value(DATA, at) for at in cells} == {at: cell.value for at, cell in cells.items()}
    xml = unpacked(new)[FIRST].decode()
    assert list(Outline(xml.encode()).cells) == list(cells)
    assert xml.startswith(change(head)) and xml.endswith(change(tail))


@pytest.mark.parametrize("address", ["XFE1", "ZZZ1", "A1048577", "A0", "A01", "a1", "$A$1", "A", "1", "A1:B2", ""])
def test_an_address_that_is_no_cell_is_refused(address: str) -> None:
    with pytest.raises(Broken, match="no cell"):
        Package(book_of("")).patched({DATA: {address: Cell(1)}})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("formula", [None, KEEP, "1/0"])
def test_a_number_that_excel_does_not_have_is_refused(number: float, formula: str | None) -> None:
    """Excel offers to repair a file that holds one."""
    with pytest.raises(ValueError):
        Package(book_of('<row r="1"><c r="A1"><f>B1</f><v>1</v></c></row>')).patched(
            {DATA: {"A1": Cell(number, formula)}}
        )


def test_a_number_of_numpy_is_a_number() -> None:
    new = Package(book_of("")).patched({DATA: {"A1": Cell(numpy.float64(0.1))}})
    assert Package(new).value(DATA, "A1") == 0.1


def test_the_quick_way_to_read_a_cell_gives_what_the_thorough_one_gives() -> None:
    book, quick = Package(shipped("core.xlsx").read_bytes()), 0
    for name in book.sheet_parts:
        sheet = book.sheet(name)
        for address in sheet.addresses():
            cell = sheet.cell(address)
            assert cell is not None
            found = _usual_spot(sheet, address, cell)
            assert found in (None, _any_spot(sheet, address, cell))
            quick += found is not None
    assert quick > 10_000
