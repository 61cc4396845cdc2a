"""Compare: workbooks and studies with each other, or a workbook with its own baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from xl_econ.core.problems import stop_on
from xl_econ.core.quantity import Derived
from xl_econ.inputs.difference import Difference, compare, headlines, moves
from xl_econ.inputs.study import Study
from xl_econ.model import model_graph
from xl_econ.workbook.anchors import PREFIX
from xl_econ.workbook.book import WorkbookError, opened, told
from xl_econ.workbook.check import Checkup, Finding
from xl_econ.workbook.layout import BASELINE
from xl_econ.workbook.read import study_in
from xl_econ.workbook.source import is_workbook, study_from

HIDDEN = (PREFIX, BASELINE)
"""Names of ours that hold on to single cells, or to what was: nobody reads them."""


def compare_sources(before: str, after: str | None = None) -> Difference:
    """Two presets, study files or workbooks; or a workbook with its own baseline.

    Raises StudyError or WorkbookError with every problem.
    """
    if after is None:
        return since_baseline(Path(before))
    found = compare(study_from(before), study_from(after))
    if is_workbook(before) and is_workbook(after):
        return replace(found, structure=[*found.structure, *_structure(Path(before), Path(after))])
    return found


def since_baseline(path: Path) -> Difference:
    """What became of a workbook since Python stamped its baseline."""
    stop_on(
        () if is_workbook(str(path)) else [f"{path}: only a workbook has a baseline. Name two sources."], WorkbookError
    )
    with told(path):
        book = opened(path)
        study = study_in(book)[0]
        known = book.baseline()
        stop_on(
            () if known else [f"{path}: it has no baseline that covers its scenarios. Compare it with another file."],
            WorkbookError,
        )
        before = {scenario: {n: values[i] for n, values in known.items()} for i, scenario in enumerate(study.scenarios)}
        structure = [_line(path, finding) for finding in Checkup(book).formulas()]
    return Difference(
        inputs=list(moves(_only(before, Derived, False), study.resolved())),
        results=list(moves(_only(before, Derived, True), headlines(study))),
        catalog=compare(Study(title="", as_of="", scenarios=study.scenarios), study).catalog,
        structure=structure,
    )


def _only(values: dict[str, dict[str, Any]], kind: type, wanted: bool) -> dict[str, dict[str, Any]]:
    graph = model_graph()
    return {
        scenario: {
            name: value for name, value in own.items() if name in graph and isinstance(graph[name], kind) is wanted
        }
        for scenario, own in values.items()
    }


def _structure(before: Path, after: Path) -> Iterator[str]:
    """Sheets and names that only one workbook has, and formulas of ours that somebody changed."""
    books = [opened(path) for path in (before, after)]
    for what, one, other in (
        ("sheet", *(book.package.sheet_parts for book in books)),
        ("name", *(book.package.names for book in books)),
    ):
        yield from (f"only before: {what} {name}" for name in one if name not in other and not name.startswith(HIDDEN))
        yield from (f"only after: {what} {name}" for name in other if name not in one and not name.startswith(HIDDEN))
    for path, book in zip((before, after), books, strict=True):
        with told(path):
            yield from (_line(path, finding) for finding in Checkup(book).formulas())


def _line(path: Path, finding: Finding) -> str:
    where = f"{finding.sheet}!{finding.cell}: " if finding.cell else ""
    return f"{path.name}: {where}{finding.message.removeprefix(f'{path}: ')}"
