"""The graph of quantities: wired by name, and checked whole before anything runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Any

from xl_econ.core.expr import Call, Expr, FormulaError, Literal, Ref, as_expr
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
        self._stop_on([*_duplicates(listed), *self._missing(), *_bad_units(listed)])
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
            for needed in _named_by(quantity)
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
                    yield from self._unit_problem(quantity)
                except (FormulaError, UnitError) as error:
                    yield f"{name}: {error}"
                except (TypeError, AttributeError, IndexError) as error:
                    yield f"{name}: it cannot be read as a cell ({error}). Use numpy functions on whole quantities"

    def _axis_of(self, quantity: Derived) -> str | None:
        """The axis of what the formula takes one by one; what it takes whole is reduced away."""
        singly, whole, reduced = taken_by(self.trees[quantity.name])
        flat = sorted(name for name in whole if self.axes[name] is None)
        if flat:
            raise FormulaError(f"takes {', '.join(flat)} whole, which runs along no axis")
        axes = {self.axes[name] for name in singly} - {None}
        if len(axes) > 1:
            raise FormulaError(f"mixes the axes {' and '.join(map(str, sorted(axes, key=str)))}")
        if axes & {self.axes[name] for name in reduced}:
            raise FormulaError("takes an axis both whole and one by one: declare the reduction first")
        return axes.pop() if axes else None

    def _unit_problem(self, quantity: Derived) -> Iterator[str]:
        found = self.unit_of(self.trees[quantity.name])
        if not found.same_as(parse(quantity.unit)):
            yield f"{quantity.name} is declared {quantity.unit} but its formula gives {found}"

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


Names = frozenset[str]


def taken_by(tree: Expr) -> tuple[Names, Names, Names]:
    """The quantities that a tree takes one by one, those that it takes whole, and those of them that it reduces.

    What it takes up to the place at hand it takes both one by one and whole.
    """
    singly, whole, reduced = Names(), Names(), Names()
    if isinstance(tree, Ref):
        singly = Names([tree.name])
    if isinstance(tree, Call):
        spelling = spelling_of(tree)
        gathered = Names(whole_name(tree.args[place], tree) for place in spelling.ranges)
        reduced = Names() if spelling.looks_along else gathered
        whole = gathered | Names(whole_name(tree.args[place], tree) for place in spelling.until)
        for arg in (arg for place, arg in enumerate(tree.args) if place not in spelling.ranges):
            one, all_of, gone = taken_by(arg)
            singly, whole, reduced = singly | one, whole | all_of, reduced | gone
    return singly, whole, reduced


def _named_by(quantity: Quantity) -> list[str]:
    """Every other quantity that a declaration names."""
    names = list(quantity.inputs.values()) if isinstance(quantity, Derived) else []
    more = [quantity.state, quantity.choices if isinstance(quantity, Given) else None]
    return names + [name for name in more if name]


def _bad_units(quantities: list[Quantity]) -> Iterator[str]:
    for quantity in quantities:
        try:
            parse(quantity.unit)
        except UnitError as error:
            yield f"{quantity.name}: {error}"


def _duplicates(quantities: list[Quantity]) -> list[str]:
    seen: dict[str, str] = {}
    problems: list[str] = []
    for quantity in quantities:
        if quantity.name in seen:
            where = f"{seen[quantity.name]} and {quantity.theme}"
            problems.append(f"{quantity.name} is declared twice, in {where}. Rename one of them")
        seen[quantity.name] = quantity.theme
    return problems
