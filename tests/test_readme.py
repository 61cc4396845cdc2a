"""What the README shows is what happens."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import study_of

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_study_that_it_shows_is_valid() -> None:
    (shown,) = blocks("toml")
    found = evaluate(study_of(tomllib.loads(shown), "README.md"), ["kv_mb_per_token"]).scenarios
    assert found["8-bit cache"]["kv_mb_per_token"] == pytest.approx(found["Base"]["kv_mb_per_token"] / 2)


def test_the_python_that_it_shows_gives_the_result_that_it_shows() -> None:
    code = next(block for block in blocks("python") if "evaluate(" in block)
    *lines, shown = code.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines[:-1]), names)
    assert eval(lines[-1], names) == pytest.approx(ast.literal_eval(shown.removeprefix("# ")))


def test_the_formula_that_it_shows_is_the_models() -> None:
    (shown,) = (block for block in blocks("python") if "@derived" in block)
    source = (Path(__file__).parents[1] / "xl_econ" / "model" / "cost.py").read_text("utf-8")
    assert shown.strip().splitlines()[1:] == [line for line in shown.strip().splitlines()[1:] if line in source]


def test_the_files_that_it_names_exist() -> None:
    root = Path(__file__).parents[1]
    named = re.findall(r"\]\(([^)]+)\)|`((?:xl_econ|templates|tests)/[\w./*]+)`", README)
    paths = [one or other for one, other in named]
    assert [path for path in paths if "*" not in path and not (root / path).exists()] == []
