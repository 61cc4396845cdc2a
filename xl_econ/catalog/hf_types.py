"""The model types of Hugging Face whose parameters and KV cache are known, each with how its layers are read.

To add one: a line in TYPES, with a function of `hf_layers.py` or `hf_special.py`, and a specimen in
tests/specimens/configs with the parameters and KV bytes that it must give.
"""

from __future__ import annotations

from collections.abc import Callable

from xl_econ.catalog.blocks import Architecture
from xl_econ.catalog.config_file import Config, Values
from xl_econ.catalog.hf_layers import (
    Key,
    Traits,
    after_the_first,
    all_attend,
    all_experts,
    all_slide,
    but_some,
    decoder,
    deepseek_experts,
    deepseek_v3_experts,
    every_nth_attends,
    every_nth_full,
    every_second_slides,
    gpt_oss_experts,
    interleaved,
    late_ones_slide,
    llama_4_experts,
    llama_4_kinds,
    minimax_m2_experts,
    mistral_slides,
    qwen_experts,
    qwen_shared_experts,
    wide_experts,
)
from xl_econ.catalog.hf_special import (
    deci,
    delta_net,
    falcon,
    gemma_4,
    gpt_j,
    laguna,
    latent,
    mimo_v2,
    minimax_m1,
    nemotron_h,
    nemotron_nas,
)

Builder = Callable[[Config], Architecture]


def _like(traits: Traits) -> Builder:
    return lambda config: decoder(config, traits)


def _latent(traits: Traits, indexer: bool = False) -> Builder:
    return lambda config: latent(config, traits, indexer)


LLAMA = Traits(kv_heads_optional=True)
MISTRAL = Traits(kinds=mistral_slides, qkv_bias=False, output_bias=False)
PHI_3 = Traits(kinds=all_slide, qkv_bias=False, output_bias=False, kv_heads_optional=True)
QWEN_2 = Traits(kinds=late_ones_slide, qkv_bias=Key("attention_bias", True), output_bias=False)
QWEN_3 = Traits(kinds=late_ones_slide, qk_norm="per_head", qk_norm_if=Key("use_qk_norm", True))
QWEN_3_MOE = Traits(
    kinds=late_ones_slide,
    qk_norm="per_head",
    qk_norm_if=Key("use_qk_norm", True),
    experts=qwen_experts,
    sparse=but_some,
)
QWEN_NEXT = Traits(qk_norm="per_head", gate="per_channel", kinds=every_nth_attends, linear=delta_net)
QWEN_NEXT_MOE = Traits(
    qk_norm="per_head",
    gate="per_channel",
    kinds=every_nth_attends,
    linear=delta_net,
    experts=qwen_shared_experts,
    sparse=but_some,
)
GEMMA_2 = Traits(tied=True, norms=4, kinds=every_second_slides)
GEMMA_3 = Traits(tied=True, norms=4, qk_norm="per_head", kinds=every_nth_full("sliding_window_pattern", 6))
COHERE = Traits(tied=True, norms=1, kv_heads_optional=True, qk_norm="per_channel", qk_norm_if=Key("use_qk_norm"))
LLAMA_4 = Traits(
    kinds=llama_4_kinds,
    qk_norm_if=Key("use_qk_norm"),
    dense_width=("intermediate_size_mlp",),
    experts=llama_4_experts,
    sparse=interleaved,
)
GPT_OSS = Traits(
    kinds=every_second_slides,
    qkv_bias=Key("attention_bias", True),
    output_bias=Key("attention_bias", True),
    sinks=True,
    experts=gpt_oss_experts,
    sparse=all_experts,
)
GLM_4_MOE = Traits(
    output_bias=False,
    qk_norm="per_head",
    qk_norm_if=Key("use_qk_norm"),
    experts=deepseek_v3_experts,
    sparse=after_the_first,
)
MINIMAX_M2 = Traits(
    kinds=all_attend,
    qk_norm="per_channel",
    qk_norm_if=Key("use_qk_norm", True),
    experts=minimax_m2_experts,
    sparse=all_experts,
)
DEEPSEEK_V2 = Traits(experts=deepseek_experts, sparse=after_the_first)
DEEPSEEK_V3 = Traits(experts=deepseek_v3_experts, sparse=after_the_first)

TYPES: dict[str, Builder] = {
    "llama": _like(LLAMA),
    "granite": _like(LLAMA),
    "mistral": _like(MISTRAL),
    "ministral3": _like(Traits(kinds=all_slide, qkv_bias=False, output_bias=False)),
    "phi3": _like(PHI_3),
    "mixtral": _like(
        Traits(kinds=all_slide, qkv_bias=False, output_bias=False, experts=wide_experts, sparse=all_experts)
    ),
    "qwen2": _like(QWEN_2),
    "mimo": _like(QWEN_2),
    "qwen2_moe": _like(
        Traits(
            kinds=late_ones_slide,
            qkv_bias=Key("qkv_bias", True),
            output_bias=False,
            experts=qwen_shared_experts,
            sparse=but_some,
        )
    ),
    "qwen3": _like(QWEN_3),
    "qwen3_vl_text": _like(QWEN_3),
    "qwen3_moe": _like(QWEN_3_MOE),
    "qwen3_vl_moe_text": _like(QWEN_3_MOE),
    "qwen3_next": _like(QWEN_NEXT_MOE),
    "qwen3_5_text": _like(QWEN_NEXT),
    "qwen3_5_moe_text": _like(QWEN_NEXT_MOE),
    "gemma": _like(Traits(tied=True)),
    "gemma2": _like(GEMMA_2),
    "gemma3_text": _like(GEMMA_3),
    "gemma4_text": gemma_4,
    "cohere": _like(COHERE),
    "cohere2": _like(
        Traits(tied=True, norms=1, kv_heads_optional=True, kinds=every_nth_full("sliding_window_pattern", 4))
    ),
    "llama4_text": _like(LLAMA_4),
    "gpt_oss": _like(GPT_OSS),
    "glm4_moe": _like(GLM_4_MOE),
    "minimax_m1": minimax_m1,
    "minimax_m2": _like(MINIMAX_M2),
    "deepseek_v2": _latent(DEEPSEEK_V2),
    "deepseek_v3": _latent(DEEPSEEK_V3),
    "kimi_k2": _latent(DEEPSEEK_V3),
    "deepseek_v32": _latent(DEEPSEEK_V3, indexer=True),
    "glm_moe_dsa": _latent(DEEPSEEK_V3, indexer=True),
    "olmo2": _like(Traits(qk_norm="per_channel", kv_heads_optional=True)),
    "nemotron": _like(Traits(norm_bias=True, gated=False, kv_heads_optional=True)),
    "nemotron_h": nemotron_h,
    "nemotron-nas": nemotron_nas,
    "deci": deci,
    "laguna": laguna,
    "mimo_v2": mimo_v2,
    "mimo_v2_flash": mimo_v2,
    "gptj": gpt_j,
    "gpt_neox": _like(
        Traits(
            norm_bias=True,
            gated=False,
            kv_heads_optional=True,
            mlp_bias=True,
            qkv_bias=Key("attention_bias", True),
            output_bias=Key("attention_bias", True),
        )
    ),
    "falcon": falcon,
}
"""Model types whose parameters and KV cache are known, each with how its layers are read."""

AROUND: dict[str, str] = {
    "llama4": "llama4_text",
    "gemma3": "gemma3_text",
    "gemma4": "gemma4_text",
    "mistral3": "mistral",
    "qwen3_vl": "qwen3_vl_text",
    "qwen3_vl_moe": "qwen3_vl_moe_text",
    "qwen3_5": "qwen3_5_text",
    "qwen3_5_moe": "qwen3_5_moe_text",
    "kimi_k25": "deepseek_v3",
    "llava": "llama",
    "llava_next": "llama",
}
"""Multimodal types, whose LLM is the `text_config`, and its type where that part names none."""

DEFAULTS: dict[str, Values] = {
    "gemma": {"head_dim": 256},
    "gemma2": {"head_dim": 256},
    "gemma3_text": {"vocab_size": 262_208, "max_position_embeddings": 131_072, "head_dim": 256},
    "ministral3": {"head_dim": 128},
    "qwen3": {"head_dim": 128},
    "qwen3_vl_text": {"head_dim": 128},
    "qwen3_next": {"head_dim": 256},
    "qwen3_5_text": {"head_dim": 256},
    "qwen3_5_moe_text": {"head_dim": 256},
    "llama4_text": {"head_dim": 128},
    "minimax_m2": {"head_dim": 128},
    "laguna": {"head_dim": 128},
    "gpt_oss": {"head_dim": 64},
    "falcon": {"max_position_embeddings": 2_048},
}
"""What the configuration classes of the transformers library fill in where real files leave it out."""

NOT_MODELLED = {
    "deepseek_v4": "it caches compressed keys and values, by a ratio for each layer",
    "deepseek_ref": "it caches compressed keys and values, by a ratio for each layer",
    "kimi_k3": "it mixes latent and linear attention (KDA) with experts on a latent",
    "kimi_linear": "it mixes latent and linear attention (KDA)",
    "minimax_m3": "its sparse attention keeps an index of blocks beside the cache",
    "minimax_m3_vl": "its sparse attention keeps an index of blocks beside the cache",
    "gemma3n": "later layers share the cache of earlier ones, and each has embeddings of its own",
    "gemma3n_text": "later layers share the cache of earlier ones, and each has embeddings of its own",
    "mllama": "some layers attend to an image instead of the text",
}
"""Types that are met, and what keeps them out."""
