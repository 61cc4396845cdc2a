"""Runs: what a benchmark of a serving engine measured, whichever tool ran it, and what makes a run unfit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from xl_econ.calibration.fields import Fields
from xl_econ.inputs.study import fixed_values

MOST_FAILED_SHARE = 0.01
"""Of the requests. So few move a rate by less than two runs of one configuration differ."""

SAME_LENGTH = 0.01
"""Of the mean. Prompts of one length differ by a token or two once they are text: tools cut before they decode."""


@dataclass(frozen=True)
class Run:
    """One benchmark: means over its requests, and rates over its duration."""

    where: str
    """The file, and which of its results."""
    names: tuple[str, ...]
    """What the tool calls the LLM: its name at the server, its repository, that of its tokenizer."""
    input_tokens: float
    output_tokens: float
    requests: float
    """Those completed."""
    concurrency: float | None
    """In flight: the limit of a closed loop, the mean of a run at a rate; None where all was queued at once."""
    itl_ms: float
    """Time per output token without the first."""
    ttft_ms: float
    output_tokens_per_s: float
    tokens_per_step: float = 1
    """Above 1 with speculative decoding."""
    tensor_parallel: float | None = None
    """Where the server told it."""
    engine: str = ""
    """Where the tool was told, or asked, which it is."""
    alike: bool | None = None
    """Whether all requests have one length; None where the tool does not tell."""
    day: str = ""


def completed(fields: Fields, done: str, failed: float | None) -> float:
    """The requests completed; NaN and a problem where there are none, or too many failed for the rest to count."""
    count = fields.optional(done)
    if fields.get(done) is None:
        fields.refuse(f"it has no {done}, which is needed.")
    elif count == 0:
        fields.refuse("no request was completed. Look at the engine's log, and run it again.")
    elif count and failed and failed > MOST_FAILED_SHARE * (count + failed):
        fields.refuse(
            f"{failed:,.0f} of {count + failed:,.0f} requests failed, so that the others ran beside fewer than told. "
            f"At most {MOST_FAILED_SHARE:.0%} may: mend what makes them fail, and run it again."
        )
    elif count:
        return count
    return math.nan


def mean_concurrency(requests_per_s: float, latency_ms: float) -> float:
    """Little's law: as many are in flight as arrive while one is."""
    return requests_per_s * latency_ms / float(fixed_values()["ms_per_s"])


def are_alike(spreads: Iterable[tuple[float | None, float]]) -> bool | None:
    """Whether lengths of such standard deviations and means are one length; None where one is not told."""
    listed = list(spreads)
    if any(spread is None for spread, _ in listed):
        return None
    return all(spread <= SAME_LENGTH * mean for spread, mean in listed if spread is not None)


def day_of(text: str) -> str:
    """A day as 2026-11-23, however it is written; nothing for what is none."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
