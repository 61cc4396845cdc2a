"""Anywhere: the LAMBDA names for workbooks that are not ours. Facts come along as named arrays, what is left open as
numbers of the standard study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from xl_econ.core.evaluate import evaluate
from xl_econ.core.spell import START, Naming, quoted
from xl_econ.functions.call import standard_given
from xl_econ.functions.lambdas import NEW, PREFIX, LambdaName, lambda_names
from xl_econ.functions.registry import FUNCTIONS
from xl_econ.functions.tables import TABLES, lambda_of
from xl_econ.model import model_graph

DATA = f"{PREFIX}DATA_"


def names_anywhere() -> list[LambdaName]:
    """Every name that a workbook needs: first the tables' columns, then the functions, each behind its helpers."""
    used: dict[str, None] = {}

    def whole(name: str) -> str:
        used[name] = None
        return f"{_data(name)}()"

    outside = Naming(lambda name: _literal(_value(name).item()), whole)
    functions = [each for function in FUNCTIONS for each in lambda_names(function, outside)]
    return [*map(_column, used), *functions, *map(lambda_of, TABLES)]


def _value(name: str) -> Any:
    return np.asarray(evaluate(model_graph(), standard_given(), [name])[name])


def _column(name: str) -> LambdaName:
    values = ";".join(map(_literal, _value(name).ravel().tolist()))
    return LambdaName(_data(name), f"{NEW}LAMBDA({{{values}}})", model_graph()[name].label)


def _data(name: str) -> str:
    """A column is a LAMBDA without arguments: not every engine takes an array by its name alone."""
    return f"{DATA}{name.replace('.', '_')}"


def _literal(value: Any) -> str:
    """A constant in a formula; a negative one in brackets, since a leading minus binds tighter than a power."""
    if isinstance(value, str):
        return quoted(value)
    return repr(float(value)) if value >= 0 else f"({float(value)!r})"


def lines() -> Iterator[str]:
    """Name and formula of each, to paste into the list of names or into a program that defines them."""
    for each in names_anywhere():
        yield f"{each.name}\t{START}{each.formula}"
