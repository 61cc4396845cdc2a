"""Evaluation: each formula called once on arrays. Scenarios are the first dimension, the axis the last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from xl_econ.core.graph import Graph
from xl_econ.core.quantity import Derived, Given

Values = dict[str, Any]


def evaluate(graph: Graph, given: Mapping[str, Any], wanted: Iterable[str] | None = None) -> Values:
    """The wanted quantities (all, if None), as arrays that broadcast to (scenarios,) or (scenarios, axis).

    `given` holds a scalar or an array of shape (scenarios,) for each given, the whole column for a
    given along an axis. A derived quantity that is given is taken as it is, and nothing that only it
    needs is computed.
    """
    names = list(graph.by_name if wanted is None else wanted)
    needed = graph.needs(names, stop_at=given)
    values: Values = {name: np.asarray(given[name]) for name in needed if name in given}
    lacking = [n for n in needed if n not in values and isinstance(graph[n], Given)]
    if lacking:
        raise KeyError(f"no value is given for {', '.join(sorted(lacking))}")
    with np.errstate(all="ignore"):
        for quantity in graph.derived:
            if quantity.name in needed and quantity.name not in values:
                values[quantity.name] = _apply(graph, quantity, values)
    return {name: values[name] for name in names}


def evaluate_in_chunks(
    graph: Graph, given: Mapping[str, Any], wanted: Iterable[str], chunk: int = 16_384
) -> Iterator[Values]:
    """`evaluate` for millions of scenarios with bounded memory: a chunk of scenarios at a time.

    Givens along an axis and table columns must be named with their axis in the graph; all other
    one-dimensional arrays run along the scenarios.
    """
    names = list(wanted)
    along = {name for name in given if _runs_along_scenarios(graph, name, given[name])}
    count = max((len(given[name]) for name in along), default=1)
    for start in range(0, count, chunk):
        part = {name: value[start : start + chunk] if name in along else value for name, value in given.items()}
        yield evaluate(graph, part, names)


def _runs_along_scenarios(graph: Graph, name: str, value: Any) -> bool:
    return np.ndim(value) > 0 and graph.axes.get(name) is None


def _apply(graph: Graph, quantity: Derived, values: Values) -> Any:
    """One formula on its inputs; beside inputs with an axis, the others get a last dimension of one."""
    axis = graph.axes[quantity.name]
    arguments: Values = {}
    for parameter, name in quantity.inputs.items():
        value = values[name]
        spread = axis is not None and graph.axes[name] is None and value.ndim > 0
        arguments[parameter] = value[..., np.newaxis] if spread else value
    return np.asarray(quantity.formula(**arguments))
