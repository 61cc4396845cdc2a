"""Expected: the formula that each of our cells should hold, in a workbook that people have edited."""

from __future__ import annotations

import re

from xl_econ.core.spell import START
from xl_econ.workbook.blank import Shape, Spot, template_formulas
from xl_econ.workbook.located import Located

TEXTS = re.compile(r'("(?:[^"]|"")*")')
SPELLING = re.compile(r"[$' ]|_xlfn\.")
"""What programs write differently when they save a formula, without a change of meaning."""


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
