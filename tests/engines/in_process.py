"""Engines that run in this process: IronCalc, CellRune, Formulon."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cellrune
import formulon
import ironcalc
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter

from engines.files import Cell, PathLike, Value, formulas_of, plain_value


class Book(Protocol):
    """A loaded workbook whose inputs can be changed and whose formulas can be computed again."""

    def set(self, sheet: str, cell: str, value: Value) -> None: ...

    def recalculate(self) -> None: ...

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]: ...


class IroncalcBook:
    """A workbook in IronCalc. See `ironcalc_misreads` for a fault of its reader."""

    def __init__(self, path: PathLike) -> None:
        self._model = ironcalc.load_from_xlsx(str(path))
        self._sheets = {str(sheet.get("name")): i for i, sheet in enumerate(self._model.get_worksheets_properties())}

    def set(self, sheet: str, cell: str, value: Value) -> None:
        """Replace the content of one cell; None empties it."""
        at = (self._sheets[sheet], *coordinate_to_tuple(cell))
        if value is None:
            self._model.clear_cell_contents(*at)
        elif isinstance(value, bool):
            self._model.update_cell_with_bool(*at, value)
        elif isinstance(value, str):
            self._model.update_cell_with_text(*at, value)
        else:
            self._model.update_cell_with_number(*at, float(value))

    def recalculate(self) -> None:
        """Compute every formula."""
        self._model.evaluate()

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]:
        """The current values of these cells."""
        read, sheets = self._model.get_cell_value, self._sheets
        return {(sheet, at): plain_value(read(sheets[sheet], *coordinate_to_tuple(at))) for sheet, at in cells}

    def formula(self, sheet: str, cell: str) -> str | None:
        """The formula as IronCalc understood it."""
        return self._model.get_cell_formula(self._sheets[sheet], *coordinate_to_tuple(cell))


class CellruneBook:
    """A workbook in CellRune."""

    def __init__(self, path: PathLike) -> None:
        self._book = cellrune.Workbook.open_path(path)

    def set(self, sheet: str, cell: str, value: Value) -> None:
        """Replace the content of one cell; None empties it."""
        if value is None:
            self._book.set_blank(sheet, cell)
        elif isinstance(value, bool):
            self._book.set_logical(sheet, cell, value)
        elif isinstance(value, str):
            self._book.set_text(sheet, cell, value)
        else:
            self._book.set_number(sheet, cell, float(value))

    def recalculate(self) -> None:
        """Compute every formula."""
        self._book.calculate()

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]:
        """The current values of these cells, read as one rectangle for each sheet."""
        found: dict[Cell, Value] = {}
        for sheet, box in boxes_of(cells).items():
            rows = self._book.read_values(sheet, *box.corners)
            found |= {(sheet, at): _from_cellrune(rows[r][c]) for at, (r, c) in box.offsets.items()}
        return found


def _from_cellrune(value: Mapping[str, Any]) -> Value:
    """A CellRune value; what it cannot compute is reported as an error text with the reason."""
    if value["kind"] in ("unavailable", "unsupported"):
        return f"#UNAVAILABLE! {value.get('code')}: {value.get('detail') or value.get('message')}"
    return plain_value(value.get("value"))


class FormulonBook:
    """A workbook in Formulon. The first use in a process compiles the engine, which takes seconds."""

    def __init__(self, path: PathLike) -> None:
        self._book = formulon.Workbook.load(Path(path).read_bytes())
        self._sheets = {self._book.sheet_name(i): i for i in range(self._book.sheet_count())}

    def _at(self, sheet: str, cell: str) -> tuple[int, int, int]:
        row, column = coordinate_to_tuple(cell)
        return self._sheets[sheet], row - 1, column - 1

    def set(self, sheet: str, cell: str, value: Value) -> None:
        """Replace the content of one cell; None empties it."""
        if value is None:
            self._book.set_blank(*self._at(sheet, cell))
        elif isinstance(value, bool):
            self._book.set_bool(*self._at(sheet, cell), value)
        elif isinstance(value, str):
            self._book.set_text(*self._at(sheet, cell), value)
        else:
            self._book.set_number(*self._at(sheet, cell), float(value))

    def recalculate(self) -> None:
        """Compute every formula."""
        self._book.recalc()

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]:
        """The current values of these cells; this is slow (about 0.1 ms each), so ask for the needed ones."""
        return {cell: self._value(*self._at(*cell)) for cell in cells}

    def _value(self, sheet: int, row: int, column: int) -> Value:
        value = self._book.get_value(sheet, row, column)
        if value.kind is formulon.ValueKind.ERROR:
            return self._book.get_display_text(sheet, row, column)[0]
        return plain_value(value.to_python())


def _recalculated(book: Book, path: PathLike) -> dict[Cell, Value]:
    book.recalculate()
    return book.values(formulas_of(path))


def recalculate_ironcalc(path: PathLike) -> dict[Cell, Value]:
    """The value of each formula cell, computed by IronCalc."""
    return _recalculated(IroncalcBook(path), path)


def recalculate_cellrune(path: PathLike) -> dict[Cell, Value]:
    """The value of each formula cell, computed by CellRune."""
    return _recalculated(CellruneBook(path), path)


def recalculate_formulon(path: PathLike) -> dict[Cell, Value]:
    """The value of each formula cell, computed by Formulon."""
    return _recalculated(FormulonBook(path), path)


@dataclass(frozen=True)
class _Box:
    """The smallest rectangle around some cells of a sheet, and where each of them lies in it."""

    corners: tuple[str, str]
    offsets: dict[str, tuple[int, int]]


def boxes_of(cells: Iterable[Cell]) -> dict[str, _Box]:
    """The rectangle to read on each sheet."""
    places: dict[str, dict[str, tuple[int, int]]] = {}
    for sheet, at in cells:
        places.setdefault(sheet, {})[at] = coordinate_to_tuple(at)
    return {sheet: _box(found) for sheet, found in places.items()}


def _box(places: Mapping[str, tuple[int, int]]) -> _Box:
    rows, columns = [r for r, _ in places.values()], [c for _, c in places.values()]
    top, left = min(rows), min(columns)
    corners = (f"{get_column_letter(left)}{top}", f"{get_column_letter(max(columns))}{max(rows)}")
    return _Box(corners, {at: (row - top, column - left) for at, (row, column) in places.items()})
