"""Functions: each entry of the registry on scalars, columns and matrices, and the errors."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

import numpy as np
import pytest
from studies import NUMBERS

from xl_econ.core.evaluate import evaluate
from xl_econ.functions.call import call
from xl_econ.functions.examples import example
from xl_econ.functions.reading import NUM, VALUE, Refused, cells_of
from xl_econ.functions.registry import FUNCTIONS, LONGEST_HELP, Argument, Function, registry
from xl_econ.inputs.standard import standard_given
from xl_econ.model import HEADLINES, model_graph
from xl_econ.workbook.names import is_legal

BY_NAME = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
EXACT = {"rtol": 1e-12, "atol": 0, "equal_nan": True}
RANGES = NUMBERS | {
    "concurrency": (1, 60),
    "usd_per_accelerator_h": (0.2, 12),
    "rent_usd_per_accelerator_h": (0.2, 12),
    "utilisation": (0.05, 1),
    "accelerator_purchase_usd": (2_000, 60_000),
    "wacc": (0, 0.5),
    "life_years": (1, 12),
}
FEW = {"tensor_parallel": (1, 8), "input_tokens": (10, 4_000), "output_tokens": (10, 800)}
"""Ranges in which most LLMs fit, so that most calls have a result."""


def drawn(argument: Argument, random: Random) -> Any:
    if argument.is_text:
        return random.choice(argument.labels)
    low, high = (RANGES | FEW)[argument.name]
    return random.randint(int(low), int(high)) if argument.bounds.whole else random.uniform(low, high)


def by_the_engine(function: Function, arguments: dict[str, Any]) -> Any:
    """The same without the registry's own way: the whole graph, with the arguments as givens."""
    found = evaluate(model_graph(), standard_given() | arguments, function.results)
    return function.combine(*(found[name] for name in function.results))


@BY_NAME
def test_scalars_equal_the_engine(function: Function) -> None:
    random = Random(function.name)
    for _ in range(25):
        told = {argument.name: drawn(argument, random) for argument in function.args}
        answer = call(function.name, *told.values())
        assert np.shape(answer.values) == ()
        np.testing.assert_allclose(answer.values, by_the_engine(function, told), **EXACT)
        assert bool(answer.faults) == bool(np.isnan(answer.values))


@BY_NAME
def test_a_column_beside_scalars_gives_a_column(function: Function) -> None:
    """As xlwings hands over a range: a list of rows."""
    random = Random(function.name)
    for place, argument in enumerate(function.args):
        arguments = example(function)
        column = [[drawn(argument, random)] for _ in range(7)]
        arguments[place] = column
        answer = call(function.name, *arguments)
        assert answer.values.shape == (7, 1)
        one_by_one = [
            call(function.name, *arguments[:place], row[0], *arguments[place + 1 :]).values.item() for row in column
        ]
        np.testing.assert_allclose(answer.values.ravel(), one_by_one, **EXACT)


@BY_NAME
def test_what_is_remembered_of_a_call_is_not_taken_for_another(function: Function) -> None:
    """A call remembers what follows from its single values; other ones, then the same again, give their own."""
    random = Random(function.name)
    column = [[drawn(function.args[-1], random)] for _ in range(3)]
    for told in ([drawn(argument, random) for argument in function.args[:-1]], example(function)[:-1]) * 2:
        alone = [call(function.name, *told, row[0]).values.item() for row in column]
        np.testing.assert_allclose(call(function.name, *told, column).values.ravel(), alone, **EXACT)


def test_rows_of_floats_are_read_as_any_rows_are() -> None:
    told = [[1.0, 2.0], [3.0, 4.0]]
    assert cells_of(told).tolist() == told and cells_of([[1.0, True]]).dtype == object
    assert cells_of([[1.0], [2.0, 3.0], [4.0]]).shape == (3,)


@BY_NAME
def test_a_column_and_a_row_give_a_matrix(function: Function) -> None:
    if len(function.args) < 2:
        matrix = [[example(function)[0]] * 3] * 2
        assert call(function.name, matrix).values.shape == (2, 3)
        return
    random, arguments = Random(function.name), example(function)
    first, last = function.args[0], function.args[-1]
    column, row = [[drawn(first, random)] for _ in range(3)], [[drawn(last, random) for _ in range(4)]]
    answer = call(function.name, column, *arguments[1:-1], row)
    assert answer.values.shape == (3, 4)
    for (i, j), value in np.ndenumerate(answer.values):
        alone = call(function.name, column[i][0], *arguments[1:-1], row[0][j])
        np.testing.assert_allclose(value, alone.values, **EXACT)


@BY_NAME
def test_every_argument_has_its_errors(function: Function) -> None:
    """Nothing, a text for a number, an unknown label, a number out of bounds: each told, in its own element."""
    for place, argument in enumerate(function.args):
        good = example(function)[place]
        bad = [None, "", "no such thing", True] if argument.is_text else [None, "", "twelve", "#N/A", True, -5, 1e15]
        arguments = example(function)
        arguments[place] = [[value] for value in [good, *bad]]
        answer = call(function.name, *arguments)
        assert sorted(answer.faults) == list(range(1, len(bad) + 1)), (argument.name, answer.faults)
        assert np.isnan(answer.values.ravel()[1:]).all() and np.isfinite(answer.values.ravel()[0])
        assert all(argument.name in fault.message for fault in answer.faults.values())
        errors = [answer.faults[i + 1].error for i in range(len(bad))]
        assert errors == [NUM if isinstance(v, float | int) and not isinstance(v, bool) else VALUE for v in bad]


def test_what_does_not_fit_in_memory_has_no_result() -> None:
    answer = call("TTFT_MS", "llama-3.1-405b", "l40s", "bf16", "bf16", 1, 1000, 100, 1)
    assert answer.fault is not None and answer.fault.error == NUM
    assert "The sequences that run fit in memory" in answer.fault.message


def test_a_near_name_is_offered() -> None:
    answer = call("ACC_MEMORY_GB", "h100")
    assert answer.fault is not None and "Did you mean h100-sxm" in answer.fault.message


def test_labels_compare_without_case() -> None:
    assert call("ACC_MEMORY_GB", "H100-SXM").values == call("ACC_MEMORY_GB", "h100-sxm").values


@pytest.mark.parametrize("arguments", [(), ("llama-3.1-8b",), ("llama-3.1-8b", "fp8", 1)], ids=len)
def test_another_number_of_arguments_is_refused(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(Refused, match=r"takes 2 arguments.*WEIGHTS_GB\(llm, weight_precision\)"):
        call("WEIGHTS_GB", *arguments)


def test_shapes_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(Refused, match=r"llm 2 × 1, weight_precision 3 × 1\. Give ranges of the same height"):
        call("WEIGHTS_GB", [["llama-3.1-8b"]] * 2, [["fp8"]] * 3)


def test_more_results_than_memory_holds_are_refused_before_they_are_computed() -> None:
    with pytest.raises(Refused, match="would have 1,000,000,000 results"):
        call("WEIGHTS_GB", np.full((100_000, 1), "llama-3.1-8b", object), np.full((1, 10_000), "fp8", object))


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ([[True], [8.0]], VALUE),
        ([[np.True_], [8.0]], VALUE),
        ([["8"], [8.0]], VALUE),
        ([[datetime(2026, 1, 1)], [8.0]], VALUE),
        ([[10**400], [8.0]], NUM),
        ([[math.inf], [8.0]], NUM),
        ([[None], [8.0]], VALUE),
    ],
    ids=["a truth value", "numpy's", "a number as text", "a date", "a huge number", "infinity", "nothing"],
)
def test_among_numbers_everything_else_has_its_error(told: list[list[Any]], error: str) -> None:
    """Alone or in a range, whatever type the rest would give the array."""
    first, second = call("ITL_MS", *example(registry()["ITL_MS"])[:-1], told).faults.get(0), told[0][0]
    assert first is not None and first.error == error
    alone = call("ITL_MS", *example(registry()["ITL_MS"])[:-1], second).fault
    assert alone == first


def test_money_is_a_number() -> None:
    """Excel hands over cells in a format of money as such, and Python as a decimal."""
    told = example(registry()["USD_PER_M_INPUT"])
    told[-2] = 2.5
    expected = call("USD_PER_M_INPUT", *told).values
    assert call("USD_PER_M_INPUT", *told[:-2], Decimal("2.5"), told[-1]).values == expected


def test_an_empty_column_costs_one_message() -> None:
    """A whole column has a million cells."""
    answer = call("LLM_LAYERS", [[None]] * 50_000)
    assert len(answer.faults) == 50_000 and len({id(fault) for fault in answer.faults.values()}) == 1


@BY_NAME
def test_help_is_short_enough_for_excel(function: Function) -> None:
    assert is_legal(function.name) and 0 < len(function.help) < LONGEST_HELP, "a longer one would be cut"
    assert "\n" not in function.help
    assert all(0 < len(argument.help) <= LONGEST_HELP for argument in function.args)


def test_names_are_unique_and_arguments_are_quantities() -> None:
    names = [function.name for function in FUNCTIONS]
    assert len(set(names)) == len(names) >= 30
    assert all(name in model_graph() for function in FUNCTIONS for name in function.arguments)


def test_headlines_of_memory_time_and_cost_are_functions() -> None:
    """A new headline becomes a function by one entry: what is none yet is listed here with its reason."""
    wanted = set(HEADLINES) - {function.quantity for function in FUNCTIONS}
    fleet = {
        "replicas",
        "accelerators",
        "usd_per_h",
        "usd_per_month",
        "hosted_usd_per_month",
        "gross_margin",
        "vendor_gross_profit_usd",
    }
    of_all_replicas = {"input_tokens_per_s", "output_tokens_per_s"}
    arguments = {"concurrency", "usd_per_accelerator_h"}
    absent_for_two_reasons = {"kwh_per_m_tokens"}
    of_sixty_months = {"npv_usd", "irr", "payback_months"}
    assert wanted == fleet | of_all_replicas | arguments | absent_for_two_reasons | of_sixty_months
