"""Workbook: filling, reading, size, and a full recalculation in LibreOffice."""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
from measure import Figure, against, milliseconds, peak_megabytes, seconds, show

from xl_econ.inputs.scenario import decided
from xl_econ.inputs.study import preset
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.read import read_workbook
from xl_econ.workbook.template import compile_template

STUDY = preset("standard")
MANY = 100
RECALCULATIONS = 100
TESTS = Path(__file__).resolve().parents[1] / "tests"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="runs of each piece of work (default 15)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "deal.xlsx"
        book.write_bytes(new_workbook(STUDY))
        show("Workbook", [*filling(book, runs), *reading(book, runs), *size(book), *recalculation(book)])


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
