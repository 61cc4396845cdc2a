"""Hosted: the same tokens bought from an API, or sold at its price; and what another LLM would cost for the same tasks.

What we buy today (`bought_…`) repeats the prices of the hosted API with another choice.
"""

import numpy as np

from xl_econ.core.operations import pick
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION

MONEY_STATE = "money_state"


@derived("text", "Hosted API: date of the price", source=DEFINITION, takes={"dates": "hosted.date"})
def hosted_date(dates, hosted_code):
    return pick(dates, hosted_code)


@derived("1", "Hosted price of cached input over other input", source=ACCOUNTING)
def hosted_cached_weight(hosted_usd_per_m_cached_tokens, hosted_usd_per_m_input_tokens):
    """1 where the list has no price for it."""
    has_price = np.logical_and(hosted_usd_per_m_cached_tokens > 0, hosted_usd_per_m_input_tokens > 0)
    return np.where(has_price, hosted_usd_per_m_cached_tokens / hosted_usd_per_m_input_tokens, 1)


@derived("USD/Mtoken", "Hosted price of input, cached and other", source=ACCOUNTING)
def hosted_usd_per_m_mean_input_tokens(hosted_usd_per_m_input_tokens, hosted_cached_weight, cached_input_share):
    return hosted_usd_per_m_input_tokens * (1 - cached_input_share + cached_input_share * hosted_cached_weight)


@derived("1", "Price paid over list price", source=ACCOUNTING)
def list_price_share(hosted_batch_share, hosted_batch_price_share, hosted_discount_share):
    """After the discount, and with the batch price for what can wait."""
    return (1 - hosted_batch_share * (1 - hosted_batch_price_share)) * (1 - hosted_discount_share)


@derived("USD/Mtoken", "Hosted blended cost of 1 M tokens", source=ACCOUNTING)
def hosted_usd_per_m_tokens(
    input_tokens,
    output_tokens,
    hosted_usd_per_m_mean_input_tokens,
    hosted_usd_per_m_output_tokens,
    list_price_share,
):
    """Weighted by the tokens of a request."""
    paid = input_tokens * hosted_usd_per_m_mean_input_tokens + output_tokens * hosted_usd_per_m_output_tokens
    return list_price_share * paid / (input_tokens + output_tokens)


@derived("USD/month", "Hosted price per month of the tokens served", source=ACCOUNTING, state="serving_state")
def hosted_tokens_usd_per_month(
    served_input_m_tokens_per_h,
    hosted_usd_per_m_mean_input_tokens,
    served_output_m_tokens_per_h,
    hosted_usd_per_m_output_tokens,
    list_price_share,
    h_per_month,
):
    paid_in = served_input_m_tokens_per_h * hosted_usd_per_m_mean_input_tokens
    paid_out = served_output_m_tokens_per_h * hosted_usd_per_m_output_tokens
    return list_price_share * (paid_in + paid_out) * h_per_month


@derived("USD/month", "Hosted cost per month of the tokens served", source=ACCOUNTING, state="serving_state")
def hosted_usd_per_month(hosted_tokens_usd_per_month, integration_usd_per_month):
    return hosted_tokens_usd_per_month + integration_usd_per_month


@derived("USD/Krequest", "Hosted cost of 1,000 requests", source=ACCOUNTING, state="serving_state")
def hosted_usd_per_k_requests(hosted_usd_per_month, served_k_requests_per_h, h_per_month):
    return hosted_usd_per_month / (served_k_requests_per_h * h_per_month)


@derived("USD/Krequest", "Hosted cost of 1,000 tasks that are passed", source=ACCOUNTING, state="serving_state")
def hosted_usd_per_k_passed_tasks(hosted_usd_per_k_requests, own_pass_rate):
    """The same weights pass the same tasks."""
    return hosted_usd_per_k_requests / own_pass_rate


@derived("1", "Own cost over hosted cost", source=ACCOUNTING, state=MONEY_STATE)
def own_over_hosted(usd_per_month, hosted_usd_per_month):
    """Above 1 the hosted API is cheaper."""
    return usd_per_month / hosted_usd_per_month


@derived(
    "USD/month", "What we buy today: cost per month of the same requests", source=ACCOUNTING, state="serving_state"
)
def bought_usd_per_month(bought_tokens_usd_per_month, bought_tokens_ratio, integration_usd_per_month):
    """Its LLM takes other numbers of tokens for them."""
    return bought_tokens_usd_per_month * bought_tokens_ratio + integration_usd_per_month


@derived("USD/Krequest", "What we buy today: cost of 1,000 requests", source=ACCOUNTING, state="serving_state")
def bought_usd_per_k_requests(bought_usd_per_month, served_k_requests_per_h, h_per_month):
    return bought_usd_per_month / (served_k_requests_per_h * h_per_month)


@derived("USD/Krequest", "What we buy today: cost of 1,000 tasks passed", source=ACCOUNTING, state="serving_state")
def bought_usd_per_k_passed_tasks(bought_usd_per_k_requests, bought_pass_rate):
    return bought_usd_per_k_requests / bought_pass_rate


@derived("1", "Own cost over the cost of what we buy, per task passed", source=ACCOUNTING, state=MONEY_STATE)
def own_over_bought(usd_per_month, own_pass_rate, bought_usd_per_month, bought_pass_rate):
    """Above 1 what we buy is cheaper."""
    return usd_per_month / own_pass_rate / (bought_usd_per_month / bought_pass_rate)


@derived("USD/day", "Own cost per day", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_day(usd_per_h, h_per_day):
    return usd_per_h * h_per_day


@derived(
    "USD/day",
    "Revenue per day, if the tokens served were sold at the hosted price",
    source=ACCOUNTING,
    state=MONEY_STATE,
)
def hosted_usd_per_day(hosted_tokens_usd_per_month, months_per_year, days_per_year):
    return hosted_tokens_usd_per_month * months_per_year / days_per_year


@derived("1", "Own cost over revenue at the hosted price", source=ACCOUNTING, state=MONEY_STATE)
def own_over_revenue(usd_per_day, hosted_usd_per_day):
    return usd_per_day / hosted_usd_per_day


@derived("1", "Profit over cost at the hosted price", source=ACCOUNTING, state=MONEY_STATE)
def profit_over_cost(own_over_revenue, slack):
    """What costs nothing has no such share: its price is missing, and the state says so."""
    return 1 / np.maximum(slack, own_over_revenue) - 1


@derived("1", "Gross margin at the hosted price", source=ACCOUNTING, state=MONEY_STATE)
def gross_margin(own_over_revenue):
    """Of what the tokens served would bring if they were sold at the hosted price."""
    return 1 - own_over_revenue
