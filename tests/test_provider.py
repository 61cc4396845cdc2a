"""The GPU cloud and the value chain: worked cases, what must hold in any study, and clouds without a figure."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studies import random_study

from xl_econ.core.evaluate import evaluate as evaluate_graph
from xl_econ.core.problems import Problems
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, preset, study_of
from xl_econ.model import AXES, model_graph
from xl_econ.workbook.fill import filled
from xl_econ.workbook.layout import FIRST_COLUMN, letters
from xl_econ.workbook.provider_cells import CHAIN, CHART_ROWS, STEPS
from xl_econ.workbook.sheets import sheet_names
from xl_econ.workbook.sheets.provider import CHARTS

DATA = tomllib.loads((Path(__file__).parent / "cases" / "provider.toml").read_text("utf-8"))
ROWS = [name for name, axis in model_graph().axes.items() if axis == "year"]
CHECKS = [name for name in model_graph().by_name if name.startswith(("check_cloud_", "check_chain"))]
BREAK_EVEN = "cloud_break_even_usd_per_h"
SEEDS = range(40)


def of_inputs(inputs: dict[str, Any]) -> Study:
    return study_of({"scenarios": {"Base": inputs}}, "deal.toml")


def found_in(inputs: dict[str, Any], names: list[str]) -> dict[str, Any]:
    return evaluate(of_inputs(inputs), names).scenarios["Base"]


def values(study: Study, names: list[str], **instead: Any) -> dict[str, Any]:
    """Raw values of all scenarios, states left aside; `instead` replaces inputs or results."""
    return evaluate_graph(model_graph(), study.given() | instead, names)


# --- Worked cases ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", DATA["case"], ids=lambda case: case["why"])
def test_a_worked_case_gives_what_was_computed_by_hand(case: dict[str, Any]) -> None:
    found = found_in(DATA["plain"] | case["inputs"], [*case["expect"]])
    assert found == pytest.approx(case["expect"], rel=1e-7, abs=1e-6), case["why"]


@pytest.mark.parametrize("case", DATA["years"], ids=lambda case: case["why"])
def test_the_years_of_a_worked_case_are_those_computed_by_hand(case: dict[str, Any]) -> None:
    found = found_in(DATA["plain"] | case["inputs"], [*case["expect"]])
    for name, years in case["expect"].items():
        later = [0] * (len(AXES["year"]) - len(years))
        assert found[name] == pytest.approx([*years, *later], rel=1e-5, abs=1e-6), f"{name}: {case['why']}"


# --- What holds in any study -------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_every_year_is_a_number_and_every_check_holds(seed: int) -> None:
    found = values(random_study(seed), [*ROWS, *CHAIN, *CHECKS])
    assert len(CHECKS) == 6
    assert [name for name in [*ROWS, *CHAIN] if not np.all(np.isfinite(found[name]))] == []
    assert [name for name in CHECKS if np.any(found[name])] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_at_the_break_even_rent_the_years_are_worth_nothing(seed: int) -> None:
    study = random_study(seed)
    rent = values(study, [BREAK_EVEN])[BREAK_EVEN]
    found = values(study, ["cloud_npv_usd", "cloud_costs_usd", "cloud_state"], rent_usd_per_accelerator_h=rent)
    sells = found["cloud_state"] < 1
    np.testing.assert_allclose((found["cloud_npv_usd"] / np.maximum(found["cloud_costs_usd"], 1))[sells], 0, atol=1e-9)


def test_the_shares_of_a_dollar_of_tokens_add_up_to_it() -> None:
    found = values(preset("standard"), [*CHAIN])
    np.testing.assert_allclose(sum(found.values()), 1)


def test_the_more_hours_are_sold_and_the_less_rents_fall_the_lower_is_the_break_even() -> None:
    def rents(name: str, *steps: float) -> list[float]:
        return [found_in({name: step}, [BREAK_EVEN])[BREAK_EVEN] for step in steps]

    for found in (rents("provider_sold_share", 0.2, 0.5, 0.9), rents("rent_change", -0.3, 0.0, 0.2)):
        assert found == sorted(found, reverse=True)


def test_twice_the_prices_of_all_that_is_bought_and_sold_is_twice_the_worth() -> None:
    prices = {"own_usd_per_accelerator_h": 3.0, "usd_per_kwh": 0.1, "own_accelerator_purchase_usd": 20_000.0}
    base, twice = DATA["plain"] | prices, DATA["plain"] | {name: 2 * price for name, price in prices.items()}
    once, double = (found_in(inputs, ["cloud_npv_usd", BREAK_EVEN]) for inputs in (base, twice))
    assert double == pytest.approx({name: 2 * value for name, value in once.items()})


@pytest.mark.parametrize("seed", range(12))
def test_without_debt_and_tax_equity_has_what_the_project_has(seed: int) -> None:
    names = [f"cloud_{part}{name}" for name in ("npv_usd", "irr", "return_state") for part in ("", "equity_")]
    alike = {"cloud_debt_share": 0.0, "tax_rate": 0.0, "cost_of_equity": 0.09, "wacc": 0.09}
    found = values(random_study(seed), names, **alike)
    for name in ("npv_usd", "irr", "return_state"):
        np.testing.assert_allclose(found[f"cloud_equity_{name}"], found[f"cloud_{name}"], rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("place", [0, 1])
def test_each_cell_of_the_table_is_the_break_even_of_a_cloud_with_its_heads(place: int) -> None:
    """In random studies whose cloud has a result."""
    found = (random_study(seed) for seed in range(100))
    valid = (study for study in found if values(study, ["cloud_state"])["cloud_state"][0] == 0)
    study = next(itertools.islice(valid, place, None))
    cells, top = filled(study)["Provider"], CHARTS + 2 * CHART_ROWS + 1

    def cell(row: int, column: int) -> Any:
        return cells[f"{letters(column)}{row + 1}"].value

    for row in range(top + 2, top + 2 + STEPS):
        for column in range(FIRST_COLUMN, FIRST_COLUMN + STEPS):
            instead = {"provider_sold_share": cell(row, 1), "rent_change": cell(top, column)}
            assert cell(row, column) == pytest.approx(values(study, [BREAK_EVEN], **instead)[BREAK_EVEN][0])


def test_the_core_workbook_has_no_such_sheet() -> None:
    assert "Provider" in sheet_names(full=True)
    assert "Provider" not in sheet_names(full=False)


# --- Clouds without a figure -------------------------------------------------------------------

NO_SALE = "no rent in the catalog, or no hour sold"
ABSENT: list[tuple[dict[str, Any], str, str]] = [
    ({"provider_sold_share": 0.0}, BREAK_EVEN, NO_SALE),
    ({"provider_sold_share": 0.0}, "chain_cloud_share", NO_SALE),
    ({"cloud_start_months": 12, "cloud_life_years": 1, "cloud_term_years": 1}, "cloud_npv_usd", NO_SALE),
    (
        {"rent_term": "3 years", "accelerator": "l40s", "procurement": "own", "accelerator_purchase_usd_from": "own"},
        "cloud_npv_usd",
        NO_SALE,
    ),
    ({"own_usd_per_accelerator_h": 0.1}, "cloud_irr", "never pays back within the plan"),
    ({"own_usd_per_accelerator_h": 0.1}, "cloud_payback_years", "never pays back within the plan"),
    ({"own_usd_per_accelerator_h": 0.1}, "cloud_equity_irr", "never pays back within the plan"),
    (
        {"own_usd_per_accelerator_h": 30.0, "cloud_debt_share": 1.0},
        "cloud_equity_irr",
        "pays back within a month: no rate of return",
    ),
    ({"accelerator": "l40s"}, "cloud_equity_npv_usd", "no purchase price or power in the catalog"),
    ({"accelerator": "l40s"}, "cloud_npv_usd", "no purchase price or power in the catalog"),
    (
        {"own_accelerator_purchase_usd": 0.0, "accelerator_purchase_usd_from": "own"},
        "cloud_irr",
        "pays back within a month: no rate of return",
    ),
]


@pytest.mark.parametrize(("inputs", "name", "why"), ABSENT, ids=[f"{each[1]}: {each[2]}" for each in ABSENT])
def test_what_has_no_figure_says_why(inputs: dict[str, Any], name: str, why: str) -> None:
    own = {"usd_per_accelerator_h_from": "own"} if "own_usd_per_accelerator_h" in inputs else {}
    study, state = of_inputs(own | inputs), model_graph()[name].state
    assert evaluate(study, [name]).scenarios["Base"][name] is None
    assert evaluate(study, [f"{state}_label"]).scenarios["Base"][f"{state}_label"] == why
    assert np.all(np.isfinite(values(study, [name])[name]))


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"cloud_life_years": 0}, "cloud_life_years.*at least 1"),
        ({"cloud_life_years": 8}, "cloud_life_years.*at most 7"),
        ({"provider_sold_share": 1.2}, "provider_sold_share.*at most 1"),
        ({"rent_change": -1.5}, "rent_change.*at least -0.9"),
        ({"credit_loss_share": 1.0}, "credit_loss_share.*at most 0.9|credit_loss_share.*at most 1"),
        (
            {"cloud_term_years": 6, "cloud_life_years": 4},
            "cloud_term_years is 6.*in service for 4 years. Use 4 at most",
        ),
    ],
    ids=[
        "no life",
        "a life beyond the sheet",
        "more than all hours",
        "rents below 0",
        "all is lost",
        "too long a term",
    ],
)
def test_impossible_clouds_are_refused_with_what_to_do(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(Problems, match=message):
        evaluate(of_inputs(inputs), ["cloud_npv_usd"])
