"""Own calibration: how much slower than predicted one's own stack was measured to be, as a file that a study can name.

A factor is measured over predicted time: 1.1 where a tenth more was measured than is predicted. It holds for the stack
that it was measured on, and for the version of the model that predicted.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from xl_econ.core.problems import Problems
from xl_econ.inputs.own_catalog import Value
from xl_econ.inputs.spelling import toml_value

HEAD = (
    "# Made by `xl-econ calibrate`: how one stack was measured against what the model predicts for it.",
    "# A factor is measured over predicted time; low and high are the least and the most of its points.",
)
REMEDY = "Give a file that `xl-econ calibrate -o` made."
Text = Annotated[str, Field(min_length=1)]
Above0 = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Stack(_Table):
    """What was measured, in the names of a scenario's inputs."""

    llm: Text
    accelerator: Text
    weight_precision: Text
    kv_precision: Text
    tensor_parallel: Count
    data_parallel: Count
    pipeline_parallel: Count
    expert_parallel: Count
    engine: Text
    engine_release: Text = "before 2026"
    activation_precision: Text = "as the weights"
    """Both as in the files from before they were told."""


class Factor(_Table):
    """Measured over predicted time: the median of the points, with the least and the most."""

    factor: Above0
    low: Above0
    high: Above0
    points: Count

    @model_validator(mode="after")
    def _in_order(self) -> Factor:
        if not self.low <= self.factor <= self.high:
            raise ValueError(f"its factor {self.factor:g} is not between low {self.low:g} and high {self.high:g}")
        return self


class MeasuredFile(_Table):
    """A result file, so that everybody can see whether theirs is the same."""

    name: Text
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    tool: Text
    day: Annotated[str, Field(pattern=r"^(\d{4}-\d\d-\d\d)?$")]
    """When it was measured; blank where the tool does not tell."""
    runs: Count


class OwnCalibration(_Table):
    """The factors of one stack and where they come from."""

    format: Literal[1]
    xl_econ: Text
    """The version whose predictions were compared."""
    day: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
    stack: Stack
    time: Factor
    """Of steps and throughput."""
    ttft: Factor | None = None
    """Of the time to first token; None where no run tells it."""
    files: Annotated[tuple[MeasuredFile, ...], Field(min_length=1)]

    @property
    def time_factor(self) -> float:
        return self.time.factor

    @property
    def ttft_factor(self) -> float:
        """1 where no run tells it: as predicted."""
        return self.ttft.factor if self.ttft else 1

    def differs_from(self, inputs: Mapping[str, Value]) -> list[str]:
        """In what a scenario is another stack than was measured, in words."""
        stack = self.stack.model_dump()
        return [
            f"{name} is {inputs[name]}, measured was {stack[name]}" for name in stack if inputs[name] != stack[name]
        ]


def load_own_calibration(path: Path) -> OwnCalibration:
    """The calibration of a file; raises Problems with every problem."""
    try:
        return own_calibration_of(tomllib.loads(path.read_text("utf-8")), str(path))
    except OSError as error:
        raise Problems([f"{path}: {error.strerror}. {REMEDY}"]) from None
    except UnicodeDecodeError:
        raise Problems([f"{path}: it is not UTF-8 text. {REMEDY}"]) from None
    except tomllib.TOMLDecodeError as error:
        raise Problems([f"{path}: it is not valid TOML ({error}). {REMEDY}"]) from None


def own_calibration_of(raw: Mapping[str, Any], where: str) -> OwnCalibration:
    """The calibration that plain values hold, checked whole."""
    files: list[Any] | None = raw.get("files")
    try:
        return OwnCalibration.model_validate({**raw, "files": tuple(files) if isinstance(files, list) else files})
    except ValidationError as error:
        found = [f"{where}: {_in_words(details)} {REMEDY}" for details in error.errors(include_url=False)]
        raise Problems(found) from None


def _in_words(details: ErrorDetails) -> str:
    name = ".".join(map(str, details["loc"]))
    told = {"missing": "it is missing", "extra_forbidden": "there is no such key"}
    found = f"{details['msg'].removeprefix('Value error, ')}, found {details['input']!r}"
    return f"{name}: {told.get(details['type'], found)}."


def to_toml(calibration: OwnCalibration) -> str:
    """As TOML that `load_own_calibration` reads back to an equal one."""
    raw = calibration.model_dump(exclude_none=True)
    files = raw.pop("files")
    tables = {name: raw.pop(name) for name in list(raw) if isinstance(raw[name], dict)}
    lines = [*HEAD, *_pairs(raw)]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *_pairs(table)]
    for file in files:
        lines += ["", "[[files]]", *_pairs(file)]
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Value]) -> list[str]:
    return [f"{name} = {toml_value(value)}" for name, value in table.items()]
