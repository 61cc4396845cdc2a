"""What is given: decisions and catalog facts. Names and units, no values."""

from __future__ import annotations

from xl_econ.core.quantity import Bounds, Derived, Given, declare
from xl_econ.model.declare import CATALOG, CODES, Section, place_in, value_at

POSITIVE = Bounds(above=0, at_most=1e12)
NOT_NEGATIVE = Bounds(at_least=0, at_most=1e12)
COUNT = Bounds(at_least=1, at_most=1_000_000, whole=True)
COUNT_OR_NONE = Bounds(at_least=0, at_most=1_000_000, whole=True)
TOKENS = Bounds(at_least=1, at_most=10_000_000, whole=True)
SHARE = Bounds(at_least=0, at_most=1)
FACTOR = Bounds(at_least=0.01, at_most=100)
POSITIVE_SHARE = Bounds(above=0, at_most=1)
POOLS = (("serving_mode", "disaggregated"),)
CATALOG_RENT = (("usd_per_accelerator_h_from", "catalog"),)
DRAFTS = (("speculation", "draft tokens"),)
FROM_DEMAND, REPLICAS_GIVEN = (("sizing", "from demand"),), (("sizing", "replicas given"),)

FAMILIES = ("ampere", "ada", "hopper", "blackwell", "cdna2", "cdna3", "gaudi", "tpu", "neuron", "other")

# --- Decisions: rows of the sheet Inputs -------------------------------------------------------

served = Section(__name__, "What is served")
served.column("llms", "id", "text", "LLM")
served.column("llms", "name", "text", "Name")
served.column("precisions", "id", "text", "Number format")
served.options("origin", "Where a number comes from", "catalog", "own")
served.options("method", "Method", "article", "calibrated")
served.options("engine", "Engine generation", "engines of 2024", "engines since 2025", "SGLang", "TensorRT-LLM")
served.options("engine_release", "Engine release", "before 2026", "since 2026")
served.choice("llm", "LLM", "llms.id", "Add a row on Catalog to offer your own")
served.fact_or_own(
    "llm_params_b", "llms.params_b", "Bparam", "Parameters", "llm_code", POSITIVE, "All parameters, embeddings included"
)
served.choice("weight_precision", "Format of the weights", "precisions.id")
served.choice("kv_precision", "Format of the KV cache", "precisions.id")
served.options("activation_precision", "Format of the activations", "as the weights", "bf16", "fp8", "int8")
served.choice(
    "activation_precision",
    "Format of the activations",
    "lists.activation_precision",
    "In which linear layers compute. Narrower weights are unpacked; 16-bit weights compute in 16 bit",
)
served.options("windowed_cache", "Cache of windowed layers", "the window", "the whole context")
served.choice(
    "windowed_cache",
    "Cache of windowed layers holds",
    "lists.windowed_cache",
    "vLLM and SGLang drop what has left the window; TensorRT-LLM keeps it unless it is told the window",
)
served.choice(
    "method",
    "Method",
    "lists.method",
    "article: the shortcuts of November 2024 (one sequence, full peak, every head cached). "
    "calibrated: batching, achievable efficiency, the LLM's own attention",
)
served.choice(
    "engine",
    "Engine generation",
    "lists.engine",
    "2024 costs a fixed time per step; a first token waits longer for SGLang and TensorRT-LLM than for vLLM",
)
served.choice(
    "engine_release",
    "Engine release",
    "lists.engine_release",
    "vLLM 0.15, SGLang 0.5.9, TensorRT-LLM 1.2 and later: less overhead. Engines of 2024 have none of it",
)

hardware = Section(__name__, "What it runs on")
hardware.column("accelerators", "id", "text", "Accelerator")
hardware.column("accelerators", "name", "text", "Name")
hardware.choice("accelerator", "Accelerator", "accelerators.id", "Add a row on Catalog to offer your own")
hardware.fact_or_own(
    "accelerator_memory_gb", "accelerators.memory_gb", "GB", "Memory of one accelerator", "accelerator_code", POSITIVE
)
hardware.fact_or_own(
    "bandwidth_tb_per_s", "accelerators.bandwidth_tb_per_s", "TB/s", "Memory bandwidth", "accelerator_code", POSITIVE
)
hardware.origin("peak_tflops", "TFLOP/s", "Peak rate for the weights' format", POSITIVE)
hardware.number("tensor_parallel", "accelerator", "Tensor parallelism (TP)", COUNT, "Must divide the attention heads")
hardware.number(
    "data_parallel",
    "group",
    "Data-parallel attention groups (DP)",
    COUNT,
    "Experts are spread over TP x DP; 1 for dense LLMs",
)
hardware.number("pipeline_parallel", "stage", "Pipeline stages (PP)", COUNT, "Each holds a share of the layers")
hardware.number(
    "expert_parallel",
    "accelerator",
    "Expert parallelism (EP)",
    COUNT,
    "Accelerators of a stage that hold whole experts; 1: every expert is split over all of them",
)

workload = Section(__name__, "Workload and service level")
workload.number("input_tokens", "token", "Input tokens per request", TOKENS)
workload.number("output_tokens", "token", "Output tokens per request", TOKENS)
workload.number(
    "cached_input_share",
    "1",
    "Share of the input found in the prefix cache",
    Bounds(at_least=0, at_most=0.99),
    "Not computed again; its KV cache is still held",
)
workload.options("request_lengths", "Lengths of requests", "varying", "all alike")
workload.choice(
    "request_lengths",
    "Lengths of requests",
    "lists.request_lengths",
    "all alike, as in many benchmarks: requests that start together end together",
)
workload.number("ttft_slo_ms", "ms", "Longest acceptable time to first token", POSITIVE)
workload.number("itl_slo_ms", "ms", "Longest acceptable time between tokens", POSITIVE)

serving = Section(__name__, "Serving")
serving.options("serving_mode", "Serving mode", "aggregated", "disaggregated", "decode only")
serving.choice(
    "serving_mode",
    "Serving mode",
    "lists.serving_mode",
    "aggregated: prefill and decode share accelerators. disaggregated: two pools. "
    "decode only: the prompt's work is left out",
)
serving.options("speculation", "Speculative decoding", "none", "draft tokens")
serving.choice(
    "speculation",
    "Speculative decoding",
    "lists.speculation",
    "A draft guesses the next tokens, and one step verifies them all",
)
serving.number("draft_tokens", "token", "Tokens drafted per step", COUNT, counts_with=DRAFTS)
serving.number("draft_acceptance", "1", "Probability that a drafted token is accepted", SHARE, counts_with=DRAFTS)
serving.number("draft_step_share", "1", "Time of drafting a token over that of a step", SHARE, counts_with=DRAFTS)
serving.options("concurrency_from", "Concurrency", "best level", "own")
serving.choice(
    "concurrency_from",
    "Concurrency",
    "lists.concurrency_from",
    "best level: the highest that fits and meets both limits",
)
serving.number(
    "own_concurrency",
    "sequence",
    "Own concurrency of one replica",
    Bounds(at_least=1, at_most=1e6),
    counts_with=(("concurrency_from", "own"),),
)
serving.options("pool_rate_from", "Rate of a pool", "computed", "own")
serving.number(
    "prefill_accelerators", "accelerator", "Accelerators of the prefill pool", COUNT_OR_NONE, counts_with=POOLS
)
serving.number(
    "decode_accelerators", "accelerator", "Accelerators of the decode pool", COUNT_OR_NONE, counts_with=POOLS
)
serving.choice("prefill_pool_rate_from", "Rate of the prefill pool", "lists.pool_rate_from", counts_with=POOLS)
serving.number(
    "own_prefill_pool_tokens_per_s",
    "token/s",
    "Own rate of the prefill pool",
    POSITIVE,
    counts_with=(*POOLS, ("prefill_pool_rate_from", "own")),
)
serving.number(
    "hidden_transfer_share",
    "1",
    "Share of the KV cache's transfer that goes on during prefill",
    SHARE,
    "1: layer by layer, all but hidden; 0: after the prefill",
    counts_with=POOLS,
)
serving.choice("decode_pool_rate_from", "Rate of the decode pool", "lists.pool_rate_from", counts_with=POOLS)
serving.number(
    "own_decode_pool_tokens_per_s",
    "token/s",
    "Own rate of the decode pool",
    POSITIVE,
    counts_with=(*POOLS, ("decode_pool_rate_from", "own")),
)

measured = Section(__name__, "Own measurement")
measured.number("own_time_factor", "1", "Steps and throughput: measured over predicted time", FACTOR)
measured.number("own_ttft_factor", "1", "Time to first token: measured over predicted", FACTOR)
measured.options("throughput_from", "Throughput", "predicted", "measured")
measured.choice(
    "throughput_from",
    "Throughput",
    "lists.throughput_from",
    "measured: the own number below, instead of the prediction",
)
measured.number(
    "own_replica_output_tokens_per_s",
    "token/s",
    "Measured output of one replica at its concurrency",
    POSITIVE,
    counts_with=(("throughput_from", "measured"),),
)

fleet = Section(__name__, "Fleet and load")
fleet.options("sizing", "Sizing", "replicas given", "from demand")
fleet.choice(
    "sizing",
    "Fleet size",
    "lists.sizing",
    "replicas given: tokens follow from utilisation. from demand: replicas follow from load",
)
fleet.number("given_replicas", "replica", "Replicas", COUNT, counts_with=REPLICAS_GIVEN)
fleet.number(
    "given_utilisation",
    "1",
    "Utilisation of the capacity",
    POSITIVE_SHARE,
    "Idle hours are billed too",
    counts_with=REPLICAS_GIVEN,
)
fleet.number(
    "demand_requests_per_s", "request/s", "Average demand", Bounds(at_least=0.001, at_most=1e9), counts_with=FROM_DEMAND
)
fleet.number(
    "peak_to_average", "1", "Peak over average demand", Bounds(at_least=1, at_most=1000), counts_with=FROM_DEMAND
)
fleet.options("queue_load", "Load on the queue", "average", "peak")
fleet.choice(
    "queue_load",
    "Load on the queue",
    "lists.queue_load",
    "At which demand waiting is computed; the fleet is sized for the peak in both",
    counts_with=FROM_DEMAND,
)
fleet.number("waiting_places", "request", "Waiting places of one replica", COUNT_OR_NONE, "More are refused")
fleet.number("headroom", "1", "Headroom above the peak", Bounds(at_least=0, at_most=10), counts_with=FROM_DEMAND)

price = Section(__name__, "Price and allocation")
price.options("procurement", "Procurement", "rent", "own")
price.choice("procurement", "Accelerators are rented or owned", "lists.procurement", "Decides the price of an hour")
price.options("rent_term", "Term of the rent", "on-demand", "1 year", "3 years", "spot")
price.choice("rent_term", "Rent: term", "lists.rent_term", "The catalog's dated prices", counts_with=CATALOG_RENT)
price.origin("usd_per_accelerator_h", "USD/h", "Rent of an accelerator-hour", NOT_NEGATIVE)
price.options("bill_from", "Bill", "computed", "own")
price.choice("bill_from", "Bill that is allocated", "lists.bill_from", "own: a bill from elsewhere, or a rounded one")
price.number("own_bill_usd_per_h", "USD/h", "Own bill", NOT_NEGATIVE, counts_with=(("bill_from", "own"),))
price.options("allocation", "Allocation", "manual", "output-only", "time-share", "price-ratio", "resource-time")
price.choice(
    "allocation",
    "Bill split between input and output",
    "lists.allocation",
    "manual: the share below. output-only: input is free. time-share: by time of prefill and decode. price-ratio: as "
    "the hosted list weighs them. resource-time: by time of accelerators; two pools each carry their price",
)
price.number(
    "manual_input_share",
    "1",
    "Share of the bill given to input (manual)",
    SHARE,
    counts_with=(("allocation", "manual"),),
)

hosted = Section(__name__, "Hosted alternative")
hosted.column("hosted", "id", "text", "Hosted API")
hosted.column("hosted", "name", "text", "Model")
hosted.column("hosted", "date", "text", "Date of the price")
hosted.choice(
    "hosted", "Hosted API to compare with", "hosted.id", "Provider and LLM, with the date of the price on Catalog"
)
hosted.fact(
    "hosted_usd_per_m_input_tokens",
    "hosted.input_usd_per_m_tokens",
    "USD/Mtoken",
    "Hosted price of input",
    "hosted_code",
)
hosted.fact(
    "hosted_usd_per_m_cached_tokens",
    "hosted.cached_input_usd_per_m_tokens",
    "USD/Mtoken",
    "Hosted price of cached input",
    "hosted_code",
    "0 where the list has none: cached input costs as much as other",
)
hosted.fact(
    "hosted_usd_per_m_output_tokens",
    "hosted.output_usd_per_m_tokens",
    "USD/Mtoken",
    "Hosted price of output",
    "hosted_code",
)

provider = Section(__name__, "Provider and value chain")
provider.number("provider_years", "year", "Years of renting out", Bounds(above=0, at_most=30))
provider.number("provider_sold_share", "1", "Share of hours sold", SHARE)
provider.number("provider_electricity_usd_per_year", "USD/year", "Electricity of one accelerator", NOT_NEGATIVE)
provider.number("vendor_gross_margin", "1", "Vendor's gross margin", SHARE)

# --- Catalog facts that have no own value ------------------------------------------------------

facts = Section(__name__, "Catalog facts")
facts.look_up("llm_catalog_params_b", "llms.params_b", "Bparam", "Parameters, catalog", "llm_code")
for field, unit, label in (
    ("embedding_params_b", "Bparam", "Stored embedding tables"),
    ("head_params_b", "Bparam", "Output head"),
    ("expert_params_b", "Bparam", "All routed experts"),
    ("layers", "layer", "Layers"),
    ("layers_full", "layer", "Layers with full attention"),
    ("layers_sliding", "layer", "Layers with windowed attention"),
    ("moe_layers", "layer", "Layers with experts"),
    ("window_tokens", "token", "Attention window"),
    ("hidden_size", "channel", "Hidden size"),
    ("heads", "head", "Attention heads"),
    ("kv_heads", "head", "KV heads"),
    ("qk_head_dim", "channel", "Width of a head's key"),
    ("v_head_dim", "channel", "Width of a head's value"),
    ("kv_lora_rank", "channel", "Latent width (MLA)"),
    ("rope_head_dim", "channel", "Positional width beside the latent (MLA)"),
    ("experts", "expert", "Routed experts per layer"),
    ("active_experts", "expert", "Experts per token"),
    ("state_mb_per_sequence", "MB", "Recurrent state per sequence"),
    ("max_context_tokens", "token", "Longest context"),
):
    facts.fact(f"llm_{field}", f"llms.{field}", unit, label, "llm_code")
for name, field, unit, label in (
    ("accelerator_catalog_memory_gb", "memory_gb", "GB", "Memory of one accelerator, catalog"),
    ("catalog_bandwidth_tb_per_s", "bandwidth_tb_per_s", "TB/s", "Memory bandwidth, catalog"),
):
    facts.look_up(name, f"accelerators.{field}", unit, label, "accelerator_code")
for field, unit, label in (
    ("dense_bf16_tflops", "TFLOP/s", "Dense peak, 16 bit"),
    ("dense_fp8_tflops", "TFLOP/s", "Dense peak, FP8 (0: not native)"),
    ("dense_int8_tflops", "TFLOP/s", "Dense peak, INT8 (0: not native)"),
    ("dense_fp4_tflops", "TFLOP/s", "Dense peak, FP4 (0: not native)"),
    ("scale_up_gb_per_s", "GB/s", "Link inside the scale-up domain, one direction"),
    ("scale_up_domain", "accelerator", "Accelerators in a scale-up domain"),
    ("scale_out_gb_per_s", "GB/s", "Network per accelerator, one direction"),
):
    facts.fact(field, f"accelerators.{field}", unit, label, "accelerator_code")
facts.fact(
    "format_body_bytes_per_param",
    "precisions.body_bytes_per_param",
    "B/param",
    "Size of a parameter",
    "weight_precision_code",
)
facts.fact(
    "expert_bytes_per_param",
    "precisions.expert_bytes_per_param",
    "B/param",
    "Size of an expert's parameter",
    "weight_precision_code",
)
facts.fact("kv_element_bytes", "precisions.element_bytes", "B/element", "Size of a KV element", "kv_precision_code")

facts.column("accelerators", "efficiency_family", "text", "Family that efficiency was fitted for")
facts.options("family", "Accelerator family", *FAMILIES)
declare(
    Derived(
        "accelerator_family",
        "text",
        "Family that efficiency was fitted for",
        CATALOG,
        formula=value_at,
        inputs={"column": "accelerators.efficiency_family", "position": "accelerator_code"},
    ),
    __name__,
    "Catalog facts",
)
declare(
    Derived(
        "family_code",
        "1",
        "Accelerator family: place in its list",
        "Definition",
        formula=place_in,
        inputs={"label": "accelerator_family", "column": "lists.family"},
    ),
    __name__,
    CODES,
)

# --- The axis of the curve ---------------------------------------------------------------------

declare(
    Given("level_position", "1", "Level", "Definition", role="column", axis="level", table="levels"),
    __name__,
    "Levels of the curve",
)
