"""`xl-econ import-llm`: what a config.json gives, beside what is known of that LLM; and what is refused, with why."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from xl_econ.catalog.config_file import LARGEST_MB, ConfigError
from xl_econ.catalog.hf_config import read_hf_config
from xl_econ.catalog.hf_types import NOT_MODELLED, TYPES
from xl_econ.catalog.load import load_catalog
from xl_econ.catalog.parameters import (
    DERIVED,
    active_params,
    kv_bytes_per_token,
    layers,
    layers_full,
    layers_linear,
    layers_windowed,
    state_bytes_per_sequence,
    total_params,
    window_bytes_per_sequence,
)
from xl_econ.cli import app
from xl_econ.inputs.imported import import_llm
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import load_study
from xl_econ.workbook.read import read_workbook

HERE = Path(__file__).parent
SPECIMENS = HERE / "specimens" / "configs"
KNOWN = tomllib.loads((HERE / "cases" / "configs.toml").read_text("utf-8"))
every_specimen = pytest.mark.parametrize("name", KNOWN)


def path_of(name: str) -> Path:
    return SPECIMENS / f"{name}.json"


def changed(tmp_path: Path, name: str = "llama-3.1-8b", *, without: tuple[str, ...] = (), **values: Any) -> Path:
    """A specimen with other values, in a folder of its own; of a multimodal one, the text part is changed."""
    found = json.loads(path_of(name).read_text("utf-8"))
    part = found.get("text_config", found)
    part.update(values)
    for key in without:
        part.pop(key)
    path = tmp_path / "config.json"
    path.write_text(json.dumps(found), "utf-8")
    return path


def problems_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_hf_config(path)
    assert all(str(path) in problem for problem in caught.value.problems)
    return list(caught.value.problems)


# --- what is known of each --------------------------------------------------------------------------------


def test_every_specimen_has_its_numbers() -> None:
    assert {path.stem for path in SPECIMENS.glob("*.json")} == set(KNOWN)


@every_specimen
def test_parameters_and_cache_are_right_to_the_digit(name: str) -> None:
    llm, known = read_hf_config(path_of(name)).architecture, KNOWN[name]
    assert total_params(llm) == known["params"], known["why"]
    assert active_params(llm) == known["active_params"]
    assert kv_bytes_per_token(llm, 2) == known["kv_bytes_per_token"]
    assert window_bytes_per_sequence(llm, 2) == known.get("window_bytes", 0)
    assert state_bytes_per_sequence(llm) == known.get("state_bytes", 0)


@every_specimen
def test_formats_are_those_of_the_checkpoint(name: str) -> None:
    assert list(read_hf_config(path_of(name)).formats[:2]) == KNOWN[name]["formats"]


@pytest.mark.parametrize("name", [name for name, known in KNOWN.items() if "shipped" in known])
def test_an_imported_llm_has_the_numbers_of_the_shipped_one(name: str) -> None:
    llm, shipped = read_hf_config(path_of(name)).architecture, KNOWN[name]["shipped"]
    fields = DERIVED.keys() - {"max_context_tokens" if name == "minimax-m2.7" else ""}  # later, and longer
    ours = {field: load_catalog().value("llms", shipped, field) for field in fields}
    assert {field: DERIVED[field].formula(llm) for field in fields} == ours


@every_specimen
def test_the_file_is_a_study_that_runs(name: str, tmp_path: Path) -> None:
    out = tmp_path / "study.toml"
    out.write_text(import_llm(path_of(name), "mine").toml, "utf-8")
    study = load_study(out)
    (found,) = evaluate(study, ["kv_gb_per_sequence", "peak_context_tokens", "kv_element_bytes"]).scenarios.values()
    llm, tokens = read_hf_config(path_of(name)).architecture, found["peak_context_tokens"]
    window = llm and max((layer.mixer.window for _, layer in llm.stack if hasattr(layer.mixer, "window")), default=0)
    held = kv_bytes_per_token(llm, found["kv_element_bytes"]) * tokens + state_bytes_per_sequence(llm)
    if window:
        held += window_bytes_per_sequence(llm, found["kv_element_bytes"]) * min(1, tokens / window)
    assert found["kv_gb_per_sequence"] == pytest.approx(held / 1e9, rel=1e-9), "the model counts the same cache"


PLACED = [
    ("llama-3.1-8b", "h100-sxm", 1, "16 GB"),
    ("qwen3-30b-a3b", "h100-sxm", 1, "61 GB"),
    ("falcon-180b", "h100-sxm", 8, "361 GB, and 4 of 81 GB leave no room"),
    ("deepseek-v3", "b200-sxm", 4, "674 GB, more than 8 of 81 GB, or 4 of 134 GB"),
]


@pytest.mark.parametrize(("name", "accelerator", "number", "why"), PLACED)
def test_the_scenario_has_as_few_accelerators_as_hold_it(name: str, accelerator: str, number: int, why: str) -> None:
    base = tomllib.loads(import_llm(path_of(name)).toml)["scenarios"]["Base"]
    assert (base["accelerator"], base["tensor_parallel"]) == (accelerator, number), why


LAYERS = {
    "llama-4-maverick": (48, 12, 36, 0, "every fourth layer sees everything"),
    "gemma-2-9b": (42, 21, 21, 0, "every second"),
    "gpt-oss-120b": (36, 18, 18, 0, "every second"),
    "qwen3.5-35b-a3b": (40, 10, 0, 30, "every fourth attends"),
    "minimax-m1": (80, 10, 0, 70, "every eighth attends"),
    "nemotron-h-56b": (59, 10, 0, 54, "118 blocks of one part each, 54 of them MLPs"),
    "nemotron-super-49b": (64.5, 49, 0, 0, "31 of 80 layers are an MLP alone"),
    "laguna-s-2.1-fp8": (48, 12, 36, 0, "every fourth sees everything"),
}


@pytest.mark.parametrize(("name", "expected"), LAYERS.items(), ids=list(LAYERS))
def test_layers_are_split_by_kind(name: str, expected: tuple[float, int, int, int, str]) -> None:
    llm = read_hf_config(path_of(name)).architecture
    assert (layers(llm), layers_full(llm), layers_windowed(llm), layers_linear(llm)) == expected[:4], expected[4]


# --- keys that say the same in other words, or switch something ---------------------------------------------

# A change of a specimen, and what it must give: (total, KV bytes per token), with why.
LLAMA = (8_030_261_248, 131_072)
VARIANTS: dict[str, tuple[str, dict[str, Any], tuple[int, int], str]] = {
    "whole numbers with a point": ("llama-3.1-8b", {"num_hidden_layers": 32.0}, LLAMA, "8.0 is a number as well"),
    "Infinity where nothing depends on it": ("llama-3.1-8b", {"time_step_limit": [0.0, float("inf")]}, LLAMA, "as is"),
    "NaN where nothing depends on it": ("llama-3.1-8b", {"rope_theta": float("nan")}, LLAMA, "as is"),
    "tied": ("llama-3.1-8b", {"tie_word_embeddings": True}, (7_504_924_672, 131_072), "less 128,256 x 4,096"),
    "biases": (
        "llama-3.1-8b",
        {"attention_bias": True},
        (8_030_261_248 + 32 * (4096 + 2 * 1024 + 4096), 131_072),
        "one for each output of q, k, v and o",
    ),
    "a window on all layers": ("mistral-7b-v0.3", {"sliding_window": 4096}, (7_248_023_552, 0), "none grows"),
    "a window as wide as the context": ("mistral-7b-v0.3", {"sliding_window": 32768}, (7_248_023_552, 131_072), "none"),
    "a window that is off": ("qwen2.5-7b", {"sliding_window": 4096}, (7_615_616_512, 57_344), "use_sliding_window"),
    "a window on late layers": (
        "qwen2.5-7b",
        {"sliding_window": 4096, "use_sliding_window": True, "max_window_layers": 21},
        (7_615_616_512, 43_008),
        "21 of 28 layers grow",
    ),
    "layer_types before the rule": (
        "gpt-oss-120b",
        {"layer_types": ["full_attention"] * 36},
        (116_829_156_672, 73_728),
        "all of 36 layers grow",
    ),
    "the rule without layer_types": ("gpt-oss-120b", {"layer_types": None}, (116_829_156_672, 36_864), "every second"),
    "experts under another name": (
        "qwen3-30b-a3b",
        {"num_experts": None, "num_local_experts": 128},
        (30_532_122_624, 98_304),
        "a synonym",
    ),
    "no shared experts": (
        "deepseek-v3",
        {"n_shared_experts": 0},
        (671_026_419_200 - 58 * 3 * 7168 * 2048, 70_272),
        "-",
    ),
    "queries without a rank": (
        "deepseek-v2-lite",
        {"q_lora_rank": None},
        (15_706_484_224, 31_104),
        "as DeepSeek-V2-Lite has it",
    ),
    "one KV head": (
        "falcon-180b",
        {"new_decoder_architecture": False},
        (178_455_884_800, 20_480),
        "multi_query; 1 norm",
    ),
    "KV heads that differ": (
        "llama-3.1-8b",
        {"model_type": "deci", "num_key_value_heads_per_layer": [4] * 16 + [2] * 8 + [1] * 8},
        (8_030_261_248 - (256 - 88) * 2 * 4096 * 128, 88 * 2 * 128 * 2),
        "88 heads in all, where Llama has 256",
    ),
}


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_variants(variant: str, tmp_path: Path) -> None:
    name, values, expected, why = VARIANTS[variant]
    llm = read_hf_config(changed(tmp_path, name, **values)).architecture
    assert (total_params(llm), kv_bytes_per_token(llm, 2)) == expected, why


@given(
    heads=st.sampled_from([8, 16, 32]),
    groups=st.sampled_from([1, 2, 8]),
    dim=st.integers(16, 256),
    depth=st.integers(1, 200),
)
def test_the_cache_is_that_of_the_heads_and_layers(heads: int, groups: int, dim: int, depth: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = changed(
            Path(folder),
            num_attention_heads=heads,
            num_key_value_heads=heads // groups,
            head_dim=dim,
            num_hidden_layers=depth,
        )
        llm = read_hf_config(path).architecture
    assert kv_bytes_per_token(llm, 2) == 2 * depth * (heads // groups) * dim * 2


FORMATS: dict[str, tuple[Any, tuple[str, str]]] = {
    "none": (None, ("bf16", "bf16")),
    "AWQ": ({"quant_method": "awq", "bits": 4}, ("int4", "bf16")),
    "GPTQ of 8 bits": ({"quant_method": "gptq", "bits": 8}, ("int8", "bf16")),
    "bitsandbytes": ({"quant_method": "bitsandbytes", "load_in_4bit": True}, ("int4", "bf16")),
    "ModelOpt, with a cache": ({"quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8"}, ("nvfp4", "fp8")),
    "8-bit integers": (
        {"quant_method": "compressed-tensors", "config_groups": {"g": {"weights": {"num_bits": 8, "type": "int"}}}},
        ("int8", "bf16"),
    ),
}


@pytest.mark.parametrize("format", FORMATS, ids=str)
def test_a_checkpoint_suggests_formats(format: str, tmp_path: Path) -> None:
    quantised, expected = FORMATS[format]
    assert read_hf_config(changed(tmp_path, quantization_config=quantised)).formats[:2] == expected


def test_an_unknown_format_is_told_and_counts_as_16_bits(tmp_path: Path) -> None:
    found = read_hf_config(changed(tmp_path, quantization_config={"quant_method": "tomorrow"}))
    assert found.formats.weights == "bf16"
    assert any("'tomorrow'" in note for note in found.notes)


# --- what is told -----------------------------------------------------------------------------------------

NOTES = {
    "qwen3.5-35b-a3b": "vision part are left out",
    "deepseek-v3": "multi-token prediction are left out",
    "deepseek-v3.2": "indexer's own keys",
    "gemma-4-26b-a4b": "in units of full ones",
    "nemotron-h-56b": "118 blocks are 59 layers",
    "nemotron-super-49b": "differ between layers",
}


@pytest.mark.parametrize(("name", "said"), NOTES.items(), ids=list(NOTES))
def test_what_an_entry_leaves_out_is_said(name: str, said: str) -> None:
    assert any(said in line for line in import_llm(path_of(name)).told)


def test_each_number_says_whether_it_is_stated_or_derived() -> None:
    lines = import_llm(path_of("deepseek-v3")).toml.splitlines()
    assert "kv_lora_rank = 512.0  # stated: kv_lora_rank" in lines
    assert "qk_head_dim = 192.0  # derived: size of a query and key head, in channel" in lines


@pytest.mark.parametrize(
    ("name", "repository", "said"),
    [
        ("llama-3.1-8b", "meta/Llama-3.1-8B", "8 B; all are +0.4% off"),
        ("llama-3.1-8b", "meta/Llama-70B", "is the file that of the name?"),
        ("llama-4-maverick", "meta/Llama-4-Maverick-17B-128E", "17 B; the active ones are +1.1% off"),
        ("llama-3.1-8b", "meta/Llama-3.1-8B-FP8", "the file has no quantization_config"),
    ],
)
def test_the_size_in_the_name_is_compared(name: str, repository: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(json.loads(path_of(name).read_text("utf-8")) | {"_name_or_path": repository}), "utf-8")
    assert any(said in line for line in import_llm(path).told)


def test_text_of_the_file_cannot_leave_its_comment(tmp_path: Path) -> None:
    """Names in the file go into comments of the study."""
    path = changed(tmp_path, architectures=['X\n[scenarios.Evil]\nllm = "x"'], _name_or_path="a\nb = 1")
    assert set(tomllib.loads(import_llm(path).toml)) == {"title", "as_of", "catalog", "scenarios"}
    assert list(tomllib.loads(import_llm(path).toml)["scenarios"]) == ["Base"]


# --- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize("model_type", NOT_MODELLED)
def test_a_type_that_is_not_modelled_says_what_is_missing(model_type: str, tmp_path: Path) -> None:
    (problem,) = problems_of(changed(tmp_path, model_type=model_type, architectures=["SomeForCausalLM"]))
    assert f'"{model_type}" (SomeForCausalLM)' in problem and NOT_MODELLED[model_type] in problem


def test_an_unknown_type_is_refused_by_name_with_those_like_it(tmp_path: Path) -> None:
    (problem,) = problems_of(changed(tmp_path, model_type="qwen9", architectures=["Qwen9ForCausalLM"]))
    assert '"qwen9" (Qwen9ForCausalLM)' in problem and "qwen3" in problem


def test_a_file_without_a_type_is_refused(tmp_path: Path) -> None:
    assert "names no model_type (LlamaForCausalLM)" in problems_of(changed(tmp_path, without=("model_type",)))[0]


def test_an_unknown_wrapper_of_a_known_part_is_refused(tmp_path: Path) -> None:
    path = changed(tmp_path, "qwen3-vl-2b")
    path.write_text(path.read_text("utf-8").replace('"qwen3_vl"', '"omni_x"'), "utf-8")
    assert '"omni_x"' in problems_of(path)[0]


ALTERING: dict[str, tuple[str, dict[str, Any]]] = {
    "latent attention in a Llama": ("llama-3.1-8b", {"kv_lora_rank": 512}),
    "compressed cache": ("deepseek-v3", {"compress_ratios": [4] * 61}),
    "sparse attention": ("minimax-m2.7", {"sparse_attention_config": {"use_sparse_attention": True}}),
    "an indexer in DeepSeek-V3": ("deepseek-v3", {"index_topk": 2048}),
    "layers that share a cache": ("gemma-4-26b-a4b", {"num_kv_shared_layers": 10}),
    "embeddings of each layer": ("gemma-4-26b-a4b", {"hidden_size_per_layer_input": 256}),
    "experts in a dense type": ("llama-3.1-8b", {"num_local_experts": 8}),
    "a window in a type without": ("llama-3.1-8b", {"sliding_window_size": 4096}),
    "linear attention": ("qwen3-30b-a3b", {"linear_attn_config": {"head_dim": 128}}),
    "a key of tomorrow": ("llama-3.1-8b", {"kv_cache_merge_factor": 2}),
    "an unknown kind of layer": ("gpt-oss-120b", {"layer_types": ["full_attention"] * 35 + ["ring_attention"]}),
    "linear layers in a type without": ("gpt-oss-120b", {"layer_types": ["linear_attention"] * 36}),
    "linear layers in MiniMax-M2": ("minimax-m2.7", {"attn_type_list": [0] + [1] * 61}),
    "an unknown block": ("nemotron-h-56b", {"hybrid_override_pattern": "M-*Z", "num_hidden_layers": 4}),
    "no attention at all": ("nemotron-h-56b", {"hybrid_override_pattern": "M-M-", "num_hidden_layers": 4}),
    "another number of blocks": ("nemotron-h-56b", {"num_hidden_layers": 100}),
    "a linear block of a search": (
        "nemotron-super-49b",
        {"block_configs": [{"attention": {"replace_with_linear": True}, "ffn": {"ffn_mult": 1.0}}] * 80},
    ),
}


@pytest.mark.parametrize("case", ALTERING, ids=str)
def test_what_may_change_parameters_or_cache_is_refused(case: str, tmp_path: Path) -> None:
    name, values = ALTERING[case]
    assert problems_of(changed(tmp_path, name, **values))


OFF = (None, False, 0, [], {}, "")


@pytest.mark.parametrize("value", OFF, ids=repr)
def test_a_key_that_is_off_changes_nothing(value: Any, tmp_path: Path) -> None:
    path = changed(tmp_path, kv_lora_rank=value, sparse_attention_config=value, compress_ratios=value)
    assert total_params(read_hf_config(path).architecture) == LLAMA[0]


BAD_VALUES: dict[str, tuple[dict[str, Any], str]] = {
    "text for a number": ({"num_hidden_layers": "32"}, "num_hidden_layers is '32'"),
    "true for a number": ({"num_hidden_layers": True}, "num_hidden_layers is True"),
    "zero": ({"hidden_size": 0}, "hidden_size is 0"),
    "negative": ({"vocab_size": -1}, "vocab_size is -1"),
    "a fraction": ({"num_attention_heads": 32.5}, "num_attention_heads is 32.5"),
    "Infinity": ({"intermediate_size": float("inf")}, "intermediate_size is inf"),
    "NaN": ({"max_position_embeddings": float("nan")}, "max_position_embeddings is nan"),
    "more layers than there can be": ({"num_hidden_layers": 10**7}, "1 to 10,000"),
    "larger than anything": ({"hidden_size": 10**30}, "1 to 1,000,000,000"),
    "heads in unequal groups": ({"num_key_value_heads": 5}, "32 attention heads cannot share 5 KV heads"),
    "heads that do not divide": ({"num_attention_heads": 24, "head_dim": None}, "24 heads do not divide"),
    "two names that differ": ({"n_layer": 30}, "num_hidden_layers = 32 and n_layer = 30"),
    "text for a flag": ({"tie_word_embeddings": "false"}, "must be true or false"),
}


@pytest.mark.parametrize("case", BAD_VALUES, ids=str)
def test_a_bad_value_is_named_with_what_it_must_be(case: str, tmp_path: Path) -> None:
    values, said = BAD_VALUES[case]
    (problem,) = problems_of(changed(tmp_path, **values))
    assert said in problem


BAD_LISTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "too short": ("gpt-oss-120b", {"layer_types": ["full_attention"]}, "has 1 entries, but there are 36 layers"),
    "no list": ("gpt-oss-120b", {"layer_types": "full_attention"}, "must be a list of texts"),
    "other items": ("minimax-m1", {"attn_type_list": ["1"] * 80}, "must be a list of whole numbers"),
    "missing": ("minimax-m1", {"attn_type_list": None}, "attn_type_list is missing"),
    "no blocks": ("nemotron-super-49b", {"block_configs": [1] * 80}, "must be a list of objects"),
    "a group that does not divide": (
        "nemotron-super-49b",
        {"block_configs": [{"attention": {"n_heads_in_group": 7}, "ffn": {"ffn_mult": 1.0}}] * 80},
        "n_heads_in_group is 7",
    ),
    "a width that is none": (
        "nemotron-super-49b",
        {"block_configs": [{"attention": {"n_heads_in_group": 8}, "ffn": {"ffn_mult": float("nan")}}] * 80},
        "ffn needs ffn_mult",
    ),
    "more active experts than there are": ("mixtral-8x7b", {"num_experts_per_tok": 9}, "only 8"),
}


@pytest.mark.parametrize("case", BAD_LISTS, ids=str)
def test_a_bad_list_is_named(case: str, tmp_path: Path) -> None:
    name, values, said = BAD_LISTS[case]
    assert any(said in problem for problem in problems_of(changed(tmp_path, name, **values)))


def test_all_missing_fields_are_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text('{"model_type": "llama"}', "utf-8")
    named = "hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "max_position", "intermediate_size"
    found = problems_of(path)
    assert all(any(name in problem for problem in found) for name in named)
    assert len(found) == len(named)


@pytest.mark.parametrize("model_type", TYPES)
def test_an_empty_file_of_any_type_is_told_without_a_traceback(model_type: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"model_type": model_type}), "utf-8")
    assert any("is missing" in problem for problem in problems_of(path))


# --- files and the command line ---------------------------------------------------------------------------


def run(*args: object) -> Result:
    return CliRunner().invoke(app, ["import-llm", *(str(arg) for arg in args)])


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert all(line.startswith("xl-econ: ") for line in result.stderr.splitlines())
    return result.stderr


CONTENTS = {
    "truncated": (path_of("llama-3.1-8b").read_bytes()[:200], "line 9, column 2: it is not valid JSON"),
    "empty": (b"", "not valid JSON"),
    "a list": (b"[1, 2]", "it holds a list"),
    "a number": (b"7", "no object"),
    "no text": (b"\xff\xfe\x00", "not UTF-8"),
    "nested deeply": (b'{"a":' * 100_000, "nested too deeply"),
    "a number of 5,000 digits": (b'{"a": ' + b"9" * 5_000 + b"}", "digits"),
    "a key twice": (b'{"hidden_size": 1, "hidden_size": 2}', "'hidden_size' stands there twice"),
    "larger than any config": (b" " * (LARGEST_MB * 10**6 + 1), f"at most {LARGEST_MB} MB"),
}


@pytest.mark.parametrize("case", CONTENTS, ids=str)
def test_a_file_that_is_no_config_is_told(case: str, tmp_path: Path) -> None:
    content, said = CONTENTS[case]
    path = tmp_path / "config.json"
    path.write_bytes(content)
    assert said in refused(run(path))


def test_a_directory_and_a_missing_file_are_told(tmp_path: Path) -> None:
    assert "is a directory" in refused(run(tmp_path))
    assert "does not exist" in refused(run(tmp_path / "config.json"))


@pytest.mark.parametrize("id", ["", "Mine", "two words", "-x", "x" * 61, 'a"b', "ü"])
def test_a_wrong_id_is_told_with_one_that_would_do(id: str) -> None:
    assert "Try " in refused(run(path_of("llama-3.1-8b"), f"--id={id}"))


def test_an_existing_output_is_kept_without_force(tmp_path: Path) -> None:
    out = tmp_path / "study.toml"
    out.write_text("mine")
    assert "--force" in refused(run(path_of("phi-4"), "-o", out))
    assert out.read_text() == "mine"
    assert run(path_of("phi-4"), "-o", out, "--force").exit_code == 0
    assert "phi-4" in load_study(out).scenarios["Base"].overrides.values()


def test_another_ending_is_no_output(tmp_path: Path) -> None:
    assert "must end in .toml" in refused(run(path_of("phi-4"), "-o", tmp_path / "study.json"))


def test_a_bad_config_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "study.toml"
    refused(run(changed(tmp_path, hidden_size=-1), "-o", out))
    assert not out.exists()


def test_without_an_output_the_study_is_printed(tmp_path: Path) -> None:
    out = tmp_path / "study.toml"
    assert run(path_of("kimi-k2"), "--id", "mine", "-o", out).exit_code == 0
    assert run(path_of("kimi-k2"), "--id", "mine").stdout == out.read_text("utf-8")


def test_an_imported_llm_goes_into_a_workbook_and_comes_back(tmp_path: Path) -> None:
    study, book = tmp_path / "study.toml", tmp_path / "deal.xlsx"
    told = run(path_of("nemotron-3-nano"), "-o", study).stdout
    assert "31.58 B" in told and "state: 49.1 MB" in told
    assert CliRunner().invoke(app, ["new", str(book), "--study", str(study)]).exit_code == 0
    assert read_workbook(book) == load_study(study)
