"""Article: the rows of its six calculations that are nobody's headline elsewhere."""

from typing import Any

from xl_econ.core.quantity import derived
from xl_econ.model.sources import ARTICLE


@derived("ms", "Time to first token if one accelerator did it all", source=ARTICLE)
def lone_accelerator_ttft_ms(prefill_ms, replica_accelerators):
    """The article computes this first and divides by the accelerators: no communication."""
    return prefill_ms * replica_accelerators


@derived("ms", "Time between tokens if one accelerator did it all", source=ARTICLE)
def lone_accelerator_itl_ms(decode_step_ms, replica_accelerators):
    return decode_step_ms * replica_accelerators


@derived("token", "Output tokens in the first second", source=ARTICLE, state="serving_state")
def first_second_output_tokens(ms_per_s, one_s, ttft_ms, itl_ms, concurrency, one_token):
    """What is left of a second after the first token, for the sequences that run."""
    return (ms_per_s * one_s - ttft_ms) / itl_ms * concurrency * one_token


@derived("cent/s", "Price per second", source=ARTICLE)
def cents_per_s(usd_per_h, s_per_h, cents_per_usd):
    return usd_per_h / s_per_h * cents_per_usd


@derived("cent/s", "Prefill pool: price per second", source=ARTICLE)
def prefill_pool_cents_per_s(prefill_pool_usd_per_h, s_per_h, cents_per_usd):
    return prefill_pool_usd_per_h / s_per_h * cents_per_usd


@derived("cent/Ktoken", "Cost of 1,000 input tokens", source=ARTICLE, state="money_state")
def cents_per_k_input_tokens(usd_per_m_input_tokens, tokens_per_ktoken, tokens_per_mtoken, cents_per_usd):
    return usd_per_m_input_tokens * tokens_per_ktoken / tokens_per_mtoken * cents_per_usd


@derived("cent/Ktoken", "Cost of 1,000 output tokens", source=ARTICLE, state="money_state")
def cents_per_k_output_tokens(usd_per_m_output_tokens, tokens_per_ktoken, tokens_per_mtoken, cents_per_usd):
    return usd_per_m_output_tokens * tokens_per_ktoken / tokens_per_mtoken * cents_per_usd


@derived("token/s", "Prefill pool: input in the first second", source=ARTICLE)
def prefill_pool_first_second_tokens_per_s(
    prefill_pool_compute_tokens_per_s, ms_per_s, one_s, weights_gb, prefill_accelerators, reached_tb_per_s
):
    """Compute alone, after the weights are read once."""
    read_ms = weights_gb / (prefill_accelerators * reached_tb_per_s)
    return prefill_pool_compute_tokens_per_s * (1 - read_ms / (ms_per_s * one_s))


def published_gap(computed: Any, published: Any) -> Any:
    """What is computed over what was published, less one; the article rounds as it goes."""
    return computed / published - 1


def method_gap(calibrated: Any, computed: Any) -> Any:
    """The calibrated figure over the article's method, less one."""
    return calibrated / computed - 1
