"""What runs in the Python that LibreOffice knows: plays inputs on a loaded workbook."""

from __future__ import annotations

UNO_SCRIPT = """
import contextlib
import json
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue


def option(name, value):
    chosen = PropertyValue()
    chosen.Name, chosen.Value = name, value
    return chosen


def connect(pipe, office):
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except Exception:
            if office.poll() is not None:
                raise
            time.sleep(0.05)


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
    return found, [(cell, value) for (cell, _), value in zip(cells, before)]


def main(job):
    office = subprocess.Popen(job["soffice"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    desktop = connect(job["pipe"], office)
    url = uno.systemPathToFileUrl
    document = desktop.loadComponentFromURL(url(job["path"]), "_blank", 0, (option("Hidden", True),))
    results = []
    for edits in job["scenarios"]:
        found, before = play(document, edits, job["reads"])
        results.append(found)
        if job["out"]:
            document.storeToURL(url(job["out"]), (option("FilterName", "Calc MS Excel 2007 XML"),))
        for cell, value in before:
            put(cell.getCellByPosition(0, 0), value)
    document.close(True)
    with open(job["result"], "w", encoding="utf-8") as file:
        json.dump(results, file)
    with contextlib.suppress(Exception):
        desktop.terminate()
    office.wait(30)


with open(sys.argv[1], encoding="utf-8") as file:
    main(json.load(file))
"""
