"""Live: a workbook that is open in Excel, named as `excel:deal.xlsx` in place of a path (through xlwings).

A copy is read like any file. What a refresh changes is typed into the open workbook, and Excel
calculates; nothing is saved for the user.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xl_econ.core.problems import Problems
from xl_econ.core.spell import START
from xl_econ.inputs.results import harmless
from xl_econ.workbook.splice import Cell

PREFIX = "excel:"
INSTALL = (
    "Install it with `pip install 'xl-econ[excel]'`, on Windows or macOS with Excel; or save the file and name it."
)


def is_live(path: Path | str) -> bool:
    """Whether a name means a workbook that is open in Excel."""
    return str(path).startswith(PREFIX)


class LiveBook:
    """An open workbook. Raises Problems where xlwings or Excel is not there, or no such workbook is open."""

    def __init__(self, path: Path | str) -> None:
        self.name = str(path).removeprefix(PREFIX)
        self.book = self._book()

    def _book(self) -> Any:
        try:
            import xlwings
        except ImportError:
            raise Problems([f"{PREFIX}{self.name}: xlwings is not installed. {INSTALL}"]) from None
        try:
            return xlwings.books[self.name]
        except Exception as error:
            what = f"{PREFIX}{self.name}: no such workbook is open in Excel ({_why(error)})."
            raise Problems([f"{what} {INSTALL}"]) from None

    def content(self) -> bytes:
        """The workbook as it is now, edits that nobody saved included where Excel can give a copy."""
        try:
            return self._copy()
        except Exception as error:
            raise Problems(
                [f"{PREFIX}{self.name}: Excel gives no copy ({_why(error)}). Save it, and name it."]
            ) from None

    def _copy(self) -> bytes:
        if sys.platform != "win32":
            return Path(str(self.book.fullname)).read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / self.name
            self.book.api.SaveCopyAs(str(copy))
            return copy.read_bytes()

    def type_in(self, sheets: Mapping[str, Mapping[str, Cell]]) -> None:
        """Inputs, and formulas that follow again; results are Excel's to compute."""
        for sheet, cells in sheets.items():
            for address, cell in cells.items():
                try:
                    self._type(self.book.sheets[sheet].range(address), cell)
                except Exception as error:
                    where = f"{PREFIX}{self.name}: {sheet}!{address}: Excel does not take {cell.value!r}"
                    raise Problems(
                        [f"{where} ({_why(error)}). Leave the cell that you edit, unprotect the sheet."]
                    ) from None

    def _type(self, at: Any, cell: Cell) -> None:
        if cell.formula:
            at.formula = START + cell.formula.removeprefix(START)
        else:
            at.value = harmless(cell.value)


def _why(error: Exception) -> str:
    """xlwings raises a kind of its own for each platform."""
    return str(error).splitlines()[0] if str(error) else type(error).__name__
