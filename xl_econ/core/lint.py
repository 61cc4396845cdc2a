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
    ast.ListComp: "a loop cannot become a cell; write a quantity along an axis",
    ast.GeneratorExp: "a loop cannot become a cell; write a quantity along an axis",
    ast.For: "a loop cannot become a cell; write a quantity along an axis",
    ast.While: "a loop cannot become a cell; write a closed form",
}
KNOWN = {op.__name__ for op in SPELLINGS if op.__module__.startswith("numpy") or isinstance(op, np.ufunc)} | {"abs"}
BUILT_IN = {"round", "int", "float", "sum", "min", "max", "len", "pow", "divmod", "sorted"}
OPERATORS = (ast.operator, ast.unaryop, ast.cmpop)


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
    names = [d.id if isinstance(d, ast.Name) else getattr(d, "attr", "") for d in decorators]
    return "derived" in names


def _problems(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    for statement in function.body:
        for node in ast.walk(statement):
            line = getattr(node, "lineno", statement.lineno)
            yield from ((line, why) for why in _complaints(node))


def _complaints(node: ast.AST) -> Iterator[str]:
    if type(node) in ADVICE and not isinstance(node, OPERATORS):
        yield ADVICE[type(node)]
    if isinstance(node, ast.BinOp | ast.UnaryOp | ast.AugAssign) and type(node.op) in ADVICE:
        yield ADVICE[type(node.op)]
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
    called = ast.unparse(function)
    module, _, name = called.partition(".")
    if module == "np" and name not in KNOWN:
        yield f"np.{name} has no spelling; use one of {', '.join(sorted(KNOWN))}, or add it to core/spell.py"
    if module == "math":
        yield f"math.{name} works on one number only; use np.{name}"
    if called in BUILT_IN:
        yield f"{called}() works on one number only; use numpy"
