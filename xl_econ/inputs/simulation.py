"""Simulation: the same graph on thousands of drawn inputs (Monte Carlo), and what may be said of the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xl_econ.core.evaluate import evaluate, evaluate_in_chunks
from xl_econ.core.problems import stop_on
from xl_econ.core.quantity import Given
from xl_econ.core.sampling import Numbers, rank_correlation
from xl_econ.inputs.drawn import Draws, Driver, drivers_of
from xl_econ.inputs.rules import RULES
from xl_econ.inputs.study import Study, StudyError, fixed_values
from xl_econ.model import model_graph

RESULTS = (
    "usd_per_m_output_tokens",
    "usd_per_m_tokens",
    "usd_per_month",
    "own_over_hosted",
    "break_even_m_tokens_per_day",
    "npv_usd",
    "irr",
    "payback_months",
)
"""What is simulated unless other results are asked for."""
ODDS = {
    "Self-hosting costs less than the hosted API, at this load": ("usd_per_month", "hosted_usd_per_month"),
    "Over the plan, owned costs less than the hosted API": ("own_tco_usd", "hosted_tco_usd"),
    "Over the plan, rented costs less than the hosted API": ("rent_tco_usd", "hosted_tco_usd"),
    "Over the plan, owned costs less than rented": ("own_tco_usd", "rent_tco_usd"),
}
"""How often one of two costs is the lower one."""
DRAWN_PERCENTS = (10, 50, 90)
PERCENTS = (5, 10, 25, 50, 75, 90, 95)
USUAL_RUNS, MOST_RUNS, USUAL_SEED = 10_000, 1_000_000, 1
CHUNK = 512
"""Runs at a time: the plan has 61 values for each, of hundreds of quantities, and they should stay in the cache."""
BINS, TAIL_PERCENT = 20, 1
"""Of a histogram: its first and last bin hold what lies beyond P1 and P99."""
NO_NUMBER = "no finite number"
NOTHING_DRAWN = (
    "nothing that these results follow from is uncertain. Give an input a distribution in the study: [simulate.NAME]."
)
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Outcome:
    """One result over all runs. Only runs in which it is valid count; the others are told by their reason."""

    name: str
    base: float | str
    """Without drawing; or why there is none."""
    runs: int
    valid: NDArray[np.bool]
    """The runs in which it has a value."""
    values: Numbers
    """Those values."""
    reasons: Mapping[str, int]
    """How many runs have none, and why."""

    @property
    def unit(self) -> str:
        return model_graph()[self.name].unit

    @property
    def label(self) -> str:
        return model_graph()[self.name].label

    @property
    def percentiles(self) -> dict[int, float]:
        """By percent; none where no run has a value."""
        if not len(self.values):
            return {}
        return {percent: float(np.percentile(self.values, percent)) for percent in PERCENTS}

    @property
    def mean(self) -> float | None:
        return float(np.mean(self.values)) if len(self.values) else None

    @property
    def valid_share(self) -> float:
        return len(self.values) / self.runs

    def histogram(self) -> list[tuple[float, int]]:
        """The middle of each bin, and how many runs lie in it; none where no run has a value."""
        if not len(self.values):
            return []
        low, high = (float(np.percentile(self.values, end)) for end in (TAIL_PERCENT, 100 - TAIL_PERCENT))
        half = 0 if high > low else 1 / 2
        edges = np.linspace(low - half, high + half, BINS + 1)
        counts = np.histogram(np.clip(self.values, edges[0], edges[-1]), edges)[0]
        return [(float(middle), int(count)) for middle, count in zip((edges[1:] + edges[:-1]) / 2, counts, strict=True)]

    def as_json(self) -> dict[str, Any]:
        told = {f"p{percent}": value for percent, value in self.percentiles.items()}
        reasons = {reason: count / self.runs for reason, count in self.reasons.items()}
        histogram = [{"middle": middle, "runs": count} for middle, count in self.histogram()]
        head = {"unit": self.unit, "base": self.base, "valid_share": self.valid_share, "absent": reasons}
        return head | {"mean": self.mean} | told | {"histogram": histogram}


@dataclass(frozen=True)
class Odds:
    """How often something is so, of the runs in which it can be said."""

    label: str
    share: float | None
    valid_share: float


@dataclass(frozen=True)
class Simulation:
    """What all runs gave."""

    scenario: str
    runs: int
    seed: int
    drivers: list[Driver]
    outcomes: list[Outcome]
    odds: list[Odds]
    correlations: Mapping[str, Mapping[str, float]]
    """Of each result's rank with each driver's, by result and driver."""
    drawn: Mapping[str, tuple[float, ...]]
    """P10, P50 and P90 of each driver, as they were drawn."""

    def ranked(self, names: Iterable[str]) -> list[Driver]:
        """The drivers, those first that matter most to any of these results."""
        shown = [self.correlations[name] for name in names]

        def most(driver: Driver) -> float:
            return max(abs(each[driver.name]) for each in shown)

        return sorted(self.drivers, key=most, reverse=True)

    def as_json(self) -> dict[str, Any]:
        drivers = {
            driver.name: {"from": driver.origin, "shape": driver.distribution.shape, **driver.distribution.parameters}
            for driver in self.drivers
        }
        odds = [{"what": each.label, "share": each.share, "valid_share": each.valid_share} for each in self.odds]
        head = {"scenario": self.scenario, "runs": self.runs, "seed": self.seed}
        results = {
            each.name: each.as_json() | {"rank_correlation": self.correlations[each.name]} for each in self.outcomes
        }
        return head | {"results": results, "odds": odds, "drivers": drivers}


def simulate(
    study: Study,
    scenario: str | None = None,
    runs: int = USUAL_RUNS,
    seed: int = USUAL_SEED,
    names: list[str] | None = None,
    progress: Progress = lambda _: None,
) -> Simulation:
    """Draw the uncertain inputs of one scenario (the first, if none is named) and compute the results of every run.

    Raises StudyError with every problem. The same seed gives the same numbers.
    """
    stop_on(_problems(study, scenario, runs, seed, names), StudyError)
    chosen, wanted = scenario or study.names[0], list(dict.fromkeys(names or RESULTS))
    pairs = ODDS if set(RESULTS) <= set(wanted) else {}
    everything = list(dict.fromkeys([*wanted, *(name for pair in pairs.values() for name in pair)]))
    drivers = drivers_of(study, chosen, everything)
    stop_on([] if drivers else [NOTHING_DRAWN], StudyError)
    draws = Draws(drivers, study.simulate, runs, seed)
    found = _Runs(study, chosen, everything, runs)
    found.compute(draws, progress)
    outcomes = [found.outcome(name) for name in wanted]
    correlations = {each.name: _correlations(each, draws) for each in outcomes}
    odds = [found.odds(label, *pair) for label, pair in pairs.items()]
    return Simulation(chosen, runs, seed, drivers, outcomes, odds, correlations, found.drawn)


def _problems(study: Study, scenario: str | None, runs: int, seed: int, names: list[str] | None) -> Iterator[str]:
    """Whatever was asked for and cannot be."""
    if scenario is not None and scenario not in study.names:
        yield f"there is no scenario {scenario!r}. Use {', '.join(study.names)}."
    if not 1 <= runs <= MOST_RUNS:
        yield f"{runs} runs: give a whole number from 1 to {MOST_RUNS:,}."
    if seed < 0:
        yield f"the seed {seed} must be a whole number from 0 on."
    graph = model_graph()
    for name in names or ():
        if name not in graph:
            yield f'there is no quantity "{name}".{graph.suggest(name)}'
        elif isinstance(graph[name], Given) or graph[name].unit == "text" or graph.axes[name]:
            what = f"runs along {graph.axes[name]}s" if graph.axes[name] else "is given or a text"
            yield f"{name} {what}, and only single figures that are computed can be simulated."


def _correlations(outcome: Outcome, draws: Draws) -> dict[str, float]:
    """Over the runs in which the result has a value."""
    return {
        driver.name: rank_correlation(places[outcome.valid], outcome.values)
        for driver, places in zip(draws.drivers, draws.places, strict=True)
    }


class _Runs:
    """The values of all runs, filled chunk by chunk."""

    def __init__(self, study: Study, scenario: str, names: list[str], runs: int) -> None:
        graph = model_graph()
        self.runs = runs
        self.states = {name: graph[name].state for name in names}
        self.given = study.given() | {name: np.asarray(value) for name, value in study.resolved()[scenario].items()}
        wanted = {*names, *filter(None, self.states.values()), *RULES}
        self.wanted = [quantity.name for quantity in graph if quantity.name in wanted]
        self.values: dict[str, Numbers] = {name: np.empty(runs) for name in self.wanted}
        self.drawn: dict[str, tuple[float, ...]] = {}
        self.base = {name: float(value) for name, value in evaluate(graph, self.given, self.wanted).items()}

    def compute(self, draws: Draws, progress: Progress) -> None:
        """Every run, a chunk at a time."""
        start, drawn = 0, draws.given()
        self.drawn = {
            name: tuple(float(np.percentile(values, percent)) for percent in DRAWN_PERCENTS)
            for name, values in drawn.items()
        }
        for chunk in evaluate_in_chunks(model_graph(), self.given | drawn, self.wanted, CHUNK):
            stop = min(start + CHUNK, self.runs)
            for name, value in chunk.items():
                self.values[name][start:stop] = value
            progress(stop - start)
            start = stop

    def outcome(self, name: str) -> Outcome:
        """A result, with the runs that have none told apart."""
        valid = self._valid(name)
        why = self._reasons(name, {name: np.asarray([value]) for name, value in self.base.items()})
        base = next(iter(why), self.base[name])
        return Outcome(name, base, self.runs, valid, self.values[name][valid], self._reasons(name, self.values))

    def odds(self, label: str, lower: str, higher: str) -> Odds:
        """How often one result lies below another, of the runs in which both have a value."""
        valid = self._valid(lower) & self._valid(higher)
        below = self.values[lower][valid] < self.values[higher][valid]
        return Odds(label, float(np.mean(below)) if len(below) else None, float(np.mean(valid)))

    def _valid(self, name: str) -> NDArray[np.bool]:
        state = self.states[name]
        found = np.isfinite(self.values[name]) & (self.values[state] < 1 if state else True)
        for rule in RULES:
            found &= self.values[rule] < 1
        return found

    def _reasons(self, name: str, values: Mapping[str, Numbers]) -> dict[str, int]:
        """Why a result has no value, and in how many runs: a broken rule first, then its state."""
        found: dict[str, int] = {}
        left = np.ones(len(values[name]), bool)
        for rule in RULES:
            _count(found, f"it does not hold: {model_graph()[rule].label}", left & (values[rule] > 0))
            left &= values[rule] < 1
        state = self.states[name]
        if state:
            for code in set(values[state][left].tolist()) - {0}:
                _count(found, _words_of(state, code), left & (values[state] == code))
            left &= values[state] < 1
        _count(found, NO_NUMBER, left & ~np.isfinite(values[name]))
        return found


def _count(found: dict[str, int], reason: str, runs: NDArray[np.bool]) -> None:
    if count := int(np.sum(runs)):
        found[reason] = count


def _words_of(state: str, code: float) -> str:
    """What a state's code says, by the model's own label."""
    name = f"{state}_label"
    return str(evaluate(model_graph(), fixed_values() | {state: np.asarray(code)}, [name])[name])
