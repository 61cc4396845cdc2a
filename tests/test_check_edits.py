"""Check and refresh after edits that leave every formula as it was: columns, records and constants that people change.

What Python would fill in silently, and Excel would not, must be told; and advice must work when it is followed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from engines.by_hand import edited_by_hand
from engines.office import NO_UNO, uno_python
from test_cli import run
from workbooks import WORKBOOK, cleared, edit_part, put, written

from xl_econ import Study, check_workbook, preset, read_workbook
from xl_econ.inputs.own_catalog import fields_of
from xl_econ.workbook.book import opened
from xl_econ.workbook.layout import INPUTS, layout_for
from xl_econ.workbook.package import Cell

STANDARD = preset("standard")
LAYOUT = layout_for(3, full=False)


@pytest.fixture
def path(core_path: Path) -> Path:
    return core_path


def test_a_scenario_added_on_inputs_only_brings_the_way_out(path: Path) -> None:
    """Column F is given to the scenarios by hand: heads and inputs, but no other sheet."""

    def wider(xml: str) -> str:
        return re.sub(r"(Inputs!\$C\$\d+:)\$E(\$\d+)", r"\1$F\2", xml)

    edit_part(path, WORKBOOK, wider)
    rows = [LAYOUT.place(each).row + 1 for each in STANDARD.resolved()["Base"] if LAYOUT.place(each).sheet == INPUTS]
    put(
        path,
        {(INPUTS, "F4"): "Fourth"}
        | {(INPUTS, f"F{row}"): Cell(opened(path).value((INPUTS, f"C{row}")), f"=C{row}") for row in rows},
    )
    found = check_workbook(path)
    assert [finding.rule for finding in found if finding.level == "error"] == ["missing-name"]
    assert "4 scenarios on Inputs, but its sheets compute 3" in found[0].message
    put(
        path,
        {
            (INPUTS, f"F{LAYOUT.place('input_tokens').row + 1}"): 4000,
        },
    )
    cleared(path, [(INPUTS, "F6")])
    assert _the_way_out(path).scenarios["Fourth"].overrides == {"input_tokens": 4000}


@pytest.mark.skipif(uno_python() is None, reason=NO_UNO)
def test_a_scenario_deleted_on_inputs_only_brings_the_way_out(path: Path) -> None:
    """Column D is deleted on Inputs: formulas on Engine refer to nothing, and Assumptions keeps three columns."""
    edited_by_hand([(path, path, [("delete_columns", INPUTS, "D", 1)])])
    assert list(_the_way_out(path).scenarios) == ["Base", "Dearer"]


def _the_way_out(path: Path) -> Study:
    """Do what the message says: take the inputs out, and make a workbook of them."""
    study, new = path.with_name("study.toml"), path.with_name("new.xlsx")
    assert run("read", path, "-o", study).exit_code == 0
    assert run("new", new, "--study", study).exit_code == 0
    assert run("check", new).exit_code == 0
    return read_workbook(new)


BESIDE = {"behind": ("F4", "F"), "before": ("B4", "B")}


@pytest.mark.parametrize("where", BESIDE)
def test_a_scenario_typed_beside_the_scenarios_is_told(where: str, path: Path) -> None:
    """Names do not grow at their edge, so nothing would read it."""
    head, column = BESIDE[where]
    cell = f"{column}{LAYOUT.place('input_tokens').row + 1}"
    put(path, {(INPUTS, head): "Fourth", (INPUTS, cell): 4444})
    told = [finding for finding in check_workbook(path) if finding.rule == "bad-input"]
    assert [(finding.sheet, finding.cell) for finding in told] == [(INPUTS, cell)]
    assert "4444 stands beside the scenarios" in told[0].message


def test_an_emptied_fact_of_a_shipped_record_is_told(path: Path) -> None:
    """Excel counts it as 0, so the shipped figure must not take its place in silence."""
    spot = _catalog_cell(path, "accelerators", "h100-sxm", "rent_usd_per_h")
    cleared(path, [spot])
    assert _told(path, "bad-input") == [(*spot, "rent_usd_per_h of h100-sxm is empty. Type a value (shipped: 3.36).")]


# What is done to a record that something chooses, and where it is told.
GONE = {
    "one that a scenario takes": ("accelerators", "h100-sxm", INPUTS),
    "the hosted API of all": ("hosted", "together-llama-3.3-70b-2025-07-03", INPUTS),
}


@pytest.mark.parametrize("case", GONE)
def test_a_record_that_is_chosen_and_gone_is_told(case: str, path: Path) -> None:
    table, id, sheet = GONE[case]
    cleared(path, _catalog_row(path, table, id))
    told = _told(path, "bad-input")
    assert told and all(where == sheet and id in what and "Put its row back" in what for where, _, what in told)
    result = run("refresh", path)
    assert result.exit_code == 2 and id in result.stderr


def test_a_record_that_only_the_article_takes_is_told_too(tmp_path: Path) -> None:
    path = written(STANDARD, tmp_path / "full.xlsx")
    cleared(path, _catalog_row(path, "llms", "llama-3.1-8b"))
    told = _told(path, "bad-input")
    assert told and all("llama-3.1-8b, which a case of the article takes" in what for _, _, what in told)
    result = run("refresh", path)
    assert result.exit_code == 2 and told[0][1] in result.stderr


def test_a_choice_of_a_record_that_is_gone_is_refused(path: Path) -> None:
    cleared(path, _catalog_row(path, "accelerators", "a100-pcie-40gb"))
    result = run("refresh", path, "--set", "accelerator=a100-pcie-40gb")
    assert result.exit_code == 2 and "a100-pcie-40gb does not stand on the sheet Catalog" in result.stderr


FIXED: dict[str, tuple[str, int, Any]] = {
    "a constant": ("days_per_year", 0, 360),
    "a size by number format": ("precisions.body_bytes_per_param", 1, 1.5),
    "a label of a drop-down": ("lists.method", 0, "Article of 2024"),
}


@pytest.mark.parametrize("case", FIXED)
def test_what_stands_on_lists_is_the_engines(case: str, path: Path) -> None:
    name, place, value = FIXED[case]
    spot = opened(path).cells(name)[place][0]
    put(path, {spot: value})
    assert [where[:2] for where in _told(path, "altered-constant")] == [spot]
    assert "!".join(spot) in run("refresh", path).stdout


def test_a_workbook_without_its_hidden_names_is_of_its_version(path: Path) -> None:
    """Excel's Document Inspector offers to remove hidden names."""
    edit_part(path, WORKBOOK, lambda xml: re.sub(r'<definedName [^>]*name="at_[^>]*>[^<]*</definedName>', "", xml))
    rules = {finding.rule for finding in check_workbook(path)}
    assert "other-version" not in rules and "missing-name" in rules


def _told(path: Path, rule: str) -> list[tuple[str, str, str]]:
    return [(each.sheet, each.cell, each.message) for each in check_workbook(path) if each.rule == rule]


def _catalog_row(path: Path, table: str, id: str) -> list[tuple[str, str]]:
    book = opened(path)
    place = book.order(table).index(id)
    names = [f"{table}.id", *(given.name for given in fields_of(table).values())]
    return [book.cells(name)[place][0] for name in names]


def _catalog_cell(path: Path, table: str, id: str, field: str) -> tuple[str, str]:
    return _catalog_row(path, table, id)[1 + list(fields_of(table)).index(field)]
