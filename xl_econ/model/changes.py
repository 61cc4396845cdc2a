"""Changes: what a cell holds now beside what it held in the baseline."""

from typing import Any

import numpy as np

from xl_econ.core.operations import differs, fixed, join, or_else

NOT_COMPARABLE = "n/a"


def number_changed(now: Any, baseline: Any) -> Any:
    """1 where a number is another one."""
    return np.where(np.abs(now - baseline) > 0, 1, 0)


def text_changed(now: Any, baseline: Any) -> Any:
    """1 where a choice is another one."""
    return np.where(differs(now, baseline), 1, 0)


def moved_by(now: Any, baseline: Any) -> Any:
    """How much a result moved, over its baseline; in words where one of the two is no number."""
    return or_else(now / baseline - 1, NOT_COMPARABLE)


def changes_words(count: Any) -> Any:
    """How many inputs were edited."""
    return np.where(
        count > 0, join(fixed(count, 0), " inputs changed since the baseline"), "No input changed since the baseline"
    )
