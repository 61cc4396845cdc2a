"""Prefill: the time of a pass over prompt tokens: a fixed part, reading weights, and work per token.

What does not depend on the tokens of a pass is a row of its own: the curve repeats only the rest.
"""

import numpy as np

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ROOFLINE


@derived("1", "Share of experts that a token picks", source=ROOFLINE)
def picked_share(llm_active_experts, llm_experts):
    return llm_active_experts / np.maximum(llm_experts, 1)


@derived("1/token", "Logarithm of the share of experts that a token leaves unread", source=ROOFLINE)
def expert_miss_log_per_token(picked_share, one_token, slack):
    """As powers of it, the share that many tokens leave unread costs an exponential."""
    return np.log(np.maximum(slack, 1 - picked_share)) / one_token


@derived("GB", "Weights read in any pass, each accelerator", source=ROOFLINE)
def common_read_gb(
    corrects_efficiency,
    head_params_b,
    embedding_bytes_per_param,
    body_params_b,
    body_bytes_per_param,
    tensor_parallel,
    weights_gb,
    replica_accelerators,
):
    """Everything but the input embedding and the routed experts; the article reads all weights."""
    shared = (head_params_b * embedding_bytes_per_param + body_params_b * body_bytes_per_param) / tensor_parallel
    return np.where(corrects_efficiency > 0, shared, weights_gb / replica_accelerators)


@derived("GB", "Weights of routed experts, each accelerator", source=ROOFLINE)
def expert_read_gb(corrects_efficiency, expert_weights_gb, stage_accelerators):
    """Read if a token of the pass picks them; the article reads them with all weights."""
    return corrects_efficiency * expert_weights_gb / stage_accelerators


@derived("1", "Share of experts read in a pass", source=ROOFLINE)
def pass_expert_share(pass_tokens, expert_miss_log_per_token):
    """Expected cover of E experts when each of n tokens picks k of them at random: 1 - (1 - k/E)^n."""
    return 1 - np.exp(pass_tokens * expert_miss_log_per_token)


@derived("GB", "Weights read by each accelerator in a pass", source=ROOFLINE)
def pass_read_gb(common_read_gb, expert_read_gb, pass_expert_share):
    return common_read_gb + expert_read_gb * pass_expert_share


@derived("ms", "Reading weights in a pass", source=ROOFLINE)
def pass_read_ms(pass_read_gb, reached_tb_per_s):
    return pass_read_gb / reached_tb_per_s


@derived("ms/token", "Linear work per token", source=ROOFLINE)
def linear_ms_per_token(
    flop_per_param_token, active_body_params_b, reached_tflops, active_expert_params_b, reached_expert_tflops
):
    """Two FLOP per parameter and token."""
    body = active_body_params_b / reached_tflops
    return flop_per_param_token * (body + active_expert_params_b / reached_expert_tflops)


@derived("ms/token", "Output head per token that it gives or ends a prompt with", source=ROOFLINE)
def head_ms_per_token(flop_per_param_token, head_params_b, reached_attention_tflops):
    """In 16 bit, as it is stored."""
    return flop_per_param_token * head_params_b / reached_attention_tflops


@derived("token", "Input tokens that are computed", source=ROOFLINE)
def computed_input_tokens(input_tokens, cached_input_share):
    """What is not in the prefix cache."""
    return input_tokens * (1 - cached_input_share)


@derived("ms/token", "Attention per prompt token", source=ROOFLINE)
def prompt_attention_ms_per_token(
    prefill_score_flop,
    llm_layers_full,
    llm_layers_sliding,
    llm_window_tokens,
    input_tokens,
    computed_input_tokens,
    flop_per_gflop,
    reached_attention_tflops,
):
    """Causal: each token meets what is cached and half of the rest on average, and no more than the window."""
    met = input_tokens - computed_input_tokens / 2
    pairs = llm_layers_full * met + llm_layers_sliding * np.minimum(met, llm_window_tokens)
    return prefill_score_flop * pairs / flop_per_gflop / reached_attention_tflops


@derived("ms/token", "Work of a pass per prompt token", source=ROOFLINE)
def prefill_ms_per_token(
    linear_ms_per_token,
    head_ms_per_token,
    one_token,
    computed_input_tokens,
    corrects_efficiency,
    prompt_attention_ms_per_token,
    link_ms_per_token,
):
    """The head works once per prompt; attention and links are not counted by the article."""
    head = head_ms_per_token * one_token / computed_input_tokens
    return linear_ms_per_token + head + corrects_efficiency * (prompt_attention_ms_per_token + link_ms_per_token)


@derived("ms", "What a pass costs whatever its size", source=ROOFLINE)
def fixed_ms(corrects_efficiency, family_overhead_factor, release_overhead_factor, overhead_ms, message_ms):
    """Launching, waiting and the latency of messages; nothing in the article."""
    return corrects_efficiency * family_overhead_factor * release_overhead_factor * (overhead_ms + message_ms)


@derived("request", "Prompts packed in a pass", source=ROOFLINE)
def pass_prompts(computed_input_tokens, prefill_chunk_tokens, data_parallel, concurrency):
    """As many as fill a chunk, if so many are running; one at least."""
    return np.minimum(np.maximum(1, prefill_chunk_tokens * data_parallel / computed_input_tokens), concurrency)


@derived("token", "Prompt tokens packed in a pass", source=ROOFLINE)
def pass_tokens(pass_prompts, computed_input_tokens):
    return pass_prompts * computed_input_tokens


@derived("ms", "A packed prefill pass", source=ROOFLINE)
def pass_ms(fixed_ms, pass_read_ms, prefill_ms_per_token, pass_tokens):
    """The parts add up: measured closer than their maximum."""
    return fixed_ms + pass_read_ms + prefill_ms_per_token * pass_tokens


@derived("1", "Passes in the stages of the pipeline at a time", source=ROOFLINE)
def passes_in_flight(pipeline_parallel, concurrency):
    """One per stage, if so many sequences are running."""
    return np.minimum(pipeline_parallel, concurrency)


@derived("ms", "Prefill time per request, prompts packed", source=ROOFLINE)
def prefill_request_ms(pass_ms, pass_prompts, passes_in_flight, pipeline_slowdown):
    return pipeline_slowdown * pass_ms / (pass_prompts * passes_in_flight)


@derived("ms", "Prefill of one prompt at full peak", source=ROOFLINE)
def prefill_floor_ms(flop_per_param_token, active_params_b, computed_input_tokens, stage_accelerators, peak_tflops):
    return flop_per_param_token * active_params_b * computed_input_tokens / (stage_accelerators * peak_tflops)
