"""Small quantities for tests of the core: a given, and a formula from a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from xl_econ.core.quantity import Derived, Given

Formula = Callable[..., Any]


def given(name: str, unit: str = "1", axis: str | None = None) -> Given:
    """A quantity that is given."""
    return Given(name, unit, f"The {name}", "test", axis=axis)


def formula(name: str, function: Formula, unit: str = "1") -> Derived:
    """A quantity made of a function whose parameters are its inputs."""
    inputs = {parameter: parameter for parameter in inspect.signature(function).parameters}
    return Derived(name, unit, f"The {name}", "test", formula=function, inputs=inputs)
