"""Refresh: new inputs and results in a workbook full of other people's work, and not a byte of that is touched.

The specimen has everything that Excel can put into a workbook (see `specimens.rich`), as .xlsx and, with macros,
as .xlsm.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import engines
import openpyxl
import pytest
from specimens.rich import rich
from specimens.saved import CALC_CHAIN
from studies import random_study
from test_parity import differences, expected_cells
from workbooks import WORKBOOK, moved, parts, put, saved, typed, values_of, written

from xl_econ import Study, new_workbook, preset, read_workbook, refresh_workbook
from xl_econ.inputs.changes import Change, with_changes
from xl_econ.inputs.difference import same
from xl_econ.workbook.book import Book, WorkbookError
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.package import Cell, Package
from xl_econ.workbook.receipt import Receipt

STANDARD = preset("standard")
LAYOUT = layout_for(3)
USERS_SHEETS = {"Board notes", "Board pivot"}
KINDS = {".xlsx": False, ".xlsm": True}
"""Endings, and whether such a workbook has macros."""
CELL = re.compile(rb'<c r="([A-Z]+[0-9]+)"[^>]*?(?:/>|>.*?</c>)', re.DOTALL)
STYLE = re.compile(rb' s="[0-9]+"')
HEADROOM, ACCELERATOR = LAYOUT.one("headroom", 2)[1], LAYOUT.one("accelerator", 1)[1]


def another_study() -> Study:
    """Every input another, under the same scenarios."""
    scenarios = dict(zip(STANDARD.names, random_study(11).scenarios.values(), strict=True))
    return Study(title="Another deal", as_of="2027-01-31", scenarios=scenarios)


@dataclass(frozen=True)
class Case:
    """What refresh is told, and which cells of Inputs it must write."""

    changes: tuple[Change, ...] = ()
    study: Study | None = None
    typed: frozenset[str] = frozenset()
    unlinked: bool = False
    """Whether a cell loses its formula, which Excel's list of formulas must not name any more."""

    @property
    def wanted(self) -> Study:
        return with_changes(self.study or STANDARD, self.changes)


CASES = {
    "nothing": Case(),
    "one input": Case((Change("input_tokens", 1500),), typed=frozenset({LAYOUT.one("input_tokens", 0)[1]})),
    "an override in a cell that follows": Case(
        (Change("headroom", 0.5, "Dearer"),), typed=frozenset({HEADROOM}), unlinked=True
    ),
    "an override that equals what is inherited": Case(
        (Change("headroom", 0.2, "Dearer"),), typed=frozenset({HEADROOM}), unlinked=True
    ),
    "an override taken back": Case((Change("accelerator", "inherit", "Cheaper"),), typed=frozenset({ACCELERATOR})),
    "a whole study": Case(study=another_study(), unlinked=True),
}


@dataclass
class Done:
    """A specimen before and after a refresh."""

    case: Case
    before: Path
    after: Path
    receipt: Receipt
    parts: tuple[dict[str, bytes], dict[str, bytes]] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = parts(self.before), parts(self.after)

    @property
    def changed(self) -> set[str]:
        """The parts that differ."""
        old, new = self.parts
        return {part for part in new if new[part] != old[part]}


@pytest.fixture(scope="module")
def specimens(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, plain = tmp_path_factory.mktemp("rich"), new_workbook(STANDARD)
    paths = {suffix: folder / f"rich{suffix}" for suffix in KINDS}
    for suffix, macros in KINDS.items():
        paths[suffix].write_bytes(rich(plain, macros=macros))
    return paths


EVERY = [(name, ".xlsx") for name in CASES] + [("one input", ".xlsm")]


@pytest.fixture(scope="module", params=EVERY, ids=" ".join)
def done(request: Any, specimens: dict[str, Path]) -> Done:
    name, suffix = request.param
    case, before = CASES[name], specimens[suffix]
    after = before.with_name(f"{list(CASES).index(name)}{suffix}")
    receipt = refresh_workbook(before, after, study=case.study, changes=case.changes)
    return Done(case, before, after, receipt)


# --- what stays --------------------------------------------------------------------------------


def test_every_part_is_the_same_but_those_that_the_receipt_names(done: Done) -> None:
    old, new = done.parts
    assert list(new) == list(old), "no part comes or goes, and their order stays"
    assert set(done.receipt.parts) == done.changed
    sheets = Package(done.after.read_bytes()).sheet_parts
    touched = {sheets[change.sheet] for change in done.receipt.changes}
    assert done.changed - {WORKBOOK, CALC_CHAIN} <= touched
    assert (CALC_CHAIN in done.changed) == done.case.unlinked


def test_of_the_workbooks_part_only_the_flag_to_calculate_on_load_changes(done: Done) -> None:
    old, new = (each[WORKBOOK] for each in done.parts)
    assert new.replace(b' fullCalcOnLoad="1"', b"") == old.replace(b' fullCalcOnLoad="1"', b"")
    assert new.count(b'fullCalcOnLoad="1"') == 1


def test_in_touched_sheets_only_the_receipts_cells_differ(done: Done) -> None:
    """Every byte between cells is the same; every other cell shows the same in the same style."""
    told = {(change.sheet, change.cell) for change in done.receipt.changes}
    typed_over = {("Inputs", cell) for cell in done.case.typed}
    for sheet, part in Package(done.after.read_bytes()).sheet_parts.items():
        old, new = (each[part] for each in done.parts)
        assert CELL.sub(b"", new) == CELL.sub(b"", old), sheet
        differ = {cell for cell, (one, other) in pairs(old, new).items() if not looks_alike(one, other)}
        beside = {spot for spot in ((sheet, cell) for cell in differ) if spot not in told | typed_over}
        assert beside == set() or done.case.study, beside


def pairs(old: bytes, new: bytes) -> dict[str, tuple[bytes, bytes]]:
    """The cells of two sheets, as written."""
    one, other = ({found[1].decode(): found[0] for found in CELL.finditer(xml)} for xml in (old, new))
    assert one.keys() == other.keys()
    return {cell: (one[cell], other[cell]) for cell in one}


def looks_alike(one: bytes, other: bytes) -> bool:
    """Equal bytes, or a number that differs in its last digits."""
    value = re.compile(rb"<v>([^<]*)</v>")
    if one == other or value.sub(b"", one) != value.sub(b"", other):
        return one == other
    found = [float(each[1]) for each in (value.search(one), value.search(other)) if each and is_number(each[1])]
    return len(found) == 2 and same(*found)


def is_number(text: bytes) -> bool:
    return re.fullmatch(rb"-?[0-9.]+(?:[Ee][+-]?[0-9]+)?", text) is not None


def test_styles_of_cells_stay(done: Done) -> None:
    for part in done.receipt.parts:
        if part.startswith("xl/worksheets/"):
            changed = pairs(*(each[part] for each in done.parts)).values()
            assert all(STYLE.findall(one)[:1] == STYLE.findall(other)[:1] for one, other in changed)


# --- what changes ------------------------------------------------------------------------------


def test_it_is_read_back_as_the_wanted_study(done: Done) -> None:
    assert read_workbook(done.after) == done.case.wanted


def test_every_formula_of_ours_has_pythons_value_beside_it(done: Done) -> None:
    expected = expected_cells(done.case.wanted, baseline=baseline(done.before))
    assert not differences(expected, values_of(saved(done.after)))
    assert done.receipt.not_refreshed == ()


def baseline(path: Path) -> dict[str, list[Any]]:
    return Book(Package(path.read_bytes()), path.name).baseline()


def test_formulas_stay_but_for_the_inputs_that_were_set(done: Done) -> None:
    old, new = ({spot: formula for spot, (formula, _) in saved(path).items()} for path in (done.before, done.after))
    differ = {spot for spot in old.keys() | new.keys() if old.get(spot) != new.get(spot)}
    assert {sheet for sheet, _ in differ} <= {"Inputs", "Assumptions"}
    if not done.case.study:
        assert {cell for _, cell in differ} <= done.case.typed


def test_the_receipt_tells_each_cell_before_and_after_and_both_checksums(done: Done) -> None:
    old, new = (Package(path.read_bytes()) for path in (done.before, done.after))
    for change in done.receipt.changes:
        assert shows(old, change.sheet, change.cell, change.before), change
        assert shows(new, change.sheet, change.cell, change.after), change
        assert change.before != change.after or change.formula
    sums = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (done.before, done.after)]
    assert [done.receipt.sha256_before, done.receipt.sha256_after] == sums
    assert done.receipt.path == done.after


def shows(package: Package, sheet: str, cell: str, told: Any) -> bool:
    """Whether a cell has this value; or this formula, where only a link comes or goes and the value stays."""
    value = package.value(sheet, cell)
    is_value = value == told if isinstance(value, datetime) else engines.same_value(value, told)
    return is_value or told == package.formula(sheet, cell)


def test_the_receipt_has_each_input_that_shows_something_else(done: Done) -> None:
    inputs = {change.cell for change in done.receipt.changes if change.what == "input" and change.sheet == "Inputs"}
    if not done.case.study:
        assert inputs == done.case.typed
    now = [typed(path) | values_of(saved(path)) for path in (done.before, done.after)]
    told = {(change.sheet, change.cell) for change in done.receipt.changes}
    assert {spot for spot in moved(*now) if not same(now[0].get(spot), now[1].get(spot))} <= told


def test_other_peoples_cells_are_computed_on_their_own_sheets_only(done: Done) -> None:
    """An engine that proves itself on the old values computes them; the rest is named, for Excel to do."""
    computed = {(change.sheet, change.cell) for change in done.receipt.changes if change.what == "other"}
    left = {tuple(spot.rsplit("!", 1)) for spot in done.receipt.others}
    assert {sheet for sheet, _ in computed | left} <= USERS_SHEETS
    assert not computed & left


@pytest.mark.skipif(not engines.HAVE_LIBREOFFICE, reason=engines.NO_LIBREOFFICE)
def test_what_is_not_named_is_as_libreoffice_computes_it(specimens: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    receipt = refresh_workbook(specimens[".xlsx"], path, changes=[Change("input_tokens", 1500)])
    (found,) = engines.recalculate_libreoffice([path], tmp_path / "out")
    ours, live = (typed(each) | values_of(saved(each)) for each in (path, found))
    told = {spot for spot in saved(path) if "!".join(spot) not in receipt.others}
    told |= {(change.sheet, change.cell) for change in receipt.changes}
    told = {spot for spot in told if not str(live.get(spot)).startswith("#")}  # functions that it does not know
    assert len([spot for spot in told if spot[0] in USERS_SHEETS]) > 10
    assert moved({spot: ours[spot] for spot in told}, {spot: live.get(spot) for spot in told}) == {}


# --- texts that look like formulas -------------------------------------------------------------

STARTS = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)")


def test_a_text_that_begins_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    """In the title, the day, scenarios' names, an own record and the choice of it, when made and when refreshed."""
    title, *names = STARTS
    record = {"name": names[1], "date": "2026-11", "input_usd_per_m_tokens": 1.0, "output_usd_per_m_tokens": 2.0}
    plain = Study(title="Plain", as_of="", scenarios=dict(zip(names, STANDARD.scenarios.values(), strict=True)))
    path = written(plain, tmp_path / "deal.xlsx")
    own = {"title": title, "as_of": names[0], "catalog": {"hosted": {title: record}}}
    study = with_changes(plain.model_copy(update=own), [Change("hosted", title)])
    refresh_workbook(path, study=study)
    assert read_workbook(path) == study
    assert not {formula for formula, _ in saved(path).values()} & {*STARTS, *(f"={text}" for text in STARTS)}
    sheets = openpyxl.load_workbook(path).worksheets
    cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row if cell.value in STARTS]
    assert {cell.value for cell in cells} == set(STARTS)
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


# --- in place, elsewhere, again ----------------------------------------------------------------


def test_in_place_the_file_is_replaced_and_elsewhere_it_stays(tmp_path: Path) -> None:
    path = written(STANDARD, tmp_path / "deal.xlsx")
    before = path.read_bytes()
    elsewhere = refresh_workbook(path, tmp_path / "new.xlsx", changes=[Change("input_tokens", 1500)])
    assert path.read_bytes() == before
    in_place = refresh_workbook(path, changes=[Change("input_tokens", 1500)])
    assert path.read_bytes() == elsewhere.path.read_bytes()
    assert in_place.sha256_after == elsewhere.sha256_after
    assert sorted(each.name for each in tmp_path.iterdir()) == ["deal.xlsx", "new.xlsx"]


def test_a_second_refresh_changes_nothing(specimens: dict[str, Path], tmp_path: Path) -> None:
    once, twice = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    refresh_workbook(specimens[".xlsx"], once, changes=[Change("input_tokens", 1500)])
    receipt = refresh_workbook(once, twice)
    assert once.read_bytes() == twice.read_bytes()
    assert (receipt.changes, receipt.parts) == ((), ())


def test_there_and_back_again_gives_the_first_bytes(tmp_path: Path) -> None:
    path = written(STANDARD, tmp_path / "deal.xlsx")
    before = parts(path)
    refresh_workbook(path, changes=[Change("headroom", 0.5, "Dearer"), Change("input_tokens", 1500)])
    assert parts(path) != before
    refresh_workbook(path, changes=[Change("headroom", "inherit", "Dearer"), Change("input_tokens", 1000)])
    assert parts(path) == before


def test_the_baseline_stays_until_it_is_made_anew(tmp_path: Path) -> None:
    path = written(STANDARD, tmp_path / "deal.xlsx")
    first = baseline(path)
    refresh_workbook(path, changes=[Change("input_tokens", 1500)])
    assert baseline(path) == first
    refresh_workbook(path, rebase=True)
    assert baseline(path)["input_tokens"] == [1500, 1500, 1500]
    assert parts(path) == parts(written(read_workbook(path), tmp_path / "anew.xlsx"))


# --- cells that people computed or overwrote ---------------------------------------------------


def test_a_result_that_somebody_typed_over_is_left_alone_and_named(tmp_path: Path) -> None:
    spot = LAYOUT.one("weights_gb", 1)
    path = put(written(STANDARD, tmp_path / "deal.xlsx"), {spot: 70.0})
    receipt = refresh_workbook(path, changes=[Change("input_tokens", 1500)])
    assert receipt.not_refreshed == (f"{'!'.join(spot)} holds a typed value in place of its formula",)
    assert Package(path.read_bytes()).value(*spot) == 70.0


def test_a_shipped_assumption_set_beside_another_base_value_holds_after_recalculation(tmp_path: Path) -> None:
    """Somebody changed the column Default; refresh is told the shipped value, which a study leaves out."""
    name, shipped = "mfu_hopper", STANDARD.resolved()["Base"]["mfu_hopper"]
    row = LAYOUT.place(name).row + 1
    path = put(written(STANDARD, tmp_path / "deal.xlsx"), {("Assumptions", f"F{row}"): 0.9 * float(shipped)})
    refresh_workbook(path, changes=[Change(name, shipped)])
    book, spot = engines.IroncalcBook(path), LAYOUT.one(name, 0)
    book.recalculate()
    assert book.values([spot])[spot] == pytest.approx(shipped), "Excel will compute with another value"
    assert read_workbook(path) == STANDARD


def test_a_base_value_that_somebody_changed_is_still_followed_after_a_refresh(tmp_path: Path) -> None:
    """The sheet says it: scenarios follow the column Default until somebody types over them."""
    spot, row = LAYOUT.one("mfu_hopper", 0), LAYOUT.place("mfu_hopper").row + 1
    path = put(written(STANDARD, tmp_path / "deal.xlsx"), {("Assumptions", f"F{row}"): 0.45})
    refresh_workbook(path, changes=[Change("input_tokens", 1500)])
    package = Package(path.read_bytes())
    assert (package.formula(*spot), package.value(*spot)) == (f"=F{row}", 0.45)
    assert read_workbook(path).resolved()["Dearer"]["mfu_hopper"] == 0.45


def test_an_input_that_a_person_computes_keeps_its_formula_when_nothing_changes(tmp_path: Path) -> None:
    spot = LAYOUT.one("output_tokens", 0)
    path = written(with_changes(STANDARD, [Change("output_tokens", 16)]), tmp_path / "deal.xlsx")
    put(path, {spot: Cell(16, "=2*8")})
    refresh_workbook(path)
    refresh_workbook(path, changes=[Change("input_tokens", 1500)])
    package = Package(path.read_bytes())
    assert (package.formula(*spot), package.value(*spot)) == ("=2*8", 16)
    with pytest.raises(WorkbookError, match=r"=2\*8, which would be lost"):
        refresh_workbook(path, changes=[Change("output_tokens", 20)])
