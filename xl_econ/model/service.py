"""Service: latency and throughput of one replica under continuous batching."""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION, ROOFLINE

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
def prompts_ahead_share(
    engine_code, request_lengths_code, burst_share, burst_share_alike, burst_share_sglang, burst_share_sglang_alike
):
    """What starts together waits for each other; requests of one length end, and so start, together again."""
    usual = choose(request_lengths_code, burst_share, burst_share_alike)
    prefill_first = choose(request_lengths_code, burst_share_sglang, burst_share_sglang_alike)
    return choose(engine_code, usual, usual, prefill_first, usual)


@derived("1", "Share of the others' prompts that comes after the first token", source=ROOFLINE)
def prompts_after_share(engine_code, request_lengths_code, interleaved_share, prompts_ahead_share):
    """The rest comes while nobody waits for a token: in a burst at the start, or where a step had room for it.

    Where prefill goes first (SGLang) and requests are of one length, all start together, and a prompt that is not ahead
    of the first token comes after it.
    """
    prefill_first = choose(request_lengths_code, interleaved_share, 1 - prompts_ahead_share)
    return choose(engine_code, interleaved_share, interleaved_share, prefill_first, interleaved_share)


@derived("1", "Share of the others' prompts that comes between two tokens", source=ROOFLINE)
def between_tokens_share(shares_prefill, corrects_batching, prompts_after_share, decode_steps):
    return shares_prefill * corrects_batching * prompts_after_share / decode_steps


@derived("ms", "Time between tokens (ITL)", source=ROOFLINE, state=STATE)
def itl_ms(own_time_factor, decode_step_ms, between_tokens_share, other_prompts_ms, one_token, tokens_per_step):
    """A step, and where prefill shares the accelerators, the prompts of the others in between, per token of a step."""
    between = decode_step_ms + between_tokens_share * other_prompts_ms
    return own_time_factor * between * one_token / tokens_per_step


@derived("1", "Prefill ahead of a first token over that in throughput", source=ROOFLINE)
def ttft_prefill_factor(llm_experts, ttft_moe_factor):
    """Few prompts at a time leave each expert little work."""
    return np.where(llm_experts > 0, ttft_moe_factor, 1)


@derived("ms", "Time to first token: own part", source=ROOFLINE)
def ttft_own_ms(
    corrects_efficiency,
    engine_code,
    ttft_base_ms,
    ttft_base_sglang_ms,
    ttft_base_tensorrt_ms,
    prefill_ms,
    ttft_prefill_factor,
    shown_transfer_ms,
):
    """A fixed part, the own prefill and the transfer of its KV cache; the article has only the prefill."""
    fixed = choose(engine_code, ttft_base_ms, ttft_base_ms, ttft_base_sglang_ms, ttft_base_tensorrt_ms)
    own = fixed + ttft_prefill_factor * prefill_ms + shown_transfer_ms
    return np.where(corrects_efficiency > 0, own, prefill_ms)


@derived("1", "Time to first token: decode steps waited for", source=ROOFLINE)
def ttft_waited_steps(corrects_efficiency, ttft_steps):
    return corrects_efficiency * ttft_steps


@derived("1", "Time to first token: share of the others' prompts ahead", source=ROOFLINE)
def ttft_ahead_share(corrects_efficiency, shares_prefill, prompts_ahead_share, ttft_prefill_factor):
    """Where prefill has accelerators of its own, the running sequences' prompts are not ahead."""
    return corrects_efficiency * shares_prefill * prompts_ahead_share * ttft_prefill_factor


@derived("ms", "Time to first token (TTFT)", source=ROOFLINE, state=STATE)
def ttft_ms(own_ttft_factor, ttft_own_ms, ttft_waited_steps, decode_step_ms, ttft_ahead_share, other_prompts_ms):
    return own_ttft_factor * (ttft_own_ms + ttft_waited_steps * decode_step_ms + ttft_ahead_share * other_prompts_ms)


@derived("ms", "All requests of a batch once round", source=ROOFLINE)
def cycle_ms(own_time_factor, shares_prefill, concurrency, prefill_request_ms, decode_steps, decode_step_ms):
    """Each running request prefilled once and decoded to its end."""
    return own_time_factor * (shares_prefill * concurrency * prefill_request_ms + decode_steps * decode_step_ms)


@derived("ms", "First tokens of a static batch", source=ROOFLINE, state=STATE)
def batch_prefill_ms(own_time_factor, concurrency, prefill_request_ms):
    """All prompts; nothing of the engine's front, nor of other requests."""
    return own_time_factor * concurrency * prefill_request_ms


@derived("ms", "A static batch from start to end", source=ROOFLINE, state=STATE)
def static_batch_ms(batch_prefill_ms, own_time_factor, decode_steps, decode_step_ms):
    """All prompts, whose pass gives the first token, then a step for each of the other tokens."""
    return batch_prefill_ms + own_time_factor * (decode_steps - 1) * decode_step_ms


@derived("token/s", "Output of one replica, predicted", source=ROOFLINE, state=STATE)
def predicted_output_tokens_per_s(concurrency, output_tokens, cycle_ms, ms_per_s):
    return concurrency * output_tokens / cycle_ms * ms_per_s


@derived("1", "Throughput measured over predicted", source=DEFINITION)
def throughput_factor(throughput_from_code, own_replica_output_tokens_per_s, predicted_output_tokens_per_s):
    """The curve moves with it."""
    return choose(throughput_from_code, 1, own_replica_output_tokens_per_s / predicted_output_tokens_per_s)


@derived("token/s", "Output of one replica", source=ROOFLINE, state=STATE)
def replica_output_tokens_per_s(predicted_output_tokens_per_s, throughput_factor):
    return predicted_output_tokens_per_s * throughput_factor


@derived("1", "Share of the time spent in prefill", source=ROOFLINE)
def prefill_time_share(own_time_factor, shares_prefill, concurrency, prefill_request_ms, cycle_ms):
    return own_time_factor * shares_prefill * concurrency * prefill_request_ms / cycle_ms
