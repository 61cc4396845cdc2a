"""Invoice: what a bill is made of, and what is left of it for a request, a cached token and an idle hour.

Each price carries its share of idle hours, which are shown apart beside it: so prices add up to the invoice.
"""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION

MONEY_STATE = "money_state"


@derived("h/month", "Hours in a month", source=DEFINITION)
def h_per_month(h_per_day, days_per_year, months_per_year):
    return h_per_day * days_per_year / months_per_year


@derived("USD/Krequest", "Cost of 1,000 requests", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_k_requests(bill_usd_per_h, served_k_requests_per_h):
    return bill_usd_per_h / served_k_requests_per_h


@derived("USD/month", "Of which hours without work", source=ACCOUNTING, state=MONEY_STATE)
def idle_usd_per_month(accelerators_usd_per_h, utilisation, h_per_month):
    """Nights, headroom, spare replicas, and what is left over in the last one."""
    return accelerators_usd_per_h * (1 - utilisation) * h_per_month


@derived("USD/month", "Of which work that failed", source=ACCOUNTING, state=MONEY_STATE)
def failed_usd_per_month(accelerators_usd_per_h, utilisation, failed_share, h_per_month):
    return accelerators_usd_per_h * utilisation * failed_share * h_per_month


@derived("USD/month", "Of which platform and egress", source=ACCOUNTING, state=MONEY_STATE)
def platform_usd_per_month(platform_usd_per_h, egress_usd_per_h, h_per_month):
    return (platform_usd_per_h + egress_usd_per_h) * h_per_month


@derived("1", "Share of the bill for hours without work", source=ACCOUNTING, state=MONEY_STATE)
def idle_bill_share(usd_per_month, idle_usd_per_month):
    return np.where(usd_per_month > 0, idle_usd_per_month / usd_per_month, 0)


@derived("USD/Mtoken", "Of which hours without work, 1 M tokens", source=ACCOUNTING, state=MONEY_STATE)
def idle_usd_per_m_tokens(usd_per_m_tokens, idle_bill_share):
    return usd_per_m_tokens * idle_bill_share


@derived("1", "Cost of a cached input token over a computed one", source=ACCOUNTING)
def cached_weight(allocation_code, cached_token_weight, hosted_cached_weight):
    """As the hosted list weighs it where that splits the bill, else as assumed."""
    assumed = cached_token_weight
    return choose(allocation_code, assumed, assumed, assumed, hosted_cached_weight, assumed)


@derived("USD/Mtoken", "Cost of 1 M input tokens that are computed", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_computed_input_tokens(usd_per_m_input_tokens, cached_input_share, cached_weight):
    """Computed and cached input together cost what all input costs."""
    return usd_per_m_input_tokens / (1 - cached_input_share + cached_input_share * cached_weight)


@derived("USD/Mtoken", "Cost of 1 M input tokens from the cache", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_cached_input_tokens(usd_per_m_computed_input_tokens, cached_weight):
    return usd_per_m_computed_input_tokens * cached_weight


@derived("USD/Krequest", "Cost of 1,000 tasks that are passed", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_k_passed_tasks(usd_per_k_requests, own_pass_rate):
    """A task that fails its test is asked again."""
    return usd_per_k_requests / own_pass_rate
