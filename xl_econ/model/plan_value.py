"""Value: what the months are worth today, by discount factors, rate of return and payback; or why there is none."""

import numpy as np

from xl_econ.core.operations import (
    how_many_positive,
    nth_largest,
    or_else,
    pick,
    rate_of_return,
    running_worth,
    smallest,
    total,
    total_product,
)
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION, FINANCE, PURE_INVESTMENT

# --- States ------------------------------------------------------------------------------------


@derived("1", "State of an owned fleet's costs", source=DEFINITION)
def own_state(serving_state, owned_state):
    """0: valid. 1: the fleet has no result. 2: the catalog lacks a purchase price or the power."""
    return np.where(serving_state > 0, 1, np.where(owned_state > 0, 2, 0))


@derived("1", "State of the plan", source=DEFINITION)
def plan_state(serving_state, rent_state, plan_owns, own_state):
    return np.where(plan_owns > 0, own_state, np.where(np.maximum(serving_state, rent_state) > 0, 1, 0))


@derived("1", "Months until cash has paid back", source=FINANCE)
def unpaid_months(plan_most_cash_usd, last_month):
    """Month 0 counts as one, so that this is the number of the month that pays back."""
    return last_month + 1 - how_many_positive(plan_most_cash_usd)


@derived("1", "Months in which no more has come in than gone out", source=FINANCE)
def negative_months(plan_cash_so_far_usd, last_month):
    return last_month + 1 - how_many_positive(plan_cash_so_far_usd)


@derived("1", "State of payback", source=DEFINITION)
def payback_state(plan_state, unpaid_months, last_month):
    """4: never within the plan."""
    never = np.where(unpaid_months > last_month, 2, 0)
    return np.where(plan_state > 0, plan_state, never * 2)


@derived("1", "Rate of return per month, wherever cash is paid in advance and comes back", source=FINANCE)
def return_per_month(payback_state, negative_months, plan_cash_usd, irr_guess):
    """0 where there is none above 0 or none is found: what then is ahead says so (`rate_is_open`)."""
    asked = np.where(payback_state > 0, 0, np.where(negative_months < 2, 0, 1))
    return np.where(asked > 0, np.maximum(or_else(rate_of_return(plan_cash_usd, irr_guess), 0), 0), 0)


@derived("USD", "Most cash that is out at once", source=FINANCE)
def most_out_usd(plan_cash_so_far_usd):
    return 0 - smallest(plan_cash_so_far_usd)


@derived(
    "1", "Cash so far, discounted at the rate of return, over the most that is out at once", source=PURE_INVESTMENT
)
def plan_returned_share(plan_cash_usd, return_per_month, plan_month, last_month, most_out_usd):
    """Nothing at the end: that is what a rate of return is."""
    returned = np.where(plan_month < last_month, running_worth(plan_cash_usd, plan_month, return_per_month), 0)
    return np.where(most_out_usd > 0, returned / most_out_usd, 0)


@derived("1", "Most that is ahead before the end, at the rate of return", source=PURE_INVESTMENT)
def most_returned_share(plan_returned_share):
    return nth_largest(plan_returned_share, 1)


@derived("1", "Other rates of return may fit too", source=PURE_INVESTMENT)
def rate_is_open(negative_months, unpaid_months, most_returned_share, check_tolerance):
    """Where cash so far begins below 0 and rises above it once, one rate alone is above 0.

    So it is where the plan owes something until its end at the rate that was found, as a loan does that is paid back
    with the last month.
    """
    ahead = np.where(most_returned_share > check_tolerance, 1, 0)
    return np.where(negative_months > unpaid_months, ahead, 0)


@derived("1", "State of the rate of return", source=DEFINITION)
def return_state(payback_state, negative_months, rate_is_open):
    """3: nothing is paid in advance for more than a month. 5: cash turns negative again: several rates may fit."""
    fault = np.where(negative_months < 2, 1, rate_is_open + 2 * rate_is_open)
    return np.where(payback_state > 0, payback_state, np.where(fault > 0, 2 + fault, 0))


# --- Worth -------------------------------------------------------------------------------------


@derived("USD", "Net present value at WACC, before debt", source=FINANCE, state="plan_state")
def npv_usd(plan_cash_usd, plan_discount_factor):
    return total_product(plan_cash_usd, plan_discount_factor)


@derived("1", "Internal rate of return per year, before debt", source=FINANCE, state="return_state")
def irr(return_state, return_per_month, year_months):
    """The monthly rate, compounded."""
    return np.where(return_state > 0, 0, (1 + return_per_month) ** year_months - 1)


@derived("month", "Payback", source=FINANCE, state="payback_state")
def payback_months(unpaid_months, last_month, plan_cash_so_far_usd, plan_cash_usd, one_month):
    """The first month whose end finds cash so far above 0, and within it in proportion."""
    reached = np.minimum(unpaid_months, last_month)
    beyond = pick(plan_cash_so_far_usd, reached + 1) / pick(plan_cash_usd, reached + 1)
    return np.where(unpaid_months > last_month, last_month, reached - np.where(reached > 0, beyond, 0)) * one_month


@derived("USD", "Net present value to equity, after debt", source=FINANCE, state="plan_state")
def equity_npv_usd(equity_cash_usd, equity_discount_factor):
    return total_product(equity_cash_usd, equity_discount_factor)


@derived("1", "State of the debt", source=DEFINITION)
def debt_state(plan_state, plan_payment_usd):
    """6: nothing is drawn or paid."""
    none = np.where(total(plan_payment_usd) > 0, 0, 1)
    return np.where(plan_state > 0, plan_state, none * 2 + none * 2 * 2)


@derived("1", "Debt-service cover over the plan", source=FINANCE, state="debt_state")
def debt_cover(debt_state, plan_ebitda_usd, equity_tax_usd, plan_payment_usd):
    """EBITDA less tax, over payments."""
    earned = total(plan_ebitda_usd) - total(equity_tax_usd)
    return np.where(debt_state > 0, 0, earned / total(plan_payment_usd))


@derived("USD", "Own: present value of all costs", source=ACCOUNTING, state="own_state")
def own_tco_usd(plan_own_usd, plan_discount_factor):
    return total_product(plan_own_usd, plan_discount_factor)


@derived("USD", "Rent: present value of all costs", source=ACCOUNTING, state="rent_state")
def rent_tco_usd(plan_rent_usd, plan_discount_factor):
    return total_product(plan_rent_usd, plan_discount_factor)


@derived("USD", "Hosted API: present value of all costs", source=ACCOUNTING, state="serving_state")
def hosted_tco_usd(plan_hosted_usd, plan_discount_factor):
    return total_product(plan_hosted_usd, plan_discount_factor)


# --- Words -------------------------------------------------------------------------------------


@derived("text", "Owned fleet", source=DEFINITION, takes={"labels": "lists.plan_state"})
def own_state_label(labels, own_state):
    return pick(labels, own_state + 1)


@derived("text", "Plan", source=DEFINITION, takes={"labels": "lists.plan_state"})
def plan_state_label(labels, plan_state):
    return pick(labels, plan_state + 1)


@derived("text", "Payback", source=DEFINITION, takes={"labels": "lists.plan_state"})
def payback_state_label(labels, payback_state):
    return pick(labels, payback_state + 1)


@derived("text", "Rate of return", source=DEFINITION, takes={"labels": "lists.plan_state"})
def return_state_label(labels, return_state):
    return pick(labels, return_state + 1)


@derived("text", "Debt", source=DEFINITION, takes={"labels": "lists.plan_state"})
def debt_state_label(labels, debt_state):
    return pick(labels, debt_state + 1)
