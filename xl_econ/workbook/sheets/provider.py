"""Provider: the GPU cloud's economics of one accelerator, and who gets which share of a dollar of tokens."""

from __future__ import annotations

from typing import Any

import numpy as np

from xl_econ.core.expr import Ref
from xl_econ.core.quantity import Derived, Quantity
from xl_econ.core.spell import Naming, words
from xl_econ.model import AXES, provider_value
from xl_econ.model.bridge import same
from xl_econ.workbook.layout import FIRST_COLUMN, FIRST_ROW, HEAD_ROW, INPUTS, PROVIDER, YEAR, letters
from xl_econ.workbook.page import Page, Seen
from xl_econ.workbook.places import Group
from xl_econ.workbook.provider_cells import CHAIN, CHAIN_ROWS, CHART_ROWS, RESULT_ROWS, RESULTS, STEPS
from xl_econ.workbook.provider_charts import cash_by_year, rent_over_share, revenue_by_tier, value_chain
from xl_econ.workbook.sheets.results import result_cell

TITLE = "Provider"
PURPOSE = (
    "The GPU cloud that buys one accelerator and rents it out, in years, and who gets which share of a dollar of "
    "tokens. Costs, tax and payments are positive in their rows; profit and cash are signed."
)
CHAIN_TITLE = "Who gets which share of a dollar that is paid for tokens at the hosted price"
TABLE_TITLE = "Rent at which it breaks even, by share of hours sold and change of rent a year: first scenario"
LABEL_WIDTH, UNIT_WIDTH, FIGURE_WIDTH, HOW_WIDTH, NAME_WIDTH = 52, 12, 15, 150, 34
RIGHT_CHART = FIRST_COLUMN + 2
"""The column where the right one of two charts begins."""
CHARTS = FIRST_ROW + RESULT_ROWS + CHAIN_ROWS
"""The row of the upper charts."""
COSTS = FIRST_COLUMN + STEPS
"""The column of all costs, beside the table."""

OFTEN_WORDS = ("cloud_irr", "cloud_payback_years", "cloud_equity_irr")
"""Results that often have none: room for two lines."""
WEIGHT = {
    "rate": "wacc",
    "life": "cloud_life",
    "term": "cloud_term",
    "slack": "slack",
    "annuity": "cloud_term_annuity",
    "start": "cloud_start_share",
    "contracted": "cloud_contracted_share",
    "contract": "contract_price_share",
    "renewal": "renewal_price_share",
    "uncontracted": "cloud_open_price_share",
}
COST = {
    "costs": "cloud_costs_usd",
    "idle": "idle_power_share",
    "load": "load_power_share",
    "take_or_pay": "power_take_or_pay_share",
    "power_share": "cloud_power_share",
    "full_power": "cloud_full_power_usd_per_year",
    "one_year": "one_year",
    "annuity": "cloud_annuity",
}
RENT = {"state": "cloud_state", "words": "cloud_state_label", "hours": "year_hours", "kept": "cloud_kept_share"}
"""What the table of break-even rents takes beside its heads, by parameter."""


def write(page: Page) -> None:
    last = _last(page)
    widths = {0: LABEL_WIDTH, 1: UNIT_WIDTH, **dict.fromkeys(range(FIRST_COLUMN, last + 1), FIGURE_WIDTH)}
    page.head(TITLE, PURPOSE, widths | {last + 1: HOW_WIDTH, last + 2: NAME_WIDTH}, frozen=False)
    page.pen.dress("freeze_panes", 0, FIRST_COLUMN)
    _heads(page, HEAD_ROW)
    _results(page)
    groups = page.layout.groups[PROVIDER]
    _heads(page, groups[0].row - 1)
    for group in groups[: page.layout.provider_single]:
        page.group_title(group, last + 2)
        for quantity in group.quantities:
            _single(page, quantity)
    _head_of_years(page)
    for column in page.scenario_columns:
        _years(page, column, groups[page.layout.provider_single :])
    _print(page)


def _results(page: Page) -> None:
    """Results, charts, and the table of break-even rents."""
    table = CHARTS + 2 * CHART_ROWS
    _shown(page, FIRST_ROW, "The GPU cloud, one accelerator over its life", RESULTS)
    shares = _shown(page, FIRST_ROW + RESULT_ROWS, CHAIN_TITLE, CHAIN)
    value_chain(page, CHARTS, 0, shares)
    cash_by_year(page, CHARTS, RIGHT_CHART)
    revenue_by_tier(page, CHARTS + CHART_ROWS, 0)
    _table(page, table)
    heads, down = (table + 1, FIRST_COLUMN, COSTS - 1), (table + 3, table + 2 + STEPS)
    rent_over_share(page, CHARTS + CHART_ROWS, RIGHT_CHART, heads, down)


def _last(page: Page) -> int:
    """The last column of figures: of the scenarios or the years, whichever are more."""
    return FIRST_COLUMN + max(page.layout.scenarios, len(AXES["year"])) - 1


def _heads(page: Page, row: int) -> None:
    """Scenarios side by side."""
    page.scenario_heads(row)
    page.heads(row, {0: "Quantity", 1: "Unit", _last(page) + 1: "How it is computed", _last(page) + 2: "Name"})


def _band(page: Page, row: int, title: str) -> None:
    for at in range(_last(page) + 3):
        page.text(row, at, title if at == 0 else "", "section")


def _shown(page: Page, row: int, title: str, names: tuple[str, ...]) -> dict[str, int]:
    """Results or the reason why there are none; gives the row of each."""
    _band(page, row, title)
    rows = {name: row + place for place, name in enumerate(names, start=1)}
    for name, at in rows.items():
        quantity = page.layout.graph[name]
        _told(page, at, quantity)
        for column in page.scenario_columns:
            result_cell(page, at, FIRST_COLUMN + column, quantity, column, "link_wrapped")
        if name in OFTEN_WORDS:
            page.pen.dress("set_row", at, 28)
    return rows


def _told(page: Page, row: int, quantity: Quantity) -> None:
    page.text(row, 0, quantity.label)
    page.text(row, 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")


# --- the table of break-even rents -------------------------------------------------------------


def _table(page: Page, row: int) -> None:
    """Each column is another change of rent, each row another share of hours sold."""
    _band(page, row, TABLE_TITLE)
    weights = _weights(page, row + 1)
    page.text(row + 1, COSTS, "Costs, today", "head_right")
    step, down = page.seen("sold_share_step", 0), range(row + 3, row + 3 + STEPS)
    sold = page.worked(down[0], 1, same, {"cell": step}, "link", "share")
    for at in down:
        if at > down[0]:
            sold = page.worked(at, 1, provider_value.next_share, {"before": sold, "step": step}, unit="share")
        page.text(at, 0, "Share of hours sold")
        _rents(page, at, sold, weights)
    page.pen.dress("heat", down[0], FIRST_COLUMN, down[-1], FIRST_COLUMN + STEPS - 1)


def _weights(page: Page, row: int) -> list[Seen]:
    """Changes of rent, and the rents of today that a sold hour of each year is worth with each."""
    page.text(row, 0, page.layout.graph["rent_change"].label)
    page.text(row + 1, 0, page.layout.graph["cloud_weight"].label)
    step, found = page.seen("rent_change_step", 0), list[Seen]()
    change = page.worked(row, FIRST_COLUMN, same, {"cell": page.seen("rent_change", 0)}, "link", "rate")
    for at in range(FIRST_COLUMN, FIRST_COLUMN + STEPS):
        if at > FIRST_COLUMN:
            change = page.worked(row, at, provider_value.next_change, {"before": change, "step": step}, unit="rate")
        taken = {"change": change} | {name: page.seen(quantity, 0) for name, quantity in WEIGHT.items()}
        found.append(page.worked(row + 1, at, provider_value.weight_at, taken, unit="factor"))
    return found


def _rents(page: Page, row: int, sold: Seen, weights: list[Seen]) -> None:
    """The break-even rents at one share of hours sold, and the costs that they pay."""
    seen = {name: page.seen(quantity, 0) for name, quantity in COST.items()}
    costs = page.worked(row, COSTS, provider_value.costs_at, {"sold": sold} | seen, unit="USD")
    for place, weight in enumerate(weights):
        taken = {name: page.seen(quantity, 0) for name, quantity in RENT.items()}
        taken |= {"costs": costs, "sold": sold, "weight": weight}
        at, value = FIRST_COLUMN + place, _rent_value(taken)
        page.worked(row, at, provider_value.break_even_or_why, taken, unit="USD/h", value=value)


def _rent_value(taken: dict[str, Seen]) -> Any:
    """A figure or words: both as objects, or numpy would make text of the figure."""
    values = {name: np.asarray(value, object if name == "words" else float) for name, (_, value) in taken.items()}
    with np.errstate(all="ignore"):
        return provider_value.break_even_or_why(**values).item()


# --- formulas ----------------------------------------------------------------------------------


def _single(page: Page, quantity: Quantity) -> None:
    """One value for a scenario."""
    row, last = page.layout.place(quantity.name).row, _last(page)
    _told(page, row, quantity)
    for column in page.scenario_columns:
        page.quantity(quantity, column, "formula_text" if quantity.unit == "text" else "formula")
    how = words(page.layout.graph.trees[quantity.name])
    page.text(row, last + 1, how, "wrapped")
    page.text(row, last + 2, quantity.name, "note")
    longest = max((str(page.columns.value(quantity.name, column)) for column in page.scenario_columns), key=len)
    told = (longest, FIGURE_WIDTH) if quantity.unit == "text" else ("", FIGURE_WIDTH)
    page.fit_row(row, (how, HOW_WIDTH), told)


def _head_of_years(page: Page) -> None:
    row = page.layout.place(YEAR).row
    page.heads(row, {0: "Year by year; year 0 is the purchase", 1: "Unit"})
    page.across(page.layout.graph[YEAR], 0, "link_head")


def _years(page: Page, column: int, groups: list[Group]) -> None:
    """All rows of one scenario, under its name."""
    down = column * page.layout.provider_rows
    source = f"{INPUTS}!{letters(FIRST_COLUMN + column)}{HEAD_ROW + 1}"
    title = page.columns.scenarios[column].title
    top = page.layout.place(YEAR).row + 1 + down
    page.spelled(top, 0, Ref("name"), Naming(lambda _: source, str), title, "link_band", "text")
    if column:  # the first block stands below the head of all
        for year in AXES["year"]:
            page.text(top, FIRST_COLUMN + year, f"Year {year}", "head_right")
    for group in groups:
        _band(page, group.row + down, group.title)
        for quantity in group.quantities:
            assert isinstance(quantity, Derived)
            row, last = page.layout.place(quantity.name, column).row, _last(page)
            _told(page, row, quantity)
            page.across(quantity, column)
            page.text(row, last + 1, words(page.layout.graph.trees[quantity.name]), "note")
            page.text(row, last + 2, quantity.name, "note")


def _print(page: Page) -> None:
    """A page for the results, one for the charts, then formulas, then each scenario's years."""
    layout, years = page.layout, page.layout.place(YEAR).row
    last = years + 1 + layout.scenarios * layout.provider_rows - 2
    page.pen.dress("print_area", 0, 0, last, _last(page))
    blocks = [years + 1 + column * layout.provider_rows for column in page.scenario_columns[1:]]
    formulas = layout.groups[PROVIDER][0].row - 1
    page.pen.dress("set_h_pagebreaks", [CHARTS, formulas, years, *blocks])
