"""Located: where the template's cells stand now, in a workbook that people have edited."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from functools import cached_property

from xl_econ.workbook.anchors import BY_ID, anchors, named_boxes
from xl_econ.workbook.blank import REFERENCE, Shape, Spot, held_cells
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.package import Package
from xl_econ.workbook.sheet_xml import letters
from xl_econ.workbook.splice import Box

AREA = re.compile(r"(?:'((?:[^']|'')+)'|([^'!,()]+))!(\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)")
MOST_INSERTED = 200
"""Lines that may have been put into a range: more is no edit of a person."""


def area_of(package: Package, name: str) -> tuple[str, Box] | None:
    """The sheet and the cells that a name stands for now; None if it is missing, broken or no single range."""
    found = AREA.fullmatch(package.names.get(name, ""))
    sheet = (found[1].replace("''", "'") if found[1] else found[2]) if found else ""
    return (sheet, Box.of(found[3])) if found and sheet in package.sheet_parts else None


class Located:
    """The cells of a template in an edited workbook."""

    def __init__(self, package: Package, shape: Shape) -> None:
        self.package = package
        self.lost: list[str] = []
        """Names whose cells cannot be found."""
        self.spots: dict[Spot, Spot] = {}
        """From the template's cell to today's."""
        for name, (sheet, box) in _boxes(shape).items():
            self._place(name, sheet, box)

    def _place(self, name: str, sheet: str, box: Box) -> None:
        found = area_of(self.package, name)
        if found and sheet in BY_ID and box.row < box.last_row:
            self._place_corners(sheet, box, *found)
            return
        if found and box.row < box.last_row and found[1].last_row - found[1].row != box.last_row - box.row:
            self.lost.append(name)  # look-ups count the rows of a block: one more moves them
            return
        rows = found and _lines(box.row, box.last_row, found[1].row, found[1].last_row, self._row_is_free(*found))
        columns = found and _lines(
            box.column, box.last_column, found[1].column, found[1].last_column, self._column_is_free(*found)
        )
        if not (found and rows and columns):
            self.lost.append(name)
            return
        self.spots |= {
            (sheet, f"{letters(column)}{row}"): (found[0], f"{letters(columns[column])}{rows[row]}")
            for row in rows
            for column in columns
        }

    def _place_corners(self, sheet: str, box: Box, now: str, found: Box) -> None:
        """A table's column may grow and be sorted: formulas name it whole."""
        for row, row_now in ((box.row, found.row), (box.last_row, found.last_row)):
            self.spots[sheet, f"{letters(box.column)}{row}"] = (now, f"{letters(found.column)}{row_now}")

    def _row_is_free(self, sheet: str, box: Box) -> Callable[[int], bool]:
        def is_free(row: int) -> bool:
            return self._is_free(sheet, Box(row, box.column, row, box.last_column))

        return is_free

    def _column_is_free(self, sheet: str, box: Box) -> Callable[[int], bool]:
        def is_free(column: int) -> bool:
            return self._is_free(sheet, Box(box.row, column, box.last_row, column))

        return is_free

    def _is_free(self, sheet: str, box: Box) -> bool:
        cells = (f"{letters(column)}{row}" for row, column in box.places())
        return all(self.package.value(sheet, cell) is None and not self.package.formula(sheet, cell) for cell in cells)

    @cached_property
    def sheets(self) -> dict[str, str]:
        """What the template's sheets are called now."""
        return {sheet: now for (sheet, _), (now, _) in self.spots.items()}

    def formula(self, formula: str, sheet: str) -> str:
        """A formula of the template as it reads today, with every cell where it stands now."""

        def now(found: re.Match[str]) -> str:
            if found[1]:
                return found[0]
            there = found[2][:-1].strip("'") if found[2] else sheet
            name = f"{quoted(self.sheets.get(there, there))}!" if found[2] else ""
            last = self._moved(there, found, 7) if found[8] else ""
            return name + self._moved(there, found, 3) + (f":{last}" if last else "")

        return REFERENCE.sub(now, formula)

    def _moved(self, sheet: str, found: re.Match[str], first: int) -> str:
        """A cell as it is spelled today, with its dollar signs; they are four groups from the first on."""
        address = found[first + 1] + found[first + 3]
        now = self.spots.get((sheet, address), (sheet, address))[1]
        column = now.rstrip("0123456789")
        return f"{found[first]}{column}{found[first + 2]}{now.removeprefix(column)}"


@functools.cache
def _boxes(shape: Shape) -> dict[str, tuple[str, Box]]:
    layout = layout_for(*shape)
    return named_boxes(layout) | anchors(layout, held_cells(shape))


def quoted(sheet: str) -> str:
    """A sheet's name as formulas spell it."""
    if re.fullmatch(r"[A-Za-z_][\w.]*", sheet) and not re.fullmatch(r"[A-Za-z]{1,3}[0-9]+", sheet):
        return sheet
    doubled = sheet.replace("'", "''")
    return f"'{doubled}'"


def _lines(first: int, last: int, now_first: int, now_last: int, is_free: Callable[[int], bool]) -> dict[int, int]:
    """From the template's rows (or columns) to today's; what people inserted and left free is passed over."""
    wanted, there = range(first, last + 1), range(now_first, now_last + 1)
    if len(there) > len(wanted) + MOST_INSERTED:
        return {}
    used = there if len(there) == len(wanted) else [line for line in there if not is_free(line)]
    return dict(zip(wanted, used, strict=True)) if len(used) == len(wanted) else {}
