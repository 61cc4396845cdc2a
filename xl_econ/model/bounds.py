"""Bounds: what a serving unit carries at P10 and P90 of its prediction, and the words for the range of a cost.

The costs themselves are computed once more from these, with as many whole replicas as the load then needs.
"""

import numpy as np

from xl_econ.core.operations import at_most, fixed, join
from xl_econ.core.quantity import Derived, declare
from xl_econ.model.intervals import bound
from xl_econ.model.sources import CALIBRATION, DEFINITION

SIDES = {"output": "Output", "input": "Input"}
SPEEDS = {"fast": "p90", "slow": "p10"}
"""The percentiles of throughput at which the costs are computed once more."""
BOUNDED = {
    "usd_per_month": ("USD/month", "Cost of a month", "money_state"),
    "usd_per_k_requests": ("USD/Krequest", "Cost of 1,000 requests", "money_state"),
    "usd_per_m_tokens": ("USD/Mtoken", "Cost of 1 M tokens", "money_state"),
    "usd_per_m_output_tokens": ("USD/Mtoken", "Cost of 1 M output tokens", "money_state"),
    "accelerators": ("accelerator", "Accelerators", "serving_state"),
}
"""The results that have a P10 and a P90 by that of throughput: unit, label and state."""
REPEATED = (*BOUNDED, "break_even_m_tokens_per_day", "break_even_state_label")

for speed, percentile in SPEEDS.items():
    for side, label in SIDES.items():
        capacity = f"unit_{side}_tokens_per_s"
        told = f"{label} capacity of one serving unit, {percentile.upper()}"
        inputs = {"value": capacity, "factor": f"rate_{percentile}_factor"}
        name = f"{speed}_{capacity}"
        declare(Derived(name, "token/s", told, CALIBRATION, formula=bound, inputs=inputs), __name__)


def lower(fast, slow):
    """What costs less: a fleet of a given size serves, and so pays, more where it is fast."""
    return np.minimum(fast, slow)


def higher(fast, slow):
    """What costs more."""
    return np.maximum(fast, slow)


for name, (unit, label, state) in BOUNDED.items():
    for percentile, formula in (("p10", lower), ("p90", higher)):
        told = f"{label}, {percentile.upper()} by that of throughput"
        inputs = {speed: f"{speed}_{name}" for speed in SPEEDS}
        bounded = Derived(f"{percentile}_{name}", unit, told, CALIBRATION, state=state, formula=formula, inputs=inputs)
        declare(bounded, __name__)


def whole_range(state, words, low, high, slack):
    """As a sentence reads it; the same where the figure is no prediction, or as many whole replicas do."""
    told = join("P10 to P90: ", fixed(low, 0), " to ", fixed(high, 0))
    return np.where(state > 0, words, np.where(at_most(high, low, slack * high), "the same from P10 to P90", told))


def cents_range(state, words, low, high, slack):
    """With two decimals."""
    told = join("P10 to P90: ", fixed(low, 2), " to ", fixed(high, 2))
    return np.where(state > 0, words, np.where(at_most(high, low, slack * high), "the same from P10 to P90", told))


RANGES = {
    "usd_per_month": ("Cost of a month: its range", "money_state", whole_range),
    "usd_per_k_requests": ("Cost of 1,000 requests: its range", "money_state", cents_range),
    "usd_per_m_tokens": ("Cost of 1 M tokens: its range", "money_state", cents_range),
    "output_tokens_per_s": ("Output capacity: its range", "serving_state", whole_range),
    "accelerators": ("Accelerators: their range", "serving_state", whole_range),
}
"""Results with their range in words, shown under them."""

for name, (told, state, formula) in RANGES.items():
    inputs = {"state": state, "words": f"{state}_label", "low": f"p10_{name}", "high": f"p90_{name}", "slack": "slack"}
    declare(Derived(f"{name}_range", "text", told, DEFINITION, formula=formula, inputs=inputs), __name__)
