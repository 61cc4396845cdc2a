"""Theme: style by role and number format by unit, read from TOML; each role is a named cell style."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xl_econ.core.problems import Problems
from xl_econ.core.shipped import shipped

Properties = dict[str, Any]
TABLES = ("base", "roles", "marks", "formats")


@dataclass(frozen=True)
class Theme:
    """`roles` and `marks` hold XlsxWriter format properties, `formats` number formats by unit."""

    base: Properties
    roles: Mapping[str, Properties]
    marks: Mapping[str, Properties]
    formats: Mapping[str, str]

    def properties(self, role: str, unit: str | None) -> Properties:
        """All properties of a cell's format."""
        number = {"num_format": self.number_format(unit)} if unit else {}
        chosen = {key: value for key, value in self.roles[role].items() if key != "name"}
        return self.base | chosen | number

    def number_format(self, unit: str) -> str:
        return self.formats.get(unit, self.formats["1"])


def load_theme(path: Path | None = None) -> Theme:
    """The shipped theme, or a firm's own with the same tables."""
    text = (path or shipped("theme.toml")).read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Problems([f"{path}: it is not valid TOML: {error}."]) from None
    missing = [
        f"{path}: the table [{name}] is missing. Copy templates/theme.toml and change it."
        for name in TABLES
        if name not in raw
    ]
    if missing:
        raise Problems(missing)
    return Theme(raw["base"], raw["roles"], raw["marks"], raw["formats"])


@dataclass
class Styles:
    """The formats of one workbook, made as they are needed."""

    workbook: Any
    theme: Theme
    made: dict[tuple[str, str | None], Any] = field(default_factory=dict[tuple[str, str | None], Any])

    def get(self, role: str, unit: str | None = None) -> Any:
        """The format of a role, with the number format of a unit."""
        if (role, unit) not in self.made:
            self.made[role, unit] = self.workbook.add_format(self.theme.properties(role, unit))
        return self.made[role, unit]

    def mark(self, name: str) -> Any:
        """A format for conditional formatting."""
        return self.workbook.add_format(dict(self.theme.marks[name]))

    def named(self) -> dict[int, str]:
        """After the workbook is closed: each cell format's index and the named style that it belongs to."""
        return {
            made.xf_index: str(self.theme.roles[role]["name"])
            for (role, _), made in self.made.items()
            if made.xf_index is not None
        }
