"""Settle: a function's formulas with all worked out that its arguments do not move.

A name for any workbook has no cells to look at: what no argument moves is a number in it, and what one text alone
moves (an LLM, an accelerator, a precision) is a table with a value for each label. What is left are the formulas
that need several arguments, so that the names are half as long, and several times faster where an engine copies a
formula at each call. A table for each pair of texts would take longer to copy than its values to compute.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.core.expr import Call, Expr, Literal, Ref, refs
from xl_econ.core.fold import folded, replaced, value_of
from xl_econ.core.operations import match, pick
from xl_econ.functions.registry import Function
from xl_econ.inputs.standard import standard_given
from xl_econ.model import model_graph

TABLE = "table of "
"""What a quantity's name stands behind, where its values for all labels are meant."""
PART = " part"
"""What stands behind a quantity's name, where a part of its formula is meant."""


class Settled:
    """The formulas that a function needs, each after its inputs, and its result."""

    def __init__(self, function: Function) -> None:
        self.graph = model_graph()
        self.texts = [argument.name for argument in function.args if argument.is_text]
        self.movers: dict[str, frozenset[str]] = {name: frozenset([name]) for name in function.arguments}
        """The arguments that move a quantity."""
        self.values: dict[str, Any] = {text: labels_of(text) for text in self.texts}
        """What one text alone moves: a value for each of its labels."""
        self.trees: dict[str, Expr] = {}
        for name in self._in_order(function):
            self._settle(name)
        self.result = self._settled(function.tree, function.quantity)
        self.steps = {name: self.trees[name] for name in _reached(self.trees, self.result)}

    def table(self, name: str) -> Any:
        """A value for each label of the text that moves it."""
        (text,) = self.movers[name]
        return np.broadcast_to(self.values[name], self.values[text].shape)

    def _in_order(self, function: Function) -> list[str]:
        """Places of texts in their lists come first: all tables are read at one."""
        needed, places = function.needed - {*function.arguments}, set(map(place_of, self.texts))
        return sorted((q.name for q in self.graph.derived if q.name in needed), key=lambda name: name not in places)

    def _settle(self, name: str) -> None:
        tree = self._simpler(self.graph.trees[name])
        if moved := self._moved(tree):
            self.movers[name] = moved
            if name in map(place_of, self.texts):
                self.values[name], self.trees[name] = value_of(tree, self._value), tree
            elif self.graph.axes[name] is None and self._is_settled(tree):
                self.trees[name] = self._read(name, tree)
            else:
                self.trees[name] = self._settled(tree, name)

    def _settled(self, tree: Expr, whose: str) -> Expr:
        """A tree that reads the parts that one text alone moves from tables."""
        tree = self._simpler(tree)
        if not isinstance(tree, Call):
            return tree
        if self._is_settled(tree):
            return self._read(f"{whose}{PART}{len(self.values)}", tree)
        return Call(tree.op, tuple(self._settled(arg, whose) for arg in tree.args))

    def _simpler(self, tree: Expr) -> Expr:
        return folded(replaced(tree, self._stand_in))

    def _stand_in(self, name: str) -> Expr:
        """The value of what no argument moves, if it is a single one; and what is the same as another is that."""
        if name in self.movers or name.startswith(TABLE):
            tree = self.trees.get(name)
            return tree if isinstance(tree, Ref) else Ref(name)
        return Ref(name) if self.graph.axes[name] else Literal(settled_value(name).item())

    def _moved(self, tree: Expr) -> frozenset[str]:
        return frozenset[str]().union(*(self.movers.get(ref, ()) for ref in refs(tree)))

    def _is_settled(self, tree: Expr) -> bool:
        """Whether one text alone moves it, and gives one value for each label."""
        taken = {name for name in refs(tree) if name in self.movers}
        if len(self._moved(tree)) != 1 or not taken <= self.values.keys():
            return False
        values = np.ravel(value_of(tree, self._value)).tolist()
        return all(isinstance(value, str) or math.isfinite(value) for value in values)

    def _value(self, name: str) -> Any:
        return self.values[name] if name in self.values else settled_value(name)

    def _read(self, name: str, tree: Expr) -> Expr:
        self.movers[name], self.values[name] = self._moved(tree), value_of(tree, self._value)
        (text,) = self.movers[name]
        return Call(pick, (Ref(f"{TABLE}{name}"), Ref(place_of(text))))


def _reached(trees: dict[str, Expr], result: Expr) -> list[str]:
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


def labels_of(text: str) -> Any:
    """The labels that a text may be, in order."""
    (column,) = set(refs(model_graph().trees[place_of(text)])) - {text}
    return settled_value(column)


@functools.cache
def settled_value(name: str) -> Any:
    """What the standard study has."""
    return np.asarray(evaluate(model_graph(), standard_given(), [name])[name])
