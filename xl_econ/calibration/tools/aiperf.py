"""AIPerf: its summary, profile_export_aiperf.json.

Each metric is a table with `unit` and `avg`: the mean over requests of a time or length, the value of a rate or count.
`inter_token_latency` is (latency - time to first token) / (output tokens - 1). `input_config` is not stable: the load
stands in `loadgen` (read as of docs/tutorials/working-with-profile-exports.md, commit 8e6a033d162b) or, in schema 1.3
(AIPerf 0.10), in `phases`, of which those with `exclude_from_results` are warm-ups.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from xl_econ.calibration.fields import Fields, as_number, listed, mapping
from xl_econ.calibration.runs import Run, are_alike, completed, day_of, mean_concurrency

AIPERF = "AIPerf"
STREAMED = "Run it with --streaming, on an endpoint that makes tokens."
UNITS = {"time_to_first_token": "ms", "inter_token_latency": "ms", "request_latency": "ms"}
LENGTHS = ("input_sequence_length", "output_sequence_length")
RATED = ("request_rate", "rate", "user_centric_rate", "fixed_schedule")


def is_aiperf(data: Mapping[str, Any]) -> bool:
    return "aiperf_version" in data or ("input_config" in data and "request_count" in data)


def read_aiperf(fields: Fields) -> list[Run]:
    """The run of one summary."""
    for metric, unit in UNITS.items():
        if (told := fields.get(f"{metric}.unit")) not in (None, unit):
            fields.refuse(f"{metric} is in {told!r}, but must be in {unit}.")
    count = completed(fields, "request_count.avg", _failed(fields))
    if math.isnan(count):
        return []
    return [
        Run(
            where=fields.where,
            names=_names(fields),
            input_tokens=_mean(fields, LENGTHS[0]),
            output_tokens=_mean(fields, LENGTHS[1]),
            requests=count,
            concurrency=_concurrency(fields, count),
            itl_ms=_mean(fields, "inter_token_latency", STREAMED),
            ttft_ms=_mean(fields, "time_to_first_token", STREAMED),
            output_tokens_per_s=_mean(fields, "output_token_throughput"),
            alike=are_alike(_spread(fields, metric) for metric in LENGTHS),
            day=day_of(fields.text("start_time")[: len("2026-11-23")]),
        )
    ]


def _mean(fields: Fields, metric: str, advice: str = "") -> float:
    return fields.number(f"{metric}.avg", advice=advice)


def _spread(fields: Fields, metric: str) -> tuple[float | None, float]:
    return fields.optional(f"{metric}.std"), as_number(fields.get(f"{metric}.avg"))


def _failed(fields: Fields) -> float | None:
    """The count of failed requests, or what the summary of errors counts."""
    told = fields.optional("error_request_count.avg")
    errors = (Fields(fields.where, mapping(each), fields.problems) for each in listed(fields.get("error_summary")))
    return sum(each.optional("count") or 0 for each in errors) if told is None else told


def _names(fields: Fields) -> tuple[str, ...]:
    config = Fields(fields.where, mapping(fields.get("input_config")), fields.problems)
    asked = [mapping(each).get("name") for each in listed(config.get("models.items"))]
    names = [*asked, *listed(config.get("endpoint.model_names")), config.get("tokenizer.name")]
    return tuple(name for name in names if isinstance(name, str))


def _concurrency(fields: Fields, count: float) -> float:
    """The limit of a closed loop; else by Little's law."""
    phases = [mapping(each) for each in listed(fields.get("input_config.phases"))]
    loads = [phase for phase in phases if not phase.get("exclude_from_results")]
    load = loads[0] if len(loads) == 1 else mapping(fields.get("input_config.loadgen"))
    closed = load.get("type", "concurrency") == "concurrency" and not any(load.get(name) for name in RATED)
    if closed and load.get("concurrency") is not None:
        return min(count, Fields(fields.where, load, fields.problems).number("concurrency"))
    return mean_concurrency(_mean(fields, "request_throughput"), _mean(fields, "request_latency"))
