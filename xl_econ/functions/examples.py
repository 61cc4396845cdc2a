"""Examples: arguments as the standard study has them."""

from __future__ import annotations

import functools
from typing import Any

from xl_econ.core.evaluate import evaluate
from xl_econ.functions.registry import Function
from xl_econ.inputs.standard import standard_given
from xl_econ.model import model_graph


@functools.cache
def example_of(name: str) -> Any:
    """A quantity as the standard study has it."""
    return evaluate(model_graph(), standard_given(), [name])[name].item()


def example(function: Function) -> list[Any]:
    """The arguments as the standard study has them."""
    return [example_of(name) for name in function.arguments]
