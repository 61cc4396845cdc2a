"""The economics: worked cases with their reason, and what must hold whatever the inputs are."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studies import random_study

from xl_econ.core.evaluate import evaluate as evaluate_graph
from xl_econ.core.quantity import Given
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, preset, study_of
from xl_econ.model import HEADLINES, model_graph

CASES = tomllib.loads((Path(__file__).parent / "cases" / "model.toml").read_text("utf-8"))["case"]
SEEDS = range(60)


def of_inputs(inputs: dict[str, Any]) -> Study:
    return study_of({"scenarios": {"Base": inputs}}, "case")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_a_worked_case_gives_what_was_computed_by_hand(case: dict[str, Any]) -> None:
    found = evaluate(of_inputs(case["inputs"]), case["expect"]).scenarios["Base"]
    assert found == pytest.approx(case["expect"], rel=1e-4), case["why"]


def values(study: Study, names: list[str], **given: Any) -> dict[str, Any]:
    """Raw values of all scenarios, states left aside; `given` replaces inputs."""
    return evaluate_graph(model_graph(), study.given() | given, names)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_parts_of_a_bill_add_up_to_it(seed: int) -> None:
    names = ["check_allocation", "usd_per_m_input_tokens", "served_input_m_tokens_per_h", "usd_per_m_output_tokens"]
    found = values(random_study(seed), [*names, "served_output_m_tokens_per_h", "bill_usd_per_h"])
    parts = found["usd_per_m_input_tokens"] * found["served_input_m_tokens_per_h"]
    parts = parts + found["usd_per_m_output_tokens"] * found["served_output_m_tokens_per_h"]
    np.testing.assert_allclose(parts, found["bill_usd_per_h"], rtol=1e-9)
    assert not np.any(found["check_allocation"])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_step_and_no_prefill_is_faster_than_the_hardware_allows(seed: int) -> None:
    found = values(random_study(seed), ["check_step_floor", "check_prefill_floor"])
    assert not any(np.any(check) for check in found.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_along_the_curve_latency_and_throughput_rise(seed: int) -> None:
    study = random_study(seed)
    found = values(study, ["level_decode_step_ms", "level_replica_output_tokens_per_s"])
    assert np.all(np.diff(found["level_decode_step_ms"]) >= -1e-9)
    assert np.all(np.diff(found["level_replica_output_tokens_per_s"]) >= -1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_point_meets_both_limits_wherever_one_does(seed: int) -> None:
    names = ["itl_ms", "itl_slo_ms", "ttft_ms", "ttft_slo_ms", "serving_state", "concurrency_from_code"]
    names += ["corrects_batching"]
    found = values(random_study(seed), names)
    best = (found["serving_state"] < 1) & (found["concurrency_from_code"] < 2) & (found["corrects_batching"] > 0)
    for latency, limit in (("itl_ms", "itl_slo_ms"), ("ttft_ms", "ttft_slo_ms")):
        assert np.all(found[latency][best] <= found[limit][best] * 1.06), "interpolated between two levels"


@pytest.mark.parametrize(
    ("engine", "lengths", "together"),
    [
        ("SGLang", "all alike", True),
        ("SGLang", "varying", False),
        ("engines since 2025", "all alike", False),
    ],
)
def test_where_prefill_goes_first_prompts_of_one_length_come_ahead_of_the_first_token_or_after_it(
    engine: str, lengths: str, together: bool
) -> None:
    """All of a round start together: half of the others are ahead on average, the other half between the tokens."""
    study = of_inputs({"engine": engine, "request_lengths": lengths})
    found = values(study, ["prompts_ahead_share", "prompts_after_share"])
    assert (found["prompts_ahead_share"] + found["prompts_after_share"] == 1).all() == together
    assert (found["prompts_ahead_share"] == 0.5).all() == together


def test_the_attention_of_2024_on_cdna3_reads_the_cache_slowly_and_the_weights_as_fast() -> None:
    names = ["kv_ms_per_sequence", "kv_slowdown", "step_read_ms"]
    inputs: dict[str, Any] = {"accelerator": "mi300x", "tensor_parallel": 8}
    now, then = (
        values(of_inputs(inputs | {"engine": engine}), names) for engine in ("engines since 2025", "engines of 2024")
    )
    assert then["kv_slowdown"] > 2 and now["kv_slowdown"] == 1
    np.testing.assert_allclose(then["kv_ms_per_sequence"], now["kv_ms_per_sequence"] * then["kv_slowdown"])
    np.testing.assert_allclose(then["step_read_ms"], now["step_read_ms"])


def test_twice_the_price_costs_twice_as_much() -> None:
    names = ["usd_per_h", "usd_per_month", "usd_per_m_input_tokens", "usd_per_m_output_tokens"]
    once = values(preset("standard"), names, usd_per_accelerator_h=3.0)
    twice = values(preset("standard"), names, usd_per_accelerator_h=6.0)
    for name in names:
        np.testing.assert_allclose(twice[name], 2 * once[name])


def test_half_the_utilisation_costs_twice_as_much_per_token_and_the_same_per_hour() -> None:
    study, names = of_inputs({"sizing": "replicas given", "given_utilisation": 0.8}), ["usd_per_m_tokens", "usd_per_h"]
    full, half = values(study, names), values(study, names, given_utilisation=0.4)
    np.testing.assert_allclose(half["usd_per_m_tokens"], 2 * full["usd_per_m_tokens"])
    np.testing.assert_allclose(half["usd_per_h"], full["usd_per_h"])


def test_all_allocation_methods_split_the_same_total() -> None:
    totals = {
        method: evaluate(of_inputs({"allocation": method}), ["usd_per_m_tokens"]).scenarios["Base"]["usd_per_m_tokens"]
        for method in ("manual", "output-only", "time-share", "price-ratio")
    }
    assert len(set(totals.values())) == 1


def test_the_article_method_ignores_what_it_corrects() -> None:
    """Its shortcuts: no efficiency, no overhead, one sequence, every head cached."""
    study = of_inputs({"method": "article", "llm": "llama-3.1-8b", "tensor_parallel": 1})
    names = ["ttft_ms", "itl_ms", "kv_mb_per_token", "concurrency"]
    plain = values(study, names)
    changed = values(study, names, mfu_hopper=0.1, mbu_nvidia=0.1, layer_overhead_us=900.0, itl_slo_ms=500.0)
    assert plain == changed
    assert plain["concurrency"] == 1


def test_grouped_query_attention_alone_moves_nothing_at_one_sequence() -> None:
    """Said of the bridge: the cache is small beside the weights, and the article does not count reading it."""
    study, names = preset("article-405b"), ["usd_per_m_output_tokens"]
    before, after = values(study, names), values(study, names, corrects_kv_heads=1)
    assert before["usd_per_m_output_tokens"][0] == after["usd_per_m_output_tokens"][0]


WATCHED = [*HEADLINES, "ttft_at_load_ms", "equity_npv_usd", "spot_usd_per_accelerator_h"]
LEFT_ASIDE = [given for given in model_graph().givens if given.counts_with]


@pytest.mark.parametrize("given", LEFT_ASIDE, ids=lambda given: given.name)
def test_an_input_moves_nothing_while_a_choice_leaves_it_aside(given: Given) -> None:
    """Inputs shows such a cell in grey, so it must be true; and with all of its choices the input counts."""
    choice, label = given.counts_with[0]
    other = next(option for option in _offered(choice) if option != label)
    assert _moved(given, {choice: other}) == set()
    assert _moved(given, dict(given.counts_with))


def _offered(choice: str) -> tuple[str, ...]:
    column = next(each.choices for each in model_graph().givens if each.name == choice)
    return next(each.options for each in model_graph().givens if each.name == column)


def _moved(given: Given, choices: dict[str, str]) -> set[str]:
    """The results that another value of the input moves."""
    now = np.ravel(preset("standard").given()[given.name])[0].item()
    other = _another(given, now)
    before, after = (values(of_inputs({**choices, given.name: value}), WATCHED) for value in (now, other))
    return {name for name in WATCHED if not np.array_equal(before[name], after[name], equal_nan=True)}


def _another(given: Given, now: Any) -> Any:
    """A value that the input may have too."""
    if given.choices:
        return next(option for option in _offered(given.name) if option != now)
    if given.bounds.at_most == 1:
        return (now + 1) / 2 if now < 1 else now / 2
    return now + 1
