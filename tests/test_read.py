"""Reading: edited inputs are found by name, taken strictly, and reported with sheet, cell and scenario."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from studies import random_study

from xl_econ.core.problems import Problems
from xl_econ.inputs.study import preset
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.layout import ASSUMPTIONS, INPUTS, layout_for
from xl_econ.workbook.read import read_workbook

LAYOUT = layout_for(3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "deal.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    return path


def edited(path: Path, edits: dict[tuple[str, str], Any]) -> Path:
    book = openpyxl.load_workbook(path)
    for (sheet, cell), value in edits.items():
        book[sheet][cell] = value
    book.save(path)
    return path


def cell(name: str, scenario: int) -> tuple[str, str]:
    return LAYOUT.one(name, scenario)


@pytest.mark.parametrize("seed", range(30))
def test_an_unedited_workbook_gives_the_study_that_made_it(seed: int, tmp_path: Path) -> None:
    study, path = random_study(seed), tmp_path / "deal.xlsx"
    path.write_bytes(new_workbook(study))
    assert read_workbook(path) == study


def test_a_typed_value_overrides_and_an_inheriting_cell_follows(path: Path) -> None:
    study = read_workbook(edited(path, {cell("input_tokens", 0): 5000, cell("input_tokens", 2): 70}))
    assert [row["input_tokens"] for row in study.resolved().values()] == [5000, 5000, 70]


def test_another_base_value_of_an_assumption_moves_every_scenario(path: Path) -> None:
    row = LAYOUT.place("mfu_hopper").row + 1
    study = read_workbook(edited(path, {(ASSUMPTIONS, f"F{row}"): 0.5, cell("mfu_hopper", 1): 0.4}))
    assert [row["mfu_hopper"] for row in study.resolved().values()] == [0.5, 0.4, 0.5]


def test_inserted_rows_and_a_renamed_sheet_do_no_harm(path: Path) -> None:
    """Names carry the reader, as Excel moves them."""
    book = openpyxl.load_workbook(path)
    book[INPUTS].title = "Our decisions"
    for name in book.defined_names.values():
        name.attr_text = name.attr_text.replace("Inputs!", "'Our decisions'!")
    book.save(path)
    assert read_workbook(path) == preset("standard")


# Each specimen: the edit of a cell, and what the message must say beside the cell and the scenario.
BAD_CELLS: dict[str, tuple[str, int, Any, str]] = {
    "text for a number": ("headroom", 1, "60%", "'60%'"),
    "TRUE for a number": ("headroom", 1, True, "True"),
    "out of bounds": ("given_utilisation", 2, 1.7, "at most 1"),
    "a fraction": ("tensor_parallel", 0, 2.5, "a whole number"),
    "an unknown label": ("llm", 1, "llama-3.3-70", "Did you mean llama-3.3-70b"),
    "an emptied cell": ("output_tokens", 0, None, "is empty"),
    "TP that does not divide": ("tensor_parallel", 2, 6, "does not divide"),
    "a formula that nobody has calculated": ("headroom", 0, "=2*8", "a formula that nobody has calculated"),
}


@pytest.mark.parametrize("specimen", BAD_CELLS, ids=str)
def test_a_bad_cell_is_named_with_sheet_cell_scenario_and_remedy(specimen: str, path: Path) -> None:
    name, scenario, value, said = BAD_CELLS[specimen]
    edited(path, {cell(name, scenario): value})
    with pytest.raises(Problems) as caught:
        read_workbook(path)
    (message,) = caught.value.problems
    where = "!".join(cell(name, scenario))
    assert all(part in message for part in (where, preset("standard").names[scenario], name, said)), message


def test_every_bad_cell_is_told_at_once(path: Path) -> None:
    edited(path, {cell("headroom", 0): "a", cell("headroom", 1): "b", cell("itl_slo_ms", 2): -1})
    with pytest.raises(Problems) as caught:
        read_workbook(path)
    assert len(caught.value.problems) == 3


def test_a_deleted_name_is_told(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    del book.defined_names["headroom"]
    book.save(path)
    with pytest.raises(Problems, match="the name headroom is missing"):
        read_workbook(path)


def test_a_workbook_of_somebody_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(Problems, match="not one of our workbooks"):
        read_workbook(path)


def test_two_scenarios_of_one_name_are_told(path: Path) -> None:
    edited(path, {(INPUTS, "D4"): "Base"})
    with pytest.raises(Problems, match="two scenarios are called 'Base'"):
        read_workbook(path)


def test_a_workbook_with_a_document_type_definition_is_refused(path: Path) -> None:
    """It could name files of the reader's machine, or unpack to billions of laughs."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aa">]>'
    parts["xl/workbook.xml"] = bomb + parts["xl/workbook.xml"].split(b"?>", 1)[1]
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    with pytest.raises(Problems, match="document type definition"):
        read_workbook(path)
