"""What the trials' columns hold, computed as all others are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from xl_econ.catalog.assumptions import assumptions
from xl_econ.core.evaluate import evaluate
from xl_econ.inputs.article import article_bridge
from xl_econ.inputs.scenario import decided
from xl_econ.model import model_graph
from xl_econ.model.bridge import taken_over
from xl_econ.model.sensitivity import scaled, scaled_share
from xl_econ.workbook.other_layouts import candidate_rows
from xl_econ.workbook.sensitivity_cells import ACROSS, DOWN, DRIVERS, FACTORS, SHARES
from xl_econ.workbook.settings import Settings
from xl_econ.workbook.trials import bridge_ends, correction_trials, group_of, scenario_trials

Values = Mapping[str, list[Any]]
"""By quantity, then by column."""
Row = dict[str, Any]


def trial_values(given: Mapping[str, Any], values: Values, scenarios: int, settings: Settings) -> dict[str, Any]:
    """All quantities in the trials' columns, from what the scenarios and cases hold."""
    base = {name: each[settings["tornado_scenario"][0] - 1] for name, each in values.items()}
    picked = {name: base[name] for name in decided()}
    columns = [*_corrected(values, scenarios, settings), *_between_scenarios(values, settings)]
    moved = [dict[str, Any]() for _ in [*columns, picked]] + _driven(given, base, settings) + _grid(base, settings)
    moved += candidate_rows(given, base, settings)
    columns += [picked] * (len(moved) - len(columns))
    decisions = {
        name: np.asarray([own.get(name, column[name]) for own, column in zip(moved, columns, strict=True)])
        for name in decided()
    }
    return evaluate(model_graph(), {**given, **decisions, **_moved_formulas({**given, **decisions}, moved)})


def _moved_formulas(given: Mapping[str, Any], moved: list[Row]) -> Row:
    """The formulas whose result a trial decides itself, with what they give in the other trials.

    One after the other: what moves the first moves the second too.
    """
    names = {name for own in moved for name in own} - decided().keys()
    found: Row = {}
    for name in (each for each in model_graph().order if each in names):
        usual = np.broadcast_to(evaluate(model_graph(), {**given, **found}, [name])[name], len(moved))
        found[name] = np.asarray([own.get(name, each) for own, each in zip(moved, usual, strict=True)])
    return found


def _driven(given: Mapping[str, Any], base: Row, settings: Settings) -> list[Row]:
    """What moves in each column of the tornado."""
    picked = {**given, **{name: np.asarray(base[name]) for name in decided()}}
    by_band = [name for name, is_by_band in DRIVERS.items() if is_by_band]
    bands = [{name: getattr(each, end) for name, each in assumptions().items()} for end in ("low", "high")]
    ends = [evaluate(model_graph(), {**picked, **_arrays(band)}, by_band) for band in bands]
    by_factor = zip(list(DRIVERS)[:FACTORS], settings["low_factors"], settings["high_factors"], strict=True)
    rows = [{name: moved_to(name, base[name], factor)} for name, *factors in by_factor for factor in factors]
    return rows + [{name: np.ravel(end[name])[0].item()} for name in by_band for end in ends]


def _arrays(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value) for name, value in values.items()}


def _grid(base: Row, settings: Settings) -> list[Row]:
    """What moves in each cell of the grid."""
    return [
        {ACROSS: moved_to(ACROSS, base[ACROSS], across), DOWN: moved_to(DOWN, base[DOWN], down)}
        for down in settings["grid_down"]
        for across in settings["grid_across"]
    ]


def moved_to(name: str, base: float, factor: float) -> float:
    """What a factor makes of a driver."""
    return float(scaled_share(base, factor) if name in SHARES else scaled(base, factor))


def _corrected(values: Values, scenarios: int, settings: Settings) -> list[Row]:
    """The decisions in each step of the article's bridge."""
    start, end = ({name: values[name][scenarios + place] for name in decided()} for place in bridge_ends())
    ranks = settings["correction_ranks"]
    rank_of = {
        name: rank for each, rank in zip(article_bridge().correction, ranks, strict=True) for name in each.inputs
    }
    return [
        start | {name: taken_over(rank, trial.step, start[name], end[name]).item() for name, rank in rank_of.items()}
        for trial in correction_trials()
    ]


def _between_scenarios(values: Values, settings: Settings) -> list[Row]:
    """The decisions in each step of the bridge between two scenarios."""
    start, end = settings["bridge_from"][0], settings["bridge_to"][0]
    sources = [
        [int(taken_over(rank, trial.step, start, end)) for rank in settings["group_ranks"]]
        for trial in scenario_trials()
    ]
    return [{name: values[name][followed[group_of(name)] - 1] for name in decided()} for followed in sources]
