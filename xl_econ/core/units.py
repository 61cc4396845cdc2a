"""Units with scale: GB / (TB/s) is ms, and forgetting 3,600 s/h is an error.

A small algebra of our own because every import checks every formula; pint, which knows the same
units independently, repeats the check in the tests.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache


class UnitError(ValueError):
    """A unit is unknown, or quantities of different units are mixed."""


# Each named unit as factor × powers of the dimensions s, B (byte), FLOP, USD, token, param, J, kg, currency.
COUNTS = [
    "1",
    "layer",
    "head",
    "expert",
    "accelerator",
    "channel",
    "element",
    "entry",
    "sequence",
    "replica",
    "level",
    "request",
    "group",
    "stage",
    "person",
]
NAMED: dict[str, tuple[float, dict[str, int]]] = {
    **{count: (1.0, {}) for count in COUNTS},
    "Krequest": (1e3, {}),
    "Mrequest": (1e6, {}),
    "s": (1.0, {"s": 1}),
    "ms": (1e-3, {"s": 1}),
    "us": (1e-6, {"s": 1}),
    "h": (3600.0, {"s": 1}),
    "day": (86_400.0, {"s": 1}),
    "month": (2_628_000.0, {"s": 1}),
    "year": (31_536_000.0, {"s": 1}),
    "B": (1.0, {"B": 1}),
    "KB": (1e3, {"B": 1}),
    "MB": (1e6, {"B": 1}),
    "GB": (1e9, {"B": 1}),
    "TB": (1e12, {"B": 1}),
    "FLOP": (1.0, {"FLOP": 1}),
    "GFLOP": (1e9, {"FLOP": 1}),
    "TFLOP": (1e12, {"FLOP": 1}),
    "USD": (1.0, {"USD": 1}),
    "cent": (1e-2, {"USD": 1}),
    "token": (1.0, {"token": 1}),
    "Ktoken": (1e3, {"token": 1}),
    "Mtoken": (1e6, {"token": 1}),
    "param": (1.0, {"param": 1}),
    "Bparam": (1e9, {"param": 1}),
    "W": (1.0, {"J": 1, "s": -1}),
    "kW": (1e3, {"J": 1, "s": -1}),
    "MW": (1e6, {"J": 1, "s": -1}),
    "kWh": (3.6e6, {"J": 1}),
    "kg": (1.0, {"kg": 1}),
    "currency": (1.0, {"currency": 1}),
}
TEXT, TRUTH = "text", "truth value"
PART = r"([A-Za-z1][A-Za-z-]*)(?:\^(\d+))?"
UNIT = re.compile(rf"{PART}(?:[*/]{PART})*")


@dataclass(frozen=True)
class Unit:
    """A product of named units; `parse` makes one from text such as "USD/Mtoken"."""

    powers: Mapping[str, int] = field(default_factory=dict[str, int])
    anything: bool = False
    """True for the literal 0, which goes with every unit."""

    def __mul__(self, other: Unit) -> Unit:
        return self._combined(other, 1)

    def __truediv__(self, other: Unit) -> Unit:
        return self._combined(other, -1)

    def _combined(self, other: Unit, sign: int) -> Unit:
        powers = Counter(self.powers)
        for name, power in other.powers.items():
            powers[name] += sign * power
        return Unit({name: power for name, power in powers.items() if power}, self.anything)

    def __pow__(self, power: int) -> Unit:
        return Unit({name: each * power for name, each in self.powers.items()})

    def reduced(self) -> tuple[float, dict[str, int]]:
        """Factor and dimensions."""
        factor, dimensions = 1.0, Counter[str]()
        for name, power in self.powers.items():
            scale, parts = NAMED[name]
            factor *= scale**power
            for dimension, each in parts.items():
                dimensions[dimension] += each * power
        return factor, {name: power for name, power in dimensions.items() if power}

    def same_as(self, other: Unit) -> bool:
        """Equal dimension and equal scale."""
        if self.anything or other.anything:
            return True
        if self.is_special or other.is_special:
            return self.powers == other.powers
        (factor, dimensions), (other_factor, other_dimensions) = self.reduced(), other.reduced()
        return dimensions == other_dimensions and math.isclose(factor, other_factor, rel_tol=1e-9)

    @property
    def is_special(self) -> bool:
        """Text and truth values have no size."""
        return bool({TEXT, TRUTH} & self.powers.keys())

    @property
    def dimensionless(self) -> bool:
        return self.same_as(Unit())

    def __str__(self) -> str:
        over = "*".join(_spelled(name, power) for name, power in self.powers.items() if power > 0)
        under = "".join("/" + _spelled(name, -power) for name, power in self.powers.items() if power < 0)
        return (over or "1") + under


ANYTHING = Unit(anything=True)
TEXT_UNIT = Unit({TEXT: 1})
TRUTH_UNIT = Unit({TRUTH: 1})


def _spelled(name: str, power: int) -> str:
    return name if power == 1 else f"{name}^{power}"


@cache
def parse(text: str) -> Unit:
    """The unit that a text such as "FLOP/param/token" names.

    Raises UnitError for a name that no unit has, and for what is no product or quotient of names.
    """
    if text == TEXT:
        return TEXT_UNIT
    if not UNIT.fullmatch(text):
        raise UnitError(f'"{text}" is no unit. Write names with * / and ^, such as USD/Mtoken or FLOP/token^2')
    powers = Counter[str]()
    for sign, name, power in re.findall(rf"([*/]?){PART}", text):
        if name not in NAMED:
            raise UnitError(f'"{text}" has the unknown unit "{name}". Known: {", ".join(NAMED)}')
        powers[name] += (-1 if sign == "/" else 1) * int(power or 1)
    return Unit({name: power for name, power in powers.items() if power and name != "1"})
