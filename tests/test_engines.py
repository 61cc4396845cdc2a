"""The engines really recalculate: they correct planted wrong values, and read formulas as Excel does."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Callable
from pathlib import Path

import engines
import pytest
import xlsxwriter
from engines import Cell, Value, same_value
from xlsxwriter.chart_line import ChartLine
from xlsxwriter.worksheet import Worksheet

WRONG = -99999
"""The value cached in every formula cell of the test workbook; no formula yields it."""

NUMBERS = [2, 2.5, 3, 4, 5, 6, 7, 8, 9, 10]

EXPECTED: dict[str, Value] = {
    # signs, powers and percentages
    "=-A1^2": 4.0,
    "=0-A1^2": -4.0,
    "=-(A1^2)": -4.0,
    "=2^3^2": 64.0,
    "=A1^-1": 0.5,
    "=A3-A1^2": -1.0,
    "=EXP(-A1^2)": math.exp(4),
    "=--A1*50%": 1.0,
    "=10-3-2": 5.0,
    "=100/10/5": 2.0,
    "=1+2*3>6": True,
    # numbers
    "=ABS(-A1)+INT(-2.5)+MOD(-7,3)": 1.0,
    "=AVERAGE(A1:A3)+MAX(A1:A10)+MIN(A1:A10,-3)": 9.5,
    "=MEDIAN(A1:A4)+COUNT(A1:B3)": 5.75,
    "=LN(10)+LOG(1000)+LOG(8,2)+SQRT(2)": math.log(10) + 6 + math.sqrt(2),
    "=SUM(A1:A10)+SUM(B1:B3)+MAX(C2:C5)": 56.5,
    '=SUMIF(A1:A10,">"&A3)+COUNTIF(B1:B3,"BETA")': 50.0,
    "=COUNTBLANK(C1:C10)": 9.0,
    "=SUMPRODUCT((A1:A10>5)*A1:A10)": 40.0,
    '=SUMPRODUCT((B1:B3="beta")*A1:A3,A1:A3)': 6.25,
    "=CHOOSE(A1,10,20,1/0)+IFERROR(1/0,-1)": 19.0,
    # lookup
    '=INDEX(A1:A3,MATCH("gamma",B1:B3,0))': 3.0,
    "=MATCH(4.5,A1:A10,1)": 4.0,
    "=INDEX(A1:B3,2,2)": "beta",
    '=ISNUMBER(MATCH("delta",B1:B3,0))': False,
    # conditions
    "=AND(A1>1,NOT(A1>5))": True,
    "=OR(A1>5,A3>5)": False,
    '=IF(A1=2,IF(A3=3,"both","one"),"none")': "both",
    "=(A1>1)*5": 5.0,
    # texts
    '="n = "&A3*1000&" t"': "n = 3000 t",
    "=FIXED(1234.567,1)": "1,234.6",
    "=FIXED(1234.567,1,TRUE)": "1234.6",
    '=FIXED(-A2,0,TRUE)&"%"': "-3%",
    '=IF(A1>1,"",1)': "",
    '="<é & ""ß"">"': '<é & "ß">',
    # names, other sheets, tables
    "=rate*2": 0.1,
    "=SUM(numbers)": 56.5,
    "='In put'!B2*2+'It''s'!A1": 19.0,
    '=SUMIF(DataTable[Kind],"x",DataTable[Amount])': 40.0,
    # errors
    "=1/0": "#DIV/0!",
    '=MATCH("delta",B1:B3,0)': "#N/A",
}

IN_PROCESS = {
    "ironcalc": (engines.recalculate_ironcalc, engines.IroncalcBook),
    "cellrune": (engines.recalculate_cellrune, engines.CellruneBook),
    "formulon": (engines.recalculate_formulon, engines.FormulonBook),
}
CHAIN = ("Chain", "B30")
"""The end of a chain over sheets and rows; see `_write_chain`."""
needs_libreoffice = pytest.mark.skipif(not engines.HAVE_LIBREOFFICE, reason=engines.NO_LIBREOFFICE)
needs_uno = pytest.mark.skipif(engines.uno_python() is None, reason=engines.NO_UNO)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of all formulas above, each with a wrong cached value, and of the features we shall use."""
    path = tmp_path_factory.mktemp("engines") / "planted.xlsx"
    with xlsxwriter.Workbook(path) as book:
        _write_inputs(book)
        _write_formulas(book.worksheets()[0])
        _write_chain(book)
        _write_table(book)
    return path


def _write_inputs(book: xlsxwriter.Workbook) -> None:
    calc, inputs, other = (book.add_worksheet(name) for name in ("Calc", "In put", "It's"))
    calc.write_column("A1", NUMBERS)
    calc.write_column("B1", ["alpha", "beta", "gamma"])
    calc.write("C1", "text")
    inputs.write_column("B1", [0.05, 7])
    other.write("A1", 5)
    book.define_name("rate", "='In put'!$B$1")
    book.define_name("numbers", "=Calc!$A$1:$A$10")
    inputs.data_validation("B1:B2", {"validate": "decimal", "criteria": ">", "value": 0})
    inputs.freeze_panes(1, 1)


def _write_formulas(calc: Worksheet) -> None:
    for row, formula in enumerate(EXPECTED):
        calc.write_formula(row, 9, formula, None, WRONG)


def _write_chain(book: xlsxwriter.Workbook) -> None:
    """B1 is the input of the other sheet; every further row adds one to the row above."""
    chain, red = book.add_worksheet("Chain"), book.add_format({"font_color": "red"})
    chain.write_formula("B1", "='In put'!B2", None, WRONG)
    for row in range(1, 30):
        chain.write_formula(row, 1, f"=B{row}+1", None, WRONG)
    chain.conditional_format("B1:B30", {"type": "cell", "criteria": ">", "value": 20, "format": red})
    chart = book.add_chart({"type": "line"})
    assert isinstance(chart, ChartLine)
    chart.add_series({"values": "=Chain!$B$1:$B$30"})
    chain.insert_chart("D2", chart)


def _write_table(book: xlsxwriter.Workbook) -> None:
    columns = [{"header": "Kind"}, {"header": "Amount"}]
    options = {"name": "DataTable", "columns": columns, "data": [["x", 10], ["y", 20], ["x", 30]]}
    book.add_worksheet("Table").add_table("A1:B4", options)


def _expected() -> dict[Cell, Value]:
    values: dict[Cell, Value] = {("Calc", f"J{row}"): value for row, value in enumerate(EXPECTED.values(), 1)}
    return values | {("Chain", f"B{row}"): 6.0 + row for row in range(1, 31)}


def _differences(found: dict[Cell, Value], rel_tol: float = 1e-14) -> dict[Cell, tuple[Value, Value]]:
    expected = _expected()
    assert found.keys() == expected.keys()
    return {c: (v, found[c]) for c, v in expected.items() if not same_value(v, found[c], rel_tol)}


def test_the_file_holds_the_wrong_values(workbook: Path) -> None:
    cells = engines.formula_cells(workbook)
    assert [formula for formula, _ in cells.values()][: len(EXPECTED)] == list(EXPECTED)
    assert {cached for _, cached in cells.values()} == {WRONG}


@pytest.mark.parametrize("name", IN_PROCESS)
def test_planted_values_are_corrected(name: str, workbook: Path) -> None:
    assert _differences(IN_PROCESS[name][0](workbook)) == {}


@pytest.mark.parametrize("name", IN_PROCESS)
def test_loading_alone_proves_nothing(name: str, workbook: Path) -> None:
    """Before `recalculate` an engine either has the wrong cached value or none at all."""
    found = IN_PROCESS[name][1](workbook).values([CHAIN])[CHAIN]
    assert found == WRONG or str(found).startswith("#UNAVAILABLE!")


@pytest.mark.parametrize("name", IN_PROCESS)
def test_inputs_can_be_changed(name: str, workbook: Path) -> None:
    book = IN_PROCESS[name][1](workbook)
    _check_edits(book, {("In put", "B2"): 100.0}, {CHAIN: 129.0, ("Calc", _at("='In put'!B2*2+'It''s'!A1")): 205.0})
    _check_edits(book, {("Calc", "B3"): "delta"}, {("Calc", _at('=MATCH("delta",B1:B3,0)')): 3.0})
    _check_edits(book, {("In put", "B2"): None}, {CHAIN: 29.0})
    _check_edits(book, {("In put", "B2"): True}, {("Calc", _at("='In put'!B2*2+'It''s'!A1")): 7.0})


def _check_edits(book: engines.Book, edits: dict[Cell, Value], expected: dict[Cell, Value]) -> None:
    for cell, value in edits.items():
        book.set(*cell, value)
    book.recalculate()
    assert book.values(expected) == expected


def _at(formula: str) -> str:
    return f"J{list(EXPECTED).index(formula) + 1}"


@needs_libreoffice
def test_libreoffice_corrects_planted_values(workbook: Path, tmp_path: Path) -> None:
    """Several files in one process; the saved numbers have 15 digits."""
    copy = tmp_path / "copy.xlsx"
    copy.write_bytes(workbook.read_bytes())
    for result in engines.recalculate_libreoffice([workbook, copy], tmp_path / "out"):
        assert _differences(engines.libreoffice_values(result), 1e-14) == {}


@needs_libreoffice
def test_libreoffice_reports_what_it_could_not_convert(workbook: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"absent\.xlsx"):
        engines.recalculate_libreoffice([workbook, tmp_path / "absent.xlsx"], tmp_path / "out")
    with pytest.raises(ValueError, match="different names"):
        engines.recalculate_libreoffice([workbook, workbook], tmp_path / "out")


@needs_libreoffice
def test_libreoffice_is_stopped_in_time(workbook: Path, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="longer than"):
        engines.recalculate_libreoffice([workbook], tmp_path / "out", timeout=0.05)


@needs_uno
def test_inputs_can_be_edited_in_libreoffice(workbook: Path, tmp_path: Path) -> None:
    edits: dict[Cell, Value] = {("In put", "B2"): 100.0, ("Calc", "B3"): "delta"}
    out = engines.edit_in_libreoffice(workbook, tmp_path / "edited.xlsx", edits)
    found = engines.libreoffice_values(out)
    assert found[CHAIN] == 129.0
    assert found["Calc", _at('=MATCH("delta",B1:B3,0)')] == 3.0


@needs_uno
def test_scenarios_in_libreoffice_start_from_the_file(workbook: Path) -> None:
    text: Cell = ("Calc", _at('=MATCH("delta",B1:B3,0)'))
    scenarios: list[engines.Edits] = [{("In put", "B2"): 100.0}, {}, {("Calc", "B3"): "delta"}]
    found = engines.libreoffice_scenarios(workbook, scenarios, [CHAIN, text])
    assert found == [{CHAIN: 129.0, text: "#N/A"}, {CHAIN: 36.0, text: "#N/A"}, {CHAIN: 36.0, text: 3.0}]


@needs_uno
def test_scenarios_in_libreoffice_read_every_kind_of_value(workbook: Path) -> None:
    [found] = engines.libreoffice_scenarios(workbook, [{}], _expected())
    assert _differences(found) == {}


@needs_uno
def test_a_formula_is_no_input_in_libreoffice(workbook: Path) -> None:
    with pytest.raises(RuntimeError, match="is a formula, not an input"):
        engines.libreoffice_scenarios(workbook, [{CHAIN: 1.0}], [CHAIN])


def _one_formula(path: Path, formula: str) -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row("A1", [2, -3, 0.5])
        sheet.write_formula("A2", formula, None, WRONG)
    return path


MISREAD = [
    "=-(A1^2*B1)",
    "=2/-(A1*B1)",
    "=-(A1*B1)^2",
    '="x"&(A1>B1)',
    "=(A1>B1)=(B1>C1)",
    "=(A1+B1)%",
    "=SUMPRODUCT(ABS(A1:C1))",
]


@pytest.mark.parametrize("formula", MISREAD)
def test_misread_formulas_are_found(formula: str, tmp_path: Path) -> None:
    """When this fails because nothing is misread, IronCalc was repaired and the guard can go."""
    assert list(engines.ironcalc_misreads(_one_formula(tmp_path / "one.xlsx", formula))) == [("S", "A2")]


READ_WELL = [
    "=-A1^2",
    "=-1*(A1^2*B1)",
    "=0-(A1*B1)^2",
    '="x"&IF(A1>B1,"t","f")',
    "=-(A1+B1)",
    "=1E-3*(A1>B1)",
]


@pytest.mark.parametrize("formula", READ_WELL)
def test_other_formulas_are_read_as_written(formula: str, tmp_path: Path) -> None:
    path = _one_formula(tmp_path / "one.xlsx", formula)
    assert engines.ironcalc_misreads(path) == {}
    results = [recalculate(path) for recalculate, _ in IN_PROCESS.values()]
    assert all(same_value(result["S", "A2"], results[0]["S", "A2"]) for result in results)


def test_the_planted_workbook_is_read_as_written(workbook: Path) -> None:
    assert engines.ironcalc_misreads(workbook) == {}


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (1.0, 1 + 1e-13, True),
        (1.0, 1.001, False),
        (True, 1.0, True),
        (None, "", True),
        (0.0, "", False),
        ("a", "b", False),
    ],
)
def test_same_value(left: Value, right: Value, same: bool) -> None:
    assert same_value(left, right) is same


def test_openxml_accepts_the_workbook(workbook: Path) -> None:
    assert engines.audit_openxml(workbook) == []


def test_openxml_finds_damage(workbook: Path, tmp_path: Path) -> None:
    damaged = _rewritten(
        workbook, tmp_path / "damaged.xlsx", lambda xml: xml.replace(b"<sheetData>", b"<x/><sheetData>")
    )
    assert any("/xl/worksheets/sheet1.xml" in remark for remark in engines.audit_openxml(damaged))


def _rewritten(path: Path, out: Path, change: Callable[[bytes], bytes]) -> Path:
    """A copy of the workbook with its worksheets changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name.startswith("xl/worksheets/sheet") else data)
    return out


def test_the_auditor_finds_drift(tmp_path: Path) -> None:
    path = tmp_path / "drift.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        for row in range(12):
            sheet.write(row, 0, row + 1)
            sheet.write_formula(row, 1, f"=A{row + 1}*2" if row != 6 else "=A7*3", None, (row + 1) * 2)
    found = engines.audit_spreadsheet(path, recalculate=False)
    assert ("FORMULA_DRIFT", "S!B7") in {(finding.rule, finding.location) for finding in found}


@needs_libreoffice
def test_the_auditor_recalculates(workbook: Path) -> None:
    errors = [finding for finding in engines.audit_spreadsheet(workbook) if finding.rule == "LIVE_ERROR"]
    assert {finding.location for finding in errors} == {
        f"Calc!{_at('=1/0')}",
        "Calc!" + _at('=MATCH("delta",B1:B3,0)'),
    }
    assert {finding.severity for finding in errors} == {"Critical"}
