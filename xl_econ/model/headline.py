"""Headlines: the answer in a sentence."""

import numpy as np

from xl_econ.core.operations import fixed, join
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION


@derived("text", "Headline", source=DEFINITION)
def headline(
    serving_state,
    accelerators,
    accelerator,
    llm,
    output_tokens_per_s,
    usd_per_m_tokens,
    serving_state_label,
):
    """What runs where, how fast and for how much; or why there is no answer."""
    who = join(llm, " on ", fixed(accelerators, 0), " x ", accelerator, ": ")
    what = join(fixed(output_tokens_per_s, 0), " output tokens/s, ")
    cost = join(fixed(usd_per_m_tokens, 2), " USD per 1 M tokens")
    return np.where(serving_state > 0, join(who, serving_state_label), join(who, what, cost))


@derived("text", "Against the hosted API", source=DEFINITION)
def hosted_headline(serving_state, own_over_hosted, hosted, serving_state_label, slack):
    """Which is cheaper at this load, and by what factor."""
    dearer = join(hosted, " is cheaper: own costs ", fixed(own_over_hosted, 1), " times as much")
    factor = fixed(1 / np.maximum(own_over_hosted, slack), 1)
    cheaper = join("own is cheaper: ", hosted, " costs ", factor, " times as much")
    return np.where(serving_state > 0, serving_state_label, np.where(own_over_hosted > 1, dearer, cheaper))
