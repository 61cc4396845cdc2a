"""Quantities: named numbers with unit, label and source. Given, or derived by a plain function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

Role = Literal["input", "assumption", "constant", "column"]
Formula = TypeVar("Formula", bound=Callable[..., Any])


class DeclarationError(ValueError):
    """A quantity is declared without what a reader needs."""


@dataclass(frozen=True)
class Quantity:
    """What every quantity has. `unit` is spelled as `core.units` reads it, "text" for text."""

    name: str
    unit: str
    label: str
    source: str
    note: str = ""
    theme: str = ""
    """What sheets group by: the section of a given, the model file of a formula."""
    axis: str | None = None
    """What it repeats along beside the scenario."""
    state: str | None = None
    """The quantity that says whether this one is valid (0) or why it is absent."""

    def __post_init__(self) -> None:
        missing = [what for what in ("name", "unit", "label", "source") if not getattr(self, what).strip()]
        if missing:
            raise DeclarationError(f"{self.name or 'a quantity'} is declared without {', '.join(missing)}")

    @property
    def shown_unit(self) -> str:
        """The unit beside a figure: nothing for a pure number."""
        return "" if self.unit == "1" else self.unit


NO_BOUND = 1e12
"""An upper bound from here on only keeps results finite; nobody wants to read it."""


@dataclass(frozen=True)
class Bounds:
    """What a number may be."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    whole: bool = False

    def __str__(self) -> str:
        return self._told(1, "")

    def as_percentages(self) -> str:
        """The same in words, for a share that is shown in percent."""
        return self._told(100, "%")

    def _told(self, scale: int, sign: str) -> str:
        lower = f"above {self.above * scale:g}{sign}" if self.above is not None else ""
        lower = f"at least {self.at_least * scale:g}{sign}" if self.at_least is not None else lower
        bounded = self.at_most is not None and self.at_most < NO_BOUND
        upper = f"at most {(self.at_most or 0) * scale:,.0f}{sign}" if bounded else ""
        parts = ["a whole number" if self.whole else "a number", lower, upper]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Given(Quantity):
    """An input, an assumption, a constant, or a column of a catalog table."""

    role: Role = "input"
    bounds: Bounds = Bounds()
    choices: str | None = None
    """The column (a given of role "column") whose labels this text input picks from."""
    table: str | None = None
    """For a column: the catalog table; the name is "table.field"."""
    counts_with: tuple[tuple[str, str], ...] = ()
    """The choices, with their labels, without which the model leaves this input aside."""
    options: tuple[str, ...] = ()
    """For a drop-down column: its labels, which are names and not values."""


@dataclass(frozen=True)
class Derived(Quantity):
    """A formula. `inputs` maps the function's parameters to quantities (the same name, unless renamed)."""

    formula: Callable[..., Any] = field(default=lambda: None)
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    repeats: str | None = None
    """The quantity whose formula this repeats with other inputs."""


_DECLARED: dict[str, list[Quantity]] = {}


def declared_in(module: str) -> list[Quantity]:
    """The quantities that a module declares, in reading order."""
    return list(_DECLARED.get(module, []))


def declare(quantity: Quantity, module: str, theme: str = "") -> None:
    """Note a quantity under the module that declares it; sheets group by the theme."""
    _DECLARED.setdefault(module, []).append(replace(quantity, theme=theme or module.rpartition(".")[2]))


def derived(
    unit: str,
    label: str,
    *,
    source: str,
    note: str = "",
    state: str | None = None,
    takes: Mapping[str, str] | None = None,
) -> Callable[[Formula], Formula]:
    """Declare a plain function as a quantity: its name is the quantity, its parameters are the inputs.

    `takes` names the quantity of a parameter where the two differ. The function is returned untouched.
    """

    def declare_it(formula: Formula) -> Formula:
        names = list(inspect.signature(formula).parameters)
        unknown = sorted(set(takes or {}) - set(names))
        if unknown:
            raise DeclarationError(f"{formula.__name__} has no parameter {', '.join(unknown)}")
        made = Derived(
            name=formula.__name__,
            unit=unit,
            label=label,
            source=source,
            note=note or inspect.cleandoc(formula.__doc__ or ""),
            state=state,
            formula=formula,
            inputs={name: (takes or {}).get(name, name) for name in names},
        )
        declare(made, formula.__module__)
        return formula

    return declare_it
