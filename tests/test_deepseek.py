"""DeepSeek's own V3/R1 day: what is given makes the published bill and revenue; what is predicted is told."""

from __future__ import annotations

import pytest

from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import preset

PUBLISHED = {
    "accelerators": (226.75 * 8, 1e-9),
    "usd_per_day": (87_072, 1e-9),
    "hosted_usd_per_day": (562_027, 0.002),
    "profit_over_cost": (5.45, 0.002),
    "gross_margin": (0.845, 0.001),
    "input_tokens_per_s": (608e9 / 86_400, 0.002),
    "output_tokens_per_s": (168e9 / 86_400, 0.002),
    "mean_context_tokens": (4_989, 0.001),
}
POOLS = ("prefill_pool_tokens_per_s", "decode_pool_tokens_per_s")


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_given_rates_make_the_published_day(name: str) -> None:
    published, tolerance = PUBLISHED[name]
    assert evaluate(preset("deepseek-day"), [name]).scenarios["Given"][name] == pytest.approx(published, rel=tolerance)


@pytest.mark.parametrize("name", POOLS)
def test_the_predicted_rates_are_within_a_half_of_the_published(name: str) -> None:
    """Pools over 32 accelerators and more are where the model is weakest: see docs/evidence.md."""
    found = evaluate(preset("deepseek-day"), list(POOLS)).scenarios
    assert 1 / 1.5 < float(found["Predicted"][name]) / float(found["Given"][name]) < 1.5


def test_without_its_cache_a_token_is_dearer_and_fewer_are_served() -> None:
    found = evaluate(preset("deepseek-day"), ["input_tokens_per_s", "hosted_usd_per_m_tokens"]).scenarios
    cached, without = found["Predicted"], found["Predicted without cache"]
    assert float(without["hosted_usd_per_m_tokens"]) > float(cached["hosted_usd_per_m_tokens"])
    assert float(without["input_tokens_per_s"]) <= float(cached["input_tokens_per_s"])
