"""Whatever a sheet holds and however it is written: what is put in reads back, and everything else is as before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from specimens import writers
from specimens.content import DATA
from specimens.outline import Outline, same_but
from specimens.spelled import FIRST, book_of, packed, parts_of, rows_xml, sheet_xml, unpacked

from xl_econ.workbook.package import KEEP, Cell, Package


class Formula(str):
    """A formula with its sign; it gave 1."""


Place = tuple[int, int]
"""Row and column."""
Grid = dict[Place, Any]
CHANGES: list[Callable[[str], str]] = [
    str,
    writers.prefixed,
    writers.single_quoted,
    writers.spaced,
    writers.greater_signs,
    writers.commented,
    writers.without_addresses,
    writers.indented,
    writers.closed,
    writers.undeclared,
    writers.with_mark,
]
WORKBOOK = "xl/workbook.xml"
NOT_IN_XML = {*map(chr, range(9)), *map(chr, range(11, 32)), "\ufffe", "\uffff"}
PIECES = ["_", "_x0041_", "_x", "x0041_", "0041_", "\x0b", "\r", "\n", "\t", " ", "<", "&amp;", "]]>", "=", "😀"]
"""What is hard in a text."""

numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**18), 10**18)
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=5).map("".join)
values = numbers | texts | st.booleans()
formulas = st.sampled_from(["=A1*2", '=SUM($A$1:B2)&"<&>"', "=IF(A1>0,\n1,2)"])
rows, columns = st.integers(1, 12), st.integers(1, 30)
places = st.tuples(rows, columns)
grids = st.dictionaries(places, values | formulas.map(Formula), min_size=1, max_size=12)
puts = st.dictionaries(places, st.builds(Cell, values, st.none() | st.just(KEEP) | formulas), min_size=1, max_size=8)
each = settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def named(cells: Grid) -> dict[str, Any]:
    """By address, in the order of a file."""
    return {f"{get_column_letter(column)}{row}": cells[row, column] for row, column in sorted(cells)}


def spelled(text: str) -> str:
    """A text as a file may spell it: every underscore, to be sure."""
    return escape("".join(f"_x{ord(each):04X}_" if each in NOT_IN_XML or each == "_" else each for each in text))


def cell_xml(address: str, value: Any) -> str:
    """A cell of Excel's."""
    head = f'<c r="{address}" s="1"'
    if isinstance(value, bool):
        return f'{head} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Formula):
        return f"{head}><f>{escape(value[1:])}</f><v>1</v></c>"
    if isinstance(value, str):
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{spelled(value)}</t></is></c>'
    return f"{head}><v>{value!r}</v></c>"


def book(grid: Grid, change: Callable[[str], str] = str) -> bytes:
    cells = {address: cell_xml(address, value) for address, value in named(grid).items()}
    return packed(parts_of({DATA: change(sheet_xml(rows_xml(cells))), "Other": sheet_xml("")}))


def is_same(found: Any, value: Any) -> bool:
    """Of the same kind, to the last digit and the sign of zero; a formula may give no text."""
    return (type(found), repr(found)) == (type(value), repr(value)) or (found is None and value == "")


def formula_of(package: Package, address: str, cell: Cell) -> str | None:
    """The formula that a cell has when this is put into it."""
    return package.formula(DATA, address) if cell.formula == KEEP else cell.formula


@each
@given(grids, st.sampled_from(CHANGES))
def test_a_sheet_is_read_as_it_is_written(grid: Grid, change: Callable[[str], str]) -> None:
    package = Package(book(grid, change))
    for address, value in named(grid).items():
        assert is_same(package.value(DATA, address), 1 if isinstance(value, Formula) else value)
        assert package.formula(DATA, address) == (value if isinstance(value, Formula) else None)


@each
@given(grids, puts, st.sampled_from(CHANGES))
@example({(1, 1): 1}, {(1, 1): Cell("_x0041\x0b")}, str)
@example({(1, 1): 1}, {(1, 1): Cell("_x005F_x0041_x0042_")}, str)
def test_what_is_put_in_reads_back_and_everything_else_is_as_before(
    grid: Grid, put: dict[Place, Cell], change: Callable[[str], str]
) -> None:
    before = book(grid, change)
    old, cells = Package(before), named(put)
    after = old.patched({DATA: cells})
    new = Package(after)
    for address, cell in cells.items():
        assert is_same(new.value(DATA, address), cell.value)
        assert new.formula(DATA, address) == formula_of(old, address, cell)
    for address in named(grid).keys() - cells.keys():
        assert is_same(new.value(DATA, address), old.value(DATA, address))
        assert new.formula(DATA, address) == old.formula(DATA, address)
    check_bytes(unpacked(before), unpacked(after), cells)


def check_bytes(before: dict[str, bytes], after: dict[str, bytes], cells: Iterable[str]) -> None:
    assert same_but(before[FIRST], after[FIRST], cells)
    assert Outline(after[FIRST]).places == sorted(Outline(after[FIRST]).places)
    assert list(before) == list(after)
    assert {name for name in before if before[name] != after[name]} <= {FIRST, WORKBOOK}


@each
@given(grids, puts, st.sampled_from(CHANGES))
def test_the_same_again_changes_nothing(grid: Grid, put: dict[Place, Cell], change: Callable[[str], str]) -> None:
    once = Package(book(grid, change)).patched({DATA: named(put)})
    assert Package(once).patched({DATA: named(put)}) == once


@each
@given(grids, puts, puts, st.sampled_from(CHANGES))
def test_two_steps_are_one(
    grid: Grid,
    first: dict[Place, Cell],
    second: dict[Place, Cell],
    change: Callable[[str], str],
) -> None:
    assume(all(cell.formula != KEEP for cell in second.values()))
    steps = Package(Package(book(grid, change)).patched({DATA: named(first)})).patched({DATA: named(second)})
    assert unpacked(steps) == unpacked(Package(book(grid, change)).patched({DATA: named(first | second)}))


@each
@given(grids, st.sampled_from(CHANGES))
def test_putting_nothing_in_sets_the_flag_only(grid: Grid, change: Callable[[str], str]) -> None:
    before, after = (unpacked(each) for each in (book(grid, change), Package(book(grid, change)).patched({})))
    assert after[WORKBOOK].replace(b' fullCalcOnLoad="1"', b"") == before[WORKBOOK]
    assert {name: xml for name, xml in after.items() if name != WORKBOOK} == {
        name: xml for name, xml in before.items() if name != WORKBOOK
    }


SHARED = {f"G{row}": f"=A{row}+$B$1" for row in range(1, 6)}
kept = st.builds(Cell, numbers, st.sampled_from([None, KEEP, "=A9"]))


@each
@given(st.dictionaries(st.sampled_from([*SHARED, "F2", "H3", "G9"]), kept, min_size=1))
def test_a_shared_formula_keeps_its_meaning_whatever_is_put_in(put: dict[str, Cell]) -> None:
    shared = {at: f'<c r="{at}"><f t="shared" si="0"/><v>1</v></c>' for at in SHARED}
    shared["G1"] = '<c r="G1"><f t="shared" ref="G1:G5" si="0">A1+$B$1</f><v>1</v></c>'
    before = Package(book_of(rows_xml(shared)))
    new = Package(before.patched({DATA: put}))
    expected = SHARED | {at: formula_of(before, at, cell) for at, cell in put.items()}
    assert new.formulas(DATA) == {at: formula for at, formula in expected.items() if formula}
    assert {at: new.value(DATA, at) for at in put} == {at: cell.value for at, cell in put.items()}
