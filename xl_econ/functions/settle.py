"""Settle: a function's formulas with all worked out that its arguments do not move.

A name for any workbook has no cells to look at: what no argument moves is a number in it, and what texts alone
move (an LLM, an accelerator, a precision) is a table with a value for each label. What is left are the
formulas that need numbers that the caller tells.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.core.expr import Call, Expr, Literal, Ref, refs
from xl_econ.core.fold import folded, replaced, value_of
from xl_econ.core.operations import match, pick
from xl_econ.functions.call import standard_given
from xl_econ.functions.registry import Function
from xl_econ.model import model_graph

TABLE = "table of "
"""What a quantity's name stands behind, where its values for all labels are meant."""
PART = " part"
"""What stands behind a quantity's name, where a part of its formula is meant."""
MOST_VALUES = 200
"""Values of a table for each pair of labels: to copy more costs an engine more than to compute one."""


class Settled:
    """The formulas that a function needs, each after its inputs, and its result."""

    def __init__(self, function: Function) -> None:
        self.graph = model_graph()
        self.texts = [argument.name for argument in function.args if argument.is_text]
        self.movers: dict[str, frozenset[str]] = {name: frozenset([name]) for name in function.arguments}
        """The arguments that move a quantity."""
        self.values: dict[str, Any] = {text: self._labels(text) for text in self.texts}
        """For each label what texts alone move: each text has a dimension."""
        self.trees: dict[str, Expr] = {}
        for name in self._in_order(function):
            self._settle(name)
        self.result = self._settled(function.tree, function.quantity)
        self.steps = {name: self.trees[name] for name in _reached(self.trees, self.result)}

    def table(self, name: str) -> Any:
        """Values in a row; for two texts, in a row for each label of the first."""
        shape = [self.values[text].size if text in self.movers[name] else 1 for text in self.texts]
        return np.squeeze(np.broadcast_to(self.values[name], shape))

    def _labels(self, text: str) -> Any:
        at = self.texts.index(text)
        labels = settled_value(list(refs(self.graph.trees[place_of(text)]))[1])
        return labels.reshape([-1 if place == at else 1 for place in range(len(self.texts))])

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
        """A tree that reads the parts that texts alone move from tables."""
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
        """Whether texts alone move it, and it is one value for each label."""
        moved, taken = self._moved(tree), {name for name in refs(tree) if name in self.movers}
        if not moved or not taken <= self.values.keys():
            return False
        values = np.asarray(value_of(tree, self._value))
        known = all(isinstance(value, str) or math.isfinite(value) for value in values.ravel().tolist())
        return known and (len(moved) == 1 or values.size <= MOST_VALUES)

    def _value(self, name: str) -> Any:
        return self.values[name] if name in self.values else settled_value(name)

    def _read(self, name: str, tree: Expr) -> Expr:
        self.movers[name], self.values[name] = self._moved(tree), value_of(tree, self._value)
        places = [Ref(place_of(text)) for text in self.texts if text in self.movers[name]]
        return Call(pick, (Ref(f"{TABLE}{name}"), *places))


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
