"""What one record cannot see by itself: other records, and whether its numbers fit together."""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, cast

from xl_econ.catalog.anatomy import architecture_of, count, full_layers
from xl_econ.catalog.messages import did_you_mean
from xl_econ.catalog.parameters import DERIVED
from xl_econ.catalog.records import Accelerator, Hosted, Llm

SIZE_TOLERANCE = 0.01  # of the published size

PARTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("multi-head latent attention", ("kv_lora_rank", "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim")),
    ("an attention indexer", ("index_heads", "index_head_dim", "index_top_tokens")),
    ("sliding or chunked layers", ("layers_sliding", "window_tokens")),
    (
        "linear attention",
        (
            "full_attention_interval",
            "linear_key_heads",
            "linear_value_heads",
            "linear_key_head_dim",
            "linear_value_head_dim",
            "conv_kernel",
        ),
    ),
    ("routed experts", ("experts", "active_experts", "expert_intermediate_size")),
)
NEEDED_BY_ATTENTION = {
    "mha": ("kv_heads", "head_dim"),
    "gqa": ("kv_heads", "head_dim"),
    "mqa": ("kv_heads", "head_dim"),
    "hybrid": ("kv_heads", "head_dim", "full_attention_interval"),
    "mla": ("kv_lora_rank",),
}
MEANINGLESS_FOR_ATTENTION = {"mla": ("kv_heads", "head_dim")}


Entry = Mapping[str, Any]  # a record as it stands in TOML


def sources_in(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Where a number names its source, such as `h100-sxm.memory_gb`, and which."""
    for entry in entries:
        for key, value in entry.items():
            if isinstance(value, Mapping) and "source" in value:
                yield f"{entry.get('id')}.{key}", str(cast(Entry, value)["source"])


def unknown_sources(file: str, entries: Iterable[Entry], sources: Set[str]) -> list[str]:
    return [
        f"{file}: {where}: source {source!r} is not in sources.toml.{did_you_mean(source, sources) or ' Add it there.'}"
        for where, source in sources_in(entries)
        if source not in sources
    ]


def unused_sources(tables: Iterable[Iterable[Entry]], sources: Set[str]) -> list[str]:
    used = {source for entries in tables for _, source in sources_in(entries)}
    return [
        f"sources.toml: {id}: no number has this source. Delete it, or name it at a number."
        for id in sorted(sources - used)
    ]


def dangling(file: str, entries: Iterable[Entry], key: str, table: Iterable[Entry]) -> list[str]:
    """Entries whose `key` names a record that the other table does not have."""
    known = [str(record.get("id")) for record in table]
    return [
        f"{file}: {entry.get('id')}.{key}: {entry[key]!r} is not in {key}s.toml.{did_you_mean(str(entry[key]), known)}"
        for entry in entries
        if key in entry and entry[key] not in known
    ]


def llm_problems(file: str, llms: Iterable[Llm]) -> list[str]:
    """Missing or meaningless parts, impossible layers, and a size that is not the published one."""
    problems: list[str] = []
    for llm in llms:
        shape = _missing_parts(llm) + _wrong_for_attention(llm) + _impossible_layers(llm)
        problems += [f"{file}: {llm.id}{line}" for line in shape or _wrong_size(llm)]
    return problems


def _missing_parts(llm: Llm) -> list[str]:
    lines: list[str] = []
    for part, keys in PARTS:
        missing = [key for key in keys if getattr(llm, key) is None]
        if missing and len(missing) < len(keys):
            lines.append(f": {part} needs {', '.join(missing)} too. Add it, or leave all of it out.")
    return lines


def _wrong_for_attention(llm: Llm) -> list[str]:
    needed = [key for key in NEEDED_BY_ATTENTION[llm.attention] if getattr(llm, key) is None]
    extra = [key for key in MEANINGLESS_FOR_ATTENTION.get(llm.attention, ()) if getattr(llm, key) is not None]
    lines = [f'.{key}: attention "{llm.attention}" needs it. Add it from config.json.' for key in needed]
    return lines + [f'.{key}: it means nothing for attention "{llm.attention}". Delete it.' for key in extra]


def _impossible_layers(llm: Llm) -> list[str]:
    lines: list[str] = []
    if full_layers(llm) < 0:
        lines.append(".layers_sliding: more sliding layers than layers. Count them again in config.json.")
    if llm.kv_heads and not _head_counts_fit(llm):
        found = f"{llm.kv_heads.value:g} of {llm.heads.value:g} heads"
        lines.append(f'.kv_heads: {found} is not "{llm.attention}". Correct the number or the attention.')
    if llm.experts is None and llm.intermediate_size is None:
        lines.append(": neither intermediate_size nor experts is given. Add the one that the LLM has.")
    if llm.experts and llm.active_experts and llm.active_experts.value > llm.experts.value:
        lines.append(".active_experts: more than experts. Exchange the two, or correct one.")
    return lines


def _head_counts_fit(llm: Llm) -> bool:
    """MHA: one KV head for each query head; MQA: one for all; otherwise equal groups."""
    heads, shards = count(llm.heads), count(llm.kv_heads)
    fits = {"mha": shards == heads, "mqa": shards == 1}
    return fits.get(llm.attention, heads % shards == 0)


def _wrong_size(llm: Llm) -> list[str]:
    computed, published = DERIVED["params_b"].formula(architecture_of(llm)), llm.published_params_b.value
    off = computed / published - 1
    if abs(off) <= SIZE_TOLERANCE:
        return []
    return [
        f".published_params_b: the architecture gives {computed:.2f} B parameters, {off:+.1%} off the "
        f"published {published:g} B. Compare with config.json: tied embeddings, widths, dense layers, biases."
    ]


def accelerator_problems(file: str, accelerators: Iterable[Accelerator]) -> list[str]:
    """A sparse rate in a dense field is the commonest error in this trade."""
    return [
        f"{file}: {chip.id}.sparse_bf16_tflops: {chip.sparse_bf16_tflops.value:g} is not above the dense "
        f"{chip.dense_bf16_tflops.value:g}. Did the sparse figure get into dense_bf16_tflops?"
        for chip in accelerators
        if chip.sparse_bf16_tflops and chip.sparse_bf16_tflops.value <= chip.dense_bf16_tflops.value
    ]


def hosted_problems(file: str, hosted: Iterable[Hosted]) -> list[str]:
    """A later price is a record of its own, so its id carries the date."""
    return [
        f"{file}: {api.id}.date: the id does not end with the date, {api.date}. A later price is a record of its own: "
        "give it an id that does."
        for api in hosted
        if not api.id.endswith(f"-{api.date}")
    ]
