"""Scenario: the inputs that one column of a workbook decides. What it leaves out, it inherits."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_core import ErrorDetails

from xl_econ.core.quantity import Given
from xl_econ.inputs.own_catalog import OwnRecords, Value, ids_of
from xl_econ.model import model_graph

COMMA_OR_PERCENT = re.compile(r"\s*([+-]?[0-9]+(?:[.,][0-9]+)?)\s*(%?)\s*")
LAYOUT = "layout"
"""In a study, beside the inputs: how the replica is spread."""
AUTO = "auto"
LAYOUT_INPUTS = ("tensor_parallel", "data_parallel", "pipeline_parallel", "expert_parallel")
Spot = Callable[[str], str]
"""Where a scenario's input stands, for messages: in a file, or in a cell."""


class ScenarioBase(BaseModel):
    """Strict numbers and known names only; every field is optional."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    if TYPE_CHECKING:

        def __init__(self, **inputs: Value | None) -> None: ...

    @property
    def overrides(self) -> dict[str, Value]:
        """What this scenario decides itself, in the model's order."""
        return {name: value for name, value in self if value is not None}


@functools.cache
def decided() -> Mapping[str, Given]:
    """The givens that a scenario may decide: inputs and assumptions, by name."""
    return {given.name: given for given in model_graph().givens if given.role in ("input", "assumption")}


def whole_if_wanted(given: Given, value: Any) -> Any:
    """Excel knows no whole numbers: 4.0 is 4 where a whole number is wanted."""
    whole = given.bounds.whole and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _field(given: Given) -> Any:
    """The pydantic field of a given: text, or a number within its bounds."""
    bounds = given.bounds
    if given.unit == "text":
        kind: Any = str
    else:
        limits = Field(gt=bounds.above, ge=bounds.at_least, le=bounds.at_most, allow_inf_nan=False)
        kind = Annotated[int if bounds.whole else float, limits]
    return (kind | None, Field(default=None, description=f"{given.label} ({given.unit})"))


Scenario: type[ScenarioBase] = create_model(
    "Scenario",
    __base__=ScenarioBase,
    __doc__="One column of inputs; names, units and bounds are the model's. See `xl-econ list quantities`.",
    **{name: _field(given) for name, given in decided().items()},
)


def read_scenario(
    raw: Mapping[str, Any], spot: Spot, problems: list[str], own: OwnRecords | None = None
) -> ScenarioBase | None:
    """A scenario from plain values, or None with every problem noted as "where: what, and what to do".

    `own` are catalog records beside the shipped ones that it may choose.
    """
    unknown = _unknown_labels(raw, spot, own or {})
    problems += unknown
    try:
        scenario = Scenario.model_validate(dict(raw))
    except ValidationError as error:
        problems += [_in_words(details, spot) for details in error.errors(include_url=False)]
        return None
    return None if unknown else scenario


def labels_of(given: Given, own: OwnRecords | None = None) -> list[str]:
    """The labels that a choice may take."""
    column = model_graph()[str(given.choices)]
    assert isinstance(column, Given)
    return list(column.options) or ids_of(str(column.table), own or {})


def _unknown_labels(raw: Mapping[str, Any], spot: Spot, own: OwnRecords) -> list[str]:
    choices = {name: labels_of(given, own) for name, given in decided().items() if given.choices and name in raw}
    return [
        f'{spot(name)}: "{raw[name]}" is unknown. {_remedy(raw[name], labels)}'
        for name, labels in choices.items()
        if isinstance(raw[name], str) and raw[name] not in labels
    ]


def _remedy(label: str, known: list[str]) -> str:
    near = get_close_matches(label.lower(), known, n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"Use one of {', '.join(known)}." if len(known) < 10 else "See `xl-econ list` for what there is."


def _in_words(details: ErrorDetails, spot: Spot) -> str:
    name = str(details["loc"][0])
    if details["type"] == "extra_forbidden":
        near = get_close_matches(name, [*decided(), LAYOUT], n=3, cutoff=0.5)
        hint = f"Did you mean {' or '.join(near)}?" if near else "See `xl-econ list quantities`."
        return f"{spot(name)}: there is no such input. {hint}"
    given = decided()[name]
    allowed = "one of its labels, as text" if given.unit == "text" else f"{given.bounds}, in {given.unit}"
    return f"{spot(name)}: it is {_shown(details['input'])}, but must be {allowed}.{_plainly(name, details['input'])}"


def _shown(value: Any) -> str:
    return f"the date {value:%Y-%m-%d}" if isinstance(value, date) else repr(value)


def _plainly(name: str, value: Any) -> str:
    """How to write what is asked for in another way: a layout by itself, a percentage, a decimal comma."""
    if name in LAYOUT_INPUTS and value == AUTO:
        return f' To let it be chosen, write {LAYOUT} = "{AUTO}".'
    found = COMMA_OR_PERCENT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return ""
    number = float(found[1].replace(",", ".")) / (100 if found[2] else 1)
    return f" Write {number:g}."
