"""GuideLLM: its JSON report, a list of benchmarks.

Two layouts are read: the older has `args` and `worker` in each benchmark (src/guidellm/benchmark/benchmark.py, commit
47ce29248e51), the newer `config` (src/guidellm/benchmark/schemas, commit 03820eba155d, as in reports of 0.6.0). The
metrics have the same names and meanings: means of the successful requests, `inter_token_latency_ms` without the first
token and weighted by tokens, rates weighted by time, `request_concurrency` the mean in flight. Requests that the end of
the run cut off (incomplete) are no failures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from xl_econ.calibration.fields import Fields, as_number, listed, mapping
from xl_econ.calibration.runs import Run, are_alike, completed

GUIDELLM = "GuideLLM"
STRATEGY = ("config.strategy.type_", "args.strategy.type_")
LENGTHS = ("prompt_token_count", "output_token_count")
TOTALS = ("metrics.request_totals", "request_totals")


def is_guidellm(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("benchmarks"), list)


def read_guidellm(fields: Fields) -> list[Run]:
    """A run for each benchmark of the report."""
    found = listed(fields.get("benchmarks"))
    if not found:
        fields.refuse("its list of benchmarks is empty. Run at least one.")
    of_all = fields.text("args.model", "args.backend_kwargs.model")
    return [
        run
        for place, each in enumerate(found, 1)
        for run in _run(Fields(f"{fields.where}, benchmark {place}", mapping(each), fields.problems), of_all)
    ]


def _run(fields: Fields, of_all: str) -> list[Run]:
    count = _completed(fields)
    if math.isnan(count):
        return []
    return [
        Run(
            where=fields.where,
            names=(fields.text("worker.backend_model", "config.backend.model"), of_all),
            input_tokens=_mean(fields, LENGTHS[0]),
            output_tokens=_mean(fields, LENGTHS[1]),
            requests=count,
            concurrency=_concurrency(fields),
            itl_ms=_mean(fields, "inter_token_latency_ms"),
            ttft_ms=_mean(fields, "time_to_first_token_ms"),
            output_tokens_per_s=_mean(fields, "output_tokens_per_second"),
            day=_day(fields),
            alike=are_alike(_spread(fields, metric) for metric in LENGTHS),
        )
    ]


def _mean(fields: Fields, metric: str) -> float:
    return fields.number(_of(metric))


def _of(metric: str) -> str:
    return f"metrics.{metric}.successful.mean"


def _spread(fields: Fields, metric: str) -> tuple[float | None, float]:
    return fields.optional(f"metrics.{metric}.successful.std_dev"), as_number(fields.get(_of(metric)))


def _completed(fields: Fields) -> float:
    totals = next((name for name in TOTALS if fields.get(name)), TOTALS[0])
    return completed(fields, f"{totals}.successful", fields.optional(f"{totals}.errored"))


def _concurrency(fields: Fields) -> float:
    """The streams of a closed loop; else what was measured in flight."""
    if fields.get(*STRATEGY) == "concurrent":
        return fields.number("config.strategy.streams", "args.strategy.streams")
    return 1 if fields.get(*STRATEGY) == "synchronous" else _mean(fields, "request_concurrency")


def _day(fields: Fields) -> str:
    try:
        return datetime.fromtimestamp(fields.optional("start_time") or 0, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return ""
