"""What is given of demand by hour: its shape over a day, the weekend, and how capacity follows it. No values."""

from __future__ import annotations

from xl_econ.core.quantity import Bounds, Given, declare
from xl_econ.model.declare import Section
from xl_econ.model.given import COUNT_OR_NONE, SHARE

DAY_HOURS = range(24)
SHARES = tuple(f"share_h{hour:02}" for hour in DAY_HOURS)
"""A day's demand, hour by hour."""
WEEKDAYS, WEEKEND_DAYS = 5, 2
WEEK = {
    "hour_of_day": [hour + 1 for _ in range(2) for hour in DAY_HOURS],
    "day_kind": [kind + 1 for kind in range(2) for _ in DAY_HOURS],
    "week_days": [days for days in (WEEKDAYS, WEEKEND_DAYS) for _ in DAY_HOURS],
}
"""The hours of a weekday, then those of a weekend day: which hour, which kind of day, and how many such days a week."""

supply = Section(__name__, "Reserve, on demand and spot")
supply.number(
    "reserved_hours_share",
    "1",
    "Base load: needed in at least this share of hours",
    SHARE,
    "It is reserved, the rest rented by the hour. Cheapest near the reserve's price over that of the hour",
)
supply.options("reserve_term", "Base load", "rent for 1 year", "rent for 3 years", "owned")
supply.choice(
    "reserve_term",
    "How the base load is reserved",
    "lists.reserve_term",
    "At the catalog's rent; at an own rent less the discount of committed hours; or at the cost of an owned hour",
)
supply.number("minimum_replicas", "replica", "Least replicas that are paid for in every hour", COUNT_OR_NONE)
supply.number(
    "spot_share",
    "1",
    "Share of the rest that may be interrupted: spot",
    SHARE,
    "In replica-hours; what an interruption costs is not counted",
)
supply.number(
    "spot_discount", "1", "Discount of spot on an own rent", SHARE, counts_with=(("usd_per_accelerator_h_from", "own"),)
)
supply.options("volume_capacity", "Capacity compared over volume", "capacity kept in all hours", "the base-load mix")
supply.choice(
    "volume_capacity",
    "Capacity compared with the hosted API",
    "lists.volume_capacity",
    "On Demand, over volume. Kept: owned or rented, for the fullest hour. Mix: the rest on demand and spot",
)

shape = Section(__name__, "Demand by hour of the day")
shape.number(
    "weekend_over_weekday",
    "1",
    "A weekend day's demand over a weekday's",
    Bounds(at_least=0, at_most=10),
    "As shipped: assumed. The hours of both have the same shape",
)
for hour, name in zip(DAY_HOURS, SHARES, strict=True):
    shape.number(
        name,
        "1",
        f"Share of a day's demand, {hour}:00 to {hour + 1}:00",
        SHARE,
        "" if hour else "As shipped: assumed, an office day of one region. Put in your own: the 24 add up to 100 %",
    )

constants = Section(__name__, "Constants of demand by hour")
constants.constant("step_edge", "1", "Just above a whole number of replicas: by how much of one")

for name, label in (
    ("hour_of_day", "Hour of the day"),
    ("day_kind", "1: weekday, 2: weekend"),
    ("week_days", "Such days in a week"),
):
    declare(
        Given(name, "1", label, "Definition", role="column", axis="hour", table="hours"), __name__, "Hours of a week"
    )
