"""Standard: what the standard study says of all inputs, for whoever tells only some."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from xl_econ.inputs.own_catalog import Value
from xl_econ.inputs.study import fixed_values, preset


@functools.cache
def left_open() -> Mapping[str, Value]:
    """What the standard study says of all inputs, for what no argument tells."""
    return next(iter(preset("standard").resolved().values()))


@functools.cache
def standard_given() -> dict[str, Any]:
    """The standard study's inputs, the constants and the catalog, as the engine takes them."""
    return {**fixed_values(), **{name: np.asarray(value) for name, value in left_open().items()}}
