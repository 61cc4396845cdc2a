"""Bands: own or rented capacity against the hosted API on a grid of volumes, hour by hour, in whole replicas.

The grid has two volumes for each step: just above the one before, and full. Between them costs are nearly straight,
so that a crossing lies where the line between them says; a step of one replica is exact for capacity that is kept.
"""

import numpy as np

from xl_econ.core.operations import (
    at,
    ceil_whole,
    choose,
    fixed,
    floor_whole,
    how_many_positive,
    join,
    largest,
    nth_largest,
    pick,
    total_whole,
)
from xl_econ.core.quantity import derived
from xl_econ.model.mix import all_hours_usd_per_month
from xl_econ.model.sources import ACCOUNTING, DEFINITION

NONE = "0 where it has none, or starts with the first request"


@derived("replica", "Replicas in a step of the grid", source=DEFINITION)
def step_replicas(grid_end_replicas, kept_replicas, level_count, slack):
    """One, or as many that the grid reaches beyond the break-even and the demand of Inputs."""
    return ceil_whole(np.maximum(grid_end_replicas, kept_replicas + 1) * 2 / level_count, slack)


@derived("1", "Base load of the capacity that is compared, over the mean hour", source=ACCOUNTING)
def compared_base_ratio(volume_capacity_code, hourly_peak_ratio, base_load_ratio):
    """What is kept is what the fullest hour takes: nothing is above it."""
    return choose(volume_capacity_code, hourly_peak_ratio, base_load_ratio)


@derived("USD/h", "Price of an accelerator-hour of that base load", source=ACCOUNTING)
def compared_usd_per_accelerator_h(volume_capacity_code, usd_per_accelerator_h, reserved_usd_per_accelerator_h):
    return choose(volume_capacity_code, usd_per_accelerator_h, reserved_usd_per_accelerator_h)


@derived("USD/month", "Spare replicas and platform", source=ACCOUNTING)
def standing_usd_per_month(
    spare_replicas,
    compared_usd_per_accelerator_h,
    unit_accelerators,
    h_per_month,
    platform_usd_per_h,
):
    """With the platform team of the fleet as it is."""
    spare = all_hours_usd_per_month(spare_replicas * compared_usd_per_accelerator_h, unit_accelerators, h_per_month)
    return spare + platform_usd_per_h * h_per_month


@derived("Mrequest/month", "Volume, step by step", source=DEFINITION)
def volume_m_requests_per_month(level_position, step_replicas, step_edge, replica_m_requests_per_month, slack):
    """Just above the step before, then all of the step."""
    steps = floor_whole(level_position / 2, slack)
    edge = (level_position - 2 * steps) * step_edge
    return (steps * step_replicas + edge) * replica_m_requests_per_month


@derived("replica", "Replicas of the base load, at the volume", source=ACCOUNTING)
def volume_base_replicas(
    minimum_replicas, volume_m_requests_per_month, replica_months_per_m_request, compared_base_ratio, slack
):
    mean = volume_m_requests_per_month * replica_months_per_m_request
    return np.maximum(minimum_replicas, ceil_whole(mean * compared_base_ratio, slack))


@derived("USD/month", "Own or rented capacity for the volume", source=ACCOUNTING)
def volume_capacity_usd_per_month(
    volume_m_requests_per_month,
    replica_months_per_m_request,
    volume_base_replicas,
    week_days,
    hour_load,
    week_hour_count,
    compared_usd_per_accelerator_h,
    above_usd_per_accelerator_h,
    unit_accelerators,
    h_per_month,
    standing_usd_per_month,
    input_tokens,
    output_tokens,
    marginal_usd_per_m_tokens,
    slack,
):
    """The base load at all hours, and each hour's replicas above it."""
    mean = volume_m_requests_per_month * replica_months_per_m_request
    above = (
        total_whole(week_days, hour_load, mean, volume_base_replicas, slack) / week_hour_count - volume_base_replicas
    )
    hourly = volume_base_replicas * compared_usd_per_accelerator_h + above * above_usd_per_accelerator_h
    egress = volume_m_requests_per_month * (input_tokens + output_tokens) * marginal_usd_per_m_tokens
    return all_hours_usd_per_month(hourly, unit_accelerators, h_per_month) + standing_usd_per_month + egress


@derived("USD/month", "Hosted API for the volume", source=ACCOUNTING)
def volume_hosted_usd_per_month(
    volume_m_requests_per_month, input_tokens, output_tokens, hosted_usd_per_m_tokens, integration_usd_per_month
):
    paid = volume_m_requests_per_month * (input_tokens + output_tokens) * hosted_usd_per_m_tokens
    return paid + integration_usd_per_month


@derived("USD/month", "Hosted API over capacity", source=ACCOUNTING)
def volume_gain_usd_per_month(volume_hosted_usd_per_month, volume_capacity_usd_per_month, slack):
    """Where both cost the same, the slack leaves it to the hosted API in every program."""
    return volume_hosted_usd_per_month - volume_capacity_usd_per_month * (1 + slack)


@derived("Mrequest/month", "Crossing since the volume before; 0 if there is none", source=ACCOUNTING)
def volume_turn_m_requests_per_month(volume_gain_usd_per_month, volume_m_requests_per_month, level_position):
    """On the straight line between the two."""
    place = np.maximum(level_position - 1, 1)
    before = at(volume_gain_usd_per_month, place)
    since = at(volume_m_requests_per_month, place)
    way = before / (before - volume_gain_usd_per_month)
    turn = since + way * (volume_m_requests_per_month - since)
    return np.where(before * volume_gain_usd_per_month < 0, turn, 0)


# --- bands in words ----------------------------------------------------------------------------


@derived("1", "Crossings on the grid", source=ACCOUNTING)
def turn_count(volume_turn_m_requests_per_month):
    return how_many_positive(volume_turn_m_requests_per_month)


@derived("1", "Edges of bands", source=ACCOUNTING)
def band_edge_count(turn_count, volume_gain_usd_per_month):
    """All crossings, and 0 if the hosted API is cheaper at first."""
    return turn_count + np.where(pick(volume_gain_usd_per_month, 1) > 0, 0, 1)


@derived("1", "Bands in which the hosted API is cheaper", source=ACCOUNTING)
def hosted_band_count(band_edge_count, slack):
    """Every other one; the last may have no end."""
    return floor_whole((band_edge_count + 1) / 2, slack)


@derived("Mrequest/month", "Volume that the grid reaches", source=DEFINITION)
def volume_end_m_requests_per_month(volume_m_requests_per_month):
    return largest(volume_m_requests_per_month)


def edge_at(turns, standing):
    """The edge that stands at a place by size, the last one first; where that is 0 volume, no crossing is as small."""
    return np.where(standing > 0, nth_largest(turns, np.maximum(standing, 1)), 0)


@derived("Mrequest/month", "Band 1 in which the hosted API is cheaper: from", source=ACCOUNTING, note=NONE)
def band_1_from_m_requests_per_month(volume_turn_m_requests_per_month, band_edge_count):
    return edge_at(volume_turn_m_requests_per_month, band_edge_count)


@derived("Mrequest/month", "Band 1 in which the hosted API is cheaper: to", source=ACCOUNTING, note=NONE)
def band_1_to_m_requests_per_month(volume_turn_m_requests_per_month, band_edge_count):
    return edge_at(volume_turn_m_requests_per_month, band_edge_count - 1)


@derived("Mrequest/month", "Band 2 in which the hosted API is cheaper: from", source=ACCOUNTING, note=NONE)
def band_2_from_m_requests_per_month(volume_turn_m_requests_per_month, band_edge_count):
    return edge_at(volume_turn_m_requests_per_month, band_edge_count - 2)


@derived("Mrequest/month", "Band 2 in which the hosted API is cheaper: to", source=ACCOUNTING, note=NONE)
def band_2_to_m_requests_per_month(volume_turn_m_requests_per_month, band_edge_count):
    return edge_at(volume_turn_m_requests_per_month, band_edge_count - 2 - 1)


@derived("Mrequest/month", "Band 3 in which the hosted API is cheaper: from", source=ACCOUNTING, note=NONE)
def band_3_from_m_requests_per_month(volume_turn_m_requests_per_month, band_edge_count):
    return edge_at(volume_turn_m_requests_per_month, band_edge_count - 2 - 2)


@derived("Mrequest/month", "Band 3 in which the hosted API is cheaper: to", source=ACCOUNTING, note=NONE)
def band_3_to_m_requests_per_month(volume_turn_m_requests_per_month, band_edge_count):
    return edge_at(volume_turn_m_requests_per_month, band_edge_count - 2 - 2 - 1)


def band_words(start, end):
    """A band in words: what starts at 0 is all below, without an end it goes on; a dash if it has neither."""
    between = join("between ", fixed(start, 2), " and ", fixed(end, 2))
    ended = np.where(start > 0, between, join("below ", fixed(end, 2)))
    open_ended = np.where(start > 0, join("above ", fixed(start, 2)), "–")
    return np.where(end > 0, ended, open_ended)


@derived("text", "Band 1 in words", source=DEFINITION)
def band_1_words(band_1_from_m_requests_per_month, band_1_to_m_requests_per_month):
    return band_words(band_1_from_m_requests_per_month, band_1_to_m_requests_per_month)


@derived("text", "Band 2 in words", source=DEFINITION)
def band_2_words(band_2_from_m_requests_per_month, band_2_to_m_requests_per_month):
    return band_words(band_2_from_m_requests_per_month, band_2_to_m_requests_per_month)


@derived("text", "Band 3 in words", source=DEFINITION)
def band_3_words(band_3_from_m_requests_per_month, band_3_to_m_requests_per_month):
    return band_words(band_3_from_m_requests_per_month, band_3_to_m_requests_per_month)


@derived("1", "State of the bands", source=DEFINITION)
def bands_state(volume_capacity_code, money_state, mix_state):
    return choose(volume_capacity_code, money_state, mix_state)


@derived("text", "Bands", source=DEFINITION, takes={"state_labels": "lists.state"})
def bands_state_label(state_labels, bands_state):
    return pick(state_labels, bands_state + 1)


@derived("text", "Bands in which the hosted API is cheaper, in words", source=DEFINITION)
def bands_words(hosted_band_count, band_1_words, band_2_words, band_3_words):
    """Three of them, and how many more there are."""
    more = hosted_band_count - 2 - 1
    second = join(np.where(more + 1 > 0, ", ", " and "), band_2_words)
    third = join(np.where(more > 0, ", ", " and "), band_3_words)
    rest = np.where(more > 0, join("; further bands: ", fixed(more, 0)), "")
    return join(
        band_1_words,
        np.where(hosted_band_count > 1, second, ""),
        np.where(hosted_band_count > 2, third, ""),
        " M requests a month",
        rest,
    )
