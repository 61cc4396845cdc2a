"""Any program's workbook is read right, and cells are put into it while every other byte stays.

`specimens/writers.py` writes the same two sheets in many ways; `specimens/content.py` says what they hold, and what
is put into them. Odd cells are in `test_package_cells.py`, formulas that cells share in
`test_package_formulas.py`, random grids in `test_package_properties.py`.
"""

from __future__ import annotations

import functools
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import engines
import openpyxl
import pytest
from specimens.content import CONTENT, DATA, NOTES, PUT, STYLED
from specimens.outline import Outline, same_but
from specimens.spelled import packed, unpacked
from specimens.writers import STRICT, WRITERS

from xl_econ.workbook.package import Cell, Package

NO_LIBREOFFICE = pytest.mark.skipif(not engines.HAVE_LIBREOFFICE, reason=engines.NO_LIBREOFFICE)
MARKS = {"LibreOffice": NO_LIBREOFFICE}
EACH = pytest.mark.parametrize("writer", [pytest.param(name, marks=MARKS.get(name, ())) for name in WRITERS])
WITHOUT_VALUES = "openpyxl"
"""It saves formulas without their values."""
TYPED_AS_FORMULA = {("LibreOffice", "F4"): "=TRUE()", ("LibreOffice", "G4"): "=FALSE()"}
"""LibreOffice knows no truth values but formulas."""
NOT_BY_OPENPYXL = {(writer, cell) for writer in ("XML without addresses", "XML of many ways") for cell in ("C8", "D8")}
"""It spells a shared formula only for a cell that has its address."""
FAR = ("XFD20", "A1048576")
"""LibreOffice takes seconds for each sheet that is so large."""
FLAG = re.compile(rb'<(?:\w+:)?calcPr fullCalcOnLoad="1"/>| fullCalcOnLoad="1"')
CELLS = {(sheet, address): held for sheet, cells in CONTENT.items() for address, held in cells.items()}


@functools.cache
def written(writer: str) -> bytes:
    return WRITERS[writer]()


@functools.cache
def patched(writer: str) -> bytes:
    return Package(written(writer)).patched({DATA: {address: put.cell for address, put in PUT.items()}})


def sheet_of(book: bytes) -> bytes:
    """The XML of the sheet that cells are put into."""
    return unpacked(book)[Package(book).sheet_parts[DATA]]


def alike(found: Any, expected: Any) -> bool:
    """Equal, and of the same kind; a formula that gives no text gives nothing."""
    return (found == expected and isinstance(found, bool) == isinstance(expected, bool)) or (found or "") == expected


def opened(book: bytes, *, values: bool) -> openpyxl.Workbook:
    """By openpyxl, which does not know the strict namespaces."""
    for transitional, strict in STRICT.items():
        if strict.encode() in unpacked(book)["xl/workbook.xml"]:
            readable = {name: xml.decode().replace(strict, transitional) for name, xml in unpacked(book).items()}
            return opened(packed(readable), values=values)
    return openpyxl.load_workbook(io.BytesIO(book), data_only=values)


def shown(value: Any) -> Any:
    """A text as openpyxl shows it, but for how it is spelled: it keeps some spellings."""
    return value.replace("x005F_", "").replace("_x000b_", "_x000B_") if isinstance(value, str) else value


# --- reading ---


@EACH
def test_values_and_formulas_are_read_as_they_were_written(writer: str) -> None:
    package = Package(written(writer))
    for (sheet, address), held in CELLS.items():
        value = None if writer == WITHOUT_VALUES and held.formula else held.value
        formula = TYPED_AS_FORMULA.get((writer, address), f"={held.formula}" if held.formula else None)
        assert alike(package.value(sheet, address), value), f"{address}: {held.why}"
        assert package.formula(sheet, address) == formula, f"{address}: {held.why}"


@EACH
def test_formulas_are_listed_and_what_is_missing_is_empty(writer: str) -> None:
    package = Package(written(writer))
    expected = {address: f"={held.formula}" for address, held in CONTENT[DATA].items() if held.formula}
    expected |= {address: formula for (name, address), formula in TYPED_AS_FORMULA.items() if name == writer}
    assert package.formulas(DATA) == expected
    for missing in ("A1", "A2", "E2", "H2", "C5", "A6", "B10", "XFD1048576"):
        assert (package.value(DATA, missing), package.formula(DATA, missing)) == (None, None)


# --- putting in ---


@EACH
def test_what_is_put_in_reads_back(writer: str) -> None:
    package = Package(patched(writer))
    for address, put in PUT.items():
        assert alike(package.value(DATA, address), put.cell.value), f"{address}: {put.why}"
        assert package.formula(DATA, address) == put.formula, f"{address}: {put.why}"
    assert str(package.value(DATA, "D4")) == "-0.0"


@EACH
def test_openpyxl_reads_the_same(writer: str) -> None:
    values, formulas = (opened(patched(writer), values=each)[DATA] for each in (True, False))
    for address, put in ((at, put) for at, put in PUT.items() if (writer, at) not in NOT_BY_OPENPYXL):
        value = shown(put.spelled or put.cell.value)
        assert alike(shown(values[address].value), value), f"{address}: {put.why}"
        assert shown(formulas[address].value) == (put.formula or value), f"{address}: {put.why}"
        assert (formulas[address].data_type == "f") is bool(put.formula), f"{address}: {put.why}"


@EACH
def test_all_other_cells_are_still_read_the_same(writer: str) -> None:
    package, others = Package(patched(writer)), opened(patched(writer), values=False)
    for (sheet, address), held in CELLS.items():
        if sheet != DATA or address not in PUT:
            formula = TYPED_AS_FORMULA.get((writer, address), f"={held.formula}" if held.formula else None)
            assert package.value(sheet, address) == Package(written(writer)).value(sheet, address)
            assert package.formula(sheet, address) == formula
            by_openpyxl = formula if (writer, address) in NOT_BY_OPENPYXL else shown(others[sheet][address].value)
            assert by_openpyxl == shown(formula or held.spelled or held.value), held.why


@EACH
def test_every_byte_outside_of_these_cells_stays(writer: str) -> None:
    assert same_but(sheet_of(written(writer)), sheet_of(patched(writer)), PUT)


@EACH
def test_the_sheet_is_well_formed_with_its_cells_in_order(writer: str) -> None:
    found = Outline(sheet_of(patched(writer)))
    assert found.places == sorted(found.places) and set(found.cells) >= set(PUT)
    assert list(found.rows) == sorted(found.rows)


@EACH
def test_every_other_part_stays(writer: str) -> None:
    before, after = unpacked(written(writer)), unpacked(patched(writer))
    sheet = Package(written(writer)).sheet_parts[DATA]
    changed = {name for name, content in before.items() if content != after[name]}
    assert changed <= {sheet, "xl/workbook.xml", "xl/calcChain.xml"}
    assert FLAG.sub(b"", after["xl/workbook.xml"]) == FLAG.sub(b"", before["xl/workbook.xml"])
    chain = re.sub(rb"<(x:)?c r=.C7.( i=.1.)?/>", b"", before.get("xl/calcChain.xml", b""))
    assert after.get("xl/calcChain.xml", b"") == chain


@EACH
def test_the_archive_is_sound_and_in_the_same_order(writer: str) -> None:
    with zipfile.ZipFile(io.BytesIO(written(writer))) as before, zipfile.ZipFile(io.BytesIO(patched(writer))) as after:
        assert after.namelist() == before.namelist()
        assert after.testzip() is None
        assert after.comment == before.comment
        for old, new in zip(before.infolist(), after.infolist(), strict=True):
            assert (new.date_time, new.comment) == (old.date_time, old.comment)


@EACH
def test_styles_stay(writer: str) -> None:
    before, after = (opened(book, values=False) for book in (written(writer), patched(writer)))
    for sheet, address in ((DATA, "B2"), (DATA, "B9"), (NOTES, "A3")):
        assert after[sheet][address]._style == before[sheet][address]._style
    assert after[DATA]["B9"].font.b is bool(STYLED["B9"])


@EACH
def test_a_package_is_not_used_up(writer: str) -> None:
    """One opened workbook fills many."""
    package, cells = Package(written(writer)), {DATA: {address: put.cell for address, put in PUT.items()}}
    assert package.patched({DATA: {"B2": Cell("other")}}) != package.patched(cells) == package.patched(cells)
    assert package.patched(cells) == patched(writer)


@NO_LIBREOFFICE
def test_libreoffice_reads_the_same(tmp_path: Path) -> None:
    """It opens all of them, and shows the typed cells as they were put in, but without carriage returns."""
    typed = {at: put.cell for at, put in PUT.items() if put.formula is None and at not in FAR}
    paths = {writer: tmp_path / f"{place}.xlsx" for place, writer in enumerate(WRITERS)}
    for writer, path in paths.items():
        path.write_bytes(Package(written(writer)).patched({DATA: typed}))
    results = engines.recalculate_libreoffice(list(paths.values()), tmp_path / "out")
    wrong = {
        (writer, address): found
        for writer, result in zip(WRITERS, map(Package, map(Path.read_bytes, results)), strict=True)
        for address, cell in typed.items()
        if not engines.same_value(found := result.value(DATA, address), _without_returns(cell.value))
    }
    assert wrong == {}


def _without_returns(value: Any) -> Any:
    return value.replace("\r", "") if isinstance(value, str) else value
