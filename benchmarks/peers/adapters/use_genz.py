"""GenZ: `prefill_moddeling` and `decode_moddeling`, a roofline of each operator, without an engine or a queue.

- Efficiency 0.8, as its notebooks and its site preset it; 1 would be faster still.
- One number format for weights, cache and compute: that of the weights.
- Accelerators and LLMs from its own lists; where they lack one, the datasheet's figures or the architecture, by the
  interfaces that it has for them. Experts are its default kind: none shared, each layer with experts, each of the
  routed width. Sliding windows count as full attention.
- ITL is a decode step of the offered sequences in the middle of the output; time to first token is the prefill of one
  prompt (of all in a static batch). A static batch is its prefill and its steps. A rate is that of the static batch:
  offered, or the best of batches 1, 2, 4, … 2,048 that fit, where all is queued at once.
- It leaves a small file for each step that it computes in a folder of its own beside other temporary files.
"""

from __future__ import annotations

from typing import Any

from answer import Answer, Question, Refused, answer_all, sequences, tokens
from GenZ import decode_moddeling, prefill_moddeling
from GenZ.Models.default_models import ModelConfig

EFFICIENCY = 0.8
FORMATS = {"bf16": "bf16", "fp8": "fp8", "int8": "int8", "int4": "int4", "nvfp4": "fp4", "mxfp4": "fp4"}
SYSTEMS = {
    "a100-sxm-40gb": "A100_40GB_GPU",
    "a100-sxm-80gb": "A100_80GB_GPU",
    "gaudi3": "Gaudi3",
    "gb200": "GB200",
    "h100-sxm": "H100_GPU",
    "mi300x": "MI300X",
}
LLMS = {
    "deepseek-r1": "deepseek-ai/DeepSeek-V3-Base",
    "deepseek-v3": "deepseek-ai/DeepSeek-V3-Base",
    "llama-2-13b": "meta-llama/Llama-2-13B",
    "llama-2-7b": "meta-llama/Llama-2-7B",
    "llama-3-70b": "meta-llama/Llama-3.1-70B",
    "llama-3-8b": "meta-llama/meta-llama-3.1-8b",
    "llama-3.1-70b": "meta-llama/Llama-3.1-70B",
    "llama-3.1-8b": "meta-llama/meta-llama-3.1-8b",
    "llama-3.3-70b": "meta-llama/Llama-3.1-70B",
    "mixtral-8x7b": "mistralai/Mixtral-8x7B",
    "qwen2.5-7b": "Qwen/Qwen2.5-7B",
}
LARGEST = 2048


def predict(question: Question) -> Answer:
    if question["data_parallel"] > 1:
        raise Refused("has no data-parallel attention")
    options = _options(question)
    try:
        return _by_kind(question, options)
    except ValueError as error:
        if "would not fit" in str(error):
            raise Refused("does not fit in memory, by its account") from error
        raise


def _by_kind(question: Question, options: dict[str, Any]) -> Answer:
    if not question["concurrency"]:
        return {"output_tokens_per_s": _most(question, options)}
    batch = sequences(question)
    step_ms = _step_ms(question, options, batch)
    if question["kind"] == "itl":
        return {"itl_ms": step_ms}
    prompts = 1 if question["kind"] == "ttft" and not question["static"] else batch
    first_ms = _prefill_ms(question, options, prompts)
    _, outputs = tokens(question)
    batch_ms = first_ms + (outputs - 1) * step_ms
    return {"ttft_ms": first_ms, "batch_ms": batch_ms, "output_tokens_per_s": batch * outputs / batch_ms * 1000}


def _most(question: Question, options: dict[str, Any]) -> float:
    _, outputs = tokens(question)
    best, batch = 0.0, 1
    while batch <= LARGEST:
        try:
            cycle_ms = _prefill_ms(question, options, batch) + outputs * _step_ms(question, options, batch)
        except ValueError:
            if batch == 1:
                raise
            break
        best, batch = max(best, batch * outputs / cycle_ms * 1000), batch * 2
    return best


def _step_ms(question: Question, options: dict[str, Any], batch: int) -> float:
    inputs, outputs = tokens(question)
    of_output = max(1, outputs // 2)
    found = decode_moddeling(batch_size=batch, Bb=1, input_tokens=inputs, output_tokens=of_output, **options)
    return found["Latency"]


def _prefill_ms(question: Question, options: dict[str, Any], batch: int) -> float:
    return prefill_moddeling(batch_size=batch, input_tokens=tokens(question)[0], **options)["Latency"]


def _options(question: Question) -> dict[str, Any]:
    return {
        "model": LLMS.get(question["llm"]) or _architecture(question),
        "system_name": SYSTEMS.get(question["accelerator"]) or _datasheet(question["accelerator_facts"]),
        "system_eff": EFFICIENCY,
        "bits": FORMATS[question["weight_precision"]],
        "tensor_parallel": int(question["tensor_parallel"]),
    }


def _architecture(question: Question) -> ModelConfig:
    facts = question["llm_facts"]
    if facts["attention"] in ("mla", "hybrid") or "moe_layer_step" in facts:
        raise Refused("has no such architecture (latent or linear attention, experts in every other layer)")
    width = facts.get("expert_intermediate_size") or facts["intermediate_size"]
    return ModelConfig(
        model=question["llm"],
        vocab_size=int(facts["vocab_size"]),
        hidden_size=int(facts["hidden_size"]),
        intermediate_size=int(width),
        num_ffi=2,
        num_decoder_layers=int(facts["layers"]),
        num_attention_heads=int(facts["heads"]),
        num_key_value_heads=int(facts["kv_heads"]),
        head_dim=int(facts["head_dim"]),
        num_experts=int(facts.get("experts", 1)),
        expert_top_k=int(facts.get("active_experts", 1)),
    )


def _datasheet(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "Flops": facts["dense_bf16_tflops"],
        "Memory_size": facts["nominal_memory_gb"],
        "Memory_BW": facts["bandwidth_tb_per_s"] * 1000,
        "ICN": facts["scale_up_gb_per_s"],
        "real_values": True,
    }


if __name__ == "__main__":
    answer_all("genz-llm", predict)
