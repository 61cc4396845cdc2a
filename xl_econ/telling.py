"""Telling: what a person can mend goes to standard error, without a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Generator

import typer

BAD_INPUT = 2


@contextlib.contextmanager
def problems_told() -> Generator[None]:
    """Problems that a person can mend go to standard error, one a line, with exit code 2."""
    from xl_econ.core.graph import GraphError
    from xl_econ.core.problems import Problems

    try:
        yield
    except Problems as error:
        _fail(error.problems)
    except BrokenPipeError:  # who read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (GraphError, OSError) as error:
        _fail([str(error)])


def _fail(problems: tuple[str, ...] | list[str]) -> None:
    for problem in problems:
        typer.echo(f"xl-econ: {problem}", err=True)
    raise typer.Exit(BAD_INPUT)
