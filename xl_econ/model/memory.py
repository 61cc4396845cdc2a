"""Memory: weights, KV cache by kind of attention, what fits."""

import numpy as np

from xl_econ.core.operations import ceil_whole, choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION, KV_FACTS, ROOFLINE


@derived("1", "Own parameters over the catalog's", source=DEFINITION)
def params_scale(llm_params_b, llm_catalog_params_b):
    """An own size shrinks or grows every part alike."""
    return llm_params_b / llm_catalog_params_b


@derived("Bparam", "Parameters of the embedding tables", source=KV_FACTS)
def embedding_params_b(llm_embedding_params_b, params_scale):
    return llm_embedding_params_b * params_scale


@derived("Bparam", "Parameters of all routed experts", source=KV_FACTS)
def expert_params_b(llm_expert_params_b, params_scale):
    return llm_expert_params_b * params_scale


@derived("Bparam", "Parameters outside embeddings and routed experts", source=KV_FACTS)
def body_params_b(llm_params_b, embedding_params_b, expert_params_b):
    return llm_params_b - embedding_params_b - expert_params_b


@derived("B/param", "Size of a body parameter", source=KV_FACTS)
def body_bytes_per_param(llm_experts, format_body_bytes_per_param, expert_bytes_per_param):
    """Formats that quantise only routed experts quantise the whole body of a dense LLM."""
    return np.where(llm_experts > 0, format_body_bytes_per_param, expert_bytes_per_param)


@derived("GB", "Weights outside the routed experts", source=KV_FACTS)
def common_weights_gb(embedding_params_b, embedding_bytes_per_param, body_params_b, body_bytes_per_param):
    """Billions of parameters times bytes is gigabytes; embeddings stay in 16 bit."""
    return embedding_params_b * embedding_bytes_per_param + body_params_b * body_bytes_per_param


@derived("GB", "Weights of the routed experts", source=KV_FACTS)
def expert_weights_gb(expert_params_b, expert_bytes_per_param):
    return expert_params_b * expert_bytes_per_param


@derived("GB", "Weights of the LLM", source=KV_FACTS)
def weights_gb(common_weights_gb, expert_weights_gb):
    return common_weights_gb + expert_weights_gb


@derived("accelerator", "Accelerators of one pipeline stage", source=DEFINITION)
def stage_accelerators(tensor_parallel, data_parallel):
    """They work on the same layers."""
    return tensor_parallel * data_parallel


@derived("accelerator", "Accelerators of one replica", source=DEFINITION)
def replica_accelerators(stage_accelerators, pipeline_parallel):
    return stage_accelerators * pipeline_parallel


@derived("GB", "Weights on each accelerator", source=ROOFLINE)
def weights_gb_per_accelerator(
    common_weights_gb, tensor_parallel, pipeline_parallel, expert_weights_gb, replica_accelerators
):
    """TP and stages shard everything; data-parallel attention groups repeat all but the experts."""
    return common_weights_gb / (tensor_parallel * pipeline_parallel) + expert_weights_gb / replica_accelerators


@derived("GB", "Memory for weights and KV cache, each accelerator", source=ROOFLINE)
def usable_memory_gb(accelerator_memory_gb, kv_fraction, corrects_efficiency):
    """The rest is the engine's workspace; the article uses all of it."""
    return accelerator_memory_gb * np.where(corrects_efficiency > 0, kv_fraction, 1)


@derived("GB", "Memory left beside the weights, each accelerator", source=DEFINITION)
def memory_left_gb(usable_memory_gb, weights_gb_per_accelerator):
    return np.maximum(0, usable_memory_gb - weights_gb_per_accelerator)


@derived("element", "KV elements of one token in one layer", source=KV_FACTS)
def kv_elements_per_layer(
    corrects_kv_heads,
    llm_hidden_size,
    llm_kv_lora_rank,
    llm_rope_head_dim,
    llm_kv_heads,
    llm_qk_head_dim,
    llm_v_head_dim,
):
    """MLA keeps one latent and its positional part, the others a key and a value per KV head."""
    own_heads = llm_kv_heads * (llm_qk_head_dim + llm_v_head_dim)
    own = np.where(llm_kv_lora_rank > 0, llm_kv_lora_rank + llm_rope_head_dim, own_heads)
    return np.where(corrects_kv_heads > 0, own, 2 * llm_hidden_size)


@derived("layer", "Layers whose cache grows without bound", source=KV_FACTS)
def growing_layers(corrects_kv_heads, llm_layers_full, llm_layers):
    return np.where(corrects_kv_heads > 0, llm_layers_full, llm_layers)


@derived("layer", "Layers whose cache stops at the window", source=KV_FACTS)
def windowed_layers(corrects_kv_heads, llm_layers_sliding):
    return np.where(corrects_kv_heads > 0, llm_layers_sliding, 0)


@derived("token", "Tokens of a sequence at its end", source=DEFINITION)
def peak_context_tokens(input_tokens, output_tokens):
    return input_tokens + output_tokens


@derived("token", "Tokens of a sequence on average while decoding", source=ROOFLINE)
def mean_context_tokens(input_tokens, output_tokens):
    return input_tokens + output_tokens / 2


@derived("token*layer", "Tokens cached over all layers, at a sequence's end", source=KV_FACTS)
def peak_cached_token_layers(
    growing_layers, windowed_layers, peak_context_tokens, windowed_cache_code, llm_window_tokens
):
    """Some engines keep all tokens of windowed layers, though they read no more than the window."""
    windowed = np.minimum(peak_context_tokens, llm_window_tokens)
    kept = choose(windowed_cache_code, windowed, peak_context_tokens)
    return growing_layers * peak_context_tokens + windowed_layers * kept


@derived("token*layer", "Tokens read over all layers, on average", source=KV_FACTS)
def mean_cached_token_layers(growing_layers, windowed_layers, mean_context_tokens, llm_window_tokens):
    return growing_layers * mean_context_tokens + windowed_layers * np.minimum(mean_context_tokens, llm_window_tokens)


@derived("MB/token", "KV cache per token", source=KV_FACTS)
def kv_mb_per_token(
    peak_cached_token_layers, kv_elements_per_layer, kv_element_bytes, peak_context_tokens, one_token, bytes_per_mb
):
    """Averaged over a sequence at its end; windowed layers hold no more than their window."""
    elements = peak_cached_token_layers / peak_context_tokens * kv_elements_per_layer / one_token
    return elements * kv_element_bytes / bytes_per_mb


@derived("GB", "KV cache and state of one sequence at its end", source=KV_FACTS)
def kv_gb_per_sequence(kv_mb_per_token, peak_context_tokens, llm_state_mb_per_sequence, mb_per_gb):
    return (kv_mb_per_token * peak_context_tokens + llm_state_mb_per_sequence) / mb_per_gb


@derived("accelerator", "Fewest accelerators that hold the weights", source=DEFINITION)
def min_accelerators(weights_gb, usable_memory_gb, slack):
    """KV cache comes on top."""
    return ceil_whole(weights_gb / usable_memory_gb, slack)


@derived("1", "Accelerators that share one copy of the KV cache", source=ROOFLINE)
def kv_shards(corrects_kv_heads, tensor_parallel, llm_kv_heads, llm_kv_lora_rank):
    """KV heads beyond TP are repeated; MLA's latent is on every TP rank."""
    own = np.where(llm_kv_lora_rank > 0, 1, np.minimum(tensor_parallel, llm_kv_heads))
    return np.where(corrects_kv_heads > 0, own, tensor_parallel)


@derived("GB", "Memory for distinct KV cache, one replica", source=ROOFLINE)
def kv_memory_gb(kv_shards, data_parallel, pipeline_parallel, memory_left_gb):
    return kv_shards * data_parallel * pipeline_parallel * memory_left_gb


@derived("sequence", "Sequences that fit in memory, one replica", source=ROOFLINE)
def memory_concurrency(kv_memory_gb, kv_gb_per_sequence):
    """Each with its full input and output reserved."""
    return kv_memory_gb / kv_gb_per_sequence


@derived("token", "Tokens that fit in the KV cache, one replica", source=ROOFLINE)
def kv_capacity_tokens(memory_concurrency, peak_context_tokens):
    return memory_concurrency * peak_context_tokens
