"""Capacity: what the fleet of today still carries, when it falls short, and what is lost if demand stays below plan."""

import numpy as np

from xl_econ.core.operations import fixed, how_many_positive, join, largest, match, pick, total
from xl_econ.core.quantity import derived
from xl_econ.model.plan import replicas_for
from xl_econ.model.plan_supply import unused
from xl_econ.model.sources import ACCOUNTING, DEFINITION

LABELS = {"labels": "lists.plan_state"}

# --- Today -------------------------------------------------------------------------------------


@derived("request/s", "Demand that the fleet of today carries by its own rules", source=ACCOUNTING)
def carried_requests_per_s(needed_replicas, unit_requests_per_s, plan_sizing_ratio):
    """With its peak, headroom and downtime; spare replicas stay spare."""
    return needed_replicas * unit_requests_per_s / plan_sizing_ratio


@derived("request/s", "Spare: further demand without more accelerators", source=ACCOUNTING, state="serving_state")
def spare_requests_per_s(carried_requests_per_s, base_requests_per_s, slack):
    """0 where the number of replicas is given with its utilisation."""
    left = carried_requests_per_s - base_requests_per_s
    return np.where(left > slack * carried_requests_per_s, left, 0)


# --- By month ----------------------------------------------------------------------------------


@derived("accelerator", "Short so far, if nothing is added to the fleet of today", source=ACCOUNTING)
def plan_short_accelerators(plan_most_accelerators, accelerators):
    return np.maximum(plan_most_accelerators - accelerators, 0)


@derived("accelerator", "Needed if demand stays below plan", source=ACCOUNTING)
def plan_low_accelerators(
    plan_month,
    plan_requests_per_s,
    demand_shortfall,
    plan_sizing_ratio,
    plan_unit_requests_per_s,
    spare_replicas,
    slack,
    unit_accelerators,
):
    low = plan_requests_per_s * (1 - demand_shortfall)
    replicas = replicas_for(low, plan_month, plan_sizing_ratio, plan_unit_requests_per_s, spare_replicas, slack)
    return replicas * unit_accelerators


@derived("accelerator", "Rent: paid and not used if demand stays below plan", source=ACCOUNTING)
def plan_low_unused_accelerators(plan_committed_accelerators, take_or_pay_share, plan_low_accelerators):
    return unused(plan_committed_accelerators, take_or_pay_share, plan_low_accelerators)


# --- Over the plan -----------------------------------------------------------------------------


@derived("1", "Place of the state: not short within the plan", source=DEFINITION, takes=LABELS)
def not_short_code(labels):
    return match("not short within the plan", labels)


@derived("1", "State of the date of an order", source=DEFINITION)
def order_state(serving_state, plan_short_accelerators, not_short_code):
    never = np.where(largest(plan_short_accelerators) > 0, 0, not_short_code - 1)
    return np.where(serving_state > 0, 1, never)


@derived("month", "First month in which the fleet of today is too small", source=ACCOUNTING, state="order_state")
def until_short_months(plan_short_accelerators, last_month, one_month):
    return np.minimum(last_month + 1 - how_many_positive(plan_short_accelerators), last_month) * one_month


@derived("month", "Latest month of an order, by the lead time", source=ACCOUNTING, state="order_state")
def until_order_months(until_short_months, lead_months):
    """Below 0: so many months ago."""
    return until_short_months - lead_months


@derived("accelerator", "Short in that month", source=ACCOUNTING, state="order_state")
def first_short_accelerators(plan_short_accelerators, until_short_months, one_month):
    return pick(plan_short_accelerators, until_short_months / one_month + 1)


@derived("accelerator", "Short at the worst of the plan", source=ACCOUNTING, state="order_state")
def most_short_accelerators(plan_short_accelerators):
    return largest(plan_short_accelerators)


@derived("USD", "Commitment that cannot be cancelled", source=ACCOUNTING, state="rent_state")
def non_cancellable_usd(plan_committed_accelerators, take_or_pay_share, committed_usd_per_h, month_hours):
    return total(plan_committed_accelerators) * take_or_pay_share * committed_usd_per_h * month_hours


@derived("USD", "Lost on the commitment if demand stays below plan", source=ACCOUNTING, state="rent_state")
def lost_committed_usd(plan_low_unused_accelerators, plan_unused_accelerators, committed_usd_per_h, month_hours):
    """Hours paid and not used, beyond those of the plan; by the hour and with a hosted API nothing is lost."""
    hours = (total(plan_low_unused_accelerators) - total(plan_unused_accelerators)) * month_hours
    return hours * committed_usd_per_h


@derived("USD", "Lost on owned accelerators if demand stays below plan", source=ACCOUNTING, state="own_state")
def lost_owned_usd(plan_accelerators, plan_low_accelerators, owned_usd_per_accelerator_h, month_hours):
    """Hours of accelerators bought for the plan that stand idle, at their levelised price."""
    return (total(plan_accelerators) - total(plan_low_accelerators)) * month_hours * owned_usd_per_accelerator_h


@derived("text", "Date of an order", source=DEFINITION, takes=LABELS)
def order_state_label(labels, order_state):
    return pick(labels, order_state + 1)


@derived("text", "When to order", source=DEFINITION)
def order_headline(
    order_state, order_state_label, until_short_months, until_order_months, first_short_accelerators, one_month
):
    """What is short when, and by when it has to be ordered."""
    short = join("Short of ", fixed(first_short_accelerators, 0), " accelerators from month ")
    first = join(short, fixed(until_short_months / one_month, 0))
    due = until_order_months / one_month
    order = np.where(
        due < 0, join(": the order is ", fixed(-due, 0), " months late"), join(": order by month ", fixed(due, 0))
    )
    return np.where(order_state > 0, order_state_label, join(first, order))
