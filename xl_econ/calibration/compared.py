"""Compared: the shipped sample of measurements beside what the model predicts today, for the sheet Evidence."""

from __future__ import annotations

import functools
import hashlib
import json
from dataclasses import dataclass

from xl_econ.calibration.evidence import evidence, llm_kind
from xl_econ.calibration.measured import Row
from xl_econ.calibration.predict import Point, is_of_time
from xl_econ.calibration.sample import LICENCE, SAMPLE, cells_by_line
from xl_econ.calibration.table import Cells
from xl_econ.catalog.assumptions import calibration
from xl_econ.version import VERSION

FINGERPRINT_DIGITS = 16
BATCH_AS_RATE = "batch_as_rate"
MEASURES = {
    "max_throughput": "Most tokens/s, everything queued",
    "load_throughput": "Tokens/s at a concurrency",
    BATCH_AS_RATE: "Static batch, as tokens/s",
    "itl": "Time between tokens (ITL)",
    "ttft": "Time to first token (TTFT)",
    "e2e": "Static batch, start to end",
}
"""What is measured, rates first. A static batch is told as a rate or as a time, and shown as it is told."""
TIMES = ("itl", "ttft", "e2e")


@dataclass(frozen=True)
class Compared:
    """A measurement, its prediction, and what the source says of it."""

    point: Point
    told: Cells

    @property
    def row(self) -> Row:
        return self.point.row

    @property
    def measure(self) -> str:
        """A key of MEASURES."""
        return BATCH_AS_RATE if is_of_time(self.row) else self.row.kind

    @property
    def engine(self) -> str:
        """With its version, without remarks."""
        return self.told["engine"].partition(" (")[0]

    @property
    def llm_kind(self) -> str:
        return llm_kind(self.row)

    @property
    def source(self) -> str:
        """Who published it, and where."""
        family, title = self.told["group"].partition("|")[0], self.told["source_title"]
        return title if family in title else f"{family}: {title}"

    @property
    def licence(self) -> str:
        return self.told[LICENCE]

    @property
    def unit(self) -> str:
        """As the source tells the figure."""
        if self.measure in TIMES:
            return "ms"
        return "token/s/accelerator" if self.row.metric.endswith("_per_gpu") else "token/s"


@functools.cache
def compared() -> tuple[Compared, ...]:
    """All of them: by what is measured, then LLM, accelerator and engine. What does not fit in memory is not there."""
    cells = cells_by_line(SAMPLE)
    found = [Compared(point, cells[point.row.line]) for point in evidence(SAMPLE).points]
    return tuple(sorted(found, key=_order))


def _order(each: Compared) -> tuple[int, str, str, str, int]:
    row = each.row
    return list(MEASURES).index(each.measure), row.llm, row.accelerator, row.engine, row.line


@functools.cache
def calibration_fingerprint() -> str:
    """A short hash of what the predictions come from: version, fitted numbers and the measurements themselves."""
    told = json.dumps([VERSION, calibration()["fitted"], SAMPLE.read_text("utf-8")], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:FINGERPRINT_DIGITS]
