"""Lambdas: the functions as LAMBDA names of Excel, from the same trees as cells; no add-in, no macro.

A name is stored as Excel stores it: new functions behind `_xlfn.`, parameters and local names behind `_xlpm.`.
A function that would be too long for a formula hands over to a helper name, which gives the values that
the rest needs in one row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from xl_econ.core.expr import FormulaError
from xl_econ.core.graph import Graph
from xl_econ.core.quantity import Derived
from xl_econ.core.spell import Naming, excel, spread
from xl_econ.functions.registry import Function
from xl_econ.model import model_graph

PREFIX = "LLM."
"""Python functions have the bare names: Excel confuses a LAMBDA and a Python function that share one."""
LOCAL, NEW = "_xlpm.{}_", "_xlfn."
"""How a parameter or local name is stored. The underscore at its end keeps it apart from the workbook's names."""
LONGEST, MOST_STEPS = 8_000, 126
"""Characters of a formula, of which Excel takes 8,192; and names that LET takes."""


@dataclass(frozen=True)
class LambdaName:
    """A defined name that holds a LAMBDA, without the sign that starts a formula."""

    name: str
    formula: str
    comment: str


@dataclass
class Body:
    """The steps of a function that its arguments move, in order, each a local name."""

    function: Function
    outside: Naming
    graph: Graph = field(default_factory=model_graph)

    def __post_init__(self) -> None:
        told, needed = set(self.function.arguments), self.function.needed
        self.moved = set(told)
        self.steps: list[Derived] = []
        for quantity in self.graph.derived:
            if quantity.name in needed - told and not self.moved.isdisjoint(quantity.inputs.values()):
                self.moved.add(quantity.name)
                self.steps.append(quantity)

    def is_along(self, name: str) -> bool:
        return self.graph.axes[name] is not None

    def is_number(self, name: str) -> bool:
        return not self.is_along(name) and self.graph[name].unit != "text"

    @property
    def naming(self) -> Naming:
        """Local names for what arguments move, cells or values for all else."""

        def one(name: str) -> str:
            return whole(name) if self.is_along(name) or name in self.moved else self.outside.one(name)

        def whole(name: str) -> str:
            return LOCAL.format(name) if name in self.moved else self.outside.whole(name)

        return Naming(one, whole)

    def step(self, quantity: Derived) -> str:
        """A local name and its formula."""
        spell = spread if self.is_along(quantity.name) else excel
        return f"{LOCAL.format(quantity.name)},{spell(self.graph.trees[quantity.name], self.naming)}"

    def carried(self, place: int) -> list[str]:
        """What the steps from a place on, and the result, need of those before."""
        later = {name for step in self.steps[place:] for name in step.inputs.values()} | set(self.function.results)
        return [step.name for step in self.steps[:place] if step.name in later]


def call_of(function: Function, arguments: Sequence[str]) -> str:
    """A call as a cell holds it, behind the sign that starts a formula."""
    return f"{PREFIX}{function.name}({','.join(arguments)})"


def lambda_names(function: Function, outside: Naming) -> Iterator[LambdaName]:
    """The name of a function, behind the helpers that it needs."""
    body, before, start = Body(function, outside), list[str](), 0
    written = [body.step(step) for step in body.steps]
    result, name = excel(function.tree, body.naming), PREFIX + function.name
    for part in range(1, len(written) + 2):
        steps = [*before, *written[start:]]
        whole = _lambda(function, steps, result)
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
        row = f"{NEW}HSTACK({','.join(map(LOCAL.format, carried))})"
        steps = [*before, *written[start:end]]
        formula = _lambda(body.function, steps, row)
        if len(formula) <= LONGEST and len(steps) <= MOST_STEPS and all(map(body.is_number, carried)):
            return end, formula
    raise FormulaError(f"{body.function.name} has no place where its formula could be parted")


def _taken_over(function: Function, helper: str, carried: Sequence[str]) -> list[str]:
    """Local names for the values of a helper's row."""
    part = LOCAL.format("part")
    call = f"{part},{helper}({','.join(map(LOCAL.format, function.arguments))})"
    return [call, *(f"{LOCAL.format(name)},INDEX({part},1,{i})" for i, name in enumerate(carried, 1))]


def _lambda(function: Function, steps: Sequence[str], result: str) -> str:
    """LAMBDA(arguments, LET(steps, result))."""
    inner = f"{NEW}LET({','.join([*steps, result])})" if steps else result
    return f"{NEW}LAMBDA({','.join([*map(LOCAL.format, function.arguments), inner])})"
