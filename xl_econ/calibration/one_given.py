"""One given: how far predictions are off where measurements of the same stack are known, by leaving each row out.

A stack is a source, engine version, LLM, accelerator, number formats and parallelism. A row is corrected by the ratio
of other rows of its stack and metric that have other lengths or another concurrency: by the nearest, by any one (each
as likely as the others), or by the median of all. Near is a small sum of the logs between lengths and concurrencies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.calibration.measured import Row
from xl_econ.calibration.predict import Point

PERCENT = 100


@dataclass(frozen=True)
class GivenErrors:
    """Median errors of the rows that have another one of their stack; None where no row has."""

    one_given_n: int
    none_given_median_error_percent: float | None
    one_given_median_error_percent: float | None
    """By the nearest other row."""
    any_given_median_error_percent: float | None
    all_given_median_error_percent: float | None


NONE_GIVEN = GivenErrors(0, None, None, None, None)


def stack_factors(points: Sequence[Point]) -> Any:
    """For each point the median log ratio of the other points of its stack; NaN where there is none."""
    factors: Any = np.full(len(points), np.nan)
    for places in _stacks(points):
        stack = _Stack([points[place] for place in places])
        factors[places] = stack.medians()
    return factors


def given_errors(points: Sequence[Point]) -> dict[str, GivenErrors]:
    """By metric: without a measurement of the same stack, and with one or all of them."""
    stacks: dict[str, list[_Stack]] = {}
    for places in _stacks(points):
        stack = [points[place] for place in places]
        stacks.setdefault(stack[0].row.kind, []).append(_Stack(stack))
    return {kind: _errors([stack for stack in found if stack.paired.any()]) for kind, found in stacks.items()}


def _stacks(points: Sequence[Point]) -> list[list[int]]:
    """The places of the points of each stack and metric."""
    places: dict[Any, list[int]] = {}
    for place, point in enumerate(points):
        places.setdefault(_stack_of(point.row), []).append(place)
    return list(places.values())


def _stack_of(row: Row) -> Any:
    names = row.group, row.engine, row.llm, row.accelerator, row.weight_precision, row.kv_precision
    return row.kind, row.static, *names, row.tensor_parallel, row.data_parallel, row.pipeline_parallel, row.accelerators


class _Stack:
    """The points of one stack and metric, each beside all others."""

    def __init__(self, points: Sequence[Point]) -> None:
        rows = [point.row for point in points]
        self.logs: Any = np.log([point.ratio for point in points])
        where: Any = np.log([[row.input_tokens, row.output_tokens, row.concurrency or 1] for row in rows])
        with np.errstate(invalid="ignore"):  # what is beyond all numbers is no other
            self.apart: Any = np.abs(where[:, None] - where[None]).sum(-1)
        self.others: Any = self.apart > 0
        """Not itself, nor its own configuration measured again, which would flatter."""
        self.paired: Any = self.others.any(1)

    def medians(self) -> Any:
        return np.array([np.median(self.logs[row]) if row.any() else np.nan for row in self.others])

    def weights(self, nearest: bool) -> Any:
        """Of each pair, so that each row counts once; rows that are equally near share."""
        apart = np.where(self.others, self.apart, np.inf)
        chosen = self.others & np.isclose(apart, apart.min(1, keepdims=True)) if nearest else self.others
        return chosen / np.maximum(1, chosen.sum(1, keepdims=True))


def _errors(stacks: Sequence[_Stack]) -> GivenErrors:
    if not stacks:
        return NONE_GIVEN
    alone = np.concatenate([stack.logs[stack.paired] for stack in stacks])
    pairs = np.concatenate([(stack.logs[:, None] - stack.logs[None]).ravel() for stack in stacks])
    left = np.concatenate([(stack.logs - stack.medians())[stack.paired] for stack in stacks])
    nearest, any_one = (
        np.concatenate([stack.weights(nearest=near).ravel() for stack in stacks]) for near in (True, False)
    )
    medians = (_median(alone), _median(pairs, nearest), _median(pairs, any_one), _median(left))
    return GivenErrors(len(alone), *medians)


def _median(logs: Any, weights: Any = None) -> float:
    """Of the errors that log ratios are, in percent; of what weighs half, where pairs weigh differently."""
    off = np.abs(np.exp(logs) - 1) * PERCENT
    if weights is None:
        return float(np.median(off))
    order = np.argsort(off)
    reached = np.cumsum(weights[order])
    return float(off[order][np.searchsorted(reached, reached[-1] / 2)])
