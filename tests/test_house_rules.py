"""House rules: rooms, sizes, directions, addresses and formulas in their places, generated pages fresh."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import xl_econ
from xl_econ.core.expr import Call, walk
from xl_econ.core.lint import lint
from xl_econ.explain import quantities_page
from xl_econ.model import HEADLINES, model_graph
from xl_econ.model.sources import ALL as FORMULA_SOURCES

PACKAGE = Path(xl_econ.__file__).parent
PROJECT = Path(__file__).parents[1]
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = ("core", "model", "catalog", "inputs", "calibration", "functions", "workbook")
"""Imports go leftward along these; the command and its helpers at the top may use all."""
MOST_LINES = 400
MOST_STATEMENTS = 22
ADDRESS = re.compile(r"\$?[A-Z]{1,2}\$?[1-9][0-9]*(:\$?[A-Z]{1,2}\$?[1-9][0-9]*)?|[A-Z][a-z]+!\$?[A-Z]+\$?[0-9]+")


def room(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first if first in ROOMS else "top"


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Each string literal of a file that is no docstring, with its line."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_room_is_too_large(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_functions_are_small(path: Path) -> None:
    functions = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.FunctionDef)]
    sizes = {f.name: sum(isinstance(node, ast.stmt) for node in ast.walk(f)) - 1 for f in functions}
    assert {name: size for name, size in sizes.items() if size > MOST_STATEMENTS} == {}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_only_leftward(path: Path) -> None:
    own = room(path)
    if own == "top":
        return
    imported = re.findall(r"^\s*(?:from|import) xl_econ\.(\w+)", path.read_text("utf-8"), re.MULTILINE)
    assert [name for name in imported if name in ROOMS and ROOMS.index(name) > ROOMS.index(own)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_excel_formula_is_typed_by_hand(path: Path) -> None:
    """Only the spelling table knows the sign that starts a formula."""
    if path.name != "spell.py":
        assert [(line, text) for line, text in strings(path) if text.startswith("=") and text not in ("==",)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_outside_the_workbook_room_knows_a_cell_address(path: Path) -> None:
    if room(path) != "workbook":
        assert [(line, text) for line, text in strings(path) if ADDRESS.fullmatch(text)] == []


@pytest.mark.parametrize("path", sorted((PACKAGE / "model").glob("*.py")), ids=lambda path: path.name)
def test_formulas_are_lint_clean(path: Path) -> None:
    assert lint(path) == []


def test_formula_sources_are_in_the_catalog() -> None:
    from xl_econ.catalog.load import load_catalog

    assert set(FORMULA_SOURCES) <= set(load_catalog().sources)


def test_every_headline_is_a_quantity() -> None:
    assert set(HEADLINES) <= set(model_graph().by_name)


def test_no_formula_is_too_deep_to_read() -> None:
    """A formula that needs a named intermediate is two quantities."""
    sizes = {name: sum(isinstance(node, Call) for node in walk(tree)) for name, tree in model_graph().trees.items()}
    assert {name: size for name, size in sizes.items() if size > 24} == {}


def test_the_page_of_quantities_is_fresh() -> None:
    """After a change of the model: `python -m xl_econ.explain`."""
    assert (PROJECT / "docs" / "quantities.md").read_text("utf-8") == quantities_page()


def test_importing_the_package_loads_no_room() -> None:
    import subprocess
    import sys

    code = "import sys, xl_econ; print([m for m in sys.modules if m.startswith('xl_econ.') or m == 'numpy'])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "['xl_econ.version']"


def test_the_public_face_is_complete() -> None:
    assert all(getattr(xl_econ, name) is not None for name in xl_econ.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = xl_econ.nothing
