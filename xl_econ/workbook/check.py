"""Check: what is wrong with a workbook, told apart: stale, overwritten, altered, missing, broken, another version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from xl_econ.core.problems import Problems
from xl_econ.functions.lambdas import PREFIX as PREFIX_OF_FUNCTIONS
from xl_econ.inputs.difference import same
from xl_econ.inputs.study import Study
from xl_econ.version import ENGINE, VERSION
from xl_econ.workbook.anchors import PREFIX
from xl_econ.workbook.archive import Broken
from xl_econ.workbook.blank import Shape, Spot
from xl_econ.workbook.book import NAME_REMEDY, Book, WorkbookError, is_newer_than, opened, told
from xl_econ.workbook.conventions import broken_conventions, our_sheets
from xl_econ.workbook.expected import expected_formulas, spelled_alike
from xl_econ.workbook.fill import filled
from xl_econ.workbook.fixed_cells import Altered, altered_cells
from xl_econ.workbook.held import held_by
from xl_econ.workbook.layout import our_names
from xl_econ.workbook.located import Located
from xl_econ.workbook.moved_results import stale_results
from xl_econ.workbook.package import KEEP
from xl_econ.workbook.read import study_in
from xl_econ.workbook.shape import shape_of
from xl_econ.workbook.sheets.about import fingerprint
from xl_econ.workbook.sheets.simulation import KNOWN

RULES: dict[str, tuple[str, str]] = {
    "bad-input": ("error", "An input cannot be used"),
    "altered-constant": ("error", "A constant, a format's size or a label on Lists was changed"),
    "stale-result": ("error", "A saved result does not follow from the inputs"),
    "overwritten-formula": ("error", "A typed value stands in place of a formula"),
    "altered-formula": ("error", "A formula was changed"),
    "missing-name": ("error", "A defined name is missing or broken, so its cells cannot be found"),
    "broken-reference": ("error", "A formula or name refers to cells that are gone"),
    "error-value": ("error", "A cell shows an error"),
    "no-functions": ("note", "The program that saved the workbook does not compute LAMBDA names"),
    "error-of-others": ("note", "An error on a sheet, or in a name, that is not ours"),
    "convention": ("warning", "A rule of the workbook is broken"),
    "other-version": ("warning", "Another version of the engine computed the results"),
    "inputs-changed": ("note", "Inputs changed since Python last computed the results"),
}
"""Each kind of finding: its level, as SARIF has them, and what it says."""
MANY = 5
"""Findings of one kind on one sheet that are listed one by one; more are summed up."""


@dataclass(frozen=True)
class Finding:
    """One thing that wants a look: which rule, where, what, and what to do."""

    rule: str
    sheet: str
    cell: str
    message: str

    @property
    def level(self) -> str:
        return RULES[self.rule][0]

    def as_json(self) -> dict[str, Any]:
        return {"level": self.level} | asdict(self)

    def __str__(self) -> str:
        where = f"{self.sheet}!{self.cell}: " if self.cell else f"{self.sheet}: " if self.sheet else ""
        return f"{self.level}: {self.rule}: {where}{self.message}"


def check_workbook(path: Path | str) -> list[Finding]:
    """Everything in a workbook that wants a look, worst first.

    Raises WorkbookError where it is no workbook of ours that can be read.
    """
    path = Path(path)
    with told(path):
        found = list(Checkup(opened(path)).findings())
    order = list(RULES)
    return sorted(found, key=lambda finding: order.index(finding.rule))


class Checkup:
    """The checks of one workbook; what can still be checked is, whatever else is wrong."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.problems: tuple[str, ...] = ()
        self.study = self._study()

    def _study(self) -> Study | None:
        assert self.book.scenarios
        try:
            return study_in(self.book)[0]
        except Problems as error:
            self.problems = error.problems
            return None

    def findings(self) -> Iterator[Finding]:
        """All findings."""
        if self.book.is_of_another_version:
            yield self._other_version()
        else:
            yield from (Finding("bad-input", *_place(problem)) for problem in self.problems)
            yield from self.formulas()
            yield from (self._altered(each) for each in altered_cells(self.book))
        if self.study and not self.book.is_of_another_version:
            yield from self._stale(self.study)
            yield from self._edited(self.study)
        yield from self._errors()
        yield from self._references()
        yield from broken_conventions(self.book, Finding)

    def formulas(self) -> Iterator[Finding]:
        """Each of our formulas should still be there, and say the same."""
        try:
            shape = shape_of(self.book)
        except WorkbookError as error:
            yield from (Finding("missing-name", "", "", problem) for problem in error.problems)
            return
        located = Located(self.book.package, shape)
        remedy = f"Copy the sheet from an untouched workbook. {NAME_REMEDY}"
        for name in located.lost:
            yield Finding(
                "missing-name", "", "", f"the name {name} is missing, broken, or covers other cells. {remedy}"
            )
        for (sheet, address), formula in expected_formulas(located, shape).items():
            there = self.book.package.formula(sheet, address)
            if there is None:
                value = self.book.package.value(sheet, address)
                told = f"{value!r} stands in place of {formula}. Copy the formula back"
                yield Finding("overwritten-formula", sheet, address, f"{told}, or use the input that it follows.")
            elif not spelled_alike(there, formula):
                yield Finding("altered-formula", sheet, address, f"it is {there}, and was {formula}. Copy it back.")

    def _altered(self, each: Altered) -> Finding:
        return Finding("altered-constant", *each.spot, f"{each}. Type it back; what you know better is an input.")

    def _stale(self, study: Study) -> Iterator[Finding]:
        """Saved results against Python's, in every cell of ours that holds a formula."""
        try:
            shape = shape_of(self.book)
        except WorkbookError:  # told by the formulas' check
            return
        try:
            yield from self._stale_in(study, shape)
        except WorkbookError as error:  # what an article's case names is gone
            yield from (Finding("bad-input", *_place(problem)) for problem in error.problems)

    def _stale_in(self, study: Study, shape: Shape) -> Iterator[Finding]:
        remedy = "Open the file in Excel and save it, or run `xl-econ refresh`."
        named: set[Spot] = set()
        for each in stale_results(self.book, study):
            named.add(each.spot)
            told = f"{each.name} (scenario {each.scenario!r}) is saved as {each.saved!r}, but is {each.computed!r}."
            yield Finding("stale-result", *each.spot, f"{told} {remedy}")
        located = Located(self.book.package, shape)
        there = held_by(self.book, study, located, shape)
        there = replace(there, stamps={**there.stamps, KNOWN: self.book.text("inputs_fingerprint")})
        for sheet, cells in filled(study, shape.full, there).items():
            for address, cell in cells.items():
                spot = located.spots.get((sheet, address))
                if cell.formula == KEEP and spot and spot not in named and self.book.formula(spot):
                    saved = self.book.value(spot)
                    if not same(saved, cell.value) and not self._is_no_function(*spot):
                        told = f"it is saved as {saved!r}, but is {cell.value!r}."
                        yield Finding("stale-result", *spot, f"{told} {remedy}")

    def _other_version(self) -> Finding:
        """Its formulas and results are those of its own version: they are not compared."""
        made = self.book.version
        when = "newer" if is_newer_than(made, VERSION) else "older"
        told = f"the results were computed by {ENGINE} {made}, {when} than this one ({VERSION})"
        remedy = f"Update {ENGINE}" if when == "newer" else "Carry the inputs over: `xl-econ refresh BOOK -o NEW.xlsx`"
        return Finding("other-version", "", "", f"{told}, so its formulas are not compared. {remedy}.")

    def _edited(self, study: Study) -> Iterator[Finding]:
        if self.book.text("inputs_fingerprint") != fingerprint(study):
            told = "edits since Python last computed; the saved results are checked against them all the same."
            yield Finding("inputs-changed", "", "", told)

    def _errors(self) -> Iterator[Finding]:
        for sheet in self.book.package.sheet_parts:
            for address in self._addresses(sheet):
                if self.book.package.kind(sheet, address) == "e":
                    value, rule = self.book.package.value(sheet, address), self._rule("error-value", sheet)
                    rule = "no-functions" if self._is_no_function(sheet, address) else rule
                    yield Finding(rule, sheet, address, f"it shows {value}. Look at what it refers to.")

    def _is_no_function(self, sheet: str, address: str) -> bool:
        """Whether a cell calls a LAMBDA name, and shows an error, as it does outside of Excel 365."""
        calls = PREFIX_OF_FUNCTIONS in (self.book.formula((sheet, address)) or "")
        return calls and self.book.package.kind(sheet, address) == "e"

    def _references(self) -> Iterator[Finding]:
        for name, target in self.book.package.names.items():
            if "#REF!" in target:
                rule = "broken-reference" if name.startswith(PREFIX) or name in our_names() else "error-of-others"
                yield Finding(rule, "", "", f"the name {name} refers to {target}. Define or delete it.")
        for sheet in self.book.package.sheet_parts:
            for address in self._addresses(sheet):
                formula = self.book.package.formula(sheet, address)
                if formula and "#REF!" in formula:
                    rule = self._rule("broken-reference", sheet)
                    yield Finding(rule, sheet, address, f"it is {formula}. Point it at cells again.")

    def _rule(self, rule: str, sheet: str) -> str:
        return rule if sheet in our_sheets(self.book) else "error-of-others"

    def _addresses(self, sheet: str) -> list[str]:
        try:
            return list(self.book.package.sheet(sheet).addresses())
        except Broken:  # a chart sheet has no cells
            return []


def _place(problem: str) -> tuple[str, str, str]:
    """Sheet, cell and message of a problem that begins with its cell."""
    where, _, what = problem.partition(" ")
    sheet, bang, cell = where.removesuffix(":").partition("!")
    return (sheet, cell, what) if bang else ("", "", problem)


def summed_up(findings: list[Finding]) -> Iterator[Finding]:
    """For a person: the first few of each kind on each sheet, and how many more there are."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.sheet), []).append(finding)
    for (rule, sheet), members in groups.items():
        yield from members[:MANY]
        if len(members) > MANY:
            yield Finding(rule, sheet, "", f"and {len(members) - MANY} more like these.")


def verdict(path: Path | str, findings: list[Finding]) -> str:
    """The last line of a report."""
    wrong = sum(finding.level != "note" for finding in findings)
    return f"{path}: {wrong} to look at." if wrong else f"{path}: clean."


def as_sarif(path: Path | str, findings: list[Finding]) -> dict[str, Any]:
    """The findings in the format of static analysis tools (SARIF 2.1.0), which build servers show."""
    rules = [{"id": rule, "shortDescription": {"text": text}} for rule, (_, text) in RULES.items()]
    results = [
        {
            "ruleId": finding.rule,
            "level": finding.level,
            "message": {"text": finding.message},
            "locations": [_location(Path(path).name, finding)],
        }
        for finding in findings
    ]
    driver = {"name": ENGINE, "version": VERSION, "rules": rules}
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return {"$schema": schema, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _location(file: str, finding: Finding) -> dict[str, Any]:
    """The file, and the sheet or cell where there is one."""
    where: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": file}}}
    if finding.sheet:
        name = f"{finding.sheet}!{finding.cell}" if finding.cell else finding.sheet
        where["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "cell" if finding.cell else "sheet"}]
    return where
