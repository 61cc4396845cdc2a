"""Blank: what a template of a shape holds, whatever study fills it: its formulas, and the cells that get an anchor."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from xl_econ.inputs.scenario import Scenario
from xl_econ.inputs.study import STANDARD, Study, preset
from xl_econ.model import MONTH_COUNT
from xl_econ.workbook.columns import columns_of
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.page import Formula, Page, Scalar
from xl_econ.workbook.pens import ValuePen
from xl_econ.workbook.sheet_xml import letters
from xl_econ.workbook.sheets import sheet_names, write_sheet

Spot = tuple[str, str]
"""A sheet and an address."""
REFERENCE = re.compile(
    r"""("(?:[^"]|"")*")"""
    r"""|((?:'(?:[^']|'')+'|[A-Za-z_][\w.]*)!)?(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7})"""
    r"""(?::(\$?)([A-Z]{1,3})(\$?)([0-9]{1,7}))?(?![\w(.!])"""
)
"""A text, which is passed over; or a cell or range, with its sheet if it names one."""


class Shape(NamedTuple):
    """What decides a workbook's layout."""

    scenarios: int
    full: bool
    months: int = MONTH_COUNT


def template_study(scenarios: int, months: int = MONTH_COUNT) -> Study:
    """The standard study with as many scenarios, its own first, then ones that only inherit; and as many months."""
    study = preset(STANDARD)
    own = dict(list(study.scenarios.items())[:scenarios])
    more = {f"Scenario {place}": Scenario() for place in range(len(own) + 1, scenarios + 1)}
    return study.model_copy(update={"scenarios": own | more, "months": months})


@dataclass
class FormulaPen(ValuePen):
    """Notes the formula of each computed cell, and of each that follows another; and the cells that are stamped."""

    formulas: dict[str, str] = field(default_factory=dict[str, str])
    follows: dict[str, str] = field(default_factory=dict[str, str])
    stamps: set[str] = field(default_factory=set[str])

    def stamped(self, row: int, column: int, value: Scalar, role: str, unit: str | None) -> None:
        self.stamps.add(f"{letters(column + 1)}{row + 1}")

    def formula(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        super().formula(row, column, formula, value, role, unit)
        self.formulas[f"{letters(column + 1)}{row + 1}"] = formula()

    def inherited(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        super().inherited(row, column, formula, value, role, unit)
        self.follows[f"{letters(column + 1)}{row + 1}"] = formula()


@functools.cache
def _pens(shape: Shape) -> dict[str, FormulaPen]:
    study, layout = template_study(shape.scenarios, shape.months), layout_for(*shape)
    columns, pens = columns_of(study, shape.full), dict[str, FormulaPen]()
    for sheet in sheet_names(shape.full):
        pens[sheet] = FormulaPen()
        write_sheet(Page(sheet, pens[sheet], layout, columns, study))
    return pens


def template_formulas(shape: Shape) -> dict[Spot, str]:
    """The formula of each computed cell of a template."""
    return {(sheet, address): text for sheet, pen in _pens(shape).items() for address, text in pen.formulas.items()}


@functools.cache
def held_cells(shape: Shape) -> dict[str, set[str]]:
    """The cells to keep hold of, by sheet: what a study fills, and whatever a formula refers to."""
    held = {sheet: set(pen.cells) | pen.stamps for sheet, pen in _pens(shape).items()}
    for sheet, pen in _pens(shape).items():
        for text in (*pen.formulas.values(), *pen.follows.values()):
            for there, address in references(text, sheet):
                held[there].add(address)
    return held


def references(formula: str, sheet: str) -> list[Spot]:
    """The cells that a formula names, of a range its two ends."""
    found: list[Spot] = []
    for each in REFERENCE.finditer(formula):
        if each[4]:
            there = each[2][:-1].strip("'") if each[2] else sheet
            found.append((there, each[4] + each[6]))
            found += [(there, each[8] + each[10])] if each[8] else []
    return found
