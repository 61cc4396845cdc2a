"""Hosted: the same tokens bought from an API."""

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING


@derived("USD/Mtoken", "Hosted blended cost of 1 M tokens", source=ACCOUNTING)
def hosted_usd_per_m_tokens(input_tokens, output_tokens, hosted_usd_per_m_input_tokens, hosted_usd_per_m_output_tokens):
    """Weighted by the tokens of a request."""
    paid = input_tokens * hosted_usd_per_m_input_tokens + output_tokens * hosted_usd_per_m_output_tokens
    return paid / (input_tokens + output_tokens)


@derived("USD/month", "Hosted cost per month of the tokens served", source=ACCOUNTING, state="serving_state")
def hosted_usd_per_month(
    served_input_m_tokens_per_h,
    hosted_usd_per_m_input_tokens,
    served_output_m_tokens_per_h,
    hosted_usd_per_m_output_tokens,
    h_per_day,
    days_per_year,
    months_per_year,
):
    paid_in = served_input_m_tokens_per_h * hosted_usd_per_m_input_tokens
    paid_out = served_output_m_tokens_per_h * hosted_usd_per_m_output_tokens
    return (paid_in + paid_out) * h_per_day * days_per_year / months_per_year


@derived("1", "Own cost over hosted cost", source=ACCOUNTING, state="money_state")
def own_over_hosted(usd_per_month, hosted_usd_per_month):
    """Above 1 the hosted API is cheaper."""
    return usd_per_month / hosted_usd_per_month
