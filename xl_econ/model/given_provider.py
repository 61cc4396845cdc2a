"""What is given of a GPU cloud: how it sells its hours, what it pays beside its machines, and its debt. No values."""

from __future__ import annotations

from xl_econ.core.quantity import Bounds, Given, declare
from xl_econ.model.declare import Section
from xl_econ.model.given import SHARE

LIFE = Bounds(at_least=1, at_most=7, whole=True)
PRICE_SHARE = Bounds(at_least=0.01, at_most=10)
FIRST_YEAR = Bounds(at_least=0, at_most=12, whole=True)
LOST_SHARE = Bounds(at_least=0, at_most=0.9)

sales = Section(__name__, "GPU cloud: hours sold, one accelerator")
sales.number("cloud_life_years", "year", "Years in service", LIFE, "Whole years; then it is sold at its residual value")
sales.number(
    "cloud_contracted_share",
    "1",
    "Share of sold hours under contract",
    SHARE,
    "The share of hours that are sold at all stands under Provider and value chain",
)
sales.number(
    "cloud_term_years", "year", "Term of the contracts", LIFE, "At a fixed price; then they are renewed at the market's"
)
sales.number("cloud_spot_share", "1", "Share of the hours without contract that is sold as spot", SHARE)

money = Section(__name__, "GPU cloud")
money.assumption("contract_price_share", "1", "Contracted price, over the rent today", PRICE_SHARE)
money.assumption("renewal_price_share", "1", "Price after the term, over the rent of that year", PRICE_SHARE)
money.assumption("spot_price_share", "1", "Spot price, over the rent of that year", PRICE_SHARE)
money.assumption("credit_loss_share", "1", "Credit loss, of revenue", LOST_SHARE)
money.assumption("cloud_overhead_share", "1", "Overhead, of revenue that is paid", LOST_SHARE)
money.assumption("cloud_start_months", "month", "Months from purchase to the first hour sold", FIRST_YEAR)
money.assumption("power_take_or_pay_share", "1", "Share of contracted power that is paid, drawn or not", SHARE)
money.assumption("facility_share", "1", "Share of a data centre of its own, over the server's price", SHARE)
money.assumption("cloud_debt_share", "1", "Share of purchases paid with debt", SHARE)
money.assumption("cloud_debt_years", "year", "Term of the loan, paid in level yearly payments", LIFE)

steps = Section(__name__, "Constants of the GPU cloud")
steps.constant("sold_share_step", "1", "Step of the share of hours sold, in the table of break-even rents")
steps.constant("rent_change_step", "1", "Step of the change of rent a year, in the table of break-even rents")
declare(
    Given("year_position", "1", "Year", "Definition", role="column", axis="year", table="years"),
    __name__,
    "Years of the GPU cloud",
)
