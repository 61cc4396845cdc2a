"""Functions in cells: what every form hands to a spreadsheet, xlwings itself, and a spreadsheet that calls back.

xlwings Server is not run here: its licence allows that for noncommercial purposes only. Its decorators have the same
face, and classic xlwings, whose licence is BSD's, is run for real.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import formualizer
import numpy as np
import pytest
from test_functions import drawn

from xl_econ.functions.call import call
from xl_econ.functions.cells import ALL_IS_WELL, Entry, entries, in_cells, why
from xl_econ.functions.examples import example
from xl_econ.functions.reading import NUM, VALUE
from xl_econ.functions.registry import FUNCTIONS, LONGEST_HELP, Function, registry
from xl_econ.functions.tables import TABLES
from xl_econ.functions.xlwings_udfs import UDFS

BY_NAME = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
NA = -2146826246
"""#N/A, as Excel's automation hands it over."""
TABLE = TABLES[0]


# --- cells in, cells out -----------------------------------------------------------------------


@BY_NAME
def test_a_call_in_cells_is_the_call_in_python(function: Function) -> None:
    told = example(function)
    assert in_cells(function.name, *told) == [[call(function.name, *told).values.item()]]
    random = Random(function.name)
    column = [[drawn(function.args[-1], random)] for _ in range(5)]
    found = in_cells(function.name, *told[:-1], column)
    expected = call(function.name, *told[:-1], column)
    shown = [[NUM] if row in expected.faults else [expected.values[row, 0]] for row in range(5)]
    assert found == shown


@BY_NAME
def test_an_error_is_named_in_its_cell_and_why_tells_the_message(function: Function) -> None:
    arguments: list[Any] = example(function)
    arguments[-1] = [[arguments[-1]], [None], ["#N/A"]]
    assert [row[0] for row in in_cells(function.name, *arguments)][1:] == [VALUE, VALUE]
    good, *bad = why(function.name.lower(), *arguments)
    assert good == [ALL_IS_WELL] and all(function.args[-1].name in message for (message,) in bad)


@pytest.mark.parametrize(
    ("name", "arguments", "error", "message"),
    [
        ("WEIGHTS_GB", ("llama-3.1-8b",), VALUE, "takes 2 arguments, not 1"),
        ("WEIGHTS_GB", ([["llama-3.1-8b"]] * 2, [["fp8"]] * 3), VALUE, "Give ranges of the same height"),
        ("WEIGHTS_GB", ("llama-3.1-9b", "fp8"), VALUE, "Did you mean llama-3.1-8b"),
        ("MEMORY_CONCURRENCY", ("llama-3.1-8b", "l40s", "fp8", "fp8", 1, -5, 10), NUM, "input_tokens is -5"),
        ("SERVING_COST", ("llama-3.1-8b",), VALUE, "takes 10 arguments"),
        ("SERVING_COST", (*example(registry()["USD_PER_M_INPUT"])[:-1], [[0.1], [0.2]]), VALUE, "single values"),
    ],
    ids=["too few", "shapes", "a near name", "out of bounds", "a table with too few", "a table of ranges"],
)
def test_what_cannot_be_computed(name: str, arguments: Any, error: str, message: str) -> None:
    assert in_cells(name, *arguments) == [[error]]
    assert message in why(name, *arguments)[0][0]


@pytest.mark.parametrize(
    ("called", "told"), [("TTFT", "'TTFT' is no function"), (None, "called is empty"), ([], "empty"), ([[]], "empty")]
)
def test_why_of_no_function_lists_them(called: Any, told: str) -> None:
    message = why(called)[0][0]
    assert told in message and "TTFT_MS" in message


# --- the whole engine in one call --------------------------------------------------------------


def test_a_table_is_made_of_calls() -> None:
    told = dict(zip(TABLE.arguments, example(registry()["USD_PER_M_OUTPUT"]), strict=True))
    head, *rows = in_cells(TABLE.name, *told.values())
    assert head == ["quantity", "value", "unit"] and len(rows) == len(TABLE.rows) >= 15
    for (label, value, unit), function in zip(rows, TABLE.functions, strict=True):
        assert (label, unit) == (function.result.label, function.result.shown_unit)
        assert value == call(function.name, *(told[name] for name in function.arguments)).values.item()


def test_a_row_of_a_table_has_its_own_error() -> None:
    rows = in_cells("SERVING_COST", "llama-3.1-405b", "l40s", "bf16", "bf16", 1, 1000, 100, 1, 1.0, 0.5)
    values = {label: value for label, value, _ in rows}
    assert values["Time to first token (TTFT)"] == NUM and values["Weights of the LLM"] > 700


# --- xlwings -----------------------------------------------------------------------------------


def test_where_there_is_no_excel_the_decorated_functions_are_plain_ones() -> None:
    import xl_econ.functions.xlwings_udfs as udfs

    assert [*UDFS] == [*registry(), *(table.name for table in TABLES), "WHY"] == udfs.__all__ == [*entries()]
    for function in FUNCTIONS:
        decorated = getattr(udfs, function.name)
        assert tuple(inspect.signature(decorated).parameters) == function.arguments
        assert decorated.__name__ == function.name and decorated.__doc__ == function.help
        assert decorated(*example(function)) == in_cells(function.name, *example(function))


def test_what_is_imported_with_a_star_is_what_xlwings_finds_in_a_main_file() -> None:
    names: dict[str, Any] = {}
    exec("from xl_econ.functions.xlwings_udfs import *", names)
    assert UDFS.items() <= names.items()


def rows_of(values: list[Any]) -> list[list[Any]]:
    """A column as Excel hands it over."""
    return [[value] for value in values]


MONEY = {"money": "2.5"}
CLASSIC = {
    "scalars": ("TTFT_MS", example(registry()["TTFT_MS"])),
    "a column": ("TTFT_MS", [*example(registry()["TTFT_MS"])[:-1], rows_of([1.0, 8.0, 64.0])]),
    "a column and a row": ("WEIGHTS_GB", [rows_of(["llama-3.1-8b", "llama-3.3-70b"]), [["bf16", "fp8", "int4"]]]),
    "an empty cell": ("LLM_LAYERS", [rows_of(["llama-3.1-8b", None])]),
    "an error in a cell": ("TTFT_MS", [*example(registry()["TTFT_MS"])[:-1], rows_of([1.0, NA])]),
    "a number out of bounds": ("TTFT_MS", [*example(registry()["TTFT_MS"])[:-1], -1.0]),
    "a table": (TABLE.name, example(registry()["USD_PER_M_OUTPUT"])),
    "a cell in a format of money": ("USD_PER_M_OUTPUT", [*example(registry()["USD_PER_M_OUTPUT"])[:-2], MONEY, 0.6]),
    "why": ("WHY", ["ITL_MS", *example(registry()["ITL_MS"])[:-1], rows_of([1.0, NA])]),
}


@pytest.fixture(scope="module")
def classic() -> dict[str, Any]:
    """xlwings as it is on Windows, with stand-ins for Windows itself."""
    script, calls = Path(__file__).parent / "classic_xlwings.py", json.dumps(list(CLASSIC.values()))
    done = subprocess.run([sys.executable, script], input=calls, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CLASSIC)
def test_xlwings_on_windows_calls_them(case: str, classic: dict[str, Any]) -> None:
    """Through its own conversion of cells; errors in cells come by name."""
    name, arguments = CLASSIC[case]
    told = json.loads(json.dumps(arguments).replace(str(NA), '"#N/A"').replace(json.dumps(MONEY), "2.5"))
    expected = why(*told) if name == "WHY" else in_cells(name, *told)
    found = classic["results"][[*CLASSIC].index(case)]
    assert found == json.loads(json.dumps(expected))


def test_xlwings_on_windows_knows_names_help_and_category(classic: dict[str, Any]) -> None:
    for entry in (*FUNCTIONS, *TABLES):
        described = classic["described"][entry.name]
        assert described["category"] == "xl_econ" and described["ret"]["doc"] == entry.help
        assert [(a["name"], a["doc"]) for a in described["args"]] == [(a.name, a.help) for a in entry.args]
        assert len(entry.help) <= LONGEST_HELP
    assert classic["described"]["WHY"]["args"][1]["vararg"]


def test_xlwings_on_windows_writes_vba_for_each(classic: dict[str, Any]) -> None:
    reserved = {"function", "sub", "next", "end", "if", "then", "else", "for", "to", "as", "new", "let", "set", "get"}
    for name in UDFS:
        (head,) = (line for line in classic["vba"].splitlines() if line.startswith(f"Function {name}("))
        parameters = head.partition("(")[2].rstrip("()").removeprefix("ParamArray ").split(", ")
        assert reserved.isdisjoint(parameters) and len(head) < 1_000, "VBA's own words and its longest line"


# --- a spreadsheet that calls back -------------------------------------------------------------


def formualizer_workbook() -> formualizer.Workbook:
    """A workbook without Excel in which every function is Python's."""
    book = formualizer.Workbook()
    for entry in entries().values():
        count = len(entry.arguments)
        book.register_function(
            entry.name, called_back(entry), min_args=count, max_args=None if entry.repeats else count
        )
    return book


def called_back(entry: Entry) -> Any:
    def called(*cells: Any) -> Any:
        rows = entry.work(*cells)
        return rows[0][0] if len(rows) == 1 == len(rows[0]) else rows

    return called


CELLS = 10_000


def test_ten_thousand_cells_call_back_and_show_what_python_gives() -> None:
    book = formualizer_workbook()
    sheet = book.sheet("Calls")
    for row in range(1, CELLS + 1):
        sheet.set_value(row, 1, 1 + row / 100)
        sheet.set_formula(row, 2, f'=TTFT_MS("llama-3.3-70b","h100-sxm","fp8","fp8",4,1000,300,A{row})')
    book.evaluate_all()
    found = [book.get_value("Calls", row, 2) for row in range(1, CELLS + 1)]
    column = [[1 + row / 100] for row in range(1, CELLS + 1)]
    expected = call("TTFT_MS", "llama-3.3-70b", "h100-sxm", "fp8", "fp8", 4, 1000, 300, column)
    np.testing.assert_allclose(found, expected.values.ravel(), rtol=1e-12)


def test_a_range_and_a_table_spill() -> None:
    book = formualizer_workbook()
    sheet = book.sheet("Calls")
    for row, name in enumerate(("llama-3.1-8b", "llama-3.3-70b", "no such thing"), 1):
        sheet.set_value(row, 1, name)
    sheet.set_formula(1, 2, '=WEIGHTS_GB(A1:A3,"fp8")')
    sheet.set_formula(1, 4, '=SERVING_COST("llama-3.1-8b","l40s","fp8","fp8",1,1000,300,8,1.1,60%)')
    book.evaluate_all()
    weights = [row[0] for row in in_cells("WEIGHTS_GB", rows_of(["llama-3.1-8b", "llama-3.3-70b", "x"]), "fp8")]
    assert [book.get_value("Calls", row, 2) for row in (1, 2, 3)] == weights
    rows = in_cells("SERVING_COST", "llama-3.1-8b", "l40s", "fp8", "fp8", 1, 1000, 300, 8, 1.1, 0.6)
    shown = [[book.get_value("Calls", r, c) or "" for c in (4, 5, 6)] for r in range(1, len(rows) + 1)]
    assert shown == rows


@pytest.mark.parametrize(("told", "error"), [("-1", NUM), ('"eight"', VALUE), ("NA()", VALUE), ("Z9", VALUE)])
def test_a_bad_argument_shows_its_error(told: str, error: str) -> None:
    book = formualizer_workbook()
    book.sheet("Calls").set_formula(1, 1, f'=TTFT_MS("llama-3.3-70b","h100-sxm","fp8","fp8",4,1000,300,{told})')
    book.evaluate_all()
    assert book.get_value("Calls", 1, 1) == error
