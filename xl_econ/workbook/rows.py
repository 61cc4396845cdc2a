"""Rows: which formulas the sheets Curve and Workings hold, and which of them a column of Workings needs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

from xl_econ.core.expr import Expr, refs
from xl_econ.core.merge import merged
from xl_econ.inputs.article import article
from xl_econ.model import CURVE_RESULTS, model_graph
from xl_econ.workbook.trials import Trial, bridge_ends, moved_by, roots, trials

CURVE_ROWS = (
    *("level_concurrency", "level_decode_step_ms", "grid_m_tokens_per_day"),
    *(f"level_{name}" for name in CURVE_RESULTS),
    "level_share",
)
"""What Curve shows by itself, and what LAMBDA names take there. Engine has each part, at the concurrency chosen."""


@functools.cache
def curve_trees() -> dict[str, Expr]:
    """The formulas on Curve: what only few others take along the levels is part of them."""
    graph = model_graph()
    along = [name for name in graph.trees if graph.axes[name] == "level"]
    taken = {name for tree in graph.trees.values() for name in refs(tree)}
    ends = {*CURVE_ROWS, *(name for name in along if name not in taken)}
    trees = merged(graph, ends | graph.trees.keys() - set(along))
    return {name: tree for name, tree in trees.items() if graph.axes[name] == "level"}


@functools.cache
def case_trees() -> dict[str, Expr]:
    """The formulas on Workings."""
    return merged(model_graph(), roots())


@functools.cache
def case_rows(case: int) -> frozenset[str]:
    """The formulas that a case of the article needs: for its rows on Article, and where a bridge stands on it."""
    name = list(article()[0])[case // 2]
    results = {row.quantity for row in article()[1] if row.case == name}
    bridged = {result for trial in trials() for result in trial.results} if case in bridge_ends() else set[str]()
    return _behind(case_trees(), results | bridged)


@functools.cache
def trial_rows(trial: Trial) -> frozenset[str]:
    """The formulas that a trial moves, and does not decide itself."""
    return (moved_by(trial) - trial.sets) & case_trees().keys()


def _behind(trees: Mapping[str, Expr], results: Iterable[str]) -> frozenset[str]:
    """Of these formulas, those that results need."""
    found, queue = set[str](), list(results)
    while queue:
        name = queue.pop()
        if name in trees and name not in found:
            found.add(name)
            queue.extend(refs(trees[name]))
    return frozenset(found)
