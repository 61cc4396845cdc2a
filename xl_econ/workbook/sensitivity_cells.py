"""Where the sheet Sensitivity holds its tables, and what drives them."""

from __future__ import annotations

from collections.abc import Mapping

SENSITIVITY = "Sensitivity"
DRIVERS: Mapping[str, bool] = {
    "usd_per_accelerator_h": False,
    "utilisation": False,
    "peak_to_average": False,
    "input_tokens": False,
    "output_tokens": False,
    "itl_slo_ms": False,
    "family_mfu": True,
    "single_mbu": True,
    "overhead_ms": True,
    "engine_sequence_us": True,
    "link_slowdown": True,
    "kv_fraction": True,
}
"""What is moved, and whether between the low and high of Assumptions (those by factors come first)."""
FACTORS = sum(not by_band for by_band in DRIVERS.values())
SHARES = ("utilisation",)
ACROSS, DOWN = "usd_per_accelerator_h", "utilisation"
"""The two axes of the grid: money alone, so that no curve is computed again."""
GRID_FACTORS = (0.6, 0.8, 1.0, 1.2, 1.4)

(
    LABEL,
    UNIT,
    LOW_FACTOR,
    HIGH_FACTOR,
    LOW,
    BASE,
    HIGH,
    AT_LOW,
    AT_HIGH,
    SWING,
    ELASTICITY,
    LOW_CHANGE,
    HIGH_CHANGE,
    PLACE,
    STANDING,
) = range(15)
"""The columns of the tornado; what stands behind the elasticity is for the chart, and not printed."""
SORTED_LOW, SORTED_HIGH = AT_LOW, AT_HIGH
TOP = 4
FIRST_PICK = TOP + 1
BASE_ROW, FAULT_ROW = FIRST_PICK + 2, FIRST_PICK + 3
CHART = FAULT_ROW + 1
HEADS = CHART + 22
ROWS = range(HEADS + 1, HEADS + 1 + len(DRIVERS))
SORTED_HEADS = ROWS.stop + 1
SORTED = range(SORTED_HEADS + 1, SORTED_HEADS + 1 + len(DRIVERS))
GRID_TOP = SORTED.stop + 1
GRID_FACTOR_ROW, GRID_HEADS = GRID_TOP + 1, GRID_TOP + 2
GRID_ROWS = range(GRID_HEADS + 1, GRID_HEADS + 1 + len(GRID_FACTORS))
GRID_FACTOR, GRID_VALUE, GRID_FIRST = 1, 2, 3
GRID_COLUMNS = range(GRID_FIRST, GRID_FIRST + len(GRID_FACTORS))
