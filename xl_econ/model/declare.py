"""Short forms to declare givens: number, choice, catalog fact, assumption, constant.

A section is a group of rows on Inputs, Assumptions or Lists.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from xl_econ.core.expr import Expr, Ref
from xl_econ.core.operations import choose, differs, match, pick
from xl_econ.core.quantity import Bounds, Derived, Given, declare

CODES = "Choices as codes"
FACTS = "Catalog facts"
USER = "The user's decision"
CATALOG = "The catalog"
ORIGINS = "lists.origin"
OWN = "own"
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Section:
    """Declares givens for a module, under a title."""

    module: str
    title: str

    def _declare(self, given: Given | Derived, theme: str | None = None) -> None:
        declare(given, self.module, theme or self.title)

    def number(
        self, name: str, unit: str, label: str, bounds: Bounds, note: str = "", counts_with: Choices = ()
    ) -> None:
        """A number that the user decides."""
        self._declare(Given(name, unit, label, USER, note, bounds=bounds, counts_with=counts_with))

    def assumption(self, name: str, unit: str, label: str, bounds: Bounds, note: str = "") -> None:
        """A number that is believed, with low, base, high and a source in the catalog."""
        self._declare(Given(name, unit, label, "Assumptions", note, role="assumption", bounds=bounds))

    def constant(self, name: str, unit: str, label: str, note: str = "") -> None:
        """A conversion or a structural constant."""
        self._declare(Given(name, unit, label, "Definition", note, role="constant"))

    def options(self, name: str, label: str, *options: str) -> None:
        """A drop-down list "lists.NAME", whose labels are part of the model."""
        column = Given(
            f"lists.{name}", "text", label, "Definition", role="column", axis=name, table="lists", options=options
        )
        self._declare(column)

    def choice(self, name: str, label: str, column: str, note: str = "", counts_with: Choices = ()) -> None:
        """A text input that picks from a column, and `<name>_code`, its place there."""
        self._declare(Given(name, "text", label, USER, note, choices=column, counts_with=counts_with))
        code = Derived(
            f"{name}_code",
            "1",
            f"{label}: place in its list",
            "Definition",
            formula=place_in,
            inputs={"label": name, "column": column},
        )
        self._declare(code, CODES)

    def column(self, table: str, field: str, unit: str, label: str) -> None:
        """A column of a catalog table."""
        name = f"{table}.{field}"
        self._declare(Given(name, unit, label, CATALOG, role="column", axis=table, table=table))

    def fact(self, name: str, column: str, unit: str, label: str, code: str, note: str = "") -> None:
        """A catalog number of the chosen row, and its column."""
        table, _, field = column.partition(".")
        self.column(table, field, unit, label)
        self.look_up(name, column, unit, label, code, note)

    def look_up(self, name: str, column: str, unit: str, label: str, code: str, note: str = "") -> None:
        """A number of the chosen row: `name` is a declared column at the place that `code` says."""
        inputs = {"column": column, "position": code}
        self._declare(Derived(name, unit, label, CATALOG, note, formula=value_at, inputs=inputs), FACTS)

    def fact_or_own(
        self, name: str, column: str, unit: str, label: str, code: str, bounds: Bounds, note: str = ""
    ) -> None:
        """A catalog number that the user may replace by an own one."""
        table, _, field = column.partition(".")
        self.column(table, field, unit, label)
        self.origin(name, unit, label, bounds)
        inputs = {"origin": f"{name}_from_code", "column": column, "place": code, "own": f"own_{name}"}
        self._declare(Derived(name, unit, label, CATALOG, note, formula=_fact_or_own, inputs=inputs), FACTS)

    def origin(self, name: str, unit: str, label: str, bounds: Bounds) -> None:
        """Where a number comes from (catalog / own), and the own number."""
        self.choice(f"{name}_from", f"{label}: from", ORIGINS)
        self.number(f"own_{name}", unit, f"{label}: own value", bounds, counts_with=((f"{name}_from", OWN),))


def place_in(label: object, column: object) -> object:
    """The code of a label."""
    return match(label, column)


def value_at(column: object, position: object) -> object:
    """A column's value in the chosen row."""
    return pick(column, position)


def _fact_or_own(origin: object, column: object, place: object, own: object) -> object:
    return choose(origin, pick(column, place), own)


def is_unused(given: Given) -> Expr:
    """Whether the choices that an input counts with leave it aside: a formula of those choices."""
    return functools.reduce(np.logical_or, [differs(Ref(name), label) for name, label in given.counts_with])
