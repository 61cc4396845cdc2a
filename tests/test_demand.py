"""Demand by hour: worked cases, the rule of the base load and the bands against a search, and what cannot be told."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studies import random_study
from test_plan import of_inputs, values
from workbooks import rounds

from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, preset, presets
from xl_econ.model.given_demand import SHARES, WEEK

CASES = tomllib.loads((Path(__file__).parent / "cases" / "demand.toml").read_text("utf-8"))["case"]
TWO_LEVELS = {name: (1 if hour < 12 else 2) / 36 for hour, name in enumerate(SHARES)}
KEPT = {"volume_capacity": "capacity kept in all hours", "minimum_replicas": 1}
PLAIN = {
    **TWO_LEVELS,
    **KEPT,
    "weekend_over_weekday": 1.0,
    "spot_share": 0.0,
    "usd_per_accelerator_h_from": "own",
    "own_usd_per_accelerator_h": 2.0,
    "reserve_term": "rent for 1 year",
    "commitment_discount": 0.5,
    "spot_discount": 0.75,
    "input_tokens": 600,
    "output_tokens": 400,
}
SERVED = {
    "served_m_requests_per_month": 60.0,
    "replica_m_requests_per_month": 10.0,
    "unit_accelerators": 2.0,
    "grid_end_replicas": 4.0,
    "platform_usd_per_h": 0.0,
    "platform_usd_per_month": 0.0,
}
MIX = ("mix_usd_per_month", "all_reserved_usd_per_month", "all_on_demand_usd_per_month")


def first(found: Any) -> Any:
    """Of a scenario, or the whole of its axis."""
    return np.atleast_1d(found)[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_demand_by_hour_is_what_is_solved_by_hand(case: dict[str, Any]) -> None:
    """A request has 1,000 tokens, so that its price in USD per M requests is a thousand times that of M tokens."""
    instead = SERVED | ({"hosted_usd_per_m_tokens": case["hosted"] / 1000} if "hosted" in case else {})
    found = values(of_inputs(PLAIN | case.get("inputs", {})), [*case["expect"], "bands_headline"], **instead)
    told = {name: first(found[name]) for name in case["expect"]}
    assert told == pytest.approx(case["expect"], rel=1e-6), case["why"]
    assert "said" not in case or first(found["bands_headline"]) == case["said"], case["why"]


# --- against a search, hour by hour ------------------------------------------------------------


def hours(found: dict[str, Any], name: str) -> list[float]:
    """All 168 hours of a week."""
    return [value for value, days in zip(found[name], WEEK["week_days"], strict=True) for _ in range(days)]


@pytest.mark.parametrize("seed", rounds(12))
def test_the_reserve_is_the_most_that_enough_hours_of_a_week_need(seed: int) -> None:
    names = ["hour_replicas", "reserved_replicas", "above_mean_replicas", "following_mean_replicas", "kept_replicas"]
    study = random_study(seed)
    for scenario, found in evaluate(study, names).scenarios.items():
        if found["reserved_replicas"] is None:
            continue
        share = study.resolved()[scenario]["reserved_hours_share"]
        needed = np.array(hours(found, "hour_replicas"))
        enough = [count for count in set(needed) if np.mean(needed >= count) >= share - 1e-9]
        assert found["reserved_replicas"] == max(enough)
        assert found["above_mean_replicas"] == pytest.approx(np.maximum(needed - max(enough), 0).mean())
        assert (found["kept_replicas"], found["following_mean_replicas"]) == (
            needed.max(),
            pytest.approx(needed.mean()),
        )


@pytest.mark.parametrize("seed", rounds(12))
def test_the_fullest_hour_needs_the_fleet_unless_it_exceeds_the_peak_of_inputs(seed: int) -> None:
    names = ["kept_replicas", "needed_replicas", "peak_excess_ratio"]
    study = random_study(seed)
    for scenario, found in evaluate(study, names).scenarios.items():
        if found["kept_replicas"] is not None:
            within = found["peak_excess_ratio"] < 1 + 1e-9
            least = max(study.resolved()[scenario]["minimum_replicas"], found["needed_replicas"])
            assert found["kept_replicas"] == least if within else found["kept_replicas"] >= least


@pytest.mark.parametrize("name", presets())
def test_with_a_flat_week_the_bands_begin_at_the_closed_break_even(name: str) -> None:
    """Whole replicas at the same volume, told by the day or by the month; but for the edge of a step."""
    for inputs in preset(name).resolved().values():
        study = of_inputs(inputs | dict.fromkeys(SHARES, 1 / 24) | {"weekend_over_weekday": 1.0, **KEPT})
        found = evaluate(study, ["break_even_m_tokens_per_day", "band_1_to_m_requests_per_month"]).scenarios["Base"]
        closed = found["break_even_m_tokens_per_day"]
        if closed:
            monthly = closed / (inputs["input_tokens"] + inputs["output_tokens"]) * 365 / 12
            assert found["band_1_to_m_requests_per_month"] == pytest.approx(monthly, rel=1e-5)


@pytest.mark.parametrize("capacity", ["capacity kept in all hours", "the base-load mix"])
@pytest.mark.parametrize("seed", rounds(8))
def test_the_grid_has_the_costs_of_a_demand_as_large(seed: int, capacity: str) -> None:
    """A volume of the grid costs what the same demand costs on its own, hour by hour."""
    study = preset("standard")
    inputs = study.resolved()["Base"] | {"volume_capacity": capacity, "spot_share": 0.3, "spare_replicas": 1}
    inputs |= {name: random_study(seed).resolved()["Base"][name] for name in SHARES}
    names = ["volume_m_requests_per_month", "volume_capacity_usd_per_month", "served_m_requests_per_month"]
    found = values(of_inputs(inputs), names)
    place = 2 * seed + 1
    volume, cost = (found[name][0][place] for name in names[:2])
    demand = inputs["demand_requests_per_s"] * volume / first(found["served_m_requests_per_month"])
    alone = values(
        of_inputs(inputs | {"demand_requests_per_s": demand}), ["usd_per_month", "kept_replicas", "replicas", *MIX]
    )
    if capacity == "the base-load mix":
        assert cost == pytest.approx(first(alone["mix_usd_per_month"]))
    elif first(alone["kept_replicas"]) + 1 == first(alone["replicas"]):
        assert cost == pytest.approx(first(alone["usd_per_month"]))


# --- what must hold, and what cannot be told ---------------------------------------------------


@pytest.mark.parametrize("seed", rounds(12))
def test_the_mix_at_its_ends_is_all_reserved_or_all_on_demand(seed: int) -> None:
    """All hours' needs reserved; or a reserve of the least, whose price is that of the hour."""
    inputs = random_study(seed).resolved()["Base"] | {"spot_share": 0.0, "usd_per_accelerator_h_from": "own"}
    inputs |= {"reserve_term": "rent for 1 year"}
    low = values(of_inputs(inputs | {"reserved_hours_share": 0.0}), [*MIX])
    assert first(low["mix_usd_per_month"]) == pytest.approx(first(low["all_reserved_usd_per_month"]))
    high = values(of_inputs(inputs | {"reserved_hours_share": 1.0, "commitment_discount": 0.0}), [*MIX])
    assert first(high["mix_usd_per_month"]) == pytest.approx(first(high["all_on_demand_usd_per_month"]))


def states(**inputs: Any) -> dict[str, Any]:
    names = ["mix_usd_per_month", "mix_headline", "bands_headline"]
    return evaluate(of_inputs(inputs), names).scenarios["Base"]


def test_a_price_that_the_catalog_lacks_is_told_where_it_is_used() -> None:
    lacking = {"accelerator": "h200-sxm", "tensor_parallel": 2, "reserve_term": "rent for 1 year"}
    found = states(**lacking)
    assert (found["mix_usd_per_month"], found["mix_headline"]) == (None, "no price in the catalog")
    assert "no price" not in found["bands_headline"], "capacity that is kept has its price"
    assert states(**lacking, volume_capacity="the base-load mix")["bands_headline"] == "no price in the catalog"
    assert states(**lacking | {"reserve_term": "owned"})["mix_usd_per_month"] > 0
    unused = {"accelerator": "gb200", "reserve_term": "rent for 3 years"}
    assert states(**unused)["mix_usd_per_month"] > 0
    assert states(**unused, spot_share=0.1)["mix_usd_per_month"] is None


def test_shares_that_do_not_add_up_are_told_and_lose_no_demand() -> None:
    names = ["check_day_shares", "check_week_demand", "check_hired_replicas", "hour_load"]
    right, twice = (values(of_inputs({**PLAIN, **shares}), names) for shares in (TWO_LEVELS, _times(TWO_LEVELS, 2)))
    assert [first(right[name]) for name in names[:3]] == [0, 0, 0]
    assert [first(twice[name]) for name in names[:3]] == [1, 0, 0]
    np.testing.assert_allclose(twice["hour_load"], right["hour_load"])


def test_a_day_without_demand_is_told_and_all_stays_finite() -> None:
    found = values(of_inputs({**PLAIN, **_times(TWO_LEVELS, 0)}), ["check_day_shares", "check_week_demand", *MIX])
    assert (first(found["check_day_shares"]), first(found["check_week_demand"])) == (1, 1)
    assert all(np.isfinite(first(found[name])) for name in MIX)


@pytest.mark.parametrize("name", presets())
def test_in_every_preset_the_hours_add_up(name: str) -> None:
    study: Study = preset(name)
    names = ["check_day_shares", "check_week_demand", "check_hired_replicas"]
    assert {tuple(found.values()) for found in evaluate(study, names).scenarios.values()} == {(0, 0, 0)}


def _times(shares: dict[str, float], factor: float) -> dict[str, float]:
    return {name: share * factor for name, share in shares.items()}
