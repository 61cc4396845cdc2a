"""Refresh refused: every problem is told with its place and remedy, and nothing is written. And the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from specimens.rich import rich
from test_cli import refused, run
from workbooks import parts, put, written

from xl_econ import Study, new_workbook, preset, read_workbook, refresh_workbook
from xl_econ.core.problems import Problems
from xl_econ.inputs.changes import INHERIT, Change, with_changes
from xl_econ.inputs.study import to_toml
from xl_econ.version import VERSION
from xl_econ.workbook.layout import ABOUT, ABOUT_CELLS, layout_for, letters
from xl_econ.workbook.package import Cell, Package

STANDARD = preset("standard")
LAYOUT = layout_for(3)
SHEET, HEADROOM = LAYOUT.one("headroom", 0)
FOLLOWER = LAYOUT.one("headroom", 2)[1]
Ask = dict[str, Any]
"""What refresh is asked to do."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return written(STANDARD, tmp_path / "deal.xlsx")


def renamed(*names: str) -> Study:
    scenarios = dict(zip(names, STANDARD.scenarios.values(), strict=False))
    return STANDARD.model_copy(update={"scenarios": scenarios})


def told_and_untouched(path: Path, **ask: Any) -> str:
    """The problems; the file and its folder are as they were."""
    before, files = path.read_bytes(), sorted(path.parent.iterdir())
    with pytest.raises(Problems) as caught:
        refresh_workbook(path, **ask)
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == files, "no file comes, goes or is left over"
    return str(caught.value)


# Each specimen: what is asked, and what the message must say.
ASKED: dict[str, tuple[Ask, list[str]]] = {
    "a scenario that is not there": (
        {"changes": [Change("headroom", 0.3, "Upside")]},
        ["no scenario 'Upside'", "Use Base, Cheaper, Dearer"],
    ),
    "an input that is not there": (
        {"changes": [Change("input_token", 3)]},
        ["Base.input_token: there is no such input", "Did you mean", "input_tokens"],
    ),
    "a result for an input": ({"changes": [Change("ttft_ms", 3.0)]}, ["Base.ttft_ms: there is no such input"]),
    "out of bounds": (
        {"changes": [Change("given_utilisation", 1.7, "Dearer")]},
        ["Dearer.given_utilisation", "at most 1"],
    ),
    "a text for a number": ({"changes": [Change("headroom", "60%")]}, ["Base.headroom: it is '60%'", "a number"]),
    "an LLM that nobody knows": (
        {"changes": [Change("llm", "llama-3.3-70")]},
        ["Base.llm", "Did you mean llama-3.3-70b"],
    ),
    "an LLM that does not fit": (
        {"changes": [Change("llm", "llama-3.1-405b")]},
        ["llama-3.1-405b does not fit", "Raise"],
    ),
    "the first scenario told to inherit": (
        {"changes": [Change("headroom", INHERIT, "Base")]},
        ["Base.headroom: the first scenario has nothing to inherit from", "Give a value"],
    ),
    "a study of other scenarios": (
        {"study": renamed("Base", "Cheaper", "Upside")},
        ["its scenarios are Base, Cheaper, Dearer", "Base, Cheaper, Upside", "xl-econ new"],
    ),
    "a study in another order": ({"study": renamed("Cheaper", "Base", "Dearer")}, ["Rename them"]),
    "a study of fewer scenarios": ({"study": renamed("Base", "Cheaper")}, ["its scenarios are Base, Cheaper, Dearer"]),
}


@pytest.mark.parametrize("specimen", ASKED, ids=str)
def test_what_cannot_be_done_is_told_and_nothing_is_written(specimen: str, path: Path) -> None:
    ask, said = ASKED[specimen]
    message = told_and_untouched(path, **ask)
    assert all(part in message for part in said), message
    assert len(message.splitlines()) <= 3, message


def test_every_problem_is_told_at_once(path: Path) -> None:
    changes = [Change("headroom", -1, "Base"), Change("itl_slo_ms", "x", "Dearer"), Change("llm", "gpt", "Cheaper")]
    assert len(told_and_untouched(path, changes=changes).splitlines()) == 3


# --- the workbook itself -----------------------------------------------------------------------

# Each specimen: cells of the workbook, the change that is asked for, and what the message must say.
CELLS: dict[str, tuple[dict[tuple[str, str], Any], Change, list[str]]] = {
    "a bad input": ({(SHEET, HEADROOM): "0,6"}, Change("input_tokens", 9), [f"{SHEET}!{HEADROOM}", "Base", "'0,6'"]),
    "an emptied input": ({(SHEET, HEADROOM): Cell("", None)}, Change("input_tokens", 9), [f"{SHEET}!{HEADROOM}"]),
    "a formula that refers to the cell that changes": (
        {(SHEET, FOLLOWER): Cell(0.1, f"={HEADROOM}/2")},
        Change("headroom", 0.4),
        [f"{SHEET}!{FOLLOWER}", f"={HEADROOM}/2", "refers to other cells", "Type its value in place of the formula"],
    ),
    "a formula by name": (
        {(SHEET, FOLLOWER): Cell(0.2, "=MIN(headroom)")},
        Change("headroom", 0.4),
        [f"{SHEET}!{FOLLOWER}", "=MIN(headroom)", "refers to other cells"],
    ),
}


@pytest.mark.parametrize("specimen", CELLS, ids=str)
def test_a_cell_that_stands_in_the_way_is_named(specimen: str, path: Path) -> None:
    cells, change, said = CELLS[specimen]
    study = with_changes(STANDARD, [Change("headroom", 0.1, "Dearer")])
    if "formula that" in specimen:
        written(study, path)
    message = told_and_untouched(put(path, cells), changes=[change])
    assert all(part in message for part in said), message


def test_a_persons_formula_is_not_written_over(path: Path) -> None:
    written(with_changes(STANDARD, [Change("headroom", 0.1, "Dearer")]), path)
    put(path, {(SHEET, FOLLOWER): Cell(0.1, f"={HEADROOM}/2")})
    message = told_and_untouched(path, changes=[Change("headroom", 0.15, "Dearer")])
    assert all(part in message for part in (f"{SHEET}!{FOLLOWER}", f"={HEADROOM}/2", "would be lost"))


def test_a_formula_whose_value_nobody_brought_up_to_date_is_no_input(path: Path) -> None:
    """=2*8 typed by a program: the results beside it are still those of 300 tokens."""
    spot = LAYOUT.one("output_tokens", 0)
    message = told_and_untouched(put(path, {spot: Cell(16, "=2*8")}))
    assert all(part in message for part in ("!".join(spot), "=2*8", "let it calculate, and save"))


# Each specimen: what is done beside the workbook, where refresh shall write, and what the message must say.
def open_elsewhere(path: Path) -> None:
    path.with_name(f"~${path.name}").write_text("Ana")


def open_in_libreoffice(path: Path) -> None:
    path.with_name(f".~lock.{path.name}#").write_text("Ana")


def read_only(path: Path) -> None:
    path.chmod(0o444)


PLACES: dict[str, tuple[Callable[[Path], None], str | None, str]] = {
    "open in Excel": (open_elsewhere, None, "open in another program"),
    "open in LibreOffice": (open_in_libreoffice, None, "open in another program"),
    "read-only": (read_only, None, "read-only"),
    "another ending": (lambda path: None, "deal.xlsb", "must end in .xlsx"),
    "a folder that is not there": (lambda path: None, "no/deal.xlsx", "does not exist"),
    "a folder": (lambda path: path.with_name("out.xlsx").mkdir(), "out.xlsx", "is a directory"),
}


@pytest.mark.parametrize("specimen", PLACES, ids=str)
def test_a_place_that_cannot_be_written_is_told_first(specimen: str, path: Path) -> None:
    prepare, out, said = PLACES[specimen]
    prepare(path)
    assert said in told_and_untouched(path, out=path.parent / out if out else None)


@pytest.mark.parametrize("macros", [True, False])
def test_the_ending_tells_whether_there_are_macros_and_cannot_be_changed(macros: bool, tmp_path: Path) -> None:
    """Excel opens no file whose ending says something else than its content."""
    kinds = (".xlsm", ".xlsx") if macros else (".xlsx", ".xlsm")
    path = tmp_path / f"deal{kinds[0]}"
    path.write_bytes(rich(new_workbook(STANDARD), macros=macros))
    message = told_and_untouched(path, out=path.with_suffix(kinds[1]))
    assert kinds[0] in message


# --- other versions ----------------------------------------------------------------------------


def of_version(version: str, path: Path) -> Path:
    row, column = ABOUT_CELLS["engine_version"]
    return put(path, {(ABOUT, f"{letters(column)}{row + 1}"): f"xl-econ {version}"})


def test_the_inputs_of_an_older_workbook_go_into_a_new_one_elsewhere(path: Path, tmp_path: Path) -> None:
    old, new = of_version("0.0.9", path), tmp_path / "new.xlsx"
    assert "Give -o NEW.xlsx" in told_and_untouched(old)
    receipt = refresh_workbook(old, new, changes=[Change("input_tokens", 9)])
    assert read_workbook(new) == with_changes(STANDARD, [Change("input_tokens", 9)])
    assert "made by xl-econ 0.0.9" in receipt.notes[0]


def test_the_inputs_of_an_older_workbook_with_macros_go_into_one_without(tmp_path: Path) -> None:
    """The macros stay in the old file; a new one that called itself .xlsm would not open in Excel."""
    old, new = tmp_path / "old.xlsm", tmp_path / "new.xlsx"
    old.write_bytes(rich(new_workbook(STANDARD), macros=True))
    of_version("0.0.9", old)
    assert ".xlsx" in told_and_untouched(old, out=tmp_path / "new.xlsm")
    refresh_workbook(old, new)
    assert read_workbook(new) == STANDARD


def test_a_newer_workbook_is_not_touched(path: Path, tmp_path: Path) -> None:
    message = told_and_untouched(of_version("99.0", path), out=tmp_path / "new.xlsx")
    assert VERSION in message and re.search("[Uu]pdate", message)


# --- the command line --------------------------------------------------------------------------


def test_set_changes_inputs_in_place_and_says_so(path: Path) -> None:
    result = run("refresh", path, "--set", "input_tokens=1500", "--set", "Dearer.headroom=0.5")
    assert result.exit_code == 0, result.output
    study = read_workbook(path)
    assert [row["input_tokens"] for row in study.resolved().values()] == [1500, 1500, 1500]
    assert [row["headroom"] for row in study.resolved().values()] == [0.2, 0.2, 0.5]
    assert f"{SHEET}!{FOLLOWER}: 0.2 -> 0.5" in result.stdout
    assert re.search(rf"{re.escape(str(path))}: \d+ inputs and \d+ results changed", result.stdout)


def test_inherit_takes_an_override_back(path: Path) -> None:
    assert run("refresh", path, "--set", "Cheaper.accelerator=inherit").exit_code == 0
    assert Package(path.read_bytes()).formula(*LAYOUT.one("accelerator", 1))
    assert read_workbook(path).resolved()["Cheaper"]["accelerator"] == "h100-sxm"


def test_a_study_file_replaces_all_inputs_elsewhere(path: Path, tmp_path: Path) -> None:
    study = with_changes(STANDARD, [Change("accelerator", "b200-sxm"), Change("headroom", 0.1, "Dearer")])
    file, out, before = tmp_path / "study.toml", tmp_path / "new.xlsx", path.read_bytes()
    file.write_text(to_toml(study), "utf-8")
    assert run("refresh", path, "-o", out, "--study", file).exit_code == 0
    assert read_workbook(out) == study
    assert path.read_bytes() == before


def test_json_is_the_whole_receipt(path: Path) -> None:
    found = json.loads(run("refresh", path, "--set", "input_tokens=1500", "--json").stdout)
    assert {"path", "sha256", "changes", "parts", "not_refreshed", "other_formulas"} <= found.keys()
    change = next(each for each in found["changes"] if each["what"] == "input")
    assert change == {
        "what": "input",
        "sheet": SHEET,
        "cell": LAYOUT.one("input_tokens", 0)[1],
        "before": 1000,
        "after": 1500,
        "formula": "",
    }
    assert all(re.fullmatch("[0-9a-f]{64}", found["sha256"][when]) for when in ("before", "after"))


def test_rebase_makes_the_inputs_the_baseline(path: Path, tmp_path: Path) -> None:
    assert run("refresh", path, "--set", "input_tokens=1500", "--rebase").exit_code == 0
    anew = written(with_changes(STANDARD, [Change("input_tokens", 1500)]), tmp_path / "anew.xlsx")
    assert parts(path) == parts(anew)


# Each specimen: options, and what standard error must say.
OPTIONS: dict[str, tuple[list[str], str]] = {
    "no value": (["--set", "headroom"], "must be NAME=VALUE"),
    "an unknown name that shall inherit": (["--set", "Cheaper.hedroom=inherit"], "Did you mean headroom"),
    "a percentage": (["--set", "headroom=35%"], "Write 0.35"),
    "a decimal comma": (["--set", "headroom=0,35"], "Write 0.35"),
    "no name": (["--set", "=3"], "must be NAME=VALUE"),
    "a scenario that is not there": (["--set", "Upside.headroom=0.3"], "there is no scenario 'Upside'"),
    "an input that is not there": (["--set", "headrom=0.3"], "Did you mean headroom"),
    "out of bounds": (["--set", "headroom=-1"], "-1"),
    "a text for a number": (["--set", "headroom=0,6"], "'0,6'"),
    "nothing to inherit": (["--set", "headroom=inherit"], "nothing to inherit"),
    "a study that is not there": (["--study", "missing.toml"], "missing.toml"),
    "another ending": (["-o", "deal.pdf"], "must end in .xlsx"),
}


@pytest.mark.parametrize("specimen", OPTIONS, ids=str)
def test_bad_options_are_told_on_standard_error_with_exit_code_2(specimen: str, path: Path) -> None:
    options, said = OPTIONS[specimen]
    before = path.read_bytes()
    message = refused(run("refresh", path, *options))
    assert said in message and "Traceback" not in message, message
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04", b"text"], ids=["missing", "empty", "broken", "text"])
def test_a_file_that_is_no_workbook_is_told(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "deal.xlsx"
    if content is not None:
        path.write_bytes(content)
    assert "deal.xlsx" in refused(run("refresh", path, "--set", "headroom=0.3"))
