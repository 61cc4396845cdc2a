"""Predict: what the model gives for each measured row, all rows at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from xl_econ.calibration.measured import METRICS, RATES, Row
from xl_econ.core.evaluate import evaluate
from xl_econ.inputs.standard import standard_given
from xl_econ.inputs.study import fixed_values
from xl_econ.model import model_graph

WANTED = (
    "itl_ms",
    "ttft_ms",
    "batch_prefill_ms",
    "static_batch_ms",
    "replica_output_tokens_per_s",
    "input_tokens",
    "output_tokens",
)
Arrays = dict[str, Any]


def predicted(rows: Sequence[Row]) -> tuple[Any, Any]:
    """The prediction of each row in the unit of its metric, and the share of the offered sequences that run.

    NaN where the LLM does not fit. Where fewer run than are offered, a static batch goes in waves, and a time to first
    token says more of the queue than of the engine.
    """
    standard = standard_given()
    given = standard | _given(rows, float(standard["burst_share"]))
    room = evaluate(model_graph(), given, ["memory_concurrency", "sequence_limit", "ms_per_s"])
    fits: Any = np.broadcast_to(room["memory_concurrency"], (len(rows),))
    offered = _offered(rows, room["sequence_limit"] * given["data_parallel"])
    running: Any = np.minimum(np.maximum(1, np.floor(fits)), offered)
    found = evaluate(model_graph(), given | {"concurrency": running}, WANTED)
    values: Arrays = {name: np.broadcast_to(found[name], (len(rows),)) for name in WANTED}
    values["waves"], values["offered"], values["ms_per_s"] = offered / running, offered, room["ms_per_s"]
    result = by_metric(rows, values)
    result[fits < 1] = np.nan
    return result, running / offered


def _offered(rows: Sequence[Row], most: Any) -> Any:
    """What is asked for of a replica; the most that an engine runs, where all was queued at once, or all there was."""
    offered: Any = np.array([np.nan if row.concurrency is None else row.concurrency for row in rows])
    requests: Any = np.array([np.inf if row.requests is None else row.requests for row in rows])
    offered = np.maximum(1, offered / replicas_of(rows))
    queued = np.isnan(offered)
    offered[queued] = np.maximum(1, np.minimum(most, requests / replicas_of(rows)))[queued]
    return offered


def replicas_of(rows: Sequence[Row]) -> Any:
    """How many copies of the LLM share a run."""
    return np.array([max(1.0, row.accelerators / (row.tensor_parallel * row.data_parallel)) for row in rows])


def _given(rows: Sequence[Row], burst_share: float) -> Arrays:
    old, new = fixed_values()["lists.engine"]
    names = ("llm", "accelerator", "weight_precision", "kv_precision")
    counts = ("tensor_parallel", "data_parallel", "input_tokens", "output_tokens")
    texts: Arrays = {name: np.array([getattr(row, name) for row in rows], object) for name in names}
    numbers: Arrays = {name: np.array([getattr(row, name) for row in rows], float) for name in counts}
    known = [burst_share if row.burst_share is None else row.burst_share for row in rows]
    numbers["burst_share"] = np.array(known)
    return texts | numbers | {"engine": np.array([old if row.old_engine else new for row in rows], object)}


def by_metric(rows: Sequence[Row], values: Arrays) -> Any:
    """In each row's own unit: ms, or tokens/s of all its accelerators or of one, from the values of one replica."""
    metric: Any = np.array([row.metric for row in rows])
    static: Any = np.array([row.static and row.concurrency is not None for row in rows])
    accelerators: Any = np.array([row.accelerators for row in rows])
    replicas = replicas_of(rows)
    batch_ms: Any = values["waves"] * values["static_batch_ms"]
    of_batch: Any = values["offered"] * values["output_tokens"] / batch_ms * values["ms_per_s"]
    output: Any = values["replica_output_tokens_per_s"].copy()
    output[static] = of_batch[static]
    output *= replicas
    both: Any = output * (values["input_tokens"] + values["output_tokens"]) / values["output_tokens"]
    per_one: Any = output / accelerators
    first: Any = values["ttft_ms"].copy()
    first[static] = values["batch_prefill_ms"][static]
    times = values["itl_ms"], first, batch_ms
    result: Any = np.full(len(rows), np.nan)
    for name, value in zip((*METRICS, *RATES), (*times, output, per_one, both), strict=True):
        result[metric == name] = value[metric == name]
    return result
