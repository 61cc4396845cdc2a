"""Charts of the sheet Demand, of the first scenario."""

from __future__ import annotations

from typing import Any

from xl_econ.workbook.charts import BARS, axis, block, plain_line
from xl_econ.workbook.page import Page

LEFT, RIGHT = {"width": 520, "height": 420}, {"width": 650, "height": 420}


def replicas_by_hour(page: Page, row: int, column: int) -> None:
    """Reserved replicas at work in front of all that are needed: what stands out is hired by the hour."""
    series = [
        _bars(page, "hour_replicas", "On demand and spot: above the reserve", 0),
        _bars(page, "hour_reserved_replicas", "Reserved, at work", 2),
    ]
    layout = {
        "set_size": LEFT,
        "set_title": {
            "name": "Replicas by hour: first scenario",
            "name_font": {"size": 12},
        },
        "set_x_axis": {"num_font": {"size": 8, "rotation": -90}, "interval_unit": 2},
        "set_y_axis": axis("Replicas") | {"min": 0},
        "set_legend": {"position": "bottom"},
    }
    alt = "Replicas that are needed in each hour of a weekday and a weekend day, with those that are reserved"
    page.pen.dress("chart", row, column, {"type": "column"}, series, layout, alt=alt)


def capacity_over_volume(page: Page, row: int, column: int) -> None:
    """Both costs at each volume of the grid; where the lines cross, a band begins or ends."""
    volumes = block(page, "volume_m_requests_per_month", 0)
    series = [
        plain_line("Own or rented capacity", volumes, block(page, "volume_capacity_usd_per_month", 0), 0),
        plain_line("Hosted API", volumes, block(page, "volume_hosted_usd_per_month", 0), 1),
    ]
    layout = {
        "set_size": RIGHT,
        "set_title": {"name": "Capacity and hosted cost over volume: first scenario", "name_font": {"size": 12}},
        "set_x_axis": axis("M requests per month", "#,##0.0") | {"min": 0},
        "set_y_axis": axis("USD per month") | {"min": 0},
        "set_legend": {"position": "bottom"},
    }
    alt = "Cost per month of own or rented capacity in whole replicas, and of the hosted API, against the volume"
    page.pen.dress("chart", row, column, {"type": "scatter", "subtype": "straight"}, series, layout, alt=alt)


def _bars(page: Page, name: str, label: str, place: int) -> dict[str, Any]:
    values = block(page, name, 0)
    sheet, first, _, last, _ = values
    return {
        "name": label,
        "categories": [sheet, first, 0, last, 0],
        "values": values,
        "fill": {"color": BARS[place]},
        "gap": 20,
        "overlap": 100,
    }
