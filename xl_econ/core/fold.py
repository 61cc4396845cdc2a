"""Fold: a tree with what is already known worked out, by the same functions that compute everything else.

The folded tree gives what the whole one gives, bit by bit; it is for texts that people and engines pay for by length.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from xl_econ.core.expr import Call, Expr, Literal, Ref
from xl_econ.core.operations import choose

NEUTRAL: Mapping[Any, tuple[float | None, float | None]] = {
    np.add: (0, 0),
    np.subtract: (None, 0),
    np.multiply: (1, 1),
    np.divide: (None, 1),
    np.power: (None, 1),
}
"""The number that leaves the other side as it is, where it stands on the left, and on the right."""


def replaced(expr: Expr, stand_in: Callable[[str], Expr]) -> Expr:
    """A tree with something else for each quantity."""
    if isinstance(expr, Ref):
        return stand_in(expr.name)
    if isinstance(expr, Call):
        return Call(expr.op, tuple(replaced(arg, stand_in) for arg in expr.args))
    return expr


def folded(expr: Expr) -> Expr:
    """The tree without choices that are made already, and without operations on numbers alone or on neutral ones."""
    if not isinstance(expr, Call):
        return expr
    args = tuple(map(folded, expr.args))
    simpler = (rule(expr.op, args) for rule in (_chosen, _computed, _neutral))
    return next((found for found in simpler if found is not None), Call(expr.op, args))


def _chosen(op: Any, args: tuple[Expr, ...]) -> Expr | None:
    """The branch of a choice that is made already."""
    first = args[0]
    if not isinstance(first, Literal):
        return None
    if op is np.where:
        return args[1] if first.value else args[2]
    if op is choose and first.value in range(1, len(args)):
        return args[int(first.value)]
    return None


def _computed(op: Any, args: tuple[Expr, ...]) -> Expr | None:
    """The result, where all arguments are known; what is no finite number is left to be computed where it stands."""
    values = [arg.value for arg in args if isinstance(arg, Literal)]
    if len(values) < len(args):
        return None
    with np.errstate(all="ignore"):
        value = np.asarray(op(*values)).item()
    return Literal(value) if isinstance(value, str) or math.isfinite(value) else None


def _neutral(op: Any, args: tuple[Expr, ...]) -> Expr | None:
    """The other side of an operation with a number that changes nothing."""
    for known, other, number in zip(args, args[::-1], NEUTRAL.get(op, ()), strict=False):
        if isinstance(known, Literal) and number is not None and known.value == number:
            return other
    return None


def value_of(expr: Expr, values: Callable[[str], Any]) -> Any:
    """What a tree gives for values of its quantities."""
    if isinstance(expr, Ref):
        return values(expr.name)
    if isinstance(expr, Literal):
        return expr.value
    assert isinstance(expr, Call)
    with np.errstate(all="ignore"):
        return expr.op(*(value_of(arg, values) for arg in expr.args))
