"""Results: the answer first, then the figures side by side, then the charts."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_econ.core.graph import trace_function
from xl_econ.core.quantity import Quantity
from xl_econ.core.spell import Naming
from xl_econ.model import simulation
from xl_econ.model.headline import shown
from xl_econ.workbook.charts import (
    cash_over_months,
    cost_by_scenario,
    cost_over_volume,
    hour_by_scenario,
    supply_by_year,
    throughput_over_latency,
)
from xl_econ.workbook.layout import FIRST_COLUMN, FIRST_ROW, HEAD_ROW, INPUTS, letters
from xl_econ.workbook.page import Page, unit_format
from xl_econ.workbook.sheets.simulation import moved, stamp
from xl_econ.workbook.simulation_cells import RANGE, RANGED

TITLE = "Results"
PURPOSE = "The answer, one column per scenario. Every figure is taken live from the sheet Engine."
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
SENTENCES = ("headline", "hosted_headline", "break_even_headline")
TOLD = {"order_headline": 40, "mix_headline": 54, "bands_headline": 68}
"""Sentences within the table, with the height of their row."""
KEYS = ("usd_per_month", "usd_per_k_requests", "usd_per_m_tokens", "output_tokens_per_s", "accelerators")
"""Each with its range in words under it."""
SIMULATED = "With all that is uncertain: P10 to P90 of the runs on Simulation"
TABLE = {
    "Cost": (
        "usd_per_month",
        "idle_usd_per_month",
        "failed_usd_per_month",
        "platform_usd_per_month",
        "usd_per_k_requests",
        "usd_per_h",
        "usd_per_accelerator_h",
    ),
    "Cost of 1 M tokens": (
        "usd_per_m_input_tokens",
        "usd_per_m_computed_input_tokens",
        "usd_per_m_cached_input_tokens",
        "usd_per_m_output_tokens",
        "usd_per_m_tokens",
        "idle_usd_per_m_tokens",
    ),
    "Hosted alternative: the same weights": (
        "hosted_date",
        "hosted_usd_per_month",
        "hosted_usd_per_k_requests",
        "hosted_usd_per_m_tokens",
        "own_over_hosted",
        "gross_margin",
    ),
    "Hosted alternative: what we buy today": (
        "bought_date",
        "bought_usd_per_month",
        "bought_usd_per_k_requests",
        "bought_usd_per_m_tokens",
    ),
    "Cost of 1,000 tasks that are passed": (
        "usd_per_k_passed_tasks",
        "hosted_usd_per_k_passed_tasks",
        "bought_usd_per_k_passed_tasks",
        "own_over_bought",
    ),
    "Break-even, input and output together": (
        "break_even_m_tokens_per_day",
        "break_even_replicas",
        "for_good_m_tokens_per_day",
        "for_good_replicas",
        "replica_m_tokens_per_day",
        "served_m_tokens_per_day",
    ),
    "What an accelerator-hour costs: rented, and owned by line": (
        "procurement",
        "rent_usd_per_accelerator_h",
        "owned_usd_per_accelerator_h",
        *HOUR_LINES,
    ),
    "Over the plan": (
        "npv_usd",
        "irr",
        "payback_months",
        "equity_npv_usd",
        "equity_irr",
        "debt_cover",
        "own_tco_usd",
        "rent_tco_usd",
        "hosted_tco_usd",
    ),
    "Capacity": (
        "spare_requests_per_s",
        "order_headline",
        "until_short_months",
        "until_order_months",
        "first_short_accelerators",
        "most_short_accelerators",
    ),
    "If demand stays below plan": (
        "demand_shortfall",
        "lost_owned_usd",
        "lost_committed_usd",
        "non_cancellable_usd",
    ),
    "Demand by hour: base load reserved, the rest by the hour": (
        "mix_headline",
        "mix_usd_per_month",
        "all_reserved_usd_per_month",
        "all_on_demand_usd_per_month",
        "reserved_replicas",
        "kept_replicas",
        "bands_headline",
    ),
    "Service": (
        "ttft_ms",
        "itl_ms",
        "prefill_ms",
        "decode_step_ms",
        "concurrency",
        "input_tokens_per_s",
        "output_tokens_per_s",
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
    "Range of costs, by that of throughput": (
        "p10_usd_per_m_tokens",
        "p90_usd_per_m_tokens",
        "p10_usd_per_m_output_tokens",
        "p90_usd_per_m_output_tokens",
        "p10_accelerators",
        "p90_accelerators",
        "p10_usd_per_month",
        "p90_usd_per_month",
        "fast_break_even_m_tokens_per_day",
        "slow_break_even_m_tokens_per_day",
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
        "needed_replicas",
        "replicas",
        "accelerators",
        "average_load_share",
        "needed_over_provisioned_share",
        "utilisation",
    ),
    "Provider and value chain, one accelerator": (
        "cloud_break_even_usd_per_h",
        "cloud_ebitda_margin",
        "cloud_payback_years",
        "provider_result_usd",
        "vendor_gross_profit_usd",
    ),
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
        row = _line(page, row, f"{name}_range", "range")
    if page.layout.trials:
        row = _simulated(page, row)
    for title, names in TABLE.items():
        row = _section(page, row + 1, title)
        for name in filter(page.layout.holds, names):
            rows[name] = row
            row = _line(page, row, name, "sentence", TOLD[name]) if name in TOLD else _line(page, row, name, "link")
    _charts(page, notes + 1, rows)


def _section(page: Page, row: int, title: str) -> int:
    """Gives the next row."""
    for column in range(page.layout.notes_column):
        page.text(row, column, title if column == 0 else "", "section")
    return row + 1


def _simulated(page: Page, row: int) -> int:
    """The ranges that runs with drawn inputs gave: of throughput, and of every assumption with a low and a high."""
    first = _section(page, row + 1, SIMULATED)
    for row, (name, decimals) in enumerate(RANGED.items(), start=first):
        quantity = page.layout.graph[name]
        page.text(row, 0, quantity.label)
        page.text(row, 1, quantity.unit, "unit")
        taken = {part: stamp(page, f"{part}.{name}") for part in RANGE} | {"moved": moved(page, name)}
        taken |= {"runs": stamp(page, "runs"), "simulated": stamp(page, "scenario")}
        words = simulation.simulated_cents if decimals else simulation.simulated_whole
        for place, column in enumerate(page.columns.scenarios):
            at = FIRST_COLUMN + place
            title = (f"{INPUTS}!{letters(at)}{HEAD_ROW + 1}", column.title)
            page.worked(row, at, words, taken | {"scenario": title}, "range", "text")
    return first + len(RANGED)


def _charts(page: Page, column: int, rows: dict[str, int]) -> None:
    """Under each other, right of the table; none is cut where a page ends."""
    below = rows["break_even_m_tokens_per_day"] - 1
    page.pen.dress("set_h_pagebreaks", [below, rows["ttft_ms"] - 1])
    cost_by_scenario(page, FIRST_ROW, column, rows)
    cost_over_volume(page, FIRST_ROW + 9, column)
    throughput_over_latency(page, FIRST_ROW + 29, column)
    hour_by_scenario(page, below + 1, column, {name: rows[name] for name in HOUR_LINES})
    cash_over_months(page, below + 22, column)
    supply_by_year(page, below + 43, column)


def _line(page: Page, row: int, name: str, role: str, height: float | None = None) -> int:
    """One quantity across the scenarios; gives the next row."""
    quantity = page.layout.graph[name]
    page.text(row, 0, quantity.label, "strong" if height else "label")
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
