"""Drawn: which inputs of a scenario a simulation draws, from which distribution, and their values in every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.core.sampling import Numbers, Places, drawn_strata, normal_scores, strata
from xl_econ.inputs.distributions import Distribution, Uncertain, believed_ranges
from xl_econ.inputs.own_catalog import Value
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.study import Study, believed
from xl_econ.model import model_graph

OF_STUDY, OF_ASSUMPTIONS, OF_CALIBRATION = "the study", "Assumptions", "calibration"
OWN_FACTORS = {"own_time_factor": ("rate", -1), "own_ttft_factor": ("ttft", 1)}
"""What a prediction's error scales, the residuals that say how far, and their power: time is the inverse of a rate."""


@dataclass(frozen=True)
class Driver:
    """An input that is drawn."""

    name: str
    distribution: Distribution
    origin: str

    def values(self, places: Places, probabilities: Numbers, scores: Numbers) -> Numbers:
        """In each run, by the stratum that it takes there."""
        return self.distribution.drawn(decided()[self.name], probabilities[places], scores[places])


def drivers_of(study: Study, scenario: str, wanted: Iterable[str]) -> list[Driver]:
    """What is drawn for these results: what the study says, then how far predictions are off, then Assumptions.

    An assumption that the scenario replaces by another value is taken as known, unless the study says more.
    """
    needed = model_graph().needs(wanted)
    told = [Driver(name, each, OF_STUDY) for name, each in study.simulate.distributions.items()]
    taken = {driver.name for driver in told}
    values = study.resolved()[scenario]
    usual = [*_prediction_errors(study, scenario, values), *_beliefs(values)]
    return [each for each in (*told, *(d for d in usual if d.name not in taken)) if each.name in needed]


def _prediction_errors(study: Study, scenario: str, values: Mapping[str, Value]) -> Iterator[Driver]:
    """From the scenario's own P10 and P90 of measured over predicted; none where nothing is predicted."""
    names = [f"{metric}_{end}_factor" for metric, _ in OWN_FACTORS.values() for end in ("p10", "p90")]
    found, place = evaluate(model_graph(), study.given(), names), study.names.index(scenario)
    factors = {name: float(np.broadcast_to(each, len(study.names))[place]) for name, each in found.items()}
    for name, (metric, power) in OWN_FACTORS.items():
        middle = float(values[name])
        p10, p90 = sorted(middle * factors[f"{metric}_{end}_factor"] ** power for end in ("p10", "p90"))
        if p10 < p90:
            told = Distribution("percentiles", {"p10": p10, "p50": middle, "p90": p90})
            yield Driver(name, told, OF_CALIBRATION)


def _beliefs(values: Mapping[str, Value]) -> Iterator[Driver]:
    for name, each in believed_ranges().items():
        if values[name] == believed()[name]:
            yield Driver(name, each, OF_ASSUMPTIONS)


class Draws:
    """All drivers' values, made from their strata when they are asked for."""

    def __init__(self, drivers: list[Driver], uncertain: Uncertain, runs: int, seed: int) -> None:
        matrix = uncertain.matrix([driver.name for driver in drivers])
        self.drivers = drivers
        self.places = drawn_strata(runs, matrix, seed)
        self._probabilities, self._scores = strata(runs), normal_scores(runs)

    def given(self) -> dict[str, Numbers]:
        """A value for each run, by input."""
        return {
            driver.name: driver.values(places, self._probabilities, self._scores)
            for driver, places in zip(self.drivers, self.places, strict=True)
        }
