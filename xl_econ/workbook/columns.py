"""Columns: the scenarios of a study and, behind them, the article's cases; with all their values."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.inputs.article import article
from xl_econ.inputs.own_catalog import Order
from xl_econ.inputs.scenario import ScenarioBase, decided
from xl_econ.inputs.study import Study
from xl_econ.model import model_graph
from xl_econ.workbook.other_layouts import with_others
from xl_econ.workbook.settings import Settings, usual_settings
from xl_econ.workbook.trial_values import trial_values
from xl_econ.workbook.trials import trials


@dataclass(frozen=True)
class Column:
    """One scenario or case: its title, what it decides itself, and the column it inherits from."""

    title: str
    overrides: Mapping[str, Any]
    inherits: int | None
    """The place of the column it inherits from; None for a base."""


@dataclass(frozen=True)
class Columns:
    """Scenarios first, cases after them. `value` gives any quantity in any column."""

    scenarios: tuple[Column, ...]
    cases: tuple[Column, ...]
    values: Mapping[str, list[Any]] = field(repr=False)
    """By quantity, then by column, those of the trials last; at all positions for a quantity along an axis."""
    settings: Settings
    """What the sheet Bridge sets."""
    once: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """What several sheets say of these values, worked out by the first that does."""

    @property
    def all(self) -> tuple[Column, ...]:
        return (*self.scenarios, *self.cases)

    def value(self, name: str, place: int, position: int | None = None) -> Any:
        """A plain number or text: of a column, or at a position (from 0) of a quantity along its axis."""
        found = self.values[name][place]
        return found if position is None else found[position]


@dataclass(frozen=True)
class Held:
    """What a workbook that people have edited holds beside a study; nothing, for a new one."""

    baseline: Mapping[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """What each input and headline was, by scenario."""
    order: Order = field(default_factory=dict[str, list[str]])
    """The ids of catalog tables as they stand."""
    cases: Mapping[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """The inputs of the article's cases."""
    settings: Settings = field(default_factory=dict[str, list[Any]])
    """What the sheet Bridge sets, where it is not the usual."""
    stamps: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What formulas take of the sheet Simulation's stamps."""


def columns_of(study: Study, full: bool = True, held: Held | None = None) -> Columns:
    """All columns of a study's workbook, computed; the article's cases only in a full one."""
    studies = _case_studies() if full else {}
    held = held or Held()
    given = _side_by_side([study.given(held.order), *(_case_givens() if full else [])])
    given |= {name: np.concatenate([given[name][: len(study.scenarios)], each]) for name, each in held.cases.items()}
    count = len(study.scenarios)
    cases: list[Column] = []
    for title, each in studies.items():
        cases += _columns(each.scenarios, count + len(cases), f"{title}: ")
    values = plain_values(evaluate(model_graph(), given), count + len(cases))
    settings = {**usual_settings(count), **held.settings}
    if full:
        settings = with_others(study, settings, held.settings)
        tried = plain_values(trial_values(given, values, count, settings), len(trials()))
        values = {name: own + tried[name] for name, own in values.items()}
    return Columns(tuple(_columns(study.scenarios, 0)), tuple(cases), values, settings)


@functools.cache
def _case_studies() -> dict[str, Study]:
    """The article's cases by title: the same in every workbook."""
    return {case.title: case.study() for case in article()[0].values()}


@functools.cache
def _case_givens() -> list[dict[str, Any]]:
    return [study.given() for study in _case_studies().values()]


def _columns(scenarios: Mapping[str, ScenarioBase], start: int, prefix: str = "") -> list[Column]:
    return [
        Column(f"{prefix}{name}", scenario.overrides, start if place else None)
        for place, (name, scenario) in enumerate(scenarios.items())
    ]


def _side_by_side(givens: list[dict[str, Any]]) -> dict[str, Any]:
    """The decided givens of several studies as one; tables and constants are the same in all."""
    return givens[0] | {name: np.concatenate([given[name] for given in givens]) for name in decided()}


def plain_values(values: dict[str, Any], columns: int) -> dict[str, list[Any]]:
    """Plain numbers and texts, for each column; what all columns share is repeated."""
    graph = model_graph()
    whole = {given.name for given in graph.givens if given.role == "column"}
    return {
        name: [value.tolist()] * columns if name in whole else _by_column(value, columns, graph.axes[name] is not None)
        for name, value in values.items()
    }


def _by_column(value: Any, columns: int, along: bool) -> list[Any]:
    shape = (columns, value.shape[-1]) if along else (columns,)
    return np.broadcast_to(value, shape).tolist()
