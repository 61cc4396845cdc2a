"""Refresh: new inputs and new results in a workbook that people have made their own.

Only our cells change, wherever they stand now: inputs that differ, and the saved value of every
formula. Everything else in the file stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from xl_econ.core.problems import stop_on
from xl_econ.core.spell import START
from xl_econ.inputs.changes import Change, with_changes
from xl_econ.inputs.difference import same
from xl_econ.inputs.study import Study
from xl_econ.model import MONTH_COUNT
from xl_econ.model.simulation import CHANGED
from xl_econ.workbook.archive import Archive
from xl_econ.workbook.blank import Spot, references
from xl_econ.workbook.book import Book, WorkbookError, opened, told
from xl_econ.workbook.catalog_cells import catalog_cells
from xl_econ.workbook.expected import expected_formulas, spelled_alike
from xl_econ.workbook.fill import filled, too_many_lines
from xl_econ.workbook.fixed_cells import altered_cells
from xl_econ.workbook.held import held_by
from xl_econ.workbook.layout import ABOUT_CELLS, BASELINE, STUDY_CELLS
from xl_econ.workbook.live import LiveBook, is_live
from xl_econ.workbook.located import Located
from xl_econ.workbook.migrate import migrated
from xl_econ.workbook.other_layouts import candidate_cells, to_choose_anew
from xl_econ.workbook.package import KEEP, Cell, Package
from xl_econ.workbook.read import Reading, followed, not_on_catalog, study_in
from xl_econ.workbook.recalculate import formulas_beside, recalculated
from xl_econ.workbook.receipt import CellChange, Receipt, sha256
from xl_econ.workbook.save import save, stop_unless_writable
from xl_econ.workbook.sensitivity_cells import SENSITIVITY
from xl_econ.workbook.shape import shape_of
from xl_econ.workbook.simulation_cells import LABEL, SIMULATION, STATUS, cell_at

SUFFIXES = (".xlsx", ".xlsm")


def refresh_workbook(
    path: Path | str,
    out: Path | str | None = None,
    *,
    study: Study | None = None,
    changes: Iterable[Change] = (),
    rebase: bool = False,
    force: bool = False,
) -> Receipt:
    """Put new inputs and all results into a workbook, and touch nothing else.

    `study` replaces the inputs (its scenarios must be the workbook's), `changes` single ones. Without
    both, the results are computed anew from the inputs that the workbook holds. With `rebase` they
    become the baseline that the sheet Changes compares with. Writes to `out` (over another file only
    with `force`), or in place. A workbook of
    an older version is not patched: its inputs go into a new one, which `out` must name. Raises
    WorkbookError or StudyError with every problem; then nothing is written.
    """
    path = Path(path)
    if is_live(path) and out is None:
        return _refresh_live(path, study, changes, rebase)
    target = Path(out) if out is not None else path
    stop_unless_writable(target, force=force or target == path, suffixes=SUFFIXES)
    book = opened(path)
    stop_on(_other_ending(path, target, book.is_of_another_version), WorkbookError)
    with told(path):
        if book.is_of_another_version:
            content, receipt = migrated(book, path, target, study, changes)
        else:
            content, receipt = refreshed(book, target, study, changes, rebase)
    save(target, content, instead_of=book.package.archive.book if target == path else None)
    return receipt


def refreshed(
    book: Book,
    target: Path,
    study: Study | None,
    changes: Iterable[Change],
    rebase: bool,
    renamed: bool = False,
) -> tuple[bytes, Receipt]:
    """The bytes of the refreshed workbook, and the receipt. With `renamed`, scenarios take the study's names."""
    work, sheets = _work(book, study, changes, rebase, renamed)
    content = book.package.patched(sheets)
    others = formulas_beside(book.package, work.ours)
    if work.changes:
        cells, others = recalculated(book.package, content, others)
        content = Package(content).patched(cells) if cells else content
        work.note_others(cells)
    return content, _receipt(book, target, content, work, others)


def _other_ending(path: Path, target: Path, anew: bool) -> list[str]:
    """Excel does not open a file whose ending says something else about macros than its content."""
    ending = ".xlsx" if anew else path.suffix.lower()
    if target.suffix.lower() == ending or (anew and target == path):
        return []
    what = "has macros" if ending == ".xlsm" else "will have no macros"
    return [f"{target}: the new file {what}, so its name must end in {ending}."]


def _work(
    book: Book, study: Study | None, changes: Iterable[Change], rebase: bool, renamed: bool = False
) -> tuple[Refresh, dict[str, dict[str, Cell]]]:
    """The cells to write; raises WorkbookError or StudyError with every problem."""
    present, reading = study_in(book)
    wanted = with_changes(study or present, changes)
    if renamed and wanted.months == MONTH_COUNT:
        wanted = wanted.model_copy(update={"months": present.months})
    if not renamed:
        stop_on(_other_scenarios(book, present, wanted), WorkbookError)
    stop_on([*_other_number(book, present, wanted), *_other_months(book, present, wanted)], WorkbookError)
    stop_on(too_many_lines(wanted), WorkbookError)
    stop_on(not_on_catalog(reading, wanted), WorkbookError)
    work = Refresh(book, reading, present, wanted, rebase)
    sheets = work.cells()
    stop_on(work.problems, WorkbookError)
    return work, sheets


def _refresh_live(path: Path, study: Study | None, changes: Iterable[Change], rebase: bool) -> Receipt:
    """Inputs typed into a workbook that is open in Excel, which computes the results itself."""
    book, live = opened(path), LiveBook(path)
    if book.is_of_another_version:
        stop_on(
            [f"{path}: it was made by another version ({book.version}). Save it, and refresh the file."], WorkbookError
        )
    with told(path):
        work, sheets = _work(book, study, changes, rebase)
        live.type_in(work.typed(sheets))
        return _receipt(book, path, live.content(), work, [])


def _other_scenarios(book: Book, present: Study, wanted: Study) -> list[str]:
    if list(present.scenarios) == list(wanted.scenarios):
        return []
    return [
        f"{book.name}: its scenarios are {', '.join(present.scenarios)}, but the study's are "
        f"{', '.join(wanted.scenarios)}. Rename them, or make a new workbook with `xl-econ new`."
    ]


def _other_number(book: Book, present: Study, wanted: Study) -> list[str]:
    there, needed = len(present.scenarios), len(wanted.scenarios)
    if there == needed:
        return []
    return [
        f"{book.name}: it has {there} scenarios, and the study has {needed}. "
        f"`xl-econ template build -o FILE.xlsx --scenarios {needed}` makes a template of that many."
    ]


def _other_months(book: Book, present: Study, wanted: Study) -> list[str]:
    there, needed = present.months, wanted.months
    if there == needed:
        return []
    return [
        f"{book.name}: its plan has {there} months, and the study's has {needed}. "
        f"`xl-econ template build -o FILE.xlsx --months {needed}` makes a template of that many."
    ]


def from_template(template: Path | str, study: Study) -> bytes:
    """A new workbook: a study put into a firm's own template, which is any workbook of ours, restyled as they like.

    Raises WorkbookError or StudyError with every problem.
    """
    template = Path(template)
    book = opened(template)
    with told(template):
        return refreshed(book, template, study, (), rebase=True, renamed=True)[0]


class Refresh:
    """The cells to write for a study, where they stand today."""

    def __init__(self, book: Book, reading: Reading, present: Study, wanted: Study, rebase: bool) -> None:
        self.book, self.reading, self.present, self.wanted = book, reading, present, wanted
        shape = shape_of(book)
        self.located = Located(book.package, shape)
        held = held_by(book, wanted, self.located, shape, rebase)
        held = replace(held, settings=to_choose_anew(held.settings))
        self.template = filled(wanted, shape.full, held)
        self.expected = expected_formulas(self.located, shape)
        self.problems: list[str] = []
        self.not_refreshed: list[str] = [f"the name {name}" for name in self.located.lost]
        self.not_refreshed += [f"{'!'.join(each.spot)}: {each}" for each in altered_cells(book)]
        self.changes: list[CellChange] = []
        self.values: dict[Spot, Any] = {}
        """What our cells shall hold."""
        self.ours: set[Spot] = set()
        self.stamps = set(_stamps(book))
        self.layouts = {self.located.spots.get(spot) for spot in candidate_cells()}
        self.inputs, self.computed = set(reading.cells.values()), set(reading.formulas.values())

    def cells(self) -> dict[str, dict[str, Cell]]:
        """By today's sheet and address."""
        found: dict[str, dict[str, Cell]] = {}
        wanted = list(self._wanted())
        self.values = {spot: cell.value for spot, cell in wanted}
        for (sheet, address), cell in wanted:
            self.ours.add((sheet, address))
            new = self._new(sheet, address, cell)
            if new is not None:
                found.setdefault(sheet, {})[address] = new
                self._note(sheet, address, new)
        return found

    def _wanted(self) -> Iterator[tuple[Spot, Cell]]:
        for sheet, cells in self.template.items():
            for address, cell in cells.items():
                spot = self.located.spots.get((sheet, address))
                if spot is not None:
                    formula = cell.formula
                    if formula and formula != KEEP:
                        cell = Cell(cell.value, self.located.formula(formula, sheet))
                    yield spot, cell
        yield from catalog_cells(self.book, self.reading, self.present, self.wanted, self.problems)

    def _new(self, sheet: str, address: str, cell: Cell) -> Cell | None:
        """What to write into a cell; None to leave it as it is."""
        there = self.book.package.formula(sheet, address)
        if cell.formula == KEEP:
            return self._result(sheet, address, cell, there)
        if cell.formula is not None:  # an input that follows another cell
            return self._following(sheet, address, cell, there)
        is_input = (sheet, address) in self.inputs
        alike = _same(self.book.package.value(sheet, address), cell.value)
        if alike and (sheet, address) in self.computed:
            return self._computed(sheet, address, cell, str(there))
        if there and self._follows_a_base_value(sheet, there, cell):
            return Cell(cell.value, KEEP)
        if (sheet, address) in self.computed:
            self._refuse(sheet, address, str(there))
        return None if alike and not (there and is_input) else cell

    def _follows_a_base_value(self, sheet: str, there: str, cell: Cell) -> bool:
        """Whether an input repeats a cell beside the scenarios, the base value of an assumption, and may go on so."""
        target = followed(there, (sheet, ""))
        if target is None or target in self.inputs or self.book.formula(target):
            return False
        return _same(self.book.value(target), cell.value)

    def _result(self, sheet: str, address: str, cell: Cell, there: str | None) -> Cell | None:
        """A result keeps its formula, as long as that is ours."""
        if there is None:
            self.not_refreshed.append(f"{sheet}!{address} holds a typed value in place of its formula")
            return None
        if not spelled_alike(there, self.expected[sheet, address]):
            self.not_refreshed.append(f"{sheet}!{address} holds another formula than ours")
            return None
        return cell

    def _following(self, sheet: str, address: str, cell: Cell, there: str | None) -> Cell:
        if self._follows_another_value(sheet, cell):
            return Cell(cell.value)
        if there is None or spelled_alike(there, str(cell.formula)):
            return Cell(cell.value, KEEP) if there else cell
        alike = _same(self.book.package.value(sheet, address), cell.value)
        if (sheet, address) not in self.computed:
            return cell
        if not alike:
            self._refuse(sheet, address, there)
        return self._computed(sheet, address, cell, there)

    def _refuse(self, sheet: str, address: str, there: str) -> None:
        """A person's formula in an input is not written over."""
        told = f"{sheet}!{address}: it holds the formula {there}, which would be lost."
        self.problems.append(f"{told} Type a number in its place first, or leave this input.")

    def _follows_another_value(self, sheet: str, cell: Cell) -> bool:
        """Whether the cell to follow holds, by a person's hand, something else than this study believes."""
        target = followed(str(cell.formula), (sheet, ""))
        if target is None or target in self.inputs:
            return False
        return not _same(self.book.package.value(*target), cell.value)

    def _computed(self, sheet: str, address: str, cell: Cell, there: str) -> Cell:
        """A person's own formula in an input keeps its value as long as nothing that it refers to can move."""
        if self.wanted != self.present and not self._stands_still(there, sheet):
            told = f"{sheet}!{address}: it holds the formula {there}, which refers to other cells, and inputs change."
            self.problems.append(f"{told} Type its value in place of the formula.")
        return Cell(cell.value, KEEP)

    def _stands_still(self, formula: str, sheet: str) -> bool:
        """Whether a formula names only cells that hold what they held: typed ones, and inputs that do not change."""
        names = [item.value for item in _operands(formula)]
        spots = [spot for name in names for spot in references(f"{START}{name}", sheet)]
        return len(spots) == len(names) and all(self._keeps_its_value(spot) for spot in spots)

    def _keeps_its_value(self, spot: Spot) -> bool:
        there = self.book.package.value(*spot) if spot[0] in self.book.package.sheet_parts else None
        if spot in self.inputs:
            return spot not in self.computed and _same(there, self.values.get(spot))
        return not self.book.package.formula(*spot)

    def typed(self, sheets: Mapping[str, Mapping[str, Cell]]) -> dict[str, dict[str, Cell]]:
        """Inputs and catalog cells alone: what else is new, Excel computes, or does not let anybody type."""
        fixed = self.stamps | {spot for name in STUDY_CELLS for row in self.book.cells(name) for spot in row}
        self.changes = [each for each in self.changes if (each.sheet, each.cell) not in fixed]
        return {
            sheet: {at: cell for at, cell in cells.items() if (sheet, at) not in fixed and cell.formula != KEEP}
            for sheet, cells in sheets.items()
        }

    def note_others(self, sheets: Mapping[str, Mapping[str, Cell]]) -> None:
        """Other people's formulas whose values were computed too."""
        for sheet, cells in sheets.items():
            for address, cell in cells.items():
                before = self.book.package.value(sheet, address)
                self.changes.append(CellChange("other", sheet, address, before, cell.value))

    def _note(self, sheet: str, address: str, new: Cell) -> None:
        before = self.book.package.value(sheet, address)
        what = "result" if new.formula == KEEP else "layout" if (sheet, address) in self.layouts else "input"
        what = "stamp" if (sheet, address) in self.stamps else what
        moved = not (same(before, new.value) if what == "result" else _same(before, new.value))
        formula = "" if moved or new.formula == KEEP else self._formula_told(sheet, address, new)
        if moved or formula:
            self.changes.append(CellChange(what, sheet, address, before, new.value, formula))

    def _formula_told(self, sheet: str, address: str, new: Cell) -> str:
        """Which formula comes or goes, in words."""
        if new.formula:
            return f"(follows {new.formula.removeprefix(START)})"
        there = self.book.package.formula(sheet, address)
        return f"(followed {there.removeprefix(START)})" if there else ""


def _stamps(book: Book) -> Iterator[Spot]:
    """Cells that say who computed the results, from what, and what the baseline was."""
    names = [*(ABOUT_CELLS.keys() - STUDY_CELLS.keys()), *(n for n in book.package.names if n.startswith(BASELINE))]
    return (spot for name in names for row in book.cells(name) for spot in row)


def _same(before: Any, after: Any) -> bool:
    """Whether a cell would look the same; TRUE is not 1."""
    numbers = all(isinstance(value, float | int) and not isinstance(value, bool) for value in (before, after))
    return before == after and (numbers or type(before) is type(after))


def _operands(formula: str) -> list[Any]:
    """The cells, ranges and names in a formula."""
    from openpyxl.formula.tokenizer import Token, Tokenizer

    tokens: list[Any] = Tokenizer(formula).items
    return [token for token in tokens if token.type == Token.OPERAND and token.subtype == Token.RANGE]


def _receipt(book: Book, target: Path, content: bytes, work: Refresh, others: list[Spot]) -> Receipt:
    before, after = book.package.archive, Archive(content)
    return Receipt(
        path=target,
        sha256_before=sha256(before.book),
        sha256_after=sha256(content),
        changes=tuple(work.changes),
        parts=tuple(_changed_parts(before, after)),
        not_refreshed=tuple(work.not_refreshed),
        others=tuple("!".join(spot) for spot in others),
        notes=(*_old_stamps(work), *_new_layouts(work)),
    )


def _old_stamps(work: Refresh) -> Iterator[str]:
    """A simulation of other inputs than the workbook holds now."""
    status = work.located.spots.get((SIMULATION, cell_at(STATUS, LABEL)))
    if status and work.values.get(status) == CHANGED:
        yield f"{SIMULATION} is of other inputs: `xl-econ simulate {work.book.name}` runs it again."


def _new_layouts(work: Refresh) -> Iterator[str]:
    """Candidates that Python chose may have been typed over."""
    if any(each.what == "layout" for each in work.changes):
        yield f"{SENSITIVITY}: other layouts are the cheapest now, and stand in the table."


def _changed_parts(before: Archive, after: Archive) -> Iterator[str]:
    old: Mapping[str, Any] = before.items
    for name, item in after.items.items():
        if (item.CRC, item.file_size) != (old[name].CRC, old[name].file_size):
            yield name
