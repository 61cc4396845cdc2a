"""The bridge: each step a real evaluation, the ends the same in any order, and the workbook computes it live."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path
from typing import Any

import engines
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import random_study
from test_parity import differences
from workbooks import calls_of_functions, put, saved, without_rates

from xl_econ import check_workbook, refresh_workbook
from xl_econ.core.expr import Call, refs, walk
from xl_econ.core.fold import value_of
from xl_econ.core.merge import MOST_OPERATIONS, merged
from xl_econ.inputs.article import article_bridge
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import Study, preset
from xl_econ.model import model_graph
from xl_econ.model.bridge import fall, lower_end, ranks_fault, rise, sum_fault
from xl_econ.workbook.book import WorkbookError
from xl_econ.workbook.bridge_cells import BRIDGE, CORRECTIONS, SCENARIOS
from xl_econ.workbook.columns import Columns, Held, columns_of
from xl_econ.workbook.fill import filled, new_workbook
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.settings import Settings, known_settings
from xl_econ.workbook.trials import GROUPS, STATE, bridge_ends, correction_trials, group_of, roots

CASES = tomllib.loads((Path(__file__).parent / "cases" / "bridge.toml").read_text("utf-8"))["case"]
RESULT = "usd_per_m_output_tokens"
PARTS = ("kv_heads_by", "batching_by", "efficiency_by")
COUNT = len(article_bridge().correction)


def columns(study: Study, **changed: list[Any]) -> Columns:
    return columns_of(study, held=Held(settings=changed))


def corrected(found: Columns, name: str = RESULT) -> list[Any]:
    """A result at the start of the article's bridge, after each step, and at its end."""
    start, end = (len(found.scenarios) + place for place in bridge_ends())
    first = len(found.all)
    return [found.value(name, column) for column in (start, *range(first, first + COUNT), end)]


def between(found: Columns, name: str) -> list[Any]:
    """A result after each step between two scenarios."""
    first = len(found.all) + COUNT
    return [found.value(name, column) for column in range(first, first + len(GROUPS))]


# --- from the article to ours ---


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["why"])
def test_each_step_is_what_a_hand_computes(case: dict[str, Any]) -> None:
    assert corrected(columns(preset("standard")))[case["step"]] == pytest.approx(case["stands"], rel=1e-4)


def test_the_last_step_is_the_calibrated_scenarios_own_result() -> None:
    """The preset's second scenario says `method = "calibrated"`; without its parts, it would be the same."""
    study = preset("article-bridge")
    plain = study.scenarios["Corrected"].model_copy(
        update=dict.fromkeys(("kv_heads_by", "batching_by", "efficiency_by"))
    )
    alone = study.model_copy(update={"scenarios": {**study.scenarios, "Corrected": plain}})
    own = evaluate(alone, [RESULT]).scenarios["Corrected"][RESULT]
    assert corrected(columns(preset("standard")))[-2:] == pytest.approx([own, own], rel=1e-12)


def test_fewer_heads_alone_save_nothing_and_behind_batching_they_do() -> None:
    found = corrected(columns(preset("standard")))
    assert found[4] == found[3]
    behind = corrected(columns(preset("standard"), correction_ranks=[1, 2, 3, 6, 4, 5, 7, 8]))
    assert behind[6] < behind[5]


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(1, COUNT + 1)))
def test_any_order_ends_at_the_same_figure(ranks: list[int]) -> None:
    found = corrected(columns(preset("standard"), correction_ranks=ranks))
    assert found[-2] == pytest.approx(found[-1], rel=1e-12)
    assert all(state == 0 for state in corrected(columns(preset("standard"), correction_ranks=ranks), STATE))


def test_each_input_belongs_to_one_correction_and_nothing_else_differs_between_the_ends() -> None:
    taken = [name for each in article_bridge().correction for name in each.inputs]
    assert len(taken) == len(set(taken))
    first, second = list(preset("article-bridge").resolved().values())[:2]
    assert {name for name in first if first[name] != second[name]} == {*taken, "method"}


def test_the_parts_of_the_method_are_the_method() -> None:
    """Three parts said one by one give what the word for all of them gives."""
    names = ("usd_per_m_tokens", "ttft_ms", "itl_ms", "kv_mb_per_token")
    for method, name in itertools.product(("article", "calibrated"), ("article-405b", "standard")):
        base = preset(name).scenarios["Base"]
        parts = dict.fromkeys(PARTS, method)
        said = Study(title="t", as_of="2026-01-01", scenarios={"Base": base.model_copy(update={"method": method})})
        by_part = Study(title="t", as_of="2026-01-01", scenarios={"Base": base.model_copy(update=parts)})
        assert evaluate(said, names).scenarios == evaluate(by_part, names).scenarios


# --- between two scenarios ---


@pytest.mark.parametrize("seed", range(12))
def test_any_two_scenarios_are_bridged_in_any_order(seed: int) -> None:
    study, orders = random_study(seed), np.random.default_rng(seed)
    start, end = (int(place) for place in orders.choice(3, 2, replace=False))
    ranks = [int(rank) for rank in orders.permutation(len(GROUPS)) + 1]
    found = columns(study, bridge_from=[start + 1], bridge_to=[end + 1], group_ranks=ranks)
    for name in ("usd_per_m_tokens", "usd_per_month", STATE):
        assert between(found, name)[-1] == pytest.approx(found.value(name, end), rel=1e-12)


def test_a_step_takes_over_one_group_of_inputs_alone() -> None:
    """Cheaper differs from Base in accelerator and layout: the only step that moves anything."""
    found = between(columns(preset("standard")), "usd_per_m_tokens")
    base, cheaper, _ = (columns(preset("standard")).value("usd_per_m_tokens", place) for place in range(3))
    moving = group_of("accelerator")
    assert group_of("tensor_parallel") == moving
    assert found == pytest.approx([base] * moving + [cheaper] * (len(GROUPS) - moving))


# --- bars and checks ---


@pytest.mark.parametrize(
    ("before", "now", "why"),
    [(5, 2, "a fall hangs from where it began"), (2, 5, "a rise stands on it"), (3, 3, "nothing moved: no bar")],
)
def test_a_bar_reaches_from_one_figure_to_the_next(before: float, now: float, why: str) -> None:
    low, up, down = lower_end(now, before), rise(now, before), fall(now, before)
    assert (low, low + up + down) == (min(before, now), max(before, now)), why
    assert min(up, down) == 0


@pytest.mark.parametrize(
    ("places", "fault"), [([2, 1, 3], 0), ([1, 0, 3], 1)], ids=["each once", "nothing has the number 2"]
)
def test_an_order_names_each_step_once(places: list[int], fault: int) -> None:
    assert ranks_fault(np.array(places)) == fault


@pytest.mark.parametrize(("end", "fault"), [(6.0, 0), (6.1, 1)], ids=["1 + 2 + 3", "a tenth is missing"])
def test_steps_add_up(end: float, fault: int) -> None:
    assert sum_fault(1.0, np.array([2.0, 3.0]), end, 1e-6) == fault


# --- in the workbook ---


def typed_settings(changed: Settings) -> dict[tuple[str, str], Any]:
    known = known_settings(3)
    return {
        (known[name].sheet, cell): value
        for name, values in changed.items()
        for cell, value in zip(known[name].cells, values, strict=True)
    }


SET = {
    "as it is shipped": {},
    "another order, another pair": {
        "correction_ranks": [8, 7, 6, 5, 4, 3, 2, 1],
        "group_ranks": [3, 1, 2, 6, 5, 4],
        "bridge_from": [3],
        "bridge_to": [1],
        "bridge_result": ["USD per month"],
    },
    "a number twice": {"correction_ranks": [1, 1, 3, 4, 5, 6, 7, 8], "group_ranks": [1, 2, 3, 4, 5, 5]},
    "a scenario and itself": {"bridge_from": [2], "bridge_to": [2]},
}


@pytest.mark.parametrize("changed", SET.values(), ids=SET)
def test_two_engines_follow_what_a_person_sets(changed: dict[str, list[Any]], tmp_path: Path) -> None:
    study, path = random_study(4), tmp_path / "book.xlsx"
    path.write_bytes(new_workbook(study))
    expected = {
        (sheet, at): cell.value
        for sheet, cells in filled(study, held=Held(settings=changed)).items()
        for at, cell in cells.items()
        if cell.formula is not None and (sheet, at) not in calls_of_functions()
    }
    for engine, cells in ((engines.IroncalcBook, expected), (engines.CellruneBook, without_rates(expected))):
        book = engine(put(path, typed_settings(changed)))
        book.recalculate()
        assert not differences(cells, book.values(cells))


def test_a_number_twice_is_told_on_checks_and_costs_no_result() -> None:
    cells = filled(preset("standard"), held=Held(settings=SET["a number twice"]))
    words = {str(cell.value) for cell in cells["Checks"].values()}
    assert "Checks: 2 to look at (sheet Checks)" in words, "two orders, and both ends are reached"
    assert "no step has this number" in {str(cell.value) for cell in cells[BRIDGE].values()}


def test_an_order_is_kept_when_a_workbook_is_refreshed(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    put(path, typed_settings({"correction_ranks": [8, 7, 6, 5, 4, 3, 2, 1]}))
    refresh_workbook(path)
    expected = filled(preset("standard"), held=Held(settings={"correction_ranks": [8, 7, 6, 5, 4, 3, 2, 1]}))
    found = saved(path)
    steps = [f"C{row + 1}" for row in CORRECTIONS.steps]
    assert [found[BRIDGE, at][1] for at in steps] == pytest.approx([expected[BRIDGE][at].value for at in steps])
    assert [each for each in check_workbook(path) if each.level == "error"] == []


def test_what_is_no_place_in_an_order_is_refused_with_its_cell(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    put(path, {(BRIDGE, f"B{CORRECTIONS.ranks[0] + 1}"): 2.5, (BRIDGE, f"B{SCENARIOS.first_pick + 1}"): "Base"})
    with pytest.raises(WorkbookError, match=r"a whole number from 1 to 8(.|\n)*a whole number from 1 to 3"):
        refresh_workbook(path)


def test_a_step_repeats_only_what_it_moves() -> None:
    layout = layout_for(3)
    moved = correction_trials()[0]
    assert moved.sets
    first = layout.scenarios + layout.cases
    assert layout.owner("llm_heads", first) == layout.scenarios + bridge_ends()[0]
    assert layout.owner(RESULT, first) == first


# --- merged formulas ---


def test_merged_formulas_give_what_the_whole_ones_give() -> None:
    trees, found = merged(model_graph(), roots()), columns(random_study(9))
    for place in range(len(found.all)):
        for name, tree in trees.items():
            if model_graph().axes[name] is None:
                wanted = found.value(name, place)
                values = {each: np.asarray(found.values[each][place]) for each in refs(tree)}
                value = np.asarray(value_of(tree, values.__getitem__)).item()
                assert value == (wanted if isinstance(wanted, str) else pytest.approx(wanted, rel=1e-12)), name


def test_results_keep_formulas_of_their_own_and_others_are_merged_while_they_are_readable() -> None:
    trees = merged(model_graph(), roots())
    assert roots() <= trees.keys()
    assert len(trees) < len(model_graph().needs(roots()) & {each.name for each in model_graph().derived})
    sizes = [sum(isinstance(node, Call) for node in walk(tree)) for tree in trees.values()]
    assert max(sizes) <= MOST_OPERATIONS
