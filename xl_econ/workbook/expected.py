"""Expected: the formula that each of our cells should hold, in a workbook that people have edited."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field

from xl_econ.core.spell import START
from xl_econ.workbook.columns import columns_of
from xl_econ.workbook.fill import ValuePen
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.located import Located, Spot
from xl_econ.workbook.page import Formula, Page, Scalar
from xl_econ.workbook.shape import Shape
from xl_econ.workbook.sheet_xml import letters
from xl_econ.workbook.sheets import sheet_names, write_sheet
from xl_econ.workbook.template import template_study

TEXTS = re.compile(r'("(?:[^"]|"")*")')
SPELLING = re.compile(r"[$' ]|_xlfn\.")
"""What programs write differently when they save a formula, without a change of meaning."""


@dataclass
class FormulaPen(ValuePen):
    """Notes the formula of each computed cell."""

    formulas: dict[str, str] = field(default_factory=dict[str, str])

    def formula(self, row: int, column: int, formula: Formula, value: Scalar, role: str, unit: str | None) -> None:
        self.formulas[f"{letters(column + 1)}{row + 1}"] = formula()


@functools.cache
def template_formulas(shape: Shape) -> dict[Spot, str]:
    """The formula of each computed cell of a template."""
    study, layout = template_study(shape.scenarios), layout_for(shape.scenarios, shape.full)
    columns, found = columns_of(study, shape.full), dict[Spot, str]()
    for sheet in sheet_names(shape.full):
        pen = FormulaPen()
        write_sheet(Page(sheet, pen, layout, columns, study))
        found |= {(sheet, address): formula for address, formula in pen.formulas.items()}
    return found


def expected_formulas(located: Located, shape: Shape) -> dict[Spot, str]:
    """The formula of each computed cell where it stands today, as it reads today."""
    return {
        now: located.formula(formula, spot[0])
        for spot, formula in template_formulas(shape).items()
        if (now := located.spots.get(spot))
    }


def spelled_alike(one: str, other: str) -> bool:
    """Whether two formulas say the same, but for what programs spell in their own way."""
    return one == other or _plain(one) == _plain(other)


def _plain(formula: str) -> str:
    pieces = TEXTS.split(formula.removeprefix(START))
    return "".join(piece if place % 2 else SPELLING.sub("", piece).casefold() for place, piece in enumerate(pieces))
