"""Cells: a call as a spreadsheet makes it, rows of cells in and rows of cells out, whatever the spreadsheet.

An error goes back as its name, `#NUM!`; the forms turn that into an error of their spreadsheet. Nothing is raised: a
cell has no other way to say what is wrong than an error, and WHY, which tells the message.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.functions.call import Answer, Fault, call
from xl_econ.functions.registry import FUNCTIONS, registry
from xl_econ.functions.tables import TABLES, Table, refused, tabulate

Rows = list[list[Any]]
ALL_IS_WELL = "There is a result."


@dataclass(frozen=True)
class Entry:
    """A function as spreadsheets know it: its arguments with their help, and what is done with their cells."""

    name: str
    help: str
    arguments: tuple[tuple[str, str], ...]
    work: Callable[..., Rows]
    repeats: bool = False
    """Whether the last argument may be told any number of times."""


@functools.cache
def entries() -> Mapping[str, Entry]:
    """All that can be called in a cell, by name."""
    made = [
        Entry(each.name, each.help, tuple((a.name, a.help) for a in each.args), functools.partial(in_cells, each.name))
        for each in (*FUNCTIONS, *TABLES)
    ]
    return {entry.name: entry for entry in (*made, WHY)}


def in_cells(name: str, *arguments: Any) -> Rows:
    """The results of a function or table, errors by name.

    Raises KeyError for a name that is in no list.
    """
    return _rows(name, arguments, lambda value: value, lambda fault: fault.error)


def why(called: Any, *arguments: Any) -> Rows:
    """What is wrong with each element of a call, in words."""
    (name, *_) = np.array(called, object).ravel().tolist()
    known = {known.casefold(): known for known in [*registry(), *_tables()]}
    found = known.get(str(name).casefold())
    if found is None:
        return [[f"{name!r} is no function. Give one of: {', '.join(known.values())}"]]
    return _rows(found, arguments, lambda _: ALL_IS_WELL, lambda fault: fault.message)


def _rows(name: str, arguments: Any, good: Callable[[Any], Any], bad: Callable[[Fault], str]) -> Rows:
    try:
        if name in _tables():
            rows = tabulate(_tables()[name], *arguments)
            return [[bad(cell) if isinstance(cell, Fault) else good(cell) for cell in row] for row in rows]
        return _of_answer(call(name, *arguments), good, bad)
    except (TypeError, ValueError) as error:
        return [[bad(refused(str(error)))]]


def _of_answer(answer: Answer, good: Callable[[Any], Any], bad: Callable[[Fault], str]) -> Rows:
    values: Any = np.atleast_2d(answer.values)
    cells = list(map(good, values.ravel().tolist()))
    for place, fault in answer.faults.items():
        cells[place] = bad(fault)
    return [cells[start : start + values.shape[1]] for start in range(0, len(cells), values.shape[1])]


def _tables() -> Mapping[str, Table]:
    return {table.name: table for table in TABLES}


WHY = Entry(
    "WHY",
    "Why a function shows an error: its message in words, for the same arguments.",
    (
        ("called", 'The name of the function, in quotes: "TTFT_MS".'),
        ("arguments", "The arguments as that function has them."),
    ),
    why,
    repeats=True,
)
