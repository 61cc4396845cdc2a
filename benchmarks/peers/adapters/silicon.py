"""What AIConfigurator and AISimulate share: names of accelerators, LLMs and engines, versions of measured kernels."""

from __future__ import annotations

import functools
import json
import re
import tempfile
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from answer import Answer, Question, Refused
from packaging.version import Version

SYSTEMS = {
    "a100-sxm-80gb": "a100_sxm",
    "a100-pcie-80gb": "a100_pcie",
    "b200-sxm": "b200_sxm",
    "gb200": "gb200",
    "h100-sxm": "h100_sxm",
    "h200-sxm": "h200_sxm",
    "l40s": "l40s",
    "rtx-pro-6000-server": "rtx_pro_6000_server",
}
VERSIONS_TRIED = 3
LACKING = ("PerfDataNotAvailable", "perf data", "unsupported model/backend/GPU")
"""What they say where a version lacks measured kernels."""
BACKENDS = {"TensorRT-LLM": "trtllm", "vLLM": "vllm", "SGLang": "sglang"}
SHIPPED = {
    "deepseek-r1": "deepseek-ai/DeepSeek-R1",
    "deepseek-v3": "deepseek-ai/DeepSeek-V3",
    "gpt-oss-120b": "openai/gpt-oss-120b",
    "kimi-k2": "moonshotai/Kimi-K2.5",  # the same shape
    "llama-3-70b": "meta-llama/Meta-Llama-3.1-70B",  # the same shape
    "llama-3-8b": "meta-llama/Meta-Llama-3.1-8B",  # the same shape
    "llama-3.1-70b": "meta-llama/Meta-Llama-3.1-70B",
    "llama-3.1-8b": "meta-llama/Meta-Llama-3.1-8B",
    "llama-3.3-70b": "meta-llama/Meta-Llama-3.1-70B",  # the same shape
    "llama-4-maverick": "meta-llama/Llama-4-Maverick-17B-128E-Instruct",
    "llama-4-scout": "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    "minimax-m2": "MiniMaxAI/MiniMax-M2.5",  # the same shape
    "mixtral-8x7b": "mistralai/Mixtral-8x7B-v0.1",
    "qwen3-30b-a3b": "Qwen/Qwen3-30B-A3B",
    "qwen3-32b": "Qwen/Qwen3-32B",
    "qwen3-coder-480b-a35b": "Qwen/Qwen3-Coder-480B-A35B-Instruct",
    "qwen3.5-397b-a17b": "Qwen/Qwen3.5-397B-A17B",
}
ARCHITECTURES = {"llama": "LlamaForCausalLM", "qwen2.5": "Qwen2ForCausalLM"}
"""Of dense LLMs that no config.json ships for, by the beginning of their ids."""
NATIVE = {
    "deepseek-r1": "fp8",
    "deepseek-v3": "fp8",
    "gpt-oss-120b": "mxfp4",
    "kimi-k2": "int4",
    "minimax-m2": "fp8",
}
"""The number format of the checkpoint, where it is not bf16."""


def known(question: Question) -> None:
    """Raises Refused for what they have no data of: the accelerator first, then the engine."""
    on, of = system(question), backend(question)
    if not _versions(on, of):
        raise Refused(f"has no data of {of} on {on}")


def system(question: Question) -> str:
    if name := SYSTEMS.get(question["accelerator"]):
        return name
    raise Refused(f"has no accelerator {question['accelerator']}")


def backend(question: Question) -> str:
    engine = (question["engine"] or "not told").split()[0]
    if name := BACKENDS.get(engine):
        return name
    raise Refused(f"has no engine {engine}")


def backend_versions(question: Question) -> list[str]:
    """The measured versions, nearest to the row's first; the newest first where the row tells none."""
    there = sorted(_versions(system(question), backend(question)), key=_order, reverse=True)
    found = re.search(r"\d+\.\d+[\w.]*", question["engine"])
    wanted = _order(found[0]) if found else ()
    return sorted(there, key=lambda one: _distance(_order(one), wanted))[:VERSIONS_TRIED]


def first_with_data(attempts: Iterable[Callable[[], Answer]]) -> Answer:
    """The first that does not lack measured kernels."""
    for attempt in attempts:
        try:
            return attempt()
        except Exception as error:
            if not any(words in repr(error) for words in LACKING):
                raise
    raise Refused("has no measured kernels for it")


@functools.cache
def _versions(on: str, of: str) -> tuple[str, ...]:
    from aiconfigurator.sdk.perf_database import get_supported_databases

    return tuple(get_supported_databases().get(on, {}).get(of, ()))


def _order(text: str) -> tuple[int, ...]:
    """Version 0.20-0.21 counts as 0.20, 1.1+ as 1.1, and a nightly build as none."""
    found = re.match(r"\d+(\.\d+)*(rc\d+)?", text)
    if not found:
        return ()
    read = Version(found[0])
    return (read.major, read.minor, read.micro, read.pre[1] if read.pre else 99)


def _distance(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(abs(left - right) for left, right in zip(one, other, strict=False))


def shape(question: Question) -> str:
    """The LLM by its shipped name, or a folder with a config.json, as the documentation offers."""
    from aiconfigurator_core.sdk.common import get_default_models

    shipped = SHIPPED.get(question["llm"])
    known_by_name = shipped in get_default_models()
    return shipped if shipped and known_by_name else _folder(question["llm"], json.dumps(_config_of(question)), "")


def quantised(question: Question) -> str:
    """The LLM in the row's number formats: a folder whose hf_quant_config.json tells them."""
    weights, cache = question["weight_precision"], question["kv_precision"]
    native = NATIVE.get(question["llm"], "bf16")
    if weights == native and cache == "bf16":
        return shape(question)
    config = _config_of(question)
    if weights != native:
        config.pop("quantization_config", None)
    algorithms = {"bf16": None, "fp8": "FP8", "nvfp4": "NVFP4", native: None}
    if weights not in algorithms:
        raise Refused(f"cannot be told {weights} weights")
    told = {"quant_algo": algorithms[weights], "kv_cache_quant_algo": "FP8" if cache == "fp8" else None}
    quantisation = {"quantization": {name: value for name, value in told.items() if value}}
    return _folder(question["llm"], json.dumps(config), json.dumps(quantisation))


def _config_of(question: Question) -> dict[str, Any]:
    shipped = SHIPPED.get(question["llm"])
    if not shipped:
        return _dense_config(question)
    name = f"{shipped.replace('/', '--')}_config.json"
    return json.loads((resources.files("aiconfigurator_core") / "model_configs" / name).read_text("utf-8"))


def _dense_config(question: Question) -> dict[str, Any]:
    facts = question["llm_facts"]
    names = (name for begins, name in ARCHITECTURES.items() if question["llm"].startswith(begins))
    architecture = next(names, None)
    if not architecture or "experts" in facts:
        raise Refused(f"has no LLM {question['llm']}")
    return {
        "architectures": [architecture],
        "hidden_size": int(facts["hidden_size"]),
        "intermediate_size": int(facts["intermediate_size"]),
        "max_position_embeddings": int(facts["max_context_tokens"]),
        "num_attention_heads": int(facts["heads"]),
        "num_hidden_layers": int(facts["layers"]),
        "num_key_value_heads": int(facts["kv_heads"]),
        "torch_dtype": "bfloat16",
        "vocab_size": int(facts["vocab_size"]),
    }


@functools.cache
def _folder(name: str, config: str, quantisation: str) -> str:
    """Made once for each content, and gone with the process."""
    _KEPT.append(kept := tempfile.TemporaryDirectory(prefix=f"{name}-"))
    folder = Path(kept.name)
    (folder / "config.json").write_text(config, "utf-8")
    if quantisation:
        (folder / "hf_quant_config.json").write_text(quantisation, "utf-8")
    return str(folder)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def experts_split(question: Question) -> tuple[int, int] | None:
    """Tensor and expert parallelism of the experts. None for a dense LLM."""
    if "experts" not in question["llm_facts"]:
        return None
    tensor, data = int(question["tensor_parallel"]), int(question["data_parallel"])
    expert = int(question["expert_parallel"])
    return tensor * data // expert, expert
