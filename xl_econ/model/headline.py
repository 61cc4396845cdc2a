"""Headlines: the answer in a sentence."""

from typing import Any

import numpy as np

from xl_econ.core.operations import fixed, join, pick
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION


@derived("text", "Name of the LLM", source=DEFINITION, takes={"names": "llms.name"})
def llm_name(names, llm_code):
    return pick(names, llm_code)


@derived("text", "Name of the accelerator", source=DEFINITION, takes={"names": "accelerators.name"})
def accelerator_name(names, accelerator_code):
    return pick(names, accelerator_code)


@derived("text", "In a sentence", source=DEFINITION)
def headline(
    money_state,
    accelerators,
    accelerator_name,
    llm_name,
    output_tokens_per_s,
    usd_per_m_tokens,
    money_state_label,
):
    """What runs where, how fast and for how much; or why there is no answer."""
    who = join(llm_name, " on ", fixed(accelerators, 0), " x ", accelerator_name, ": ")
    what = join(fixed(output_tokens_per_s, 0), " output tokens/s, ")
    cost = join(fixed(usd_per_m_tokens, 2), " USD per 1 M tokens")
    no_answer = join(llm_name, " on ", accelerator_name, ": ", money_state_label)
    return np.where(money_state > 0, no_answer, join(who, what, cost))


@derived("text", "Against the hosted API", source=DEFINITION)
def hosted_headline(money_state, own_over_hosted, hosted, money_state_label, slack):
    """Which is cheaper at this load, and by what factor."""
    dearer = join(
        "The hosted API (", hosted, ") is cheaper: self-hosting costs ", fixed(own_over_hosted, 1), " times as much"
    )
    factor = fixed(1 / np.maximum(own_over_hosted, slack), 1)
    cheaper = join("Self-hosting is cheaper: the hosted API (", hosted, ") costs ", factor, " times as much")
    return np.where(money_state > 0, money_state_label, np.where(own_over_hosted > 1, dearer, cheaper))


@derived("text", "From which volume on", source=DEFINITION)
def break_even_headline(
    break_even_state,
    break_even_state_label,
    break_even_m_tokens_per_day,
    break_even_replicas,
    for_good_state,
    for_good_m_tokens_per_day,
    for_good_replicas,
    for_good_state_label,
):
    """The bands: where the API is cheaper, where it depends on how full the last replica is, and where own is."""
    start = join("Self-hosting breaks even at ", fixed(break_even_m_tokens_per_day, 1), " M tokens a day")
    with_replicas = join(" (replicas: ", fixed(break_even_replicas, 0), ")")
    later = join("; up to ", fixed(for_good_m_tokens_per_day, 1), " it depends on how full the last one is")
    after = np.where(for_good_state > 0, join("; ", for_good_state_label), "")
    steps = np.where(for_good_replicas > break_even_replicas, later, after)
    return np.where(break_even_state > 0, break_even_state_label, join(start, with_replicas, steps))


def shown(state: Any, words: Any, figure: Any) -> Any:
    """A figure where it is valid, else the words that say why there is none."""
    return np.where(state > 0, words, figure)
