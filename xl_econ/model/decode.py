"""Decode: the time of one step that gives every running sequence its next token.

Reading weights is that of a pass, with the tokens of a step.
"""

import numpy as np

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ROOFLINE


@derived("token", "Tokens of a decode step", source=ROOFLINE)
def step_tokens(concurrency, tokens_per_step):
    return concurrency * tokens_per_step


@derived("GB", "KV cache of a sequence, on average", source=ROOFLINE)
def mean_kv_gb(mean_cached_token_layers, kv_elements_per_layer, kv_element_bytes, one_token, bytes_per_gb):
    return mean_cached_token_layers * kv_elements_per_layer / one_token * kv_element_bytes / bytes_per_gb


@derived("ms/sequence", "Reading the KV cache of a sequence", source=ROOFLINE)
def kv_ms_per_sequence(data_parallel, mean_kv_gb, kv_shards, reached_tb_per_s):
    return mean_kv_gb / (data_parallel * kv_shards * reached_tb_per_s)


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
    tokens_per_step,
    linear_ms_per_token,
    head_ms_per_token,
    link_ms_per_token,
    attention_ms_per_sequence,
    engine_sequence_us,
    us_per_ms,
):
    """Linear work, links, attention and the engine's own time; nothing in the article."""
    work = tokens_per_step * (linear_ms_per_token + head_ms_per_token + link_ms_per_token)
    return corrects_efficiency * (work + attention_ms_per_sequence + engine_sequence_us / us_per_ms)


@derived("ms", "Decode step", source=ROOFLINE)
def decode_step_ms(fixed_ms, step_read_ms, step_ms_per_sequence, concurrency):
    """A fixed part, reading weights, and each sequence's own; the article has only the reading."""
    return fixed_ms + step_read_ms + step_ms_per_sequence * concurrency
