"""Settle: a function's formulas with all worked out that its arguments do not move.

A name for any workbook has no cells to look at: what no argument moves is a number in it, and what one text
alone moves (an LLM, an accelerator, a precision) is a table with a value for each label. What is left are the
formulas that need the arguments together, a third of the whole.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.core.expr import Call, Expr, Literal, Ref, refs
from xl_econ.core.fold import folded, replaced
from xl_econ.core.operations import match, pick
from xl_econ.functions.call import standard_given
from xl_econ.functions.registry import Function
from xl_econ.model import model_graph

TABLE = "table of "
"""What a quantity's name stands behind, where its values for all labels are meant."""


class Settled:
    """The formulas that a function needs, each after its inputs, and its result."""

    def __init__(self, function: Function) -> None:
        self.graph, self.arguments = model_graph(), {argument.name: argument for argument in function.args}
        self.movers: dict[str, frozenset[str]] = {name: frozenset([name]) for name in self.arguments}
        """The arguments that move a quantity."""
        self.trees: dict[str, Expr] = {}
        for name in self._in_order(function):
            self._settle(name)
        self.result = self._simpler(function.tree)
        self.steps = {name: self.trees[name] for name in _reached(self.trees, self.result)}

    def _in_order(self, function: Function) -> list[str]:
        """Places of texts in their lists come first: all tables are read at one."""
        needed = function.needed - set(self.arguments)
        codes = {place_of(name) for name, argument in self.arguments.items() if argument.is_text}
        return sorted((q.name for q in self.graph.derived if q.name in needed), key=lambda name: name not in codes)

    def _settle(self, name: str) -> None:
        tree = self._simpler(self.graph.trees[name])
        moved = frozenset[str]().union(*(self.movers.get(ref, ()) for ref in refs(tree)))
        if moved:
            self.movers[name] = moved
            self.trees[name] = self._read(name) if self._has_table(name) else tree

    def _has_table(self, name: str) -> bool:
        """Whether one text alone moves it, and gives one value for each label."""
        (text, *more) = self.movers[name]
        if more or not self.arguments[text].is_text or name == place_of(text) or self.graph.axes[name] is not None:
            return False
        return all(isinstance(value, str) or math.isfinite(value) for value in table_of(name, text).tolist())

    def _read(self, name: str) -> Expr:
        (text,) = self.movers[name]
        return Call(pick, (Ref(f"{TABLE}{name}"), Ref(place_of(text))))

    def _simpler(self, tree: Expr) -> Expr:
        return folded(replaced(tree, self._stand_in))

    def _stand_in(self, name: str) -> Expr:
        """The value of what no argument moves, if it is a single one; and what is the same as another is that."""
        if name in self.movers:
            tree = self.trees.get(name)
            return tree if isinstance(tree, Ref) else Ref(name)
        return Ref(name) if self.graph.axes[name] else Literal(settled_value(name).item())


def _reached(trees: Mapping[str, Expr], result: Expr) -> list[str]:
    """What a result still needs, in order."""
    wanted = set(refs(result))
    for name in reversed(trees):
        if name in wanted:
            wanted.update(refs(trees[name]))
    return [name for name in trees if name in wanted]


@functools.cache
def place_of(text: str) -> str:
    """The quantity that is a text's place in its list."""
    trees = model_graph().trees.items()
    return next(name for name, tree in trees if isinstance(tree, Call) and tree.op is match and text in refs(tree))


@functools.cache
def settled_value(name: str) -> Any:
    """What the standard study has."""
    return np.asarray(evaluate(model_graph(), standard_given(), [name])[name])


@functools.cache
def table_of(name: str, text: str) -> Any:
    """A quantity's value for each label of a text, in the order of its list."""
    graph = model_graph()
    labels = settled_value(list(refs(graph.trees[place_of(text)]))[1])
    values = evaluate(graph, {**standard_given(), text: labels}, [name])[name]
    return np.broadcast_to(values, labels.shape)
