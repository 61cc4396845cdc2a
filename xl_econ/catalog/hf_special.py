"""Model types whose layers differ from each other, or are none of the usual kinds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from xl_econ.catalog.blocks import (
    Architecture,
    Attention,
    DeltaNet,
    Experts,
    FeedForward,
    LatentAttention,
    Layer,
    Lightning,
    Mamba2,
    Mlp,
)
from xl_econ.catalog.config_file import Config, Values, is_off
from xl_econ.catalog.hf_layers import (
    CONTEXT,
    FULL,
    HEADS,
    HIDDEN,
    KV_HEADS,
    SLIDING,
    WIDTH,
    Key,
    Traits,
    after_the_first,
    all_experts,
    all_full,
    attention_of,
    check_groups,
    counted,
    deepseek_v3_experts,
    every_nth_full,
    feed_forwards,
    head_dim_of,
    is_on,
    kinds_of,
    laguna_experts,
    whole,
    wide_experts,
)

DENSE_GPT = Traits(norm_bias=True, gated=False, kv_heads_optional=True)


# --- latent attention -------------------------------------------------------------------------------------


def latent(config: Config, traits: Traits, indexer: bool = False) -> Architecture:
    """MLA: DeepSeek-V2 and V3, Kimi K2; with an indexer DeepSeek-V3.2 and GLM-5. `head_dim` means nothing here."""
    config.understands("head_dim", "qk_head_dim", *KV_HEADS)
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    mixer = LatentAttention(
        hidden=hidden,
        heads=config.count(*HEADS),
        query_rank=config.count_or_none("q_lora_rank"),
        latent=config.count("kv_lora_rank"),
        nope_dim=config.count("qk_nope_head_dim"),
        rope_dim=config.count("qk_rope_head_dim"),
        v_dim=config.count("v_head_dim"),
    )
    mixers = _with_indexers(config, mixer, layers) if indexer else [mixer] * layers
    parts = feed_forwards(config, hidden, layers, traits)
    made = [Layer(each, (part,)) for each, part in zip(mixers, parts, strict=True)]
    return whole(config, hidden, context, made, traits)


def _with_indexers(config: Config, mixer: LatentAttention, layers: int) -> list[LatentAttention]:
    """GLM-5.2 and later: some layers share the choice of another one's indexer."""
    config.understands("index_topk_freq", "index_skip_topk_offset", "index_topk_pattern")
    if config.has("layer_types") and set(config.texts("layer_types", layers)) != {"deepseek_sparse_attention"}:
        config.wrong("layer_types has other kinds than deepseek_sparse_attention, which is all that is known here.")
    top = config.count("index_topk")
    size = config.count("index_head_dim")
    config.note(f"Sparse attention: a step scores {top:,} tokens at most; here it scores all, which is slower.")
    config.note("The indexer's own keys, beside the KV cache, are not counted.")
    own = replace(mixer, index_heads=config.count("index_n_heads"), index_dim=size)
    types = config.texts("indexer_types", layers) if config.has("indexer_types") else ["full"] * layers
    return [own if kind == "full" else mixer for kind in types]


# --- linear attention and state-space models --------------------------------------------------------------


def delta_net(config: Config, hidden: int) -> DeltaNet:
    config.understands("attn_output_gate", "output_gate_type")
    return DeltaNet(
        hidden=hidden,
        key_heads=config.count("linear_num_key_heads"),
        value_heads=config.count("linear_num_value_heads"),
        key_dim=config.count("linear_key_head_dim"),
        value_dim=config.count("linear_value_head_dim"),
        conv_kernel=config.count("linear_conv_kernel_dim"),
    )


def minimax_m1(config: Config) -> Architecture:
    """Lightning attention where `attn_type_list` has 0, softmax attention where it has 1."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    traits = Traits(experts=wide_experts, sparse=all_experts)
    softmax = attention_of(config, hidden, traits)
    linear = Lightning(hidden, softmax.heads, softmax.head_dim)
    kinds = config.counts("attn_type_list", layers)
    parts = feed_forwards(config, hidden, layers, traits)
    made = [Layer(softmax if kind else linear, (part,)) for kind, part in zip(kinds, parts, strict=True)]
    return whole(config, hidden, context, made, traits)


LETTERS = {"M": "mamba", "*": "attention", "-": "mlp", "E": "moe"}


def nemotron_h(config: Config) -> Architecture:
    """Blocks of Mamba-2, attention, MLP or experts, each with one norm; MLPs of two matrices."""
    names = _block_names(config)
    hidden, context = config.count(*HIDDEN), config.count(*CONTEXT)
    traits = Traits(gated=False)
    blocks = {"attention": Layer(attention_of(config, hidden, traits), (), 1)}
    config.understands(*WIDTH, "moe_latent_size", "moe_shared_expert_intermediate_size", "n_shared_experts", "expand")
    if "mamba" in names:
        blocks["mamba"] = Layer(_mamba(config, hidden), (), 1)
    if "mlp" in names:
        bias = config.flag("mlp_bias", False)
        blocks["mlp"] = Layer(None, (Mlp(hidden, config.count(*WIDTH), gated=False, bias=bias),), 1)
    if "moe" in names:
        blocks["moe"] = Layer(None, (_latent_experts(config, hidden),), 1)
    for unknown in sorted(set(names) - blocks.keys()):
        config.wrong(f"a block is {unknown!r}, which is not known here. Known: {', '.join(LETTERS.values())}.")
    config.note(
        f"Blocks have one part each and count as half a layer: {len(names)} blocks are {len(names) / 2:g} layers."
    )
    return whole(config, hidden, context, (blocks[name] for name in names if name in blocks), traits)


def _block_names(config: Config) -> list[str]:
    """`hybrid_override_pattern` as letters, or `layers_block_type` as words; as many as there are layers."""
    if config.has("layers_block_type"):
        names = config.texts("layers_block_type")
    else:
        pattern: Any = config.values.get("hybrid_override_pattern")
        config.understands("hybrid_override_pattern")
        if not isinstance(pattern, str) or not pattern:
            config.wrong("hybrid_override_pattern (or layers_block_type) is missing, which says what each block is.")
            return ["attention"]
        names = [LETTERS.get(letter, letter) for letter in pattern]
    layers = config.count("num_hidden_layers", default=len(names))
    if layers != len(names):
        config.wrong(f"there are {len(names)} blocks, but num_hidden_layers is {layers}. Correct one of them.")
    return names


def _mamba(config: Config, hidden: int) -> Mamba2:
    config.understands(
        "time_step_rank", "mamba_hidden_act", "mamba_ssm_cache_dtype", "mamba_ssm_dtype", "use_mamba_kernels"
    )
    return Mamba2(
        hidden=hidden,
        heads=config.count("mamba_num_heads"),
        head_dim=config.count("mamba_head_dim"),
        groups=config.count("n_groups"),
        state=config.count("ssm_state_size"),
        conv_kernel=config.count("conv_kernel"),
        conv_bias=config.flag("use_conv_bias", True),
        projection_bias=config.flag("mamba_proj_bias", False),
    )


def _latent_experts(config: Config, hidden: int) -> Experts:
    experts, active = counted(config)
    shared = config.count_or_none("n_shared_experts")
    return Experts(
        hidden=hidden,
        experts=experts,
        active=active,
        width=config.count("moe_intermediate_size"),
        gated=False,
        router_bias=True,
        shared_width=shared * config.count("moe_shared_expert_intermediate_size", default=0 if not shared else None),
        latent=config.count("moe_latent_size", default=0),
    )


# --- layers that a search chose ---------------------------------------------------------------------------

NOTHING: Values = {"no_op": True}
ROUNDED_TO = 256
"""Widths of Nemotron NAS are multiples of it."""


def nemotron_nas(config: Config) -> Architecture:
    """Llama with other KV heads and widths in each layer, or without attention or MLP there."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    heads = config.count(*HEADS)
    config.understands(*WIDTH, *KV_HEADS)
    base = Attention(hidden, heads, heads, head_dim_of(config, hidden, heads))
    blocks = config.objects("block_configs", layers, {"attention": NOTHING, "ffn": NOTHING})
    made = [_searched(config, base, block, place) for place, block in enumerate(blocks)]
    config.note("KV heads and widths differ between layers; the entry has their means, with the right totals.")
    return whole(config, hidden, context, made, Traits())


def _searched(config: Config, base: Attention, block: Values, place: int) -> Layer:
    attention, ffn = _half(config, block, "attention", place), _half(config, block, "ffn", place)
    mixer = None if attention.get("no_op") else _grouped(config, base, attention, place)
    parts: tuple[FeedForward, ...] = () if ffn.get("no_op") else (_multiplied(config, base.hidden, ffn, place),)
    return Layer(mixer, parts, norms=(mixer is not None) + len(parts))


def _half(config: Config, block: Values, name: str, place: int) -> Values:
    """Half a block, without keys that would make it something else."""
    half: Any = block.get(name)
    if not isinstance(half, dict):
        config.wrong(f"block_configs, layer {place}: {name} is missing.")
        return NOTHING
    known = (
        "no_op",
        "n_heads_in_group",
        "ffn_mult",
        "intermediate_size",
        "hidden_act",
        "use_prefill_window_in_sink_attention",
        "unshifted_sink",
    )
    values = cast(Values, half)
    for key in sorted(key for key, value in values.items() if key not in known and not is_off(value)):
        config.wrong(f"block_configs, layer {place}: {name} has {key}, which is not known here.")
    return values


def _grouped(config: Config, base: Attention, attention: Values, place: int) -> Attention:
    group: Any = attention.get("n_heads_in_group")
    if not isinstance(group, int) or isinstance(group, bool) or group < 1 or base.heads % group:
        config.wrong(
            f"block_configs, layer {place}: n_heads_in_group is {group!r}, which {base.heads} heads do not divide by."
        )
        return base
    return replace(base, kv_heads=base.heads // group)


def _multiplied(config: Config, hidden: int, ffn: Values, place: int) -> Mlp:
    """A width of its own, or two thirds of a multiple of the hidden size, rounded up."""
    width: Any = ffn.get("intermediate_size")
    if width is None:
        times: Any = ffn.get("ffn_mult")
        is_factor = isinstance(times, int | float) and not isinstance(times, bool) and 0 < times < hidden
        width = -(-int(2 * times * hidden / 3) // ROUNDED_TO) * ROUNDED_TO if is_factor else None
    if not isinstance(width, int) or isinstance(width, bool) or width < 1:
        config.wrong(f"block_configs, layer {place}: ffn needs ffn_mult or intermediate_size, a number above 0.")
        width = 1
    return Mlp(hidden, width)


def deci(config: Config) -> Architecture:
    """DeciLM: Llama with a number of KV heads for each layer."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    traits = Traits()
    config.understands(*KV_HEADS)
    listed = config.counts("num_key_value_heads_per_layer", layers, least=1)
    heads = config.count(*HEADS)
    base = Attention(hidden, heads, heads, head_dim_of(config, hidden, heads))
    for kv_heads in sorted(set(listed)):
        check_groups(config, heads, kv_heads)
    parts = feed_forwards(config, hidden, layers, traits)
    made = [Layer(replace(base, kv_heads=n), (part,)) for n, part in zip(listed, parts, strict=True)]
    config.note(
        "KV heads differ between layers; the entry has their mean. vLLM caches as many as the largest layer has."
    )
    return whole(config, hidden, context, made, traits)


# --- two kinds of attention in one stack ------------------------------------------------------------------


def gemma_4(config: Config) -> Architecture:
    """Full layers have heads of another size, and keys that serve as values; experts stand beside a dense MLP."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    traits = Traits(tied=True, norms=4, qk_norm="per_head")
    kinds, window = kinds_of(config, layers, every_nth_full("sliding_window_pattern", 6), context)
    sliding = replace(attention_of(config, hidden, traits), window=window)
    shared = config.flag("attention_k_eq_v", False)
    global_heads = config.count("num_global_key_value_heads", default=0)
    full = replace(
        sliding,
        window=0,
        head_dim=config.count("global_head_dim"),
        kv_heads=global_heads if shared and global_heads else sliding.kv_heads,
        keys_are_values=shared,
    )
    parts, norms = _beside_each_other(config, hidden, traits)
    config.understands("vocab_size_per_layer_input", "use_double_wide_mlp")
    if SLIDING in kinds:
        _note_units(config, sliding, full)
    made = [Layer(full if kind == FULL else sliding, parts, norms) for kind in kinds]
    return whole(config, hidden, context, made, traits)


def _note_units(config: Config, sliding: Attention, full: Attention) -> None:
    if sliding.kv_elements != full.kv_elements:
        config.note(
            f"A sliding layer caches {sliding.kv_elements:,} elements of a token, a full one {full.kv_elements:,}; "
            "sliding layers are counted in units of full ones, so that the cache is right."
        )


def _beside_each_other(config: Config, hidden: int, traits: Traits) -> tuple[tuple[FeedForward, ...], int]:
    """The feed-forward parts of each layer, and how many norms it has."""
    dense = Mlp(hidden, config.count(*WIDTH))
    if not config.flag("enable_moe_block", False):
        config.understands("num_experts", "top_k_experts", "moe_intermediate_size")
        return (dense,), traits.norms
    experts, active = counted(config)
    routed = Experts(hidden, experts, active, config.count("moe_intermediate_size"), router_extra=hidden + experts)
    return (dense, routed), traits.norms + 3  # before and after the experts, and after the MLP


def laguna(config: Config) -> Architecture:
    """Sliding layers have more query heads than full ones; each head has a gate."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    traits = Traits(qk_norm="per_head", experts=laguna_experts, sparse=after_the_first)
    kinds, window = kinds_of(config, layers, all_full, context)
    by_head = config.values.get("gating") in (True, "per-head")
    config.understands("gating", "gating_types")
    base = replace(attention_of(config, hidden, traits), gate="per_head" if by_head else "per_channel")
    heads = config.counts("num_attention_heads_per_layer", layers, least=1)
    mixers = [
        replace(base, heads=n, window=window if kind == SLIDING else 0) for n, kind in zip(heads, kinds, strict=True)
    ]
    config.note("Query heads differ between layers; scores are counted with those of the full layers.")
    parts = feed_forwards(config, hidden, layers, traits)
    return whole(config, hidden, context, (Layer(m, (p,)) for m, p in zip(mixers, parts, strict=True)), traits)


def mimo_v2(config: Config) -> Architecture:
    """MiMo-V2-Flash: sliding layers with heads, sizes and sinks of their own; values narrower than keys."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    traits = Traits(experts=deepseek_v3_experts, sparse=after_the_first)
    config.understands("attention_chunk_size")
    window = config.count("sliding_window", "sliding_window_size")
    full = replace(
        attention_of(config, hidden, traits),
        value_dim=config.count("v_head_dim"),
        sinks=config.flag("add_full_attention_sink_bias", False),
    )
    sliding = Attention(
        hidden=hidden,
        heads=config.count("swa_num_attention_heads"),
        kv_heads=config.count("swa_num_key_value_heads"),
        head_dim=config.count("swa_head_dim"),
        value_dim=config.count("swa_v_head_dim"),
        window=window,
        qkv_bias=full.qkv_bias,
        sinks=config.flag("add_swa_attention_sink_bias", False),
    )
    kinds = config.counts("hybrid_layer_pattern", layers)
    config.understands("hybrid_block_size")
    _note_units(config, sliding, full)
    parts = feed_forwards(config, hidden, layers, traits)
    made = [Layer(sliding if kind else full, (part,)) for kind, part in zip(kinds, parts, strict=True)]
    return whole(config, hidden, context, made, traits)


# --- the generation before Llama --------------------------------------------------------------------------

WIDTHS_OF_A_GPT = 4
"""An MLP is that many hidden sizes wide where nothing else is said."""


def gpt_j(config: Config) -> Architecture:
    """Attention and MLP side by side behind one norm; biases in MLP, norms and head."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    attention = attention_of(config, hidden, DENSE_GPT)
    width = config.count(*WIDTH, default=WIDTHS_OF_A_GPT * hidden)
    layer = Layer(attention, (Mlp(hidden, width, gated=False, bias=True),), norms=1)
    return replace(whole(config, hidden, context, [layer] * layers, DENSE_GPT), head_bias=True)


def falcon(config: Config) -> Architecture:
    """Attention and MLP side by side: behind one norm with one KV head (7B), or two norms with several (40B, 180B)."""
    hidden, layers, context = config.count(*HIDDEN), config.layers(), config.count(*CONTEXT)
    heads, is_new = config.count(*HEADS), config.flag("new_decoder_architecture", False)
    parallel, one_head = config.flag("parallel_attn", True), config.flag("multi_query", True)
    stated = config.count(*KV_HEADS, default=heads)
    kv_heads = stated if is_new else 1 if one_head else heads
    check_groups(config, heads, kv_heads)
    bias = is_on(config, Key("bias"))
    attention = Attention(hidden, heads, kv_heads, head_dim_of(config, hidden, heads), qkv_bias=bias, output_bias=bias)
    width = config.count(*WIDTH, default=WIDTHS_OF_A_GPT * hidden)
    norms = config.count("num_ln_in_parallel_attn", default=2 if is_new or not parallel else 1)
    layer = Layer(attention, (Mlp(hidden, width, gated=False, bias=bias),), norms)
    return whole(config, hidden, context, [layer] * layers, Traits(tied=True, norm_bias=True))
