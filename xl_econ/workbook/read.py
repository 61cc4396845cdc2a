"""Read: the edited inputs of a workbook, found by defined name, checked, as a study again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from xl_econ.core.problems import Problems, stop_on
from xl_econ.core.quantity import Given
from xl_econ.core.spell import START
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.study import Study, standard_values, study_of
from xl_econ.workbook.archive import Broken
from xl_econ.workbook.layout import SCENARIO_NAMES, STUDY_CELLS, letters
from xl_econ.workbook.package import Package

AREA = re.compile(r"'?([^'!]+)'?!\$?([A-Z]+)\$?([0-9]+)(?::\$?([A-Z]+)\$?([0-9]+))?")
FOLLOWS = re.compile(r"(?:'?[^'!]+'?!)?\$?([A-Z]+)\$?([0-9]+)")
REMEDY = "Type a value, or copy the cell from an untouched workbook."


class WorkbookError(Problems):
    """A workbook cannot be read; every reason is listed."""


class Sheets:
    """The cells of a workbook, and the areas that its names stand for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.package = Package(path.read_bytes())

    def content(self, sheet: str, cell: str) -> Any:
        """A cell's typed value, or its formula as text."""
        return self.package.formula(sheet, cell) or self.package.value(sheet, cell)

    def cached(self, sheet: str, cell: str) -> Any:
        """A formula cell's value as the last program to calculate left it; None if none did."""
        return self.package.value(sheet, cell)

    def area(self, name: str) -> tuple[str, list[str]] | None:
        """The sheet and the cells, left to right, of a defined name on one row."""
        found = AREA.fullmatch(self.package.names.get(name, ""))
        if not found or found[1] not in self.package.sheet_parts:
            return None
        first = _number(found[2])
        last = _number(found[4]) if found[4] else first
        return found[1], [f"{letters(column)}{found[3]}" for column in range(first, last + 1)]


def read_workbook(path: Path) -> Study:
    """The study that a workbook holds now.

    Raises WorkbookError or StudyError with every problem: sheet, cell, scenario, what is there, what may be.
    """
    if not path.is_file():
        what = "is a directory, not a workbook" if path.is_dir() else "does not exist"
        raise WorkbookError([f"{path}: it {what}. Give an .xlsx file; `xl-econ new` makes one."])
    try:
        return _study(Sheets(path))
    except (Broken, OSError) as error:
        why = f"{path}: it is no readable .xlsx workbook ({error}). Save it as .xlsx from Excel."
        raise WorkbookError([why]) from None


def _study(sheets: Sheets) -> Study:
    names = _scenario_names(sheets)
    problems: list[str] = []
    cells: dict[tuple[str, str], str] = {}
    scenarios: dict[str, dict[str, Any]] = {name: {} for name in names}
    for given in decided().values():
        _read_row(sheets, given, names, scenarios, cells, problems)
    stop_on(problems, WorkbookError)

    def spot(scenario: str, name: str) -> str:
        return f'{cells.get((scenario, name), sheets.path.name)} (scenario "{scenario}"): {name}'

    about = {name.removeprefix("study_"): _about(sheets, name) for name in STUDY_CELLS}
    return study_of({**about, "scenarios": scenarios}, sheets.path.name, spot)


def _scenario_names(sheets: Sheets) -> list[str]:
    area = sheets.area(SCENARIO_NAMES)
    if area is None:
        why = f"{sheets.path}: it has no name {SCENARIO_NAMES}: not one of our workbooks, or the name was deleted."
        raise WorkbookError([f"{why} Make one with `xl-econ new`."])
    sheet, cells = area
    names = [str(sheets.content(sheet, cell) or "") for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    stop_on([f"{sheet}: two scenarios are called {name!r}. Rename one." for name in twice], WorkbookError)
    return names


def _about(sheets: Sheets, name: str) -> str:
    area = sheets.area(name)
    return str(sheets.content(area[0], area[1][0]) or "") if area else ""


def _read_row(
    sheets: Sheets,
    given: Given,
    names: list[str],
    scenarios: dict[str, dict[str, Any]],
    cells: dict[tuple[str, str], str],
    problems: list[str],
) -> None:
    """One given across the scenarios; what follows the first scenario is left out, since it is inherited."""
    area = sheets.area(given.name)
    if area is None or len(area[1]) != len(names):
        problems.append(
            f"{sheets.path.name}: the name {given.name} is missing or does not cover the scenarios. {REMEDY}"
        )
        return
    sheet, row = area
    for place, (scenario, cell) in enumerate(zip(names, row, strict=True)):
        cells[scenario, given.name] = f"{sheet}!{cell}"
        value = _decided(sheets, sheet, cell, row[0] if place else None)
        if value is None:
            problems.append(f'{sheet}!{cell} (scenario "{scenario}"): {given.name} is empty. {REMEDY}')
        elif value is not INHERITED and not _as_shipped(given, place, value):
            scenarios[scenario][given.name] = _number_of(given, value)


INHERITED = object()


def _decided(sheets: Sheets, sheet: str, cell: str, base: str | None) -> Any:
    """What a cell decides: typed, computed by a person's formula, or INHERITED from the base's cell."""
    content = sheets.content(sheet, cell)
    if not (isinstance(content, str) and content.startswith(START)):
        return content
    followed = FOLLOWS.fullmatch(content.removeprefix(START))
    target = followed[1] + followed[2] if followed else None
    if target is not None and target == base:
        return INHERITED
    if target is not None and base is None:
        return _decided(sheets, sheet, target, None)
    return sheets.cached(sheet, cell)


def _as_shipped(given: Given, place: int, value: Any) -> bool:
    """Whether the base's assumption is the shipped one, which a study does not repeat."""
    return place == 0 and given.role == "assumption" and value == standard_values()[given.name]


def _number_of(given: Given, value: Any) -> Any:
    """Excel knows no whole numbers: 4.0 is 4 where a whole number is wanted."""
    whole = given.bounds.whole and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _number(column: str) -> int:
    """The place of a column from 0: A is 0, AA is 26."""
    place = 0
    for letter in column:
        place = place * 26 + ord(letter) - ord("A") + 1
    return place - 1
