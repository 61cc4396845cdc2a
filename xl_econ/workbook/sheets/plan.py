"""Plan: months across, a block of rows for each scenario under the other, the years beside the labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_econ.core.expr import Call, Ref
from xl_econ.core.operations import total
from xl_econ.core.quantity import Derived, Quantity
from xl_econ.core.spell import Naming, cell_formula, words
from xl_econ.inputs.study import YEAR_MONTHS
from xl_econ.workbook.layout import (
    FIRST_COLUMN,
    FIRST_ROW,
    FIRST_YEAR_COLUMN,
    HEAD_ROW,
    INPUTS,
    MONTH,
    PLAN,
    letters,
)
from xl_econ.workbook.page import Page, unit_format

TITLE = "Plan"
PURPOSE = (
    "Month 0 is the opening, all else falls at a month's end. Costs, tax and payments are positive in their rows; "
    "profit and cash are signed, what goes out in parentheses."
)
NOTES = (130, 32)
"""Widths behind the months."""
SUMMED = ("plan_m_tokens", "bought_accelerators", "ordered_accelerators", "retired_accelerators", "_usd")
AT_THE_END = (
    "discounted_debt_usd",
    "plan_accelerator_usd",
    "book_usd",
    "plan_debt_usd",
    "taxed_usd",
    "most_cash_usd",
    "so_far_usd",
)
RATIOS = ("plan_debt_cover",)
A3, PRINT_SCALE = 8, 66
"""A scenario's year on a page: its rows and thirteen months would be too small on A4."""


def write(page: Page) -> None:
    first, notes_at = page.layout.first_month_column, _last_column(page) + 1
    widths = {0: 48, 1: 12, FIRST_COLUMN: 9} | dict.fromkeys(range(FIRST_COLUMN + 1, first), 14)
    widths |= dict.fromkeys(range(first, notes_at), 12) | dict(enumerate(NOTES, start=notes_at))
    page.head(TITLE, PURPOSE, widths)
    years = {FIRST_YEAR_COLUMN + year: f"Year {year + 1}" for year in range(page.layout.years)}
    heads = {0: "Quantity", 1: "Unit", FIRST_COLUMN: "Years are", FIRST_COLUMN + 1: "All months"} | years
    notes = {notes_at: "How it is computed", notes_at + 1: "Name"}
    page.column_heads(heads | notes, ["All months", *years.values()])
    page.across(page.layout.graph[MONTH], 0, "link_head")
    for column in page.scenario_columns:
        _block(page, column)
    _print(page)


def _last_column(page: Page) -> int:
    """That of the last month."""
    return page.layout.first_month_column + page.layout.months


def _block(page: Page, column: int) -> None:
    """All rows of one scenario, under its name."""
    down = column * page.layout.plan_rows
    source = f"{INPUTS}!{letters(FIRST_COLUMN + column)}{HEAD_ROW + 1}"
    title = page.columns.scenarios[column].title
    page.spelled(FIRST_ROW + down, 0, Ref("name"), Naming(lambda _: source, str), title, "link_band", "text")
    for group in page.layout.groups[PLAN]:
        for at in range(_last_column(page) + 1 + len(NOTES)):
            page.text(group.row + down, at, group.title if at == 0 else "", "section")
        for quantity in group.quantities:
            assert isinstance(quantity, Derived)
            _row(page, quantity, column)


def _row(page: Page, quantity: Derived, column: int) -> None:
    row, how = page.layout.place(quantity.name, column).row, years_are(quantity)
    page.text(row, 0, quantity.label)
    page.text(row, 1, quantity.shown_unit, "unit")
    page.text(row, FIRST_COLUMN, how, "note")
    page.across(quantity, column)
    page.text(row, _last_column(page) + 1, words(page.layout.graph.trees[quantity.name]), "note")
    page.text(row, _last_column(page) + 2, quantity.name, "note")
    if how != "at the end":
        _year_cell(page, quantity, column, FIRST_COLUMN + 1, range(page.layout.months + 1))
    for year in range(page.layout.years):
        _year_cell(page, quantity, column, FIRST_YEAR_COLUMN + year, months_of(year))


def years_are(quantity: Quantity) -> str:
    """How months become a year: summed, as they stand at its end, or computed from the year's sums."""
    if quantity.name in RATIOS:
        return "of sums"
    return "sums" if quantity.name.endswith(SUMMED) and not quantity.name.endswith(AT_THE_END) else "at the end"


def months_of(year: int) -> range:
    """The positions of a year's months; the opening counts to the first year."""
    return range(year * YEAR_MONTHS + 1 if year else 0, (year + 1) * YEAR_MONTHS + 1)


def _year_cell(page: Page, quantity: Derived, column: int, at: int, months: range) -> None:
    how, row = years_are(quantity), page.layout.place(quantity.name, column).row
    first_month = page.layout.first_month_column
    first, last = (f"{letters(first_month + month)}{row + 1}" for month in (months[0], months[-1]))
    tree, naming = Ref(quantity.name), Naming(lambda _: last, str)
    if how == "sums":
        tree, naming = Call(total, (Ref(quantity.name),)), Naming(str, lambda _: f"{first}:{last}")
    if how == "of sums":
        tree = page.layout.graph.trees[quantity.name]
        naming = Naming(lambda name: f"{letters(at)}{page.layout.place(name, column).row + 1}", str)
    value = _year_value(page, quantity, column, months)
    page.pen.formula(row, at, lambda: cell_formula(tree, naming), value, "formula", unit_format(quantity))


def _year_value(page: Page, quantity: Derived, column: int, months: range) -> float:
    def taken(name: str) -> Any:
        return np.asarray(page.columns.values[name][column])[months[0] : months[-1] + 1]

    if years_are(quantity) == "of sums":
        with np.errstate(all="ignore"):
            return float(quantity.formula(*(taken(name).sum() for name in quantity.inputs.values())))
    values = taken(quantity.name)
    return float(values.sum() if years_are(quantity) == "sums" else values[-1])


def _print(page: Page) -> None:
    """A page for the years and one for the months of each, of every scenario."""
    last = FIRST_ROW + page.layout.scenarios * page.layout.plan_rows - 2
    page.pen.dress("print_area", HEAD_ROW, 0, last, _last_column(page))
    page.pen.dress("set_paper", A3)
    page.pen.dress("set_print_scale", PRINT_SCALE)
    page.pen.dress("repeat_columns", 0, 1)
    blocks = page.scenario_columns[1:]
    page.pen.dress("set_h_pagebreaks", [FIRST_ROW + column * page.layout.plan_rows for column in blocks])
    first = page.layout.first_month_column
    ends = [first + months_of(year)[-1] + 1 for year in range(page.layout.years - 1)]
    page.pen.dress("set_v_pagebreaks", [first, *ends])
