"""Money: cases by hand, and what must hold whatever the inputs are."""

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
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, preset, study_of
from xl_econ.model import model_graph

CASES = tomllib.loads((Path(__file__).parent / "cases" / "money.toml").read_text("utf-8"))["case"]
ONE_REPLICA = {
    "input_tokens": 1000,
    "output_tokens": 1000,
    "throughput_from": "measured",
    "own_replica_output_tokens_per_s": 1000.0,
    "usd_per_accelerator_h_from": "own",
    "own_usd_per_accelerator_h": 1.0,
    "sizing": "replicas given",
    "given_replicas": 1,
    "given_utilisation": 1.0,
}
METHODS = ("manual", "output-only", "time-share", "price-ratio", "resource-time")
IDENTITIES = ["check_allocation", "check_invoice", "check_cost_parts", "check_demand"]
IDENTITIES += ["check_utilisation_parts", "check_break_even"]
REEVALUATED = {
    "check_half_utilisation": ("half_served_output_m_tokens_per_h", "half_bill_usd_per_h"),
    "check_twice_all_prices": ("twice_usd_per_kwh", "twice_platform_usd_per_h", "twice_hosted_tokens_usd_per_month"),
}
"""Checks that compute costs once more, and some of what stands on the way."""
IDENTITIES += REEVALUATED
PRICES = [
    "usd_per_accelerator_h",
    "engineer_usd_per_year",
    "gateway_usd_per_month",
    "storage_usd_per_month",
    "egress_usd_per_k_requests",
    "integration_usd_per_month",
    *(f"{api}_usd_per_m_{kind}_tokens" for api in ("hosted", "bought") for kind in ("input", "cached", "output")),
]


def of_inputs(**inputs: Any) -> Study:
    return study_of({"scenarios": {"Base": inputs}}, "case")


def values(study: Study, names: list[str], **given: Any) -> dict[str, float]:
    """Raw values of the first scenario, states left aside; `given` replaces quantities."""
    found = evaluate_graph(model_graph(), study.given() | given, names)
    return {name: float(np.ravel(value)[0]) for name, value in found.items()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_a_worked_case_gives_what_was_computed_by_hand(case: dict[str, Any]) -> None:
    wanted = case["expect"]
    names = [name.removesuffix("_state") for name in wanted]
    found = evaluate(of_inputs(**ONE_REPLICA | case.get("inputs", {})), names).scenarios["Base"]
    told = {name: value for name, value in wanted.items() if isinstance(value, str)}
    assert {name: found.get(name) for name in told} == told, case["why"]
    numbers = {name: value for name, value in wanted.items() if name not in told}
    assert {name: found[name] for name in numbers} == pytest.approx(numbers, rel=1e-6), case["why"]


@pytest.mark.parametrize("seed", range(40))
def test_the_identities_on_checks_hold_in_random_studies(seed: int) -> None:
    found = evaluate(random_study(seed), IDENTITIES).scenarios
    assert {name: set(checks.values()) for name, checks in found.items()} == {name: {0} for name in found}


@pytest.mark.parametrize(("check", "part"), [(check, part) for check, parts in REEVALUATED.items() for part in parts])
def test_a_cost_that_is_computed_in_another_way_is_noticed(check: str, part: str) -> None:
    study = of_inputs(procurement="own", engineer_usd_per_year=9e4, egress_usd_per_k_requests=0.05)
    assert values(study, [check]) == {check: 0}
    assert values(study, [check], **{part: 1.1 * values(study, [part])[part]}) == {check: 1}


@pytest.mark.parametrize("mode", ["aggregated", "disaggregated"])
def test_all_allocation_methods_add_to_the_same_invoice(mode: str) -> None:
    names = ["usd_per_m_tokens", "usd_per_m_input_tokens", "usd_per_m_output_tokens", "input_share"]
    found = [
        values(of_inputs(allocation=method, serving_mode=mode, cached_input_share=0.3), names) for method in METHODS
    ]
    paid = [1000 * each["usd_per_m_input_tokens"] + 300 * each["usd_per_m_output_tokens"] for each in found]
    assert paid == pytest.approx([1300 * each["usd_per_m_tokens"] for each in found])
    assert len({round(each["usd_per_m_tokens"], 9) for each in found}) == 1
    assert len({round(each["input_share"], 6) for each in found}) > 2, "and they do split it differently"


def test_all_prices_doubled_double_all_costs_and_leave_the_break_even_where_it_is() -> None:
    study = of_inputs(engineer_usd_per_year=9e4, egress_usd_per_k_requests=0.05, integration_usd_per_month=300.0)
    twice = {name: 2 * values(study, [name])[name] for name in PRICES}
    doubled = ["usd_per_month", "usd_per_k_requests", "idle_usd_per_month", "hosted_usd_per_month"]
    doubled += ["bought_usd_per_month", "usd_per_m_cached_input_tokens", "fixed_usd_per_day"]
    alike = ["break_even_m_tokens_per_day", "for_good_replicas", "gross_margin", "own_over_bought"]
    before, after = values(study, doubled + alike), values(study, doubled + alike, **twice)
    for name in doubled:
        np.testing.assert_allclose(after[name], 2 * before[name], err_msg=name)
    for name in alike:
        np.testing.assert_allclose(after[name], before[name], err_msg=name)


def test_half_the_utilisation_doubles_what_is_fixed_per_token_and_leaves_egress_as_it_is() -> None:
    study = of_inputs(**ONE_REPLICA, engineer_usd_per_year=9e4, egress_usd_per_k_requests=0.05)
    names = ["usd_per_m_tokens", "marginal_usd_per_m_tokens"]
    full, half = (values(study, names, given_utilisation=share) for share in (1.0, 0.5))
    fixed = [each["usd_per_m_tokens"] - each["marginal_usd_per_m_tokens"] for each in (full, half)]
    assert fixed[1] == pytest.approx(2 * fixed[0])


def test_spare_replicas_and_failed_requests_cost_and_sell_nothing() -> None:
    names = ["usd_per_month", "served_output_m_tokens_per_h", "hosted_usd_per_month", "utilisation"]
    plain, spare, failing = (
        values(of_inputs(**more), names) for more in ({}, {"spare_replicas": 2}, {"failed_share": 0.5})
    )
    for other in (spare, failing):
        assert other["usd_per_month"] > plain["usd_per_month"]
        np.testing.assert_allclose(other["served_output_m_tokens_per_h"], plain["served_output_m_tokens_per_h"])
        np.testing.assert_allclose(other["hosted_usd_per_month"], plain["hosted_usd_per_month"])
    assert spare["utilisation"] < plain["utilisation"]


def test_idle_hours_are_in_each_price_and_told_beside_it() -> None:
    """A fleet that is always full has the price without them."""
    names = ["usd_per_m_tokens", "idle_usd_per_m_tokens"]
    full, half = (values(of_inputs(**ONE_REPLICA | {"given_utilisation": share}), names) for share in (1.0, 0.5))
    np.testing.assert_allclose(half["usd_per_m_tokens"] - half["idle_usd_per_m_tokens"], full["usd_per_m_tokens"])
    np.testing.assert_allclose(full["idle_usd_per_m_tokens"], 0, atol=1e-12)


# --- the break-even against a search over whole replicas ---------------------------------------------

money = st.floats(0.5, 500)


def replicas_at(volume: float, carried: float) -> float:
    return max(1, np.ceil(volume / carried - 1e-9))


@settings(max_examples=60, deadline=None)
@given(carried=money, replica=money, standing=st.floats(0, 500), integration=st.floats(0, 300), price=st.floats(0.2, 9))
def test_the_closed_forms_are_what_a_search_finds(
    carried: float, replica: float, standing: float, integration: float, price: float
) -> None:
    """Below the first no volume favours own; above the second every one does, up to where steps go on alike."""
    told = {
        "replica_m_tokens_per_day": carried,
        "replica_usd_per_day": replica,
        "standing_usd_per_day": standing,
        "integration_usd_per_day": integration,
        "saved_usd_per_m_tokens": price,
    }
    names = ["break_even_m_tokens_per_day", "break_even_fault", "for_good_m_tokens_per_day", "for_good_replicas"]
    found = values(preset("standard"), names, **told)
    reach = min(found["for_good_replicas"] + 3, 60.0) * carried

    def own_gains(volume: float) -> float:
        own = standing + replicas_at(volume, carried) * replica
        return volume * price + integration - own

    grid = np.linspace(reach / 2000, reach, 2000)
    gains = np.array([own_gains(volume) for volume in grid])
    tiny = 1e-6 * (standing + integration + reach * price)
    if found["break_even_fault"] == 1:
        assert gains.max() <= tiny
    elif found["break_even_fault"] == 2:
        assert gains.min() >= -tiny
    else:
        assert gains[grid < found["break_even_m_tokens_per_day"] * (1 - 1e-9)].max(initial=-1) <= tiny
        assert abs(own_gains(found["break_even_m_tokens_per_day"])) <= tiny or found["break_even_m_tokens_per_day"] == 0
        if carried * price > replica:
            assert gains[grid > found["for_good_m_tokens_per_day"] * (1 + 1e-9)].min(initial=1) >= -tiny


def test_what_cannot_be_is_refused() -> None:
    from xl_econ.core.problems import Problems

    wrong = {
        "spare_replicas": -1,
        "failed_share": 1.0,
        "hosted_discount_share": 1.0,
        "bought_pass_rate": 0.0,
        "replica_availability_share": 0.2,
        "bought": "gpt-of-tomorrow",
    }
    with pytest.raises(Problems) as caught:
        of_inputs(**wrong)
    assert all(any(name in problem for problem in caught.value.problems) for name in wrong)
