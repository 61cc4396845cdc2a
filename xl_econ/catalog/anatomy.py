"""The architecture of a catalog record: its layers, part by part, as the formulas want them."""

from xl_econ.catalog.blocks import (
    Architecture,
    Attention,
    DeltaNet,
    Experts,
    FeedForward,
    LatentAttention,
    Layer,
    Mlp,
    Recurrent,
    Softmax,
)
from xl_econ.catalog.records import Fact, Llm

NORM_VECTORS_PER_LAYER = {"pre": 2, "pre_and_post": 4, "parallel": 1}


def count(fact: Fact | None) -> int:
    """The whole number of a fact; 0 where the LLM has no such part."""
    return 0 if fact is None else int(fact.value)


def full_layers(llm: Llm) -> int:
    """Layers that see the whole context: what sliding and linear ones leave."""
    return count(llm.layers) - count(llm.layers_sliding) - linear_layers(llm)


def linear_layers(llm: Llm) -> int:
    """All but every n-th layer of a hybrid."""
    interval = count(llm.full_attention_interval)
    return count(llm.layers) - count(llm.layers) // interval if interval else 0


def sparse_layers(llm: Llm) -> int:
    """Layers with routed experts: all after the first dense ones, or every n-th."""
    if llm.experts is None:
        return 0
    return (count(llm.layers) - count(llm.first_dense_layers)) // (count(llm.moe_layer_step) or 1)


def architecture_of(llm: Llm) -> Architecture:
    """Which layer has which feed-forward part makes no difference to any sum, so each kind is one run.

    A run of mixers and a run of feed-forward parts are blocks of their own; two of them make a layer.
    """
    norms = NORM_VECTORS_PER_LAYER[llm.norms]
    mixers: list[tuple[int, Softmax | Recurrent]] = [(full_layers(llm), _softmax(llm, 0))]
    if llm.layers_sliding:
        mixers.append((count(llm.layers_sliding), _softmax(llm, count(llm.window_tokens))))
    if linear_layers(llm):
        mixers.append((linear_layers(llm), _delta_net(llm)))
    sparse = sparse_layers(llm)
    parts: list[tuple[int, FeedForward]] = [(count(llm.layers) - sparse, _mlp(llm)), (sparse, _experts(llm))]
    return Architecture(
        hidden=count(llm.hidden_size),
        vocabulary=count(llm.vocab_size),
        tied=llm.tied_embeddings,
        max_context=count(llm.max_context_tokens),
        norm_bias=llm.norm_bias,
        head_bias=llm.head_bias,
        stack=(
            *((n, Layer(mixer, (), norms)) for n, mixer in mixers if n),
            *((n, Layer(None, (part,), 0)) for n, part in parts if n),
        ),
    )


def _softmax(llm: Llm, window: int) -> Softmax:
    """A hybrid (Qwen3-Next, Qwen3.5) gates its attention: the query projection is twice as wide."""
    if llm.attention == "mla":
        return _latent_attention(llm)
    return Attention(
        hidden=count(llm.hidden_size),
        heads=count(llm.heads),
        kv_heads=count(llm.kv_heads),
        head_dim=count(llm.head_dim),
        window=window,
        gate="per_channel" if llm.attention == "hybrid" else "none",
        qk_norm=llm.qk_norm,
        qkv_bias=llm.qkv_bias,
        output_bias=llm.output_bias,
        sinks=llm.attention_sinks,
    )


def _latent_attention(llm: Llm) -> LatentAttention:
    return LatentAttention(
        hidden=count(llm.hidden_size),
        heads=count(llm.heads),
        query_rank=count(llm.q_lora_rank),
        latent=count(llm.kv_lora_rank),
        nope_dim=count(llm.qk_nope_head_dim),
        rope_dim=count(llm.qk_rope_head_dim),
        v_dim=count(llm.v_head_dim),
        index_heads=count(llm.index_heads),
        index_dim=count(llm.index_head_dim),
    )


def _delta_net(llm: Llm) -> DeltaNet:
    return DeltaNet(
        hidden=count(llm.hidden_size),
        key_heads=count(llm.linear_key_heads),
        value_heads=count(llm.linear_value_heads),
        key_dim=count(llm.linear_key_head_dim),
        value_dim=count(llm.linear_value_head_dim),
        conv_kernel=count(llm.conv_kernel),
    )


def _mlp(llm: Llm) -> Mlp:
    return Mlp(count(llm.hidden_size), count(llm.intermediate_size), gated=llm.mlp == "gated", bias=llm.mlp_bias)


def _experts(llm: Llm) -> Experts:
    width = count(llm.shared_expert_intermediate_size) or count(llm.expert_intermediate_size)
    return Experts(
        hidden=count(llm.hidden_size),
        experts=count(llm.experts),
        active=count(llm.active_experts),
        width=count(llm.expert_intermediate_size),
        bias=llm.expert_bias,
        router_bias=llm.router_bias,
        shared_width=count(llm.shared_experts) * width,
        shared_gate=llm.shared_expert_gate,
    )
