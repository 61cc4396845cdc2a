"""Simulation: what thousands of runs with drawn inputs gave, stamped by Python, and whether it still holds."""

from __future__ import annotations

from typing import Any

from xl_econ.core.expr import refs
from xl_econ.inputs.distributions import KEY
from xl_econ.inputs.simulation import ODDS, PERCENTS
from xl_econ.model import simulation
from xl_econ.workbook import simulation_cells as cells
from xl_econ.workbook.charts import histogram
from xl_econ.workbook.layout import ABOUT, ABOUT_CELLS, letters, span
from xl_econ.workbook.page import Page, Seen, unit_format
from xl_econ.workbook.sheets.about import fingerprint
from xl_econ.workbook.sheets.setting_cells import list_cells, of_scenarios

TITLE = "Simulation"
PURPOSE = (
    "How far results may be off: the model once for each run, on inputs drawn from their ranges. Grey figures are "
    "written by `xl-econ simulate` and follow no edit; the line below says whether they still belong to the inputs."
)
STAMPS = {
    cells.SCENARIO: "Scenario",
    cells.PLACE: "Its place",
    cells.RUNS: "Runs",
    cells.SEED: "Seed",
    cells.DATE: "Date",
    cells.VERSION_ROW: "Computed by",
    cells.FINGERPRINT: "Fingerprint of the inputs",
}
HEADS = {
    cells.LABEL: "Result",
    cells.UNIT: "Unit",
    cells.NOW: "Now",
    cells.BASE: "Nothing drawn",
    cells.MOVED: "Moved since",
    cells.MEAN: "Mean",
    **{cells.FIRST_PERCENT + place: f"P{percent}" for place, percent in enumerate(PERCENTS)},
    cells.VALID: "Runs with it",
    cells.REASON: "Why others have none",
}
DRIVER_HEADS = {
    cells.LABEL: "What is drawn, those first that matter most",
    cells.UNIT: "Unit",
    cells.SHAPE: "Shape",
    cells.P10: "P10 drawn",
    cells.P50: "P50 drawn",
    cells.P90: "P90 drawn",
    cells.ORIGIN: "Range from",
}
ODDS_HEADS = {cells.LABEL: "How often", cells.UNIT: "Of these runs", cells.NOW: "Runs that say"}
WIDTHS = {
    cells.LABEL: 52,
    **dict.fromkeys((cells.UNIT, cells.NOW, cells.BASE), 18),
    **dict.fromkeys(range(cells.MOVED, cells.REASON), 13),
    cells.REASON: 46,
}
FIGURE_UNITS = {cells.VALID: "share"}
KNOWN = "known_fingerprint"
"""Among the stamps: what About says, where that is not the study's."""
RANKS = "Rank correlation with: "
NOTE = (
    "Rank correlation: 1 or -1 where the result always goes with what is drawn, or against it. "
    "Below 2 over the root of the runs (0.02 for 10,000) it is chance."
)
OF_STUDY = f"What this study says of its inputs, as below [{KEY}] in its file"
HOW = 'An entry a line: pue = { shape = "triangular", low = 1.1, mode = 1.3, high = 1.6 }. Then simulate again.'


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, WIDTHS, frozen=False)
    page.pen.dress("print_area", 0, 0, cells.LINE_ROWS[-1], cells.REASON)
    page.pen.dress("set_h_pagebreaks", [cells.DRIVER_HEADS])
    _stamps(page)
    moved = _results(page)
    _status(page, moved)
    _odds(page)
    for place in range(len(cells.CHARTED)):
        histogram(page, place)
    _drivers(page)
    _bins(page)
    _lines(page)


def _stamps(page: Page) -> None:
    for row, label in STAMPS.items():
        page.text(row, cells.LABEL, label)
    usual = {cells.PLACE: "place", cells.RUNS: "runs", cells.FINGERPRINT: "fingerprint"}
    for row in STAMPS:
        unit = "code" if row in (cells.PLACE, cells.SEED) else "number" if row == cells.RUNS else "text"
        page.pen.stamped(row, cells.STAMP, cells.USUAL.get(usual.get(row, ""), ""), "stamped", unit)


def stamp(page: Page, name: str) -> Seen:
    """A stamped cell that formulas take, seen from this sheet, and what it holds."""
    row, column = cells.TAKEN[name]
    return f"{_before(page)}${letters(column)}${row + 1}", page.stamps.get(name, cells.USUAL.get(name, 0))


def _before(page: Page) -> str:
    return "" if page.sheet == cells.SIMULATION else f"{cells.SIMULATION}!"


def _status(page: Page, moved: list[int]) -> None:
    row, column = ABOUT_CELLS["inputs_fingerprint"]
    known = page.stamps.get(KNOWN, fingerprint(page.study))
    taken: dict[str, Seen] = {
        "runs": stamp(page, "runs"),
        "stamped": stamp(page, "fingerprint"),
        "fingerprint": (f"{ABOUT}!{letters(column)}{row + 1}", known),
        "moved": (span(cells.RESULT_ROWS[0], cells.MOVED, cells.RESULT_ROWS[-1], cells.MOVED), moved),
    }
    page.worked(cells.STATUS, cells.LABEL, simulation.simulated_words, taken, "status", "text")
    page.pen.dress("mark", cells.STATUS, 0, cells.STATUS, 0, "bad", type="text", criteria="containing", value="changed")


# --- results ---


def _results(page: Page) -> list[int]:
    """Stamped percentiles beside the result as it is now; gives what moved."""
    figures = [head for column, head in HEADS.items() if cells.NOW <= column < cells.REASON]
    page.heads(cells.RESULT_HEADS, HEADS, figures)
    for row in (*cells.RESULT_ROWS, *cells.OTHER_ROWS):
        page.pen.dress("set_row", row, 26)
    for row in cells.OTHER_ROWS:
        page.pen.stamped(row, cells.LABEL, "", "stamped_text", "text")
        page.pen.stamped(row, cells.UNIT, "", "stamped_text", "text")
        _figures(page, row, "number")
    return [_result(page, name, row) for name, row in cells.ROW_OF.items()]


def _result(page: Page, name: str, row: int) -> int:
    quantity = page.layout.graph[name]
    page.text(row, cells.LABEL, quantity.label)
    page.text(row, cells.UNIT, quantity.shown_unit, "unit")
    _figures(page, row, unit_format(quantity))
    taken, value = _now(page, name)
    now = page.worked(row, cells.NOW, simulation.result_now, taken, "link", unit_format(quantity), value)
    changed = {"now": now, **_since(page, name)}
    return page.worked(row, cells.MOVED, simulation.result_moved, changed, "formula", "changed", moved(page, name)[1])[
        1
    ]


def _now(page: Page, name: str) -> tuple[dict[str, Seen], Any]:
    """What a result of the simulated scenario is taken from, and what it is."""
    state = str(page.layout.graph[name].state)
    labels = list_cells(page, next(refs(page.layout.graph.trees[f"{state}_label"])))
    taken = {"place": stamp(page, "place"), "states": of_scenarios(page, state), "state_labels": labels}
    taken |= {"figures": of_scenarios(page, name)}
    place = int(taken["place"][1]) - 1
    code = int(taken["states"][1][place])
    return taken, labels[1][code] if code else taken["figures"][1][place]


def _since(page: Page, name: str) -> dict[str, Seen]:
    return {
        "runs": stamp(page, "runs"),
        "base": stamp(page, name),
        "check_tolerance": page.seen("check_tolerance", 0),
    }


def moved(page: Page, name: str) -> Seen:
    """The cell that says whether a result has moved since the runs, and what it says."""
    now, (runs, base, tolerance) = _now(page, name)[1], (value for _, value in _since(page, name).values())
    if isinstance(now, str) or isinstance(base, str):
        found = runs > 0 and str(now).casefold() != str(base).casefold()
    else:
        found = simulation.result_moved(runs, now, base, tolerance)
    return f"{_before(page)}{letters(cells.MOVED)}{cells.ROW_OF[name] + 1}", int(found)


def _figures(page: Page, row: int, unit: str) -> None:
    for column in (cells.BASE, *range(cells.MEAN, cells.REASON)):
        page.pen.stamped(row, column, "", "stamped", FIGURE_UNITS.get(column, unit))
    page.pen.stamped(row, cells.REASON, "", "stamped_text", "text")


def _odds(page: Page) -> None:
    page.heads(cells.ODDS_HEADS, ODDS_HEADS, [ODDS_HEADS[cells.UNIT], ODDS_HEADS[cells.NOW]])
    for row, label in zip(cells.ODDS_ROWS, ODDS, strict=True):
        page.text(row, cells.LABEL, label)
        for column in (cells.UNIT, cells.NOW):
            page.pen.stamped(row, column, "", "stamped", "share")


# --- what is drawn ---


def _drivers(page: Page) -> None:
    ranks = {
        cells.FIRST_RANK + place: f"{RANKS if place == 0 else ''}{page.layout.graph[name].label}"
        for place, name in enumerate(cells.CHARTED)
    }
    heads = DRIVER_HEADS | ranks
    figures = [head for column, head in heads.items() if cells.P10 <= column < cells.ORIGIN]
    page.heads(cells.DRIVER_HEADS, heads, figures)
    page.pen.dress("set_row", cells.DRIVER_HEADS, 54)
    for row in cells.DRIVER_ROWS:
        for column in range(cells.LABEL, cells.ORIGIN + 1):
            is_figure = cells.P10 <= column < cells.ORIGIN
            unit = "change" if is_figure and column >= cells.FIRST_RANK else "number" if is_figure else "text"
            page.pen.stamped(row, column, "", "stamped" if is_figure else "stamped_text", unit)
    page.text(cells.DRIVER_ROWS.stop, cells.LABEL, NOTE, "note")


def _bins(page: Page) -> None:
    heads = {cells.LABEL: "Histograms: the middle of each bin, and the runs in it"}
    for place, name in enumerate(cells.CHARTED):
        middle, runs = cells.bin_columns(place)
        heads |= {middle: page.layout.graph[name].label, runs: "Runs"}
    page.heads(cells.BIN_HEADS, heads, list(heads.values())[1:])
    page.pen.dress("set_row", cells.BIN_HEADS, 54)
    for row in cells.BIN_ROWS:
        for place, name in enumerate(cells.CHARTED):
            middle, runs = cells.bin_columns(place)
            page.pen.stamped(row, middle, "", "stamped", unit_format(page.layout.graph[name]))
            page.pen.stamped(row, runs, "", "stamped", "number")


def _lines(page: Page) -> None:
    for column in range(cells.ORIGIN + 1):
        page.text(cells.LINE_HEADS, column, OF_STUDY if column == cells.LABEL else "", "section")
    page.text(cells.LINE_HEADS + 1, cells.LABEL, HOW, "note")
    lines: list[str | None] = [*page.study.simulate.lines()]
    for row, line in zip(cells.LINE_ROWS, lines + [None] * (cells.LINES - len(lines)), strict=True):
        page.pen.typed(row, cells.LABEL, line, "fact_text", "text")
