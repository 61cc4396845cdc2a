"""Distributions: how a study says what an input may be, `[simulate.usd_per_kwh]`, and which inputs go together."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import NormalDist
from typing import Any, cast

import numpy as np

from xl_econ.catalog.assumptions import assumptions
from xl_econ.core.quantity import Given
from xl_econ.core.sampling import Numbers, copula, is_positive_definite
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.spelling import toml_text
from xl_econ.model import model_graph

KEY, CORRELATION = "simulate", "correlation"
TENTH_TO_MIDDLE = NormalDist().inv_cdf(0.9)
"""Standard deviations between the median and P90 of a normal distribution."""
Parameters = Mapping[str, Any]
Spot = Callable[[str], str]
"""Where an entry of the table stands, for messages: in a file, or in cells."""


@dataclass(frozen=True)
class Shape:
    """A kind of distribution: its parameters, those that must rise, and the value at a probability and its score."""

    parameters: tuple[str, ...]
    rising: tuple[str, ...]
    value: Callable[[Parameters, Numbers, Numbers], Numbers]
    above_zero: tuple[str, ...] = ()


def _uniform(p: Parameters, u: Numbers, _z: Numbers) -> Numbers:
    return p["low"] + u * (p["high"] - p["low"])


def _triangular(p: Parameters, u: Numbers, _z: Numbers) -> Numbers:
    low, mode, high = map(float, (p["low"], p["mode"], p["high"]))
    rises = low + np.sqrt(u * (high - low) * (mode - low))
    falls = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u * (high - low) < mode - low, rises, falls)


def _normal(p: Parameters, _u: Numbers, z: Numbers) -> Numbers:
    return p["mean"] + p["sd"] * z


def _lognormal(p: Parameters, u: Numbers, z: Numbers) -> Numbers:
    return _percentiles({**p, "p50": math.sqrt(p["p10"] * p["p90"])}, u, z)


def _percentiles(p: Parameters, _u: Numbers, z: Numbers) -> Numbers:
    """Two halves of normal distributions that meet in the median, so that all three percentiles are as told.

    Of logarithms where all are above 0: beyond P10 half as much is then as far away as twice as much beyond P90,
    and nothing falls below 0.
    """
    if p["p10"] <= 0:
        return _halves(p, z)
    return np.exp(_halves({name: math.log(value) for name, value in p.items()}, z))


def _halves(p: Parameters, z: Numbers) -> Numbers:
    low, middle, high = (float(p[name]) for name in ("p10", "p50", "p90"))
    return middle + np.where(z > 0, high - middle, middle - low) * z / TENTH_TO_MIDDLE


def _discrete(p: Parameters, u: Numbers, _z: Numbers) -> Numbers:
    weights: list[float] = p.get("weights") or [1.0] * len(p["values"])
    shares = np.cumsum(weights)
    return np.asarray(p["values"], float)[np.searchsorted(shares / shares[-1], u)]


SHAPES: Mapping[str, Shape] = {
    "percentiles": Shape(("p10", "p50", "p90"), ("p10", "p50", "p90"), _percentiles),
    "uniform": Shape(("low", "high"), ("low", "high"), _uniform),
    "triangular": Shape(("low", "mode", "high"), ("low", "mode", "high"), _triangular),
    "normal": Shape(("mean", "sd"), (), _normal, ("sd",)),
    "lognormal": Shape(("p10", "p90"), ("p10", "p90"), _lognormal, ("p10", "p90")),
    "discrete": Shape(("values", "weights"), (), _discrete),
}
LISTS, OPTIONAL = ("values", "weights"), ("weights",)


@dataclass(frozen=True)
class Distribution:
    """A shape with its numbers."""

    shape: str
    parameters: Parameters

    def drawn(self, given: Given, probabilities: Numbers, scores: Numbers) -> Numbers:
        """A value for each run: whole where the input must be, and at its bound where a draw lies outside."""
        values = SHAPES[self.shape].value(self.parameters, probabilities, scores)
        bounds = given.bounds
        values = np.rint(values) if bounds.whole else values
        least = bounds.at_least if bounds.above is None else np.nextafter(bounds.above, math.inf)
        return np.clip(values, least, bounds.at_most) if least is not None or bounds.at_most is not None else values

    def told(self) -> str:
        """As a study writes it, in one line."""
        told = [f"shape = {toml_text(self.shape)}", *(f"{name} = {value!r}" for name, value in self.parameters.items())]
        return f"{{ {', '.join(told)} }}"


@dataclass(frozen=True)
class Uncertain:
    """What a study says of its inputs: a distribution by name, and rank correlations by pair."""

    distributions: Mapping[str, Distribution] = field(default_factory=dict[str, Distribution])
    correlations: Mapping[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])

    def lines(self) -> list[str]:
        """What stands below `[simulate]`, one entry a line."""
        lines = [f"{name} = {each.told()}" for name, each in self.distributions.items()]
        pairs = [
            f"{{ between = [{toml_text(one)}, {toml_text(other)}], rank = {rank!r} }}"
            for (one, other), rank in self.correlations.items()
        ]
        return lines + ([f"{CORRELATION} = [{', '.join(pairs)}]"] if pairs else [])

    def matrix(self, names: list[str]) -> Numbers:
        """The rank correlations of these inputs."""
        found = np.eye(len(names))
        for (one, other), rank in self.correlations.items():
            if one in names and other in names:
                places = names.index(one), names.index(other)
                found[places] = found[places[::-1]] = rank
        return found


def read_uncertain(raw: Any, spot: Spot, problems: list[str]) -> Uncertain:
    """From plain values; every problem is noted as "where: what, and what to do"."""
    if not isinstance(raw, dict):
        problems.append(f"{spot('')}: it is {raw!r}, but must be a table of distributions, [{KEY}.NAME].")
        return Uncertain()
    tables = cast(dict[str, Any], raw)
    found = {
        name: made
        for name, table in tables.items()
        if name != CORRELATION and (made := _distribution(name, table, spot, problems))
    }
    return Uncertain(found, _correlations(tables, spot, problems))


@functools.cache
def believed_ranges() -> Mapping[str, Distribution]:
    """The assumptions with a low and a high: these are P10 and P90, and the base is the median.

    Bands of fits are quantiles of 10 and 90 % by their making, and what people call low and high is seldom an end:
    taken for one, it makes ranges too narrow. What was fitted is left out here: how far predictions are off where
    nothing was fitted (`calibration.toml`, residuals) holds its spread already.
    """
    return {
        name: Distribution("percentiles", {"p10": each.low, "p50": each.base, "p90": each.high})
        for name, each in assumptions().items()
        if each.band == "assumed" and each.low < each.high
    }


# --- distributions ---


def _distribution(name: str, table: Any, spot: Spot, problems: list[str]) -> Distribution | None:
    told = [f"{spot(name)}: {problem}" for problem in (*_name_problems(name), *_table_problems(table))]
    problems += told
    if told:
        return None
    return Distribution(str(table["shape"]), {key: table[key] for key in table if key != "shape"})


def _name_problems(name: str) -> Iterator[str]:
    """Only what a scenario decides, and is a number, can be drawn."""
    given = decided().get(name)
    if given and given.unit == "text":
        yield f"it is a choice, which has no distribution. Compare scenarios that choose {given.label} differently."
    elif not given and name in model_graph():
        yield "it is no input but a formula or a constant. Give a distribution to what it follows from (`explain`)."
    elif not given:
        yield f"there is no such input.{model_graph().suggest(name)}"


def _table_problems(table: Any) -> Iterator[str]:
    shapes = ", ".join(SHAPES)
    if not isinstance(table, dict):
        example = '{ shape = "uniform", low = 1.0, high = 2.0 }'
        yield f"it is {cast(object, table)!r}, but must be a table such as {example}."
    elif cast(dict[str, Any], table).get("shape") not in SHAPES:
        yield f"shape is {cast(dict[str, Any], table).get('shape')!r}. Use one of {shapes}."
    else:
        numbers = {key: value for key, value in cast(dict[str, Any], table).items() if key != "shape"}
        yield from _parameter_problems(str(cast(dict[str, Any], table)["shape"]), numbers)


def _parameter_problems(shape: str, numbers: dict[str, Any]) -> Iterator[str]:
    wanted = SHAPES[shape].parameters
    unlike = sorted({*wanted} - {*OPTIONAL} - {*numbers}) + sorted({*numbers} - {*wanted})
    wrong = [key for key in wanted if key in numbers and not _is_allowed(key, numbers[key])]
    if unlike:
        yield f"{shape} takes {', '.join(wanted)}, and not these alone: {', '.join(numbers) or 'none'}."
    elif wrong:
        kinds = ", ".join(f"{key} {numbers[key]!r}" for key in wrong)
        yield f"{kinds}: it must be {'a list of numbers' if wrong[0] in LISTS else 'a number'}."
    else:
        yield from _order_problems(shape, numbers)


def _is_allowed(key: str, value: Any) -> bool:
    if key in LISTS:
        return isinstance(value, list) and all(map(_is_number, cast(list[Any], value) or [None]))
    return _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _order_problems(shape: str, numbers: dict[str, Any]) -> Iterator[str]:
    rising = SHAPES[shape].rising
    for lower, upper in pairwise(rising):
        if numbers[lower] > numbers[upper]:
            above = f"{lower} {numbers[lower]!r} lies above {upper} {numbers[upper]!r}"
            yield f"{above}. Write {', '.join(rising)} in this order."
    if rising and numbers[rising[0]] == numbers[rising[-1]]:
        yield f"{rising[0]} and {rising[-1]} are both {numbers[rising[0]]!r}: leave it out, or give it a spread."
    for key in SHAPES[shape].above_zero:
        if numbers[key] <= 0:
            yield f"{key} is {numbers[key]!r}, but must be above 0."
    weights = numbers.get("weights")
    if weights and (len(weights) != len(numbers["values"]) or min(weights) < 0 or not sum(weights)):
        yield f"weights are {weights!r}: give one for each of the {len(numbers['values'])} values, none below 0."


# --- correlations ---


def _correlations(tables: dict[str, Any], spot: Spot, problems: list[str]) -> dict[tuple[str, str], float]:
    """By pair, in the order of the file."""
    listed = tables.get(CORRELATION, [])
    found: dict[tuple[str, str], float] = {}
    wrong: list[str] = []
    for each in cast(list[Any], listed) if isinstance(listed, list) else [listed]:
        pair, rank = _pair(each)
        if len(pair) != 2 or pair[0] == pair[1] or not _is_number(rank) or not -1 <= rank <= 1:
            form = '{ between = ["a", "b"], rank = 0.5 }'
            wrong.append(f"{cast(object, each)!r} must look like {form}: two inputs, and a rank from -1 to 1.")
            continue
        wrong += [f"{name}, of a correlation, has no distribution." for name in pair if not _is_drawn(name, tables)]
        if pair in found or pair[::-1] in found:
            wrong.append(f"{' and '.join(pair)} are correlated twice. Keep one.")
        found[pair[0], pair[1]] = rank
    if not wrong and found:
        wrong += _indefinite(found)
    problems += [f"{spot(CORRELATION)}: {problem}" for problem in wrong]
    return found


def _is_drawn(name: str, tables: dict[str, Any]) -> bool:
    return name in tables or name in believed_ranges()


def _pair(each: Any) -> tuple[tuple[str, ...], Any]:
    if not isinstance(each, dict) or set(cast(dict[str, Any], each)) != {"between", "rank"}:
        return (), None
    table = cast(dict[str, Any], each)
    between = table["between"]
    return (tuple(map(str, cast(list[Any], between))) if isinstance(between, list) else ()), table["rank"]


def _indefinite(found: dict[tuple[str, str], float]) -> Iterator[str]:
    """Correlations that cannot all hold at once."""
    names = list(dict.fromkeys(name for pair in found for name in pair))
    if not is_positive_definite(copula(Uncertain({}, found).matrix(names))):
        pairs = "; ".join(f"{one} and {other} {rank:g}" for (one, other), rank in found.items())
        yield f"these ranks cannot all hold at once (no positive definite matrix): {pairs}. Bring them nearer to 0."
