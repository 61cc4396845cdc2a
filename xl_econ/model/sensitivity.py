"""Sensitivity: what a result does when one thing is lower or higher. Functions of single cells."""

from typing import Any

import numpy as np

from xl_econ.core.operations import join, match, pick, standing
from xl_econ.model.bridge import chosen, shown_or_why


def scaled(base: Any, factor: Any) -> Any:
    return base * factor


def scaled_share(base: Any, factor: Any) -> Any:
    """A share is 1 at most."""
    return np.minimum(base * factor, 1)


def result_change(state: Any, base: Any, code: Any, first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """How far the result that is picked moved; nothing is drawn where there is none."""
    return np.where(state > 0, 0, chosen(code, first, second, third, fourth) - base)


def result_or_why(state: Any, state_labels: Any, code: Any, first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """The result that is picked, or the words that say why there is none."""
    return shown_or_why(state, state_labels, chosen(code, first, second, third, fourth))


def tornado_title(start: Any, label: Any) -> Any:
    return join(start, ": change of ", label)


def swing(low_change: Any, high_change: Any, result: Any) -> Any:
    """From end to end, over the result of the base."""
    return np.where(np.abs(result) > 0, np.abs((high_change - low_change) / result), 0)


def elasticity(low: Any, base: Any, high: Any, low_change: Any, high_change: Any, result: Any) -> Any:
    """Relative change of the result over that of the driver, between both ends; 0 for what does not move."""
    moved = (high - low) * result
    return np.where(np.abs(moved) > 0, (high_change - low_change) * base / moved, 0)


def place_by_size(value: Any, place: Any, values: Any, places: Any, slack: Any) -> Any:
    """1 for the largest; of equals the first comes first."""
    return standing(value, place, values, places, slack)


def in_order(place: Any, standings: Any, values: Any) -> Any:
    """What has this standing."""
    return pick(values, match(place, standings))


def base_fault(base: Any, result: Any, check_tolerance: Any) -> Any:
    """1 unless the base is the scenario's own result."""
    return np.where(np.abs(base - result) > check_tolerance * np.abs(result), 1, 0)
