"""AIConfigurator: `cli_estimate`, its programmatic `aiconfigurator cli estimate`, in its default mode SILICON.

Asked for: mode `agg` (continuous batching: `ttft`, `tpot`, `tokens/s`, `request_latency`), and mode `static` for
a batch that starts and ends together (`ttft`, `request_latency`).
- Number formats as its own adapter of InferenceX records chooses them, with FP8 attention where a build of
  TensorRT-LLM has an FP8 cache; where it lacks kernels of that kind, without, or as the checkpoint has them.
- Measured kernels: of the three queryable versions that are nearest to the row's engine, the first that has them.
  Engines of 2024 get today's kernels.
- The batch is the offered concurrency of a rank; halved until its account of the KV cache says that it fits.
- Maximum throughput: the best of batches 64, 128, … 2,048 that fit, with the step between the last that fits and the
  next, and with a prefill budget of the prompt (the default) or of 8,192 tokens.
- Experts: see `experts_split`. Lengths are rounded to whole tokens.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Any

from answer import Answer, Question, Refused, answer_all, sequences, tokens
from silicon import NATIVE, backend, backend_versions, experts_split, first_with_data, known, shape, system

logging.disable(logging.CRITICAL)
from aiconfigurator.cli.api import EstimateResult, cli_estimate  # noqa: E402

FORMATS = {"bf16": None, "fp8": "fp8", "nvfp4": "nvfp4", "int4": "int4_wo", "int8": "int8_wo", "mxfp4": None}
SMALLEST, LARGEST = 64, 2048
BUDGETS = (None, 8192)
Ask = Callable[..., EstimateResult]


def predict(question: Question) -> Answer:
    known(question)
    tried = itertools.product(backend_versions(question), _formats(question))
    try:
        return first_with_data(_attempt(question, version, formats) for version, formats in tried)
    except RuntimeError as error:
        if "OOM" in str(error):
            raise Refused("does not fit in memory, by its account") from error
        raise


def _attempt(question: Question, version: str, formats: dict[str, str]) -> Callable[[], Answer]:
    return lambda: _by_kind(question, _asker(question, version, formats))


def _by_kind(question: Question, ask: Ask) -> Answer:
    if question["static"] and question["concurrency"]:
        found = ask(mode="static", batch_size=_of_rank(question))
        return {"ttft_ms": found.ttft, "batch_ms": found.raw["request_latency"]}
    if not question["concurrency"]:
        return {"output_tokens_per_s": _most(question, ask)}
    batch, found = _fitting(ask, _of_rank(question))
    if question["kind"] == "ttft" and batch < _of_rank(question):
        raise Refused("more sequences offered than run, by its account")
    latency_ms, rate = found.raw["request_latency"], found.raw["tokens/s"]
    return {"itl_ms": found.tpot, "ttft_ms": found.ttft, "batch_ms": latency_ms, "output_tokens_per_s": rate}


def _of_rank(question: Question) -> int:
    return max(1, round(sequences(question) / question["data_parallel"]))


def _fitting(ask: Ask, batch: int) -> tuple[int, EstimateResult]:
    while batch > 1:
        try:
            found = ask(batch_size=batch)
            if not found.kv_cache_warning:
                return batch, found
        except RuntimeError as error:
            if "OOM" not in str(error):
                raise
        batch //= 2
    return batch, ask(batch_size=batch)


def _most(question: Question, ask: Ask) -> float:
    """The best rate of one replica."""
    ranks = question["replicas"] * question["data_parallel"]
    limit = max(1, min(LARGEST, round((question["requests"] or LARGEST * ranks) / ranks)))
    batch, best = min(SMALLEST, limit), 0.0
    while batch <= limit and (rate := _rate(ask, batch)):
        best, batch = max(best, rate), batch * 2
    if best and batch <= limit:
        best = max(best, _rate(ask, batch * 3 // 4) or 0)
    return best or _fitting(ask, batch)[1].raw["tokens/s"]


def _rate(ask: Ask, batch: int) -> float | None:
    """None where the batch does not fit."""
    rates: list[float] = []
    for budget in BUDGETS:
        try:
            found = ask(batch_size=batch, ctx_tokens=budget)
        except RuntimeError as error:
            if "OOM" not in str(error):
                raise
            return None
        if found.kv_cache_warning:
            return None
        rates.append(found.raw["tokens/s"])
    return max(rates)


def _formats(question: Question) -> list[dict[str, str]]:
    """As its adapter of InferenceX records, with and without FP8 attention; then as the checkpoint has them."""
    if question["weight_precision"] not in FORMATS:
        raise Refused(f"has no {question['weight_precision']} weights")
    cache = {"kvcache_quant_mode": "fp8" if question["kv_precision"] == "fp8" else "bfloat16"}
    weights = FORMATS[question["weight_precision"]]
    experts = "fp8_block" if (weights, backend(question)) == ("fp8", "sglang") else weights
    told = {"gemm_quant_mode": weights, "moe_quant_mode": experts if experts_split(question) else None}
    found = [cache | {name: value for name, value in told.items() if value}]
    if (question["kv_precision"], backend(question)) == ("fp8", "trtllm"):
        found.insert(0, found[0] | {"fmha_quant_mode": "fp8"})
    return [*found, cache] if weights == NATIVE.get(question["llm"]) else found


def _asker(question: Question, version: str, formats: dict[str, str]) -> Ask:
    inputs, outputs = tokens(question)
    options: dict[str, Any] = {
        "backend_name": backend(question),
        "backend_version": version,
        "isl": inputs,
        "osl": outputs,
        "tp_size": int(question["tensor_parallel"]),
        "attention_dp_size": int(question["data_parallel"]),
    }
    if split := experts_split(question):
        options |= {"moe_tp_size": split[0], "moe_ep_size": split[1]}
    llm, on = shape(question), system(question)
    return lambda **more: cli_estimate(llm, on, **options, **formats, **more)


if __name__ == "__main__":
    answer_all("aiconfigurator", predict)
