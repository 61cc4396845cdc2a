"""Decode: the time of one step that gives every running sequence its next token.

Reading weights is that of a pass, with the tokens of a step.
"""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.prefill import prefill_floor_ms
from xl_econ.model.sources import ROOFLINE, SPECULATION


@derived(
    "token", "Tokens of a step with a draft that are accepted, and the one that is always right", source=SPECULATION
)
def draft_yield_tokens(draft_tokens, draft_acceptance, one_token, slack):
    """(1 - a^(n + 1)) / (1 - a) for n drafted tokens that are each accepted with probability a."""
    steps = draft_tokens / one_token + 1
    partly = (1 - draft_acceptance**steps) / np.maximum(slack, 1 - draft_acceptance)
    return np.where(draft_acceptance < 1, partly, steps) * one_token


@derived("1", "Time of a step with its drafts over that of a step", source=SPECULATION)
def draft_time_factor(draft_tokens, one_token, draft_step_share):
    return 1 + draft_tokens / one_token * draft_step_share


@derived("1", "Speed-up by speculative decoding where steps are bound by reading", source=SPECULATION)
def draft_speedup(draft_yield_tokens, one_token, draft_time_factor):
    return draft_yield_tokens / one_token / draft_time_factor


@derived("token/sequence", "Tokens per sequence and step", source=SPECULATION)
def tokens_per_step(speculation_code, one_token, draft_yield_tokens):
    return choose(speculation_code, one_token, draft_yield_tokens)


@derived("token/sequence", "Tokens that a step computes per sequence", source=SPECULATION)
def verified_tokens_per_step(speculation_code, one_token, draft_tokens):
    """The drafted ones are verified together with the next."""
    return choose(speculation_code, one_token, draft_tokens + one_token)


@derived("1", "Time of a step with what is drafted over that of a step", source=SPECULATION)
def step_time_factor(speculation_code, draft_time_factor):
    return choose(speculation_code, 1, draft_time_factor)


@derived("1", "Slowdown by stages that wait for each other", source=ROOFLINE)
def pipeline_slowdown(pipeline_parallel, pipeline_micro_batches):
    """The bubble of a pipeline: (m + p - 1) / m for m micro-batches and p stages."""
    return (pipeline_micro_batches + pipeline_parallel - 1) / pipeline_micro_batches


@derived("sequence", "Sequences in a step", source=ROOFLINE)
def step_sequences(concurrency, pipeline_parallel):
    """The stages of a pipeline work on as many groups of sequences at a time."""
    return np.maximum(1, concurrency / pipeline_parallel)


@derived("token", "Tokens of a decode step", source=ROOFLINE)
def step_tokens(step_sequences, verified_tokens_per_step):
    return step_sequences * verified_tokens_per_step


@derived("GB", "KV cache of a sequence, on average", source=ROOFLINE)
def mean_kv_gb(mean_cached_token_layers, kv_elements_per_layer, kv_element_bytes, one_token, bytes_per_gb):
    return mean_cached_token_layers * kv_elements_per_layer / one_token * kv_element_bytes / bytes_per_gb


@derived("1", "Time of reading the KV cache over that of reading weights", source=ROOFLINE)
def kv_slowdown(corrects_efficiency, family_code, engine_code, kv_slowdown_cdna3_2024):
    """On CDNA3, the attention of 2024 read the cache far below the bandwidth."""
    cdna3 = choose(engine_code, kv_slowdown_cdna3_2024, 1, 1, 1)
    slowdown = choose(family_code, 1, 1, 1, 1, 1, cdna3, 1, 1, 1, 1)
    return np.where(corrects_efficiency > 0, slowdown, 1)


@derived("ms/sequence", "Reading the KV cache of a sequence", source=ROOFLINE)
def kv_ms_per_sequence(data_parallel, kv_slowdown, mean_kv_gb, kv_shards, reached_tb_per_s):
    return kv_slowdown * mean_kv_gb / (data_parallel * kv_shards * reached_tb_per_s)


@derived("ms/sequence", "Attention work of a sequence under MLA", source=ROOFLINE)
def latent_ms_per_sequence(
    flop_per_score_channel,
    llm_heads,
    llm_kv_lora_rank,
    llm_rope_head_dim,
    mean_cached_token_layers,
    one_token,
    flop_per_gflop,
    reached_attention_tflops,
):
    """In absorbed form every head works on the whole latent, twice; nothing for the other kinds."""
    width = np.where(llm_kv_lora_rank > 0, 2 * llm_kv_lora_rank + llm_rope_head_dim, 0)
    work = flop_per_score_channel * llm_heads * width * mean_cached_token_layers * one_token
    return work / flop_per_gflop / reached_attention_tflops


@derived("ms/sequence", "Attention of a sequence in a step", source=ROOFLINE)
def attention_ms_per_sequence(kv_ms_per_sequence, latent_ms_per_sequence):
    """Reading and work overlap."""
    return np.maximum(kv_ms_per_sequence, latent_ms_per_sequence)


@derived("ms/sequence", "What each running sequence adds to a step", source=ROOFLINE)
def step_ms_per_sequence(
    corrects_efficiency,
    verified_tokens_per_step,
    linear_ms_per_token,
    head_ms_per_token,
    link_ms_per_token,
    attention_ms_per_sequence,
    engine_sequence_us,
    us_per_ms,
):
    """Linear work, links, attention and the engine's own time; nothing in the article."""
    work = verified_tokens_per_step * (linear_ms_per_token + head_ms_per_token + link_ms_per_token)
    return corrects_efficiency * (work + attention_ms_per_sequence + engine_sequence_us / us_per_ms)


@derived("ms", "Decode step", source=ROOFLINE)
def decode_step_ms(step_time_factor, pipeline_slowdown, fixed_ms, step_read_ms, step_ms_per_sequence, step_sequences):
    """A fixed part, reading weights, and each sequence's own; the article has only the reading."""
    return step_time_factor * pipeline_slowdown * (fixed_ms + step_read_ms + step_ms_per_sequence * step_sequences)


@derived("ms", "A decode step at full bandwidth or at full peak", source=ROOFLINE)
def step_floor_ms(
    step_read_gb,
    mean_kv_gb,
    step_sequences,
    data_parallel,
    kv_shards,
    bandwidth_tb_per_s,
    flop_per_param_token,
    active_params_b,
    step_tokens,
    stage_accelerators,
    peak_tflops,
):
    """Whichever is longer: reading weights and KV cache, or two FLOP per parameter and token."""
    read = (step_read_gb + mean_kv_gb * step_sequences / (data_parallel * kv_shards)) / bandwidth_tb_per_s
    return np.maximum(
        read, prefill_floor_ms(flop_per_param_token, active_params_b, step_tokens, stage_accelerators, peak_tflops)
    )
