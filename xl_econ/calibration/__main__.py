"""Write catalog/data/calibration.toml anew: `python -m xl_econ.calibration FILE.csv [-o OUT.toml]`; takes minutes."""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import xl_econ.catalog
from xl_econ.calibration.evidence import SCORED
from xl_econ.calibration.measured import Row, read_measured
from xl_econ.calibration.refit import Refit
from xl_econ.catalog.load import load_catalog

SHIPPED = Path(xl_econ.catalog.__file__).parent / "data" / "calibration.toml"
SEED = 1
METRICS = {"itl": ("itl",), "ttft": ("ttft",), "rate": ("max_throughput", "load_throughput")}
"""What has an interval, and the kinds of rows that tell how wide it is."""
BAND = (10, 90)
"""Percentiles of a fitted number."""
TAILS = tuple(half / 2 for half in range(4, 41))
"""What may be cut off below and above, in percent, so that the errors of all other groups hold 80 % of the points of
a group: groups differ from each other more than their rows do, and how much so differs by metric."""
HELD = 0.80
Errors = Mapping[str, Any]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m xl_econ.calibration", description=__doc__)
    parser.add_argument("file", type=Path, help="measurements, in the columns of `xl-econ evidence`")
    parser.add_argument("-o", "--out", type=Path, default=SHIPPED)
    parser.add_argument("--draws", type=int, default=20, help="fits to groups drawn at random, for the bands")
    told = parser.parse_args()
    rows = [row for row in read_measured(told.file) if isinstance(row, Row) and row.quality in SCORED]
    told.out.write_text("\n".join(_calibration(rows, told.file, told.draws)) + "\n", "utf-8")


def _calibration(rows: Sequence[Row], file: Path, draws: int) -> Iterator[str]:
    best = Refit(rows).run()
    refit = Refit(rows, best)
    generator = np.random.default_rng(SEED)
    drawn = refit.drawn(lambda row: row.group, generator, draws)
    errors = {
        "fitted": refit.log_errors(best),
        "group left out": refit.left_out(lambda row: row.group),
        "llm left out": refit.left_out(lambda row: row.llm),
        "accelerator left out": refit.left_out(lambda row: row.accelerator),
    }
    yield f"# Written by `python -m xl_econ.calibration` from {len(rows):,} measurements (docs/evidence.md)."
    yield f"# {file.name}: SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}"
    yield from _fitted(refit, best, drawn)
    yield from _residuals(rows, errors)
    yield from _errors(rows, errors)


def _fitted(refit: Refit, best: Mapping[str, float], drawn: Sequence[Mapping[str, float]]) -> Iterator[str]:
    yield "\n# Each number with the 10-90 % band of fits to groups drawn at random, and the points that it moves."
    yield "[fitted]"
    points = refit.points(best)
    for name, value in best.items():
        low, high = (float(side) for side in np.percentile([other[name] for other in drawn] or [value], BAND))
        low, high = min(low, value), max(high, value)
        yield f"{name} = {{ base = {value:.4g}, low = {low:.4g}, high = {high:.4g}, points = {points[name]} }}"


def _residuals(rows: Sequence[Row], errors: Errors) -> Iterator[str]:
    """Measured over predicted, of what a fit has not seen."""
    experts = np.array([load_catalog().llms[row.llm].experts is not None for row in rows])
    everything = np.full(len(rows), True)
    of = {
        "dense": (~experts, "group left out", [row.group for row in rows]),
        "experts": (experts, "group left out", [row.group for row in rows]),
        "unmeasured": (everything, "accelerator left out", [row.accelerator for row in rows]),
    }
    yield "\n# Measured over predicted, where the fit had not seen the rows of a source, LLM and accelerator; of"
    yield "# accelerators without a measurement, where it had not seen the accelerator. Held: how many of a group's"
    yield "# points lie within what the other groups tell, to be 80 %; cut: the tail below p10, and above p90, for it."
    for name, (rows_of_it, which, groups) in of.items():
        yield f"[residuals.{name}]"
        for metric, kinds in METRICS.items():
            chosen = rows_of_it & _is_kind(rows, kinds) & np.isfinite(errors[which])
            found, of_groups = -errors[which][chosen], np.array(groups)[chosen]
            held, cut = min(((_held(found, of_groups, tail), tail) for tail in TAILS), key=lambda it: abs(it[0] - HELD))
            p10, p90 = np.exp(np.percentile(found, [cut, 100 - cut]))
            told = f"points = {len(found)}, held_percent = {100 * held:.1f}, cut_percent = {cut}"
            yield f"{metric} = {{ p10 = {p10:.3f}, p90 = {p90:.3f}, {told} }}"


def _held(found: Any, groups: Any, tail: float) -> float:
    """The share of the points of each group that lies between the percentiles of all other groups."""
    inside = 0
    for group in set(groups.tolist()):
        low, high = np.percentile(found[groups != group], [tail, 100 - tail])
        own = found[groups == group]
        inside += int(np.sum((low <= own) & (own <= high)))
    return inside / len(found)


def _errors(rows: Sequence[Row], errors: Errors) -> Iterator[str]:
    yield "\n# Median and 90th percentile of the error in percent: fitted, and where the fit had not seen the group."
    for name, found in errors.items():
        yield f'[errors."{name}"]'
        for kind in dict.fromkeys(row.kind for row in rows):
            off = np.abs(np.exp(found[_is_kind(rows, (kind,)) & np.isfinite(found)]) - 1) * 100
            median, p90 = np.percentile(off, [50, 90])
            yield f"{kind} = {{ median_percent = {median:.1f}, p90_percent = {p90:.1f}, points = {len(off)} }}"


def _is_kind(rows: Sequence[Row], kinds: Sequence[str]) -> Any:
    return np.array([row.kind in kinds for row in rows])


if __name__ == "__main__":
    main()
