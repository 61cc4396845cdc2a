"""What the bridge switches one by one: the parts of the method, and who bears the bill of two pools."""

from __future__ import annotations

from xl_econ.model.declare import Section
from xl_econ.model.given import POOLS

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
parts.options("pools_split", "Bill of two pools", "each pool its own", "as the allocation says")
parts.choice(
    "pools_split",
    "Bill of two pools split",
    "lists.pools_split",
    "each pool its own: input bears the prefill pool, output the decode pool",
    counts_with=POOLS,
)
parts.options("explained", "Result to explain", *EXPLAINED.values())
