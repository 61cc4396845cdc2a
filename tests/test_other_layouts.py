"""Other layouts: each candidate is the study with that layout, live in the workbook, and a better one is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import engines
import pytest
from studies import random_study
from test_bridge import typed_settings
from test_parity import differences
from workbooks import calls_of_functions, put, without_rates, written

from xl_econ import check_workbook, read_workbook, refresh_workbook
from xl_econ.inputs.changes import read_changes
from xl_econ.inputs.layouts import REASON, Layout, candidates
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.scenario import LAYOUT_INPUTS, Scenario
from xl_econ.inputs.study import Study, preset, study_of
from xl_econ.model.layout import CUT, FREE, MEMORY, NONE, OF_USE
from xl_econ.workbook import other_layout_cells as cells
from xl_econ.workbook.book import WorkbookError, opened
from xl_econ.workbook.columns import Columns, Held, columns_of
from xl_econ.workbook.fill import filled, new_workbook
from xl_econ.workbook.layout import CHECKS, letters
from xl_econ.workbook.sensitivity_cells import SENSITIVITY
from xl_econ.workbook.trials import OF_LAYOUTS

OWN_BILL: dict[str, Any] = {"bill_from": "own", "own_bill_usd_per_h": 1.0}
EXPERTS: dict[str, Any] = {"llm": "deepseek-v3", "accelerator": "h200-sxm", "tensor_parallel": 8}
ALONE: dict[str, Any] = {"accelerator": "gh200-144gb", "tensor_parallel": 1, "usd_per_accelerator_h_from": "own"}


def of(**inputs: Any) -> Study:
    return study_of({"scenarios": {"Base": inputs}}, "deal.toml")


def columns(study: Study, **changed: list[Any]) -> Columns:
    return columns_of(study, held=Held(settings=changed))


def layouts(found: Columns) -> list[Layout]:
    """Those of the candidates, in their order."""
    return [Layout(*(int(found.value(name, column)) for name in LAYOUT_INPUTS)) for column in range(-cells.COUNT, 0)]


def typed(*rows: tuple[Any, Any, Any, Any]) -> dict[str, list[Any]]:
    """Settings with these candidates (TP, PP, DP, EP), and free rows below."""
    every = [*rows, *[(None,) * 4 for _ in range(cells.COUNT - 1 - len(rows))]]
    return {cells.setting_of(name): [row[place] for row in every] for place, name in enumerate(cells.PARTS)}


def table(study: Study, **changed: list[Any]) -> list[list[Any]]:
    """The candidates as the sheet shows them, a row each."""
    sheet = filled(study, held=Held(settings=changed))[SENSITIVITY]
    return [[sheet[f"{letters(at)}{row + 1}"].value for at in (cells.USE, *SHOWN)] for row in cells.ROWS]


SHOWN = (cells.CONCURRENCY, cells.ITL, cells.TTFT, cells.OUTPUT, cells.COST)


def sentence(study: Study, **changed: list[Any]) -> str:
    return str(filled(study, held=Held(settings=changed))[SENSITIVITY][f"A{cells.SAID + 1}"].value)


# --- in Python ---


@pytest.mark.parametrize("inputs", [{}, EXPERTS, OWN_BILL, {"sizing": "replicas given"}], ids=["", "MoE", "bill", "n"])
def test_a_candidate_is_what_the_study_with_its_layout_gives(inputs: dict[str, Any]) -> None:
    """But for an own bill, which was written for one layout."""
    found = columns(of(**inputs))
    for place, layout in enumerate(layouts(found)):
        moved = of(**inputs | layout._asdict() | {"bill_from": "computed"})
        wanted = evaluate(moved, OF_LAYOUTS).scenarios["Base"]
        wanted = {name: value for name, value in wanted.items() if value is not None}
        given = {name: found.value(name, place - cells.COUNT) for name in wanted}
        assert given.pop(REASON) == wanted.pop(REASON)
        assert given == pytest.approx(wanted, rel=1e-12)


def test_the_best_that_fit_are_written_beside_the_scenarios_own() -> None:
    study = of(**EXPERTS)
    own, *others = layouts(columns(study))
    listed = [each for each in candidates(study, "Base") if not each.is_given]
    assert own == Layout(8, 1, 1, 1)
    assert others == [each.layout for each in listed][: cells.COUNT - 1]
    assert all(each.fits for each in listed[: cells.COUNT - 1])


def test_where_fewer_fit_the_rows_are_free() -> None:
    """An accelerator alone in its domain has pipeline stages only."""
    study = of(**ALONE)
    count = sum(each.fits and not each.is_given for each in candidates(study, "Base"))
    assert 0 < count < cells.COUNT - 1
    rows = table(study)
    assert [row[0] for row in rows[1 + count :]] == [FREE] * (cells.COUNT - 1 - count)
    assert FREE not in [row[0] for row in rows[: 1 + count]]


def test_the_candidates_are_those_of_the_picked_scenario() -> None:
    study = preset("standard")
    found = columns(study, tornado_scenario=[2])
    place = study.names[1]
    wanted = [each.layout for each in candidates(study, place) if each.fits and not each.is_given]
    assert layouts(found)[1:] == wanted[: cells.COUNT - 1]
    assert layouts(found)[0] == Layout(*(int(found.value(name, 1)) for name in LAYOUT_INPUTS))


def test_the_rank_is_pythons_order() -> None:
    study = of(**EXPERTS)
    usable = [each for each in candidates(study, "Base") if each.is_usable]
    rows, own = table(study), Layout(8, 1, 1, 1)
    ranks = {layout: row[0].split(".")[0] for layout, row in zip(layouts(columns(study)), rows, strict=True)}
    shown = [each for each in usable if each.layout in ranks]
    costs = [float(f"{each.usd_per_m_tokens:.9g}") for each in shown]
    order = sorted(shown, key=lambda each: (costs[shown.index(each)], each.layout != own, shown.index(each)))
    assert [ranks[each.layout] for each in order] == [str(place) for place in range(1, len(order) + 1)]


def test_what_is_against_a_candidate_stands_in_place_of_its_rank() -> None:
    """A free cell is that of the scenario."""
    rows = table(of(llm="phi-4", tensor_parallel=4), **typed((3, 1, 1, 1), (4, 1, 2, 1), (2, None, None, None)))
    assert [rows[1][0], rows[2][0], rows[4][0]] == [CUT, CUT, FREE]
    assert rows[1][1:] == [NONE] * len(SHOWN)
    assert rows[3][0].endswith(OF_USE)
    tight = table(of(accelerator="l40s", tensor_parallel=8), **typed((1, 1, 1, 1)))[1]
    assert tight == [MEMORY] + [NONE] * len(SHOWN)


def test_where_limits_are_missed_latencies_are_those_of_the_lowest_concurrency() -> None:
    study = of(itl_slo_ms=12.0)
    row = table(study, **typed((1, 1, 1, 1)))[1]
    wanted = {each.layout: each for each in candidates(study, "Base")}[Layout(1, 1, 1, 1)]
    assert row == [wanted.reason, NONE, pytest.approx(wanted.itl_ms), pytest.approx(wanted.ttft_ms), NONE, NONE]


# --- the sentence ---


def saved_by(study: Study, best: Layout) -> float:
    """How much cheaper a layout is than the study's own, in percent."""
    moved = study.model_copy(
        update={"scenarios": {"Base": Scenario(**study.scenarios["Base"].overrides | best._asdict())}}
    )
    costs = [evaluate(each, ["usd_per_m_tokens"]).scenarios["Base"]["usd_per_m_tokens"] for each in (study, moved)]
    return 100 * (1 - costs[1] / costs[0])


def test_a_cheaper_layout_is_told_with_how_much_cheaper_it_is() -> None:
    study = of(tensor_parallel=8)
    best = candidates(study, "Base")[0].layout
    assert sentence(study) == f"Layout {best} is now {saved_by(study, best):.1f} % cheaper than the TP 8 of Base."


SAID = {
    "its own is the cheapest": ({"layout": "auto"}, {}, "None of these layouts is cheaper than the TP 2 of Base."),
    "the same cost is not cheaper": (
        {"tensor_parallel": 4},
        typed((4, 1, 1, 1)),
        "None of these layouts is cheaper than the TP 4 of Base.",
    ),
    "its own misses a limit": (
        {"tensor_parallel": 1, "itl_slo_ms": 12.0},
        typed((8, 1, 1, 1)),
        "Layout TP 8 fits and meets the limits now; the TP 1 of Base does not, or has no price.",
    ),
    "none is of use": (
        {"itl_slo_ms": 2.0},
        {},
        "None of these layouts fits, meets the limits and has a price.",
    ),
    "hours that cost nothing": (
        {"usd_per_accelerator_h_from": "own", "own_usd_per_accelerator_h": 0.0},
        {},
        "None of these layouts is cheaper than the TP 4 of Base.",
    ),
}


@pytest.mark.parametrize("specimen", SAID, ids=str)
def test_the_sentence_says_whether_another_is_better(specimen: str) -> None:
    inputs, changed, said = SAID[specimen]
    assert sentence(of(**inputs), **changed) == said


def test_checks_repeats_it_and_counts_no_fault() -> None:
    sheets = filled(of(tensor_parallel=8))
    said = str(sheets[SENSITIVITY][f"A{cells.SAID + 1}"].value)
    assert "cheaper than" in said
    texts = [cell.value for cell in sheets[CHECKS].values()]
    assert said in texts
    assert "Checks: all OK" in texts


# --- in the workbook ---

HANDS: dict[str, dict[str, list[Any]]] = {
    "as Python chose": {},
    "by hand, for another scenario": {
        **typed((1, 1, 1, 1), (2, 2, 1, 1), (None, 4, None, None), (3, 1, 1, 1), (8, 1, 8, 64), (64, 200, 1, 5)),
        "tornado_scenario": [2],
    },
    "none": typed(),
}


@pytest.mark.parametrize("seed", [3, 12])
@pytest.mark.parametrize("changed", HANDS.values(), ids=HANDS)
def test_two_engines_follow_what_a_person_types(seed: int, changed: dict[str, list[Any]], tmp_path: Path) -> None:
    study, path = random_study(seed), tmp_path / "book.xlsx"
    path.write_bytes(new_workbook(study))
    expected = {
        (sheet, at): cell.value
        for sheet, filled_cells in filled(study, held=Held(settings=changed)).items()
        for at, cell in filled_cells.items()
        if cell.formula is not None and (sheet, at) not in calls_of_functions()
    }
    for engine, wanted in ((engines.IroncalcBook, expected), (engines.CellruneBook, without_rates(expected))):
        book = engine(put(path, typed_settings(changed)))
        book.recalculate()
        assert not differences(wanted, book.values(wanted))


def candidates_in(path: Path) -> list[tuple[Any, ...]]:
    """The typed candidates, a row each."""
    book = opened(path)
    columns = [letters(at) for at in cells.PARTS.values()]
    return [tuple(book.value((SENSITIVITY, f"{at}{row + 1}")) for at in columns) for row in cells.ROWS[1:]]


def best_of(path: Path) -> list[tuple[Any, ...]]:
    settings = columns_of(read_workbook(path)).settings
    return list(zip(*(settings[cells.setting_of(name)] for name in cells.PARTS), strict=True))


def test_refresh_writes_the_best_ones_anew_and_the_study_has_none_of_it(tmp_path: Path) -> None:
    path = written(preset("standard"), tmp_path / "book.xlsx")
    assert candidates_in(path) == best_of(path)
    put(path, typed_settings(typed((1, 8, 1, 1))))
    assert read_workbook(path) == preset("standard")
    receipt = refresh_workbook(
        path, changes=read_changes(["accelerator=h200-sxm", "itl_slo_ms=25", "tensor_parallel=8"])
    )
    assert candidates_in(path) == best_of(path)
    assert (1, 8, 1, 1) not in candidates_in(path)
    assert "Sensitivity: other layouts are the cheapest now" in receipt.told()
    assert {change.sheet for change in receipt.changes if change.what == "input"} == {"Inputs"}
    assert check_workbook(path) == []


def test_what_a_person_typed_stays_where_the_sheet_says_so(tmp_path: Path) -> None:
    path = written(preset("standard"), tmp_path / "book.xlsx")
    changed = typed((1, 8, 1, 1), (2, None, None, None)) | {cells.CHOSEN_BY: [cells.BY_HAND]}
    put(path, typed_settings(changed))
    refresh_workbook(path, changes=read_changes(["input_tokens=2000"]))
    assert candidates_in(path)[:3] == [(1, 8, 1, 1), (2, None, None, None), (None,) * 4]
    assert check_workbook(path) == []


def test_what_is_no_layout_is_told_with_its_cell(tmp_path: Path) -> None:
    path = written(preset("standard"), tmp_path / "book.xlsx")
    put(path, {(SENSITIVITY, f"{letters(cells.TENSOR)}{cells.ROWS[1] + 1}"): 2.5})
    with pytest.raises(WorkbookError, match=r"it is 2\.5, but must be a whole number from 1 to 1,000,000, or nothing"):
        refresh_workbook(path)
