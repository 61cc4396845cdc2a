"""Workbooks as files, without any engine."""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Mapping
from typing import Any

import openpyxl
from openpyxl.workbook import Workbook

Value = float | str | bool | None
Cell = tuple[str, str]
"""A sheet name and an A1 address without dollar signs."""
Edits = Mapping[Cell, Value]
"""Inputs to set before a recalculation."""
PathLike = str | os.PathLike[str]


def _open(path: PathLike, *, data_only: bool) -> Workbook:
    """Open with openpyxl, silent about the extensions (data bars and the like) that it cannot keep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, data_only=data_only)


def plain_value(value: Any) -> Value:
    """A cell value as float, text, bool or None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value if value is None or isinstance(value, bool | str) else str(value)


def formulas_of(path: PathLike) -> dict[Cell, str]:
    """The text of every formula, also of array formulas."""
    book = _open(path, data_only=False)
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    found = ((cell, getattr(cell.value, "text", cell.value)) for cell in cells if cell.data_type == "f")
    return {(cell.parent.title, cell.coordinate): str(text) for cell, text in found}


def formula_cells(path: PathLike) -> dict[Cell, tuple[str, Value]]:
    """Each formula cell with its formula and the value cached in the file (None when the cache is empty)."""
    cached = _open(path, data_only=True)
    formulas = formulas_of(path).items()
    return {(sheet, at): (formula, plain_value(cached[sheet][at].value)) for (sheet, at), formula in formulas}


def same_value(left: Value, right: Value, rel_tol: float = 1e-12, abs_tol: float = 1e-12) -> bool:
    """Whether two engines agree: numbers within the tolerance, TRUE as 1, an empty cell as an empty text."""
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    assert left is not None and right is not None
    return math.isclose(left, right, rel_tol=rel_tol, abs_tol=abs_tol)
