"""The lint of formulas: each construct that a trace would refuse, or silently get wrong, with its file and line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import xl_econ.model
from xl_econ.core.lint import lint

MODEL = sorted(Path(xl_econ.model.__file__).parent.glob("*.py"))
HEAD = """import math
import numpy as np
from xl_econ.core.quantity import derived

@derived("1", "Answer", source="test")
def answer(a, b):
"""
FIRST = HEAD.count("\n") + 1
"""The line at which the body starts."""


@dataclass(frozen=True)
class Case:
    """A body of a formula, the lines with a problem, counted from 1, and what the complaint says."""

    body: str
    lines: list[int]
    says: str


CASES = [
    Case("return a // b", [1], "// differs between Python and Excel.*use ceil_whole"),
    Case("a //= b\nreturn a", [1], "use ceil_whole"),
    Case("return a % b", [1], "% of a negative number differs"),
    Case("return a == b", [1], "== on floats differs.*comparison with <"),
    Case("return a != b", [1], "!= on floats differs.*comparison with <"),
    Case("return 0 < a < b", [1], "a<b<c compares a truth value.*np.logical_and"),
    Case("return a if b > 0 else 0", [1], "decided once, while tracing; use np.where"),
    Case("if a > b:\n    return a\nreturn b", [1], "decided once, while tracing; use np.where"),
    Case("return np.where(a > 0 and b > 0, a, b)", [1], "and/or need a truth value.*np.logical_and"),
    Case("return np.where(a > 0 or b > 0, a, b)", [1], "and/or need a truth value.*np.logical_or"),
    Case("return np.where(not a, a, b)", [1], "use np.logical_not"),
    Case("for _ in range(2):\n    a = a + b\nreturn a", [1], "a loop cannot become a cell.*along an axis"),
    Case("while a > b:\n    a = a - b\nreturn a", [1], "a loop cannot become a cell.*closed form"),
    Case("return 3 * a", [1], "the number 3 has no source; declare it as a given"),
    Case("return a * 1e6", [1], "the number 1000000.0 has no source"),
    Case("return a**0.5", [1], "the number 0.5 has no source"),
    Case("return np.where(a > 0, a, -3600)", [1], "the number 3600 has no source"),
    Case("return np.round(a)", [1], "np.round has no spelling; use one of .*core/spell.py"),
    Case("return np.ceil(a)", [1], "np.ceil has no spelling"),
    Case("return np.floor(a)", [1], "np.floor has no spelling"),
    Case("return np.sum(a)", [1], "np.sum has no spelling"),
    Case("return math.sqrt(a)", [1], "math.sqrt works on one number only; use np.sqrt"),
    Case("c = a + b\n\nreturn c * 7", [3], "the number 7 has no source"),
    Case("c = np.maximum(\n    a,\n    9,\n)\nreturn c", [3], "the number 9 has no source"),
    Case("c = 3 * a\nd = b % c\nreturn np.floor(d)", [1, 2, 3], "has no source|differs|has no spelling"),
]


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "theme.py"
    path.write_text(text, encoding="utf-8")
    return path


def in_formula(body: str) -> str:
    return HEAD + "".join(f"    {line}\n" for line in body.split("\n"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.body)
def test_each_forbidden_construct_is_found_at_its_line(tmp_path: Path, case: Case) -> None:
    found = lint(written(tmp_path, in_formula(case.body)))
    places = [re.match(r"theme\.py:(\d+): answer: (.+)", line) for line in found]
    assert all(place and re.search(case.says, place[2]) for place in places), found
    assert sorted({int(place[1]) - FIRST + 1 for place in places if place}) == case.lines


OPERATORS = ["return a // b", "return a % b", "return a == b", "return a != b", "return np.where(not a, a, b)"]


@pytest.mark.parametrize("body", OPERATORS)
def test_a_problem_is_told_once(tmp_path: Path, body: str) -> None:
    assert len(lint(written(tmp_path, in_formula(body)))) == 1


def test_an_operator_on_a_line_of_its_own_is_told_at_one_place(tmp_path: Path) -> None:
    assert len(lint(written(tmp_path, in_formula("return (\n    a\n    + a % b\n)")))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "return 2 * a + 1 - 0",
        "return np.where(np.logical_and(a > 0, b < 1), np.minimum(a, b), -a)",
        '"""In words, with 3600 and a % sign."""\nreturn abs(a) ** 2',
        "c = np.log2(a) / np.log(b)\nreturn c",
        'return join("3 texts", fixed(a, 2))',
    ],
)
def test_plain_numpy_formulas_are_clean(tmp_path: Path, body: str) -> None:
    assert lint(written(tmp_path, in_formula(body))) == []


def test_only_formulas_are_looked_at(tmp_path: Path) -> None:
    helper = "def helper(a):\n    return round(a % 7)\n"
    assert lint(written(tmp_path, helper)) == []


def test_every_formula_of_a_file_is_looked_at(tmp_path: Path) -> None:
    second = '\n@derived("1", "Second", source="test")\ndef second(a):\n    return a % 5\n'
    names = {line.split(": ")[1] for line in lint(written(tmp_path, in_formula("return 3 * a") + second))}
    assert names == {"answer", "second"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(in_formula("return np.choose(a, (b, b))"), id="np.choose counts from 0: it is not our choose"),
        pytest.param(in_formula("return round(a)"), id="round() raises a bare TypeError while tracing"),
        pytest.param(in_formula("return [a for _ in range(2)][0]"), id="a comprehension is a loop"),
        pytest.param(in_formula("return np.linalg.norm(a)"), id="a function of a part of numpy"),
        pytest.param(in_formula("return 3 * a").replace("@derived", "@quantity.derived"), id="derived by another way"),
    ],
)
def test_what_hides_from_a_simple_search_is_found_too(tmp_path: Path, text: str) -> None:
    assert lint(written(tmp_path, text)) != []


@pytest.mark.parametrize("path", MODEL, ids=lambda path: path.name)
def test_the_model_is_lint_clean(path: Path) -> None:
    assert lint(path) == []
