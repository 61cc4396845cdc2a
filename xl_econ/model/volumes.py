"""Volumes: own and hosted cost on a grid of volumes, with whole replicas; for the chart of the break-even."""

import numpy as np

from xl_econ.core.operations import ceil_whole
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION


@derived("replica", "Replicas that the grid of volumes reaches", source=DEFINITION)
def grid_end_replicas(break_even_state, for_good_replicas):
    """One more than those from which on own stays cheaper; two where the API always is."""
    return np.where(break_even_state > 0, 2, for_good_replicas + 1)


@derived("Mtoken/day", "Volume, on the grid", source=DEFINITION)
def grid_m_tokens_per_day(level_position, level_count, grid_end_replicas, replica_m_tokens_per_day):
    return level_position / level_count * grid_end_replicas * replica_m_tokens_per_day


@derived("replica", "Replicas that carry the volume", source=ACCOUNTING)
def grid_replicas(level_position, level_count, grid_end_replicas, slack):
    return np.maximum(1, ceil_whole(level_position / level_count * grid_end_replicas, slack))


@derived("USD/day", "Own cost of the volume", source=ACCOUNTING)
def grid_own_usd_per_day(
    standing_usd_per_day, grid_replicas, replica_usd_per_day, grid_m_tokens_per_day, marginal_usd_per_m_tokens
):
    return (
        standing_usd_per_day + grid_replicas * replica_usd_per_day + grid_m_tokens_per_day * marginal_usd_per_m_tokens
    )


@derived("USD/day", "Hosted cost of the volume", source=ACCOUNTING)
def grid_hosted_usd_per_day(grid_m_tokens_per_day, hosted_usd_per_m_tokens, integration_usd_per_day):
    return grid_m_tokens_per_day * hosted_usd_per_m_tokens + integration_usd_per_day


@derived("Mtoken/day", "Break-even, as it is drawn", source=DEFINITION)
def drawn_m_tokens_per_day(break_even_state, break_even_m_tokens_per_day):
    """At the origin where there is none."""
    return np.where(break_even_state > 0, 0, break_even_m_tokens_per_day)


@derived("USD/day", "Cost at the break-even, as it is drawn", source=ACCOUNTING)
def drawn_usd_per_day(break_even_state, drawn_m_tokens_per_day, hosted_usd_per_m_tokens, integration_usd_per_day):
    cost = drawn_m_tokens_per_day * hosted_usd_per_m_tokens + integration_usd_per_day
    return np.where(break_even_state > 0, 0, cost)
