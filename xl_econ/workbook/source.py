"""Source: a study from whatever a person names: a preset, a study file or a workbook."""

from __future__ import annotations

from pathlib import Path

from xl_econ.inputs.study import Study, load_study, preset, presets
from xl_econ.workbook.live import is_live
from xl_econ.workbook.read import read_workbook

PACKAGE = b"PK\x03\x04"
WORKBOOKS = (".xlsx", ".xlsm")


def is_workbook(source: str) -> bool:
    """Whether a name is that of a workbook."""
    if source in presets():
        return False
    return Path(source).suffix.lower() in WORKBOOKS or is_live(source) or _is_package(Path(source))


def _is_package(path: Path) -> bool:
    """By its first bytes, whatever it is called."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(PACKAGE)) == PACKAGE


def study_from(source: str) -> Study:
    """Raises StudyError or WorkbookError with every problem."""
    if source in presets():
        return preset(source)
    path = Path(source)
    if is_workbook(source):
        return read_workbook(path)
    return load_study(path) if path.suffix or path.exists() else preset(source)
