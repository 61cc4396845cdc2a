"""Parameters, KV cache and state of an LLM, computed from its architecture.

One documented formula per kind of attention and of MLP. All counts are exact whole numbers; the catalog
checks each total against the published size. Multi-token-prediction layers and vision towers do not count.

Shorthand in the formulas: h hidden size, nq / nkv query and key-value heads, d head size.
"""

from collections.abc import Callable
from typing import NamedTuple

from xl_econ.catalog.records import Fact, Llm

PARAMS_PER_BPARAM = 10**9
BYTES_PER_MB = 10**6
MATRICES_OF_A_GATED_MLP = 3  # gate, up and down
RECURRENT_STATE_BYTES = 4  # engines keep the recurrent state in fp32
CONV_STATE_BYTES = 2  # and the inputs of the short convolution in bf16
NORM_VECTORS_PER_LAYER = {"pre": 2, "pre_and_post": 4, "parallel": 1}


def count(fact: Fact | None) -> int:
    """The whole number of a fact; 0 where the LLM has no such part."""
    return 0 if fact is None else int(fact.value)


# --- layers -----------------------------------------------------------------------------------------------


def is_mla(llm: Llm) -> bool:
    return llm.attention == "mla"


def layers_sliding(llm: Llm) -> int:
    """Layers that see a sliding window or a chunk only."""
    return count(llm.layers_sliding)


def layers_linear(llm: Llm) -> int:
    """Layers with linear attention: all but every n-th of a hybrid."""
    interval = count(llm.full_attention_interval)
    return count(llm.layers) - count(llm.layers) // interval if interval else 0


def layers_full(llm: Llm) -> int:
    """Layers whose KV cache grows with the whole context."""
    return count(llm.layers) - layers_sliding(llm) - layers_linear(llm)


def moe_layers(llm: Llm) -> int:
    """Layers with routed experts: all after the first dense ones, or every n-th."""
    if llm.experts is None:
        return 0
    step = count(llm.moe_layer_step) or 1
    return (count(llm.layers) - count(llm.first_dense_layers)) // step


# --- attention, per layer ---------------------------------------------------------------------------------


def attention_params(llm: Llm) -> int:
    """Parameters of one softmax-attention layer, without its norms."""
    return mla_params(llm) + indexer_params(llm) if is_mla(llm) else gqa_params(llm)


def gqa_params(llm: Llm) -> int:
    """MHA, GQA and MQA: h·nq·d + 2·h·nkv·d + nq·d·h, plus biases, query-key norms and sinks.

    A hybrid (Qwen3-Next, Qwen3.5) gates its attention: the query projection is twice as wide.
    """
    hidden, queries, keys = count(llm.hidden_size), query_width(llm), key_width(llm)
    gates = queries if llm.attention == "hybrid" else 0
    weights = hidden * (queries + gates) + 2 * hidden * keys + queries * hidden
    biases = llm.qkv_bias * (queries + 2 * keys) + llm.output_bias * hidden
    return weights + biases + qk_norm_params(llm) + llm.attention_sinks * count(llm.heads)


def query_width(llm: Llm) -> int:
    return count(llm.heads) * count(llm.head_dim)


def key_width(llm: Llm) -> int:
    return count(llm.kv_heads) * count(llm.head_dim)


def qk_norm_params(llm: Llm) -> int:
    """Norms of queries and keys: one vector per head size (Qwen3), or over all channels (MiniMax-M2)."""
    per_head, per_channel = 2 * count(llm.head_dim), query_width(llm) + key_width(llm)
    return {"none": 0, "per_head": per_head, "per_channel": per_channel}[llm.qk_norm]


def mla_params(llm: Llm) -> int:
    """Multi-head latent attention: low-rank queries, one latent for all keys and values, output."""
    hidden, heads, latent = count(llm.hidden_size), count(llm.heads), count(llm.kv_lora_rank)
    down = hidden * (latent + count(llm.qk_rope_head_dim)) + latent
    up = latent * heads * (count(llm.qk_nope_head_dim) + count(llm.v_head_dim))
    output = heads * count(llm.v_head_dim) * hidden
    return mla_query_params(llm) + down + up + output


def mla_query_params(llm: Llm) -> int:
    """h·r + r + r·nq·(nope + rope) through a rank r, or h·nq·(nope + rope) directly."""
    hidden, rank = count(llm.hidden_size), count(llm.q_lora_rank)
    width = count(llm.heads) * (count(llm.qk_nope_head_dim) + count(llm.qk_rope_head_dim))
    return hidden * rank + rank + rank * width if rank else hidden * width


def indexer_params(llm: Llm) -> int:
    """The indexer of DeepSeek sparse attention: its queries, one key with a layer norm, and head weights."""
    hidden, heads, size = count(llm.hidden_size), count(llm.index_heads), count(llm.index_head_dim)
    return count(llm.q_lora_rank) * heads * size + hidden * size + 2 * size + hidden * heads


def delta_net_params(llm: Llm) -> int:
    """Gated delta net: q, k, v and gate; decay and write strength; convolution; norm; output."""
    hidden, value_heads = count(llm.hidden_size), count(llm.linear_value_heads)
    keys, values = linear_widths(llm)
    projections = hidden * (2 * keys + 2 * values) + hidden * 2 * value_heads + values * hidden
    convolution = (2 * keys + values) * count(llm.conv_kernel)
    return projections + convolution + 2 * value_heads + count(llm.linear_value_head_dim)


def linear_widths(llm: Llm) -> tuple[int, int]:
    keys = count(llm.linear_key_heads) * count(llm.linear_key_head_dim)
    values = count(llm.linear_value_heads) * count(llm.linear_value_head_dim)
    return keys, values


# --- MLP and experts, per layer ---------------------------------------------------------------------------


def gated_mlp_params(hidden: int, width: int) -> int:
    return MATRICES_OF_A_GATED_MLP * hidden * width


def expert_params(llm: Llm) -> int:
    """One routed expert: a gated MLP; gpt-oss adds biases on all three matrices."""
    hidden, width = count(llm.hidden_size), count(llm.expert_intermediate_size)
    return gated_mlp_params(hidden, width) + llm.expert_bias * (2 * width + hidden)


def shared_expert_params(llm: Llm) -> int:
    """Experts that every token uses; in Qwen3-Next and Qwen3.5 behind a gate of h parameters."""
    width = count(llm.shared_expert_intermediate_size) or count(llm.expert_intermediate_size)
    shared = count(llm.shared_experts) * gated_mlp_params(count(llm.hidden_size), width)
    return shared + llm.shared_expert_gate * count(llm.hidden_size)


def router_params(llm: Llm) -> int:
    return (count(llm.hidden_size) + llm.router_bias) * count(llm.experts)


# --- the whole LLM ----------------------------------------------------------------------------------------


def head_params(llm: Llm) -> int:
    """The output head, whether or not it shares its table with the input embedding."""
    return count(llm.vocab_size) * count(llm.hidden_size)


def embedding_params(llm: Llm) -> int:
    """All stored embedding tables: one if input and output share it, else two."""
    return head_params(llm) * (1 if llm.tied_embeddings else 2)


def routed_params(llm: Llm) -> int:
    """All routed experts of all layers."""
    return moe_layers(llm) * count(llm.experts) * expert_params(llm)


def norm_params(llm: Llm) -> int:
    vectors = count(llm.layers) * NORM_VECTORS_PER_LAYER[llm.norms] + 1
    return vectors * count(llm.hidden_size)


def attention_and_delta_params(llm: Llm) -> int:
    softmax_layers = layers_full(llm) + layers_sliding(llm)
    return softmax_layers * attention_params(llm) + layers_linear(llm) * delta_net_params(llm)


def mlp_params(llm: Llm) -> int:
    """Dense MLPs, routers and shared experts: what every token passes beside attention."""
    sparse = moe_layers(llm)
    dense_layer = gated_mlp_params(count(llm.hidden_size), count(llm.intermediate_size))
    sparse_layer = router_params(llm) + shared_expert_params(llm)
    return (count(llm.layers) - sparse) * dense_layer + sparse * sparse_layer


def total_params(llm: Llm) -> int:
    body = attention_and_delta_params(llm) + mlp_params(llm) + norm_params(llm)
    return embedding_params(llm) + body + routed_params(llm)


# --- KV cache and state -----------------------------------------------------------------------------------


def kv_elements_per_layer(llm: Llm) -> int:
    """Cached elements of one token in one layer: the latent and its rotary part, or keys and values."""
    if is_mla(llm):
        return count(llm.kv_lora_rank) + count(llm.qk_rope_head_dim)
    return 2 * key_width(llm)


def kv_bytes_per_token(llm: Llm, bytes_per_element: float) -> float:
    """What one more token adds to the KV cache, in the layers that grow with the whole context."""
    return layers_full(llm) * kv_elements_per_layer(llm) * bytes_per_element


def state_bytes_per_sequence(llm: Llm) -> int:
    """Recurrent state and convolution inputs of all linear layers; it does not grow with the context."""
    keys, values = linear_widths(llm)
    recurrent = values * count(llm.linear_key_head_dim) * RECURRENT_STATE_BYTES
    convolution = (2 * keys + values) * max(count(llm.conv_kernel) - 1, 0) * CONV_STATE_BYTES
    return layers_linear(llm) * (recurrent + convolution)


# --- columns ----------------------------------------------------------------------------------------------


def kv_heads(llm: Llm) -> int:
    """Heads that tensor parallelism can spread the KV cache over: 1 for MLA, whose latent serves all."""
    return 1 if is_mla(llm) else count(llm.kv_heads)


def qk_head_dim(llm: Llm) -> int:
    mla = count(llm.qk_nope_head_dim) + count(llm.qk_rope_head_dim)
    return mla if is_mla(llm) else count(llm.head_dim)


def v_head_dim(llm: Llm) -> int:
    return count(llm.v_head_dim) if is_mla(llm) else count(llm.head_dim)


def rope_head_dim(llm: Llm) -> int:
    return count(llm.qk_rope_head_dim)


def state_mb_per_sequence(llm: Llm) -> float:
    return state_bytes_per_sequence(llm) / BYTES_PER_MB


def in_billions(formula: Callable[[Llm], int]) -> Callable[[Llm], float]:
    return lambda llm: formula(llm) / PARAMS_PER_BPARAM


class Derived(NamedTuple):
    unit: str
    label: str
    formula: Callable[[Llm], float]


DERIVED: dict[str, Derived] = {
    "params_b": Derived("Bparam", "All parameters, computed", in_billions(total_params)),
    "embedding_params_b": Derived("Bparam", "Stored embedding tables", in_billions(embedding_params)),
    "head_params_b": Derived("Bparam", "Output head", in_billions(head_params)),
    "expert_params_b": Derived("Bparam", "All routed experts", in_billions(routed_params)),
    "layers_full": Derived("layer", "Layers with full attention", layers_full),
    "layers_sliding": Derived("layer", "Layers with a sliding window or chunks", layers_sliding),
    "layers_linear": Derived("layer", "Layers with linear attention", layers_linear),
    "moe_layers": Derived("layer", "Layers with routed experts", moe_layers),
    "kv_heads": Derived("head", "KV heads that can be sharded", kv_heads),
    "qk_head_dim": Derived("channel", "Size of a query and key head", qk_head_dim),
    "v_head_dim": Derived("channel", "Size of a value head", v_head_dim),
    "rope_head_dim": Derived("channel", "Rotary part of MLA", rope_head_dim),
    "state_mb_per_sequence": Derived("MB", "Recurrent state of one sequence", state_mb_per_sequence),
}
