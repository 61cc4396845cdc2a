"""Steps: what the bridges have in common: their order, their steps, and whether these add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from xl_econ.model import bridge as told
from xl_econ.workbook.bridge_cells import (
    CHANGE,
    FALL,
    FIGURE,
    HIDDEN,
    HOW_IT_IS,
    LABEL,
    LEVEL,
    ORDER,
    PLACE,
    RESULT,
    RISE,
    TOTAL,
    WHY,
    Table,
)
from xl_econ.workbook.layout import letters, span
from xl_econ.workbook.page import Page, Seen
from xl_econ.workbook.sheets.setting_cells import list_cells, setting_cell
from xl_econ.workbook.trials import STATE_LABELS

HEADS = {
    LABEL: "Step",
    ORDER: "No.",
    RESULT: "Result",
    CHANGE: "Change",
    HIDDEN: "Chart: not drawn",
    RISE: "Chart: rise",
    FALL: "Chart: fall",
    TOTAL: "Chart: total",
    LEVEL: "Stands at",
    FIGURE: "Computed",
    HOW_IT_IS: "State",
    PLACE: "Row below",
    WHY: "Why",
}
WIDTHS = {LABEL: 48, ORDER: 24, RESULT: 13, CHANGE: 13, WHY: 100, **dict.fromkeys(range(LEVEL, TOTAL + 1), 13)}
IN_ORDER = "Each number of the order stands once"
ADDS_UP = "The steps add up to the difference between both ends"
ORDER_NOTE = "The ends stay the same in any order; what a single step is worth does not."


def band(page: Page, table: Table, title: str) -> None:
    """The title, and the heads of both tables."""
    for column in range(TOTAL + 1):
        page.text(table.top, column, title if column == LABEL else "", "section")
    page.heads(table.heads, HEADS, [HEADS[column] for column in HEADS if column not in (LABEL, WHY)])
    page.pen.dress("set_row", table.heads, 30)
    page.heads(table.rank_heads, {LABEL: "What is switched", ORDER: "Order", WHY: HEADS[WHY]}, ["Order"])
    page.pen.dress("set_row", table.rank_heads, 30)


def columns_of_trials(page: Page, first: int, count: int) -> range:
    """The columns of some trials."""
    start = page.layout.scenarios + page.layout.cases + first
    return range(start, start + count)


def same(page: Page, row: int, at: int, cell: Seen, role: str = "formula", unit: str = "change") -> Seen:
    return page.worked(row, at, told.same, {"cell": cell}, role, unit)


def state_cell(page: Page, row: int, state: Seen) -> Seen:
    return same(page, row, HOW_IT_IS, state, "link", "code")


def ranks(page: Page, table: Table, whys: Sequence[str]) -> Seen:
    """The order of the steps, and the steps in this order; gives the cell that says whether it is one."""
    ranks = [setting_cell(page, table.name, offset)[1] for offset in range(len(table.labels))]
    for row, label, why in zip(table.ranks, table.labels, whys, strict=True):
        page.text(row, LABEL, label)
        page.text(row, WHY, why, "wrapped")
    labels = _below(table, LABEL), list(table.labels)
    reasons, order = (_below(table, WHY), list(whys)), (_below(table, ORDER), ranks)
    places: list[int] = []
    for step, row in enumerate(table.steps, start=1):
        page.figure(row, ORDER, step, "quoted", "code")
        taken = {"step": (f"{letters(ORDER)}{row + 1}", step), "ranks": order}
        found = ranks.index(step) + 1 if step in ranks else 0
        place = page.worked(row, PLACE, told.place_of, taken, unit="code", value=found)
        page.worked(row, LABEL, told.step_label, {"place": place, "labels": labels}, "formula_text", "text")
        page.worked(row, WHY, told.step_label, {"place": place, "labels": reasons}, "wrapped", "text")
        places.append(found)
    page.text(table.rank_check, LABEL, IN_ORDER)
    page.text(table.rank_check, WHY, ORDER_NOTE, "wrapped")
    cells = span(table.steps[0], PLACE, table.steps[-1], PLACE)
    return _marked(page, table.rank_check, told.ranks_fault, {"places": (cells, places)})


def _below(table: Table, column: int) -> str:
    """A column of the table of orders."""
    return span(table.ranks[0], column, table.ranks[-1], column)


def step(page: Page, row: int, figure: Seen, state: Seen, before: Seen) -> Seen:
    """A step: where it leads, how far it is, and its bar; gives where the bridge stands after it."""
    now = page.worked(row, LEVEL, told.level, {"state": state, "before": before, "figure": figure})
    _shown(page, row, state, now)
    for column, function in ((CHANGE, told.change), (HIDDEN, told.lower_end), (RISE, told.rise), (FALL, told.fall)):
        page.worked(row, column, function, {"now": now, "before": before})
    return now


def total(page: Page, row: int, figure: Seen, state: Seen, before: Seen | None = None) -> Seen:
    """An end of the bridge; without a result it has no bar, and the last end stays where the steps lead."""
    bar = page.worked(row, TOTAL, told.opening, {"state": state, "figure": figure})
    taken = {"state": state, "before": before or bar, "figure": figure}
    now = page.worked(row, LEVEL, told.level, taken)
    _shown(page, row, state, now)
    return now


def _shown(page: Page, row: int, state: Seen, now: Seen) -> None:
    """The figure, or why there is none."""
    labels = list_cells(page, STATE_LABELS)
    value = labels[1][int(state[1])] if state[1] else now[1]
    taken = {"state": state, "state_labels": labels, "figure": now}
    page.worked(row, RESULT, told.shown_or_why, taken, value=value)


def sum_check(page: Page, table: Table, levels: tuple[Seen, Seen, Seen]) -> Seen:
    """Whether the steps add up; gives the cell that says so."""
    first, before, last = levels
    page.text(table.sums, LABEL, ADDS_UP)
    rows = range(table.opening + 1, table.end)
    changes = span(rows[0], CHANGE, rows[-1], CHANGE), [before[1] - first[1]]
    tolerance = page.seen("check_tolerance", 0)
    taken = {"start": first, "changes": changes, "end": last, "check_tolerance": tolerance}
    return _marked(page, table.sums, told.sum_fault, taken)


def _marked(page: Page, row: int, function: Callable[..., Any], taken: dict[str, Seen]) -> Seen:
    """A check on this sheet."""
    page.pen.dress("mark", row, RESULT, row, RESULT, "good", criteria="==", value=0)
    page.pen.dress("mark", row, RESULT, row, RESULT, "bad", criteria=">", value=0)
    return page.worked(row, RESULT, function, taken, "check", "check")
