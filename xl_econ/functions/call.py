"""Call: a function of the registry on scalars or arrays, with a fault for each element that has no result."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from xl_econ.core.evaluate import Plan
from xl_econ.functions.reading import NUM, Fault, Refused, cells_of, flat, shape_of
from xl_econ.functions.reading import read as read_cells
from xl_econ.functions.registry import Function, registry
from xl_econ.inputs.standard import standard_given
from xl_econ.model import model_graph

KEPT_CALLS = 64
"""Calls whose single values are remembered with all that follows from them alone."""


@dataclass
class Answer:
    """The results in the shape of the arguments, NaN where there is none, and the faults by their place."""

    values: Any
    faults: dict[int, Fault] = field(default_factory=dict[int, Fault])
    """By the place in the flattened values."""

    @property
    def fault(self) -> Fault | None:
        """The first fault, if there is any."""
        return self.faults[min(self.faults)] if self.faults else None


def call(name: str, *arguments: Any) -> Answer:
    """A function on scalars, columns, rows and matrices, which broadcast as numpy's do.

    Raises KeyError for a name that is not in the registry, and Refused where the arguments do not fit.
    """
    function = registry()[name]
    if len(arguments) != len(function.arguments):
        raise Refused(f"{name} takes {len(function.arguments)} arguments, not {len(arguments)}: {function.signature}")
    cells = list(map(cells_of, arguments))
    shape = shape_of(function, cells)
    read = [read_cells(argument, told) for argument, told in zip(function.args, cells, strict=True)]
    given = {argument.name: flat(values, shape) for argument, (values, _) in zip(function.args, read, strict=True)}
    values = np.array(np.broadcast_to(_computed(function, given), (max(1, int(np.prod(shape))),)), float)
    answer = Answer(values.reshape(shape), _spread_faults([faults for _, faults in read], shape))
    answer.faults = _without_result(function, values, answer.faults)
    values[list(answer.faults)] = np.nan
    return answer


@functools.cache
def _prepared(function: Function) -> tuple[Plan, dict[str, Any]]:
    """The plan of what arguments move, and the values of all that they do not."""
    given = standard_given()
    whole = Plan(model_graph(), {*given, *function.arguments}, function.results)
    settled = given | whole.settled(set(function.arguments)).run(given)
    return Plan(model_graph(), {*settled, *function.arguments}, function.results), settled


def _computed(function: Function, given: Mapping[str, Any]) -> Any:
    columns = {name: values for name, values in given.items() if values.ndim}
    plan, settled = _prepared(function)
    if columns:
        plan, settled = _with_known(function, tuple((n, v.item()) for n, v in given.items() if n not in columns))
    found = plan.run({**settled, **(columns or given)})
    return function.combine(*(found[name] for name in function.results))


@functools.lru_cache(KEPT_CALLS)
def _with_known(function: Function, known: tuple[tuple[str, Any], ...]) -> tuple[Plan, dict[str, Any]]:
    """The same once the single values beside a column are known: a sheet asks for many columns with the same ones."""
    settled = _prepared(function)[1]
    before, after = _plans(function, frozenset(function.arguments).difference(dict(known)))
    values = {**settled, **dict(known)}
    return after, {**values, **before.run(values)}


@functools.cache
def _plans(function: Function, columns: frozenset[str]) -> tuple[Plan, Plan]:
    """What no column moves, and the rest."""
    plan, settled = _prepared(function)
    before = plan.settled(columns)
    return before, Plan(plan.graph, {*settled, *function.arguments, *before.wanted}, plan.wanted)


def _spread_faults(read: Iterable[Mapping[Any, Fault]], shape: tuple[int, ...]) -> dict[int, Fault]:
    """A fault of a row or column stands at each element that it reaches; the first argument's wins."""
    places: dict[int, Fault] = {}
    numbers = np.arange(max(1, int(np.prod(shape)))).reshape(shape)
    for faults in read:
        for index, fault in faults.items():
            missing = numbers.ndim - len(index)
            reached = tuple(
                at if numbers.shape[missing + axis] > 1 and at >= 0 else slice(None) for axis, at in enumerate(index)
            )
            for place in np.ravel(numbers[(..., *reached)]).tolist():
                places.setdefault(place, fault)
    return places


def _without_result(function: Function, values: Any, faults: dict[int, Fault]) -> dict[int, Fault]:
    """Also those whose arguments are right, but that give no number."""
    for place in np.flatnonzero(~np.isfinite(values)).tolist():
        why = model_graph()[function.check].label if function.check else "the result is a finite number"
        faults.setdefault(place, Fault(NUM, f"{function.name} has no result unless: {why}."))
    return faults
