"""Merge: formulas put into the one formula that takes them, where nobody else does: fewer cells, the same numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from xl_econ.core.expr import Call, Expr, Ref, refs, walk
from xl_econ.core.fold import replaced
from xl_econ.core.graph import Graph, taken_by

MOST_OPERATIONS = 30
"""In a merged formula: what a reader still follows."""
FEW_OPERATIONS, FEW_TAKERS = 6, 3
"""What two or three others take is part of each where it is this short."""


def merged(graph: Graph, results: Collection[str]) -> dict[str, Expr]:
    """The formulas behind some results, each after what it takes; what only one other takes is part of it.

    So is what is short, for a few. Results keep formulas of their own, and so does what runs along another axis than
    its taker, or is taken whole.
    """
    needed = graph.needs(results)
    order = [quantity.name for quantity in graph.derived if quantity.name in needed]
    uses = Counter(name for taker in order for name in refs(graph.trees[taker]))
    trees: dict[str, Expr] = {}
    for taker in order:
        inside = {
            name: trees[name]
            for name in sorted(taken_by(graph.trees[taker])[0])
            if name in trees and name not in results
            if graph.axes[name] == graph.axes[taker] and _open(trees[name], uses[name])
        }
        trees[taker] = _with(graph.trees[taker], inside)
    return _still_taken(trees, results)


def _open(tree: Expr, takers: int) -> bool:
    return takers == 1 or (takers <= FEW_TAKERS and _size(tree) <= FEW_OPERATIONS)


def _still_taken(trees: Mapping[str, Expr], results: Collection[str]) -> dict[str, Expr]:
    """Without what all of its takers hold themselves."""
    kept: set[str] = set(results)
    for name in reversed(list(trees)):
        if name in kept:
            kept |= set(refs(trees[name]))
    return {name: tree for name, tree in trees.items() if name in kept}


def _with(tree: Expr, inside: Mapping[str, Expr]) -> Expr:
    """A tree with as many others put in as leave it readable, the smallest first."""
    for name, part in sorted(inside.items(), key=lambda each: _size(each[1])):
        fits = _size(tree) + _size(part) * list(refs(tree)).count(name) <= MOST_OPERATIONS
        if fits and name not in taken_by(tree)[1]:
            tree = replaced(tree, lambda taken, name=name, part=part: part if taken == name else Ref(taken))
    return tree


def _size(tree: Expr) -> int:
    return sum(isinstance(node, Call) for node in walk(tree))
