"""How measurements call things, and what their notes say: each way of writing, and what it must be read as."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_evidence import written

from xl_econ.calibration.left_out import LeaveOut, LeftOut
from xl_econ.calibration.measured import Row, read_measured
from xl_econ.calibration.names import Names, engine_of, tables
from xl_econ.catalog.load import load_catalog

NAMES = Names({})
NOT_THERE = "not in the catalog"

LLMS: dict[str, str] = {
    "Llama-3.1-8B-Instruct": "llama-3.1-8b",
    "meta-llama/Llama-3.1-70B": "llama-3.1-70b",
    "meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo": "llama-3.1-70b",
    "Llama 3.1 8B": "llama-3.1-8b",
    "llama3.1:70b": "llama-3.1-70b",
    "llama-2-70b-chat-hf": "llama-2-70b",
    "Llama-3-8B": "llama-3-8b",
    "/models/Qwen3-8B/": "qwen3-8b",
    "models--Qwen--Qwen3-32B": "qwen3-32b",
    "Qwen3-235B-A22B-Instruct-2507": "qwen3-235b-a22b",
    "Qwen3-30B": "qwen3-30b-a3b",  # the start of one name alone, with its size
    "DeepSeek-R1": "deepseek-r1",
    "deepseek-ai/DeepSeek-V3-0324": "deepseek-v3",
    "nvidia/DeepSeek-R1-0528-NVFP4-v2": "deepseek-r1",
    "DeepSeek-R1-Distill-Llama-70B": "llama-3.3-70b",  # not the LLM that it was distilled from
    "mistralai/Mixtral-8x7B-Instruct-v0.1": "mixtral-8x7b",
    "nvidia/Llama-3.3-70B-Instruct-FP8": "llama-3.3-70b",
    "amd/Llama-3.1-405B-Instruct-FP8-KV": "llama-3.1-405b",
    "RedHatAI/Llama-3.3-70B-Instruct-quantized.w8a8": "llama-3.3-70b",
    "hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4": "llama-3.1-70b",
    "gpt-oss": "could be gpt-oss-20b or gpt-oss-120b",
    "Llama-70B": "could be llama-2-70b or llama-3-70b or llama-3.1-70b or llama-3.3-70b",
    "Mistral-7B-Instruct": "could be mistral-7b-v0.1 or mistral-7b-v0.3",
    "DeepSeek": "could be deepseek-v2 or deepseek-v3",
    "Mistral-7B-Instruct-v0.2": NOT_THERE,  # another version than the two that are
    "Gemma-3": NOT_THERE,  # one size of several
    "Qwen-72B": NOT_THERE,  # not Qwen2.5
    "DeepSeek-V2-Lite": NOT_THERE,
    "Llama-3.1-8B-Medusa": NOT_THERE,  # something was added
    "Instruct": NOT_THERE,
    "…": "not in the catalog: no name",
}
ACCELERATORS: dict[str, str] = {
    "H100": "h100-sxm",  # SXM, where nobody says
    "NVIDIA H100 80GB HBM3": "h100-sxm",
    "H100-80GB": "h100-sxm",
    "8x H100 SXM5": "h100-sxm",
    "NVIDIA H100 PCIe": "h100-pcie",
    "H100-94GB": "h100-nvl",  # its memory tells
    "A100-80GB": "a100-sxm-80gb",
    "NVIDIA A100 80GB PCIe": "a100-pcie-80gb",
    "A100 40 GB": "a100-sxm-40gb",
    "A100": "could be a100-sxm-40gb or a100-sxm-80gb",
    "GH200": "could be gh200-96gb or gh200-144gb",
    "NVIDIA GH200 480GB": "gh200-96gb",
    "H200": "h200-sxm",
    "H200 NVL": NOT_THERE,
    "H20-141GB": NOT_THERE,  # the catalog's has 96 GB
    "NVIDIA B200": "b200-sxm",
    "B200 192GB": "b200-sxm",
    "GB200 NVL72": "gb200",
    "L40S": "l40s",
    "A10": NOT_THERE,  # not an A10G
    "AMD Instinct MI300X OAM": "mi300x",
    "MI250-128GB": "mi250x",
    "Intel Gaudi 3": "gaudi3",
    "TPU v6e": "tpu-v6e",
    "v6e-8": "tpu-v6e",  # a slice of eight
    "Google Trillium": "tpu-v6e",
    "NVIDIA RTX PRO 6000 Blackwell Workstation Edition": NOT_THERE,
    "GPU": NOT_THERE,
}
ENGINES = {
    "trtllm": "TensorRT-LLM",
    "TRT-LLM 1.0": "TensorRT-LLM",
    "tensorrt_llm": "TensorRT-LLM",
    "TensorRT 10.2.0, CUDA 12.4": "TensorRT-LLM",  # as MLPerf has it
    "sglang-0.5": "SGLang",
    "vllm 0.6.0": "vLLM",
    "NVIDIA Dynamo (vLLM)": "vLLM",
    "huggingface/text-generation-inference:2.0": "TGI",
    "LMDeploy TurboMind 0.2.0": "LMDeploy",
    "DeepSpeed-MII": "DeepSpeed-MII",
    "JetStream-PyTorch": "JetStream-PyTorch",
}
FORMATS = {
    "float16": "bf16",
    "bfloat16": "bf16",
    "fp8_e4m3": "fp8",
    "FP8 (E5M2)": "fp8",
    "e4m3": "fp8",
    "w8a8": "int8",
    "W8A8-FP8": "fp8",
    "awq": "int4",
    "gptq": "int4",
    "w4a16": "int4",
    "int4-awq": "int4",
    "MXFP4": "mxfp4",
    "nvfp4": "nvfp4",
    "q4_k_m": "a number format that the catalog lacks: q4_k_m",
}


def found(ask: Any, *args: str) -> str:
    try:
        return ask(*args)
    except LeaveOut as why:
        return why.reason


@pytest.mark.parametrize("name", LLMS)
def test_an_llm_is_found_by_what_it_is_called_or_left_out(name: str) -> None:
    assert found(NAMES.llm, name).startswith(LLMS[name])


@pytest.mark.parametrize("name", ACCELERATORS)
def test_an_accelerator_is_found_by_what_it_is_called_or_left_out(name: str) -> None:
    assert found(NAMES.accelerator, name).startswith(ACCELERATORS[name])


@pytest.mark.parametrize("table", ["llms", "accelerators"])
def test_what_the_catalog_itself_calls_its_entries_is_found(table: str) -> None:
    ask = NAMES.llm if table == "llms" else NAMES.accelerator
    for id, record in load_catalog().table(table).items():
        assert found(ask, id) == found(ask, str(getattr(record, "hf_repo", id))) == found(ask, id.upper()) == id


def test_every_entry_of_the_tables_of_names_leads_somewhere() -> None:
    for table, ask in (("llms", NAMES.llm), ("accelerators", NAMES.accelerator)):
        assert {name: found(ask, name) for name in tables()[table]} == tables()[table]
    assert set(tables()["precisions"].values()) <= set(load_catalog().precisions)


def test_a_name_that_is_two_is_taken_from_the_other_column() -> None:
    assert NAMES.llm("some-org/Llama-70B", "llama-2-70b") == "llama-2-70b"


@pytest.mark.parametrize("text", ENGINES)
def test_an_engine_is_the_one_that_its_name_holds(text: str) -> None:
    assert engine_of(text) == ENGINES[text]


@pytest.mark.parametrize("text", FORMATS)
def test_a_number_format_is_one_of_the_catalog(text: str) -> None:
    assert found(NAMES.precision, text, "llama-3.1-8b", "h100-sxm") == FORMATS[text]


OPEN = {"metric": "output_tok_s_total", "concurrency_or_batch": ""}
BATCH = {"metric": "output_tok_s_total", "concurrency_or_batch": "16"}
TRT = {"engine": "trtllm", "kv_dtype": ""}
OSS = TRT | {"model": "gpt-oss-120b", "weight_dtype": "mxfp4", "date": ""}
MOE = {"model": "DeepSeek-R1", "gpu": "B200", "weight_dtype": "fp8"}

# Each row: its cells, and the fields that it must be read as; or the start of the reason why it is left out.
READ: dict[str, tuple[dict[str, str], dict[str, Any] | str]] = {
    "four bits of gpt-oss": (OSS | {"weight_dtype": "fp4"}, {"weight_precision": "mxfp4"}),
    "four bits of others on Blackwell": ({"gpu": "B200", "weight_dtype": "FP4"}, {"weight_precision": "nvfp4"}),
    "four bits of others elsewhere": ({"weight_dtype": "fp4"}, "could be mxfp4 or nvfp4: fp4"),
    "the checkpoint's own format": ({"weight_dtype": "auto"}, {"weight_precision": "bf16"}),
    "what the checkpoint is called": (
        {"weight_dtype": "auto", "model": "nvidia/Llama-3.3-70B-Instruct-FP8"},
        {"weight_precision": "fp8"},
    ),
    "no format, but the checkpoint's name": (
        {"weight_dtype": "", "model": "nvidia/Llama-3.3-70B-Instruct-NVFP4"},
        {"weight_precision": "nvfp4"},
    ),
    "no format at all": ({"weight_dtype": ""}, "a number format that the catalog lacks: blank"),
    "a cache of MXFP4 on Hopper": (OSS, {"kv_precision": "bf16"}),
    "a cache of MXFP4 on Blackwell": (OSS | {"gpu": "GB200 NVL72"}, {"kv_precision": "fp8"}),
    "a cache of MXFP4 in vLLM": (OSS | {"engine": "vllm", "gpu": "B200"}, {"kv_precision": "bf16"}),
    "a cache of 4-bit integers": (TRT | {"weight_dtype": "w4a16_awq"}, {"kv_precision": "bf16"}),
    "a cache left to the checkpoint": (TRT | {"weight_dtype": "fp8", "kv_dtype": "auto"}, {"kv_precision": "fp8"}),
    "a cache that is none": (TRT | {"weight_dtype": "fp8", "kv_dtype": "N/A"}, {"kv_precision": "fp8"}),
    "a compiled engine in other letters": ({"engine": "trt-llm", "date": "2024-05"}, {"old_engine": False}),
    "an old engine in other letters": ({"engine": "VLLM", "date": "2024/11/30"}, {"old_engine": True}),
    "a year alone": ({"engine": "vllm", "date": "2024"}, {"old_engine": True}),
    "a month in words": ({"engine": "vllm", "date": "Jan 2025"}, {"old_engine": False}),
    "a day in words": ({"engine": "vllm", "date": "30 November 2024"}, {"old_engine": True}),
    "a day first": ({"engine": "vllm", "date": "31.12.2024"}, {"old_engine": True}),
    "a quarter": ({"engine": "vllm", "date": "Q4 2024"}, {"old_engine": True}),
    "digits alone": ({"engine": "vllm", "date": "20241231"}, {"old_engine": True}),
    "a year of two digits": ({"engine": "vllm", "date": "1/2/25"}, "a date that is not understood: 1/2/25"),
    "a date that does not matter": ({"engine": "trtllm", "date": "last week"}, {"old_engine": False}),
    "a static batch": (BATCH | {"notes": "Static batching, FP16"}, {"static": True, "kind": "e2e"}),
    "static alone": (BATCH | {"notes": "static"}, {"static": True}),
    "statistics": (BATCH | {"notes": "statistics over 3 runs"}, {"static": False, "kind": "load_throughput"}),
    "a static scale": (BATCH | {"notes": "FP8 static, per-tensor"}, {"static": False}),
    "a static cache": (BATCH | {"notes": "static KV cache"}, {"static": False}),
    "no static batch": (BATCH | {"notes": "not a static batch"}, {"static": False}),
    "a closed loop that its maker calls static": (
        BATCH | {"notes": '"static" benchmark = closed loop with fixed lengths at this concurrency'},
        {"static": False, "kind": "load_throughput"},
    ),
    "static without the opposite": (BATCH | {"notes": "static batch, no in-flight batching"}, {"static": True}),
    "first tokens of a library that runs a batch in the process": (
        BATCH | {"metric": "ttft_ms", "engine": "Transformers NeuronX (Neuron 2.18.1)"},
        {"static": True, "kind": "ttft"},
    ),
    "first tokens of prompts that start together": (
        BATCH | {"metric": "ttft_ms", "engine": "LMDeploy", "notes": "all requests start together"},
        {"static": True, "kind": "ttft"},
    ),
    "first tokens of a server": (BATCH | {"metric": "ttft_ms", "engine": "vllm"}, {"static": False}),
    "rates of a library that runs a batch in the process": (
        BATCH | {"engine": "Optimum-Habana / SynapseAI 1.18"},
        {"static": False, "kind": "load_throughput"},
    ),
    "an open loop": (OPEN | {"notes": "Open-Loop arrivals"}, "an open-loop run"),
    "arrivals of Poisson": (OPEN | {"notes": "Poisson arrivals at target 29.5 samples/s"}, "an open-loop run"),
    "a request rate": (OPEN | {"notes": "request rate 4"}, "an open-loop run"),
    "queries per second": (OPEN | {"notes": "QPS=10"}, "an open-loop run"),
    "requests per second": (OPEN | {"notes": "1000 prompts at 5 req/s"}, "an open-loop run"),
    "no limit of the request rate": (OPEN | {"notes": "--request-rate inf"}, {"kind": "max_throughput"}),
    "no limit of queries": (OPEN | {"notes": "QPS = INF"}, {"kind": "max_throughput"}),
    "a rate that came out": (OPEN | {"notes": "all 500 requests sent at once; achieved 2 req/s"}, {"requests": 500}),
    "no open loop": (OPEN | {"notes": "not open-loop"}, {"kind": "max_throughput"}),
    "as many as a multiple": (OPEN | {"notes": "num_prompts=10x concurrency"}, {"requests": None}),
    "all at once, in a word": (OPEN | {"concurrency_or_batch": "inf"}, {"kind": "max_throughput", "concurrency": None}),
    "a concurrency of nothing": (OPEN | {"concurrency_or_batch": "0"}, "a concurrency of 0"),
    "a concurrency of each": (
        BATCH | {"notes": "batch 16 per GPU", "num_gpus": "4", "tp": "4"},
        {"concurrency": 64, "accelerators": 4},
    ),
    "a time in another unit": ({"metric": "ttft_ms", "unit": "s", "concurrency_or_batch": "1"}, "a value in another"),
    "a metric in other letters": (BATCH | {"metric": "TPOT_ms"}, {"metric": "itl_ms", "kind": "itl"}),
    "a pool that only decodes": (BATCH | {"notes": "decode-only, per 8-GPU node"}, "pools that only decode"),
    "prompts in a cache": ({"notes": "INCLUDING cache hits (56 %)"}, "prompts that are partly in a cache"),
    "the same ranks told twice": (
        MOE | {"num_gpus": "8", "tp": "8", "dp": "8"},
        {"accelerators": 8, "tensor_parallel": 1, "data_parallel": 8},
    ),
    "fewer ranks of attention": (
        MOE | {"num_gpus": "8", "tp": "8", "dp": "4"},
        {"tensor_parallel": 2, "data_parallel": 4},
    ),
    "two replicas of ranks told twice": (
        MOE | {"num_gpus": "16", "tp": "8", "dp": "8"},
        {"accelerators": 16, "tensor_parallel": 1, "data_parallel": 8},
    ),
    "ranks that multiply": (
        MOE | {"num_gpus": "16", "tp": "8", "dp": "2"},
        {"tensor_parallel": 8, "data_parallel": 2},
    ),
    "no tensor parallelism told beside ranks of attention": (
        MOE | {"num_gpus": "8", "tp": "", "dp": "4"},
        {"tensor_parallel": 2, "data_parallel": 4},
    ),
    "copies of a dense LLM are replicas": (
        {"num_gpus": "8", "tp": "2", "dp": "4"},
        {"tensor_parallel": 2, "data_parallel": 1, "accelerators": 8},
    ),
    "more ranks than accelerators": ({"num_gpus": "4", "tp": "8"}, "more ranks than accelerators: 8 on 4"),
    "replicas and a half": ({"num_gpus": "12", "tp": "8"}, "12 accelerators are no whole number of replicas of 8"),
    "ranks that do not divide": (MOE | {"num_gpus": "8", "tp": "2", "dp": "6"}, "data parallelism of 6 on 8"),
    "half an accelerator": ({"num_gpus": "0.5", "tp": "1"}, "a count that is not whole, or none: num_gpus 0.5"),
    "no accelerator": ({"num_gpus": "0", "tp": "1"}, "a count that is not whole, or none: num_gpus 0"),
    "nobody says how many": ({"num_gpus": "", "tp": ""}, "how many accelerators is not told"),
    "means of lengths": ({"isl": "301.1", "osl": "4.5"}, {"input_tokens": 301.1, "output_tokens": 4.5}),
}


@pytest.mark.parametrize("case", READ)
def test_a_row_is_read_or_left_out_with_the_reason(case: str, tmp_path: Path) -> None:
    cells, wanted = READ[case]
    (row,) = read_measured(written(tmp_path / "one.csv", {"notes": ""} | cells))
    if isinstance(wanted, str):
        assert isinstance(row, LeftOut) and row.reason.startswith(wanted)
    else:
        assert isinstance(row, Row) and {field: getattr(row, field) for field in wanted} == wanted
