"""vLLM and SGLang: results of `vllm bench serve --save-result` and of SGLang's `bench_serving --output-file`.

SGLang's tool grew out of vLLM's, so most fields have one meaning: tokens and rates of the completed requests,
`mean_tpot_ms` as the mean over requests of (latency - time to first token) / (output tokens - 1). `mean_itl_ms` is the
mean over chunks, of which one may hold several tokens, and is not read. A finite `request_rate` is an open loop;
"inf" (vLLM) or Infinity (SGLang) with a `max_concurrency` a closed one, and without it all is sent at once. Either may
keep the lengths of each request, 0 for one that failed; SGLang's random prompts are all alike at a range ratio of 1.

Read as vllm/benchmarks/serve.py (vLLM, commit 009e6d4a1cd6; older files lack `failed`) and
python/sglang/bench_serving.py (SGLang, commit 0033168f0f58; later ones add `server_info`) write them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from xl_econ.calibration.fields import Fields, as_number, listed
from xl_econ.calibration.names import engine_of, tables
from xl_econ.calibration.runs import Run, are_alike, completed, day_of, mean_concurrency
from xl_econ.inputs.study import fixed_values

VLLM, SGLANG = "vLLM bench serve", "SGLang bench_serving"
OF_VLLM = ("tokenizer_id", "num_prompts")
OF_SGLANG = ("mean_e2e_latency_ms", "total_output_tokens_retokenized")
LATENCY_ADVICE = "A run at a rate has no concurrency of its own: run it with --percentile-metrics ttft,tpot,itl,e2el."


def is_vllm(data: Mapping[str, Any]) -> bool:
    return any(name in data for name in OF_VLLM) and not is_sglang(data)


def is_sglang(data: Mapping[str, Any]) -> bool:
    return any(name in data for name in OF_SGLANG)


def read_vllm(fields: Fields) -> list[Run]:
    """The run of one result."""
    failed, asked = fields.optional("failed"), fields.optional("num_prompts")
    if failed is None and asked is not None:
        failed = max(0.0, asked - as_number(fields.get("completed")))
    if fields.get("ramp_up_strategy"):
        fields.refuse("its request rate rises while it runs. Run it at one rate, or with --max-concurrency.")
    names = fields.text("model_id"), fields.text("tokenizer_id")
    return _run(fields, failed, names, _vllm_latency_ms, "spec_decode_acceptance_length")


def read_sglang(fields: Fields) -> list[Run]:
    """The run of one result. Most versions tell failures only with --output-details, and the LLM not at all."""
    failed = fields.optional("failed")
    if failed is None:
        failed = float(sum(bool(error) for error in listed(fields.get("errors"))))
    names = fields.text("server_info.model_path"), fields.text("server_info.served_model_name")
    return _run(fields, failed, names, _sglang_latency_ms, "accept_length")


def _run(fields: Fields, failed: float | None, names: tuple[str, ...], latency_ms: Any, accepted: str) -> list[Run]:
    count = completed(fields, "completed", failed)
    if math.isnan(count):
        return []
    return [
        Run(
            where=fields.where,
            names=names,
            input_tokens=fields.number("total_input_tokens") / count,
            output_tokens=fields.number("total_output_tokens") / count,
            requests=count,
            concurrency=_concurrency(fields, count, latency_ms),
            itl_ms=fields.number("mean_tpot_ms"),
            ttft_ms=fields.number("mean_ttft_ms"),
            output_tokens_per_s=fields.number("output_throughput"),
            tokens_per_step=fields.optional(accepted) or 1,
            tensor_parallel=fields.optional("server_info.tp_size"),
            engine=_engine(fields.text("backend")),
            alike=_are_alike(fields),
            day=day_of(fields.text("date")[: len("20261123")]),
        )
    ]


def _concurrency(fields: Fields, count: float, latency_ms: Any) -> float | None:
    rate = fields.get("request_rate")
    if rate is None:
        fields.refuse("it has no request_rate, which is needed to know whether it is a closed loop.")
        return None
    if rate in ("inf", math.inf):
        limit = fields.optional("max_concurrency")
        return min(limit, count) if limit else None
    return mean_concurrency(fields.number("request_throughput"), latency_ms(fields))


def _engine(backend: str) -> str:
    """Nothing for a way of asking that many engines have."""
    found = engine_of(backend)
    return found if found in tables()["engines"].values() else ""


def _are_alike(fields: Fields) -> bool | None:
    ratio = fields.optional("random_range_ratio")
    if ratio is not None and fields.text("dataset_name").startswith("random"):
        return ratio == 1
    return are_alike(_spread(fields, name) for name in ("input_lens", "output_lens"))


def _spread(fields: Fields, name: str) -> tuple[float | None, float]:
    lengths = [length for each in listed(fields.get(name)) if (length := as_number(each)) > 0]
    with np.errstate(all="ignore"):  # an absurd one has none
        return (float(np.std(lengths)), float(np.mean(lengths))) if lengths else (None, math.nan)


def _vllm_latency_ms(fields: Fields) -> float:
    """The mean end-to-end latency; later versions keep those of all requests, in seconds."""
    each = [as_number(latency) for latency in listed(fields.get("latencies"))]
    if fields.get("mean_e2el_ms") is None and each:
        return float(np.mean(each)) * float(fixed_values()["ms_per_s"])
    return fields.number("mean_e2el_ms", advice=LATENCY_ADVICE)


def _sglang_latency_ms(fields: Fields) -> float:
    return fields.number("mean_e2e_latency_ms")
