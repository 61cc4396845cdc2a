"""Plan: demand month by month, the serving units that it takes, and the accelerators that are bought for it.

Month 0 is the opening: nothing is served, and what the first month needs is bought. Everything else falls at a
month's end. What is bought in a month serves from the next one on.
"""

import numpy as np

from xl_econ.core.operations import (
    at,
    ceil_whole,
    choose,
    largest,
    running_largest,
    running_total,
    total_below,
    total_every,
)
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION

# --- Time --------------------------------------------------------------------------------------


@derived("1", "Month", source=DEFINITION)
def plan_month(period_month):
    return period_month


@derived("1", "Last month", source=DEFINITION)
def last_month(plan_month):
    return largest(plan_month)


@derived("1", "Months in a year", source=DEFINITION)
def year_months(months_per_year, one_year, one_month):
    """As a number, for exponents."""
    return months_per_year * one_year / one_month


@derived("h", "Hours in a month", source=DEFINITION)
def month_hours(h_per_day, days_per_year, months_per_year, one_month):
    return h_per_day * days_per_year / months_per_year * one_month


@derived("1", "Useful life in whole months", source=DEFINITION)
def life_months(life_years, one_year, year_months, slack):
    return ceil_whole(life_years / one_year * year_months, slack)


def back(values, month, months):
    """The value so many months back; 0 before the opening."""
    return np.where(month < months, 0, at(values, np.maximum(month - months, 0) + 1))


def within(values, month, months):
    """The sum over so many months before this one."""
    return total_below(values, month, month) - total_below(values, month, month - months)


# --- Demand ------------------------------------------------------------------------------------


@derived("request/s", "Demand before growth and season", source=DEFINITION)
def base_requests_per_s(utilisation, replicas, unit_requests_per_s, failed_share):
    """The demand given, or what the replicas given serve at their utilisation; what failed is served again."""
    return utilisation * replicas * unit_requests_per_s * (1 - failed_share)


@derived("1", "Capacity to be ready for, over mean demand", source=ACCOUNTING)
def plan_sizing_ratio(
    sizing_code, given_utilisation, peak_to_average, headroom, replica_availability_share, failed_share
):
    """As the fleet of today is sized."""
    ready = choose(sizing_code, 1 / given_utilisation, peak_to_average * (1 + headroom) / replica_availability_share)
    return ready / (1 - failed_share)


@derived("request/s", "Demand, mean of the month", source=ACCOUNTING)
def plan_requests_per_s(
    plan_month, base_requests_per_s, demand_growth, year_months, season_amplitude, season_peak_month, half_turn
):
    season = 1 + season_amplitude * np.cos(2 * half_turn * (plan_month - season_peak_month) / year_months)
    served = base_requests_per_s * (1 + demand_growth) ** (plan_month / year_months) * season
    return np.where(plan_month > 0, served, 0)


@derived("Mtoken", "Tokens, input and output", source=ACCOUNTING)
def plan_m_tokens(plan_requests_per_s, input_tokens, output_tokens, month_hours, s_per_h, tokens_per_mtoken):
    return plan_requests_per_s * (input_tokens + output_tokens) * month_hours * s_per_h / tokens_per_mtoken


@derived("request/s", "Capacity of one serving unit", source=ACCOUNTING)
def plan_unit_requests_per_s(plan_month, unit_requests_per_s, throughput_change, year_months):
    return unit_requests_per_s * (1 + throughput_change) ** (plan_month / year_months)


def replicas_for(requests_per_s, month, sizing_ratio, unit_requests_per_s, spare, slack):
    """Whole ones for a demand, with spare ones; none at the opening."""
    needed = ceil_whole(requests_per_s * sizing_ratio / unit_requests_per_s, slack)
    return np.where(month > 0, np.maximum(1, needed) + spare, 0)


@derived("replica", "Replicas needed, with spare ones", source=ACCOUNTING)
def plan_replicas(plan_month, plan_requests_per_s, plan_sizing_ratio, plan_unit_requests_per_s, spare_replicas, slack):
    return replicas_for(
        plan_requests_per_s, plan_month, plan_sizing_ratio, plan_unit_requests_per_s, spare_replicas, slack
    )


@derived("accelerator", "Accelerators needed", source=DEFINITION)
def plan_accelerators(plan_replicas, unit_accelerators):
    return plan_replicas * unit_accelerators


# --- An owned fleet, which never shrinks -------------------------------------------------------


@derived("accelerator", "Most accelerators needed so far", source=DEFINITION)
def plan_most_accelerators(plan_accelerators):
    return running_largest(plan_accelerators)


@derived("accelerator", "More than ever, from the next month on", source=DEFINITION)
def plan_added_accelerators(plan_most_accelerators, plan_month, last_month):
    return at(plan_most_accelerators, np.minimum(plan_month + 1, last_month) + 1) - plan_most_accelerators


@derived("accelerator", "Bought", source=ACCOUNTING)
def plan_bought_accelerators(plan_added_accelerators, plan_month, life_months, last_month):
    """For growth, and in place of what was bought a useful life ago; nothing at the end."""
    return np.where(
        plan_month < last_month, total_every(plan_added_accelerators, plan_month, plan_month, life_months), 0
    )


@derived("accelerator", "To be ordered, by the lead time", source=ACCOUNTING)
def plan_ordered_accelerators(plan_bought_accelerators, plan_month, lead_months, one_month):
    """What should have been ordered before the opening counts there."""
    due = plan_month + lead_months / one_month
    before = np.where(plan_month > 0, total_below(plan_bought_accelerators, plan_month, due), 0)
    return total_below(plan_bought_accelerators, plan_month, due + 1) - before


@derived("accelerator", "Retired after their useful life", source=ACCOUNTING)
def plan_retired_accelerators(plan_bought_accelerators, plan_month, life_months):
    return back(plan_bought_accelerators, plan_month, life_months)


@derived("accelerator", "Owned at the end of the month", source=ACCOUNTING)
def plan_owned_accelerators(plan_bought_accelerators, plan_retired_accelerators):
    return running_total(plan_bought_accelerators) - running_total(plan_retired_accelerators)


@derived("accelerator", "Owned in the month and not needed", source=ACCOUNTING)
def plan_idle_accelerators(plan_owned_accelerators, plan_accelerators, plan_month):
    return back(plan_owned_accelerators, plan_month, 1) - plan_accelerators
