"""What is given of money: what owning an accelerator takes, energy, currency. Names and units, no values."""

from __future__ import annotations

from xl_econ.core.quantity import Bounds
from xl_econ.model.declare import Section
from xl_econ.model.given import NOT_NEGATIVE, POSITIVE, POSITIVE_SHARE, SHARE

FACTOR_OF_ONE = Bounds(at_least=1, at_most=10)

# --- An accelerator-hour: rented by term, or owned ---------------------------------------------

rents = Section(__name__, "Catalog facts")
for name, field, label in (
    ("catalog_usd_per_accelerator_h", "rent_usd_per_h", "Rent on demand"),
    ("catalog_1y_usd_per_accelerator_h", "rent_1y_usd_per_h", "Rent for 1 year"),
    ("catalog_3y_usd_per_accelerator_h", "rent_3y_usd_per_h", "Rent for 3 years"),
    ("catalog_spot_usd_per_accelerator_h", "rent_spot_usd_per_h", "Rent, spot"),
):
    rents.column("accelerators", field, "USD/h", label)
    rents.look_up(name, f"accelerators.{field}", "USD/h", f"{label}, catalog", "accelerator_code")

owned = Section(__name__, "Owned accelerators")
owned.fact_or_own(
    "accelerator_purchase_usd",
    "accelerators.purchase_usd",
    "USD",
    "Purchase price of one accelerator",
    "accelerator_code",
    NOT_NEGATIVE,
)
owned.look_up(
    "catalog_purchase_usd",
    "accelerators.purchase_usd",
    "USD",
    "Purchase price of one accelerator, catalog",
    "accelerator_code",
)
owned.options("housing", "Housing", "own facility", "colocation, power metered", "colocation, power included")
owned.choice(
    "housing",
    "Where owned accelerators stand",
    "lists.housing",
    "own facility: no rent for space, energy is paid. Colocation: by rated kW, with energy on top or within",
)
owned.fact(
    "all_in_kw",
    "accelerators.all_in_kw",
    "kW",
    "Power with host, network and facility (0: not known)",
    "accelerator_code",
)
owned.fact("tdp_w", "accelerators.tdp_w", "W", "Rated power of the chip (0: not known)", "accelerator_code")
owned.origin("rated_kw", "kW", "Rated power with server and network", POSITIVE)

money = Section(__name__, "Owning: money")
money.assumption("wacc", "1", "Cost of capital (WACC), a year", SHARE)
money.assumption("life_years", "year", "Useful life", Bounds(at_least=1, at_most=30))
money.assumption("host_share", "1", "Host server, over the accelerators' price", NOT_NEGATIVE)
money.assumption("network_share", "1", "Networking, over the server's price", NOT_NEGATIVE)
money.assumption("storage_share", "1", "Storage, over the server's price", NOT_NEGATIVE)
money.assumption("installation_share", "1", "Installation, over the server's price", NOT_NEGATIVE)
money.assumption("residual_share", "1", "Value left at the end, of the server's price", SHARE)
money.assumption("availability", "1", "Share of hours that an owned accelerator can serve", POSITIVE_SHARE)

running = Section(__name__, "Owning: running cost")
running.assumption("colocation_usd_per_kw_month", "USD/kW/month", "Colocation", NOT_NEGATIVE)
running.assumption("maintenance_share_per_year", "1/year", "Maintenance, of the server's price", SHARE)
running.assumption("spares_share_per_year", "1/year", "Spare parts, of the server's price", SHARE)
running.assumption("insurance_share_per_year", "1/year", "Insurance, of all that was bought", SHARE)
running.assumption("software_usd_per_year", "USD/year", "Software licences of one accelerator", NOT_NEGATIVE)
running.assumption("staff_per_mw", "person/MW", "Staff, of rated power", NOT_NEGATIVE)
running.assumption("person_usd_per_year", "USD/year", "Cost of one person", NOT_NEGATIVE)

# --- Energy ------------------------------------------------------------------------------------

energy = Section(__name__, "Energy")
energy.assumption("usd_per_kwh", "USD/kWh", "Price of electricity", NOT_NEGATIVE)
energy.assumption("pue", "1", "Power of the facility over that of its machines (PUE)", FACTOR_OF_ONE)
energy.assumption("idle_power_share", "1", "Power when idle, of rated", SHARE)
energy.assumption("load_power_share", "1", "Further power under full load, of rated", SHARE)
energy.assumption("all_in_pue", "1", "PUE within the catalog's power with facility", FACTOR_OF_ONE)
energy.assumption("server_power_factor", "1", "Rated power with server and network, over that of the chip", POSITIVE)
energy.assumption("grid_kg_co2e_per_kwh", "kg/kWh", "Emissions of electricity, CO2 equivalent", NOT_NEGATIVE)

# --- Currency ----------------------------------------------------------------------------------

currency = Section(__name__, "Currency")
currency.options("currency", "Currency", "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "CAD", "AUD")
currency.choice(
    "currency", "A second currency on Results", "lists.currency", "All else is in USD, as are prices of the catalog"
)
currency.number("currency_per_usd", "currency/USD", "Its units for one USD", POSITIVE, "1 for USD itself")
