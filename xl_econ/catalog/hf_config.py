"""Any config.json of Hugging Face as an LLM of ours: known model types only, and no key that could change them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from xl_econ.catalog.blocks import Architecture
from xl_econ.catalog.config_file import Config, ConfigError, Values, is_off, read_json
from xl_econ.catalog.hf_precision import Formats, formats_of
from xl_econ.catalog.hf_types import AROUND, DEFAULTS, NOT_MODELLED, TYPES
from xl_econ.catalog.messages import nearest_of
from xl_econ.catalog.parameters import typical
from xl_econ.core.problems import stop_on

CHANGES = re.compile(
    r"kv|key_value|window|sliding|chunk|latent|lora|compress|sparse|linear|layer_types|layers_block|pattern|block_conf"
    r"|ssm|mamba|conv|index|heads|head_dim|_dim$|expert|moe|dense|interleave|mlp_only|attn_type|global|per_layer"
    r"|cross_att|shared|gating|gate|bias$|qk_norm|sink|tie_|width|rank|skip_layer|share|hidden_size|intermediate"
    r"|no_op|recurrent|memory|hyper|hc_mult|loop|depth_attention"
)
"""Names of keys that may change parameters or cache: one that is set, and that nobody asked for, is refused."""

HARMLESS = re.compile(
    r"^(mtp_|num_mtp|use_mtp|router_|rope|partial_|initializer|image_|video_|vision_|audio_|multimodal_|projector_|indexer_rope)"
    r"|dropout|dtype|activation|softcap|aux_loss|jitter|scaling|norm_topk|_token_id|rotary"
    r"|^(chunk_size|chunk_size_feed_forward|output_router_logits|num_nextn_predict_layers|tie_encoder_decoder|"
    r"attention_value_scale|num_expert_group|use_grouped_topk|moe_apply_router_weight_on_input|"
    r"index_share_for_mtp_iteration|moe_shared_expert_overlap|floor_scale|attn_scale|"
    r"use_bidirectional_attention|moe_router_activation_func|shared_moe_mode|qk_norm_type|mlp_hidden_act|"
    r"layernorm_linear_attention_alpha|layernorm_linear_attention_beta|layernorm_mlp_alpha|layernorm_mlp_beta|"
    r"use_parallel_residual|logit_scale|head_dtype|topk_method|attention_multiplier|max_window_size)$"
)
"""Those of them that change neither: training, positions, other modalities, multi-token prediction."""


@dataclass(frozen=True)
class Imported:
    """An LLM as its config.json has it."""

    file: Path
    sha256: str
    model_type: str
    architecture_names: tuple[str, ...]
    repository: str
    """`_name_or_path`, where the file has it."""
    architecture: Architecture
    config: Config
    formats: Formats
    is_quantised: bool
    notes: tuple[str, ...]


def read_hf_config(path: Path) -> Imported:
    """Raises ConfigError with every problem; an unknown architecture is refused, never guessed."""
    found, content = read_json(path)
    config, model_type = _text_part(found, str(path))
    architecture = TYPES[model_type](config)
    config.problems += _left_over(config)
    stop_on(dict.fromkeys(config.problems), ConfigError)
    if not typical(architecture):
        raise ConfigError([f"{path}: no layer has attention, so there is no KV cache, which is not modelled."])
    formats = formats_of(config.values, config.around)
    return Imported(
        file=path,
        sha256=hashlib.sha256(content).hexdigest(),
        model_type=model_type,
        architecture_names=_names_in(found) or _names_in(config.values),
        repository=_repository(found),
        architecture=architecture,
        config=config,
        formats=formats,
        is_quantised=any(part.get("quantization_config") for part in (config.values, config.around)),
        notes=(*config.notes, *_left_aside(config), *formats.notes),
    )


def _text_part(found: Values, where: str) -> tuple[Config, str]:
    """The part that describes the LLM, and its known model type."""
    inner: Any = found.get("text_config")
    outer_type = str(found.get("model_type") or "")
    if isinstance(inner, dict) and inner:
        if outer_type not in AROUND:
            raise ConfigError([_unknown(where, outer_type, found)])
        values = cast(Values, inner)
        model_type = str(values.get("model_type") or AROUND[outer_type])
        if model_type not in TYPES:
            raise ConfigError([_unknown(where, model_type, found)])
        return Config(where, values, found, DEFAULTS.get(model_type)), model_type
    if outer_type not in TYPES:
        raise ConfigError([_unknown(where, outer_type, found)])
    return Config(where, found, None, DEFAULTS.get(outer_type)), outer_type


def _unknown(where: str, model_type: str, found: Values) -> str:
    names = ", ".join(_names_in(found)) or "no architectures"
    if not model_type:
        return f"{where}: it names no model_type ({names}), so its architecture is not known. Add model_type."
    told = f'{where}: model_type "{model_type}" ({names}) cannot be imported'
    if model_type in NOT_MODELLED:
        return f"{told}: {NOT_MODELLED[model_type]}, which is not modelled. Give its sizes as an entry of your own."
    near = nearest_of(model_type, TYPES)
    known = f"Similar types that are known: {', '.join(near)}." if near else f"Known: {', '.join(TYPES)}."
    return f"{told}: how it counts parameters and KV cache is not known here. {known}"


def _names_in(values: Values) -> tuple[str, ...]:
    names: Any = values.get("architectures")
    return tuple(map(str, cast(list[Any], names))) if isinstance(names, list) else ()


def _repository(found: Values) -> str:
    """Where the file says that it comes from; a path on somebody's disk is none."""
    name: Any = found.get("_name_or_path")
    return name if isinstance(name, str) and re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) else ""


def _left_over(config: Config) -> list[str]:
    """Keys that are set, that nobody asked for, and whose names say that they may change what is counted."""
    suspicious = [
        name
        for name, value in config.values.items()
        if name not in config.asked and not is_off(value) and CHANGES.search(name) and not HARMLESS.search(name)
    ]
    return [
        f"{config.where}: {name} is set, which this model type is not known to have; it may change the parameters "
        "or the KV cache. Set it to null if it changes neither."
        for name in suspicious
    ]


def _left_aside(config: Config) -> list[str]:
    """What the file describes beside the LLM."""
    notes: list[str] = []
    if config.around:
        towers = [key.removesuffix("_config") for key in ("vision_config", "audio_config") if config.around.get(key)]
        what = " and ".join(towers) or "other modality"
        notes.append(f"Only the text part is imported; the parameters of the {what} part are left out.")
    mtp = [key for key in config.values if re.match(r"num_nextn|num_mtp|mtp_(num|layers|hybrid)", key)]
    if any(not is_off(config.values[key]) for key in mtp):
        notes.append("Layers for multi-token prediction are left out, though checkpoints have them.")
    return notes
