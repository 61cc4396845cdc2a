"""Where the sheet Provider holds what it shows above its formulas: results, charts, the table of break-even rents."""

from __future__ import annotations

RESULTS = (
    "rent_usd_per_accelerator_h",
    "cloud_break_even_usd_per_h",
    "cloud_ebitda_margin",
    "cloud_npv_usd",
    "cloud_irr",
    "cloud_payback_years",
    "cloud_equity_npv_usd",
    "cloud_equity_irr",
)
CHAIN = (
    "chain_vendor_cost_share",
    "chain_vendor_profit_share",
    "chain_equipment_share",
    "chain_power_share",
    "chain_running_share",
    "chain_overhead_share",
    "chain_interest_share",
    "chain_tax_share",
    "chain_cloud_share",
    "chain_platform_share",
    "chain_serving_share",
)
STEPS = 5
"""Rows and columns of the table of break-even rents."""
CHART_ROWS = 21
RESULT_ROWS, CHAIN_ROWS = len(RESULTS) + 2, len(CHAIN) + 2
"""With the title above, and a free row below."""
TABLE_ROWS = STEPS + 6
"""Also with the heads of the formulas below."""
SHOWN_ROWS = RESULT_ROWS + CHAIN_ROWS + 2 * CHART_ROWS + TABLE_ROWS
