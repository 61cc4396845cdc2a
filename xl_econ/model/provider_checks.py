"""Checks of the GPU cloud and the value chain: 0 where all is well, 1 where somebody should look."""

import numpy as np

from xl_econ.core.operations import pick, total
from xl_econ.core.quantity import derived
from xl_econ.model.plan_checks import apart
from xl_econ.model.sources import ACCOUNTING, DEFINITION, FINANCE


@derived("1", "GPU cloud: contracts end within the years in service", source=DEFINITION)
def check_cloud_term(cloud_term_years, cloud_life_years):
    return np.where(cloud_term_years > cloud_life_years, 1, 0)


@derived("1", "GPU cloud: contracted, on-demand and spot hours are the hours sold", source=ACCOUNTING)
def check_cloud_tiers(cloud_contracted_share, cloud_on_demand_share, cloud_spot_hours_share, check_tolerance):
    return apart(cloud_contracted_share + cloud_on_demand_share + cloud_spot_hours_share, 1, 1, check_tolerance)


@derived("1", "GPU cloud: cash over the life is profit with depreciation taken back, less the purchase", source=FINANCE)
def check_cloud_cash(
    cloud_cash_so_far_usd, cloud_last_year, cloud_ebit_usd, cloud_sales_usd, cloud_capex_usd, check_tolerance
):
    """All that is bought is depreciated or sold by the end, so that cash and profit meet."""
    cash = pick(cloud_cash_so_far_usd, cloud_last_year + 1)
    return apart(cash, total(cloud_ebit_usd), cloud_sales_usd + cloud_capex_usd, check_tolerance)


@derived("1", "GPU cloud: payments are the debt with its interest, and all of it is paid back", source=FINANCE)
def check_cloud_debt(
    cloud_drawn_usd, cloud_interest_usd, cloud_payment_usd, cloud_debt_usd, cloud_last_year, check_tolerance
):
    due = total(cloud_drawn_usd) + total(cloud_interest_usd) + pick(cloud_debt_usd, cloud_last_year + 1)
    return apart(total(cloud_payment_usd), due, total(cloud_drawn_usd), check_tolerance)


@derived("1", "GPU cloud: at the break-even rent the cash of its years is worth 0", source=FINANCE)
def check_cloud_break_even(
    cloud_npv_usd,
    cloud_break_even_usd_per_h,
    rent_usd_per_accelerator_h,
    cloud_paid_hours,
    cloud_costs_usd,
    cloud_sales_usd,
    check_tolerance,
):
    """The closed form against the cash by year: the step from today's rent to the break-even takes all of the NPV."""
    step = (cloud_break_even_usd_per_h - rent_usd_per_accelerator_h) * cloud_paid_hours
    known = np.where(cloud_paid_hours > 0, cloud_npv_usd + step, 0)
    return apart(known, 0, cloud_costs_usd + cloud_sales_usd, check_tolerance)


@derived("1", "Value chain: all shares of a dollar of tokens add up to it", source=ACCOUNTING)
def check_chain(
    chain_state,
    chain_vendor_profit_share,
    chain_vendor_cost_share,
    chain_equipment_share,
    chain_power_share,
    chain_running_share,
    chain_overhead_share,
    chain_interest_share,
    chain_tax_share,
    chain_cloud_share,
    chain_platform_share,
    chain_serving_share,
    chain_rent_share,
    check_tolerance,
):
    bought = chain_vendor_profit_share + chain_vendor_cost_share + chain_equipment_share
    run = bought + chain_power_share + chain_running_share + chain_overhead_share
    paid = run + chain_interest_share + chain_tax_share + chain_cloud_share
    shares = paid + chain_platform_share + chain_serving_share
    return np.where(chain_state > 0, 0, apart(shares, 1, 1 + chain_rent_share, check_tolerance))
