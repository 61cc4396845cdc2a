"""About: what the workbook is, how to use it in three lines, colour key, index, version and fingerprint."""

from __future__ import annotations

import hashlib
import json

from xl_econ.inputs.study import Study
from xl_econ.version import ENGINE, VERSION
from xl_econ.workbook.layout import ABOUT_CELLS, FIRST_ROW, STUDY_CELLS
from xl_econ.workbook.page import Page

TITLE = "What serving an LLM costs"
PURPOSE = "Memory, latency, throughput, fleet and cost per million tokens. Every result is a live formula."
STEPS = (
    "1. On Inputs, choose LLM, accelerator, workload in the yellow cells. Scenarios follow the first until typed over.",
    "2. On Results, read the answer. On Checks, see whether anything wants a look.",
    "3. On Assumptions and Catalog, change what you know better. Sources says where each figure comes from.",
)
KEY = (
    ("Typed by you: blue in a box", "input"),
    ("Sourced fact, open to change: blue on a line", "fact"),
    ("Published or shipped figure: blue italics", "quoted"),
    ("Computed: black", "formula_text"),
    ("Taken from another sheet: green italics", "sentence"),
    ("Written once by Python, to compare with: grey italics", "stamped"),
)
MARKS = {
    "Differs from the first scenario: bold on orange": "differs",
    "Left aside by a choice above: grey italics": "unused",
    "A check that holds: green": "good",
    "A check to look at: red": "bad",
}
MARKS_OF_INPUTS = ("differs", "unused")
TERMS = {
    "Prefill, decode": "Reading the prompt; then giving one token after the other",
    "TTFT, ITL": "Time to first token; time between tokens",
    "KV cache": "What the LLM keeps of each token of a running request",
    "Replica": "The accelerators that hold one copy of the weights; a serving unit is a replica, or two pools",
    "TP, DP": "Tensor parallelism: every layer is split. Data-parallel attention: whole requests are split",
    "MFU, MBU": "Share of the peak rate, and of the memory bandwidth, that is reached",
    "Expert LLM (MoE)": "Each token works with a few of many experts",
    "Bparam, Mtoken, us": "Billions of parameters; millions of tokens; microseconds",
    "MLA": "Latent attention: a small common cache in place of keys and values per head",
    "Stated, measured, derived, assumed": "How a source knows a figure",
}
INDEX = {
    "Results": "The answer, the figures side by side, the charts",
    "Inputs": "Decisions by scenario",
    "Assumptions": "What is believed, with band and source",
    "Plan": "Demand, fleet, costs, debt and cash by month, with the years",
    "Demand": "Demand by hour, base load reserved and the rest by the hour, capacity against the hosted API",
    "Engine": "Every step of the calculation",
    "Curve": "Throughput, latency and cost at each concurrency",
    "Catalog": "Accelerators, LLMs, hosted prices; add your own",
    "Provider": "The GPU cloud of one accelerator by year, its break-even rent, and who earns what on tokens",
    "Article": "The six calculations of November 2024 beside ours",
    "Bridge": "Why two figures differ, step by step: the article and ours, or two scenarios",
    "Sensitivity": "What moves a result most, and a result over two things at once",
    "Simulation": "How far results may be off: percentiles of thousands of runs, if they were made",
    "Evidence": "Predictions beside published measurements, with the error",
    "Checks": "What wants a look",
    "Functions": "The model as functions that any cell may call",
    "Sources": "References by number, and the source of each figure",
    "Changes": "What was edited since the baseline, and by how much results moved",
    "Lists": "Constants, number formats, labels of the drop-downs",
    "Workings": "The engine for the article's cases, the bridges and the sensitivities",
}
ONLY_FULL = ("Provider", "Article", "Bridge", "Sensitivity", "Simulation", "Evidence", "Workings")
"""Sheets that a core workbook leaves out."""
FINGERPRINT_DIGITS = 16


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, {0: 46, 1: 90}, frozen=False)
    page.pen.dress("fit_to_pages", 1, 1)
    named = {
        "study_title": ("Study", page.study.title),
        "study_as_of": ("As of", page.study.as_of),
        "engine_version": ("Computed by", f"{ENGINE} {VERSION}"),
        "inputs_fingerprint": ("Fingerprint of the inputs", fingerprint(page.study)),
    }
    for name, (label, value) in named.items():
        row, column = ABOUT_CELLS[name]
        role = "head_left" if name in STUDY_CELLS else "label"
        page.text(row, 0, label, role)
        page.pen.typed(row, column, value, role, None)
    row = FIRST_ROW + 4
    page.text(row, 0, "How to use it", "section")
    page.text(row, 1, "", "section")
    for step in STEPS:
        row += 1
        page.text(row, 0, step)
    row = _key(page, row + 2)
    row = _index(page, row + 1)
    _terms(page, row + 1)


def _key(page: Page, row: int) -> int:
    page.text(row, 0, "Colours", "section")
    page.text(row, 1, "", "section")
    for text, role in KEY:
        row += 1
        page.text(row, 0, text, role)
    for text, mark in MARKS.items():
        row += 1
        page.text(row, 0, text, "input" if mark in MARKS_OF_INPUTS else "label")
        page.pen.dress("mark", row, 0, row, 0, mark, type="no_blanks")
    return row + 1


def _index(page: Page, row: int) -> int:
    page.text(row, 0, "Sheets", "section")
    page.text(row, 1, "", "section")
    for sheet, what in INDEX.items():
        if not page.layout.cases and sheet in ONLY_FULL:
            continue
        row += 1
        page.pen.dress("link", row, 0, sheet)
        page.text(row, 1, what, "label")
    return row + 1


def _terms(page: Page, row: int) -> None:
    page.text(row, 0, "Terms", "section")
    page.text(row, 1, "", "section")
    for term, meaning in TERMS.items():
        row += 1
        page.text(row, 0, term)
        page.text(row, 1, meaning)


def fingerprint(study: Study) -> str:
    """A short hash of version and inputs: equal inputs give equal files."""
    drawn = [study.simulate.lines()] if study.simulate.lines() else []
    told = json.dumps([VERSION, study.as_of, study.months, study.catalog, study.resolved(), *drawn], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:FINGERPRINT_DIGITS]
