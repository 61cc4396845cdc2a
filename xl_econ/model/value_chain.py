"""Value chain: who gets which share of a dollar that is paid for tokens at the hosted price.

The serving company rents its accelerators; what it pays for them is split as the GPU cloud's revenue over the life is.
"""

import numpy as np

from xl_econ.core.operations import pick, total
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION

STATE = "chain_state"


def part(usd, rent_share, sales):
    """A part of the GPU cloud's revenue as a share of a dollar of tokens."""
    return np.where(sales > 0, rent_share * usd / sales, 0)


@derived("1", "State of the value chain", source=DEFINITION)
def chain_state(cloud_state, money_state):
    """1: tokens have no cost or no price."""
    return np.where(cloud_state > 0, cloud_state, np.where(money_state > 0, 1, 0))


@derived("text", "Value chain", source=DEFINITION, takes={"labels": "lists.plan_state"})
def chain_state_label(labels, chain_state):
    return pick(labels, chain_state + 1)


@derived("1", "Rent of the accelerators, of a dollar of tokens", source=ACCOUNTING, state=STATE)
def chain_rent_share(accelerators, rent_usd_per_accelerator_h, h_per_month, hosted_tokens_usd_per_month):
    return accelerators * rent_usd_per_accelerator_h * h_per_month / hosted_tokens_usd_per_month


@derived("1", "Chip vendor: gross profit", source=ACCOUNTING, state=STATE)
def chain_vendor_profit_share(vendor_gross_profit_usd, chain_rent_share, cloud_sales_usd):
    return part(vendor_gross_profit_usd, chain_rent_share, cloud_sales_usd)


@derived("1", "Chip vendor: cost (foundry, memory, packaging)", source=ACCOUNTING, state=STATE)
def chain_vendor_cost_share(accelerator_purchase_usd, vendor_gross_profit_usd, chain_rent_share, cloud_sales_usd):
    return part(accelerator_purchase_usd - vendor_gross_profit_usd, chain_rent_share, cloud_sales_usd)


@derived("1", "Server, network, data centre, less residual value", source=ACCOUNTING, state=STATE)
def chain_equipment_share(cloud_capex_usd, accelerator_purchase_usd, residual_usd, chain_rent_share, cloud_sales_usd):
    return part(cloud_capex_usd - accelerator_purchase_usd - residual_usd, chain_rent_share, cloud_sales_usd)


@derived("1", "Power", source=ACCOUNTING, state=STATE)
def chain_power_share(cloud_power_usd_per_year, cloud_life_years, chain_rent_share, cloud_sales_usd):
    return part(cloud_power_usd_per_year * cloud_life_years, chain_rent_share, cloud_sales_usd)


@derived("1", "Colocation, staff, maintenance and other running cost", source=ACCOUNTING, state=STATE)
def chain_running_share(cloud_fixed_usd_per_year, cloud_life_years, chain_rent_share, cloud_sales_usd):
    return part(cloud_fixed_usd_per_year * cloud_life_years, chain_rent_share, cloud_sales_usd)


@derived("1", "GPU cloud: overhead and credit loss", source=ACCOUNTING, state=STATE)
def chain_overhead_share(cloud_kept_share, chain_rent_share, cloud_sales_usd):
    return part(cloud_sales_usd * (1 - cloud_kept_share), chain_rent_share, cloud_sales_usd)


@derived("1", "Lenders: interest", source=ACCOUNTING, state=STATE)
def chain_interest_share(cloud_interest_usd, chain_rent_share, cloud_sales_usd):
    return part(total(cloud_interest_usd), chain_rent_share, cloud_sales_usd)


@derived("1", "GPU cloud: tax", source=ACCOUNTING, state=STATE)
def chain_tax_share(cloud_tax_usd, chain_rent_share, cloud_sales_usd):
    return part(total(cloud_tax_usd), chain_rent_share, cloud_sales_usd)


@derived("1", "GPU cloud: owners", source=ACCOUNTING, state=STATE)
def chain_cloud_share(cloud_equity_cash_usd, chain_rent_share, cloud_sales_usd):
    """What is left to them over the life, not discounted; negative where they lose."""
    return part(total(cloud_equity_cash_usd), chain_rent_share, cloud_sales_usd)


@derived("1", "Serving company: platform and egress", source=ACCOUNTING, state=STATE)
def chain_platform_share(platform_usd_per_month, hosted_tokens_usd_per_month):
    return platform_usd_per_month / hosted_tokens_usd_per_month


@derived("1", "Serving company: margin", source=ACCOUNTING, state=STATE)
def chain_serving_share(chain_rent_share, chain_platform_share):
    """What is left at the hosted price; negative where serving costs more than it brings."""
    return 1 - chain_rent_share - chain_platform_share
