"""Reading: cells of a sheet as arguments: numbers and labels to compute with, and a fault for each that is neither."""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple, cast

import numpy as np

from xl_econ.functions.examples import example_of
from xl_econ.functions.registry import Argument, Function

VALUE, NUM = "#VALUE!", "#NUM!"
"""What Excel shows where an argument is of the wrong kind, and where a number cannot be used."""


MOST_RESULTS = 4_000_000
"""Of one call: four whole columns of a sheet; many more would not fit in memory."""


class Refused(ValueError):
    """A call that cannot be taken at all: another number of arguments, shapes that do not fit, too many results."""


class Fault(NamedTuple):
    """Why an element has no result: the error that Excel shows, and the message."""

    error: str
    message: str


def cells_of(told: Any) -> Any:
    """An array as it is, since it may be large; rows of floats as one of floats; all else as cells of any kind."""
    if hasattr(told, "dtype") and np.ndim(told):
        return told
    if isinstance(told, list) and _are_rows(rows := cast(list[Any], told)):
        cells = list(itertools.chain.from_iterable(rows))
        if set(map(type, cells)) == {float}:  # as a sheet hands over numbers: no cell needs a look of its own
            return np.array(cells).reshape(len(rows), -1)
    return np.array(told, object)


def _are_rows(told: list[Any]) -> bool:
    return set(map(type, told)) == {list} and len(set(map(len, told))) == 1


def shape_of(function: Function, told: Sequence[Any]) -> tuple[int, ...]:
    """The shape of the results, before anything is computed."""
    try:
        shape = np.broadcast_shapes(*(cells.shape for cells in told))
    except ValueError:
        shapes = (
            f"{name} {' × '.join(map(str, cells.shape))}"
            for name, cells in zip(function.arguments, told, strict=True)
            if cells.ndim
        )
        what = f"{function.name} has ranges of sizes that do not fit together (rows × columns): {', '.join(shapes)}."
        raise Refused(f"{what} Give ranges of the same height, or a column beside a row.") from None
    if math.prod(shape) > MOST_RESULTS:
        raise Refused(f"{function.name} would have {math.prod(shape):,} results; it gives at most {MOST_RESULTS:,}.")
    return shape


Read = tuple[Any, Mapping[Any, Fault]]
"""Values that can be computed with, and the faults by index of those that stand in for what was told."""


def read(argument: Argument, told: Any) -> Read:
    """An argument's cells."""
    return _texts(argument, told) if argument.is_text else _numbers(argument, told)


def _numbers(argument: Argument, told: Any) -> Read:
    values, faults = _as_floats(argument, told)
    bounds = argument.bounds
    with np.errstate(invalid="ignore"):
        good: Any = np.isfinite(values) & (values <= (np.inf if bounds.at_most is None else bounds.at_most))
        good &= values >= bounds.at_least if bounds.at_least is not None else True
        good &= values > bounds.above if bounds.above is not None else True
        good &= values == np.floor(values) if bounds.whole else True
    for index in map(tuple, np.argwhere(~good).tolist()):
        if index not in faults:
            what = f"{argument.name} is {values[index]:g}, but must be {bounds}"
            faults[index] = Fault(NUM, what)
    values[~good] = _stand_in(argument)
    return values, faults


def _as_floats(argument: Argument, cells: Any) -> tuple[Any, dict[Any, Fault]]:
    """A copy of the numbers; of what else a sheet may hold (nothing, texts, truth values), a fault for each."""
    if cells.dtype.kind in "iuf":
        return cells.astype(float), {}
    if set(map(type, cells.ravel().tolist())) <= {int, float}:
        return _floats(cells), {}
    numbers = np.vectorize(_is_number, otypes=[bool])(cells)
    why: dict[str, Fault] = {}
    faults = {tuple(at): _no_number(argument, cells[tuple(at)], why) for at in np.argwhere(~numbers).tolist()}
    return _floats(np.where(numbers, cells, math.nan)), faults


def _is_number(cell: Any) -> bool:
    return isinstance(cell, float | int | Decimal | np.number) and not isinstance(cell, bool)


def _floats(cells: Any) -> Any:
    try:
        return cells.astype(float)
    except OverflowError:  # a whole number beyond all floats
        return np.vectorize(_float, otypes=[float])(cells)


def _float(cell: Any) -> float:
    return float(cell) if abs(cell) < sys.float_info.max else math.inf


def _no_number(argument: Argument, cell: Any, known: dict[str, Fault]) -> Fault:
    """The fault of a cell; the same for all of the same content."""
    what = "is empty" if cell is None or cell == "" else f"is {cell!r}, which is no number"
    if what not in known:
        known[what] = Fault(VALUE, f"{argument.name} {what}. {argument.help}")
    return known[what]


def _texts(argument: Argument, told: Any) -> Read:
    cells: Any = np.array(told, object)
    known = {label.casefold(): label for label in argument.labels}
    found = {cell: known.get(str(cell).casefold()) for cell in set(cells.ravel().tolist())}
    unknown = {cell: Fault(VALUE, _unknown(argument, cell)) for cell, label in found.items() if label is None}
    faults = {index: unknown[cell] for index, cell in np.ndenumerate(cells) if cell in unknown} if unknown else {}
    labels = [found[cell] or _stand_in(argument) for cell in cells.ravel().tolist()]
    return np.array(labels, object).reshape(cells.shape), faults


def _unknown(argument: Argument, cell: Any) -> str:
    if cell is None or cell == "":
        return f"{argument.name} is empty. {argument.help}"
    near = get_close_matches(str(cell).lower(), argument.labels, n=3, cutoff=0.5)
    return f"{argument.name}: {cell!r} is unknown. " + (f"Did you mean {' or '.join(near)}?" if near else argument.help)


def _stand_in(argument: Argument) -> Any:
    """A value that can be computed with, where the one that was told cannot; its result is thrown away."""
    return example_of(argument.name)


def flat(values: Any, shape: tuple[int, ...]) -> Any:
    """A value for each result, in order; a single one stays so."""
    return values if values.ndim == 0 else np.broadcast_to(values, shape).ravel()
