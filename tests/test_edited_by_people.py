"""Workbooks as people leave them: rows and columns inserted, blocks moved, sheets renamed, notes and sheets added.

Each case is done in LibreOffice, which moves names and formulas along as Excel does, and saved there, calculated.
Whatever was done, reading gives the right study, check complains of nothing that is in order, and refresh puts the
right numbers into each formula cell: those of LibreOffice's own recalculation, and those of a new workbook by name.
"""

from __future__ import annotations

import functools
import os
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import engines
import pytest
from edits import unlike
from engines.by_hand import Step, edited_by_hand
from workbooks import by_name, made_once, moved, rounds, saved, values_of, written

from xl_econ import Study, check_workbook, preset, read_workbook, refresh_workbook
from xl_econ.core.problems import Problems
from xl_econ.functions.lambdas import PREFIX as CALLED
from xl_econ.inputs.changes import Change, with_changes
from xl_econ.workbook.anchors import PREFIX
from xl_econ.workbook.check import Finding
from xl_econ.workbook.layout import layout_for, letters
from xl_econ.workbook.receipt import Receipt
from xl_econ.workbook.sheets import sheet_names

pytestmark = pytest.mark.skipif(engines.uno_python() is None, reason=f"{engines.NO_LIBREOFFICE}; or: {engines.NO_UNO}")

STANDARD = preset("standard")
LAYOUT = layout_for(3)
OF_SCENARIOS = ("Inputs", "Assumptions", "Engine", "Curve", "Checks", "Results")
"""Sheets with a column for each scenario: C, D and E."""
CHANGES = (Change("input_tokens", 1500, "Base"), Change("weight_precision", "bf16", "Cheaper"))
"""What refresh is told in each case."""
RANDOM = rounds(2)


def row(name: str) -> int:
    """The template's row of a quantity."""
    return LAYOUT.place(name).row + 1


@dataclass(frozen=True)
class Case:
    """What a person does, and what is to come of it."""

    steps: tuple[Step, ...]
    edits: tuple[Change, ...] = ()
    """What the edits change in the study."""
    found: frozenset[str] = frozenset()
    """Rules of check that must speak up; no others may."""
    left_alone: tuple[str, ...] = ()
    """What refresh must say that it leaves alone."""
    full: bool = field(default=False, kw_only=True)
    """With the article's sheets, which show the far right of Inputs."""


def everywhere(column: str) -> tuple[Step, ...]:
    return tuple(("insert_columns", sheet, column) for sheet in OF_SCENARIOS)


BLOCK = f"A{row('ttft_slo_ms')}:E{row('itl_slo_ms')}"
ACCELERATORS = LAYOUT.tables["accelerators"]
LAST = letters(sum(each.table == "accelerators" for each in LAYOUT.graph.givens) - 1)
TABLE = f"A{ACCELERATORS.row + 1}:{LAST}{ACCELERATORS.row + ACCELERATORS.rows}"
OUTPUT, HEADROOM = row("output_tokens"), row("headroom")
A_CASE = letters(LAYOUT.first_case_column)
"""The column of the article's first case, at the right of Inputs."""
GONE = f"{PREFIX}Results_C15"
"""The name of a row in the table of Results."""
NAMES = {
    "Inputs": "Deal's inputs (v2)",
    "Results": "O'Brien & Sons",
    "Engine": "E1",
    "Curve": "2026",
    "Catalog": "Fact sheet",
    "Assumptions": "Überzeugungen",
    "Checks": "a.b",
    "Article": "Nov 24",
    "Workings": "R1C1",
}

CASES: dict[str, Case] = {
    "saved again and nothing else": Case(()),
    "rows above everything on every sheet": Case(
        tuple(("insert_rows", sheet, 1, 2) for sheet in sheet_names(full=True)), full=True
    ),
    "rows within groups of Inputs, one of them with a note; an empty row taken out": Case(
        (
            ("insert_rows", "Inputs", HEADROOM, 2),
            ("insert_rows", "Inputs", OUTPUT),
            ("text", "Inputs", f"A{OUTPUT}", "Agreed with the CFO"),
            ("delete_rows", "Inputs", row("accelerator") - 2),
        )
    ),
    "rows within Results, Engine and Assumptions": Case(
        (
            ("insert_rows", "Results", 15, 2),
            ("insert_rows", "Engine", 100, 2),
            ("insert_rows", "Engine", row("weights_gb")),
            ("insert_rows", "Assumptions", row("mfu_hopper")),
        )
    ),
    "a row within a table of Catalog": Case((("insert_rows", "Catalog", ACCELERATORS.row + 4),)),
    "the accelerators sorted by name": Case((("sort_rows", "Catalog", TABLE, 1),)),
    "a column before the scenarios of Inputs": Case((("insert_columns", "Inputs", "C"),)),
    "a column before the scenarios of Engine": Case((("insert_columns", "Engine", "C"),)),
    "a column before the scenarios of every sheet": Case(everywhere("C"), full=True),
    "a free column between two scenarios of Inputs": Case((("insert_columns", "Inputs", "D"),)),
    "a free column between two scenarios of Engine and Results": Case(
        (("insert_columns", "Engine", "D"), ("insert_columns", "Results", "D"))
    ),
    "a free column between two scenarios of every sheet": Case(everywhere("D")),
    "columns behind the scenarios and at the left of every sheet": Case((*everywhere("F"), *everywhere("A"))),
    "sheets renamed and in another order": Case(
        (
            *(("rename", old, new) for old, new in NAMES.items()),
            ("move_sheet", NAMES["Engine"], 0),
            ("move_sheet", NAMES["Inputs"], 8),
        ),
        full=True,
    ),
    "blocks of Inputs, Engine and Results cut and pasted elsewhere": Case(
        (
            ("cut_and_paste", "Inputs", BLOCK, "A300"),
            ("cut_and_paste", "Engine", "A6:F9", "A900"),
            ("cut_and_paste", "Results", "A14:E20", "AA5"),
        )
    ),
    "an own sheet that looks at ours, and a copy of Inputs": Case(
        (
            ("add_sheet", "Board", 1),
            ("enter", "Board", "A1", "=SUM(usd_per_m_tokens)"),
            ("enter", "Board", "A2", "=$Engine.C10*2"),
            ("enter", "Board", "A3", "=SUM($Results.C12:E12)"),
            ("copy_sheet", "Inputs", "Inputs of May", 3),
        )
    ),
    "a row of Results deleted": Case(
        (("delete_rows", "Results", 15),),
        found=frozenset({"missing-name", "broken-reference"}),
        left_alone=(f"the name {GONE}",),
    ),
    "inputs typed: a percentage, a sum, an override, links to the first scenario": Case(
        (
            ("enter", "Inputs", f"C{HEADROOM}", "35%"),
            ("enter", "Inputs", f"C{OUTPUT}", "=2*8"),
            ("number", "Inputs", f"E{HEADROOM}", 0.5),
            ("enter", "Inputs", f"D{row('accelerator')}", f"=C{row('accelerator')}"),
            ("enter", "Inputs", f"D{row('tensor_parallel')}", f"=$C${row('tensor_parallel')}"),
        ),
        (
            Change("headroom", 0.35, "Base"),
            Change("output_tokens", 16, "Base"),
            Change("headroom", 0.5, "Dearer"),
            Change("accelerator", "inherit", "Cheaper"),
            Change("tensor_parallel", "inherit", "Cheaper"),
        ),
    ),
    "another base value of an assumption": Case(
        (("number", "Assumptions", f"F{row('mfu_hopper')}", 0.45),), (Change("mfu_hopper", 0.45, "Base"),), full=True
    ),
}


A_FOURTH: tuple[Step, ...] = (
    ("insert_columns", "Inputs", "E"),
    ("insert_columns", "Assumptions", "E"),
    ("text", "Inputs", "E4", "Fourth"),
    *(("enter", LAYOUT.place(name).sheet, f"E{row(name)}", f"=C{row(name)}") for name in STANDARD.resolved()["Base"]),
)
WITH_A_CATCH: dict[str, Case] = {
    "a row within a block of the curve": Case((("insert_rows", "Curve", 10),)),
    "a scenario that follows the second": Case(
        (("number", "Inputs", f"D{HEADROOM}", 0.4), ("enter", "Inputs", f"E{HEADROOM}", f"=D{HEADROOM}"))
    ),
    "a scenario more": Case(A_FOURTH),
    "a case of the article edited": Case((("number", "Inputs", f"{A_CASE}{OUTPUT}", 777),), full=True),
}
"""Edits that check or refresh cannot pass over; each has a test of its own below."""


def drawn(seed: int) -> Case:
    """Several edits one after another, none of which does harm by itself."""
    random, called = Random(seed), {sheet: sheet for sheet in (*OF_SCENARIOS, "Catalog", "Changes")}
    steps: list[Step] = []
    for _ in range(random.randrange(2, 7)):
        steps.append(_step(random, called))
    return Case(tuple(steps))


def _step(random: Random, called: dict[str, str]) -> Step:
    """Rows anywhere but in the blocks of Curve, columns anywhere, a new name, another place."""
    sheet = random.choice(sorted(called))
    now, kind = called[sheet], random.randrange(4)
    if kind == 0:
        return ("insert_rows", now, random.randrange(1, 4 if sheet == "Curve" else 120), random.randrange(1, 3))
    if kind == 1:
        return ("insert_columns", now, random.choice("ABCDEF"), random.randrange(1, 3))
    if kind == 2:
        called[sheet] = f"{sheet} {random.choice(['no. 2', 'of Ana', '(old)', '& co', 'B12'])} {random.randrange(99)}"
        return ("rename", now, called[sheet])
    return ("move_sheet", now, random.randrange(9))


ALL = CASES | {f"a few edits at random, {seed}": drawn(seed) for seed in RANDOM}
every_case = pytest.mark.parametrize("name", ALL, ids=str)


@dataclass(frozen=True)
class Desk:
    """All cases done, refreshed and recalculated: in two runs of LibreOffice for all of them."""

    folder: Path

    def book(self, state: str, name: str) -> Path:
        """A case's workbook: edited, refreshed or recalculated."""
        return self.folder / state / f"{[*ALL, *WITH_A_CATCH].index(name)}.xlsx"

    def work(self) -> None:
        for state in ("edited", "refreshed"):
            (self.folder / state).mkdir()
        fresh = {full: written(STANDARD, self.folder / f"{full}.xlsx", full) for full in (True, False)}
        cases = ALL | WITH_A_CATCH
        edited_by_hand([(fresh[case.full], self.book("edited", name), case.steps) for name, case in cases.items()])
        outcomes = {name: self._refreshed(name) for name in ALL}
        (self.folder / "outcomes").write_bytes(pickle.dumps(outcomes))
        done = [self.book("refreshed", name) for name, outcome in outcomes.items() if isinstance(outcome, Receipt)]
        engines.recalculate_libreoffice(done, self.folder / "recalculated")

    def _refreshed(self, name: str) -> Receipt | str:
        try:
            return refresh_workbook(self.book("edited", name), self.book("refreshed", name), changes=CHANGES)
        except Problems as problems:
            return str(problems)

    def receipt(self, name: str) -> Receipt:
        """What refresh did; fails with its words where it refused."""
        outcome = pickle.loads((self.folder / "outcomes").read_bytes())[name]
        assert isinstance(outcome, Receipt), outcome
        return outcome


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(made_once(tmp_path_factory, "desk", lambda folder: Desk(folder).work()))


def edited_study(name: str) -> Study:
    return with_changes(STANDARD, ALL[name].edits)


def wrong(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Inputs may have changed; errors on people's own sheets are theirs."""
    return (finding for finding in findings if finding.level != "note")


@every_case
def test_reading_gives_the_right_study(name: str, desk: Desk) -> None:
    assert unlike(read_workbook(desk.book("edited", name)), edited_study(name)) == {}


@every_case
def test_check_finds_only_what_is_wrong(name: str, desk: Desk) -> None:
    found = list(wrong(check_workbook(desk.book("edited", name))))
    assert {finding.rule for finding in found} == ALL[name].found, "\n".join(map(str, found[:5]))


@every_case
def test_refresh_leaves_nothing_of_ours_alone_without_a_reason(name: str, desk: Desk) -> None:
    assert desk.receipt(name).not_refreshed == ALL[name].left_alone


@every_case
def test_refreshed_numbers_are_those_of_libreoffice_and_of_a_new_workbook(name: str, desk: Desk) -> None:
    others = {tuple(spot.rsplit("!", 1)) for spot in desk.receipt(name).others}
    ours, computed = (saved(desk.book(state, name)) for state in ("refreshed", "recalculated"))
    others |= {spot for spot, (formula, _) in ours.items() if CALLED in str(formula)}  # LibreOffice knows no LAMBDA
    found = moved(values_of(ours), values_of(computed))
    assert {spot: values for spot, values in found.items() if spot not in others} == {}
    case = ALL[name]
    assert moved(anew(case.edits, case.full, desk.folder), by_name(desk.book("refreshed", name), case.full)) == {}


@functools.cache
def anew(edits: tuple[Change, ...], full: bool, folder: Path) -> dict[str, list[Any]]:
    """The values in a new workbook of the edited and refreshed study."""
    study = with_changes(with_changes(STANDARD, edits), CHANGES)
    return by_name(written(study, folder / f"anew {os.getpid()}.xlsx", full), full)


# --- edits with a catch ------------------------------------------------------------------------


def test_a_row_within_a_block_of_the_curve_is_told_since_look_ups_count_rows(desk: Desk, tmp_path: Path) -> None:
    """LibreOffice (and Excel) now take other levels than before: the saved results are not those of the inputs."""
    path = desk.book("edited", "a row within a block of the curve")
    assert read_workbook(path) == STANDARD
    assert list(wrong(check_workbook(path)))
    receipt = refresh_workbook(path, tmp_path / "out.xlsx")
    assert receipt.not_refreshed, "the numbers would not stay when Excel calculates"


def test_a_scenario_that_follows_another_than_the_first_is_read_by_its_value(desk: Desk, tmp_path: Path) -> None:
    path = desk.book("edited", "a scenario that follows the second")
    assert [each["headroom"] for each in read_workbook(path).resolved().values()] == [0.2, 0.4, 0.4]
    assert list(wrong(check_workbook(path))) == []
    with pytest.raises(Problems, match=f"Inputs!E{HEADROOM}: it holds the formula =D{HEADROOM}"):
        refresh_workbook(path, tmp_path / "out.xlsx", changes=[Change("headroom", 0.6, "Cheaper")])


def test_what_the_followed_scenario_does_not_decide_can_change_beside_it(desk: Desk, tmp_path: Path) -> None:
    """A link to one input can move only with that input, so that all others are free."""
    path, out = desk.book("edited", "a scenario that follows the second"), tmp_path / "out.xlsx"
    refresh_workbook(path, out, changes=CHANGES)
    assert [each["headroom"] for each in read_workbook(out).resolved().values()] == [0.2, 0.4, 0.4]


def test_a_scenario_more_on_inputs_and_assumptions_is_read_and_a_new_workbook_is_advised(
    desk: Desk, tmp_path: Path
) -> None:
    """The other sheets have no column for it: the formulas of a fourth scenario are another template's."""
    path = desk.book("edited", "a scenario more")
    study = read_workbook(path)
    assert study.names == ["Base", "Cheaper", "Fourth", "Dearer"]
    assert study.resolved()["Fourth"] == study.resolved()["Base"]
    (finding,) = wrong(check_workbook(path))
    assert (finding.rule, "xl-econ new --study" in finding.message) == ("missing-name", True)
    with pytest.raises(Problems, match="xl-econ new --study"):
        refresh_workbook(path, tmp_path / "out.xlsx")


def test_a_case_of_the_article_may_be_edited_and_stays_so(desk: Desk, tmp_path: Path) -> None:
    """The sheet Article says it: change a case at the right of Inputs and its row moves. It is no scenario."""
    path = desk.book("edited", "a case of the article edited")
    assert read_workbook(path) == STANDARD
    assert [finding for finding in wrong(check_workbook(path)) if finding.rule == "stale-result"] == []
    receipt = refresh_workbook(path, tmp_path / "out.xlsx")
    assert [change for change in receipt.changes if change.what == "input"] == []
