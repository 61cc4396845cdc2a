"""Assumptions and constants: the values of what the model takes as given, with their source."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from xl_econ.catalog.messages import CatalogError, problems_of
from xl_econ.catalog.records import Id, Kind, Record, Text
from xl_econ.core.quantity import Given
from xl_econ.model import model_graph

Number = Annotated[float, Field(allow_inf_nan=False)]
Made = TypeVar("Made", bound=Record)


class Assumption(Record):
    """What is believed: base, the band around it, who says so, and how to find out."""

    base: Number
    low: Number
    high: Number
    unit: Text
    source: Id
    kind: Kind
    band: Literal["fitted", "assumed"]
    """Whether low and high are the 10-90 % band of a fit, or a spread that we assume."""
    owner: Text
    find_out: Text
    quote: Text | None = None
    why: Text | None = None
    fit_within: list[Number] | None = None
    """Least and most that a fit may find, where there is one."""
    points: int | None = None
    """How many measured points move with it."""

    @property
    def band_told(self) -> str:
        """In words, with the number of points."""
        return f"fitted, {self.points:,} points" if self.points else self.band

    @model_validator(mode="after")
    def _in_order(self) -> Assumption:
        if not self.low <= self.base <= self.high:
            raise ValueError(f"low {self.low:g}, base {self.base:g}, high {self.high:g} are out of order")
        if self.kind == "assumed" and self.why is None:
            raise ValueError('it is "assumed", but has no why. Add why = "…"')
        return self


class Constant(Record):
    """True by definition."""

    value: Number
    unit: Text


@functools.cache
def assumptions() -> Mapping[str, Assumption]:
    """Every assumption of the model, by name; what is fitted has the values of the calibration."""
    problems: list[str] = []
    raw = {name: _with_fit(name, entry, calibration()) for name, entry in _shipped("assumptions").items()}
    return _or_raise(records_of(raw, "assumptions.toml", Assumption, "assumption", problems), problems)


@functools.cache
def calibration() -> Mapping[str, Any]:
    """What was fitted to measurements: values with their spread, and how far predictions are off."""
    return _shipped("calibration")


def fit_bounds() -> dict[str, tuple[float, float]]:
    """Least and most of each number that is fitted, by name."""
    within = {name: entry["fit_within"] for name, entry in _shipped("assumptions").items() if "fit_within" in entry}
    return {name: (float(least), float(most)) for name, (least, most) in within.items()}


def _with_fit(name: str, entry: Mapping[str, Any], found: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the values of the calibration, where it is fitted or says how far fits are off."""
    if "fit_within" in entry:
        return {**entry, **found["fitted"].get(name, {})}
    if "residual" not in entry:
        return entry
    kind, metric, percentile = entry["residual"]
    residual = found["residuals"][kind][metric]
    values = dict.fromkeys(("base", "low", "high"), residual[percentile]) | {"points": residual["points"]}
    return {**{key: value for key, value in entry.items() if key != "residual"}, **values}


@functools.cache
def constants() -> Mapping[str, Constant]:
    """Every constant of the model, by name."""
    problems: list[str] = []
    return _or_raise(records_of(_shipped("constants"), "constants.toml", Constant, "constant", problems), problems)


def _shipped(file: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files("xl_econ.catalog").joinpath("data", f"{file}.toml").read_text("utf-8"))


def _or_raise(found: Mapping[str, Made], problems: list[str]) -> Mapping[str, Made]:
    if problems:
        raise CatalogError(problems)
    return found


def records_of(
    raw: Mapping[str, Any], file: str, record: type[Made], role: str, problems: list[str]
) -> Mapping[str, Made]:
    """One record for each given of this role; names and units must be the model's."""
    wanted = {given.name: given for given in model_graph().givens if given.role == role}
    problems += [f"{file}: {name}: the model has no such {role}. Remove it." for name in raw if name not in wanted]
    problems += [f"{file}: {name}: it is missing. Add it in {wanted[name].unit}." for name in wanted if name not in raw]
    found: dict[str, Made] = {}
    for name, given in wanted.items():
        if name in raw:
            try:
                found[name] = record.model_validate(raw[name])
                problems += _unit_problem(raw[name]["unit"], given, file)
            except ValidationError as error:
                problems += problems_of(error, record, f"{file}: {name}")
    return found


def _unit_problem(unit: str, given: Given, file: str) -> list[str]:
    if unit == given.unit:
        return []
    return [f'{file}: {given.name}: unit is "{unit}", but it must be "{given.unit}".']
