"""The command `xl-econ layouts`. Imports are lazy, as in the other commands."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from xl_econ.telling import problems_told

if TYPE_CHECKING:
    from xl_econ.inputs.layouts import Candidate

SHOWN = 8
"""Rows of the table."""


def layouts(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="A preset, a .toml study or an .xlsx workbook.")],
    scenario: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which of its scenarios; else the first.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Every layout, as JSON.")] = False,
) -> None:
    """Compare the ways to spread a replica over accelerators: which fit and meet the limits, the cheapest first."""
    with problems_told():
        from xl_econ.inputs.layouts import candidates
        from xl_econ.workbook.source import study_from

        study = study_from(source)
        name = scenario or study.names[0]
        found = candidates(study, name)
    if as_json:
        told = {"scenario": name, "candidates": [candidate.as_json() for candidate in found]}
        typer.echo(json.dumps(told, indent=1, allow_nan=False))
    else:
        _print(name, found)


def _print(name: str, found: list[Candidate]) -> None:
    from xl_econ.printing import print_tables

    usable = [candidate for candidate in found if candidate.is_usable]
    shown = (usable or found)[:SHOWN]
    shown += [candidate for candidate in found if candidate.is_given and candidate not in shown]
    print_tables([(f"{name}: layouts by cost", [_row(candidate) for candidate in shown])])
    typer.echo(f"{len(usable)} of {len(found)} layouts fit and meet the limits.")
    reasons = Counter(candidate.reason for candidate in found if not candidate.is_usable)
    for reason, count in reasons.items():
        typer.echo(f"{count:>5}  {reason}")


def _row(candidate: Candidate) -> dict[str, object]:
    cost = candidate.usd_per_m_tokens
    remarks = [
        "as given" if candidate.is_given else "",
        "across nodes: a rough estimate" if candidate.across_nodes else "",
        candidate.reason,
    ]
    return {
        "layout": str(candidate.layout),
        "per replica": candidate.replica_accelerators,
        "accelerators": None if candidate.accelerators is None else f"{candidate.accelerators:,.0f}",
        "USD per 1 M tokens": None if cost is None else f"{cost:,.3f}",
        "ttft_ms": candidate.ttft_ms,
        "itl_ms": candidate.itl_ms,
        "concurrency": candidate.concurrency,
        "output_tokens_per_s": candidate.output_tokens_per_s,
        "remarks": "; ".join(filter(None, remarks)),
    }
