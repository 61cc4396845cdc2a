"""Macro book: a workbook with macros for classic xlwings: its settings name our UDFs, its first sheet calls some.

The macros are xlwings' own, taken from the workbook that it brings for `xlwings quickstart`.
"""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Any

import xlsxwriter

from xl_econ.core.spell import START, quoted
from xl_econ.functions.examples import example
from xl_econ.functions.registry import registry

BOOK = "xl_econ_functions.xlsm"
MODULE = "xl_econ.functions.xlwings_udfs"
PROJECT = "xl/vbaProject.bin"
SETTING = "UDF Modules"
"""The one setting of the sheet xlwings.conf: each that stands there, even empty, hides the user's own."""
SHOWN = ("WEIGHTS_GB", "TTFT_MS", "ITL_MS", "USD_PER_M_OUTPUT")
STEPS = (
    "1. In the VBA editor (Alt+F11): Tools > References > xlwings, then File > Import File > xl_econ.bas.",
    "2. Back here: Ctrl+Alt+F9 computes all calls below.",
    'Help of a function: the button fx. What an error means: =WHY("TTFT_MS", its arguments).',
)


def quickstart() -> Path | None:
    """xlwings' own workbook with macros, where xlwings is installed."""
    found = importlib.util.find_spec("xlwings")
    places = found.submodule_search_locations or [] if found else []
    return next((path for place in places if (path := Path(place) / "quickstart.xlsm").exists()), None)


def macro_book(with_macros_of: Path) -> bytes:
    """A workbook with the macros of another, the settings for our UDFs, and calls to try."""
    content = io.BytesIO()
    book: Any = xlsxwriter.Workbook(content, {"in_memory": True})
    with zipfile.ZipFile(with_macros_of) as archive:
        book.add_vba_project(io.BytesIO(archive.read(PROJECT)), True)
    book.set_vba_name("ThisWorkbook")
    _calls(book, book.add_worksheet("Functions"))
    _settings(book.add_worksheet("xlwings.conf"))
    book.close()
    return content.getvalue()


def _calls(book: Any, sheet: Any) -> None:
    """Calls without a value, since nobody has computed them."""
    sheet.set_vba_name("Sheet1")
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 110)
    sheet.set_column(1, 1, 18)
    sheet.write(0, 0, "Functions of xl_econ, called through xlwings", book.add_format({"bold": True, "font_size": 14}))
    for row, step in enumerate(STEPS, 1):
        sheet.write_string(row, 0, step)
    for row, name in enumerate(SHOWN, len(STEPS) + 2):
        told = (quoted(value) if isinstance(value, str) else f"{value:.4g}" for value in example(registry()[name]))
        formula = f"{name}({','.join(told)})"
        sheet.write_string(row, 0, formula)
        sheet.write_formula(row, 1, START + formula, None, "")


def _settings(sheet: Any) -> None:
    sheet.set_vba_name("Sheet2")
    sheet.set_column(0, 1, 34)
    sheet.write_row(0, 0, [SETTING, MODULE])
