"""What the catalog says about a bad record: where, what, and the next step; all problems at once."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from xl_econ.catalog import CatalogError
from xl_econ.catalog.load import (
    ENTRY_KEYS,
    PACKAGED,
    catalog_of,
    packaged,
    read_accelerators,
    read_llms,
    read_prices,
)

Raw = dict[str, Any]
Spoiler = Callable[[dict[str, Raw]], None]


@pytest.fixture
def files() -> dict[str, Raw]:
    """The packaged files as plain dicts, free to be spoilt."""
    return {name: copy.deepcopy(packaged(name)) for name in PACKAGED}


def entry(files: dict[str, Raw], name: str, id: str) -> Raw:
    return next(record for record in files[name][ENTRY_KEYS[name]] if record["id"] == id)


def problems_in(files: dict[str, Raw]) -> tuple[str, ...]:
    with pytest.raises(CatalogError) as caught:
        catalog_of(files)
    return caught.value.problems


# --- what it says about a bad record ----------------------------------------------------------------------


def spoil(id: str, key: str, **changes: object) -> Spoiler:
    """Changes parts of one fact of an accelerator; None removes a part."""

    def change(files: dict[str, Raw]) -> None:
        fact = entry(files, "accelerators", id)[key]
        fact.update(changes)
        for part in [part for part, value in changes.items() if value is None]:
            del fact[part]

    return change


def set_key(name: str, id: str, key: str, value: object) -> Spoiler:
    return lambda files: entry(files, name, id).__setitem__(key, value)


def drop_key(name: str, id: str, key: str) -> Spoiler:
    return lambda files: entry(files, name, id).__delitem__(key)


def repeat(name: str, id: str) -> Spoiler:
    return lambda files: files[name][ENTRY_KEYS[name]].append(entry(files, name, id))


def add_source(id: str, source: Raw) -> Spoiler:
    return lambda files: files["sources"]["sources"].__setitem__(id, source)


HALF_A_LAYER = {"value": 31.5, "unit": "layer", "source": "config-llama-3.1-8b", "kind": "stated"}
TOO_WIDE = {"value": 28672, "unit": "channel", "source": "config-llama-3.1-8b", "kind": "stated"}
WINDOW = {"value": 4096, "unit": "token", "source": "config-llama-3.1-8b", "kind": "stated"}
FACT_EXAMPLE = '{ value = …, unit = "…", source = "…", kind = "stated" }'
MEMORY = "accelerators.toml: h100-sxm.memory_gb"

SPECIMENS: dict[str, tuple[Spoiler, str]] = {
    "wrong unit": (
        spoil("h100-sxm", "memory_gb", unit="MB"),
        f'{MEMORY}: unit is "MB", but it must be "GB". Give the value in GB.',
    ),
    "not a number": (
        spoil("h100-sxm", "memory_gb", value=float("nan")),
        f"{MEMORY}.value: nan is not a number. Give a plain finite number.",
    ),
    "true for a number": (
        spoil("h100-sxm", "memory_gb", value=True),
        f"{MEMORY}.value: true is not a number. Give a plain finite number.",
    ),
    "text for a number": (
        spoil("h100-sxm", "memory_gb", value="80"),
        f'{MEMORY}.value: "80" is not a number. Give a plain finite number.',
    ),
    "zero": (
        spoil("h100-sxm", "memory_gb", value=0),
        f"{MEMORY}.value: 0 is not above 0. Leave the key out if there is none.",
    ),
    "a bare number": (
        set_key("accelerators", "h100-sxm", "memory_gb", 80),
        f"{MEMORY}: 80 has no unit and source. Write {FACT_EXAMPLE}.",
    ),
    "assumed without why": (
        spoil("h100-sxm", "memory_gb", kind="assumed"),
        f'{MEMORY}.kind: it is "assumed", but has no why. Add why = "…".',
    ),
    "unknown kind": (
        spoil("h100-sxm", "memory_gb", kind="guessed"),
        f"{MEMORY}.kind: \"guessed\" is unknown. It must be 'stated', 'measured', 'derived' or 'assumed'.",
    ),
    "no source at a number": (
        spoil("h100-sxm", "memory_gb", source=None),
        f"{MEMORY}.source: it is missing. Add source = ….",
    ),
    "unknown source": (
        spoil("h100-sxm", "memory_gb", source="nvidia-smy"),
        f"{MEMORY}: source 'nvidia-smy' is not in sources.toml. Did you mean nvidia-smi?",
    ),
    "unknown key of a number": (
        spoil("h100-sxm", "memory_gb", sources="nvidia-smi"),
        f"{MEMORY}: unknown key 'sources'. Did you mean source?",
    ),
    "unknown key of a record": (
        set_key("accelerators", "h100-sxm", "bandwith_tb_per_s", 3.35),
        "accelerators.toml: h100-sxm: unknown key 'bandwith_tb_per_s'. Did you mean bandwidth_tb_per_s?",
    ),
    "missing needed number": (
        drop_key("accelerators", "h100-sxm", "memory_gb"),
        f"{MEMORY}: it is missing. Add memory_gb = {FACT_EXAMPLE}.",
    ),
    "sparse rate as dense": (
        spoil("h100-sxm", "dense_bf16_tflops", value=1979),
        "accelerators.toml: h100-sxm.sparse_bf16_tflops: 1979 is not above the dense 1979. "
        "Did the sparse figure get into dense_bf16_tflops?",
    ),
    "duplicate id": (
        repeat("llms", "llama-3.1-8b"),
        "llms.toml: llama-3.1-8b: this id is used twice. Give one of the two another id.",
    ),
    "half a layer": (
        set_key("llms", "llama-3.1-8b", "layers", HALF_A_LAYER),
        "llms.toml: llama-3.1-8b.layers: value is 31.5, but it counts whole layers. Give a whole number.",
    ),
    "another size than published": (
        set_key("llms", "llama-3.1-8b", "intermediate_size", TOO_WIDE),
        "llms.toml: llama-3.1-8b.published_params_b: the architecture gives 13.67 B parameters, +70.2% off "
        "the published 8.03 B. Compare with config.json: tied embeddings, widths, dense layers, biases.",
    ),
    "half a part": (
        set_key("llms", "llama-3.1-8b", "window_tokens", WINDOW),
        "llms.toml: llama-3.1-8b: sliding or chunked layers needs layers_sliding too. Add it, or leave all of it out.",
    ),
    "wrong kind of attention": (
        set_key("llms", "llama-3.1-8b", "attention", "mha"),
        'llms.toml: llama-3.1-8b.kv_heads: 8 of 32 heads is not "mha". Correct the number or the attention.',
    ),
    "price of an unknown accelerator": (
        set_key("prices", "h100-sxm-aws-on-demand-2026-09-06", "accelerator", "h100-smx"),
        "prices.toml: h100-sxm-aws-on-demand-2026-09-06.accelerator: 'h100-smx' is not in accelerators.toml. "
        "Did you mean h100-sxm, h800-sxm, h200-sxm?",
    ),
    "hosted price without a date": (
        drop_key("hosted", "openai-gpt-5-2025-11-13", "date"),
        "hosted.toml: openai-gpt-5-2025-11-13.date: it is missing. Add the day or month at which it held, such as "
        'date = "2026-11-23".',
    ),
    "hosted price of another day under the same id": (
        set_key("hosted", "openai-gpt-5-2025-11-13", "date", "2026-02-01"),
        "hosted.toml: openai-gpt-5-2025-11-13.date: the id does not end with the date, 2026-02-01. A later price is a "
        "record of its own: give it an id that does.",
    ),
    "hosted price that does not say at which hours": (
        drop_key("hosted", "openai-gpt-5-2025-11-13", "window"),
        "hosted.toml: openai-gpt-5-2025-11-13.window: it is missing. Add window = ….",
    ),
    "unused source": (
        add_source("a-rumour", {"title": "A rumour", "reference": "somewhere", "date": "2026"}),
        "sources.toml: a-rumour: no number has this source. Delete it, or name it at a number.",
    ),
    "source without a reference": (
        add_source("nvidia-smi", {"title": "nvidia-smi", "date": "2026"}),
        "sources.toml: nvidia-smi.reference: it is missing. Add reference = ….",
    ),
}


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_bad_record_is_named_with_the_next_step(files: dict[str, Raw], name: str) -> None:
    spoil_it, message = SPECIMENS[name]
    spoil_it(files)
    assert problems_in(files) == (message,)


def test_an_optional_number_may_be_left_out(files: dict[str, Raw]) -> None:
    drop_key("accelerators", "h100-sxm", "tdp_w")(files)
    assert catalog_of(files).value("accelerators", "h100-sxm", "tdp_w") == 0


def test_all_problems_are_reported_at_once(files: dict[str, Raw]) -> None:
    at_once = (
        "wrong unit",
        "unknown key of a record",
        "duplicate id",
        "price of an unknown accelerator",
        "unused source",
    )
    for name in at_once:
        SPECIMENS[name][0](files)
    assert sorted(problems_in(files)) == sorted(SPECIMENS[name][1] for name in at_once)


def test_the_error_lists_every_problem_in_its_text(files: dict[str, Raw]) -> None:
    SPECIMENS["wrong unit"][0](files)
    with pytest.raises(CatalogError, match=r"^accelerators.toml: h100-sxm.memory_gb"):
        catalog_of(files)


# --- a user's own records ---------------------------------------------------------------------------------


def test_extra_records_are_read_by_the_same_code(files: dict[str, Raw]) -> None:
    problems: list[str] = []
    mine = {"llm": [entry(files, "llms", "llama-3.1-8b") | {"id": "my-llama"}]}
    assert list(read_llms(mine, "my.toml", problems)) == ["my-llama"]
    assert problems == []


def test_problems_of_extra_records_name_the_users_file(files: dict[str, Raw]) -> None:
    problems: list[str] = []
    chip = entry(files, "accelerators", "h100-sxm") | {"id": "My Chip"}
    read_accelerators({"accelerator": [chip], "gpu": []}, "my.toml", problems)
    assert problems[0] == "my.toml: unknown key 'gpu'. Only accelerator may stand here."
    assert problems[1].startswith('my.toml: My Chip.id: "My Chip" is not spelled as it must be')


def test_single_brackets_are_explained() -> None:
    problems: list[str] = []
    read_prices({"price": {"id": "x"}}, "my.toml", problems)
    assert problems == ["my.toml: price is not a list of tables. Begin each record with [[price]]."]
