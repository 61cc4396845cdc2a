"""Cells: a call as a spreadsheet makes it, rows of cells in and rows of cells out, whatever the spreadsheet.

An error goes back as its name, `#NUM!`; the forms turn that into an error of their spreadsheet. A cell has no other
way to say what is wrong than an error, and WHY, which tells the message: nothing is raised for any cells.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from xl_econ.functions.call import call
from xl_econ.functions.reading import VALUE, Fault, Refused
from xl_econ.functions.registry import FUNCTIONS, registry
from xl_econ.functions.tables import TABLES, Table, tabulate

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
    return _rows(name, arguments, lambda values: values, lambda fault: fault.error)


def why(called: Any, *arguments: Any) -> Rows:
    """What is wrong with each element of a call, in words."""
    (name, *_) = [*np.array(called, object).ravel().tolist(), None]
    known = {known.casefold(): known for known in [*registry(), *_tables()]}
    found = known.get(str(name).casefold())
    if found is None:
        what = "called is empty" if name is None or name == "" else f"{name!r} is no function"
        return [[f"{what}. Give one of: {', '.join(known.values())}"]]
    return _rows(found, arguments, lambda values: np.full(np.shape(values), ALL_IS_WELL), lambda fault: fault.message)


def _rows(name: str, arguments: Any, good: Callable[[Any], Any], bad: Callable[[Fault], str]) -> Rows:
    """Rows of what good values are shown as, and in their places the faults."""
    try:
        answer = tabulate(_tables()[name], *arguments) if name in _tables() else call(name, *arguments)
    except Refused as error:
        return [[bad(Fault(VALUE, str(error)))]]
    rows: Rows = np.atleast_2d(good(answer.values)).tolist()
    for place, fault in answer.faults.items():
        row, column = divmod(place, len(rows[0]))
        rows[row][column] = bad(fault)
    return rows


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
