"""The VBA for classic xlwings, compiled and run by LibreOffice; Python's side is played by a class of VBA.

LibreOffice takes some of what Excel refuses: what is known of that, `test_install.py` looks for in the text.
"""

from __future__ import annotations

from typing import Any

import engines
import pytest
from engines.vba import CLASS, MODULE, called_in_vba

from xl_econ.functions.forms import vba

pytestmark = pytest.mark.skipif(engines.uno_python() is None, reason=engines.NO_UNO)

XLPY = """
Public Function XLPy() As Object
    Set XLPy = New Python
End Function
"""
PYTHON = """
Public Function CallUDF(module, called, arguments, book, caller)
    Dim rows(1, 0) As Variant, row(1) As Variant
    Select Case arguments(0)
        Case "a number": CallUDF = 42
        Case "an error": CallUDF = "#NUM!"
        Case "rows"
            rows(0, 0) = 1.5
            rows(1, 0) = "#VALUE!"
            CallUDF = rows
        Case "a row"
            row(0) = 2.5
            row(1) = "#NUM!"
            CallUDF = row
        Case "broken": Err.Raise 1000, , "no Python found"
        Case Else: CallUDF = module & " " & called & " " & UBound(arguments) & " " & arguments(UBound(arguments))
    End Select
End Function
"""
CASES: dict[str, tuple[str, str, Any]] = {
    "a number as it is": ('WEIGHTS_GB("a number", "fp8")', "x", 42),
    "an error of Excel": ('WEIGHTS_GB("an error", "fp8")', "IsError(x)", True),
    "a number among rows": ('WEIGHTS_GB("rows", "fp8")', "x(0, 0)", 1.5),
    "an error among rows": ('WEIGHTS_GB("rows", "fp8")', "IsError(x(1, 0))", True),
    "a number in a row": ('WEIGHTS_GB("a row", "fp8")', "x(0)", 2.5),
    "an error in a row": ('WEIGHTS_GB("a row", "fp8")', "IsError(x(1))", True),
    "a Python that is not there": ('WEIGHTS_GB("broken", "fp8")', "x", "xl_econ: no Python found"),
    "what is asked": ('WEIGHTS_GB("llama", "fp8")', "x", "xl_econ.functions.xlwings_udfs WEIGHTS_GB 1 fp8"),
    "as many arguments as told": ('WHY("TTFT_MS", "a", 5)', "x", "xl_econ.functions.xlwings_udfs WHY 2 5"),
}
"""A call, what is shown of its result x, and what that is."""


@pytest.fixture(scope="module")
def found() -> list[Any]:
    tests = "".join(
        f"Public Function Case{place}() As Variant\nx = {call}\nCase{place} = {shown}\nEnd Function\n"
        for place, (call, shown, _) in enumerate(CASES.values())
    )
    source = vba().decode("cp1252").replace("\r\n", "\n").partition("\n")[2]
    modules = {"xl_econ": MODULE + source, "Python": CLASS + PYTHON, "Calls": MODULE + XLPY + tests}
    names = [f"Calls.Case{place}" for place in range(len(CASES))]
    told = called_in_vba(modules, names)
    return [told[name] for name in names]


@pytest.mark.parametrize("case", CASES)
def test_excel_gets(case: str, found: list[Any]) -> None:
    assert found[[*CASES].index(case)] == CASES[case][2]
