"""Moved results: where a workbook's saved results are not what Python computes from its inputs."""

from __future__ import annotations

from typing import Any, NamedTuple

from xl_econ.core.evaluate import evaluate
from xl_econ.core.quantity import Derived
from xl_econ.inputs.difference import same
from xl_econ.inputs.study import Study
from xl_econ.model import model_graph
from xl_econ.workbook.blank import Spot
from xl_econ.workbook.book import Book
from xl_econ.workbook.columns import plain_values
from xl_econ.workbook.table_order import order_with


class Stale(NamedTuple):
    """A saved result that does not follow from the inputs."""

    name: str
    scenario: str
    level: int
    spot: Spot
    saved: Any
    computed: Any


def stale_results(book: Book, study: Study) -> list[Stale]:
    """Every saved result of the named rows that differs from Python's; what is typed over a formula is none."""
    graph = model_graph()
    computed = plain_values(evaluate(graph, study.given(order_with(book, study))), len(study.scenarios))
    names = [quantity.name for quantity in graph if isinstance(quantity, Derived)]
    found: list[Stale] = []
    places = {name: place for place, name in enumerate(study.scenarios)}
    for name, scenario, level, spot, saved in book.saved(names):
        value: Any = computed[name][places[scenario]]
        if graph.axes[name] is not None:
            if level >= len(value):
                continue
            value = value[level]
        if not same(saved, value) and book.formula(spot):
            found.append(Stale(name, scenario, level, spot, saved, value))
    return found
