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
from xl_econ.model.layout import BOTH, FEW, ITL, MEMORY, OF_USE, POOLS, TTFT, first_of, layout_name

if TYPE_CHECKING:
    from xl_econ.inputs.study import Study

MOST_ACCELERATORS = 64
"""Of one replica: a search needs an end."""
STAGES = (1, 2, 4, 8)
FIGURES = ("concurrency", "ttft_ms", "itl_ms", "output_tokens_per_s", "accelerators", "usd_per_m_tokens")
STATES = ("layout_fault", "limits_fault", "serving_state", "money_state", "check_nodes")
REASON = "layout_reason"
BILL, BILLS = "bill_from", "lists.bill_from"
REASONS = (OF_USE, TTFT, ITL, BOTH, FEW, POOLS, MEMORY)
"""Of use, or why not, the nearest miss first."""
Arrays = dict[str, Any]


class Layout(NamedTuple):
    """How a replica is cut; the fields are the inputs of these names."""

    tensor_parallel: int
    data_parallel: int
    pipeline_parallel: int
    expert_parallel: int

    def __str__(self) -> str:
        return str(layout_name(*self))


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
    """Whether the LLM cannot be cut like that at all, row by row."""
    return np.broadcast_to(evaluate(model_graph(), given, ["cut_fault"])["cut_fault"], count) > 0


def _evaluated(given: Mapping[str, Any], layouts: list[Layout]) -> list[Arrays]:
    """Every quantity that matters, a row for each layout. An own bill is that of another layout, so it is left out."""
    computed = {BILL: first_of(given[BILLS])}
    wanted = [*FIGURES, *STATES, "replica_accelerators", REASON]
    values = evaluate(model_graph(), dict(given) | computed | arrays_of(layouts), wanted)
    rows = {name: np.broadcast_to(value, len(layouts)).tolist() for name, value in values.items()}
    return [
        {name: value[row] for name, value in rows.items()} | {"layout": layout} for row, layout in enumerate(layouts)
    ]


def _order(found: Arrays) -> tuple[float, ...]:
    """Costs that differ in the last digits alone are equal."""
    priced = found["layout_fault"] < 1 and found["money_state"] < 1
    cost = float(f"{found['usd_per_m_tokens']:.9g}") if priced else np.inf
    output = found["output_tokens_per_s"] if found["serving_state"] < 1 else 0
    return REASONS.index(found[REASON]), cost, found["replica_accelerators"], -output


def _candidate(found: Arrays, own: Layout) -> Candidate:
    fits = found[REASON] != MEMORY
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
        meets_limits=fits and not (found["limits_fault"] or found["serving_state"]),
        across_nodes=found["check_nodes"] > 0,
        is_given=found["layout"] == own,
        reason=found[REASON] if found["layout_fault"] else "",
        **{name: found[name] if valid[name] else None for name in FIGURES},
    )
