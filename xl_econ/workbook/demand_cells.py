"""How much room the charts of the sheet Demand have, above its rows."""

from __future__ import annotations

CHART_ROWS = 22
"""Rows that the charts take, above all quantities."""
