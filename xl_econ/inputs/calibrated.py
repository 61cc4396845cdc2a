"""Calibrated: scenarios that name a file of own measurements, `calibration = "my.toml"`, get its factors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from xl_econ.inputs.own_calibration import OwnCalibration, load_own_calibration
from xl_econ.inputs.own_catalog import Value

KEY = "calibration"
FACTORS = ("own_time_factor", "own_ttft_factor")


class Calibrated:
    """The plain values of a study with the factors in the place of the files that it names.

    Raises Problems for a file that is none. A file is looked for beside the study.
    """

    def __init__(self, raw: Mapping[str, Any], path: Path) -> None:
        self.path, self.named = path, dict[str, OwnCalibration]()
        tables = raw.get("scenarios")
        self.raw: Mapping[str, Any] = raw
        if isinstance(tables, dict):
            read = {name: self._read(name, table) for name, table in cast(Mapping[str, Any], tables).items()}
            self.raw = {**raw, "scenarios": read}

    def _read(self, scenario: str, table: Any) -> Any:
        if not isinstance(table, dict) or KEY not in table:
            return cast(object, table)
        told = dict(cast(Mapping[str, Any], table))
        found = load_own_calibration(self.path.parent / str(told.pop(KEY)))
        self.named[scenario] = found
        return dict(zip(FACTORS, (found.time_factor, found.ttft_factor), strict=True)) | told

    def problems(self, scenarios: Mapping[str, Mapping[str, Value]]) -> list[str]:
        """Where a scenario is another stack than the one that was measured."""
        return [
            f"{self.path.name}: scenarios.{name}.{KEY}: {difference}. Measure this stack too, or leave the key out."
            for name, found in self.named.items()
            for difference in found.differs_from(scenarios[name])
        ]
