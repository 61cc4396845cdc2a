"""Evidence page: the rows of the sheet Evidence, the tables and charts above them, and what the model leaves out."""

from __future__ import annotations

import math

from xl_econ.calibration.compared import MEASURES, TIMES, Compared, calibration_fingerprint, compared
from xl_econ.catalog.assumptions import calibration
from xl_econ.catalog.load import load_catalog
from xl_econ.model.article import published_gap
from xl_econ.model.evidence import error_size
from xl_econ.version import ENGINE, VERSION
from xl_econ.workbook import error_tables as tables
from xl_econ.workbook.charts import Drawn, predicted_against_measured
from xl_econ.workbook.layout import FIRST_ROW, HEAD_ROW, letters
from xl_econ.workbook.page import Page

TITLE = "Evidence"
PURPOSE = "Predictions beside published measurements; the sample is drawn by a fixed rule, never by how well it fits."
SOURCE_WIDTH, ENGINE_WIDTH = 56, 25
HEADS = {
    0: ("LLM", 36),
    1: ("Accelerator", 19),
    2: ("Engine", ENGINE_WIDTH),
    3: ("Weights / cache", 13),
    4: ("Accelerators", 13),
    5: ("TP · DP · PP", 12),
    6: ("Input tokens", 12),
    7: ("Output tokens", 9),
    8: ("Sequences at once", 13),
    9: ("What is measured", 29),
    10: ("Unit", 19),
    11: ("Measured", 11),
    12: ("Predicted", 11),
    13: ("Error", 9),
    14: ("Size of error", 9),
    15: ("Source", SOURCE_WIDTH),
    16: ("Date", 11),
    17: ("Licence", 14),
}
"""Heads and widths of the rows' columns."""
FIGURES = [HEADS[column][0] for column in (4, 6, 7, 8, 11, 12, 13, 14)]
MEASURED, PREDICTED, ERROR, SIZE, LAST = 11, 12, 13, 14, 17
BY_KIND, BY_ACCELERATOR = (19, 20), (22, 23)
"""Columns in which the errors stand once more, in another order: a group is then one range, which a median takes."""
AGAIN_WIDTHS = {19: 14, 20: 9, 22: 21, 23: 9}
QUEUED = "all queued"
FIRST_CHART, SECOND_CHART, LIMITS_COLUMN = 6, 13, 9
LIMITS_ROW = FIRST_ROW + 20
"""Below the charts."""
LIMITS = (
    "Time to first token once more requests wait than run: it is that of a queue. Such rows are left out.",
    "Time to first token of SGLang under load: a longer start and more prompts ahead stand for its scheduler.",
    "Imbalance: under attention by data parallelism, with few experts per token, all ranks wait for the busiest one.",
    "Speculative decoding in a benchmark: its acceptance is an input here, and sources seldom tell it.",
    "Decode pools over 32 and more accelerators: few are published, and network hidden behind work is not modelled.",
    "Small batches of gpt-oss on the newest kernels, which put steps together that are counted one by one here.",
    "First releases of an engine for a new LLM or accelerator: slower than the mature kernels that the fit describes.",
    "Engines from before 2024: less is overlapped, kernels differ, and too few rows tell of them.",
    "Load that comes and goes, failures and restarts: every row here is a steady run on a healthy system.",
)
NOTES = (
    "A row for each metric, LLM, accelerator and engine that has enough published rows of quality A and B together.",
    "Measured: the source's figure, of the whole instance where it tells a part's. Lengths are means.",
    "Predicted: what the shipped calibration gives, written once by Python. It follows no edit of this workbook.",
    "Medians of so few rows move with the rows drawn: the table of all published measurements is the better estimate.",
    "The sources' figures are facts under the terms in the last column; the package has each one's reference.",
)


def write_all(page: Page) -> None:
    """The whole sheet."""
    rows = compared()
    widths = {column: width for column, (_, width) in HEADS.items()} | {18: 3, 21: 3} | AGAIN_WIDTHS
    page.head(TITLE, PURPOSE, widths, frozen=False)
    first = _tables_end(rows)
    errors = [published_gap(each.point.predicted, each.row.value) for each in rows]
    _head_of_rows(page, first - 1)
    for place, (each, error) in enumerate(zip(rows, errors, strict=True)):
        _row(page, first + place, each, error)
    _summaries(page, rows, errors, first)
    _limits(page)
    _chart(page, rows, first, (HEAD_ROW, FIRST_CHART), is_time=True)
    _chart(page, rows, first, (HEAD_ROW, SECOND_CHART), is_time=False)
    page.pen.dress("print_area", 0, 0, first + len(rows) - 1, LAST)


def _tables_end(rows: tuple[Compared, ...]) -> int:
    """The first of the rows, below the tables, the stamp and the notes."""
    groups = len({each.llm_kind for each in rows}) + len({each.row.accelerator for each in rows})
    return FIRST_ROW + len(MEASURES) + groups + tables.OTHER_ROWS + len(NOTES) + 1


def _head_of_rows(page: Page, row: int) -> None:
    for place, note in enumerate(NOTES):
        page.text(row - len(NOTES) + place, 0, note, "purpose")
    heads = {column: head for column, (head, _) in HEADS.items()}
    heads |= {
        BY_KIND[0]: "LLM kind",
        BY_KIND[1]: "Size",
        BY_ACCELERATOR[0]: "Accelerator, sorted",
        BY_ACCELERATOR[1]: "Size",
    }
    page.heads(row, heads, [*FIGURES, "Size"])
    page.pen.dress("set_row", row, 30)
    page.pen.dress("repeat_rows", row)
    page.pen.dress("set_h_pagebreaks", [row - len(NOTES)])


def _row(page: Page, row: int, each: Compared, error: float) -> None:
    measured = each.row
    texts = {
        0: measured.llm,
        1: measured.accelerator,
        3: f"{measured.weight_precision} / {measured.kv_precision}",
        5: f"{measured.tensor_parallel:g} · {measured.data_parallel:g} · {measured.pipeline_parallel:g}",
        9: MEASURES[each.measure],
        16: each.told["date"],
        17: each.licence,
    }
    for column, text in texts.items():
        page.text(row, column, text, "note" if column else "label")
    page.text(row, 2, each.engine, "wrapped")
    page.text(row, 10, each.unit, "unit")
    page.text(row, 15, each.source, "wrapped")
    page.fit_row(row, (each.engine, ENGINE_WIDTH), (each.source, SOURCE_WIDTH))
    _figures(page, row, each, error)


def _figures(page: Page, row: int, each: Compared, error: float) -> None:
    told = each.row
    page.figure(row, 4, told.accelerators, "quoted", "accelerator")
    page.figure(row, 6, told.input_tokens, "quoted", "token")
    page.figure(row, 7, told.output_tokens, "quoted", "token")
    if told.concurrency is None:
        page.text(row, 8, QUEUED, "unit")
    else:
        page.figure(row, 8, told.concurrency, "quoted", "sequence")
    page.figure(row, MEASURED, told.value, "quoted", each.unit)
    page.figure(row, PREDICTED, each.point.predicted, "stamped", each.unit)
    cells = {"computed": _cell(row, PREDICTED), "published": _cell(row, MEASURED)}
    page.applied(row, ERROR, published_gap, cells, error, "formula", "share")
    page.applied(row, SIZE, error_size, {"error": _cell(row, ERROR)}, abs(error), "formula", "share")


def _cell(row: int, column: int) -> str:
    return f"{letters(column)}{row + 1}"


def _summaries(page: Page, rows: tuple[Compared, ...], errors: list[float], first: int) -> None:
    """The tables above the rows, from the top."""
    there = tables.Errors(first, ERROR, SIZE, errors)
    row = tables.by_measure(page, HEAD_ROW, [each.measure for each in rows], there)
    row = tables.by_group(page, row, "By kind of LLM", [each.llm_kind for each in rows], there, BY_KIND)
    row = tables.by_group(page, row, "By accelerator", [each.row.accelerator for each in rows], there, BY_ACCELERATOR)
    row = tables.of_calibration(page, row, calibration().get("errors", {}))
    stamp = {
        "Predicted by": f"{ENGINE} {VERSION}",
        "Calibration of": load_catalog().sources["calibration"].date or "",
        "Fingerprint of calibration and sample": calibration_fingerprint(),
    }
    for place, (label, value) in enumerate(stamp.items()):
        page.text(row + place, 0, label)
        page.figure(row + place, 1, value, "stamped", "text")


def _limits(page: Page) -> None:
    for column in range(LIMITS_COLUMN, LAST + 1):
        title = "What the model does not capture" if column == LIMITS_COLUMN else ""
        page.text(LIMITS_ROW, column, title, "section")
    for place, limit in enumerate(LIMITS, start=1):
        page.text(LIMITS_ROW + place, LIMITS_COLUMN, limit)


def _chart(page: Page, rows: tuple[Compared, ...], first: int, at: tuple[int, int], is_time: bool) -> None:
    places = [place for place, each in enumerate(rows) if (each.measure in TIMES) == is_time]
    figures = [figure for place in places for figure in (rows[place].row.value, rows[place].point.predicted)]
    series: list[tuple[list[object], list[object], list[object]]] = []
    for number, measure in enumerate(MEASURES):
        of_this = [first + place for place in places if rows[place].measure == measure]
        if of_this:
            ends = (of_this[0], of_this[-1])
            series.append(
                ([page.sheet, FIRST_ROW + number, 0], _block(page, ends, MEASURED), _block(page, ends, PREDICTED))
            )
    least, most = math.floor(math.log10(min(figures))), math.ceil(math.log10(max(figures)))
    drawn = Drawn(series, _block(page, (first + places[0], first + places[-1]), MEASURED), 10.0**least, 10.0**most)
    title = "Times: predicted against measured" if is_time else "Rates: predicted against measured"
    predicted_against_measured(page, at, title, "ms" if is_time else "tokens/s", drawn)


def _block(page: Page, ends: tuple[int, int], column: int) -> list[object]:
    return [page.sheet, ends[0], column, ends[1], column]
