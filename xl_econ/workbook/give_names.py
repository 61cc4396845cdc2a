"""Give names: defined names put into anybody's workbook, without loss."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from xl_econ.core.problems import Problems
from xl_econ.functions.lambdas import LambdaName
from xl_econ.workbook.book import told
from xl_econ.workbook.package import Package
from xl_econ.workbook.save import save, stop_unless_writable

SUFFIXES = (".xlsx", ".xlsm")
ALL_NAMES = re.compile(rb"<((?:\w+:)?)definedNames\s*(?:/>|>(.*?)</\1definedNames>)", re.DOTALL)
ONE_NAME = re.compile(rb"<((?:\w+:)?)definedName\s[^>]*?name=[\"']([^\"']*)[\"'].*?</\1definedName>", re.DOTALL)
BEFORE = re.compile(
    rb"</((?:\w+:)?)sheets>(?:\s*<\1(functionGroups|externalReferences)\b.*?(?:</\1\2>|/>))*", re.DOTALL
)
"""What stands before the names, by the order of the standard."""


def give_names(path: Path, names: Iterable[LambdaName], out: Path | None = None, force: bool = False) -> Path:
    """Put names into a workbook, in place of those that are called alike, and touch nothing else.

    Raises Problems where the file is no workbook, or cannot be written.
    """
    target = out or path
    stop_unless_writable(target, force or target == path, SUFFIXES)
    if not path.is_file():
        raise Problems([f"{path}: it does not exist. Give an .xlsx file."])
    with told(path):
        package = Package(path.read_bytes())
        part, archive = package.workbook_part, package.archive
        content = archive.replaced({part: _with_names(archive.read(part), list(names))})
    save(target, content, instead_of=archive.book if target == path else None)
    return target


def _with_names(workbook: bytes, names: list[LambdaName]) -> bytes:
    """The workbook's part, with the names among its defined names."""
    before = BEFORE.search(workbook)
    if not before:
        raise Problems(["the workbook lists no sheets. Save it from Excel."])
    prefix, ours = before[1].decode(), {each.name.casefold() for each in names}
    there = ALL_NAMES.search(workbook)
    others = [
        found[0]
        for found in ONE_NAME.finditer(there[2] or b"" if there else b"")
        if found[2].decode().casefold() not in ours
    ]
    written = [
        f"<{prefix}definedName name={quoteattr(each.name)} comment={quoteattr(each.comment)}>"
        f"{escape(each.formula)}</{prefix}definedName>".encode()
        for each in names
    ]
    everything = b"".join([f"<{prefix}definedNames>".encode(), *others, *written, f"</{prefix}definedNames>".encode()])
    start, end = there.span() if there else (before.end(), before.end())
    return workbook[:start] + everything + workbook[end:]
