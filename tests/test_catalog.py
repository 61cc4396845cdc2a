"""The catalog: what it holds, and that its numbers fit together."""

import statistics
import time

import pytest

from xl_econ.catalog import Catalog, load_catalog
from xl_econ.catalog.anatomy import architecture_of, count
from xl_econ.catalog.load import PACKAGED, catalog_of, packaged
from xl_econ.catalog.parameters import (
    DERIVED,
    kv_bytes_per_token,
    state_bytes_per_sequence,
    total_params,
)
from xl_econ.catalog.records import Accelerator, Fact, Hosted, Llm, Precision, Record, RentPrice


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


# --- what it holds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "at_least"),
    [("llms", 45), ("accelerators", 26), ("precisions", 6), ("hosted", 15), ("prices", 60)],
)
def test_there_is_enough_to_choose_from(catalog: Catalog, table: str, at_least: int) -> None:
    assert len(catalog.table(table)) >= at_least


@pytest.mark.parametrize(
    "id",
    ["llama-3.1-405b", "deepseek-v3", "qwen3-235b-a22b", "gpt-oss-120b", "kimi-k2", "glm-4.6", "gemma-3-27b"],
)
def test_an_llm_is_found_by_the_name_a_user_would_type(catalog: Catalog, id: str) -> None:
    assert catalog.llms[id].id == id


@pytest.mark.parametrize("id", ["h100-sxm", "b200-sxm", "gb200", "mi300x", "gaudi3", "tpu-v6e", "trainium2"])
def test_an_accelerator_is_found_by_the_name_a_user_would_type(catalog: Catalog, id: str) -> None:
    assert catalog.accelerators[id].id == id


@pytest.mark.parametrize(
    ("table", "typed", "meant"),
    [
        ("accelerators", "H100", "h100-sxm"),
        ("accelerators", "mi300", "mi300x"),
        ("llms", "llama-3.1-450b", "llama-3.1-405b"),
        ("llms", "Qwen3-32", "qwen3-32b"),
        ("precisions", "nvpf4", "nvfp4"),
    ],
)
def test_a_misspelt_id_finds_the_nearest(catalog: Catalog, table: str, typed: str, meant: str) -> None:
    assert meant in catalog.nearest(table, typed)


def test_nonsense_has_no_nearest(catalog: Catalog) -> None:
    assert catalog.nearest("llms", "zzzzzz") == []


def test_loading_is_quick() -> None:
    start = time.perf_counter()
    catalog_of({name: packaged(name) for name in PACKAGED})
    assert time.perf_counter() - start < 0.5, "50 ms on a desk; this bound is for a slow machine"


# --- LLMs -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", load_catalog().llms)
def test_the_computed_size_is_the_published_one(catalog: Catalog, id: str) -> None:
    llm = catalog.llms[id]
    assert total_params(architecture_of(llm)) / 1e9 == pytest.approx(llm.published_params_b.value, rel=0.01)


EXACT_PARAMETERS = {
    "llama-3.1-405b": (405_853_388_800, "dense GQA"),
    "llama-3.2-1b": (1_235_814_400, "tied embeddings count once"),
    "llama-2-7b": (6_738_415_616, "MHA"),
    "qwen2.5-72b": (72_706_203_648, "biases of q, k and v; equals the safetensors sum"),
    "qwen3-8b": (8_190_735_360, "norms of queries and keys"),
    "gemma-2-9b": (9_241_705_984, "four norms per layer"),
    "command-r-plus": (103_810_674_688, "parallel block, one norm per layer"),
    "mixtral-8x7b": (46_702_792_704, "MoE without a shared expert"),
    "qwen3-235b-a22b": (235_093_634_560, "MoE with 128 experts"),
    "llama-4-maverick": (400_711_848_960, "every second layer is MoE"),
    "gpt-oss-120b": (116_829_156_672, "sinks, and biases in attention, router and experts"),
    "qwen3-next-80b-a3b": (79_674_391_296, "gated delta net; equals the safetensors sum"),
    "deepseek-v2": (235_741_434_880, "MLA, no router bias"),
    "deepseek-v3": (671_026_419_200, "MLA, first three layers dense"),
    "deepseek-v3.2": (671_877_944_064, "MLA with an indexer"),
    "kimi-k2": (1_026_408_232_448, "MLA, 384 experts"),
    "glm-5": (743_911_218_432, "MLA with an indexer, other head sizes"),
    "glm-4.5-air": (106_852_251_264, "5,760 router biases above the safetensors sum"),
    "minimax-m2": (228_689_764_864, "norms over all channels of queries and keys"),
    "gptj-6b": (6_050_882_784, "two matrices to an MLP; biases of MLP, norms and head"),
    "falcon-180b": (179_522_565_120, "two matrices to an MLP; two norms with biases"),
}


@pytest.mark.parametrize(("id", "expected", "why"), [(id, *case) for id, case in EXACT_PARAMETERS.items()])
def test_parameters_are_counted_to_the_digit(catalog: Catalog, id: str, expected: int, why: str) -> None:
    assert total_params(architecture_of(catalog.llms[id])) == expected, why


KV_BYTES_PER_TOKEN = {
    "llama-3.1-405b": (516_096, "2 × 126 layers × 8 heads × 128 × 2 B"),
    "llama-3.1-8b": (131_072, "2 × 32 × 8 × 128 × 2"),
    "llama-2-7b": (524_288, "MHA: 2 × 32 × 32 × 128 × 2"),
    "deepseek-v3": (70_272, "MLA: 61 × (512 + 64) × 2"),
    "deepseek-v2": (69_120, "MLA: 60 × 576 × 2"),
    "kimi-k2": (70_272, "as DeepSeek-V3, though it has half the heads"),
    "gpt-oss-120b": (36_864, "18 of 36 layers grow: 18 × 2 × 8 × 64 × 2"),
    "gemma-3-27b": (81_920, "10 of 62 layers grow: 10 × 2 × 16 × 128 × 2"),
    "llama-4-scout": (49_152, "every fourth layer grows: 12 × 2 × 8 × 128 × 2"),
    "qwen3-next-80b-a3b": (24_576, "12 of 48 layers attend: 12 × 2 × 2 × 256 × 2"),
    "mistral-7b-v0.1": (0, "all layers slide, none grows"),
    "gptj-6b": (458_752, "MHA: 2 × 28 × 16 × 256 × 2"),
    "falcon-180b": (163_840, "2 × 80 × 8 × 64 × 2"),
}


@pytest.mark.parametrize(("id", "expected", "why"), [(id, *case) for id, case in KV_BYTES_PER_TOKEN.items()])
def test_kv_cache_per_token_in_bf16(catalog: Catalog, id: str, expected: int, why: str) -> None:
    assert kv_bytes_per_token(architecture_of(catalog.llms[id]), 2) == expected, why


@pytest.mark.parametrize("id", load_catalog().llms)
def test_an_fp8_cache_is_half_a_bf16_cache(catalog: Catalog, id: str) -> None:
    assert (
        kv_bytes_per_token(architecture_of(catalog.llms[id]), 1)
        == kv_bytes_per_token(architecture_of(catalog.llms[id]), 2) / 2
    )


@pytest.mark.parametrize(
    ("id", "expected"),
    [("qwen3-next-80b-a3b", 77_266_944), ("qwen3.5-27b", 153_944_064), ("llama-3.1-8b", 0)],
)
def test_recurrent_state_per_sequence(catalog: Catalog, id: str, expected: int) -> None:
    assert state_bytes_per_sequence(architecture_of(catalog.llms[id])) == expected


COLUMN_CASES = [
    ("llama-3.1-8b", "embedding_params_b", 1.050673152, "two tables of 128,256 × 4,096"),
    ("llama-3.2-1b", "embedding_params_b", 0.262668288, "one table of 128,256 × 2,048, tied"),
    ("llama-3.2-1b", "head_params_b", 0.262668288, "a tied head does the same work"),
    ("mixtral-8x7b", "expert_params_b", 45.097156608, "32 layers × 8 experts × 3 × 4,096 × 14,336"),
    ("llama-3.1-8b", "expert_params_b", 0, "dense"),
    ("deepseek-v3", "moe_layers", 58, "61 less 3 dense ones"),
    ("llama-4-maverick", "moe_layers", 24, "every second of 48"),
    ("deepseek-v3", "qk_head_dim", 192, "128 without and 64 with rotary encoding"),
    ("deepseek-v3", "v_head_dim", 128, "stated"),
    ("deepseek-v3", "kv_heads", 1, "one latent serves all heads"),
    ("deepseek-v3", "kv_lora_rank", 512, "stated"),
    ("deepseek-v3", "rope_head_dim", 64, "stated"),
    ("llama-3.1-8b", "rope_head_dim", 0, "not MLA"),
    ("llama-3.1-8b", "qk_head_dim", 128, "the head size"),
    ("llama-3.1-8b", "experts", 0, "absent is 0"),
    ("llama-4-scout", "layers_sliding", 36, "chunked counts as sliding"),
    ("llama-4-scout", "window_tokens", 8192, "the chunk"),
    ("qwen3.5-27b", "layers_linear", 48, "three of four of 64"),
    ("qwen3.5-27b", "layers_full", 16, "every fourth of 64"),
    ("phi-3-mini", "layers_full", 0, "all layers slide"),
]


@pytest.mark.parametrize(("id", "field", "expected", "why"), COLUMN_CASES)
def test_derived_facts(catalog: Catalog, id: str, field: str, expected: float, why: str) -> None:
    assert catalog.value("llms", id, field) == pytest.approx(expected), why


# fmt: off
LLM_COLUMNS = [
    "params_b", "embedding_params_b", "head_params_b", "expert_params_b", "hidden_size",
    "layers", "layers_full", "layers_sliding", "layers_linear", "moe_layers",
    "window_tokens", "heads", "kv_heads", "qk_head_dim", "v_head_dim",
    "kv_lora_rank", "rope_head_dim", "experts", "active_experts", "state_mb_per_sequence",
    "max_context_tokens",
]
# fmt: on


@pytest.mark.parametrize("field", LLM_COLUMNS)
def test_every_column_has_one_finite_number_per_llm(catalog: Catalog, field: str) -> None:
    column = catalog.column("llms", field)
    assert len(column) == len(catalog.llms)
    assert all(isinstance(value, float) and 0 <= value < 1e8 for value in column)


def test_parts_never_exceed_the_whole(catalog: Catalog) -> None:
    for id in catalog.llms:
        whole, table, experts = (
            catalog.value("llms", id, field) for field in ("params_b", "embedding_params_b", "expert_params_b")
        )
        assert float(table) + float(experts) < float(whole), id


def test_layers_of_all_kinds_add_up(catalog: Catalog) -> None:
    for id, llm in catalog.llms.items():
        kinds = ("layers_full", "layers_sliding", "layers_linear")
        assert sum(float(catalog.value("llms", id, kind)) for kind in kinds) == count(llm.layers), id


# --- accelerators and prices ------------------------------------------------------------------------------


def test_the_h100_figure_of_the_article_is_the_sparse_one(catalog: Catalog) -> None:
    h100 = catalog.accelerators["h100-sxm"]
    assert h100.dense_bf16_tflops.value == 989.4
    assert h100.sparse_bf16_tflops is not None
    assert h100.sparse_bf16_tflops.value == 1979


def test_sparse_rates_are_twice_the_dense_ones(catalog: Catalog) -> None:
    for chip in catalog.accelerators.values():
        if chip.sparse_bf16_tflops:
            ratio = chip.sparse_bf16_tflops.value / chip.dense_bf16_tflops.value
            assert ratio == pytest.approx(2, rel=0.001), chip.id


MEMORY_CASES = [
    ("h100-sxm", 85.52, "81,559 MiB by nvidia-smi"),
    ("gb200", 198.67, "189,471 MiB"),
    ("b300-sxm", 288.40, "275,040 MiB"),
    ("mi300x", 206.16, "192 GiB"),
    ("tpu-v5p", 102.01, "95 GiB"),
]


@pytest.mark.parametrize(("id", "expected", "why"), MEMORY_CASES)
def test_memory_is_what_the_driver_reports(catalog: Catalog, id: str, expected: float, why: str) -> None:
    assert catalog.accelerators[id].memory_gb.value == pytest.approx(expected, abs=0.005), why


@pytest.mark.parametrize(
    ("id", "family"), [("mi355x", "cdna3"), ("rtx-pro-6000-server", "ada"), ("trainium2", "neuron")]
)
def test_efficiency_families(catalog: Catalog, id: str, family: str) -> None:
    assert catalog.value("accelerators", id, "efficiency_family") == family


def test_a_native_rate_that_does_not_exist_is_0_in_a_column(catalog: Catalog) -> None:
    assert catalog.value("accelerators", "a100-sxm-80gb", "dense_fp8_tflops") == 0
    assert catalog.value("accelerators", "h100-sxm", "dense_fp4_tflops") == 0


RENTS = {
    "on_demand": "rent_usd_per_h",
    "reserved_1y": "rent_1y_usd_per_h",
    "reserved_3y": "rent_3y_usd_per_h",
    "spot": "rent_spot_usd_per_h",
}


@pytest.mark.parametrize("term", RENTS)
@pytest.mark.parametrize("id", load_catalog().accelerators)
def test_a_rent_is_the_median_of_the_recent_prices_of_its_term(catalog: Catalog, id: str, term: str) -> None:
    rows = [row for row in catalog.prices if row.accelerator == id and row.term == term]
    recent = [row for row in rows if row.date >= "2026"] or rows
    rent = getattr(catalog.accelerators[id], RENTS[term])
    expected = statistics.median(row.usd_per_accelerator_h.value for row in recent) if recent else None
    assert (rent.value if rent else None) == (pytest.approx(expected, abs=1e-4) if recent else None)


def test_prices_cover_every_term(catalog: Catalog) -> None:
    assert {price.term for price in catalog.prices} == {"on_demand", "reserved_1y", "reserved_3y", "spot"}


def test_a_price_has_the_date_of_its_row(catalog: Catalog) -> None:
    assert all(price.usd_per_accelerator_h.date == price.date for price in catalog.prices)


def test_the_hosted_price_of_the_article(catalog: Catalog) -> None:
    offer = catalog.hosted["openai-gpt-4o-2024-11"]
    assert (offer.input_usd_per_m_tokens.value, offer.output_usd_per_m_tokens.value) == (2.5, 10)


def test_bytes_per_parameter(catalog: Catalog) -> None:
    body = dict(zip(catalog.precisions, catalog.column("precisions", "body_bytes_per_param"), strict=True))
    assert body == {"bf16": 2, "fp8": 1 + 4 / 16384, "int8": 1, "int4": 2, "mxfp4": 2, "nvfp4": 0.5625}


@pytest.mark.parametrize("record", [Accelerator, Llm, Precision, Hosted, RentPrice])
def test_every_number_declares_its_unit(record: type[Record]) -> None:
    for name, field in record.model_fields.items():
        declared = f"{field.annotation} {field.metadata}"
        assert ("Fact" in declared) == ("Unit(" in declared), name


def test_every_derived_quantity_has_a_unit_and_a_label() -> None:
    assert all(derived.unit and derived.label for derived in DERIVED.values())


# --- looking things up ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "id", "field", "message"),
    [
        ("gpus", "h100-sxm", "tdp_w", "the catalog has no table 'gpus'"),
        ("llms", "llama-3-8b", "param_b", "Llm has no field 'param_b'. Did you mean params_b"),
        ("llms", "llama-3-8", "params_b", "llms has no 'llama-3-8'. Did you mean llama-3-8b"),
    ],
)
def test_a_wrong_look_up_says_what_exists(catalog: Catalog, table: str, id: str, field: str, message: str) -> None:
    with pytest.raises(KeyError, match=message):
        catalog.value(table, id, field)


def test_records_cannot_be_changed(catalog: Catalog) -> None:
    fact: Fact = catalog.accelerators["h100-sxm"].memory_gb
    with pytest.raises(ValueError, match="frozen"):
        fact.value = 80  # pyright: ignore[reportAttributeAccessIssue]
