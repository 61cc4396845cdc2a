"""Random studies that obey the rules, the same on every run."""

from __future__ import annotations

from random import Random
from typing import Any

from xl_econ.catalog.assumptions import assumptions
from xl_econ.core.problems import Problems
from xl_econ.inputs.scenario import decided, labels_of
from xl_econ.inputs.study import Study, study_of
from xl_econ.model.given_demand import SHARES

TRIES = 400
NUMBERS: dict[str, tuple[float, float]] = {
    "own_llm_params_b": (1, 500),
    "own_accelerator_memory_gb": (24, 300),
    "own_bandwidth_tb_per_s": (0.5, 8),
    "own_peak_tflops": (100, 5000),
    "tensor_parallel": (1, 32),
    "data_parallel": (1, 8),
    "pipeline_parallel": (1, 4),
    "expert_parallel": (1, 8),
    "cached_input_share": (0, 0.9),
    "draft_tokens": (1, 8),
    "draft_acceptance": (0, 1),
    "draft_step_share": (0, 0.5),
    "hidden_transfer_share": (0, 1),
    "own_time_factor": (0.5, 2),
    "own_ttft_factor": (0.5, 2),
    "own_replica_output_tokens_per_s": (10, 20_000),
    "input_tokens": (1, 30_000),
    "output_tokens": (1, 8_000),
    "ttft_slo_ms": (20, 20_000),
    "itl_slo_ms": (3, 300),
    "own_concurrency": (1, 500),
    "prefill_accelerators": (1, 64),
    "decode_accelerators": (1, 64),
    "own_prefill_pool_tokens_per_s": (10, 1e5),
    "own_decode_pool_tokens_per_s": (10, 1e5),
    "given_replicas": (1, 50),
    "given_utilisation": (0.05, 1),
    "demand_requests_per_s": (0.01, 500),
    "peak_to_average": (1, 8),
    "headroom": (0, 1),
    "waiting_places": (0, 400),
    "spare_replicas": (0, 3),
    "replica_availability_share": (0.9, 1),
    "failed_share": (0, 0.3),
    "accelerators_per_engineer": (4, 500),
    "engineer_usd_per_year": (0, 200_000),
    "gateway_usd_per_month": (0, 5_000),
    "storage_usd_per_month": (0, 5_000),
    "egress_usd_per_k_requests": (0, 0.5),
    "hosted_batch_share": (0, 1),
    "hosted_discount_share": (0, 0.5),
    "integration_usd_per_month": (0, 20_000),
    "bought_tokens_ratio": (0.5, 2),
    "own_pass_rate": (0.3, 1),
    "bought_pass_rate": (0.3, 1),
    "own_usd_per_accelerator_h": (0.2, 12),
    "own_bill_usd_per_h": (1, 900),
    "manual_input_share": (0, 1),
    "provider_years": (0.5, 6),
    "provider_sold_share": (0, 1),
    "own_accelerator_purchase_usd": (2_000, 60_000),
    "provider_electricity_usd_per_year": (0, 4_000),
    "vendor_gross_margin": (0, 0.9),
    "own_rated_kw": (0.1, 5),
    "currency_per_usd": (0.01, 200),
    "demand_growth": (-0.5, 1.5),
    "season_amplitude": (0, 0.5),
    "season_peak_month": (1, 12),
    "demand_shortfall": (0, 0.9),
    "rent_change": (-0.4, 0.4),
    "hardware_change": (-0.4, 0.4),
    "hosted_change": (-0.5, 0.5),
    "throughput_change": (-0.2, 0.5),
    "lead_months": (0, 12),
    "end_book_share": (0, 1),
    "commitment_share": (0, 2),
    "commitment_months": (0, 60),
    "commitment_discount": (0, 0.6),
    "take_or_pay_share": (0, 1),
    "own_sold_usd_per_m_tokens": (0.05, 20),
    "overhead_share": (0, 0.4),
    "tax_rate": (0, 0.4),
    "debt_share": (0, 1),
    "debt_years": (0.5, 7),
    "cloud_life_years": (3, 7),
    "cloud_contracted_share": (0, 1),
    "cloud_term_years": (1, 3),
    "cloud_spot_share": (0, 1),
    "reserved_hours_share": (0, 1),
    "minimum_replicas": (0, 4),
    "spot_share": (0, 1),
    "spot_discount": (0, 0.8),
    "weekend_over_weekday": (0, 2),
    **dict.fromkeys(SHARES, (0.005, 0.1)),
}


def random_study(seed: int) -> Study:
    """Three scenarios: a base with every input drawn, and two that change a few; valid by construction or by retry."""
    random = Random(seed)
    for _ in range(TRIES):
        tables = {"Base": _inputs(random, list(NUMBERS) + _choices())}
        tables |= {name: _inputs(random, random.sample(list(NUMBERS) + _choices(), 4)) for name in ("Second", "Third")}
        tables["Third"] |= _beliefs(random)
        try:
            return study_of({"title": f"Study {seed}", "as_of": "2026-01-01", "scenarios": tables}, "random")
        except Problems:
            continue
    raise AssertionError(f"seed {seed} gave no valid study in {TRIES} tries")


def _choices() -> list[str]:
    return [given.name for given in decided().values() if given.choices]


def _inputs(random: Random, names: list[str]) -> dict[str, Any]:
    return {name: _draw(random, name) for name in names}


def _draw(random: Random, name: str) -> Any:
    given = decided()[name]
    if given.choices:
        return random.choice(labels_of(given))
    low, high = NUMBERS[name]
    if name == "tensor_parallel":
        return random.choice([1, 2, 4, 8, 8, 16, 32])
    if name in ("data_parallel", "pipeline_parallel", "expert_parallel"):
        return random.choice([1, 1, 1, 1, 2, 8])
    value = low * (high / low) ** random.random() if low > 0 else random.uniform(low, high)
    return max(1, round(value)) if given.bounds.whole else float(f"{value:.6g}")


def _beliefs(random: Random) -> dict[str, float | int]:
    """Two assumptions somewhere in their bands."""
    chosen: dict[str, float | int] = {}
    for name in random.sample(sorted(assumptions()), 2):
        known = assumptions()[name]
        value = random.uniform(known.low, known.high)
        chosen[name] = round(value) if decided()[name].bounds.whole else float(f"{value:.6g}")
    return chosen
