"""What runs in the Python that LibreOffice knows: array formulas put into an empty sheet, and what they show."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import uno
from uno_desktop import desktop_of, option

STRING = uno.getConstantByName("com.sun.star.sheet.FormulaResult.STRING")


def shown(cell):
    if cell.getError():
        return cell.getString()
    return cell.getString() if cell.FormulaResultType2 == STRING else cell.getValue()


def played(sheet, block):
    """A formula over a block of rows and columns, above all that was there."""
    formula, rows, columns = block
    box = sheet.getCellRangeByPosition(0, 0, columns - 1, rows - 1)
    box.setArrayFormula(formula)
    found = [[shown(box.getCellByPosition(c, r)) for c in range(columns)] for r in range(rows)]
    box.setArrayFormula("")
    return found


def main(job):
    with desktop_of(job["soffice"], job["pipe"]) as desktop:
        document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (option("Hidden", True),))
        sheet = document.Sheets.getByIndex(0)
        for place, value in enumerate(job["column"]):
            if value is not None:
                sheet.getCellByPosition(20, place).setValue(value)
        found = [played(sheet, block) for block in job["blocks"]]
        Path(job["result"]).write_text(json.dumps(found), "utf-8")
        document.close(True)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
