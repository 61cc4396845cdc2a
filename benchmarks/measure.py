"""Measuring: medians of repeated runs, and a table of figures beside their budgets."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. `peer` names what else was measured in the same run, with the ratio to ours."""

    what: str
    measured: str
    budget: str = ""
    peer: str = ""


def seconds(work: Callable[[], object], runs: int, warm_up: int = 1) -> float:
    """The median time of one run, after runs that do not count."""
    for _ in range(warm_up):
        work()
    return statistics.median(_timed(work) for _ in range(runs))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_megabytes() -> float:
    """The most memory that this process had at any time."""
    return megabytes(resource.getrusage(resource.RUSAGE_SELF))


def megabytes(usage: resource.struct_rusage) -> float:
    """Peak memory: Linux reports it in KiB, macOS in bytes."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def against(peer: str, theirs: float, ours: float, *, more_is_better: bool = False) -> str:
    """A ratio in words: how many times as fast as a peer we are."""
    return f"{ours / theirs if more_is_better else theirs / ours:.3g} × as fast as {peer}"


def milliseconds(value: float) -> str:
    return f"{value * 1e3:.0f} ms"


def show(title: str, figures: Iterable[Figure]) -> None:
    """A Markdown table, ready for the README."""
    rows = [("work", "measured", "budget", "peer in the same run"), ("---", "---", "---", "---")]
    rows += [(each.what, each.measured, each.budget, each.peer) for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    print(f"\n{title} (machine: {os.cpu_count()} cores)\n")
    for row in rows:
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
