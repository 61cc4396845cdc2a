"""The plan: worked cases of its money, what must hold in any plan, and plans that have no figure to show."""

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
from xl_econ.core.operations import rate_of_return, running_largest, running_total, total_every
from xl_econ.core.problems import Problems
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, preset, study_of
from xl_econ.model import AXES, MONTH_COUNT, model_graph

CASES = tomllib.loads((Path(__file__).parent / "cases" / "plan.toml").read_text("utf-8"))["case"]
MONTHS = MONTH_COUNT + 1
ROWS = [name for name, axis in model_graph().axes.items() if axis == "period"]
TCO = ["own_tco_usd", "rent_tco_usd", "hosted_tco_usd"]
FLAT = {"demand_growth": 0.0, "season_amplitude": 0.0}


def of_inputs(inputs: dict[str, Any]) -> Study:
    return study_of({"scenarios": {"Base": inputs}}, "case")


def values(study: Study, names: list[str], **instead: Any) -> dict[str, Any]:
    """Raw values of the first scenario, states left aside; `instead` replaces inputs or results."""
    found = evaluate_graph(model_graph(), study.given() | instead, names)
    return {
        name: np.broadcast_to(value, (1, *value.shape))[0] if value.ndim == 0 else value
        for name, value in found.items()
    }


def row(name: str, **inputs: Any) -> Any:
    """The months of a quantity in the standard plan with other inputs."""
    return np.atleast_2d(values(of_inputs(inputs), [name])[name])[0]


# --- Operations along the months ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("cash", "rate", "why"),
    [
        ([-70_000, 12_000, 15_000, 18_000, 21_000], -0.0212, "Microsoft's documentation of IRR: four years, -2.1 %"),
        ([-70_000, 12_000, 15_000, 18_000, 21_000, 26_000], 0.0866, "the same: five years, 8.7 %"),
        ([-100, 0, 121], 0.1, "by hand: 1.1 squared"),
    ],
)
def test_a_rate_of_return_is_that_of_the_documentation(cash: list[float], rate: float, why: str) -> None:
    assert rate_of_return(np.array(cash, float), 0.01) == pytest.approx(rate, abs=5e-5), why


def test_many_series_at_once_have_the_rates_that_each_has_alone() -> None:
    cash = np.random.default_rng(1).uniform(1, 30, (20, 12))
    cash[:, 0] = -90
    at_once = rate_of_return(cash, 0.01)
    assert at_once.tolist() == [rate_of_return(each, 0.01).item() for each in cash]


def test_cash_without_a_change_of_sign_has_no_rate() -> None:
    with np.errstate(all="ignore"):
        assert np.isnan(rate_of_return(np.zeros(5), 0.01))


def test_running_ones_give_something_for_each_place() -> None:
    assert running_total(np.array([[1, 2, 3], [0, -1, 5]])).tolist() == [[1, 3, 6], [0, -1, 4]]
    assert running_largest(np.array([2, 1, 5, 4])).tolist() == [2, 2, 5, 5]
    bought = np.array([4.0, 0, 1, 0, 0, 0])
    assert total_every(bought, np.arange(6), np.arange(6), 2.0).tolist() == [4, 0, 5, 0, 5, 0], "4, and 1 from place 2"


# --- Worked cases ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_cash_is_worth_what_was_published_or_solved_by_hand(case: dict[str, Any]) -> None:
    cash = np.zeros(MONTHS)
    for month, usd in case["cash"].items():
        cash[int(month)] = usd
    found = values(of_inputs(case["inputs"]), [*case["expect"]], plan_cash_usd=cash)
    assert {name: np.ravel(value)[0] for name, value in found.items()} == pytest.approx(
        case["expect"], rel=1e-5, abs=0.005
    ), case["why"]


def test_a_level_payment_is_that_of_the_documentation() -> None:
    """Microsoft's documentation of PMT: PMT(8 % / 12, 10, 10000) = -1,037.03."""
    found = values(preset("standard"), ["debt_payment_share"], debt_rate=0.08, debt_years=10 / 12)
    assert np.ravel(found["debt_payment_share"])[0] * 10_000 == pytest.approx(1037.03, abs=0.005)


# --- What holds in any plan --------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_every_month_is_a_number_and_every_check_of_the_plan_holds(seed: int) -> None:
    checks = [name for name in model_graph().by_name if name.startswith(("check_plan_", "check_equity_"))]
    found = evaluate_graph(model_graph(), random_study(seed).given(), [*ROWS, *checks])
    assert len(checks) == 6
    assert [name for name in ROWS if not np.all(np.isfinite(found[name]))] == []
    assert [name for name in checks if np.any(found[name])] == []


@pytest.mark.parametrize(
    "name", ["plan_m_tokens", "plan_rent_usd", "plan_hosted_usd", "plan_opex_usd", "plan_revenue_usd"]
)
def test_without_growth_season_and_price_paths_every_month_is_like_the_first(name: str) -> None:
    months = row(name, **FLAT, setup_usd=0.0)
    assert months[0] == 0
    np.testing.assert_allclose(months[1:], months[1])


def test_platform_and_egress_of_a_month_are_those_of_today_and_setting_up_falls_at_the_opening() -> None:
    """By hand: 8,000 USD of services; an engineer for each 16 accelerators; 0.05 USD for 1,000 requests."""
    own = {"accelerators_per_engineer": 16.0, "engineer_usd_per_year": 120_000.0, "egress_usd_per_k_requests": 0.05}
    inputs = own | {"gateway_usd_per_month": 5000.0, "storage_usd_per_month": 3000.0, "setup_usd": 70_000.0} | FLAT
    names = ["plan_platform_usd", "plan_accelerators", "plan_requests_per_s", "month_hours"]
    found = values(of_inputs(inputs), names)
    platform, accelerators, requests = (np.atleast_2d(found[name])[0] for name in names[:3])
    assert platform[0] == 70_000
    k_requests = requests[1] * np.ravel(found["month_hours"])[0] * 3600 / 1000
    assert platform[1] == pytest.approx(8000 + np.ceil(accelerators[1] / 16) * 10_000 + 0.05 * k_requests)
    supplies = ("plan_opex_usd", "plan_rent_usd")
    for name in supplies:
        np.testing.assert_allclose(
            row(name, **inputs) - row(name, **FLAT, setup_usd=0.0), platform, err_msg=f"{name} has all of it"
        )
    hosted = row("plan_hosted_usd", **FLAT, integration_usd_per_month=400.0) - row("plan_hosted_usd", **FLAT)
    np.testing.assert_allclose(hosted, [0] + [400] * (MONTHS - 1), atol=1e-6)


@given(growth=st.floats(-0.9, 9), path=st.floats(-0.9, 2), amplitude=st.floats(0, 0.9))
@settings(max_examples=25, deadline=None)
def test_the_bounds_of_growth_and_paths_keep_every_month_a_number(growth: float, path: float, amplitude: float) -> None:
    paths = dict.fromkeys(("rent_change", "hardware_change", "hosted_change", "throughput_change"), path)
    instead = paths | {"demand_growth": growth, "season_amplitude": amplitude}
    found = values(preset("standard"), ROWS, **instead)
    assert [name for name in ROWS if not np.all(np.isfinite(found[name]))] == []


def test_twice_all_prices_cost_twice_as_much_and_are_worth_twice_as_much() -> None:
    prices = [
        "accelerator_purchase_usd",
        "rent_usd_per_accelerator_h",
        "person_usd_per_year",
        "colocation_usd_per_kw_month",
        "usd_per_kwh",
        "software_usd_per_year",
        "hosted_usd_per_m_tokens",
        "setup_usd",
    ]
    names = [*TCO, "npv_usd", "equity_npv_usd"]
    once = values(preset("standard"), [*names, *prices])
    twice = values(preset("standard"), names, **{name: 2 * once[name] for name in prices})
    for name in names:
        np.testing.assert_allclose(twice[name], 2 * once[name])


def test_the_rate_of_return_is_where_the_present_value_is_nothing() -> None:
    study = preset("standard")
    sold = {"plan_revenue_usd": 2 * values(study, ["plan_revenue_usd"])["plan_revenue_usd"]}
    found = values(study, ["irr", "npv_usd"], **sold)
    valid = found["irr"] > 0
    assert np.all(valid)
    left = values(study, ["npv_usd"], wacc=found["irr"], **sold)["npv_usd"]
    np.testing.assert_allclose((left / found["npv_usd"])[valid], 0, atol=1e-9)


def test_the_three_supplies_serve_the_same_tokens_and_only_the_choice_decides_cash() -> None:
    bills = {"own": "plan_own_usd", "rent": "plan_rent_usd", "hosted API": "plan_hosted_usd"}
    for supply, bill in bills.items():
        cost = row("plan_revenue_usd", plan_supply=supply) - row("plan_cash_usd", plan_supply=supply)
        np.testing.assert_allclose(cost, row(bill, plan_supply=supply), atol=1e-6)


# --- The fleet ---------------------------------------------------------------------------------


def test_what_is_bought_is_retired_after_its_life_and_bought_again() -> None:
    found = values(of_inputs(FLAT), ["plan_bought_accelerators", "plan_owned_accelerators"], life_years=2.0)
    bought, owned = (np.atleast_2d(found[name])[0] for name in found)
    assert np.flatnonzero(bought).tolist() == [0, 24, 48]
    assert len(set(owned.tolist())) == 1


def test_orders_go_out_a_lead_time_before_purchases_and_earlier_ones_at_the_opening() -> None:
    bought, ordered = row("plan_bought_accelerators"), row("plan_ordered_accelerators", lead_months=5)
    assert ordered[0] == bought[:6].sum()
    assert ordered[1:-5].tolist() == bought[6:].tolist()
    assert ordered.sum() == bought.sum()


def test_a_fleet_grows_with_the_peak_and_keeps_what_it_has_when_demand_falls() -> None:
    falling = {"demand_growth": -0.5, "season_amplitude": 0.0}
    assert np.all(np.diff(row("plan_owned_accelerators", **falling)[:-1]) == 0)
    assert row("plan_idle_accelerators", **falling)[-1] > 0


def test_a_commitment_is_paid_whether_it_is_used_or_not() -> None:
    inputs = {"demand_growth": -0.5, "season_amplitude": 0.0, "commitment_share": 1.0, "commitment_discount": 0.0}
    rent = row("plan_rent_usd", **inputs)
    np.testing.assert_allclose(rent[1:37], rent[1])
    assert rent[37] < rent[36], "after its term only what is needed is rented"
    assert np.all(row("plan_rent_usd", **inputs, take_or_pay_share=0.0)[2:37] <= rent[2:37])


def test_beyond_a_commitment_accelerators_are_rented_by_the_hour() -> None:
    inputs = {"demand_growth": 1.0, "season_amplitude": 0.0, "commitment_share": 1.0}
    need, hourly = row("plan_accelerators", **inputs), row("plan_hourly_accelerators", **inputs)
    assert hourly[1] == 0
    assert hourly[36] == need[36] - need[1] > 0


# --- Tax and debt ------------------------------------------------------------------------------


def test_a_loss_is_earned_back_before_tax_is_paid() -> None:
    cash = np.zeros(MONTHS)
    cash[1:5] = [-100, 60, 60, 30]
    tax = values(preset("standard"), ["plan_tax_usd"], plan_ebit_usd=cash, tax_rate=0.25)["plan_tax_usd"]
    assert np.atleast_2d(tax)[0][1:5].tolist() == [0, 0, 5, 7.5]


def test_interest_shields_from_tax_and_a_loan_is_paid_back_by_its_term() -> None:
    found = values(
        of_inputs(FLAT | {"tax_rate": 0.3, "debt_share": 1.0, "debt_years": 2.0}),
        ["plan_debt_usd", "plan_tax_usd", "equity_tax_usd", "plan_interest_usd"],
    )
    debt = np.atleast_2d(found["plan_debt_usd"])[0]
    assert np.all(debt[:24] > 0) and np.all(debt[24:] == 0)
    saved = found["plan_tax_usd"].sum() - found["equity_tax_usd"].sum()
    assert saved == pytest.approx(0.3 * found["plan_interest_usd"].sum())


def test_a_loan_without_interest_is_paid_in_equal_parts() -> None:
    found = values(of_inputs(FLAT | {"debt_years": 1.0}), ["plan_payment_usd", "plan_drawn_usd"], debt_rate=0.0)
    payments, drawn = (np.atleast_2d(found[name])[0] for name in found)
    np.testing.assert_allclose(payments[1:13], drawn[0] / 12)


# --- No figure, and why ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "name", "why"),
    [
        (
            {"plan_revenue_from": "own price", "own_sold_usd_per_m_tokens": 0.01},
            "irr",
            "never pays back within the plan",
        ),
        (
            {"plan_revenue_from": "own price", "own_sold_usd_per_m_tokens": 0.01},
            "payback_months",
            "never pays back within the plan",
        ),
        ({"plan_supply": "rent", "setup_usd": 0.0}, "irr", "pays back within a month: no rate of return"),
        ({"plan_supply": "rent"}, "debt_cover", "no debt"),
        ({"debt_share": 0.0}, "debt_cover", "no debt"),
        ({"debt_share": 1.0, "setup_usd": 0.0}, "equity_irr", "pays back within a month: no rate of return"),
        (
            {"accelerator": "h800-sxm", "usd_per_accelerator_h_from": "own"},
            "npv_usd",
            "no purchase price or power in the catalog",
        ),
        ({"itl_slo_ms": 0.001}, "own_tco_usd", "costs have no result"),
    ],
)
def test_what_has_no_figure_says_why(inputs: dict[str, Any], name: str, why: str) -> None:
    found = evaluate(of_inputs(inputs), [name]).scenarios["Base"]
    assert found == {name: None, f"{name}_state": why}


def test_cash_that_turns_negative_again_has_no_single_rate() -> None:
    """The textbooks' -100, 230, -132 is worth nothing at 10 % and at 20 %."""
    cash = np.zeros(MONTHS)
    cash[[0, 1, 2]] = [-100, 230, -132]
    found = values(preset("standard"), ["return_state", "irr", "payback_months"], plan_cash_usd=cash)
    assert np.all(found["return_state"] == 5)
    np.testing.assert_allclose(found["payback_months"], 100 / 230)


def test_cash_that_turns_negative_again_has_a_rate_where_the_plan_owes_until_its_end() -> None:
    """-100, 150, -60, 100: at 53.8 % a month 153.8 are owed before the 150 come in, so that nothing is ever ahead."""
    cash = np.zeros(MONTHS)
    cash[[0, 1, 2, 3]] = [-100, 150, -60, 100]
    found = values(preset("standard"), ["return_state", "return_per_month", "plan_returned_share"], plan_cash_usd=cash)
    assert np.all(found["return_state"] == 0)
    rate = np.ravel(found["return_per_month"])[0]
    np.testing.assert_allclose(-100 * (1 + rate) ** 3 + 150 * (1 + rate) ** 2 - 60 * (1 + rate) + 100, 0, atol=1e-9)
    assert 0.5 < rate < 0.6
    assert np.all(np.ravel(found["plan_returned_share"])[:3] < 0)


def test_where_no_rate_is_found_cash_that_turns_negative_again_has_none() -> None:
    """Spreadsheets give #NUM! there; the search from 1 % a month runs away from the -300 that the plan ends with."""
    cash = np.zeros(MONTHS)
    cash[[0, 1, 2]] = [-100, 400, -600]
    with np.errstate(all="ignore"):
        assert not rate_of_return(cash, 0.01) > 0
        found = values(preset("standard"), ["return_state", "return_per_month", "irr"], plan_cash_usd=cash)
    assert np.all(found["return_state"] == 5)
    assert np.all(found["return_per_month"] == 0)
    assert np.all(found["irr"] == 0)


def test_a_plan_that_needs_no_money_has_paid_back_at_the_opening() -> None:
    found = evaluate(of_inputs({"plan_supply": "rent", "setup_usd": 0.0}), ["payback_months"])
    assert found.scenarios["Base"]["payback_months"] == 0


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("demand_growth", 1e9, "at most 900%"),
        ("rent_change", -1, "at least -90%"),
        ("wacc", -1, "at least 0%"),
        ("life_years", 0, "at least 0.5"),
        ("debt_years", 0, "at least 0.5"),
        ("lead_months", 1.5, "a whole number"),
    ],
)
def test_what_would_overflow_or_divide_by_nothing_is_refused_by_name(name: str, value: float, allowed: str) -> None:
    with pytest.raises(Problems) as refused:
        of_inputs({name: value})
    assert name in str(refused.value) and "Base" in str(refused.value)


# --- As numbers --------------------------------------------------------------------------------


def test_months_are_a_list_and_in_a_table_a_row_each() -> None:
    found = evaluate(preset("standard"), ["plan_cash_usd", "npv_usd"])
    assert len(found.scenarios["Base"]["plan_cash_usd"]) == MONTHS
    rows = [each for each in found.rows() if each["quantity"] == "plan_cash_usd"]
    assert [each["period"] for each in rows] == list(AXES["period"])
    assert {each["level"] for each in rows} == {None}
