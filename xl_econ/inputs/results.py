"""Results: what a study gives, as plain numbers and text by scenario."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.core.evaluate import evaluate as evaluate_graph
from xl_econ.core.quantity import Given
from xl_econ.core.spell import START
from xl_econ.inputs.study import Study
from xl_econ.model import AXES, model_graph

WOULD_CALCULATE = (START, "+", "-", "@", "\t", "\r")
"""How a text begins that a spreadsheet takes for a formula."""


@dataclass(frozen=True)
class Results:
    """Values by scenario and name. What is absent is None, and `<name>_state` says why."""

    scenarios: dict[str, dict[str, Any]]
    units: dict[str, str]

    def rows(self) -> list[dict[str, Any]]:
        """A row for each quantity, a column for each scenario: `pandas.DataFrame(results.rows())`.

        What is absent has its reason in words; a quantity along an axis has a row for each level, month or year.
        """
        return [row for name in self.units for row in self._rows(name)]

    def _rows(self, name: str) -> Iterator[dict[str, Any]]:
        values: dict[str, Any] = {
            scenario: own[name] if own[name] is not None else own.get(f"{name}_state", "")
            for scenario, own in self.scenarios.items()
        }
        axis = model_graph().axes[name]
        head = {"quantity": name, "unit": self.units[name]}
        if axis not in AXES:
            yield head | dict.fromkeys(AXES) | values
            return
        length = max((np.size(value) for value in values.values()), default=1)
        for place, position in enumerate(range(AXES[axis].start, AXES[axis].start + length)):
            yield (
                head
                | dict.fromkeys(AXES)
                | {axis: position}
                | {scenario: value[place] if isinstance(value, list) else value for scenario, value in values.items()}
            )

    def to_csv(self) -> str:
        """The rows as comma-separated values. A text that a spreadsheet would calculate gets an apostrophe."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        rows = self.rows()
        writer.writerow([harmless(head) for head in (rows[0] if rows else {"quantity": "", "unit": ""})])
        writer.writerows([harmless(value) for value in row.values()] for row in rows)
        return out.getvalue()


def evaluate(study: Study, names: Iterable[str] | None = None) -> Results:
    """All quantities of a study, or those named; quantities along the axis as lists.

    Raises GraphError, with the nearest names, for a name that no quantity has.
    """
    graph = model_graph()
    wanted = list(names) if names is not None else _shown()
    states = {str(graph[name].state) for name in wanted if graph[name].state}
    words = {f"{state}_label" for state in states}
    values = evaluate_graph(graph, study.given(), [*wanted, *states, *words])
    scenarios = {
        scenario: _of_scenario(wanted, values, place, len(study.scenarios))
        for place, scenario in enumerate(study.names)
    }
    return Results(scenarios, {name: graph[name].unit for name in wanted})


def harmless(value: Any) -> Any:
    """A value that no spreadsheet calculates: a leading apostrophe keeps a text a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(WOULD_CALCULATE) else value


def _shown() -> list[str]:
    """Everything but the catalog's tables and the drop-downs' labels."""
    return [q.name for q in model_graph() if not (isinstance(q, Given) and q.role == "column")]


def _of_scenario(wanted: list[str], values: dict[str, Any], place: int, count: int) -> dict[str, Any]:
    graph = model_graph()
    found: dict[str, Any] = {}
    for name in wanted:
        quantity = graph[name]
        found[name] = _plain(values[name], place, count, graph.axes[name] is not None)
        if quantity.state and _plain(values[quantity.state], place, count, False) > 0:
            found[name] = None
            found[f"{name}_state"] = str(_plain(values[f"{quantity.state}_label"], place, count, False))
    return found


def _plain(value: Any, place: int, count: int, along: bool) -> Any:
    """One scenario's value as a Python number, text or list."""
    shape = (count, value.shape[-1]) if along else (count,)
    own: Any = np.broadcast_to(value, shape)[place]
    return own.tolist() if hasattr(own, "tolist") else own
