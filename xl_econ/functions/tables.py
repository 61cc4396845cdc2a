"""Tables: many functions in one call, as a table that spills: what each gives, the value, the unit.

A table is made of calls of functions, in Python as in the LAMBDA name, so that it holds no formula of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.core.spell import quoted
from xl_econ.functions.call import Answer, call
from xl_econ.functions.lambdas import LOCAL, NEW, PREFIX, LambdaName, call_of
from xl_econ.functions.reading import Refused
from xl_econ.functions.registry import LONGEST_HELP, PRICED, Argument, Function, registry

HEADS = ("quantity", "value", "unit")


@dataclass(frozen=True)
class Table:
    """Functions whose arguments are among the table's, called together."""

    name: str
    about: str
    arguments: tuple[str, ...]
    rows: tuple[str, ...]

    @property
    def args(self) -> tuple[Argument, ...]:
        return tuple(map(Argument, self.arguments))

    @property
    def functions(self) -> list[Function]:
        return [registry()[name] for name in self.rows]

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(self.arguments)})"

    @property
    def help(self) -> str:
        return f"{self.about} A table of {len(self.rows)} rows below its head: {', '.join(HEADS)}."[:LONGEST_HELP]

    def filled(self, value: Callable[[Function], Any]) -> list[tuple[Any, Any, Any]]:
        """The head, and a row for each function; the value as told."""
        return [HEADS, *((f.result.label, value(f), f.result.shown_unit) for f in self.functions)]


TABLES: tuple[Table, ...] = (
    Table(
        "SERVING_COST",
        "What serving costs with these inputs: memory, latency, throughput and USD per 1 M tokens.",
        PRICED,
        (
            "WEIGHTS_GB",
            "MIN_ACCELERATORS",
            "KV_MB_PER_TOKEN",
            "KV_CAPACITY_TOKENS",
            "MEMORY_CONCURRENCY",
            "PREFILL_MS",
            "DECODE_STEP_MS",
            "TTFT_MS",
            "ITL_MS",
            "INPUT_TOKENS_PER_S",
            "OUTPUT_TOKENS_PER_S",
            "OUTPUT_TOKENS_PER_S_PER_ACCELERATOR",
            "USD_PER_M_INPUT",
            "USD_PER_M_OUTPUT",
            "USD_PER_M_BLENDED",
        ),
    ),
)
"""A table is an entry here: its arguments, and the functions of its rows."""


def tabulate(table: Table, *arguments: Any) -> Answer:
    """The table for single values: texts and numbers, and a fault where a row has no result.

    Raises Refused for another number of arguments, and where one of them is no single value.
    """
    if len(arguments) != len(table.arguments):
        raise Refused(f"{table.name} takes {len(table.arguments)} arguments, not {len(arguments)}: {table.signature}")
    alone = [_single(table, name, told) for name, told in zip(table.arguments, arguments, strict=True)]
    told = dict(zip(table.arguments, alone, strict=True))
    called = {f.name: call(f.name, *(told[name] for name in f.arguments)) for f in table.functions}
    rows = table.filled(lambda function: called[function.name].values.item())
    faults = {len(HEADS) * row + 1: answer.fault for row, answer in enumerate(called.values(), 1) if answer.fault}
    return Answer(np.array(rows, object), faults)


def _single(table: Table, name: str, told: Any) -> Any:
    cells = np.array(told, object)
    if cells.size != 1:
        raise Refused(f"{table.name} takes single values, but {name} has {cells.size} cells.")
    return cells.item()


def lambda_of(table: Table) -> LambdaName:
    """The table as a LAMBDA name: rows of calls, stacked."""

    def row(cells: Sequence[Any]) -> str:
        return f"{NEW}HSTACK({','.join(cells)})"

    def value(function: Function) -> str:
        return call_of(function.name, [LOCAL.format(name) for name in function.arguments])

    head, *rows = table.filled(value)
    stacked = [row(list(map(quoted, head))), *(row([quoted(label), v, quoted(unit)]) for label, v, unit in rows)]
    arguments = ",".join(map(LOCAL.format, table.arguments))
    formula = f"{NEW}LAMBDA({arguments},{NEW}VSTACK({','.join(stacked)}))"
    return LambdaName(PREFIX + table.name, formula, table.help)


def figure_of(table: Table, called: str) -> str:
    """The last figure of a table that is called, for a cell that shows one."""
    return f"INDEX({called},{len(table.rows) + 1},2)"
