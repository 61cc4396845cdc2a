"""Other layouts: up to eight ways to spread a replica, live for the picked scenario, and whether one is better now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from xl_econ.model import bridge, layout, sensitivity
from xl_econ.workbook.layout import letters, span
from xl_econ.workbook.other_layout_cells import (
    CHOSEN_BY,
    CONCURRENCY,
    COST,
    COUNT,
    DATA,
    EXPERTS,
    HEADS,
    ITL,
    NAME,
    NOTE,
    OUT,
    OUTPUT,
    PARTS,
    PER_REPLICA,
    PIPELINE,
    PLACE,
    ROWS,
    SAID,
    STANDING,
    TENSOR,
    TTFT,
    USE,
    WORTH,
    setting_of,
)
from xl_econ.workbook.page import Page, Seen, unit_format
from xl_econ.workbook.sheets.setting_cells import list_cells, setting_cell
from xl_econ.workbook.trials import STATE, STATE_LABELS

TITLE = "Other layouts"
SENTENCE = "the sentence on layouts"
TABLE = {
    USE: "Rank by cost, or what is against it; the scenario's own comes first",
    TENSOR: "TP",
    PIPELINE: "PP",
    DATA: "DP",
    EXPERTS: "EP",
    PER_REPLICA: "Accelerators per replica",
    CONCURRENCY: "Sequences per replica",
    ITL: "ITL, ms",
    TTFT: "TTFT, ms",
    OUTPUT: "Output token/s per accelerator",
    COST: "USD per 1 M tokens",
    WORTH: "1 M tokens per USD",
    STANDING: "Rank",
    PLACE: "No.",
    NAME: "Layout",
    OUT: "Out",
}
SHOWN: dict[int, tuple[str, Callable[..., Any], str]] = {
    CONCURRENCY: ("concurrency", layout.figure_or_none, "serving_state"),
    ITL: ("itl_ms", layout.latency_or_none, "serving_state"),
    TTFT: ("ttft_ms", layout.latency_or_none, "serving_state"),
    OUTPUT: ("output_tokens_per_s_per_accelerator", layout.figure_or_none, "serving_state"),
    COST: ("usd_per_m_tokens", layout.figure_or_none, STATE),
}
"""Each figure, with what says whether there is one, and by which state."""
TOLD = (
    "Python chooses the cheapest that fit, anew at each refresh; what you type stays if a person chooses. A free cell "
    "is that of the scenario, a free row is none. An own bill does not count."
)


def table(page: Page, base: int, scenario: Seen) -> None:
    """The candidates, of which the first is the base's own layout; and the sentence on them."""
    setting_cell(page, CHOSEN_BY)
    page.heads(HEADS, TABLE, [head for column, head in TABLE.items() if column > USE])
    page.pen.dress("set_row", HEADS, 44)
    page.text(NOTE, USE, TOLD, "note")
    end = page.layout.scenarios + page.layout.cases + len(page.layout.trials)
    columns = range(end - COUNT, end)
    given = [_layout(page, place, base) for place in range(COUNT)]
    for row, column in zip(ROWS, columns, strict=True):
        _figures(page, row, column)
    worths = [_worth(page, row, column, each) for row, column, each in zip(ROWS, columns, given, strict=True)]
    standings = [_standing(page, place, [worth for _, worth in worths]) for place in range(COUNT)]
    for place, column in enumerate(columns):
        _use(page, place, column, given[place], standings[place])
    taken = {
        "names": _down(NAME, [_name(page, row, column) for row, column in zip(ROWS, columns, strict=True)]),
        "outs": _down(OUT, [out for out, _ in worths]),
        "costs": _of_columns(page, "usd_per_m_tokens", columns),
        "nodes": _of_columns(page, "check_nodes", columns),
    }
    _sentence(page, scenario, _down(STANDING, [standing for _, standing in standings]), taken)


def _down(column: int, values: list[Any]) -> Seen:
    """A column of the table."""
    return span(ROWS[0], column, ROWS[-1], column), values


def _of_columns(page: Page, name: str, columns: range) -> Seen:
    """A quantity of all candidates, where Workings holds it."""
    place, ends = page.layout.place(name, columns[0]), [page.layout.sheet_column(name, column) for column in columns]
    values = [page.columns.value(name, column) for column in columns]
    return f"{place.sheet}!{span(place.row, ends[0], place.row, ends[-1])}", values


def _layout(page: Page, place: int, base: int) -> Seen:
    """The inputs of a candidate: the first has the base's, the others what is typed; gives all of them."""
    row, values = ROWS[place], list[Any]()
    for name, at in PARTS.items():
        cell = page.seen(name, base)
        if place:
            values.append(setting_cell(page, setting_of(name), place - 1)[1])
        else:
            values.append(page.worked(row, at, bridge.same, {"cell": cell}, "link", "code")[1])
    return span(row, TENSOR, row, EXPERTS), values


def _figures(page: Page, row: int, column: int) -> None:
    cell = {"cell": page.seen("replica_accelerators", column)}
    page.worked(row, PER_REPLICA, bridge.same, cell, "link", unit_format(page.layout.graph["replica_accelerators"]))
    for at, (name, function, state) in SHOWN.items():
        address, value = page.seen(name, column)
        taken = {"cut_fault": page.seen("cut_fault", column), "state": page.seen(state, column)}
        taken |= {"figure": (address, np.asarray(value, object))}
        page.worked(row, at, function, taken, "link", unit_format(page.layout.graph[name]))


def _worth(page: Page, row: int, column: int, given: Seen) -> tuple[int, float]:
    """Whether a candidate competes, and by what."""
    taken = {"given": given} | {name: page.seen(name, column) for name in ("layout_fault", STATE)}
    out = page.worked(row, OUT, layout.is_out, taken, unit="code")
    taken = {"out": out, "cost": page.seen("usd_per_m_tokens", column), "slack": page.seen("slack", 0)}
    return out[1], page.worked(row, WORTH, layout.tokens_for_a_dollar, taken)[1]


def _standing(page: Page, place: int, worths: list[float]) -> Seen:
    row, places = ROWS[place], list(range(1, COUNT + 1))
    page.figure(row, PLACE, place + 1, "quoted", "code")
    taken = {"value": (f"{letters(WORTH)}{row + 1}", worths[place]), "place": (f"{letters(PLACE)}{row + 1}", place + 1)}
    taken |= {"values": _down(WORTH, worths), "places": _down(PLACE, places), "slack": page.seen("slack", 0)}
    return page.worked(row, STANDING, sensitivity.place_by_size, taken, unit="code")


def _use(page: Page, place: int, column: int, given: Seen, standing: Seen) -> None:
    taken = {"given": given, "standing": standing, "state_labels": list_cells(page, STATE_LABELS)}
    taken |= {name: page.seen(name, column) for name in ("layout_fault", STATE)}
    taken |= {"reason": page.seen("layout_reason", column), "nodes": page.seen("check_nodes", column)}
    page.worked(ROWS[place], USE, layout.use_words, taken, "formula_text", "text")


def _name(page: Page, row: int, column: int) -> str:
    parts = zip(("tensor", "pipeline", "data", "experts"), PARTS, strict=True)
    taken = {parameter: page.seen(name, column) for parameter, name in parts}
    return page.worked(row, NAME, layout.layout_name, taken, "formula_text", "text")[1]


def _sentence(page: Page, scenario: Seen, standings: Seen, taken: dict[str, Seen]) -> None:
    """Also for the sheet Checks."""
    place = page.worked(SAID, STANDING, layout.best_place, {"standings": standings}, unit="code")
    taken = taken | {"scenario": scenario, "place": place, "cents_per_usd": page.seen("cents_per_usd", 0)}
    page.columns.once[SENTENCE] = page.worked(SAID, USE, layout.cheaper_words, taken, "status", "text")
