"""Cash: revenue, profit, tax and cash of the supply that is chosen, before debt and after it.

Revenue, profit and cash are signed: what comes in is positive. Costs, tax and payments are positive.
"""

import numpy as np

from xl_econ.core.operations import ceil_whole, choose, running_largest, running_total, total
from xl_econ.core.quantity import derived
from xl_econ.model.ownership import level_payment
from xl_econ.model.plan import back, within
from xl_econ.model.sources import ACCOUNTING, DEFINITION, FINANCE

# --- Profit ------------------------------------------------------------------------------------


@derived("1", "The plan owns its accelerators", source=DEFINITION)
def plan_owns(plan_supply_code):
    return choose(plan_supply_code, 1, 0, 0)


@derived("USD", "Revenue or chargeback", source=ACCOUNTING)
def plan_revenue_usd(plan_m_tokens, plan_revenue_from_code, plan_hosted_usd_per_m_tokens, own_sold_usd_per_m_tokens):
    return plan_m_tokens * choose(plan_revenue_from_code, plan_hosted_usd_per_m_tokens, own_sold_usd_per_m_tokens)


@derived("USD", "Cost of serving, by the supply chosen", source=ACCOUNTING)
def plan_serving_usd(plan_supply_code, plan_opex_usd, plan_rent_usd, plan_hosted_usd):
    return choose(plan_supply_code, plan_opex_usd, plan_rent_usd, plan_hosted_usd)


@derived("USD", "Gross profit before depreciation", source=ACCOUNTING)
def plan_gross_usd(plan_revenue_usd, plan_serving_usd):
    return plan_revenue_usd - plan_serving_usd


@derived("USD", "EBITDA: gross profit less overhead", source=FINANCE)
def plan_ebitda_usd(plan_gross_usd, plan_revenue_usd, overhead_share):
    return plan_gross_usd - overhead_share * plan_revenue_usd


@derived("USD", "EBIT: less depreciation and loss on the final sale", source=FINANCE)
def plan_ebit_usd(
    plan_ebitda_usd, plan_owns, plan_depreciation_usd, plan_month, last_month, end_book_share, plan_book_usd
):
    lost = np.where(plan_month < last_month, 0, (1 - end_book_share) * plan_book_usd)
    return plan_ebitda_usd - plan_owns * (plan_depreciation_usd + lost)


# --- Tax and cash before debt ------------------------------------------------------------------


@derived("USD", "EBIT so far", source=FINANCE)
def plan_ebit_so_far_usd(plan_ebit_usd):
    return running_total(plan_ebit_usd)


@derived("USD", "Profit taxed so far: losses are carried forward", source=FINANCE)
def plan_taxed_usd(plan_ebit_so_far_usd):
    """Tax is due on what rises above all before it: earlier losses are earned back first."""
    return np.maximum(running_largest(plan_ebit_so_far_usd), 0)


@derived("USD", "Tax without debt", source=FINANCE)
def plan_tax_usd(plan_taxed_usd, plan_month, tax_rate):
    return tax_rate * (plan_taxed_usd - back(plan_taxed_usd, plan_month, 1))


@derived("USD", "Cash flow before debt, after tax", source=FINANCE)
def plan_cash_usd(plan_ebitda_usd, plan_owns, plan_capex_usd, plan_sale_usd, plan_tax_usd):
    return plan_ebitda_usd - plan_owns * (plan_capex_usd - plan_sale_usd) - plan_tax_usd


@derived("USD", "Cash so far", source=FINANCE)
def plan_cash_so_far_usd(plan_cash_usd):
    return running_total(plan_cash_usd)


@derived("USD", "Most cash so far", source=FINANCE)
def plan_most_cash_usd(plan_cash_so_far_usd):
    """Below 0 until the plan has paid back."""
    return running_largest(plan_cash_so_far_usd)


@derived("1", "Discount factor at WACC", source=FINANCE)
def plan_discount_factor(wacc, plan_month, year_months):
    return (1 + wacc) ** (0 - plan_month / year_months)


# --- Debt --------------------------------------------------------------------------------------


@derived("1", "Interest per month", source=FINANCE)
def month_interest_share(debt_rate, year_months):
    return debt_rate / year_months


@derived("1", "Payments of a loan", source=FINANCE)
def debt_payments(debt_years, one_year, year_months, slack):
    return ceil_whole(debt_years / one_year * year_months, slack)


@derived("1", "Level payment over the loan", source=FINANCE)
def debt_payment_share(month_interest_share, debt_payments, slack):
    growth = (1 + month_interest_share) ** debt_payments
    return level_payment(month_interest_share, growth, debt_payments, slack)


@derived("USD", "Debt: drawn for purchases", source=FINANCE)
def plan_drawn_usd(plan_owns, debt_share, plan_capex_usd):
    return plan_owns * debt_share * plan_capex_usd


@derived("USD", "Debt: level payments", source=FINANCE)
def plan_payment_usd(plan_drawn_usd, plan_month, debt_payments, debt_payment_share):
    return debt_payment_share * within(plan_drawn_usd, plan_month, debt_payments)


@derived("USD", "Debt: drawn less paid, discounted at its interest", source=FINANCE)
def plan_discounted_debt_usd(plan_drawn_usd, plan_payment_usd, month_interest_share, plan_month):
    return (plan_drawn_usd - plan_payment_usd) * (1 + month_interest_share) ** (0 - plan_month)


@derived("USD", "Debt: owed at the end of the month", source=FINANCE)
def plan_debt_usd(plan_discounted_debt_usd, plan_drawn_usd, month_interest_share, plan_month, slack):
    """What was drawn less what was paid, each with interest since then; the last digits of it count as nothing."""
    left = running_total(plan_discounted_debt_usd)
    return np.where(left > slack * running_total(plan_drawn_usd), left * (1 + month_interest_share) ** plan_month, 0)


@derived("USD", "Debt: interest in the payments", source=FINANCE)
def plan_interest_usd(plan_debt_usd, plan_month, month_interest_share):
    return month_interest_share * back(plan_debt_usd, plan_month, 1)


# --- Tax and cash after debt -------------------------------------------------------------------


@derived("USD", "Profit after interest so far", source=FINANCE)
def equity_profit_so_far_usd(plan_ebit_usd, plan_interest_usd):
    return running_total(plan_ebit_usd) - running_total(plan_interest_usd)


@derived("1", "Debt-service cover: (EBITDA - tax) / payments", source=FINANCE)
def plan_debt_cover(plan_ebitda_usd, equity_tax_usd, plan_payment_usd):
    """0 where nothing is paid."""
    return np.where(plan_payment_usd > 0, (plan_ebitda_usd - equity_tax_usd) / plan_payment_usd, 0)


@derived("USD", "Cash flow to equity: debt is settled at the end", source=FINANCE)
def equity_cash_usd(
    plan_cash_usd,
    plan_tax_usd,
    equity_tax_usd,
    plan_drawn_usd,
    plan_payment_usd,
    plan_debt_usd,
    plan_month,
    last_month,
):
    settled = np.where(plan_month < last_month, 0, plan_debt_usd)
    return plan_cash_usd + plan_tax_usd - equity_tax_usd + plan_drawn_usd - plan_payment_usd - settled


@derived("USD", "Cash to equity so far", source=FINANCE)
def equity_cash_so_far_usd(equity_cash_usd):
    return running_total(equity_cash_usd)


@derived("USD", "Most cash to equity so far", source=FINANCE)
def equity_most_cash_usd(equity_cash_so_far_usd):
    return running_largest(equity_cash_so_far_usd)


@derived("1", "Discount factor at the cost of equity", source=FINANCE)
def equity_discount_factor(cost_of_equity, plan_month, year_months):
    return (1 + cost_of_equity) ** (0 - plan_month / year_months)


@derived("USD", "Revenue, cost of serving and purchases: what sums of the plan are measured by", source=DEFINITION)
def plan_turnover_usd(plan_revenue_usd, plan_serving_usd, plan_capex_usd):
    return total(plan_revenue_usd) + total(plan_serving_usd) + total(plan_capex_usd)
