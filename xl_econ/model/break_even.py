"""Break-even: from which volume on the own fleet is cheaper than the hosted API, with whole replicas.

At a volume v, k replicas carry the load as long as v is at most k times what one carries: own cost is then
fixed + k × a replica's price + v × marginal price, the API's v × its price. Within a step the two meet where the API's
price has paid for all k replicas; whether that is still within the step decides which step is the first, and from
which step on the next replica never makes the API cheaper again. Both follow from what a full replica gains.
"""

import numpy as np

from xl_econ.core.operations import at_most, ceil_whole, choose, match, pick
from xl_econ.core.quantity import Derived, declare, derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION

STATE, FOR_GOOD_STATE = "break_even_state", "for_good_state"
LABELS = {"state_labels": "lists.state"}


@derived("1", "Place of the state: the API is always cheaper", source=DEFINITION, takes=LABELS)
def api_always_code(state_labels):
    return match("the API is cheaper at any volume", state_labels)


@derived("1", "Place of the state: self-hosting is always cheaper", source=DEFINITION, takes=LABELS)
def own_always_code(state_labels):
    return match("self-hosting is cheaper from the first token on", state_labels)


@derived("1", "Place of the state: the API is cheaper again", source=DEFINITION, takes=LABELS)
def api_again_code(state_labels):
    return match("the API is cheaper at large volumes", state_labels)


@derived("USD/Mtoken", "Own marginal cost of 1 M tokens", source=ACCOUNTING)
def marginal_usd_per_m_tokens(
    egress_usd_per_k_requests, requests_per_krequest, input_tokens, output_tokens, tokens_per_mtoken
):
    """Within a replica that is paid for, only egress comes with a token."""
    return egress_usd_per_k_requests / requests_per_krequest / (input_tokens + output_tokens) * tokens_per_mtoken


@derived("USD/Mtoken", "Hosted price over own marginal cost", source=ACCOUNTING)
def saved_usd_per_m_tokens(hosted_usd_per_m_tokens, marginal_usd_per_m_tokens):
    return hosted_usd_per_m_tokens - marginal_usd_per_m_tokens


@derived("1", "Average load that a replica has room for", source=ACCOUNTING)
def replica_load_share(sizing_code, average_load_share, replica_availability_share):
    """Its peak, the headroom and the hours when it is down leave the rest of its capacity free."""
    return choose(sizing_code, average_load_share, average_load_share * replica_availability_share)


@derived("Mtoken/day", "Volume that one replica carries", source=ACCOUNTING)
def replica_m_tokens_per_day(
    unit_input_tokens_per_s,
    unit_output_tokens_per_s,
    replica_load_share,
    failed_share,
    s_per_h,
    h_per_day,
    tokens_per_mtoken,
):
    """Input and output that are served, on the average day of a fleet that is ready for its peak."""
    served = (unit_input_tokens_per_s + unit_output_tokens_per_s) * replica_load_share * (1 - failed_share)
    return served * s_per_h * h_per_day / tokens_per_mtoken


@derived("USD/day", "Price of one replica", source=ACCOUNTING)
def replica_usd_per_day(unit_accelerators, usd_per_accelerator_h, h_per_day):
    return unit_accelerators * usd_per_accelerator_h * h_per_day


@derived("USD/day", "Spare replicas and platform", source=ACCOUNTING)
def standing_usd_per_day(spare_replicas, replica_usd_per_day, platform_usd_per_h, h_per_day):
    """What own costs beside the replicas that carry the load, with the platform team of the fleet as it is."""
    return spare_replicas * replica_usd_per_day + platform_usd_per_h * h_per_day


@derived("USD/day", "Integration of a hosted API", source=ACCOUNTING)
def integration_usd_per_day(integration_usd_per_month, months_per_year, days_per_year):
    return integration_usd_per_month * months_per_year / days_per_year


@derived("USD/day", "What own costs more than the API before the first token and replica", source=ACCOUNTING)
def fixed_usd_per_day(standing_usd_per_day, integration_usd_per_day):
    return standing_usd_per_day - integration_usd_per_day


@derived("USD/day", "What a full replica gains against the API", source=ACCOUNTING)
def replica_gain_usd_per_day(replica_m_tokens_per_day, saved_usd_per_m_tokens, replica_usd_per_day):
    return replica_m_tokens_per_day * saved_usd_per_m_tokens - replica_usd_per_day


@derived("replica", "Replicas at the break-even", source=ACCOUNTING, state=STATE)
def break_even_replicas(replica_gain_usd_per_day, fixed_usd_per_day, slack):
    """As many full ones as pay for all that is fixed."""
    payers = ceil_whole(fixed_usd_per_day / replica_gain_usd_per_day, slack)
    return np.where(replica_gain_usd_per_day > 0, np.maximum(1, payers), 1)


@derived("replica", "Replicas from which on self-hosting stays cheaper", source=ACCOUNTING, state=FOR_GOOD_STATE)
def for_good_replicas(break_even_replicas, replica_gain_usd_per_day, fixed_usd_per_day, replica_usd_per_day, slack):
    """As many full ones as pay for the next, still empty one too."""
    payers = ceil_whole((fixed_usd_per_day + replica_usd_per_day) / replica_gain_usd_per_day, slack)
    return np.where(replica_gain_usd_per_day > 0, np.maximum(break_even_replicas, payers), break_even_replicas)


def paying_volume(replicas, fixed_usd_per_day, replica_usd_per_day, saved_usd_per_m_tokens):
    """The volume at which the API's price pays for so many replicas and what is fixed."""
    cost = fixed_usd_per_day + replicas * replica_usd_per_day
    return np.where(saved_usd_per_m_tokens > 0, np.maximum(cost / saved_usd_per_m_tokens, 0), 0)


for name, label, replicas, state in (
    ("break_even", "Break-even against the hosted API", "break_even_replicas", STATE),
    ("for_good", "Self-hosting stays cheaper from", "for_good_replicas", FOR_GOOD_STATE),
):
    volume = Derived(
        f"{name}_m_tokens_per_day",
        "Mtoken/day",
        label,
        ACCOUNTING,
        "The volume, input and output, at which both cost the same with whole replicas",
        state=state,
        formula=paying_volume,
        inputs={"replicas": replicas}
        | {each: each for each in ("fixed_usd_per_day", "replica_usd_per_day", "saved_usd_per_m_tokens")},
    )
    declare(volume, __name__)


@derived("1", "A break-even with the hosted API exists", source=ACCOUNTING)
def break_even_fault(replica_gain_usd_per_day, fixed_usd_per_day, replica_usd_per_day, slack):
    """0: so it is. 1: not even a full replica pays for itself. 2: the API's integration alone costs more than own."""
    pays = replica_gain_usd_per_day > 0
    first = at_most(fixed_usd_per_day, replica_gain_usd_per_day, slack)
    from_start = np.where(fixed_usd_per_day + replica_usd_per_day > 0, 0, 2)
    return np.where(pays, from_start, np.where(first, 0, 1))


@derived("1", "A break-even exists, of sequences that fit in memory", source=DEFINITION)
def break_even_missing(check_running, break_even_fault):
    return np.where(break_even_fault > 0, 1, check_running)


@derived("1", "State of the break-even", source=DEFINITION)
def break_even_state(money_state, break_even_fault, api_always_code, own_always_code):
    """As the state of the costs, or which of the two is always cheaper."""
    always = np.where(break_even_fault > 1, own_always_code, api_always_code) - 1
    return np.where(money_state > 0, money_state, np.where(break_even_fault > 0, always, 0))


@derived("text", "Break-even", source=DEFINITION, takes=LABELS)
def break_even_state_label(state_labels, break_even_state):
    return pick(state_labels, break_even_state + 1)


@derived("1", "State of the volume from which on self-hosting stays cheaper", source=DEFINITION)
def for_good_state(break_even_state, replica_gain_usd_per_day, api_again_code):
    """As the state of the break-even; or the API is cheaper again, since a full replica does not pay for itself."""
    again = np.where(replica_gain_usd_per_day > 0, 0, api_again_code - 1)
    return np.where(break_even_state > 0, break_even_state, again)


@derived("text", "Self-hosting stays cheaper", source=DEFINITION, takes=LABELS)
def for_good_state_label(state_labels, for_good_state):
    return pick(state_labels, for_good_state + 1)


@derived("Mtoken/day", "Volume served", source=ACCOUNTING, state="serving_state")
def served_m_tokens_per_day(served_input_m_tokens_per_h, served_output_m_tokens_per_h, h_per_day):
    return (served_input_m_tokens_per_h + served_output_m_tokens_per_h) * h_per_day
