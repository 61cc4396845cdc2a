"""Evaluation: each formula called once on arrays. Scenarios are the first dimension, the axis the last."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import numpy as np

from xl_econ.core.graph import Graph
from xl_econ.core.quantity import Derived, Given

Values = dict[str, Any]
CHUNK = 8192
"""Scenarios at a time: few enough that what one formula leaves is still in the cache for the next."""

KEPT_BYTES = 16_000_000
"""glibc keeps freed memory up to twice the largest block that it saw freed; less, and each chunk's arrays
would be fresh pages, which cost as much as the formulas. The block itself is never touched."""


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
    taken = {name: _shared(given[name]) if name in along else given[name] for name in plan.taken}
    varying = {name for name in along if np.ndim(taken[name])}
    taken |= plan.settled(varying).run(taken)
    rest = Plan(graph, taken, plan.wanted)
    np.empty(KEPT_BYTES, np.uint8)
    for start in range(0, max(lengths, default=1), chunk):
        yield rest.run(
            {name: _part(taken[name], start, chunk) if name in varying else taken[name] for name in rest.taken}
        )


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
        done = self._last_uses()
        self.calls = [(q.name, _application(graph, q), done.get(q.name, ())) for q in self.steps]

    def settled(self, varying: Set[str]) -> Plan:
        """The plan of what does not depend on the varying givens: one run serves all chunks."""
        moving = set(varying)
        for step in self.steps:
            if not moving.isdisjoint(step.inputs.values()):
                moving.add(step.name)
        used = {name for step in self.steps if step.name in moving for name in step.inputs.values()}
        fixed = [step.name for step in self.steps if step.name in (used | set(self.wanted)) - moving]
        return Plan(self.graph, self.taken, fixed)

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
            for name, apply, done in self.calls:
                values[name] = apply(values)
                for each in done:
                    del values[each]
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
    return value[start : start + chunk]


def _application(graph: Graph, quantity: Derived) -> Callable[[Values], Any]:
    """A formula as a call on values, wired once: a chunk makes hundreds of them."""
    formula, taken, axis = quantity.formula, tuple(quantity.inputs.values()), graph.axes[quantity.name]
    if axis is None:
        return lambda values: np.asarray(formula(*[values[name] for name in taken]))
    spread = tuple(graph.axes[name] is None for name in taken)
    length_from = tuple(name for name in taken if graph.axes[name] == axis)

    def along(values: Values) -> Any:
        """Beside inputs with an axis, the others get a last dimension of one.

        Scenarios stay neighbours in memory: numpy's inner loops are as long as the chunk.
        """
        inputs = [_spread(values[name]) if flat else values[name] for name, flat in zip(taken, spread, strict=True)]
        length = max(values[name].shape[-1] for name in length_from)
        return _along(np.asarray(formula(*inputs), order="F"), length)

    return along


def _spread(value: Any) -> Any:
    return value[..., np.newaxis] if value.ndim else value


def _along(values: Any, length: int) -> Any:
    """With the whole axis, also where a choice fell on something that is the same all along it."""
    return values if values.shape[-1:] == (length,) else np.broadcast_to(values, (*values.shape[:-1], length))
