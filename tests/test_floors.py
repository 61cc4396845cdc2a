"""Floors: no prediction is faster than the hardware, over 100,000 configurations drawn from the whole catalog."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from xl_econ.catalog.load import load_catalog
from xl_econ.core.evaluate import evaluate
from xl_econ.inputs.standard import standard_given
from xl_econ.inputs.study import fixed_values
from xl_econ.model import model_graph

COUNT = 100_000


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    draw = np.random.default_rng(7)

    def any_of(labels: Any) -> Any:
        return draw.choice(np.asarray(labels, object), COUNT)

    def spread(low: float, high: float) -> Any:
        return np.round(np.exp(draw.uniform(np.log(low), np.log(high), COUNT)))

    catalog = load_catalog()
    given = standard_given() | {
        "llm": any_of(list(catalog.llms)),
        "accelerator": any_of(list(catalog.accelerators)),
        "weight_precision": any_of(list(catalog.precisions)),
        "kv_precision": any_of(["bf16", "fp8", "int8"]),
        "engine": any_of(fixed_values()["lists.engine"]),
        "request_lengths": any_of(fixed_values()["lists.request_lengths"]),
        "windowed_cache": any_of(fixed_values()["lists.windowed_cache"]),
        "speculation": any_of(fixed_values()["lists.speculation"]),
        "tensor_parallel": draw.choice([1, 2, 4, 8, 16], COUNT),
        "data_parallel": draw.choice([1, 1, 2, 8], COUNT),
        "pipeline_parallel": draw.choice([1, 1, 2, 8], COUNT),
        "expert_parallel": draw.choice([1, 2, 8], COUNT),
        "input_tokens": spread(1, 100_000),
        "output_tokens": spread(1, 20_000),
        "cached_input_share": draw.uniform(0, 0.95, COUNT),
        "draft_tokens": draw.integers(1, 9, COUNT),
        "draft_acceptance": draw.uniform(0, 1, COUNT),
        "draft_step_share": draw.uniform(0, 0.5, COUNT),
        "concurrency": spread(1, 2_000),
    }
    wanted = ["check_step_floor", "check_prefill_floor", "decode_step_ms", "step_floor_ms", "itl_ms", "ttft_ms"]
    wanted += ["prefill_ms", "draft_yield_tokens", "predicted_output_tokens_per_s"]
    return evaluate(model_graph(), given, wanted)


@pytest.mark.parametrize("check", ["check_step_floor", "check_prefill_floor"])
def test_nothing_is_faster_than_bandwidth_and_peak_allow(found: dict[str, Any], check: str) -> None:
    assert found[check].shape == (COUNT,) and not found[check].any()


def test_floors_are_not_far_below_everything(found: dict[str, Any]) -> None:
    """A floor that nothing comes near could not fail."""
    over = found["decode_step_ms"] / found["step_floor_ms"]
    assert 1 <= over.min() < 1.6


def test_all_that_is_predicted_is_a_positive_number(found: dict[str, Any]) -> None:
    for name in ("decode_step_ms", "itl_ms", "ttft_ms", "prefill_ms", "predicted_output_tokens_per_s"):
        assert np.isfinite(found[name]).all() and (found[name] > 0).all(), name
    assert (found["itl_ms"] * found["draft_yield_tokens"] >= found["step_floor_ms"] * (1 - 1e-9)).all()
