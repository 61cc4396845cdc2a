"""Price lists of hosted APIs as records of a study's own: from genai-prices where it is installed, else as shipped.

genai-prices (MIT licence) is the extra `hosted`. Its prices hold from a day on, or at certain hours; each becomes a
record whose id carries its day, so that a later list adds records and changes none.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from typing import Any, cast

from xl_econ.catalog.load import load_catalog
from xl_econ.catalog.messages import nearest_of
from xl_econ.core.problems import Problems
from xl_econ.inputs.own_catalog import LONGEST_ID, fields_of, record_value
from xl_econ.inputs.spelling import toml_text, toml_value

PACKAGE = "genai-prices"
PRICES = {
    "input_usd_per_m_tokens": "input_mtok",
    "cached_input_usd_per_m_tokens": "cache_read_mtok",
    "output_usd_per_m_tokens": "output_mtok",
}
"""Our fields by what genai-prices calls them."""
Records = dict[str, dict[str, float | str]]


def hosted_prices(provider: str, model: str, day: date) -> tuple[Records, str]:
    """The prices of a provider's models whose id holds `model`, at a day, by id; and where they come from.

    Raises Problems where the list has no such provider or model.
    """
    installed = _installed()
    if installed is None:
        return _shipped(provider, model), f"the shipped catalog ({PACKAGE} is not installed)"
    return _listed(installed, provider, model, day), f"{PACKAGE} {installed}, read at {day.isoformat()}"


def as_toml(records: Records, source: str) -> str:
    """The records as a study holds them, with where they come from."""
    lines = [f"# From {source}."]
    for id, fields in records.items():
        lines += ["", f"[catalog.hosted.{toml_text(id)}]"]
        lines += [f"{field} = {toml_value(value)}" for field, value in fields.items()]
    return "\n".join(lines) + "\n"


def _installed() -> str | None:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return None


def _shipped(provider: str, model: str) -> Records:
    hosted = load_catalog().hosted
    apis = {id: api for id, api in hosted.items() if api.provider == provider}
    _stop_if_none(apis, f"provider {provider!r}", provider, {api.provider for api in hosted.values()})
    found = [id for id, api in apis.items() if model.lower() in api.name.lower()]
    _stop_if_none(found, f"model {model!r} of {provider}", model, {api.name for api in apis.values()})
    return {id: {field: record_value("hosted", id, field, {}) for field in fields_of("hosted")} for id in found}


def _listed(installed: str, provider: str, model: str, day: date) -> Records:
    providers = {each.id: each for each in _snapshot().providers}
    _stop_if_none([id for id in providers if id == provider], f"provider {provider!r}", provider, set(providers))
    models = {each.id: each for each in providers[provider].models}
    found = [models[model]] if model in models else [each for id, each in models.items() if model.lower() in id.lower()]
    _stop_if_none(found, f"model {model!r} of {provider}", model, set(models))
    listed = [record for each in found for record in _records(provider, each, day)]
    records = dict(listed)
    if len(records) < len(listed):
        raise Problems([f"several models of {provider} would share an id. Name one: {', '.join(m.id for m in found)}."])
    _stop_if_none(records, f"price per token for {model!r} of {provider} at {day}", model, set(models))
    return records


def _snapshot() -> Any:
    return importlib.import_module("genai_prices.data_snapshot").get_snapshot()


def _records(provider: str, model: Any, day: date) -> Iterator[tuple[str, dict[str, float | str]]]:
    """The price that holds at a day, and those of certain hours."""
    entries = _conditional(model.prices)
    windows = [entry for entry in entries if hasattr(entry.constraint, "start_time")]
    started = [entry for entry in entries if entry not in windows and _start(entry, day) <= day]
    latest = max(started, key=lambda entry: _start(entry, date.min), default=None)
    usual, since = (latest.prices, _start(latest, day)) if latest else (model.prices, day)
    if latest or not entries:
        yield from _record(provider, model.id, ", other hours" if windows else "", usual, since)
    for entry in windows:
        hours = f"{entry.constraint.start_time:%H:%M} to {entry.constraint.end_time:%H:%M} UTC"
        yield from _record(provider, model.id, f", {hours}", entry.prices, day)


def _conditional(prices: Any) -> list[Any]:
    """Prices that each hold from a day on or at certain hours; none where there is one price for all."""
    return cast(list[Any], prices) if isinstance(prices, list) else []


def _start(entry: Any, otherwise: date) -> date:
    """The day from which on a price holds."""
    return getattr(entry.constraint, "start_date", otherwise)


def _record(
    provider: str, model: str, when: str, prices: Any, since: date
) -> Iterator[tuple[str, dict[str, float | str]]]:
    """One price, if it has input and output; of prices in tiers the first."""
    found = {field: _usd(getattr(prices, theirs, None)) for field, theirs in PRICES.items()}
    if found["input_usd_per_m_tokens"] and found["output_usd_per_m_tokens"]:
        known = {field: value for field, value in found.items() if value}
        slug = re.sub(r"[^a-z0-9.]+", "-", f"{provider}-{model}{when}".lower()).strip("-")
        ending = f"-{since.isoformat()}"
        yield (
            f"{slug[: LONGEST_ID - len(ending)]}{ending}",
            {"name": f"{model}{when}", "date": since.isoformat(), **known},
        )


def _usd(price: Any) -> float:
    return float(getattr(price, "base", price) or 0)


def _stop_if_none(found: Any, what: str, word: str, known: set[str]) -> None:
    if not found:
        near = nearest_of(word, sorted(known))
        hint = (
            f" Did you mean {', '.join(near)}?" if near else f" It has {', '.join(sorted(known)[:10])}, among others."
        )
        raise Problems([f"the price list has no {what}.{hint}"])
