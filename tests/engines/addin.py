"""An extension put into a LibreOffice of its own, and its functions called there."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines.office import run_in_office, run_to_end, uno_python

SCRIPT = Path(__file__).with_name("uno_addin.py")
UNOPKG = shutil.which("unopkg")
NO_ADDIN = "no LibreOffice whose Python is of our version: the extension is NOT tested"
Block = tuple[str, int, int]
"""A formula, and over how many rows and columns it stands."""


@functools.cache
def can_add_in() -> bool:
    """LibreOffice is there, and its Python takes the packages that ours has."""
    python = uno_python()
    if python is None or UNOPKG is None:
        return False
    ask = [python, "-c", "import sys; print(*sys.version_info[:2])"]
    printed = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    return printed.split() == [str(part) for part in sys.version_info[:2]]


def called_in_libreoffice(
    extension: bytes, column: Sequence[float | None], blocks: Sequence[Block], timeout: float = 300
) -> list[list[list[Any]]]:
    """What each formula shows; the column stands in U. The extension goes where all users' would, but in a folder of
    its own: `unopkg` puts nothing in for root alone."""

    def put_in(work: Path, profile: str) -> list[str]:
        (work / "functions.oxt").write_bytes(extension)
        (work / "shared").mkdir()
        shared = f"-env:UNO_SHARED_PACKAGES={(work / 'shared').as_uri()}"
        cache = f"-env:UNO_SHARED_PACKAGES_CACHE={(work / 'shared' / 'cache').as_uri()}"
        put_in = [str(UNOPKG), "add", "--shared", str(work / "functions.oxt"), profile, shared, cache]
        run_to_end(put_in, timeout, _environment())
        return [shared, cache]

    return run_in_office(SCRIPT, {"column": column, "blocks": blocks}, timeout, put_in, _environment())


def _environment() -> dict[str, str]:
    """numpy and pydantic from our environment, xl_econ from the extension; and no other Python on the path, since
    LibreOffice would take a virtual environment's standard library for its own."""
    return {"PATH": os.defpath, "HOME": str(Path.home()), "PYTHONPATH": sysconfig.get_paths()["purelib"]}
