"""Lambdas: the functions as LAMBDA names of Excel, from the same trees as cells; no add-in, no macro.

A name is stored as Excel stores it: new functions behind `_xlfn.`, parameters and local names behind `_xlpm.`.
A function that would be too long for a formula hands over to a helper name, which gives the values that
the rest needs in one row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xl_econ.core.expr import Expr, FormulaError, refs
from xl_econ.core.spell import Naming, local, spread
from xl_econ.functions.registry import Function
from xl_econ.model import model_graph

PREFIX = "LLM."
"""Python functions have the bare names: Excel confuses a LAMBDA and a Python function that share one."""
LOCAL, NEW = "_xlpm.{}_", "_xlfn."
"""How a parameter or local name is stored. The underscore at its end keeps it apart from the workbook's names."""
ONE_CALL = re.compile(r"(_xlfn\.)?[A-Z.]+\(.*\)")
LOCAL_NAMES = re.compile(r"_xlpm\.\w+_\b")
RESULT = ""
"""What takes a quantity, where it is the function itself."""
LONGEST, MOST_STEPS = 8_000, 126
"""Characters of a formula, of which Excel takes 8,192; and names that LET takes."""


@dataclass(frozen=True)
class LambdaName:
    """A defined name that holds a LAMBDA, without the sign that starts a formula."""

    name: str
    formula: str
    comment: str


class Body:
    """A function written down: a local name for each step that its arguments move, in order, and the result.

    What only one other step takes has no name: it stands where it is taken, as in a nested formula.
    """

    def __init__(self, function: Function, outside: Naming, steps: Mapping[str, Expr], result: Expr) -> None:
        self.function, self.outside, self.axes = function, outside, model_graph().axes
        self.moved = {*function.arguments, *steps}
        self.takers = _takers(steps, result)
        self.nested: dict[str, str] = {}
        self.steps: list[tuple[str, str]] = []
        """Local names with their formulas."""
        for name, tree in steps.items():
            text = (spread if self._is_along(name) else local)(tree, self._naming)
            if self._stands_alone(name):
                self.steps.append((LOCAL.format(name), text))
            else:
                self.nested[name] = text if _is_one_call(text) else f"({text})"
        self.result = local(result, self._naming)

    def _stands_alone(self, name: str) -> bool:
        """What is taken twice, or along an axis, or runs along one, is computed once and has a name."""
        (taker, *more) = self.takers[name]
        return bool(more) or self._is_along(name) or (taker != RESULT and self._is_along(taker))

    def _is_along(self, name: str) -> bool:
        return self.axes.get(name) is not None

    def is_number(self, held: str) -> bool:
        """Whether a local name holds a single number, which a helper can hand over."""
        name = held.removeprefix(LOCAL.partition("{")[0]).removesuffix("_")
        return not self._is_along(name) and model_graph()[name].unit != "text"

    @property
    def _naming(self) -> Naming:
        """Local names for what arguments move, cells or values for all else."""

        def one(name: str) -> str:
            return whole(name) if self._is_along(name) or name in self.moved else self.outside.one(name)

        def whole(name: str) -> str:
            if name in self.nested:
                return self.nested[name]
            return LOCAL.format(name) if name in self.moved else self.outside.whole(name)

        return Naming(one, whole)

    def carried(self, place: int) -> list[str]:
        """The local names that the steps from a place on, and the result, need of those before."""
        later = " ".join([text for _, text in self.steps[place:]] + [self.result])
        used = set(LOCAL_NAMES.findall(later))
        return [held for held, _ in self.steps[:place] if held in used]


def _takers(steps: Mapping[str, Expr], result: Expr) -> Mapping[str, list[str]]:
    """What takes a quantity, once for each time."""
    takers: dict[str, list[str]] = {}
    for taker, tree in [*steps.items(), (RESULT, result)]:
        for name in refs(tree):
            takers.setdefault(name, []).append(taker)
    return takers


def _is_one_call(text: str) -> bool:
    """Whether a text is NAME(…) as a whole, which needs no brackets around it."""
    if not ONE_CALL.fullmatch(text):
        return False
    depth, ends = 0, list[int]()
    for place, sign in enumerate(re.sub(r'"[^"]*"', lambda found: "_" * len(found[0]), text)):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and depth == 0:
            ends.append(place)
    return ends == [len(text) - 1]


def call_of(name: str, arguments: Sequence[str]) -> str:
    """A call as a cell holds it, behind the sign that starts a formula."""
    return f"{PREFIX}{name}({','.join(arguments)})"


def moved_steps(function: Function) -> dict[str, Expr]:
    """The formulas of all that the arguments move, as the model has them, each after its inputs."""
    graph, told, needed = model_graph(), set(function.arguments), function.needed
    moved, steps = set(told), dict[str, Expr]()
    for quantity in graph.derived:
        if quantity.name in needed - told and not moved.isdisjoint(quantity.inputs.values()):
            moved.add(quantity.name)
            steps[quantity.name] = graph.trees[quantity.name]
    return steps


def lambda_names(body: Body) -> Iterator[LambdaName]:
    """The name of a function, behind the helpers that it needs."""
    function, before, start, name = body.function, list[str](), 0, PREFIX + body.function.name
    written = [f"{held},{text}" for held, text in body.steps]
    for part in range(1, len(written) + 2):
        steps = [*before, *written[start:]]
        whole = _lambda(function, steps, body.result)
        if len(whole) <= LONGEST and len(steps) <= MOST_STEPS:
            yield LambdaName(name, whole, function.help)
            return
        helper = f"{name}_PART_{part}"
        start, formula = _longest_part(body, before, written, start)
        yield LambdaName(helper, formula, f"A part of {name}, which needs more than one formula.")
        before = _taken_over(function, helper, body.carried(start))


def _longest_part(body: Body, before: list[str], written: list[str], start: int) -> tuple[int, str]:
    """The last place where a helper may end, and its formula: what the rest needs, in a row."""
    for end in range(len(written), start, -1):
        carried = body.carried(end)
        row = f"{NEW}HSTACK({','.join(carried)})"
        steps = [*before, *written[start:end]]
        formula = _lambda(body.function, steps, row)
        if len(formula) <= LONGEST and len(steps) <= MOST_STEPS and all(map(body.is_number, carried)):
            return end, formula
    raise FormulaError(f"{body.function.name} has no place where its formula could be parted")


def _taken_over(function: Function, helper: str, carried: Sequence[str]) -> list[str]:
    """Local names for the values of a helper's row."""
    part = LOCAL.format("part")
    call = f"{part},{helper}({','.join(map(LOCAL.format, function.arguments))})"
    return [call, *(f"{held},INDEX({part},1,{i})" for i, held in enumerate(carried, 1))]


def _lambda(function: Function, steps: Sequence[str], result: str) -> str:
    """LAMBDA(arguments, LET(steps, result))."""
    inner = f"{NEW}LET({','.join([*steps, result])})" if steps else result
    return f"{NEW}LAMBDA({','.join([*map(LOCAL.format, function.arguments), inner])})"
