"""Bridge: from one figure to another, a correction at a time. Functions of single cells."""

from typing import Any

import numpy as np

from xl_econ.core.operations import choose, how_often, join, match, pick, smallest, total

NO_STEP = "no step has this number"


def taken_over(rank: Any, step: Any, start: Any, end: Any) -> Any:
    """An input in a step: the end's, once its correction is switched on."""
    return np.where(rank <= step, end, start)


def scenario_value(values: Any, place: Any) -> Any:
    """An input of the scenario at a place."""
    return pick(values, place)


def place_of(step: Any, ranks: Any) -> Any:
    """Which correction comes at a step; 0 where none does."""
    return np.where(how_often(step, ranks) < 1, 0, match(step, ranks))


def step_label(place: Any, labels: Any) -> Any:
    return np.where(place < 1, NO_STEP, pick(labels, np.maximum(place, 1)))


def code_of(label: Any, labels: Any) -> Any:
    """A choice as its place in its list."""
    return match(label, labels)


def chosen(code: Any, first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """The result that is picked."""
    return choose(code, first, second, third, fourth)


def scenario_result(code: Any, place: Any, first: Any, second: Any, third: Any, fourth: Any) -> Any:
    """The result that is picked, of the scenario at a place."""
    return choose(code, pick(first, place), pick(second, place), pick(third, place), pick(fourth, place))


def same(cell: Any) -> Any:
    """What another cell holds."""
    return cell


def bridge_title(start: Any, end: Any, label: Any) -> Any:
    return join("From ", start, " to ", end, ": ", label)


def opening(state: Any, figure: Any) -> Any:
    """Where a bridge begins or ends; 0 where there is no result."""
    return np.where(state > 0, 0, figure)


def level(state: Any, before: Any, figure: Any) -> Any:
    """Where the bridge stands; a step without a result stays where the one before it was."""
    return np.where(state > 0, before, figure)


def shown_or_why(state: Any, state_labels: Any, figure: Any) -> Any:
    """A figure where it is valid, else the words that say why there is none."""
    return np.where(state > 0, pick(state_labels, state + 1), figure)


def change(now: Any, before: Any) -> Any:
    return now - before


def lower_end(now: Any, before: Any) -> Any:
    """Where a bar of the bridge begins: what stands below it is not drawn."""
    return np.minimum(now, before)


def rise(now: Any, before: Any) -> Any:
    return np.maximum(now - before, 0)


def fall(now: Any, before: Any) -> Any:
    return np.maximum(before - now, 0)


def ranks_fault(places: Any) -> Any:
    """1 unless each number from 1 on is given once."""
    return np.where(smallest(places) < 1, 1, 0)


def sum_fault(start: Any, changes: Any, end: Any, check_tolerance: Any) -> Any:
    """1 unless the steps add up to the difference between both ends."""
    return np.where(np.abs(start + total(changes) - end) > check_tolerance * np.abs(end), 1, 0)
