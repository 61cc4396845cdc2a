"""The layers of decoders that are alike: one function, and a table of what sets each model type apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from xl_econ.catalog.blocks import Architecture, Attention, Experts, FeedForward, Gate, Layer, Mlp, QkNorm, Recurrent
from xl_econ.catalog.config_file import Config

HIDDEN = ("hidden_size", "n_embd", "d_model")
HEADS = ("num_attention_heads", "n_head")
KV_HEADS = ("num_key_value_heads", "num_kv_heads", "n_head_kv")
WIDTH = ("intermediate_size", "n_inner", "ffn_hidden_size")
CONTEXT = ("max_position_embeddings", "n_positions", "n_ctx")
EXPERTS = ("n_routed_experts", "num_local_experts", "num_experts")
ACTIVE = ("num_experts_per_tok", "num_experts_per_token", "experts_per_token", "top_k_experts")
WINDOW = ("sliding_window", "sliding_window_size", "attention_chunk_size")
FULL, SLIDING, LINEAR = "full", "sliding", "linear"
KINDS = {
    "full_attention": FULL,
    "attention": FULL,
    "sliding_attention": SLIDING,
    "chunked_attention": SLIDING,
    "linear_attention": LINEAR,
}
RULED_BY = (
    "use_sliding_window",
    "max_window_layers",
    "sliding_window_pattern",
    "no_rope_layer_interval",
    "no_rope_layers",
    "full_attention_interval",
)
"""Keys of the rules that `layer_types` makes unnecessary."""


class Key(NamedTuple):
    """A flag of the file, and what holds without it."""

    name: str
    default: bool = False


Switch = bool | Key
ATTENTION_BIAS, MLP_BIAS = Key("attention_bias"), Key("mlp_bias")
Kinds = Callable[[Config, int], list[str]]
Sparse = Callable[[Config, int], list[bool]]


def is_on(config: Config, switch: Switch) -> bool:
    return config.flag(*switch) if isinstance(switch, Key) else switch


# --- which layer is what ----------------------------------------------------------------------------------


def all_full(config: Config, layers: int) -> list[str]:
    return [FULL] * layers


def all_slide(config: Config, layers: int) -> list[str]:
    """Mistral and Phi-3: a window, where there is one, holds in every layer."""
    return [SLIDING if config.count(*WINDOW, default=0) else FULL] * layers


def all_attend(config: Config, layers: int) -> list[str]:
    """MiniMax-M2 has softmax attention everywhere; 0 in its list would be another kind, as in MiniMax-M1."""
    if config.has("attn_type_list") and not all(config.counts("attn_type_list", layers)):
        config.wrong("attn_type_list has 0, linear attention, which this model type is not known to have.")
    return [FULL] * layers


def mistral_slides(config: Config, layers: int) -> list[str]:
    """Without the key the transformers library takes a window of 4,096 tokens; a trimmed file means something else."""
    if "sliding_window" not in config.values:
        config.wrong("sliding_window is missing. Add it: null where every layer sees the whole context.")
    return all_slide(config, layers)


def late_ones_slide(config: Config, layers: int) -> list[str]:
    """Qwen: the window is mostly switched off, and holds from a certain layer on."""
    config.understands(*WINDOW)
    first = config.count("max_window_layers", default=0, least=0)
    slides = config.flag("use_sliding_window", False) and config.has("sliding_window")
    return [SLIDING if slides and place >= first else FULL for place in range(layers)]


def every_nth_full(key: str, default: int) -> Kinds:
    """Gemma 3 and 4, Cohere 2, Llama 4: one full layer ends each group."""

    def kinds(config: Config, layers: int) -> list[str]:
        step = config.count(key, default=default)
        return [SLIDING if (place + 1) % step else FULL for place in range(layers)]

    return kinds


def llama_4_kinds(config: Config, layers: int) -> list[str]:
    """Layers with positions see chunks, those without see everything."""
    if config.has("no_rope_layers"):
        return [SLIDING if has_positions else FULL for has_positions in config.counts("no_rope_layers", layers)]
    return every_nth_full("no_rope_layer_interval", 4)(config, layers)


def every_second_slides(config: Config, layers: int) -> list[str]:
    """Gemma 2 and gpt-oss, the first one sliding."""
    return [FULL if place % 2 else SLIDING for place in range(layers)]


def every_nth_attends(config: Config, layers: int) -> list[str]:
    """Qwen3-Next and Qwen3.5: linear attention, but for every n-th layer."""
    step = config.count("full_attention_interval")
    return [LINEAR if (place + 1) % step else FULL for place in range(layers)]


def kinds_of(config: Config, layers: int, rule: Kinds, context: int) -> tuple[list[str], int]:
    """The kind of each layer, from `layer_types` where the file has it, and the window of those that slide.

    A window is asked for only where something slides: in another LLM nobody knows what it would mean. One that is as
    wide as the context is none.
    """
    is_listed = config.has("layer_types")
    kinds = _listed_kinds(config, layers) if is_listed else rule(config, layers)
    config.understands("layer_types", *(WINDOW if is_listed else ()))
    if SLIDING not in kinds:
        return kinds, 0
    window = config.count(*WINDOW)
    return [FULL if kind == SLIDING and window >= context else kind for kind in kinds], window


def _listed_kinds(config: Config, layers: int) -> list[str]:
    config.understands(*RULED_BY)
    named = config.texts("layer_types", layers)
    for unknown in sorted(set(named) - KINDS.keys() - {""}):
        config.wrong(f"layer_types has {unknown!r}, a kind of layer that is not known here. Known: {', '.join(KINDS)}.")
    return [KINDS.get(name, FULL) for name in named]


def no_experts(config: Config, layers: int) -> list[bool]:
    return [False] * layers


def all_experts(config: Config, layers: int) -> list[bool]:
    return [True] * layers


def after_the_first(config: Config, layers: int) -> list[bool]:
    """DeepSeek, Kimi, GLM: the first layers are dense, then every n-th has experts, as a step or as a list."""
    if config.has("mlp_layer_types"):
        config.understands("first_k_dense_replace", "moe_layer_freq", "mlp_only_layers", "decoder_sparse_step")
        return [name == "sparse" for name in config.texts("mlp_layer_types", layers)]
    if isinstance(config.values.get("moe_layer_freq"), list):
        config.understands("first_k_dense_replace")
        return [flag > 0 for flag in config.counts("moe_layer_freq", layers)]
    first, step = config.count_or_none("first_k_dense_replace"), config.count("moe_layer_freq", default=1)
    return [place >= first and place % step == 0 for place in range(layers)]


def but_some(config: Config, layers: int) -> list[bool]:
    """Qwen: every n-th layer, but for a list of dense ones."""
    step = config.count("decoder_sparse_step", default=1)
    dense = config.counts("mlp_only_layers") if config.has("mlp_only_layers") else []
    config.understands("mlp_only_layers")
    return [(place + 1) % step == 0 and place not in dense for place in range(layers)]


def interleaved(config: Config, layers: int) -> list[bool]:
    """Llama 4: every n-th layer, or a list of them."""
    step = config.count("interleave_moe_layer_step", default=1)
    if config.has("moe_layers"):
        listed = config.counts("moe_layers")
        return [place in listed for place in range(layers)]
    config.understands("moe_layers")
    return [(place + 1) % step == 0 for place in range(layers)]


# --- the parts of a layer ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Traits:
    """What sets a model type apart from Llama."""

    tied: bool = False
    norms: int = 2
    norm_bias: bool = False
    qk_norm: QkNorm = "none"
    qk_norm_if: Switch = True
    kv_heads_optional: bool = False
    """Without a number of KV heads, each query head has its own."""
    qkv_bias: Switch = ATTENTION_BIAS
    output_bias: Switch = ATTENTION_BIAS
    gate: Gate = "none"
    sinks: bool = False
    gated: bool = True
    mlp_bias: Switch = MLP_BIAS
    dense_width: tuple[str, ...] = WIDTH
    kinds: Kinds = all_full
    linear: Callable[[Config, int], Recurrent] | None = None
    sparse: Sparse = no_experts
    experts: Callable[[Config, int], Experts] | None = None


def decoder(config: Config, traits: Traits) -> Architecture:
    """A stack of attention and MLP or experts, as most LLMs are."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    kinds, window = kinds_of(config, layers, traits.kinds, context)
    attention = attention_of(config, hidden, traits)
    mixers = {FULL: attention, SLIDING: replace(attention, window=window)}
    if traits.linear:
        mixers |= {LINEAR: traits.linear(config, hidden)}
    if LINEAR in kinds and LINEAR not in mixers:
        config.wrong("layer_types has linear attention, which this model type is not known to have.")
    parts = feed_forwards(config, hidden, layers, traits)
    made = [Layer(mixers.get(kind, attention), (part,), traits.norms) for kind, part in zip(kinds, parts, strict=True)]
    return whole(config, hidden, context, made, traits)


def whole(config: Config, hidden: int, context: int, layers: Iterable[Layer], traits: Traits) -> Architecture:
    """The stack as runs of equal layers, and the tables around it."""
    return Architecture(
        hidden=hidden,
        vocabulary=config.count("vocab_size"),
        tied=config.tied(traits.tied),
        max_context=context,
        stack=tuple((n, layer) for layer, n in Counter(layers).items()),
        norm_bias=traits.norm_bias,
    )


def attention_of(config: Config, hidden: int, traits: Traits) -> Attention:
    heads = config.count(*HEADS)
    kv_heads = config.count(*KV_HEADS, default=heads if traits.kv_heads_optional else None)
    check_groups(config, heads, kv_heads)
    return Attention(
        hidden=hidden,
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim_of(config, hidden, heads),
        gate=traits.gate,
        qk_norm=traits.qk_norm if is_on(config, traits.qk_norm_if) else "none",
        qkv_bias=is_on(config, traits.qkv_bias),
        output_bias=is_on(config, traits.output_bias),
        sinks=traits.sinks,
    )


def check_groups(config: Config, heads: int, kv_heads: int) -> None:
    """Query heads share KV heads in equal groups."""
    if not config.problems and heads % kv_heads:
        config.wrong(f"{heads} attention heads cannot share {kv_heads} KV heads in equal groups. Correct one of them.")


def head_dim_of(config: Config, hidden: int, heads: int) -> int:
    """Stated, or the hidden size over the heads."""
    stated = config.count("head_dim", "attention_head_dim", default=0)
    if not stated and not config.problems and hidden % heads:
        config.wrong(f"there is no head_dim, and {heads} heads do not divide a hidden size of {hidden}. Add head_dim.")
    return stated or max(hidden // heads, 1)


def feed_forwards(config: Config, hidden: int, layers: int, traits: Traits) -> list[FeedForward]:
    """One for each layer. A width that no layer uses need not be there."""
    sparse = traits.sparse(config, layers)
    experts = traits.experts(config, hidden) if traits.experts and any(sparse) else None
    config.understands(*WIDTH, *traits.dense_width)
    dense = None if all(sparse) else _mlp(config, hidden, traits)
    parts = [experts if is_sparse else dense for is_sparse in sparse]
    return [part for part in parts if part is not None]


def _mlp(config: Config, hidden: int, traits: Traits) -> Mlp:
    bias = is_on(config, traits.mlp_bias)
    return Mlp(hidden, config.count(*traits.dense_width), gated=traits.gated, bias=bias)


# --- experts ----------------------------------------------------------------------------------------------


def counted(config: Config) -> tuple[int, int]:
    """How many experts there are, and how many a token uses."""
    experts, active = config.count(*EXPERTS), config.count(*ACTIVE)
    if not config.problems and active > experts:
        config.wrong(f"a token uses {active} experts, but there are only {experts}. Correct one of them.")
    return experts, active


def wide_experts(config: Config, hidden: int) -> Experts:
    """Mixtral, MiniMax-M1: the width of an expert is called as that of a dense MLP."""
    experts, active = counted(config)
    return Experts(hidden, experts, active, config.count(*WIDTH))


def minimax_m2_experts(config: Config, hidden: int) -> Experts:
    return replace(wide_experts(config, hidden), router_bias=config.flag("use_routing_bias", True))


def gpt_oss_experts(config: Config, hidden: int) -> Experts:
    return replace(wide_experts(config, hidden), bias=True, router_bias=True)


def llama_4_experts(config: Config, hidden: int) -> Experts:
    """One shared expert as wide as the routed ones."""
    routed = wide_experts(config, hidden)
    return replace(routed, shared_width=routed.width)


def qwen_experts(config: Config, hidden: int) -> Experts:
    """Qwen3-MoE: no shared expert."""
    experts, active = counted(config)
    return Experts(hidden, experts, active, config.count("moe_intermediate_size"))


def qwen_shared_experts(config: Config, hidden: int) -> Experts:
    """Qwen2-MoE, Qwen3-Next and Qwen3.5 pass a shared expert through a gate."""
    shared = config.count("shared_expert_intermediate_size")
    return replace(qwen_experts(config, hidden), shared_width=shared, shared_gate=True)


def deepseek_experts(config: Config, hidden: int) -> Experts:
    """Shared experts are as wide as the routed ones."""
    experts, active = counted(config)
    width, shared = config.count("moe_intermediate_size"), config.count_or_none("n_shared_experts")
    return Experts(hidden, experts, active, width, shared_width=shared * width)


def deepseek_v3_experts(config: Config, hidden: int) -> Experts:
    """A bias of the router balances the load."""
    return replace(deepseek_experts(config, hidden), router_bias=True)


def laguna_experts(config: Config, hidden: int) -> Experts:
    experts, active = counted(config)
    width, shared = config.count("moe_intermediate_size"), config.count("shared_expert_intermediate_size")
    return Experts(hidden, experts, active, width, shared_width=shared, router_bias=True)
