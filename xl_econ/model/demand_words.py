"""Demand in words: what base load is reserved and what that costs; where the hosted API is cheaper."""

import numpy as np

from xl_econ.core.operations import fixed, join
from xl_econ.core.quantity import derived
from xl_econ.model.sources import DEFINITION


@derived("text", "Base load reserved, the rest by the hour", source=DEFINITION)
def mix_headline(
    mix_state,
    mix_state_label,
    reserved_replicas,
    kept_replicas,
    mix_usd_per_month,
    all_reserved_usd_per_month,
    all_on_demand_usd_per_month,
):
    """What is reserved, and the three costs."""
    base = join("Reserved: ", fixed(reserved_replicas, 0), " of ", fixed(kept_replicas, 0), " replicas. ")
    mix = join(fixed(mix_usd_per_month, 0), " USD a month; all reserved ", fixed(all_reserved_usd_per_month, 0))
    return np.where(
        mix_state > 0, mix_state_label, join(base, mix, ", all on demand ", fixed(all_on_demand_usd_per_month, 0))
    )


@derived("text", "Where the hosted API is cheaper, demand by the hour", source=DEFINITION)
def bands_headline(
    bands_state,
    bands_state_label,
    hosted_band_count,
    turn_count,
    bands_words,
    volume_capacity,
    volume_end_m_requests_per_month,
):
    """Band by band, as far as the grid of volumes reaches."""
    everywhere = join("at all volumes up to ", fixed(volume_end_m_requests_per_month, 2), " M requests a month")
    where = np.where(turn_count > 0, bands_words, everywhere)
    hosted = join("The hosted API is cheaper ", where, " (against ", volume_capacity, ")")
    own = join("Cheaper than the hosted API ", everywhere, ": ", volume_capacity)
    return np.where(bands_state > 0, bands_state_label, np.where(hosted_band_count > 0, hosted, own))
