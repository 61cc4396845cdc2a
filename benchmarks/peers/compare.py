"""Peers: other programs that predict the same, on the same measured rows as we.

Each runs in its own virtual environment, in a process of its own, through its adapter in `adapters/`.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from ask import PEERS, Answers, ask
from rich.console import Console
from rich.table import Table
from sample import SEED, sample

from xl_econ.calibration.evidence import METRICS, SATURATED, TOO_LARGE, Point
from xl_econ.calibration.measured import Row, read_measured
from xl_econ.calibration.predict import Asked, predicted
from xl_econ.core.problems import Problems
from xl_econ.inputs.standard import standard_given

OURS = "xl_econ"
NAMES = {
    "itl_ms": "itl_ms",
    "ttft_ms": "ttft_ms",
    "batch_prefill_ms": "ttft_ms",
    "static_batch_ms": "batch_ms",
    "replica_output_tokens_per_s": "output_tokens_per_s",
}
"""What our conversion into a row's unit takes, and what a peer calls it."""
Points = dict[int, Point]


@dataclass(frozen=True)
class Told:
    """One program's predictions by line, why it has none of the others, and its seconds for each row."""

    name: str
    points: Points
    reasons: dict[int, str]
    seconds: list[float]


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    try:
        rows = sample(read_measured(arguments.measured), arguments.sample)
    except (OSError, Problems) as why:
        parser.error(str(why))
    ours = _ours(rows)
    wanted = [peer for peer in PEERS if not arguments.peer or peer.name in arguments.peer]
    told = [_told(ask(peer, rows, arguments.environments), rows) for peer in wanted]
    console = Console(width=150)
    console.print(f"\n{len(rows)} rows of {arguments.measured.name}, seed {SEED}\n")
    for table in (_scores(rows, ours, told), _times(rows, [ours, *told]), _reasons([ours, *told])):
        console.print(table)
    if arguments.details:
        _write_details(arguments.details, rows, [ours, *told])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("measured", type=Path, help="a file with the columns of docs/evidence.md")
    parser.add_argument("--environments", type=Path, required=True, help="where the peers are installed, or will be")
    parser.add_argument("--sample", type=int, default=150, help="how many rows (default 150)")
    parser.add_argument("--peer", action="append", choices=[peer.name for peer in PEERS], help="only this one")
    parser.add_argument("--details", type=Path, help="write each row's predictions into this file")
    return parser


def _ours(rows: Sequence[Row]) -> Told:
    values, running = predicted(rows)
    reasons = {row.line: TOO_LARGE for row, value in zip(rows, values, strict=True) if np.isnan(value)}
    reasons |= {r.line: SATURATED for r, share in zip(rows, running, strict=True) if r.kind == "ttft" and share < 1}
    return Told(OURS, _points(rows, values, reasons), reasons, [_seconds(row) for row in rows])


def _seconds(row: Row) -> float:
    """One row alone, as a peer is asked."""
    start = time.perf_counter()
    predicted([row])
    return time.perf_counter() - start


def _told(answers: Answers, rows: Sequence[Row]) -> Told:
    said = answers.of_rows
    values: dict[str, Any] = {ours: np.array([a.get(theirs, np.nan) for a in said]) for ours, theirs in NAMES.items()}
    concurrency = np.array([row.concurrency or np.nan for row in rows])
    values["offered"], values["waves"] = np.maximum(1, concurrency / Asked(rows).replicas), 1
    values["ms_per_s"] = float(standard_given()["ms_per_s"])
    values |= {name: np.array([getattr(row, name) for row in rows]) for name in ("input_tokens", "output_tokens")}
    values |= dict.fromkeys(("pass_tokens", "passes_in_flight", "pass_ms"), np.nan)  # no peer tells of prefill pools
    found = Asked(rows).by_metric(values)
    unknown = [row.line for row, value in zip(rows, found, strict=True) if np.isnan(value)]
    reasons = dict.fromkeys(unknown, "has no such number")
    reasons |= {row.line: a["reason"] for row, a in zip(rows, said, strict=True) if "reason" in a}
    print(f"{answers.peer} {answers.version}: started in {answers.start_s:.1f} s", file=sys.stderr)
    seconds = [a["seconds"] for a in said if "reason" not in a]
    return Told(f"{answers.peer} {answers.version}", _points(rows, found, reasons), reasons, seconds)


def _points(rows: Sequence[Row], values: Any, reasons: dict[int, str]) -> Points:
    known = ((row, float(value)) for row, value in zip(rows, values, strict=True) if row.line not in reasons)
    return {row.line: Point(row, value) for row, value in known}


def _scores(rows: Sequence[Row], ours: Told, told: Sequence[Told]) -> Table:
    table = Table(title="|predicted / measured - 1| in %, on the rows that both predict")
    columns = ("peer", "metric", "asked", "it predicts", "we predict", "both", "its median", "ours", "its P90", "ours")
    for name in columns:
        table.add_column(name, justify="left" if name in ("peer", "metric") else "right")
    for peer in told:
        for metric in (*METRICS, "all"):
            table.add_row(peer.name, metric, *_score(rows, metric, ours.points, peer.points))
        table.add_section()
    return table


def _score(rows: Sequence[Row], metric: str, ours: Points, theirs: Points) -> Iterator[str]:
    asked = [row.line for row in rows if metric in (row.kind, "all")]
    both = [line for line in asked if line in ours and line in theirs]
    yield str(len(asked))
    for points in (theirs, ours):
        yield f"{sum(line in points for line in asked) / len(asked):.0%}" if asked else "-"
    yield str(len(both))
    for quantile in (50, 90):
        yield from (_off(points, both, quantile) for points in (theirs, ours))


def _off(points: Points, lines: Sequence[int], quantile: float) -> str:
    return f"{np.percentile([abs(points[line].ratio - 1) * 100 for line in lines], quantile):.1f}" if lines else "-"


def _times(rows: Sequence[Row], told: Sequence[Told]) -> Table:
    table = Table(title="Seconds for one configuration, those refused not counted")
    for name in ("program", "median", "mean", "most"):
        table.add_column(name, justify="left" if name == "program" else "right")
    for each in told:
        figures = (statistics.median(each.seconds), statistics.fmean(each.seconds), max(each.seconds))
        table.add_row(each.name, *(f"{seconds:.3g}" for seconds in figures))
    start = time.perf_counter()
    predicted(rows)
    at_once = (time.perf_counter() - start) / len(rows)
    table.add_row(f"{OURS}, all rows in one call", "", f"{at_once:.2g}", "")
    return table


def _reasons(told: Sequence[Told]) -> Table:
    table = Table(title="Not predicted, and why")
    for name in ("program", "reason", "rows"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    for each in told:
        for reason, rows in Counter(each.reasons.values()).most_common():
            table.add_row(each.name, reason, str(rows))
    return table


def _write_details(path: Path, rows: Sequence[Row], told: Sequence[Told]) -> None:
    names = ("line", "kind", "group", "llm", "accelerator", "engine", "value")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [*names, *(f"{each.name} {part}" for each in told for part in ("predicted", "ratio", "reason"))]
        )
        for row in rows:
            writer.writerow([*(getattr(row, name) for name in names), *_cells(row.line, told)])


def _cells(line: int, told: Sequence[Told]) -> Iterator[Any]:
    for each in told:
        point = each.points.get(line)
        yield from (point.predicted, point.ratio) if point else ("", "")
        yield each.reasons.get(line, "")


if __name__ == "__main__":
    main()
