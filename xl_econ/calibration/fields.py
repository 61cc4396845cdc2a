"""Fields: a benchmark's result read strictly. What is missing or no number is noted with its place; reading goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast


class Fields:
    """A result, or a part of one. Paths name the way to a field with dots between the keys."""

    def __init__(self, where: str, data: Mapping[str, Any], problems: list[str]) -> None:
        self.where, self.data, self.problems = where, data, problems

    def get(self, *paths: str) -> Any:
        """What stands at the first path where something does; None where nothing does."""
        found = (_at(self.data, path.split(".")) for path in paths)
        return next((value for value in found if value is not None), None)

    def text(self, *paths: str) -> str:
        """A text, or nothing."""
        found = self.get(*paths)
        return found if isinstance(found, str) else ""

    def number(self, *paths: str, advice: str = "") -> float:
        """A finite number above 0; else NaN and a problem. Where it is missing, the advice tells how to have it."""
        found = self.get(*paths)
        if found is None:
            self.refuse(f"it has no {' or '.join(paths)}, which is needed.{f' {advice}' if advice else ''}")
            return math.nan
        value = as_number(found)
        if not value > 0:
            self.refuse(f"{self._told(paths)} is {found!r}, but must be a number above 0.")
            return math.nan
        return value

    def optional(self, *paths: str) -> float | None:
        """A finite number of at least 0, where there is one; None and a problem for what is none."""
        found = self.get(*paths)
        if found is None or as_number(found) >= 0:
            return None if found is None else as_number(found)
        self.refuse(f"{self._told(paths)} is {found!r}, but must be a number of at least 0.")
        return None

    def refuse(self, problem: str) -> None:
        """Note a problem of this result."""
        self.problems.append(f"{self.where}: {problem}")

    def _told(self, paths: tuple[str, ...]) -> str:
        return next(path for path in paths if _at(self.data, path.split(".")) is not None)


def as_number(found: Any) -> float:
    """NaN for what is no finite number: text, true, lists, and what is too large to be one."""
    if isinstance(found, bool) or not isinstance(found, int | float):
        return math.nan
    try:
        return float(found) if math.isfinite(found) else math.nan
    except OverflowError:
        return math.nan


def mapping(found: Any) -> Mapping[str, Any]:
    """A table as it is; an empty one for whatever else stands there."""
    return cast(Mapping[str, Any], found) if isinstance(found, Mapping) else {}


def listed(found: Any) -> list[Any]:
    """A list as it is; an empty one for whatever else stands there."""
    return cast(list[Any], found) if isinstance(found, list) else []


def _at(data: Any, keys: list[str]) -> Any:
    for key in keys:
        data = mapping(data).get(key)
    return data
