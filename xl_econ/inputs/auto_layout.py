"""Auto layout: what a study leaves open is the cheapest layout that fits and meets the limits, written as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.inputs.layouts import (
    MOST_ACCELERATORS,
    Candidate,
    arrays_of,
    given_of,
    grid,
    is_broken,
    near,
    ranked,
)
from xl_econ.inputs.scenario import AUTO, LAYOUT, LAYOUT_INPUTS, Scenario, ScenarioBase
from xl_econ.model import model_graph
from xl_econ.model.declare import ORIGINS
from xl_econ.model.layout import BOTH, FEW, ITL, MEMORY, POOLS, TTFT

if TYPE_CHECKING:
    from xl_econ.inputs.study import Study

GIVEN = "given"
NEAREST = 3
"""Accelerators that a message names."""
ROOM = (
    "weights_gb",
    "min_accelerators",
    "weights_gb_per_accelerator",
    "usable_memory_gb",
    "peak_context_tokens",
    "kv_gb_per_sequence",
    "kv_shards",
)
FITTING = ("check_memory", "price_state", "scale_up_domain", "replica_accelerators", "accelerator_memory_gb")
Spot = Callable[[str, str], str]
Choices = dict[str, str]


class Decided(NamedTuple):
    """A study whose layouts are numbers, what was chosen and why, and by scenario why nothing could be."""

    study: Study
    chosen: list[str]
    problems: dict[str, str]


def taken_apart(
    table: Mapping[str, Any], spot: Callable[[str], str], problems: list[str]
) -> tuple[dict[str, Any], str]:
    """A scenario's inputs, and its choice of layout: "auto", "given", or "" where it is left out."""
    inputs = dict(table)
    choice = inputs.pop(LAYOUT, "")
    if LAYOUT in table and choice not in (AUTO, GIVEN):
        problems.append(
            f'{spot(LAYOUT)}: it is {choice!r}, but must be "{AUTO}" (the cheapest that fits and meets the limits) '
            f'or "{GIVEN}" (the numbers in {", ".join(LAYOUT_INPUTS)}).'
        )
        return inputs, ""
    return inputs, str(choice)


def with_layouts(study: Study, choices: Choices, at: Spot) -> Decided:
    """The study with a layout wherever one is to be chosen.

    A scenario after the first follows the choice of the first, unless it gives a number of the layout itself.
    """
    scenarios, chosen, problems = dict(study.scenarios), list[str](), dict[str, str]()
    base = next(iter(scenarios))
    for place, (name, scenario) in enumerate(study.scenarios.items()):
        gives = any(number in scenario.overrides for number in LAYOUT_INPUTS)
        choice = choices.get(name) or (GIVEN if gives else choices.get(base, ""))
        if choice != AUTO:
            continue
        given = given_of(study, place)
        found = ranked(given)
        if not found:
            continue  # the LLM cannot be cut at all, which the rules tell
        if not found[0].is_usable:
            problems[name] = f"{at(name, LAYOUT)}: {_why_none(given, found)}"
        elif choices.get(name) or _layout(scenarios[base]) != found[0].layout:
            scenarios[name] = Scenario(**(scenario.overrides | found[0].layout._asdict()))
            chosen.append(f"{at(name, LAYOUT)}: {_chosen(found)}")
    return Decided(study.model_copy(update={"scenarios": scenarios}), chosen, problems)


def _layout(scenario: ScenarioBase) -> tuple[Any, ...]:
    return tuple(scenario.overrides.get(name) for name in LAYOUT_INPUTS)


# --- words ---


def _chosen(found: list[Candidate]) -> str:
    best, *others = [candidate for candidate in found if candidate.is_usable]
    what = f"{best.layout} ({_counted(best.replica_accelerators)} per replica), {_cost(best)}"
    why = f"the cheapest of {len(others) + 1} layouts that fit and meet the limits"
    more = f"; next is {others[0].layout}, {_cost(others[0])}" if others else ""
    inside = next((f" ({each.layout}: {_cost(each)})" for each in others if not each.across_nodes), "")
    rough = f"; it spans nodes, which is a rough estimate: compare the cheapest inside one{inside}"
    return f"{what}: {why}{more}{rough if best.across_nodes else ''}."


def _counted(accelerators: int) -> str:
    return f"{accelerators} accelerator{'s' if accelerators > 1 else ''}"


def _cost(candidate: Candidate) -> str:
    cost = candidate.usd_per_m_tokens
    return "no price" if cost is None else f"{cost:,.3f} USD per 1 M tokens"


def _why_none(given: Mapping[str, Any], found: list[Candidate]) -> str:
    """What would help, where no layout is of use."""
    who = f"{given['llm']} on {given['accelerator']}"
    fitting = [candidate for candidate in found if candidate.fits]
    if not fitting:
        return f"{who} fits on no layout of up to {MOST_ACCELERATORS} accelerators: {_lack(given)} {_would_fit(given)}"
    counted = Counter(candidate.reason for candidate in found)
    reasons = "; ".join(f"{reason} ({count})" for reason, count in counted.items())
    return (
        f"{who} has {len(found)} layouts, and none is of use: {reasons}.{_quickest(given, fitting)} {_remedy(counted)}"
    )


def _quickest(given: Mapping[str, Any], fitting: list[Candidate]) -> str:
    """How near the layouts come to the limits that they miss, as sentences."""
    said = ""
    for name, limit in (("ttft_ms", "ttft_slo_ms"), ("itl_ms", "itl_slo_ms")):
        best = min(fitting, key=lambda each: getattr(each, name))
        if getattr(best, name) > given[limit]:
            said += (
                f" The best {name} is {getattr(best, name):,.1f} ({best.layout}), and {limit} is {given[limit]:,.1f}."
            )
    return said


def _remedy(counted: Mapping[str, int]) -> str:
    ways = {
        TTFT: "raise ttft_slo_ms",
        ITL: "raise itl_slo_ms",
        BOTH: "raise ttft_slo_ms and itl_slo_ms",
        FEW: "lower own_concurrency",
        POOLS: "set prefill_accelerators and decode_accelerators to multiples of a replica",
        MEMORY: "use a smaller weight_precision",
    }
    mending = [way for reason, way in ways.items() if reason in counted]
    words = f"{', '.join(mending)}, or use another accelerator."
    return words[0].upper() + words[1:]


def _lack(given: Mapping[str, Any]) -> str:
    """How much memory is missing in the roomiest layout."""
    layouts = near(given)
    arrays = dict(given) | arrays_of(layouts)
    found = evaluate(model_graph(), arrays, ROOM)
    values = {name: np.broadcast_to(value, len(layouts)) for name, value in found.items()}
    spread = values["kv_shards"] * arrays["data_parallel"] * arrays["pipeline_parallel"]
    lack = values["weights_gb_per_accelerator"] + values["kv_gb_per_sequence"] / spread - values["usable_memory_gb"]
    lack[is_broken(arrays, len(layouts))] = np.inf
    best = int(np.argmin(lack))
    return (
        f"its weights take {values['weights_gb'][best]:,.1f} GB, which alone needs "
        f"{_counted(int(values['min_accelerators'][best]))}, and a sequence of "
        f"{int(values['peak_context_tokens'][best]):,} tokens takes {values['kv_gb_per_sequence'][best]:,.2f} GB. The "
        f"roomiest layout ({layouts[best]}) lacks {lack[best]:,.1f} GB of {values['usable_memory_gb'][best]:,.1f} GB "
        "on each."
    )


def _would_fit(given: Mapping[str, Any]) -> str:
    """The next larger accelerators, and the precisions of weights, that would do."""
    catalog = given[ORIGINS][0]
    larger = _fitting(dict(given) | {"accelerator_memory_gb_from": catalog}, "accelerator", "accelerators.id")
    formats = _fitting(given, "weight_precision", "precisions.id")
    named = sorted(larger.items(), key=lambda item: item[1])[:NEAREST]
    ways = [f"weight_precision {', '.join(formats)}"] if formats else []
    ways += [f"accelerator {', '.join(f'{id} ({int(count)} of them)' for id, (_, count) in named)}"] if named else []
    shorter = "shorten input_tokens and output_tokens, or take a smaller LLM"
    return f"It would fit with {'; or with '.join(ways)}." if ways else f"Nothing in the catalog holds it: {shorter}."


def _fitting(given: Mapping[str, Any], choice: str, column: str) -> dict[str, tuple[float, float]]:
    """Labels of a choice with which some layout fits, each with its memory and the fewest accelerators."""
    layouts = grid()
    labels = np.repeat([label for label in given[column] if label], len(layouts))
    cut = {name: np.tile(values, len(labels) // len(layouts)) for name, values in arrays_of(layouts).items()}
    rows = dict(given) | cut | {choice: labels}
    found = evaluate(model_graph(), rows, FITTING)
    values = {name: np.broadcast_to(value, len(labels)) for name, value in found.items()}
    fits = np.logical_and(values["check_memory"] < 1, values["price_state"] < 1)
    fits &= np.logical_and(cut["tensor_parallel"] <= values["scale_up_domain"], ~is_broken(rows, len(labels)))
    best: dict[str, tuple[float, float]] = {}
    for row in np.flatnonzero(fits):
        each = float(values["accelerator_memory_gb"][row]), float(values["replica_accelerators"][row])
        best[str(labels[row])] = min(each, best.get(str(labels[row]), each))
    return best
