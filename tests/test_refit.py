"""Refit: numbers fitted to measurements that the model itself made, so that the answer is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from xl_econ.calibration.measured import Row, read_measured
from xl_econ.calibration.predict import predicted
from xl_econ.calibration.refit import Refit
from xl_econ.catalog.assumptions import assumptions, calibration, fit_bounds
from xl_econ.inputs.standard import standard_given

pytest.importorskip("scipy", reason="a refit needs scipy")
CASES = Path(__file__).parent / "cases" / "measured.csv"
TRUE = {"mfu_hopper": 0.5, "mbu_nvidia": 0.84, "layer_overhead_us": 80.0}
AT = [(concurrency, tokens) for concurrency in (1.0, 8.0, 64.0, 256.0) for tokens in (200.0, 2000.0, 8000.0)]


def shipped() -> dict[str, float]:
    return {name: assumptions()[name].base for name in fit_bounds()}


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Times between tokens of a dense LLM on one H100, as a world with other numbers would measure them."""
    start = next(row for row in read_measured(CASES) if isinstance(row, Row) and row.kind == "itl")
    dense = replace(start, llm="llama-3.1-8b", accelerator="h100-sxm", engine="vLLM", old_engine=False, alike=False)
    alone = replace(dense, accelerators=1, tensor_parallel=1, data_parallel=1, pipeline_parallel=1, expert_parallel=1)
    asked = [replace(alone, concurrency=at, input_tokens=n, output_tokens=500.0, group=f"{at}") for at, n in AT]
    values, _ = predicted(asked, standard_given() | shipped() | TRUE)
    return [replace(row, value=float(value)) for row, value in zip(asked, values, strict=True)]


def test_a_fit_finds_what_made_the_measurements(rows: list[Row]) -> None:
    refit = Refit(rows, shipped())
    found = refit.run()
    assert np.abs(refit.log_errors(found)).max() < 0.01 < np.abs(refit.log_errors(shipped())).max()
    assert found["layer_overhead_us"] > shipped()["layer_overhead_us"]


def test_values_stay_within_their_bounds(rows: list[Row]) -> None:
    found = Refit([replace(row, value=row.value * 9) for row in rows]).run()
    assert all(least <= found[name] <= most for name, (least, most) in fit_bounds().items())


def test_what_nothing_measured_moves_is_that_of_its_siblings(rows: list[Row]) -> None:
    """No Gaudi is among the rows: it gets the median of the families that are, within its bounds."""
    found = Refit(rows, shipped()).run()
    assert found["mfu_gaudi"] == found["mfu_ada"] == found["mfu_hopper"]
    assert Refit(rows).points(shipped())["mfu_tpu"] == 0 < Refit(rows).points(shipped())["mfu_hopper"]


def test_the_errors_of_a_group_left_out_are_those_of_a_fit_without_it(rows: list[Row]) -> None:
    """Where all the world is made of one set of numbers, even what was left out is predicted."""
    errors = Refit(rows, shipped()).left_out(lambda row: row.concurrency)
    assert errors.shape == (len(rows),) and np.abs(errors).max() < 0.1


def test_the_shipped_calibration_is_complete() -> None:
    """At most about 40 numbers; each has bounds, a band and the points that it moves."""
    fitted = calibration()["fitted"]
    assert fitted.keys() == fit_bounds().keys() and len(fitted) <= 40
    for name, (least, most) in fit_bounds().items():
        told = fitted[name]
        assert least <= told["low"] <= told["base"] <= told["high"] <= most, name
        assert told["points"] > 0, name


def test_an_interval_holds_what_is_predicted() -> None:
    for kind, metrics in calibration()["residuals"].items():
        for metric, told in metrics.items():
            assert told["p10"] < 1 < told["p90"] and told["points"] > 20, (kind, metric)


# --- A run of so many requests -----------------------------------------------------------------


def rate(rows: list[Row], most: int, requests: float | None) -> float:
    """Tokens/s over a run in which all was queued at once, and at most so many run."""
    asked = replace(rows[0], kind="max_throughput", metric="output_tok_s_total", concurrency=None, requests=requests)
    given = standard_given() | shipped() | {"sequence_limit": np.array(most)}
    return float(predicted([asked], given)[0][0])


def test_at_the_end_of_a_run_ever_fewer_requests_share_a_step(rows: list[Row]) -> None:
    """A run that never ends is as fast as the steady state; of two, the shorter one is slower."""
    endless, long, short = rate(rows, 64, None), rate(rows, 64, 1e6), rate(rows, 64, 200)
    assert short < long < endless == pytest.approx(long, rel=1e-3)


def test_the_last_half_of_what_runs_comes_at_the_rate_of_half_as_many(rows: list[Row]) -> None:
    """By hand: of 1,000 requests, 100 at a time, 950 come at the rate of 100 and the last 50 at that of 50."""
    full, half = rate(rows, 100, None), rate(rows, 50, None)
    assert rate(rows, 100, 1000) == pytest.approx(1000 / (950 / full + 50 / half))


def test_what_runs_at_once_ends_together(rows: list[Row]) -> None:
    assert rate(rows, 100, 60) == rate(rows, 60, None)
