"""The workbook as a file: fresh template, equal bytes, cached values, clean audits, house rules of the grid."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from pathlib import Path

import engines
import openpyxl
import pandas
import pytest
from openpyxl.utils import column_index_from_string

from xl_econ.core.quantity import Derived, Given
from xl_econ.core.shipped import shipped
from xl_econ.inputs.study import preset
from xl_econ.model import AXES
from xl_econ.workbook.blank import template_study
from xl_econ.workbook.fill import SHIPPED, new_workbook
from xl_econ.workbook.layout import ASSUMPTIONS, INPUTS, MONTH, YEAR, layout_for
from xl_econ.workbook.names import is_legal
from xl_econ.workbook.rows import curve_trees
from xl_econ.workbook.template import compile_template

BUDGET_FORMULAS, BUDGET_BYTES = 35_000, 1_000_000
FORBIDDEN = re.compile(r"OFFSET|INDIRECT|NOW\(|TODAY\(|RAND|NPV|\[\d|\$?[A-Z]+:\$?[A-Z]+(?!\d)|#REF")
TYPED_SHEETS = (
    "About",
    "Inputs",
    "Assumptions",
    "Catalog",
    "Sources",
    "Lists",
    "Article",
    "Bridge",
    "Sensitivity",
    "Simulation",
    "Changes",
    "Evidence",
)
"""Sheets that may hold typed numbers: inputs, assumptions, facts, references, published figures, baseline, stamps."""
SUPPRESSED = {
    ("HARDCODE_IN_FORMULA_BLOCK", "Inputs"),
    ("HARDCODE_IN_FORMULA_BLOCK", "Assumptions"),
    ("LIVE_ERROR", "Functions"),
}
"""A scenario that overrides the base is a typed cell among inheriting ones: that is what the sheets are for. The
auditor computes with LibreOffice, which does not know LAMBDA names: IronCalc and Formulon do (`test_lambdas.py`)."""
GUARDED = ("return_per_month", "equity_return_per_month")
"""Where IRR finds nothing these are 0, which nobody takes for a rate: the state of the rate of return says why."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "deal.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    return path


@pytest.fixture(scope="module")
def opened(book: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(book)


@pytest.mark.parametrize(("full", "name"), SHIPPED.items())
def test_the_shipped_templates_are_fresh(full: bool, name: str) -> None:
    """After a change of the model or a sheet: `xl-econ template build`."""
    assert contents(shipped(name).read_bytes()) == contents(compile_template(template_study(3), full=full))


def contents(book: bytes) -> dict[str, bytes]:
    """The parts unpacked: compression may differ between machines."""
    with zipfile.ZipFile(io.BytesIO(book)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_equal_input_gives_equal_bytes() -> None:
    assert new_workbook(preset("article-8b")) == new_workbook(preset("article-8b"))
    assert compile_template(template_study(2)) == compile_template(template_study(2))


def test_a_filled_template_is_what_compiling_the_study_gives(tmp_path: Path) -> None:
    """One script writes and fills, so both files hold the same formulas and values."""
    filled, compiled = tmp_path / "filled.xlsx", tmp_path / "compiled.xlsx"
    filled.write_bytes(new_workbook(preset("article-405b")))
    compiled.write_bytes(compile_template(preset("article-405b")))
    assert engines.formula_cells(filled) == engines.formula_cells(compiled)
    assert typed_cells(filled) == typed_cells(compiled)


def typed_cells(path: Path) -> dict[tuple[str, str], object]:
    sheets = openpyxl.load_workbook(path).worksheets
    cells = (cell for sheet in sheets for row in sheet.iter_rows() for cell in row)
    return {(c.parent.title, c.coordinate): shown(c.value) for c in cells if c.value is not None and c.data_type != "f"}


def shown(value: object) -> object:
    """XlsxWriter writes a number with 16 digits, one less than it may have."""
    return pytest.approx(value, rel=1e-13) if isinstance(value, float) else value


def test_a_reader_that_does_not_calculate_sees_every_number(book: Path) -> None:
    cells = engines.formula_cells(book)
    assert all(value is not None for _, value in cells.values())
    results = pandas.read_excel(book, sheet_name="Results", header=None)
    assert pandas.to_numeric(results[2], errors="coerce").notna().sum() > 20


def test_it_stays_within_its_budget_of_formulas_and_bytes(book: Path) -> None:
    assert len(engines.formula_cells(book)) <= BUDGET_FORMULAS
    assert book.stat().st_size <= BUDGET_BYTES


def test_openxml_audit_finds_nothing(book: Path) -> None:
    assert engines.audit_openxml(book) == []


def test_spreadsheet_auditor_finds_nothing_above_low(book: Path) -> None:
    found = [each for each in engines.audit_spreadsheet(book) if each.severity not in ("Low", "Info")]
    rates = {"!".join(layout_for(3).one(name, column)) for name in GUARDED for column in range(3)}
    suppressed = SUPPRESSED | {("IFERROR_MASK", cell) for cell in rates}
    left = [each for each in found if not {(each.rule, at) for at in whereabouts(each.location)} & suppressed]
    assert left == []


def whereabouts(location: str) -> tuple[str, str]:
    """Sheet, and cell."""
    return location.split("!")[0], location


def test_each_input_assumption_and_result_has_a_legal_defined_name(opened: openpyxl.Workbook) -> None:
    layout = layout_for(3)
    named = set(opened.defined_names)
    along = {name for name, axis in layout.graph.axes.items() if axis == "level"}
    wanted = {q.name for q in layout.graph if isinstance(q, Derived)} - (along - curve_trees().keys())
    wanted |= {q.name for q in layout.graph.givens if q.role in ("input", "assumption")}
    assert wanted <= named
    assert [name for name in named if not is_legal(name)] == []


def test_formulas_use_no_volatile_reaching_or_whole_column_function(book: Path) -> None:
    formulas = {at: formula for at, (formula, _) in engines.formula_cells(book).items()}
    assert {at: formula for at, formula in formulas.items() if FORBIDDEN.search(formula)} == {}


def relative(formula: str, column: int) -> str:
    """A formula as it reads when it is copied along its row: columns that move with it as their distance."""

    def told(found: re.Match[str]) -> str:
        return found[0] if found[1] else f"C[{column_index_from_string(found[2]) - column}]"

    return re.sub(r"(\$?)\b([A-Z]{1,2})(?=\$?\d)", told, formula)


def test_each_row_of_plan_and_provider_has_one_formula_across_all_months_or_years(opened: openpyxl.Workbook) -> None:
    layout, heads = layout_for(3), [MONTH, YEAR]
    rows = [(name, column) for name in layout.plan_names() for column in range(3)] + [(name, 0) for name in heads]
    assert len({(layout.place(*row).sheet, layout.place(*row).row) for row in rows}) == len(rows)
    for name, column in rows:
        place, first = layout.place(name, column), layout.sheet_column(name, column)
        assert place.across == len(AXES[str(layout.graph.axes[name])])
        cells = opened[place.sheet][place.row + 1][first : first + place.across]
        assert len({relative(str(cell.value), cell.column) for cell in cells}) == 1, cells[0].coordinate


def test_no_number_is_typed_on_a_calculation_or_result_sheet(opened: openpyxl.Workbook) -> None:
    typed = [
        f"{sheet.title}!{cell.coordinate}"
        for sheet in opened.worksheets
        if sheet.title not in TYPED_SHEETS
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "n" and cell.value is not None
    ]
    assert typed == []


def test_inputs_are_unlocked_and_everything_else_is_locked_without_a_password(opened: openpyxl.Workbook) -> None:
    layout = layout_for(3)
    for sheet in opened.worksheets:
        assert sheet.protection.sheet == (sheet.title != "Catalog")
        assert not sheet.protection.password
    inputs = {layout.place(q.name).row + 1 for q in layout.graph.givens if layout_sheet(q) == INPUTS}
    cells = [cell for row in opened[INPUTS].iter_rows(min_row=5) for cell in row]
    assert {cell.row for cell in cells if not cell.protection.locked} == inputs
    assert all(cell.protection.locked for row in opened["Engine"].iter_rows() for cell in row)


def layout_sheet(given: Given) -> str:
    return {"input": INPUTS, "assumption": ASSUMPTIONS}.get(given.role, "")


def test_every_cell_has_a_named_style(book: Path) -> None:
    styles = contents(book.read_bytes())["xl/styles.xml"].decode()
    names = re.findall(r'<cellStyle name="([^"]+)"', styles)
    assert {"Econ input", "Econ formula", "Econ link", "Econ fact"} <= set(names)
    parents = re.findall(r"<xf [^>]*xfId=\"(\d+)\"", styles.split("<cellXfs")[1])
    assert Counter(parents)["0"] <= 2, "only the default format and the plain hyperlink have no role"


def test_every_chart_has_alt_text_and_draws_from_cells(book: Path) -> None:
    parts = contents(book.read_bytes())
    charts = [part for name, part in parts.items() if name.startswith("xl/charts/chart")]
    drawings = [part for name, part in parts.items() if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
    assert len(charts) >= 2
    assert all(b"<c:f>" in chart for chart in charts)
    assert sum(drawing.count(b'descr="') for drawing in drawings) == len(charts)


def test_drop_downs_offer_the_catalogs_rows_and_its_free_ones(opened: openpyxl.Workbook) -> None:
    layout = layout_for(3)
    cell = layout.one("llm", 0)[1]
    lists = [v for v in opened[INPUTS].data_validations.dataValidation if v.type == "list" and cell in v.sqref]
    sheet, cells = layout.whole("llms.id", 0)
    assert [v.formula1 for v in lists] == [f"{sheet}!{cells}"]
    assert all(v.error and v.prompt for v in opened[INPUTS].data_validations.dataValidation)


def test_there_are_no_hidden_sheets_rows_or_macros(opened: openpyxl.Workbook) -> None:
    assert {sheet.sheet_state for sheet in opened.worksheets} == {"visible"}
    assert not [row for sheet in opened.worksheets for row in sheet.row_dimensions.values() if row.hidden]
    assert opened.vba_archive is None
