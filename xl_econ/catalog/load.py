"""Reads the packaged TOML into one `Catalog`, or reports every problem in it at once.

The readers work on plain dicts, so that a user's own records are validated by the same code:

    problems: list[str] = []
    mine = read_llms(tomllib.loads(text), "my.toml", problems)
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from xl_econ.catalog import checks
from xl_econ.catalog.anatomy import architecture_of
from xl_econ.catalog.messages import CatalogError, did_you_mean, nearest_of, problems_of
from xl_econ.catalog.parameters import DERIVED
from xl_econ.catalog.records import Accelerator, Fact, Hosted, Llm, Precision, RentPrice, Source
from xl_econ.model.sources import ALL as FORMULA_SOURCES

ENTRY_KEYS = {
    "accelerators": "accelerator",
    "llms": "llm",
    "precisions": "precision",
    "hosted": "hosted",
    "prices": "price",
}
PACKAGED = ("sources", *ENTRY_KEYS, "assumptions")

Listed = TypeVar("Listed", Accelerator, Llm, Precision, Hosted, RentPrice)
AnyRecord = Accelerator | Llm | Precision | Hosted | RentPrice
Raw = dict[str, Any]


@dataclass(frozen=True)
class Catalog:
    """All records by id, in the order of their files."""

    sources: Mapping[str, Source]
    accelerators: Mapping[str, Accelerator]
    llms: Mapping[str, Llm]
    precisions: Mapping[str, Precision]
    hosted: Mapping[str, Hosted]
    prices: tuple[RentPrice, ...]

    def table(self, table: str) -> Mapping[str, AnyRecord]:
        """`accelerators`, `llms`, `precisions`, `hosted` or `prices`, by id."""
        if table not in self._tables:
            raise KeyError(f"the catalog has no table {table!r}. Its tables are {', '.join(self._tables)}.")
        return self._tables[table]

    @functools.cached_property
    def _tables(self) -> dict[str, Mapping[str, AnyRecord]]:
        return {
            "accelerators": self.accelerators,
            "llms": self.llms,
            "precisions": self.precisions,
            "hosted": self.hosted,
            "prices": {price.id: price for price in self.prices},
        }

    def nearest(self, table: str, id: str) -> list[str]:
        """Up to three ids that look like a misspelt one, best first."""
        return nearest_of(id, self.table(table))

    def value(self, table: str, id: str, field: str) -> float | str:
        """One number or text of one record, stored or derived; 0.0 for an absent number."""
        records = self.table(table)
        if id not in records:
            raise KeyError(f"{table} has no {id!r}.{did_you_mean(id, records)}")
        return value_of(records[id], field)

    def column(self, table: str, field: str) -> list[float | str]:
        """One value per record in file order, as `value` gives it."""
        return [value_of(record, field) for record in self.table(table).values()]


def value_of(record: AnyRecord, field: str) -> float | str:
    """A derived quantity, a stored number or a text; an absent number is 0.0, an absent text empty."""
    if isinstance(record, Llm) and field in DERIVED:
        return float(DERIVED[field].formula(architecture_of(record)))
    declared = type(record).model_fields
    if field not in declared:
        kind, known = type(record).__name__, [*declared, *(DERIVED if isinstance(record, Llm) else ())]
        raise KeyError(f"{kind} has no field {field!r}.{did_you_mean(field, known)}")
    found: object = getattr(record, field)
    if isinstance(found, Fact):
        return found.value
    if found is None:
        return 0.0 if "Fact" in str(declared[field].annotation) else ""
    return found if isinstance(found, str) else float(cast(bool, found))


# --- readers ----------------------------------------------------------------------------------------------


def read_sources(raw: Raw, file: str, problems: list[str]) -> dict[str, Source]:
    """`[sources.<id>]` tables."""
    sources: dict[str, Source] = {}
    _refuse_other_keys(raw, "sources", file, problems)
    for id, entry in raw.get("sources", {}).items():
        try:
            sources[id] = Source.model_validate({"id": id, **entry})
        except ValidationError as error:
            problems += problems_of(error, Source, f"{file}: {id}")
    return sources


def read_accelerators(raw: Raw, file: str, problems: list[str]) -> dict[str, Accelerator]:
    """`[[accelerator]]` tables."""
    accelerators = _read(Accelerator, "accelerator", raw, file, problems)
    problems += checks.accelerator_problems(file, accelerators.values())
    return accelerators


def read_llms(raw: Raw, file: str, problems: list[str]) -> dict[str, Llm]:
    """`[[llm]]` tables; the computed size must be the published one."""
    llms = _read(Llm, "llm", raw, file, problems)
    problems += checks.llm_problems(file, llms.values())
    return llms


def read_precisions(raw: Raw, file: str, problems: list[str]) -> dict[str, Precision]:
    """`[[precision]]` tables."""
    return _read(Precision, "precision", raw, file, problems)


def read_hosted(raw: Raw, file: str, problems: list[str]) -> dict[str, Hosted]:
    """`[[hosted]]` tables; the id carries the date."""
    hosted = _read(Hosted, "hosted", raw, file, problems)
    problems += checks.hosted_problems(file, hosted.values())
    return hosted


def read_prices(raw: Raw, file: str, problems: list[str]) -> dict[str, RentPrice]:
    """`[[price]]` tables."""
    return _read(RentPrice, "price", raw, file, problems)


def _read(record: type[Listed], key: str, raw: Raw, file: str, problems: list[str]) -> dict[str, Listed]:
    records: dict[str, Listed] = {}
    seen: set[str] = set()
    for position, entry in enumerate(_entries(raw, key, file, problems), start=1):
        id = str(entry.get("id", f"[[{key}]] number {position}"))
        if id in seen:
            problems.append(f"{file}: {id}: this id is used twice. Give one of the two another id.")
        seen.add(id)
        try:
            records[id] = record.model_validate(entry)
        except ValidationError as error:
            problems += problems_of(error, record, f"{file}: {id}")
    return records


def _entries(raw: Raw, key: str, file: str, problems: list[str]) -> list[Raw]:
    """The `[[key]]` tables of a file."""
    _refuse_other_keys(raw, key, file, problems)
    found: object = raw.get(key, [])
    entries = cast(list[object], found) if isinstance(found, list) else [found]
    if not all(isinstance(entry, dict) for entry in entries) or not isinstance(found, list):
        problems.append(f"{file}: {key} is not a list of tables. Begin each record with [[{key}]].")
        return []
    return cast(list[Raw], entries)


def _refuse_other_keys(raw: Raw, key: str, file: str, problems: list[str]) -> None:
    problems += [f"{file}: unknown key {name!r}. Only {key} may stand here." for name in raw if name != key]


# --- the packaged catalog ---------------------------------------------------------------------------------


@functools.cache
def load_catalog() -> Catalog:
    """The catalog that comes with the package. Read once per process.

    The assumptions are records of another file and reader; here they only count as users of sources.
    """
    return catalog_of({name: packaged(name) for name in PACKAGED})


def packaged(name: str) -> Raw:
    """One packaged file as it stands, by its name without `.toml`."""
    data = resources.files("xl_econ.catalog").joinpath("data").joinpath(f"{name}.toml")
    return tomllib.loads(data.read_text(encoding="utf-8"))


def catalog_of(raw: Mapping[str, Raw]) -> Catalog:
    """A catalog from parsed files (by name without `.toml`), or a `CatalogError` with all problems."""
    problems: list[str] = []
    catalog = Catalog(
        sources=read_sources(raw["sources"], "sources.toml", problems),
        accelerators=read_accelerators(raw["accelerators"], "accelerators.toml", problems),
        llms=read_llms(raw["llms"], "llms.toml", problems),
        precisions=read_precisions(raw["precisions"], "precisions.toml", problems),
        hosted=read_hosted(raw["hosted"], "hosted.toml", problems),
        prices=tuple(read_prices(raw["prices"], "prices.toml", problems).values()),
    )
    problems += reference_problems(raw)
    if problems:
        raise CatalogError(problems)
    return catalog


def reference_problems(raw: Mapping[str, Raw]) -> list[str]:
    """References between files that lead nowhere, and sources that nothing uses.

    Works on the files as written, so that a broken record causes no second complaint somewhere else.
    """
    entries = {name: raw[name].get(key, []) for name, key in ENTRY_KEYS.items()}
    sources = set(raw["sources"].get("sources", {}))
    problems = checks.dangling("prices.toml", entries["prices"], "accelerator", entries["accelerators"])
    problems += checks.dangling("hosted.toml", entries["hosted"], "llm", entries["llms"])
    for name in ENTRY_KEYS:
        problems += checks.unknown_sources(f"{name}.toml", entries[name], sources)
    believed = [raw.get("assumptions", {})]
    problems += checks.unknown_sources("assumptions.toml", believed, sources)
    return problems + checks.unused_sources([*entries.values(), believed], sources - set(FORMULA_SOURCES))
