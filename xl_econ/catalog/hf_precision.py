"""Which number formats a checkpoint's config.json implies, for weights and for the KV cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from xl_econ.catalog.config_file import Values

SIXTEEN_BITS = "bf16"
HALF_BYTE, BYTE = 4, 8
NVFP4_GROUP = 16
FOUR_BIT_METHODS = ("awq", "gptq", "auto-round", "autoround", "awq_marlin", "gptq_marlin")


class Formats(NamedTuple):
    """Ids of the catalog's precisions, and what is to be known about them."""

    weights: str
    kv: str
    notes: tuple[str, ...]


def formats_of(values: Values, around: Values) -> Formats:
    """From `quantization_config`, which stands inside the text part or around it; else from the dtype."""
    found: Any = values.get("quantization_config") or around.get("quantization_config")
    if not isinstance(found, dict):
        return Formats(SIXTEEN_BITS, SIXTEEN_BITS, _dtype_notes(values, around))
    quantised = cast(Values, found)
    weights = sorted(set(_weights(quantised)), key=lambda name: ("nvfp4", "mxfp4", "int4", "fp8", "int8").index(name))
    notes: list[str] = []
    if not weights:
        method = quantised.get("quant_method") or quantised.get("quant_algo")
        notes.append(f"Quantised by {method!r}, which is not known here; weight_precision is that of 16 bits. Set it.")
    if len(weights) > 1 or quantised.get("quant_algo") == "MIXED_PRECISION":
        notes.append(
            f"Mixed formats ({' and '.join(weights) or 'unknown'}): weight_precision is the smallest. Check it."
        )
    return Formats((weights or [SIXTEEN_BITS])[0], _kv(quantised), tuple(notes))


def _dtype_notes(values: Values, around: Values) -> tuple[str, ...]:
    dtype = next((v for part in (values, around) for v in (part.get("torch_dtype"), part.get("dtype")) if v), None)
    known = dtype is None or str(dtype).removeprefix("torch.") in ("bfloat16", "float16", "float32")
    if known and dtype != "float32":
        return ()
    return (f"Stored as {dtype}; engines serve it in 16 bits, which weight_precision says.",)


def _weights(quantised: Values) -> Iterator[str]:
    """Every format of weights that is named; producers spell it in a dozen ways."""
    for key in ("quant_method", "quant_algo", "moe_quant_algo", "fmt", "format"):
        yield from _named(str(quantised.get(key) or "").lower())
    bits = quantised.get("bits") or quantised.get("w_bit")
    if str(quantised.get("quant_method")).lower() in FOUR_BIT_METHODS:
        yield "int8" if bits == BYTE else "int4"
    if quantised.get("load_in_4bit") is True:
        yield "int4"
    if quantised.get("load_in_8bit") is True:
        yield "int8"
    groups: Any = quantised.get("config_groups")
    for group in cast(Values, groups).values() if isinstance(groups, dict) else ():
        yield from _of_group(group)


def _named(text: str) -> Iterator[str]:
    for name in ("nvfp4", "mxfp4"):
        if name in text:
            yield name
    if "fp8" in text or text in ("e4m3", "float-quantized", "float8_e4m3fn"):
        yield "fp8"


def _of_group(group: Any) -> Iterator[str]:
    """A group of compressed-tensors or ModelOpt: bits, kind of number, and size of a block."""
    weights: Any = cast(Values, group).get("weights") if isinstance(group, dict) else None
    if not isinstance(weights, dict):
        return
    told = cast(Values, weights)
    bits, is_float = told.get("num_bits"), told.get("type") == "float"
    if bits == BYTE:
        yield "fp8" if is_float else "int8"
    elif bits == HALF_BYTE and is_float:
        yield "nvfp4" if told.get("group_size") == NVFP4_GROUP else "mxfp4"
    elif bits == HALF_BYTE:
        yield "int4"


def _kv(quantised: Values) -> str:
    """8 bits where the checkpoint brings scales for the cache."""
    scheme: Any = quantised.get("kv_cache_scheme") or quantised.get("kv_cache_quant_algo")
    if isinstance(scheme, dict):
        return "fp8" if cast(Values, scheme).get("num_bits") == BYTE else SIXTEEN_BITS
    return "fp8" if "fp8" in str(scheme or "").lower() else SIXTEEN_BITS
