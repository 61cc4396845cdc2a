"""Checks: 0 where all is well, 1 where somebody should look."""

from typing import Any

import numpy as np

from xl_econ.core.operations import at_most, ceil_whole, choose, fixed, join, or_else
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, CAPITAL_RECOVERY, DEFINITION, ROOFLINE


@derived("1", "Input and output together are the whole bill", source=ACCOUNTING)
def check_allocation(
    usd_per_m_input_tokens,
    served_input_m_tokens_per_h,
    usd_per_m_output_tokens,
    served_output_m_tokens_per_h,
    bill_usd_per_h,
    check_tolerance,
):
    parts = usd_per_m_input_tokens * served_input_m_tokens_per_h
    parts = parts + usd_per_m_output_tokens * served_output_m_tokens_per_h
    return np.where(np.abs(parts - bill_usd_per_h) > check_tolerance * bill_usd_per_h, 1, 0)


@derived("1", "Input, cached input, output and idle hours together are the whole bill", source=ACCOUNTING)
def check_invoice(
    usd_per_m_computed_input_tokens,
    usd_per_m_cached_input_tokens,
    cached_input_share,
    served_input_m_tokens_per_h,
    usd_per_m_output_tokens,
    served_output_m_tokens_per_h,
    idle_bill_share,
    idle_usd_per_m_tokens,
    bill_usd_per_h,
    check_tolerance,
):
    """The prices less the idle hours that each carries, and the idle hours apart."""
    cached = cached_input_share * usd_per_m_cached_input_tokens
    mean = (1 - cached_input_share) * usd_per_m_computed_input_tokens + cached
    work = mean * served_input_m_tokens_per_h + usd_per_m_output_tokens * served_output_m_tokens_per_h
    idle = idle_usd_per_m_tokens * (served_input_m_tokens_per_h + served_output_m_tokens_per_h)
    gap = work * (1 - idle_bill_share) + idle - bill_usd_per_h
    return np.where(np.abs(gap) > check_tolerance * bill_usd_per_h, 1, 0)


@derived("1", "Work, idle hours, failed work and platform together are the cost", source=ACCOUNTING)
def check_cost_parts(
    accelerators_usd_per_h,
    utilisation,
    failed_share,
    h_per_month,
    idle_usd_per_month,
    failed_usd_per_month,
    platform_usd_per_month,
    usd_per_month,
    check_tolerance,
):
    work = accelerators_usd_per_h * utilisation * (1 - failed_share) * h_per_month
    parts = work + idle_usd_per_month + failed_usd_per_month + platform_usd_per_month
    return np.where(np.abs(parts - usd_per_month) > check_tolerance * usd_per_month, 1, 0)


@derived("1", "Own and hosted serve the same demand: what is asked for is served once", source=ACCOUNTING)
def check_demand(
    sizing_code,
    demand_requests_per_s,
    output_tokens,
    s_per_h,
    tokens_per_mtoken,
    served_output_m_tokens_per_h,
    check_tolerance,
):
    asked = demand_requests_per_s * output_tokens * s_per_h / tokens_per_mtoken
    differs = np.where(np.abs(served_output_m_tokens_per_h - asked) > check_tolerance * asked, 1, 0)
    return choose(sizing_code, 0, differs)


@derived("1", "Utilisation is what demand and provisioning leave of the capacity", source=ACCOUNTING)
def check_utilisation_parts(utilisation, average_load_share, needed_over_provisioned_share, check_tolerance):
    parts = average_load_share * needed_over_provisioned_share
    return np.where(np.abs(parts - utilisation) > check_tolerance * utilisation, 1, 0)


@derived("1", "At the break-even both cost the same, and whole replicas carry it", source=ACCOUNTING)
def check_break_even(
    break_even_m_tokens_per_day,
    hosted_usd_per_m_tokens,
    marginal_usd_per_m_tokens,
    fixed_usd_per_day,
    break_even_replicas,
    replica_usd_per_day,
    replica_m_tokens_per_day,
    break_even_state,
    check_tolerance,
):
    paid = break_even_m_tokens_per_day * hosted_usd_per_m_tokens
    own = fixed_usd_per_day + break_even_replicas * replica_usd_per_day
    own = own + break_even_m_tokens_per_day * marginal_usd_per_m_tokens
    room = break_even_replicas * replica_m_tokens_per_day * (1 + check_tolerance)
    wrong = np.logical_or(np.abs(own - paid) > check_tolerance * paid, break_even_m_tokens_per_day > room)
    exists = np.where(break_even_m_tokens_per_day > 0, 1, 0) * np.where(break_even_state > 0, 0, 1)
    return np.where(wrong, exists, 0)


@derived("1", "The bill that is split is the cost per hour", source=ACCOUNTING)
def check_bill(bill_usd_per_h, usd_per_h, check_tolerance):
    """An own bill differs from the computed one; the article's rounded cents do."""
    return np.where(np.abs(bill_usd_per_h - usd_per_h) > check_tolerance * usd_per_h, 1, 0)


@derived("1", "At least one sequence fits in memory", source=DEFINITION)
def check_memory(memory_concurrency, slack):
    return np.where(at_most(1, memory_concurrency, slack), 0, 1)


@derived("1", "The sequences that run fit in memory", source=DEFINITION)
def check_running(concurrency, memory_concurrency, slack):
    return np.where(at_most(concurrency, memory_concurrency, slack), 0, 1)


@derived("1", "Latency is within its limits", source=DEFINITION)
def check_limits(itl_ms, itl_slo_ms, ttft_ms, ttft_slo_ms, limit_tolerance):
    slow = np.logical_or(itl_ms > itl_slo_ms * (1 + limit_tolerance), ttft_ms > ttft_slo_ms * (1 + limit_tolerance))
    return np.where(slow, 1, 0)


@derived("1", "The own concurrency fits", source=DEFINITION)
def check_concurrency(concurrency_from_code, own_concurrency, max_concurrency, slack):
    return choose(concurrency_from_code, 0, np.where(at_most(own_concurrency, max_concurrency, slack), 0, 1))


@derived("1", "Input and output fit in the LLM's context", source=DEFINITION)
def check_context(peak_context_tokens, llm_max_context_tokens):
    return np.where(peak_context_tokens > llm_max_context_tokens, 1, 0)


@derived(
    "1", "A replica stays in one scale-up domain: across nodes, communication is a rough estimate", source=ROOFLINE
)
def check_nodes(stage_accelerators, scale_up_domain):
    return np.where(stage_accelerators > scale_up_domain, 1, 0)


@derived("1", "TP divides the attention heads", source=DEFINITION)
def check_tensor_parallel(llm_heads, tensor_parallel, slack):
    heads_each = llm_heads / tensor_parallel
    return np.where(at_most(ceil_whole(heads_each, slack), heads_each, slack), 0, 1)


@derived("1", "Data-parallel attention is used with experts only", source=DEFINITION)
def check_data_parallel(data_parallel, llm_experts):
    """A dense LLM gains nothing from it: use replicas."""
    return np.where(np.logical_and(data_parallel > 1, llm_experts < 1), 1, 0)


@derived("1", "Expert parallelism is used with experts only", source=DEFINITION)
def check_expert_parallel(expert_parallel, llm_experts):
    return np.where(np.logical_and(expert_parallel > 1, llm_experts < 1), 1, 0)


@derived("1", "Expert parallelism divides the accelerators of a stage", source=DEFINITION)
def check_expert_ranks(stage_accelerators, expert_parallel, slack):
    ranks_each = stage_accelerators / expert_parallel
    return np.where(at_most(ceil_whole(ranks_each, slack), ranks_each, slack), 0, 1)


@derived("1", "There is a layer for each pipeline stage", source=DEFINITION)
def check_pipeline(pipeline_parallel, llm_layers):
    return np.where(pipeline_parallel > llm_layers, 1, 0)


@derived("1", "No step is faster than bandwidth and peak allow", source=ROOFLINE)
def check_step_floor(corrects_efficiency, decode_step_ms, step_floor_ms, slack):
    """The article's step reads the weights alone."""
    return corrects_efficiency * np.where(at_most(step_floor_ms, decode_step_ms, slack), 0, 1)


@derived("1", "Prefill is no faster than the peak allows", source=ROOFLINE)
def check_prefill_floor(prefill_ms, prefill_floor_ms, slack):
    return np.where(at_most(prefill_floor_ms, prefill_ms, slack), 0, 1)


@derived("1", "Demand is within the capacity", source=ACCOUNTING)
def check_utilisation(utilisation, slack):
    return np.where(at_most(utilisation, 1, slack), 0, 1)


@derived("1", "Each pool of the disaggregated mode has accelerators", source=DEFINITION)
def check_pools(serving_mode_code, prefill_accelerators, decode_accelerators):
    """The share of each pool in the bill would have no tokens to carry it."""
    empty = np.where(np.minimum(prefill_accelerators, decode_accelerators) < 1, 1, 0)
    return choose(serving_mode_code, 0, empty, 0)


@derived("1", "A rented accelerator has a rent for its term, from the catalog or an own one", source=ACCOUNTING)
def check_price(procurement_code, rent_state):
    return choose(procurement_code, np.where(rent_state > 0, 1, 0), 0)


@derived("1", "An owned accelerator has a purchase price and a rated power", source=ACCOUNTING)
def check_owned_price(procurement_code, owned_state):
    return choose(procurement_code, 0, np.where(owned_state > 0, 1, 0))


@derived("1", "The accelerator has a purchase price, from the catalog or an own one", source=ACCOUNTING)
def check_purchase(accelerator_purchase_usd_from_code, accelerator_purchase_usd):
    return choose(accelerator_purchase_usd_from_code, np.where(accelerator_purchase_usd > 0, 0, 1), 0)


@derived("1", "The accelerator has a rated power, from the catalog or an own one", source=ACCOUNTING)
def check_power(rated_kw):
    return np.where(rated_kw > 0, 0, 1)


@derived("1", "The owned hour pays for all that is bought and run, in present value", source=CAPITAL_RECOVERY)
def check_owned_hour(
    owned_usd_per_accelerator_h,
    owned_running_usd_per_accelerator_h,
    available_h_per_year,
    crf,
    owned_capex_usd,
    residual_usd,
    growth_over_life,
    check_tolerance,
):
    """What the hours of the useful life bring, at the cost of capital, less running cost, is the outlay."""
    earned = owned_usd_per_accelerator_h - owned_running_usd_per_accelerator_h
    gap = earned * available_h_per_year / crf - (owned_capex_usd - residual_usd / growth_over_life)
    return np.where(np.abs(gap) > check_tolerance * owned_capex_usd, 1, 0)


@derived("1", "The rate of USD is 1", source=DEFINITION)
def check_currency(currency_code, currency_per_usd, usd_rate, slack):
    """USD is the first currency of the list."""
    off = np.abs(currency_per_usd / usd_rate - 1)
    return np.where(np.logical_and(currency_code < 2, off > slack), 1, 0)


NO_RESULT = "no result here"


def called(call: Any) -> Any:
    """What a function gives, also where Excel does not know it or it has no result."""
    return or_else(call, NO_RESULT)


def master_words(failures: Any) -> Any:
    """One word on all checks."""
    return np.where(failures > 0, join("Checks: ", fixed(failures, 0), " to look at (sheet Checks)"), "Checks: all OK")


def status_words(said: Any) -> Any:
    """What every sheet says of the checks, also where they cannot be computed."""
    return or_else(said, "Checks: something cannot be computed (sheet Checks)")
