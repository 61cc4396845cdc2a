"""Receipt: what a refresh did to a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from xl_econ.workbook.recalculate import HINT, has_engine

SHOWN = 10
"""Cells that a person is told one by one."""


class CellChange(NamedTuple):
    """A cell before and after.

    `what` is input, result, stamp (who computed it, and from what), layout (a candidate that Python chose) or other
    (not ours).
    """

    what: str
    sheet: str
    cell: str
    before: Any
    after: Any
    formula: str = ""
    """The formula that came or went, where the value stays."""


@dataclass(frozen=True)
class Receipt:
    """What a refresh did to a file."""

    path: Path
    sha256_before: str
    sha256_after: str
    changes: tuple[CellChange, ...]
    parts: tuple[str, ...]
    """Parts of the package that changed; every other part is the same, byte for byte."""
    not_refreshed: tuple[str, ...]
    """Cells of ours that hold a typed value in place of their formula, or are not found: left alone."""
    others: tuple[str, ...]
    """Formula cells of other people, whose saved values are as old as they were: Excel computes them on load."""
    notes: tuple[str, ...] = ()
    """Of a workbook of another version, what was carried over and has no counterpart; of old stamps, what to do."""

    def told(self) -> str:
        """A few lines for a person."""
        inputs = [change for change in self.changes if change.what == "input"]
        lines = [f"{each.sheet}!{each.cell}: {each.before} -> {each.after} {each.formula}".rstrip() for each in inputs]
        moved = sum(change.what == "result" for change in self.changes)
        lines.append(
            f"{self.path}: {len(inputs)} inputs and {moved} results changed; {len(self.parts)} parts of the file."
        )
        lines += self.notes
        lines += [f"left alone: {what}" for what in self.not_refreshed]
        if self.others and self.changes:
            shown = ", ".join(self.others[:SHOWN]) + (" and more" if len(self.others) > SHOWN else "")
            lines.append(
                f"{len(self.others)} formulas of your own keep their saved values until Excel opens it: {shown}"
            )
            lines += [] if has_engine() else [HINT]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "path": str(self.path),
            "sha256": {"before": self.sha256_before, "after": self.sha256_after},
            "changes": [change._asdict() for change in self.changes],
            "parts": list(self.parts),
            "not_refreshed": list(self.not_refreshed),
            "other_formulas": list(self.others),
            "notes": list(self.notes),
        }


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
