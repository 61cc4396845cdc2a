"""Chain: how likely each number of sequences in a replica is, where requests arrive at random.

A chain of states, by the sequences in a replica. With n of them running, it ends n per cycle of n; beyond the running
limit requests wait, and where no place is left they are refused. A state n is less likely than the one before it by
the rate of arrivals over the rate of service at n. The states that matter are cut into as many segments as the curve
has levels; inside a segment the rate of service is held at the segment's middle, so that it is a geometric sum. A
segment of one state is exact, and the segments lie close where the chain spends its time: held at the end of a
segment of the curve, the rate of service would make the running sequences a fifth too many or too few.
"""

import numpy as np

from xl_econ.core.operations import at, ceil_whole, choose, floor_whole, largest, pick, total, total_below
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION, QUEUE

# --- Load and limits ---------------------------------------------------------------------------


@derived("1", "Load over the average", source=DEFINITION)
def queue_peak_factor(sizing_code, queue_load_code, peak_to_average):
    """Where replicas are given, their utilisation is the load."""
    return np.where(np.minimum(sizing_code, queue_load_code) > 1, peak_to_average, 1)


@derived("request/s", "Requests that arrive at one replica, or at two pools together", source=DEFINITION)
def arrival_requests_per_s(utilisation, queue_peak_factor, unit_requests_per_s):
    return utilisation * queue_peak_factor * unit_requests_per_s


@derived("replica", "Replicas that share those arrivals and decode", source=DEFINITION)
def decoding_replicas(serving_mode_code, decode_accelerators, replica_accelerators):
    return choose(serving_mode_code, 1, decode_accelerators / replica_accelerators, 1)


@derived("1", "Pace of a replica over that of the prediction", source=DEFINITION)
def queue_pace(serving_mode_code, throughput_factor, decode_pool_tokens_per_s, decode_pool_computed_tokens_per_s):
    """1, where no throughput is given."""
    of_pool = decode_pool_tokens_per_s / decode_pool_computed_tokens_per_s
    return choose(serving_mode_code, throughput_factor, of_pool, throughput_factor)


@derived("request/s", "Requests that arrive at one replica that decodes, in the pace of the prediction", source=QUEUE)
def paced_requests_per_s(arrival_requests_per_s, decoding_replicas, queue_pace):
    """A replica twice as fast as predicted is to its load what one as predicted is to half of it."""
    return arrival_requests_per_s / decoding_replicas / queue_pace


@derived("sequence", "Running limit of one replica", source=DEFINITION)
def running_limit(max_concurrency, slack):
    """What fits in memory and what an engine runs, in whole sequences."""
    return floor_whole(max_concurrency, slack)


@derived("request/s", "Requests that one replica ends", source=QUEUE)
def level_requests_per_s(level_concurrency, level_cycle_ms, ms_per_s):
    return level_concurrency / level_cycle_ms * ms_per_s


@derived("ms/sequence", "Rise of the cycle to the next level", source=QUEUE)
def level_cycle_rise_ms_per_sequence(level_cycle_ms, level_concurrency, level_position, level_count, slack):
    following = np.minimum(level_position + 1, level_count)
    more = at(level_concurrency, following) - level_concurrency
    rise = (at(level_cycle_ms, following) - level_cycle_ms) / np.maximum(more, slack)
    return np.where(more > slack, rise, 0)


@derived("1", "Level, if it ends fewer requests than arrive, else 0", source=QUEUE)
def level_falls_behind(level_requests_per_s, paced_requests_per_s, level_position):
    return np.where(level_requests_per_s < paced_requests_per_s, level_position, 0)


@derived("1", "Level from which the load is balanced", source=QUEUE)
def balance_level(level_falls_behind, level_count):
    return np.minimum(np.maximum(largest(level_falls_behind), 1), level_count - 1)


@derived("ms/sequence", "Rise of the cycle there", source=QUEUE)
def balance_rise_ms_per_sequence(level_cycle_rise_ms_per_sequence, balance_level):
    return pick(level_cycle_rise_ms_per_sequence, balance_level)


@derived("1", "Share of the cycle there that does not rise with sequences", source=QUEUE)
def balance_fixed_share(paced_requests_per_s, balance_rise_ms_per_sequence, ms_per_s, slack):
    return np.maximum(1 - paced_requests_per_s * balance_rise_ms_per_sequence / ms_per_s, slack)


@derived("sequence", "Sequences with which a replica ends what arrives", source=QUEUE)
def balance_concurrency(
    paced_requests_per_s,
    level_cycle_ms,
    level_concurrency,
    balance_level,
    balance_rise_ms_per_sequence,
    balance_fixed_share,
    ms_per_s,
    running_limit,
):
    """Where a line through two levels crosses the load; the chain spends its time around it."""
    fixed_ms = pick(level_cycle_ms, balance_level) - balance_rise_ms_per_sequence * pick(
        level_concurrency, balance_level
    )
    return np.minimum(paced_requests_per_s * fixed_ms / ms_per_s / balance_fixed_share, running_limit)


@derived("1", "Variance of the sequences in a replica", source=QUEUE)
def balance_variance(balance_concurrency, balance_fixed_share):
    """That of a chain whose cycle rises on a line: a negative binomial distribution."""
    return (balance_concurrency + 1) / balance_fixed_share


@derived("sequence", "Standard deviation of the sequences in a replica", source=QUEUE)
def balance_spread(balance_variance):
    return np.sqrt(balance_variance)


# --- Segments of states ------------------------------------------------------------------------


@derived("sequence", "States from here", source=QUEUE)
def first_state(balance_concurrency, queue_reach, balance_spread):
    return np.maximum(balance_concurrency - queue_reach * balance_spread, 0)


@derived("sequence", "Width of a segment of states", source=QUEUE)
def state_width(balance_concurrency, queue_reach, balance_spread, running_limit, first_state, level_count):
    last = np.minimum(balance_concurrency + queue_reach * balance_spread, running_limit)
    return (last - first_state) / (level_count - 1)


@derived("sequence", "Segment of states: last", source=QUEUE)
def segment_to(level_position, level_count, first_state, state_width, running_limit, slack):
    """Whole sequences; the last segment reaches to the running limit."""
    reached = ceil_whole(first_state + (level_position - 1) * state_width, slack)
    return np.where(level_position < level_count, reached, running_limit)


@derived("sequence", "Segment of states: last of the one before", source=QUEUE)
def segment_from(segment_to, level_position):
    """Before the first segment there is only the empty replica."""
    return np.where(level_position > 1, at(segment_to, np.maximum(level_position - 1, 1)), 0)


@derived("sequence", "Segment of states: number", source=QUEUE)
def segment_states(segment_to, segment_from):
    return segment_to - segment_from


@derived("sequence", "Segment of states: sequences in its middle", source=QUEUE)
def segment_middle(segment_from, segment_to):
    return (segment_from + 1 + segment_to) / 2


@derived("1", "Segment of states: level of the curve below its middle", source=QUEUE)
def segment_level(segment_middle, max_concurrency, level_count, slack):
    return level_below(segment_middle, max_concurrency, level_count, slack)


def level_below(running, max_concurrency, level_count, slack):
    """Levels have equal ratios, so that a logarithm finds the place; the last level has none after it."""
    ratio = np.log(np.maximum(running, 1)) / np.maximum(np.log(max_concurrency), slack)
    return np.minimum(1 + floor_whole(ratio * (level_count - 1), slack), level_count - 1)


@derived("ms", "Segment of states: cycle in its middle", source=QUEUE)
def segment_cycle_ms(
    segment_middle, segment_level, level_cycle_ms, level_concurrency, level_cycle_rise_ms_per_sequence
):
    beyond = segment_middle - at(level_concurrency, segment_level)
    return at(level_cycle_ms, segment_level) + beyond * at(level_cycle_rise_ms_per_sequence, segment_level)


@derived("1", "Segment of states: logarithm of arrivals over service", source=QUEUE)
def segment_log_load(paced_requests_per_s, segment_middle, segment_cycle_ms, ms_per_s):
    """Above 0 each state is likelier than the one before it, below 0 less likely."""
    return np.log(paced_requests_per_s * segment_cycle_ms / segment_middle / ms_per_s)


@derived("1", "Segment of states: logarithm of the weight gained over it", source=QUEUE)
def segment_log_gain(segment_states, segment_log_load):
    return segment_states * segment_log_load


@derived("1", "Segment of states: logarithm of the weight before it", source=QUEUE)
def segment_log_start(segment_log_gain, level_position):
    return total_below(segment_log_gain, level_position, level_position)


@derived("1", "Segment of states: logarithm of its heaviest state's weight", source=QUEUE)
def segment_log_top(segment_log_start, segment_log_load, segment_log_gain):
    return _log_top(segment_log_start, segment_log_load, segment_log_gain)


def _log_top(log_start, log_load, log_gain):
    """The last state where the weights rise, the first where they fall."""
    return log_start + np.where(log_load > 0, log_gain, log_load)


@derived("1", "Segment of states: slope of one state", source=QUEUE)
def segment_state_slope(segment_log_load):
    return _slope(segment_log_load)


@derived("1", "Segment of states: slope of all states", source=QUEUE)
def segment_slope(segment_log_gain):
    return _slope(segment_log_gain)


def _slope(log_ratio):
    """tanh(x / 2) carries (1 - exp(-x)) without loss of digits where x is small."""
    return np.tanh(np.abs(log_ratio) / 2)


@derived("1", "Segment of states: sum of its weights over the heaviest", source=QUEUE)
def segment_sum(segment_states, segment_state_slope, segment_slope, slack):
    return _geometric_sum(segment_states, segment_state_slope, segment_slope, slack)


def _geometric_sum(states, state_slope, slope, slack):
    """(1 - r^m) / (1 - r) for weights that fall by r; m where they hardly fall, or where there is no state."""
    some = slope / (1 + slope) / (np.maximum(state_slope, slack) / (1 + state_slope))
    return np.where(state_slope > slack, some, states)


@derived("sequence", "Segment of states: mean distance from the heaviest", source=QUEUE)
def segment_distance(segment_states, segment_state_slope, segment_slope, slack):
    return _mean_distance(segment_states, segment_state_slope, segment_slope, slack)


def _mean_distance(states, state_slope, slope, slack):
    """The mean of 0 to m - 1 under weights that fall by r: 1 / (1/r - 1) - m / (1/r^m - 1)."""
    falls = (1 / np.maximum(state_slope, slack) - 1) / 2 - states * (1 / np.maximum(slope, slack) - 1) / 2
    return np.where(state_slope > slack, falls, (states - 1) / 2)


@derived("sequence", "Segment of states: mean sequences", source=QUEUE)
def segment_mean(segment_log_load, segment_from, segment_to, segment_distance):
    return np.where(segment_log_load > 0, segment_to - segment_distance, segment_from + 1 + segment_distance)


# --- States of waiting -------------------------------------------------------------------------


@derived("1", "Level of the curve below the running limit", source=QUEUE)
def limit_level(running_limit, max_concurrency, level_count, slack):
    return level_below(running_limit, max_concurrency, level_count, slack)


@derived("ms", "Cycle at the running limit", source=QUEUE)
def limit_cycle_ms(running_limit, limit_level, level_cycle_ms, level_concurrency, level_cycle_rise_ms_per_sequence):
    beyond = running_limit - pick(level_concurrency, limit_level)
    return pick(level_cycle_ms, limit_level) + beyond * pick(level_cycle_rise_ms_per_sequence, limit_level)


@derived("request/s", "Requests that one replica ends at the running limit", source=QUEUE)
def limit_requests_per_s(running_limit, limit_cycle_ms, ms_per_s):
    return running_limit / limit_cycle_ms * ms_per_s


@derived("1", "Load on the queue: arrivals over service at the running limit", source=QUEUE)
def queue_utilisation(paced_requests_per_s, limit_requests_per_s):
    return paced_requests_per_s / limit_requests_per_s


@derived("1", "States of waiting: logarithm of arrivals over service", source=QUEUE)
def waiting_log_load(queue_utilisation):
    return np.log(queue_utilisation)


@derived("1", "States of waiting: logarithm of the weight gained over them", source=QUEUE)
def waiting_log_gain(waiting_places, waiting_log_load):
    return waiting_places * waiting_log_load


@derived("1", "States of waiting: logarithm of the weight before them", source=QUEUE)
def waiting_log_start(segment_log_gain):
    return total(segment_log_gain)


@derived("1", "States of waiting: logarithm of the heaviest one's weight", source=QUEUE)
def waiting_log_top(waiting_log_start, waiting_log_load, waiting_log_gain):
    return _log_top(waiting_log_start, waiting_log_load, waiting_log_gain)


@derived("1", "States of waiting: slope of one state", source=QUEUE)
def waiting_state_slope(waiting_log_load):
    return _slope(waiting_log_load)


@derived("1", "States of waiting: slope of all states", source=QUEUE)
def waiting_slope(waiting_log_gain):
    return _slope(waiting_log_gain)


@derived("1", "States of waiting: sum of their weights over the heaviest", source=QUEUE)
def waiting_sum(waiting_places, waiting_state_slope, waiting_slope, slack):
    return _geometric_sum(waiting_places, waiting_state_slope, waiting_slope, slack)


@derived("sequence", "States of waiting: mean distance from the heaviest", source=QUEUE)
def waiting_distance(waiting_places, waiting_state_slope, waiting_slope, slack):
    return _mean_distance(waiting_places, waiting_state_slope, waiting_slope, slack)


@derived("sequence", "States of waiting: mean waiting", source=QUEUE)
def waiting_mean(waiting_log_load, waiting_places, waiting_distance):
    return np.where(waiting_log_load > 0, waiting_places - waiting_distance, 1 + waiting_distance)


# --- Weights -----------------------------------------------------------------------


@derived("1", "Logarithm of the heaviest state's weight", source=QUEUE)
def queue_log_top(segment_log_top, waiting_log_top):
    """Taken off every logarithm, so that no exponential overflows; the empty replica's weight is 1."""
    return np.maximum(np.maximum(largest(segment_log_top), waiting_log_top), 0)


@derived("1", "Segment of states: weight", source=QUEUE)
def segment_weight(segment_sum, segment_log_top, queue_log_top):
    return segment_sum * np.exp(segment_log_top - queue_log_top)


@derived("sequence", "Segment of states: weight times mean sequences", source=QUEUE)
def segment_weighted_sequences(segment_weight, segment_mean):
    return segment_weight * segment_mean


@derived("1", "States of waiting: weight", source=QUEUE)
def waiting_weight(waiting_sum, waiting_log_top, queue_log_top):
    return waiting_sum * np.exp(waiting_log_top - queue_log_top)


@derived("1", "Weight of all states", source=QUEUE)
def queue_weight(segment_weight, waiting_weight, queue_log_top):
    return np.exp(0 - queue_log_top) + total(segment_weight) + waiting_weight
