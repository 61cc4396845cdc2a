"""What every workbook of `writers` holds, and what is put into it: cells by sheet and address, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xl_econ.workbook.package import KEEP, Cell

DATA, NOTES = "Data", "R&D notes"
HARD = " <&>'\"]]>\t\n\r\x0b_x000B_ 😀 "
HARD_SPELLED = " <&>'\"]]>\t\n_x000D__x000B__x005F_x000B_ 😀 "
DAY = 46349
"""The date below, as Excel counts days."""


@dataclass(frozen=True)
class Held:
    """What a cell holds. `spelled` is a text as a file spells it, where that is another than it shows."""

    value: Any
    why: str
    formula: str = ""
    spelled: str = ""
    group: str = ""
    """How the formula is shared, in the words of the file; empty for a formula of its own."""


CONTENT: dict[str, dict[str, Held]] = {
    DATA: {
        "B2": Held("Item", "row 1 and the cell A2 are missing"),
        "C2": Held("  two blanks each side  ", "blanks at the ends count"),
        "D2": Held('a < b & "c" > d', "all that XML escapes"),
        "F2": Held("two\nlines", "E2 is missing"),
        "B3": Held("vertical\x0btab", "XML cannot hold it", spelled="vertical_x000B_tab"),
        "C3": Held("_x0041_", "it looks like such a spelling, but is typed", spelled="_x005F_x0041_"),
        "D3": Held("😀 né 漢字", "letters of all lengths"),
        "E3": Held("=1+1", "a text that looks like a formula"),
        "F3": Held("+1", "another"),
        "G3": Held("-1", "another"),
        "H3": Held("@name", "another"),
        "B4": Held(12, "a whole number"),
        "C4": Held(0.1, "a number that binary cannot hold"),
        "D4": Held(-2.5e-07, "small and negative"),
        "E4": Held(1e300, "huge"),
        "F4": Held(True, "TRUE is no number"),
        "G4": Held(False, "FALSE neither"),
        "B7": Held(24, "rows 5 and 6 are empty and missing", "B4*2"),
        "C7": Held(True, "a formula that gives TRUE", "B4>5"),
        "D7": Held("Item<&>", "a formula that gives a text, with text in it", 'B2&"<&>"'),
        "E7": Held("#DIV/0!", "a formula that fails", "1/0"),
        "F7": Held("", "a formula that gives no text", '""'),
        "B8": Held(144, "it spells the formula for the row", "B4*$B$4", group='t="shared" ref="B8:D8" si="0"'),
        "C8": Held(1.2, "its formula is spelled in B8", "C4*$B$4", group='t="shared" si="0"'),
        "D8": Held(-3e-06, "and so is this", "D4*$B$4", group='t="shared" si="0"'),
        "B9": Held(None, "empty, but with a style"),
    },
    NOTES: {
        "A1": Held("Notes", "the first cell of all"),
        "A2": Held(13, "a formula that looks at another sheet", "Data!B4+1"),
        "A3": Held(datetime(2026, 11, 23), "a number that is shown as a date"),
        "B3": Held(3.5, "a cell beside it"),
    },
}
STYLED = {"B9": 1, "A3": 2}
"""Cells with another style than the normal one: bold, and a date."""


@dataclass(frozen=True)
class Put:
    """What is put into a cell. `formula` is the one that it has then; `spelled` as with `Held`."""

    cell: Cell
    why: str
    formula: str | None = None
    spelled: str = ""


PUT: dict[str, Put] = {
    "D1": Put(Cell(1), "its row is missing, before all others"),
    "A2": Put(Cell(2), "missing before the first of its row"),
    "B2": Put(Cell("=not a formula"), "text for text; it stays text"),
    "D2": Put(Cell(7), "number for text"),
    "E2": Put(Cell(" "), "missing between two; a blank is a text"),
    "J2": Put(Cell("after\nall"), "missing behind the last of its row"),
    "C3": Put(Cell("_x0042_"), "a text that looks like the spelling of a character", spelled="_x005F_x0042_"),
    "A4": Put(Cell(HARD), "everything that is hard in a text", spelled=HARD_SPELLED),
    "B4": Put(Cell("twelve"), "text for number"),
    "C4": Put(Cell(5e-324), "the smallest number"),
    "D4": Put(Cell(-0.0), "zero with a sign"),
    "E4": Put(Cell(12345678901234567), "more digits than Excel shows"),
    "F4": Put(Cell(False), "FALSE for TRUE"),
    "G4": Put(Cell(10, "=B4*1"), "a formula for a value", "=B4*1"),
    "A5": Put(Cell(True), "its row is empty"),
    "C5": Put(Cell(-1), "and so is this"),
    "B6": Put(Cell(0), "its row is missing, between two"),
    "B7": Put(Cell(99.5, KEEP), "the formula stays, its value is new", "=B4*2"),
    "C7": Put(Cell(3), "number for formula: it leaves Excel's list of formulas"),
    "D7": Put(Cell("<é>", 'IF(B2<"z","<é>",0)'), "another formula, without its sign", '=IF(B2<"z","<é>",0)'),
    "E7": Put(Cell("fine", KEEP), "text for an error, and the formula stays", "=1/0"),
    "F7": Put(Cell(1e22, KEEP), "number for text, and the formula stays", '=""'),
    "C8": Put(Cell(0.5, KEEP), "the formula is spelled in another cell, and stays so", "=C4*$B$4"),
    "B9": Put(Cell(41), "the style stays"),
    "B20": Put(Cell(20), "its row is missing, behind all others"),
    "XFD20": Put(Cell("far"), "the last column"),
    "A1048576": Put(Cell("low"), "the last row"),
}
"""What is put into the sheet DATA."""
