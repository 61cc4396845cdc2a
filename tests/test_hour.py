"""An accelerator-hour: rented by term or owned by line, and the energy it draws."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import random_study

from xl_econ.core.evaluate import evaluate as evaluate_graph
from xl_econ.functions.call import call
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, StudyError, preset, presets, study_of
from xl_econ.model import model_graph
from xl_econ.model.ownership import crf, growth_over_life
from xl_econ.workbook.sheets.results import HOUR_LINES

DATA = tomllib.loads((Path(__file__).parent / "cases" / "hour.toml").read_text("utf-8"))
OWNED = "owned_usd_per_accelerator_h"
BOUGHT = ["own_accelerator_purchase_usd", "software_usd_per_year", "person_usd_per_year", "usd_per_kwh"]
PRICES = [*BOUGHT, "colocation_usd_per_kw_month"]
"""Every price that an owned hour is made of; shares follow the purchase price."""


def of_inputs(inputs: dict[str, Any]) -> Study:
    return study_of({"scenarios": {"Base": inputs}}, "deal.toml")


def hour(**inputs: Any) -> float:
    """What an owned hour costs, of the plain machine with other inputs."""
    return evaluate(of_inputs(DATA["plain"] | inputs), [OWNED]).scenarios["Base"][OWNED]


@pytest.mark.parametrize("case", DATA["case"], ids=lambda case: case["why"])
def test_a_worked_case_gives_what_was_computed_by_hand(case: dict[str, Any]) -> None:
    found = evaluate(of_inputs(DATA["plain"] | case["inputs"]), case["expect"]).scenarios["Base"]
    assert found == pytest.approx(case["expect"], rel=2e-6, abs=1e-6), case["why"]


@pytest.mark.parametrize("payment", DATA["payment"], ids=lambda payment: payment["source"])
def test_the_capital_recovery_factor_is_the_published_level_payment(payment: dict[str, Any]) -> None:
    found = payment["sum"] * call("CRF", payment["rate"], payment["periods"]).values
    digits = len(str(payment["payment"]).partition(".")[2])
    assert round(float(found), max(digits, 4 if payment["sum"] == 1 else 2)) == payment["payment"]


@pytest.mark.parametrize("alternative", ["hyperscaler", "neocloud"])
@pytest.mark.parametrize("anchor", DATA["anchor"], ids=lambda anchor: anchor["accelerator"])
def test_an_owned_hour_is_near_what_others_say(anchor: dict[str, Any], alternative: str) -> None:
    inputs = {"accelerator": anchor["accelerator"], "host_share": anchor["host_share"]}
    found = evaluate(of_inputs(DATA["anchor_inputs"][alternative] | inputs), [OWNED]).scenarios["Base"][OWNED]
    assert found == pytest.approx(anchor[alternative], rel=anchor["within"]), anchor["why"]


# --- what must hold whatever the inputs are --------------------------------------------------------------

RATES, LIVES = st.floats(0, 1), st.floats(1, 30)


def recovery(wacc: float, life_years: float) -> float:
    return float(crf(wacc, growth_over_life(wacc, life_years, 1), 1, life_years, 1e-9))


@given(RATES, LIVES)
@settings(derandomize=True, deadline=None)
def test_level_payments_are_worth_the_sum_that_they_repay(wacc: float, life_years: float) -> None:
    """A whole number of payments at the ends of years, discounted one by one."""
    years = np.arange(1, int(life_years) + 1)
    assert np.sum(recovery(wacc, int(life_years)) / (1 + wacc) ** years) == pytest.approx(1, rel=1e-5)


@given(RATES, LIVES)
@settings(derandomize=True, deadline=None)
def test_a_payment_lies_above_interest_and_above_the_straight_line(wacc: float, life_years: float) -> None:
    found = recovery(wacc, life_years)
    assert found > wacc
    assert found >= 1 / life_years * (1 - 1e-6)


def test_without_interest_it_is_the_straight_line_and_little_interest_changes_little() -> None:
    assert recovery(0, 4) == 0.25
    assert recovery(1e-8, 4) == pytest.approx(0.25, rel=1e-6)


def test_all_prices_doubled_double_the_owned_hour() -> None:
    extra = {"staff_per_mw": 3.0, "software_usd_per_year": 400.0, "maintenance_share_per_year": 0.05, "wacc": 0.1}
    extra |= {"housing": "colocation, power metered", "insurance_share_per_year": 0.01}
    study = of_inputs(DATA["plain"] | extra)
    once = evaluate_graph(model_graph(), study.given(), [*PRICES, OWNED])
    twice = evaluate_graph(model_graph(), study.given() | {name: 2 * once[name] for name in PRICES}, [OWNED])
    np.testing.assert_allclose(twice[OWNED], 2 * once[OWNED])


def test_twice_the_life_without_interest_halves_the_capital() -> None:
    names = ["owned_capital_usd_per_accelerator_h"]
    short, long = (evaluate(of_inputs(DATA["plain"] | {"life_years": years}), names) for years in (4.0, 8.0))
    assert short.scenarios["Base"][names[0]] == pytest.approx(2 * long.scenarios["Base"][names[0]])


def test_half_the_availability_doubles_the_hour() -> None:
    assert hour(availability=0.5) == pytest.approx(2 * hour(availability=1.0))


@pytest.mark.parametrize(
    ("name", "less", "more"),
    [
        ("wacc", 0.05, 0.15),
        ("host_share", 0.0, 0.2),
        ("usd_per_kwh", 0.05, 0.2),
        ("pue", 1.1, 1.5),
        ("given_utilisation", 0.2, 0.9),
        ("own_rated_kw", 0.7, 1.4),
    ],
)
def test_an_owned_hour_rises_with(name: str, less: float, more: float) -> None:
    assert hour(**{name: more}) > hour(**{name: less})


@pytest.mark.parametrize(("name", "less", "more"), [("life_years", 3.0, 6.0), ("residual_share", 0.0, 0.3)])
def test_an_owned_hour_falls_with(name: str, less: float, more: float) -> None:
    assert hour(wacc=0.1, **{name: more}) < hour(wacc=0.1, **{name: less})


@pytest.mark.parametrize("seed", range(20))
def test_lines_add_up_and_pay_for_what_is_bought_and_run(seed: int) -> None:
    found = evaluate_graph(model_graph(), random_study(seed).given(), [*HOUR_LINES, OWNED, "check_owned_hour"])
    np.testing.assert_allclose(sum(found[name] for name in HOUR_LINES), found[OWNED], rtol=1e-9, atol=1e-12)
    assert not np.any(found["check_owned_hour"])


def test_the_check_of_an_owned_hour_finds_a_line_that_is_lost() -> None:
    wrong = study_of({"scenarios": {"Base": {}}}, "deal.toml").given() | {OWNED: 1.9}
    assert np.all(evaluate_graph(model_graph(), wrong, ["check_owned_hour"])["check_owned_hour"] == 1)


@pytest.mark.parametrize("name", presets())
def test_presets_rent_on_demand_so_that_owning_moves_nothing_of_them(name: str) -> None:
    names = ["usd_per_accelerator_h", "usd_per_m_tokens"]
    given = preset(name).given()
    other = given | {"wacc": 0.3, "life_years": 2.0, "usd_per_kwh": 1.0}
    before, after = (evaluate_graph(model_graph(), each, names) for each in (given, other))
    assert all(np.array_equal(before[each], after[each]) for each in names)


def test_a_provider_sells_at_the_rent_also_where_the_fleet_is_owned() -> None:
    rented, owned = (
        evaluate(of_inputs({"procurement": way}), ["provider_result_usd"]).scenarios["Base"] for way in ("rent", "own")
    )
    assert rented == owned


def test_along_the_curve_the_price_is_that_of_the_chosen_point() -> None:
    """Owned, idle power differs along the curve, but its rows count the one price that the bill has."""
    found = evaluate_graph(model_graph(), of_inputs({"procurement": "own"}).given(), ["level_usd_per_h"])
    names = ["level_accelerators", "usd_per_accelerator_h"]
    parts = evaluate_graph(model_graph(), of_inputs({"procurement": "own"}).given(), names)
    np.testing.assert_allclose(found["level_usd_per_h"], parts[names[0]] * parts[names[1]][..., np.newaxis])


# --- what is absent, and what is refused -----------------------------------------------------------------


def test_what_the_catalog_lacks_has_its_state_in_words() -> None:
    """Rented at an own price, so that the study is valid; owning it cannot be told."""
    base = {"accelerator": "tpu-v6e", "usd_per_accelerator_h_from": "own", "tensor_parallel": 8}
    found = evaluate(of_inputs(base), [OWNED, "kwh_per_m_tokens", "usd_per_m_tokens"]).scenarios["Base"]
    assert found[OWNED] is found["kwh_per_m_tokens"] is None
    assert found[f"{OWNED}_state"] == found["kwh_per_m_tokens_state"] == "no rated power in the catalog"
    assert found["usd_per_m_tokens"] > 0


BAD = {
    "a life of 0": ({"life_years": 0.0}, ["life_years", "0.0", "at least 1"]),
    "a WACC of -100 %": ({"wacc": -1.0}, ["wacc", "-1.0", "at least 0"]),
    "a WACC in percent": ({"wacc": 10.0}, ["wacc", "at most 1"]),
    "no availability": ({"availability": 0.0}, ["availability", "above 0"]),
    "a currency of no worth": ({"currency_per_usd": 0.0}, ["currency_per_usd", "above 0"]),
    "an unknown currency": ({"currency": "euro"}, ["currency", "EUR"]),
    "a term without a rent": ({"rent_term": "1 year", "accelerator": "b200-sxm"}, ["b200-sxm (1 year)", "rent_term"]),
    "owned without a purchase price": (
        {"procurement": "own", "accelerator": "l4", "tensor_parallel": 8},
        ["no purchase price of l4", "own_accelerator_purchase_usd"],
    ),
    "owned without a power": (
        {"procurement": "own", "accelerator": "tpu-v6e", "tensor_parallel": 8},
        ["no power of tpu-v6e", "own_rated_kw"],
    ),
}


@pytest.mark.parametrize("specimen", BAD, ids=str)
def test_bad_input_is_refused_with_scenario_and_input(specimen: str) -> None:
    inputs, said = BAD[specimen]
    with pytest.raises(StudyError) as caught:
        of_inputs(inputs)
    message = str(caught.value)
    assert all(part in message for part in ["deal.toml: scenarios.Base", *said]), message
