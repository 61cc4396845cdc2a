"""Supply: what the months cost with an owned fleet, with a rented one, and with the hosted API, on the same demand.

Costs are positive, and so is what a sale brings.
"""

import numpy as np

from xl_econ.core.operations import ceil_whole, pick, running_total
from xl_econ.core.quantity import derived
from xl_econ.model.cost import engineers_for, platform_for_a_year
from xl_econ.model.plan import back, within
from xl_econ.model.sources import ACCOUNTING

# --- Own and rent alike ------------------------------------------------------------------------


@derived("USD", "Own or rented: platform, egress, and setting up at the opening", source=ACCOUNTING)
def plan_platform_usd(
    plan_month,
    plan_accelerators,
    accelerators_per_engineer,
    slack,
    engineer_usd_per_year,
    gateway_usd_per_month,
    storage_usd_per_month,
    months_per_year,
    one_month,
    plan_requests_per_s,
    egress_usd_per_k_requests,
    requests_per_krequest,
    month_hours,
    s_per_h,
    setup_usd,
):
    """As the fleet of today pays for it, with the engineers that the accelerators needed in the month take."""
    engineers = engineers_for(plan_accelerators, accelerators_per_engineer, slack)
    yearly = platform_for_a_year(
        engineers, engineer_usd_per_year, gateway_usd_per_month, storage_usd_per_month, months_per_year
    )
    k_requests = plan_requests_per_s * month_hours * s_per_h / requests_per_krequest
    running = yearly / months_per_year * one_month + k_requests * egress_usd_per_k_requests
    return np.where(plan_month > 0, running, setup_usd)


# --- Own ---------------------------------------------------------------------------------------


@derived("1", "Value left at the end of the useful life, of all that is bought", source=ACCOUNTING)
def capex_residual_share(residual_share, network_share, storage_share, installation_share):
    """Accelerator and server can be sold; network, storage and installation are gone."""
    return residual_share / (1 + network_share + storage_share + installation_share)


@derived("USD", "Own: price of one accelerator", source=ACCOUNTING)
def plan_accelerator_usd(owned_capex_usd, hardware_change, plan_month, year_months):
    return owned_capex_usd * (1 + hardware_change) ** (plan_month / year_months)


@derived("USD", "Own: capex", source=ACCOUNTING)
def plan_capex_usd(plan_bought_accelerators, plan_accelerator_usd):
    return plan_bought_accelerators * plan_accelerator_usd


@derived("USD", "Own: depreciation, straight line to residual value", source=ACCOUNTING)
def plan_depreciation_usd(plan_capex_usd, plan_month, life_months, capex_residual_share):
    return (1 - capex_residual_share) / life_months * within(plan_capex_usd, plan_month, life_months)


@derived("USD", "Own: residual value of what is retired", source=ACCOUNTING)
def plan_residual_usd(plan_capex_usd, plan_month, life_months, capex_residual_share):
    return capex_residual_share * back(plan_capex_usd, plan_month, life_months)


@derived("USD", "Own: book value at the end of the month", source=ACCOUNTING)
def plan_book_usd(plan_capex_usd, plan_depreciation_usd, plan_residual_usd, slack):
    """The last digits of sums that cancel count as nothing."""
    bought = running_total(plan_capex_usd)
    left = bought - running_total(plan_depreciation_usd) - running_total(plan_residual_usd)
    return np.where(left > slack * bought, left, 0)


@derived("USD", "Own: sale of what is retired, and all at the end", source=ACCOUNTING)
def plan_sale_usd(plan_residual_usd, plan_book_usd, plan_month, last_month, end_book_share):
    return plan_residual_usd + np.where(plan_month < last_month, 0, end_book_share * plan_book_usd)


@derived("USD", "Own: opex, with the platform", source=ACCOUNTING)
def plan_opex_usd(
    plan_platform_usd,
    plan_owned_accelerators,
    plan_month,
    owned_running_usd_per_accelerator_h,
    available_h_per_year,
    months_per_year,
    one_month,
):
    """What runs is what was owned at the end of the month before."""
    each = owned_running_usd_per_accelerator_h * available_h_per_year / months_per_year * one_month
    return back(plan_owned_accelerators, plan_month, 1) * each + plan_platform_usd


@derived("USD", "Own: capex and opex, less sales", source=ACCOUNTING)
def plan_own_usd(plan_capex_usd, plan_opex_usd, plan_sale_usd):
    return plan_capex_usd + plan_opex_usd - plan_sale_usd


# --- Rent --------------------------------------------------------------------------------------


@derived("USD/h", "Rent: price of an accelerator-hour", source=ACCOUNTING)
def plan_rent_usd_per_h(rent_usd_per_accelerator_h, rent_change, plan_month, year_months):
    return rent_usd_per_accelerator_h * (1 + rent_change) ** (plan_month / year_months)


@derived("accelerator", "Accelerators that a commitment covers", source=ACCOUNTING)
def commitment_accelerators(commitment_share, plan_accelerators, slack):
    return ceil_whole(commitment_share * pick(plan_accelerators, 2), slack)


@derived("USD/h", "Price of a committed accelerator-hour", source=ACCOUNTING)
def committed_usd_per_h(rent_usd_per_accelerator_h, commitment_discount):
    return rent_usd_per_accelerator_h * (1 - commitment_discount)


@derived("accelerator", "Rent: committed", source=ACCOUNTING)
def plan_committed_accelerators(plan_month, commitment_months, one_month, commitment_accelerators):
    runs = np.logical_and(plan_month > 0, plan_month <= commitment_months / one_month)
    return np.where(runs, commitment_accelerators, 0)


@derived("accelerator", "Rent: by the hour, beyond commitment (over-use)", source=ACCOUNTING)
def plan_hourly_accelerators(plan_accelerators, plan_committed_accelerators):
    return np.maximum(plan_accelerators - plan_committed_accelerators, 0)


def unused(committed, paid_share, needed):
    """What is paid beyond what is used of a commitment."""
    return np.maximum(paid_share * committed - np.minimum(needed, committed), 0)


@derived("accelerator", "Rent: paid and not used (under-use)", source=ACCOUNTING)
def plan_unused_accelerators(plan_committed_accelerators, take_or_pay_share, plan_accelerators):
    return unused(plan_committed_accelerators, take_or_pay_share, plan_accelerators)


@derived("USD", "Rent: bill, with the platform", source=ACCOUNTING)
def plan_rent_usd(
    plan_platform_usd,
    plan_hourly_accelerators,
    plan_rent_usd_per_h,
    plan_accelerators,
    plan_unused_accelerators,
    committed_usd_per_h,
    month_hours,
):
    committed = plan_accelerators - plan_hourly_accelerators + plan_unused_accelerators
    hours = (plan_hourly_accelerators * plan_rent_usd_per_h + committed * committed_usd_per_h) * month_hours
    return hours + plan_platform_usd


# --- Hosted API --------------------------------------------------------------------------------


@derived("USD/Mtoken", "Hosted API: price of 1 M tokens", source=ACCOUNTING)
def plan_hosted_usd_per_m_tokens(hosted_usd_per_m_tokens, hosted_change, plan_month, year_months):
    return hosted_usd_per_m_tokens * (1 + hosted_change) ** (plan_month / year_months)


@derived("USD", "Hosted API: bill, with its integration", source=ACCOUNTING)
def plan_hosted_usd(plan_m_tokens, plan_hosted_usd_per_m_tokens, plan_month, integration_usd_per_month, one_month):
    return plan_m_tokens * plan_hosted_usd_per_m_tokens + np.where(
        plan_month > 0, integration_usd_per_month * one_month, 0
    )
