"""Where the sheet Simulation holds its stamps, and what is stamped there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xl_econ.inputs.simulation import BINS, ODDS, PERCENTS, RESULTS
from xl_econ.workbook.sheet_xml import letters

SIMULATION = "Simulation"
DISTRIBUTIONS = "simulated_inputs"
"""The name of the cells that hold what the study says of its inputs."""
OTHERS, DRIVERS, LINES = 4, 12, 24
"""Rows for further results, for drivers, and for what the study says."""
CHARTED = ("usd_per_m_output_tokens", "break_even_m_tokens_per_day", "npv_usd")
"""Results with a histogram, which drivers are ranked for."""

LABEL, UNIT, NOW, BASE, MOVED, MEAN, FIRST_PERCENT = range(7)
VALID = FIRST_PERCENT + len(PERCENTS)
REASON = VALID + 1
"""Columns of the results."""
SHAPE, P10, P50, P90, FIRST_RANK = UNIT + 1, UNIT + 2, UNIT + 3, UNIT + 4, UNIT + 5
ORIGIN = FIRST_RANK + len(CHARTED)
"""Columns of the drivers."""
STATUS = 4
SCENARIO, PLACE, RUNS, SEED, DATE, VERSION_ROW, FINGERPRINT = range(STATUS + 1, STATUS + 8)
STAMP = UNIT
RESULT_HEADS = FINGERPRINT + 2
RESULT_ROWS = range(RESULT_HEADS + 1, RESULT_HEADS + 1 + len(RESULTS))
OTHER_ROWS = range(RESULT_ROWS.stop, RESULT_ROWS.stop + OTHERS)
ODDS_HEADS = OTHER_ROWS.stop + 1
ODDS_ROWS = range(ODDS_HEADS + 1, ODDS_HEADS + 1 + len(ODDS))
CHART_ROW = ODDS_ROWS.stop + 1
CHART_COLUMNS = (LABEL, BASE, FIRST_PERCENT + 4)
DRIVER_HEADS = CHART_ROW + 22
DRIVER_ROWS = range(DRIVER_HEADS + 1, DRIVER_HEADS + 1 + DRIVERS)
BIN_HEADS = DRIVER_ROWS.stop + 2
BIN_ROWS = range(BIN_HEADS + 1, BIN_HEADS + 1 + BINS)
LINE_HEADS = BIN_ROWS.stop + 1
LINE_ROWS = range(LINE_HEADS + 2, LINE_HEADS + 2 + LINES)
DISTRIBUTION_CELLS: dict[str, str] = {
    DISTRIBUTIONS: f"{SIMULATION}!${letters(LABEL + 1)}${LINE_ROWS[0] + 1}:${letters(LABEL + 1)}${LINE_ROWS[-1] + 1}"
}
USUAL: Mapping[str, Any] = {"scenario": "–", "place": 1, "runs": 0, "fingerprint": "–"}
"""What stands there before anything is run."""
RANGED: Mapping[str, int] = {
    "usd_per_m_tokens": 2,
    "usd_per_m_output_tokens": 2,
    "break_even_m_tokens_per_day": 0,
    "npv_usd": 0,
}
"""Results whose simulated P10 and P90 the sheet Results shows, with the decimals of each."""
RANGE = {"low": FIRST_PERCENT + PERCENTS.index(10), "high": FIRST_PERCENT + PERCENTS.index(90), "valid_share": VALID}
ROW_OF: Mapping[str, int] = dict(zip(RESULTS, RESULT_ROWS, strict=True))
TAKEN = {
    "scenario": (SCENARIO, STAMP),
    "place": (PLACE, STAMP),
    "runs": (RUNS, STAMP),
    "fingerprint": (FINGERPRINT, STAMP),
    **{name: (row, BASE) for name, row in ROW_OF.items()},
    **{f"{part}.{name}": (ROW_OF[name], column) for name in RANGED for part, column in RANGE.items()},
}
"""The stamps that formulas take."""


def cell_at(row: int, column: int) -> str:
    return f"{letters(column + 1)}{row + 1}"


def bin_columns(place: int) -> tuple[int, int]:
    """Of a charted result: the middles of its bins, and the runs in them."""
    return UNIT + 2 * place, UNIT + 2 * place + 1


def stamps() -> Iterator[tuple[int, int]]:
    """Every cell that is stamped."""
    yield from ((row, STAMP) for row in range(SCENARIO, FINGERPRINT + 1))
    for row in (*RESULT_ROWS, *OTHER_ROWS):
        yield from ((row, column) for column in (BASE, *range(MEAN, REASON + 1)))
    yield from ((row, column) for row in OTHER_ROWS for column in (LABEL, UNIT))
    yield from ((row, column) for row in ODDS_ROWS for column in (UNIT, NOW))
    yield from ((row, column) for row in DRIVER_ROWS for column in range(LABEL, ORIGIN + 1))
    yield from ((row, column) for row in BIN_ROWS for column in range(UNIT, bin_columns(len(CHARTED))[0]))
