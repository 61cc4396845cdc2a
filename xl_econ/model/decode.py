"""Decode: the time of one step that gives every running sequence its next token.

Reading weights, linear work and communication are the parts of a pass, with the tokens of a step.
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


@derived("ms", "Reading the KV cache in a step", source=ROOFLINE)
def step_kv_ms(concurrency, data_parallel, mean_kv_gb, kv_shards, reached_tb_per_s):
    return concurrency / data_parallel * mean_kv_gb / (kv_shards * reached_tb_per_s)


@derived("ms", "Attention work of a step under MLA", source=ROOFLINE)
def step_latent_ms(
    concurrency,
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
    work = concurrency * flop_per_score_channel * llm_heads * width * mean_cached_token_layers * one_token
    return work / flop_per_gflop / reached_attention_tflops


@derived("ms", "Attention of a step", source=ROOFLINE)
def step_attention_ms(step_kv_ms, step_latent_ms):
    return np.maximum(step_kv_ms, step_latent_ms)


@derived("ms", "Overhead of a step that grows with its sequences", source=ROOFLINE)
def step_sequences_ms(sequence_overhead_us, concurrency, us_per_ms):
    return sequence_overhead_us * concurrency / us_per_ms


@derived("ms", "Decode step", source=ROOFLINE)
def decode_step_ms(
    step_read_ms,
    corrects_efficiency,
    step_linear_ms,
    step_attention_ms,
    overhead_ms,
    step_link_ms,
    step_sequences_ms,
):
    """The article has only the reading of weights."""
    rest = step_linear_ms + step_attention_ms + overhead_ms + step_link_ms + step_sequences_ms
    return step_read_ms + corrects_efficiency * rest
