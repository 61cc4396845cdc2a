"""Table order: where the catalog's records stand in a workbook. Codes are places in a table, free rows counted."""

from __future__ import annotations

from xl_econ.inputs.own_catalog import TABLES, ids_of
from xl_econ.inputs.study import Study
from xl_econ.workbook.book import Book


def order_with(book: Book, study: Study) -> dict[str, list[str]]:
    """The ids of the tables, once the study's new records stand in the first free rows; where it matters."""
    found: dict[str, list[str]] = {}
    for table in TABLES:
        ids = book.order(table)
        new = [id for id in study.catalog.get(table, {}) if id not in ids]
        ids = [id or (new.pop(0) if new else "") for id in ids]
        expected = ids_of(table, study.catalog)
        if ids[: len(expected)] != expected:
            found[table] = ids
    return found
