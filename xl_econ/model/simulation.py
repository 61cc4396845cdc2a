"""Simulation: what the sheet says of the runs that were stamped on it. Functions of single cells."""

from typing import Any

import numpy as np

from xl_econ.core.operations import differs, fixed, join, or_else, pick, total
from xl_econ.model.bridge import shown_or_why

NOT_RUN = "Not run yet. Save and close the workbook, then: xl-econ simulate BOOK.xlsx"
AS_SIMULATED = "As simulated: the inputs are those of the runs"
CHANGED = "Inputs have changed since these runs: simulate again"
NONE_YET, NONE_VALID = "not simulated yet", "in no run"


def result_now(place: Any, states: Any, state_labels: Any, figures: Any) -> Any:
    """A result of the simulated scenario as it is now, or why there is none."""
    return shown_or_why(pick(states, place), state_labels, pick(figures, place))


def result_moved(runs: Any, now: Any, base: Any, check_tolerance: Any) -> Any:
    """1 where a result is not what it was before inputs were drawn; words are compared as words."""
    moved = np.where(np.abs(now - base) > check_tolerance * np.abs(base), 1, 0)
    return np.where(runs > 0, or_else(moved, np.where(differs(now, base), 1, 0)), 0)


def simulated_words(runs: Any, stamped: Any, fingerprint: Any, moved: Any) -> Any:
    """Whether the runs still belong to the inputs: those that Python last saw, and what moved since."""
    is_other = np.logical_or(differs(stamped, fingerprint), total(moved) > 0)
    return np.where(runs > 0, np.where(is_other, CHANGED, AS_SIMULATED), NOT_RUN)


def simulated_whole(runs: Any, simulated: Any, scenario: Any, valid_share: Any, moved: Any, low: Any, high: Any) -> Any:
    """A range beside its result, and whether it is of the result as it is now; none for other scenarios."""
    return _range(runs, simulated, scenario, valid_share, moved, fixed(low, 0), fixed(high, 0))


def simulated_cents(runs: Any, simulated: Any, scenario: Any, valid_share: Any, moved: Any, low: Any, high: Any) -> Any:
    """With two decimals."""
    return _range(runs, simulated, scenario, valid_share, moved, fixed(low, 2), fixed(high, 2))


def _range(runs: Any, simulated: Any, scenario: Any, valid_share: Any, moved: Any, low: Any, high: Any) -> Any:
    told = join(np.where(moved > 0, "before changes: ", ""), low, " to ", high)
    found = np.where(valid_share > 0, told, NONE_VALID)
    return np.where(runs > 0, np.where(differs(simulated, scenario), "–", found), NONE_YET)
