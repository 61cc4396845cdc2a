"""Simulation: draws have their distribution, results are the model's own, and the sheet says if they still hold."""

from __future__ import annotations

import json
import math
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import engines
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_parity import differences
from typer.testing import CliRunner
from workbooks import calls_of_functions, parts, put

from xl_econ.cli import app
from xl_econ.core.problems import Problems
from xl_econ.core.sampling import drawn_strata, normal_scores, rank_correlation, strata
from xl_econ.inputs.changes import read_changes
from xl_econ.inputs.distributions import SHAPES, believed_ranges, read_uncertain
from xl_econ.inputs.drawn import Draws, drivers_of
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.simulation import ODDS, RESULTS, Simulation, simulate
from xl_econ.inputs.study import Study, preset, study_of, to_toml
from xl_econ.model.simulation import AS_SIMULATED, CHANGED, NONE_YET, NOT_RUN
from xl_econ.workbook.book import opened
from xl_econ.workbook.check import check_workbook
from xl_econ.workbook.fill import filled, new_workbook
from xl_econ.workbook.held import held_by
from xl_econ.workbook.layout import RESULTS as RESULTS_SHEET
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.located import Located
from xl_econ.workbook.package import Package
from xl_econ.workbook.read import read_workbook, study_in
from xl_econ.workbook.refresh import refresh_workbook
from xl_econ.workbook.shape import shape_of
from xl_econ.workbook.simulate import new_simulated
from xl_econ.workbook.simulation_cells import (
    BIN_ROWS,
    LABEL,
    LINE_ROWS,
    RANGED,
    RUNS,
    SIMULATION,
    STAMP,
    STATUS,
    cell_at,
    stamps,
)

TODAY = date(2026, 11, 27)
RUN = 300
MOST_FORMULAS = 60
STATUS_CELL = cell_at(STATUS, LABEL)
TOLD = {
    "pue": {"shape": "triangular", "low": 1.1, "mode": 1.3, "high": 1.6},
    "demand_growth": {"shape": "normal", "mean": 0.3, "sd": 0.1},
    "correlation": [{"between": ["pue", "usd_per_kwh"], "rank": 0.5}],
}


def uncertain_study(told: dict[str, Any], **inputs: Any) -> Study:
    return study_of({"as_of": "2026-11-23", "scenarios": {"Base": inputs}, "simulate": told}, "test")


# --- draws ---

CASES = [
    ("uniform", {"low": 2.0, "high": 4.0}, (2.2, 3.0, 3.8), "straight from end to end"),
    ("triangular", {"low": 0.0, "mode": 1.0, "high": 2.0}, (math.sqrt(0.2), 1.0, 2 - math.sqrt(0.2)), "areas 0.1, 0.5"),
    ("normal", {"mean": 5.0, "sd": 2.0}, (5 - 2 * 1.2815515655, 5.0, 5 + 2 * 1.2815515655), "a table's 1.2816"),
    ("lognormal", {"p10": 1.0, "p90": 4.0}, (1.0, 2.0, 4.0), "the median is the geometric mean"),
    ("percentiles", {"p10": 1.0, "p50": 3.0, "p90": 4.0}, (1.0, 3.0, 4.0), "as told, though lopsided"),
    ("percentiles", {"p10": -1.0, "p50": 0.0, "p90": 4.0}, (-1.0, 0.0, 4.0), "below 0 too"),
    ("discrete", {"values": [1, 5, 9], "weights": [1, 3, 1]}, (1, 5, 9), "a fifth, three fifths, a fifth"),
]


@pytest.mark.parametrize(("shape", "numbers", "wanted", "why"), CASES)
def test_percentiles_of_draws_are_those_of_the_distribution(shape: str, numbers: Any, wanted: Any, why: str) -> None:
    runs = 10_000
    values = SHAPES[shape].value(numbers, strata(runs), normal_scores(runs))
    assert np.percentile(values, (10, 50, 90)) == pytest.approx(wanted, abs=1e-3), why


@given(st.integers(2, 300), st.integers(0, 99), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_each_input_takes_every_stratum_once_whatever_the_seed(runs: int, seed: int, count: int) -> None:
    places = drawn_strata(runs, np.eye(count), seed)
    assert np.sort(places, axis=1).tolist() == [list(range(runs))] * count


@pytest.mark.parametrize("rank", [-0.9, -0.3, 0.5, 0.95])
def test_a_rank_correlation_is_reached_and_leaves_the_rest_uncorrelated(rank: float) -> None:
    matrix = np.eye(3)
    matrix[0, 2] = matrix[2, 0] = rank
    places = drawn_strata(5_000, matrix, 3)
    assert np.sort(places[2]).tolist() == list(range(5_000))
    assert rank_correlation(places[0], places[2]) == pytest.approx(rank, abs=0.01)
    assert rank_correlation(places[0], places[1]) == pytest.approx(0, abs=0.05)


def test_draws_stay_within_the_inputs_bounds_and_whole_inputs_stay_whole() -> None:
    wide = {"shape": "normal", "mean": 0.5, "sd": 5.0}
    study = uncertain_study({"headroom": wide, "spare_replicas": wide})
    drivers = [each for each in drivers_of(study, "Base", ["usd_per_month"]) if each.origin == "the study"]
    values = Draws(drivers, study.simulate, 500, 1).given()
    assert len(values) == 2
    assert min(values["headroom"]) == 0
    assert min(values["spare_replicas"]) == 0
    assert np.array_equal(values["spare_replicas"], np.floor(values["spare_replicas"]))


# --- results ---


def test_a_result_that_follows_one_input_in_a_line_has_its_percentiles_in_closed_form() -> None:
    told = {"hosted_discount_share": {"shape": "uniform", "low": 0.0, "high": 0.4}}
    found = simulate(uncertain_study(told, hosted_batch_share=0.0), runs=2_000, names=["hosted_usd_per_m_tokens"])
    (outcome,) = found.outcomes
    full = evaluate(uncertain_study({}, hosted_batch_share=0.0, hosted_discount_share=0.0), [outcome.name])
    price = full.scenarios["Base"][outcome.name]
    for percent, value in outcome.percentiles.items():
        assert value == pytest.approx(price * (1 - 0.4 * (100 - percent) / 100), rel=1e-3)
    assert found.correlations[outcome.name]["hosted_discount_share"] == pytest.approx(-1)


def test_a_run_is_what_a_study_with_the_drawn_inputs_gives() -> None:
    """No second formula: the graph itself, on arrays."""
    study = uncertain_study(TOLD)
    found = simulate(study, runs=7, seed=5)
    drawn = Draws(found.drivers, study.simulate, 7, 5).given()
    for run in (0, 6):
        values = {name: float(each[run]) for name, each in drawn.items()}
        values = {name: int(each) if each.is_integer() else each for name, each in values.items()}
        once = study_of({"as_of": "2026-11-23", "scenarios": {"Base": as_declared(values)}}, "run")
        alone = evaluate(once, RESULTS).scenarios["Base"]
        for outcome in found.outcomes:
            place = int(np.sum(outcome.valid[:run]))
            assert (alone[outcome.name] is not None) == outcome.valid[run]
            assert not outcome.valid[run] or outcome.values[place] == pytest.approx(alone[outcome.name], rel=1e-9)


def as_declared(values: dict[str, float | int]) -> dict[str, float | int]:
    return {name: int(each) if decided()[name].bounds.whole else float(each) for name, each in values.items()}


def test_runs_without_a_result_are_told_apart_and_never_counted_in() -> None:
    """A quarter of the runs wants 0.01 ms between tokens, which nothing gives."""
    told = {"itl_slo_ms": {"shape": "discrete", "values": [0.01, 100.0], "weights": [1, 3]}}
    found = simulate(uncertain_study(told), runs=400)
    cost, back = (next(each for each in found.outcomes if each.name == name) for name in (RESULTS[0], "payback_months"))
    assert cost.valid_share == 0.75
    assert list(cost.reasons.values()) == [100]
    assert min(cost.values) > 0
    assert sum(back.reasons.values()) + len(back.values) == 400
    assert all(each.valid_share == 0.75 for each in found.odds)


def test_a_result_that_no_run_has_is_absent_with_its_reason() -> None:
    found = simulate(uncertain_study(TOLD, itl_slo_ms=0.01), runs=50)
    assert {each.valid_share for each in found.outcomes} == {0.0}
    assert all(isinstance(each.base, str) and each.percentiles == {} and each.mean is None for each in found.outcomes)
    assert {each.share for each in found.odds} == {None}
    json.dumps(found.as_json(), allow_nan=False)


def test_the_bins_of_a_histogram_add_up_to_the_runs_that_have_the_result() -> None:
    for outcome in simulate(preset("standard"), runs=RUN).outcomes:
        assert sum(count for _, count in outcome.histogram()) == len(outcome.values)


def test_the_same_seed_gives_the_same_numbers_and_another_one_others() -> None:
    one, again, other = (simulate(preset("standard"), runs=RUN, seed=seed).as_json() for seed in (1, 1, 2))
    assert one == again
    assert one["results"] != other["results"]


def test_an_assumption_that_a_scenario_replaces_is_taken_as_known() -> None:
    names = {each.name for each in drivers_of(uncertain_study({}, wacc=0.2), "Base", ["npv_usd"])}
    assert "wacc" in believed_ranges()
    assert "wacc" not in names
    assert "own_time_factor" in names


def test_the_article_which_knows_no_spread_has_no_error_of_prediction() -> None:
    names = {each.name for each in drivers_of(preset("article-405b"), preset("article-405b").names[0], RESULTS)}
    assert names.isdisjoint({"own_time_factor", "own_ttft_factor"})


# --- the study's file ---

BAD: dict[str, tuple[Any, str]] = {
    "low above high": ({"pue": {"shape": "uniform", "low": 2.0, "high": 1.0}}, "lies above"),
    "no spread": ({"pue": {"shape": "uniform", "low": 1.2, "high": 1.2}}, "both"),
    "an unknown input": ({"peu": {"shape": "uniform", "low": 1.0, "high": 2.0}}, "Did you mean pue"),
    "a result": ({"ttft_ms": {"shape": "uniform", "low": 1.0, "high": 2.0}}, "formula"),
    "a choice": ({"llm": {"shape": "uniform", "low": 1.0, "high": 2.0}}, "choice"),
    "an unknown shape": ({"pue": {"shape": "beta", "low": 1.0}}, "Use one of"),
    "a missing number": ({"pue": {"shape": "uniform", "low": 1.0}}, "takes low, high"),
    "a number too many": ({"pue": {"shape": "uniform", "low": 1.0, "mode": 1.5, "high": 2.0}}, "takes low, high"),
    "text": ({"pue": {"shape": "uniform", "low": "1", "high": 2.0}}, "must be a number"),
    "infinity": ({"pue": {"shape": "uniform", "low": 1.0, "high": math.inf}}, "must be a number"),
    "no table": ({"pue": 1.3}, "must be a table"),
    "a spread below 0": ({"pue": {"shape": "normal", "mean": 1.3, "sd": -1.0}}, "above 0"),
    "weights for others": ({"pue": {"shape": "discrete", "values": [1.1, 1.2], "weights": [1]}}, "weights"),
    "no values": ({"pue": {"shape": "discrete", "values": []}}, "list of numbers"),
    "a rank of 2": ({"correlation": [{"between": ["pue", "wacc"], "rank": 2}]}, "from -1 to 1"),
    "one alone": ({"correlation": [{"between": ["pue", "pue"], "rank": 0.1}]}, "two inputs"),
    "what is not drawn": ({"correlation": [{"between": ["pue", "input_tokens"], "rank": 0.1}]}, "no distribution"),
    "no list of pairs": ({"correlation": 0.5}, "two inputs"),
    "three that cannot be": (
        {
            "correlation": [
                {"between": ["pue", "wacc"], "rank": 0.9},
                {"between": ["wacc", "life_years"], "rank": 0.9},
                {"between": ["pue", "life_years"], "rank": -0.9},
            ]
        },
        "pue and wacc 0.9; wacc and life_years 0.9; pue and life_years -0.9",
    ),
    "not even a table": (3, "table of distributions"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_a_distribution_is_refused_with_its_place_and_remedy(case: str) -> None:
    told, words = BAD[case]
    with pytest.raises(Problems) as error:
        uncertain_study(told)
    assert len(error.value.problems) == 1
    assert error.value.problems[0].startswith("test: simulate")
    assert words in error.value.problems[0]


def test_all_problems_are_told_at_once() -> None:
    problems: list[str] = []
    entries = {f"{number} {name}": each for number, (each, _) in enumerate(BAD.values()) for name in ("x",)}
    read_uncertain(entries, str, problems)
    assert len(problems) >= len(entries)


def test_a_study_keeps_its_distributions_through_its_file() -> None:
    study = uncertain_study(TOLD)
    again = study_of(tomllib.loads(to_toml(study)), "again")
    assert again.simulate == study.simulate
    assert len(again.simulate.distributions) == 2
    assert again == study.model_copy(update={"title": again.title})


def test_the_page_shows_a_study_that_is_valid_and_every_shape() -> None:
    page = (Path(__file__).parents[1] / "docs" / "simulate.md").read_text("utf-8")
    (shown,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    study = study_of({"scenarios": {"Base": {}}} | tomllib.loads(shown), "simulate.md")
    assert len(study.simulate.distributions) == 2
    assert [shape for shape in SHAPES if f"| `{shape}` |" not in page] == []


def test_more_distributions_than_the_sheet_has_rows_for_are_refused() -> None:
    told = {name: {"shape": "uniform", "low": 1, "high": 2} for name in believed_ranges()}
    with pytest.raises(Problems, match="Leave some out"):
        new_workbook(uncertain_study(told))


# --- the workbook ---


@pytest.fixture(scope="module")
def study() -> Study:
    return preset("standard").model_copy(update={"simulate": uncertain_study(TOLD).simulate})


@pytest.fixture(scope="module")
def simulation(study: Study) -> Simulation:
    return simulate(study, "Cheaper", RUN, names=[*RESULTS, "ttft_ms"])


@pytest.fixture(scope="module")
def stamped(study: Study, simulation: Simulation) -> bytes:
    return new_simulated(study, Path("book.xlsx"), simulation, TODAY)


@pytest.fixture
def book(stamped: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    path.write_bytes(stamped)
    return path


def shown(path: Path, cell: str) -> Any:
    return Package(path.read_bytes()).value(SIMULATION, cell)


def test_a_new_workbook_says_that_nothing_was_run(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    assert shown(path, STATUS_CELL) == NOT_RUN
    assert len(Package(path.read_bytes()).formulas(SIMULATION)) <= MOST_FORMULAS


def test_a_stamped_workbook_is_read_back_as_the_same_study_and_checks_clean(book: Path, study: Study) -> None:
    assert read_workbook(book) == study
    assert shown(book, STATUS_CELL) == AS_SIMULATED
    assert [finding for finding in check_workbook(book) if finding.level != "note"] == []


def ranges(path: Path) -> dict[str, str]:
    """What Results says of the runs, by cell."""
    package = Package(path.read_bytes())
    cells = [at for at, formula in package.formulas(RESULTS_SHEET).items() if SIMULATION in formula]
    return {at: str(package.value(RESULTS_SHEET, at)) for at in cells}


def test_results_have_their_range_beside_them_for_the_scenario_that_was_run(
    book: Path, simulation: Simulation, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.xlsx"
    plain.write_bytes(new_workbook(preset("standard")))
    assert set(ranges(plain).values()) == {NONE_YET}
    told = ranges(book)
    assert len(told) == len(RANGED) * 3
    assert {text for at, text in told.items() if at[0] != "D"} == {"–"}
    ends = {outcome.name: outcome.percentiles for outcome in simulation.outcomes}["npv_usd"]
    assert f"{ends[10]:,.0f} to {ends[90]:,.0f}" in {text for at, text in told.items() if at[0] == "D"}
    refresh_workbook(book, changes=read_changes(["Cheaper.headroom=0.5"]))
    after = ranges(book)
    assert any(text == f"before changes: {told[at]}" for at, text in after.items())
    assert all(after[at] in (text, f"before changes: {text}") for at, text in told.items())


def test_stamping_touches_its_sheet_and_the_ranges_on_results(book: Path, study: Study) -> None:
    plain = book.with_name("plain.xlsx")
    plain.write_bytes(new_workbook(study))
    before, after = parts(plain), parts(book)
    changed = {name for name in before if before[name] != after[name]}
    assert before.keys() == after.keys()
    sheets = Package(plain.read_bytes()).sheet_parts
    assert changed - {"xl/workbook.xml"} == {sheets[SIMULATION], sheets[RESULTS_SHEET]}


def test_the_same_seed_gives_the_same_file(study: Study, simulation: Simulation, stamped: bytes) -> None:
    again = simulate(study, "Cheaper", RUN, names=[*RESULTS, "ttft_ms"])
    assert new_simulated(study, Path("book.xlsx"), again, TODAY) == stamped


def test_percentiles_bins_and_odds_stand_on_the_sheet(book: Path, simulation: Simulation) -> None:
    values = {shown(book, cell_at(*place)) for place in stamps()}
    for outcome in simulation.outcomes:
        assert set(outcome.percentiles.values()) <= values
    assert {each.share for each in simulation.odds} <= values
    assert len(simulation.odds) == len(ODDS)
    first = simulation.outcomes[0]
    assert [shown(book, cell_at(row, 2)) for row in BIN_ROWS] == [count for _, count in first.histogram()]


def test_refresh_leaves_the_stamps_and_says_that_they_are_old(book: Path) -> None:
    before = [shown(book, cell_at(*place)) for place in stamps()]
    receipt = refresh_workbook(book, changes=[])
    assert receipt.changes == ()
    assert receipt.notes == ()
    receipt = refresh_workbook(book, changes=read_changes(["Cheaper.headroom=0.5"]))
    assert [shown(book, cell_at(*place)) for place in stamps()] == before
    assert shown(book, STATUS_CELL) == CHANGED
    assert "runs it again" in receipt.told()
    assert [finding for finding in check_workbook(book) if finding.level != "note"] == []


def test_the_sheet_is_live_in_a_spreadsheet(book: Path, study: Study) -> None:
    """Recalculated it gives Python's values; with another input it says so by itself."""
    opened_book = opened(book)
    shape = shape_of(opened_book)
    held = held_by(opened_book, study, Located(opened_book.package, shape), shape)
    expected = {
        (sheet, at): cell.value
        for sheet in (SIMULATION, RESULTS_SHEET)
        for at, cell in filled(study, held=held)[sheet].items()
        if cell.formula is not None and (sheet, at) not in calls_of_functions()
    }
    engine = engines.IroncalcBook(book)
    engine.recalculate()
    assert not differences(expected, engine.values(expected))
    put(book, {layout_for(3).one("headroom", 1): 0.5})
    engine = engines.IroncalcBook(book)
    engine.recalculate()
    assert engine.values([(SIMULATION, STATUS_CELL)]) == {(SIMULATION, STATUS_CELL): CHANGED}


LINE = (SIMULATION, cell_at(LINE_ROWS[5], LABEL))


def test_a_distribution_may_be_typed_on_the_sheet(book: Path) -> None:
    put(book, {LINE: 'wacc = { shape = "uniform", low = 0.08, high = 0.12 }'})
    assert "wacc" in study_in(opened(book))[0].simulate.distributions


@pytest.mark.parametrize("line", ["wacc = uniform", "pue = 3", 'wacc = { shape = "uniform", low = 2, high = 1 }'])
def test_a_line_that_is_none_is_told_with_its_cell(book: Path, line: str) -> None:
    put(book, {LINE: line})
    with pytest.raises(Problems, match=f"{SIMULATION}!A"):
        read_workbook(book)


# --- the command ---


def run(*words: object) -> Any:
    return CliRunner().invoke(app, ["simulate", *map(str, words)])


def test_a_workbook_is_stamped_in_place_and_a_study_into_a_new_one(tmp_path: Path) -> None:
    new, copy = tmp_path / "new.xlsx", tmp_path / "copy.xlsx"
    assert run("standard", "-o", new, "--runs", RUN).exit_code == 0
    assert run(new, "-o", copy, "--runs", 200, "--quantity", "itl_ms").exit_code == 0
    assert run(new, "--runs", 250).exit_code == 0
    assert [shown(path, cell_at(RUNS, STAMP)) for path in (new, copy)] == [250, 200]


def test_json_has_percentiles_odds_drivers_and_only_what_was_asked_for() -> None:
    found = json.loads(run("standard", "--runs", RUN, "--json", "--quantity", "npv_usd").stdout)
    assert found["results"].keys() == {"npv_usd"}
    assert found["results"]["npv_usd"]["p10"] < found["results"]["npv_usd"]["p90"]
    assert found["drivers"]["wacc"]["from"] == "Assumptions"


HOSTILE: dict[str, tuple[list[str], str]] = {
    "no runs": (["standard", "--runs", "0"], "whole number from 1"),
    "half a run": (["standard", "--runs", "1.5"], "valid integer"),
    "too many runs": (["standard", "--runs", "1000000000"], "whole number from 1"),
    "a seed below 0": (["standard", "--seed", "-1"], "seed"),
    "no such scenario": (["standard", "--scenario", "Worse"], "Use Base"),
    "no such quantity": (["standard", "--quantity", "npv"], "npv_usd"),
    "a given quantity": (["standard", "--quantity", "wacc"], "is given"),
    "a text": (["standard", "--quantity", "headline"], "text"),
    "a list": (["standard", "--quantity", "plan_cash_usd"], "runs along periods"),
    "no such preset": (["standrad"], "standrad"),
    "a file that is there": (["standard", "-o", "there.xlsx"], "--force"),
    "no workbook's name": (["standard", "-o", "x.csv"], ".xlsx"),
    "no such workbook": (["missing.xlsx"], "does not exist"),
    "what is no workbook": (["there.xlsx"], "no readable"),
    "several at once": (["standard", "--runs", "0", "--scenario", "Worse", "--quantity", "npv"], "3 lines"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_input_ends_with_exit_code_2_and_a_remedy(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.xlsx").write_text("not a workbook")
    words, told = HOSTILE[case]
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    if told == "3 lines":
        assert len(result.stderr.strip().splitlines()) == 3
    else:
        assert told in result.output


def test_a_workbook_that_cannot_hold_it_is_left_alone(tmp_path: Path) -> None:
    core, full = tmp_path / "core.xlsx", tmp_path / "full.xlsx"
    core.write_bytes(new_workbook(preset("standard"), full=False))
    full.write_bytes(new_workbook(preset("standard")))
    full.with_name("~$full.xlsx").touch()
    before = core.read_bytes(), full.read_bytes()
    assert "core workbook" in run(core, "--runs", 9).stderr
    assert "open in another program" in run(full, "--runs", 9).stderr
    assert (core.read_bytes(), full.read_bytes()) == before
