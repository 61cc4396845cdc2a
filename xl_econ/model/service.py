"""Service: latency and throughput of one replica under continuous batching."""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ROOFLINE

STATE = "serving_state"


@derived("1", "Decode steps of a request", source=ROOFLINE)
def decode_steps(output_tokens, tokens_per_step):
    return output_tokens / tokens_per_step


@derived("ms", "Time between tokens (ITL)", source=ROOFLINE, state=STATE)
def itl_ms(
    decode_step_ms,
    serving_mode_code,
    burst_share,
    concurrency,
    prefill_request_ms,
    decode_steps,
    corrects_batching,
):
    """A step, and where prefill shares the accelerators, the prompts of the others in between."""
    others = corrects_batching * (1 - burst_share) * (concurrency - 1) * prefill_request_ms
    return decode_step_ms + choose(serving_mode_code, others / decode_steps, 0, 0)


@derived("ms", "Time to first token (TTFT)", source=ROOFLINE, state=STATE)
def ttft_ms(
    corrects_efficiency,
    ttft_base_ms,
    ttft_prefill_factor,
    prefill_ms,
    llm_experts,
    ttft_moe_factor,
    ttft_steps,
    decode_step_ms,
    burst_share,
    concurrency,
    prefill_request_ms,
    serving_mode_code,
):
    """Fixed part, own prefill, steps waited for, and prompts ahead; the article has only the prefill.

    Where prefill has accelerators of its own, the running sequences' prompts are not ahead.
    """
    alone = ttft_prefill_factor * prefill_ms * np.where(llm_experts > 0, ttft_moe_factor, 1)
    ahead = choose(serving_mode_code, burst_share * (concurrency - 1) * prefill_request_ms, 0, 0)
    calibrated = ttft_base_ms + alone + ttft_steps * decode_step_ms + ahead
    return np.where(corrects_efficiency > 0, calibrated, prefill_ms)


@derived("ms", "All requests of a batch once round", source=ROOFLINE)
def cycle_ms(serving_mode_code, concurrency, prefill_request_ms, decode_steps, decode_step_ms):
    """Each running request prefilled once and decoded to its end."""
    prefill_all_ms = choose(serving_mode_code, concurrency * prefill_request_ms, 0, 0)
    return prefill_all_ms + decode_steps * decode_step_ms


@derived("token/s", "Output of one replica", source=ROOFLINE, state=STATE)
def replica_output_tokens_per_s(concurrency, output_tokens, cycle_ms, ms_per_s):
    return concurrency * output_tokens / cycle_ms * ms_per_s


@derived("1", "Share of the time spent in prefill", source=ROOFLINE)
def prefill_time_share(serving_mode_code, concurrency, prefill_request_ms, cycle_ms):
    return choose(serving_mode_code, concurrency * prefill_request_ms / cycle_ms, 0, 0)
