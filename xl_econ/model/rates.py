"""Rates: what the accelerators reach of their peak, and the time that layers and messages cost."""

import numpy as np

from xl_econ.core.operations import choose
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ALLREDUCE, ROOFLINE


@derived("TFLOP/s", "Dense peak for the formats of weights and activations, catalog", source=ROOFLINE)
def catalog_peak_tflops(
    weight_precision_code,
    activation_precision_code,
    dense_bf16_tflops,
    dense_fp8_tflops,
    dense_int8_tflops,
    dense_fp4_tflops,
):
    """A format that the accelerator does not compute natively runs at the 16-bit peak; int4 weights alone always do.

    In the order of the formats: bf16, fp8, int8, int4, mxfp4 (FP8 peak where FP4 is native), nvfp4.
    """
    fp8 = np.where(dense_fp8_tflops > 0, dense_fp8_tflops, dense_bf16_tflops)
    int8 = np.where(dense_int8_tflops > dense_bf16_tflops, dense_int8_tflops, dense_bf16_tflops)
    mxfp4 = np.where(dense_fp4_tflops > 0, dense_fp8_tflops, dense_bf16_tflops)
    nvfp4 = np.where(dense_fp4_tflops > 0, dense_fp4_tflops, dense_bf16_tflops)
    alone = choose(weight_precision_code, dense_bf16_tflops, fp8, int8, dense_bf16_tflops, mxfp4, nvfp4)
    told = choose(activation_precision_code, alone, dense_bf16_tflops, fp8, int8)
    return np.where(weight_precision_code > 1, told, dense_bf16_tflops)


@derived("TFLOP/s", "Peak for the format of the weights", source=ROOFLINE)
def peak_tflops(peak_tflops_from_code, catalog_peak_tflops, own_peak_tflops):
    return choose(peak_tflops_from_code, catalog_peak_tflops, own_peak_tflops)


@derived("TFLOP/s", "Peak for attention, 16 bit", source=ROOFLINE)
def attention_peak_tflops(dense_bf16_tflops, peak_tflops):
    """Attention is computed in 16 bit whatever the weights' format."""
    return np.minimum(dense_bf16_tflops, peak_tflops)


@derived("1", "MFU of the family", source=ROOFLINE)
def family_mfu(
    family_code,
    mfu_ampere,
    mfu_ada,
    mfu_hopper,
    mfu_blackwell,
    mfu_cdna2,
    mfu_cdna3,
    mfu_gaudi,
    mfu_tpu,
    mfu_neuron,
    mfu_other,
):
    nvidia = (mfu_ampere, mfu_ada, mfu_hopper, mfu_blackwell)
    return choose(family_code, *nvidia, mfu_cdna2, mfu_cdna3, mfu_gaudi, mfu_tpu, mfu_neuron, mfu_other)


@derived("1", "MFU of dense work with the engine", source=ROOFLINE)
def dense_mfu(family_code, engine_code, family_mfu, mfu_cdna3_2024):
    """On CDNA3, the matrix library of 2024 was not tuned; kernels for experts did not use it."""
    cdna3 = choose(engine_code, mfu_cdna3_2024, family_mfu, family_mfu, family_mfu)
    usual = family_mfu
    return choose(family_code, usual, usual, usual, usual, usual, cdna3, usual, usual, usual, usual)


@derived("1", "Slowdown of weights that are unpacked", source=ROOFLINE)
def unpacking_factor(
    weight_precision_code, activation_precision_code, peak_tflops, dense_bf16_tflops, unpacked_mfu_factor
):
    """A format below 16 bit that the accelerator computes in 16 bit costs work to unpack, as do 4 bits to 8."""
    to_16 = np.logical_and(weight_precision_code > 1, peak_tflops <= dense_bf16_tflops)
    four_bits = choose(weight_precision_code, 0, 0, 0, 1, 1, 1)
    to_8 = np.logical_and(four_bits > 0, activation_precision_code > 2)
    return np.where(np.logical_or(to_16, to_8), unpacked_mfu_factor, 1)


@derived("1", "Routed experts alone are quantised", source=ROOFLINE)
def quantises_experts_only(body_bytes_per_param, expert_bytes_per_param):
    return np.where(body_bytes_per_param > expert_bytes_per_param, 1, 0)


@derived("1", "MFU", source=ROOFLINE)
def mfu(corrects_efficiency, dense_mfu, quantises_experts_only, unpacking_factor):
    """The share of the peak that prefill and decode reach; 1 in the article."""
    reached = dense_mfu * np.where(quantises_experts_only > 0, 1, unpacking_factor)
    return np.where(corrects_efficiency > 0, reached, 1)


@derived("1", "MFU of routed experts", source=ROOFLINE)
def expert_mfu(corrects_efficiency, family_mfu, moe_mfu_factor, unpacking_factor):
    """Their work comes in pieces, in kernels of their own; 1 in the article."""
    return np.where(corrects_efficiency > 0, family_mfu * moe_mfu_factor * unpacking_factor, 1)


@derived("TFLOP/s", "Peak for the format of the body", source=ROOFLINE)
def body_peak_tflops(quantises_experts_only, attention_peak_tflops, peak_tflops):
    """16 bit where the format quantises routed experts only."""
    return np.where(quantises_experts_only > 0, attention_peak_tflops, peak_tflops)


@derived("1", "MBU on one accelerator", source=ROOFLINE)
def single_mbu(family_code, mbu_nvidia, mbu_cdna2, mbu_cdna3, mbu_gaudi, mbu_tpu, mbu_neuron, mbu_other):
    nvidia = (mbu_nvidia, mbu_nvidia, mbu_nvidia, mbu_nvidia)
    return choose(family_code, *nvidia, mbu_cdna2, mbu_cdna3, mbu_gaudi, mbu_tpu, mbu_neuron, mbu_other)


@derived("1", "MBU", source=ROOFLINE)
def mbu(corrects_efficiency, single_mbu, tp_bandwidth_loss, tensor_parallel):
    """The share of the bandwidth reached; it falls as TP makes the pieces smaller. 1 in the article."""
    return np.where(corrects_efficiency > 0, single_mbu / (1 + tp_bandwidth_loss * np.log2(tensor_parallel)), 1)


@derived("TB/s", "Bandwidth reached", source=ROOFLINE)
def reached_tb_per_s(bandwidth_tb_per_s, mbu):
    return bandwidth_tb_per_s * mbu


@derived("TFLOP/s", "Rate reached by one replica", source=ROOFLINE)
def reached_tflops(stage_accelerators, body_peak_tflops, mfu):
    """The stages of a pipeline work one after the other."""
    return stage_accelerators * body_peak_tflops * mfu


@derived("TFLOP/s", "Rate reached by one replica in routed experts", source=ROOFLINE)
def reached_expert_tflops(stage_accelerators, peak_tflops, expert_mfu):
    return stage_accelerators * peak_tflops * expert_mfu


@derived("TFLOP/s", "Rate reached by one replica in attention", source=ROOFLINE)
def reached_attention_tflops(stage_accelerators, attention_peak_tflops, mfu):
    return stage_accelerators * attention_peak_tflops * mfu


@derived("ms", "Overhead of a pass", source=ROOFLINE)
def overhead_ms(
    engine_code,
    step_overhead_ms,
    llm_layers,
    layer_overhead_us,
    llm_moe_layers,
    moe_layer_overhead_us,
    llm_kv_lora_rank,
    mla_layer_overhead_us,
    us_per_ms,
):
    """Launching and waiting: per layer today, per step in the engines of 2024."""
    latent = np.where(llm_kv_lora_rank > 0, llm_layers * mla_layer_overhead_us, 0)
    special = (llm_moe_layers * moe_layer_overhead_us + latent) / us_per_ms
    layers = llm_layers * layer_overhead_us / us_per_ms
    return special + choose(engine_code, step_overhead_ms, layers, layers, layers)


@derived("1", "Overhead and messages of the family over others", source=ROOFLINE)
def family_overhead_factor(family_code, blackwell_overhead_factor):
    """Blackwell runs the same chain of small kernels in less time."""
    return choose(family_code, 1, 1, 1, blackwell_overhead_factor, 1, 1, 1, 1, 1, 1)


@derived("1", "Overhead and messages of the engine's release over those of 2025", source=ROOFLINE)
def release_overhead_factor(engine_code, engine_release_code, overhead_2026_factor):
    """Kernels are fused, and the next step is prepared while one runs."""
    later = choose(engine_release_code, 1, overhead_2026_factor)
    return choose(engine_code, 1, later, later, later)


@derived("GB/s", "Link between the accelerators of a stage", source=ALLREDUCE)
def link_gb_per_s(stage_accelerators, scale_up_domain, scale_up_gb_per_s, scale_out_gb_per_s):
    """A ring over several nodes uses all network cards of a node side by side, and is no faster than the node's own."""
    across = np.minimum(scale_up_gb_per_s, scale_out_gb_per_s * scale_up_domain)
    return np.where(stage_accelerators > scale_up_domain, across, scale_up_gb_per_s)


@derived("us/sequence", "Overhead per sequence and step of the engine", source=ROOFLINE)
def engine_sequence_us(engine_code, sequence_overhead_2024_us, sequence_overhead_us):
    """The schedulers of 2024 in Python looked at each sequence in each step."""
    return choose(
        engine_code, sequence_overhead_2024_us, sequence_overhead_us, sequence_overhead_us, sequence_overhead_us
    )


@derived("us/layer", "Latency of one message with the engine", source=ALLREDUCE)
def engine_message_us(family_code, engine_code, message_latency_us, message_latency_cdna3_2024_us):
    """On CDNA3, the engines of 2024 had no all-reduce of their own for small messages."""
    usual = message_latency_us
    cdna3 = choose(engine_code, message_latency_cdna3_2024_us, usual, usual, usual)
    return choose(family_code, usual, usual, usual, usual, usual, cdna3, usual, usual, usual, usual)


@derived("ms", "Latency of all messages of a pass", source=ALLREDUCE)
def message_ms(
    tensor_parallel, data_parallel, pipeline_parallel, llm_layers, llm_moe_layers, engine_message_us, us_per_ms
):
    """Two all-reduces per layer under TP, two all-to-alls per expert layer under DP, a send between stages."""
    reduces = np.where(tensor_parallel > 1, 2 * llm_layers, 0)
    dispatches = np.where(data_parallel > 1, 2 * llm_moe_layers, 0)
    return (reduces + dispatches + pipeline_parallel - 1) * engine_message_us / us_per_ms


@derived("1", "Accelerators that a token is sent to in an expert layer", source=ALLREDUCE)
def expert_copies(expert_parallel, llm_active_experts, stage_accelerators):
    """Those of its experts; all, where each expert is split over all."""
    return np.where(expert_parallel > 1, np.minimum(llm_active_experts, expert_parallel), stage_accelerators)


@derived("ms/token", "Time on the links per token", source=ALLREDUCE)
def link_ms_per_token(
    tensor_parallel,
    data_parallel,
    pipeline_parallel,
    expert_copies,
    llm_layers,
    llm_moe_layers,
    llm_hidden_size,
    activation_bytes,
    dispatch_bytes,
    link_slowdown,
    link_gb_per_s,
    bytes_per_gb,
    ms_per_s,
):
    """A ring all-reduce moves 2 (TP - 1) / TP of the activations; a dispatch sends copies; a stage sends on."""
    ring = 2 * (tensor_parallel - 1) / tensor_parallel * activation_bytes * 2 * llm_layers
    dispatch = np.where(data_parallel > 1, expert_copies * dispatch_bytes * 2 * llm_moe_layers, 0)
    sends = (pipeline_parallel - 1) * activation_bytes
    gb_per_token = (ring + dispatch + sends) * llm_hidden_size / data_parallel / bytes_per_gb
    return link_slowdown * gb_per_token / link_gb_per_s * ms_per_s


@derived("ms", "Communication in the prefill of one prompt", source=ALLREDUCE)
def communication_ms(message_ms, link_ms_per_token, computed_input_tokens):
    """All-reduces of tensor parallelism, and the exchange with experts elsewhere."""
    return message_ms + link_ms_per_token * computed_input_tokens


@derived("Bparam", "Parameters of the experts that work on a token", source=ROOFLINE)
def active_expert_params_b(expert_params_b, picked_share):
    return expert_params_b * picked_share


@derived("Bparam", "Parameters outside routed experts that work on each token", source=ROOFLINE)
def active_body_params_b(corrects_efficiency, body_params_b, embedding_params_b):
    """Without embeddings; the article counts them too."""
    return body_params_b + np.where(corrects_efficiency > 0, 0, embedding_params_b)


@derived("Bparam", "Parameters that work on each token", source=ROOFLINE)
def active_params_b(active_body_params_b, active_expert_params_b):
    return active_body_params_b + active_expert_params_b


@derived("Bparam", "Output head, once per prompt and per new token", source=ROOFLINE)
def head_params_b(corrects_efficiency, llm_head_params_b, params_scale):
    """The article counts it among the parameters that work on every token."""
    return np.where(corrects_efficiency > 0, llm_head_params_b * params_scale, 0)


@derived("FLOP/token^2/layer", "Attention work per pair of tokens and layer", source=ROOFLINE)
def prefill_score_flop(flop_per_score_channel, llm_heads, llm_qk_head_dim, llm_v_head_dim):
    return flop_per_score_channel * llm_heads * (llm_qk_head_dim + llm_v_head_dim)
