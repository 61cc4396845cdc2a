"""Capacity: what a fleet still carries, when it is short, what a commitment loses; and the range of each cost."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studies import random_study
from test_plan import FLAT, of_inputs, values
from workbooks import rounds

from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, preset
from xl_econ.model.bounds import BOUNDED

CASES = tomllib.loads((Path(__file__).parent / "cases" / "capacity.toml").read_text("utf-8"))["case"]
PLAIN = {
    **FLAT,
    "sizing": "from demand",
    "demand_requests_per_s": 5.0,
    "peak_to_average": 1.0,
    "headroom": 0.0,
    "spare_replicas": 0,
    "replica_availability_share": 1.0,
    "failed_share": 0.0,
    "throughput_change": 0.0,
}
REPLICA = {"unit_requests_per_s": 2.0, "unit_accelerators": 4.0}
PRICES = {"rent_usd_per_accelerator_h": 4.0, "owned_usd_per_accelerator_h": 2.0}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_capacity_is_what_is_solved_by_hand(case: dict[str, Any]) -> None:
    study = of_inputs(PLAIN | case.get("inputs", {}))
    found = values(study, [*case["expect"]], **REPLICA, **PRICES)
    assert {name: np.ravel(value)[0] for name, value in found.items()} == pytest.approx(case["expect"]), case["why"]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"demand_growth": 1.0, "lead_months": 3}, "Short of 4 accelerators from month 4: order by month 1"),
        ({"demand_growth": 1.0, "lead_months": 9}, "Short of 4 accelerators from month 4: the order is 5 months late"),
        ({}, "not short within the plan"),
    ],
)
def test_a_sentence_says_by_when_to_order(inputs: dict[str, Any], said: str) -> None:
    assert np.ravel(values(of_inputs(PLAIN | inputs), ["order_headline"], **REPLICA)["order_headline"])[0] == said


# --- The range of costs ------------------------------------------------------------------------


@pytest.mark.parametrize("seed", rounds(30))
def test_a_faster_replica_never_costs_more(seed: int) -> None:
    study = random_study(seed)
    names = [f"{percentile}{name}" for name in BOUNDED for percentile in ("p10_", "", "p90_")]
    for found in evaluate(study, names).scenarios.values():
        for name in BOUNDED:
            low, figure, high = (found[f"{percentile}{name}"] for percentile in ("p10_", "", "p90_"))
            told = [value for value in (low, figure, high) if value is not None]
            assert told == pytest.approx(sorted(told), rel=1e-9), name


@pytest.mark.parametrize(
    ("study", "why"),
    [
        (preset("article-405b"), "the article knows no spread"),
        (of_inputs({"throughput_from": "measured", "own_replica_output_tokens_per_s": 2000.0}), "it is measured"),
    ],
    ids=["article", "measured"],
)
def test_what_is_no_prediction_has_no_range(study: Study, why: str) -> None:
    found = next(
        iter(
            evaluate(
                study, ["p10_usd_per_m_tokens", "p90_usd_per_m_tokens", "usd_per_m_tokens_range"]
            ).scenarios.values()
        )
    )
    assert found["p10_usd_per_m_tokens"] == found["p90_usd_per_m_tokens"], why
    assert found["usd_per_m_tokens_range"] == "the same from P10 to P90"


def test_with_a_fleet_of_given_size_a_million_tokens_costs_as_much_less_as_throughput_is_more() -> None:
    study = of_inputs(
        {
            "sizing": "replicas given",
            "given_replicas": 4,
            "engineer_usd_per_year": 0.0,
            "gateway_usd_per_month": 0.0,
            "storage_usd_per_month": 0.0,
        }
    )
    found = values(study, ["usd_per_m_tokens", "p10_usd_per_m_tokens", "rate_p90_factor"], egress_usd_per_h=0.0)
    low, figure, factor = (
        np.ravel(found[name])[0] for name in ("p10_usd_per_m_tokens", "usd_per_m_tokens", "rate_p90_factor")
    )
    assert low == pytest.approx(figure / factor)
