"""One given: what a measurement of the same stack mends. The points are made up, so that the answer is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from xl_econ.calibration.evidence import evidence
from xl_econ.calibration.measured import Row
from xl_econ.calibration.one_given import given_errors, stack_factors
from xl_econ.calibration.predict import Point

ROW = Row(
    line=2,
    kind="itl",
    metric="itl_ms",
    value=10.0,
    llm="llama-3.1-8b",
    accelerator="h100-sxm",
    engine="vLLM 0.11.0",
    old_engine=False,
    new_engine=False,
    weight_precision="fp8",
    kv_precision="bf16",
    accelerators=1,
    tensor_parallel=1,
    data_parallel=1,
    pipeline_parallel=1,
    expert_parallel=1,
    input_tokens=1000,
    output_tokens=200,
    concurrency=1,
    requests=None,
    static=False,
    alike=False,
    quality="A",
    group="mine",
)


def points(ratios: dict[float, float], **changes: object) -> list[Point]:
    """A point for each concurrency, with predicted over measured."""
    return [Point(replace(ROW, concurrency=at, **changes), ratio * ROW.value) for at, ratio in ratios.items()]  # pyright: ignore[reportArgumentType]


def test_what_a_whole_stack_is_off_by_one_measurement_mends() -> None:
    """Three stacks, off by 2, 1.5 and 0.8 whatever the concurrency."""
    found = [
        *points({1: 2, 2: 2, 4: 2}),
        *points({1: 1.5, 8: 1.5}, engine="vLLM 0.12.0"),
        *points({1: 0.8, 64: 0.8}, accelerators=2, tensor_parallel=2),
    ]
    errors = given_errors(found)["itl"]
    assert errors.one_given_n == 7 and errors.none_given_median_error_percent == pytest.approx(50)
    assert errors.one_given_median_error_percent == pytest.approx(0, abs=1e-9)
    assert errors.any_given_median_error_percent == pytest.approx(0, abs=1e-9)
    assert errors.all_given_median_error_percent == pytest.approx(0, abs=1e-9)


def test_the_nearest_any_one_and_all_others_are_told_apart() -> None:
    """By hand: the three are off by 1, 1.1 and 2.2, at 1, 2 and 32 sequences.

    Nearest: 1 by 1.1 (9.1 % off), 1.1 by 1 (10 %), 2.2 by 1.1 (100 %): the middle one is 10 %.
    Any: 9.1, 54.5 | 10, 50 | 100, 120 %, each with half a weight: half of it is reached at 50 %.
    All others: medians of logs are those of the root of 1.1 × 2.2, 1 × 2.2 and 1 × 1.1: 35.7, 25.8 and 109.8 % off.
    """
    errors = given_errors(points({1: 1, 2: 1.1, 32: 2.2}))["itl"]
    assert errors.one_given_median_error_percent == pytest.approx(10)
    assert errors.any_given_median_error_percent == pytest.approx(50)
    assert errors.all_given_median_error_percent == pytest.approx(100 * (1 - 1 / np.sqrt(1.1 * 2.2)))


def test_two_that_are_equally_near_share() -> None:
    """4 lies between 2 and 8: half of its weight is 0 % off, half 100 %; so 2 and 8, which have one, decide."""
    errors = given_errors(points({2: 1, 4: 1, 8: 0.5}))["itl"]
    assert errors.one_given_median_error_percent == pytest.approx(0, abs=1e-9)
    assert given_errors(points({2: 2, 4: 1, 8: 0.5}))["itl"].one_given_median_error_percent == pytest.approx(50)


NOT_ITS_STACK = {
    "engine": "vLLM 0.12.0",
    "llm": "qwen3-8b",
    "accelerator": "h200-sxm",
    "weight_precision": "bf16",
    "kv_precision": "fp8",
    "group": "theirs",
    "tensor_parallel": 2,
    "kind": "ttft",
    "static": True,
}


@pytest.mark.parametrize("field", NOT_ITS_STACK)
def test_a_measurement_of_another_stack_or_metric_mends_nothing(field: str) -> None:
    found = [*points({1: 2}), *points({2: 2}, **{field: NOT_ITS_STACK[field]})]
    assert np.isnan(stack_factors(found)).all()
    assert {(each.one_given_n, each.one_given_median_error_percent) for each in given_errors(found).values()} == {
        (0, None)
    }


def test_the_same_configuration_measured_again_is_no_other() -> None:
    """It would say how well a measurement repeats, not how well it carries over."""
    assert given_errors(points({1: 2}) * 2)["itl"].one_given_n == 0


@pytest.mark.filterwarnings("error")
def test_what_is_beyond_all_numbers_mends_nothing() -> None:
    """A concurrency per accelerator may be, once it is that of all."""
    again = [replace(point, row=replace(point.row, output_tokens=300)) for point in points({np.inf: 3})]
    assert given_errors([*points({np.inf: 2}), *again])["itl"].one_given_n == 0


def test_the_factor_of_a_point_is_that_of_the_others() -> None:
    assert np.exp(stack_factors(points({1: 9, 2: 1.5, 4: 1.2, 8: 1.3}))) == pytest.approx([1.3, 1.3, 1.5, 1.5])


def test_evidence_tells_it_by_metric() -> None:
    """Two of the cases are of one stack: B200, at 8 and at 32 sequences."""
    found = evidence(Path(__file__).parent / "cases" / "measured.csv")
    itl = [point.ratio for point in found.scored if point.row.kind == "itl" and point.row.llm == "llama-3.3-70b"]
    off = sorted(100 * abs(ratio - 1) for ratio in (itl[0] / itl[1], itl[1] / itl[0]))
    metrics = found.metrics()
    assert metrics["itl"]["one_given_n"] == len(itl) == 2
    assert off[0] <= metrics["itl"]["one_given_median_error_percent"] <= off[1]
    assert metrics["ttft"]["one_given_n"] == 0 and metrics["ttft"]["one_given_median_error_percent"] is None
