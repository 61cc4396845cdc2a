"""Own fit: one's own runs beside their predictions, and the factors that bring the two together.

A factor is the median of the logs of measured over predicted time: of times between tokens, and of output rates turned
over, in one; of times to first token in the other. One median of few is robust against a run that went wrong.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from xl_econ.calibration.benchmarks import ResultFile
from xl_econ.calibration.evidence import SATURATED
from xl_econ.calibration.measured import RATES, Row
from xl_econ.calibration.predict import Point, predicted
from xl_econ.calibration.runs import Run
from xl_econ.calibration.stack import Chosen
from xl_econ.core.problems import stop_on
from xl_econ.inputs.own_calibration import Factor, MeasuredFile, OwnCalibration
from xl_econ.inputs.study import fixed_values
from xl_econ.version import VERSION

RATE = RATES[0]
OWN = "own"
MOST_APART = 100
"""Times that measured and predicted may be apart: no engine is, but seconds told as milliseconds are."""
SHOWN = {"itl_ms": "Time between tokens (ms)", "ttft_ms": "Time to first token (ms)", RATE: "Output (token/s)"}


@dataclass(frozen=True)
class OwnFit:
    """What was measured against what is predicted, and the calibration that follows."""

    points: tuple[Point, ...]
    runs: tuple[Run, ...]
    """The run of each point."""
    left_out: tuple[tuple[str, str], ...]
    """The run, and why its time to first token does not count."""
    calibration: OwnCalibration

    def tables(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Title and rows of each table, to be read by people."""
        for metric, title in SHOWN.items():
            yield title, [_shown(row) for row in self.rows() if row["metric"] == metric]
        yield "Left out", [{"name": name, "reason": reason} for name, reason in self.left_out]

    def rows(self) -> list[dict[str, Any]]:
        """Each point in figures."""
        return [
            {
                "name": run.where,
                "metric": point.row.metric,
                "input_tokens": run.input_tokens,
                "output_tokens": run.output_tokens,
                "concurrency": run.concurrency,
                "measured": point.row.value,
                "predicted": point.predicted,
                "predicted_over_measured": point.ratio,
            }
            for point, run in zip(self.points, self.runs, strict=True)
        ]


def own_fit(files: Sequence[ResultFile], stack: Chosen, today: date) -> OwnFit:
    """The factors of a stack. Raises Problems where a run cannot be predicted."""
    runs = [run for file in files for run in file.runs for _ in _metrics(run)]
    rows = [row for file in files for run in file.runs for row in _rows(run, stack)]
    values, running = predicted(rows, stack.base)
    stop_on(dict.fromkeys(_too_large(run) for run, value in zip(runs, values, strict=True) if np.isnan(value)))
    points = [Point(row, float(value)) for row, value in zip(rows, values, strict=True)]
    waits = [row.kind == "ttft" and share < 1 for row, share in zip(rows, running, strict=True)]
    counted = [(point, run) for point, run, wait in zip(points, runs, waits, strict=True) if not wait]
    stop_on(_absurd(run, point) for point, run in counted if _apart(point) > MOST_APART)
    left_out = tuple((run.where, SATURATED) for run, wait in zip(runs, waits, strict=True) if wait)
    kept = tuple(point for point, _ in counted)
    return OwnFit(kept, tuple(run for _, run in counted), left_out, _calibration(kept, files, stack, today))


def _calibration(points: Sequence[Point], files: Sequence[ResultFile], stack: Chosen, today: date) -> OwnCalibration:
    firsts = [slowness(point) for point in points if point.row.kind == "ttft"]
    return OwnCalibration(
        format=1,
        xl_econ=VERSION,
        day=today.isoformat(),
        stack=stack.stack,
        time=_factor([slowness(point) for point in points if point.row.kind != "ttft"]),
        ttft=_factor(firsts) if firsts else None,
        files=tuple(_listed(file) for file in files),
    )


def _shown(row: Mapping[str, Any]) -> dict[str, str]:
    """Columns of a table."""
    return {
        "name": row["name"],
        "input": f"{row['input_tokens']:,.0f}",
        "output": f"{row['output_tokens']:,.0f}",
        "concurrency": "all queued" if row["concurrency"] is None else f"{row['concurrency']:,.1f}",
        "measured": f"{row['measured']:,.2f}",
        "predicted": f"{row['predicted']:,.2f}",
        "predicted / measured": f"{row['predicted_over_measured']:.3f}",
    }


def slowness(point: Point) -> float:
    """Measured over predicted time: of a rate, what is predicted over what was measured."""
    return point.ratio if point.row.metric in RATES else point.row.value / point.predicted


def _factor(slow: Sequence[float]) -> Factor:
    middle = math.exp(float(np.median(np.log(slow))))
    low, high = min(slow), max(slow)
    return Factor(factor=min(max(middle, low), high), low=low, high=high, points=len(slow))


def _metrics(run: Run) -> dict[str, tuple[str, float]]:
    """Kind and value of each metric. Where all was queued at once, only the rate tells of the engine."""
    if run.concurrency is None:
        return {RATE: ("max_throughput", run.output_tokens_per_s)}
    return {
        RATE: ("load_throughput", run.output_tokens_per_s),
        "itl_ms": ("itl", run.itl_ms),
        "ttft_ms": ("ttft", run.ttft_ms),
    }


def _rows(run: Run, chosen: Chosen) -> Iterator[Row]:
    stack = chosen.stack
    for metric, (kind, value) in _metrics(run).items():
        yield Row(
            line=0,
            kind=kind,
            metric=metric,
            value=value,
            llm=stack.llm,
            accelerator=stack.accelerator,
            engine=stack.engine,
            old_engine=stack.engine == fixed_values()["lists.engine"][0],
            new_engine=stack.engine_release == fixed_values()["lists.engine_release"][1],
            weight_precision=stack.weight_precision,
            kv_precision=stack.kv_precision,
            accelerators=chosen.replicas * stack.tensor_parallel * stack.data_parallel * stack.pipeline_parallel,
            tensor_parallel=stack.tensor_parallel,
            data_parallel=stack.data_parallel,
            pipeline_parallel=stack.pipeline_parallel,
            expert_parallel=stack.expert_parallel,
            input_tokens=run.input_tokens,
            output_tokens=run.output_tokens,
            concurrency=run.concurrency,
            requests=run.requests,
            static=False,
            alike=chosen.alike if run.alike is None else run.alike,
            quality="A",
            group=OWN,
        )


def _too_large(run: Run) -> str:
    return (
        f"{run.where}: no request of {run.input_tokens:,.0f} + {run.output_tokens:,.0f} tokens fits in memory, by our "
        "account. Look at the stack that was given: accelerator, precisions and parallelism."
    )


def _apart(point: Point) -> float:
    return max(point.row.value / point.predicted, point.predicted / point.row.value)


def _absurd(run: Run, point: Point) -> str:
    told = f"{point.row.metric} is {point.row.value:g}, where {point.predicted:g} is predicted"
    return (
        f"{run.where}: {told}, over {MOST_APART} times apart. Was it this stack, and are the units those of the tool?"
    )


def _listed(file: ResultFile) -> MeasuredFile:
    days = {run.day for run in file.runs}
    day = days.pop() if len(days) == 1 else ""
    return MeasuredFile(name=file.path.name, sha256=file.sha256, tool=file.tool, day=day, runs=len(file.runs))
