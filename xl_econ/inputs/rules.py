"""Rules across inputs: combinations that no accelerator can run. The model's own checks decide."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.model import model_graph

Row = dict[str, Any]


def _does_not_fit(row: Row) -> str:
    need = int(row["min_accelerators"])
    return (
        f"{row['llm']} does not fit: its weights take {row['weights_gb']:,.1f} GB, so it needs at least {need} "
        f"accelerators with room for KV cache, and TP x DP x PP gives {int(row['replica_accelerators'])} of "
        f"{row['usable_memory_gb']:,.1f} GB each. Raise tensor_parallel or pipeline_parallel, use a smaller "
        "weight_precision, or another accelerator."
    )


def _does_not_divide(row: Row) -> str:
    heads = int(row["llm_heads"])
    return (
        f"tensor_parallel is {int(row['tensor_parallel'])}, but {row['llm']} has {heads} attention heads, "
        f"which {int(row['tensor_parallel'])} does not divide. Use {_divisors(heads)}."
    )


def _divisors(count: int) -> str:
    *others, last = [str(n) for n in range(1, max(1, count) + 1) if count % n == 0]
    return f"{', '.join(others)} or {last}" if others else last


def _no_experts(row: Row) -> str:
    return (
        f"data_parallel is {int(row['data_parallel'])}, but {row['llm']} has no experts to spread over it. "
        "Use data_parallel 1 and more replicas."
    )


def _no_experts_to_keep_whole(row: Row) -> str:
    return (
        f"expert_parallel is {int(row['expert_parallel'])}, but {row['llm']} has no experts to keep whole. "
        "Use expert_parallel 1."
    )


def _uneven_experts(row: Row) -> str:
    stage, experts = int(row["stage_accelerators"]), int(row["expert_parallel"])
    return (
        f"expert_parallel is {experts}, which does not divide the {stage} accelerators of a stage (TP x DP). "
        f"Use {_divisors(stage)}."
    )


def _too_many_stages(row: Row) -> str:
    return (
        f"pipeline_parallel is {int(row['pipeline_parallel'])}, but {row['llm']} has {int(row['llm_layers'])} layers, "
        f"and each stage needs one. Use {int(row['llm_layers'])} at most."
    )


def _no_pools(row: Row) -> str:
    return (
        "serving_mode is disaggregated, but a pool has no accelerators. "
        "Set prefill_accelerators and decode_accelerators."
    )


def _no_price(row: Row) -> str:
    return (
        f"the catalog has no rent for {row['accelerator']} ({row['rent_term']}). Choose another rent_term, or set "
        'usd_per_accelerator_h_from = "own" and give own_usd_per_accelerator_h.'
    )


def _not_to_be_owned(row: Row) -> str:
    lacking, what = ("purchase price", "accelerator_purchase_usd") if row["check_purchase"] else ("power", "rated_kw")
    return (
        f"procurement is own, but the catalog has no {lacking} of {row['accelerator']}. "
        f'Set {what}_from = "own" and give own_{what}.'
    )


def _contract_too_long(row: Row) -> str:
    life = int(row["cloud_life_years"])
    return (
        f"cloud_term_years is {int(row['cloud_term_years'])}, but the GPU cloud's accelerator is in service for {life} "
        f"years. Use {life} at most, or raise cloud_life_years."
    )


# Each rule is a check of the model (1 where it is broken), the input to mend, and its words.
RULES: dict[str, tuple[str, Callable[[Row], str]]] = {
    "check_memory": ("tensor_parallel", _does_not_fit),
    "check_tensor_parallel": ("tensor_parallel", _does_not_divide),
    "check_data_parallel": ("data_parallel", _no_experts),
    "check_pipeline": ("pipeline_parallel", _too_many_stages),
    "check_expert_parallel": ("expert_parallel", _no_experts_to_keep_whole),
    "check_expert_ranks": ("expert_parallel", _uneven_experts),
    "check_pools": ("serving_mode", _no_pools),
    "check_price": ("usd_per_accelerator_h_from", _no_price),
    "check_owned_price": ("procurement", _not_to_be_owned),
    "check_cloud_term": ("cloud_term_years", _contract_too_long),
}
SHOWN = [
    "llm",
    "accelerator",
    "rent_term",
    "check_purchase",
    "llm_heads",
    "llm_layers",
    "tensor_parallel",
    "data_parallel",
    "pipeline_parallel",
    "expert_parallel",
    "stage_accelerators",
    "min_accelerators",
    "weights_gb",
    "replica_accelerators",
    "usable_memory_gb",
    "cloud_life_years",
    "cloud_term_years",
]


def rule_problems(
    given: Mapping[str, Any], names: list[str], at: Callable[[str, str], str], leave: Container[str] = ()
) -> list[str]:
    """Every broken rule of every scenario but those to leave, with the place of the input to mend."""
    values = evaluate(model_graph(), given, [*RULES, *SHOWN])
    rows = [{name: np.broadcast_to(value, len(names))[i] for name, value in values.items()} for i in range(len(names))]
    return [
        f"{at(name, mend)}: {words(row)}"
        for name, row in zip(names, rows, strict=True)
        for check, (mend, words) in RULES.items()
        if row[check] and name not in leave
    ]
