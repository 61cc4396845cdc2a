"""Expression trees: what a plain numpy formula turns into when it is run once on symbols.

numpy hands every operator and function on an `Expr` back to us (NEP 13 and NEP 18), so a formula
needs no special syntax and no source text to become a cell.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

STRUCTURAL_NUMBERS = (0, 1, 2)
"""The only numbers a formula may write itself; every other number is a given with a source."""

REFUSED: dict[Any, str] = {
    np.floor_divide: "// differs between Python and Excel (1.0//0.1 is 9, INT(1/0.1) is 10); use ceil_whole",
    np.remainder: "% of a negative number differs between dialects; write it out",
    np.equal: "the comparison == on floats differs (Excel compares 15 digits); use choose, or a comparison with <",
    np.not_equal: "the comparison != on floats differs (Excel compares 15 digits); use choose, or a comparison with <",
    np.round: "rounding differs (round(2.5) is 2, ROUND gives 3); number formats round, formulas do not",
    np.ceil: "np.ceil has no slack for 15-digit cells; use ceil_whole",
    np.rint: "rounding differs between Python and Excel; number formats round, formulas do not",
}


ARITY: dict[Any, int] = {np.where: 3}
"""Arguments that a function must have in a formula, where numpy itself is not so strict."""


class FormulaError(ValueError):
    """A formula cannot be read as a cell; the message says why and what to write instead."""


class Expr(NDArrayOperatorsMixin):
    """A node of a formula's tree. Compared by identity; never a truth value."""

    def __hash__(self) -> int:
        return id(self)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Expr:
        if method != "__call__" or kwargs:
            raise FormulaError(f"np.{ufunc.__name__}.{method} with {list(kwargs)} has no cell spelling")
        return call(ufunc, args)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Expr:
        if kwargs:
            raise FormulaError(f"np.{func.__name__} with {list(kwargs)} has no cell spelling")
        return call(func, args)

    def __bool__(self) -> bool:
        raise FormulaError("a symbol has no truth value: use np.where for if/else, np.logical_and for a<b<c, and, or")

    def __float__(self) -> float:
        raise FormulaError("a symbol is not a number: use numpy functions in place of float() and math.*")


@dataclass(frozen=True, eq=False, repr=True)
class Ref(Expr):
    """A quantity, by name."""

    name: str


@dataclass(frozen=True, eq=False, repr=True)
class Literal(Expr):
    """A structural number (0, 1, 2) or a piece of text; any number in a tree that is folded."""

    value: float | str


@dataclass(frozen=True, eq=False, repr=True)
class Call(Expr):
    """A numpy function, or one of our operations, applied to arguments."""

    op: Callable[..., Any]
    args: tuple[Expr, ...]


def call(op: Callable[..., Any], args: tuple[Any, ...]) -> Call:
    """A `Call` node with its arguments made into nodes; refuses what has two meanings."""
    if op in REFUSED:
        raise FormulaError(REFUSED[op])
    wanted = ARITY.get(op, getattr(op, "nin", len(args)))
    if len(args) != wanted:
        raise FormulaError(f"{op.__name__} takes {wanted} arguments here, not {len(args)}")
    return Call(op, tuple(as_expr(arg) for arg in args))


def as_expr(value: Any) -> Expr:
    """A node for a value met in a formula: a symbol stays, 0, 1, 2 and text become literals."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, str):
        return Literal(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value in STRUCTURAL_NUMBERS:
        return Literal(value)
    raise FormulaError(
        f"{value!r} is a number without a source: only 0, 1 and 2 may stand in a formula. "
        "Declare it as a given with unit and source, and take it as a parameter"
    )


def operation(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make one of our own functions traceable like numpy's: a node for symbols, a result for numbers."""

    signature = inspect.signature(function)

    @wraps(function)
    def traced(*args: Any) -> Any:
        if any(isinstance(arg, Expr) for arg in args):
            signature.bind(*args)
            return call(traced, args)
        return function(*args)

    return traced


def walk(expr: Expr) -> Iterator[Expr]:
    """All nodes of a tree, parents first."""
    yield expr
    if isinstance(expr, Call):
        for arg in expr.args:
            yield from walk(arg)


def refs(expr: Expr) -> Iterator[str]:
    """The quantities that a tree takes, once for each time."""
    return (node.name for node in walk(expr) if isinstance(node, Ref))
