"""Charts: one function each. A chart is drawn from cells, so it is live; no series holds typed values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xl_econ.model import PERIOD
from xl_econ.workbook.bridge_cells import FALL, HIDDEN, LABEL, RISE, TOTAL, Table
from xl_econ.workbook.layout import FIRST_COLUMN, FIRST_YEAR_COLUMN, HEAD_ROW, INPUTS, PLAN
from xl_econ.workbook.page import Page
from xl_econ.workbook.sensitivity_cells import CHART, SORTED, SORTED_HIGH, SORTED_LOW
from xl_econ.workbook.simulation_cells import BIN_ROWS, CHART_COLUMNS, CHART_ROW, CHARTED, bin_columns

COLOURS = ("#1F3864", "#C55A11", "#548235", "#7F6000", "#7030A0", "#2E75B6", "#833C0B", "#404040")
BARS = ("#9DC3E6", "#2E75B6", "#1F3864", "#A6A6A6")
"""Not the scenarios' colours: a bar is a part of the cost."""
CAPITAL, RUNNING = ("#1F3864", "#2E75B6", "#9DC3E6", "#DEEBF7"), ("#833C0B", "#F4B183", "#7F6000", "#FFD966")
REST = ("#A6A6A6", "#548235", "#A9D18E", "#404040")
LINES = (*CAPITAL, *REST[:1], *RUNNING, *REST[1:])
"""Of an owned hour: what is bought in blues, what goes on in warm colours and greens."""
SIGNS = ("circle", "diamond", "triangle", "square", "x", "plus", "star", "long_dash")
DASHES = ("solid", "dash", "round_dot", "dash_dot", "long_dash")
NEGATIVES = "#,##0;(#,##0)"
GRID = {"visible": True, "line": {"color": "#D9D9D9", "width": 0.5}}


@dataclass(frozen=True)
class Drawn:
    """What a chart of points shows: name, x and y of each series, all x, and the ends of both axes."""

    series: list[tuple[list[Any], list[Any], list[Any]]]
    measured: list[Any]
    least: float
    most: float


def throughput_over_latency(page: Page, row: int, column: int) -> None:
    """Output of one accelerator against the time between tokens, a line per scenario; units differ in size."""
    chart = {"type": "scatter", "subtype": "straight_with_markers"}
    series = [
        _line(page, place, "level_itl_ms", "level_output_tokens_per_s_per_accelerator")
        for place in page.scenario_columns
    ]
    series.append(_chosen(page))
    layout = {
        "set_title": {"name": "Throughput against latency", "name_font": {"size": 12}},
        "set_x_axis": axis("Time between tokens, ms (logarithmic)")
        | {"log_base": 10, "crossing": "min", "minor_gridlines": GRID},
        "set_y_axis": axis("Output of one accelerator, tokens/s"),
        "set_legend": {"position": "bottom"},
    }
    page.pen.dress(
        "chart", row, column, chart, series, layout, alt="Output tokens per second against time between tokens"
    )


def cost_over_concurrency(page: Page, row: int, column: int) -> None:
    """Cost of a million tokens against concurrency, both on logarithmic axes."""
    chart = {"type": "scatter", "subtype": "straight_with_markers"}
    series = [_line(page, place, "level_concurrency", "level_usd_per_m_tokens") for place in page.scenario_columns]
    layout = {
        "set_title": {"name": "Cost of 1 M tokens against concurrency", "name_font": {"size": 12}},
        "set_x_axis": axis("Sequences running in one replica; steps come from whole replicas") | {"log_base": 10},
        "set_y_axis": axis("USD per 1 M tokens", "General") | {"log_base": 10, "crossing": "min"},
        "set_legend": {"position": "bottom"},
    }
    page.pen.dress("chart", row, column, chart, series, layout, alt="Cost of a million tokens against concurrency")


def cost_by_scenario(page: Page, row: int, column: int, rows: dict[str, int]) -> None:
    """Cost of a million tokens: input, output, both, and the hosted API; `rows` says where this sheet shows them.

    What is absent stands there as words, so that it has no bar.
    """
    names = {
        "usd_per_m_input_tokens": "Input",
        "usd_per_m_output_tokens": "Output",
        "usd_per_m_tokens": "Blended",
        "hosted_usd_per_m_tokens": "Hosted API, blended",
    }
    series = [_bars(page, rows[name], label, place) for place, (name, label) in enumerate(names.items())]
    layout = {
        "set_title": {"name": "Cost of 1 M tokens by scenario, USD", "name_font": {"size": 12}},
        "set_x_axis": {"num_font": {"size": 9}},
        "set_y_axis": axis("USD per 1 M tokens", "#,##0.00"),
        "set_legend": {"position": "bottom"},
    }
    page.pen.dress("chart", row, column, {"type": "column"}, series, layout, alt="Cost of a million tokens by scenario")


def hour_by_scenario(page: Page, row: int, column: int, rows: dict[str, int]) -> None:
    """What an owned accelerator-hour is made of, a column per scenario; the value left at the end lies below zero."""
    graph = page.layout.graph
    series = [
        _part(page, at, graph[name].label.partition(": ")[2], place) for place, (name, at) in enumerate(rows.items())
    ]
    layout = {
        "set_title": {"name": "An owned accelerator-hour by line, USD", "name_font": {"size": 12}},
        "set_x_axis": {"num_font": {"size": 9}, "label_position": "low"},
        "set_y_axis": axis("USD per accelerator-hour", "#,##0.00"),
        "set_legend": {"position": "right", "font": {"size": 8}},
    }
    chart = {"type": "column", "subtype": "stacked"}
    page.pen.dress("chart", row, column, chart, series, layout, alt="Parts of an owned accelerator-hour by scenario")


def cost_over_volume(page: Page, row: int, column: int) -> None:
    """Own cost in steps of whole replicas, and the hosted API, in the first scenario; the break-even is marked."""
    volumes = block(page, "grid_m_tokens_per_day", 0)
    series = [
        plain_line("Own, whole replicas", volumes, block(page, "grid_own_usd_per_day", 0), 0),
        plain_line("Hosted API", volumes, block(page, "grid_hosted_usd_per_day", 0), 1),
        {"name": "Break-even", **_marked(page, "drawn_m_tokens_per_day", "drawn_usd_per_day", FIRST_COLUMN)},
    ]
    layout = {
        "set_title": {"name": "Own and hosted cost over volume, first scenario", "name_font": {"size": 12}},
        "set_x_axis": axis("M tokens per day, input and output") | {"min": 0},
        "set_y_axis": axis("USD per day") | {"min": 0},
        "set_legend": {"position": "bottom"},
    }
    alt = "Own and hosted cost per day against the volume, with the break-even marked"
    page.pen.dress("chart", row, column, {"type": "scatter", "subtype": "straight"}, series, layout, alt=alt)


def cash_over_months(page: Page, row: int, column: int) -> None:
    """Cash so far, a line per scenario: how deep it goes, and when it has paid back."""
    series = [
        {
            "name": [INPUTS, HEAD_ROW, FIRST_COLUMN + place],
            # The numbers themselves: with those of Plan, LibreOffice 7.4 ends far more often when a value is typed.
            "categories": _across(page, PERIOD, place),
            "values": _across(page, "plan_cash_so_far_usd", place),
            "line": {"color": COLOURS[place % len(COLOURS)], "width": 1.75, "dash_type": DASHES[place % len(DASHES)]},
        }
        for place in page.scenario_columns
    ]
    layout = {
        "set_title": {"name": "Cash so far, before debt", "name_font": {"size": 12}},
        "set_x_axis": {"num_format": "0", "num_font": {"size": 9}, "label_position": "low", "interval_unit": 12}
        | {"name": "Month", "name_font": {"size": 9, "bold": False}, "interval_tick": 12},
        "set_y_axis": axis("USD", NEGATIVES),
        "set_legend": {"position": "bottom"},
    }
    page.pen.dress("chart", row, column, {"type": "line"}, series, layout, alt="Cash so far by month and scenario")


def supply_by_year(page: Page, row: int, column: int) -> None:
    """What the first scenario costs a year if it owns, rents or buys tokens; an owned fleet is sold at the end."""
    names = {"plan_own_usd": "Own", "plan_rent_usd": "Rent", "plan_hosted_usd": "Hosted API"}
    last = FIRST_YEAR_COLUMN + page.layout.years - 1
    series = [
        {
            "name": label,
            "categories": [PLAN, HEAD_ROW, FIRST_YEAR_COLUMN, HEAD_ROW, last],
            "values": [PLAN, page.layout.place(name).row, FIRST_YEAR_COLUMN, page.layout.place(name).row, last],
            "fill": {"color": BARS[place]},
            "gap": 80,
        }
        for place, (name, label) in enumerate(names.items())
    ]
    layout = {
        "set_title": {"name": "Own, rent or hosted API: first scenario, USD paid by year", "name_font": {"size": 12}},
        "set_x_axis": {"num_font": {"size": 9}, "label_position": "low"},
        "set_y_axis": axis("USD; own: purchases and running, less sales", NEGATIVES),
        "set_legend": {"position": "bottom"},
    }
    alt = "Cost by year of an owned fleet, a rented one and the hosted API"
    page.pen.dress("chart", row, column, {"type": "column"}, series, layout, alt=alt)


def _across(page: Page, name: str, place: int) -> list[Any]:
    """A quantity's months."""
    found, at = page.layout.place(name, place), page.layout.sheet_column(name, place)
    return [found.sheet, found.row, at, found.row, at + found.across - 1]


def waterfall(page: Page, table: Table, title: str | list[Any]) -> None:
    """A bridge from top to bottom: bars that stand on what is not drawn; native waterfalls are not known everywhere."""
    rows = range(table.opening, table.end + 1)
    kinds = {
        TOTAL: ("Stands at", "#9DC3E6", "#,##0.00;;"),
        FALL: ("Less", "#A9D18E", "(#,##0.00);;"),
        RISE: ("More", "#F4B183", "+#,##0.00;;"),
    }
    series = [
        _bridge_bars(page, rows, HIDDEN) | {"name": "Not drawn", "fill": {"none": True}, "border": {"none": True}}
    ]
    series += [
        _bridge_bars(page, rows, column)
        | {"name": name, "fill": {"color": colour}, "border": {"color": "#595959", "width": 0.5}}
        | {"data_labels": {"value": True, "num_format": signs, "font": {"size": 9}}}
        for column, (name, colour, signs) in kinds.items()
    ]
    layout = {
        "set_size": {"width": 940, "height": 440},
        "set_title": {"name": title, "name_font": {"size": 12}},
        "set_x_axis": {"num_format": "General", "major_gridlines": GRID, "num_font": {"size": 9}},
        "set_y_axis": {"reverse": True, "major_gridlines": {"visible": False}, "num_font": {"size": 9}},
        "set_legend": {"none": True},
    }
    chart = {"type": "bar", "subtype": "stacked"}
    page.pen.dress(
        "chart", table.chart, 0, chart, series, layout, alt="From one figure to another: a bar for each step"
    )


def tornado(page: Page, title: list[Any]) -> None:
    """How far the result moves to either side of the base, the largest swing on top."""
    signs = "[>0.0005]+#,##0.000;[<-0.0005](#,##0.000);"
    kinds = {SORTED_LOW: ("At the low end", "#9DC3E6"), SORTED_HIGH: ("At the high end", "#F4B183")}
    series = [
        {
            "name": name,
            "categories": [page.sheet, SORTED[0], LABEL, SORTED[-1], LABEL],
            "values": [page.sheet, SORTED[0], column, SORTED[-1], column],
            "fill": {"color": colour},
            "border": {"color": "#595959", "width": 0.5},
            "gap": 40,
            "overlap": 100,
            "data_labels": {
                "value": True,
                "num_format": signs,
                "font": {"size": 8},
            },
        }
        for column, (name, colour) in kinds.items()
    ]
    layout = {
        "set_size": {"width": 940, "height": 420},
        "set_title": {"name": title, "name_font": {"size": 12}},
        "set_x_axis": {"num_format": "General", "major_gridlines": GRID, "num_font": {"size": 9}},
        "set_y_axis": {"reverse": True, "label_position": "low", "num_font": {"size": 9}},
        "set_legend": {"position": "bottom"},
    }
    alt = "Change of the result at the low and high end of each driver"
    page.pen.dress("chart", CHART, 0, {"type": "bar"}, series, layout, alt=alt)


def _bridge_bars(page: Page, rows: range, column: int) -> dict[str, Any]:
    return {
        "categories": [page.sheet, rows[0], LABEL, rows[-1], LABEL],
        "values": [page.sheet, rows[0], column, rows[-1], column],
        "gap": 40,
    }


def histogram(page: Page, place: int) -> None:
    """How many runs gave what: columns over bins, since no program but Excel knows a chart of its own for it."""
    middle, runs = bin_columns(place)
    quantity = page.layout.graph[CHARTED[place]]
    first, last = BIN_ROWS[0], BIN_ROWS[-1]
    series = {
        "name": "Runs",
        "categories": [page.sheet, first, middle, last, middle],
        "values": [page.sheet, first, runs, last, runs],
        "fill": {"color": COLOURS[place]},
        "gap": 5,
    }
    number = "#,##0" if quantity.unit == "USD" else "#,##0.00"
    low, name = {"label_position": "low", "interval_unit": 3}, f"{quantity.label}, {quantity.shown_unit}"
    alt = f"Histogram over all runs: {name}"
    layout = {
        "set_title": {"name": name, "name_font": {"size": 12}},
        "set_x_axis": axis("Middle of the bin; the first and the last hold the ends", number) | low,
        "set_y_axis": axis("Runs") | {"min": 0},
        "set_legend": {"none": True},
    }
    at = CHART_ROW, CHART_COLUMNS[place]
    page.pen.dress("chart", *at, {"type": "column"}, [series], layout, alt=alt)


def predicted_against_measured(page: Page, at: tuple[int, int], title: str, unit: str, drawn: Drawn) -> None:
    """Points of several measures in one unit, and the line on which a prediction is what was measured."""
    series = [_points(place, name, x, y) for place, (name, x, y) in enumerate(drawn.series)]
    series.append(_diagonal(drawn.measured))
    bounds = {"log_base": 10, "min": drawn.least, "max": drawn.most, "crossing": "min"}
    layout = {
        "set_title": {"name": title, "name_font": {"size": 12}},
        "set_x_axis": axis(f"Measured, {unit} (logarithmic)", "General") | bounds,
        "set_y_axis": axis(f"Predicted, {unit} (logarithmic)", "General") | bounds,
        "set_legend": {"position": "bottom"},
    }
    alt = f"{title}: a point for each row, near the line where both are equal"
    page.pen.dress("chart", *at, {"type": "scatter", "subtype": "straight"}, series, layout, alt=alt)


def _points(place: int, name: list[Any], x: list[Any], y: list[Any]) -> dict[str, Any]:
    colour = COLOURS[place]
    marker = {"type": SIGNS[place], "size": 6, "border": {"color": colour}, "fill": {"none": True}}
    return {"name": name, "categories": x, "values": y, "line": {"none": True}, "marker": marker}


def _diagonal(measured: list[Any]) -> dict[str, Any]:
    """Each measurement against itself."""
    line = {"color": "#7F7F7F", "width": 1}
    return {
        "name": "Predicted = measured",
        "categories": measured,
        "values": measured,
        "line": line,
        "marker": {"type": "none"},
    }


def axis(name: str, number: str = "#,##0") -> dict[str, Any]:
    font = {"name_font": {"size": 9, "bold": False}, "num_font": {"size": 9}}
    return {"name": name, "num_format": number, "major_gridlines": GRID, **font}


def _line(page: Page, place: int, x: str, y: str) -> dict[str, Any]:
    colour = COLOURS[place % len(COLOURS)]
    return {
        "name": [INPUTS, HEAD_ROW, FIRST_COLUMN + place],
        "categories": block(page, x, place),
        "values": block(page, y, place),
        "line": {"color": colour, "width": 1.75},
        "marker": {
            "type": SIGNS[place % len(SIGNS)],
            "size": 5,
            "border": {"color": colour},
            "fill": {"color": colour},
        },
    }


def block(page: Page, name: str, place: int) -> list[Any]:
    """A quantity's cells along its axis, in one scenario."""
    found = page.layout.place(name)
    at = FIRST_COLUMN + place
    return [found.sheet, found.row, at, found.row + found.rows - 1, at]


def plain_line(name: str, x: list[Any], y: list[Any], place: int) -> dict[str, Any]:
    """A line without marks."""
    line = {"color": COLOURS[place], "width": 1.75}
    return {"name": name, "categories": x, "values": y, "line": line, "marker": {"type": "none"}}


def _chosen(page: Page) -> dict[str, Any]:
    """Where each scenario runs: the best point within its limits."""
    last = FIRST_COLUMN + page.layout.scenarios - 1
    return {"name": "Chosen point", **_marked(page, "itl_ms", "output_tokens_per_s_per_accelerator", last)}


def _marked(page: Page, x: str, y: str, last: int) -> dict[str, Any]:
    """Circles around single points, of the first scenario to the one in the last column."""
    cells = [
        [found.sheet, found.row, FIRST_COLUMN, found.row, last]
        for found in (page.layout.place(x), page.layout.place(y))
    ]
    marker = {"type": "circle", "size": 11, "border": {"color": "#C00000", "width": 1.5}, "fill": {"none": True}}
    return {"categories": cells[0], "values": cells[1], "line": {"none": True}, "marker": marker}


def _part(page: Page, row: int, label: str, place: int) -> dict[str, Any]:
    bar = _bars(page, row, label, 0)
    return {key: bar[key] for key in ("name", "categories", "values", "gap")} | {"fill": {"color": LINES[place]}}


def _bars(page: Page, row: int, label: str, place: int) -> dict[str, Any]:
    last = FIRST_COLUMN + page.layout.scenarios - 1
    return {
        "name": label,
        "categories": [INPUTS, HEAD_ROW, FIRST_COLUMN, HEAD_ROW, last],
        "values": [page.sheet, row, FIRST_COLUMN, row, last],
        "fill": {"color": BARS[place]},
        "gap": 80,
        "data_labels": {"value": True, "num_format": "0.00", "font": {"size": 8}},
    }
