"""Checks of the plan: 0 where all is well, 1 where somebody should look."""

import numpy as np

from xl_econ.core.operations import pick, total
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION, FINANCE


def apart(one, other, scale, tolerance):
    """1 where two sums differ by more than the tolerance of what they are sums of."""
    return np.where(np.abs(one - other) > tolerance * scale, 1, 0)


@derived(
    "1",
    "Own, rented and hosted serve the same tokens: those of the fleet, in the plan's first month",
    source=ACCOUNTING,
)
def check_plan_demand(
    plan_m_tokens,
    served_output_m_tokens_per_h,
    input_tokens,
    output_tokens,
    month_hours,
    plan_requests_per_s,
    base_requests_per_s,
    check_tolerance,
):
    served = served_output_m_tokens_per_h * (input_tokens + output_tokens) / output_tokens * month_hours
    grown = served * pick(plan_requests_per_s, 2) / base_requests_per_s
    return apart(pick(plan_m_tokens, 2), grown, grown, check_tolerance)


@derived("1", "The owned fleet has what each month needs", source=DEFINITION)
def check_plan_fleet(plan_owned_accelerators, plan_most_accelerators, last_month, check_tolerance):
    """What is owned at a month's end is the most that was needed up to the next month."""
    most = total(plan_most_accelerators)
    owned = total(plan_owned_accelerators) - pick(plan_owned_accelerators, last_month + 1)
    return apart(owned, most, most, check_tolerance)


@derived("1", "Purchases are depreciated, sold at their residual value, or still on the books", source=FINANCE)
def check_plan_book(
    plan_capex_usd, plan_depreciation_usd, plan_residual_usd, plan_book_usd, last_month, check_tolerance
):
    gone = total(plan_depreciation_usd) + total(plan_residual_usd)
    left = pick(plan_book_usd, last_month + 1)
    return apart(gone + left, total(plan_capex_usd), total(plan_capex_usd), check_tolerance)


@derived("1", "Payments are the debt drawn with its interest, less what is owed at the end", source=FINANCE)
def check_plan_debt(plan_drawn_usd, plan_interest_usd, plan_payment_usd, plan_debt_usd, last_month, check_tolerance):
    due = total(plan_drawn_usd) + total(plan_interest_usd) - pick(plan_debt_usd, last_month + 1)
    return apart(total(plan_payment_usd), due, total(plan_drawn_usd), check_tolerance)


@derived(
    "1", "Cash is profit with depreciation taken back, less what is bought: it adds up over the plan", source=FINANCE
)
def check_plan_cash(
    plan_cash_so_far_usd, plan_ebit_so_far_usd, plan_tax_usd, plan_turnover_usd, last_month, check_tolerance
):
    """All that is bought is depreciated or sold by the end, so that cash and profit after tax meet."""
    profit = pick(plan_ebit_so_far_usd, last_month + 1) - total(plan_tax_usd)
    return apart(pick(plan_cash_so_far_usd, last_month + 1), profit, plan_turnover_usd, check_tolerance)


@derived("1", "Cash to equity is cash before debt, less interest, with the tax that it saves", source=FINANCE)
def check_equity_cash(
    equity_cash_so_far_usd,
    plan_cash_so_far_usd,
    plan_interest_usd,
    plan_tax_usd,
    equity_tax_usd,
    plan_turnover_usd,
    last_month,
    check_tolerance,
):
    """All debt is paid back or settled by the end."""
    saved = total(plan_tax_usd) - total(equity_tax_usd)
    cash = saved + pick(plan_cash_so_far_usd, last_month + 1) - total(plan_interest_usd)
    return apart(pick(equity_cash_so_far_usd, last_month + 1), cash, plan_turnover_usd, check_tolerance)
