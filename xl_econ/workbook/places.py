"""Places: where a quantity stands on a sheet, and runs of rows under a title."""

from __future__ import annotations

from dataclasses import dataclass

from xl_econ.core.quantity import Quantity


@dataclass(frozen=True)
class Group:
    """A titled run of rows on a sheet."""

    title: str
    row: int
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True)
class Place:
    """Where a quantity stands: its first row on a sheet, and how far it runs along an axis, down or across."""

    sheet: str
    row: int
    rows: int = 1
    across: int = 0
    """How many columns it takes for each scenario; 0 where scenarios stand side by side."""
    down: int = 0
    """How many rows further down the next scenario has its own; 0 where all share a row."""
