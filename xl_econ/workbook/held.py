"""Held: what an edited workbook holds beside a study's inputs, and its results depend on."""

from __future__ import annotations

from typing import Any

from xl_econ.core.problems import stop_on
from xl_econ.core.quantity import Given
from xl_econ.inputs.own_catalog import TABLES
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.study import Study
from xl_econ.workbook.blank import Shape, Spot
from xl_econ.workbook.book import Book, WorkbookError
from xl_econ.workbook.columns import Held
from xl_econ.workbook.layout import Layout, layout_for
from xl_econ.workbook.located import Located
from xl_econ.workbook.settings import Settings, known_settings
from xl_econ.workbook.simulation_cells import SIMULATION, TAKEN, cell_at
from xl_econ.workbook.table_order import order_with


def held_by(book: Book, study: Study, located: Located, shape: Shape, rebase: bool = False) -> Held:
    """Its baseline, the order of its catalog tables, the inputs of the article's cases, its settings and stamps."""
    layout = layout_for(*shape)
    if shape.full:
        stop_on(_cases_not_on_catalog(book, located, layout), WorkbookError)
    cases = {name: found for name, given in decided().items() if (found := _cases(book, located, layout, given))}
    baseline, order = {} if rebase else book.baseline(), order_with(book, study)
    if not shape.full:
        return Held(baseline, order)
    return Held(baseline, order, cases, _settings(book, located, layout), _stamps(book, located, shape.scenarios))


def _stamps(book: Book, located: Located, scenarios: int) -> dict[str, Any]:
    """What formulas take of the stamps on Simulation; nothing where that is no whole one."""
    spots = {name: located.spots.get((SIMULATION, cell_at(*place))) for name, place in TAKEN.items()}
    found = {name: book.value(spot) for name, spot in spots.items() if spot}
    found = {name: value for name, value in found.items() if isinstance(value, int | float | str)}
    place, runs = found.get("place"), found.get("runs")
    whole = isinstance(place, int) and 1 <= place <= scenarios and isinstance(runs, int) and "fingerprint" in found
    return found if whole else {}


def _cases_not_on_catalog(book: Book, located: Located, layout: Layout) -> list[str]:
    """Choices of the article's cases whose record is on the sheet Catalog no more."""
    problems: list[str] = []
    for given in decided().values():
        table = str(given.choices).partition(".")[0]
        ids = {id.casefold() for id in book.order(table)} if given.choices and table in TABLES else set[str]()
        for spot in _spots(located, layout, given) if ids else ():
            value = book.value(spot) if spot else None
            if spot and value is not None and str(value).casefold() not in ids:
                what = f"{'!'.join(spot)}: {value}, which a case of the article takes, does not stand on Catalog."
                problems.append(f"{what} Put its row back, or pick another.")
    return problems


def _spots(located: Located, layout: Layout, given: Given) -> list[Spot | None]:
    return [located.spots.get(layout.one(given.name, layout.scenarios + case)) for case in range(layout.cases)]


def _cases(book: Book, located: Located, layout: Layout, given: Given) -> list[Any]:
    """An input of each case: typed at the right of Inputs, or the base value on Assumptions; none if one is missing."""
    values = [book.value(spot) if spot else None for spot in _spots(located, layout, given)]
    wanted = str if given.unit == "text" else (int, float)
    return values if all(isinstance(value, wanted) for value in values) else []


def _settings(book: Book, located: Located, layout: Layout) -> Settings:
    """What Bridge and Sensitivity set; the usual, where its cells cannot be found."""
    found, problems = dict[str, list[Any]](), list[str]()
    for name, setting in known_settings(layout.scenarios).items():
        spots = [located.spots.get((setting.sheet, address)) for address in setting.cells]
        values = [book.value(spot) if spot else usual for spot, usual in zip(spots, setting.usual, strict=True)]
        problems += [
            f"{'!'.join(spot)}: it is {value!r}, but must be {setting.allowed}."
            for spot, value in zip(spots, values, strict=True)
            if spot and not setting.takes(value)
        ]
        found[name] = values
    stop_on(problems, WorkbookError)
    return found
