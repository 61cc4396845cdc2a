"""What is given of money beside the accelerator-hour: redundancy, platform, and the terms of a hosted API."""

from __future__ import annotations

from xl_econ.core.quantity import Bounds
from xl_econ.model.declare import Section
from xl_econ.model.given import FROM_DEMAND, NOT_NEGATIVE, POSITIVE, POSITIVE_SHARE, SHARE

SPARES = Bounds(at_least=0, at_most=10_000, whole=True)
RATIO = Bounds(at_least=0.01, at_most=100)

redundancy = Section(__name__, "Redundancy and failed requests")
redundancy.number("spare_replicas", "replica", "Spare replicas (N + 1: 1)", SPARES, "Billed, and part of the capacity")
redundancy.number(
    "replica_availability_share",
    "1",
    "Share of time that a replica is up",
    Bounds(at_least=0.5, at_most=1),
    "Restarts and faults of the engine. Hours that an accelerator is not there belong to its price",
    counts_with=FROM_DEMAND,
)
redundancy.number(
    "failed_share",
    "1",
    "Share of attempts that fail and are served again",
    Bounds(at_least=0, at_most=0.9),
    "They take capacity, and are not sold",
)

platform = Section(__name__, "Platform beside the accelerators")
platform.number(
    "accelerators_per_engineer", "accelerator", "Accelerators that a platform engineer looks after", POSITIVE
)
platform.number("engineer_usd_per_year", "USD/year", "Platform engineer, all costs", NOT_NEGATIVE)
platform.number("gateway_usd_per_month", "USD/month", "Gateway, monitoring and licences", NOT_NEGATIVE)
platform.number("storage_usd_per_month", "USD/month", "Storage of weights and logs", NOT_NEGATIVE)
platform.number("egress_usd_per_k_requests", "USD/Krequest", "Egress and other costs by request", NOT_NEGATIVE)

terms = Section(__name__, "Terms of the hosted APIs")
terms.number("hosted_batch_share", "1", "Share of the traffic that can wait (batch)", SHARE)
terms.number("hosted_discount_share", "1", "Volume discount off the list price", Bounds(at_least=0, at_most=0.99))
terms.number(
    "integration_usd_per_month",
    "USD/month",
    "Integration of a hosted API",
    NOT_NEGATIVE,
    "Contracts, data protection, adapters: what using an API costs beside its tokens",
)
terms.choice("bought", "Hosted API that we buy today", "hosted.id", "Another LLM, for the same tasks")
terms.number(
    "bought_tokens_ratio",
    "1",
    "Tokens per request of what we buy over those of the LLM served",
    RATIO,
    "Other tokens, other lengths of answers",
)
terms.number("own_pass_rate", "1", "Share of tasks that the LLM served passes", POSITIVE_SHARE)
terms.number("bought_pass_rate", "1", "Share of tasks that what we buy passes", POSITIVE_SHARE)

believed = Section(__name__, "Prices of cached input and batches")
believed.assumption("cached_token_weight", "1", "Cost of a cached input token over a computed one", SHARE)
believed.assumption("hosted_batch_price_share", "1", "Batch price over the usual price", POSITIVE_SHARE)
