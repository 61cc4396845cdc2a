"""Lambdas: the functions as LAMBDA names of Excel, from the same trees as cells; no add-in, no macro.

A name is stored as Excel stores it: new functions behind `_xlfn.`, parameters and local names behind `_xlpm.`.
A function that would be too long for a formula hands over to a helper name, with all values that the rest needs.
Arguments may be ranges: a column in gives a column out. Only what finds a level of the curve takes single values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xl_econ.core.expr import Expr, FormulaError
from xl_econ.core.spell import Naming, spread
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
        self.nested: dict[str, str] = {}
        self.takers = self._takers(steps, result)
        self.steps: list[tuple[str, str]] = []
        """Local names with their formulas."""
        for name, tree in steps.items():
            text = spread(tree, self._naming)
            if self._stands_alone(name):
                self.steps.append((LOCAL.format(name), text))
            else:
                self.nested[name] = text if _is_one_call(text) else f"({text})"
        self.result = spread(result, self._naming)
        if any(map(self._is_along, steps)):
            self.result = self._of_single_values(self.result)

    def _takers(self, steps: Mapping[str, Expr], result: Expr) -> Mapping[str, list[str]]:
        """What takes a quantity, once for each time that it is written."""
        takers: dict[str, list[str]] = {}
        for taker, tree in [*steps.items(), (RESULT, result)]:
            for held in LOCAL_NAMES.findall(spread(tree, self._naming)):
                takers.setdefault(held, []).append(taker)
        return takers

    def _stands_alone(self, name: str) -> bool:
        """What is taken twice, or along an axis, or runs along one, is computed once and has a name."""
        (taker, *more) = self.takers[LOCAL.format(name)]
        return bool(more) or self._is_along(name) or (taker != RESULT and self._is_along(taker))

    def _is_along(self, name: str) -> bool:
        return self.axes.get(name) is not None

    def _of_single_values(self, result: str) -> str:
        """No result for a range: it would lie across the levels of the curve."""
        told = ",".join(map(LOCAL.format, self.function.arguments))
        return f"IF(COUNTA({told})>{len(self.function.arguments)},SQRT(0-1),{result})"

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
        """The local names that the steps from a place on, and the result, need of those before, and of arguments."""
        later = " ".join([text for _, text in self.steps[place:]] + [self.result])
        used = set(LOCAL_NAMES.findall(later))
        before = [*map(LOCAL.format, self.function.arguments), *(held for held, _ in self.steps[:place])]
        return [held for held in before if held in used]


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


def lambda_names(body: Body) -> list[LambdaName]:
    """The name of a function, behind the helpers that it needs."""
    called = name = PREFIX + body.function.name
    comment, parameters, start, names = (
        body.function.help,
        [*map(LOCAL.format, body.function.arguments)],
        0,
        list[LambdaName](),
    )
    while not _fits(formula := _lambda(parameters, body.steps[start:], body.result), len(body.steps) - start):
        helper = f"{called}_PART_{len(names) + 1}"
        end, formula = _longest_part(body, parameters, start, helper)
        names.append(LambdaName(name, formula, comment))
        name, comment = helper, f"A part of {called}, which needs more than one formula."
        parameters, start = body.carried(end), end
    return [LambdaName(name, formula, comment), *reversed(names)]


def _fits(formula: str, steps: int) -> bool:
    return len(formula) <= LONGEST and steps <= MOST_STEPS


def _longest_part(body: Body, parameters: Sequence[str], start: int, helper: str) -> tuple[int, str]:
    """The last place where a formula may end, and the formula: it hands over what the rest needs."""
    for end in range(len(body.steps), start, -1):
        handed_over = f"{helper}({','.join(body.carried(end))})"
        formula = _lambda(parameters, body.steps[start:end], handed_over)
        if _fits(formula, end - start):
            return end, formula
    raise FormulaError(f"{body.function.name} has no place where its formula could be parted")


def _lambda(parameters: Sequence[str], steps: Sequence[tuple[str, str]], result: str) -> str:
    """LAMBDA(parameters, LET(steps, result))."""
    written = [f"{held},{text}" for held, text in steps]
    inner = f"{NEW}LET({','.join([*written, result])})" if steps else result
    return f"{NEW}LAMBDA({','.join([*parameters, inner])})"
