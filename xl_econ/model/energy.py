"""Energy: power by load, and what a million tokens take of it."""

import numpy as np

from xl_econ.core.operations import choose, match, pick
from xl_econ.core.quantity import derived
from xl_econ.model.constants import NO_POWER
from xl_econ.model.sources import ACCOUNTING, DEFINITION

ENERGY_STATE = "energy_state"


@derived("kW", "Rated power of an accelerator with its server and network, catalog", source=ACCOUNTING)
def catalog_rated_kw(all_in_kw, all_in_pue, tdp_w, w_per_kw, server_power_factor):
    """Without the facility, since the power drawn counts the PUE; from the chip's where the catalog has no more."""
    return np.where(all_in_kw > 0, all_in_kw / all_in_pue, tdp_w / w_per_kw * server_power_factor)


@derived("kW", "Rated power of an accelerator with its server and network", source=ACCOUNTING)
def rated_kw(rated_kw_from_code, catalog_rated_kw, own_rated_kw):
    return choose(rated_kw_from_code, catalog_rated_kw, own_rated_kw)


@derived("1", "Load at which power is counted", source=DEFINITION)
def power_utilisation(utilisation):
    """Demand above the capacity draws no more than full load."""
    return np.minimum(utilisation, 1)


def drawn_share(idle, load, utilisation):
    """Power drawn, of rated."""
    return idle + load * utilisation


@derived("kW", "Power that one accelerator draws, facility included", source=ACCOUNTING, state=ENERGY_STATE)
def accelerator_kw(idle_power_share, load_power_share, power_utilisation, rated_kw, pue):
    return drawn_share(idle_power_share, load_power_share, power_utilisation) * rated_kw * pue


@derived("kW", "Power that all accelerators draw", source=ACCOUNTING, state=ENERGY_STATE)
def fleet_kw(accelerators, accelerator_kw):
    return accelerators * accelerator_kw


@derived("kWh/Mtoken", "Energy of 1 M tokens", source=ACCOUNTING, state=ENERGY_STATE)
def kwh_per_m_tokens(fleet_kw, served_input_m_tokens_per_h, served_output_m_tokens_per_h):
    """Of input and output together; idle hours draw too."""
    return fleet_kw / (served_input_m_tokens_per_h + served_output_m_tokens_per_h)


@derived("kg/Mtoken", "Emissions of 1 M tokens, CO2 equivalent", source=ACCOUNTING, state=ENERGY_STATE)
def kg_co2e_per_m_tokens(kwh_per_m_tokens, grid_kg_co2e_per_kwh):
    """Of the electricity alone: making the hardware is left out."""
    return kwh_per_m_tokens * grid_kg_co2e_per_kwh


@derived("1", "Energy, of the price of an accelerator-hour", source=ACCOUNTING, state="energy_cost_state")
def energy_cost_share(accelerator_kw, usd_per_kwh, usd_per_accelerator_h):
    """At the price of electricity on Assumptions; within a rent, somebody else pays it."""
    return np.where(usd_per_accelerator_h > 0, accelerator_kw * usd_per_kwh / usd_per_accelerator_h, 0)


@derived("1", "Power unknown: place in the list of states", source=DEFINITION, takes={"state_labels": "lists.state"})
def no_power_code(state_labels):
    return match(NO_POWER, state_labels)


@derived("1", "State of the energy", source=DEFINITION)
def energy_state(serving_state, check_power, no_power_code):
    """As the state of the results; the last of the list: the accelerator's power is not known."""
    return np.where(serving_state > 0, serving_state, np.where(check_power > 0, no_power_code - 1, 0))


@derived("text", "Energy", source=DEFINITION, takes={"state_labels": "lists.state"})
def energy_state_label(state_labels, energy_state):
    return pick(state_labels, energy_state + 1)


@derived("1", "State of the share of energy", source=DEFINITION)
def energy_cost_state(money_state, energy_state):
    return np.where(money_state > 0, money_state, energy_state)


@derived("text", "Share of energy", source=DEFINITION, takes={"state_labels": "lists.state"})
def energy_cost_state_label(state_labels, energy_cost_state):
    return pick(state_labels, energy_cost_state + 1)
