"""Read: the edited inputs of a workbook, found by defined name, checked, as a study again."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xl_econ.catalog.load import load_catalog
from xl_econ.core.problems import stop_on
from xl_econ.core.quantity import Given
from xl_econ.core.spell import START
from xl_econ.inputs.distributions import KEY
from xl_econ.inputs.own_catalog import DATE_FIELD, TABLES, fields_of
from xl_econ.inputs.scenario import decided, whole_if_wanted
from xl_econ.inputs.study import Study, standard_values, study_of
from xl_econ.version import ENGINE, VERSION
from xl_econ.workbook.blank import Spot
from xl_econ.workbook.book import NAME_REMEDY, REMEDY, Book, WorkbookError, is_newer_than, opened, told
from xl_econ.workbook.layout import STUDY_CELLS
from xl_econ.workbook.moved_results import stale_results
from xl_econ.workbook.names import defined_name
from xl_econ.workbook.simulation_cells import DISTRIBUTIONS
from xl_econ.workbook.stray import stray_columns

FOLLOWS = re.compile(r"(?:(?:'((?:[^']|'')+)'|([^'!()]+))!)?\$?([A-Z]{1,3})\$?([0-9]{1,7})")


@dataclass
class Reading:
    """What is found in a workbook, and what is wrong with it."""

    book: Book
    lenient: bool = False
    unknown: list[str] = field(default_factory=list[str])
    """What the workbook has no name for."""
    cells: dict[tuple[str, str], Spot] = field(default_factory=dict[tuple[str, str], Spot])
    """By scenario and input."""
    formulas: dict[tuple[str, str], Spot] = field(default_factory=dict[tuple[str, str], Spot])
    """Inputs that a person computes in the cell."""
    records: dict[tuple[str, str, str], Spot] = field(default_factory=dict[tuple[str, str, str], Spot])
    """Catalog fields, by table, id and field."""
    problems: list[str] = field(default_factory=list[str])


def read_workbook(path: Path | str) -> Study:
    """The study that a workbook holds now.

    Raises WorkbookError or StudyError with every problem: sheet, cell, scenario, what is there, what may be.
    """
    path = Path(path)
    with told(path):
        return study_in(opened(path))[0]


def study_in(book: Book, *, lenient: bool = False) -> tuple[Study, Reading]:
    """The study in an opened workbook, and where its inputs stand.

    `lenient` passes over inputs that the workbook has no name for, as one of an older version may.
    """
    reading = Reading(book, lenient)
    scenarios: dict[str, dict[str, Any]] = {name: {} for name in book.scenarios}
    for given in decided().values():
        _read_row(reading, given, scenarios)
    tables = [table for table in TABLES if not lenient or defined_name(f"{table}.id") in book.package.names]
    reading.unknown += [f"the catalog's table {table}" for table in TABLES if table not in tables]
    catalog = {table: _records(reading, table) for table in tables}
    reading.problems += stray_columns(book)
    stop_on(_of_another_version(book) if reading.problems else (), WorkbookError)
    stop_on(reading.problems, WorkbookError)
    about = {name.removeprefix("study_"): book.text(name) for name in STUDY_CELLS}
    raw = {**about, "months": book.months, "catalog": catalog, "scenarios": scenarios, KEY: _distributions(reading)}
    stop_on(reading.problems, WorkbookError)
    study = study_of(raw, Path(book.name).name, _spots(reading), _record_spots(reading), _entry_spot(reading))
    stop_on(not_on_catalog(reading, study), WorkbookError)
    if reading.formulas:
        stop_on(_not_fresh(reading, study), WorkbookError)
    return study, reading


def _of_another_version(book: Book) -> list[str]:
    """Why a workbook has not the names that ours have."""
    if not book.is_of_another_version:
        return []
    if is_newer_than(book.version, VERSION):
        return [f"{book.name}: it was made by {ENGINE} {book.version}, and this is {VERSION}. Update {ENGINE}."]
    what = f"{book.name}: it was made by {ENGINE} {book.version}, and this is {VERSION}."
    return [f"{what} Carry its inputs over first: `xl-econ refresh {Path(book.name).name} -o NEW.xlsx`."]


def _spots(reading: Reading) -> Any:
    def spot(scenario: str, name: str) -> str:
        where = "!".join(reading.cells.get((scenario, name), (Path(reading.book.name).name,)))
        return f'{where} (scenario "{scenario}"): {name}'

    return spot


def _record_spots(reading: Reading) -> Any:
    def spot(table: str, id: str, field: str) -> str:
        return "!".join(reading.records.get((table, id, field), (f"Catalog, {table}",)))

    return spot


# --- what inputs may be ---


def _distributions(reading: Reading) -> Any:
    """What the sheet Simulation says of inputs, as a study has it below its heading; a core workbook has none."""
    rows = reading.book.cells(DISTRIBUTIONS)
    lines = [str(reading.book.value(row[0]) or "") for row in rows]
    try:
        return tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        form = 'pue = { shape = "triangular", low = 1.1, mode = 1.3, high = 1.6 }'
        reading.problems.append(f"{_entry_spot(reading)('')}: {error}. Write an entry a line, such as {form}.")
        return {}


def _entry_spot(reading: Reading) -> Any:
    def spot(name: str) -> str:
        """The cell whose line begins with the entry; else the first of them."""
        spots = [row[0] for row in reading.book.cells(DISTRIBUTIONS)]
        found = [each for each in spots if name and str(reading.book.value(each) or "").lstrip().startswith(name)]
        where = "!".join((found or spots or [(Path(reading.book.name).name,)])[0])
        return f"{where}: {name}" if name else where

    return spot


# --- scenarios ---


def _read_row(reading: Reading, given: Given, scenarios: dict[str, dict[str, Any]]) -> None:
    """One given across the scenarios; what follows the first scenario is left out, since it is inherited."""
    book = reading.book
    rows: list[list[Spot | None]] = [[*row] for row in book.of_scenarios(given.name)] or book.of_computed(given.name)
    if not rows and reading.lenient and given.name not in book.package.names:
        reading.unknown.append(given.name)
        return
    if len(rows) != 1:
        what = f"{Path(book.name).name}: the name {given.name} is missing or does not cover the scenarios."
        reading.problems.append(f"{what} {NAME_REMEDY}")
        return
    for place, (scenario, spot) in enumerate(zip(scenarios, rows[0], strict=True)):
        if spot is None or (place and _is_left(book, scenario, spot)):
            continue
        reading.cells[scenario, given.name] = spot
        value = _decided(reading, given, scenario, spot, rows[0][0] if place else None)
        if value is not INHERITED and value is not MISSING and not _as_shipped(given, place, value):
            scenarios[scenario][given.name] = whole_if_wanted(given, value)


def _is_left(book: Book, scenario: str, spot: Spot) -> bool:
    """Whether a cell is left free in a scenario that was added on Inputs alone: it follows the first, as told there."""
    return book.is_free(spot) and book.scenarios[scenario] not in book.computed_places


INHERITED, MISSING = object(), object()


def _decided(reading: Reading, given: Given, scenario: str, spot: Spot, base: Spot | None) -> Any:
    """What a cell decides: typed, computed by a person's formula, or INHERITED from the base's cell."""
    book, formula = reading.book, reading.book.formula(spot)
    target = followed(formula, spot) if formula else None
    if target is not None and target == base:
        return INHERITED
    if target is not None and base is None and _same_row(target, spot) and not book.formula(target):
        spot = target  # an assumption's base value, beside the scenarios
    elif formula:
        reading.formulas[scenario, given.name] = spot
    value = book.value(spot)
    if value is None:
        why = "is a formula that nobody has calculated" if formula and target != spot else "is empty"
        where = f'{"!".join(spot)} (scenario "{scenario}")'
        reading.problems.append(f"{where}: {given.name} {why}. {REMEDY}")
        return MISSING
    return value


def followed(formula: str, spot: Spot) -> Spot | None:
    """The one cell that a formula repeats."""
    found = FOLLOWS.fullmatch(formula.removeprefix(START))
    if not found:
        return None
    sheet = found[1].replace("''", "'") if found[1] else found[2] or spot[0]
    return sheet, found[3] + found[4]


def _same_row(one: Spot, other: Spot) -> bool:
    return one[0] == other[0] and one[1].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == other[1].lstrip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    )


def _as_shipped(given: Given, place: int, value: Any) -> bool:
    """Whether the base's assumption is the shipped one, which a study does not repeat."""
    return place == 0 and given.role == "assumption" and value == standard_values()[given.name]


def _not_fresh(reading: Reading, study: Study) -> list[str]:
    """A person's formula counts by its saved value, if the file's results follow from it."""
    if not stale_results(reading.book, study):
        return []
    return [
        f'{"!".join(spot)} (scenario "{scenario}"): {name} is the formula {reading.book.formula(spot)}, and the '
        "results in the file do not follow from its saved value. Open the file in Excel, let it calculate, and save; "
        "or type the number."
        for (scenario, name), spot in reading.formulas.items()
    ]


# --- the catalog ---


def not_on_catalog(reading: Reading, study: Study) -> list[str]:
    """Choices whose record is on the sheet Catalog no more; a record that the study brings along will be put there."""
    choices = {given.name: str(given.choices).partition(".")[0] for given in decided().values() if given.choices}
    there = {table: {id.casefold() for id in reading.book.order(table)} for table in TABLES}
    return [
        f"{_spots(reading)(scenario, name)}: {values[name]} does not stand on the sheet Catalog. Put its row back, "
        "or pick another."
        for scenario, values in study.resolved().items()
        for name, table in choices.items()
        if table in there
        and str(values[name]).casefold() not in there[table]
        and values[name] not in study.catalog.get(table, {})
    ]


def _records(reading: Reading, table: str) -> dict[str, dict[str, Any]]:
    """The records of a table as they stand on the sheet, by id."""
    book, names = reading.book, reading.book.package.names
    fields = {
        field: given
        for field, given in fields_of(table).items()
        if not reading.lenient or defined_name(given.name) in names
    }
    columns = {field: book.cells(given.name) for field, given in fields.items()}
    ids = book.cells(f"{table}.id")
    broken = [field for field, cells in columns.items() if len(cells) != len(ids)]
    if not ids or broken:
        name = f"{table}.{broken[0] if ids and broken else 'id'}"
        why = f"{Path(book.name).name}: the name {defined_name(name)} is missing or does not cover the table."
        reading.problems.append(f"{why} Copy the sheet Catalog from an untouched workbook.")
        return {}
    records: dict[str, dict[str, Any]] = {}
    for place, row in enumerate(ids):
        cells = {field: cells[place][0] for field, cells in columns.items()}
        _read_record(reading, table, row[0], cells, records)
    if DATE_FIELD in fields_of(table).keys() - fields.keys():
        for id in records.keys() - load_catalog().table(table).keys():
            records[id][DATE_FIELD] = book.text("study_as_of")
            reading.unknown.append(f"the date of {id}, now the study's own")
    return records


def _read_record(
    reading: Reading, table: str, at: Spot, cells: dict[str, Spot], records: dict[str, dict[str, Any]]
) -> None:
    id, values = reading.book.value(at), {field: reading.book.value(spot) for field, spot in cells.items()}
    filled = {field: value for field, value in values.items() if value is not None}
    if id is None:
        if filled:
            spot = "!".join(cells[next(iter(filled))])
            reading.problems.append(f"{spot}: the record has no id. Type one in {'!'.join(at)}, or clear the row.")
        return
    if str(id).casefold() in {known.casefold() for known in records}:
        reading.problems.append(f"{'!'.join(at)}: {table} has the id {id} twice. Rename or clear one.")
        return
    if id in load_catalog().table(table):
        empty = [field for field, value in values.items() if value is None]
        reading.problems += [_empty_fact(table, str(id), field, cells[field]) for field in empty]
    reading.records |= {(table, str(id), field): spot for field, spot in cells.items()}
    reading.records |= {(table, str(id), "id"): at, (table, str(id), ""): at}
    records[str(id)] = filled


def _empty_fact(table: str, id: str, field: str, spot: Spot) -> str:
    """An empty cell counts as 0 in Excel; nothing is filled in silently."""
    shipped = load_catalog().value(table, id, field)
    return f"{'!'.join(spot)}: {field} of {id} is empty. Type a value (shipped: {shipped})."
