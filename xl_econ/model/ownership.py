"""Ownership: what an accelerator-hour costs, rented by term or owned, line by line."""

import numpy as np

from xl_econ.core.operations import choose, match, pick
from xl_econ.core.quantity import derived
from xl_econ.model.constants import NO_PRICE
from xl_econ.model.sources import ACCOUNTING, CAPITAL_RECOVERY, DEFINITION

RENT_STATE, OWNED_STATE, PRICE_STATE = "rent_state", "owned_state", "price_state"


@derived("1", "No price: place in the list of states", source=DEFINITION, takes={"state_labels": "lists.state"})
def no_price_code(state_labels):
    return match(NO_PRICE, state_labels)


# --- rented ------------------------------------------------------------------------------------


@derived("USD/h", "Rent of an accelerator-hour", source=ACCOUNTING, state=RENT_STATE)
def rent_usd_per_accelerator_h(
    usd_per_accelerator_h_from_code,
    rent_term_code,
    catalog_usd_per_accelerator_h,
    catalog_1y_usd_per_accelerator_h,
    catalog_3y_usd_per_accelerator_h,
    catalog_spot_usd_per_accelerator_h,
    own_usd_per_accelerator_h,
):
    """By term from the catalog, where 0 is no price; or the own one."""
    listed = choose(
        rent_term_code,
        catalog_usd_per_accelerator_h,
        catalog_1y_usd_per_accelerator_h,
        catalog_3y_usd_per_accelerator_h,
        catalog_spot_usd_per_accelerator_h,
    )
    return choose(usd_per_accelerator_h_from_code, listed, own_usd_per_accelerator_h)


@derived("1", "State of the rent", source=DEFINITION)
def rent_state(usd_per_accelerator_h_from_code, rent_usd_per_accelerator_h, no_price_code):
    """Whether the catalog has a rent for this accelerator and term. An own rent may be 0."""
    return choose(usd_per_accelerator_h_from_code, np.where(rent_usd_per_accelerator_h > 0, 0, no_price_code - 1), 0)


@derived("text", "Rent", source=DEFINITION, takes={"state_labels": "lists.state"})
def rent_state_label(state_labels, rent_state):
    return pick(state_labels, rent_state + 1)


# --- owned: capital ----------------------------------------------------------------------------


@derived("1", "Growth of a sum at the cost of capital over the useful life", source=CAPITAL_RECOVERY)
def growth_over_life(wacc, life_years, one_year):
    return (1 + wacc) ** (life_years / one_year)


def level_payment(rate, growth, payments, slack):
    """The annuity for one dollar: r (1 + r)^n / ((1 + r)^n - 1), and 1/n without interest."""
    return np.where(rate > slack, rate * growth / np.maximum(growth - 1, slack), 1 / payments)


@derived("1/year", "Capital recovery factor", source=CAPITAL_RECOVERY)
def crf(wacc, growth_over_life, one_year, life_years, slack):
    """The level yearly payment for one dollar."""
    return level_payment(wacc, growth_over_life, life_years / one_year, slack) / one_year


@derived("h/year", "Hours that an owned accelerator can serve", source=ACCOUNTING)
def available_h_per_year(h_per_day, days_per_year, availability):
    return h_per_day * days_per_year * availability


@derived("USD", "Accelerator with its share of the server", source=ACCOUNTING, state=OWNED_STATE)
def server_usd(accelerator_purchase_usd, host_share):
    return accelerator_purchase_usd * (1 + host_share)


@derived("USD", "All that is bought for one accelerator", source=ACCOUNTING, state=OWNED_STATE)
def owned_capex_usd(server_usd, network_share, storage_share, installation_share):
    return server_usd * (1 + network_share + storage_share + installation_share)


@derived(
    "USD", "Value of an accelerator and server at the end of the useful life", source=ACCOUNTING, state=OWNED_STATE
)
def residual_usd(server_usd, residual_share):
    return server_usd * residual_share


@derived("USD/h", "Owned hour: accelerator and server", source=CAPITAL_RECOVERY, state=OWNED_STATE)
def server_usd_per_accelerator_h(server_usd, crf, available_h_per_year):
    return server_usd * crf / available_h_per_year


@derived("USD/h", "Owned hour: networking", source=CAPITAL_RECOVERY, state=OWNED_STATE)
def network_usd_per_accelerator_h(server_usd_per_accelerator_h, network_share):
    return server_usd_per_accelerator_h * network_share


@derived("USD/h", "Owned hour: storage", source=CAPITAL_RECOVERY, state=OWNED_STATE)
def storage_usd_per_accelerator_h(server_usd_per_accelerator_h, storage_share):
    return server_usd_per_accelerator_h * storage_share


@derived("USD/h", "Owned hour: installation", source=CAPITAL_RECOVERY, state=OWNED_STATE)
def installation_usd_per_accelerator_h(server_usd_per_accelerator_h, installation_share):
    return server_usd_per_accelerator_h * installation_share


@derived("USD/h", "Owned hour: less the value left at the end", source=CAPITAL_RECOVERY, state=OWNED_STATE)
def residual_usd_per_accelerator_h(residual_usd, wacc, one_year, crf, available_h_per_year):
    """The sinking-fund payment r / ((1 + r)^n - 1), which is the capital recovery factor less r."""
    return residual_usd * (wacc / one_year - crf) / available_h_per_year


@derived("USD/h", "Owned hour: capital, all of it", source=ACCOUNTING, state=OWNED_STATE)
def owned_capital_usd_per_accelerator_h(
    server_usd_per_accelerator_h,
    network_usd_per_accelerator_h,
    storage_usd_per_accelerator_h,
    installation_usd_per_accelerator_h,
    residual_usd_per_accelerator_h,
):
    bought = server_usd_per_accelerator_h + network_usd_per_accelerator_h + storage_usd_per_accelerator_h
    return bought + installation_usd_per_accelerator_h + residual_usd_per_accelerator_h


# --- owned: running cost -----------------------------------------------------------------------


@derived("USD/h", "Owned hour: colocation", source=ACCOUNTING, state=OWNED_STATE)
def colocation_usd_per_accelerator_h(
    housing_code, colocation_usd_per_kw_month, rated_kw, months_per_year, available_h_per_year
):
    """What is rented is rated power, drawn or not."""
    paid = colocation_usd_per_kw_month * rated_kw * months_per_year / available_h_per_year
    return choose(housing_code, 0, paid, paid)


@derived("USD/h", "Owned hour: energy", source=ACCOUNTING, state=OWNED_STATE)
def energy_usd_per_accelerator_h(
    housing_code, accelerator_kw, usd_per_kwh, h_per_day, days_per_year, available_h_per_year
):
    """Drawn in all hours of the year, borne by those that can serve."""
    paid = accelerator_kw * usd_per_kwh * h_per_day * days_per_year / available_h_per_year
    return choose(housing_code, paid, paid, 0)


@derived("USD/h", "Owned hour: maintenance", source=ACCOUNTING, state=OWNED_STATE)
def maintenance_usd_per_accelerator_h(server_usd, maintenance_share_per_year, available_h_per_year):
    return server_usd * maintenance_share_per_year / available_h_per_year


@derived("USD/h", "Owned hour: spare parts", source=ACCOUNTING, state=OWNED_STATE)
def spares_usd_per_accelerator_h(server_usd, spares_share_per_year, available_h_per_year):
    return server_usd * spares_share_per_year / available_h_per_year


@derived("USD/h", "Owned hour: software licences", source=ACCOUNTING, state=OWNED_STATE)
def software_usd_per_accelerator_h(software_usd_per_year, available_h_per_year):
    return software_usd_per_year / available_h_per_year


@derived("USD/h", "Owned hour: staff", source=ACCOUNTING, state=OWNED_STATE)
def staff_usd_per_accelerator_h(rated_kw, kw_per_mw, staff_per_mw, person_usd_per_year, available_h_per_year):
    return rated_kw / kw_per_mw * staff_per_mw * person_usd_per_year / available_h_per_year


@derived("USD/h", "Owned hour: insurance", source=ACCOUNTING, state=OWNED_STATE)
def insurance_usd_per_accelerator_h(owned_capex_usd, insurance_share_per_year, available_h_per_year):
    return owned_capex_usd * insurance_share_per_year / available_h_per_year


@derived("USD/h", "Owned hour: running cost, all of it", source=ACCOUNTING, state=OWNED_STATE)
def owned_running_usd_per_accelerator_h(
    colocation_usd_per_accelerator_h,
    energy_usd_per_accelerator_h,
    maintenance_usd_per_accelerator_h,
    spares_usd_per_accelerator_h,
    software_usd_per_accelerator_h,
    staff_usd_per_accelerator_h,
    insurance_usd_per_accelerator_h,
):
    power = colocation_usd_per_accelerator_h + energy_usd_per_accelerator_h
    kept = power + maintenance_usd_per_accelerator_h + spares_usd_per_accelerator_h + insurance_usd_per_accelerator_h
    return kept + software_usd_per_accelerator_h + staff_usd_per_accelerator_h


# --- the price ---------------------------------------------------------------------------------


@derived("USD/h", "An owned accelerator-hour", source=CAPITAL_RECOVERY, state=OWNED_STATE)
def owned_usd_per_accelerator_h(owned_capital_usd_per_accelerator_h, owned_running_usd_per_accelerator_h):
    """Levelised over the useful life, for each hour that it can serve."""
    return owned_capital_usd_per_accelerator_h + owned_running_usd_per_accelerator_h


@derived("1", "State of the owned hour", source=DEFINITION)
def owned_state(check_purchase, check_power, no_price_code, no_power_code):
    """Whether the catalog has a purchase price, and a rated power."""
    return np.where(check_purchase > 0, no_price_code - 1, np.where(check_power > 0, no_power_code - 1, 0))


@derived("text", "Owned hour", source=DEFINITION, takes={"state_labels": "lists.state"})
def owned_state_label(state_labels, owned_state):
    return pick(state_labels, owned_state + 1)


@derived("USD/h", "Price of an accelerator-hour", source=ACCOUNTING, state=PRICE_STATE)
def usd_per_accelerator_h(procurement_code, rent_usd_per_accelerator_h, owned_usd_per_accelerator_h):
    """The rent, or what an hour of an owned accelerator costs."""
    return choose(procurement_code, rent_usd_per_accelerator_h, owned_usd_per_accelerator_h)


@derived("1", "State of the price", source=DEFINITION)
def price_state(procurement_code, rent_state, owned_state):
    return choose(procurement_code, rent_state, owned_state)


@derived("text", "Price", source=DEFINITION, takes={"state_labels": "lists.state"})
def price_state_label(state_labels, price_state):
    return pick(state_labels, price_state + 1)
