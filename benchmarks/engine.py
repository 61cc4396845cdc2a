"""Engine: scenarios a second on one core, against the same formulas in plain Python, one scenario at a time."""

from __future__ import annotations

import argparse
import os
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import numpy as np
from measure import Figure, against, show
from plain_python import plain_function

from xl_econ.catalog.assumptions import assumptions
from xl_econ.core.evaluate import evaluate, evaluate_in_chunks
from xl_econ.core.quantity import Derived, Given
from xl_econ.inputs.scenario import decided, labels_of
from xl_econ.inputs.study import fixed_values, standard_values
from xl_econ.model import model_graph

Values = dict[str, Any]
BUDGET = "1,000,000/s"
BLOCK = 250_000
"""Scenarios drawn at a time, so that the inputs do not fill the memory either."""
ONE_BY_ONE = 1000
CUT = ("concurrency", "serving_state")
"""What comes out of the curve: given, nothing of it is computed."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenarios", type=int, default=1_000_000, help="for each figure (default 1,000,000)")
    blocks = max(1, parser.parse_args().scenarios // BLOCK)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    show("Engine, on one core", figures(blocks))


def figures(blocks: int) -> Iterator[Figure]:
    everything = [q.name for q in model_graph().derived if model_graph().axes[q.name] is None]
    numbers = [name for name in everything if model_graph()[name].unit != "text"]
    without_curve = [name for name in numbers if not needs_the_curve(name)]
    cut, curve = f"{len(without_curve)} quantities, concurrency given", f"{len(numbers)} quantities, with the curve"
    fixed, codes = ("numbers drawn, one deployment", "none"), ("everything drawn, choices as codes", "codes")
    yield figure(f"{cut}; {fixed[0]}", without_curve, fixed[1], blocks, cut_off=True)
    yield figure(f"{cut}; {codes[0]}", without_curve, codes[1], blocks, cut_off=True)
    yield figure(f"{cut}; everything drawn, choices as labels", without_curve, "labels", blocks, cut_off=True)
    yield figure(f"{curve}; {fixed[0]}", numbers, fixed[1], blocks)
    yield figure(f"{curve}; {codes[0]}", numbers, codes[1], blocks)
    texts = [name for name in everything if name not in numbers]
    yield figure(f"{len(texts)} texts; {fixed[0]}", texts, fixed[1], 1, cut_off=True, peer=False)
    sizes = ", ".join(memory(numbers, count) for count in (50_000, BLOCK))
    yield Figure("memory of the engine, with the curve", sizes, "bounded")


def needs_the_curve(name: str) -> bool:
    graph = model_graph()
    needed = graph.needs([name], stop_at=CUT)
    return any(graph.axes[each] is not None and isinstance(graph[each], Derived) for each in needed)


def figure(
    what: str, names: list[str], choices: str, blocks: int, *, cut_off: bool = False, peer: bool = True
) -> Figure:
    """The rate over some blocks of newly drawn scenarios; drawing does not count."""
    took = 0.0
    for seed in range(blocks):
        given = drawn(BLOCK, choices, cut_off, seed)
        start = time.perf_counter()
        for _ in evaluate_in_chunks(model_graph(), given, names):
            pass
        took += time.perf_counter() - start
    rate = blocks * BLOCK / took
    beside = against_plain_python(names, choices, cut_off, rate) if peer else ""
    return Figure(what, f"{rate:,.0f}/s", BUDGET if peer else "", beside)


def against_plain_python(names: list[str], choices: str, cut_off: bool, rate: float) -> str:
    """The same quantities of a few scenarios, one at a time; stops if they are not the same numbers."""
    given = drawn(ONE_BY_ONE, choices, cut_off, 0)
    model = plain_function(model_graph(), names, given)
    scenarios = [one_of(given, place) for place in range(ONE_BY_ONE)]
    start = time.perf_counter()
    found = [model(scenario) for scenario in scenarios]
    theirs = ONE_BY_ONE / (time.perf_counter() - start)
    values = evaluate(model_graph(), given, names)
    for name in names:
        np.testing.assert_allclose(np.broadcast_to(values[name], ONE_BY_ONE), [f[name] for f in found], 1e-9, 1e-12)
    return against(f"plain Python ({theirs:,.0f}/s)", theirs, rate, more_is_better=True)


def one_of(given: Values, place: int) -> Values:
    """The plain values of one scenario, tables and all."""
    graph = model_graph()
    own = {name: value[place] if np.ndim(value) and not graph.axes[name] else value for name, value in given.items()}
    return {name: value.tolist() if hasattr(value, "tolist") else value for name, value in own.items()}


def drawn(count: int, choices: str, cut_off: bool, seed: int) -> Values:
    """The standard study's base with every number drawn anew; choices as they are, or drawn as labels or codes."""
    random = np.random.default_rng(seed)
    values = {name: _drawn(random, given, count, choices != "none") for name, given in decided().items()}
    if choices == "codes":
        of_choices = [given for given in decided().values() if given.choices]
        values |= {f"{each.name}_code": random.integers(1, len(labels_of(each)) + 1, count) for each in of_choices}
    if cut_off:
        values |= {"concurrency": random.uniform(1, 60, count), "serving_state": 0}
    return fixed_values() | values


def _drawn(random: np.random.Generator, given: Given, count: int, choices: bool) -> Any:
    """An assumption within its band, another number around the standard one."""
    if given.choices:
        return random.choice(labels_of(given), count) if choices else standard_values()[given.name]
    known, base, most = assumptions().get(given.name), standard_values()[given.name], given.bounds.at_most
    low, high = (known.low, known.high) if known else (float(base) * 0.7, float(base) * 1.3)
    values = np.minimum(random.uniform(low, high, count), np.inf if most is None else most)
    return np.maximum(np.rint(values), 1).astype(int) if given.bounds.whole else values


def memory(names: list[str], count: int) -> str:
    """The most that the engine holds at a time beside its inputs."""
    given = drawn(count, "none", False, 0)
    tracemalloc.start()
    for _ in evaluate_in_chunks(model_graph(), given, names):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"{peak / 1e6:.0f} MB for {count:,}"


if __name__ == "__main__":
    main()
