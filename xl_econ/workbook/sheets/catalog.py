"""Catalog: tables of accelerators, LLMs and hosted prices; free rows below each are for the user's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from xl_econ.catalog.load import load_catalog
from xl_econ.catalog.records import Fact
from xl_econ.core.quantity import Given
from xl_econ.inputs.own_catalog import OwnRecords, ids_of, record_value
from xl_econ.workbook.layout import SPARE_ROWS
from xl_econ.workbook.page import Page
from xl_econ.workbook.sheets.sources import numbered

TITLE = "Catalog"
A3 = 8
WIDTHS = {0: 34, 1: 46, **dict.fromkeys(range(2, 30), 14)} | dict.fromkeys((22, 25), 28)
"""Names, the sources of accelerators and the licences of LLMs are long."""
PURPOSE = "Facts to choose from; add your own in the free rows below each table. A dash: not native, or no price."
TITLES = {
    "accelerators": "Accelerators: dense peaks only; the 2:4-sparse peak stands apart and is never used",
    "llms": "LLMs: architecture from the config.json, sizes computed from it",
    "hosted": "Hosted APIs: dated prices",
}


@dataclass(frozen=True)
class Extra:
    """A column that is only shown; the engine does not use it."""

    head: str
    show: Callable[[Any], Any]
    unit: str = "general"


def _cites(record: Any) -> str:
    """The numbers of all sources of a record."""
    facts: list[object] = [value for _, value in record]
    used = {numbered()[fact.source] for fact in facts if isinstance(fact, Fact)}
    return " ".join(f"[{number}]" for number in sorted(used))


def _value(field: str) -> Callable[[Any], Any]:
    def shown(record: Any) -> Any:
        found = getattr(record, field)
        return found.value if isinstance(found, Fact) else found if found is not None else 0

    return shown


# A new column that is only shown is one line here.
EXTRAS: dict[str, tuple[Extra, ...]] = {
    "accelerators": (
        Extra("Year", lambda record: int(record.year)),
        Extra("Memory by name (GB)", _value("nominal_memory_gb"), "GB"),
        Extra("Sparse peak, 16 bit (TFLOP/s), not used", _value("sparse_bf16_tflops"), "TFLOP/s"),
        Extra("Sources", _cites),
    ),
    "llms": (
        Extra("Attention", _value("attention")),
        Extra("Published size (Bparam)", _value("published_params_b"), "Bparam"),
        Extra("Native format", _value("native_precision")),
        Extra("Licence", _value("licence")),
        Extra("Sources", _cites),
    ),
    "hosted": (
        Extra("Provider", _value("provider")),
        Extra("Region", _value("region")),
        Extra("Hours at which it holds", _value("window")),
        Extra("Sources", _cites),
    ),
}


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, WIDTHS, frozen=False)
    page.pen.dress("freeze_panes", 0, 2)
    page.pen.dress("set_paper", A3)
    page.pen.dress("set_h_pagebreaks", [place.row - 2 for place in page.layout.tables.values()][1:])
    for table, place in page.layout.tables.items():
        columns = [g for g in page.layout.graph.givens if g.table == table]
        page.text(place.row - 2, 0, TITLES[table], "strong")
        heads = [*map(_head, columns), *(extra.head for extra in EXTRAS[table])]
        page.pen.dress("set_row", place.row - 1, 58)
        _cells(page, table, columns, place.row)
        page.pen.dress("table", place.row - 1, place.row + place.rows - 1, table, heads)


def _head(given: Given) -> str:
    return given.label if given.unit in ("1", "text") else f"{given.label} ({given.unit})"


def _cells(page: Page, table: str, columns: list[Given], first: int) -> None:
    """The records, shipped and own, then free rows in the same style."""
    own, shipped = page.study.catalog, load_catalog().table(table)
    ids = ids_of(table, own)
    extras = dict(enumerate(EXTRAS[table], start=len(columns)))
    for place in range(len(shipped) + SPARE_ROWS):
        id = ids[place] if place < len(ids) else ""
        is_own = id in own.get(table, {})
        for given in columns:
            value = _known(table, id, given.name.partition(".")[2], own)
            _cell(page, first + place, page.layout.sheet_column(given.name, 0), value, given.unit, is_own)
        for at, extra in extras.items():
            _cell(page, first + place, at, extra.show(shipped[id]) if id in shipped else "", extra.unit, False)


def _known(table: str, id: str, field: str, own: OwnRecords) -> Any:
    """A field of a record; nothing in a free row."""
    return id if field == "id" or not id else record_value(table, id, field, own)


def _cell(page: Page, row: int, at: int, value: Any, unit: str, is_own: bool) -> None:
    unit = "general" if isinstance(value, str) else unit
    write = page.pen.typed if is_own else page.pen.still
    write(row, at, value, "fact_text" if isinstance(value, str) and at else "fact", unit)
