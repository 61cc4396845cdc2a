"""Template: compiles a workbook with every sheet, formula, style, chart and name in place."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import xlsxwriter

from xl_econ.core.spell import START
from xl_econ.inputs.study import Study
from xl_econ.version import VERSION
from xl_econ.workbook.anchors import Written, anchors, hidden
from xl_econ.workbook.archive import Archive
from xl_econ.workbook.blank import Shape, held_cells
from xl_econ.workbook.columns import columns_of
from xl_econ.workbook.lambda_names import commented, names_in
from xl_econ.workbook.layout import Layout, layout_for
from xl_econ.workbook.named_styles import with_named_styles
from xl_econ.workbook.names import is_legal
from xl_econ.workbook.page import Formula, Page, Scalar
from xl_econ.workbook.sheets import sheet_names, write_sheet
from xl_econ.workbook.theme import Styles, Theme, load_theme

STYLES, WORKBOOK = "xl/styles.xml", "xl/workbook.xml"
MADE = datetime(2026, 11, 23, tzinfo=UTC)
"""A fixed day in the document's properties, so that equal input gives equal bytes."""
PROTECTION = {"format_cells": True, "format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
HEAT = {"min_color": "#FFFFFF", "mid_color": "#FFE699", "max_color": "#F4A460"}
OPEN_SHEETS = ("Catalog",)


def compile_template(study: Study, theme: Theme | None = None, full: bool = True) -> bytes:
    """A whole workbook of a study, written new."""
    file = io.BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": "What serving an LLM costs", "author": f"xl-econ {VERSION}", "created": MADE})
    book.set_calc_mode("auto")
    shape = Shape(len(study.scenarios), full, study.months)
    styles, layout = Styles(book, theme or load_theme()), layout_for(*shape)
    columns = columns_of(study, full)
    sheets = {name: book.add_worksheet(name) for name in sheet_names(full)}
    for name, sheet in sheets.items():
        write_sheet(Page(name, XlsxPen(book, sheet, styles), layout, columns, study))
    _define_names(book, layout, held_cells(shape))
    sheets["Results"].activate()
    book.close()
    archive = Archive(file.getvalue())
    named, told = (
        with_named_styles(archive.read(STYLES), styles.named()),
        commented(hidden(archive.read(WORKBOOK)), layout),
    )
    return archive.replaced({STYLES: named, WORKBOOK: told})


def _define_names(book: Any, layout: Layout, written: Written) -> None:
    for each in names_in(layout):
        book.define_name(each.name, f"{START}{each.formula}")
    cells = {name: f"{sheet}!{box.absolute}" for name, (sheet, box) in anchors(layout, written).items()}
    for name, area in (layout.defined_names() | layout.plan_names() | cells).items():
        assert is_legal(name), f"{name} looks like a cell; rename the quantity"
        book.define_name(name, f"{START}{area}")


@dataclass
class XlsxPen:
    """Writes cells and everything else into a new workbook."""

    book: Any
    sheet: Any
    styles: Styles
    changes_only: bool = False

    def __post_init__(self) -> None:
        protected = self.sheet.name not in OPEN_SHEETS
        if protected:
            self.sheet.protect("", PROTECTION)

    def still(self, row: int, column: int, value: Scalar | None, role: str, unit: str | None) -> None:
        style = self.styles.get(role, unit)
        if value is None or value == "":
            self.sheet.write_blank(row, column, None, style)
        elif isinstance(value, str):
            self.sheet.write_string(row, column, value, style)
        else:
            self.sheet.write_number(row, column, value, style)

    typed = stamped = still

    def formula(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        self.sheet.write_formula(row, column, formula(), self.styles.get(role, unit), value)

    inherited = formula

    def array(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        style = self.styles.get(role, unit)
        self.sheet.write_dynamic_array_formula(row, column, row, column, formula(), style, value)

    def dress(self, what: str, *args: Any, **options: Any) -> None:
        own = {"mark": self._mark, "heat": self._heat, "chart": self._chart, "table": self._table, "link": self._link}
        (own[what] if what in own else getattr(self.sheet, what))(*args, **options)

    def _mark(self, row: int, column: int, last_row: int, last_column: int, mark: str, **rule: Any) -> None:
        rule = {"type": "cell", "format": self.styles.mark(mark)} | rule
        self.sheet.conditional_format(row, column, last_row, last_column, rule)

    def _heat(self, row: int, column: int, last_row: int, last_column: int) -> None:
        """Darker is more, in colour and in grey; the figures stay readable."""
        self.sheet.conditional_format(row, column, last_row, last_column, {"type": "3_color_scale", **HEAT})

    def _chart(
        self, row: int, column: int, kind: dict[str, Any], series: list[Any], layout: dict[str, Any], alt: str
    ) -> None:
        chart = self.book.add_chart(kind)
        chart.set_size({"width": 620, "height": 400})
        for each in series:
            chart.add_series(each)
        for setter, options in layout.items():
            getattr(chart, setter)(options)
        self.sheet.insert_chart(row, column, chart, {"description": alt, "object_position": 2})

    def _table(self, row: int, last_row: int, name: str, heads: list[str]) -> None:
        options = {
            "name": f"Catalog_{name}",
            "columns": [{"header": head, "header_format": self.styles.get("head")} for head in heads],
            "style": "Table Style Light 1",
            "banded_rows": False,
        }
        self.sheet.add_table(row, 0, last_row, len(heads) - 1, options)

    def _link(self, row: int, column: int, sheet: str) -> None:
        self.sheet.write_url(row, column, f"internal:'{sheet}'!A1", self.styles.get("web"), sheet)
