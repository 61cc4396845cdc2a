"""What is given of money over the months: demand that grows, price paths, commitments, debt and tax. No values."""

from __future__ import annotations

from xl_econ.core.quantity import Bounds, Given, declare
from xl_econ.model.constants import NO_SALE
from xl_econ.model.declare import Section
from xl_econ.model.given import NOT_NEGATIVE, SHARE

GROWTH = Bounds(at_least=-0.9, at_most=9)
PRICE_PATH = Bounds(at_least=-0.9, at_most=2)
RATE = Bounds(at_least=0, at_most=1)
MONTHS = Bounds(at_least=0, at_most=24, whole=True)
YEARS = Bounds(at_least=0.5, at_most=30)
OWN_SUPPLY = (("plan_supply", "own"),)

demand = Section(__name__, "Plan: demand")
demand.number("demand_growth", "1", "Growth of demand per year", GROWTH, "-20 %: a fifth less each year")
demand.number("season_amplitude", "1", "Season: swing of demand around its mean", Bounds(at_least=0, at_most=0.9))
demand.number("season_peak_month", "1", "Season: month of the year with most demand", Bounds(at_least=1, at_most=12))
demand.number("demand_shortfall", "1", "Demand below plan: the case to be ready for", SHARE, "40 %: what is then lost")

paths = Section(__name__, "Plan: prices by year")
paths.number("rent_change", "1", "Change of rent per year", PRICE_PATH, "Signed; 0: flat")
paths.number("hardware_change", "1", "Change of hardware prices per year", PRICE_PATH, "Signed; 0: flat")
paths.number("hosted_change", "1", "Change of hosted prices per year", PRICE_PATH, "Signed; 0: flat")
paths.number(
    "throughput_change", "1", "Change of throughput per year", PRICE_PATH, "Better engines on the same accelerators"
)

supply = Section(__name__, "Plan: own, rent or hosted")
supply.options("plan_supply", "Supply", "own", "rent", "hosted API")
supply.choice(
    "plan_supply",
    "Where the plan's tokens come from",
    "lists.plan_supply",
    "Decides profit and cash; all three are compared on the same demand",
)
supply.number(
    "lead_months", "month", "Lead time from order to delivery", MONTHS, "Before the opening: counted as ordered then"
)
supply.number("end_book_share", "1", "Share of its book value that the fleet brings at the end", SHARE)
supply.number(
    "commitment_share",
    "1",
    "Committed accelerators over those of the first month",
    Bounds(at_least=0, at_most=10),
    "Rounded up to whole accelerators; all further ones are rented by the hour",
)
supply.number("commitment_months", "month", "Term of the commitment", Bounds(at_least=0, at_most=60, whole=True))
supply.number("commitment_discount", "1", "Discount of committed hours on today's rent", SHARE, "Fixed for the term")
supply.number("take_or_pay_share", "1", "Share of committed hours that is paid, used or not", SHARE)

result = Section(__name__, "Plan: revenue, tax and debt")
result.options("plan_revenue_from", "Revenue", "hosted price", "own price")
result.choice("plan_revenue_from", "Price at which tokens are sold or charged", "lists.plan_revenue_from")
result.number(
    "own_sold_usd_per_m_tokens",
    "USD/Mtoken",
    "Own price of 1 M tokens, input and output alike",
    NOT_NEGATIVE,
    counts_with=(("plan_revenue_from", "own price"),),
)
result.number("overhead_share", "1", "Overhead as a share of revenue", SHARE, "Sales, general and administration")
result.number("tax_rate", "1", "Tax rate on profit", SHARE, "0: off. Losses are carried forward without limit")
result.number("debt_share", "1", "Share of purchases paid with debt", SHARE, counts_with=OWN_SUPPLY)
result.number("debt_years", "year", "Term of a loan, paid in level monthly payments", YEARS, counts_with=OWN_SUPPLY)

money = Section(__name__, "Money over the months")
money.assumption(
    "setup_usd", "USD", "Setting up an own or rented fleet, once", NOT_NEGATIVE, "At the opening of the plan"
)
money.assumption("cost_of_equity", "1", "Cost of equity, per year", RATE)
money.assumption("debt_rate", "1", "Interest on debt, nominal per year", RATE)

constants = Section(__name__, "Constants of the plan")
constants.constant("one_month", "month", "One month")
constants.constant("half_turn", "1", "Half a turn (pi)")
constants.constant("irr_guess", "1", "Where the search for a rate of return starts, per month")
constants.options(
    "plan_state",
    "State of a result of the plan",
    "valid",
    "costs have no result",
    "no purchase price or power in the catalog",
    "pays back within a month: no rate of return",
    "never pays back within the plan",
    "cash turns negative again: several rates of return",
    "no debt",
    "not short within the plan",
    NO_SALE,
)
declare(
    Given("period_month", "1", "Month", "Definition", role="column", axis="period", table="periods"),
    __name__,
    "Months of the plan",
)
