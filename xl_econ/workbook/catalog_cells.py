"""Catalog cells: a study's own records in the tables of an edited workbook, found by their id."""

from __future__ import annotations

from collections.abc import Iterator

from xl_econ.inputs.own_catalog import fields_of, record_value, shipped_value
from xl_econ.inputs.study import Study
from xl_econ.workbook.blank import Spot
from xl_econ.workbook.book import Book
from xl_econ.workbook.package import Cell
from xl_econ.workbook.read import Reading


def catalog_cells(
    book: Book, reading: Reading, present: Study, wanted: Study, problems: list[str]
) -> Iterator[tuple[Spot, Cell]]:
    """What the wanted study's records put into cells; new ones into the first free rows."""
    if present.catalog == wanted.catalog:
        return
    for table in {**present.catalog, **wanted.catalog}:
        free = _free_rows(book, table)
        for id in {**present.catalog.get(table, {}), **wanted.catalog.get(table, {})}:
            cells = {field: reading.records.get((table, id, field)) for field in ("id", *fields_of(table))}
            if not all(cells.values()):
                row = next(free, None)
                if row is None:
                    problems.append(f"{book.name}: the table of {table} has no free row for {id}. Insert one in it.")
                    return
                cells = row
            yield from _record(table, id, cells, wanted)


def _record(table: str, id: str, cells: dict[str, Spot | None], wanted: Study) -> Iterator[tuple[Spot, Cell]]:
    """A record that the wanted study no longer has stays: nothing chooses it."""
    is_known = id in wanted.catalog.get(table, {}) or shipped_value(table, id, next(iter(fields_of(table)))) is not None
    for field, spot in cells.items():
        if spot is not None and is_known:
            yield spot, Cell(id if field == "id" else record_value(table, id, field, wanted.catalog))


def _free_rows(book: Book, table: str) -> Iterator[dict[str, Spot | None]]:
    columns = {"id": book.cells(f"{table}.id")} | {
        field: book.cells(given.name) for field, given in fields_of(table).items()
    }
    for place, row in enumerate(columns["id"]):
        if book.is_free(row[0]):
            yield {field: cells[place][0] for field, cells in columns.items()}
