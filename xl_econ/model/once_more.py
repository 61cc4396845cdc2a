"""Once more: costs at half the utilisation and at twice all prices, so that Checks can hold them against the costs."""

from xl_econ.core.quantity import Derived, Quantity, declare, derived
from xl_econ.core.repeat import repeat
from xl_econ.model.sources import DEFINITION

PRICES = {
    "rent_usd_per_accelerator_h": ("USD/h", "Rent of an accelerator-hour"),
    "accelerator_purchase_usd": ("USD", "Purchase price of an accelerator"),
    "colocation_usd_per_kw_month": ("USD/kW/month", "Colocation"),
    "usd_per_kwh": ("USD/kWh", "Electricity"),
    "software_usd_per_year": ("USD/year", "Software licences"),
    "person_usd_per_year": ("USD/year", "Staff"),
    "engineer_usd_per_year": ("USD/year", "Platform engineer"),
    "gateway_usd_per_month": ("USD/month", "Gateway, monitoring and licences"),
    "storage_usd_per_month": ("USD/month", "Storage of weights and logs"),
    "egress_usd_per_k_requests": ("USD/Krequest", "Egress and other costs by request"),
    "integration_usd_per_month": ("USD/month", "Integration of a hosted API"),
    "hosted_usd_per_m_input_tokens": ("USD/Mtoken", "Hosted input"),
    "hosted_usd_per_m_cached_tokens": ("USD/Mtoken", "Hosted cached input"),
    "hosted_usd_per_m_output_tokens": ("USD/Mtoken", "Hosted output"),
}
"""All prices that the own costs and the hosted ones are made of: unit and label."""
HALF, TWICE = "half_", "twice_"
"""How the names begin."""
COSTS = ("usd_per_month", "hosted_usd_per_month")
FIXED = ("usd_per_accelerator_h",)
"""What half the utilisation leaves as it is: an owned accelerator draws less, and that is not asked here."""


@derived("1", "Half the utilisation", source=DEFINITION)
def half_utilisation(utilisation):
    return utilisation / 2


def twice(price):
    return 2 * price


for name, (unit, label) in PRICES.items():
    doubled = Derived(f"{TWICE}{name}", unit, f"{label}, twice", DEFINITION, formula=twice, inputs={"price": name})
    declare(doubled, __name__)


def at_half_utilisation(quantities: list[Quantity], theme: str) -> list[Quantity]:
    """The cost of a token once more."""
    instead = {"utilisation": "half_utilisation", **{name: name for name in FIXED}}
    return list(
        repeat(
            quantities,
            to=["usd_per_m_tokens"],
            instead=instead,
            rename=lambda name: f"{HALF}{name}",
            relabel=lambda label: f"{label}, at half the utilisation",
            theme=theme,
        )
    )


def at_twice_all_prices(quantities: list[Quantity], theme: str) -> list[Quantity]:
    """The costs of a month once more."""
    return list(
        repeat(
            quantities,
            to=COSTS,
            instead={name: f"{TWICE}{name}" for name in PRICES},
            rename=lambda name: f"{TWICE}{name}",
            relabel=lambda label: f"{label}, at twice all prices",
            theme=theme,
        )
    )
