"""Price lists: dated records for a study, from genai-prices where it is installed, else from the shipped catalog."""

from __future__ import annotations

import sys
import tomllib
from datetime import date, time
from decimal import Decimal
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from xl_econ.cli import app
from xl_econ.core.problems import Problems
from xl_econ.inputs import price_list
from xl_econ.inputs.price_list import as_toml, hosted_prices
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import study_of

DAY = date(2026, 11, 23)


def prices(usd_in: Any, usd_out: str | None, cached: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(
        input_mtok=Decimal(usd_in) if isinstance(usd_in, str) else usd_in,
        output_mtok=usd_out and Decimal(usd_out),
        cache_read_mtok=cached and Decimal(cached),
    )


def from_day(year: int, month: int, day: int) -> SimpleNamespace:
    return SimpleNamespace(start_date=date(year, month, day))


def held(constraint: Any, what: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(constraint=constraint, prices=what)


NIGHT = SimpleNamespace(start_time=time(16, 30), end_time=time(0, 30))
MODELS = [
    SimpleNamespace(id="plain-1", prices=prices("2", "8", "0.5")),
    SimpleNamespace(id="tiered-1", prices=prices(SimpleNamespace(base=Decimal("3")), "9")),
    SimpleNamespace(
        id="falling-1",
        prices=[
            held(None, prices("4", "12")),
            held(from_day(2026, 8, 1), prices("3", "10")),
            held(from_day(2027, 1, 1), prices("1", "5")),
        ],
    ),
    SimpleNamespace(id="night-1", prices=[held(None, prices("2", "6")), held(NIGHT, prices("1", "3"))]),
    SimpleNamespace(id="images-1", prices=prices("2", None)),
]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A price list as genai-prices has it."""
    snapshot = SimpleNamespace(providers=[SimpleNamespace(id="vendor", models=MODELS)])
    module = ModuleType("genai_prices.data_snapshot")
    module.get_snapshot = lambda: snapshot  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "genai_prices", ModuleType("genai_prices"))
    monkeypatch.setitem(sys.modules, "genai_prices.data_snapshot", module)
    monkeypatch.setattr(price_list, "version", lambda name: "1.2.3")


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_there(name: str) -> str:
        raise price_list.PackageNotFoundError(name)

    monkeypatch.setattr(price_list, "version", not_there)


CASES = {
    "plain": {"vendor-plain-1-2026-11-23": (2, 8, "it holds on the day that it is read")},
    "tiered": {"vendor-tiered-1-2026-11-23": (3, 9, "the first tier")},
    "falling": {"vendor-falling-1-2026-08-01": (3, 10, "the latest that holds already, with the day it began")},
    "night": {
        "vendor-night-1-other-hours-2026-11-23": (2, 6, "outside of the window"),
        "vendor-night-1-16-30-to-00-30-utc-2026-11-23": (1, 3, "within it"),
    },
}


@pytest.mark.parametrize("model", CASES)
def test_each_price_becomes_a_dated_record(installed: None, model: str) -> None:
    records, source = hosted_prices("vendor", model, DAY)
    found = {
        id: (record["input_usd_per_m_tokens"], record["output_usd_per_m_tokens"]) for id, record in records.items()
    }
    assert found == {id: expected[:2] for id, expected in CASES[model].items()}
    assert source == "genai-prices 1.2.3, read at 2026-11-23"
    assert all(id.endswith(str(record["date"])) for id, record in records.items())


def test_a_study_takes_what_is_printed(installed: None) -> None:
    text = as_toml(*hosted_prices("vendor", "plain", DAY))
    study = study_of(
        tomllib.loads(text) | {"scenarios": {"Base": {"hosted": "vendor-plain-1-2026-11-23"}}}, "study.toml"
    )
    found = evaluate(study, ["hosted_usd_per_m_tokens", "hosted_date"]).scenarios["Base"]
    assert found == {"hosted_usd_per_m_tokens": pytest.approx((1000 * 2 + 300 * 8) / 1300), "hosted_date": "2026-11-23"}


@pytest.mark.parametrize(
    ("provider", "model", "message"),
    [
        ("vendr", "plain", "no provider 'vendr'. Did you mean vendor?"),
        ("vendor", "plane-1", "no model 'plane-1' of vendor. Did you mean plain-1"),
        ("vendor", "images", "no price per token for 'images' of vendor"),
    ],
)
def test_what_the_list_has_not_is_told(installed: None, provider: str, model: str, message: str) -> None:
    with pytest.raises(Problems, match=message):
        hosted_prices(provider, model, DAY)


def test_without_the_package_the_shipped_prices_are_given(missing: None) -> None:
    records, source = hosted_prices("together", "llama-3.3", DAY)
    assert records["together-llama-3.3-70b-2025-07-03"]["input_usd_per_m_tokens"] == 0.88
    assert "not installed" in source


def test_the_command_prints_records_or_says_what_is_wrong(missing: None) -> None:
    printed = CliRunner().invoke(app, ["hosted-prices", "openai", "gpt-5"])
    assert printed.exit_code == 0
    assert "openai-gpt-5-2025-11-13" in tomllib.loads(printed.stdout)["catalog"]["hosted"]
    assert CliRunner().invoke(app, ["hosted-prices", "nobody", "gpt-5"]).exit_code == 2


def test_the_real_list_reads_the_same_way() -> None:
    pytest.importorskip("genai_prices")
    records, _ = hosted_prices("openai", "gpt-4o", DAY)
    assert records["openai-gpt-4o-2026-11-23"]["output_usd_per_m_tokens"] > 0
