"""Hosted: the same tokens bought from an API, or sold at its price."""

import numpy as np

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING


@derived("USD/Mtoken", "Hosted price of input, cached and other", source=ACCOUNTING)
def hosted_usd_per_m_mean_input_tokens(
    hosted_usd_per_m_input_tokens, hosted_usd_per_m_cached_tokens, cached_input_share
):
    cached = np.where(hosted_usd_per_m_cached_tokens > 0, hosted_usd_per_m_cached_tokens, hosted_usd_per_m_input_tokens)
    return hosted_usd_per_m_input_tokens + cached_input_share * (cached - hosted_usd_per_m_input_tokens)


@derived("USD/Mtoken", "Hosted blended cost of 1 M tokens", source=ACCOUNTING)
def hosted_usd_per_m_tokens(
    input_tokens, output_tokens, hosted_usd_per_m_mean_input_tokens, hosted_usd_per_m_output_tokens
):
    """Weighted by the tokens of a request."""
    paid = input_tokens * hosted_usd_per_m_mean_input_tokens + output_tokens * hosted_usd_per_m_output_tokens
    return paid / (input_tokens + output_tokens)


@derived("USD/month", "Hosted cost per month of the tokens served", source=ACCOUNTING, state="serving_state")
def hosted_usd_per_month(
    served_input_m_tokens_per_h,
    hosted_usd_per_m_mean_input_tokens,
    served_output_m_tokens_per_h,
    hosted_usd_per_m_output_tokens,
    h_per_day,
    days_per_year,
    months_per_year,
):
    paid_in = served_input_m_tokens_per_h * hosted_usd_per_m_mean_input_tokens
    paid_out = served_output_m_tokens_per_h * hosted_usd_per_m_output_tokens
    return (paid_in + paid_out) * h_per_day * days_per_year / months_per_year


@derived("1", "Own cost over hosted cost", source=ACCOUNTING, state="money_state")
def own_over_hosted(usd_per_month, hosted_usd_per_month):
    """Above 1 the hosted API is cheaper."""
    return usd_per_month / hosted_usd_per_month


@derived("USD/day", "Own cost per day", source=ACCOUNTING, state="money_state")
def usd_per_day(usd_per_h, h_per_day):
    return usd_per_h * h_per_day


@derived(
    "USD/day",
    "Revenue per day, if the tokens served were sold at the hosted price",
    source=ACCOUNTING,
    state="money_state",
)
def hosted_usd_per_day(hosted_usd_per_month, months_per_year, days_per_year):
    return hosted_usd_per_month * months_per_year / days_per_year


@derived("1", "Profit over cost at the hosted price", source=ACCOUNTING, state="money_state")
def profit_over_cost(own_over_hosted, slack):
    """What costs nothing has no such share: its price is missing, and the state says so."""
    return 1 / np.maximum(slack, own_over_hosted) - 1


@derived("1", "Gross margin at the hosted price", source=ACCOUNTING, state="money_state")
def gross_margin(own_over_hosted):
    """Of what the tokens served would bring if they were sold at the hosted price."""
    return 1 - own_over_hosted
