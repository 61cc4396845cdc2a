"""Intervals: P10 and P90 of what is predicted, from how far predictions were off where a fit had not seen the LLM."""

from typing import Any

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import CALIBRATION

STATE = "serving_state"


@derived("1", "The accelerator's family has measurements that count", source=CALIBRATION)
def family_is_measured(family_code):
    """Not CDNA2, nor what is none of the families: their efficiency is assumed."""
    return choose(family_code, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0)


def _of_kind(is_measured: Any, llm_experts: Any, dense: Any, experts: Any, unmeasured: Any) -> Any:
    """By what is predicted: dense LLMs, expert LLMs, or anything on an accelerator without a measurement."""
    return np.where(is_measured > 0, np.where(llm_experts > 0, experts, dense), unmeasured)


def _spread(corrects_efficiency: Any, of_kind: Any) -> Any:
    """The article knows no spread."""
    return np.where(corrects_efficiency > 0, of_kind, 1)


@derived("1", "Time between tokens: P10 over the prediction", source=CALIBRATION)
def itl_p10_factor(
    corrects_efficiency, family_is_measured, llm_experts, itl_p10_dense, itl_p10_experts, itl_p10_unmeasured
):
    spread = _of_kind(family_is_measured, llm_experts, itl_p10_dense, itl_p10_experts, itl_p10_unmeasured)
    return _spread(corrects_efficiency, spread)


@derived("ms", "Time between tokens, P10", source=CALIBRATION, state=STATE)
def p10_itl_ms(itl_ms, itl_p10_factor):
    return itl_ms * itl_p10_factor


@derived("1", "Time between tokens: P90 over the prediction", source=CALIBRATION)
def itl_p90_factor(
    corrects_efficiency, family_is_measured, llm_experts, itl_p90_dense, itl_p90_experts, itl_p90_unmeasured
):
    spread = _of_kind(family_is_measured, llm_experts, itl_p90_dense, itl_p90_experts, itl_p90_unmeasured)
    return _spread(corrects_efficiency, spread)


@derived("ms", "Time between tokens, P90", source=CALIBRATION, state=STATE)
def p90_itl_ms(itl_ms, itl_p90_factor):
    return itl_ms * itl_p90_factor


@derived("1", "Time to first token: P10 over the prediction", source=CALIBRATION)
def ttft_p10_factor(
    corrects_efficiency, family_is_measured, llm_experts, ttft_p10_dense, ttft_p10_experts, ttft_p10_unmeasured
):
    spread = _of_kind(family_is_measured, llm_experts, ttft_p10_dense, ttft_p10_experts, ttft_p10_unmeasured)
    return _spread(corrects_efficiency, spread)


@derived("ms", "Time to first token, P10", source=CALIBRATION, state=STATE)
def p10_ttft_ms(ttft_ms, ttft_p10_factor):
    return ttft_ms * ttft_p10_factor


@derived("1", "Time to first token: P90 over the prediction", source=CALIBRATION)
def ttft_p90_factor(
    corrects_efficiency, family_is_measured, llm_experts, ttft_p90_dense, ttft_p90_experts, ttft_p90_unmeasured
):
    spread = _of_kind(family_is_measured, llm_experts, ttft_p90_dense, ttft_p90_experts, ttft_p90_unmeasured)
    return _spread(corrects_efficiency, spread)


@derived("ms", "Time to first token, P90", source=CALIBRATION, state=STATE)
def p90_ttft_ms(ttft_ms, ttft_p90_factor):
    return ttft_ms * ttft_p90_factor


@derived("1", "Output of the fleet: P10 over the prediction", source=CALIBRATION)
def rate_p10_factor(
    corrects_efficiency,
    throughput_from_code,
    family_is_measured,
    llm_experts,
    rate_p10_dense,
    rate_p10_experts,
    rate_p10_unmeasured,
):
    spread = _of_kind(family_is_measured, llm_experts, rate_p10_dense, rate_p10_experts, rate_p10_unmeasured)
    return _spread(corrects_efficiency, choose(throughput_from_code, spread, 1))


@derived("token/s", "Output of the fleet, P10", source=CALIBRATION, state=STATE)
def p10_output_tokens_per_s(output_tokens_per_s, rate_p10_factor):
    return output_tokens_per_s * rate_p10_factor


@derived("1", "Output of the fleet: P90 over the prediction", source=CALIBRATION)
def rate_p90_factor(
    corrects_efficiency,
    throughput_from_code,
    family_is_measured,
    llm_experts,
    rate_p90_dense,
    rate_p90_experts,
    rate_p90_unmeasured,
):
    spread = _of_kind(family_is_measured, llm_experts, rate_p90_dense, rate_p90_experts, rate_p90_unmeasured)
    return _spread(corrects_efficiency, choose(throughput_from_code, spread, 1))


@derived("token/s", "Output of the fleet, P90", source=CALIBRATION, state=STATE)
def p90_output_tokens_per_s(output_tokens_per_s, rate_p90_factor):
    return output_tokens_per_s * rate_p90_factor
