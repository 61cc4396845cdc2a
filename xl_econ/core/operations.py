"""The operations that numpy lacks, in numbers; `spell` gives each its cells, words and units.

Text operations work on arrays of strings. Reductions (`largest`, `total`, `pick` and the like) take a whole
quantity that runs along an axis, never an expression, so that its cell can name a range. Looks along
the axis (`at`, `total_below`) take one too, and give something for each place. Running ones (`running_total`,
`running_worth`, `running_largest`, `total_every`) take it from the first place of its axis to the one at hand.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from xl_econ.core.expr import operation

TRIES, CLOSE = 100, 1e-13
"""Steps of Newton's method, of which spreadsheets take 20 to 100, and how small the last one is."""
UNREADABLE = 1e15
"""From here on, and for what is no number, a text has no decimals."""


@operation
def choose(code: Any, first: Any, second: Any, *more: Any) -> Any:
    """The option that a code (1, 2, 3 …) picks."""
    codes = np.asarray(code)
    arrays = [np.asarray(option) for option in (first, second, *more)]
    _check_places(codes, len(arrays))
    if codes.ndim == 0:
        kind = np.result_type(*(array.dtype for array in arrays))
        return arrays[int(codes) - 1].astype(kind, copy=False)
    chosen: Any = arrays[-1]
    for place in range(len(arrays) - 1, 0, -1):
        chosen = np.where(codes < place + 1, arrays[place - 1], chosen)
    return chosen


def _check_places(places: Any, count: int) -> None:
    """Places count from 1; numpy would take 0 and less from the end."""
    if places.size and (places.min() < 1 or places.max() > count):
        raise ValueError(f"a code or place lies outside of 1 to {count}")


@operation
def ceil_whole(x: Any, slack: Any) -> Any:
    """The next whole number up; what is within the slack above a whole number counts as whole."""
    return -np.floor(np.subtract(slack, x))


@operation
def floor_whole(x: Any, slack: Any) -> Any:
    """The next whole number down; what is within the slack below a whole number counts as whole."""
    return np.floor(np.add(x, slack))


@operation
def at_most(x: Any, limit: Any, slack: Any) -> Any:
    """Whether x is not above the limit, with a slack for the last digits: engines compare 15 of them."""
    return np.subtract(x, limit) <= slack


@operation
def pick(column: Any, position: Any) -> Any:
    """The value at a position (from 1) of a table's column, or of a quantity along its axis."""
    column, places = _texts_apart(np.asarray(column)), np.asarray(position).astype(np.intp, copy=False)
    _check_places(places, column.shape[-1])
    if column.ndim == 1:
        return column[places - 1]
    index = np.broadcast_to(places - 1, column.shape[:-1])
    return np.take_along_axis(column, index[..., np.newaxis], -1)[..., 0]


def _texts_apart(column: Any) -> Any:
    """Texts as Python's own: picked often, they are one text each, which is looked up much faster than copies."""
    return column.astype(object) if column.dtype.kind == "U" else column


@operation
def match(label: Any, column: Any) -> Any:
    """The position (from 1) of a label in a column of labels; labels compare without case."""
    labels: list[Any] = list(column)
    places = {str(item).casefold(): place for place, item in reversed(list(enumerate(labels, 1)))}
    texts: list[Any] = np.ravel(label).tolist()
    found = {text: places[str(text).casefold()] for text in set(texts)}
    return np.fromiter(map(found.__getitem__, texts), np.int64, len(texts)).reshape(np.shape(label))


@operation
def largest(values: Any) -> Any:
    """The largest value along the axis."""
    return np.max(values, axis=-1)


@operation
def smallest(values: Any) -> Any:
    """The smallest value along the axis."""
    return np.min(values, axis=-1)


@operation
def last_within(places: Any, values: Any, limit: Any, others: Any, other_limit: Any, slack: Any) -> Any:
    """The last place along the axis at which both quantities are within their limits, but for a slack; 0 if none is."""
    first, second = (np.asarray(each)[..., np.newaxis] for each in (limit, other_limit))
    return np.max(at_most(values, first, slack) * at_most(others, second, slack) * np.asarray(places), axis=-1)


@operation
def total(values: Any) -> Any:
    """The sum along the axis."""
    return np.sum(values, axis=-1)


@operation
def median(values: Any) -> Any:
    """The value in the middle along the axis."""
    return np.median(values, axis=-1)


@operation
def how_many(values: Any) -> Any:
    """How many numbers there are along the axis."""
    return np.sum(np.isfinite(values), axis=-1)


@operation
def how_often(number: Any, values: Any) -> Any:
    """How often a whole number is among those along the axis."""
    return np.sum(np.asarray(values) == number, axis=-1)


@operation
def standing(value: Any, place: Any, values: Any, places: Any, slack: Any) -> Any:
    """Where a value stands among others by size, 1 for the largest; of equals, but for a slack, by place."""
    beyond = np.asarray(values) - value
    ahead = np.logical_or(beyond > slack, np.logical_and(np.abs(beyond) <= slack, np.asarray(places) < place))
    return np.sum(ahead, axis=-1) + 1


@operation
def at(values: Any, places: Any) -> Any:
    """A quantity along its axis, at places (from 1) that run along the axis too."""
    values, indices = np.asarray(values), np.asarray(places).astype(np.intp) - 1
    _check_places(indices + 1, values.shape[-1])
    if values.ndim == 1:
        return values[indices]
    return np.take_along_axis(values, np.broadcast_to(indices, (*values.shape[:-1], indices.shape[-1])), -1)


@operation
def total_below(values: Any, keys: Any, key: Any) -> Any:
    """The sum of those values along the axis whose key lies below a key, for each key along the axis."""
    below = np.less(np.asarray(keys)[..., :, np.newaxis], np.asarray(key)[..., np.newaxis, :])
    return np.matmul(np.asarray(values)[..., np.newaxis, :], below.astype(float))[..., 0, :]


@operation
def running_total(values: Any) -> Any:
    """The sum from the first place along the axis to each."""
    return np.cumsum(values, axis=-1)


@operation
def running_worth(values: Any, places: Any, rate: Any) -> Any:
    """The sum from the first place along the axis to each, what stands at a place discounted that often at the rate."""
    return np.cumsum(values * (1 + rate) ** (0 - places), axis=-1)


@operation
def running_largest(values: Any) -> Any:
    """The largest value from the first place along the axis to each."""
    return np.maximum.accumulate(np.asarray(values), axis=-1)


@operation
def total_every(values: Any, keys: Any, key: Any, step: Any) -> Any:
    """The sum of those values, up to each place, whose key lies a whole number of steps before that place's."""
    back = np.asarray(key)[..., np.newaxis, :] - np.asarray(keys)[..., :, np.newaxis]
    hit = np.logical_and(back >= 0, np.remainder(back, np.asarray(step)[..., np.newaxis]) < 1)
    return np.matmul(np.asarray(values)[..., np.newaxis, :], hit.astype(float))[..., 0, :]


@operation
def total_product(values: Any, others: Any) -> Any:
    """The sum along the axis of two quantities multiplied place by place."""
    return np.sum(np.multiply(values, others), axis=-1)


@operation
def how_many_positive(values: Any) -> Any:
    """How many values along the axis are above 0."""
    return np.sum(np.greater(values, 0), axis=-1)


@operation
def nth_largest(values: Any, place: Any) -> Any:
    """The value along the axis that stands at a place (from 1) by size, the largest first."""
    ranked = np.sort(np.asarray(values), axis=-1)
    return pick(ranked, ranked.shape[-1] + 1 - np.asarray(place))


@operation
def total_whole(weights: Any, loads: Any, scale: Any, least: Any, slack: Any) -> Any:
    """The sum of weights, each times its load at a scale, in whole numbers and at least so many; along the scale."""
    scaled = np.asarray(scale)[..., np.newaxis] * np.asarray(loads)[..., np.newaxis, :]
    whole = np.maximum(np.asarray(least)[..., np.newaxis], ceil_whole(scaled, np.asarray(slack)[..., np.newaxis]))
    return np.sum(np.asarray(weights)[..., np.newaxis, :] * whole, axis=-1)


@operation
def rate_of_return(cash: Any, guess: Any) -> Any:
    """The rate at which cash along the axis is worth 0 at the first place: by Newton's method, as spreadsheets find it.

    No number where it finds none.
    """
    cash = np.asarray(cash, float)
    places = np.arange(cash.shape[-1], dtype=float)
    rate: Any = np.broadcast_to(np.asarray(guess, float), cash.shape[:-1])
    near: Any = np.zeros(rate.shape, bool)
    for _ in range(TRIES):
        worth: Any = cash * (1 + rate[..., np.newaxis]) ** -places
        slope = np.sum(worth * places, -1) / (1 + rate)
        step = np.where(near, 0, np.sum(worth, -1) / slope)
        rate, near = rate + step, near | ~(np.abs(step) > CLOSE * np.abs(1 + rate))
        if np.all(near):
            break
    return rate


@operation
def blanks(cells: Any) -> Any:
    """How many cells hold nothing. In Python nothing is ever empty: inputs are checked before."""
    return np.sum([cell is None or cell == "" for cell in np.ravel(cells)])


@operation
def differs(label: Any, other: Any) -> Any:
    """Whether two texts differ, in more than capitals."""
    return str(label).casefold() != str(other).casefold()


@operation
def or_else(value: Any, instead: Any) -> Any:
    """A cell's value, or something else where it is an error: in Python no number (NaN); all else is raised."""
    found = np.asarray(value)
    return np.where(np.isnan(found), instead, found) if found.dtype.kind == "f" else value


@operation
def valid(fault: Any, value: Any) -> Any:
    """A value where a check finds no fault (0), and no number elsewhere."""
    return np.where(np.greater(fault, 0), np.nan, value)


@operation
def join(*parts: Any) -> Any:
    """Text put together; numbers come in through `fixed`."""
    arrays = np.broadcast_arrays(*parts)
    joined = ["".join(map(str, row)) for row in zip(*(array.ravel() for array in arrays), strict=True)]
    return np.reshape(np.asarray(joined, dtype=object), arrays[0].shape)


@operation
def fixed(x: Any, decimals: Any) -> Any:
    """A number as text with 0, 1 or 2 decimals and separated thousands, halves away from zero."""
    return np.vectorize(_fixed, otypes=[object])(x, decimals)


def _fixed(x: float, decimals: int) -> str:
    if not abs(x) < UNREADABLE:
        return f"{x:g}"
    rounded = Decimal(f"{x:.15g}").quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"
