"""Anywhere: the LAMBDA names for workbooks that are not ours. Facts come along as named arrays, what is left open as
numbers of the standard study."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from xl_econ.core.spell import START, Naming, bare, quoted
from xl_econ.functions.lambdas import NEW, PREFIX, Body, LambdaName, lambda_names
from xl_econ.functions.registry import FUNCTIONS, Function
from xl_econ.functions.settle import PART, TABLE, Settled, settled_value
from xl_econ.functions.tables import TABLES, lambda_of
from xl_econ.model import model_graph

DATA = f"{PREFIX}DATA_"


def names_anywhere() -> list[LambdaName]:
    """Every name that a workbook needs: first the tables' columns, then the functions, each behind its helpers."""
    data: dict[str, LambdaName] = {}
    functions = [each for function in FUNCTIONS for each in lambda_names(_body(function, data))]
    return [*data.values(), *functions, *map(lambda_of, TABLES)]


def _body(function: Function, data: dict[str, LambdaName]) -> Body:
    """A function whose arrays are calls of names, which are put among the data."""
    settled = Settled(function)

    def whole(name: str) -> str:
        quantity = name.removeprefix(TABLE)
        array = _array(settled.table(quantity) if name.startswith(TABLE) else settled_value(quantity))
        quantity, is_part, _ = quantity.partition(PART)
        return f"{_data(quantity, array, bool(is_part), data)}()"

    return Body(function, Naming(whole, whole), settled.steps, settled.result)


def _data(quantity: str, array: str, is_part: bool, data: dict[str, LambdaName]) -> str:
    """The name that holds an array; the same array has a single name."""
    for held in data.values():
        if held.formula == array:
            return held.name
    label = model_graph()[quantity].label
    name = stem = f"{DATA}{quantity.replace('.', '_')}"
    if is_part:
        name = next(new for n in itertools.count(1) if (new := f"{stem}_PART_{n}") not in data)
        label = f"A part of: {label}"
    if name in data:
        raise ValueError(f"{name} would have two meanings")
    data[name] = LambdaName(name, array, label)
    return name


def _array(values: Any) -> str:
    """A LAMBDA without arguments: not every engine takes an array by its name alone.

    A column lies in a row, which is one array for an engine where a column is an array for each value.
    """
    row = ",".join(quoted(value) if isinstance(value, str) else bare(value) for value in values.ravel().tolist())
    return f"{NEW}LAMBDA({{{row}}})"


def lines() -> Iterator[str]:
    """Name and formula of each, to paste into the list of names or into a program that defines them."""
    for each in names_anywhere():
        yield f"{each.name}\t{START}{each.formula}"
