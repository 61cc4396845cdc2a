"""What runs in the Python that LibreOffice knows: plays inputs on a loaded workbook. Run with a job file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from uno_desktop import desktop_of, loaded, stored


def content(cell):
    kind = cell.getType().value
    if kind == "FORMULA":
        raise ValueError(f"{cell.AbsoluteName} is a formula, not an input")
    return {"EMPTY": None, "VALUE": cell.getValue(), "TEXT": cell.getString()}[kind]


def put(cell, value):
    if value is None:
        cell.setFormula("")
    elif isinstance(value, str):
        cell.setString(value)
    else:
        cell.setValue(float(value))


def read(sheet, corners, offsets):
    box = sheet.getCellRangeByName(corners)
    rows = box.getDataArray()
    for row, column in offsets:
        value = rows[row][column]
        if not isinstance(value, (float, str)) or value == "":
            cell = box.getCellByPosition(column, row)
            value = error(cell) if cell.getError() else cell.getString()
        yield value


def error(cell):
    text = cell.getString()
    return text if text.startswith("#") else "#VALUE!"


def play(document, edits, reads):
    sheets = document.getSheets()
    cells = [(sheets.getByName(sheet).getCellRangeByName(at), value) for sheet, at, value in edits]
    before = [content(cell.getCellByPosition(0, 0)) for cell, _ in cells]
    for cell, value in cells:
        put(cell.getCellByPosition(0, 0), value)
    document.calculateAll()
    found = [value for sheet, *where in reads for value in read(sheets.getByName(sheet), *where)]
    return found, [(cell, value) for (cell, _), value in zip(cells, before, strict=True)]


def main(job):
    results = []
    with desktop_of(job["soffice"], job["pipe"]) as desktop:
        document = loaded(desktop, job["path"])
        for edits in job["scenarios"]:
            found, before = play(document, edits, job["reads"])
            results.append(found)
            if job["out"]:
                stored(document, job["out"])
            for cell, value in before:
                put(cell.getCellByPosition(0, 0), value)
        document.close(True)
    Path(job["result"]).write_text(json.dumps(results), "utf-8")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
