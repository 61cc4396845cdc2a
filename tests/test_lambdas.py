"""LAMBDA names: what Excel stores, and proof by two engines that a call in a cell gives what Python gives.

IronCalc and Formulon compute them all; CellRune takes what INDEX picks from a local array for a cell, so that it
stops at those that have helpers or find a level of the curve.
"""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

import engines
import numpy as np
import pytest
import xlsxwriter
from specimens.rich import rich
from studies import random_study
from test_cli import refused, run
from test_functions import drawn
from workbooks import WORKBOOK, calls_in, parts, rounds

from xl_econ import new_workbook, preset
from xl_econ.core.spell import START, quoted
from xl_econ.functions.anywhere import DATA, names_anywhere
from xl_econ.functions.call import call
from xl_econ.functions.cells import in_cells
from xl_econ.functions.examples import example
from xl_econ.functions.lambdas import LONGEST, MOST_STEPS, PREFIX, call_of
from xl_econ.functions.registry import FUNCTIONS, Function, registry
from xl_econ.functions.tables import TABLES
from xl_econ.workbook.fill import filled
from xl_econ.workbook.lambda_names import names_in
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.names import is_legal
from xl_econ.workbook.package import Package

SETS, STUDIES = 200, rounds(6)
NO_RESULT = "#NUM!"
IN_WORKBOOK = list(names_in(layout_for(3)))
ANYWHERE = names_anywhere()


# --- calls equal Python ------------------------------------------------------------------------


def argument_sets(function: Function) -> list[list[Any]]:
    random = Random(function.name)
    return [[drawn(argument, random) for argument in function.args] for _ in range(SETS)]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook that is not ours: the names alone, and 200 calls of each function, a column each."""
    path = tmp_path_factory.mktemp("lambdas") / "calls.xlsx"
    book: Any = xlsxwriter.Workbook(str(path))
    for each in ANYWHERE:
        book.define_name(each.name, START + each.formula)
    sheet = book.add_worksheet("Calls")
    for column, function in enumerate(FUNCTIONS):
        for row, told in enumerate(argument_sets(function)):
            spelled = [quoted(value) if isinstance(value, str) else repr(value) for value in told]
            sheet.write_dynamic_array_formula(
                row, column, row, column, START + call_of(function.name, spelled), None, 0
            )
    book.close()
    return path


@pytest.fixture(scope="module", params=[engines.IroncalcBook, engines.FormulonBook], ids=["ironcalc", "formulon"])
def computed(request: pytest.FixtureRequest, calls: Path) -> dict[engines.Cell, Any]:
    book = request.param(calls)
    book.recalculate()
    return book.values(engines.formula_cells(calls))


@pytest.mark.parametrize("name", registry())
def test_200_calls_with_random_arguments_give_what_python_gives(name: str, computed: dict[engines.Cell, Any]) -> None:
    function = registry()[name]
    column = xlsxwriter.utility.xl_col_to_name(FUNCTIONS.index(function))
    found = [computed["Calls", f"{column}{row + 1}"] for row in range(SETS)]
    expected = [call(name, *told).values.item() for told in argument_sets(function)]
    shown = [np.nan if value == NO_RESULT else value for value in found]
    np.testing.assert_allclose(shown, expected, rtol=1e-9, atol=1e-12, equal_nan=True)
    assert np.isfinite(expected).sum() > SETS / 10, "most sets have a result"


@pytest.mark.parametrize("seed", STUDIES)
def test_calls_on_the_sheet_functions_give_the_cell_beside_them(seed: int, tmp_path: Path) -> None:
    """The first scenario's inputs as arguments, and all else taken from its cells."""
    path, study = tmp_path / "book.xlsx", random_study(seed)
    path.write_bytes(new_workbook(study))
    expected = calls_in(filled(study))
    for engine in (engines.IroncalcBook, engines.FormulonBook):
        book = engine(path)
        book.recalculate()
        found = book.values(expected)
        wrong = {
            at: (value, found[at]) for at, value in expected.items() if not engines.same_value(value, found[at], 1e-9)
        }
        assert not wrong, engine.__name__


SINGLE = {"CONCURRENCY_AT_ITL"}
"""Functions that find a level of the curve: a range would lie across its levels."""
COLUMNS = [function for function in FUNCTIONS if function.name not in SINGLE]
ROWS_OF_A_COLUMN = 6


def argument_columns() -> list[tuple[Function, int, list[Any]]]:
    """Each function with each of its arguments as a column, the others as they are in the standard study."""
    found: list[tuple[Function, int, list[Any]]] = []
    for function in COLUMNS:
        random = Random(function.name)
        for place, argument in enumerate(function.args):
            found.append((function, place, [drawn(argument, random) for _ in range(ROWS_OF_A_COLUMN)]))
    return found


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The arguments in the cells of one sheet, a column each, and a call on each column in another."""
    path = tmp_path_factory.mktemp("columns") / "columns.xlsx"
    book: Any = xlsxwriter.Workbook(str(path))
    for each in ANYWHERE:
        book.define_name(each.name, START + each.formula)
    told, calls = book.add_worksheet("Told"), book.add_worksheet("Calls")
    for column, (function, place, values) in enumerate(argument_columns()):
        letters = xlsxwriter.utility.xl_col_to_name(column)
        told.write_column(0, column, values)
        spelled = [quoted(value) if isinstance(value, str) else repr(value) for value in example(function)]
        spelled[place] = f"Told!${letters}$1:${letters}${ROWS_OF_A_COLUMN}"
        called = START + call_of(function.name, spelled)
        calls.write_dynamic_array_formula(0, column, ROWS_OF_A_COLUMN - 1, column, called, None, 0)
    book.close()
    return path


LIFTS = {
    engines.FormulonBook: lambda argument: True,
    engines.IroncalcBook: lambda argument: not argument.is_text and argument.name != "tensor_parallel",
}
"""What a column may stand for in an engine: IronCalc takes no array in XMATCH, INDEX and LOG."""


@pytest.mark.parametrize("engine", LIFTS, ids=["formulon", "ironcalc"])
def test_a_column_in_gives_a_column_out(engine: Any, columns: Path) -> None:
    """As in Python; without it, MIN and AND would take the whole column for one value."""
    book = engine(columns)
    book.recalculate()
    cases = [case for case in enumerate(argument_columns()) if LIFTS[engine](case[1][0].args[case[1][1]])]
    assert len(cases) > 40
    for column, (function, place, values) in cases:
        letters, told = xlsxwriter.utility.xl_col_to_name(column), example(function)
        told[place] = values
        spots = [("Calls", f"{letters}{row + 1}") for row in range(ROWS_OF_A_COLUMN)]
        found = book.values(spots)
        shown = [np.nan if found[spot] == NO_RESULT else found[spot] for spot in spots]
        expected = call(function.name, *told).values
        np.testing.assert_allclose(shown, expected, rtol=1e-9, equal_nan=True, err_msg=f"{function.name} {place}")


@pytest.mark.parametrize("name", sorted(SINGLE))
def test_what_finds_a_level_of_the_curve_takes_single_values(name: str, tmp_path: Path) -> None:
    path, told = tmp_path / "range.xlsx", example(registry()[name])
    book: Any = xlsxwriter.Workbook(str(path))
    for each in ANYWHERE:
        book.define_name(each.name, START + each.formula)
    sheet = book.add_worksheet("Calls")
    sheet.write_column(0, 5, [100, 200])
    spelled = [quoted(value) if isinstance(value, str) else repr(value) for value in told[:-1]]
    sheet.write_dynamic_array_formula(0, 0, 0, 0, START + call_of(name, [*spelled, "F1:F2"]), None, 0)
    book.close()
    for engine in LIFTS:
        recalculated = engine(path)
        recalculated.recalculate()
        assert recalculated.values([("Calls", "A1")]) == {("Calls", "A1"): NO_RESULT}


def test_a_table_spills_what_python_tabulates(tmp_path: Path) -> None:
    path, told = tmp_path / "table.xlsx", example(registry()["USD_PER_M_OUTPUT"])
    book: Any = xlsxwriter.Workbook(str(path))
    for each in ANYWHERE:
        book.define_name(each.name, START + each.formula)
    spelled = [quoted(value) if isinstance(value, str) else repr(value) for value in told]
    (table,) = TABLES
    call_of_table = START + call_of(table.name, spelled)
    book.add_worksheet("Calls").write_dynamic_array_formula(0, 0, len(table.rows), 2, call_of_table, None, 0)
    book.close()
    expected = {
        ("Calls", f"{'ABC'[c]}{r + 1}"): v
        for r, row in enumerate(in_cells(table.name, *told))
        for c, v in enumerate(row)
    }
    for engine in (engines.IroncalcBook, engines.FormulonBook):
        recalculated = engine(path)
        recalculated.recalculate()
        found = recalculated.values(expected)
        assert all(engines.same_value(value, found[at], 1e-9) for at, value in expected.items()), engine.__name__


# --- what is stored ----------------------------------------------------------------------------


GOLDEN = {
    "LLM.LLM_LAYERS": "_xlfn.LAMBDA(_xlpm.llm_,"
    "INDEX(LLM.DATA_llm_layers(),_xlfn.XMATCH(_xlpm.llm_,LLM.DATA_llms_id())))",
    "LLM.HOSTED_USD_PER_M": "_xlfn.LAMBDA(_xlpm.hosted_,_xlpm.input_tokens_,_xlpm.output_tokens_,_xlfn.LET("
    "_xlpm.hosted_code_,_xlfn.XMATCH(_xlpm.hosted_,LLM.DATA_hosted_id()),"
    "((_xlpm.input_tokens_*INDEX(LLM.DATA_hosted_usd_per_m_input_tokens(),_xlpm.hosted_code_)"
    "+_xlpm.output_tokens_*INDEX(LLM.DATA_hosted_usd_per_m_output_tokens(),_xlpm.hosted_code_))"
    "/(_xlpm.input_tokens_+_xlpm.output_tokens_))))",
    "LLM.DATA_kv_element_bytes": "_xlfn.LAMBDA({2,1,1,0.5,0.53125,0.5625})",
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_name_is_stored_as_excel_stores_it(name: str) -> None:
    assert next(each.formula for each in ANYWHERE if each.name == name) == GOLDEN[name]


@pytest.mark.parametrize("names", [IN_WORKBOOK, ANYWHERE], ids=["in our workbook", "anywhere"])
def test_names_keep_to_excels_limits(names: list[Any]) -> None:
    assert len({each.name.casefold() for each in names}) == len(names)
    for each in names:
        assert is_legal(each.name) and each.name.startswith(PREFIX)
        assert len(each.formula) <= (LONGEST if not each.name.startswith(DATA) else 8_192)
        assert 0 < len(each.comment) <= 255
        assert each.formula.count("_xlfn.LET(") <= 1
        assert max(accumulate((sign == "(") - (sign == ")") for sign in each.formula)) <= 64, "Excel nests 64 levels"
        assert len(re.findall(r"(?:LET\(|,)_xlpm\.\w+,", each.formula)) <= MOST_STEPS + 12


def test_every_new_function_and_parameter_has_the_prefix_that_excel_stores() -> None:
    """Without it, Excel shows #NAME? until each cell is typed again."""
    for each in [*IN_WORKBOOK, *ANYWHERE]:
        bare = re.sub(r'"[^"]*"', "", each.formula)
        assert not re.search(r"(?<!_xlfn\.)\b(LAMBDA|LET|HSTACK|VSTACK|XMATCH)\(", bare)
        locals_ = set(re.findall(r"(?<![\w.!])(?<!_xlpm\.)([a-z][a-z0-9_]*_)(?![\w(!.])", bare))
        assert not locals_, each.name


def test_no_parameter_is_a_name_of_the_workbook() -> None:
    """An engine that looks among the workbook's names first would take another value."""
    names = {name.casefold() for name in layout_for(3).defined_names()}
    for each in IN_WORKBOOK:
        assert names.isdisjoint(re.findall(r"_xlpm\.(\w+)", each.formula))


def test_each_function_is_a_name_with_a_comment_in_every_workbook() -> None:
    book = Package(new_workbook(preset("standard"), full=False))
    part = book.archive.read("xl/workbook.xml").decode()
    for entry in (*FUNCTIONS, *TABLES):
        assert PREFIX + entry.name in book.names
        assert re.search(rf'<definedName name="{re.escape(PREFIX + entry.name)}" comment="[^"]+"', part)


def test_the_auditors_have_nothing_to_say(calls: Path) -> None:
    assert engines.audit_openxml(calls) == []


# --- put into a workbook of others -------------------------------------------------------------


def test_names_go_into_any_workbook_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "rich.xlsx"
    path.write_bytes(rich(new_workbook(preset("standard"), full=False)))
    before, names = parts(path), Package(path.read_bytes()).names
    assert run("functions", "lambdas", path).exit_code == 0
    after = parts(path)
    assert {name for name in after if after[name] != before.get(name)} == {WORKBOOK}
    now = Package(path.read_bytes()).names
    assert {name: now[name] for name in names if not name.startswith(PREFIX)} == {
        name: target for name, target in names.items() if not name.startswith(PREFIX)
    }
    assert all(now[each.name] == each.formula for each in ANYWHERE)
    assert engines.audit_openxml(path) == []


@pytest.mark.parametrize("names", [{}, {"mine": "=1+1", "LLM.LLM_LAYERS": "=3"}], ids=["no names", "names of its own"])
def test_they_are_called_there(names: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    book: Any = xlsxwriter.Workbook(str(path))
    for name, formula in names.items():
        book.define_name(name, formula)
    book.add_worksheet("Mine").write_formula("A1", '=LLM.LLM_LAYERS("llama-3.1-8b")')
    book.close()
    for _ in range(2):
        assert run("functions", "lambdas", path).exit_code == 0
    assert engines.recalculate_ironcalc(path)["Mine", "A1"] == call("LLM_LAYERS", "llama-3.1-8b").values
    listed = re.findall(r'<definedName [^>]*name="([^"]*)"', Package(path.read_bytes()).archive.read(WORKBOOK).decode())
    assert sorted(listed) == sorted({*names, *(each.name for each in ANYWHERE)})


def test_without_a_workbook_they_are_printed_to_be_pasted() -> None:
    printed = dict(line.split("\t") for line in run("functions", "lambdas").stdout.splitlines())
    assert printed == {each.name: START + each.formula for each in ANYWHERE}


@pytest.mark.parametrize("content", [None, b"text"], ids=["missing", "no workbook"])
def test_a_file_that_cannot_take_them_is_told(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "deal.xlsx"
    if content:
        path.write_bytes(content)
    assert "deal.xlsx" in refused(run("functions", "lambdas", path))
