"""What the bridge switches one by one: the parts of the method."""

from __future__ import annotations

from xl_econ.model.declare import Section

EXPLAINED = {
    "usd_per_m_tokens": "USD per 1 M tokens",
    "usd_per_m_output_tokens": "USD per 1 M output tokens",
    "usd_per_month": "USD per month",
    "own_over_hosted": "Own over hosted cost",
}
"""The results whose differences are explained, and what a person picks them by."""

parts = Section(__name__, "Correction by correction")
parts.options("part", "Part of the method", "as the method says", "article", "calibrated")
parts.choice(
    "kv_heads_by",
    "KV heads that are cached",
    "lists.part",
    "article: every attention head. calibrated: the LLM's own KV heads",
)
parts.choice(
    "batching_by",
    "Sequences served at once",
    "lists.part",
    "article: one. calibrated: as many as fit and meet the limits",
)
parts.choice(
    "efficiency_by",
    "Efficiency, overhead and communication",
    "lists.part",
    "article: full peak, and nothing beside it. calibrated: what is reached",
)
parts.options("explained", "Result to explain", *EXPLAINED.values())
