"""Telling: what a person can mend, or should know, goes to standard error, without a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator

import typer

BAD_INPUT = 2


@contextlib.contextmanager
def problems_told() -> Generator[None]:
    """Problems that a person can mend go to standard error, one a line, with exit code 2; notes too, without."""
    from xl_econ.core.graph import GraphError
    from xl_econ.core.problems import Problems

    try:
        with _notes_told():
            yield
    except Problems as error:
        _fail(error.problems)
    except BrokenPipeError:  # who read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except (GraphError, OSError) as error:
        _fail([str(error)])


@contextlib.contextmanager
def _notes_told() -> Generator[None]:
    """Each note once, though a study may be read several times."""
    import logging

    from xl_econ.core.problems import one_line

    said = set[str]()

    def tell(record: logging.LogRecord) -> bool:
        line = one_line(record.getMessage())
        if line not in said:
            typer.echo(f"xl-econ: {line}", err=True)
        said.add(line)
        return False

    notes, level = logging.getLogger("xl_econ"), logging.getLogger("xl_econ").level
    notes.addFilter(tell)
    notes.setLevel(logging.INFO)
    try:
        yield
    finally:
        notes.removeFilter(tell)
        notes.setLevel(level)


def _fail(problems: tuple[str, ...] | list[str]) -> None:
    for problem in problems:
        typer.echo(f"xl-econ: {problem}", err=True)
    raise typer.Exit(BAD_INPUT)
