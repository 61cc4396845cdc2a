"""Registry: what practitioners call as functions. An entry names the quantity and its arguments; the rest follows.

An argument is a quantity of the model, given or derived: a derived one is taken as it is told, and nothing that
only it needs is computed. What the arguments leave open is as in the first scenario of the workbook, and where there
is no workbook, as in the standard study.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xl_econ.core.expr import Expr, Ref
from xl_econ.core.operations import valid
from xl_econ.core.quantity import Bounds, Derived, Quantity
from xl_econ.inputs.scenario import decided, labels_of
from xl_econ.model import model_graph

LONGEST_HELP = 255
"""Characters that Excel shows of a help text."""
BOUNDED_AS = {
    "arrival_requests_per_s": "demand_requests_per_s",
    "rent_usd_per_accelerator_h": "own_usd_per_accelerator_h",
}
"""Inputs whose bounds hold for a derived quantity that no own value replaces."""


@dataclass(frozen=True)
class Argument:
    """An argument: a quantity of the model that the caller tells."""

    name: str

    @property
    def quantity(self) -> Quantity:
        return model_graph()[self.name]

    @property
    def is_text(self) -> bool:
        return self.quantity.unit == "text"

    @functools.cached_property
    def bounds(self) -> Bounds:
        """What it may be; a derived quantity has the bounds of the own value that may replace it."""
        like = (self.name, f"own_{self.name}", f"given_{self.name}", BOUNDED_AS.get(self.name, ""))
        return next(decided()[name] for name in like if name in decided()).bounds

    @functools.cached_property
    def labels(self) -> list[str]:
        """What a text may be."""
        return labels_of(decided()[self.name])

    @property
    def help(self) -> str:
        """Meaning, unit and bounds."""
        quantity = self.quantity
        if self.is_text:
            column = str(decided()[self.name].choices).partition(".")[0]
            many = f"as on the sheet Catalog, or by `xl-econ list {column}`"
            where = many if len(self.labels) > 10 else ", ".join(self.labels)
            return f"{quantity.label}: {where}"[:LONGEST_HELP]
        unit = quantity.shown_unit and f", in {quantity.unit}"
        return f"{quantity.label}{unit}: {self.bounds}"[:LONGEST_HELP]


@dataclass(frozen=True)
class Function:
    """A function of Excel and Python. `check` is a check of the model that must not fail."""

    name: str
    quantity: str
    arguments: tuple[str, ...]
    check: str | None = None

    @property
    def result(self) -> Derived:
        found = model_graph()[self.quantity]
        assert isinstance(found, Derived)
        return found

    @functools.cached_property
    def args(self) -> tuple[Argument, ...]:
        return tuple(map(Argument, self.arguments))

    @functools.cached_property
    def results(self) -> tuple[str, ...]:
        """What it takes from the model: its quantity, and its check."""
        return (self.quantity, self.check) if self.check else (self.quantity,)

    @property
    def needed(self) -> set[str]:
        """All quantities that the result is computed from, not going past the arguments."""
        return model_graph().needs(self.results, stop_at=self.arguments)

    def combine(self, value: Any, fault: Any = None) -> Any:
        """The result, no number where the check fails; on values, or on symbols."""
        return value if self.check is None else valid(fault, value)

    @property
    def tree(self) -> Expr:
        """The result as a formula."""
        return self.combine(*map(Ref, self.results))

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})"

    @property
    def help(self) -> str:
        """What it gives, in what unit, and the first paragraph of what it says of itself."""
        unit = self.result.shown_unit and f" ({self.result.unit})"
        note = self.result.note.partition("\n\n")[0]
        failing = f" #NUM! unless: {model_graph()[self.check].label}." if self.check else ""
        return f"{self.result.label}{unit}.{failing} {' '.join(note.split())}".strip()[:LONGEST_HELP]


DEPLOYED = ("llm", "accelerator", "weight_precision", "kv_precision", "tensor_parallel")
LENGTHS = ("input_tokens", "output_tokens")
RUNNING = (*DEPLOYED, *LENGTHS, "concurrency")
PRICED = (*RUNNING, "usd_per_accelerator_h", "utilisation")
FITS, RUNS = "check_memory", "check_running"

FUNCTIONS: tuple[Function, ...] = (
    # memory
    Function("WEIGHTS_GB", "weights_gb", ("llm", "weight_precision")),
    Function("KV_MB_PER_TOKEN", "kv_mb_per_token", ("llm", "kv_precision")),
    Function("KV_GB_PER_SEQUENCE", "kv_gb_per_sequence", ("llm", "kv_precision", *LENGTHS)),
    Function("MIN_ACCELERATORS", "min_accelerators", ("llm", "accelerator", "weight_precision")),
    Function("KV_CAPACITY_TOKENS", "kv_capacity_tokens", (*DEPLOYED, *LENGTHS), FITS),
    Function("MEMORY_CONCURRENCY", "memory_concurrency", (*DEPLOYED, *LENGTHS)),
    # time
    Function("PREFILL_MS", "prefill_ms", (*DEPLOYED, *LENGTHS), FITS),
    Function("DECODE_STEP_MS", "decode_step_ms", RUNNING, RUNS),
    Function("TTFT_MS", "ttft_ms", RUNNING, RUNS),
    Function("ITL_MS", "itl_ms", RUNNING, RUNS),
    Function("ALLREDUCE_MS", "communication_ms", ("llm", "accelerator", "tensor_parallel", "input_tokens")),
    Function("SPEC_DECODE_SPEEDUP", "draft_speedup", ("draft_tokens", "draft_acceptance", "draft_step_share")),
    # throughput
    Function("OUTPUT_TOKENS_PER_S", "replica_output_tokens_per_s", RUNNING, RUNS),
    Function("INPUT_TOKENS_PER_S", "unit_input_tokens_per_s", RUNNING, RUNS),
    Function("OUTPUT_TOKENS_PER_S_PER_ACCELERATOR", "output_tokens_per_s_per_accelerator", RUNNING, RUNS),
    Function("CONCURRENCY_AT_ITL", "best_concurrency", (*DEPLOYED, *LENGTHS, "ttft_slo_ms", "itl_slo_ms"), FITS),
    # cost
    Function("USD_PER_M_OUTPUT", "usd_per_m_output_tokens", PRICED, RUNS),
    Function("USD_PER_M_INPUT", "usd_per_m_input_tokens", PRICED, RUNS),
    Function("USD_PER_M_BLENDED", "usd_per_m_tokens", PRICED, RUNS),
    # an owned accelerator
    Function("CRF", "crf", ("wacc", "life_years")),
    Function(
        "ACCELERATOR_HOUR_OWNED",
        "owned_usd_per_accelerator_h",
        ("accelerator", "accelerator_purchase_usd", "wacc", "life_years", "utilisation"),
        "check_power",
    ),
    Function("USD_PER_M_CACHED_INPUT", "usd_per_m_cached_input_tokens", PRICED, RUNS),
    Function("USD_PER_K_REQUESTS", "usd_per_k_requests", PRICED, RUNS),
    # the catalog
    Function("LLM_PARAMS_B", "llm_catalog_params_b", ("llm",)),
    Function("LLM_LAYERS", "llm_layers", ("llm",)),
    Function("LLM_HIDDEN_SIZE", "llm_hidden_size", ("llm",)),
    Function("LLM_KV_HEADS", "llm_kv_heads", ("llm",)),
    Function("LLM_EXPERTS", "llm_experts", ("llm",)),
    Function("LLM_MAX_CONTEXT_TOKENS", "llm_max_context_tokens", ("llm",)),
    Function("LLM_ACTIVE_PARAMS_B", "active_params_b", ("llm",)),
    Function("ACC_MEMORY_GB", "accelerator_catalog_memory_gb", ("accelerator",)),
    Function("ACC_BANDWIDTH_TB_PER_S", "catalog_bandwidth_tb_per_s", ("accelerator",)),
    Function("ACC_TFLOPS", "catalog_peak_tflops", ("accelerator", "weight_precision")),
    Function("ACC_USD_PER_H", "catalog_usd_per_accelerator_h", ("accelerator",)),
    Function("ACC_PURCHASE_USD", "catalog_purchase_usd", ("accelerator",)),
    Function("HOSTED_INPUT_USD_PER_M", "hosted_usd_per_m_input_tokens", ("hosted",)),
    Function("HOSTED_OUTPUT_USD_PER_M", "hosted_usd_per_m_output_tokens", ("hosted",)),
    Function("HOSTED_USD_PER_M", "hosted_usd_per_m_tokens", ("hosted", *LENGTHS)),
    Function(
        "BREAK_EVEN_M_TOKENS",
        "break_even_m_tokens_per_day",
        (*RUNNING, "usd_per_accelerator_h", "hosted"),
        "break_even_missing",
    ),
    # provider and value chain
    Function(
        "PROVIDER_PROFIT_USD",
        "provider_result_usd",
        ("accelerator", "rent_usd_per_accelerator_h", "provider_years", "provider_sold_share"),
    ),
)
"""In the order of the sheet Functions. A new headline quantity becomes a function by one line here."""


@functools.cache
def registry() -> Mapping[str, Function]:
    """The functions by name."""
    return {function.name: function for function in FUNCTIONS}
