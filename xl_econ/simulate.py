"""The command `xl-econ simulate`. Imports are lazy, as in the other commands."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Generator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xl_econ.telling import problems_told

if TYPE_CHECKING:
    from xl_econ.inputs.simulation import Outcome, Simulation
    from xl_econ.inputs.study import Study

SHOWN = 8
"""Drivers of the table."""
WHOLE = 1000
"""From here on a figure is shown without decimals."""


def simulate(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A preset, a .toml study or an .xlsx workbook.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", metavar="OUT.xlsx", help="Write here; left out: into SOURCE, if that is a workbook."),
    ] = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which of its scenarios; else the first.")
    ] = None,
    runs: Annotated[int, typer.Option(metavar="N", help="How many times the inputs are drawn.")] = 10_000,
    seed: Annotated[int, typer.Option(metavar="S", help="The same seed gives the same numbers.")] = 1,
    quantity: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only these results; may be repeated.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace OUT.xlsx if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All figures, as JSON.")] = False,
) -> None:
    """Draw uncertain inputs thousands of times: percentiles of results, what they hang on, a sheet of the workbook."""
    with problems_told():
        found, target = _simulated(source, out, scenario, runs, seed, quantity, force)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=1, allow_nan=False))
        return
    _print(found, quantity)
    if target:
        typer.echo(f"{target}: {runs:,} runs are on the sheet Simulation.")


def _simulated(
    source: str, out: Path | None, scenario: str | None, runs: int, seed: int, names: list[str] | None, force: bool
) -> tuple[Simulation, Path | None]:
    """What the runs gave, and the workbook that holds it now."""
    from xl_econ.inputs.simulation import simulate as run
    from xl_econ.workbook import simulate as stamping
    from xl_econ.workbook.save import save
    from xl_econ.workbook.source import is_workbook, study_from

    book = stamping.book_to_stamp(Path(source), out, force) if is_workbook(source) else None
    target = out or (Path(source) if book else None)
    if out and not book:
        stamping.stop_unless_new(out, force)
    study: Study = study_from(source)
    with _counted(runs) as progress:
        found = run(study, scenario, runs, seed, stamping.names_to_run(names) if target else names, progress)
    if book and target:
        stamping.stamp(book, target, found, date.today())
    elif target:
        save(target, stamping.new_simulated(study, target, found, date.today()))
    return found, target


@contextlib.contextmanager
def _counted(runs: int) -> Generator[Callable[[int], None]]:
    """A bar for what may take over a second, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Simulating", total=runs)
        yield lambda done: bar.advance(task, done)


def _print(found: Simulation, names: list[str] | None) -> None:
    from xl_econ.printing import print_tables

    shown = [outcome for outcome in found.outcomes if names is None or outcome.name in names]
    head = f"{found.scenario}: {found.runs:,} runs, seed {found.seed}"
    print_tables([(head, [_row(outcome) for outcome in shown])])
    for outcome in shown:
        for reason, count in outcome.reasons.items():
            typer.echo(f"{outcome.name}: none in {count / found.runs:.1%} of the runs: {reason}")
    for odds in found.odds:
        if odds.share is not None:
            typer.echo(f"{odds.share:6.1%}  {odds.label}")
    ranks = [
        {"name": driver.name, "from": driver.origin}
        | {outcome.name: f"{found.correlations[outcome.name][driver.name]:.2f}" for outcome in shown}
        for driver in found.ranked(outcome.name for outcome in shown)[:SHOWN]
    ]
    print_tables([(f"Rank correlation: the first {len(ranks)} of {len(found.drivers)} that are drawn", ranks)])


def _row(outcome: Outcome) -> dict[str, object]:
    figures = {f"P{percent}": _figure(value) for percent, value in outcome.percentiles.items()}
    base, mean = _figure(outcome.base), None if outcome.mean is None else _figure(outcome.mean)
    return {"name": outcome.name, "unit": outcome.unit, "nothing drawn": base, "mean": mean, **figures}


def _figure(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= WHOLE else f"{value:.4g}"
