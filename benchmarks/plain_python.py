"""The model as one plain Python function on plain numbers, spelled from the same trees as cells and words.

The engine's peer: what a hand-written calculator without numpy would do, one scenario at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from xl_econ.core import operations as own
from xl_econ.core.expr import Call, Expr, Literal, Ref
from xl_econ.core.graph import Graph
from xl_econ.core.spell import spelling_of

SPELLED: dict[Any, str] = {
    np.add: "({0} + {1})",
    np.subtract: "({0} - {1})",
    np.multiply: "({0} * {1})",
    np.divide: "({0} / {1})",
    np.power: "({0} ** {1})",
    np.negative: "(-{0})",
    np.absolute: "abs({0})",
    np.sqrt: "math.sqrt({0})",
    np.exp: "math.exp({0})",
    np.log: "math.log({0})",
    np.log2: "math.log2({0})",
    np.tanh: "math.tanh({0})",
    np.minimum: "min({0}, {1})",
    np.maximum: "max({0}, {1})",
    np.less: "({0} < {1})",
    np.less_equal: "({0} <= {1})",
    np.greater: "({0} > {1})",
    np.greater_equal: "({0} >= {1})",
    np.logical_and: "({0} and {1})",
    np.logical_or: "({0} or {1})",
    np.logical_not: "(not {0})",
    np.where: "({1} if {0} else {2})",
    own.ceil_whole: "-math.floor({1} - {0})",
    own.floor_whole: "math.floor({0} + {1})",
    own.at_most: "({0} - {1} <= {2})",
    own.pick: "{0}[int({1}) - 1]",
    own.match: "({1}.index({0}) + 1)",
    own.largest: "max({0})",
    own.total: "sum({0})",
    own.at: "{0}[int({1}) - 1]",
    own.total_below: "sum(value for value, key in zip({0}, {1}) if key < {2})",
}


def plain_function(
    graph: Graph, wanted: Iterable[str], given: Iterable[str]
) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """A function from the values of the givens, by name, to the wanted quantities, by name."""
    names, taken = list(wanted), set(given)
    needed = graph.needs(names, stop_at=taken)
    lines = ["def model(values):", *(f"    {_variable(name)} = values[{name!r}]" for name in taken & needed)]
    lines += [f"    {_step(graph, q.name)}" for q in graph.derived if q.name in needed - taken]
    lines += [f"    return {{{', '.join(f'{name!r}: {_variable(name)}' for name in names)}}}"]
    space: dict[str, Any] = {"math": math}
    exec("\n".join(lines), space)
    return space["model"]


def _variable(name: str) -> str:
    return name.replace(".", "__")


def _step(graph: Graph, name: str) -> str:
    """One assignment; a list for a quantity along an axis."""
    axis = graph.axes[name]
    spelled = _spelled(graph, graph.trees[name], axis)
    if axis is None:
        return f"{_variable(name)} = {spelled}"
    along = next(q for q in graph.needs([name]) if graph.axes[q] == axis and q not in graph.trees)
    return f"{_variable(name)} = [{spelled} for i in range(len({_variable(along)}))]"


def _spelled(graph: Graph, tree: Expr, axis: str | None) -> str:
    if isinstance(tree, Ref):
        along = axis is not None and graph.axes[tree.name] == axis
        return f"{_variable(tree.name)}[i]" if along else _variable(tree.name)
    if isinstance(tree, Literal):
        return repr(tree.value)
    assert isinstance(tree, Call)
    ranges = spelling_of(tree).ranges
    args = [_spelled(graph, arg, None if place in ranges else axis) for place, arg in enumerate(tree.args)]
    if tree.op is own.choose:
        return _chosen(args[0], args[1:])
    return SPELLED[tree.op].format(*args)


def _chosen(code: str, options: list[str]) -> str:
    """`a if code == 1 else b if code == 2 else c`, so that only the chosen option is computed."""
    tests = (f"{option} if {code} == {place} else " for place, option in enumerate(options[:-1], 1))
    return f"({''.join(tests)}{options[-1]})"
