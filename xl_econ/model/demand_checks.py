"""Checks of demand by hour: 0 where all is well, 1 where somebody should look."""

import numpy as np

from xl_econ.core.operations import total_product
from xl_econ.core.quantity import derived
from xl_econ.model.plan_checks import apart
from xl_econ.model.sources import ACCOUNTING


@derived("1", "The shares of the day's hours add up to 100 %", source=ACCOUNTING)
def check_day_shares(day_share_total, check_tolerance):
    """If not, they count by what they are together."""
    return np.where(np.abs(day_share_total - 1) > check_tolerance, 1, 0)


@derived("1", "The hours of a week have the week's demand", source=ACCOUNTING)
def check_week_demand(week_days, hour_load, week_hour_count, check_tolerance):
    return apart(total_product(week_days, hour_load), week_hour_count, week_hour_count, check_tolerance)


@derived("1", "Hours of the reserve at work, on demand and on spot are the hours needed", source=ACCOUNTING)
def check_hired_replicas(
    week_days,
    hour_reserved_replicas,
    on_demand_mean_replicas,
    spot_mean_replicas,
    week_hour_count,
    hour_replicas,
    check_tolerance,
):
    hired = (
        total_product(week_days, hour_reserved_replicas)
        + (on_demand_mean_replicas + spot_mean_replicas) * week_hour_count
    )
    needed = total_product(week_days, hour_replicas)
    return apart(hired, needed, needed, check_tolerance)
