"""Evaluation: each formula called once on arrays. Scenarios are the first dimension, the axis the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from xl_econ.core.graph import Graph
from xl_econ.core.quantity import Derived, Given

Values = dict[str, Any]
CHUNK = 8192
"""Scenarios at a time: few enough that what one formula leaves is still in the cache for the next."""


def evaluate(graph: Graph, given: Mapping[str, Any], wanted: Iterable[str] | None = None) -> Values:
    """The wanted quantities (all, if None), as arrays that broadcast to (scenarios,) or (scenarios, axis).

    `given` holds a scalar or an array of shape (scenarios,) for each given, the whole column for a
    given along an axis. A derived quantity that is given is taken as it is, and nothing that only it
    needs is computed.
    """
    return Plan(graph, given, graph.by_name if wanted is None else wanted).run(given)


def evaluate_in_chunks(
    graph: Graph, given: Mapping[str, Any], wanted: Iterable[str], chunk: int = CHUNK
) -> Iterator[Values]:
    """`evaluate` for millions of scenarios with bounded memory: a chunk of scenarios at a time.

    Givens along an axis and table columns must be named with their axis in the graph; all other
    one-dimensional arrays run along the scenarios. What all scenarios share is computed once, so
    that its value has no dimension for them.
    """
    plan = Plan(graph, given, wanted)
    along = {name for name in plan.taken if _runs_along_scenarios(graph, name, given[name])}
    lengths = {len(given[name]) for name in along}
    if len(lengths) > 1:
        raise ValueError(f"arrays of different lengths are given: {sorted(lengths)}. All run along the scenarios")
    count = max(lengths, default=1)
    taken = {name: _shared(given[name]) if name in along else given[name] for name in plan.taken}
    for start in range(0, count, chunk):
        yield plan.run({name: _part(value, start, chunk) if name in along else value for name, value in taken.items()})


class Plan:
    """The formulas to call for the wanted quantities, in order; made once, run on any number of chunks."""

    def __init__(self, graph: Graph, given: Iterable[str], wanted: Iterable[str]) -> None:
        self.graph, self.wanted = graph, list(wanted)
        needed = graph.needs(self.wanted, stop_at=given)
        self.taken = needed & set(given)
        lacking = [name for name in needed - self.taken if isinstance(graph[name], Given)]
        if lacking:
            raise KeyError(f"no value is given for {', '.join(sorted(lacking))}")
        self.steps = [q for q in graph.derived if q.name in needed and q.name not in self.taken]
        self.done_with = self._last_uses()

    def _last_uses(self) -> dict[str, list[str]]:
        """What nobody needs any more after a step: its memory serves the next."""
        last = {name: step.name for step in self.steps for name in step.inputs.values()}
        done: dict[str, list[str]] = {}
        for name in last.keys() - set(self.wanted):
            done.setdefault(last[name], []).append(name)
        return done

    def run(self, given: Mapping[str, Any]) -> Values:
        """The wanted quantities for these values of the givens."""
        values: Values = {name: _as_cells_hold_it(given[name]) for name in self.taken}
        with np.errstate(all="ignore"):
            for quantity in self.steps:
                values[quantity.name] = _apply(self.graph, quantity, values)
                for name in self.done_with.get(quantity.name, ()):
                    del values[name]
        return {name: values[name] for name in self.wanted}


def _runs_along_scenarios(graph: Graph, name: str, value: Any) -> bool:
    return np.ndim(value) > (0 if graph.axes[name] is None else 1)


def _as_cells_hold_it(value: Any) -> Any:
    """Whole numbers as doubles, since a cell has no others."""
    array = np.asarray(value)
    return array.astype(float) if array.dtype.kind in "iu" else array


def _shared(value: Any) -> Any:
    """One value, where all scenarios have the same."""
    values = np.asarray(value)
    same = values.ndim == 1 and values.size > 0 and values[0] == values[-1] and bool(np.all(values == values[0]))
    return values[0] if same else values


def _part(value: Any, start: int, chunk: int) -> Any:
    return value[start : start + chunk] if np.ndim(value) else value


def _apply(graph: Graph, quantity: Derived, values: Values) -> Any:
    """One formula on its inputs; beside inputs with an axis, the others get a last dimension of one.

    Along an axis, scenarios stay neighbours in memory: numpy's inner loops are as long as the chunk.
    """
    axis = graph.axes[quantity.name]
    if axis is None:
        return np.asarray(quantity.formula(**{parameter: values[name] for parameter, name in quantity.inputs.items()}))
    arguments: Values = {}
    for parameter, name in quantity.inputs.items():
        value = values[name]
        spread = graph.axes[name] is None and value.ndim > 0
        arguments[parameter] = value[..., np.newaxis] if spread else value
    length = max(values[name].shape[-1] for name in quantity.inputs.values() if graph.axes[name] == axis)
    return _along(np.asarray(quantity.formula(**arguments), order="F"), length)


def _along(values: Any, length: int) -> Any:
    """With the whole axis, also where a choice fell on something that is the same all along it."""
    return values if values.shape[-1:] == (length,) else np.broadcast_to(values, (*values.shape[:-1], length))
