"""Problems in words: where it is, what is wrong, and what to do next."""

import difflib
from collections.abc import Iterable

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from xl_econ.core.problems import Problems

FACT_EXAMPLE = '{ value = …, unit = "…", source = "…", kind = "stated" }'

DATE_EXAMPLE = 'date = "2026-11-23"'


class CatalogError(Problems):
    """The catalog cannot be used. Lists every problem at once."""


def nearest_of(word: str, known: Iterable[str]) -> list[str]:
    """At most three known names that look like `word`, best first; capitals do not matter."""
    spelled = {name.lower(): name for name in known}
    return [spelled[match] for match in difflib.get_close_matches(word.lower(), spelled, n=3, cutoff=0.6)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """` Did you mean a, b?` or nothing."""
    close = nearest_of(word, known)
    return f" Did you mean {', '.join(close)}?" if close else ""


def problems_of(error: ValidationError, record: type[BaseModel], where: str) -> list[str]:
    """One line for each thing that pydantic found wrong in a record."""
    return [line_of(details, record, where) for details in error.errors(include_url=False)]


def line_of(details: ErrorDetails, record: type[BaseModel], where: str) -> str:
    path = [str(part) for part in details["loc"]]
    spot = ".".join([where, *path])
    if details["type"] == "missing":
        return f"{spot}: it is missing. {_how_to_add(path, record)}"
    if details["type"] == "extra_forbidden":
        return f"{'.'.join([where, *path[:-1]])}: unknown key {path[-1]!r}.{_similar_key(path, record)}"
    return f"{spot}: {_what_is_wrong(details)}"


def _how_to_add(path: list[str], record: type[BaseModel]) -> str:
    key = path[-1]
    if len(path) == 1 and _is_fact(key, record):
        return f"Add {key} = {FACT_EXAMPLE}."
    if key == "date":
        return f"Add the day or month at which it held, such as {DATE_EXAMPLE}."
    return f"Add {key} = …."


def _is_fact(key: str, record: type[BaseModel]) -> bool:
    return "Fact" in str(record.model_fields[key].annotation) if key in record.model_fields else False


def _similar_key(path: list[str], record: type[BaseModel]) -> str:
    fact_keys = ("value", "unit", "source", "kind", "quote", "date", "why")
    known = fact_keys if len(path) > 1 else tuple(record.model_fields)
    return did_you_mean(path[-1], known) or f" The keys are {', '.join(known)}."


def _what_is_wrong(details: ErrorDetails) -> str:
    found, kind = details["input"], details["type"]
    if kind in ("float_type", "finite_number"):
        return f"{_shown(found)} is not a number. Give a plain finite number."
    if kind == "greater_than":
        return f"{_shown(found)} is not above 0. Leave the key out if there is none."
    if kind == "literal_error":
        return f"{_shown(found)} is unknown. It must be {details.get('ctx', {}).get('expected', 'another')}."
    if kind == "model_type":
        return f"{_shown(found)} has no unit and source. Write {FACT_EXAMPLE}."
    if kind == "string_pattern_mismatch":
        return f"{_shown(found)} is not spelled as it must be, {details.get('ctx', {}).get('pattern', '')}."
    if kind in ("wrong_unit", "not_whole", "no_why"):
        return details["msg"]
    if kind == "value_error":
        return details["msg"].removeprefix("Value error, ").removesuffix(".") + "."
    return f"{details['msg']}{'' if details['msg'].endswith('.') else '.'} Found {_shown(found)}."


def _shown(found: object) -> str:
    """A value as TOML spells it."""
    if isinstance(found, bool):
        return str(found).lower()
    return f'"{found}"' if isinstance(found, str) else str(found)
