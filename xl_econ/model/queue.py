"""Queue: what users see below saturation, where requests arrive at random and a replica serves many at once.

From the states of `chain`: sequences that run and wait, who waits and for how long, and who is refused. Latency is
that of the curve among the sequences that a request joins, and waiting comes before it.
"""

import numpy as np

from xl_econ.core.operations import at_most, choose, pick, total
from xl_econ.core.quantity import derived
from xl_econ.model.chain import level_below
from xl_econ.model.sources import DEFINITION, POOL_QUEUE, QUEUE

STATE = "queue_state"


@derived("1", "Share of time in which the running limit is reached", source=QUEUE)
def limit_reached_share(waiting_log_start, queue_log_top, waiting_weight, queue_weight):
    return (np.exp(waiting_log_start - queue_log_top) + waiting_weight) / queue_weight


@derived("sequence", "Sequences running in one replica at this load, mean", source=QUEUE, state=STATE)
def mean_running(segment_weighted_sequences, running_limit, waiting_weight, queue_weight):
    return (total(segment_weighted_sequences) + running_limit * waiting_weight) / queue_weight


@derived("request", "Requests waiting at one replica, mean", source=QUEUE, state=STATE)
def mean_waiting(waiting_weight, waiting_mean, queue_weight):
    return waiting_weight * waiting_mean / queue_weight


@derived("1", "Share of requests refused: all waiting places are taken", source=QUEUE, state=STATE)
def refused_share(waiting_log_start, waiting_log_gain, queue_log_top, queue_weight):
    """Arrivals at random see the states as often as time does."""
    return np.exp(waiting_log_start + waiting_log_gain - queue_log_top) / queue_weight


@derived("request/s", "Requests that one replica takes in, or two pools together", source=QUEUE, state=STATE)
def accepted_requests_per_s(arrival_requests_per_s, refused_share):
    return arrival_requests_per_s * (1 - refused_share)


@derived("1", "Share of accepted requests that wait", source=QUEUE, state=STATE)
def waits_share(limit_reached_share, refused_share):
    return (limit_reached_share - refused_share) / (1 - refused_share)


@derived("ms", "Waiting time at this load, mean", source=QUEUE, state=STATE)
def waiting_ms(mean_waiting, decoding_replicas, accepted_requests_per_s, ms_per_s, prefill_waiting_ms):
    """By Little's law, over all accepted requests; and before that for the prefill pool, where there is one."""
    return mean_waiting * decoding_replicas / accepted_requests_per_s * ms_per_s + prefill_waiting_ms


@derived("ms", "Waiting time at this load, 95 % of requests are below", source=QUEUE, state=STATE)
def waiting_p95_ms(
    waits_share,
    late_share,
    limit_requests_per_s,
    queue_pace,
    queue_utilisation,
    slack,
    ms_per_s,
    prefill_waiting_p95_ms,
):
    """Behind the running limit waiting falls off as an exponential: exactly, if places were without end.

    Of two pools the sum of both, which fewer are above.
    """
    logarithm = np.log(np.maximum(waits_share, late_share) / late_share)
    spare = np.maximum(1 - queue_utilisation, slack)
    return logarithm / (limit_requests_per_s * queue_pace * spare) * ms_per_s + prefill_waiting_p95_ms


@derived("request/s", "Prefill pool: requests that it ends", source=DEFINITION)
def prefill_pool_requests_per_s(prefill_pool_tokens_per_s, input_tokens):
    return prefill_pool_tokens_per_s / input_tokens


@derived("1", "Prefill pool: arrivals over what it ends", source=QUEUE)
def prefill_pool_utilisation(serving_mode_code, arrival_requests_per_s, prefill_pool_requests_per_s):
    """0 where prefill has no accelerators of its own."""
    return choose(serving_mode_code, 0, arrival_requests_per_s / prefill_pool_requests_per_s, 0)


@derived("1", "Prefill pool: share of requests that wait for it", source=POOL_QUEUE)
def prefill_waits_share(prefill_pool_utilisation, prefill_accelerators, replica_accelerators, slack):
    """Of c servers about the utilisation to the power of sqrt(2 (c + 1)) - 1: exactly, of one."""
    servers = prefill_accelerators / replica_accelerators
    return np.minimum(prefill_pool_utilisation, 1) ** np.maximum(np.sqrt(2 * (servers + 1)) - 1, slack)


@derived("request/s", "Prefill pool: what it could end beyond the arrivals", source=QUEUE)
def prefill_pool_spare_requests_per_s(prefill_pool_requests_per_s, prefill_pool_utilisation, slack):
    return prefill_pool_requests_per_s * np.maximum(1 - prefill_pool_utilisation, slack)


@derived("ms", "Waiting for the prefill pool, mean", source=POOL_QUEUE)
def prefill_waiting_ms(prefill_waits_share, prefill_pool_spare_requests_per_s, ms_per_s):
    """Prompts take one time each: half of what they would wait if times varied as an exponential."""
    return prefill_waits_share / prefill_pool_spare_requests_per_s / 2 * ms_per_s


@derived("ms", "Waiting for the prefill pool, 95 % of requests are below", source=POOL_QUEUE)
def prefill_waiting_p95_ms(prefill_waits_share, late_share, prefill_pool_spare_requests_per_s, ms_per_s):
    logarithm = np.log(np.maximum(prefill_waits_share, late_share) / late_share)
    return logarithm / prefill_pool_spare_requests_per_s / 2 * ms_per_s


@derived("sequence", "Sequences that a request runs among, itself included, mean", source=QUEUE)
def joined_concurrency(mean_running, limit_reached_share):
    """An arrival finds the mean and adds itself, but where it only takes the place of one that ended."""
    return mean_running + 1 - limit_reached_share


@derived("1", "Level of the curve below it", source=QUEUE)
def joined_level(joined_concurrency, max_concurrency, level_count, slack):
    return level_below(joined_concurrency, max_concurrency, level_count, slack)


@derived("1", "Level of the curve above it", source=QUEUE)
def joined_next_level(joined_level):
    return joined_level + 1


@derived("1", "Way from the one level to the other", source=QUEUE)
def joined_way(joined_concurrency, level_concurrency, joined_level, joined_next_level, slack):
    below = pick(level_concurrency, joined_level)
    apart = pick(level_concurrency, joined_next_level) - below
    return np.where(apart > slack, (joined_concurrency - below) / np.maximum(apart, slack), 0)


def _on_the_way(values, level, next_level, way):
    return (1 - way) * pick(values, level) + way * pick(values, next_level)


@derived("ms", "Time to first token of a request that runs at once", source=QUEUE)
def started_ttft_ms(level_ttft_ms, joined_level, joined_next_level, joined_way):
    """As on the curve, among the sequences that it joins."""
    return _on_the_way(level_ttft_ms, joined_level, joined_next_level, joined_way)


@derived("ms", "Time to first token at this load, mean", source=QUEUE, state=STATE)
def ttft_at_load_ms(started_ttft_ms, waiting_ms):
    return started_ttft_ms + waiting_ms


@derived("ms", "Time to first token at this load, 95 % by waiting alone", source=QUEUE, state=STATE)
def ttft_at_load_p95_ms(started_ttft_ms, waiting_p95_ms):
    """Only waiting varies here; prompts of other lengths are not counted."""
    return started_ttft_ms + waiting_p95_ms


@derived("ms", "Time between tokens at this load, mean", source=QUEUE, state=STATE)
def itl_at_load_ms(level_itl_ms, joined_level, joined_next_level, joined_way):
    return _on_the_way(level_itl_ms, joined_level, joined_next_level, joined_way)


@derived("ms", "Time from arrival to the last token at this load, mean", source=QUEUE, state=STATE)
def request_at_load_ms(
    mean_running,
    mean_waiting,
    decoding_replicas,
    accepted_requests_per_s,
    ms_per_s,
    serving_mode_code,
    prefill_waiting_ms,
    ttft_own_ms,
):
    """By Little's law; a prefill pool comes before."""
    pool_ms = choose(serving_mode_code, 0, prefill_waiting_ms + ttft_own_ms, 0)
    return (mean_running + mean_waiting) * decoding_replicas / accepted_requests_per_s * ms_per_s + pool_ms


@derived("1", "The queue is not saturated, and is computed for this method and mode", source=DEFINITION)
def queue_fault(corrects_batching, check_memory, queue_utilisation, prefill_pool_utilisation, slack):
    """0: so it is. 1: saturated, as is what holds no sequence. 2: left aside, as by the article."""
    busier = np.maximum(queue_utilisation, prefill_pool_utilisation)
    saturated = np.where(at_most(1, busier, slack), 1, check_memory)
    return np.where(corrects_batching > 0, saturated, 2)


@derived("1", "State of the queue", source=DEFINITION)
def queue_state(serving_state, queue_fault):
    """As the state of the results; 4: saturated, times are without end; 5: left aside."""
    return np.where(serving_state > 0, serving_state, np.where(queue_fault > 0, 1 + queue_fault + 2, 0))


@derived("text", "Queue", source=DEFINITION, takes={"state_labels": "lists.state"})
def queue_state_label(state_labels, queue_state):
    return pick(state_labels, queue_state + 1)
