"""Install: what brings the functions into one's spreadsheet: files written, the installation checked, steps told."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from xl_econ.core.problems import Problems, stop_on
from xl_econ.functions import forms
from xl_econ.functions.extension import EXTENSION, extension
from xl_econ.functions.macro_book import BOOK, macro_book, quickstart
from xl_econ.workbook.save import save, stop_unless_writable


@dataclass
class Installation:
    """What was written, what was found and what is missing on this machine, and what is left to do."""

    written: list[Path] = field(default_factory=list[Path])
    found: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
    steps: list[str] = field(default_factory=list[str])


OLDEST = (3, 11)
"""The Python that this package needs."""


def usual() -> str:
    """What people on this system use."""
    return "windows" if sys.platform.startswith("win") else "lite"


def install(into: str, folder: Path, force: bool = False) -> Installation:
    """Writes the files for a spreadsheet into a folder, which is made if it is not there.

    Raises Problems where a file cannot be written or must not be, and where what it is made of is not there.
    """
    files, checks, steps = SPREADSHEETS[into]
    content = {folder / name: make() for name, make in files.items()}
    _stop_unless_all_writable(folder, content, force)
    told = [check() for check in checks]
    for path, made in content.items():
        save(path, made)
    return Installation(
        list(content),
        [line for good, line in told if good],
        [line for good, line in told if not good],
        [step.format(folder=folder) for step in steps],
    )


def _stop_unless_all_writable(folder: Path, content: Mapping[Path, bytes], force: bool) -> None:
    """Nothing is written where one file cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise Problems([f"{folder}: it is a file. Give the name of a folder."]) from None
    except OSError as error:
        raise Problems([f"{folder}: the folder cannot be made ({error.strerror}). Give another one."]) from None
    problems: list[str] = []
    for path in content:
        try:
            stop_unless_writable(path, force, (path.suffix,))
        except Problems as found:
            problems += found.problems
    stop_on(problems, Problems)


# --- what is checked ---

Check = Callable[[], tuple[bool, str]]
"""Whether it is there, and the line that tells so or what to do."""


def _module(name: str, advice: str) -> Check:
    def check() -> tuple[bool, str]:
        there = importlib.util.find_spec(name) is not None
        return there, name if there else f"{name}: {advice}"

    return check


def _on_windows() -> tuple[bool, str]:
    there = sys.platform.startswith("win")
    return (
        there,
        "Windows" if there else "Windows: classic xlwings computes functions there only. Elsewhere: --for lite",
    )


def _xlwings_addin() -> tuple[bool, str]:
    folder = Path(os.environ.get("APPDATA", "")) / "Microsoft" / "Excel" / "XLSTART"
    there = (folder / "xlwings.xlam").exists()
    return there, "xlwings' add-in for Excel" if there else "xlwings' add-in for Excel: xlwings addin install"


def _office() -> tuple[bool, str]:
    found = shutil.which("unopkg")
    return found is not None, found or "unopkg: install LibreOffice Calc, or add its folder `program` to the path"


def _office_python() -> tuple[bool, str]:
    """Whether a Python that knows LibreOffice has what we need, by asking each."""
    pythons = [python for python in _pythons_of_office() if _runs(python, "import uno")]
    for python in pythons:
        if _runs(python, f"import sys, numpy, pydantic; assert sys.version_info >= {OLDEST}"):
            return True, f"numpy and pydantic in {python}"
    version = ".".join(map(str, OLDEST))
    which = pythons[0] if pythons else "the Python of LibreOffice"
    return False, f"numpy and pydantic in {which}, which must be Python {version} or later: `pip install` them there"


def _runs(python: str, code: str) -> bool:
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def _pythons_of_office() -> Iterator[str]:
    unopkg = shutil.which("unopkg")
    program = Path(unopkg).resolve().parent if unopkg else Path()
    beside = [program / "python", program / "python.exe", program.parent / "Resources" / "python"]
    yield from (str(path) for path in beside if unopkg and path.exists())
    yield from (path for name in ("/usr/bin/python3", "python3") if (path := shutil.which(name)))


# --- the forms ---


def _macro_book() -> bytes:
    found = quickstart()
    if found is None:
        advice = 'pip install "xl-econ[excel]", then run this again'
        raise Problems([f"{BOOK}: xlwings is not installed, and the workbook takes its macros from there: {advice}."])
    return macro_book(found)


LITE: Mapping[str, Callable[[], bytes]] = {forms.MAIN: forms.lite_main, forms.REQUIREMENTS: forms.lite_requirements}
XLWINGS = _module("xlwings", 'pip install "xl-econ[excel]"')
CALL = 'Call =TTFT_MS(…) and the others; =WHY("TTFT_MS",…) tells what an error means.'
SPREADSHEETS: Mapping[str, tuple[Mapping[str, Callable[[], bytes]], tuple[Check, ...], tuple[str, ...]]] = {
    "windows": (
        {forms.VBA: forms.vba, BOOK: _macro_book},
        (_on_windows, XLWINGS, _module("win32com", "pip install pywin32"), _xlwings_addin),
        (
            f'Open "{{folder}}/{BOOK}" in Excel and enable macros; its sheet xlwings.conf names the module of UDFs.',
            f"In the VBA editor (Alt+F11): Tools > References > xlwings, then File > Import File > {forms.VBA}.",
            CALL,
        ),
    ),
    "lite": (
        LITE,
        (),
        (
            "In Excel: Add-ins > xlwings Lite (free, in the store).",
            f'Copy the lines of "{{folder}}/{forms.REQUIREMENTS}" into its tab {forms.REQUIREMENTS}.',
            f'Copy the import of "{{folder}}/{forms.MAIN}" into its tab {forms.MAIN}, and restart xlwings Lite.',
            CALL,
        ),
    ),
    "server": (
        LITE,
        (XLWINGS,),
        (
            f'Put the import of "{{folder}}/{forms.MAIN}" among the custom functions of your xlwings Server.',
            f'Add the lines of "{{folder}}/{forms.REQUIREMENTS}" to its requirements, and restart it.',
            "Where its manifest has a namespace, that stands before each name: =NAMESPACE.TTFT_MS(…).",
        ),
    ),
    "libreoffice": (
        {EXTENSION: extension},
        (_office, _office_python),
        (
            f'unopkg add -f "{{folder}}/{EXTENSION}"    (or Tools > Extensions > Add in Calc)',
            "Start LibreOffice again, and call =TTFT_MS(…) and the others: Function Wizard, category Add-in.",
        ),
    ),
}
