"""Table: a file of comma-separated values as other programs write them, every cell checked."""

from __future__ import annotations

import csv
import functools
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xl_econ.calibration.names import tables
from xl_econ.core.problems import Problems

SEPARATORS = ",;\t|"
NUMBER = re.compile(r"\+?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE | re.ASCII)
GROUPED = re.compile(r"\d+([,_' .\u00a0\u202f]\d+)+")
AS_WRITTEN = ("notes", "group")
"""Columns whose text stays as it is."""
Cells = Mapping[str, str]


def read_table(path: Path, columns: Sequence[str], problems: list[str]) -> Iterator[tuple[int, Cells]]:
    """The line and the cells of each row, by column. Raises Problems for what is no such table."""
    lines = list(io.StringIO(_text(path), newline=""))
    above = sum(1 for _ in _before_the_head(lines))
    separator = max(SEPARATORS, key=lambda each: len({*_head(lines[above:], each)} & {*columns}))
    head = _head(lines[above:], separator)
    _stop_unless_complete(path, head, columns)
    for line, cells in _rows(path, lines, above, separator):
        if len(cells) > len(head) and any(map(str.strip, cells[len(head) :])):
            problems.append(
                f"{path}, line {line}: it has {len(cells)} cells, but the head has {len(head)}. "
                "Put a cell that holds a separator in quotation marks."
            )
        elif any(map(str.strip, cells)):
            filled = [*cells, *[""] * len(head)]
            yield line, {name: _cell(name, text) for name, text in zip(head, filled, strict=False) if name}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Problems([f"{path}: it is no text in UTF-8. Save it as comma-separated values in UTF-8."]) from None


def _before_the_head(lines: list[str]) -> Iterator[str]:
    """Blank lines, remarks, and the line in which spreadsheets tell the separator."""
    for line in lines:
        if line.strip(" ,;\t|\r\n") and not line.lower().startswith(("#", "sep=")):
            return
        yield line


def _head(lines: list[str], separator: str) -> list[str]:
    """The columns in small letters, with underscores; none of what is no head."""
    try:
        reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
        first = next(reader, list[str]())
    except csv.Error:
        return []
    return [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in first]


def _stop_unless_complete(path: Path, head: list[str], columns: Sequence[str]) -> None:
    advice = "Its first line must name the columns, with commas between them."
    if missing := [name for name in columns if name not in head]:
        raise Problems([f"{path}: it has no column {', '.join(missing)}. {advice} See docs/evidence.md."])
    if twice := sorted({name for name in head if name and head.count(name) > 1}):
        raise Problems([f"{path}: it has more than one column {', '.join(twice)}. Leave one of each."])


def _rows(path: Path, lines: list[str], above: int, separator: str) -> Iterator[tuple[int, list[str]]]:
    """All lines below the head, each with the number of the line where it starts."""
    reader = csv.reader(lines[above:], delimiter=separator, skipinitialspace=True, strict=True)
    start = 1
    try:
        for cells in reader:
            if start > 1:
                yield above + start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        unclosed = "unexpected end" in str(error) or "expected after" in str(error)
        what = "a quotation mark is not closed, or stands inside a cell" if unclosed else f"it is no table ({error})"
        advice = ' Close it; inside quotation marks write it twice: "".' if unclosed else ""
        raise Problems([f"{path}, line {above + start}: {what}.{advice}"]) from None


def _cell(name: str, text: str) -> str:
    text = text.strip()
    return "" if name not in AS_WRITTEN and text.lower() in _blank_words() else text


@functools.cache
def _blank_words() -> frozenset[str]:
    return frozenset(tables()["cells"]["blank"])


def number(path: Path, line: int, cells: Cells, name: str, problems: list[str]) -> float | None:
    """A number from 0; None of a blank cell. What is none is a problem."""
    text = cells.get(name, "")
    value = float(text) if NUMBER.fullmatch(text) else math.inf
    if not text or math.isfinite(value):
        return value if text else None
    advice = "Give one, or leave it empty."
    if GROUPED.fullmatch(text):
        advice = "Write it without separators, and decimals with a point: 1234.5."
    problems.append(f"{path}, line {line}, {name}: {text!r} is no number. {advice}")
    return None
