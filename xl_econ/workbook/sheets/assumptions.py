"""Assumptions: what is believed, with band, kind, source, owner and how to find out."""

from __future__ import annotations

from xl_econ.catalog.assumptions import Assumption, assumptions
from xl_econ.core.expr import Ref
from xl_econ.core.quantity import Given
from xl_econ.core.spell import Naming
from xl_econ.workbook.layout import ASSUMPTIONS, FIRST_COLUMN, letters
from xl_econ.workbook.page import Page, unit_format
from xl_econ.workbook.sheets.inputs import mark_differences, messages, number_rule
from xl_econ.workbook.sheets.sources import numbered

TITLE = "Assumptions"
PURPOSE = "What is believed and why. Scenarios follow the column Default until you type over them."
HEADS = ("Default", "Low", "High", "Kind", "Range is", "Source", "Owner", "How to find out", "Name")
FIGURES = ("Default", "Low", "High")
WIDTHS = (11, 11, 11, 11, 20, 9, 15, 70, 30)


def write(page: Page) -> None:
    notes = page.layout.notes_column
    widths = {0: 52, 1: 16, **dict.fromkeys(page.sheet_columns, 15)}
    page.head(TITLE, PURPOSE, widths | {notes + i: width for i, width in enumerate(WIDTHS)})
    page.scenario_heads()
    page.column_heads({0: "Assumption", 1: "Unit", **{notes + i: head for i, head in enumerate(HEADS)}}, FIGURES)
    for group in page.layout.groups[ASSUMPTIONS]:
        page.group_title(group, notes + len(HEADS) - 1)
        for given in group.quantities:
            assert isinstance(given, Given)
            _row(page, given, assumptions()[given.name])


def _row(page: Page, given: Given, known: Assumption) -> None:
    row, notes = page.layout.place(given.name).row, page.layout.notes_column
    page.text(row, 0, given.label)
    page.text(row, 1, given.shown_unit, "unit")
    for column in page.scenario_columns:
        _scenario_cell(page, given, column)
    page.figure(row, notes, known.base, "input", unit_format(given))
    page.figure(row, notes + 1, known.low, "quoted", unit_format(given))
    page.figure(row, notes + 2, known.high, "quoted", unit_format(given))
    told = (known.kind, known.band_told, f"[{numbered()[known.source]}]", known.owner, known.find_out, given.name)
    for offset, text in enumerate(told, start=3):
        page.text(row, notes + offset, text, "note")
    page.pen.dress("data_validation", row, FIRST_COLUMN, row, notes, number_rule(given.bounds) | messages(page, given))
    mark_differences(page, row)


def _scenario_cell(page: Page, given: Given, column: int) -> None:
    """Typed where the scenario decides; else the first follows Base, the others the first."""
    row, at = page.layout.place(given.name).row, FIRST_COLUMN + column
    value = page.columns.value(given.name, column)
    if given.name in page.columns.scenarios[column].overrides:
        page.pen.typed(row, at, value, "input", unit_format(given))
        return
    followed = page.layout.base_column if column == 0 else FIRST_COLUMN
    naming = Naming(lambda _: f"{letters(followed)}{row + 1}", str)
    page.inherit(row, at, Ref(given.name), naming, value, "input", unit_format(given))
