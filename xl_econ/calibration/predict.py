"""Predict: what the model gives for each measured row, all rows at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.calibration.measured import INPUT_RATES, METRICS, RATES, Row
from xl_econ.calibration.names import tables
from xl_econ.core.evaluate import evaluate
from xl_econ.inputs.standard import standard_given
from xl_econ.inputs.study import fixed_values
from xl_econ.model import model_graph

RATE = "replica_output_tokens_per_s"
WANTED = (
    "itl_ms",
    "ttft_ms",
    "batch_prefill_ms",
    "static_batch_ms",
    RATE,
    "input_tokens",
    "output_tokens",
    "pass_tokens",
    "passes_in_flight",
    "pass_ms",
)
INTERVALS = {"itl": "itl", "ttft": "ttft", "max_throughput": "rate", "load_throughput": "rate"}
"""What has P10 and P90 in the model, by kind of row."""
Arrays = dict[str, Any]
where: Any = np.where


@dataclass(frozen=True)
class Point:
    """A row that is predicted."""

    row: Row
    predicted: float
    p10_factor: float = np.nan
    """P10 over the prediction; no number for what has no interval."""
    p90_factor: float = np.nan

    @property
    def ratio(self) -> float:
        """Predicted over measured; of the time, where a static batch is told as a rate."""
        return self.row.value / self.predicted if is_of_time(self.row) else self.predicted / self.row.value

    @property
    def is_held(self) -> bool | None:
        """Whether the measurement lies from P10 to P90 of its prediction."""
        measured = self.row.value / self.predicted
        return None if np.isnan(self.p10_factor) else bool(self.p10_factor <= measured <= self.p90_factor)


def is_of_time(row: Row) -> bool:
    """Whether the error of a rate is that of the time it stands for."""
    return row.kind == "e2e" and row.metric in RATES


def predicted(rows: Sequence[Row], base: Mapping[str, Any] | None = None) -> tuple[Any, Any]:
    """The prediction of each row in the unit of its metric, and the share of the offered sequences that run.

    What a row does not tell is as in `base`, by default the standard study.

    NaN where the LLM does not fit. Where fewer run than are offered, a static batch goes in waves, and a time to first
    token says more of the queue than of the engine.
    """
    return Asked(rows).predicted(standard_given() if base is None else base)


def interval_factors(rows: Sequence[Row], base: Mapping[str, Any]) -> tuple[Any, Any]:
    """P10 and P90 of each row over its prediction; no number for what has no interval."""
    given = dict(base) | Asked(rows).given
    kinds: Any = np.array([INTERVALS.get(row.kind, "") for row in rows])
    factors: list[Any] = []
    for percentile in ("p10", "p90"):
        names = {metric: f"{metric}_{percentile}_factor" for metric in set(INTERVALS.values())}
        found = evaluate(model_graph(), given, list(names.values()))
        factors.append(np.select([kinds == metric for metric in names], [found[n] for n in names.values()], np.nan))
    return factors[0], factors[1]


class Asked:
    """What rows ask for, as arrays, so that they can be predicted many times."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.given = _given(rows)
        self.metric: Any = np.array([row.metric for row in rows])
        self.static: Any = np.array([row.static and row.concurrency is not None for row in rows])
        self.accelerators: Any = np.array([row.accelerators for row in rows])
        layout = ("tensor_parallel", "data_parallel", "pipeline_parallel")
        ranks: Any = np.prod([self.given[name] for name in layout], axis=0)
        self.replicas: Any = np.maximum(1, self.accelerators / ranks)
        told = [np.nan if row.concurrency is None else row.concurrency for row in rows]
        self.concurrency: Any = np.array(told) / self.replicas
        requests = [np.inf if row.requests is None else row.requests for row in rows]
        self.requests: Any = np.array(requests) / self.replicas
        self.ending: Any = np.flatnonzero(np.isnan(self.concurrency) & np.isfinite(self.requests))

    def predicted(self, base: Mapping[str, Any]) -> tuple[Any, Any]:
        """As the function of this name."""
        given = dict(base) | self.given
        room = evaluate(model_graph(), given, ["memory_concurrency", "sequence_limit", "ms_per_s"])
        fits: Any = np.broadcast_to(room["memory_concurrency"], self.metric.shape)
        offered = self._offered(room["sequence_limit"] * given["data_parallel"])
        running: Any = np.minimum(np.maximum(1, np.floor(fits)), offered)
        found = evaluate(model_graph(), given | {"concurrency": running}, WANTED)
        values: Arrays = {name: np.broadcast_to(found[name], self.metric.shape) for name in WANTED}
        values["waves"], values["offered"], values["ms_per_s"] = offered / running, offered, room["ms_per_s"]
        values[RATE] = self._with_end(values[RATE], running, base)
        result = self.by_metric(values)
        result[fits < 1] = np.nan
        return result, running / offered

    def _with_end(self, rates: Any, running: Any, base: Mapping[str, Any]) -> Any:
        """Over a run of so many requests: at its end ever fewer run, half of them on average.

        What the last ones have yet to write when none follow, half of all that run, comes at the rate of half as many.
        Where all run at once, they end together.
        """
        result, at = rates.copy(), self.ending
        given = dict(base) | {name: values[at] for name, values in self.given.items()}
        half = evaluate(model_graph(), given | {"concurrency": np.maximum(1, running[at] / 2)}, [RATE])[RATE]
        last: Any = where(self.requests > running, running / 2, 0)[at] / self.requests[at]
        result[at] = 1 / ((1 - last) / rates[at] + last / half)
        return result

    def _offered(self, most: Any) -> Any:
        """Of a replica; the most that an engine runs, where all was queued at once, or all there was."""
        queued: Any = np.isnan(self.concurrency)
        return np.maximum(1, where(queued, np.minimum(most, self.requests), self.concurrency))

    def by_metric(self, values: Arrays) -> Any:
        """In each row's own unit: ms, or tokens/s of all its accelerators or of one; `values` are of one replica."""
        batch_ms: Any = values["waves"] * values["static_batch_ms"]
        of_batch: Any = values["offered"] * values["output_tokens"] / batch_ms * values["ms_per_s"]
        output: Any = where(self.static, of_batch, values[RATE]) * self.replicas
        both: Any = output * (values["input_tokens"] + values["output_tokens"]) / values["output_tokens"]
        first: Any = where(self.static, values["batch_prefill_ms"], values["ttft_ms"])
        in_flight: Any = values["pass_tokens"] * values["passes_in_flight"]
        prefill: Any = in_flight / values["pass_ms"] * values["ms_per_s"] * self.replicas
        times: list[Any] = [values["itl_ms"], first, batch_ms]
        rates: list[Any] = [output, output / self.accelerators, both, prefill, prefill / self.accelerators]
        result: Any = np.full(self.metric.shape, np.nan)
        for name, value in zip((*METRICS, *RATES, *INPUT_RATES), [*times, *rates], strict=True):
            result[self.metric == name] = value[self.metric == name]
        return result


def _given(rows: Sequence[Row]) -> Arrays:
    varying, alike = fixed_values()["lists.request_lengths"]
    names = ("llm", "accelerator", "weight_precision", "kv_precision")
    layout = ("tensor_parallel", "data_parallel", "pipeline_parallel", "expert_parallel")
    counts = (*layout, "input_tokens", "output_tokens")
    texts: Arrays = {name: np.array([getattr(row, name) for row in rows], object) for name in names}
    numbers: Arrays = {name: np.array([getattr(row, name) for row in rows], float) for name in counts}
    texts["engine"] = np.array([_engine(row) for row in rows], object)
    before, since = fixed_values()["lists.engine_release"]
    texts["engine_release"] = np.array([since if row.new_engine else before for row in rows], object)
    window, context = fixed_values()["lists.windowed_cache"]
    keeps = tables()["keeps_windowed"]["engines"]
    texts["windowed_cache"] = np.array([context if row.engine in keeps else window for row in rows], object)
    texts["request_lengths"] = np.array([alike if row.alike else varying for row in rows], object)
    return texts | numbers


def _engine(row: Row) -> str:
    """The label of the model's list."""
    old, new, *others = (str(label) for label in fixed_values()["lists.engine"])
    return old if row.old_engine else row.engine if row.engine in others else new
