"""Workbook: filling, reading, refreshing, patching, size, and a full recalculation in LibreOffice."""

from __future__ import annotations

import argparse
import io
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import openpyxl
import xlsxwriter
import xlsxwriter.utility
from measure import Figure, against, milliseconds, peak_megabytes, seconds, show

from xl_econ.inputs.changes import Change
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.study import preset
from xl_econ.workbook.check import check_workbook
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.package import Cell, Package
from xl_econ.workbook.read import read_workbook
from xl_econ.workbook.refresh import refresh_workbook
from xl_econ.workbook.template import compile_template

STUDY = preset("standard")
MANY = 100
RECALCULATIONS = 100
SHEET, FORMULAS, COLUMNS = "Many", 100_000, 50
ROW, FORMULA = re.compile(rb'<row r="(\d+)".*?</row>'), re.compile(rb"<f>[^<]*</f>")
TESTS = Path(__file__).resolve().parents[1] / "tests"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="runs of each piece of work (default 15)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "deal.xlsx"
        book.write_bytes(new_workbook(STUDY))
        figures = (filling(book, runs), reading(book, runs), editing(book, runs), patching(runs))
        show("Workbook", [each for group in (*figures, size(book), recalculation(book)) for each in group])


# --- filling ---


def filling(book: Path, runs: int) -> Iterator[Figure]:
    ours = seconds(lambda: new_workbook(STUDY), runs)
    theirs = seconds(lambda: set_by_openpyxl(book), 3)
    compiled = seconds(lambda: compile_template(STUDY), 3)
    peers = (versus("openpyxl: load, set inputs, save", theirs, ours), versus("XlsxWriter: all anew", compiled, ours))
    yield Figure("filling one, warm", milliseconds(ours), "150 ms", "; ".join(peers))
    before = peak_megabytes()
    took = seconds(lambda: [new_workbook(STUDY) and None for _ in range(MANY)], 1, warm_up=0)
    yield Figure(f"filling {MANY}", f"{took:.1f} s, {peak_megabytes() - before:+.0f} MB", "15 s, memory flat")


def set_by_openpyxl(book: Path) -> bytes:
    """The inputs alone, without any result: what the file loses on the way is another matter."""
    opened, out = openpyxl.load_workbook(book), io.BytesIO()
    for place, values in enumerate(STUDY.resolved().values()):
        for name in decided():
            sheet, cell = layout_for(len(STUDY.scenarios)).one(name, place)
            opened[sheet][cell] = values[name]
    opened.save(out)
    return out.getvalue()


# --- reading ---


def reading(book: Path, runs: int) -> Iterator[Figure]:
    ours = seconds(lambda: read_workbook(book), runs)
    theirs = seconds(lambda: cells_by_openpyxl(book), 3)
    yield Figure(
        "reading the inputs, warm", milliseconds(ours), "50 ms", versus("openpyxl: the cells, unchecked", theirs, ours)
    )


def cells_by_openpyxl(book: Path) -> list[object]:
    """The two input sheets, read only, without any check."""
    opened = openpyxl.load_workbook(book, read_only=True)
    return [cell.value for sheet in ("Inputs", "Assumptions") for row in opened[sheet].iter_rows() for cell in row]


# --- refreshing, checking and patching ---


def editing(book: Path, runs: int) -> Iterator[Figure]:
    """One input changed in a workbook of ours with all results, and a workbook checked."""
    out, tokens = book.with_name("refreshed.xlsx"), count(1_000)
    refresh = seconds(
        lambda: refresh_workbook(book, out, changes=[Change("input_tokens", next(tokens))], force=True), runs
    )
    yield Figure("refresh, warm", milliseconds(refresh))
    yield Figure("check, warm", milliseconds(seconds(lambda: check_workbook(book), runs)))


def patching(runs: int) -> Iterator[Figure]:
    """From the bytes of a file to the bytes of another."""
    for what, book in (("", many_formulas()), (", shared as Excel saves them", shared(many_formulas()))):
        ours = seconds(lambda book=book: Package(book).patched({SHEET: {"A1": Cell(2)}}), runs)
        theirs = seconds(lambda book=book: patched_by_openpyxl(book), 1, warm_up=0)
        peer = versus("openpyxl: load and save", theirs, ours)
        yield Figure(f"one input into {FORMULAS:,} formulas{what}", milliseconds(ours), "200 ms", peer)


def many_formulas() -> bytes:
    """One input, and a sheet of formulas that each look at it and at the cell to the left."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(SHEET)
        sheet.write("A1", 1)
        for row in range(1, 1 + FORMULAS // COLUMNS):
            sheet.write(row, 0, row)
            for column in range(1, 1 + COLUMNS):
                left = xlsxwriter.utility.xl_rowcol_to_cell(row, column - 1)
                sheet.write_formula(row, column, f"={left}+$A$1", None, row + column)
    return out.getvalue()


def shared(book: bytes) -> bytes:
    """The same file with each row's formula spelled once."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, ROW.sub(_spelled_once, old.read(name)) if "/worksheets/" in name else old.read(name))
    return out.getvalue()


def _spelled_once(row: re.Match[bytes]) -> bytes:
    """The first formula for all of the row."""
    number, last = int(row[1]) - 1, xlsxwriter.utility.xl_col_to_name(COLUMNS).encode()
    first = b'<f t="shared" ref="B%s:%s%s" si="%d">' % (row[1], last, row[1], number)
    more = FORMULA.sub(b'<f t="shared" si="%d"/>' % number, row[0])
    return more.replace(b'<f t="shared" si="%d"/>' % number, first + b"A%s+$A$1</f>" % row[1], 1)


def patched_by_openpyxl(book: bytes) -> bytes:
    """All parts that it knows are written anew; the formulas lose their values."""
    opened, out = openpyxl.load_workbook(io.BytesIO(book)), io.BytesIO()
    opened[SHEET]["A1"] = 2
    opened.save(out)
    return out.getvalue()


# --- size and recalculation ---


def size(book: Path) -> Iterator[Figure]:
    with zipfile.ZipFile(book) as package:
        sheets = [package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
    formulas = sum(sheet.count(b"<f>") + sheet.count(b"<f ") for sheet in sheets)
    yield Figure("formulas", f"{formulas:,}", "35,000")
    yield Figure("size", f"{book.stat().st_size / 1e6:.2f} MB", "1 MB")


def recalculation(book: Path) -> Iterator[Figure]:
    """One hard recalculation: what more of them add to one run of LibreOffice."""
    sys.path.append(str(TESTS))
    import engines

    what, budget = "LibreOffice: full recalculation", "3 s"
    if engines.SOFFICE is None or engines.uno_python() is None:
        yield Figure(what, "LibreOffice or its Python is not installed", budget)
        return
    results = [layout_for(len(STUDY.scenarios)).one("usd_per_m_tokens", 0)]
    once, more = (_played(book, count, results) for count in (1, 1 + RECALCULATIONS))
    yield Figure(what, f"{(more - once) / RECALCULATIONS:.3f} s", budget)
    yield Figure("LibreOffice: start, load, recalculate once, end", f"{once:.1f} s")


def _played(book: Path, count: int, results: list[tuple[str, str]]) -> float:
    import engines

    start = time.perf_counter()
    cell = layout_for(len(STUDY.scenarios)).one("input_tokens", 0)
    engines.libreoffice_scenarios(book, [{cell: 1000.0 + place} for place in range(count)], results)
    return time.perf_counter() - start


def versus(peer: str, theirs: float, ours: float) -> str:
    return f"{against(peer, theirs, ours)} ({milliseconds(theirs)})"


if __name__ == "__main__":
    main()
