"""Printing: results as tables on a terminal, or for a file or pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from xl_econ.calibration.evidence import Evidence
from xl_econ.core.problems import one_line
from xl_econ.inputs.difference import Difference
from xl_econ.inputs.results import Results

WIDE = 200
"""Columns of a table that goes to a file or a pipe: nothing is cut."""
TEXTS = ("metric", "name", "reason", "layout", "remarks")
"""Columns of text, which stand on the left."""


def print_results(results: Results) -> None:
    """A row for each quantity, a column for each scenario."""
    table = Table(Column("quantity", no_wrap=True), Column("unit", no_wrap=True))
    for scenario in results.scenarios:
        table.add_column(scenario, justify="right", overflow="fold")
    for name, unit in results.units.items():
        table.add_row(name, unit, *(_shown(values, name) for values in results.scenarios.values()))
    Console(width=None if sys.stdout.isatty() else WIDE).print(table)


def print_difference(found: Difference) -> None:
    """The tables of two studies side by side, and a line that counts."""
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    for title, heads, rows in found.tables():
        table = Table(title=title, title_justify="left")
        for head in heads:
            table.add_column(head, overflow="fold")
        for row in rows:
            table.add_row(*row)
        console.print(table)
    console.print(found.summary(), markup=False)


def print_evidence(found: Evidence) -> None:
    """Errors by metric and group, and what is left out."""
    print_tables(found.tables())


def print_tables(tables: Iterable[tuple[str, Sequence[Mapping[str, object]]]]) -> None:
    """Titled tables of rows that have the same columns; those without a row are left out."""
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    for title, rows in tables:
        table = Table(title=title, title_justify="left")
        if not rows:
            continue
        for name in rows[0]:
            table.add_column(name, justify="right" if name not in TEXTS else "left")
        for row in rows:
            table.add_row(*map(_told, row.values()))
        console.print(table)


def _told(value: object) -> str:
    """A cell: a number, nothing, or a text that may be anybody's."""
    if isinstance(value, float):
        return f"{value:,.1f}"
    return "–" if value is None else escape(one_line(str(value)))


def _shown(values: dict[str, object], name: str) -> str:
    value = values[name]
    if value is None:
        return str(values[f"{name}_state"])
    return f"{value:,.6g}" if isinstance(value, float | int) else str(value)
