"""Studies: inheritance, TOML in and out, and every kind of bad input with its remedy, all at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import random_study

from xl_econ.catalog.assumptions import Assumption, assumptions, records_of
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.scenario import Scenario, decided
from xl_econ.inputs.study import Study, StudyError, load_study, preset, presets, standard_values, study_of, to_toml
from xl_econ.model import HEADLINES

BASE: dict[str, Any] = {"llm": "llama-3.1-8b", "tensor_parallel": 1}


def problems_of(scenarios: Any, **more: Any) -> str:
    with pytest.raises(StudyError) as caught:
        study_of({"scenarios": scenarios} | more, "deal.toml")
    return str(caught.value)


# Each specimen: what is given to the base, and what the message must name.
BAD_INPUTS = {
    "an unknown LLM, with the nearest names": ({"llm": "llama-3.1-8"}, ["Base.llm", "Did you mean llama-3.1-8b"]),
    "an unknown accelerator": ({"accelerator": "h100"}, ["Base.accelerator", "h100-sxm"]),
    "an unknown key, with the nearest": ({"tensor_paralel": 2}, ["no such input", "tensor_parallel"]),
    "a negative price": ({"own_usd_per_accelerator_h": -1.0}, ["-1.0", "at least 0", "USD/h"]),
    "not a number": ({"utilisation": float("nan")}, ["no such input", "given_utilisation"]),
    "NaN": ({"given_utilisation": float("nan")}, ["nan", "above 0"]),
    "infinity": ({"itl_slo_ms": float("inf")}, ["inf", "in ms"]),
    "text for a number": ({"input_tokens": "1000"}, ["'1000'", "a whole number"]),
    "true for a number": ({"headroom": True}, ["True", "a number"]),
    "a fraction of a token": ({"input_tokens": 10.5}, ["10.5", "a whole number"]),
    "a share above one": ({"provider_sold_share": 1.2}, ["1.2", "at most 1"]),
    "TP that does not divide the heads": ({"tensor_parallel": 6}, ["32 attention heads", "Use 1, 2, 4, 8, 16 or 32"]),
    "an LLM that does not fit": ({"llm": "llama-3.1-405b"}, ["does not fit", "at least 6 accelerators", "Raise"]),
    "data-parallel attention without experts": ({"data_parallel": 2}, ["no experts", "more replicas"]),
    "an accelerator without a rent": ({"accelerator": "gaudi3"}, ["no rent for gaudi3", "own_usd_per_accelerator_h"]),
    "pools without accelerators": (
        {"serving_mode": "disaggregated", "prefill_accelerators": 0},
        ["a pool has no accelerators", "prefill_accelerators"],
    ),
}


@pytest.mark.parametrize("specimen", BAD_INPUTS, ids=str)
def test_bad_input_is_refused_with_where_what_and_the_remedy(specimen: str) -> None:
    inputs, said = BAD_INPUTS[specimen]
    message = problems_of({"Base": BASE | inputs})
    assert all(part in message for part in ["deal.toml: scenarios.Base", *said]), message


def test_all_problems_are_told_at_once() -> None:
    message = problems_of(
        {"Base": {"llm": "nothing-like-it", "headroom": -1.0}, "Up": {"itl_slo_ms": "fast"}}, titel="x", title=3
    )
    assert len(message.splitlines()) == 5, message


@pytest.mark.parametrize(
    "scenarios", [{}, [], {str(n): {} for n in range(41)}, "Base"], ids=["none", "list", "41", "text"]
)
def test_a_study_has_between_1_and_40_scenarios(scenarios: Any) -> None:
    assert "1 to 40 tables" in problems_of(scenarios)


@pytest.mark.parametrize("name", ["", " Base", "x" * 32, "a\tb", "A.B"])
def test_scenario_names_fit_a_column_head(name: str) -> None:
    assert "visible characters" in problems_of({name: BASE})


def test_a_scenario_that_is_no_table_is_refused() -> None:
    assert "must be a table" in problems_of({"Base": BASE, "Up": 3})


def test_later_scenarios_inherit_from_the_first_and_the_first_from_the_standard() -> None:
    study = study_of({"scenarios": {"Base": BASE | {"headroom": 0.5}, "Up": {"input_tokens": 9}}}, "deal.toml")
    rows = study.resolved()
    assert rows["Up"] == rows["Base"] | {"input_tokens": 9}
    assert rows["Base"]["itl_slo_ms"] == standard_values()["itl_slo_ms"]
    assert rows["Base"]["mfu_hopper"] == assumptions()["mfu_hopper"].base


def test_equal_studies_are_equal_however_they_were_said() -> None:
    short = study_of({"title": "A", "scenarios": {"Base": BASE}}, "deal.toml")
    long = Study(title="A", as_of="", scenarios={"Base": Scenario(**short.resolved()["Base"])})
    assert short == long


@pytest.mark.parametrize("seed", range(40))
def test_toml_out_and_in_again_is_the_same_study(seed: int, tmp_path: Path) -> None:
    study, path = random_study(seed), tmp_path / "study.toml"
    path.write_text(to_toml(study), encoding="utf-8")
    assert load_study(path) == study


@given(st.text(max_size=40))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_any_title_survives_toml(title: str) -> None:
    study = study_of({"title": title, "scenarios": {"Base": BASE}}, "deal.toml")
    assert tomllib.loads(to_toml(study))["title"] == title


@pytest.mark.parametrize("name", presets())
def test_each_preset_gives_finite_headlines_in_three_scenarios(name: str) -> None:
    """Or says why there is none, as where nothing pays back."""
    scenarios = evaluate(preset(name), HEADLINES).scenarios
    assert len(scenarios) == 3
    for values in scenarios.values():
        absent = [headline for headline, value in values.items() if value is None]
        assert [headline for headline in absent if not values.get(f"{headline}_state")] == []
        assert set(absent) <= {"npv_usd", "irr", "payback_months", "break_even_m_tokens_per_day"}


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(StudyError, match="article-405b"):
        preset("article-405")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "does not exist"),
        (b"x = [", "not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        ("directory", "is a directory"),
    ],
    ids=["missing", "broken TOML", "not UTF-8", "directory"],
)
def test_a_study_file_that_cannot_be_read_says_why(content: Any, said: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    if content == "directory":
        path.mkdir()
    elif content is not None:
        path.write_bytes(content)
    with pytest.raises(StudyError, match=said):
        load_study(path)


def test_what_is_absent_is_none_with_its_state_in_words() -> None:
    strict = study_of({"scenarios": {"Base": BASE | {"itl_slo_ms": 0.001}}}, "deal.toml")
    found = evaluate(strict, ["ttft_ms", "weights_gb"]).scenarios["Base"]
    assert found["ttft_ms"] is None
    assert found["ttft_ms_state"] == "no concurrency meets the limits"
    assert found["weights_gb"] > 0, "memory does not depend on the limits"


def test_quantities_along_the_axis_are_lists() -> None:
    values = evaluate(preset("standard"), ["level_itl_ms"]).scenarios["Base"]["level_itl_ms"]
    assert len(values) == 20
    assert values == sorted(values)


def test_every_decided_given_has_a_value_within_its_bounds() -> None:
    for name, value in standard_values().items():
        assert Scenario(**{name: value}).overrides == {name: value}
    assert set(standard_values()) == set(decided())


BAD_ASSUMPTIONS = {
    "a band out of order": ({"low": 0.99}, "out of order"),
    "another unit": ({"unit": "GB"}, 'unit is "GB", but it must be "1"'),
    "an unknown key": ({"bas": 1}, "unknown key 'bas'"),
    "assumed without a reason": ({"kind": "assumed"}, "has no why"),
}


@pytest.mark.parametrize("specimen", BAD_ASSUMPTIONS, ids=str)
def test_a_bad_assumption_is_refused(specimen: str) -> None:
    change, said = BAD_ASSUMPTIONS[specimen]
    raw = {name: each.model_dump(exclude_none=True) for name, each in assumptions().items()}
    problems: list[str] = []
    records_of(raw | {"kv_fraction": raw["kv_fraction"] | change}, "mine.toml", Assumption, "assumption", problems)
    assert len(problems) == 1
    assert said in problems[0]
