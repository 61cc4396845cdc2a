"""Provider: what a GPU cloud and its vendor earn on one accelerator, as the article sums it."""

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ARTICLE


@derived("USD", "Provider's revenue over the years, one accelerator", source=ARTICLE)
def provider_revenue_usd(rent_usd_per_accelerator_h, h_per_day, days_per_year, provider_years, provider_sold_share):
    """It sells at the rent, also where this fleet is owned."""
    return rent_usd_per_accelerator_h * h_per_day * days_per_year * provider_years * provider_sold_share


@derived("USD", "Provider's cost over the years, one accelerator", source=ARTICLE)
def provider_cost_usd(accelerator_purchase_usd, provider_electricity_usd_per_year, provider_years):
    """Purchase and electricity only: no server, network, data centre, staff or money."""
    return accelerator_purchase_usd + provider_electricity_usd_per_year * provider_years


@derived("USD", "Provider's profit over the years, one accelerator", source=ARTICLE)
def provider_result_usd(provider_revenue_usd, provider_cost_usd):
    return provider_revenue_usd - provider_cost_usd


@derived("USD", "Vendor's gross profit on one accelerator", source=ARTICLE)
def vendor_gross_profit_usd(accelerator_purchase_usd, vendor_gross_margin):
    return accelerator_purchase_usd * vendor_gross_margin
