"""Mix: what is needed in most hours is reserved, the rest rented by the hour, a part of it on spot."""

import numpy as np

from xl_econ.core.operations import at_most, ceil_whole, choose, largest, pick, total_below, total_product
from xl_econ.core.quantity import derived
from xl_econ.model.sources import ACCOUNTING, DEFINITION

SERVING_STATE, STATE = "serving_state", "mix_state"


@derived("1", "Demand of an hour, if enough hours have as much; else 0", source=ACCOUNTING)
def hour_base_load(hour_load, week_days, week_hour_count, reserved_hours_share, slack):
    """Enough: at least the share of hours in which a reserve must be needed."""
    as_full = 1 - total_below(week_days, hour_load, hour_load) / week_hour_count
    return np.where(at_most(reserved_hours_share, as_full, slack), hour_load, 0)


@derived("1", "Base load over the mean hour", source=ACCOUNTING)
def base_load_ratio(hour_base_load):
    """The largest demand that is reached in enough hours."""
    return largest(hour_base_load)


@derived("replica", "Replicas reserved for the base load", source=ACCOUNTING, state=SERVING_STATE)
def reserved_replicas(minimum_replicas, demand_mean_replicas, base_load_ratio, slack):
    return np.maximum(minimum_replicas, ceil_whole(demand_mean_replicas * base_load_ratio, slack))


@derived("replica", "Reserved replicas at work in an hour", source=ACCOUNTING)
def hour_reserved_replicas(hour_replicas, reserved_replicas):
    return np.minimum(hour_replicas, reserved_replicas)


@derived("replica", "Replicas above the reserve, on average", source=ACCOUNTING, state=SERVING_STATE)
def above_mean_replicas(following_mean_replicas, week_days, hour_reserved_replicas, week_hour_count):
    return following_mean_replicas - total_product(week_days, hour_reserved_replicas) / week_hour_count


@derived("replica", "Of which on spot, on average", source=ACCOUNTING, state=SERVING_STATE)
def spot_mean_replicas(above_mean_replicas, spot_share):
    return above_mean_replicas * spot_share


@derived("replica", "Of which on demand, on average", source=ACCOUNTING, state=SERVING_STATE)
def on_demand_mean_replicas(above_mean_replicas, spot_mean_replicas):
    return above_mean_replicas - spot_mean_replicas


# --- prices ------------------------------------------------------------------------------------


@derived("USD/h", "An accelerator-hour on demand", source=ACCOUNTING)
def on_demand_usd_per_accelerator_h(
    usd_per_accelerator_h_from_code, catalog_usd_per_accelerator_h, own_usd_per_accelerator_h
):
    return choose(usd_per_accelerator_h_from_code, catalog_usd_per_accelerator_h, own_usd_per_accelerator_h)


@derived("USD/h", "An accelerator-hour on spot", source=ACCOUNTING)
def spot_usd_per_accelerator_h(
    usd_per_accelerator_h_from_code, catalog_spot_usd_per_accelerator_h, own_usd_per_accelerator_h, spot_discount
):
    own = own_usd_per_accelerator_h * (1 - spot_discount)
    return choose(usd_per_accelerator_h_from_code, catalog_spot_usd_per_accelerator_h, own)


@derived("USD/h", "An accelerator-hour of the reserve", source=ACCOUNTING)
def reserved_usd_per_accelerator_h(
    reserve_term_code,
    usd_per_accelerator_h_from_code,
    catalog_1y_usd_per_accelerator_h,
    catalog_3y_usd_per_accelerator_h,
    own_usd_per_accelerator_h,
    commitment_discount,
    owned_usd_per_accelerator_h,
):
    own = own_usd_per_accelerator_h * (1 - commitment_discount)
    year = choose(usd_per_accelerator_h_from_code, catalog_1y_usd_per_accelerator_h, own)
    years = choose(usd_per_accelerator_h_from_code, catalog_3y_usd_per_accelerator_h, own)
    return choose(reserve_term_code, year, years, owned_usd_per_accelerator_h)


@derived("USD/h", "An accelerator-hour above the reserve", source=ACCOUNTING)
def above_usd_per_accelerator_h(on_demand_usd_per_accelerator_h, spot_share, spot_usd_per_accelerator_h):
    return on_demand_usd_per_accelerator_h * (1 - spot_share) + spot_usd_per_accelerator_h * spot_share


@derived("1", "Share of hours from which on a reserved replica is the cheaper one", source=ACCOUNTING, state=STATE)
def paying_hours_share(reserved_usd_per_accelerator_h, above_usd_per_accelerator_h):
    """What the reserve costs over what the hour costs; above 100 %: never."""
    paid = above_usd_per_accelerator_h
    return np.where(paid > 0, reserved_usd_per_accelerator_h / paid, 1)


def lacks(price):
    """1 where the catalog has no price."""
    return np.where(price > 0, 0, 1)


@derived("1", "Rents that the catalog lacks", source=DEFINITION)
def lacking_rents(
    usd_per_accelerator_h_from_code,
    on_demand_usd_per_accelerator_h,
    spot_share,
    spot_usd_per_accelerator_h,
    reserve_term_code,
    reserved_usd_per_accelerator_h,
):
    """Of those that are used. Own rents may be 0."""
    reserve = lacks(reserved_usd_per_accelerator_h)
    spot = np.where(spot_share > 0, lacks(spot_usd_per_accelerator_h), 0)
    lacking = lacks(on_demand_usd_per_accelerator_h) + spot + choose(reserve_term_code, reserve, reserve, 0)
    return choose(usd_per_accelerator_h_from_code, lacking, 0)


@derived("1", "State of the costs with a reserve", source=DEFINITION)
def mix_state(serving_state, reserve_term_code, owned_state, lacking_rents, no_price_code):
    """As the state of the results, then whether each price is there."""
    reserve = choose(reserve_term_code, 0, 0, owned_state)
    priced = np.where(lacking_rents > 0, no_price_code - 1, reserve)
    return np.where(serving_state > 0, serving_state, priced)


@derived("text", "Costs with a reserve", source=DEFINITION, takes={"state_labels": "lists.state"})
def mix_state_label(state_labels, mix_state):
    return pick(state_labels, mix_state + 1)


# --- costs -------------------------------------------------------------------------------------


def all_hours_usd_per_month(usd_per_accelerator_h, unit_accelerators, h_per_month):
    """What replicas cost a month, from the prices of an accelerator-hour, each times its replicas."""
    return usd_per_accelerator_h * unit_accelerators * h_per_month


@derived("USD/month", "Cost per month, all reserved", source=ACCOUNTING, state=STATE)
def all_reserved_usd_per_month(
    kept_replicas,
    spare_replicas,
    reserved_usd_per_accelerator_h,
    unit_accelerators,
    h_per_month,
    platform_usd_per_month,
):
    """The fullest hour's replicas at all hours, with spare ones, platform and egress."""
    hourly = (kept_replicas + spare_replicas) * reserved_usd_per_accelerator_h
    return all_hours_usd_per_month(hourly, unit_accelerators, h_per_month) + platform_usd_per_month


@derived("USD/month", "Cost per month, all on demand", source=ACCOUNTING, state=STATE)
def all_on_demand_usd_per_month(
    following_mean_replicas,
    spare_replicas,
    on_demand_usd_per_accelerator_h,
    unit_accelerators,
    h_per_month,
    platform_usd_per_month,
):
    """Each hour's replicas, with spare ones, platform and egress."""
    hourly = (following_mean_replicas + spare_replicas) * on_demand_usd_per_accelerator_h
    return all_hours_usd_per_month(hourly, unit_accelerators, h_per_month) + platform_usd_per_month


@derived("USD/month", "Cost per month, base load reserved", source=ACCOUNTING, state=STATE)
def mix_usd_per_month(
    reserved_replicas,
    spare_replicas,
    reserved_usd_per_accelerator_h,
    above_mean_replicas,
    above_usd_per_accelerator_h,
    unit_accelerators,
    h_per_month,
    platform_usd_per_month,
):
    """Base load and spare replicas reserved, the rest on demand and spot; with platform and egress."""
    hourly = (reserved_replicas + spare_replicas) * reserved_usd_per_accelerator_h
    hourly = hourly + above_mean_replicas * above_usd_per_accelerator_h
    return all_hours_usd_per_month(hourly, unit_accelerators, h_per_month) + platform_usd_per_month
