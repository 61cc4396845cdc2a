"""Forms: the files that bring the functions into Excel, made from the list of entries and `templates/udf`.

Classic xlwings takes a module of VBA, xlwings Lite and Server a `main.py` with its requirements.
"""

from __future__ import annotations

from collections.abc import Iterator

from xl_econ.core.shipped import shipped
from xl_econ.functions.cells import entries
from xl_econ.version import VERSION

VBA, MAIN, REQUIREMENTS = "xl_econ.bas", "main.py", "requirements.txt"
VBA_ENCODING = "cp1252"


def template_of(name: str) -> str:
    """The text of a file of `templates/udf`."""
    return (shipped("udf") / name).read_text("utf-8")


def lite_main() -> bytes:
    """The module that xlwings Lite and Server read."""
    return template_of(MAIN).encode()


def lite_requirements() -> bytes:
    """What xlwings Lite has to install."""
    return template_of(REQUIREMENTS).replace("{version}", VERSION).encode()


def vba() -> bytes:
    """The functions as VBA that asks classic xlwings, and their help for the function wizard."""
    text = template_of(VBA).replace("{version}", VERSION)
    for mark, lines in (("{registrations}", _registrations()), ("{functions}", _vba_functions())):
        text = text.replace(mark, "\n".join(lines))
    return text.replace("\n", "\r\n").encode(VBA_ENCODING, "replace")


def _vba_functions() -> Iterator[str]:
    for entry in entries().values():
        names = [name for name, _ in entry.arguments]
        told = f"Array({', '.join(names)})"
        if entry.repeats:
            told, names[-1] = f"Listed({names[0]}, told)", f"ParamArray {names[-1]}()"
        yield f"Public Function {entry.name}({', '.join(f'{name} As Variant' for name in names)}) As Variant"
        if entry.repeats:  # VBA hands no ParamArray over to another procedure
            yield f"    Dim told As Variant\n    told = {entry.arguments[-1][0]}"
        yield f'    {entry.name} = Asked("{entry.name}", {told})'
        yield "End Function\n"


def _registrations() -> Iterator[str]:
    """Each in several lines: VBA takes no more than 1,023 characters in one."""
    yield "    Dim helps() As String"
    for entry in entries().values():
        yield f"    ReDim helps(0 To {len(entry.arguments) - 1})"
        for place, (_, help) in enumerate(entry.arguments):
            yield f"    helps({place}) = {_vba_text(help)}"
        yield f"    Application.MacroOptions Macro:={_vba_text(entry.name)}, Description:={_vba_text(entry.help)}, _"
        yield '        Category:="xl_econ", ArgumentDescriptions:=helps'


def _vba_text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
