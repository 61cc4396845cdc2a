"""The functions in LibreOffice Calc: the extension put in, every function called in a real spreadsheet."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from engines.addin import NO_ADDIN, Block, called_in_libreoffice, can_add_in
from engines.files import same_value
from test_functions import drawn

from xl_econ.core.spell import START, quoted
from xl_econ.functions.cells import entries
from xl_econ.functions.examples import example
from xl_econ.functions.extension import extension
from xl_econ.functions.registry import FUNCTIONS, registry
from xl_econ.functions.tables import TABLES

pytestmark = pytest.mark.skipif(not can_add_in(), reason=NO_ADDIN)

COLUMN = [1.0, 8.0, None, -3.0, 64.0]
IN_COLUMN = "$U$1:$U$5"
SETS = 3


def told(arguments: list[Any]) -> str:
    return ";".join(
        value if value == IN_COLUMN else quoted(value) if isinstance(value, str) else repr(value) for value in arguments
    )


def cases() -> dict[str, tuple[str, list[Any]]]:
    """Each function with random arguments, each that ends in a number on a column, the tables, and what goes wrong."""
    found: dict[str, tuple[str, list[Any]]] = {}
    for function in FUNCTIONS:
        random = Random(function.name)
        for place in range(SETS):
            found[f"{function.name} {place}"] = (function.name, [drawn(arg, random) for arg in function.args])
        if not function.args[-1].is_text:
            found[f"{function.name} column"] = (function.name, [*example(function)[:-1], IN_COLUMN])
    for table in TABLES:
        found[table.name] = (table.name, example(registry()["USD_PER_M_OUTPUT"]))
    ttft = example(registry()["TTFT_MS"])[:-1]
    return found | {
        "a text for a number": ("TTFT_MS", [*ttft, "many"]),
        "why": ("WHY", ["ttft_ms", *ttft, -1]),
        "why of a column": ("WHY", ["TTFT_MS", *ttft, IN_COLUMN]),
        "why of nothing": ("WHY", ["TTFT", 1]),
    }


CASES = cases()

ON_ITS_OWN: dict[str, tuple[str, Any]] = {
    "a blank cell alone is a zero": ("AA1", "#NUM!"),
    "an error alone stays as it is": ("NA()", "#N/A"),
    "a truth value is a one": ("TRUE()", 1),
}
"""What Calc does before it asks: the last argument, and what is shown (docs/which.md says so)."""


def by_python(name: str, arguments: list[Any]) -> list[list[Any]]:
    cells = [[[value] for value in COLUMN] if value == IN_COLUMN else value for value in arguments]
    return entries()[name].work(*cells)


@pytest.fixture(scope="module")
def shown() -> dict[str, list[list[Any]]]:
    blocks: list[Block] = []
    for name, arguments in CASES.values():
        rows = by_python(name, arguments)
        blocks.append((f"{START}{name}({told(arguments)})", len(rows), len(rows[0])))
    ttft = told(example(registry()["TTFT_MS"])[:-1])
    blocks += [(f"{START}TTFT_MS({ttft};{last})", 1, 1) for last, _ in ON_ITS_OWN.values()]
    return dict(zip([*CASES, *ON_ITS_OWN], called_in_libreoffice(extension(), COLUMN, blocks), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_calc_shows_what_python_gives(case: str, shown: dict[str, list[list[Any]]]) -> None:
    """Numbers to the last digits, texts, and errors as Calc's own."""
    expected = by_python(*CASES[case])
    pairs = [pair for row, cells in zip(expected, shown[case], strict=True) for pair in zip(row, cells, strict=True)]
    assert all(same_value(value, cell, 1e-12) for value, cell in pairs), (expected, shown[case])


@pytest.mark.parametrize("case", ON_ITS_OWN)
def test_calc_has_ways_of_its_own(case: str, shown: dict[str, list[list[Any]]]) -> None:
    _, expected = ON_ITS_OWN[case]
    if expected == 1:
        expected = by_python("TTFT_MS", [*example(registry()["TTFT_MS"])[:-1], 1])[0][0]
    assert same_value(expected, shown[case][0][0], 1e-12)
