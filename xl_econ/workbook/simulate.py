"""Simulate: the runs of a simulation stamped on the sheet Simulation of a workbook, and nothing else touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from xl_econ.core.problems import Problems, stop_on
from xl_econ.inputs.drawn import Driver
from xl_econ.inputs.simulation import RESULTS, Outcome, Simulation
from xl_econ.inputs.study import Study
from xl_econ.model import model_graph
from xl_econ.version import ENGINE, VERSION
from xl_econ.workbook import simulation_cells as cells
from xl_econ.workbook.book import Book, WorkbookError, opened, told
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.live import is_live
from xl_econ.workbook.located import Located
from xl_econ.workbook.package import Cell, Package, Scalar
from xl_econ.workbook.read import study_in
from xl_econ.workbook.refresh import SUFFIXES, refreshed
from xl_econ.workbook.save import save, stop_unless_writable
from xl_econ.workbook.shape import shape_of
from xl_econ.workbook.sheets.about import fingerprint

NEW = (".xlsx",)
Stamps = dict[tuple[int, int], Scalar]
"""By row and column of the template's sheet."""


def book_to_stamp(path: Path, out: Path | None, force: bool) -> Book:
    """A workbook that can hold a simulation, and whose place to write is free. Raises Problems with every reason."""
    stop_on(_live(path), WorkbookError)
    stop_unless_writable(out or path, force or out in (None, path), SUFFIXES)
    book = opened(path)
    stop_on(_no_place(book), WorkbookError)
    return book


def stop_unless_new(out: Path, force: bool) -> None:
    """Raises Problems where a new workbook of this name cannot be written."""
    stop_unless_writable(out, force, NEW)


def names_to_run(names: list[str] | None) -> list[str]:
    """The results that the sheet has rows for: the usual ones, and a few others. Raises Problems for too many."""
    others = [name for name in dict.fromkeys(names or ()) if name not in RESULTS]
    if len(others) > cells.OTHERS:
        raise Problems([f"{len(others)} further results: the sheet has rows for {cells.OTHERS}. Leave some out."])
    return [*RESULTS, *others]


def _live(path: Path) -> Iterator[str]:
    if is_live(path):
        yield f"{path}: it is open in Excel. Save and close it there, and give the name of its file."


def _no_place(book: Book) -> Iterator[str]:
    if book.is_of_another_version:
        what = f"{book.name}: it was made by {ENGINE} {book.version}, and this is {VERSION}."
        yield f"{what} Carry its inputs over first: `xl-econ refresh {Path(book.name).name} -o NEW.xlsx`."
    elif not shape_of(book).full:
        yield f"{book.name}: a core workbook has no sheet Simulation. Make a full one with `xl-econ new`."


def stamp(book: Book, target: Path, simulation: Simulation, today: date) -> None:
    """The simulation written into a workbook, whose results are computed anew beside it."""
    path = Path(book.name)
    with told(path):
        content = stamped(book, target, simulation, today)
    save(target, content, instead_of=book.package.archive.book if target == path else None)


def stamped(book: Book, target: Path, simulation: Simulation, today: date) -> bytes:
    """The bytes of the workbook with the simulation on its sheet; every other cell of people's stays."""
    study, shape = study_in(book)[0], shape_of(book)
    located, found = Located(book.package, shape), _stamps(study, simulation, today)
    spots = {place: located.spots.get((cells.SIMULATION, cells.cell_at(*place))) for place in cells.stamps()}
    lost = [cells.cell_at(*place) for place, spot in spots.items() if spot is None]
    why = f"{book.name}: the cells of the sheet {cells.SIMULATION} cannot be found ({', '.join(lost[:5])})."
    stop_on([f"{why} Copy the sheet from an untouched workbook."] if lost else [], WorkbookError)
    sheets: dict[str, dict[str, Cell]] = {}
    for place, spot in spots.items():
        if spot:
            sheets.setdefault(spot[0], {})[spot[1]] = Cell(found.get(place))
    with_stamps = Book(Package(book.package.patched(sheets)), book.name)
    return refreshed(with_stamps, target, None, (), rebase=False)[0]


def new_simulated(study: Study, target: Path, simulation: Simulation, today: date) -> bytes:
    """A new workbook of the study, with the simulation on its sheet."""
    return stamped(Book(Package(new_workbook(study)), str(target)), target, simulation, today)


# --- what is stamped ---


def _stamps(study: Study, simulation: Simulation, today: date) -> Stamps:
    column = cells.STAMP
    found: Stamps = {
        (cells.SCENARIO, column): simulation.scenario,
        (cells.PLACE, column): study.names.index(simulation.scenario) + 1,
        (cells.RUNS, column): simulation.runs,
        (cells.SEED, column): simulation.seed,
        (cells.DATE, column): today.isoformat(),
        (cells.VERSION_ROW, column): f"{ENGINE} {VERSION}",
        (cells.FINGERPRINT, column): fingerprint(study),
    }
    by_name = {outcome.name: outcome for outcome in simulation.outcomes}
    for name, row in zip(RESULTS, cells.RESULT_ROWS, strict=True):
        found |= _of_outcome(row, by_name.pop(name))
    for row, outcome in zip(cells.OTHER_ROWS, by_name.values(), strict=False):
        found |= _of_outcome(row, outcome)
        found |= {(row, cells.LABEL): outcome.label, (row, cells.UNIT): model_graph()[outcome.name].shown_unit}
    for row, odds in zip(cells.ODDS_ROWS, simulation.odds, strict=True):
        found |= {(row, cells.UNIT): odds.share, (row, cells.NOW): odds.valid_share}
    for row, driver in zip(cells.DRIVER_ROWS, simulation.ranked(cells.CHARTED), strict=False):
        found |= _of_driver(row, driver, simulation)
    return found | _bins(simulation)


def _of_outcome(row: int, outcome: Outcome) -> Stamps:
    figures = [outcome.mean, *outcome.percentiles.values()]
    found: Stamps = {(row, cells.BASE): outcome.base, (row, cells.VALID): outcome.valid_share}
    found |= {(row, cells.MEAN + place): figure for place, figure in enumerate(figures)}
    if outcome.reasons:
        often = sorted(outcome.reasons.items(), key=lambda each: -each[1])
        told = [f"{reason} ({count / outcome.runs:.1%})" for reason, count in often]
        found[row, cells.REASON] = "; ".join(told)
    return found


def _of_driver(row: int, driver: Driver, simulation: Simulation) -> Stamps:
    quantity = model_graph()[driver.name]
    drawn = simulation.drawn[driver.name]
    told: list[Scalar] = [quantity.label, quantity.shown_unit, driver.distribution.shape, *drawn]
    told += [simulation.correlations[name][driver.name] for name in cells.CHARTED]
    return {(row, column): value for column, value in enumerate([*told, driver.origin])}


def _bins(simulation: Simulation) -> Stamps:
    found: Stamps = {}
    by_name = {outcome.name: outcome for outcome in simulation.outcomes}
    for place, name in enumerate(cells.CHARTED):
        middle, runs = cells.bin_columns(place)
        for row, (at, count) in zip(cells.BIN_ROWS, by_name[name].histogram(), strict=False):
            found |= {(row, middle): at, (row, runs): count}
    return found
