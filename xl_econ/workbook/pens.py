"""Pens: what is noted of a page, where no new file is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from xl_econ.workbook.layout import letters
from xl_econ.workbook.page import Formula, Scalar
from xl_econ.workbook.splice import KEEP, Cell


@dataclass
class ValuePen:
    """Notes what a study changes in a template's cells, and ignores what stays."""

    cells: dict[str, Cell] = field(default_factory=dict[str, Cell])
    changes_only: bool = False

    def still(self, row: int, column: int, value: Scalar, role: str, unit: str | None) -> None:
        pass

    def stamped(self, row: int, column: int, value: Scalar, role: str, unit: str | None) -> None:
        pass

    def typed(self, row: int, column: int, value: Scalar | None, role: str, unit: str | None) -> None:
        self.cells[f"{letters(column)}{row + 1}"] = Cell(value)

    def formula(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        self.cells[f"{letters(column)}{row + 1}"] = Cell(value, KEEP)

    def array(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        self.formula(row, column, formula, value, role, unit)

    def inherited(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        self.cells[f"{letters(column)}{row + 1}"] = Cell(value, formula())

    def dress(self, what: str, *args: Any, **options: Any) -> None:
        pass
