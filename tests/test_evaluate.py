"""Evaluation: one formula on one scenario, on many, along an axis, in chunks, cut in the middle, and repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from small import Formula, formula, given

from xl_econ.core.evaluate import evaluate, evaluate_in_chunks
from xl_econ.core.graph import Graph, GraphError
from xl_econ.core.operations import (
    at,
    at_most,
    blanks,
    ceil_whole,
    choose,
    fixed,
    floor_whole,
    how_often,
    join,
    largest,
    last_within,
    match,
    nth_largest,
    pick,
    smallest,
    standing,
    total,
    total_below,
    total_whole,
)
from xl_econ.core.quantity import Derived, Quantity
from xl_econ.core.repeat import repeat
from xl_econ.inputs.study import preset
from xl_econ.model import CURVE_RESULTS, HEADLINES, LEVEL_COUNT, model_graph

QUANTITIES: list[Quantity] = [
    given("count"),
    given("place"),
    given("level", axis="level"),
    given("prices", "USD", axis="goods"),
    given("names", "text", axis="goods"),
    given("sign"),
    formula("price", lambda prices, place: pick(prices, place), "USD"),
    formula("name", lambda names, place: pick(names, place), "text"),
    formula("cost", lambda price, count: price * count, "USD"),
    formula("signed", lambda cost, sign: cost * sign, "USD"),
    formula("level_cost", lambda cost, level: cost / level, "USD"),
    formula("most", lambda level_cost: largest(level_cost), "USD"),
    formula("all_levels", lambda level_cost: total(level_cost), "USD"),
    formula("chosen", lambda level_cost, place: pick(level_cost, place), "USD"),
    formula("levels", lambda level: largest(level)),
    formula("headline", lambda name, cost: join(name, " for ", fixed(cost, 2), " USD"), "text"),
]
"""A price list, a curve of discounts by level, and what an order costs."""
SHOP = Graph(QUANTITIES)
TABLES = {
    "level": np.array([1.0, 2.0, 4.0]),
    "prices": np.array([10.0, 20.0, 30.0]),
    "names": np.array(["tea", "rice", "salt"]),
    "sign": 1,
}
MANY = TABLES | {"count": np.array([1.0, 2.0, 3.0, 4.0, 5.0]), "place": np.array([1, 2, 3, 1, 2])}

# --- Shapes ---------------------------------------------------------------------------------------------


def test_one_scenario_gives_single_values() -> None:
    values = evaluate(SHOP, TABLES | {"count": 2, "place": 3})
    single = {name: values[name].item() for name in ("price", "cost", "most", "all_levels", "chosen", "headline")}
    assert single == {
        "price": 30,
        "cost": 60,
        "most": 60,
        "all_levels": 60 + 30 + 15,
        "chosen": 15,
        "headline": "salt for 60.00 USD",
    }


def test_many_scenarios_come_first_and_the_axis_last() -> None:
    values = evaluate(SHOP, MANY)
    assert_array_equal(values["cost"], [10, 40, 90, 40, 100])
    assert values["level_cost"].shape == (5, 3)
    assert_array_equal(values["level_cost"][2], [90, 45, 22.5])


def test_reductions_give_one_value_for_each_scenario() -> None:
    values = evaluate(SHOP, MANY)
    assert_array_equal(values["most"], values["cost"])
    assert_array_equal(values["all_levels"], values["cost"] * 1.75)
    assert_array_equal(values["chosen"], values["cost"] / [1, 2, 4, 1, 2])
    assert values["levels"] == 4
    assert values["headline"].tolist()[:2] == ["tea for 10.00 USD", "rice for 40.00 USD"]


def test_what_does_not_depend_on_the_scenario_runs_along_the_axis_alone() -> None:
    values = evaluate(SHOP, MANY | {"count": 2, "place": 1}, ["level_cost", "most"])
    assert_array_equal(values["level_cost"], [20, 10, 5])
    assert values["most"] == 20


def test_as_many_scenarios_as_levels_are_not_taken_for_each_other() -> None:
    three = {name: MANY[name][:3] for name in ("count", "place")}
    assert_array_equal(evaluate(SHOP, TABLES | three)["level_cost"], evaluate(SHOP, MANY)["level_cost"][:3])


def test_choosing_by_scenario_among_curves_that_all_share_spreads_them() -> None:
    graph = Graph([given("code"), given("x", axis="level"), formula("y", lambda code, x: choose(code, x, 0))])
    x = np.array([1.0, 2.0, 3.0])
    for codes in ([1, 2], [1, 1], [2, 2]):
        found = evaluate(graph, {"code": np.array(codes), "x": x}, ["y"])["y"]
        assert_array_equal(np.broadcast_to(found, (2, 3)), [x if code == 1 else 0 * x for code in codes])


def test_without_a_wish_everything_is_computed() -> None:
    assert set(evaluate(SHOP, MANY)) == set(SHOP.by_name)


# --- What is wanted, given, missing ---------------------------------------------------------------------


def test_only_what_a_wish_needs_must_be_given() -> None:
    assert evaluate(SHOP, {"price": 3, "count": 2}, ["cost"])["cost"] == 6


def test_all_missing_givens_are_named() -> None:
    with pytest.raises(KeyError, match="no value is given for count, place, prices"):
        evaluate(SHOP, {}, ["cost"])


def test_an_unknown_wish_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(GraphError, match=r'no quantity "costs"\. Did you mean cost'):
        evaluate(SHOP, MANY, ["costs"])


def test_a_derived_quantity_that_is_given_cuts_the_graph() -> None:
    """Its own formula and all that only it needs are left alone."""
    values = evaluate(SHOP, {"cost": np.array([7.0, 8.0]), "level": TABLES["level"]}, ["level_cost", "cost"])
    assert_array_equal(values["cost"], [7, 8])
    assert_array_equal(values["level_cost"][1], [8, 4, 2])


def test_a_curve_that_is_given_cuts_the_graph_too() -> None:
    curve = np.array([[1.0, 5.0, 2.0], [9.0, 1.0, 1.0]])
    assert_array_equal(evaluate(SHOP, {"level_cost": curve}, ["most"])["most"], [5, 9])


def test_what_is_given_is_not_changed() -> None:
    before = {name: np.copy(value) for name, value in MANY.items()}
    evaluate(SHOP, MANY)
    for name, value in before.items():
        assert_array_equal(MANY[name], value)


# --- In chunks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chunk", [1, 2, 3, 4, 5, 100])
def test_in_chunks_equals_at_once(chunk: int) -> None:
    wanted = ["signed", "level_cost", "most", "chosen", "headline"]
    whole = evaluate(SHOP, MANY, wanted)
    parts = list(evaluate_in_chunks(SHOP, MANY, wanted, chunk))
    for name in wanted:
        assert_array_equal(np.concatenate([part[name] for part in parts]), whole[name])


def test_what_all_scenarios_share_has_no_dimension_in_a_chunk() -> None:
    same = MANY | {"count": np.full(5, 2.0), "place": np.array([1, 1, 2, 2, 3])}
    parts = list(evaluate_in_chunks(SHOP, same, ["count", "cost"], 2))
    assert [part["count"].shape for part in parts] == [(), (), ()]
    assert [part["cost"].tolist() for part in parts] == [[20, 20], [40, 40], [60]]


def test_one_scenario_is_one_chunk() -> None:
    (part,) = evaluate_in_chunks(SHOP, TABLES | {"count": 2, "place": 3}, ["cost"])
    assert part["cost"] == 60


@pytest.mark.parametrize("chunk", [1, 2])
def test_a_given_curve_is_cut_into_chunks_like_everything_else(chunk: int) -> None:
    curve, count = np.arange(15.0).reshape(5, 3), np.arange(5.0)
    graph = Graph([*QUANTITIES, formula("sum", lambda level_cost, count: level_cost * count, "USD")])
    parts = list(evaluate_in_chunks(graph, {"level_cost": curve, "count": count}, ["sum"], chunk))
    assert_array_equal(np.concatenate([part["sum"] for part in parts]), curve * count[:, np.newaxis])


def test_arrays_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError):
        list(evaluate_in_chunks(SHOP, {"price": np.arange(5.0), "count": np.arange(4.0)}, ["cost"], 4))


# --- Numbers that Python and a cell must see alike ------------------------------------------------------

SLACK = 1e-9
OPERATIONS: list[tuple[Callable[[], Any], Any, str]] = [
    (lambda: ceil_whole(1.2, SLACK), 2, "up"),
    (lambda: ceil_whole(-1.2, SLACK), -1, "up, not away from zero"),
    (lambda: ceil_whole(3, SLACK), 3, "whole stays"),
    (lambda: ceil_whole(0.1 * 3 / 0.1, SLACK), 3, "3.0000000000000004 is 3"),
    (lambda: ceil_whole(3 + 1e-6, SLACK), 4, "more than the slack is more"),
    (lambda: floor_whole(2.9, SLACK), 2, "down"),
    (lambda: floor_whole(-1.2, SLACK), -2, "down, not towards zero"),
    (lambda: floor_whole(0.3 / 0.1, SLACK), 3, "2.9999999999999996 is 3"),
    (lambda: at_most(0.1 + 0.2, 0.3, SLACK), True, "equal but for the last digit"),
    (lambda: at_most(0.3 + 1e-6, 0.3, SLACK), False, "above"),
    (lambda: choose(2, 10, 20, 30), 20, "codes count from 1"),
    (lambda: choose(np.array([1, 3]), 10, 20, 30).tolist(), [10, 30], "by scenario"),
    (lambda: choose(2.0, 10, 20, 30), 20, "a code is a double in a cell"),
    (lambda: choose(np.array([1.0, 3.0]), 10, 20, 30).tolist(), [10, 30], "doubles by scenario"),
    (lambda: choose(np.array([2, 1]), np.array([1, 2]), np.array([3, 4])).tolist(), [3, 2], "options by scenario"),
    (lambda: choose(np.array([2, 1]), "a", "bcd").tolist(), ["bcd", "a"], "texts of any length"),
    (lambda: pick(np.array([10, 20, 30]), 1), 10, "places count from 1"),
    (lambda: pick(np.array([[1, 2], [3, 4]]), np.array([2, 1])).tolist(), [2, 3], "a curve by scenario"),
    (lambda: pick(np.array([[1, 2], [3, 4]]), 2).tolist(), [2, 4], "one place of all"),
    (lambda: match("b", np.array(["a", "b", "b"])), 2, "the first of equals, as MATCH"),
    (lambda: match("B", np.array(["a", "b"])), 2, "without case, as MATCH"),
    (lambda: match(np.array(["b", "a"]), ["a", "b"]).tolist(), [2, 1], "by scenario"),
    (lambda: smallest(np.array([[1, 3], [5, 2]])).tolist(), [1, 2], "along the axis, not over scenarios"),
    (lambda: largest(np.array([[1, 3], [5, 2]])).tolist(), [3, 5], "along the axis, not over scenarios"),
    (
        lambda: last_within([1, 2, 3], [[1, 2, 4], [1, 4, 2]], [2, 3], [5, 5, 5], 5, SLACK).tolist(),
        [2, 3],
        "the last that is within both limits, also behind one that is not",
    ),
    (lambda: last_within([1, 2], [1.0, 2.0], 0.5, [1.0, 1.0], 1.0, SLACK), 0, "0 where none is"),
    (lambda: total(np.array([[1, 3], [5, 2]])).tolist(), [4, 7], "along the axis, not over scenarios"),
    (lambda: how_often(2, np.array([2.0, 1.0, 2.0])), 2, "numbers, not texts"),
    (lambda: standing(5.0, 1, [5.0, 7.0], [1, 2], SLACK), 2, "the largest is first"),
    (lambda: standing(5.0, 2, [5.0 + 1e-12, 5.0], [1, 2], SLACK), 2, "of equals, the one that stands first"),
    (lambda: at(np.array([[1, 3], [5, 2]]), np.array([[2, 2], [1, 2]])).tolist(), [[3, 3], [5, 2]], "place by place"),
    (lambda: at(np.array([7, 8, 9]), np.array([[3, 1, 1]])).tolist(), [[9, 7, 7]], "a curve that scenarios share"),
    (lambda: at(np.array([[7, 8], [5, 6]]), np.array([2, 1])).tolist(), [[8, 7], [6, 5]], "places that they share"),
    (lambda: total_below(np.array([[1, 2, 4]]), [1, 2, 3], [1, 2, 3]).tolist(), [[0, 1, 3]], "all before each place"),
    (lambda: total_below([1, 2, 4], [3, 1, 2], [3, 3, 2]).tolist(), [6, 6, 2], "keys need no order"),
    (lambda: nth_largest(np.array([[1, 3, 2], [5, 2, 0]]), np.array([1, 2])).tolist(), [3, 2], "by scenario"),
    (lambda: total_whole([5, 2], [0.5, 1.0], [3.0, 4.0], [1.0, 3.0], SLACK).tolist(), [16, 23], "5 × 2 + 2 × 3, 5 × 3"),
    (lambda: total_whole([1, 1], [[0.1, 1], [1, 1]], [[3.0]], [[1.0]], SLACK).tolist(), [[4], [6]], "0.3 is one"),
    (lambda: blanks(np.array(["a", "", None], dtype=object)), 2, "an empty text counts, as in COUNTBLANK"),
    (lambda: fixed(1234.5, 0), "1,235", "halves away from zero, thousands apart"),
    (lambda: fixed(-2.5, 0), "-3", "also below zero"),
    (lambda: fixed(2.675, 2), "2.68", "15 digits, as Excel: the double is below the half"),
    (lambda: fixed(-0.001, 2), "0.00", "no minus before nothing"),
    (lambda: join("a", fixed(1, 0), "b"), "a1b", "text put together"),
    (lambda: join(np.array(["x", "y"]), "!").tolist(), ["x!", "y!"], "by scenario"),
]


@pytest.mark.parametrize(("found", "expected", "why"), OPERATIONS, ids=[why for _, _, why in OPERATIONS])
def test_our_own_operations_count_as_excel_does(found: Callable[[], Any], expected: Any, why: str) -> None:
    assert found() == expected, why


@pytest.mark.parametrize(
    "refused",
    [
        lambda: choose(0, 1, 2),
        lambda: choose(3, 1, 2),
        lambda: pick(np.array([1, 2]), 3),
        lambda: match("c", ["a"]),
        lambda: at(np.array([1, 2]), [1, 0]),
    ],
    ids=["code 0", "code above the options", "place after the end", "label in no row", "place 0 along the axis"],
)
def test_a_code_or_place_that_does_not_exist_raises(refused: Callable[[], Any]) -> None:
    with pytest.raises((ValueError, IndexError, KeyError)):
        refused()


def test_place_0_does_not_exist_either() -> None:
    with pytest.raises((ValueError, IndexError)):
        pick(np.array([1, 2, 3]), 0)


@pytest.mark.parametrize(
    ("a", "b", "function", "expected"),
    [
        (4_000_000_000, 4_000_000_000, lambda a, b: a * b, 1.6e19),
        (2, 64, lambda a, b: a**b, 2.0**64),
        (2, -1, lambda a, b: a**b, 0.5),
    ],
    ids=["product overflows", "power overflows", "negative power raises"],
)
def test_whole_numbers_compute_like_doubles(a: int, b: int, function: Formula, expected: float) -> None:
    graph = Graph([given("a"), given("b"), formula("c", function)])
    assert evaluate(graph, {"a": a, "b": b}, ["c"])["c"] == expected


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e30])
def test_a_text_of_a_number_without_bounds_does_not_stop_the_others(value: float) -> None:
    assert (
        evaluate(SHOP, {"name": "tea", "cost": np.array([1.0, value])}, ["headline"])["headline"][0]
        == "tea for 1.00 USD"
    )


# --- Repeats --------------------------------------------------------------------------------------------


def repeated() -> list[Derived]:
    """What depends on the count once more, for a count of its own."""
    stateful = [replace(q, state="cost") if q.name == "signed" else q for q in QUANTITIES]
    return repeat(
        stateful,
        to=["signed", "levels"],
        instead={"count": "other_count"},
        rename=lambda name: f"other_{name}",
        relabel=lambda label: f"{label} again",
        theme="Others",
    )


def test_a_repeat_has_everything_on_the_way_and_nothing_beside_it() -> None:
    """The price does not depend on the count, the headline does but is not asked for, levels are reached by no way."""
    assert [quantity.name for quantity in repeated()] == ["other_cost", "other_signed"]


def test_a_repeat_shares_its_other_inputs_and_keeps_formula_and_unit() -> None:
    cost, signed = repeated()
    assert cost.inputs == {"price": "price", "count": "other_count"}
    assert signed.inputs == {"cost": "other_cost", "sign": "sign"}
    assert (signed.label, signed.theme, signed.repeats) == ("The signed again", "Others", "signed")
    assert signed.state == "other_cost", "the state is that of the repeat"
    original = SHOP["signed"]
    assert isinstance(original, Derived)
    assert (signed.formula, signed.unit) == (original.formula, "USD")


def test_a_repeat_of_a_repeat_names_the_first_formula() -> None:
    again = repeat(
        [*QUANTITIES, *repeated()],
        to=["other_cost"],
        instead={"other_count": "third_count"},
        rename=lambda name: name.replace("other", "third"),
    )
    assert [(q.name, q.inputs["count"], q.repeats) for q in again] == [("third_cost", "third_count", "cost")]


def test_a_repeat_computes_what_the_original_would() -> None:
    graph = Graph([*QUANTITIES, given("other_count"), *repeated()])
    values = evaluate(graph, MANY | {"other_count": MANY["count"] * 2}, ["cost", "other_cost"])
    assert_array_equal(values["other_cost"], values["cost"] * 2)


# --- The real model -------------------------------------------------------------------------------------


def many_scenarios(count: int) -> dict[str, Any]:
    """The standard study's base with other lengths and prices in each scenario."""
    model = model_graph()
    spread = np.linspace(0.5, 2, count)
    base = preset("standard").given()
    first = {name: value if np.ndim(value) == 0 or model.axes[name] else value[0] for name, value in base.items()}
    varied = ("input_tokens", "output_tokens", "ttft_slo_ms", "itl_slo_ms", "mfu_hopper", "own_usd_per_accelerator_h")
    return first | {name: first[name] * spread[:: (-1) ** place] for place, name in enumerate(varied)}


def test_the_model_in_chunks_equals_the_model_at_once() -> None:
    names = [*HEADLINES, "headline", "level_itl_ms"]
    given = many_scenarios(23)
    whole = evaluate(model_graph(), given, names)
    parts = list(evaluate_in_chunks(model_graph(), given, names, 7))
    for name in names:
        sizes = [7, 7, 7, 2]
        rows = [np.broadcast_to(p[name], (n, *whole[name].shape[1:])) for p, n in zip(parts, sizes, strict=True)]
        assert_array_equal(np.concatenate(rows), np.broadcast_to(whole[name], (23, *whole[name].shape[1:])))


@pytest.mark.parametrize("name", CURVE_RESULTS)
def test_each_level_of_the_curve_is_the_model_at_that_concurrency(name: str) -> None:
    given = many_scenarios(3)
    curve = evaluate(model_graph(), given, ["level_concurrency", f"level_{name}"])
    for level in range(LEVEL_COUNT):
        at_level = given | {"concurrency": curve["level_concurrency"][..., level]}
        assert_allclose(curve[f"level_{name}"][..., level], evaluate(model_graph(), at_level, [name])[name], rtol=1e-12)


def test_one_scenario_of_many_is_what_it_is_alone() -> None:
    given, model = many_scenarios(5), model_graph()
    many = evaluate(model, given, HEADLINES)
    for place in range(5):
        alone = {name: v[place] if np.ndim(v) and not model.axes[name] else v for name, v in given.items()}
        for name, value in evaluate(model, alone, HEADLINES).items():
            assert_allclose(np.broadcast_to(many[name], 5)[place], value, rtol=1e-12)
