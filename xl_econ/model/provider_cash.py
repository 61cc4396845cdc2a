"""GPU cloud: what one accelerator costs it, and its cash by year, before debt and after it.

Revenue, profit and cash are signed: what comes in is positive. Costs, tax and payments are positive. Debt, tax with
losses carried forward, and payback are the formulas of the plan once more, by year.
"""

from typing import Any

import numpy as np

from xl_econ.core.operations import choose, running_total
from xl_econ.core.quantity import derived
from xl_econ.model.energy import drawn_share
from xl_econ.model.provider_sales import in_service
from xl_econ.model.sources import ACCOUNTING, FINANCE

# --- Purchase and running cost -----------------------------------------------------------------


@derived("USD", "Share of a data centre of its own", source=ACCOUNTING)
def cloud_facility_usd(housing_code, server_usd, facility_share):
    """Colocation pays rent for it instead."""
    return choose(housing_code, server_usd * facility_share, 0, 0)


@derived("USD", "All that is bought for one accelerator, with the data centre", source=ACCOUNTING, state="cloud_state")
def cloud_capex_usd(owned_capex_usd, cloud_facility_usd):
    return owned_capex_usd + cloud_facility_usd


@derived("USD", "Equity: the part of it that no debt pays", source=FINANCE, state="cloud_state")
def cloud_equity_usd(cloud_capex_usd, cloud_debt_share):
    return cloud_capex_usd * (1 - cloud_debt_share)


def paid_power_share(idle: Any, load: Any, sold: Any, take_or_pay: Any) -> Any:
    """Power paid, of what is contracted: what is drawn, or the share that is paid in any case."""
    return np.maximum(drawn_share(idle, load, sold), take_or_pay)


@derived("1", "Power paid, of what is contracted", source=ACCOUNTING)
def cloud_power_share(idle_power_share, load_power_share, provider_sold_share, power_take_or_pay_share):
    """Contracted is rated power. Customers are taken to load all hours that they pay."""
    return paid_power_share(idle_power_share, load_power_share, provider_sold_share, power_take_or_pay_share)


@derived("kW", "Contracted power, facility included", source=ACCOUNTING)
def cloud_contracted_kw(rated_kw, pue):
    return rated_kw * pue


@derived("USD/year", "Contracted power, if all of it is drawn", source=ACCOUNTING, state="cloud_state")
def cloud_full_power_usd_per_year(cloud_energy_usd_per_accelerator_h, available_h_per_year):
    return cloud_energy_usd_per_accelerator_h * available_h_per_year


@derived("USD/year", "Power", source=ACCOUNTING, state="cloud_state")
def cloud_power_usd_per_year(cloud_power_share, cloud_full_power_usd_per_year):
    return cloud_power_share * cloud_full_power_usd_per_year


@derived(
    "USD/year", "Colocation, maintenance, spares, software, staff, insurance", source=ACCOUNTING, state="cloud_state"
)
def cloud_fixed_usd_per_year(owned_running_usd_per_accelerator_h, energy_usd_per_accelerator_h, available_h_per_year):
    """All running cost of an owned hour but its energy."""
    return (owned_running_usd_per_accelerator_h - energy_usd_per_accelerator_h) * available_h_per_year


@derived("USD", "Running cost of a year", source=ACCOUNTING, state="cloud_state")
def cloud_year_running_usd(cloud_power_usd_per_year, cloud_fixed_usd_per_year, one_year):
    return (cloud_power_usd_per_year + cloud_fixed_usd_per_year) * one_year


@derived("1", "Share of revenue that is paid, less overhead", source=ACCOUNTING)
def cloud_kept_share(credit_loss_share, cloud_overhead_share):
    return (1 - credit_loss_share) * (1 - cloud_overhead_share)


@derived("1", "Payments of the loan", source=FINANCE)
def cloud_debt_payments(cloud_debt_years, one_year, cloud_life):
    """All of it is paid back while the accelerator earns."""
    return np.minimum(cloud_debt_years / one_year, cloud_life)


# --- By year -----------------------------------------------------------------------------------


@derived("USD", "EBITDA: less running cost, credit loss and overhead", source=FINANCE)
def cloud_ebitda_usd(cloud_revenue_usd, cloud_kept_share, cloud_year_running_usd, cloud_year, cloud_life):
    return cloud_revenue_usd * cloud_kept_share - in_service(cloud_year_running_usd, cloud_year, cloud_life)


@derived("USD", "EBIT: less depreciation, straight-line", source=FINANCE)
def cloud_ebit_usd(cloud_ebitda_usd, cloud_capex_usd, residual_usd, cloud_year, cloud_life):
    return cloud_ebitda_usd - in_service((cloud_capex_usd - residual_usd) / cloud_life, cloud_year, cloud_life)


@derived("USD", "Cash flow before debt and tax", source=FINANCE)
def cloud_cash_usd(cloud_ebitda_usd, cloud_capex_usd, residual_usd, cloud_year, cloud_life):
    """The purchase in year 0, the residual value at the end of the last year in service."""
    bought = np.where(cloud_year < 1, cloud_capex_usd, 0)
    sold = np.where(np.abs(cloud_year - cloud_life) < 1, residual_usd, 0)
    return cloud_ebitda_usd - bought + sold


@derived("1", "Discount factor at WACC", source=FINANCE)
def cloud_discount_factor(wacc, cloud_year):
    return (1 + wacc) ** (0 - cloud_year)


@derived("USD", "Debt: drawn for the purchase", source=FINANCE)
def cloud_drawn_usd(cloud_year, cloud_debt_share, cloud_capex_usd):
    return np.where(cloud_year < 1, cloud_debt_share * cloud_capex_usd, 0)


@derived("USD", "Profit after interest so far", source=FINANCE)
def cloud_profit_so_far_usd(cloud_ebit_usd, cloud_interest_usd):
    return running_total(cloud_ebit_usd) - running_total(cloud_interest_usd)


@derived("USD", "Cash flow to equity: after debt and tax", source=FINANCE)
def cloud_equity_cash_usd(cloud_cash_usd, cloud_tax_usd, cloud_drawn_usd, cloud_payment_usd):
    return cloud_cash_usd - cloud_tax_usd + cloud_drawn_usd - cloud_payment_usd


@derived("1", "Discount factor at the cost of equity", source=FINANCE)
def cloud_equity_discount_factor(cost_of_equity, cloud_year):
    return (1 + cost_of_equity) ** (0 - cloud_year)
