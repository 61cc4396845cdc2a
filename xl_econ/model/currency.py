"""Currency: the headline costs once more, in the currency that Inputs names."""

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING

MONEY_STATE = "money_state"


@derived("currency/Mtoken", "Cost of 1 M input tokens, second currency", source=ACCOUNTING, state=MONEY_STATE)
def currency_per_m_input_tokens(usd_per_m_input_tokens, currency_per_usd):
    return usd_per_m_input_tokens * currency_per_usd


@derived("currency/Mtoken", "Cost of 1 M output tokens, second currency", source=ACCOUNTING, state=MONEY_STATE)
def currency_per_m_output_tokens(usd_per_m_output_tokens, currency_per_usd):
    return usd_per_m_output_tokens * currency_per_usd


@derived("currency/Mtoken", "Blended cost of 1 M tokens, second currency", source=ACCOUNTING, state=MONEY_STATE)
def currency_per_m_tokens(usd_per_m_tokens, currency_per_usd):
    return usd_per_m_tokens * currency_per_usd


@derived("currency/month", "Cost per month, second currency", source=ACCOUNTING, state=MONEY_STATE)
def currency_per_month(usd_per_month, currency_per_usd):
    return usd_per_month * currency_per_usd
