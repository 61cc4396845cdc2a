"""Charts of the sheet Provider: one function each, drawn from its cells."""

from __future__ import annotations

from typing import Any

from xl_econ.workbook.charts import COLOURS, DASHES, NEGATIVES, axis
from xl_econ.workbook.layout import FIRST_COLUMN, HEAD_ROW, INPUTS, YEAR
from xl_econ.workbook.page import Page

SIZE = {"width": 575, "height": 400}
"""Two side by side are as wide as the years."""
CHAIN = {
    "chain_vendor_cost_share": ("Vendor: cost", "#1F3864"),
    "chain_vendor_profit_share": ("Vendor: gross profit", "#9DC3E6"),
    "chain_equipment_share": ("Server, network, data centre", "#2E75B6"),
    "chain_power_share": ("Power", "#7F6000"),
    "chain_running_share": ("Colocation, staff, maintenance", "#FFD966"),
    "chain_overhead_share": ("Cloud: overhead, credit loss", "#F4B183"),
    "chain_interest_share": ("Lenders: interest", "#833C0B"),
    "chain_tax_share": ("Cloud: tax", "#A6A6A6"),
    "chain_cloud_share": ("Cloud: owners", "#C55A11"),
    "chain_platform_share": ("Serving: platform", "#404040"),
    "chain_serving_share": ("Serving: margin", "#548235"),
}
"""Vendor and equipment in blues, running cost in yellows, the cloud in oranges, serving in green."""
TIERS = {
    "cloud_contract_usd": ("Contracts", "#1F3864"),
    "cloud_renewed_usd": ("Renewed contracts", "#2E75B6"),
    "cloud_on_demand_usd": ("On demand", "#F4B183"),
    "cloud_spot_usd": ("Spot", "#FFD966"),
}


def value_chain(page: Page, row: int, column: int, rows: dict[str, int]) -> None:
    """Shares of a dollar of tokens, a column per scenario; losses lie below zero."""
    last = FIRST_COLUMN + page.layout.scenarios - 1
    series = [
        {
            "name": name,
            "categories": [INPUTS, HEAD_ROW, FIRST_COLUMN, HEAD_ROW, last],
            "values": [page.sheet, rows[quantity], FIRST_COLUMN, rows[quantity], last],
            "fill": {"color": colour},
            "gap": 60,
        }
        for quantity, (name, colour) in CHAIN.items()
    ]
    layout = _layout(
        "Who gets which share of a dollar of tokens", axis("Share of the hosted price, losses below 0", "0%")
    )
    layout |= {
        "set_x_axis": {"num_font": {"size": 9}, "label_position": "low"},
        "set_legend": {"position": "right", "font": {"size": 8}},
    }
    chart = {"type": "column", "subtype": "stacked"}
    page.pen.dress("chart", row, column, chart, series, layout, alt="Shares of a dollar of tokens by scenario")


def revenue_by_tier(page: Page, row: int, column: int) -> None:
    """What the first scenario's accelerator brings by year, by tier of the hours sold."""
    series = [
        {"name": name, "categories": _years(page, YEAR), "values": _years(page, quantity), "fill": {"color": colour}}
        | {"gap": 60}
        for quantity, (name, colour) in TIERS.items()
    ]
    layout = _layout("Revenue of one accelerator by tier: first scenario", axis("USD a year", NEGATIVES))
    layout["set_x_axis"] = _year_axis()
    chart = {"type": "column", "subtype": "stacked"}
    page.pen.dress("chart", row, column, chart, series, layout, alt="Revenue by year and tier of the hours sold")


def cash_by_year(page: Page, row: int, column: int) -> None:
    """Cash so far of one accelerator, a line per scenario."""
    series = [
        {
            "name": [INPUTS, HEAD_ROW, FIRST_COLUMN + place],
            "categories": _years(page, YEAR),
            "values": _years(page, "cloud_cash_so_far_usd", place),
            "line": {"color": COLOURS[place % len(COLOURS)], "width": 1.75, "dash_type": DASHES[place % len(DASHES)]},
        }
        for place in page.scenario_columns
    ]
    layout = _layout("Cash so far of one accelerator, before debt and tax", axis("USD", NEGATIVES))
    layout["set_x_axis"] = _year_axis()
    page.pen.dress("chart", row, column, {"type": "line"}, series, layout, alt="Cash so far by year and scenario")


def rent_over_share(page: Page, row: int, column: int, heads: tuple[int, int, int], down: tuple[int, int]) -> None:
    """The break-even rent over the share of hours sold, a line for each change of rent.

    `heads` are the row of the changes with its first and last column, `down` the first and last row of the shares.
    """
    head, first, last = heads
    series = [
        {
            "name": [page.sheet, head, at],
            "categories": [page.sheet, down[0], first - 1, down[1], first - 1],
            "values": [page.sheet, down[0], at, down[1], at],
            "line": {"color": COLOURS[at - first], "width": 1.75, "dash_type": DASHES[at - first]},
            "marker": {"type": "none"},
        }
        for at in range(first, last + 1)
    ]
    layout = _layout("Break-even rent by change of rent a year: first scenario", axis("USD per hour", "#,##0.00"))
    layout["set_x_axis"] = axis("Share of hours sold", "0%") | {"max": 1}
    chart = {"type": "scatter", "subtype": "straight"}
    page.pen.dress("chart", row, column, chart, series, layout, alt="Break-even rent against the share of hours sold")


def _layout(title: str, y: dict[str, Any]) -> dict[str, Any]:
    return {
        "set_size": SIZE,
        "set_title": {"name": title, "name_font": {"size": 12}},
        "set_y_axis": y,
        "set_legend": {"position": "bottom"},
    }


def _year_axis() -> dict[str, Any]:
    return {"name": "Year", "name_font": {"size": 9, "bold": False}, "num_font": {"size": 9}} | {
        "num_format": "0",
        "label_position": "low",
    }


def _years(page: Page, name: str, place: int = 0) -> list[Any]:
    found, at = page.layout.place(name, place), page.layout.sheet_column(name, place)
    return [found.sheet, found.row, at, found.row, at + found.across - 1]
