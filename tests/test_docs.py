"""What the page on workbooks shows is what happens."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from xl_econ.inputs.study import study_of

PAGE = (Path(__file__).parents[1] / "docs" / "workbooks.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_its_python_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec("\n".join(blocks("python")), {})


def test_its_catalog_record_is_one() -> None:
    (shown,) = blocks("toml")
    study = study_of(tomllib.loads(shown) | {"scenarios": {"Base": {}}}, "workbooks.md")
    assert study.catalog == {"accelerators": {"h100-sxm": {"rent_usd_per_h": 2.1}}}
