"""What runs in the Python that LibreOffice knows: edits of whole workbooks, as people make them at the screen.

Run as a program with a job file. LibreOffice moves names and formulas along with rows, columns and sheets, as Excel
does; a workbook that this program saves has been calculated.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import uno
from com.sun.star.table import TableSortField
from uno_desktop import desktop_of, loaded, option, stored


class Hands:
    """The edits, by the names that a job calls them. Rows are counted from 1, columns are letters."""

    def __init__(self, document):
        self.sheets = document.Sheets
        for name in self.sheets.ElementNames:
            self.sheets.getByName(name).unprotect("")

    # --- rows, columns, blocks ---

    def insert_rows(self, sheet, row, count=1):
        self.sheets.getByName(sheet).Rows.insertByIndex(row - 1, count)

    def delete_rows(self, sheet, row, count=1):
        self.sheets.getByName(sheet).Rows.removeByIndex(row - 1, count)

    def insert_columns(self, sheet, column, count=1):
        at = self._area(sheet, f"{column}1").RangeAddress.StartColumn
        self.sheets.getByName(sheet).Columns.insertByIndex(at, count)

    def delete_columns(self, sheet, column, count=1):
        at = self._cell(sheet, f"{column}1").CellAddress.Column
        self.sheets.getByName(sheet).Columns.removeByIndex(at, count)

    def cut_and_paste(self, sheet, area, to):
        target = self._area(sheet, to).getCellByPosition(0, 0).CellAddress
        self.sheets.getByName(sheet).moveRange(target, self._area(sheet, area).RangeAddress)

    def sort_rows(self, sheet, area, column):
        """By the values of a column of the area (from 0)."""
        field = TableSortField()
        field.Field, field.IsAscending = column, True
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        self._area(sheet, area).sort((option("SortFields", fields),))

    # --- sheets ---

    def rename(self, sheet, name):
        self.sheets.getByName(sheet).Name = name

    def move_sheet(self, sheet, place):
        self.sheets.moveByName(sheet, place)

    def add_sheet(self, name, place):
        self.sheets.insertNewByName(name, place)

    def copy_sheet(self, sheet, name, place):
        self.sheets.copyByName(sheet, name, place)

    # --- cells ---

    def number(self, sheet, cell, value):
        self._cell(sheet, cell).setValue(value)

    def text(self, sheet, cell, value):
        self._cell(sheet, cell).setString(value)

    def enter(self, sheet, cell, typed):
        """As typed at the keyboard, in English: a number, a percentage, a formula or a text."""
        self._cell(sheet, cell).setFormula(typed)

    def _area(self, sheet, area):
        return self.sheets.getByName(sheet).getCellRangeByName(area)

    def _cell(self, sheet, cell):
        return self._area(sheet, cell).getCellByPosition(0, 0)


def edit(desktop, path, out, steps):
    document = loaded(desktop, path)
    hands = Hands(document)
    for name, *details in steps:
        getattr(hands, name)(*details)
    document.calculateAll()
    stored(document, out)
    document.close(True)


def main(job):
    with desktop_of(job["soffice"], job["pipe"]) as desktop:
        for path, out, steps in job["books"]:
            edit(desktop, path, out, steps)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
