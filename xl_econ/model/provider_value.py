"""GPU cloud: what one accelerator brings over its life, and the rent at which it breaks even."""

from typing import Any

import numpy as np

from xl_econ.core.operations import match, pick, rate_of_return, total, total_product
from xl_econ.core.quantity import derived
from xl_econ.model.constants import NO_SALE
from xl_econ.model.provider_cash import paid_power_share
from xl_econ.model.sources import ACCOUNTING, CAPITAL_RECOVERY, DEFINITION, FINANCE

STATE = "cloud_state"

# --- Results -----------------------------------------------------------------------------------


@derived("1", "No sale: place in the list of states", source=DEFINITION, takes={"labels": "lists.plan_state"})
def no_sale_code(labels):
    return match(NO_SALE, labels)


@derived("1", "State of the GPU cloud", source=DEFINITION)
def cloud_state(owned_state, rent_state, cloud_paid_hours, no_sale_code):
    """2: the catalog lacks a purchase price or the power."""
    sells = np.logical_and(rent_state < 1, cloud_paid_hours > 0)
    return np.where(owned_state > 0, 2, np.where(sells, 0, no_sale_code - 1))


@derived("text", "GPU cloud", source=DEFINITION, takes={"labels": "lists.plan_state"})
def cloud_state_label(labels, cloud_state):
    return pick(labels, cloud_state + 1)


@derived("USD", "Revenue over the life", source=ACCOUNTING, state=STATE)
def cloud_sales_usd(cloud_revenue_usd):
    return total(cloud_revenue_usd)


@derived("1", "EBITDA margin over the life", source=FINANCE, state=STATE)
def cloud_ebitda_margin(cloud_ebitda_usd, cloud_sales_usd):
    return np.where(cloud_sales_usd > 0, total(cloud_ebitda_usd) / cloud_sales_usd, 0)


@derived("USD", "Profit over the life, before debt and tax, not discounted", source=ACCOUNTING, state=STATE)
def cloud_result_usd(cloud_cash_usd):
    """The article's profit, where its settings are made."""
    return total(cloud_cash_usd)


@derived("USD", "Net present value at WACC, before debt and tax", source=FINANCE, state=STATE)
def cloud_npv_usd(cloud_cash_usd, cloud_discount_factor):
    return total_product(cloud_cash_usd, cloud_discount_factor)


@derived("1", "State of the GPU cloud's rate of return", source=DEFINITION)
def cloud_return_state(cloud_payback_state, cloud_capex_usd, cloud_negative_count, cloud_unpaid_count):
    """3: nothing is paid in advance. 5: cash turns negative again: several rates may fit."""
    again = np.where(cloud_negative_count > cloud_unpaid_count, 1, 0)
    fault = np.where(cloud_capex_usd > 0, again + 2 * again, 1)
    return np.where(cloud_payback_state > 0, cloud_payback_state, np.where(fault > 0, 2 + fault, 0))


@derived("text", "GPU cloud: rate of return", source=DEFINITION, takes={"labels": "lists.plan_state"})
def cloud_return_state_label(labels, cloud_return_state):
    return pick(labels, cloud_return_state + 1)


@derived("1", "Internal rate of return per year, before debt and tax", source=FINANCE, state="cloud_return_state")
def cloud_irr(cloud_return_state, cloud_cash_usd, irr_guess):
    return np.where(cloud_return_state > 0, 0, rate_of_return(cloud_cash_usd, irr_guess))


@derived("USD", "Net present value to equity, after debt and tax", source=FINANCE, state=STATE)
def cloud_equity_npv_usd(cloud_equity_cash_usd, cloud_equity_discount_factor):
    return total_product(cloud_equity_cash_usd, cloud_equity_discount_factor)


# --- Break-even: all is linear in the rent -----------------------------------------------------


def present_value(change: Any, rate: Any, years: Any, slack: Any) -> Any:
    """What one dollar a year is worth today, the first at the end of a year, each changed from the one before."""
    growth = (1 + change) / (1 + rate)
    grown = np.where(np.abs(growth - 1) > slack, (growth**years - 1) / (growth - 1), years)
    return grown / (1 + rate)


@derived("1", "One dollar a year over the life, today", source=CAPITAL_RECOVERY)
def cloud_annuity(wacc, cloud_life, slack):
    return present_value(0, wacc, cloud_life, slack)


@derived("1", "One dollar a year over the term of the contracts, today", source=CAPITAL_RECOVERY)
def cloud_term_annuity(wacc, cloud_term, slack):
    return present_value(0, wacc, cloud_term, slack)


@derived("1", "Price of hours without contract, over the rent of the year", source=ACCOUNTING)
def cloud_open_price_share(cloud_on_demand_share, cloud_spot_hours_share, spot_price_share):
    return cloud_on_demand_share + cloud_spot_hours_share * spot_price_share


@derived("1", "Rents of the first year that an hour of each is worth over the life, today", source=FINANCE)
def cloud_rents(rent_change, wacc, cloud_life, slack):
    return present_value(rent_change, wacc, cloud_life, slack)


@derived("1", "The same over the term of the contracts", source=FINANCE)
def cloud_term_rents(rent_change, wacc, cloud_term, slack):
    return present_value(rent_change, wacc, cloud_term, slack)


def weighted(
    rents: Any,
    term_rents: Any,
    annuity: Any,
    lost: Any,
    contracted: Any,
    contract: Any,
    renewal: Any,
    uncontracted: Any,
) -> Any:
    """Rents of today that a sold hour of each year is worth: in contracts, after them, and without."""
    in_contract = contract * (annuity - lost) + renewal * (rents - term_rents)
    return contracted * in_contract + uncontracted * (rents - lost)


@derived("1", "Rents of today that a sold hour of each year brings over the life, today", source=FINANCE)
def cloud_weight(
    cloud_rents,
    cloud_term_rents,
    cloud_term_annuity,
    cloud_start_share,
    wacc,
    cloud_contracted_share,
    contract_price_share,
    renewal_price_share,
    cloud_open_price_share,
):
    return weighted(
        cloud_rents,
        cloud_term_rents,
        cloud_term_annuity,
        cloud_start_share / (1 + wacc),
        cloud_contracted_share,
        contract_price_share,
        renewal_price_share,
        cloud_open_price_share,
    )


def paid_hours(hours: Any, sold: Any, kept: Any, weight: Any) -> Any:
    return hours * sold * kept * weight


@derived("h", "Hours that are paid over the life, less overhead, at the rent of today", source=FINANCE)
def cloud_paid_hours(year_hours, provider_sold_share, cloud_kept_share, cloud_weight):
    return paid_hours(year_hours, provider_sold_share, cloud_kept_share, cloud_weight)


@derived("USD", "All costs over the life, today, less the residual value", source=FINANCE, state=STATE)
def cloud_costs_usd(cloud_capex_usd, cloud_year_running_usd, cloud_annuity, residual_usd, wacc, cloud_life):
    return cloud_capex_usd + cloud_year_running_usd * cloud_annuity - residual_usd * (1 + wacc) ** (0 - cloud_life)


def break_even(costs: Any, hours: Any) -> Any:
    """The price at which hours pay the costs; 0 where none are sold."""
    return np.where(hours > 0, costs / hours, 0)


@derived("USD/h", "GPU cloud: rent at which it breaks even", source=FINANCE, state=STATE)
def cloud_break_even_usd_per_h(cloud_costs_usd, cloud_paid_hours):
    """The rent of today, on demand, for an NPV of 0 before tax; contracts and spot move with it."""
    return break_even(cloud_costs_usd, cloud_paid_hours)


# --- Break-even over the share of hours sold and the change of rent: single cells ---------------


def next_share(before: Any, step: Any) -> Any:
    """The shares of hours sold, step by step."""
    return np.minimum(before + step, 1)


def next_change(before: Any, step: Any) -> Any:
    """Falling rents, step by step; they never fall below 0."""
    return np.maximum(before - step, step - 1)


def weight_at(
    change: Any,
    rate: Any,
    life: Any,
    term: Any,
    slack: Any,
    annuity: Any,
    start: Any,
    contracted: Any,
    contract: Any,
    renewal: Any,
    uncontracted: Any,
) -> Any:
    """Rents of today that a sold hour of each year brings, with another change of rent."""
    rents, term_rents = present_value(change, rate, life, slack), present_value(change, rate, term, slack)
    return weighted(rents, term_rents, annuity, start / (1 + rate), contracted, contract, renewal, uncontracted)


def costs_at(
    sold: Any,
    costs: Any,
    idle: Any,
    load: Any,
    take_or_pay: Any,
    power_share: Any,
    full_power: Any,
    one_year: Any,
    annuity: Any,
) -> Any:
    """All costs, today, at another share of hours sold: its power is another."""
    more = paid_power_share(idle, load, sold, take_or_pay) - power_share
    return costs + more * full_power * one_year * annuity


def break_even_or_why(state: Any, words: Any, costs: Any, hours: Any, sold: Any, kept: Any, weight: Any) -> Any:
    """The break-even rent, or the words that say why there is none."""
    return np.where(state > 0, words, break_even(costs, paid_hours(hours, sold, kept, weight)))
