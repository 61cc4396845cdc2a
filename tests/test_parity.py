"""The engines agree: numpy = the value cached in the file = the value after recalculation, in every formula cell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import engines
import pytest
from studies import random_study
from workbooks import calls_in, calls_of_functions, without_rates

from xl_econ.core.quantity import Given
from xl_econ.inputs.study import Study, preset, presets
from xl_econ.workbook.book import Book
from xl_econ.workbook.columns import Held
from xl_econ.workbook.fill import filled, new_workbook
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.other_layouts import best_others
from xl_econ.workbook.package import Package
from xl_econ.workbook.read import read_workbook

RELATIVE, ABSOLUTE = 1e-9, 1e-9
STUDIES = 40
BATCH = 8

Cells = dict[engines.Cell, engines.Value]


def expected_cells(
    study: Study,
    full: bool = True,
    baseline: dict[str, list[Any]] | None = None,
    layouts: dict[str, list[Any]] | None = None,
) -> Cells:
    """Python's value of every formula cell, beside a workbook's own baseline, and the other layouts that it holds.

    Calls of LAMBDA names have tests of their own: LibreOffice does not know them, nor all engines every one.
    """
    return {
        (sheet, at): cell.value
        for sheet, cells in filled(study, full, Held(baseline or {}, settings=layouts or {})).items()
        for at, cell in cells.items()
        if cell.formula is not None and (sheet, at) not in calls_of_functions()
    }


def differences(expected: Cells, found: Cells) -> list[tuple[engines.Cell, Any, Any]]:
    """Cells whose value is not Python's, errors included."""
    return [
        (at, value, found.get(at))
        for at, value in expected.items()
        if not engines.same_value(value, found.get(at), RELATIVE, ABSOLUTE)
    ]


def written(study: Study, path: Path) -> Path:
    path.write_bytes(new_workbook(study))
    return path


# --- engines from PyPI -------------------------------------------------------------------------


@pytest.mark.parametrize("batch", range(0, STUDIES, BATCH))
def test_random_studies_recalculate_to_pythons_values_in_two_engines(batch: int, tmp_path: Path) -> None:
    """The first of each batch with all sheets; the others without those whose columns repeat the engine's."""
    for seed in range(batch, batch + BATCH):
        study, full = random_study(seed), seed == batch
        expected, path = expected_cells(study, full), tmp_path / "book.xlsx"
        path.write_bytes(new_workbook(study, full=full))
        everything = expected | (calls_in(filled(study)) if full else {})
        for engine, cells in (
            (engines.IroncalcBook, everything),
            (engines.CellruneBook, without_rates(expected, full)),
        ):
            book = engine(path)
            book.recalculate()
            assert not differences(cells, book.values(cells)), f"seed {seed} in {engine.__name__}"


@pytest.mark.parametrize("name", presets())
def test_each_preset_recalculates_to_pythons_values_in_a_third_engine(name: str, tmp_path: Path) -> None:
    study = preset(name)
    expected = expected_cells(study)
    found = engines.recalculate_formulon(written(study, tmp_path / "book.xlsx"))
    assert not differences(without_rates(expected), found)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_template_for_another_number_of_scenarios_is_compiled_on_the_way(count: int, tmp_path: Path) -> None:
    three = random_study(7)
    names = (three.names * 2)[:count]
    scenarios = {f"{place} {name}": three.scenarios[name] for place, name in enumerate(names)}
    study = Study(title="Other", as_of="2026-01-01", scenarios=scenarios)
    expected = expected_cells(study)
    book = engines.IroncalcBook(written(study, tmp_path / "book.xlsx"))
    book.recalculate()
    assert not differences(expected, book.values(expected))


def test_the_core_workbook_leaves_out_the_article_and_agrees_too(tmp_path: Path) -> None:
    study = random_study(3)
    path = tmp_path / "core.xlsx"
    path.write_bytes(new_workbook(study, full=False))
    expected = expected_cells(study, full=False)
    assert {sheet for sheet, _ in expected}.isdisjoint({"Article", "Workings"})
    found = engines.recalculate_cellrune(path)
    assert not differences(without_rates(expected, full=False), found)


def test_every_formula_cell_is_among_the_compared_ones_and_holds_pythons_value(tmp_path: Path) -> None:
    study = preset("article-405b-disaggregated")
    in_file = engines.formula_cells(written(study, tmp_path / "book.xlsx"))
    expected = expected_cells(study)
    assert in_file.keys() == expected.keys() | calls_of_functions()
    assert not differences(expected, {at: value for at, (_, value) in in_file.items()})


def test_ironcalc_reads_every_formula_as_it_is_written(tmp_path: Path) -> None:
    """Its reader drops brackets in some forms; a formula that it misreads would make its agreement worthless."""
    assert not engines.ironcalc_misreads(written(preset("standard"), tmp_path / "book.xlsx"))


# --- LibreOffice -------------------------------------------------------------------------------

libreoffice = pytest.mark.skipif(not engines.HAVE_LIBREOFFICE, reason=engines.NO_LIBREOFFICE)


@libreoffice
def test_20_random_studies_recalculate_to_pythons_values_in_libreoffice(tmp_path: Path) -> None:
    studies = [random_study(seed) for seed in range(1000, 1020)]
    books = [written(study, tmp_path / f"{place}.xlsx") for place, study in enumerate(studies)]
    recalculated = engines.recalculate_libreoffice(books, tmp_path / "out")
    for study, path in zip(studies, recalculated, strict=True):
        assert not differences(expected_cells(study), engines.libreoffice_values(path)), study.title


def typed_inputs(study: Study) -> Iterator[tuple[engines.Cell, Any]]:
    """The base scenario's input cells with what a person would type."""
    layout, base = layout_for(len(study.scenarios)), study.resolved()[study.names[0]]
    for given in layout.graph.givens:
        if isinstance(given, Given) and given.role == "input":
            yield layout.one(given.name, 0), base[given.name]


@libreoffice
def test_inputs_changed_in_libreoffice_give_pythons_results_of_the_edited_study(tmp_path: Path) -> None:
    """The base's inputs of ten other studies are typed into a workbook whose other scenarios only inherit."""
    alike = {name: preset("standard").scenarios["Base"] if name == "Base" else empty() for name in ("Base", "B", "C")}
    path = written(Study(title="Edited", as_of="2026-01-01", scenarios=alike), tmp_path / "book.xlsx")
    drawn = [random_study(seed) for seed in range(2000, 2010)]
    studies = [Study(title="Edited", as_of="2026-01-01", scenarios=alike | {"Base": base(each)}) for each in drawn]
    baseline = Book(Package(path.read_bytes()), path.name).baseline()
    layouts = best_others(Study(title="Edited", as_of="2026-01-01", scenarios=alike), "Base")
    expected = [live_cells(study, baseline, layouts) for study in studies]
    played = engines.libreoffice_scenarios(path, [dict(typed_inputs(study)) for study in studies], expected[0])
    for study, values, found in zip(studies, expected, played, strict=True):
        assert not differences(values, found), study.title


def live_cells(study: Study, baseline: dict[str, list[Any]], layouts: dict[str, list[Any]]) -> Cells:
    """Formula cells outside About, whose fingerprint is stamped; Changes and layouts are beside the first study."""
    cells = expected_cells(study, baseline=baseline, layouts=layouts)
    return {at: value for at, value in cells.items() if at[0] != "About"}


def base(study: Study) -> Any:
    return study.scenarios[study.names[0]]


def empty() -> Any:
    from xl_econ.inputs.scenario import Scenario

    return Scenario()


@libreoffice
def test_a_workbook_saved_by_libreoffice_is_read_back_as_the_edited_study(tmp_path: Path) -> None:
    path = written(preset("standard"), tmp_path / "book.xlsx")
    layout = layout_for(3)
    edits = {layout.one("tensor_parallel", 1): 4, layout.one("input_tokens", 0): 4000}
    edited = read_workbook(engines.edit_in_libreoffice(path, tmp_path / "edited.xlsx", edits))
    assert edited.resolved()["Cheaper"]["tensor_parallel"] == 4
    assert [row["input_tokens"] for row in edited.resolved().values()] == [4000, 4000, 4000]
