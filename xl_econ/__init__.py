"""xl_econ: the economics of serving an LLM, in Python and in Excel, from one definition.

    from xl_econ import evaluate, preset
    evaluate(preset("article-405b")).scenarios["Base"]["ttft_ms"]

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xl_econ.version import VERSION as __version__

if TYPE_CHECKING:
    from xl_econ.inputs.results import Results, evaluate
    from xl_econ.inputs.scenario import Scenario
    from xl_econ.inputs.study import Study, load_study, preset
    from xl_econ.workbook.check import Finding, check_workbook
    from xl_econ.workbook.fill import new_workbook
    from xl_econ.workbook.read import read_workbook
    from xl_econ.workbook.refresh import Receipt, refresh_workbook

_ROOMS = {
    "Results": "inputs.results",
    "evaluate": "inputs.results",
    "Scenario": "inputs.scenario",
    "Study": "inputs.study",
    "load_study": "inputs.study",
    "preset": "inputs.study",
    "new_workbook": "workbook.fill",
    "read_workbook": "workbook.read",
    "Receipt": "workbook.refresh",
    "refresh_workbook": "workbook.refresh",
    "Finding": "workbook.check",
    "check_workbook": "workbook.check",
}

__all__ = [
    "Finding",
    "Receipt",
    "Results",
    "Scenario",
    "Study",
    "__version__",
    "check_workbook",
    "evaluate",
    "load_study",
    "new_workbook",
    "preset",
    "read_workbook",
    "refresh_workbook",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module xl_econ has no attribute {name!r}")
    return getattr(import_module(f"xl_econ.{_ROOMS[name]}"), name)
