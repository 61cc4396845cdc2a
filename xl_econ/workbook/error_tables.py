"""Error tables: the medians above the rows of the sheet Evidence, and what the calibration says of all measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.calibration.compared import MEASURES
from xl_econ.calibration.evidence import METRICS
from xl_econ.core.expr import Call, Ref
from xl_econ.core.operations import how_many, largest, median
from xl_econ.core.spell import Naming
from xl_econ.workbook.layout import letters, span
from xl_econ.workbook.page import Page

HEADS = ("Rows", "Median size of error", "Median error", "Largest size")
COUNT, MIDDLE, BIAS, LARGEST = 1, 2, 3, 4
ALL = "All rows of the sample"
FITS = {
    "fitted": "Fitted to all",
    "group left out": "Source's rows of an LLM and accelerator left out",
    "llm left out": "LLM left out of the fit",
    "accelerator left out": "Accelerator left out",
}
"""The calibration's tables: what a fit had seen, and what it had not."""
OF_CALIBRATION = "All published measurements, by the calibration"
NOT_RUN = "not run yet"
PERCENT = 100
OTHER_ROWS = 4 + 3 * 2 + 1 + len(METRICS) + 3
"""Rows of tables and stamp beside the measures' and the groups' own: heads, gaps and what is always there."""


@dataclass(frozen=True)
class Errors:
    """Where the rows' errors stand, with and without their sign, and what they are."""

    first: int
    error: int
    size: int
    values: Sequence[float]


def by_measure(page: Page, row: int, measures: Sequence[str], errors: Errors) -> int:
    """What is measured stands together, so that each has one range. Gives the row of the next table."""
    _heads(page, row, "By what is measured", HEADS)
    for measure, label in MEASURES.items():
        row += 1
        places = [place for place, each in enumerate(measures) if each == measure]
        page.text(row, 0, label)
        _of_rows(page, row, errors, places)
    page.text(row + 1, 0, ALL, "strong")
    _of_rows(page, row + 1, errors, list(range(len(measures))))
    return row + 3


def _of_rows(page: Page, row: int, errors: Errors, places: Sequence[int]) -> None:
    values = [errors.values[place] for place in places]
    if values:
        first, last = errors.first + places[0], errors.first + places[-1]
        _sizes(page, row, span(first, errors.size, last, errors.size), values)
        _reduced(page, row, BIAS, median, span(first, errors.error, last, errors.error), values, "share")


def by_group(page: Page, row: int, title: str, groups: Sequence[str], errors: Errors, columns: tuple[int, int]) -> int:
    """The sizes once more, sorted by group in columns of their own, and a line for each group."""
    _heads(page, row, title, (HEADS[0], HEADS[1], "", HEADS[3]))
    order = sorted(range(len(groups)), key=lambda place: (groups[place], place))
    for at, place in enumerate(order, start=errors.first):
        page.text(at, columns[0], groups[place], "note")
        cell = f"{letters(errors.size)}{errors.first + place + 1}"
        naming = Naming(lambda _, cell=cell: cell, str)
        page.spelled(at, columns[1], Ref("size"), naming, abs(errors.values[place]), "formula", "share")
    for group in sorted(set(groups)):
        row += 1
        places = [at for at, place in enumerate(order, start=errors.first) if groups[place] == group]
        values = [errors.values[place] for place in order if groups[place] == group]
        page.text(row, 0, group)
        _sizes(page, row, span(places[0], columns[1], places[-1], columns[1]), values)
    return row + 2


def _sizes(page: Page, row: int, cells: str, values: Sequence[float]) -> None:
    sizes = np.abs(values)
    _reduced(page, row, COUNT, how_many, cells, sizes, "code")
    _reduced(page, row, MIDDLE, median, cells, sizes, "share")
    _reduced(page, row, LARGEST, largest, cells, sizes, "share")


def _reduced(page: Page, row: int, at: int, operation: Any, cells: str, values: Any, unit: str) -> None:
    """One figure of a range."""
    tree, naming = Call(operation, (Ref("errors"),)), Naming(str, lambda _: cells)
    page.spelled(row, at, tree, naming, operation(np.asarray(values)).item(), "formula", unit)


def of_calibration(page: Page, row: int, errors: Mapping[str, Mapping[str, Mapping[str, float]]]) -> int:
    """Two figures for each fit and metric, typed; in words where the calibration does not tell them."""
    heads = [f"{fit}: {what}" for fit in FITS.values() for what in ("median", "90th percentile")]
    _heads(page, row, OF_CALIBRATION, (*heads, "Points"))
    page.pen.dress("set_row", row, 54)
    for metric in METRICS:
        row += 1
        page.text(row, 0, MEASURES[metric])
        told = [errors.get(fit, {}).get(metric, {}) for fit in FITS]
        shares = [each.get(name) for each in told for name in ("median_percent", "p90_percent")]
        for column, share in enumerate(shares, start=1):
            _stamped(page, row, column, None if share is None else share / PERCENT, "share")
        _stamped(page, row, len(heads) + 1, told[0].get("points"), "number")
    return row + 2


def _stamped(page: Page, row: int, column: int, value: float | None, unit: str) -> None:
    page.figure(row, column, NOT_RUN if value is None else value, "stamped", unit)


def _heads(page: Page, row: int, title: str, heads: Sequence[str]) -> None:
    page.heads(row, {0: title, **dict(enumerate(heads, start=1))}, heads)
    page.pen.dress("set_row", row, 30)
