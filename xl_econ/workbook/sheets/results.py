"""Results: the answer first, then the figures side by side, then the charts."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_econ.core.graph import trace_function
from xl_econ.core.quantity import Quantity
from xl_econ.core.spell import Naming
from xl_econ.model.headline import shown
from xl_econ.workbook.charts import cost_by_scenario, hour_by_scenario, throughput_over_latency
from xl_econ.workbook.layout import FIRST_COLUMN, FIRST_ROW
from xl_econ.workbook.page import Page, unit_format

TITLE = "Results"
PURPOSE = "The answer, one column per scenario. Every figure is taken live from the sheet Engine."
SENTENCES = ("headline", "hosted_headline")
KEYS = ("usd_per_m_tokens", "usd_per_month", "output_tokens_per_s", "accelerators")
HOUR_LINES = (
    "server_usd_per_accelerator_h",
    "network_usd_per_accelerator_h",
    "storage_usd_per_accelerator_h",
    "installation_usd_per_accelerator_h",
    "residual_usd_per_accelerator_h",
    "colocation_usd_per_accelerator_h",
    "energy_usd_per_accelerator_h",
    "maintenance_usd_per_accelerator_h",
    "spares_usd_per_accelerator_h",
    "software_usd_per_accelerator_h",
    "staff_usd_per_accelerator_h",
    "insurance_usd_per_accelerator_h",
)
"""They add up to the owned hour."""
TABLE = {
    "Cost": (
        "usd_per_m_input_tokens",
        "usd_per_m_output_tokens",
        "usd_per_m_tokens",
        "usd_per_accelerator_h",
        "usd_per_h",
        "usd_per_month",
    ),
    "What an accelerator-hour costs: rented, and owned by line": (
        "procurement",
        "rent_usd_per_accelerator_h",
        "owned_usd_per_accelerator_h",
        *HOUR_LINES,
    ),
    "Hosted alternative": ("hosted_usd_per_m_tokens", "hosted_usd_per_month", "own_over_hosted"),
    "Service": (
        "ttft_ms",
        "itl_ms",
        "prefill_ms",
        "decode_step_ms",
        "concurrency",
        "input_tokens_per_s",
        "output_tokens_per_s",
        "utilisation",
    ),
    "At the demand that Inputs says": ("ttft_at_load_ms", "itl_at_load_ms", "mean_running"),
    "Range of the prediction, P10 to P90": (
        "p10_ttft_ms",
        "p90_ttft_ms",
        "p10_itl_ms",
        "p90_itl_ms",
        "p10_output_tokens_per_s",
        "p90_output_tokens_per_s",
    ),
    "Energy": ("accelerator_kw", "kwh_per_m_tokens", "kg_co2e_per_m_tokens", "energy_cost_share"),
    "In a second currency": (
        "currency",
        "currency_per_m_input_tokens",
        "currency_per_m_output_tokens",
        "currency_per_m_tokens",
        "currency_per_month",
    ),
    "Memory and fleet": (
        "weights_gb",
        "min_accelerators",
        "kv_mb_per_token",
        "kv_capacity_tokens",
        "memory_concurrency",
        "replicas",
        "accelerators",
    ),
    "Provider and value chain, one accelerator": ("provider_result_usd", "vendor_gross_profit_usd"),
    "State": ("serving_state_label", "money_state_label"),
}


def write(page: Page) -> None:
    notes = page.layout.notes_column
    page.head(TITLE, PURPOSE, {0: 44, 1: 14, **dict.fromkeys(page.sheet_columns, 31), notes: 3})
    page.scenario_heads()
    page.column_heads({0: "Result", 1: "Unit"})
    rows: dict[str, int] = {}
    row = FIRST_ROW
    for name in SENTENCES:
        row = _line(page, row, name, "sentence", height=60)
    for name in KEYS:
        row = _line(page, row, name, "key", height=30)
    for title, names in TABLE.items():
        row += 1
        for column in range(notes):
            page.text(row, column, title if column == 0 else "", "section")
        row += 1
        for name in names:
            rows[name] = row
            row = _line(page, row, name, "link")
    cost_by_scenario(page, FIRST_ROW, notes + 1, rows)
    throughput_over_latency(page, FIRST_ROW + 13, notes + 1)
    hour_by_scenario(page, FIRST_ROW + 34, notes + 1, {name: rows[name] for name in HOUR_LINES})


def _line(page: Page, row: int, name: str, role: str, height: float | None = None) -> int:
    """One quantity across the scenarios; gives the next row."""
    quantity = page.layout.graph[name]
    page.text(row, 0, quantity.label, "strong" if role != "link" else "label")
    page.text(row, 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")
    for column in page.scenario_columns:
        result_cell(page, row, FIRST_COLUMN + column, quantity, column, role)
    if height:
        page.pen.dress("set_row", row, height)
    return row + 1


def result_cell(page: Page, row: int, at: int, quantity: Quantity, column: int, role: str) -> None:
    """The figure, or why there is none."""
    if quantity.state is None:
        page.link(row, at, quantity.name, column, role)
        return
    taken = _taken(quantity)
    seen = page.naming(column)
    naming = Naming(lambda parameter: seen.one(taken[parameter]), str)
    page.spelled(
        row, at, trace_function(shown), naming, result_value(page, quantity, column), role, unit_format(quantity)
    )


def result_value(page: Page, quantity: Quantity, column: int) -> Any:
    """What a result's cell shows."""
    if quantity.state is None:
        return page.columns.value(quantity.name, column)
    state, words, figure = (page.columns.value(name, column) for name in _taken(quantity).values())
    return shown(state, np.asarray(words, object), np.asarray(figure, object)).item()


def _taken(quantity: Quantity) -> dict[str, str]:
    """What `shown` takes, by its parameters."""
    return {"state": str(quantity.state), "words": f"{quantity.state}_label", "figure": quantity.name}
