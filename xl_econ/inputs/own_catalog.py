"""Own catalog: records that a study adds to the shipped catalog, or facts of it that it knows better."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from difflib import get_close_matches
from typing import Any

import numpy as np

from xl_econ.catalog.load import load_catalog
from xl_econ.catalog.records import DATE
from xl_econ.core.quantity import Given
from xl_econ.model import model_graph
from xl_econ.model.given import FAMILIES

Value = float | int | str
OwnRecords = dict[str, dict[str, dict[str, Value]]]
"""By table, id and field: all fields of a new record, only the changed ones of a shipped record."""
Order = Mapping[str, list[str]]
Spot = Callable[[str, str, str], str]
"""Where a field of a record stands, for messages: table, id, field."""
TABLES = ("accelerators", "llms", "hosted")
ONE_OF = {"efficiency_family": FAMILIES}
MAY_LACK: Mapping[str, Mapping[str, Value]] = {
    "accelerators": dict.fromkeys(
        ("rent_1y_usd_per_h", "rent_3y_usd_per_h", "rent_spot_usd_per_h", "all_in_kw", "tdp_w"), 0.0
    ),
    "hosted": {"cached_input_usd_per_m_tokens": 0.0},
}
"""What a new record need not tell, with what then counts."""
DATE_FIELD = "date"
LONGEST_ID = 60


@functools.cache
def fields_of(table: str) -> dict[str, Given]:
    """The fields of a table that the model uses, without its id."""
    columns = [given for given in model_graph().givens if given.role == "column" and given.table == table]
    return {given.name.partition(".")[2]: given for given in columns if not given.name.endswith(".id")}


@functools.cache
def shipped_value(table: str, id: str, field: str) -> Value | None:
    """A field of a shipped record; None if there is no such record."""
    return load_catalog().value(table, id, field) if id in load_catalog().table(table) else None


def read_records(raw: Any, at: Spot, problems: list[str]) -> OwnRecords:
    """Own records from plain values, every problem noted; what equals the shipped catalog is left out."""
    records: OwnRecords = {}
    for table, entries in _tables(raw, "catalog", at("", "", ""), problems).items():
        if table not in TABLES:
            problems.append(f"{at(table, '', '')}: there is no table {table!r}. Use {', '.join(TABLES)}.")
            continue
        for id, fields in _tables(entries, f"catalog.{table}", at(table, "", ""), problems).items():
            kept = _record(table, id, _tables({id: fields}, id, at(table, id, ""), problems).get(id, {}), at, problems)
            if kept:
                records.setdefault(table, {})[id] = kept
    return records


def _tables(raw: Any, what: str, where: str, problems: list[str]) -> dict[str, Any]:
    if isinstance(raw, Mapping):
        return {str(key): value for key, value in raw.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    problems.append(f"{where}: {what} is {raw!r}, but must be a table.")
    return {}


def _record(table: str, id: str, raw: dict[str, Any], at: Spot, problems: list[str]) -> dict[str, Value]:
    known, is_new = fields_of(table), id not in load_catalog().table(table)
    if not (id.strip() == id and 1 <= len(id) <= LONGEST_ID and id.isprintable()):
        problems.append(f"{at(table, id, 'id')}: the id {id!r} must have 1 to {LONGEST_ID} visible characters.")
    if is_new and id.casefold() in {shipped.casefold() for shipped in load_catalog().table(table)}:
        problems.append(f"{at(table, id, 'id')}: the catalog has {id} already, in other capitals. Rename it.")
    for field in raw.keys() - known.keys():
        near = get_close_matches(field, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else f" Use {', '.join(known)}."
        problems.append(f"{at(table, id, field)}: {table} have no field {field!r}.{hint}")
    may_lack: Mapping[str, Value] = MAY_LACK.get(table, {}) if is_new else {}
    missing = [field for field in known if field not in {**may_lack, **raw}] if is_new else []
    problems += [f"{at(table, id, field)}: {id} has no {field}. {_wanted(known[field])}" for field in missing]
    kept = {field: _checked(table, id, known[field], raw[field], at, problems) for field in known if field in raw}
    usual = may_lack if is_new else {field: shipped_value(table, id, field) for field in kept}
    return {field: value for field, value in kept.items() if value != usual.get(field)}


def _checked(table: str, id: str, given: Given, value: Any, at: Spot, problems: list[str]) -> Value:
    field = given.name.partition(".")[2]
    if field == DATE_FIELD and type(value) is date:
        value = value.isoformat()
    if not _fits(given, value):
        problems.append(f"{at(table, id, field)}: {field} of {id} is {value!r}. {_wanted(given)}")
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _fits(given: Given, value: Any) -> bool:
    if given.unit == "text":
        field = given.name.partition(".")[2]
        allowed, pattern = ONE_OF.get(field), DATE if field == DATE_FIELD else ""
        is_text = isinstance(value, str) and bool(value.strip())
        return is_text and (allowed is None or value in allowed) and bool(re.search(pattern, value))
    is_number = isinstance(value, float | int) and not isinstance(value, bool) and math.isfinite(value)
    return is_number and (value > 0 if _must_be_positive(given) else value >= 0)


@functools.cache
def _must_be_positive(given: Given) -> bool:
    """What is positive in every shipped accelerator and LLM is divided by somewhere."""
    table, _, field = given.name.partition(".")
    return table != "hosted" and all(value != 0 for value in load_catalog().column(table, field))


def _wanted(given: Given) -> str:
    allowed = ONE_OF.get(given.name.partition(".")[2])
    if allowed:
        return f"Give one of {', '.join(allowed)}."
    if given.name.endswith(f".{DATE_FIELD}"):
        return "Give the day or month of the price as text, such as 2026-11-23 (in Excel with an apostrophe before it)."
    least = "above" if given.unit != "text" and _must_be_positive(given) else "at least"
    return "Give a text." if given.unit == "text" else f"Give a number, {least} 0, in {given.unit}."


def ids_of(table: str, records: OwnRecords) -> list[str]:
    """All ids of a table: the shipped ones, then the study's own."""
    shipped = list(load_catalog().table(table))
    return shipped + [id for id in records.get(table, {}) if id not in load_catalog().table(table)]


def columns_with(records: OwnRecords, order: Order | None = None) -> dict[str, Any]:
    """The catalog's columns that own records change, as `core.evaluate` takes them.

    `order` are the ids of tables as a workbook has them, "" for a free row: codes are places in a table.
    """
    columns: dict[str, Any] = {}
    for table in {**records, **(order or {})}:
        ids = (order or {}).get(table) or ids_of(table, records)
        columns[f"{table}.id"] = np.asarray(ids)
        for field, given in fields_of(table).items():
            free: Value = "" if given.unit == "text" else 0.0
            columns[given.name] = np.asarray([record_value(table, id, field, records) if id else free for id in ids])
    return columns


def record_value(table: str, id: str, field: str, records: OwnRecords) -> Value:
    """A field as the study knows it."""
    own = records.get(table, {}).get(id, {})
    if field in own:
        return own[field]
    lacking = MAY_LACK.get(table, {}).get(field)
    shipped = shipped_value(table, id, field) if id in load_catalog().table(table) else lacking
    assert shipped is not None, f"{table} {id} has no {field}"
    return shipped
