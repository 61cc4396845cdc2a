"""There and back: a study becomes a workbook, people edit inputs in it, and reading gives exactly the edited study.

More of them than by default: XL_ECON_ROUNDS=500.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import engines
import openpyxl
import pytest
from edits import calculated, cells_of, random_changes, unlike
from engines.by_hand import edited_by_hand
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.workbook.defined_name import DefinedName
from studies import random_study
from workbooks import parts, put, rounds, written

from xl_econ import Study, new_workbook, read_workbook, refresh_workbook
from xl_econ.inputs.changes import with_changes
from xl_econ.inputs.scenario import Scenario
from xl_econ.inputs.study import load_study, preset, to_toml
from xl_econ.workbook.layout import INPUTS, layout_for

LAYOUT = layout_for(3)
SEEDS = rounds(16)
FEW = SEEDS[::5]
ODD_NAMES = (
    "=1+1",
    "+plus",
    "-minus",
    "@home",
    "'quoted'",
    'a "b"',
    "<&>",
    "Zwölf Fälle",
    "日本",
    "_x000D_",
    "🙂",
    "TRUE",
)
"""Names that a program could take for a formula, a number, XML or an escape."""


# --- nothing edited ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_an_unedited_workbook_gives_the_study_that_made_it(seed: int, tmp_path: Path) -> None:
    study = oddly_named(random_study(seed), seed)
    assert read_workbook(written(study, tmp_path / "deal.xlsx")) == study


def oddly_named(study: Study, seed: int) -> Study:
    """The same study with a title and scenarios that have names of the odd kind."""
    names = [ODD_NAMES[(seed + place) % len(ODD_NAMES)] for place in range(len(study.names))]
    scenarios = dict(zip(names, study.scenarios.values(), strict=True))
    return Study(title=ODD_NAMES[-1 - seed % len(ODD_NAMES)], as_of="2026-01-01", scenarios=scenarios)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_so_does_a_workbook_with_another_number_of_scenarios_or_fewer_sheets(count: int, tmp_path: Path) -> None:
    three = random_study(count)
    scenarios = {f"{place}": three.scenarios[name] for place, name in enumerate((three.names * 2)[:count])}
    study = Study(title="Other", as_of="", scenarios=scenarios)
    for full in (True, False):
        assert read_workbook(written(study, tmp_path / "deal.xlsx", full)) == study


visible = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=31).filter(
    lambda name: "." not in name
)


@given(
    title=st.text(max_size=60), as_of=st.text(max_size=12), names=st.lists(visible, min_size=3, max_size=3, unique=True)
)
@settings(derandomize=True, max_examples=len(SEEDS) // 2, deadline=None)
def test_any_title_day_and_scenario_name_survives(
    title: str, as_of: str, names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenarios = dict(zip(names, preset("standard").scenarios.values(), strict=True))
    study = Study(title=title, as_of=as_of, scenarios=scenarios)
    assert read_workbook(written(study, tmp_path_factory.mktemp("any") / "deal.xlsx")) == study


def test_a_workbook_read_and_made_again_is_the_same_file(tmp_path: Path) -> None:
    study = random_study(3)
    path = written(study, tmp_path / "deal.xlsx")
    assert new_workbook(read_workbook(path)) == path.read_bytes()


# --- edited ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_cells_typed_over_give_the_edited_study(seed: int, tmp_path: Path) -> None:
    """As a program that calculates would save them: a link to the base's cell has its value beside it."""
    study = random_study(seed)
    changes = random_changes(study, seed)
    path = put(written(study, tmp_path / "deal.xlsx"), calculated(study, changes))
    assert read_workbook(path) == with_changes(study, changes)


@pytest.mark.parametrize("seed", FEW)
def test_inputs_set_by_refresh_give_the_edited_study_and_the_same_file_as_typing_them_anew(
    seed: int, tmp_path: Path
) -> None:
    study = random_study(seed)
    changes = random_changes(study, seed)
    path, anew = written(study, tmp_path / "deal.xlsx"), tmp_path / "anew.xlsx"
    refresh_workbook(path, changes=changes, rebase=True)
    assert read_workbook(path) == with_changes(study, changes)
    assert parts(path) == parts(written(with_changes(study, changes), anew)), (
        "refreshed and made the baseline, or made anew"
    )


@pytest.mark.parametrize("seed", FEW)
def test_cells_typed_by_a_program_that_cannot_calculate_are_read_all_the_same(seed: int, tmp_path: Path) -> None:
    """openpyxl saves formulas without their values; inputs are typed values and links, so that nothing is missing."""
    study = random_study(seed)
    changes = random_changes(study, seed)
    path = written(study, tmp_path / "deal.xlsx")
    book = openpyxl.load_workbook(path)
    for (sheet, cell), content in cells_of(study, changes).items():
        book[sheet][cell] = content
    book.save(path)
    assert unlike(read_workbook(path), with_changes(study, changes)) == {}


@pytest.mark.skipif(not engines.HAVE_LIBREOFFICE, reason=engines.NO_LIBREOFFICE)
def test_inputs_typed_calculated_and_saved_by_libreoffice_give_the_edited_studies(tmp_path: Path) -> None:
    studies = [random_study(seed) for seed in FEW]
    changed = [random_changes(study, seed) for study, seed in zip(studies, FEW, strict=True)]
    books = [
        (
            written(study, tmp_path / f"{place}.xlsx"),
            tmp_path / f"edited {place}.xlsx",
            entered(cells_of(study, changes)),
        )
        for place, (study, changes) in enumerate(zip(studies, changed, strict=True))
    ]
    edited_by_hand(books)
    for (_, edited, _), study, changes in zip(books, studies, changed, strict=True):
        assert unlike(read_workbook(edited), with_changes(study, changes)) == {}, study.title


def entered(cells: dict[tuple[str, str], Any]) -> list[tuple[Any, ...]]:
    """The steps of a person at the keyboard."""
    kinds = {True: "number", False: "text"}
    return [
        ("enter" if str(value).startswith("=") else kinds[isinstance(value, int | float)], *spot, value)
        for spot, value in cells.items()
    ]


# --- names moved by hand -----------------------------------------------------------------------


def renamed_sheet(book: openpyxl.Workbook) -> None:
    """A name that formulas must quote, its apostrophe doubled."""
    book[INPUTS].title = "Ana's inputs, v2"
    for name in book.defined_names.values():
        name.attr_text = name.attr_text.replace(f"{INPUTS}!", "'Ana''s inputs, v2'!")


def moved_row(book: openpyxl.Workbook) -> None:
    """One input cut and pasted far below, with its name."""
    row = LAYOUT.place("headroom").row + 1
    for column in "CDE":
        book[INPUTS][f"{column}200"] = "=C200" if column != "C" else book[INPUTS][f"C{row}"].value
        book[INPUTS][f"{column}{row}"] = None
    book.defined_names["headroom"].attr_text = f"{INPUTS}!$C$200:$E$200"


def relative_names(book: openpyxl.Workbook) -> None:
    """Some programs write names without the marks of absolute cells, and quote what needs no quotes."""
    for name in ("llm", "headroom", "mfu_hopper", "scenario_names"):
        sheet, cells = book.defined_names[name].attr_text.split("!")
        book.defined_names[name].attr_text = f"'{sheet}'!{cells.replace('$', '')}"


def reordered_sheets(book: openpyxl.Workbook) -> None:
    book.move_sheet(INPUTS, 5)
    book.move_sheet("About", 3)


def names_of_others(book: openpyxl.Workbook) -> None:
    """Names that stand for a number, a formula, two areas, and nothing."""
    for name, meaning in {"fx": "1.08", "total": "SUM(Results!$C$7:$E$7)", "two": "Inputs!$A$1,Inputs!$C$1"}.items():
        book.defined_names[name] = DefinedName(name, attr_text=meaning)
    book.defined_names["lost"] = DefinedName("lost", attr_text="#REF!")


def percentages(book: openpyxl.Workbook) -> None:
    """A share shown as 20 % is 0.2."""
    for column in "CDE":
        book[INPUTS][f"{column}{LAYOUT.place('headroom').row + 1}"].number_format = "0%"


BY_HAND = [renamed_sheet, moved_row, relative_names, reordered_sheets, names_of_others, percentages]


@pytest.mark.parametrize("edit", BY_HAND, ids=lambda edit: edit.__name__.replace("_", " "))
def test_names_carry_the_reader_wherever_they_point(edit: Callable[[openpyxl.Workbook], None], tmp_path: Path) -> None:
    path = written(preset("standard"), tmp_path / "deal.xlsx")
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    assert read_workbook(path) == preset("standard")


# --- files of text -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_toml_workbook_toml_is_one_study(seed: int, tmp_path: Path) -> None:
    study, file = oddly_named(random_study(seed), seed), tmp_path / "study.toml"
    path = written(study, tmp_path / "deal.xlsx")
    file.write_text(to_toml(read_workbook(path)), "utf-8")
    assert load_study(file) == study
    assert to_toml(load_study(file)) == file.read_text("utf-8")


def test_a_scenario_that_only_follows_stays_so() -> None:
    """A study says the least: what is inherited is not repeated, neither in the file nor in the workbook."""
    study = preset("standard")
    scenarios = dict(study.scenarios) | {"Dearer": Scenario()}
    assert '[scenarios."Dearer"]\n' in to_toml(study.model_copy(update={"scenarios": scenarios})) + "\n"
