"""Demand by hour: two kinds of days of 24 hours, their demand over the mean hour, and the replicas that it takes.

A month is as many weeks of five weekdays and a weekend. The peak of Inputs stays what the fleet is sized for: where
it is above the fullest hour, all hours have room for what comes within them.
"""

import numpy as np

from xl_econ.core.operations import ceil_whole, choose, how_many, largest, pick, total, total_product
from xl_econ.core.quantity import derived
from xl_econ.model.given_demand import SHARES
from xl_econ.model.sources import ACCOUNTING, DEFINITION

STATE = "serving_state"
BY_HOUR = {f"h{hour}": name for hour, name in enumerate(SHARES)}


@derived("1", "Shares of the day's hours, together", source=DEFINITION, takes=BY_HOUR)
def day_share_total(
    h0, h1, h2, h3, h4, h5, h6, h7, h8, h9, h10, h11, h12, h13, h14, h15, h16, h17, h18, h19, h20, h21, h22, h23
):
    morning = h0 + h1 + h2 + h3 + h4 + h5 + h6 + h7 + h8 + h9 + h10 + h11
    return morning + h12 + h13 + h14 + h15 + h16 + h17 + h18 + h19 + h20 + h21 + h22 + h23


@derived("1", "Hours of a day", source=DEFINITION)
def day_hour_count(hour_of_day):
    return largest(hour_of_day)


@derived("1", "Hours of a week", source=DEFINITION)
def week_hour_count(week_days):
    return total(week_days)


@derived("1", "Demand of a weekday over that of the mean day", source=ACCOUNTING)
def weekday_load(week_days, week_hour_count, day_hour_count, weekend_over_weekday):
    """The week is 1 on average: seven days over five weekdays and two of the weekend."""
    weekend_days = pick(week_days, how_many(week_days))
    return week_hour_count / day_hour_count / (pick(week_days, 1) + weekend_days * weekend_over_weekday)


@derived("1", "Demand of an hour over the mean", source=ACCOUNTING, takes=BY_HOUR)
def hour_load(
    hour_of_day,
    day_kind,
    day_hour_count,
    day_share_total,
    slack,
    weekday_load,
    weekend_over_weekday,
    h0,
    h1,
    h2,
    h3,
    h4,
    h5,
    h6,
    h7,
    h8,
    h9,
    h10,
    h11,
    h12,
    h13,
    h14,
    h15,
    h16,
    h17,
    h18,
    h19,
    h20,
    h21,
    h22,
    h23,
):
    """Its share of the day, and what kind of day it is.

    Shares count by what they are together, so that no demand is lost where they do not add up.
    """
    share = choose(
        hour_of_day,
        h0,
        h1,
        h2,
        h3,
        h4,
        h5,
        h6,
        h7,
        h8,
        h9,
        h10,
        h11,
        h12,
        h13,
        h14,
        h15,
        h16,
        h17,
        h18,
        h19,
        h20,
        h21,
        h22,
        h23,
    )
    day = choose(day_kind, weekday_load, weekday_load * weekend_over_weekday)
    return share * day_hour_count / np.maximum(day_share_total, slack) * day


@derived("1", "Fullest hour over the mean", source=ACCOUNTING)
def hourly_peak_ratio(hour_load, slack):
    return np.maximum(largest(hour_load), slack)


@derived("1", "Capacity that the fullest hour takes, over what the peak of Inputs takes", source=ACCOUNTING)
def peak_excess_ratio(sizing_code, headroom, average_load_share, hourly_peak_ratio):
    """1 while the fullest hour with its headroom is within the peak that the fleet is sized for."""
    ready = choose(sizing_code, 1, 1 + headroom)
    return np.maximum(1, average_load_share * hourly_peak_ratio * ready)


@derived("Mrequest/month", "Requests, of which the fullest hour fills one replica", source=ACCOUNTING)
def replica_m_requests_per_month(
    replica_m_tokens_per_day, input_tokens, output_tokens, peak_excess_ratio, h_per_month, h_per_day
):
    per_day = replica_m_tokens_per_day / (input_tokens + output_tokens) / peak_excess_ratio
    return per_day * h_per_month / h_per_day


@derived("Mrequest/month", "Requests served", source=ACCOUNTING, state=STATE)
def served_m_requests_per_month(served_m_tokens_per_day, input_tokens, output_tokens, h_per_month, h_per_day):
    return served_m_tokens_per_day / (input_tokens + output_tokens) * h_per_month / h_per_day


@derived("month/Mrequest", "Replicas that the mean hour takes, for 1 M requests a month", source=ACCOUNTING)
def replica_months_per_m_request(replica_m_requests_per_month, hourly_peak_ratio):
    return 1 / replica_m_requests_per_month / hourly_peak_ratio


@derived("replica", "Replicas that the mean hour takes, before they are whole", source=ACCOUNTING)
def demand_mean_replicas(served_m_requests_per_month, replica_months_per_m_request):
    return served_m_requests_per_month * replica_months_per_m_request


@derived("replica", "Replicas that are needed in an hour", source=ACCOUNTING)
def hour_replicas(minimum_replicas, demand_mean_replicas, hour_load, slack):
    return np.maximum(minimum_replicas, ceil_whole(demand_mean_replicas * hour_load, slack))


@derived("replica", "Replicas if they follow demand hour by hour, on average", source=ACCOUNTING, state=STATE)
def following_mean_replicas(week_days, hour_replicas, week_hour_count):
    return total_product(week_days, hour_replicas) / week_hour_count


@derived("replica", "Replicas if those of the fullest hour are kept", source=ACCOUNTING, state=STATE)
def kept_replicas(hour_replicas):
    return largest(hour_replicas)
