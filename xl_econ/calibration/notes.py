"""Notes: what the free text of a measurement says of its run."""

from __future__ import annotations

import re

from xl_econ.calibration.left_out import LeaveOut

DENIED = re.compile(r"\b(?:no|not|non|without)[ -](?:an? )?[\w-]+(?: \w+)?")
NO_LIMIT = r"(?!\W{0,3}(?:of |is )?(?:inf|∞|unlimited|max))"

STATIC = re.compile(
    r"static(?<=\bstatic)(?<!fp8 static)(?<!int8 static)(?<!tensor static)(?<!w8a8 static)"
    r"(?=[ -](?:batch\w*|benchmark|inference|run)\b|\s*(?:[;,.:]|$))"
)
"""A batch, not a scale of FP8, a cache or statistics."""
CONTINUOUS = re.compile(r"closed[- ]loop\b|continuous batching\b|in-?flight batching\b")
OPEN = re.compile(
    r"open[- ]loop\b|poisson\b|rate\b(?<=request.rate|arrival.rate)"
    + NO_LIMIT
    + r"|qps\b(?<=\bqps)"
    + NO_LIMIT
    + r"|requests per second\b|(?<=\bat )\d+(?:\.\d+)? ?(?:req(?:uest)?s?|samples|queries)/s"
)
TOGETHER = "all requests start together"
CLOSED = re.compile(r"closed[- ]loop\b|sent at once\b|all queued\b")
RESULT = re.compile(r"(?:achieved|reached|measured)\b[^;,]*")
"""A rate that came out is no rate that was offered."""
REQUESTS = re.compile(r"num_(?:requests|prompts)=([\d,]*\d)(?![\dx.])|all ([\d,]*\d) requests sent\b")
PER_NODE = re.compile(r"per (?:\d+-(?:gpu|accelerator) )?(?:\w+ )?(?:node|gpu|device|accelerator)\b")
EACH = re.compile(r"(?:batch|concurrency)\D{0,3}(\d+) per (?:gpu|device|accelerator)\b")
CACHED = re.compile(r"including cache hits\b")
DECODES_ONLY = re.compile(r"decode[- ]only\b|decode (?:pool|profile)\b|disaggregated\b")
YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
DAY = re.compile(r"(20\d\d)[01]\d[0-3]\d")
"""A date in digits alone."""


def said(text: str) -> str:
    """In small letters, without what it denies; the other functions take this."""
    return DENIED.sub("", text.lower())


def is_static(notes: str) -> bool:
    """A batch that starts and ends together; some call a closed loop static."""
    return bool(STATIC.search(notes)) and not CONTINUOUS.search(notes)


def start_together(notes: str) -> bool:
    """All prompts come at once, and their first tokens are timed."""
    return TOGETHER in notes


def is_open(notes: str) -> bool:
    """Requests come at a rate, so that nobody knows how many run."""
    return bool(OPEN.search(RESULT.sub("", notes))) and not CLOSED.search(notes)


def requests(notes: str) -> float | None:
    """How many the run had."""
    found = REQUESTS.search(notes)
    return float((found[1] or found[2]).replace(",", "")) if found else None


def has_attention_groups(notes: str) -> bool:
    """A flag of TensorRT-LLM that turns the ranks of tensor parallelism into those of attention-DP."""
    return "enable_attention_dp" in notes


def is_of_a_part(notes: str) -> bool:
    """A figure of a node or of an accelerator of a larger instance."""
    return bool(PER_NODE.search(notes))


def is_each(notes: str, concurrency: float) -> bool:
    """Whether the concurrency is that of each accelerator."""
    return any(float(found[1]) == concurrency for found in EACH.finditer(notes))


def stop_where_not_modelled(notes: str) -> None:
    """Raises LeaveOut."""
    if is_open(notes):
        raise LeaveOut("an open-loop run: its concurrency is not known")
    if CACHED.search(notes):
        raise LeaveOut("prompts that are partly in a cache: how much was computed is not known")
    if DECODES_ONLY.search(notes):
        raise LeaveOut("pools that only decode, or prefill and decode apart, are not predicted", ours=True)


def year(date: str) -> int | None:
    """The year of a date in any form that has one; None of a blank one. Raises LeaveOut."""
    whole = DAY.fullmatch(date)
    years = {whole[1]} if whole else {*YEAR.findall(date)}
    if len(years) == 1:
        return int(years.pop())
    if date:
        raise LeaveOut(f"a date that is not understood: {date}. Write it as 2025-01-31")
    return None
