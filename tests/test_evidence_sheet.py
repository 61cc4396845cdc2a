"""The sheet Evidence: a sample drawn by a rule, predictions stamped from today's calibration, live errors, charts."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import engines
import numpy as np
import openpyxl
import pytest

from xl_econ.calibration.compared import MEASURES, TIMES, calibration_fingerprint, compared
from xl_econ.calibration.evidence import SCORED, evidence
from xl_econ.calibration.sample import KEPT, LICENCE, MOST, SAMPLE, sample, stratum, with_licences
from xl_econ.core.problems import Problems
from xl_econ.core.shipped import shipped
from xl_econ.inputs.study import preset
from xl_econ.workbook import evidence_page
from xl_econ.workbook.columns import columns_of
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.page import Page
from xl_econ.workbook.sheets import evidence as sheet_module
from xl_econ.workbook.sheets import sheet_names

SHEET = "Evidence"
CASES = Path(__file__).parent / "cases" / "measured.csv"
LLM, MEASURE, MEASURED, PREDICTED, ERROR, SIZE, LICENCES = "A", "J", "L", "M", "N", "O", "R"
"""The columns that the tests read, as a person sees them."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("evidence") / "deal.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    return path


@pytest.fixture(scope="module")
def sheet(path: Path) -> Any:
    return openpyxl.load_workbook(path)[SHEET]


@pytest.fixture(scope="module")
def first(sheet: Any) -> int:
    """The first of the rows: below the second cell that says LLM."""
    return next(row for row in range(1, sheet.max_row) if sheet[f"{LLM}{row}"].value == "LLM") + 1


# --- The sample --------------------------------------------------------------------------------------------


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def file_of(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Six rows of one stratum, three of another, two of a third, one that cannot be predicted, and one of quality C."""
    base = next(row for row in rows_of(CASES) if row["id"] == "trt-00297")
    lengths = [{"isl": str(isl), "osl": "128"} for isl in (128, 256, 512, 1024, 2048, 4096)]
    other = {"gpu": "H200-SXM-141GB"}
    rows = [base | each for each in lengths] + [base | other | each for each in lengths[:3]]
    rows += [
        base | {"gpu": "A100-SXM4-80GB", "weight_dtype": "fp16", "tp": "4", "num_gpus": "4"} | each
        for each in lengths[:2]
    ]
    rows += [base | {"tp": "1", "num_gpus": "1", "weight_dtype": "fp16"}, base | {"quality": "C", "isl": "300"}]
    return file_of(tmp_path / "many.csv", rows)


DRAWN = {
    "one of each stratum, where all have room": (3, ["h100-sxm", "h200-sxm", "a100-sxm-80gb"]),
    "without the smallest, where they are too many": (2, ["h100-sxm", "h200-sxm"]),
    "the largest alone": (1, ["h100-sxm"]),
    "none, where not even one may be": (0, []),
}


@pytest.mark.parametrize("case", DRAWN)
def test_a_row_is_drawn_from_each_stratum_that_is_large_enough(case: str, many: Path, tmp_path: Path) -> None:
    most, accelerators = DRAWN[case]
    drawn = sample(many, most)
    assert len(drawn) == len(accelerators)
    if drawn:
        found = evidence(file_of(tmp_path / "drawn.csv", [dict(each) for each in drawn]))
        assert [point.row.accelerator for point in found.scored] == accelerators


def test_the_draw_does_not_depend_on_the_order_or_on_other_strata(many: Path, tmp_path: Path) -> None:
    rows = rows_of(many)
    turned = file_of(tmp_path / "turned.csv", rows[::-1])
    alone = file_of(tmp_path / "alone.csv", rows[:6])
    one = [each for each in sample(many, 3) if each["gpu"].startswith("H100")]
    assert one == [each for each in sample(turned, 3) if each["gpu"].startswith("H100")] == sample(alone, 3)


def test_the_draw_does_not_depend_on_what_was_measured(many: Path, tmp_path: Path) -> None:
    """Nor, therefore, on how far predictions are off."""
    rows = rows_of(many)
    others = [row | {"value": str(1000 + 317 * place)} for place, row in enumerate(rows)]
    drawn = [sample(file_of(tmp_path / "values.csv", each), 3) for each in (rows, others)]
    assert [each["isl"] for each in drawn[0]] == [each["isl"] for each in drawn[1]]


def test_the_command_writes_the_same_file_each_time_with_licences(many: Path, tmp_path: Path) -> None:
    outs = [tmp_path / "one.csv", tmp_path / "two.csv"]
    for out in outs:
        command = [sys.executable, "-m", "xl_econ.calibration.sample", str(many), "-o", str(out)]
        subprocess.run(command, check=True, capture_output=True)
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert [row[LICENCE] for row in rows_of(outs[0])] == ["Apache-2.0"] * 3
    assert list(rows_of(outs[0])[0]) == [*KEPT, LICENCE]


def test_sources_without_a_known_licence_are_refused_all_at_once() -> None:
    cells = [{"group": "A blog|llm"}, {"group": "LMDeploy|llm"}, {"group": "A paper|llm"}]
    with pytest.raises(Problems) as error:
        with_licences(cells)
    assert [problem.split(":")[0] for problem in error.value.problems] == ["A blog|llm", "A paper|llm"]
    assert all("licences.toml" in problem for problem in error.value.problems)


def test_a_file_that_is_none_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("a,b\n1,2\n")
    command = [
        sys.executable,
        "-m",
        "xl_econ.calibration.sample",
        str(tmp_path / "none.csv"),
        "-o",
        str(tmp_path / "o"),
    ]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert run.returncode == 2 and "it has no column" in run.stderr and "Traceback" not in run.stderr
    assert not (tmp_path / "o").exists()


def test_the_shipped_sample_has_one_row_of_each_stratum_and_all_are_predicted() -> None:
    found = evidence(SAMPLE)
    assert found.reasons() == {}
    assert 120 <= len(found.points) <= MOST
    assert len({stratum(point.row) for point in found.points}) == len(found.points)
    assert {point.row.quality for point in found.points} <= set(SCORED)
    assert {each.measure for each in compared()} == set(MEASURES)


# --- The sheet ---------------------------------------------------------------------------------------------


def test_it_stands_before_functions_and_not_in_a_core_workbook() -> None:
    full = sheet_names(full=True)
    assert full.index(SHEET) < full.index("Functions")
    assert SHEET not in sheet_names(full=False)
    assert SHEET not in openpyxl.load_workbook(io.BytesIO(new_workbook(preset("standard"), full=False))).sheetnames


def test_the_index_of_about_leads_to_it(path: Path) -> None:
    about = openpyxl.load_workbook(path)["About"]
    links = [cell.hyperlink.location for row in about.iter_rows() for cell in row if cell.hyperlink]
    assert f"'{SHEET}'!A1" in links


def test_the_stamp_is_fresh_every_prediction_is_what_the_model_gives_today(sheet: Any, first: int) -> None:
    """After a change of the model or a new fit: `xl-econ template build`."""
    stamped = {evidence_key(each.row): each.predicted for each in evidence(SAMPLE).points}
    assert len(stamped) == len(compared())
    for place, each in enumerate(compared(), start=first):
        assert sheet[f"{LLM}{place}"].value == each.row.llm
        assert sheet[f"{MEASURED}{place}"].value == pytest.approx(each.row.value, rel=1e-14)
        assert sheet[f"{PREDICTED}{place}"].value == pytest.approx(stamped[evidence_key(each.row)], rel=1e-14)
    assert sheet[f"{LLM}{first + len(compared())}"].value is None
    texts = {cell.value for row in sheet.iter_rows(max_row=first) for cell in row}
    assert calibration_fingerprint() in texts


def evidence_key(row: Any) -> int:
    return row.line


def test_predictions_are_typed_in_the_style_of_what_python_stamps_and_measurements_as_quoted(path: Path) -> None:
    sheet = openpyxl.load_workbook(path)[SHEET]
    row = next(row for row in range(1, sheet.max_row) if sheet[f"{LLM}{row}"].value == "LLM") + 1
    assert sheet[f"{PREDICTED}{row}"].style == "Econ stamped"
    assert sheet[f"{MEASURED}{row}"].style == "Econ quoted"


def test_every_row_names_its_licence(sheet: Any, first: int) -> None:
    licences = [sheet[f"{LICENCES}{row}"].value for row in range(first, first + len(compared()))]
    assert all(licences) and len(set(licences)) >= 3


ENGINES: tuple[Callable[[Path], Any], ...] = (engines.recalculate_ironcalc, engines.recalculate_formulon)


@pytest.mark.parametrize("recalculated", ENGINES)
def test_errors_and_medians_recalculate_to_pythons_values(
    recalculated: Callable[[Path], Any], path: Path, sheet: Any, first: int
) -> None:
    found = {at: value for (name, at), value in recalculated(path).items() if name == SHEET}
    errors = {
        measure: [e.point.predicted / e.row.value - 1 for e in compared() if e.measure == measure]
        for measure in MEASURES
    }
    every = [error for each in errors.values() for error in each]
    for place, error in enumerate(every, start=first):
        assert found[f"{ERROR}{place}"] == pytest.approx(error, rel=1e-9, abs=1e-12)
        assert found[f"{SIZE}{place}"] == pytest.approx(abs(error), rel=1e-9, abs=1e-12)
    groups = {MEASURES[measure]: values for measure, values in errors.items()} | {"All rows of the sample": every}
    for label, values in groups.items():
        row = row_of(sheet, label)
        assert found[f"B{row}"] == len(values)
        assert found[f"C{row}"] == pytest.approx(np.median(np.abs(values)), rel=1e-9)
        assert found[f"D{row}"] == pytest.approx(np.median(values), rel=1e-9, abs=1e-12)
        assert found[f"E{row}"] == pytest.approx(np.max(np.abs(values)), rel=1e-9)


GROUPS: dict[str, Callable[[Any], str]] = {
    "kind of LLM": lambda each: each.llm_kind,
    "accelerator": lambda each: each.row.accelerator,
}


@pytest.mark.parametrize("by", GROUPS)
def test_the_medians_of_a_group_are_of_its_rows_alone(by: str, path: Path, sheet: Any) -> None:
    found = {at: value for (name, at), value in engines.recalculate_ironcalc(path).items() if name == SHEET}
    groups: dict[str, list[float]] = {}
    for each in compared():
        groups.setdefault(GROUPS[by](each), []).append(abs(each.point.predicted / each.row.value - 1))
    for label, sizes in groups.items():
        row = row_of(sheet, label)
        assert found[f"B{row}"] == len(sizes)
        assert found[f"C{row}"] == pytest.approx(np.median(sizes), rel=1e-9)
        assert found[f"E{row}"] == pytest.approx(max(sizes), rel=1e-9)


def row_of(sheet: Any, label: str) -> int:
    """The first row of this label, from the top."""
    return next(row for row in range(1, sheet.max_row) if sheet[f"A{row}"].value == label)


def test_another_measurement_moves_the_error_and_the_median(path: Path, sheet: Any, first: int) -> None:
    """The errors are live: nothing of them is typed."""
    row = row_of(sheet, next(iter(MEASURES.values())))
    book = engines.IroncalcBook(path)
    cells = [(SHEET, f"{ERROR}{first}"), (SHEET, f"E{row}")]
    book.set(SHEET, f"{MEASURED}{first}", sheet[f"{PREDICTED}{first}"].value / 11)
    book.recalculate()
    found = book.values(cells)
    assert found[cells[0]] == pytest.approx(10, rel=1e-9) and found[cells[1]] == pytest.approx(10, rel=1e-9)


# --- What the calibration says of all measurements -----------------------------------------------------------


@dataclass
class Recorder:
    """A pen that notes every cell and what the sheet is dressed with."""

    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    dressed: list[str] = field(default_factory=list)
    changes_only: bool = False

    def still(self, row: int, column: int, value: Any, role: str, unit: str | None) -> None:
        self.cells[row, column] = value

    def formula(self, row: int, column: int, formula: Any, value: Any, role: str, unit: str | None) -> None:
        self.cells[row, column] = value

    typed = still
    array = inherited = formula

    def dress(self, what: str, *args: Any, **options: Any) -> None:
        self.dressed.append(what)


def written(**options: Any) -> Recorder:
    pen, study = Recorder(**options), preset("standard")
    sheet_module.write(Page(SHEET, pen, layout_for(3), columns_of(study), study))
    return pen


TOLD = {"itl": {"median_percent": 12.5, "p90_percent": 40.0, "points": 1500}}
CALIBRATIONS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "all told": (
        {"errors": dict.fromkeys(("fitted", "group left out", "llm left out", "accelerator left out"), TOLD)},
        [*[0.125, 0.4] * 4, 1500],
    ),
    "fitted alone": ({"errors": {"fitted": TOLD}}, [0.125, 0.4, *["not run yet"] * 6, 1500]),
    "another metric": ({"errors": {"fitted": {"ttft": TOLD["itl"]}}}, ["not run yet"] * 9),
    "none": ({}, ["not run yet"] * 9),
}


@pytest.mark.parametrize("case", CALIBRATIONS)
def test_errors_of_all_measurements_are_those_of_the_calibration(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told, expected = CALIBRATIONS[case]
    monkeypatch.setattr(evidence_page, "calibration", lambda: told)
    cells = written().cells
    last = max(row for (row, column), value in cells.items() if column == 0 and str(value).startswith("All published"))
    row = next(row for row in range(last, last + 9) if cells[row, 0] == MEASURES["itl"])
    assert [cells[row, column] for column in range(1, 10)] == expected


def test_a_fresh_template_is_filled_without_predicting_again() -> None:
    """A new workbook should take a second, and the template has all that this sheet says: not even a room is loaded."""
    assert written(changes_only=True).cells == {}
    code = (
        "import sys; from xl_econ import new_workbook, preset; new_workbook(preset('article-8b'));"
        "print([name for name in sys.modules if name.startswith('xl_econ.calibration')])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


# --- Charts ------------------------------------------------------------------------------------------------


def charts() -> Iterator[tuple[str, str]]:
    """Each chart of the sheet as XML, with its alternative text."""
    with zipfile.ZipFile(shipped("standard.xlsx")) as package:
        parts = {name: package.read(name).decode() for name in package.namelist() if name.endswith((".xml", ".rels"))}
    names = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    number = names.index(SHEET) + 1
    relations = parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"]
    drawing = re.findall(r"drawings/(drawing\d+)\.xml", relations)[0]
    texts = re.findall(r'descr="([^"]+)"', parts[f"xl/drawings/{drawing}.xml"])
    found = re.findall(r"charts/(chart\d+\.xml)", parts[f"xl/drawings/_rels/{drawing}.xml.rels"])
    yield from zip((parts[f"xl/charts/{name}"] for name in found), texts, strict=True)


def test_times_and_rates_have_a_chart_each_with_alt_text_and_a_series_for_each_measure() -> None:
    (times, first_text), (rates, second_text) = charts()
    assert "Times" in first_text and "Rates" in second_text
    assert times.count("<c:ser>") == len(TIMES) + 1, "one for each, and the line"
    assert rates.count("<c:ser>") == len(MEASURES) - len(TIMES) + 1
    for chart in (times, rates):
        assert chart.count("<c:logBase") == 2, "both axes are logarithmic"
        assert len(set(re.findall(r'<c:(?:min|max) val="([^"]+)"', chart))) == 2, "and alike"


def test_the_points_of_a_chart_lie_within_its_axes() -> None:
    for is_time, (chart, _) in zip((True, False), charts(), strict=True):
        least, most = sorted(float(end) for end in set(re.findall(r'<c:(?:min|max) val="([^"]+)"', chart)))
        of_this = [each for each in compared() if (each.measure in TIMES) == is_time]
        figures = [figure for each in of_this for figure in (each.row.value, each.point.predicted)]
        assert least <= min(figures) and max(figures) <= most
