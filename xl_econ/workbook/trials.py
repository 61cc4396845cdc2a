"""Trials: columns of the engine behind the article's cases, each with some quantities changed.

A trial repeats only what its changes move and its results need; the rest it reads in the column that it starts from.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xl_econ.core.quantity import Derived, Given
from xl_econ.core.repeat import between
from xl_econ.inputs.article import article, article_bridge
from xl_econ.inputs.layouts import BILL
from xl_econ.inputs.scenario import LAYOUT_INPUTS, decided
from xl_econ.model import model_graph
from xl_econ.model.given_parts import EXPLAINED
from xl_econ.workbook.other_layout_cells import COUNT
from xl_econ.workbook.sensitivity_cells import ACROSS, DOWN, DRIVERS, GRID_FACTORS

STATE, STATE_LABELS = "money_state", "lists.state"
GROUPS: Mapping[str, tuple[str, ...]] = {
    "LLM, precision and method": ("What is served", "Correction by correction"),
    "Accelerator and layout": ("What it runs on",),
    "Workload and limits": ("Workload and service level",),
    "Serving, measurements and assumptions": ("Serving", "Own measurement"),
    "Fleet and load": ("Fleet and load",),
    "Price, allocation and the rest": (),
}
"""The sections of Inputs that a bridge between scenarios takes over together."""
WITH_ASSUMPTIONS, THE_REST = 3, 5
OF_LAYOUTS = (
    "replica_accelerators",
    "concurrency",
    "itl_ms",
    "ttft_ms",
    "output_tokens_per_s_per_accelerator",
    "usd_per_m_tokens",
    "serving_state",
    "cut_fault",
    "layout_fault",
    "layout_reason",
    "check_nodes",
    STATE,
)
"""What is told of each layout."""


@dataclass(frozen=True)
class Trial:
    """One column: what it is called, which quantities it decides itself, and which results it is for."""

    title: str
    step: int
    """Its place among its like, from 1."""
    sets: frozenset[str]
    results: tuple[str, ...]
    base: int
    """The column that it takes the rest from, counted from the first case."""


@functools.cache
def case_count() -> int:
    """Columns behind the scenarios: the article's and ours for each of its cases."""
    return 2 * len(article()[0])


@functools.cache
def bridge_ends() -> tuple[int, int]:
    """The two columns between which the article's bridge leads, counted from the first case."""
    start = 2 * list(article()[0]).index(article_bridge().case)
    return start, start + 1


@functools.cache
def correction_trials() -> tuple[Trial, ...]:
    """The steps of the article's bridge."""
    told = article_bridge()
    sets = frozenset(name for each in told.correction for name in each.inputs)
    return tuple(
        Trial(f"The article, step {step}", step, sets, (told.quantity, STATE), bridge_ends()[0])
        for step in range(1, len(told.correction) + 1)
    )


@functools.cache
def scenario_trials() -> tuple[Trial, ...]:
    """The steps of the bridge between two scenarios: every input that its results need; what is left is a constant."""
    needed, results = model_graph().needs(EXPLAINED), (*EXPLAINED, STATE)
    sets = frozenset(name for name in decided() if name in needed)
    return tuple(
        Trial(f"Scenario to scenario, step {step}", step, sets, results, bridge_ends()[0])
        for step in range(1, len(GROUPS) + 1)
    )


@functools.cache
def picked_trial() -> Trial:
    """The scenario that the sheet Sensitivity looks at."""
    return Trial("Sensitivity, base", 1, scenario_trials()[0].sets, (*EXPLAINED, *OF_LAYOUTS), bridge_ends()[0])


@functools.cache
def driven_trials() -> tuple[Trial, ...]:
    """The tornado: each driver low, then high."""
    base, results = case_count() + len(correction_trials()) + len(scenario_trials()), (*EXPLAINED, STATE)
    ends = [(name, end) for name in DRIVERS for end in ("low", "high")]
    return tuple(
        Trial(f"{model_graph()[name].label}, {end}", step, frozenset([name]), results, base)
        for step, (name, end) in enumerate(ends, start=1)
    )


@functools.cache
def grid_trials() -> tuple[Trial, ...]:
    """The grid, row by row."""
    base, count = driven_trials()[0].base, len(GRID_FACTORS) ** 2
    sets, results = frozenset([ACROSS, DOWN]), (*EXPLAINED, STATE)
    return tuple(Trial(f"Grid, cell {step}", step, sets, results, base) for step in range(1, count + 1))


@functools.cache
def layout_trials() -> tuple[Trial, ...]:
    """The candidates among layouts, the scenario's own first. An own bill is that of one layout, so none counts."""
    base, sets = driven_trials()[0].base, frozenset([*LAYOUT_INPUTS, BILL])
    return tuple(Trial(f"Layout {step}", step, sets, OF_LAYOUTS, base) for step in range(1, COUNT + 1))


@functools.cache
def trials() -> tuple[Trial, ...]:
    """All of them, in the order of their columns."""
    return (
        *correction_trials(),
        *scenario_trials(),
        picked_trial(),
        *driven_trials(),
        *grid_trials(),
        *layout_trials(),
    )


def behind_bridges(trial: Trial) -> int:
    """1 behind a free column on Workings, which sets the cases of Sensitivity apart from the bridges."""
    return 0 if trial in _bridge_trials() else 1


@functools.cache
def _bridge_trials() -> frozenset[Trial]:
    return frozenset((*correction_trials(), *scenario_trials()))


@functools.cache
def roots() -> frozenset[str]:
    """The quantities that have rows of their own on Workings whoever takes them."""
    rows = {row.quantity for row in article()[1]}
    formulas = {name for trial in trials() for name in trial.sets if isinstance(model_graph()[name], Derived)}
    return frozenset(rows | formulas | {name for trial in trials() for name in trial.results})


@functools.cache
def moved_by(trial: Trial) -> frozenset[str]:
    """The quantities that a trial has cells for: what it decides, and what that moves on the way to its results."""
    formulas = {each.name: each for each in model_graph().derived}
    return trial.sets | between(formulas, set(trial.sets), set(trial.results))


@functools.cache
def group_of(name: str) -> int:
    """Which group an input belongs to, from 0."""
    given = decided()[name]
    places = [place for place, themes in enumerate(GROUPS.values()) if given.theme in themes]
    return WITH_ASSUMPTIONS if given.role == "assumption" else (places or [THE_REST])[0]


def set_givens() -> list[Given]:
    """The inputs and assumptions that trials decide, in the model's order."""
    sets = functools.reduce(frozenset[str].union, (trial.sets for trial in trials()), frozenset[str]())
    return _in_order(decided().values(), sets)


def _in_order(givens: Iterable[Given], names: frozenset[str]) -> list[Given]:
    return [given for given in givens if given.name in names]
