"""Call: a function of the registry on scalars or arrays, with a fault for each element that has no result."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from xl_econ.core.evaluate import Plan, evaluate
from xl_econ.functions.registry import Argument, Function, left_open, registry
from xl_econ.inputs.study import fixed_values
from xl_econ.model import model_graph

VALUE, NUM = "#VALUE!", "#NUM!"
"""What Excel shows where an argument is of the wrong kind, and where a number cannot be used."""


class Fault(NamedTuple):
    """Why an element has no result: the error that Excel shows, and the message."""

    error: str
    message: str


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

    Raises KeyError for a name that is not in the registry, TypeError for another number of arguments,
    and ValueError for shapes that do not fit together.
    """
    function = registry()[name]
    if len(arguments) != len(function.arguments):
        raise TypeError(f"{name} takes {len(function.arguments)} arguments, not {len(arguments)}: {function.signature}")
    read = [_read(argument, told) for argument, told in zip(function.args, arguments, strict=True)]
    shape = np.broadcast_shapes(*(np.shape(values) for values, _ in read))
    given = {argument.name: _flat(values, shape) for argument, (values, _) in zip(function.args, read, strict=True)}
    values = np.array(np.broadcast_to(_computed(function, given), (max(1, int(np.prod(shape))),)), float)
    answer = Answer(values.reshape(shape), _spread_faults([faults for _, faults in read], shape))
    answer.faults = _without_result(function, values, answer.faults)
    values[list(answer.faults)] = np.nan
    return answer


# --- arguments ---

Read = tuple[Any, Mapping[Any, Fault]]
"""Values that can be computed with, and the faults by index of those that stand in for what was told."""


def _read(argument: Argument, told: Any) -> Read:
    return _texts(argument, told) if argument.is_text else _numbers(argument, told)


def _numbers(argument: Argument, told: Any) -> Read:
    values, faults = np.array(told), dict[Any, Fault]()
    if values.dtype.kind not in "iuf":
        values, faults = _one_by_one(argument, np.array(told, object))
    bounds, values = argument.bounds, values.astype(float)
    with np.errstate(invalid="ignore"):
        good = np.isfinite(values) & (values <= (np.inf if bounds.at_most is None else bounds.at_most))
        good &= values >= bounds.at_least if bounds.at_least is not None else True
        good &= values > bounds.above if bounds.above is not None else True
        good &= values == np.floor(values) if bounds.whole else True
    for index in map(tuple, np.argwhere(~good).tolist()):
        what = f"{argument.name} is {values[index]:g}, but must be {bounds}"
        faults.setdefault(index, Fault(NUM, what))
    return np.where(good, values, _stand_in(argument)), faults


def _one_by_one(argument: Argument, cells: Any) -> tuple[Any, dict[Any, Fault]]:
    """Cells of a sheet: empty ones, texts, truth values and errors among the numbers."""
    values, faults = np.full(cells.shape, np.nan), dict[Any, Fault]()
    for index, cell in np.ndenumerate(cells):
        if isinstance(cell, float | int | np.number) and not isinstance(cell, bool):
            values[index] = cell
        else:
            what = "is empty" if cell is None or cell == "" else f"is {cell!r}, which is no number"
            faults[index] = Fault(VALUE, f"{argument.name} {what}. {argument.help}")
    return values, faults


def _texts(argument: Argument, told: Any) -> Read:
    cells, faults = np.array(told, object), dict[Any, Fault]()
    known = {label.casefold(): label for label in argument.labels}
    found = {cell: known.get(str(cell).casefold()) for cell in set(cells.ravel().tolist())}
    if None in found.values():
        for index, cell in np.ndenumerate(cells):
            if found[cell] is None:
                faults[index] = Fault(VALUE, _unknown(argument, cell))
    labels = [found[cell] or _stand_in(argument) for cell in cells.ravel().tolist()]
    return np.array(labels, object).reshape(cells.shape), faults


def _unknown(argument: Argument, cell: Any) -> str:
    if cell is None or cell == "":
        return f"{argument.name} is empty. {argument.help}"
    near = get_close_matches(str(cell).lower(), argument.labels, n=3, cutoff=0.5)
    return f"{argument.name}: {cell!r} is unknown. " + (f"Did you mean {' or '.join(near)}?" if near else argument.help)


def _stand_in(argument: Argument) -> Any:
    """A value that can be computed with, where the one that was told cannot; its result is thrown away."""
    return _example(argument.name)


@functools.cache
def _example(name: str) -> Any:
    return evaluate(model_graph(), standard_given(), [name])[name].item()


def _flat(values: Any, shape: tuple[int, ...]) -> Any:
    return values if values.ndim == 0 else np.broadcast_to(values, shape).ravel()


# --- results ---


@functools.cache
def standard_given() -> dict[str, Any]:
    """The standard study's inputs, the constants and the catalog, as the engine takes them."""
    return {**fixed_values(), **{name: np.asarray(value) for name, value in left_open().items()}}


@functools.cache
def _prepared(function: Function) -> tuple[Plan, dict[str, Any]]:
    """The plan of what arguments move, and the values of all that they do not."""
    given = standard_given()
    whole = Plan(model_graph(), {*given, *function.arguments}, function.results)
    settled = given | whole.settled(set(function.arguments)).run(given)
    return Plan(model_graph(), {*settled, *function.arguments}, function.results), settled


def _computed(function: Function, given: Mapping[str, Any]) -> Any:
    plan, settled = _prepared(function)
    found = plan.run({**settled, **given})
    return function.combine(*(found[name] for name in function.results))


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


def example(function: Function) -> list[Any]:
    """The arguments as the standard study has them."""
    return [_example(name) for name in function.arguments]
