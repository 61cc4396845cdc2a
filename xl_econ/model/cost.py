"""Cost: fleet, bill, and what a million tokens cost by each way to split the bill."""

import numpy as np

from xl_econ.core.operations import ceil_whole, choose, pick
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION

STATE, MONEY_STATE = "serving_state", "money_state"


@derived("accelerator", "Accelerators of one serving unit", source=DEFINITION)
def unit_accelerators(serving_mode_code, replica_accelerators, prefill_accelerators, decode_accelerators):
    """A replica, or the two pools together."""
    pools = prefill_accelerators + decode_accelerators
    return choose(serving_mode_code, replica_accelerators, pools, replica_accelerators)


@derived("token/s", "Output capacity of one serving unit", source=DEFINITION)
def unit_output_tokens_per_s(serving_mode_code, replica_output_tokens_per_s, pools_output_tokens_per_s):
    return choose(
        serving_mode_code, replica_output_tokens_per_s, pools_output_tokens_per_s, replica_output_tokens_per_s
    )


@derived("token/s", "Input capacity of one serving unit", source=DEFINITION)
def unit_input_tokens_per_s(
    serving_mode_code, replica_output_tokens_per_s, input_tokens, output_tokens, pools_input_tokens_per_s
):
    """Each request brings its input along with its output."""
    along = replica_output_tokens_per_s * input_tokens / output_tokens
    return choose(serving_mode_code, along, pools_input_tokens_per_s, along)


@derived("token/s/accelerator", "Output capacity of one accelerator", source=DEFINITION)
def output_tokens_per_s_per_accelerator(unit_output_tokens_per_s, unit_accelerators):
    return unit_output_tokens_per_s / unit_accelerators


@derived("request/s", "Requests served by one unit at capacity", source=DEFINITION)
def unit_requests_per_s(unit_output_tokens_per_s, output_tokens):
    return unit_output_tokens_per_s / output_tokens


@derived("request/s", "Demand to be ready for", source=ACCOUNTING)
def peak_requests_per_s(demand_requests_per_s, peak_to_average, headroom):
    return demand_requests_per_s * peak_to_average * (1 + headroom)


@derived("replica", "Replicas", source=ACCOUNTING, state=STATE)
def replicas(sizing_code, given_replicas, peak_requests_per_s, unit_requests_per_s, slack):
    """Whole replicas for the peak with headroom, or the number given."""
    needed = np.maximum(1, ceil_whole(peak_requests_per_s / unit_requests_per_s, slack))
    return choose(sizing_code, given_replicas, needed)


@derived("1", "Utilisation of the capacity", source=ACCOUNTING, state=STATE)
def utilisation(sizing_code, given_utilisation, demand_requests_per_s, replicas, unit_requests_per_s):
    """Either utilisation drives the tokens or demand drives the replicas, never both."""
    return choose(sizing_code, given_utilisation, demand_requests_per_s / (replicas * unit_requests_per_s))


@derived("accelerator", "Accelerators", source=DEFINITION, state=STATE)
def accelerators(replicas, unit_accelerators):
    return replicas * unit_accelerators


@derived("token/s", "Output capacity", source=DEFINITION, state=STATE)
def output_tokens_per_s(replicas, unit_output_tokens_per_s):
    return replicas * unit_output_tokens_per_s


@derived("token/s", "Input capacity", source=DEFINITION, state=STATE)
def input_tokens_per_s(replicas, unit_input_tokens_per_s):
    return replicas * unit_input_tokens_per_s


@derived("Mtoken/h", "Output served", source=ACCOUNTING, state=STATE)
def served_output_m_tokens_per_h(output_tokens_per_s, utilisation, s_per_h, tokens_per_mtoken):
    return output_tokens_per_s * utilisation * s_per_h / tokens_per_mtoken


@derived("Mtoken/h", "Input served", source=ACCOUNTING, state=STATE)
def served_input_m_tokens_per_h(input_tokens_per_s, utilisation, s_per_h, tokens_per_mtoken):
    return input_tokens_per_s * utilisation * s_per_h / tokens_per_mtoken


@derived("1", "State of the costs", source=DEFINITION)
def money_state(serving_state, price_state):
    """As the state of the results, then that of the price of an accelerator-hour."""
    return np.where(serving_state > 0, serving_state, price_state)


@derived("text", "Costs", source=DEFINITION, takes={"state_labels": "lists.state"})
def money_state_label(state_labels, money_state):
    return pick(state_labels, money_state + 1)


@derived("USD/h", "Price of all accelerators", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_h(accelerators, usd_per_accelerator_h):
    """Every hour is billed, idle or not."""
    return accelerators * usd_per_accelerator_h


@derived("USD/month", "Cost per month", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_month(usd_per_h, h_per_day, days_per_year, months_per_year):
    return usd_per_h * h_per_day * days_per_year / months_per_year


@derived("USD/h", "Hourly bill to split", source=ACCOUNTING, state=MONEY_STATE)
def bill_usd_per_h(bill_from_code, usd_per_h, own_bill_usd_per_h):
    return choose(bill_from_code, usd_per_h, own_bill_usd_per_h)


@derived("1", "Input's share by hosted prices", source=ACCOUNTING)
def price_ratio_input_share(
    input_tokens, hosted_usd_per_m_mean_input_tokens, output_tokens, hosted_usd_per_m_output_tokens
):
    """Input and output weigh what the hosted list charges for them."""
    weight_in = input_tokens * hosted_usd_per_m_mean_input_tokens
    return weight_in / (weight_in + output_tokens * hosted_usd_per_m_output_tokens)


@derived("1", "Input's share by the chosen method", source=ACCOUNTING)
def chosen_input_share(allocation_code, manual_input_share, prefill_time_share, price_ratio_input_share):
    return choose(allocation_code, manual_input_share, 0, prefill_time_share, price_ratio_input_share)


@derived("1", "Input's share of the bill", source=ACCOUNTING)
def input_share(serving_mode_code, chosen_input_share, prefill_pool_usd_per_h, decode_pool_usd_per_h):
    """Pools carry their own price; elsewhere the chosen method decides."""
    both = np.maximum(prefill_pool_usd_per_h + decode_pool_usd_per_h, 0)
    by_pool = np.where(both > 0, prefill_pool_usd_per_h / both, 0)
    return choose(serving_mode_code, chosen_input_share, by_pool, chosen_input_share)


@derived("USD/Mtoken", "Cost of 1 M input tokens", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_input_tokens(bill_usd_per_h, input_share, served_input_m_tokens_per_h):
    return bill_usd_per_h * input_share / served_input_m_tokens_per_h


@derived("USD/Mtoken", "Cost of 1 M output tokens", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_output_tokens(bill_usd_per_h, input_share, served_output_m_tokens_per_h):
    return bill_usd_per_h * (1 - input_share) / served_output_m_tokens_per_h


@derived("USD/Mtoken", "Blended cost of 1 M tokens", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_tokens(bill_usd_per_h, served_input_m_tokens_per_h, served_output_m_tokens_per_h):
    return bill_usd_per_h / (served_input_m_tokens_per_h + served_output_m_tokens_per_h)
