"""Formulas that cells share, arrays, Excel's list of formulas, and the flag that makes Excel compute all of them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import openpyxl
import pytest
from defusedxml.ElementTree import fromstring
from specimens.book import ORDERS
from specimens.content import DATA
from specimens.outline import Outline, same_but
from specimens.spelled import CALCULATION, FIRST, book_of, packed, parts_of, sheet_xml, unpacked, workbook_xml
from specimens.writers import closed, prefixed

from xl_econ.workbook.package import KEEP, Broken, Cell, Package

WORKBOOK, CHAIN = "xl/workbook.xml", "xl/calcChain.xml"

# --- formulas that cells share ---

SHARED = {
    "neighbours": ("A1*2", "B2*2"),
    "fixed rows and columns": ("$A1+A$1+$A$1", "$A2+B$1+$A$1"),
    "a growing range": ("SUM(A$1:A1)", "SUM(B$1:B2)"),
    "whole rows and columns": ("SUM(A:A)+SUM(1:1)+SUM($A:$A)", "SUM(B:B)+SUM(2:2)+SUM($A:$A)"),
    "another sheet": ("'R&D notes'!A1+Data!$A1", "'R&D notes'!B2+Data!$A2"),
    "a sheet that looks like a cell": ("'Q1'!A1+'It''s A1'!A1", "'Q1'!B2+'It''s A1'!B2"),
    "many sheets": ("SUM(Jan:Mar!A1)", "SUM(Jan:Mar!B2)"),
    "another file": ("[1]Prices!A1", "[1]Prices!B2"),
    "text that looks like a cell": ('"A1 ""B1"""&A1', '"A1 ""B1"""&B2'),
    "text of XML": ('A1&"<&>"', 'B2&"<&>"'),
    "two lines": ("IF(A1>0,\n1, 2)", "IF(B2>0,\n1, 2)"),
    "a function that looks like a cell": ("LOG10(A1)+ATAN2(A1,2)", "LOG10(B2)+ATAN2(B2,2)"),
    "a name": ("price*A1", "price*B2"),
    "a name that looks like a cell beyond the last column": ("YTD2024*A1", "YTD2024*B2"),
    "a name with letters behind": ("A1x+A1", "A1x+B2"),
    "a column of a table": ("SUM(Vendors[A1])+A1", "SUM(Vendors[A1])+B2"),
    "a new function": ("_xlfn.XLOOKUP(A1,$D:$D,$E$1:$E$9)", "_xlfn.XLOOKUP(B2,$D:$D,$E$1:$E$9)"),
    "a range from a function": ("SUM(INDEX(A1:B2,1,1):C3)", "SUM(INDEX(B2:C3,1,1):D4)"),
    "an array and an error": ("SUM({1,2;3,4})*A1+#REF!", "SUM({1,2;3,4})*B2+#REF!"),
}
"""A formula in B2, and what it means in C3: one down, one to the right."""


def shared(formula: str) -> str:
    """Rows whose B2 spells the formula of B2:C3, and B5 one that is not shared."""
    text = formula.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<row r="2"><c r="B2"><f t="shared" ref="B2:C3" si="0">{text}</f><v>1</v></c>'
        '<c r="C2"><f t="shared" si="0"/><v>2</v></c></row>'
        '<row r="3"><c r="B3" s="1"><f t="shared" si="0"/><v>3</v></c>'
        "<c r=\"C3\" t='str'><f si='0' t='shared'></f><v>four</v><extLst/></c></row>"
        '<row r="5"><c r="B5"><f>B2</f><v>1</v></c></row>'
    )


BOOK = book_of(shared("A1*2"), '<c r="B2" i="1"/><c r="C2"/><c r="B3"/><c r="C3"/><c r="B5"/>')


def cells(book: bytes) -> Outline:
    return Outline(unpacked(book)[FIRST])


@pytest.mark.parametrize("name", SHARED)
def test_a_shared_formula_is_read_where_it_stands(name: str) -> None:
    formula, meaning = SHARED[name]
    package = Package(book_of(shared(formula)))
    assert (package.formula(DATA, "B2"), package.formula(DATA, "C3")) == (f"={formula}", f"={meaning}")


@pytest.mark.parametrize("other", [None, "A9"])
@pytest.mark.parametrize("name", SHARED)
def test_cells_keep_their_meaning_when_the_one_that_spells_it_changes(name: str, other: str | None) -> None:
    formula, meaning = SHARED[name]
    new = Package(book_of(shared(formula))).patched({DATA: {"B2": Cell(7, other)}})
    package = Package(new)
    assert (package.value(DATA, "B2"), package.formula(DATA, "B2")) == (7, other and f"={other}")
    assert package.formula(DATA, "C3") == f"={meaning}"
    assert openpyxl.load_workbook(io.BytesIO(new))[DATA]["C3"].value == f"={meaning}"
    assert [package.value(DATA, at) for at in ("C2", "B3", "C3")] == [2, 3, "four"]


@pytest.mark.parametrize("text", ["_x0041_", "_x000B_", "_x005F_x0041_", "_x12_"])
def test_spelled_characters_in_a_formula_keep_their_meaning(text: str) -> None:
    """Excel spells what XML cannot hold in formulas as in texts."""
    book = book_of(shared(f'"{text}"&A1'))
    new = Package(Package(book).patched({DATA: {"B2": Cell(7)}}))
    assert new.formula(DATA, "C3") == Package(book).formula(DATA, "C3")


@pytest.mark.parametrize(
    "formula", ['="_x0041_"&A1', '="a\x0bb"', '="_\x0b_x5_"', "=A1<2", '="&amp;"', "=IF(A1,\n\t1, 2 )"]
)
def test_a_formula_reads_back_as_it_was_put_in(formula: str) -> None:
    put = {"B2": Cell(7, formula), "D9": Cell("text", formula.removeprefix("="))}
    package = Package(Package(BOOK).patched({DATA: put}))
    assert [package.formula(DATA, at) for at in put] == [formula, formula]


def test_only_the_formulas_of_these_cells_are_spelled_out() -> None:
    new = Package(BOOK).patched({DATA: {"B2": Cell(7)}})
    assert same_but(unpacked(BOOK)[FIRST], unpacked(new)[FIRST], ["B2", "C2", "B3", "C3"])
    assert cells(new).cell("B2") == b'<c r="B2"><v>7</v></c>'
    assert cells(new).cell("C2") == b'<c r="C2"><f>B1*2</f><v>2</v></c>'
    assert cells(new).cell("B3") == b'<c r="B3" s="1"><f>A2*2</f><v>3</v></c>'
    assert cells(new).cell("C3") == b"<c r=\"C3\" t='str'><f>B2*2</f><v>four</v><extLst/></c>"


@pytest.mark.parametrize("change", [prefixed, closed])
def test_they_are_spelled_out_in_any_spelling(change: Any) -> None:
    book = packed(parts_of({DATA: change(sheet_xml(shared("A1*2")))}))
    package = Package(Package(book).patched({DATA: {"B2": Cell(7)}}))
    assert package.formulas(DATA) == {"C2": "=B1*2", "B3": "=A2*2", "C3": "=B2*2", "B5": "=B2"}


PUT: dict[str, tuple[dict[str, Cell], dict[str, str]]] = {
    "one that spells nothing": ({"C2": Cell(7)}, {"B2": "=A1*2", "B3": "=A2*2", "C3": "=B2*2"}),
    "the one that spells it, kept": (
        {"B2": Cell(7, KEEP)},
        {"B2": "=A1*2", "C2": "=B1*2", "B3": "=A2*2", "C3": "=B2*2"},
    ),
    "all of them, kept": (
        {"B2": Cell(7, KEEP), "C2": Cell(8, KEEP), "B3": Cell(9, KEEP), "C3": Cell("text", KEEP)},
        {"B2": "=A1*2", "C2": "=B1*2", "B3": "=A2*2", "C3": "=B2*2"},
    ),
    "all of them": ({"B2": Cell(7), "C2": Cell(8), "B3": Cell(9), "C3": Cell("text")}, {}),
    "the one that spells it, and one that is kept": (
        {"B2": Cell(7), "C2": Cell(8, KEEP)},
        {"C2": "=B1*2", "B3": "=A2*2", "C3": "=B2*2"},
    ),
    "the one that spells it, and all others kept": (
        {"B2": Cell(7), "C2": Cell(8, KEEP), "B3": Cell(9, KEEP), "C3": Cell("text", KEEP)},
        {"C2": "=B1*2", "B3": "=A2*2", "C3": "=B2*2"},
    ),
    "the one that spells it, and one between others": (
        {"B2": Cell(7), "B3": Cell(9), "A3": Cell(1), "D3": Cell(2)},
        {"C2": "=B1*2", "C3": "=B2*2"},
    ),
}
"""What is put in, and the formulas of B2:C3 then."""


@pytest.mark.parametrize("name", PUT)
def test_several_of_them_change_at_once(name: str) -> None:
    put, formulas = PUT[name]
    new = Package(BOOK).patched({DATA: put})
    assert Package(new).formulas(DATA) == formulas | {"B5": "=B2"}
    assert {at: Package(new).value(DATA, at) for at in put} == {at: cell.value for at, cell in put.items()}
    assert cells(new).places == sorted(cells(new).places)


def test_putting_one_kind_of_cells_in_does_not_spoil_the_package_for_another() -> None:
    package = Package(BOOK)
    kept, typed = ({DATA: {"B2": Cell(7, formula), "C2": Cell(8, KEEP)}} for formula in (KEEP, "A9"))
    alone = [Package(BOOK).patched(each) for each in (kept, typed)]
    assert [package.patched(each) for each in (kept, typed)] == alone
    assert [package.patched(each) for each in (kept, typed)] == alone


# --- arrays and data tables ---

KEPT = {
    "a formula of its own": "<f>SUM(A1:A2)</f>",
    "with its spaces": '<f xml:space="preserve"> SUM( A1 )\n</f>',
    "computed always": '<f ca="1">NOW()</f>',
    "one that spells it for others": '<f t="shared" ref="B2:B9" si="0">A2*2</f>',
    "spelled by another": '<f t="shared" si="0"/>',
    "an array in one cell": '<f t="array" ref="B2">SUM(A1:A2*A1:A2)</f>',
    "an array in many cells": '<f t="array" ref="B2:B4" aca="1" ca="1">A1:A3*2</f>',
    "a data table": '<f t="dataTable" ref="B2:B4" dt2D="1" dtr="1" r1="A1" r2="A2" ca="1"/>',
    "as character data": "<f><![CDATA[A1<2]]></f>",
    "in other words": "<f   t = 'array'\n ref='B2' >A1</f >",
}
"""Formulas as written, in B2."""


@pytest.mark.parametrize("value", [41, "text", True, -0.5])
@pytest.mark.parametrize("name", KEPT)
def test_a_kept_formula_stays_as_it_is_written(name: str, value: Any) -> None:
    """So do style and metadata (`cm` makes an array dynamic) and what follows the value."""
    formula = KEPT[name]
    book = book_of(f'<row r="2"><c r="B2" s="1" t="n" cm="1">{formula}<v>1</v><extLst/></c></row>')
    new = Package(book).patched({DATA: {"B2": Cell(value, KEEP)}})
    kind = {bool: ' t="b"', str: ' t="str"'}.get(type(value), "")
    shown = str(int(value)) if isinstance(value, bool) else str(value)
    expected = f'<c r="B2" s="1" cm="1"{kind}>{formula}<v>{shown}</v><extLst/></c>'
    assert cells(new).cell("B2").decode() == expected
    assert same_but(unpacked(book)[FIRST], unpacked(new)[FIRST], ["B2"])


@pytest.mark.parametrize("formula", ['<f t="array" ref="B2">A1</f>', '<f t="array" ref="B2:B2">A1</f>', "<f>A1</f>"])
def test_a_typed_value_is_no_array_any_more(formula: str) -> None:
    """The metadata of a dynamic array go with it."""
    book = book_of(f'<row r="2"><c r="B2" s="1" cm="1" vm="1">{formula}<v>1</v></c></row>')
    new = Package(book).patched({DATA: {"B2": Cell(41)}})
    assert cells(new).cell("B2") == b'<c r="B2" s="1"><v>41</v></c>'


GROUPS = {
    "array": '<f t="array" ref="B2:C3">A1:B2*2</f>',
    "dynamic array": '<f t="array" ref="B2:C3" ca="1">_xlfn.UNIQUE(A1:B2)</f>',
    "data table": '<f t="dataTable" ref="B2:C3" dt2D="1" dtr="1" r1="A1" r2="A2"/>',
    "array with dollars": '<f t="array" ref="$B$2:$C$3">A1:B2*2</f>',
}


@pytest.mark.parametrize("cell", [Cell(7), Cell("text"), Cell(7, "A1")])
@pytest.mark.parametrize("address", ["B2", "C2", "B3", "C3"])
@pytest.mark.parametrize("name", GROUPS)
def test_a_part_of_an_array_or_data_table_is_not_changed_singly(name: str, address: str, cell: Cell) -> None:
    """As in Excel. The message names the cell and where the formula is."""
    rows = (
        f'<row r="2"><c r="B2" cm="1">{GROUPS[name]}<v>1</v></c><c r="C2"><v>2</v></c></row>'
        '<row r="3"><c r="B3"><v>3</v></c></row>'
    )
    told = f"^{address} is part of an array formula or data table in B2:C3; clear that first"
    with pytest.raises(Broken, match=told):
        Package(book_of(rows)).patched({DATA: {"A1": Cell(1), address: cell}})
    beside = Package(Package(book_of(rows)).patched({DATA: {"D2": cell, "C3": Cell(5, KEEP)}}))
    assert (beside.value(DATA, "D2"), beside.value(DATA, "C3"), beside.value(DATA, "B2")) == (cell.value, 5, 1)


# --- Excel's list of formulas ---

CHAINS: dict[str, tuple[str, Mapping[str, str], str]] = {
    "none gone": ('<c r="A1" i="1"/><c r="A2"/>', {}, '<c r="A1" i="1"/><c r="A2"/>'),
    "the first: the next one names the sheet": (
        '<c r="A1" i="1"/><c r="A2"/><c r="A3"/>',
        {"Data": "A1"},
        '<c r="A2" i="1"/><c r="A3"/>',
    ),
    "one between": ('<c r="A1" i="1"/><c r="A2"/><c r="A3"/>', {"Data": "A2"}, '<c r="A1" i="1"/><c r="A3"/>'),
    "the last": ('<c r="A1" i="1"/><c r="A2"/>', {"Data": "A2"}, '<c r="A1" i="1"/>'),
    "the same address on another sheet": (
        '<c r="A1" i="2"/><c r="A1" i="1" l="1"/><c r="A2" s="1"/>',
        {"Data": "A1"},
        '<c r="A1" i="2"/><c r="A2" s="1" i="1"/>',
    ),
    "the first of each of two sheets": (
        '<c r="A1" i="1"/><c r="A2"/><c r="A1" i="2"/><c r="A2"/><c r="A3" i="1"/>',
        {"Data": "A1", "Notes": "A1"},
        '<c r="A2" i="1"/><c r="A2" i="2"/><c r="A3" i="1"/>',
    ),
    "all of a sheet between others": (
        '<c r="A1" i="1"/><c r="A1" i="2"/><c r="A2" i="2"/><c r="A2" i="1"/>',
        {"Notes": "A1 A2"},
        '<c r="A1" i="1"/><c r="A2" i="1"/>',
    ),
    "in single quotes, with blanks": (
        "<c r='A1' i = '1' />\n<c  r='A2' l='1' />\n<c r='A3'/>",
        {"Data": "A1"},
        "\n<c  r='A2' l='1' i=\"1\"/>\n<c r='A3'/>",
    ),
    "with end tags": ('<c r="A1" i="1"></c><c r="A2" i="1"></c>', {"Data": "A1"}, '<c r="A2" i="1"></c>'),
}
"""Links before, the cells that get a typed value, links after."""


@pytest.mark.parametrize("name", CHAINS)
def test_exactly_the_links_of_typed_cells_go(name: str) -> None:
    before, typed, after = CHAINS[name]
    rows = "".join(f'<row r="{number}"><c r="A{number}"><f>B1</f><v>0</v></c></row>' for number in (1, 2, 3))
    book = book_of(rows, before, Notes=rows)
    put = {sheet: {address: Cell(1) for address in addresses.split()} for sheet, addresses in typed.items()}
    new = Package(book).patched(put)
    old_chain, new_chain = unpacked(book)[CHAIN].decode(), unpacked(new)[CHAIN].decode()
    assert new_chain == old_chain.replace(before, after)


def test_a_list_without_links_goes_altogether() -> None:
    """Excel offers to repair a file with an empty one."""
    book = book_of('<row r="1"><c r="A1"><f>B1</f><v>0</v></c></row>', '<c r="A1" i="1"/>')
    new = unpacked(Package(book).patched({DATA: {"A1": Cell(1)}}))
    assert CHAIN not in new and not any(b"calcChain" in xml for xml in new.values())


def test_links_stay_for_formulas_that_are_kept_or_replaced_and_for_cells_that_held_none() -> None:
    put = {"B2": Cell(7, KEEP), "C2": Cell(7, "A9"), "A9": Cell(1), "B9": Cell(1, "A9")}
    assert unpacked(Package(BOOK).patched({DATA: put}))[CHAIN] == unpacked(BOOK)[CHAIN]


# --- the flag that makes Excel compute on load ---

PLAIN = workbook_xml([DATA])
ALONE = re.sub("<extLst>.*</extLst>", "", PLAIN.replace(CALCULATION, ""))
"""Without settings of calculation, and with nothing that may follow them."""
WORKBOOKS = {
    "as Excel writes it": PLAIN,
    "flag off": PLAIN.replace("<calcPr ", '<calcPr fullCalcOnLoad="0" '),
    "flag off, in single quotes": PLAIN.replace("/><extLst>", " fullCalcOnLoad = 'false' /><extLst>"),
    "settings with an end tag": PLAIN.replace(CALCULATION, '<calcPr calcId="191029" calcMode="manual"></calcPr>'),
    "settings without attributes": PLAIN.replace(CALCULATION, "<calcPr/>"),
    "with a prefix": prefixed(PLAIN),
    "no settings": PLAIN.replace(CALCULATION, ""),
    "no settings, with a prefix": prefixed(PLAIN.replace(CALCULATION, "")),
    "no settings, nothing behind": ALONE,
    "no settings, nothing behind, with a prefix": prefixed(ALONE),
    **{
        f"no settings, then {tag}": PLAIN.replace(CALCULATION, f"<{tag}></{tag}>")
        for tag in ("oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "fileRecoveryPr", "webPublishing")
    },
    "no settings, extension of a view before": PLAIN.replace(CALCULATION, "").replace(
        "<workbookView/>", '<workbookView><extLst><ext uri="{1}"/></extLst></workbookView>'
    ),
    "with a mark before": "\ufeff" + PLAIN,
    "no settings, with a mark before": "\ufeff" + PLAIN.replace(CALCULATION, ""),
    "no settings, nothing behind but a comment": f"{ALONE}<!-- </workbook> -->",
    "settings in a comment": PLAIN.replace("<sheets>", "<!-- <calcPr/> --><sheets>"),
    "no settings, but in a comment": PLAIN.replace(CALCULATION, '<!-- <calcPr fullCalcOnLoad="1"/> <extLst/> -->'),
}


def with_workbook(xml: str) -> bytes:
    return packed(parts_of({DATA: sheet_xml(shared("A1*2"))}) | {WORKBOOK: xml})


@pytest.mark.parametrize("name", WORKBOOKS)
def test_the_flag_is_set_in_the_place_of_the_schema(name: str) -> None:
    before = WORKBOOKS[name]
    after = unpacked(Package(with_workbook(before)).patched({}))[WORKBOOK].decode()
    root, old = fromstring(after), fromstring(before)
    children = [child.tag.rpartition("}")[2] for child in root]
    order = (*ORDERS["workbook"].split(), "smartTagPr", "webPublishing", "fileRecoveryPr")
    places = [order.index(tag) for tag in children if tag not in order[-3:]]
    (settings,), was = root.findall("{*}calcPr"), old.find("{*}calcPr")
    assert settings.attrib == {**({} if was is None else was.attrib), "fullCalcOnLoad": "1"}
    assert places == sorted(places) and children.index("calcPr") == children.index("definedNames") + 1
    root.remove(settings)
    if was is not None:
        old.remove(was)
    assert tree(root) == tree(old)


@pytest.mark.parametrize("calculation", [CALCULATION, ""])
def test_a_part_in_another_encoding_is_refused_or_gets_the_flag(calculation: str) -> None:
    xml = workbook_xml([DATA], calculation).replace("UTF-8", "UTF-16")
    book = packed(parts_of({DATA: sheet_xml(shared("A1*2"))}) | {WORKBOOK: xml.encode("utf-16")})
    try:
        new = unpacked(Package(book).patched({DATA: {"A1": Cell(1)}}))
    except Broken:
        return
    assert [each.get("fullCalcOnLoad") for each in fromstring(new[WORKBOOK]).findall("{*}calcPr")] == ["1"]


def tree(element: Any) -> Any:
    return element.tag, element.attrib, element.text, [tree(child) for child in element]


@pytest.mark.parametrize("flag", ['fullCalcOnLoad="1"', "fullCalcOnLoad='true'", 'fullCalcOnLoad = "1"'])
def test_a_flag_that_is_set_stays_as_it_is(flag: str) -> None:
    book = with_workbook(PLAIN.replace("<calcPr ", f"<calcPr {flag} "))
    assert unpacked(Package(book).patched({})) == unpacked(book)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_the_flag_is_set_once(name: str) -> None:
    once = Package(with_workbook(WORKBOOKS[name])).patched({})
    assert Package(once).patched({}) == once
