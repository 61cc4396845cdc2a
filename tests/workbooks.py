"""What tests ask of a workbook as a file, and what they do to it: parts, saved values, single cells, names."""

from __future__ import annotations

import functools
import io
import os
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import engines
import pytest

from xl_econ import Study, new_workbook
from xl_econ.core.quantity import Given
from xl_econ.functions.registry import FUNCTIONS
from xl_econ.functions.tables import TABLES
from xl_econ.inputs.scenario import decided
from xl_econ.workbook.archive import Archive
from xl_econ.workbook.blank import Shape, references, template_formulas
from xl_econ.workbook.book import Book
from xl_econ.workbook.layout import BASELINE, FIRST_ROW, layout_for
from xl_econ.workbook.names import defined_name
from xl_econ.workbook.package import KEEP, Cell, Package

WORKBOOK = "xl/workbook.xml"
RELATIVE = ABSOLUTE = 1e-9
LONGEST = 600
"""Seconds that a worker waits for another one."""
Spot = tuple[str, str]
Saved = dict[Spot, tuple[str, Any]]
"""By sheet and address: formula and saved value."""


def rounds(default: int) -> range:
    """Seeds to try: few by default, as many as XL_ECON_ROUNDS says where somebody has the time."""
    return range(int(os.environ.get("XL_ECON_ROUNDS", default)))


def written(study: Study, path: Path, full: bool = True) -> Path:
    path.write_bytes(new_workbook(study, full))
    return path


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that one worker of the run fills for all of them; the others wait for it."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    try:
        folder.mkdir()
    except FileExistsError:
        until = time.monotonic() + LONGEST
        while not (folder / "done").exists() and time.monotonic() < until:
            time.sleep(0.1)
        return folder
    try:
        make(folder)
    finally:
        (folder / "done").touch()
    return folder


# --- asking ---


def parts(path: Path) -> dict[str, bytes]:
    """Each part of the package, unpacked."""
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
        return {name: package.read(name) for name in package.namelist()}


def saved(path: Path) -> Saved:
    """Each formula cell of the workbook."""
    package = Package(path.read_bytes())
    return {
        (sheet, address): (formula, package.value(sheet, address))
        for sheet in package.sheet_parts
        for address, formula in package.formulas(sheet).items()
    }


def typed(path: Path) -> dict[Spot, Any]:
    """Each cell of the workbook that holds a value and no formula."""
    package = Package(path.read_bytes())
    cells = ((sheet, address) for sheet in package.sheet_parts for address in package.sheet(sheet).addresses())
    values = {spot: package.value(*spot) for spot in cells if not package.formula(*spot)}
    return {spot: value for spot, value in values.items() if value is not None}


def by_name(path: Path, full: bool = True, scenarios: int = 3) -> dict[str, list[Any]]:
    """The values that each of our names stands for now.

    Free cells between them are left out; so are the baseline, the catalog, and the codes that say in which row of
    the catalog a record stands.
    """
    book = Book(Package(path.read_bytes()), path.name)
    layout = layout_for(scenarios, full)
    columns = (given.name for given in layout.graph.givens if isinstance(given, Given) and given.role == "column")
    tables = {defined_name(name) for name in columns}
    tables |= {f"{name}_code" for name, given in decided().items() if str(given.choices).endswith(".id")}
    names = {name for name in layout.defined_names().keys() - tables if not name.startswith(BASELINE)}
    values = {name: [book.value(spot) for row in book.cells(name) for spot in row] for name in sorted(names)}
    return {name: [value for value in row if value is not None] for name, row in values.items()}


def moved(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> dict[Any, tuple[Any, Any]]:
    """What differs between two sets of values by more than the last digits, with both."""
    keys = before.keys() | after.keys()
    return {
        key: (before.get(key), after.get(key)) for key in sorted(keys) if not alike(before.get(key), after.get(key))
    }


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, datetime) or isinstance(other, datetime):
        return bool(one == other)
    return engines.same_value(one, other, RELATIVE, ABSOLUTE)


def values_of(cells: Saved) -> dict[Spot, Any]:
    return {spot: value for spot, (_, value) in cells.items()}


def calls_of_functions() -> set[Spot]:
    """The cells that call LAMBDA names, which LibreOffice does not know, nor CellRune all of them."""
    return {("Functions", f"C{FIRST_ROW + 1 + place}") for place in range(len(FUNCTIONS) + len(TABLES))}


def calls_in(cells: Mapping[str, Mapping[str, Cell]]) -> dict[Spot, Any]:
    """What the calls among the cells that Python fills should give."""
    return {(sheet, at): cells[sheet][at].value for sheet, at in calls_of_functions()}


def without_calls(values: Mapping[Spot, Any]) -> dict[Spot, Any]:
    return {spot: value for spot, value in values.items() if spot not in calls_of_functions()}


STATUS = ("Simulation", "A5")
"""It takes the rates of return among others, by a range."""


@functools.cache
def rates_of_return(full: bool) -> frozenset[Spot]:
    """The rates of return, and whatever shows them: CellRune and Formulon take the function IRR for the name `irr`.

    IronCalc and LibreOffice tell them apart, as Excel does.
    """
    layout, formulas = layout_for(3, full), template_formulas(Shape(3, full))
    found = {
        layout.one(name, column)
        for name in ("return_per_month", "equity_return_per_month", "cloud_irr", "cloud_equity_irr")
        for column in range(3)
        if layout.holds(name)
    }
    while more := {at for at, text in formulas.items() if not found.isdisjoint(references(text, at[0]))} - found:
        found |= more
    return frozenset(found | {STATUS})


def without_rates(values: Mapping[Spot, Any], full: bool = True) -> dict[Spot, Any]:
    return {at: value for at, value in values.items() if at not in rates_of_return(full)}


# --- doing ---


def put(path: Path, cells: Mapping[Spot, Any], out: Path | None = None) -> Path:
    """Content for single cells, everything else as it was. A text that starts with = is a formula here, saved
    as 0 by nobody who calculated; a `Cell` says exactly what is wanted."""
    sheets: dict[str, dict[str, Cell]] = {}
    for (sheet, address), content in cells.items():
        sheets.setdefault(sheet, {})[address] = content if isinstance(content, Cell) else Cell(content)
    out = out or path
    out.write_bytes(Package(path.read_bytes()).patched(sheets))
    return out


def cleared(path: Path, spots: Iterable[Spot]) -> Path:
    """Cells emptied, as with the key Delete: their style stays."""
    for sheet, address in spots:
        cell = re.compile(rf'<c r="{address}"( s="\d+")?[^>]*?(/>|>.*?</c>)')
        edit_sheet(path, sheet, lambda xml, cell=cell, at=address: cell.sub(rf'<c r="{at}"\1/>', xml))
    return path


def falsified(value: Any) -> Cell:
    """Another saved value beside the formula that a cell has."""
    return Cell(value, KEEP)


def edit_part(path: Path, part: str, edit: Callable[[str], str]) -> Path:
    """One part with other content; it must change."""
    archive = Archive(path.read_bytes())
    before = archive.read(part).decode()
    after = edit(before)
    assert after != before, f"{part} is as it was"
    path.write_bytes(archive.replaced({part: after.encode()}))
    return path


def edit_sheet(path: Path, sheet: str, edit: Callable[[str], str]) -> Path:
    """The XML of one sheet changed."""
    return edit_part(path, Package(path.read_bytes()).sheet_parts[sheet], edit)


def rename(path: Path, name: str, area: str | None) -> Path:
    """A defined name that stands for something else, or is deleted."""
    old = rf'<definedName [^>]*name="{re.escape(name)}"[^>]*>[^<]*</definedName>'
    new = "" if area is None else f'<definedName name="{name}">{area}</definedName>'
    return edit_part(path, WORKBOOK, lambda xml: re.sub(old, lambda _: new, xml, count=1))
