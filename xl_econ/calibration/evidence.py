"""Evidence: predicted against measured, by metric and by group, and what is left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xl_econ.calibration.left_out import LeftOut
from xl_econ.calibration.measured import Row, read_measured
from xl_econ.calibration.one_given import NONE_GIVEN, given_errors
from xl_econ.calibration.predict import Point, interval_factors, predicted
from xl_econ.catalog.load import load_catalog
from xl_econ.inputs.own_catalog import OwnRecords, columns_with
from xl_econ.inputs.standard import standard_given

METRICS = ("max_throughput", "itl", "ttft", "e2e", "load_throughput")
SCORED = "AB"
"""The qualities that count for the errors."""
SATURATED = "more sequences offered than run: time to first token is that of the queue"
TOO_LARGE = "does not fit in memory, by our account"
OUT_OF_PROPORTION = "predicted and measured are out of all proportion"
LARGEST = 1e100
"""Beyond what anything can be over another, and far within what numbers hold."""


@dataclass(frozen=True)
class Errors:
    """How far predictions are off. The bias is that of the median: above 0 where more is predicted than measured."""

    n: int
    median_error_percent: float
    p80_error_percent: float
    p90_error_percent: float
    bias_percent: float


ERRORS = tuple(Errors.__dataclass_fields__)
NO_ERRORS: Mapping[str, float | None] = {name: 0 if name == "n" else None for name in ERRORS}


@dataclass(frozen=True)
class Evidence:
    """All that a file of measurements tells of the model."""

    points: list[Point]
    left_out: list[LeftOut]

    @property
    def scored(self) -> list[Point]:
        return [point for point in self.points if point.row.quality in SCORED]

    def metrics(self) -> dict[str, dict[str, Any]]:
        """By metric, also one without rows: errors, share that the model can predict, what one measurement mends."""
        found, given = _errors(self.scored, lambda point: point.row.kind), given_errors(self.scored)
        return {
            metric: {
                **(asdict(found[metric]) if metric in found else NO_ERRORS),
                "predicted_share": self._share(metric),
                "interval_held_share": self._held(metric),
                **asdict(given.get(metric, NONE_GIVEN)),
            }
            for metric in METRICS
        }

    def groups(self) -> list[dict[str, Any]]:
        """By metric and kind of LLM, accelerator, engine and source."""
        return [
            {"metric": metric, "by": by, "name": name, **asdict(errors)}
            for by, key in GROUPS.items()
            for (metric, name), errors in _errors(self.scored, lambda p, key=key: (p.row.kind, key(p.row))).items()
        ]

    def reasons(self) -> dict[str, int]:
        """How many rows are left out for each reason, the most first."""
        return dict(Counter(left.reason for left in self.left_out).most_common())

    def tables(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Title and rows of each table, to be read by people."""
        metrics = self.metrics()
        rows = [{"metric": metric, **_short(errors)} for metric, errors in metrics.items()]
        yield "Predicted against measured (errors in %, qualities A and B)", rows
        rows = [{"metric": metric, **_with_given(errors)} for metric, errors in metrics.items()]
        yield "With measurements of the same stack given (median errors in %)", rows
        for by in GROUPS:
            of_this = [group for group in self.groups() if group["by"] == by]
            yield f"By {by}", [{"metric": g["metric"], "name": g["name"], **_short(g)} for g in of_this]
        yield "Left out", [{"reason": reason, "rows": rows} for reason, rows in self.reasons().items()]

    def _share(self, metric: str) -> float:
        there = sum(point.row.kind == metric for point in self.scored)
        lacking = sum(left.ours and left.kind == metric and left.quality in SCORED for left in self.left_out)
        return there / (there + lacking) if there else 0.0

    def _held(self, metric: str) -> float | None:
        """How many measurements lie from P10 to P90; nothing for what has no interval."""
        held = [point.is_held for point in self.scored if point.row.kind == metric and point.is_held is not None]
        return float(np.mean(held)) if held else None


def evidence(path: Path, own: OwnRecords | None = None) -> Evidence:
    """What a file of measurements tells; `own` are records that a study adds to the catalog.

    Raises Problems for a file that is none.
    """
    read = read_measured(path, own)
    rows = [row for row in read if isinstance(row, Row)]
    found = Evidence([], [row for row in read if isinstance(row, LeftOut)])
    if not rows:
        return found
    base = standard_given() | columns_with(own or {})
    with np.errstate(all="ignore"):  # what is out of all proportion is left out below
        values, running = predicted(rows, base)
    for row, value, share, *factors in zip(rows, values, running, *interval_factors(rows, base), strict=True):
        point = Point(row, float(value), *map(float, factors))
        if left := _left_out(point, float(share)):
            found.left_out.append(left)
        else:
            found.points.append(point)
    return found


def _left_out(point: Point, running_share: float) -> LeftOut | None:
    row = point.row
    if np.isnan(point.predicted):
        return LeftOut(row.line, row.kind, row.quality, TOO_LARGE, ours=True)
    if row.kind == "ttft" and running_share < 1:
        return LeftOut(row.line, row.kind, row.quality, SATURATED)
    if not (0 < point.predicted < LARGEST and 1 / LARGEST < point.ratio < LARGEST):
        return LeftOut(row.line, row.kind, row.quality, OUT_OF_PROPORTION)
    return None


def _short(errors: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a table: shorter names, and a share in percent."""
    shown = {name.removesuffix("_error_percent").removesuffix("_percent"): errors[name] for name in ERRORS}
    if "predicted_share" not in errors:
        return shown
    held = errors["interval_held_share"]
    return shown | {
        "predicted %": errors["predicted_share"] * 100,
        "P10 to P90 %": None if held is None else held * 100,
    }


def _with_given(errors: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "n": errors["one_given_n"],
        "none": errors["none_given_median_error_percent"],
        "the nearest": errors["one_given_median_error_percent"],
        "any one": errors["any_given_median_error_percent"],
        "all others": errors["all_given_median_error_percent"],
    }


def _errors(points: Iterable[Point], key: Callable[[Point], Any]) -> dict[Any, Errors]:
    ratios: dict[Any, list[float]] = {}
    for point in points:
        ratios.setdefault(key(point), []).append(point.ratio)
    return {found: _summary(np.array(ratios[found])) for found in sorted(ratios)}


def _summary(ratios: Any) -> Errors:
    off = np.abs(ratios - 1) * 100
    median, p80, p90 = (float(value) for value in np.percentile(off, [50, 80, 90]))
    return Errors(len(ratios), median, p80, p90, float(np.median(ratios) - 1) * 100)


def llm_kind(row: Row) -> str:
    """Whether it has experts, and how it attends."""
    llm = load_catalog().llms.get(row.llm)
    return f"{'MoE' if llm.experts else 'dense'}, {llm.attention}" if llm else "of the study"


GROUPS: Mapping[str, Callable[[Row], str]] = {
    "llm kind": llm_kind,
    "accelerator": lambda row: row.accelerator,
    "engine": lambda row: (row.engine or "not told").split()[0],
    "source": lambda row: row.group,
}
