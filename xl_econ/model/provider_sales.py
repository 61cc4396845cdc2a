"""GPU cloud: the hours of one accelerator that it sells, by tier and year, and what they bring.

Year 0 is the purchase; everything else falls at a year's end. Prices are shares of the rent: the one that Inputs
chooses, as it changes from year to year.
"""

import numpy as np

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION


def in_service(value, year, life):
    """A value in the years in service, 0 at the purchase and after them."""
    return np.where(np.logical_and(year > 0, year <= life), value, 0)


# --- Time --------------------------------------------------------------------------------------


@derived("1", "Year", source=DEFINITION)
def cloud_year(year_position):
    return year_position


@derived("1", "Years in service, as a number", source=DEFINITION)
def cloud_life(cloud_life_years, one_year):
    return cloud_life_years / one_year


@derived("1", "Years at the contracted price", source=DEFINITION)
def cloud_term(cloud_term_years, one_year, cloud_life):
    """What is longer than the life is cut there, and Checks says so."""
    return np.minimum(cloud_term_years / one_year, cloud_life)


@derived("h", "Hours in a year", source=DEFINITION)
def year_hours(h_per_day, days_per_year, one_year):
    return h_per_day * days_per_year * one_year


@derived("1", "Share of the first year before the first hour is sold", source=DEFINITION)
def cloud_start_share(cloud_start_months, one_month, year_months):
    return cloud_start_months / one_month / year_months


# --- Tiers -------------------------------------------------------------------------------------


@derived("1", "Share of sold hours that is sold as spot", source=ACCOUNTING)
def cloud_spot_hours_share(cloud_contracted_share, cloud_spot_share):
    return (1 - cloud_contracted_share) * cloud_spot_share


@derived("1", "Share of sold hours that is sold on demand", source=ACCOUNTING)
def cloud_on_demand_share(cloud_contracted_share, cloud_spot_share):
    return (1 - cloud_contracted_share) * (1 - cloud_spot_share)


@derived("USD/h", "Contracted price", source=ACCOUNTING, state="cloud_state")
def cloud_contract_usd_per_h(rent_usd_per_accelerator_h, contract_price_share):
    return rent_usd_per_accelerator_h * contract_price_share


# --- By year -----------------------------------------------------------------------------------


@derived("h", "Hours sold", source=ACCOUNTING)
def cloud_sold_hours(cloud_year, cloud_life, cloud_start_share, year_hours, provider_sold_share):
    sold = year_hours * provider_sold_share * (1 - np.where(cloud_year < 2, cloud_start_share, 0))
    return in_service(sold, cloud_year, cloud_life)


@derived("USD/h", "Rent of the year", source=ACCOUNTING)
def cloud_market_usd_per_h(cloud_year, cloud_life, rent_usd_per_accelerator_h, rent_change):
    """That of today in the first year."""
    return in_service(rent_usd_per_accelerator_h * (1 + rent_change) ** (cloud_year - 1), cloud_year, cloud_life)


@derived("USD", "Revenue: contracts", source=ACCOUNTING)
def cloud_contract_usd(cloud_sold_hours, cloud_contracted_share, cloud_contract_usd_per_h, cloud_year, cloud_term):
    return np.where(cloud_year <= cloud_term, cloud_sold_hours * cloud_contracted_share * cloud_contract_usd_per_h, 0)


@derived("USD", "Revenue: renewed contracts", source=ACCOUNTING)
def cloud_renewed_usd(
    cloud_sold_hours, cloud_contracted_share, cloud_market_usd_per_h, renewal_price_share, cloud_year, cloud_term
):
    paid = cloud_sold_hours * cloud_contracted_share * cloud_market_usd_per_h * renewal_price_share
    return np.where(cloud_year <= cloud_term, 0, paid)


@derived("USD", "Revenue: on demand", source=ACCOUNTING)
def cloud_on_demand_usd(cloud_sold_hours, cloud_on_demand_share, cloud_market_usd_per_h):
    return cloud_sold_hours * cloud_on_demand_share * cloud_market_usd_per_h


@derived("USD", "Revenue: spot", source=ACCOUNTING)
def cloud_spot_usd(cloud_sold_hours, cloud_spot_hours_share, cloud_market_usd_per_h, spot_price_share):
    return cloud_sold_hours * cloud_spot_hours_share * cloud_market_usd_per_h * spot_price_share


@derived("USD", "Revenue", source=ACCOUNTING)
def cloud_revenue_usd(cloud_contract_usd, cloud_renewed_usd, cloud_on_demand_usd, cloud_spot_usd):
    return cloud_contract_usd + cloud_renewed_usd + cloud_on_demand_usd + cloud_spot_usd
