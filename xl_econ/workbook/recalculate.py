"""Recalculate: the saved values of other people's formulas, by an engine that proves itself on each cell first.

Our own cells have Python's values. A formula of somebody else in the same file may depend on them. An
engine that gives the saved value before the change is trusted with the value after it; where it does
not, or cannot compute a formula, the cell is left alone and named.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any

from xl_econ.inputs.difference import same
from xl_econ.workbook.archive import Broken, TooLarge
from xl_econ.workbook.blank import Spot
from xl_econ.workbook.package import KEEP, Cell, Package
from xl_econ.workbook.sheet_xml import letters
from xl_econ.workbook.splice import Box

ENGINE = "cellrune"
KINDS = ("number", "text", "logical")
WHOLE = "A1"
"""Stands for a sheet that is too large to look at cell by cell: its formulas are not computed."""
HINT = "pip install 'xl-econ[recalc]' computes most of them too"


def has_engine() -> bool:
    """Whether the optional engine is there."""
    return find_spec(ENGINE) is not None


def formulas_beside(package: Package, ours: set[Spot]) -> list[Spot]:
    """Formula cells that are not ours, on all sheets; and the cells that an array formula fills."""
    found: list[Spot] = []
    for sheet in package.sheet_parts:
        try:
            xml = package.sheet(sheet)
            addresses = xml.formula_addresses()
        except TooLarge:
            found.append((sheet, WHOLE))
            continue
        except Broken:  # a chart sheet has no cells
            continue
        for address in addresses:
            if (sheet, address) not in ours:
                cell = xml.cell(address)
                formula = xml.formula(cell) if cell else None
                found += [(sheet, each) for each in _filled(address, formula.attributes if formula else {})]
    return list(dict.fromkeys(found))


def _filled(address: str, formula: dict[str, str]) -> Iterable[str]:
    if formula.get("t") != "array":
        return [address]
    return [f"{letters(column)}{row}" for row, column in Box.of(formula.get("ref", address)).places()]


def recalculated(before: Package, after: bytes, spots: list[Spot]) -> tuple[dict[str, dict[str, Cell]], list[Spot]]:
    """New values for other people's formulas, by sheet and address; and the cells that keep their old ones."""
    if not spots or not has_engine():
        return {}, spots
    old, new = _values(before.archive.book, spots), _values(after, spots)
    cells: dict[str, dict[str, Cell]] = {}
    left: list[Spot] = []
    for spot in spots:
        saved, proof, value = before.value(*spot), old.get(spot), new.get(spot)
        if proof is None or value is None or not (saved is None or same(saved, proof)):
            left.append(spot)
        elif not same(saved, value):
            cells.setdefault(spot[0], {})[spot[1]] = Cell(value, KEEP)
    return cells, left


def _values(book: bytes, spots: list[Spot]) -> dict[Spot, Any]:
    """What the engine computes, in the cells where it computes a value."""
    import cellrune

    opened: Any = cellrune.Workbook.from_bytes(book)
    try:
        opened.calculate()
        found = {(sheet, cell): opened.read_values(sheet, cell, cell)[0][0] for sheet, cell in spots}
    except Exception:  # an engine of somebody else may fail on any file; then nothing is trusted
        return {}
    return {spot: value["value"] for spot, value in found.items() if value.get("kind") in KINDS}
