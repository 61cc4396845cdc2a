"""Intervals: P10 and P90 of what is predicted, from how far predictions were off where a fit had not seen the LLM."""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import Derived, declare, derived
from xl_econ.model.sources import CALIBRATION

PREDICTED = {
    "itl": ("ms", "itl_ms", "Time between tokens"),
    "ttft": ("ms", "ttft_ms", "Time to first token"),
    "rate": ("token/s", "output_tokens_per_s", "Output of the fleet"),
}
"""What has an interval: unit, quantity and label, by the name of its residuals among the assumptions."""
KINDS = ("dense", "experts", "unmeasured")


@derived("1", "The accelerator's family has measurements that count", source=CALIBRATION)
def family_is_measured(family_code):
    """Not CDNA2, nor what is none of the families: their efficiency is assumed."""
    return choose(family_code, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0)


def spread(is_predicted, family_is_measured, llm_experts, dense, experts, unmeasured):
    """By what is predicted: dense LLMs, expert LLMs, or anything on an accelerator without a measurement."""
    of_kind = np.where(family_is_measured > 0, np.where(llm_experts > 0, experts, dense), unmeasured)
    return np.where(is_predicted > 0, of_kind, 1)


def bound(value, factor):
    return value * factor


@derived("1", "Throughput is predicted", source=CALIBRATION)
def throughput_is_predicted(corrects_efficiency, throughput_from_code):
    """Not by the article, which knows no spread, nor where it is measured."""
    return choose(throughput_from_code, corrects_efficiency, 0)


for metric, (unit, quantity, label) in PREDICTED.items():
    predicted = "throughput_is_predicted" if metric == "rate" else "corrects_efficiency"
    for percentile in ("p10", "p90"):
        factor, of = f"{metric}_{percentile}_factor", {kind: f"{metric}_{percentile}_{kind}" for kind in KINDS}
        conditions = {"is_predicted": predicted, "family_is_measured": "family_is_measured"}
        inputs = {**conditions, "llm_experts": "llm_experts", **of}
        told = f"{label}: {percentile.upper()} over the prediction"
        declare(Derived(factor, "1", told, CALIBRATION, formula=spread, inputs=inputs), __name__)
        inputs = {"value": quantity, "factor": factor}
        told, name = f"{label}, {percentile.upper()}", f"{percentile}_{quantity}"
        declare(Derived(name, unit, told, CALIBRATION, state="serving_state", formula=bound, inputs=inputs), __name__)
