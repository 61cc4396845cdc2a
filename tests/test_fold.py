"""Fold and settle: a tree with what is known worked out gives what the whole one gives, bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_spell import SCENARIOS, drawn, numbers, run, truths

from xl_econ.core.expr import Call, Expr, Literal, Ref, refs, walk
from xl_econ.core.fold import folded, replaced, value_of
from xl_econ.core.graph import trace_function
from xl_econ.core.operations import choose
from xl_econ.core.spell import PLAIN, excel
from xl_econ.functions.registry import FUNCTIONS, Function
from xl_econ.functions.settle import Settled

KNOWN = SCENARIOS[0] | {"a": 1.0, "b": 0.0}
TREES: list[Expr] = [run(recipe, {name: Ref(name) for name in KNOWN}) for recipe in drawn(numbers(6), 500)]
TREES += [run(recipe, {name: Ref(name) for name in KNOWN}) for recipe in drawn(truths(4), 200)]


@pytest.mark.parametrize("names", ["abcdenk", "abk", "ab", "k", "cde", ""])
def test_a_folded_tree_gives_what_the_whole_one_gives(names: str) -> None:
    for whole in TREES:
        tree = replaced(whole, lambda name: Literal(KNOWN[name]) if name in names else Ref(name))
        value = value_of(whole, KNOWN.__getitem__)
        np.testing.assert_array_equal(value_of(folded(tree), KNOWN.__getitem__), value, excel(whole, PLAIN))


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lambda a: np.where(np.greater(Literal(1), 0), a, 2), "a"),
        (lambda a: choose(Literal(2), 1, a), "a"),
        (lambda a: (a * Literal(1) + 0) / Literal(1) - 0, "a"),
        (lambda a: Literal(1) * (0 + a) ** Literal(1), "a"),
        (lambda a: 1 / (a * np.exp(Literal(0))), "1/a"),
        (lambda a: a - np.sqrt(np.add(Literal(2), 2)) / 2, "a-1"),
        (lambda a: 0 - a, "0-a"),
        (lambda a: 0 * a, "0*a"),
        (lambda a: a / np.log(Literal(0)), "a/LN(0)"),
        (lambda a: a ** np.subtract(Literal(0), 2), "a^(-2)"),
    ],
)
def test_what_is_known_is_worked_out(formula: Any, text: str) -> None:
    assert excel(folded(trace_function(formula)), PLAIN) == text


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_nothing_settled_is_left_in_a_function(function: Function) -> None:
    """Every step needs arguments, is needed, stands behind what it needs, and is no number and no other step."""
    settled, seen = Settled(function), set(function.arguments)
    for name, tree in settled.steps.items():
        assert settled.movers[name] and isinstance(tree, Call)
        assert seen.issuperset(set(refs(tree)) & settled.movers.keys() - settled.values.keys())
        seen.add(name)
    needed = {name for tree in (*settled.steps.values(), settled.result) for name in refs(tree)}
    assert settled.steps.keys() <= needed
    for tree in settled.steps.values():
        assert not any(isinstance(node, Call) and all(isinstance(a, Literal) for a in node.args) for node in walk(tree))
