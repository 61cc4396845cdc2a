"""Modules of VBA compiled and run by LibreOffice, which knows most of that language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engines.office import run_in_office

SCRIPT = Path(__file__).with_name("uno_vba.py")
MODULE = "Rem Attribute VBA_ModuleType=VBAModule\nOption VBASupport 1\n"
CLASS = "Rem Attribute VBA_ModuleType=VBAClassModule\nOption VBASupport 1\nOption ClassModule\n"


def called_in_vba(modules: Mapping[str, str], calls: Sequence[str], timeout: float = 120) -> dict[str, Any]:
    """What functions without arguments give, named Module.Function."""
    return run_in_office(SCRIPT, {"modules": modules, "calls": calls}, timeout)
