"""AISimulate: what `aisimulate predict` does with a YAML file, by the same classes: a run simulated request by request.

The engine stack, timing by measured kernels, one replica, no prefix cache. Read from the report: `mean_ttft_ms`,
`mean_tpot_ms`, `mean_e2e_latency_ms`, `output_throughput_tok_s`, and `duration_ms` of a batch that starts at once.
- Number formats cannot be told, so a folder with config.json and hf_quant_config.json tells them, as documented.
- Measured kernels: of the three versions that are nearest to the row's engine, the first that has them.
- Requests: as many as the row says; else 1,000 where all is queued at once, and 10 for each of the offered sequences.
- At most 2,048 sequences run where all is queued at once; else those that are offered. Its other settings are its own.
- Lengths are all the same, in whole tokens. Experts: see `experts_split`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from answer import Answer, Question, answer_all, sequences, tokens
from silicon import backend, backend_versions, experts_split, first_with_data, known, quantised, system

logging.disable(logging.CRITICAL)
from aisimulate import CorePredictionConfig, ReplayOutputRequirements  # noqa: E402
from aisimulate.compiler import prediction_to_replay_spec  # noqa: E402
from aisimulate.stack import resolve_runner_factory  # noqa: E402

MOST_SEQUENCES, ALL_QUEUED, ROUNDS = 2048, 1000, 10


def predict(question: Question) -> Answer:
    known(question)
    return first_with_data(_attempt(question, version) for version in backend_versions(question))


def _attempt(question: Question, version: str) -> Callable[[], Answer]:
    return lambda: _read(question, _simulated(_config(question, version)))


def _read(question: Question, report: dict[str, Any]) -> Answer:
    return {
        "itl_ms": report["mean_tpot_ms"],
        "ttft_ms": report["mean_ttft_ms"],
        "batch_ms": report["duration_ms" if question["static"] else "mean_e2e_latency_ms"],
        "output_tokens_per_s": report["output_throughput_tok_s"],
    }


def _simulated(config: dict[str, Any]) -> dict[str, Any]:
    spec = prediction_to_replay_spec(CorePredictionConfig.model_validate(config))
    factory = resolve_runner_factory("engine")
    factory.capabilities().require_compatible(spec)
    runner = factory.create(0)
    try:
        report = runner.run(spec, output_requirements=ReplayOutputRequirements(include_raw_report=True))
    finally:
        runner.close()
    native = report.metadata.get("native_report")
    return native.get("summary", native) if isinstance(native, dict) else dict(report.metrics)


def _config(question: Question, version: str) -> dict[str, Any]:
    inputs, outputs = tokens(question)
    offered, requests = _load(question)
    worker = {
        "parallelism": _parallelism(question),
        "scheduler": {"max_sequences": min(offered, MOST_SEQUENCES)},
        "kv_cache": {"prefix_caching": False},
    }
    engine = {
        "mode": "aggregated",
        "model": quantised(question),
        "hardware": system(question),
        "backend": backend(question),
        "backend_version": version,
        "workers": {"aggregated": worker},
    }
    traffic = {
        "source": {"type": "synthetic", "input_tokens": inputs, "output_tokens": outputs},
        "load": {"type": "concurrency", "concurrency": offered},
        "stop": {"requests": requests},
    }
    return {"engine": engine, "traffic": traffic}


def _load(question: Question) -> tuple[int, int]:
    """Sequences at once and requests in all, of one replica."""
    told = question["requests"]
    if not question["concurrency"]:
        queued = max(1, round((told or ALL_QUEUED) / question["replicas"]))
        return queued, queued
    offered = sequences(question)
    if question["static"]:
        return offered, offered
    return offered, max(offered, round(told / question["replicas"])) if told else offered * ROUNDS


def _parallelism(question: Question) -> dict[str, int]:
    split = experts_split(question) or (1, 1)
    return {
        "tensor": int(question["tensor_parallel"]),
        "attention_data": int(question["data_parallel"]),
        "moe_tensor": split[0],
        "moe_expert": split[1],
    }


if __name__ == "__main__":
    answer_all("aisimulate", predict)
