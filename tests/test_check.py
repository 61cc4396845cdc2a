"""Check: each kind of damage to a workbook is found by its rule, at its cell, and a clean workbook gives nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from studies import random_study
from test_cli import refused, run
from workbooks import WORKBOOK, edit_part, edit_sheet, falsified, put, rename, rounds, saved, written

from xl_econ import check_workbook, preset, refresh_workbook
from xl_econ.core.problems import Problems
from xl_econ.inputs.changes import Change
from xl_econ.workbook.anchors import PREFIX
from xl_econ.workbook.check import RULES, Finding, summed_up
from xl_econ.workbook.layout import ABOUT, ABOUT_CELLS, INPUTS, layout_for, letters
from xl_econ.workbook.package import Cell, Package

STANDARD = preset("standard")
LAYOUT = layout_for(3, full=False)
Damage = Callable[[Path], Any]
Place = tuple[str, str]
NOWHERE = ("", "")


@pytest.fixture
def path(core_path: Path) -> Path:
    return core_path


# --- damages -----------------------------------------------------------------------------------


def cells(spot: Place, content: Any) -> Damage:
    """One cell with other content."""
    return lambda path: put(path, {spot: content})


def formula(spot: Place, text: str) -> Damage:
    """Another formula, with the value that was there."""
    return lambda path: put(path, {spot: Cell(Package(path.read_bytes()).value(*spot) or 0, text)})


def name(old: str, area: str | None) -> Damage:
    return lambda path: rename(path, old, area)


def in_workbook(old: str, new: str) -> Damage:
    return lambda path: edit_part(path, WORKBOOK, lambda xml: re.sub(old, new, xml, count=1))


def hidden_row(sheet: str, row: int) -> Damage:
    return lambda path: edit_sheet(
        path, sheet, lambda xml: xml.replace(f'<row r="{row}"', f'<row r="{row}" hidden="1"')
    )


def error(spot: Place, shown: str) -> Damage:
    """A formula that shows an error, as Excel saves it."""
    old = rf'(<c r="{spot[1]}"[^>]*?)( t="\w+")?>(<f>[^<]*</f>)<v>[^<]*</v>'
    return lambda path: edit_sheet(path, spot[0], lambda xml: re.sub(old, rf'\1 t="e">\3<v>{shown}</v>', xml, count=1))


def both(*damages: Damage) -> Damage:
    def do(path: Path) -> None:
        for damage in damages:
            damage(path)

    return do


def about(what: str) -> Place:
    row, column = ABOUT_CELLS[what]
    return ABOUT, f"{letters(column)}{row + 1}"


COST, LEVEL = LAYOUT.one("usd_per_m_tokens", 1), LAYOUT.one("level_itl_ms", 2, 4)
SHOWN, HEADROOM, LLM = ("Results", "C15"), LAYOUT.one("headroom", 1), LAYOUT.one("llm", 0)
BESIDE = ("Results", "K60")
INPUT_TOKENS = LAYOUT.one("input_tokens", 0)
WEIGHTS = LAYOUT.one("weights_gb", 0)
ANCHOR = f"{PREFIX}Results_{SHOWN[1]}"

# Each damage: how it is done, the one rule that finds it, where, and what the message must say.
DAMAGES: dict[str, tuple[Damage, str, Place, str]] = {
    "a saved result that does not follow": (
        cells(COST, falsified(9.87)),
        "stale-result",
        COST,
        "usd_per_m_tokens (scenario 'Cheaper') is saved as 9.87",
    ),
    "a saved result off by a thousandth of a per cent": (
        lambda path: put(path, {WEIGHTS: falsified(Package(path.read_bytes()).value(*WEIGHTS) * 1.00001)}),
        "stale-result",
        WEIGHTS,
        "xl-econ refresh",
    ),
    "a level of the curve": (cells(LEVEL, falsified(1.5)), "stale-result", LEVEL, "level_itl_ms (scenario 'Dearer')"),
    "a figure shown on Results": (cells(SHOWN, falsified(123)), "stale-result", SHOWN, "saved as 123"),
    "a text": (cells(("Results", "C5"), falsified("Cheap!")), "stale-result", ("Results", "C5"), "'Cheap!'"),
    "a result that nobody saved": (cells(WEIGHTS, falsified("")), "stale-result", WEIGHTS, "weights_gb"),
    "a number typed over a formula": (cells(WEIGHTS, 70.0), "overwritten-formula", WEIGHTS, "70.0 stands in place"),
    "the same number typed over its formula": (
        lambda path: put(path, {WEIGHTS: Package(path.read_bytes()).value(*WEIGHTS)}),
        "overwritten-formula",
        WEIGHTS,
        "Copy the formula back",
    ),
    "a figure of Results typed": (cells(SHOWN, 5), "overwritten-formula", SHOWN, "5 stands in place of"),
    "a formula with a factor more": (
        lambda path: formula(WEIGHTS, f"{saved(path)[WEIGHTS][0]}*1")(path),
        "altered-formula",
        WEIGHTS,
        "*1, and was =",
    ),
    "a formula that looks at another scenario": (
        formula(("Results", "D15"), "=Engine!C10"),
        "altered-formula",
        ("Results", "D15"),
        "it is =Engine!C10, and was =",
    ),
    "a result's name deleted": (name("weights_gb", None), "missing-name", NOWHERE, "weights_gb is missing"),
    "a result's name that covers too little": (
        name("weights_gb", "Engine!$C$6:$D$6"),
        "missing-name",
        NOWHERE,
        "weights_gb",
    ),
    "a hidden name deleted": (name(ANCHOR, None), "missing-name", NOWHERE, ANCHOR),
    "an input's name deleted": (name("headroom", None), "bad-input", NOWHERE, "the name headroom is missing"),
    "a name that refers to nothing": (name("weights_gb", "#REF!"), "broken-reference", NOWHERE, "weights_gb refers to"),
    "a formula that refers to nothing": (formula(WEIGHTS, "=#REF!+1"), "broken-reference", WEIGHTS, "=#REF!+1"),
    "an error": (error(WEIGHTS, "#DIV/0!"), "error-value", WEIGHTS, "#DIV/0!"),
    "OFFSET": (formula(("Engine", "H300"), "=OFFSET(C6,1,0)"), "convention", ("Engine", "H300"), "OFFSET"),
    "NOW": (formula((INPUTS, "G100"), "=now()"), "convention", (INPUTS, "G100"), "NOW"),
    "INDIRECT": (formula(BESIDE, '=INDIRECT("A1")'), "convention", BESIDE, "INDIRECT"),
    "NPV": (formula(BESIDE, "=NPV(0.1,C7:E7)"), "convention", BESIDE, "discount factors"),
    "a whole column": (formula(BESIDE, "=SUM(C:C)"), "convention", BESIDE, "whole column"),
    "another file": (formula(BESIDE, "=[1]Prices!A1"), "convention", BESIDE, "another file"),
    "a hidden sheet": (
        in_workbook('<sheet name="Engine"', '<sheet name="Engine" state="hidden"'),
        "convention",
        ("Engine", ""),
        "hidden",
    ),
    "a very hidden sheet": (
        in_workbook('<sheet name="Lists"', '<sheet name="Lists" state="veryHidden"'),
        "convention",
        ("Lists", ""),
        "Show it",
    ),
    "a hidden row": (hidden_row("Engine", 9), "convention", ("Engine", "A9"), "row 9 is hidden"),
    "results of an older version": (cells(about("engine_version"), "xl-econ 0.0.1"), "other-version", NOWHERE, "older"),
    "results of a newer version": (cells(about("engine_version"), "xl-econ 99.1"), "other-version", NOWHERE, "newer"),
    "a bad input": (cells(HEADROOM, "60%"), "bad-input", HEADROOM, "'60%'"),
    "an unknown LLM": (cells(LLM, "llama-3.3-70"), "bad-input", LLM, "Did you mean llama-3.3-70b"),
    "an input that nobody recalculated": (
        cells(LAYOUT.one("own_bill_usd_per_h", 1), 7.0),
        "stale-result",
        NOWHERE,
        "refresh",
    ),
}
ALONG = {
    "a result's name that covers too little": {"stale-result", "missing-name"},
    "an input's name deleted": {"missing-name"},
    "a name that refers to nothing": {"missing-name"},
    "a formula that refers to nothing": {"altered-formula"},
    "an error": {"stale-result"},
}
"""What else must or may be said of the same damage."""
NOTES = {"inputs-changed"}


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_each_damage_is_found_by_its_rule_at_its_cell(damage: str, path: Path) -> None:
    do, rule, where, said = DAMAGES[damage]
    do(path)
    found = check_workbook(path)
    assert rule in RULES
    matching = [each for each in found if each.rule == rule and (where == NOWHERE or (each.sheet, each.cell) == where)]
    assert any(said in each.message for each in matching), "\n".join(map(str, found[:5])) or "nothing is found"
    assert {each.rule for each in found} <= {rule} | ALONG.get(damage, set()) | NOTES
    if where != NOWHERE and damage not in ALONG:
        assert len(matching) == len([each for each in found if each.rule not in NOTES]) == 1, "one damage, one finding"


def test_findings_come_worst_first(path: Path) -> None:
    both(cells(WEIGHTS, 70.0), hidden_row("Engine", 9), cells(HEADROOM, "x"), cells(SHOWN, falsified(1)))(path)
    order = [list(RULES).index(finding.rule) for finding in check_workbook(path)]
    assert order == sorted(order) and len(set(order)) == 3


def test_what_can_still_be_checked_is_checked_beside_a_bad_input(path: Path) -> None:
    """Without a study no result can be compared, but formulas, errors and conventions can."""
    both(cells(HEADROOM, "x"), cells(WEIGHTS, 70.0), hidden_row("Engine", 9))(path)
    assert {finding.rule for finding in check_workbook(path)} == {"bad-input", "overwritten-formula", "convention"}


def test_every_bad_input_is_a_finding(path: Path) -> None:
    put(path, {HEADROOM: "x", LLM: "y", INPUT_TOKENS: -1})
    found = [(finding.sheet, finding.cell) for finding in check_workbook(path) if finding.rule == "bad-input"]
    assert sorted(found) == sorted([HEADROOM, LLM, INPUT_TOKENS])


def test_a_program_that_saves_no_values_leaves_everything_stale(path: Path) -> None:
    """openpyxl does: the workbook looks empty in a preview until Excel calculates."""
    openpyxl.load_workbook(path).save(path)
    found = [finding for finding in check_workbook(path) if finding.rule == "stale-result"]
    assert len(found) > 1_000
    assert len(list(summed_up(found))) < 200, "a person is told the first few of each sheet"


def test_refresh_mends_what_is_stale(path: Path) -> None:
    put(path, {COST: falsified(9.87), SHOWN: falsified(1), INPUT_TOKENS: 1234})
    assert check_workbook(path)
    refresh_workbook(path)
    assert check_workbook(path) == []


# --- nothing wrong -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", rounds(4))
def test_a_clean_workbook_gives_nothing(seed: int, tmp_path: Path) -> None:
    assert check_workbook(written(random_study(seed), tmp_path / "deal.xlsx")) == []


def test_a_core_workbook_is_clean_too(path: Path) -> None:
    assert check_workbook(path) == []


OTHERS: dict[str, Damage] = {
    "formulas beside our cells": formula(BESIDE, "=C12*2"),
    "a text that only names a function": formula(BESIDE, '="no OFFSET(here), no A:A"'),
    "a note typed on Engine": cells(("Engine", "I9"), "Agreed"),
    "a title": cells(about("study_title"), "The deal of May"),
}


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_what_people_may_do_gives_no_finding(other: str, path: Path) -> None:
    OTHERS[other](path)
    assert [finding for finding in check_workbook(path) if finding.level != "note"] == []


def test_inputs_changed_and_calculated_elsewhere_are_only_noted(path: Path) -> None:
    """As Excel leaves it: results follow from the inputs, and the fingerprint is the old one."""
    old = Package(path.read_bytes()).value(*about("inputs_fingerprint"))
    refresh_workbook(path, changes=[Change("input_tokens", 1500)])
    put(path, {about("inputs_fingerprint"): old})
    (finding,) = check_workbook(path)
    assert (finding.rule, finding.level) == ("inputs-changed", "note")
    result = run("check", path)
    assert result.exit_code == 0 and "clean" in result.stdout


def test_an_error_on_somebodys_own_sheet_is_only_noted(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    book.create_sheet("Mine")["A1"] = "=#REF!"
    book.save(path)
    found = [finding for finding in check_workbook(path) if finding.sheet == "Mine"]
    assert {(finding.rule, finding.level) for finding in found} == {("error-of-others", "note")}


# --- the command line --------------------------------------------------------------------------


def test_exit_code_0_and_one_line_for_a_clean_workbook(path: Path) -> None:
    result = run("check", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}: clean.\n")


def test_exit_code_1_and_a_line_for_each_finding(path: Path) -> None:
    both(cells(WEIGHTS, 70.0), hidden_row("Engine", 9))(path)
    result = run("check", path)
    assert result.exit_code == 1
    first, second, last = result.stdout.splitlines()
    assert first.startswith(f"error: overwritten-formula: {'!'.join(WEIGHTS)}: ")
    assert second.startswith("warning: convention: Engine!A9: ")
    assert last == f"{path}: 2 to look at."


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"text"], ids=["missing", "empty", "broken", "text"])
def test_exit_code_2_for_what_cannot_be_read(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "deal.xlsx"
    if content is not None:
        path.write_bytes(content)
    assert "deal.xlsx" in refused(run("check", path))


def test_a_workbook_of_somebody_else_cannot_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    assert "not one of our workbooks" in refused(run("check", path))
    with pytest.raises(Problems, match="not one of our workbooks"):
        check_workbook(path)


def test_json_has_every_finding(path: Path) -> None:
    both(cells(WEIGHTS, 70.0), hidden_row("Engine", 9))(path)
    result = run("check", path, "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)["findings"]
    assert [tuple(each) for each in found] == [("level", "rule", "sheet", "cell", "message")] * 2
    assert [Finding(**{k: v for k, v in each.items() if k != "level"}) for each in found] == check_workbook(path)


def test_sarif_has_the_keys_of_its_version(path: Path) -> None:
    both(cells(WEIGHTS, 70.0), cells(HEADROOM, "x"), hidden_row("Engine", 9))(path)
    log = json.loads(run("check", path, "--sarif").stdout)
    assert log["version"] == "2.1.0" and "sarif-2.1.0" in log["$schema"]
    (only,) = log["runs"]
    driver = only["tool"]["driver"]
    assert {"name", "version", "rules"} <= driver.keys()
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert all(rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len(only["results"]) == len(check_workbook(path))
    for result in only["results"]:
        assert result["ruleId"] in RULES and result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "deal.xlsx"


def test_sarif_names_a_place_only_where_there_is_one(path: Path) -> None:
    """A sheet, a cell, or neither: a lonely ! would be shown as the place."""
    in_workbook('<sheet name="Engine"', '<sheet name="Engine" state="hidden"')(path)
    both(cells(WEIGHTS, 70.0), name(ANCHOR, None))(path)
    results = json.loads(run("check", path, "--sarif").stdout)["runs"][0]["results"]
    places = {
        each["fullyQualifiedName"]
        for result in results
        for location in result["locations"]
        for each in location.get("logicalLocations", [])
    }
    assert places == {"!".join(WEIGHTS), "Engine"}


def test_sarif_of_a_clean_workbook_has_no_results(path: Path) -> None:
    result = run("check", path, "--sarif")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["runs"][0]["results"] == []
