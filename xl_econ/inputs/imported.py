"""A config.json of Hugging Face as a study: its LLM as a record of the study's own, with where each number is from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from xl_econ.catalog.blocks import Architecture
from xl_econ.catalog.config_file import LAYERS
from xl_econ.catalog.hf_config import Imported, read_hf_config
from xl_econ.catalog.hf_layers import ACTIVE, CONTEXT, EXPERTS, HEADS, HIDDEN, KV_HEADS, WINDOW
from xl_econ.catalog.load import load_catalog
from xl_econ.catalog.parameters import (
    DERIVED,
    PARAMS_PER_BPARAM,
    active_params,
    kv_bytes_per_token,
    layers,
    layers_full,
    layers_linear,
    layers_windowed,
    moe_layers,
    state_bytes_per_sequence,
    total_params,
    window_bytes_per_sequence,
    window_tokens,
)
from xl_econ.core.problems import Problems, one_line
from xl_econ.inputs.own_catalog import LONGEST_ID, fields_of
from xl_econ.inputs.spelling import toml_text, toml_value
from xl_econ.inputs.study import STANDARD, StudyError, preset, study_of

SIXTEEN_BITS, EIGHT_BITS = 2, 1  # bytes
BYTES_PER_MB = 10**6
FAR_OFF = 0.1
"""A size this far from the one in the name wants a look."""
SIZE_IN_NAME = re.compile(r"(?<![A-Za-z0-9.x])(\d+(?:\.\d+)?)([BTbt])(?![a-z0-9])")
PER_LETTER = {"b": PARAMS_PER_BPARAM, "t": 1000 * PARAMS_PER_BPARAM}
TENSOR_PARALLEL = (1, 2, 4, 8, 16, 32, 64)
ID = re.compile(r"[a-z0-9][a-z0-9.-]*")

KEYS_OF = {
    "layers": LAYERS,
    "hidden_size": HIDDEN,
    "heads": HEADS,
    "kv_heads": KV_HEADS,
    "qk_head_dim": ("head_dim", "attention_head_dim"),
    "v_head_dim": ("v_head_dim", "head_dim", "attention_head_dim"),
    "kv_lora_rank": ("kv_lora_rank",),
    "rope_head_dim": ("qk_rope_head_dim",),
    "window_tokens": WINDOW,
    "experts": EXPERTS,
    "active_experts": ACTIVE,
    "max_context_tokens": CONTEXT,
}
"""The keys of a config.json that state a field as it is."""

Base = dict[str, str | float | int]


class Written(NamedTuple):
    """The study as TOML, and what to tell about it, a line each."""

    toml: str
    told: list[str]


def import_llm(path: Path, id: str | None = None) -> Written:
    """A study file that works at once. Raises Problems with every reason why there is none."""
    found = read_hf_config(path)
    name = _name(found)
    chosen = _id(id if id is not None else _plain(name))
    told = [one_line(line) for line in (*_told(found, name), *_known_already(found, chosen))]
    base = _placed(found, chosen, name)
    return Written("\n".join(_lines(found, chosen, name, told, base)) + "\n", told)


# --- names ------------------------------------------------------------------------------------------------


def _name(found: Imported) -> str:
    """Of the repository; else of the file or of its folder."""
    file = found.file.stem if found.file.stem.lower() != "config" else found.file.resolve().parent.name
    return one_line((found.repository or file.replace("__", "/")).rpartition("/")[2]) or "llm"


def _plain(name: str) -> str:
    """As ids of the catalog are spelled."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")[:LONGEST_ID] or "llm"


def _id(id: str) -> str:
    if ID.fullmatch(id) and len(id) <= LONGEST_ID:
        return id
    allowed = f"small letters, digits, dots and hyphens, at most {LONGEST_ID} of them, a letter or digit first"
    raise Problems([f"--id is {id!r}, but an id has {allowed}. Try {_plain(id)}."])


# --- what is told -----------------------------------------------------------------------------------------


def _told(found: Imported, name: str) -> list[str]:
    llm, named = found.architecture, ", ".join(found.architecture_names) or "no architectures named"
    total, active = total_params(llm), active_params(llm)
    share = f", {active / PARAMS_PER_BPARAM:,.2f} B of them active" if active < total else ""
    return [
        f"{name}: model type {found.model_type} ({named})",
        f"parameters: {total / PARAMS_PER_BPARAM:,.2f} B ({total:,}){share}",
        *_against_the_name(name, total, active),
        f"layers: {_split(llm)}",
        *_cache(llm),
        f"formats: weights {found.formats.weights}, KV cache {found.formats.kv}",
        *(f"note: {note}" for note in (*found.notes, *_unsaid_format(found, name))),
    ]


def _against_the_name(name: str, total: int, active: int) -> Iterator[str]:
    """What the name says about the size, beside what was computed; some names give the active part."""
    for number, letter in SIZE_IN_NAME.findall(name)[:1]:
        said = float(number) * PER_LETTER[letter.lower()]
        part, what = (active, "the active ones") if abs(active / said - 1) < abs(total / said - 1) else (total, "all")
        off = part / said - 1
        look = "; is the file that of the name?" if abs(off) > FAR_OFF else ""
        yield f"in the name: {number} {letter.upper()}; {what} are {off:+.1%} off{look}"


def _split(llm: Architecture) -> str:
    kinds = {
        "with full attention": layers_full(llm),
        f"with a window of {window_tokens(llm):,} tokens": layers_windowed(llm),
        "with linear attention or a state": layers_linear(llm),
        "with experts": moe_layers(llm),
    }
    return f"{layers(llm):g}: " + ", ".join(f"{n} {kind}" for kind, n in kinds.items() if n)


def _cache(llm: Architecture) -> Iterator[str]:
    per_token = (f"{kv_bytes_per_token(llm, size):,.0f} B" for size in (SIXTEEN_BITS, EIGHT_BITS))
    yield f"KV cache: {next(per_token)} per token in 16 bits, {next(per_token)} in 8"
    window, state = window_bytes_per_sequence(llm, SIXTEEN_BITS), state_bytes_per_sequence(llm)
    if window:
        yield f"windows: at most {window / BYTES_PER_MB:,.1f} MB per sequence in 16 bits"
    if state:
        yield f"state: {state / BYTES_PER_MB:,.1f} MB per sequence"


def _unsaid_format(found: Imported, name: str) -> Iterator[str]:
    """Some publishers keep the format out of config.json, in a file of its own."""
    said = next((each for each in ("nvfp4", "mxfp4", "fp8", "int4", "int8") if each in name.lower()), None)
    if said and not found.is_quantised:
        yield f"The name says {said}, but the file has no quantization_config; set weight_precision if it is so."


def _known_already(found: Imported, id: str) -> Iterator[str]:
    """An id of the shipped catalog means that the study knows that LLM better."""
    if id not in load_catalog().llms:
        return
    ours = {field: load_catalog().value("llms", id, field) for field in DERIVED}
    differs = [field for field, derived in DERIVED.items() if derived.formula(found.architecture) != ours[field]]
    told = f"differs in {', '.join(differs)}, and counts in this study" if differs else "says the same"
    yield f"note: the catalog has {id} already; the file {told}. --id gives it another id."


# --- the file ---------------------------------------------------------------------------------------------


def _lines(found: Imported, id: str, name: str, told: list[str], base: Base) -> Iterator[str]:
    where = one_line(found.repository or found.file.name)
    yield f"# {name}, imported from the config.json of {where} (SHA-256 {found.sha256[:16]}...)."
    yield from (f"# {line}" for line in told[1:])
    yield f"title = {toml_text(name)}"
    yield f"as_of = {toml_text(preset(STANDARD).as_of)}"
    yield ""
    yield f"[catalog.llms.{toml_text(id)}]"
    for field, value in _record(found, name).items():
        yield f"{field} = {toml_value(value)}  # {_origin(found, field, value)}"
    yield ""
    yield "[scenarios.Base]"
    yield from (f"{key} = {toml_value(value)}" for key, value in base.items())


def _record(found: Imported, name: str) -> dict[str, str | float]:
    """All fields of a record, in the order of the catalog."""
    numbers = {field: float(derived.formula(found.architecture)) for field, derived in DERIVED.items()}
    return {field: name if field == "name" else numbers[field] for field in fields_of("llms")}


def _origin(found: Imported, field: str, value: str | float) -> str:
    """Stated, with the key of the file; or derived from what it states."""
    stated = found.config.values
    key = next((key for key in KEYS_OF.get(field, ()) if key in stated and stated[key] == value), None)
    if field == "name":
        return "the repository, file or folder"
    return f"stated: {key}" if key else f"derived: {DERIVED[field].label.lower()}, in {DERIVED[field].unit}"


# --- a scenario that runs ---------------------------------------------------------------------------------


def _placed(found: Imported, id: str, name: str) -> Base:
    """On as few accelerators as hold it: those of the standard study, or larger ones."""
    record = {"llms": {id: _record(found, name)}}
    problems: tuple[str, ...] = ()
    for base in _placements(found, id):
        try:
            study_of({"catalog": record, "scenarios": {"Base": base}}, str(found.file))
        except StudyError as error:
            problems = error.problems
        else:
            return base
    raise Problems([f"{found.file}: it fits on no accelerator of the catalog.", *problems])


def _placements(found: Imported, id: str) -> Iterator[Base]:
    """The accelerator of the standard study; then larger ones of its vendor, then of others, as few as possible."""
    formats: Base = {"weight_precision": found.formats.weights, "kv_precision": found.formats.kv}
    usual = str(preset(STANDARD).resolved()["Base"]["accelerator"])
    for accelerator, tensor_parallel in sorted(_groups(usual), key=lambda group: _distance(usual, *group)):
        yield {"llm": id, **formats, "accelerator": accelerator, "tensor_parallel": tensor_parallel}


def _groups(usual: str) -> Iterator[tuple[str, int]]:
    """Accelerators, no smaller than the usual one, and how many of them one domain can have."""
    chips = load_catalog().accelerators
    for id, chip in chips.items():
        if chip.memory_gb.value > chips[usual].memory_gb.value or id == usual:
            yield from ((id, number) for number in TENSOR_PARALLEL if number <= chip.scale_up_domain.value)


def _distance(usual: str, id: str, number: int) -> tuple[bool, bool, int, float]:
    chips = load_catalog().accelerators
    return id != usual, chips[id].vendor != chips[usual].vendor, number, chips[id].memory_gb.value
