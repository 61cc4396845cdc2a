"""Functions: a column through one call in Python, and LAMBDA names called 10,000 times in IronCalc."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ironcalc
import numpy as np
import xlsxwriter
from measure import Figure, milliseconds, seconds, show

from xl_econ.core.spell import START, quoted
from xl_econ.functions.anywhere import names_anywhere
from xl_econ.functions.call import call, example
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
    found = [Figure(f"a column of {CELLS:,} cells through `TTFT_MS` in Python", milliseconds(column), "5 ms")]
    for name in CALLED:
        book = ironcalc.load_from_xlsx(str(called(folder, name)))
        found.append(
            Figure(f"{CELLS:,} calls of `LLM.{name}` in IronCalc", f"{seconds(book.evaluate, 1, 0):.2f} s", "1 s")
        )
    return found


def called(folder: Path, name: str) -> Path:
    """A workbook with the names alone and a column of calls, each with other arguments where they are numbers."""
    path, function = folder / f"{name}.xlsx", registry()[name]
    book: Any = xlsxwriter.Workbook(str(path))
    for each in names_anywhere():
        book.define_name(each.name, START + each.formula)
    sheet, told = book.add_worksheet("Calls"), example(function)
    for row in range(CELLS):
        sheet.write_formula(row, 0, START + call_of(name, spelled(told, row)), None, 0)
    book.close()
    return path


def spelled(told: Sequence[Any], row: int) -> list[str]:
    last = [] if isinstance(told[-1], str) else [repr(1 + row / 100)]
    rest = told[: len(told) - len(last)]
    return [*(quoted(value) if isinstance(value, str) else repr(value) for value in rest), *last]


if __name__ == "__main__":
    main()
