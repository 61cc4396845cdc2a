"""Complaints about formulas, with line numbers: what a trace would refuse or silently get wrong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from xl_econ.core.expr import REFUSED, STRUCTURAL_NUMBERS
from xl_econ.core.spell import SPELLINGS

ADVICE: dict[type[ast.AST], str] = {
    ast.FloorDiv: REFUSED[np.floor_divide],
    ast.Mod: REFUSED[np.remainder],
    ast.Eq: REFUSED[np.equal],
    ast.NotEq: REFUSED[np.not_equal],
    ast.IfExp: "if/else is decided once, while tracing; use np.where",
    ast.If: "if/else is decided once, while tracing; use np.where",
    ast.BoolOp: "and/or need a truth value; use np.logical_and and np.logical_or",
    ast.Not: "not needs a truth value; use np.logical_not",
    ast.For: "a loop cannot become a cell; write a quantity along an axis",
    ast.While: "a loop cannot become a cell; write a closed form",
}
KNOWN = {op.__name__ for op in SPELLINGS}
NUMPY_NAMES = KNOWN | {"abs"}


def lint(path: Path) -> list[str]:
    """Problems of the formulas (functions under `@derived`) in a file, as "file:line: function: why"."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        f"{path.name}:{line}: {function.name}: {why}"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and _is_formula(function)
        for line, why in sorted(_problems(function))
    ]


def _is_formula(function: ast.FunctionDef) -> bool:
    decorators = [d.func if isinstance(d, ast.Call) else d for d in function.decorator_list]
    return any(isinstance(d, ast.Name) and d.id == "derived" for d in decorators)


def _problems(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    for statement in function.body:
        for node in ast.walk(statement):
            line = getattr(node, "lineno", statement.lineno)
            yield from ((line, why) for why in _complaints(node))


def _complaints(node: ast.AST) -> Iterator[str]:
    if type(node) in ADVICE:
        yield ADVICE[type(node)]
    if isinstance(node, ast.BinOp | ast.UnaryOp) and type(node.op) in ADVICE:
        yield ADVICE[type(node.op)]
    if isinstance(node, ast.BoolOp):
        return
    if isinstance(node, ast.Compare):
        yield from (ADVICE[type(op)] for op in node.ops if type(op) in ADVICE)
        if len(node.ops) > 1:
            yield "a<b<c compares a truth value in Excel; use np.logical_and"
    if isinstance(node, ast.Constant):
        yield from _number_problem(node.value)
    if isinstance(node, ast.Call):
        yield from _call_problem(node.func)


def _number_problem(value: object) -> Iterator[str]:
    if isinstance(value, int | float) and value not in STRUCTURAL_NUMBERS:
        yield f"the number {value} has no source; declare it as a given and take it as a parameter"


def _call_problem(function: ast.expr) -> Iterator[str]:
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        module, name = function.value.id, function.attr
        if module == "np" and name not in NUMPY_NAMES:
            yield f"np.{name} has no spelling; use one of {', '.join(sorted(KNOWN))}, or add it to core/spell.py"
        if module == "math":
            yield f"math.{name} works on one number only; use np.{name}"
