"""Service: latency and throughput of one replica under continuous batching."""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ROOFLINE

STATE = "serving_state"


@derived("1", "Decode steps of a request", source=ROOFLINE)
def decode_steps(output_tokens, tokens_per_step):
    return output_tokens / tokens_per_step


@derived("1", "Prefill shares the accelerators of decode", source=ROOFLINE)
def shares_prefill(serving_mode_code):
    """1 in the aggregated mode; 0 where prefill has a pool of its own, or is left out."""
    return choose(serving_mode_code, 1, 0, 0)


@derived("ms", "Prefill of all other running requests", source=ROOFLINE)
def other_prompts_ms(concurrency, prefill_request_ms):
    return (concurrency - 1) * prefill_request_ms


@derived("1", "Share of the others' prompts that comes ahead of the first token", source=ROOFLINE)
def prompts_ahead_share(engine_code, request_lengths_code, burst_share, burst_share_alike, burst_share_sglang):
    """What starts together waits for each other; requests of one length end, and so start, together again."""
    usual = choose(request_lengths_code, burst_share, burst_share_alike)
    return choose(engine_code, usual, usual, burst_share_sglang)


@derived("1", "Share of the others' prompts that comes between two tokens", source=ROOFLINE)
def between_tokens_share(shares_prefill, corrects_batching, prompts_ahead_share, decode_steps):
    return shares_prefill * corrects_batching * (1 - prompts_ahead_share) / decode_steps


@derived("ms", "Time between tokens (ITL)", source=ROOFLINE, state=STATE)
def itl_ms(decode_step_ms, between_tokens_share, other_prompts_ms):
    """A step, and where prefill shares the accelerators, the prompts of the others in between."""
    return decode_step_ms + between_tokens_share * other_prompts_ms


@derived("1", "Prefill ahead of a first token over that in throughput", source=ROOFLINE)
def ttft_prefill_factor(llm_experts, ttft_moe_factor):
    """Few prompts at a time leave each expert little work."""
    return np.where(llm_experts > 0, ttft_moe_factor, 1)


@derived("ms", "Time to first token: own part", source=ROOFLINE)
def ttft_own_ms(corrects_efficiency, engine_code, ttft_base_ms, ttft_base_sglang_ms, prefill_ms, ttft_prefill_factor):
    """A fixed part and the own prefill; the article has only the prefill."""
    fixed = choose(engine_code, ttft_base_ms, ttft_base_ms, ttft_base_sglang_ms)
    return np.where(corrects_efficiency > 0, fixed + ttft_prefill_factor * prefill_ms, prefill_ms)


@derived("1", "Time to first token: decode steps waited for", source=ROOFLINE)
def ttft_waited_steps(corrects_efficiency, ttft_steps):
    return corrects_efficiency * ttft_steps


@derived("1", "Time to first token: share of the others' prompts ahead", source=ROOFLINE)
def ttft_ahead_share(corrects_efficiency, shares_prefill, prompts_ahead_share, ttft_prefill_factor):
    """Where prefill has accelerators of its own, the running sequences' prompts are not ahead."""
    return corrects_efficiency * shares_prefill * prompts_ahead_share * ttft_prefill_factor


@derived("ms", "Time to first token (TTFT)", source=ROOFLINE, state=STATE)
def ttft_ms(ttft_own_ms, ttft_waited_steps, decode_step_ms, ttft_ahead_share, other_prompts_ms):
    return ttft_own_ms + ttft_waited_steps * decode_step_ms + ttft_ahead_share * other_prompts_ms


@derived("ms", "All requests of a batch once round", source=ROOFLINE)
def cycle_ms(shares_prefill, concurrency, prefill_request_ms, decode_steps, decode_step_ms):
    """Each running request prefilled once and decoded to its end."""
    return shares_prefill * concurrency * prefill_request_ms + decode_steps * decode_step_ms


@derived("ms", "First tokens of a static batch", source=ROOFLINE, state=STATE)
def batch_prefill_ms(concurrency, prefill_request_ms):
    """All prompts; nothing of the engine's front, nor of other requests."""
    return concurrency * prefill_request_ms


@derived("ms", "A static batch from start to end", source=ROOFLINE, state=STATE)
def static_batch_ms(batch_prefill_ms, decode_steps, decode_step_ms):
    """All prompts, whose pass gives the first token, then a step for each of the other tokens."""
    return batch_prefill_ms + (decode_steps - 1) * decode_step_ms


@derived("token/s", "Output of one replica", source=ROOFLINE, state=STATE)
def replica_output_tokens_per_s(concurrency, output_tokens, cycle_ms, ms_per_s):
    return concurrency * output_tokens / cycle_ms * ms_per_s


@derived("1", "Share of the time spent in prefill", source=ROOFLINE)
def prefill_time_share(shares_prefill, concurrency, prefill_request_ms, cycle_ms):
    return shares_prefill * concurrency * prefill_request_ms / cycle_ms
