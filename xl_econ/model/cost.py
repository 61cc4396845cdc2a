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


@derived("request/s", "Requests worked on, those that fail included", source=ACCOUNTING)
def attempted_requests_per_s(demand_requests_per_s, failed_share):
    """What fails is asked again until it is served."""
    return demand_requests_per_s / (1 - failed_share)


@derived("request/s", "Demand to be ready for", source=ACCOUNTING)
def peak_requests_per_s(attempted_requests_per_s, peak_to_average, headroom):
    return attempted_requests_per_s * peak_to_average * (1 + headroom)


@derived("replica", "Replicas that the load needs", source=ACCOUNTING, state=STATE)
def needed_replicas(
    sizing_code, given_replicas, peak_requests_per_s, unit_requests_per_s, replica_availability_share, slack
):
    """Whole replicas for the peak with headroom, as far as they are up; or the number given."""
    up = unit_requests_per_s * replica_availability_share
    return choose(sizing_code, given_replicas, np.maximum(1, ceil_whole(peak_requests_per_s / up, slack)))


@derived("replica", "Replicas", source=ACCOUNTING, state=STATE)
def replicas(needed_replicas, spare_replicas):
    return needed_replicas + spare_replicas


@derived("1", "Utilisation of the capacity", source=ACCOUNTING, state=STATE)
def utilisation(
    sizing_code, given_utilisation, needed_replicas, replicas, attempted_requests_per_s, unit_requests_per_s
):
    """Either utilisation drives the tokens or demand drives the replicas, never both; spare replicas lower it."""
    given = given_utilisation * needed_replicas / replicas
    return choose(sizing_code, given, attempted_requests_per_s / (replicas * unit_requests_per_s))


@derived("1", "Average over peak with headroom", source=ACCOUNTING)
def average_load_share(sizing_code, given_utilisation, peak_to_average, headroom):
    """How full the replicas that are needed are on average; of the utilisation, the part that demand decides."""
    return choose(sizing_code, given_utilisation, 1 / (peak_to_average * (1 + headroom)))


@derived("1", "Replicas needed over provisioned", source=ACCOUNTING, state=STATE)
def needed_over_provisioned_share(sizing_code, needed_replicas, replicas, peak_requests_per_s, unit_requests_per_s):
    """Less than all through spare replicas, downtime, and the last replica, which is whole."""
    return choose(sizing_code, needed_replicas / replicas, peak_requests_per_s / (unit_requests_per_s * replicas))


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
def served_output_m_tokens_per_h(output_tokens_per_s, utilisation, failed_share, s_per_h, tokens_per_mtoken):
    """Once: what failed is not sold."""
    return output_tokens_per_s * utilisation * (1 - failed_share) * s_per_h / tokens_per_mtoken


@derived("Mtoken/h", "Input served", source=ACCOUNTING, state=STATE)
def served_input_m_tokens_per_h(input_tokens_per_s, utilisation, failed_share, s_per_h, tokens_per_mtoken):
    """Once: what failed is not sold."""
    return input_tokens_per_s * utilisation * (1 - failed_share) * s_per_h / tokens_per_mtoken


@derived("Krequest/h", "Requests served", source=ACCOUNTING, state=STATE)
def served_k_requests_per_h(served_output_m_tokens_per_h, tokens_per_mtoken, output_tokens, requests_per_krequest):
    return served_output_m_tokens_per_h * tokens_per_mtoken / output_tokens / requests_per_krequest


@derived("1", "State of the costs", source=DEFINITION)
def money_state(serving_state, price_state):
    """As the state of the results, then that of the price of an accelerator-hour."""
    return np.where(serving_state > 0, serving_state, price_state)


@derived("text", "Costs", source=DEFINITION, takes={"state_labels": "lists.state"})
def money_state_label(state_labels, money_state):
    return pick(state_labels, money_state + 1)


@derived("USD/h", "Price of all accelerators", source=ACCOUNTING, state=MONEY_STATE)
def accelerators_usd_per_h(accelerators, usd_per_accelerator_h):
    """Every hour is billed, idle or not."""
    return accelerators * usd_per_accelerator_h


def engineers_for(accelerators, accelerators_per_engineer, slack):
    """In steps: the next one comes with the first accelerator that the others cannot look after."""
    return ceil_whole(accelerators / accelerators_per_engineer, slack)


def platform_for_a_year(
    engineers, engineer_usd_per_year, gateway_usd_per_month, storage_usd_per_month, months_per_year
):
    """Engineers, and services by the month."""
    services = (gateway_usd_per_month + storage_usd_per_month) * months_per_year
    return engineers * engineer_usd_per_year + services


@derived("1", "Platform engineers", source=ACCOUNTING, state=STATE)
def platform_engineers(accelerators, accelerators_per_engineer, slack):
    """In steps: the next one comes with the first accelerator that the others cannot look after."""
    return engineers_for(accelerators, accelerators_per_engineer, slack)


@derived("USD/h", "Platform: engineers, gateway and storage", source=ACCOUNTING, state=MONEY_STATE)
def platform_usd_per_h(
    platform_engineers,
    engineer_usd_per_year,
    gateway_usd_per_month,
    storage_usd_per_month,
    months_per_year,
    days_per_year,
    h_per_day,
):
    """Rented or owned accelerators need it alike."""
    yearly = platform_for_a_year(
        platform_engineers, engineer_usd_per_year, gateway_usd_per_month, storage_usd_per_month, months_per_year
    )
    return yearly / (days_per_year * h_per_day)


@derived("USD/h", "Egress", source=ACCOUNTING, state=MONEY_STATE)
def egress_usd_per_h(served_k_requests_per_h, egress_usd_per_k_requests):
    return served_k_requests_per_h * egress_usd_per_k_requests


@derived("USD/h", "Cost per hour", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_h(accelerators_usd_per_h, platform_usd_per_h, egress_usd_per_h):
    return accelerators_usd_per_h + platform_usd_per_h + egress_usd_per_h


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


@derived("1", "Input's share by the time of both pools", source=ACCOUNTING)
def pools_time_share(prefill_pool_tokens_per_s, input_tokens, decode_pool_tokens_per_s, output_tokens):
    """Time of each pool on a request, however many accelerators it has."""
    prefill = input_tokens * decode_pool_tokens_per_s
    both = prefill + output_tokens * prefill_pool_tokens_per_s
    return np.where(both > 0, prefill / both, 0)


@derived("1", "Input's share by the price of both pools", source=ACCOUNTING)
def pools_price_share(prefill_pool_usd_per_h, decode_pool_usd_per_h):
    both = prefill_pool_usd_per_h + decode_pool_usd_per_h
    return np.where(both > 0, prefill_pool_usd_per_h / both, 0)


@derived("1", "Input's share of the bill", source=ACCOUNTING)
def input_share(
    allocation_code,
    serving_mode_code,
    manual_input_share,
    prefill_time_share,
    pools_time_share,
    pools_price_share,
    price_ratio_input_share,
):
    """By the chosen method. A replica's accelerators all work on both, so there its time is theirs; pools differ."""
    by_time = choose(serving_mode_code, prefill_time_share, pools_time_share, prefill_time_share)
    by_accelerators = choose(serving_mode_code, prefill_time_share, pools_price_share, prefill_time_share)
    return choose(allocation_code, manual_input_share, 0, by_time, price_ratio_input_share, by_accelerators)


@derived("USD/Mtoken", "Cost of 1 M input tokens", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_input_tokens(bill_usd_per_h, input_share, served_input_m_tokens_per_h):
    return bill_usd_per_h * input_share / served_input_m_tokens_per_h


@derived("USD/Mtoken", "Cost of 1 M output tokens", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_output_tokens(bill_usd_per_h, input_share, served_output_m_tokens_per_h):
    return bill_usd_per_h * (1 - input_share) / served_output_m_tokens_per_h


@derived("USD/Mtoken", "Blended cost of 1 M tokens", source=ACCOUNTING, state=MONEY_STATE)
def usd_per_m_tokens(bill_usd_per_h, served_input_m_tokens_per_h, served_output_m_tokens_per_h):
    return bill_usd_per_h / (served_input_m_tokens_per_h + served_output_m_tokens_per_h)
