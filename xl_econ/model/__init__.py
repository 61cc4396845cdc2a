"""The economics of serving an LLM: names, units and formulas. Values come from catalog and inputs.

A new formula is one function in the file of its theme; `model_graph` wires it by name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from xl_econ.core.graph import Graph
from xl_econ.core.quantity import Quantity, declared_in
from xl_econ.core.repeat import repeat
from xl_econ.model import (
    article,
    assumed,
    bands,
    bounds,
    break_even,
    capacity,
    chain,
    checks,
    constants,
    cost,
    currency,
    curve,
    decode,
    demand,
    demand_checks,
    demand_words,
    energy,
    given,
    given_cost,
    given_demand,
    given_hour,
    given_parts,
    given_plan,
    given_provider,
    headline,
    hosted,
    identity_checks,
    intervals,
    invoice,
    layout,
    memory,
    method,
    mix,
    once_more,
    ownership,
    plan,
    plan_cash,
    plan_checks,
    plan_supply,
    plan_value,
    pools,
    prefill,
    provider,
    provider_cash,
    provider_checks,
    provider_sales,
    provider_value,
    queue,
    rates,
    service,
    value_chain,
    volumes,
)

THEMES = {
    method: "Method",
    memory: "Memory",
    rates: "Rates reached",
    prefill: "Prefill",
    decode: "Decode",
    curve: "Best concurrency",
    service: "Service of one replica",
    chain: "States of the queue",
    queue: "Queue",
    pools: "Disaggregated pools",
    intervals: "How far predictions may be off",
    ownership: "Price of an accelerator-hour",
    cost: "Fleet and cost",
    layout: "Layout",
    energy: "Energy",
    currency: "Cost in a second currency",
    invoice: "What the bill is made of",
    hosted: "Hosted alternative",
    break_even: "Break-even",
    volumes: "Own and hosted over volume",
    bounds: "Costs if throughput is at its P10 or P90",
    demand_words: "In words",
    mix: "Reserve, on demand and spot: base load reserved, the rest by the hour",
    demand: "Demand by hour",
    bands: "Own or rented capacity, or the hosted API: over volume, by the hour",
    plan: "Plan: demand and fleet",
    plan_supply: "Plan: costs if owned, rented or hosted (positive)",
    plan_cash: "Plan: profit and cash (signed), tax and debt (positive)",
    plan_value: "Plan: worth today",
    capacity: "Plan: capacity, and what is lost if demand stays below plan",
    provider: "Provider and value chain",
    value_chain: "Who gets which share of a dollar of tokens",
    provider_value: "GPU cloud: worth and break-even",
    provider_sales: "GPU cloud: hours sold and revenue",
    provider_cash: "GPU cloud: cost and cash, before debt and after it",
    article: "The article's own rows",
    headline: "Headlines",
    once_more: "Costs once more, for two checks",
    checks: "Checks",
    identity_checks: "Checks",
    plan_checks: "Checks",
    provider_checks: "Checks",
    demand_checks: "Checks",
}
PROVIDER_THEMES = [THEMES[module] for module in (value_chain, provider_value, provider_sales, provider_cash)]
"""What the sheet Provider shows."""
DEMAND_THEMES = [THEMES[module] for module in (demand_words, mix, demand, bands)]
"""What the sheet Demand shows."""
GIVEN = (given, given_parts, assumed, given_hour, given_cost, given_plan, given_provider, given_demand, constants)
"""What is given, in the order of the sheets."""
LEVEL_COUNT = 20
"""Levels of concurrency on the curve."""
PERIOD, MONTH_COUNT = "period_month", 60
"""Months of the plan beside its opening, unless a study says otherwise."""
YEAR_COUNT = 7
"""Years of the GPU cloud, beside its purchase."""
AXES = {
    "level": range(1, LEVEL_COUNT + 1),
    "period": range(MONTH_COUNT + 1),
    "year": range(YEAR_COUNT + 1),
    "hour": range(1, len(given_demand.WEEK["week_days"]) + 1),
}
"""What quantities repeat along beside the scenario, with the number of each position."""
CALENDAR = given_demand.WEEK
"""Columns along an axis that hold something else than the number of each position."""

STATE = "serving_state"
CURVE_RESULTS = (
    "output_tokens_per_s",
    "output_tokens_per_s_per_accelerator",
    "itl_ms",
    "ttft_ms",
    "usd_per_m_tokens",
    "usd_per_m_output_tokens",
)

HEADLINES = [
    "weights_gb",
    "min_accelerators",
    "kv_mb_per_token",
    "kv_capacity_tokens",
    "concurrency",
    "ttft_ms",
    "itl_ms",
    "prefill_ms",
    "decode_step_ms",
    "input_tokens_per_s",
    "output_tokens_per_s",
    "replicas",
    "accelerators",
    "usd_per_accelerator_h",
    "usd_per_h",
    "usd_per_month",
    "usd_per_k_requests",
    "usd_per_m_input_tokens",
    "usd_per_m_output_tokens",
    "usd_per_m_tokens",
    "kwh_per_m_tokens",
    "hosted_usd_per_m_tokens",
    "hosted_usd_per_month",
    "break_even_m_tokens_per_day",
    "gross_margin",
    "npv_usd",
    "irr",
    "payback_months",
    "provider_result_usd",
    "vendor_gross_profit_usd",
]
"""The results that readers ask for first; they keep their names across versions."""


@cache
def model_graph() -> Graph:
    """The whole model, checked."""
    return Graph(model_quantities())


def model_quantities() -> list[Quantity]:
    """All declared quantities, with the stretches that repeat."""
    quantities = [each for module in GIVEN for each in declared_in(module.__name__)]
    for module, title in THEMES.items():
        quantities += [replace(quantity, theme=title) for quantity in declared_in(module.__name__)]
    quantities = _after("pass_ms", quantities, _lone_prefill(quantities))
    quantities = _after("step_tokens", quantities, _step_parts(quantities))
    quantities = _after("own_over_hosted", quantities, _bought(quantities))
    quantities = _after("equity_profit_so_far_usd", quantities, _equity_tax(quantities))
    quantities = _after("equity_npv_usd", quantities, _equity_return(quantities))
    quantities = _after("slow_unit_input_tokens_per_s", quantities, _bounded(quantities))
    quantities = _after("half_utilisation", quantities, once_more.at_half_utilisation(quantities, THEMES[once_more]))
    last_price = f"{once_more.TWICE}{list(once_more.PRICES)[-1]}"
    quantities = _after(last_price, quantities, once_more.at_twice_all_prices(quantities, THEMES[once_more]))
    for name, parts in _by_year(quantities).items():
        quantities = _after(name, quantities, parts)
    quantities = _after("cloud_equity_npv_usd", quantities, _cloud_equity_return(quantities))
    return quantities + _on_levels(quantities)


def _after(name: str, quantities: list[Quantity], more: Sequence[Quantity]) -> list[Quantity]:
    """The quantities with more of them behind one, in reading order."""
    place = next(i for i, quantity in enumerate(quantities) if quantity.name == name) + 1
    return [*quantities[:place], *more, *quantities[place:]]


def _lone_prefill(quantities: list[Quantity]) -> list[Quantity]:
    """The parts of a pass once more, for a single prompt; their sum is a headline and may be absent."""
    parts = repeat(
        quantities,
        to=["pass_ms"],
        instead={"pass_tokens": "computed_input_tokens"},
        rename=lambda name: "prefill_ms" if name == "pass_ms" else name.replace("pass_", "lone_"),
        relabel=lambda label: label.replace("a pass", "one prompt alone").replace(
            "A packed prefill pass", "Prefill of one prompt alone"
        ),
    )
    return [replace(part, state=STATE if part.name == "prefill_ms" else None) for part in parts]


def _step_parts(quantities: list[Quantity]) -> Sequence[Quantity]:
    """The parts of a pass once more, with the tokens of a decode step; each is the last of its sequence."""
    return repeat(
        quantities,
        to=["pass_read_ms"],
        instead={"pass_tokens": "step_tokens"},
        rename=lambda name: name.replace("pass_", "step_"),
        relabel=lambda label: label.replace("a pass", "a step"),
        theme=THEMES[decode],
    )


def _bought(quantities: list[Quantity]) -> Sequence[Quantity]:
    """The prices of the hosted API once more, for what we buy today."""
    return repeat(
        quantities,
        to=["hosted_date", "hosted_usd_per_m_tokens", "hosted_tokens_usd_per_month"],
        instead={"hosted_code": "bought_code"},
        rename=lambda name: name.replace("hosted_", "bought_"),
        relabel=lambda label: re.sub("^Hosted( API:)? ", "What we buy today: ", label),
    )


def _equity_tax(quantities: list[Quantity]) -> list[Quantity]:
    """The tax once more, of the profit after interest."""
    return list(
        repeat(
            quantities,
            to=["plan_tax_usd"],
            instead={"plan_ebit_so_far_usd": "equity_profit_so_far_usd"},
            rename=lambda name: name.replace("plan_", "equity_"),
            relabel=lambda label: label.replace("Profit taxed", "Profit after interest taxed").replace(
                "Tax without debt", "Tax, with interest and depreciation as shields"
            ),
        )
    )


def _equity_return(quantities: list[Quantity]) -> list[Quantity]:
    """The rate of return and payback once more, of the cash after debt."""
    cash = ("plan_cash_usd", "plan_cash_so_far_usd", "plan_most_cash_usd")
    return list(
        repeat(
            quantities,
            to=["irr", "payback_months", "return_state_label", "payback_state_label"],
            instead={name: name.replace("plan_", "equity_") for name in cash},
            rename=lambda name: f"equity_{name}",
            relabel=lambda label: label.replace(", before debt", "") + ", after debt",
        )
    )


def _bounded(quantities: list[Quantity]) -> list[Quantity]:
    """The costs once more with each unit as fast as the P90 of its prediction, and as slow as the P10."""
    return [
        row
        for speed, percentile in bounds.SPEEDS.items()
        for row in repeat(
            quantities,
            to=bounds.REPEATED,
            instead={name: f"{speed}_{name}" for name in (f"unit_{side}_tokens_per_s" for side in bounds.SIDES)},
            rename=lambda name, speed=speed: f"{speed}_{name}",
            relabel=lambda label, of=percentile: f"{label}, with throughput at its {of.upper()}",
            theme=THEMES[bounds],
        )
    ]


_YEARS_INSTEAD = {
    "plan_month": "cloud_year",
    "plan_drawn_usd": "cloud_drawn_usd",
    "month_interest_share": "debt_rate",
    "debt_payments": "cloud_debt_payments",
    "plan_ebitda_usd": "cloud_ebitda_usd",
    "equity_profit_so_far_usd": "cloud_profit_so_far_usd",
    "plan_cash_usd": "cloud_cash_usd",
    "plan_state": "cloud_state",
    "one_month": "one_year",
    "accelerator_kw": "cloud_contracted_kw",
}
"""What the GPU cloud has in place of the plan's months, debt and cash."""
_YEARS_PLACED = {
    "cloud_contracted_kw": ("cloud_energy_usd_per_accelerator_h",),
    "cloud_debt_payments": ("cloud_debt_payment_share",),
    "cloud_cash_usd": ("cloud_cash_so_far_usd", "cloud_most_cash_usd"),
    "cloud_drawn_usd": ("cloud_payment_usd", "cloud_discounted_debt_usd", "cloud_debt_usd", "cloud_interest_usd"),
    "cloud_profit_so_far_usd": ("cloud_taxed_usd", "cloud_tax_usd", "cloud_debt_cover"),
    "cloud_npv_usd": (
        "cloud_last_year",
        "cloud_unpaid_count",
        "cloud_negative_count",
        "cloud_payback_state",
        "cloud_payback_state_label",
        "cloud_payback_years",
    ),
}
"""Behind which of the GPU cloud's own quantities they stand."""

_YEARS_NAMED = {
    "unpaid_months": "unpaid_count",
    "negative_months": "negative_count",
    "payback_months": "payback_years",
    "last_month": "last_year",
}


def _by_year(quantities: list[Quantity]) -> dict[str, list[Quantity]]:
    """Power, debt, tax and payback once more, of the GPU cloud and by year; each with what it stands behind."""
    owned, debt = ["energy_usd_per_accelerator_h"], ["plan_interest_usd", "plan_debt_cover"]
    parts = repeat(
        quantities,
        to=[*owned, *debt, "negative_months", "payback_months", "payback_state_label"],
        instead=_YEARS_INSTEAD,
        rename=lambda name: f"cloud_{_YEARS_NAMED.get(name, name.removeprefix('plan_').removeprefix('equity_'))}",
        relabel=lambda label: (
            label.replace("month", "year")
            .replace("Month", "Year")
            .replace("Owned hour: energy", "Contracted power, for each hour that it can serve")
        ),
    )
    made = {part.name: part for part in parts}
    theme = {quantity.name: quantity.theme for quantity in quantities}
    return {
        anchor: [
            replace(made[name], theme=theme[anchor], unit="year" if name == "cloud_payback_years" else made[name].unit)
            for name in names
        ]
        for anchor, names in _YEARS_PLACED.items()
    }


def _cloud_equity_return(quantities: list[Quantity]) -> list[Quantity]:
    """The GPU cloud's rate of return once more, of the cash after debt and tax; where equity pays nothing, none."""
    return list(
        repeat(
            quantities,
            to=["cloud_irr", "cloud_return_state_label"],
            instead={"cloud_cash_usd": "cloud_equity_cash_usd", "cloud_capex_usd": "cloud_equity_usd"},
            rename=lambda name: name.replace("cloud_", "cloud_equity_"),
            relabel=lambda label: label.replace(", before debt and tax", "") + ", after debt and tax",
        )
    )


def _on_levels(quantities: list[Quantity]) -> list[Quantity]:
    """Everything that depends on concurrency once more, at each level of the curve.

    The price of an accelerator-hour is that of the chosen concurrency: its energy alone would differ.
    """
    rows = repeat(
        quantities,
        to=CURVE_RESULTS,
        instead={"concurrency": "level_concurrency"}
        | {name: name for name in ("throughput_factor", "usd_per_accelerator_h")},
        rename=lambda name: f"level_{name}",
        theme="Curve",
    )
    return [replace(row, state=None) for row in rows]


__all__ = [
    "AXES",
    "CALENDAR",
    "DEMAND_THEMES",
    "HEADLINES",
    "LEVEL_COUNT",
    "PROVIDER_THEMES",
    "THEMES",
    "model_graph",
    "model_quantities",
]
