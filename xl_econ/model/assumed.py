"""What is assumed: numbers that are believed, most of them fitted to measurements. Names and units, no values."""

from __future__ import annotations

from xl_econ.core.quantity import Bounds
from xl_econ.model.declare import Section
from xl_econ.model.given import COUNT, FAMILIES, NOT_NEGATIVE, POSITIVE, POSITIVE_SHARE, SHARE

KINDS = {
    "dense": "dense LLMs",
    "experts": "expert LLMs",
    "unmeasured": "accelerators without a measurement",
}

memory = Section(__name__, "Memory")
memory.assumption("kv_fraction", "1", "Share of memory for weights and KV cache", POSITIVE_SHARE)
memory.assumption("embedding_bytes_per_param", "B/param", "Size of an embedding's parameter", POSITIVE)

efficiency = Section(__name__, "Efficiency by accelerator family")
for family in FAMILIES:
    efficiency.assumption(f"mfu_{family}", "1", f"Share of peak reached (MFU), {family}", POSITIVE_SHARE)
efficiency.assumption("mfu_cdna3_2024", "1", "Share of peak reached (MFU), cdna3 with engines of 2024", POSITIVE_SHARE)
efficiency.assumption("moe_mfu_factor", "1", "MFU of routed experts over dense work", POSITIVE)
efficiency.assumption("unpacked_mfu_factor", "1", "MFU of weights that are unpacked to 16 bit first", POSITIVE_SHARE)
for maker in ("nvidia", "cdna2", "cdna3", "gaudi", "tpu", "neuron", "other"):
    efficiency.assumption(f"mbu_{maker}", "1", f"Share of bandwidth reached (MBU), {maker}", POSITIVE_SHARE)
efficiency.assumption(
    "kv_slowdown_cdna3_2024",
    "1",
    "Time of reading the KV cache over the bandwidth's, cdna3 with engines of 2024",
    POSITIVE,
)
efficiency.assumption("tp_bandwidth_loss", "1", "Bandwidth loss per doubling of TP", SHARE)

overhead = Section(__name__, "Overhead and communication")
overhead.assumption("layer_overhead_us", "us/layer", "Overhead per layer and step", NOT_NEGATIVE)
overhead.assumption("moe_layer_overhead_us", "us/layer", "Further overhead per expert layer", NOT_NEGATIVE)
overhead.assumption("mla_layer_overhead_us", "us/layer", "Further overhead per MLA layer", NOT_NEGATIVE)
overhead.assumption("blackwell_overhead_factor", "1", "Overhead and messages on Blackwell over others", POSITIVE)
overhead.assumption(
    "overhead_2026_factor", "1", "Overhead and messages of releases of 2026 over those of 2025", POSITIVE
)
overhead.assumption("step_overhead_ms", "ms", "Overhead per step, engines of 2024", NOT_NEGATIVE)
overhead.assumption("sequence_overhead_us", "us/sequence", "Overhead per sequence and step", NOT_NEGATIVE)
overhead.assumption(
    "sequence_overhead_2024_us", "us/sequence", "Overhead per sequence and step, engines of 2024", NOT_NEGATIVE
)
overhead.assumption("message_latency_us", "us/layer", "Latency of one message (alpha)", NOT_NEGATIVE)
overhead.assumption(
    "message_latency_cdna3_2024_us", "us/layer", "Latency of one message, cdna3 with engines of 2024", NOT_NEGATIVE
)
overhead.assumption("pipeline_micro_batches", "1", "Micro-batches that a pipeline keeps going", POSITIVE)
overhead.assumption("link_slowdown", "1", "Time over the link's ideal (beta)", Bounds(at_least=1, at_most=100))
overhead.assumption("activation_bytes", "B/token/channel", "Size of an activation sent", POSITIVE)
overhead.assumption(
    "dispatch_bytes", "B/token/channel", "Size of an activation sent to an expert and back, mean", POSITIVE
)

batching = Section(__name__, "Batching and first token")
batching.assumption("prefill_chunk_tokens", "token", "Prompt tokens packed in a pass", POSITIVE)
batching.assumption("sequence_limit", "sequence", "Most sequences an engine runs", COUNT)
batching.assumption("ttft_base_ms", "ms", "Time to first token: fixed part", NOT_NEGATIVE)
batching.assumption("ttft_base_tensorrt_ms", "ms", "Time to first token: fixed part, TensorRT-LLM", NOT_NEGATIVE)
batching.assumption("ttft_base_sglang_ms", "ms", "Time to first token: fixed part, SGLang", NOT_NEGATIVE)
batching.assumption("ttft_moe_factor", "1", "Time to first token: prefill of expert LLMs", NOT_NEGATIVE)
batching.assumption("ttft_steps", "1", "Time to first token: decode steps waited", NOT_NEGATIVE)
batching.assumption("interleaved_share", "1", "Share of other prompts that comes between two tokens", SHARE)
batching.assumption("burst_share", "1", "Share of other prompts ahead of the first token, lengths varying", SHARE)
batching.assumption("burst_share_alike", "1", "Share of other prompts ahead of the first token, lengths alike", SHARE)
batching.assumption("burst_share_sglang", "1", "Share of other prompts ahead of the first token, SGLang", SHARE)
batching.assumption(
    "burst_share_sglang_alike", "1", "Share of other prompts ahead of the first token, SGLang, lengths alike", SHARE
)

spread = Section(__name__, "Measured over predicted, P10 and P90")
for metric, told in {"itl": "time between tokens", "ttft": "time to first token", "rate": "throughput"}.items():
    for percentile in ("p10", "p90"):
        for kind, of in KINDS.items():
            label = f"{percentile.upper()} of {told}, {of}"
            spread.assumption(f"{metric}_{percentile}_{kind}", "1", label, POSITIVE, "Of what the fit had not seen")
