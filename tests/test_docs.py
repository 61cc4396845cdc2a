"""What the pages on workbooks and functions show is what happens."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from xl_econ.functions.cells import entries
from xl_econ.inputs.own_calibration import own_calibration_of
from xl_econ.inputs.study import study_of

DOCS = Path(__file__).parents[1] / "docs"


def blocks(language: str, page: str = "workbooks") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / f"{page}.md").read_text("utf-8"), re.DOTALL)


def test_its_python_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec("\n".join(blocks("python")), {})


def test_its_catalog_record_is_one() -> None:
    (shown,) = blocks("toml")
    study = study_of(tomllib.loads(shown) | {"scenarios": {"Base": {}}}, "workbooks.md")
    assert study.catalog == {"accelerators": {"h100-sxm": {"rent_usd_per_h": 2.1}}}


def test_its_calibration_is_one() -> None:
    (shown,) = blocks("toml", "calibrate")
    assert own_calibration_of(tomllib.loads(shown), "calibrate.md").time_factor == 1.12


def test_the_calls_of_functions_give_what_is_shown_below_them() -> None:
    names: dict[str, object] = {}
    lines = "\n".join(blocks("python", "functions")).splitlines()
    shown = {place: line.removeprefix("# ") for place, line in enumerate(lines) if line.startswith("# ")}
    assert shown
    for place, line in enumerate(lines):
        if place + 1 in shown:
            assert repr(eval(line, names)) == shown[place + 1]
        else:
            exec(line, names)


def test_each_function_in_a_cell_that_is_shown_exists() -> None:
    named = set(re.findall(r"LLM\.(\w+)\(", "\n".join(blocks("", "functions"))))
    assert named and named <= set(entries())
