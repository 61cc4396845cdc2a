"""Functions: a column in one call of Python, cells that call back, and LAMBDA names called 10,000 times in IronCalc."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import formualizer
import ironcalc
import numpy as np
import xlsxwriter
from measure import Figure, milliseconds, seconds, show

from xl_econ.core.spell import START, quoted
from xl_econ.functions.anywhere import names_anywhere
from xl_econ.functions.call import call
from xl_econ.functions.cells import entries
from xl_econ.functions.examples import example
from xl_econ.functions.lambdas import call_of
from xl_econ.functions.registry import registry

CELLS = 10_000
CALLED = ("ACC_MEMORY_GB", "WEIGHTS_GB", "KV_MB_PER_TOKEN", "TTFT_MS")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15, help="runs of each piece of work (default 15)")
    with tempfile.TemporaryDirectory() as folder:
        show("Functions", figures(Path(folder), parser.parse_args().runs))


def figures(folder: Path, runs: int) -> list[Figure]:
    arguments = example(registry()["TTFT_MS"])
    arguments[-1] = np.linspace(1, 300, CELLS).reshape(-1, 1).tolist()
    column = seconds(lambda: call("TTFT_MS", *arguments), runs)
    found = [
        Figure(f"a column of {CELLS:,} cells through `TTFT_MS` in Python", milliseconds(column), "5 ms"),
        Figure(f"{CELLS:,} cells of `TTFT_MS` in formualizer, each calling Python", f"{called_back():.1f} s"),
        Figure(f"a column of {CELLS:,} cells through one call of `LLM.TTFT_MS` in IronCalc", one_call(folder)),
        Figure(f"{CELLS:,} calls, all functions in turn, in IronCalc", recalculated(folder, list(registry())), "1 s"),
    ]
    for name in CALLED:
        found.append(Figure(f"{CELLS:,} calls of `LLM.{name}` in IronCalc", recalculated(folder, [name]), "1 s"))
    return found


def recalculated(folder: Path, names: Sequence[str]) -> str:
    """A column of calls, each with other arguments where they are numbers."""
    path, told = folder / f"{names[0]}{len(names)}.xlsx", {name: example(registry()[name]) for name in names}
    with sheet_with_names(path) as sheet:
        for row, name in zip(range(CELLS), itertools.cycle(names), strict=False):
            sheet.write_formula(row, 0, START + call_of(name, spelled(told[name], row)), None, 0)
    return computed(path)


def one_call(folder: Path) -> str:
    """The same column by a call that takes the last argument from a range."""
    path, told = folder / "column.xlsx", spelled(example(registry()["TTFT_MS"]), 0)
    with sheet_with_names(path) as sheet:
        sheet.write_column(0, 1, [1 + row / 100 for row in range(CELLS)])
        called = START + call_of("TTFT_MS", [*told[:-1], f"B1:B{CELLS}"])
        sheet.write_dynamic_array_formula(0, 0, CELLS - 1, 0, called, None, 0)
    return computed(path)


@contextlib.contextmanager
def sheet_with_names(path: Path) -> Iterator[Any]:
    """An empty sheet in a workbook that has the names."""
    book: Any = xlsxwriter.Workbook(str(path))
    for each in names_anywhere():
        book.define_name(each.name, START + each.formula)
    yield book.add_worksheet("Calls")
    book.close()


def computed(path: Path) -> str:
    """In a process of its own: IronCalc keeps memory, which makes the next workbook slower or faster."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as alone:
        return f"{alone.submit(evaluated, path).result():.2f} s"


def evaluated(path: Path) -> float:
    return seconds(ironcalc.load_from_xlsx(str(path)).evaluate, 1, 0)


def called_back() -> float:
    """Seconds of a workbook whose cells call Python, one by one."""
    book, entry = formualizer.Workbook(), entries()["TTFT_MS"]
    count = len(entry.arguments)
    book.register_function(entry.name, lambda *cells: entry.work(*cells)[0][0], min_args=count, max_args=count)
    sheet, told = book.sheet("Calls"), example(registry()[entry.name])
    for row in range(CELLS):
        sheet.set_formula(row + 1, 1, f"{START}{entry.name}({','.join(spelled(told, row))})")
    return seconds(book.evaluate_all, 1, 0)


def spelled(told: Sequence[Any], row: int) -> list[str]:
    last = [] if isinstance(told[-1], str) else [repr(1 + row / 100)]
    rest = told[: len(told) - len(last)]
    return [*(quoted(value) if isinstance(value, str) else repr(value) for value in rest), *last]


if __name__ == "__main__":
    main()
