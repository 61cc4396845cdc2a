"""Below saturation: sequences, waiting and refusals equal a chain with every state, and behave at its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_econ.core.evaluate import evaluate
from xl_econ.inputs.results import evaluate as results
from xl_econ.inputs.study import study_of
from xl_econ.model import model_graph

WITHIN = 0.03
VISIBLE = 1e-3
"""Shares and numbers of requests below this are nothing, whatever their relative error."""

SHORT = {"input_tokens": 100, "output_tokens": 500}
DEPLOYED: dict[str, dict[str, Any]] = {
    "dense, four accelerators": {},
    "dense and small, short prompts": {"llm": "llama-3.1-8b", "tensor_parallel": 1, "accelerator": "b200-sxm", **SHORT},
    "dense, prompts of a thousand times the answer": {
        "llm": "llama-3.1-8b",
        "tensor_parallel": 1,
        "input_tokens": 10_000,
        "output_tokens": 10,
    },
    "experts": {"llm": "mixtral-8x7b", "tensor_parallel": 2},
    "many experts, latent cache": {"llm": "deepseek-v3", "tensor_parallel": 8, "accelerator": "h200-sxm"},
    "windowed layers": {"llm": "gpt-oss-120b", "weight_precision": "mxfp4", "tensor_parallel": 2},
    "memory for dozens": {"input_tokens": 20_000, "output_tokens": 1_000},
    "memory for few": {"input_tokens": 120_000, "output_tokens": 1_000, "tensor_parallel": 2},
    "decode only": {"serving_mode": "decode only"},
}
LOADS = (0.02, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.02, 1.5)
PLACES = (0, 5, 100)
FOUND = ("mean_running", "mean_waiting", "limit_reached_share", "refused_share", "joined_concurrency")


@cache
def deployed(name: str) -> dict[str, Any]:
    """The inputs of one replica, and no limits on latency to stop it."""
    open_limits = {"ttft_slo_ms": 1e9, "itl_slo_ms": 1e9}
    study = study_of({"scenarios": {"Base": {**DEPLOYED[name], **open_limits}}}, "queue")
    return {key: value[0] if key_is_scenario(key) else value for key, value in study.given().items()}


def key_is_scenario(name: str) -> bool:
    role = getattr(model_graph()[name], "role", "")
    return role in ("input", "assumption")


def at_load(name: str, load: float, places: float, *wanted: str) -> dict[str, float]:
    """Results where so many requests arrive, as a share of what the replica ends at its running limit."""
    inputs = deployed(name)
    most = evaluate(model_graph(), inputs, ["limit_requests_per_s"])["limit_requests_per_s"]
    told = inputs | {"arrival_requests_per_s": most * load, "waiting_places": places}
    return {key: value.item() for key, value in evaluate(model_graph(), told, wanted).items()}


@dataclass(frozen=True)
class Chain:
    """A chain with every state: each state's probability is the one before it times arrivals over service."""

    arrivals_per_s: float
    cycles_ms: list[float]
    places: int

    def results(self) -> list[float]:
        limit, logarithms = len(self.cycles_ms), [0.0]
        for state in range(1, limit + self.places + 1):
            running = min(state, limit)
            service_per_s = running / self.cycles_ms[running - 1] * 1000
            logarithms.append(logarithms[-1] + math.log(self.arrivals_per_s / service_per_s))
        heaviest = max(logarithms)
        weights = [math.exp(each - heaviest) for each in logarithms]
        total = math.fsum(weights)
        shares = [weight / total for weight in weights]
        return [
            math.fsum(share * min(state, limit) for state, share in enumerate(shares)),
            math.fsum(share * max(state - limit, 0) for state, share in enumerate(shares)),
            math.fsum(shares[limit:]),
            shares[-1],
            math.fsum(share * min(state + 1, limit) for state, share in enumerate(shares)),
        ]


@cache
def every_cycle_ms(name: str) -> list[float]:
    """The model's own cycle at each whole number of sequences."""
    inputs = deployed(name)
    limit = int(evaluate(model_graph(), inputs, ["running_limit"])["running_limit"])
    told = inputs | {"concurrency": np.arange(1.0, limit + 1)}
    return evaluate(model_graph(), told, ["cycle_ms"])["cycle_ms"].tolist()


# --- Against the chain with every state ----------------------------------------------------------


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("name", DEPLOYED)
def test_segments_give_what_every_state_gives(name: str, load: float) -> None:
    for places in PLACES:
        found = at_load(name, load, places, *FOUND, "arrival_requests_per_s")
        expected = Chain(found["arrival_requests_per_s"], every_cycle_ms(name), places).results()
        for result, value in zip(FOUND, expected, strict=True):
            assert found[result] == pytest.approx(value, rel=WITHIN, abs=VISIBLE), f"{result}, {places} places"


@pytest.mark.parametrize("load", LOADS)
def test_where_no_more_states_than_segments_are_there_every_state_is_counted(load: float) -> None:
    name = "memory for few"
    assert len(every_cycle_ms(name)) < 20
    found = at_load(name, load, 100, *FOUND, "arrival_requests_per_s")
    expected = Chain(found["arrival_requests_per_s"], every_cycle_ms(name), 100).results()
    assert [found[result] for result in FOUND] == pytest.approx(expected, rel=0.002)


def test_exactly_at_saturation_nothing_is_divided_by_nothing() -> None:
    """All states of waiting are equally likely: the mean is the middle."""
    found = at_load("memory for few", 1.0, 100, "waiting_mean", "waiting_sum", "mean_waiting", "queue_state")
    assert (found["waiting_mean"], found["waiting_sum"], found["queue_state"]) == (pytest.approx(50.5), 100, 4)


# --- At its limits -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEPLOYED)
def test_a_lone_request_runs_alone_and_waits_for_nobody(name: str) -> None:
    found = at_load(name, 1e-9, 100, "joined_concurrency", "ttft_at_load_ms", "itl_at_load_ms", "waiting_p95_ms")
    alone = evaluate(model_graph(), deployed(name) | {"concurrency": 1.0}, ["ttft_ms", "itl_ms"])
    assert found["joined_concurrency"] == pytest.approx(1, rel=1e-4)
    assert found["ttft_at_load_ms"] == pytest.approx(alone["ttft_ms"], rel=1e-3)
    assert found["itl_at_load_ms"] == pytest.approx(alone["itl_ms"], rel=1e-3)
    assert found["waiting_p95_ms"] == 0


@pytest.mark.parametrize("name", DEPLOYED)
def test_latency_and_waiting_grow_with_the_load(name: str) -> None:
    names = ("waiting_ms", "waiting_p95_ms", "ttft_at_load_ms", "itl_at_load_ms", "mean_running", "refused_share")
    rows = [at_load(name, load, 100, *names) for load in LOADS if load < 1]
    for result in names:
        values = [row[result] for row in rows]
        assert all(after >= before * (1 - 1e-3) for before, after in pairwise(values)), result


def test_near_saturation_waiting_runs_away_and_behind_it_only_places_bound_it() -> None:
    name, most = "memory for dozens", 10_000
    calm, busy = (at_load(name, load, most, "waiting_ms")["waiting_ms"] for load in (0.8, 0.99))
    assert busy > 100 * calm
    over = at_load(name, 1.5, most, "mean_waiting", "queue_state", "refused_share")
    assert over["queue_state"] == 4
    assert over["mean_waiting"] == pytest.approx(most, rel=0.01)
    assert over["refused_share"] == pytest.approx(1 - 1 / 1.5, rel=1e-3)


def test_without_waiting_places_nobody_waits_and_whoever_finds_the_limit_reached_is_refused() -> None:
    names = ("mean_waiting", "waiting_ms", "waits_share", "refused_share", "limit_reached_share")
    found = at_load("memory for few", 0.9, 0, *names)
    assert found["mean_waiting"] == found["waiting_ms"] == found["waits_share"] == 0
    assert found["refused_share"] == pytest.approx(found["limit_reached_share"])


def test_the_95th_percentile_of_waiting_is_that_of_an_endless_queue() -> None:
    """Behind the limit each end of a request is a step ahead: a state of j waiting takes j + 1 steps."""
    load, name = 0.9, "memory for few"
    found = at_load(name, load, 10_000, "waiting_p95_ms", "limit_requests_per_s", "waits_share")
    steps = [found["waits_share"] * (1 - load) * load**ahead for ahead in range(2_000)]
    rate = found["limit_requests_per_s"] / 1000 * found["waiting_p95_ms"]
    poisson, below = math.exp(-rate), 0.0
    later = 0.0
    for count, share in enumerate(steps):
        below += poisson
        later += share * below
        poisson *= rate / (count + 1)
    assert later == pytest.approx(0.05, rel=1e-6)


# --- A measured throughput, and two pools --------------------------------------------------------

POOLS: dict[str, Any] = {"serving_mode": "disaggregated", "sizing": "replicas given", "prefill_accelerators": 12}
POOLS |= {"decode_accelerators": 16, "tensor_parallel": 4, "itl_slo_ms": 1e6, "ttft_slo_ms": 1e9}


def test_a_replica_measured_twice_as_fast_is_to_its_load_what_one_as_predicted_is_to_half_of_it() -> None:
    name = "experts"
    inputs = deployed(name)
    predicted = evaluate(model_graph(), inputs, ["predicted_output_tokens_per_s"])["predicted_output_tokens_per_s"]
    measured = {"throughput_from_code": 2.0, "own_replica_output_tokens_per_s": 2 * predicted}
    names = ["mean_running", "mean_waiting", "waiting_ms", "waiting_p95_ms", "accepted_requests_per_s"]
    half = at_load(name, 0.45, 100, *names, "arrival_requests_per_s")
    told = inputs | measured | {"waiting_places": 100, "arrival_requests_per_s": 2 * half["arrival_requests_per_s"]}
    fast = {key: value.item() for key, value in evaluate(model_graph(), told, names).items()}
    assert fast["mean_running"] == pytest.approx(half["mean_running"])
    assert fast["accepted_requests_per_s"] == pytest.approx(2 * half["accepted_requests_per_s"])
    for name in ("waiting_ms", "waiting_p95_ms"):
        assert fast[name] == pytest.approx(half[name] / 2)


def test_a_prefill_pool_of_one_replica_waits_as_a_queue_of_one_server_with_one_time_each() -> None:
    """Pollaczek and Khinchine: rho / (2 mu (1 - rho)) for service that does not vary."""
    names = ("prefill_waiting_ms", "prefill_pool_utilisation", "prefill_pool_requests_per_s")
    found = of_inputs(*names, **POOLS | {"prefill_accelerators": 4, "given_utilisation": 0.6})
    rho, mu = found["prefill_pool_utilisation"], found["prefill_pool_requests_per_s"]
    assert 0 < rho <= 0.6
    assert found["prefill_waiting_ms"] == pytest.approx(1000 * rho / (2 * mu * (1 - rho)))


def test_prompts_wait_less_for_several_replicas_that_share_them() -> None:
    """Simulated: prompts at random, one time each, to the first of three replicas that is free; within a tenth."""
    names = ("prefill_waiting_ms", "prefill_waiting_p95_ms", "prefill_pool_utilisation", "prefill_pool_requests_per_s")
    found = of_inputs(*names, **POOLS | {"given_utilisation": 0.9})
    rho, mu = found["prefill_pool_utilisation"], found["prefill_pool_requests_per_s"]
    waits = simulated_waits(rho * mu, 3 / mu, 3)
    assert found["prefill_waiting_ms"] == pytest.approx(1000 * np.mean(waits), rel=0.1)
    assert found["prefill_waiting_p95_ms"] == pytest.approx(1000 * np.percentile(waits, 95), rel=0.1)


def simulated_waits(arrivals_per_s: float, service_s: float, servers: int, count: int = 400_000) -> Any:
    """What each request of a queue of several servers waits, in seconds."""
    arrivals = np.cumsum(np.random.default_rng(1).exponential(1 / arrivals_per_s, count)).tolist()
    free, waits = [0.0] * servers, list[float]()
    for at in arrivals:
        first = min(free)
        waits.append(max(first - at, 0.0))
        free[free.index(first)] = max(first, at) + service_s
    return np.array(waits)


def test_the_decode_pool_is_a_queue_of_replicas_that_only_decode() -> None:
    """As one replica in the mode that leaves prefill out, at the same load."""
    names = ["mean_running", "itl_at_load_ms"]
    pools = of_inputs(*names, "arrival_requests_per_s", "decoding_replicas", **POOLS | {"given_utilisation": 0.7})
    assert pools["decoding_replicas"] == 4
    study = study_of({"scenarios": {"Base": POOLS | {"serving_mode": "decode only"}}}, "queue")
    one = study.given() | {"arrival_requests_per_s": pools["arrival_requests_per_s"] / 4}
    alone = evaluate(model_graph(), one, names)
    assert [pools[name] for name in names] == pytest.approx([alone[name].item() for name in names])


# --- Whatever the inputs are ---------------------------------------------------------------------


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.sampled_from(list(DEPLOYED)), st.floats(1e-4, 5), st.integers(0, 100_000))
def test_what_comes_in_goes_out_and_no_limit_is_passed(name: str, load: float, places: int) -> None:
    found = at_load(name, load, places, *FOUND, "accepted_requests_per_s", "running_limit", "waits_share")
    assert 0 <= found["mean_running"] <= found["running_limit"] * (1 + 1e-9)
    assert 0 <= found["mean_waiting"] <= places
    assert 1 - 1e-9 <= found["joined_concurrency"] <= found["running_limit"] * (1 + 1e-9)
    assert 0 <= found["refused_share"] <= found["limit_reached_share"] * (1 + 1e-9) <= 1 + 1e-6
    served = served_per_s(name, load, places)
    assert found["accepted_requests_per_s"] == pytest.approx(served, rel=1e-6)


def served_per_s(name: str, load: float, places: float) -> float:
    """The rate of service, weighted by the time spent in each segment and in waiting."""
    inputs = deployed(name)
    graph = model_graph()
    most = evaluate(graph, inputs, ["limit_requests_per_s"])["limit_requests_per_s"]
    told = inputs | {"arrival_requests_per_s": most * load, "waiting_places": places}
    names = ["segment_weight", "segment_middle", "segment_cycle_ms", "waiting_weight", "queue_weight"]
    found = evaluate(graph, told, names)
    rates = found["segment_middle"] / found["segment_cycle_ms"] * 1000
    served = np.sum(found["segment_weight"] * rates, -1) + found["waiting_weight"] * most
    return (served / found["queue_weight"]).item()


# --- Which load, and which state -----------------------------------------------------------------


def of_inputs(*names: str, **inputs: Any) -> dict[str, Any]:
    return results(study_of({"scenarios": {"Base": inputs}}, "queue"), names).scenarios["Base"]


def test_average_demand_is_shared_by_the_replicas_and_the_peak_may_be_chosen() -> None:
    names = ("arrival_requests_per_s", "replicas")
    average = of_inputs(*names, demand_requests_per_s=20.0)
    assert average["arrival_requests_per_s"] == pytest.approx(20 / average["replicas"])
    peak = of_inputs(*names, demand_requests_per_s=20.0, peak_to_average=3.0, queue_load="peak")
    assert peak["arrival_requests_per_s"] == pytest.approx(60 / peak["replicas"])


def test_where_replicas_are_given_their_utilisation_is_the_load() -> None:
    load = {"sizing": "replicas given", "given_utilisation": 0.5, "queue_load": "peak", "peak_to_average": 3.0}
    found = of_inputs("arrival_requests_per_s", "unit_requests_per_s", **load)
    assert found["arrival_requests_per_s"] == pytest.approx(0.5 * found["unit_requests_per_s"])


SATURATED = {"sizing": "replicas given", "given_utilisation": 1.0, "itl_slo_ms": 1e6, "ttft_slo_ms": 1e9}


@pytest.mark.parametrize(
    ("inputs", "label"),
    [
        ({}, "valid"),
        (SATURATED, "saturated: more requests arrive than a replica ends"),
        ({"method": "article"}, "not computed with this method"),
        ({"serving_mode": "disaggregated"}, "valid"),
        ({"ttft_slo_ms": 1.0}, "no concurrency meets the limits"),
    ],
    ids=["valid", "saturated", "the article's method", "two pools", "limits that nothing meets"],
)
def test_a_time_is_given_or_the_state_says_why_not(inputs: dict[str, Any], label: str) -> None:
    found = of_inputs("ttft_at_load_ms", "queue_state_label", **inputs)
    assert found["queue_state_label"] == label
    assert (found["ttft_at_load_ms"] is None) == (label != "valid")
    assert found.get("ttft_at_load_ms_state", "valid") == label
