"""Anywhere: the LAMBDA names for workbooks that are not ours. Facts come along as named arrays, what is left open as
numbers of the standard study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xl_econ.core.spell import START, Naming, bare, quoted
from xl_econ.functions.lambdas import NEW, PREFIX, Body, LambdaName, lambda_names
from xl_econ.functions.registry import FUNCTIONS, Function
from xl_econ.functions.settle import TABLE, Settled, settled_value, table_of
from xl_econ.model import model_graph

DATA = f"{PREFIX}DATA_"


def names_anywhere() -> list[LambdaName]:
    """Every name that a workbook needs: first the tables' columns, then the functions, each behind its helpers."""
    data: dict[str, LambdaName] = {}
    functions = [each for function in FUNCTIONS for each in lambda_names(_body(function, data))]
    return [*data.values(), *functions]


def _body(function: Function, data: dict[str, LambdaName]) -> Body:
    """A function whose arrays are calls of names, which are put among the data."""
    settled = Settled(function)

    def whole(name: str) -> str:
        quantity = name.removeprefix(TABLE)
        (text,) = settled.movers[quantity] if name.startswith(TABLE) else (None,)
        column = _column(quantity, table_of(quantity, text) if text else settled_value(quantity))
        if data.setdefault(column.name, column) != column:
            raise ValueError(f"{column.name} would have two meanings")
        return f"{column.name}()"

    return Body(function, Naming(whole, whole), settled.steps, settled.result)


def _column(name: str, values: Any) -> LambdaName:
    """A column is a LAMBDA without arguments: not every engine takes an array by its name alone.

    It lies in a row, which is one array for an engine where a column is an array for each value.
    """
    array = ",".join(quoted(value) if isinstance(value, str) else bare(value) for value in values.ravel().tolist())
    return LambdaName(f"{DATA}{name.replace('.', '_')}", f"{NEW}LAMBDA({{{array}}})", model_graph()[name].label)


def lines() -> Iterator[str]:
    """Name and formula of each, to paste into the list of names or into a program that defines them."""
    for each in names_anywhere():
        yield f"{each.name}\t{START}{each.formula}"
