"""The graph: names are the wiring, and what does not fit together is refused before anything runs."""

from __future__ import annotations

import contextlib
import inspect
import math
import re
import runpy
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from small import Formula, formula, given

from xl_econ.core.graph import Graph, GraphError, trace_function
from xl_econ.core.operations import (
    at,
    blanks,
    ceil_whole,
    choose,
    fixed,
    join,
    largest,
    match,
    pick,
    running_largest,
    running_total,
    running_worth,
    total,
    total_below,
    total_every,
    total_product,
)
from xl_econ.core.quantity import DeclarationError, Derived, Given, Quantity, declared_in, derived
from xl_econ.model import model_graph


def refusal(*quantities: Quantity) -> list[str]:
    """The lines of the message with which a graph refuses these quantities."""
    with pytest.raises(GraphError) as caught:
        Graph(quantities)
    return str(caught.value).splitlines()


# --- Names ----------------------------------------------------------------------------------------------


def test_a_missing_name_is_reported_with_the_nearest_one() -> None:
    quantities = [given("decode_ms_per_step", "ms"), formula("itl_ms", lambda decode_step_ms: decode_step_ms, "ms")]
    assert refusal(*quantities) == [
        "itl_ms needs decode_step_ms, which nothing declares. Did you mean decode_ms_per_step?"
    ]


def test_a_name_like_no_other_gets_no_suggestion() -> None:
    assert refusal(given("a"), formula("b", lambda zebra: zebra)) == ["b needs zebra, which nothing declares."]


def test_a_circle_is_shown_from_end_to_end() -> None:
    quantities = [formula("a", lambda b: b), formula("b", lambda a: a)]
    assert refusal(*quantities)[0] in ("circular: a -> b -> a", "circular: b -> a -> b")


def test_a_longer_circle_reads_as_each_needs_the_next() -> None:
    needs = {"a": "b", "b": "c", "c": "a"}
    quantities = [formula("a", lambda b: b), formula("b", lambda c: c), formula("c", lambda a: a)]
    (line,) = refusal(*quantities)
    circle = line.removeprefix("circular: ").split(" -> ")
    assert [needs[name] for name in circle[:-1]] == circle[1:]


def test_a_quantity_that_needs_itself_is_a_circle() -> None:
    assert refusal(formula("a", lambda a: a)) == ["circular: a -> a"]


def test_a_name_declared_twice_is_refused_with_both_places() -> None:
    first = Given("cost_usd", "USD", "Cost", "test", theme="cost")
    second = Given("cost_usd", "USD", "Cost", "test", theme="hosted")
    assert refusal(first, second) == ["cost_usd is declared twice, in cost and hosted. Rename one of them"]


def test_several_problems_are_reported_at_once() -> None:
    wrong_names = refusal(given("price"), formula("b", lambda prize: prize), formula("c", lambda pryce: pryce))
    assert [line.split(" ")[0] for line in wrong_names] == ["b", "c"]
    wrong_formulas = refusal(
        given("a_ms", "ms"),
        given("b_gb", "GB"),
        formula("mixed", lambda a_ms, b_gb: a_ms + b_gb, "ms"),
        formula("tripled_ms", lambda a_ms: 3 * a_ms, "ms"),
        formula("renamed_gb", lambda a_ms: a_ms, "GB"),
    )
    assert {line.split(":")[0].split(" ")[0] for line in wrong_formulas} == {"mixed", "tripled_ms", "renamed_gb"}


def test_asking_for_an_unknown_quantity_suggests_the_nearest() -> None:
    with pytest.raises(GraphError, match=r'no quantity "weight_gb".*weights_gb'):
        model_graph()["weight_gb"]


def test_formulas_come_after_their_inputs_and_all_that_a_result_needs_is_found() -> None:
    graph = Graph([formula("c", lambda b, x: b + x), formula("b", lambda a: a), given("a"), given("x"), given("y")])
    assert [quantity.name for quantity in graph.derived] == ["b", "c"]
    assert graph.needs(["c"]) == {"a", "b", "c", "x"}
    assert graph.needs(["c"], stop_at=["b"]) == {"b", "c", "x"}


# --- Units, scale included ------------------------------------------------------------------------------

PRICES = [given("usd_per_h", "USD/h"), given("tokens_per_s", "token/s"), given("s_per_h", "s/h")]


def test_forgetting_the_seconds_of_an_hour_is_an_error_that_shows_what_is_left_over() -> None:
    (line,) = refusal(
        *PRICES, formula("usd_per_token", lambda usd_per_h, tokens_per_s: usd_per_h / tokens_per_s, "USD/token")
    )
    assert re.fullmatch("usd_per_token:? is declared USD/token but its formula gives USD\\*s/h/token", line)


def test_with_the_conversion_as_a_quantity_the_same_formula_passes() -> None:
    right = formula(
        "usd_per_token", lambda usd_per_h, tokens_per_s, s_per_h: usd_per_h / tokens_per_s / s_per_h, "USD/token"
    )
    assert "usd_per_token" in Graph([*PRICES, right])


UNIT_MISTAKES: list[tuple[Formula, str, str]] = [
    (lambda t_ms, t_s: t_ms + t_s, "ms", "a sum, difference, minimum or maximum mixes ms with s"),
    (lambda t_ms, n_gb: np.maximum(t_ms, n_gb), "ms", "mixes ms with GB"),
    (lambda t_ms, t_s: np.where(t_ms < t_s, 1, 0), "1", "a comparison mixes ms with s"),
    (lambda t_ms, t_s, x: np.where(x > 0, t_ms, t_s), "ms", "a choice between values mixes ms with s"),
    (lambda t_ms, t_s, x: choose(x, t_ms, t_s), "ms", "a choice between values mixes ms with s"),
    (lambda t_ms: t_ms + 1, "ms", "mixes ms with 1"),
    (lambda t_ms: np.exp(t_ms), "1", "need a plain number, this one is in ms"),
    (lambda t_ms, t_s: np.log(t_ms / t_s), "1", "need a plain number, this one is in ms/s"),
    (lambda x, t_ms: x**t_ms, "1", "an exponent must be a plain number, this one is in ms"),
    (lambda t_ms, x: t_ms**x, "ms", "need a plain number, this one is in ms"),
    (lambda t_ms: np.sqrt(t_ms), "ms", "the root of ms has no unit"),
    (lambda t_ms: t_ms**2, "ms", "is declared ms but its formula gives ms^2"),
    (lambda t_ms, x: ceil_whole(t_ms, x), "ms", "need a plain number, this one is in ms"),
    (lambda t_s: t_s, "ms", "is declared ms but its formula gives s"),
    (lambda n_gb, t_s: n_gb / t_s, "TB/s", "is declared TB/s but its formula gives GB/s"),
    (lambda word: word, "1", "is declared 1 but its formula gives text"),
    (lambda t_ms: t_ms, "furlong", 'unknown unit "furlong"'),
]


@pytest.mark.parametrize(
    ("function", "unit", "message"), UNIT_MISTAKES, ids=[message for _, _, message in UNIT_MISTAKES]
)
def test_a_mistake_of_units_or_scale_is_refused(function: Formula, unit: str, message: str) -> None:
    inputs = [given("t_ms", "ms"), given("t_s", "s"), given("n_gb", "GB"), given("x"), given("word", "text")]
    (line,) = refusal(*inputs, formula("answer", function, unit))
    assert line.startswith("answer")
    assert message in line


UNITS_THAT_FIT: list[tuple[Formula, str, str]] = [
    (lambda size_b, bytes_each: size_b * bytes_each, "GB", "billions of parameters times bytes each"),
    (lambda n_gb, rate: n_gb / rate, "ms", "GB over TB/s"),
    (lambda t_ms: np.maximum(0, t_ms), "ms", "the literal 0 goes with every unit"),
    (lambda t_ms, x: np.where(x > 0, t_ms, 0), "ms", "also as a branch"),
    (lambda t_ms: np.sqrt(t_ms**2), "ms", "a root undoes a square"),
    (lambda layers, t_ms: layers * t_ms, "ms", "counts are plain numbers"),
    (lambda t_ms, t_s: t_ms * t_s / t_s, "ms", "what cancels is gone"),
]


@pytest.mark.parametrize(("function", "unit", "why"), UNITS_THAT_FIT, ids=[why for _, _, why in UNITS_THAT_FIT])
def test_units_that_fit_pass(function: Formula, unit: str, why: str) -> None:
    units = {"size_b": "Bparam", "bytes_each": "B/param", "n_gb": "GB", "rate": "TB/s", "t_ms": "ms", "t_s": "s"}
    inputs = [given(name, unit) for name, unit in (units | {"layers": "layer", "x": "1"}).items()]
    assert "answer" in Graph([*inputs, formula("answer", function, unit)]), why


# --- What has two meanings, or no cell ------------------------------------------------------------------


@dataclass(frozen=True)
class Refused:
    """A formula on plain numbers a and b, and the advice that its refusal gives."""

    written: str
    function: Formula
    advice: str


REFUSED = [
    Refused("3 * a", lambda a, b: 3 * a, "3 is a number without a source.*given with unit and source"),
    Refused("a ** 0.5", lambda a, b: a**0.5, "0.5 is a number without a source"),
    Refused("a * -1", lambda a, b: a * -1, "-1 is a number without a source"),
    Refused("np.pi * a", lambda a, b: np.pi * a, "3.14.* is a number without a source"),
    Refused("a // b", lambda a, b: a // b, "use ceil_whole"),
    Refused("a % b", lambda a, b: a % b, "%.*differs between dialects"),
    Refused("a == b", lambda a, b: a == b, "== on floats differs.*comparison with <"),
    Refused("a != b", lambda a, b: a != b, "!= on floats differs.*comparison with <"),
    Refused("0 < a < b", lambda a, b: 0 < a < b, "no truth value.*np.logical_and for a<b<c"),
    Refused("a if a > b else b", lambda a, b: a if a > b else b, "no truth value: use np.where"),
    Refused("a and b", lambda a, b: a and b, "no truth value.*logical_and"),
    Refused("not a", lambda a, b: not a, "no truth value"),
    Refused("bool(a)", lambda a, b: bool(a), "no truth value"),
    Refused("max(a, b)", lambda a, b: max(a, b), "no truth value: use np.where"),
    Refused("float(a)", lambda a, b: float(a), "not a number: use numpy functions in place of float"),
    Refused("math.sqrt(a)", lambda a, b: math.sqrt(a), r"use numpy functions in place of float\(\) and math"),
    Refused("math.ceil(a)", lambda a, b: math.ceil(a), r"use numpy functions in place of float\(\) and math"),
    Refused("np.round(a)", lambda a, b: np.round(a), "number formats round, formulas do not"),
    Refused("np.round(a, 2)", lambda a, b: np.round(a, 2), "number formats round, formulas do not"),
    Refused("np.rint(a)", lambda a, b: np.rint(a), "number formats round, formulas do not"),
    Refused("np.ceil(a)", lambda a, b: np.ceil(a), "use ceil_whole"),
    Refused("np.floor(a)", lambda a, b: np.floor(a), "floor has no spelling.*core/spell.py"),
    Refused("np.sum(a)", lambda a, b: np.sum(a), "sum has no spelling"),
    Refused("np.sum(a, axis=0)", lambda a, b: np.sum(a, axis=0), r"np.sum with \['axis'\] has no cell spelling"),
    Refused("np.add.reduce(a)", lambda a, b: np.add.reduce(a), "np.add.reduce .*no cell spelling"),
    Refused("nothing returned", lambda a, b: None, "None"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.written)
def test_a_formula_with_two_meanings_is_refused_with_advice(case: Refused) -> None:
    (line,) = refusal(given("a"), given("b"), formula("answer", case.function))
    assert re.search(case.advice, line)
    assert line.startswith("answer: ")


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda a: int(a), id="int(a)"),
        pytest.param(lambda a: round(a), id="round(a)"),
        pytest.param(lambda a: sum(a), id="sum(a)"),
        pytest.param(lambda a: a.sum(), id="a.sum()"),
        pytest.param(lambda a: a[0], id="a[0]"),
    ],
)
def test_pythons_own_refusals_name_the_quantity_too(function: Formula) -> None:
    (line,) = refusal(given("a"), formula("answer", function))
    assert line.startswith("answer: ")


AMBIGUOUS = [
    Refused("(a<b) + (b<a)", lambda a, b: (a < b) + (b < a), "numpy: True + True is True, Excel: 2"),
    Refused("np.sqrt(a < b)", lambda a, b: np.sqrt(a < b), "numpy gives a 16-bit float"),
    Refused("(a < b) < a", lambda a, b: (a < b) < a, "TRUE is above every number in Excel"),
    Refused("a < b", lambda a, b: a < b, "a cell that holds TRUE: SUM and MAX over it skip it"),
    Refused("where(c)", lambda a, b: np.where(a), "IF needs two branches"),
    Refused("choose(a)", lambda a, b: choose(a), "CHOOSE needs options"),
]


@pytest.mark.parametrize("case", AMBIGUOUS, ids=lambda case: case.written)
def test_truth_values_are_no_numbers(case: Refused) -> None:
    refusal(given("a"), given("b"), formula("answer", case.function))


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(lambda x, word: join(word, x), id="join takes texts: Python says 3.0 where Excel says 3"),
        pytest.param(lambda word: fixed(word, 2), id="fixed takes a number"),
        pytest.param(lambda word: word + word, id="a sum of texts is #VALUE! in a cell"),
        pytest.param(lambda word: np.maximum(word, word), id="MAX of texts is 0 in a cell"),
        pytest.param(lambda word: np.where(word < word, word, ""), id="texts compare without case in a cell"),
    ],
)
def test_numbers_and_texts_do_not_mix(function: Formula) -> None:
    refusal(given("x"), given("word", "text"), formula("answer", function, "text"))


# --- Axes -----------------------------------------------------------------------------------------------

AXES = [given("x"), given("level_a", axis="level"), given("month_a", axis="period"), given("table.size", axis="table")]


@pytest.mark.parametrize(
    ("function", "axis"),
    [
        (lambda x: x + 1, None),
        (lambda level_a, x: level_a * x, "level"),
        (lambda level_a: largest(level_a), None),
        (lambda level_a, month_a: total(level_a) * month_a, "period"),
        (lambda level_a, month_a: pick(month_a, level_a), "level"),
        (lambda level_a, x: pick(level_a, x), None),
        (lambda month_a: blanks(month_a), None),
        (lambda level_a: level_a - at(level_a, level_a), "level"),
        (lambda level_a, x: total_below(level_a, level_a, level_a) * x, "level"),
        (lambda month_a: running_total(month_a), "period"),
        (lambda month_a, x: running_worth(month_a, month_a, x) + x, "period"),
        (lambda month_a, x: total_every(month_a, month_a, month_a, x) + x, "period"),
        (lambda month_a: total_product(month_a, month_a), None),
    ],
    ids=[
        *("none", "level", "largest", "other axis", "pick by level", "pick one", "blanks", "look along", "sum along"),
        *("running", "running worth", "every so many", "sum of products"),
    ],
)
def test_a_result_runs_along_what_its_formula_takes_one_by_one(function: Formula, axis: str | None) -> None:
    graph = Graph([*AXES, formula("answer", function)])
    assert graph.axes["answer"] == axis


def test_a_place_in_a_table_has_no_axis() -> None:
    labels = given("labels", "text", axis="table")
    graph = Graph([labels, given("id", "text"), formula("place", lambda id, labels: match(id, labels))])
    assert graph.axes["place"] is None


def test_mixing_two_axes_is_refused() -> None:
    (line,) = refusal(*AXES, formula("answer", lambda level_a, month_a: level_a + month_a))
    assert line == "answer: mixes the axes level and period"


@pytest.mark.parametrize("reduction", [largest, total, blanks, lambda values: pick(values, 1), running_total])
def test_a_reduction_takes_a_whole_quantity_and_no_expression(reduction: Formula) -> None:
    (line,) = refusal(*AXES, formula("answer", lambda level_a: reduction(2 * level_a)))
    assert "takes a whole quantity, not an expression: declare that first" in line


def test_what_is_taken_both_one_by_one_and_whole_keeps_its_axis_or_is_refused() -> None:
    with contextlib.suppress(GraphError):
        graph = Graph([*AXES, formula("share", lambda level_a: level_a / largest(level_a))])
        assert graph.axes["share"] == "level"


ALONG = [largest, total, lambda values: pick(values, 1), lambda values: at(values, 1), running_total, running_largest]


@pytest.mark.parametrize("reduction", ALONG)
def test_a_reduction_of_what_runs_along_no_axis_is_refused(reduction: Formula) -> None:
    refusal(*AXES, formula("answer", lambda x: reduction(x)))


# --- Declarations ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ('"", "Label", source="S"', "unit"),
        ('"ms", " ", source="S"', "label"),
        ('"ms", "Label", source=""', "source"),
        ('"", "", source=""', "unit, label, source"),
        ('"ms", "Label"', "source"),
        ('"ms", source="S"', "label"),
    ],
)
def test_a_formula_without_unit_label_or_source_does_not_import(tmp_path: Path, arguments: str, missing: str) -> None:
    module = tmp_path / "theme.py"
    lines = ["from xl_econ.core.quantity import derived", f"@derived({arguments})", "def itl_ms(a): return a"]
    module.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises((DeclarationError, TypeError), match=missing):
        runpy.run_path(str(module))


def test_the_decorator_returns_the_function_untouched() -> None:
    def half(x: float) -> float:
        """Doc."""
        return x / 2

    assert derived("1", "Half of x", source="test")(half) is half
    declared = declared_in(__name__)[-1]
    assert (declared.name, declared.unit, declared.label, declared.note) == ("half", "1", "Half of x", "Doc.")


def test_a_parameter_may_take_a_quantity_of_another_name() -> None:
    derived("1", "Label", source="test", takes={"label": "lists.state"})(lambda label, x: label)
    declared = declared_in(__name__)[-1]
    assert isinstance(declared, Derived)
    assert declared.inputs == {"label": "lists.state", "x": "x"}


@pytest.mark.parametrize(
    "quantity",
    [
        pytest.param(replace(formula("b_ms", lambda a: a), state="no_such_state"), id="an undeclared state"),
        pytest.param(Given("c", "text", "C", "test", choices="no.such.column"), id="choices from an undeclared column"),
        pytest.param(given("c", "furlong"), id="a unit that nobody knows, on a given that nobody needs"),
    ],
)
def test_what_a_declaration_points_at_must_exist(quantity: Quantity) -> None:
    refusal(given("a"), quantity)


# --- The real formulas ----------------------------------------------------------------------------------

REAL = {quantity.name: quantity for quantity in model_graph()}
FORMULAS = {quantity.name: quantity for quantity in model_graph().derived}


@pytest.mark.parametrize("name", FORMULAS)
def test_each_real_formula_is_the_plain_function_of_its_module(name: str) -> None:
    function = FORMULAS[name].formula
    assert inspect.isfunction(function)
    assert getattr(sys.modules[function.__module__], function.__name__) is function
    assert trace_function(function) is not None


def test_every_real_quantity_has_label_unit_source_and_a_place() -> None:
    bare = [name for name, q in REAL.items() if not (q.label and q.unit and q.source and q.theme)]
    assert bare == []
