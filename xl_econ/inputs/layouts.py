"""Layouts: the ways to spread a replica over accelerators, all evaluated at once, the cheapest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.core.problems import Problems
from xl_econ.inputs.scenario import LAYOUT_INPUTS, decided
from xl_econ.model import model_graph

if TYPE_CHECKING:
    from xl_econ.inputs.study import Study

MOST_ACCELERATORS = 64
"""Of one replica: a search needs an end."""
STAGES = (1, 2, 4, 8)
STRUCTURE = (
    "check_tensor_parallel",
    "check_data_parallel",
    "check_pipeline",
    "check_expert_parallel",
    "check_expert_ranks",
)
"""Checks of the model that say whether an LLM can be cut like that at all."""
FIGURES = ("concurrency", "ttft_ms", "itl_ms", "output_tokens_per_s", "accelerators", "usd_per_m_tokens")
STATES = ("check_memory", "check_concurrency", "check_limits", "serving_state", "money_state", "check_nodes")
POOLS_OF = ("prefill_accelerators", "decode_accelerators")
DISAGGREGATED = "disaggregated"
REASONS = (
    "too slow to the first token",
    "too slow between tokens",
    "too slow to the first token and between tokens",
    "holds fewer sequences than own_concurrency",
    "is no whole part of the prefill and decode pools",
    "does not fit in memory",
)
"""Why a layout is of no use, the nearest miss first."""
TTFT, ITL, BOTH, FEW, POOLS, MEMORY = range(len(REASONS))
USABLE = -1
Arrays = dict[str, Any]


class Layout(NamedTuple):
    """How a replica is cut; the fields are the inputs of these names."""

    tensor_parallel: int
    data_parallel: int
    pipeline_parallel: int
    expert_parallel: int

    def __str__(self) -> str:
        more = [f"{short} {count}" for short, count in zip(("DP", "PP", "EP"), self[1:], strict=True) if count > 1]
        return ", ".join([f"TP {self.tensor_parallel}", *more])


@dataclass(frozen=True)
class Candidate:
    """A layout and what it gives. Figures are None where there are none.

    Where no concurrency meets the limits, `ttft_ms` and `itl_ms` are those of the lowest concurrency.
    """

    layout: Layout
    replica_accelerators: int
    fits: bool
    meets_limits: bool
    across_nodes: bool
    """A stage is larger than the scale-up domain: its communication is a rough estimate."""
    is_given: bool
    """It is the layout that the scenario has now."""
    reason: str
    """Why it is of no use; empty if it is of use."""
    concurrency: float | None
    ttft_ms: float | None
    itl_ms: float | None
    output_tokens_per_s: float | None
    accelerators: float | None
    usd_per_m_tokens: float | None

    @property
    def is_usable(self) -> bool:
        return not self.reason

    def as_json(self) -> dict[str, Any]:
        """Flat, the layout as its inputs."""
        fields = {name: value for name, value in vars(self).items() if name != "layout"}
        return self.layout._asdict() | fields | {"reason": self.reason or None}


def candidates(study: Study, scenario: str) -> list[Candidate]:
    """The sensible layouts of a scenario, and its own: usable ones by cost, then the others with the reason.

    Of equal cost, the replica with fewer accelerators comes first, then the one with more output. Raises Problems
    for a scenario that the study has not.
    """
    if scenario not in study.scenarios:
        raise Problems([f"there is no scenario {scenario!r}. Use {', '.join(study.names)}."])
    return ranked(given_of(study, study.names.index(scenario)))


def given_of(study: Study, place: int) -> Arrays:
    """What `core.evaluate` needs for one scenario."""
    given = study.given()
    return given | {name: given[name][place] for name in decided()}


def ranked(given: Mapping[str, Any]) -> list[Candidate]:
    """The candidates of one scenario's givens, in order."""
    own = Layout(*(int(given[name]) for name in LAYOUT_INPUTS))
    layouts = list(dict.fromkeys(_cut([*near(given), own], given)))
    return [_candidate(found, own) for found in sorted(_evaluated(given, layouts), key=_order)] if layouts else []


def grid() -> list[Layout]:
    """Powers of two within the most accelerators; experts whole on each of a stage's accelerators, or split over all.

    Without attention groups, the model knows no difference between the two.
    """
    powers = [2**n for n in range(MOST_ACCELERATORS.bit_length())]
    return [
        Layout(tensor, data, stages, experts)
        for tensor, data, stages in product(powers, powers, STAGES)
        if tensor * data * stages <= MOST_ACCELERATORS
        for experts in ((1, tensor * data) if data > 1 else (1,))
    ]


def arrays_of(layouts: list[Layout]) -> Arrays:
    """The inputs that the layouts are, as arrays."""
    return dict(zip(LAYOUT_INPUTS, np.array(layouts, float).T, strict=True))


def near(given: Mapping[str, Any]) -> list[Layout]:
    """Those of the grid whose TP stays inside the scale-up domain."""
    domain = max(1, float(evaluate(model_graph(), given, ["scale_up_domain"])["scale_up_domain"]))
    return [layout for layout in grid() if layout.tensor_parallel <= domain]


def _cut(layouts: list[Layout], given: Mapping[str, Any]) -> list[Layout]:
    """Those that the LLM can be cut into."""
    broken = is_broken(dict(given) | arrays_of(layouts), len(layouts))
    return [layout for layout, wrong in zip(layouts, broken, strict=True) if not wrong]


def is_broken(given: Mapping[str, Any], count: int) -> Any:
    """Whether each row breaks a rule of structure."""
    checks = evaluate(model_graph(), given, STRUCTURE).values()
    return np.any([np.broadcast_to(check, count) > 0 for check in checks], axis=0)


def _evaluated(given: Mapping[str, Any], layouts: list[Layout]) -> list[Arrays]:
    """Every quantity that matters, a row for each layout. An own bill is that of another layout, so it is left out."""
    computed = {"bill_from": given["lists.bill_from"][0]}
    wanted = [*FIGURES, *STATES, *POOLS_OF, "replica_accelerators", "itl_slo_ms", "ttft_slo_ms"]
    values = evaluate(model_graph(), dict(given) | computed | arrays_of(layouts), wanted)
    values = {name: np.broadcast_to(value, len(layouts)) for name, value in values.items()}
    why = _reasons(values, str(given["serving_mode"]) == DISAGGREGATED)
    return [
        {name: float(value[row]) for name, value in values.items()} | {"layout": layout, "why": int(why[row])}
        for row, layout in enumerate(layouts)
    ]


def _reasons(values: Arrays, has_pools: bool) -> Any:
    """Places in REASONS, or USABLE."""
    late, slow = values["ttft_ms"] > values["ttft_slo_ms"], values["itl_ms"] > values["itl_slo_ms"]
    missed = np.logical_or(values["check_limits"] > 0, values["serving_state"] > 1)
    which = np.where(np.logical_and(late, slow), BOTH, np.where(slow, ITL, TTFT))
    why = np.where(missed, which, USABLE)
    why = np.where(values["check_concurrency"] > 0, FEW, why)
    for pool in POOLS_OF if has_pools else ():
        why = np.where(values[pool] % values["replica_accelerators"] > 0, POOLS, why)
    return np.where(values["check_memory"] > 0, MEMORY, why)


def _order(found: Arrays) -> tuple[float, ...]:
    """Costs that differ in the last digits alone are equal."""
    priced = found["why"] == USABLE and found["money_state"] < 1
    cost = float(f"{found['usd_per_m_tokens']:.9g}") if priced else np.inf
    output = found["output_tokens_per_s"] if found["serving_state"] < 1 else 0
    return found["why"], cost, found["replica_accelerators"], -output


def _candidate(found: Arrays, own: Layout) -> Candidate:
    fits = found["why"] != MEMORY
    valid = {
        "concurrency": found["serving_state"] < 1,
        "ttft_ms": fits,
        "itl_ms": fits,
        "output_tokens_per_s": found["serving_state"] < 1,
        "accelerators": found["serving_state"] < 1,
        "usd_per_m_tokens": found["money_state"] < 1,
    }
    return Candidate(
        layout=found["layout"],
        replica_accelerators=int(found["replica_accelerators"]),
        fits=fits,
        meets_limits=fits and not (found["check_limits"] or found["serving_state"]),
        across_nodes=found["check_nodes"] > 0,
        is_given=found["layout"] == own,
        reason="" if found["why"] == USABLE else REASONS[int(found["why"])],
        **{name: found[name] if valid[name] else None for name in FIGURES},
    )
