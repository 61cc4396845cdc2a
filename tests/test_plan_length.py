"""A plan of another length: whole years of months, in Python and in a workbook whose sheets have as many columns."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
import pytest
from test_parity import differences, expected_cells
from workbooks import written

from xl_econ import Study, evaluate, load_study, preset, read_workbook, refresh_workbook
from xl_econ.core.problems import Problems
from xl_econ.inputs.changes import Change
from xl_econ.inputs.difference import compare
from xl_econ.inputs.study import StudyError, study_of, to_toml
from xl_econ.workbook.book import Book
from xl_econ.workbook.package import Package
from xl_econ.workbook.refresh import from_template

YEAR = 12


def of_months(months: Any) -> Study:
    return study_of({"months": months, **tomllib.loads(to_toml(preset("standard")))}, "study")


@pytest.fixture(scope="module")
def short() -> Study:
    return of_months(2 * YEAR)


@pytest.fixture(scope="module")
def book(short: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(short, tmp_path_factory.mktemp("short") / "short.xlsx")


@pytest.mark.parametrize(
    ("months", "why"),
    [
        (0, "no month to plan for"),
        (-12, "a plan looks ahead"),
        (18, "the years beside the months are whole"),
        (132, "more than ten years"),
        (24.0, "a count is a whole number"),
        (True, "yes is no count"),
        ("60", "text is no number"),
    ],
)
def test_a_plan_of_other_than_whole_years_is_refused(months: Any, why: str) -> None:
    with pytest.raises(StudyError, match=r"study: months is .*, but a plan has 1 to 10 whole years: give 12, 24 … or"):
        of_months(months)


def test_the_length_is_kept_in_the_study_s_file(short: Study, tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text(to_toml(short), "utf-8")
    assert load_study(path).months == 2 * YEAR
    assert "\nmonths" not in to_toml(preset("standard")), "sixty go without saying"


def test_the_months_that_both_plans_have_are_the_same(short: Study) -> None:
    names = ["plan_m_tokens", "plan_own_usd", "npv_usd"]
    own, usual = (evaluate(study, names).scenarios["Base"] for study in (short, preset("standard")))
    months = 2 * YEAR
    assert len(own["plan_m_tokens"]) == months + 1
    assert own["plan_m_tokens"] == usual["plan_m_tokens"][: months + 1]
    assert own["plan_own_usd"][:months] == usual["plan_own_usd"][:months], "what is left is sold with the last month"
    assert own["npv_usd"] < usual["npv_usd"]


def test_rows_of_results_have_the_plan_s_months() -> None:
    for months in (YEAR, 10 * YEAR):
        rows = evaluate(of_months(months), ["plan_m_tokens"]).rows()
        assert [row["period"] for row in rows] == list(range(months + 1))


@pytest.mark.parametrize("months", [YEAR, 2 * YEAR, 10 * YEAR])
def test_an_engine_that_we_did_not_write_computes_the_same(months: int, tmp_path: Path) -> None:
    study = of_months(months)
    expected = expected_cells(study, full=False)
    assert sum(sheet == "Plan" for sheet, _ in expected) > 100 * months
    found = engines.recalculate_ironcalc(written(study, tmp_path / "book.xlsx", full=False))
    assert not differences(expected, found)


@pytest.mark.skipif(not engines.HAVE_LIBREOFFICE, reason=engines.NO_LIBREOFFICE)
def test_libreoffice_computes_the_same_on_all_sheets(short: Study, book: Path, tmp_path: Path) -> None:
    (recalculated,) = engines.recalculate_libreoffice([book], tmp_path / "out")
    assert not differences(expected_cells(short), engines.libreoffice_values(recalculated))


def test_a_workbook_of_it_is_read_back_as_it_was(short: Study, book: Path) -> None:
    assert Book(Package(book.read_bytes()), book.name).months == 2 * YEAR
    assert read_workbook(book) == short


def test_its_inputs_are_refreshed_in_place(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    refresh_workbook(book, out, changes=[Change("headroom", 0.4)])
    changed = read_workbook(out)
    assert (changed.months, changed.resolved()["Base"]["headroom"]) == (2 * YEAR, 0.4)


@pytest.mark.parametrize("change", [lambda study: study, lambda study: study.model_copy(update={"months": 36})])
def test_a_study_of_another_length_is_refused_with_what_to_do(
    change: Callable[[Study], Study], book: Path, tmp_path: Path
) -> None:
    other = change(preset("standard"))
    with pytest.raises(Problems, match=rf"its plan has 24 months, and the study's has {other.months}\..*--months"):
        refresh_workbook(book, tmp_path / "out.xlsx", study=other)


def test_a_firm_s_template_decides_the_length_where_the_study_says_nothing(book: Path, tmp_path: Path) -> None:
    out = tmp_path / "of_template.xlsx"
    out.write_bytes(from_template(book, preset("standard")))
    assert read_workbook(out).months == 2 * YEAR
    with pytest.raises(Problems, match=r"its plan has 24 months, and the study's has 36\."):
        from_template(book, of_months(36))


def test_a_comparison_tells_the_lengths(short: Study) -> None:
    assert compare(preset("standard"), short).structure == ["the plan: 60 months before, 24 after"]
