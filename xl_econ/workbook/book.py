"""Book: an opened workbook of ours, asked by name: its scenarios, its inputs' cells, its results as saved."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from xl_econ.core.problems import Problems, stop_on
from xl_econ.model import MONTH_COUNT, PERIOD
from xl_econ.version import ENGINE, VERSION
from xl_econ.workbook.archive import Broken
from xl_econ.workbook.blank import Spot, references
from xl_econ.workbook.layout import BASELINE, SCENARIO_NAMES
from xl_econ.workbook.live import LiveBook, is_live
from xl_econ.workbook.located import area_of
from xl_econ.workbook.names import defined_name
from xl_econ.workbook.package import Package
from xl_econ.workbook.sheet_xml import letters

FIRST = "0.1.0"
"""The version whose workbooks do not say theirs."""
REMEDY = "Type a value, or copy the cell from an untouched workbook."
NAME_REMEDY = "Restore its row, type the values, and define the name over them (Formulas, Name Manager)."
A_CHOICE = "llm"
"""An input whose code every column of the sheet Engine computes."""
MOST_COLUMNS, MOST_ROWS = 200, 5_000
"""What the name of a quantity may cover; more is damage, or harm."""


class WorkbookError(Problems):
    """A workbook cannot be used; every reason is listed."""


class Book:
    """Our names in a workbook that people may have edited. Raises WorkbookError where it is none of ours."""

    def __init__(self, package: Package, name: str) -> None:
        self.package, self.name = package, name

    # --- cells ---

    def cells(self, name: str) -> list[list[Spot]]:
        """The cells that a quantity (or another name) has, row by row; none if the name is missing or broken."""
        found = area_of(self.package, defined_name(name))
        if found is None:
            return []
        sheet, box = found
        if box.last_row - box.row >= MOST_ROWS or box.last_column - box.column >= MOST_COLUMNS:
            return []
        columns = range(box.column, box.last_column + 1)
        return [[(sheet, f"{letters(column)}{row}") for column in columns] for row in range(box.row, box.last_row + 1)]

    def value(self, spot: Spot) -> Any:
        """What a cell shows."""
        return self.package.value(*spot)

    def formula(self, spot: Spot) -> str | None:
        return self.package.formula(*spot)

    def is_free(self, spot: Spot) -> bool:
        return self.value(spot) is None and not self.formula(spot)

    def text(self, name: str) -> str:
        """The text of a cell with a name; empty if there is none."""
        cells = self.cells(name)
        return str(self.value(cells[0][0]) or "") if cells else ""

    # --- version ---

    @property
    def version(self) -> str:
        """The engine's version that computed the results; empty if somebody cleared its cell."""
        if "engine_version" not in self.package.names:
            return FIRST
        return self.text("engine_version").removeprefix(ENGINE).strip()

    @property
    def is_of_another_version(self) -> bool:
        """A workbook whose version somebody cleared counts as ours: its names tell whether it is."""
        return self.version not in ("", VERSION)

    # --- scenarios ---

    @cached_property
    def heads(self) -> list[Spot]:
        """The cells that name the scenarios, free ones too."""
        found = self.cells(SCENARIO_NAMES)
        if not found:
            there = SCENARIO_NAMES in self.package.names
            what = f"its name {SCENARIO_NAMES} does not cover" if there else f"it has no name {SCENARIO_NAMES} over"
            why = f"{self.name}: {what} the scenarios: not one of our workbooks, or somebody changed the name."
            raise WorkbookError([f"{why} Make one with `xl-econ new`."])
        return found[0]

    @cached_property
    def scenarios(self) -> dict[str, int]:
        """Each scenario's place among the columns; a column without a name is passed over."""
        names = [str(self.value(spot) or "").strip() for spot in self.heads]
        sheet = self.heads[0][0]
        twice = sorted({name for name in names if name and names.count(name) > 1})
        stop_on([f"{sheet}: two scenarios are called {name!r}. Rename one." for name in twice], WorkbookError)
        found = {name: place for place, name in enumerate(names) if name}
        stop_on([] if found else [f"{sheet}!{self.heads[0][1]}: no scenario has a name. Type one."], WorkbookError)
        return found

    @property
    def months(self) -> int:
        """Of the plan, beside its opening."""
        spots = [spot for row in self.cells(PERIOD) for spot in row if not self.is_free(spot)]
        return len(spots) - 1 if spots else MONTH_COUNT

    def of_scenarios(self, name: str) -> list[list[Spot]]:
        """The cells of a quantity, a row each, one for each scenario; none if its name does not cover them."""
        rows = self.cells(name)
        places = self.scenarios.values()
        if rows and len(rows[0]) == len(self.heads):
            return [[row[place] for place in places] for row in rows]
        if rows and len(rows[0]) > len(places):  # a free column was put between
            free = [all(self.is_free(row[place]) for row in rows) for place in range(len(rows[0]))]
            rows = [[spot for spot, is_free in zip(row, free, strict=True) if not is_free] for row in rows]
        return rows if rows and len(rows[0]) == len(places) else []

    @cached_property
    def computed_places(self) -> list[int | None]:
        """Which of the heads each column of the sheet Engine computes, by the inputs that its formulas take."""
        inputs = self.cells(A_CHOICE)
        places = {spot: place for place, spot in enumerate(inputs[0])} if inputs else {}
        columns = self.cells(f"{A_CHOICE}_code")
        taken = [references(self.formula(spot) or "", spot[0]) for spot in (columns[0] if columns else [])]
        return [next((places[spot] for spot in spots if spot in places), None) for spots in taken]

    def of_computed(self, name: str) -> list[list[Spot | None]]:
        """As `of_scenarios`, where scenarios were added or deleted on Inputs alone: the columns that have one."""
        rows = self.cells(name)
        if not rows or len(rows[0]) != len(self.computed_places):
            return []
        at = {place: column for column, place in enumerate(self.computed_places) if place is not None}
        return [[row[at[place]] if place in at else None for place in self.scenarios.values()] for row in rows]

    def baseline(self) -> dict[str, list[Any]]:
        """What each input and headline was in the baseline, by scenario; only what is whole."""
        found: dict[str, list[Any]] = {}
        for name in self.package.names:
            rows = self.of_scenarios(name) if name.startswith(BASELINE) else []
            values = [self.value(spot) for spot in rows[0]] if len(rows) == 1 else [None]
            if None not in values:
                found[name.removeprefix(BASELINE)] = values
        return found

    def order(self, table: str) -> list[str]:
        """The ids of a catalog table as they stand, "" for a free row."""
        return [str(self.value(row[0]) or "") for row in self.cells(f"{table}.id")]

    # --- results as saved ---

    def saved(self, names: Iterable[str]) -> Iterator[tuple[str, str, int, Spot, Any]]:
        """The saved values of quantities: name, scenario, level, cell and value."""
        for name in names:
            rows = self.of_scenarios(name)
            for level, row in enumerate(row for row in rows if len(rows) == 1 or not all(map(self.is_free, row))):
                for scenario, spot in zip(self.scenarios, row, strict=False):
                    yield name, scenario, level, spot, self.value(spot)


def opened(path: Path) -> Book:
    """A workbook from a file, or one that is open in Excel (`excel:NAME`).

    Raises WorkbookError where it is no workbook of ours, or means harm.
    """
    if is_live(path):
        with told(path):
            return Book(Package(LiveBook(path).content()), str(path))
    if not path.is_file():
        what = "is a directory, not a workbook" if path.is_dir() else "does not exist"
        raise WorkbookError([f"{path}: it {what}. Give an .xlsx file; `xl-econ new` makes one."])
    with told(path):
        book = Book(Package(path.read_bytes()), str(path))
        assert book.package.sheet_parts is not None
        return book


def is_newer_than(version: str, other: str) -> bool:
    """By the numbers of two versions."""
    return _numbers(version) > _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


@contextmanager
def told(path: Path) -> Generator[None]:
    """Damage met on the way becomes a message that names the file."""
    try:
        yield
    except (Broken, OSError) as error:
        why = f"{path}: it is no readable .xlsx workbook ({error}). Save it as .xlsx from Excel."
        raise WorkbookError([why]) from None
