"""Layout: what is against a way to spread a replica over accelerators; and how candidates compare, in single cells."""

from typing import Any

import numpy as np

from xl_econ.core.operations import at_most, ceil_whole, choose, fixed, join, match, pick, total
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION

OF_USE = "fits and meets the limits"
TTFT = "too slow to the first token"
ITL = "too slow between tokens"
BOTH = "too slow to the first token and between tokens"
FEW = "holds fewer sequences than own_concurrency"
POOLS = "is no whole part of the prefill and decode pools"
MEMORY = "does not fit in memory"
CUT = "the LLM cannot be cut like this"
ACROSS = "; spans nodes, a rough estimate"
FREE = "no layout is given"
NONE = "n/a"


@derived("1", "The LLM cannot be cut like this", source=DEFINITION)
def cut_fault(check_tensor_parallel, check_data_parallel, check_pipeline, check_expert_parallel, check_expert_ranks):
    faults = check_tensor_parallel + check_data_parallel + check_pipeline + check_expert_parallel + check_expert_ranks
    return np.where(faults > 0, 1, 0)


@derived("1", "A pool is no whole number of replicas", source=DEFINITION)
def pool_fault(serving_mode_code, prefill_accelerators, decode_accelerators, replica_accelerators, slack):
    """Of the disaggregated mode."""
    prefill_parts, decode_parts = (
        prefill_accelerators / replica_accelerators,
        decode_accelerators / replica_accelerators,
    )
    is_whole = np.logical_and(
        at_most(ceil_whole(prefill_parts, slack), prefill_parts, slack),
        at_most(ceil_whole(decode_parts, slack), decode_parts, slack),
    )
    return choose(serving_mode_code, 0, np.where(is_whole, 0, 1), 0)


@derived("1", "A limit on latency is missed", source=DEFINITION)
def limits_fault(check_limits, serving_state):
    return np.where(np.logical_or(check_limits > 0, serving_state > 1), 1, 0)


@derived("1", "The layout is of no use", source=DEFINITION)
def layout_fault(cut_fault, check_memory, pool_fault, check_concurrency, limits_fault):
    return np.where(cut_fault + check_memory + pool_fault + check_concurrency + limits_fault > 0, 1, 0)


@derived("text", "What is against the layout", source=DEFINITION)
def layout_reason(
    cut_fault,
    check_memory,
    pool_fault,
    check_concurrency,
    limits_fault,
    ttft_ms,
    ttft_slo_ms,
    itl_ms,
    itl_slo_ms,
    slack,
):
    slow = np.where(at_most(ttft_ms, ttft_slo_ms, slack), ITL, BOTH)
    missed = np.where(at_most(itl_ms, itl_slo_ms, slack), TTFT, slow)
    why = np.where(limits_fault > 0, missed, OF_USE)
    why = np.where(check_concurrency > 0, FEW, why)
    why = np.where(pool_fault > 0, POOLS, why)
    why = np.where(check_memory > 0, MEMORY, why)
    return np.where(cut_fault > 0, CUT, why)


# --- in single cells, beside each other ---


def layout_name(tensor: Any, data: Any, pipeline: Any, experts: Any) -> Any:
    """A layout in short, what is 1 left out."""
    groups = np.where(data > 1, join(", DP ", fixed(data, 0)), "")
    stages = np.where(pipeline > 1, join(", PP ", fixed(pipeline, 0)), "")
    return join("TP ", fixed(tensor, 0), groups, stages, np.where(experts > 1, join(", EP ", fixed(experts, 0)), ""))


def first_of(labels: Any) -> Any:
    return pick(labels, 1)


def typed_or(typed: Any, own: Any) -> Any:
    """What is typed; a free cell is that of the scenario."""
    return np.where(typed < 1, own, typed)


def is_out(given: Any, layout_fault: Any, money_state: Any) -> Any:
    """1 for a candidate that does not compete: nothing is given, it is of no use, or it has no price."""
    return np.where(np.logical_or(total(given) < 1, layout_fault + money_state > 0), 1, 0)


def tokens_for_a_dollar(out: Any, cost: Any, slack: Any) -> Any:
    """1 M tokens, also where they cost nothing; 0 for a candidate that does not compete."""
    return np.where(out > 0, 0, 1 / (cost + slack))


def latency_or_none(cut_fault: Any, state: Any, figure: Any) -> Any:
    """Where limits are missed, it is that of the lowest concurrency; where no sequence fits, there is none."""
    return np.where(np.logical_or(cut_fault > 0, np.abs(state - 1) < 1), NONE, figure)


def figure_or_none(cut_fault: Any, state: Any, figure: Any) -> Any:
    return np.where(cut_fault + state > 0, NONE, figure)


def use_words(
    given: Any, layout_fault: Any, money_state: Any, standing: Any, reason: Any, state_labels: Any, nodes: Any
) -> Any:
    """The rank by cost of what competes; or why a candidate does not."""
    ranked = join(fixed(standing, 0), ". ", reason, np.where(nodes > 0, ACROSS, ""))
    priced = np.where(money_state > 0, pick(state_labels, money_state + 1), ranked)
    return np.where(total(given) < 1, FREE, np.where(layout_fault > 0, reason, priced))


def best_place(standings: Any) -> Any:
    return match(1, standings)


def cheaper_words(scenario: Any, place: Any, names: Any, outs: Any, costs: Any, nodes: Any, cents_per_usd: Any) -> Any:
    """Whether another layout is better now than the scenario's own, the first; percent are cents of a dollar."""
    best, own = pick(names, place), join("the ", pick(names, 1), " of ", scenario)
    saved = (1 - pick(costs, place) / pick(costs, 1)) * cents_per_usd
    rough = np.where(pick(nodes, place) > 0, ACROSS, "")
    cheaper = join("Layout ", best, " is now ", fixed(saved, 1), " % cheaper than ", own, rough, ".")
    instead = join("Layout ", best, " fits and meets the limits now; ", own, " does not, or has no price.")
    better = np.where(pick(outs, 1) > 0, instead, cheaper)
    told = np.where(place < 2, join("None of these layouts is cheaper than ", own, "."), better)
    return np.where(pick(outs, place) > 0, "None of these layouts fits, meets the limits and has a price.", told)
