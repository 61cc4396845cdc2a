"""Evidence: how far a prediction is off; the error itself is `published_gap`, as for the article's figures."""

from typing import Any

import numpy as np


def error_size(error: Any) -> Any:
    """An error without its sign."""
    return np.abs(error)
