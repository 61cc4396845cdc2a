"""Pools: prefill and decode on accelerators of their own (serving mode "disaggregated")."""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ARTICLE, DEFINITION, KV_FACTS, ROOFLINE

STATE = "serving_state"


@derived("GB", "KV cache of a prompt", source=KV_FACTS)
def prompt_kv_gb(
    growing_layers,
    windowed_layers,
    input_tokens,
    llm_window_tokens,
    kv_elements_per_layer,
    one_token,
    kv_element_bytes,
    bytes_per_gb,
):
    token_layers = growing_layers * input_tokens + windowed_layers * np.minimum(input_tokens, llm_window_tokens)
    return token_layers * kv_elements_per_layer / one_token * kv_element_bytes / bytes_per_gb


@derived("ms", "Transfer of a prompt's KV cache to the decode pool", source=ROOFLINE)
def kv_transfer_ms(prompt_kv_gb, scale_out_gb_per_s, kv_shards, pipeline_parallel, ms_per_s):
    """Each accelerator sends its part through a network card of its own."""
    return prompt_kv_gb / (scale_out_gb_per_s * kv_shards * pipeline_parallel) * ms_per_s


@derived("ms", "Transfer of a prompt's KV cache that a first token waits for", source=ROOFLINE)
def shown_transfer_ms(serving_mode_code, hidden_transfer_share, kv_transfer_ms):
    return choose(serving_mode_code, 0, (1 - hidden_transfer_share) * kv_transfer_ms, 0)


@derived("token/s", "Prefill pool: compute alone", source=ARTICLE)
def prefill_pool_compute_tokens_per_s(
    prefill_accelerators, stage_accelerators, reached_tflops, flop_per_param_token, active_params_b, ms_per_s
):
    rate = reached_tflops / stage_accelerators * prefill_accelerators
    return rate / (flop_per_param_token * active_params_b) * ms_per_s


@derived("token", "Prefill pool: tokens that its memory holds beside the weights", source=ARTICLE)
def prefill_pool_kv_tokens(prefill_accelerators, usable_memory_gb, weights_gb, kv_mb_per_token, mb_per_gb):
    return np.maximum(0, prefill_accelerators * usable_memory_gb - weights_gb) * mb_per_gb / kv_mb_per_token


@derived("token/s", "Prefill pool: input", source=ROOFLINE, state=STATE)
def prefill_pool_tokens_per_s(
    prefill_pool_rate_from_code,
    corrects_efficiency,
    prefill_accelerators,
    replica_accelerators,
    pass_prompts,
    input_tokens,
    passes_in_flight,
    own_time_factor,
    pass_ms,
    ms_per_s,
    prefill_pool_compute_tokens_per_s,
    own_prefill_pool_tokens_per_s,
):
    """Packed passes, one replica's worth of accelerators after the other; the article counts compute alone."""
    replicas = prefill_accelerators / replica_accelerators
    packed = replicas * pass_prompts * passes_in_flight * input_tokens / (own_time_factor * pass_ms) * ms_per_s
    computed = np.where(corrects_efficiency > 0, packed, prefill_pool_compute_tokens_per_s)
    return choose(prefill_pool_rate_from_code, computed, own_prefill_pool_tokens_per_s)


@derived("token/s", "Output of one replica that only decodes", source=ROOFLINE)
def decoding_tokens_per_s(concurrency, tokens_per_step, own_time_factor, decode_step_ms, ms_per_s):
    return concurrency * tokens_per_step / (own_time_factor * decode_step_ms) * ms_per_s


@derived("token/s", "Decode pool: output of its own accelerators", source=ROOFLINE)
def decode_pool_own_tokens_per_s(decode_accelerators, replica_accelerators, decoding_tokens_per_s):
    return decode_accelerators / replica_accelerators * decoding_tokens_per_s


@derived("token/s", "Output by the prefill pool's spare capacity", source=ARTICLE)
def spare_decode_tokens_per_s(corrects_batching, prefill_accelerators, replica_accelerators, decoding_tokens_per_s):
    """The article lets the prefill pool decode on the side, for nothing; a prefill pool in use cannot."""
    return (1 - corrects_batching) * prefill_accelerators / replica_accelerators * decoding_tokens_per_s


@derived("token/s", "Decode pool: output that can be derived", source=ROOFLINE)
def decode_pool_computed_tokens_per_s(decode_pool_own_tokens_per_s, spare_decode_tokens_per_s):
    return decode_pool_own_tokens_per_s + spare_decode_tokens_per_s


@derived("token/s", "Decode pool: output", source=ROOFLINE, state=STATE)
def decode_pool_tokens_per_s(
    decode_pool_rate_from_code, decode_pool_computed_tokens_per_s, own_decode_pool_tokens_per_s
):
    return choose(decode_pool_rate_from_code, decode_pool_computed_tokens_per_s, own_decode_pool_tokens_per_s)


@derived("request/s", "Requests that both pools keep up with", source=ROOFLINE)
def matched_requests_per_s(prefill_pool_tokens_per_s, input_tokens, decode_pool_tokens_per_s, output_tokens):
    """The slower pool sets the pace."""
    return np.minimum(prefill_pool_tokens_per_s / input_tokens, decode_pool_tokens_per_s / output_tokens)


@derived("token/s", "Input of both pools together", source=ROOFLINE)
def pools_input_tokens_per_s(corrects_batching, matched_requests_per_s, input_tokens, prefill_pool_tokens_per_s):
    """The article lets each pool run at its own pace."""
    return np.where(corrects_batching > 0, matched_requests_per_s * input_tokens, prefill_pool_tokens_per_s)


@derived("token/s", "Output of both pools together", source=ROOFLINE)
def pools_output_tokens_per_s(corrects_batching, matched_requests_per_s, output_tokens, decode_pool_tokens_per_s):
    return np.where(corrects_batching > 0, matched_requests_per_s * output_tokens, decode_pool_tokens_per_s)


@derived("USD/h", "Prefill pool: price", source=DEFINITION)
def prefill_pool_usd_per_h(prefill_accelerators, usd_per_accelerator_h):
    return prefill_accelerators * usd_per_accelerator_h


@derived("USD/h", "Decode pool: price", source=DEFINITION)
def decode_pool_usd_per_h(decode_accelerators, usd_per_accelerator_h):
    return decode_accelerators * usd_per_accelerator_h
