"""Fixtures that several files share."""

from __future__ import annotations

from pathlib import Path

import pytest

from xl_econ import new_workbook, preset


@pytest.fixture(scope="session")
def core_workbook() -> bytes:
    """The standard study without the article's sheets, which take half of the time."""
    return new_workbook(preset("standard"), full=False)


@pytest.fixture
def core_path(core_workbook: bytes, tmp_path: Path) -> Path:
    """A file of it to do harm to."""
    path = tmp_path / "deal.xlsx"
    path.write_bytes(core_workbook)
    return path
