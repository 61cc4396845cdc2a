"""Prefill: the time of a pass over prompt tokens. The parts take any number of tokens."""

import numpy as np

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ROOFLINE


@derived("1", "Share of experts that a token picks", source=ROOFLINE)
def picked_share(llm_active_experts, llm_experts):
    return llm_active_experts / np.maximum(llm_experts, 1)


@derived("1", "Share of experts read in a pass", source=ROOFLINE)
def pass_expert_share(pass_tokens, one_token, picked_share, negligible_exponent):
    """Expected cover of E experts when each token picks k of them at random: 1 - (1 - k/E)^n.

    n stops where what is left is nothing beside 1: smaller powers are an error in some spreadsheets.
    """
    tokens = np.minimum(pass_tokens / one_token, negligible_exponent / picked_share)
    return np.where(picked_share > 0, 1 - (1 - picked_share) ** tokens, 0)


@derived("GB", "Weights read by each accelerator in a pass", source=ROOFLINE)
def pass_read_gb(
    corrects_efficiency,
    head_params_b,
    embedding_bytes_per_param,
    body_params_b,
    body_bytes_per_param,
    tensor_parallel,
    expert_weights_gb,
    pass_expert_share,
    replica_accelerators,
    weights_gb,
):
    """Everything but the input embedding, and only the experts met; the article reads all weights."""
    shared = (head_params_b * embedding_bytes_per_param + body_params_b * body_bytes_per_param) / tensor_parallel
    experts = expert_weights_gb * pass_expert_share / replica_accelerators
    return np.where(corrects_efficiency > 0, shared + experts, weights_gb / replica_accelerators)


@derived("ms", "Reading weights in a pass", source=ROOFLINE)
def pass_read_ms(pass_read_gb, reached_tb_per_s):
    return pass_read_gb / reached_tb_per_s


@derived("token", "Prompts finished in a pass, a token each", source=ROOFLINE)
def pass_head_tokens(pass_tokens, input_tokens, one_token):
    return pass_tokens / input_tokens * one_token


@derived("ms", "Linear work of a pass", source=ROOFLINE)
def pass_linear_ms(flop_per_param_token, active_params_b, pass_tokens, head_params_b, pass_head_tokens, reached_tflops):
    """Two FLOP per parameter and token."""
    params_tokens = active_params_b * pass_tokens + head_params_b * pass_head_tokens
    return flop_per_param_token * params_tokens / reached_tflops


@derived("ms", "Attention of a pass", source=ROOFLINE)
def pass_attention_ms(
    prefill_score_flop,
    llm_layers_full,
    llm_layers_sliding,
    llm_window_tokens,
    input_tokens,
    pass_tokens,
    flop_per_gflop,
    reached_attention_tflops,
):
    """Causal: each token meets half of its prompt on average, and no more than the window."""
    met = input_tokens / 2
    pairs = (llm_layers_full * met + llm_layers_sliding * np.minimum(met, llm_window_tokens)) * pass_tokens
    return prefill_score_flop * pairs / flop_per_gflop / reached_attention_tflops


@derived("ms", "Communication of a pass", source=ROOFLINE)
def pass_link_ms(message_ms, link_ms_per_token, pass_tokens):
    return message_ms + link_ms_per_token * pass_tokens


@derived("ms", "A packed prefill pass", source=ROOFLINE)
def pass_ms(pass_linear_ms, pass_read_ms, corrects_efficiency, pass_attention_ms, overhead_ms, pass_link_ms):
    """The parts add up: measured closer than their maximum. The article has only the first two."""
    return pass_linear_ms + pass_read_ms + corrects_efficiency * (pass_attention_ms + overhead_ms + pass_link_ms)


@derived("token", "Prompt tokens packed in a pass", source=ROOFLINE)
def pass_tokens(input_tokens, prefill_chunk_tokens, data_parallel, concurrency):
    """As many prompts as fill a chunk, if so many are running."""
    return np.minimum(np.maximum(input_tokens, prefill_chunk_tokens * data_parallel), concurrency * input_tokens)


@derived("ms", "Prefill time per request, prompts packed", source=ROOFLINE)
def prefill_request_ms(pass_ms, input_tokens, pass_tokens):
    return pass_ms * input_tokens / pass_tokens
