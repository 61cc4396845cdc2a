"""Layouts: which ways to spread a replica there are, what each gives, and the choice that a study leaves open."""

from __future__ import annotations

import json
import logging
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from xl_econ import evaluate, load_study, read_workbook
from xl_econ.cli import app
from xl_econ.core.problems import Problems
from xl_econ.inputs.changes import read_changes, with_changes
from xl_econ.inputs.layouts import MOST_ACCELERATORS, Candidate, Layout, candidates
from xl_econ.inputs.scenario import LAYOUT_INPUTS
from xl_econ.inputs.study import Study, StudyError, preset, study_of, to_toml

AUTO: dict[str, Any] = {"layout": "auto"}
EXPERTS: dict[str, Any] = {"llm": "deepseek-v3", "accelerator": "h200-sxm", "tensor_parallel": 8}
RESULTS = ("concurrency", "ttft_ms", "itl_ms", "output_tokens_per_s", "accelerators", "usd_per_m_tokens")


def study(**scenarios: dict[str, Any]) -> Study:
    return study_of({"scenarios": scenarios}, "deal.toml")


def found(**inputs: Any) -> list[Candidate]:
    return candidates(study(Base=inputs), "Base")


def layout(of: Study, scenario: str = "Base") -> Layout:
    return Layout(*(of.resolved()[scenario][name] for name in LAYOUT_INPUTS))  # pyright: ignore[reportArgumentType]


def refused(**inputs: Any) -> str:
    with pytest.raises(StudyError) as caught:
        study(Base=inputs)
    return str(caught.value)


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


# --- candidates --------------------------------------------------------------------------------

# Each specimen: inputs, and the numbers that each layout input may take.
OFFERED = {
    "a dense LLM has no attention groups, and TP stays in the node of 8": (
        {},
        ({1, 2, 4, 8}, {1}, {1, 2, 4, 8}, {1}),
    ),
    "TP divides 40 heads": (
        {"llm": "phi-4"},
        ({1, 2, 4, 8}, {1}, {1, 2, 4, 8}, {1}),
    ),
    "TP divides 28 heads": (
        {"llm": "qwen2.5-7b"},
        ({1, 2, 4}, {1}, {1, 2, 4, 8}, {1}),
    ),
    "TP reaches as far as a rack of 72": (
        {"accelerator": "gb200"},
        ({1, 2, 4, 8, 16, 32, 64}, {1}, {1, 2, 4, 8}, {1}),
    ),
    "an LLM with experts has groups, and experts whole or split": (
        EXPERTS,
        ({1, 2, 4, 8}, {1, 2, 4, 8, 16, 32, 64}, {1, 2, 4, 8}, {1, 2, 4, 8, 16, 32, 64}),
    ),
    "an accelerator alone in its domain has stages only": (
        {"accelerator": "gh200-144gb", "tensor_parallel": 1, "usd_per_accelerator_h_from": "own"},
        ({1}, {1}, {1, 2, 4, 8}, {1}),
    ),
}


@pytest.mark.parametrize("specimen", OFFERED, ids=str)
def test_the_layouts_offered_are_those_that_the_llm_and_the_node_allow(specimen: str) -> None:
    inputs, offered = OFFERED[specimen]
    layouts = [candidate.layout for candidate in found(**inputs)]
    assert tuple(set(numbers) for numbers in zip(*layouts, strict=True)) == offered
    assert len(set(layouts)) == len(layouts)


def test_no_replica_is_larger_than_the_search_goes() -> None:
    sizes = [candidate.replica_accelerators for candidate in found(**EXPERTS)]
    assert max(sizes) == MOST_ACCELERATORS


@pytest.mark.parametrize("inputs", [{}, EXPERTS, {"sizing": "replicas given"}], ids=["dense", "experts", "given"])
def test_a_candidate_gives_what_the_study_with_its_numbers_gives(inputs: dict[str, Any]) -> None:
    for candidate in [each for each in found(**inputs) if each.is_usable][:5]:
        results = evaluate(study(Base=inputs | candidate.layout._asdict()), RESULTS).scenarios["Base"]
        assert {name: getattr(candidate, name) for name in RESULTS} == pytest.approx(results, rel=1e-12)


def test_the_usable_come_first_by_cost_and_the_others_have_a_reason() -> None:
    listed = found(**EXPERTS)
    usable = [each for each in listed if each.is_usable]
    assert listed[: len(usable)] == usable
    costs = [each.usd_per_m_tokens or 0 for each in usable]
    assert costs == pytest.approx(sorted(costs), rel=1e-9)
    assert all(each.fits and each.meets_limits for each in usable)
    assert not any(each.fits and each.meets_limits for each in listed[len(usable) :])
    assert listed[-1].reason == "does not fit in memory"
    assert listed[-1].itl_ms is None


def test_of_equal_cost_the_smaller_replica_comes_first_then_the_one_with_more_output() -> None:
    """Without a price, every layout costs the same."""
    free = {"usd_per_accelerator_h_from": "own", "own_usd_per_accelerator_h": 0.0}
    usable = [each for each in found(**free) if each.is_usable]
    order = [(each.replica_accelerators, -(each.output_tokens_per_s or 0)) for each in usable]
    assert order == sorted(order)


def test_the_layout_of_the_study_is_among_them_whatever_it_is() -> None:
    """5 is no power of two, but divides 40 heads."""
    given = [each for each in found(llm="phi-4", tensor_parallel=5) if each.is_given]
    assert [each.layout for each in given] == [Layout(5, 1, 1, 1)]


def test_an_own_bill_counts_for_the_layout_it_was_written_for_alone() -> None:
    """Else a fixed bill would make every layout equally dear."""
    costs = [(each.layout, each.usd_per_m_tokens) for each in found(bill_from="own", own_bill_usd_per_h=1.0)]
    assert costs == [(each.layout, each.usd_per_m_tokens) for each in found()]


def test_a_stage_across_nodes_is_marked() -> None:
    across = {each.layout for each in found(**EXPERTS) if each.across_nodes}
    assert Layout(8, 2, 1, 1) in across
    assert Layout(8, 1, 2, 1) not in across, "each stage is inside a node"


# Each specimen: inputs, a layout, and why it is of no use.
NO_USE = {
    "weights": ({"accelerator": "l40s"}, Layout(1, 1, 1, 1), "does not fit in memory"),
    "limit on ITL": ({"itl_slo_ms": 12.0}, Layout(1, 1, 1, 1), "too slow between tokens"),
    "limit on TTFT": ({"ttft_slo_ms": 150.0}, Layout(1, 1, 1, 1), "too slow to the first token"),
    "both limits": (
        {"ttft_slo_ms": 150.0, "itl_slo_ms": 12.0},
        Layout(1, 1, 1, 1),
        "too slow to the first token and between tokens",
    ),
    "own concurrency too late": (
        {"concurrency_from": "own", "own_concurrency": 200.0, "itl_slo_ms": 20.0},
        Layout(4, 1, 1, 1),
        "too slow between tokens",
    ),
    "own concurrency too many": (
        {"concurrency_from": "own", "own_concurrency": 200.0},
        Layout(1, 1, 1, 1),
        "holds fewer sequences than own_concurrency",
    ),
    "pools of 12 and 8": (
        {"serving_mode": "disaggregated", "prefill_accelerators": 12, "decode_accelerators": 8},
        Layout(8, 1, 1, 1),
        "is no whole part of the prefill and decode pools",
    ),
}


@pytest.mark.parametrize("specimen", NO_USE, ids=str)
def test_a_layout_of_no_use_says_why(specimen: str) -> None:
    inputs, which, reason = NO_USE[specimen]
    assert {each.layout: each.reason for each in found(**inputs)}[which] == reason


def test_a_scenario_that_is_not_there_is_told() -> None:
    with pytest.raises(Problems, match=r"there is no scenario 'Up'\. Use Base, Cheaper, Dearer"):
        candidates(preset("standard"), "Up")


# --- layout = "auto" ---------------------------------------------------------------------------


def test_auto_is_the_cheapest_candidate_written_as_numbers() -> None:
    chosen = study(Base=AUTO)
    assert layout(chosen) == found()[0].layout
    assert "layout" not in to_toml(chosen)
    assert study(Base=found()[0].layout._asdict()) == chosen


def test_auto_counts_and_the_numbers_beside_it_do_not() -> None:
    """Not even those that no accelerator can run."""
    assert study(Base=AUTO | {"tensor_parallel": 7, "expert_parallel": 3}) == study(Base=AUTO)


def test_given_is_what_a_study_says_without_it() -> None:
    assert study(Base={"layout": "given", "tensor_parallel": 8}) == study(Base={"tensor_parallel": 8})


def test_a_later_scenario_follows_auto_with_a_layout_of_its_own_unless_it_gives_numbers() -> None:
    chosen = study(
        Base=AUTO,
        Same={"headroom": 0.3},
        Smaller={"llm": "llama-3.1-8b", "accelerator": "l40s"},
        Larger={"accelerator": "l40s"},
        Mine={"accelerator": "h200-sxm", "tensor_parallel": 8},
        Kept={"accelerator": "h200-sxm", "layout": "given"},
    )
    assert chosen.scenarios["Same"].overrides == {"headroom": 0.3}, "it still follows the base"
    for name in ("Smaller", "Larger"):
        assert layout(chosen, name) == candidates(chosen, name)[0].layout
    assert layout(chosen, "Larger") != layout(chosen), "it needs more of the smaller accelerators"
    assert layout(chosen, "Mine").tensor_parallel == 8
    assert layout(chosen, "Kept") == layout(chosen)


def test_auto_in_one_scenario_leaves_the_others_alone() -> None:
    chosen = study(Base={"tensor_parallel": 8}, Up=AUTO, Side={"headroom": 0.3})
    assert layout(chosen).tensor_parallel == layout(chosen, "Side").tensor_parallel == 8
    assert layout(chosen, "Up") == found()[0].layout


def test_what_was_chosen_is_told_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "xl_econ"):
        study(Base=AUTO)
    (said,) = caplog.messages
    best, second = found()[:2]
    assert said.startswith(f"deal.toml: scenarios.Base.layout: {best.layout} (")
    assert f"{best.usd_per_m_tokens:.3f} USD per 1 M tokens: the cheapest of" in said
    assert f"next is {second.layout}, {second.usd_per_m_tokens:.3f} USD" in said


def test_a_choice_across_nodes_is_told_as_a_rough_estimate(caplog: pytest.LogCaptureFixture) -> None:
    """In bf16 the weights need more than the 8 accelerators of a node."""
    with caplog.at_level(logging.INFO, "xl_econ"):
        chosen = study(Base=AUTO | EXPERTS | {"weight_precision": "bf16", "demand_requests_per_s": 1000.0})
    assert candidates(chosen, "Base")[0].across_nodes
    assert "rough estimate: compare the cheapest inside one (TP" in caplog.text


def test_nothing_is_told_of_a_study_that_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "xl_econ"):
        assert "no rent for gaudi3" in refused(**AUTO, accelerator="gaudi3")
    assert caplog.messages == []


def test_set_layout_auto_chooses_and_inherit_follows_again() -> None:
    standard = preset("standard")
    chosen = with_changes(standard, read_changes(["layout=auto", "Cheaper.headroom=0.3"]))
    assert layout(chosen) == candidates(standard, "Base")[0].layout
    assert layout(chosen, "Cheaper").tensor_parallel == 2, "it gives a number itself"
    back = with_changes(chosen, read_changes(["Cheaper.layout=inherit"]))
    assert layout(back, "Cheaper") == layout(chosen)
    with pytest.raises(StudyError, match=r"Base\.layout: the first scenario has nothing to inherit from"):
        with_changes(standard, read_changes(["layout=inherit"]))


# Each specimen: the inputs, and what the message must say.
BAD_INPUTS = {
    "TP 6 on 64 heads": (
        {"tensor_parallel": 6},
        ["Base.tensor_parallel", "64 attention heads", "Use 1, 2, 4, 8, 16, 32 or 64"],
    ),
    "EP without experts": ({"expert_parallel": 2}, ["Base.expert_parallel", "no experts", "Use expert_parallel 1"]),
    "EP that does not divide": (
        EXPERTS | {"expert_parallel": 3},
        ["Base.expert_parallel", "does not divide the 8 accelerators of a stage", "Use 1, 2, 4 or 8"],
    ),
    "EP above the stage": (EXPERTS | {"expert_parallel": 16}, ["expert_parallel is 16", "Use 1, 2, 4 or 8"]),
    "PP above the layers": (
        {"pipeline_parallel": 81},
        ["Base.pipeline_parallel", "has 80 layers", "Use 80 at most"],
    ),
    "a choice that there is not": ({"layout": "best"}, ["Base.layout: it is 'best'", '"auto"', '"given"']),
    "a number for the choice": ({"layout": 4}, ["Base.layout: it is 4", '"auto"']),
    "an empty choice": ({"layout": ""}, ["Base.layout: it is ''", '"auto"']),
    "a misspelt choice": ({"layuot": "auto"}, ["no such input", "Did you mean layout"]),
    "auto at one number": ({"tensor_parallel": "auto"}, ["Base.tensor_parallel", 'write layout = "auto"']),
    "weights that fit on no layout: what is lacking, and what would do": (
        AUTO | {"llm": "kimi-k2", "accelerator": "l4", "weight_precision": "bf16"},
        [
            "Base.layout: kimi-k2 on l4 fits on no layout of up to 64",
            "weights take 2,0",
            "alone needs",
            "lacks",
            "with weight_precision fp8, int8, int4",
            "a100-sxm-40gb (64 of them)",
        ],
    ),
    "a sequence that fits on no layout": (
        AUTO | {"llm": "llama-2-7b", "accelerator": "a10g", "input_tokens": 9_000_000},
        ["a sequence of 9,000,300 tokens takes", "roomiest layout (TP 8, PP 8)", "with accelerator a100-sxm-40gb"],
    ),
    "what nothing in the catalog holds": (
        AUTO | {"llm_params_b_from": "own", "own_llm_params_b": 90_000.0},
        ["Nothing in the catalog holds it", "take a smaller LLM"],
    ),
    "own memory that holds nothing": (
        AUTO | {"accelerator_memory_gb_from": "own", "own_accelerator_memory_gb": 1.0},
        ["fits on no layout", "GB of 0.9 GB on each", "accelerator tpu-v5e"],
    ),
    "a limit that no layout meets": (
        AUTO | {"itl_slo_ms": 2.0},
        ["16 layouts, and none is of use: too slow between tokens (16)", "itl_slo_ms is 2.0", "Raise itl_slo_ms"],
    ),
    "more sequences than any layout holds": (
        AUTO | {"concurrency_from": "own", "own_concurrency": 50_000.0},
        ["holds fewer sequences than own_concurrency (16)", "Lower own_concurrency"],
    ),
    "pools of which no replica is a whole part": (
        AUTO
        | {"serving_mode": "disaggregated", "prefill_accelerators": 3, "decode_accelerators": 8, "accelerator": "l40s"},
        ["is no whole part of the prefill and decode pools", "multiples of a replica"],
    ),
    "pools without accelerators": (
        AUTO | {"serving_mode": "disaggregated", "prefill_accelerators": 0, "decode_accelerators": 0},
        ["a pool has no accelerators"],
    ),
}


@pytest.mark.parametrize("specimen", BAD_INPUTS, ids=str)
def test_bad_input_says_where_why_and_what_would_do(specimen: str) -> None:
    inputs, said = BAD_INPUTS[specimen]
    message = refused(**inputs)
    assert [part for part in said if part not in message] == [], message


def test_what_is_said_to_fit_does() -> None:
    nothing: dict[str, Any] = {"llm": "kimi-k2", "accelerator": "l4", "weight_precision": "bf16"}
    for way in ({"weight_precision": "fp8"}, {"accelerator": "a100-sxm-40gb"}):
        assert any(each.fits for each in candidates(study(Base=AUTO | SLOW | nothing | way), "Base"))


SLOW = {"ttft_slo_ms": 1e6, "itl_slo_ms": 1e5}
"""Limits that anything meets."""


def test_an_llm_that_cannot_be_cut_at_all_is_told() -> None:
    """Half a head in an own record."""
    own = {"llms": {"llama-3.3-70b": {"heads": 0.5}}}
    with pytest.raises(StudyError, match="has 0 attention heads"):
        study_of({"catalog": own, "scenarios": {"Base": AUTO}}, "deal.toml")


def test_an_accelerator_with_less_than_a_domain_is_alone() -> None:
    own = {"accelerators": {"h100-sxm": {"scale_up_domain": 0.5}}}
    chosen = study_of({"catalog": own, "scenarios": {"Base": AUTO}}, "deal.toml")
    assert layout(chosen).tensor_parallel == 1


def test_the_problems_of_all_scenarios_are_told_at_once() -> None:
    with pytest.raises(StudyError) as caught:
        study(Base=AUTO | {"itl_slo_ms": 2.0}, Up={"itl_slo_ms": 1.0}, Side={"tensor_parallel": 6})
    assert [line.split(":")[1] for line in caught.value.problems] == [
        " scenarios.Base.layout",
        " scenarios.Up.layout",
        " scenarios.Side.tensor_parallel",
    ]


# --- at the command line -----------------------------------------------------------------------


@pytest.fixture
def deal(tmp_path: Path) -> Path:
    path = tmp_path / "deal.toml"
    path.write_text('[scenarios.Base]\nlayout = "auto"\n[scenarios.Slow]\nitl_slo_ms = 25.0\n', encoding="utf-8")
    return path


def test_a_workbook_of_auto_holds_the_numbers(deal: Path, tmp_path: Path) -> None:
    book = tmp_path / "deal.xlsx"
    result = run("new", book, "--study", deal, "--sheets", "core")
    assert result.exit_code == 0, result.stderr
    assert layout(read_workbook(book)) == layout(load_study(deal)) == found()[0].layout
    assert result.stderr.count("scenarios.Base.layout: TP") == 1


def test_refresh_writes_the_chosen_numbers_into_a_workbook(core_path: Path) -> None:
    result = run("refresh", core_path, "--set", "layout=auto")
    assert result.exit_code == 0, result.stderr
    assert layout(read_workbook(core_path)) == candidates(preset("standard"), "Base")[0].layout
    assert result.stderr.startswith("xl-econ: Base.layout: TP")
    assert len(result.stderr.splitlines()) == 2, "Base and Dearer, each once; Cheaper gives a number itself"


def test_compute_tells_the_choice_beside_the_results(deal: Path) -> None:
    result = run("compute", deal, "--json", "--quantity", "itl_ms")
    assert json.loads(result.stdout)["scenarios"]["Slow"]["itl_ms"] <= 25.0 * 1.02
    assert result.stderr.startswith("xl-econ: deal.toml: scenarios.Base.layout: TP")


def test_layouts_prints_the_cheapest_and_counts_the_others() -> None:
    result = run("layouts", "standard", "--scenario", "Dearer")
    listed = candidates(preset("standard"), "Dearer")
    usable = [each for each in listed if each.is_usable]
    assert result.exit_code == 0
    assert result.stdout.count("│ TP") == 8
    assert f"{len(usable)} of {len(listed)} layouts fit and meet the limits." in result.stdout
    assert "as given" in result.stdout
    assert f"{sum(not each.fits for each in listed)}  does not fit in memory" in result.stdout


def test_layouts_where_none_is_of_use_shows_the_nearest_misses(tmp_path: Path) -> None:
    path = tmp_path / "strict.toml"
    path.write_text("[scenarios.Base]\nitl_slo_ms = 2.0\n", encoding="utf-8")
    printed = run("layouts", path).stdout
    assert "0 of 16 layouts" in printed
    assert "too slow between tokens" in printed


def test_layouts_as_json_has_every_candidate(core_path: Path) -> None:
    """Here of a workbook."""
    told = json.loads(run("layouts", core_path, "--json").stdout)
    assert told["scenario"] == "Base"
    assert told["candidates"] == [each.as_json() for each in candidates(preset("standard"), "Base")]
    assert set(LAYOUT_INPUTS) | set(RESULTS) < set(told["candidates"][0])


def test_layouts_of_what_is_not_there_is_told() -> None:
    for args in (("nothing",), ("standard", "--scenario", "Nope")):
        result = run("layouts", *args)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert result.stderr.startswith("xl-econ: there is no ")


def test_the_page_on_layouts_shows_a_study_and_python_that_run() -> None:
    page = (Path(__file__).parents[1] / "docs" / "layouts.md").read_text("utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    chosen = study_of(tomllib.loads(shown), "layouts.md")
    assert layout(chosen, "One node").tensor_parallel == 8
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(code, {})
