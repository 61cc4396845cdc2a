"""Settings: what a person sets on the sheets Bridge and Sensitivity, and where."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xl_econ.inputs.scenario import decided
from xl_econ.model.given_parts import EXPLAINED
from xl_econ.workbook import other_layout_cells as layouts
from xl_econ.workbook.bridge_cells import BRIDGE, CORRECTIONS, ORDER, SCENARIOS
from xl_econ.workbook.sensitivity_cells import (
    FACTORS,
    FIRST_PICK,
    GRID_FACTOR,
    GRID_FACTOR_ROW,
    GRID_FACTORS,
    GRID_FIRST,
    GRID_ROWS,
    HIGH_FACTOR,
    LOW_FACTOR,
    ROWS,
    SENSITIVITY,
)
from xl_econ.workbook.sheet_xml import letters

Settings = Mapping[str, list[Any]]
"""What a person sets, by name: numbers and choices."""
LEAST, MOST = 0.01, 100
"""Of a factor."""


@dataclass(frozen=True)
class Setting:
    """Cells under each other, or side by side, that a person sets."""

    sheet: str
    row: int
    column: int
    label: str
    usual: tuple[Any, ...]
    most: int = 0
    """For places, which count from 1: the last; 0 for factors."""
    labels: tuple[str, ...] = ()
    across: bool = False
    may_be_free: bool = False

    @property
    def cells(self) -> list[str]:
        places = [self.place(offset) for offset in range(len(self.usual))]
        return [f"{letters(column + 1)}{row + 1}" for row, column in places]

    def place(self, offset: int) -> tuple[int, int]:
        """Row and column of one of its cells."""
        return (self.row, self.column + offset) if self.across else (self.row + offset, self.column)

    @property
    def allowed(self) -> str:
        if self.labels:
            return f"one of {', '.join(self.labels)}"
        counted = f"a whole number from 1 to {self.most:,}{', or nothing' if self.may_be_free else ''}"
        return counted if self.most else f"a number from {LEAST} to {MOST}"

    def takes(self, value: Any) -> bool:
        """Whether a cell's value is allowed."""
        if self.labels or value is None:
            return value in self.labels or (value is None and self.may_be_free)
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not self.most:
            return number and LEAST <= value <= MOST
        return number and value == int(value) and 1 <= value <= self.most


@functools.cache
def known_settings(scenarios: int) -> Mapping[str, Setting]:
    """All settings, by name, for a number of scenarios."""
    orders = {
        table.name: Setting(
            BRIDGE,
            table.ranks[0],
            ORDER,
            "Place in the order",
            tuple(range(1, len(table.labels) + 1)),
            len(table.labels),
        )
        for table in (CORRECTIONS, SCENARIOS)
    }
    row, column = SCENARIOS.first_pick, ORDER
    picks = {
        "bridge_from": Setting(BRIDGE, row, column, "From scenario", (1,), scenarios),
        "bridge_to": Setting(BRIDGE, row + 1, column, "To scenario", (min(2, scenarios),), scenarios),
    }
    names = tuple(EXPLAINED.values())
    picks |= {"bridge_result": Setting(BRIDGE, row + 2, column, "Result", names[:1], labels=names)}
    return orders | picks | _of_sensitivity(scenarios, names)


def _of_sensitivity(scenarios: int, names: tuple[str, ...]) -> dict[str, Setting]:
    scenario = Setting(SENSITIVITY, FIRST_PICK, LOW_FACTOR, "Scenario", (1,), scenarios)
    low, high = (0.8,) * FACTORS, (1.2,) * FACTORS
    return {
        "tornado_scenario": scenario,
        "tornado_result": Setting(SENSITIVITY, FIRST_PICK + 1, LOW_FACTOR, "Result", names[:1], labels=names),
        "low_factors": Setting(SENSITIVITY, ROWS[0], LOW_FACTOR, "Low, over the base", low),
        "high_factors": Setting(SENSITIVITY, ROWS[0], HIGH_FACTOR, "High, over the base", high),
        "grid_across": Setting(SENSITIVITY, GRID_FACTOR_ROW, GRID_FIRST, "Over the base", GRID_FACTORS, across=True),
        "grid_down": Setting(SENSITIVITY, GRID_ROWS[0], GRID_FACTOR, "Over the base", GRID_FACTORS),
    } | _of_layouts()


def _of_layouts() -> dict[str, Setting]:
    """Who chooses the candidates, and the candidates: a column of each input, the scenario's own not among them."""
    ways, free = (layouts.BY_PYTHON, layouts.BY_HAND), (None,) * (layouts.COUNT - 1)
    by = Setting(SENSITIVITY, layouts.FROM_ROW, layouts.FROM, "Layouts are chosen by", ways[:1], labels=ways)
    return {layouts.CHOSEN_BY: by} | {
        layouts.setting_of(name): Setting(
            SENSITIVITY,
            layouts.ROWS[1],
            column,
            f"Candidate: {name.replace('_', ' ')}",
            free,
            int(decided()[name].bounds.at_most or 1),
            may_be_free=True,
        )
        for name, column in layouts.PARTS.items()
    }


def usual_settings(scenarios: int) -> Settings:
    """The settings of a new workbook."""
    return {name: list(setting.usual) for name, setting in known_settings(scenarios).items()}
