"""Curve: concurrency levels, which of them meet the limits, and the best point between them."""

import numpy as np

from xl_econ.core.operations import at_most, choose, largest, last_within, pick
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION, ROOFLINE


@derived("sequence", "Highest concurrency on the curve, one replica", source=DEFINITION)
def max_concurrency(corrects_batching, memory_concurrency, sequence_limit, data_parallel):
    """What fits in memory and what an engine runs; one at least, and one in the article."""
    most = np.maximum(1, np.minimum(memory_concurrency, sequence_limit * data_parallel))
    return np.where(corrects_batching > 0, most, 1)


@derived("1", "Place of the level between first and last", source=DEFINITION)
def level_share(level_position, level_count):
    return (level_position - 1) / (level_count - 1)


@derived("1", "Levels of the curve", source=DEFINITION)
def level_count(level_position):
    return largest(level_position)


@derived("sequence", "Concurrency", source=ROOFLINE)
def level_concurrency(max_concurrency, level_share):
    """Equal ratios from 1 to the highest."""
    return np.exp(level_share * np.log(max_concurrency))


@derived("1", "Last level that meets both limits", source=DEFINITION)
def best_level(level_ttft_ms, ttft_slo_ms, level_itl_ms, itl_slo_ms, level_position, slack):
    return last_within(level_position, level_ttft_ms, ttft_slo_ms, level_itl_ms, itl_slo_ms, slack)


@derived("1", "Last level that meets both limits, or the first", source=DEFINITION)
def last_level(best_level):
    return np.maximum(best_level, 1)


@derived("1", "Level after it", source=DEFINITION)
def next_level(last_level, level_count):
    return np.minimum(last_level + 1, level_count)


@derived("sequence", "Concurrency at the last level that meets the limits", source=DEFINITION)
def last_concurrency(level_concurrency, last_level):
    return pick(level_concurrency, last_level)


@derived("sequence", "Concurrency at the level after it", source=DEFINITION)
def next_concurrency(level_concurrency, next_level):
    return pick(level_concurrency, next_level)


@derived("ms", "Time between tokens at the last level that meets the limits", source=DEFINITION)
def last_itl_ms(level_itl_ms, last_level):
    return pick(level_itl_ms, last_level)


@derived("ms", "Time between tokens at the level after it", source=DEFINITION)
def next_itl_ms(level_itl_ms, next_level):
    return pick(level_itl_ms, next_level)


@derived("ms", "Time to first token at the last level that meets the limits", source=DEFINITION)
def last_ttft_ms(level_ttft_ms, last_level):
    return pick(level_ttft_ms, last_level)


@derived("ms", "Time to first token at the level after it", source=DEFINITION)
def next_ttft_ms(level_ttft_ms, next_level):
    return pick(level_ttft_ms, next_level)


@derived("1", "Way to the next level until the time between tokens is reached", source=ROOFLINE)
def itl_way(last_itl_ms, next_itl_ms, itl_slo_ms):
    """Linear between the two levels; 1 if the next level meets the limit too."""
    exceeds = np.logical_and(next_itl_ms > itl_slo_ms, next_itl_ms > last_itl_ms)
    return np.where(exceeds, (itl_slo_ms - last_itl_ms) / (next_itl_ms - last_itl_ms), 1)


@derived("1", "Way to the next level until the time to first token is reached", source=ROOFLINE)
def ttft_way(last_ttft_ms, next_ttft_ms, ttft_slo_ms):
    return itl_way(last_ttft_ms, next_ttft_ms, ttft_slo_ms)


@derived("sequence", "Best concurrency of one replica", source=ROOFLINE)
def best_concurrency(last_concurrency, next_concurrency, itl_way, ttft_way):
    """Between the last level that meets the limits and the next, so that cost is no staircase."""
    way = np.maximum(0, np.minimum(itl_way, ttft_way))
    return last_concurrency + way * (next_concurrency - last_concurrency)


@derived("sequence", "Sequences running in one replica", source=ROOFLINE, state="serving_state")
def concurrency(concurrency_from_code, best_concurrency, own_concurrency, max_concurrency):
    """An own concurrency is cut to what fits."""
    return choose(concurrency_from_code, best_concurrency, np.minimum(own_concurrency, max_concurrency))


@derived("1", "State of the results", source=DEFINITION)
def serving_state(memory_concurrency, corrects_batching, concurrency_from_code, best_level, slack):
    """0: valid. 1: not even one sequence fits. 2: no level of concurrency meets the limits."""
    unmet = np.where(best_level < 1, 2, 0)
    late = choose(concurrency_from_code, corrects_batching * unmet, 0)
    return np.where(at_most(1, memory_concurrency, slack), late, 1)


@derived("text", "Results", source=DEFINITION, takes={"state_labels": "lists.state"})
def serving_state_label(state_labels, serving_state):
    return pick(state_labels, serving_state + 1)
