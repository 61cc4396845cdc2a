"""Left out: a measurement that is not predicted, and why."""

from __future__ import annotations

from dataclasses import dataclass

from xl_econ.core.problems import one_line


@dataclass(frozen=True)
class LeftOut:
    """A row that is not predicted, and why; `ours` where the model, not the row, is what falls short."""

    line: int
    kind: str
    quality: str
    reason: str
    ours: bool = False


class LeaveOut(Exception):
    """Raised where a row turns out to be one that is left out."""

    def __init__(self, reason: str, ours: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.ours = one_line(reason), ours
