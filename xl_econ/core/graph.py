"""The graph of quantities: wired by name, and checked whole before anything runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from xl_econ.core.expr import Call, Expr, FormulaError, Literal, Ref, as_expr, walk
from xl_econ.core.quantity import Derived, Given, Quantity
from xl_econ.core.spell import spelling_of, whole_name
from xl_econ.core.units import ANYTHING, TEXT_UNIT, Unit, UnitError, parse


class GraphError(ValueError):
    """The quantities do not fit together; the message lists every problem."""


class Graph:
    """All quantities of a model.

    Raises GraphError naming all of: missing names (with the nearest), duplicates, circles, formulas
    that have no cell spelling, and units or scales that differ from the declaration.
    """

    def __init__(self, quantities: Iterable[Quantity]) -> None:
        listed = list(quantities)
        self.by_name: Mapping[str, Quantity] = {quantity.name: quantity for quantity in listed}
        self._stop_on(_duplicates(listed))
        self._stop_on(self._missing())
        self.order: tuple[str, ...] = self._sorted()
        self.axes: dict[str, str | None] = {}
        self.trees: dict[str, Expr] = {}
        self._stop_on(list(self._traced()))

    def __getitem__(self, name: str) -> Quantity:
        if name not in self.by_name:
            raise GraphError(f'there is no quantity "{name}".{self.suggest(name)}')
        return self.by_name[name]

    def __contains__(self, name: object) -> bool:
        return name in self.by_name

    def __iter__(self) -> Iterator[Quantity]:
        return iter(self.by_name.values())

    @cached_property
    def derived(self) -> tuple[Derived, ...]:
        """Formulas, each after its inputs."""
        ordered = (self.by_name[name] for name in self.order)
        return tuple(quantity for quantity in ordered if isinstance(quantity, Derived))

    @cached_property
    def givens(self) -> tuple[Given, ...]:
        """Givens in declaration order."""
        return tuple(quantity for quantity in self if isinstance(quantity, Given))

    def needs(self, names: Iterable[str], stop_at: Iterable[str] = ()) -> set[str]:
        """These quantities and all that they are computed from, not going past `stop_at`."""
        found: set[str] = set()
        queue, walls = list(names), set(stop_at)
        while queue:
            name = queue.pop()
            if name not in found:
                found.add(name)
                quantity = self[name]
                if isinstance(quantity, Derived) and name not in walls:
                    queue.extend(quantity.inputs.values())
        return found

    def suggest(self, name: str) -> str:
        """A sentence with the nearest names, or nothing."""
        near = get_close_matches(name, self.by_name, n=3, cutoff=0.6)
        return f" Did you mean {' or '.join(near)}?" if near else ""

    def _stop_on(self, problems: list[str]) -> None:
        if problems:
            raise GraphError("\n".join(problems))

    def _missing(self) -> list[str]:
        return [
            f"{quantity.name} needs {needed}, which nothing declares.{self.suggest(needed)}"
            for quantity in self
            if isinstance(quantity, Derived)
            for needed in quantity.inputs.values()
            if needed not in self.by_name
        ]

    def _sorted(self) -> tuple[str, ...]:
        wiring = {
            quantity.name: list(quantity.inputs.values()) if isinstance(quantity, Derived) else [] for quantity in self
        }
        try:
            return tuple(TopologicalSorter(wiring).static_order())
        except CycleError as error:
            raise GraphError(f"circular: {' -> '.join(reversed(error.args[1]))}") from None

    def _traced(self) -> Iterator[str]:
        for name in self.order:
            quantity = self.by_name[name]
            self.axes[name] = quantity.axis
            if isinstance(quantity, Derived):
                try:
                    self.trees[name] = trace(quantity)
                    self.axes[name] = self._axis_of(quantity)
                    self._check_unit(quantity)
                except (FormulaError, UnitError) as error:
                    yield f"{name}: {error}"

    def _axis_of(self, quantity: Derived) -> str | None:
        """The axis of what the formula takes one by one; what it takes whole is reduced away."""
        tree = self.trees[quantity.name]
        whole = {
            id(node.args[place])
            for node in walk(tree)
            if isinstance(node, Call)
            for place in spelling_of(node).ranges
            if whole_name(node.args[place], node)
        }
        singly = [node for node in walk(tree) if isinstance(node, Ref) and id(node) not in whole]
        axes = {self.axes[node.name] for node in singly} - {None}
        if len(axes) > 1:
            raise FormulaError(f"mixes the axes {' and '.join(map(str, sorted(axes, key=str)))}")
        return axes.pop() if axes else None

    def _check_unit(self, quantity: Derived) -> None:
        found = self.unit_of(self.trees[quantity.name])
        declared = parse(quantity.unit)
        if not found.same_as(declared):
            raise UnitError(f"is declared {quantity.unit} but its formula gives {found}")

    def unit_of(self, expr: Expr) -> Unit:
        """The unit that a tree gives."""
        if isinstance(expr, Ref):
            return parse(self.by_name[expr.name].unit)
        if isinstance(expr, Literal):
            return TEXT_UNIT if isinstance(expr.value, str) else (Unit() if expr.value else ANYTHING)
        assert isinstance(expr, Call)
        return spelling_of(expr).unit([self.unit_of(arg) for arg in expr.args], expr.args)


def trace(quantity: Derived) -> Expr:
    """Run a formula once on symbols."""
    symbols = {parameter: Ref(name) for parameter, name in quantity.inputs.items()}
    return as_expr(quantity.formula(**symbols))


def trace_function(function: Callable[..., Any]) -> Expr:
    """The tree of a plain function whose parameters name what it takes."""
    return as_expr(function(**{name: Ref(name) for name in inspect.signature(function).parameters}))


def _duplicates(quantities: list[Quantity]) -> list[str]:
    seen: dict[str, str] = {}
    problems: list[str] = []
    for quantity in quantities:
        if quantity.name in seen:
            where = f"{seen[quantity.name]} and {quantity.theme}"
            problems.append(f"{quantity.name} is declared twice, in {where}. Rename one of them")
        seen[quantity.name] = quantity.theme
    return problems
