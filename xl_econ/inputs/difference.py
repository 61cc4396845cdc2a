"""Difference: two studies side by side: inputs changed, catalog changed, results moved and by how much."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from xl_econ.inputs.own_catalog import OwnRecords, Value, shipped_value
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study
from xl_econ.model import HEADLINES, model_graph

Values = Mapping[str, Mapping[str, Any]]
"""By scenario and name."""
RELATIVE, ABSOLUTE = 1e-6, 1e-9
"""Engines differ in the last digits; a result that moved differs in earlier ones."""
Table = tuple[str, list[str], list[list[str]]]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same for a reader; TRUE is not 1."""
    numbers = [value for value in (one, other) if isinstance(value, float | int) and not isinstance(value, bool)]
    if len(numbers) == 2:
        return math.isclose(*numbers, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(one) is type(other) and one == other


@dataclass(frozen=True)
class Moved:
    """One value of one scenario, before and after."""

    scenario: str
    name: str
    unit: str
    before: Any
    after: Any

    @property
    def change_percent(self) -> float | None:
        """By how much a number moved, over its size before; None for what is no number, or was 0."""
        numbers = all(
            isinstance(value, float | int) and not isinstance(value, bool) for value in (self.before, self.after)
        )
        return (self.after / self.before - 1) * 100 if numbers and self.before else None


@dataclass(frozen=True)
class Difference:
    """What differs between two studies or workbooks. False if nothing does."""

    inputs: list[Moved]
    results: list[Moved]
    catalog: list[Moved]
    """`scenario` is the table, `name` the id and field of the record."""
    only_before: list[str] = field(default_factory=list[str])
    """Scenarios that only the first has."""
    only_after: list[str] = field(default_factory=list[str])
    structure: list[str] = field(default_factory=list[str])
    """What differs between two workbooks beside their values."""

    def __bool__(self) -> bool:
        return any((self.inputs, self.results, self.catalog, self.only_before, self.only_after, self.structure))

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        results = [asdict(moved) | {"change_percent": moved.change_percent} for moved in self.results]
        plain = {"inputs": [*map(asdict, self.inputs)], "results": results, "catalog": [*map(asdict, self.catalog)]}
        scenarios = {"only_before": self.only_before, "only_after": self.only_after}
        return plain | {"scenarios": scenarios, "structure": self.structure}

    def tables(self) -> Iterator[Table]:
        """Title, heads and rows, ready to print; only what is not empty."""
        for title, moves in (("Inputs", self.inputs), ("Results", self.results), ("Catalog", self.catalog)):
            if moves:
                rows = [[m.scenario, m.name, m.unit, _shown(m.before), _shown(m.after), _percent(m)] for m in moves]
                where = "table" if title == "Catalog" else "scenario"
                yield title, [where, "name", "unit", "before", "after", "change"], rows
        told = [f"only before: scenario {name}" for name in self.only_before]
        told += [f"only after: scenario {name}" for name in self.only_after]
        if told or self.structure:
            yield "Structure", ["what"], [[line] for line in [*told, *self.structure]]

    def summary(self) -> str:
        """The last line of a report."""
        if not self:
            return "No difference."
        counts = (len(self.inputs), len(self.results), len(self.catalog))
        return "{} inputs changed, {} headline results moved, {} catalog facts differ.".format(*counts)


def compare(before: Study, after: Study) -> Difference:
    """Two studies, input by input and headline by headline; what both have."""
    return Difference(
        inputs=list(moves(before.resolved(), after.resolved())),
        results=list(moves(headlines(before), headlines(after))),
        catalog=list(_records(before.catalog, after.catalog)),
        only_before=[name for name in before.scenarios if name not in after.scenarios],
        only_after=[name for name in after.scenarios if name not in before.scenarios],
        structure=_lengths(before.months, after.months),
    )


def _lengths(before: int, after: int) -> list[str]:
    return [f"the plan: {before} months before, {after} after"] if before != after else []


def headlines(study: Study) -> dict[str, dict[str, Any]]:
    """The headline results of each scenario; in place of an absent one, the words that say why."""
    found = evaluate(study, HEADLINES).scenarios
    return {
        scenario: {name: values[name] if values[name] is not None else values[f"{name}_state"] for name in HEADLINES}
        for scenario, values in found.items()
    }


def moves(before: Values, after: Values) -> Iterator[Moved]:
    """What moved, in the scenarios and names that both have."""
    graph = model_graph()
    for scenario in before:
        for name in before[scenario] if scenario in after else ():
            one, other = before[scenario][name], after[scenario].get(name)
            if name in after[scenario] and not same(one, other):
                yield Moved(scenario, name, graph[name].unit, one, other)


def _records(before: OwnRecords, after: OwnRecords) -> Iterator[Moved]:
    """Facts that differ; a record's field that a study does not have is the shipped one, or none."""
    for table in _all(before, after):
        for id in _all(before.get(table, {}), after.get(table, {})):
            one, other = before.get(table, {}).get(id, {}), after.get(table, {}).get(id, {})
            for field_name in _all(one, other):
                values = [_fact(table, id, field_name, own) for own in (one, other)]
                if not same(*values):
                    yield Moved(table, f"{id}.{field_name}", model_graph()[f"{table}.{field_name}"].unit, *values)


def _fact(table: str, id: str, field_name: str, own: Mapping[str, Value]) -> Value | None:
    return own.get(field_name, shipped_value(table, id, field_name))


def _all(*parts: Iterable[str]) -> list[str]:
    """Every key once, in order."""
    return list(dict.fromkeys(key for part in parts for key in part))


def _shown(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, float | int) and not isinstance(value, bool) else str(value)


def _percent(moved: Moved) -> str:
    percent = moved.change_percent
    return "" if percent is None else f"{percent:+,.2f} %"
