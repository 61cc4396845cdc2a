"""Whole processes: time and memory of `xl-econ` from start to end, as somebody at a terminal has it.

Loads nothing heavy itself: a child's peak memory counts from what its parent had.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from measure import Figure, against, megabytes, show

COMPILE = (
    "from xl_econ.inputs.study import preset; from xl_econ.workbook.template import compile_template; "
    "from pathlib import Path; import sys; Path(sys.argv[1]).write_bytes(compile_template(preset('standard')))"
)


@dataclass(frozen=True)
class Usage:
    """What one process took, in seconds and megabytes."""

    seconds: float
    megabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.megabytes:.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="runs of each command (default 9)")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        show("Whole processes", figures(Path(folder), runs))


def figures(folder: Path, runs: int) -> list[Figure]:
    book, command = str(folder / "deal.xlsx"), str(Path(sys.executable).with_name("xl-econ"))
    bare = usage([sys.executable, "-c", "pass"], runs)
    pandas = usage([sys.executable, "-c", "import pandas"], runs)
    compiled = usage([sys.executable, "-c", COMPILE, book], runs)
    new = usage([command, "new", book, "--force"], runs)
    told = usage([command, "--help"], runs)
    peers = (ratio("a compilation by XlsxWriter", compiled, new), ratio("`import pandas` alone", pandas, new))
    return [
        Figure("`xl-econ new`", str(new), "1.0 s, 150 MB", "; ".join(peers)),
        Figure("`xl-econ --help`", str(told), "0.15 s", ratio("`python -c pass`", bare, told)),
        Figure("`xl-econ read`", str(usage([command, "read", book], runs))),
        Figure("`xl-econ compute`", str(usage([command, "compute", "standard"], runs))),
    ]


def ratio(peer: str, theirs: Usage, ours: Usage) -> str:
    return f"{against(peer, theirs.seconds, ours.seconds)} ({theirs})"


def usage(command: list[str], runs: int) -> Usage:
    """The median of some runs, after one that does not count."""
    measured = [once(command) for _ in range(runs + 1)][1:]
    return Usage(
        statistics.median(each.seconds for each in measured), statistics.median(each.megabytes for each in measured)
    )


def once(command: list[str]) -> Usage:
    """One run, by the clock on the wall: that is what somebody waits for."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, status, resources = os.wait4(process.pid, 0)
    took = time.perf_counter() - start
    if status:
        raise RuntimeError(f"{' '.join(command)} failed: {process.stderr.read().decode() if process.stderr else ''}")
    return Usage(took, megabytes(resources))


if __name__ == "__main__":
    main()
