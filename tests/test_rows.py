"""Rows of Curve and Workings: merged formulas give what whole ones give, and a column has no more than it needs."""

from __future__ import annotations

import numpy as np
import pytest
from studies import random_study

from xl_econ.core.expr import Expr, refs
from xl_econ.core.fold import value_of
from xl_econ.core.graph import taken_by
from xl_econ.core.quantity import Derived
from xl_econ.inputs.article import article
from xl_econ.model import CURVE_RESULTS, LEVEL_COUNT, model_graph
from xl_econ.workbook.columns import Columns, columns_of
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.rows import case_rows, case_trees, curve_trees
from xl_econ.workbook.trials import case_count


def level_value(tree: Expr, found: Columns, column: int, level: int) -> float:
    """What a level's formula gives for the values of a column."""
    graph, whole = model_graph(), taken_by(tree)[1]

    def taken(name: str) -> object:
        values = np.asarray(found.values[name][column])
        return values if graph.axes[name] is None or name in whole else values[level]

    return float(value_of(tree, taken))


@pytest.mark.parametrize("seed", [2, 9])
def test_merged_formulas_of_the_curve_give_what_the_whole_ones_give(seed: int) -> None:
    found = columns_of(random_study(seed), full=False)
    trees = {name: tree for name, tree in curve_trees().items() if not taken_by(tree)[1]}
    assert len(trees) > len(CURVE_RESULTS)
    for name, tree in trees.items():
        for level in range(0, LEVEL_COUNT, 6):
            wanted = found.value(name, 0, level)
            assert level_value(tree, found, 0, level) == pytest.approx(wanted, rel=1e-12), name


def test_the_curve_keeps_the_rows_that_readers_and_charts_look_at() -> None:
    assert {f"level_{name}" for name in CURVE_RESULTS} <= curve_trees().keys()
    along = [name for name, axis in model_graph().axes.items() if axis == "level"]
    assert len(curve_trees()) < len(along) / 2


def test_no_formula_on_workings_takes_a_cell_that_is_free() -> None:
    layout, sets = layout_for(3), {name for trial in layout_for(3).trials for name in trial.sets}
    columns = range(layout.scenarios, layout.scenarios + layout.cases + len(layout.trials))
    for name, tree in case_trees().items():
        for column in (each for each in columns if layout.computes(name, each)):
            for taken in (each for each in refs(tree) if isinstance(layout.graph[each], Derived)):
                owner = layout.owner(taken, column)
                trial = layout.trial(owner)
                assert layout.computes(taken, owner) or (trial and taken in trial.sets & sets), (name, taken, column)


def test_a_case_of_the_article_has_what_its_rows_need() -> None:
    cases, rows = article()
    for place, case in enumerate(cases):
        assert {row.quantity for row in rows if row.case == case} & case_trees().keys() <= case_rows(2 * place)
    assert min(len(case_rows(case)) for case in range(case_count())) < len(case_trees()) / 4
