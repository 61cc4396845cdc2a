"""Refit: the numbers of the model that only measurements tell, by robust least squares on the logarithm of the error.

`python -m xl_econ.calibration FILE.csv` writes them to catalog/data/calibration.toml. It needs scipy.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from multiprocessing import get_context
from typing import Any

import numpy as np

from xl_econ.calibration.measured import Row
from xl_econ.calibration.predict import Asked, is_of_time
from xl_econ.catalog.assumptions import fit_bounds
from xl_econ.inputs.standard import standard_given

NOISE = {"max_throughput": 0.10, "itl": 0.12, "e2e": 0.12, "load_throughput": 0.20, "ttft": 0.30}
"""How far measurements of each metric scatter around any smooth model, as a logarithm: the weights of the fit."""
KINDS = ("mfu_", "mbu_", "message_latency_")
CROWD = 0.25
"""Rows of one source, LLM and accelerator share what the model does not know of them: n of them count as the square
root of n, so that the weight of each is n to the power of minus this."""
MISSED = 1.0
"""The error, as a logarithm, of what a trial says does not fit in memory."""
ROOM = "kv_fraction"
"""What decides whether a row fits in memory; those that never do are left out of a fit."""
MOVES = 1e-3
"""A number moves a point if a tenth of its range changes the prediction by more than this share."""
STEP, EVALUATIONS = 1e-3, 30
ENOUGH = 1e-4
"""A fit ends where a step mends its cost by a smaller share: errors no longer move."""
Values = Mapping[str, float]


@dataclass(frozen=True)
class Refit:
    """Rows to fit to, all of them predicted at once."""

    rows: Sequence[Row]
    begun: Values | None = None
    """Where to start, if not in the middle of the bounds: closer to the end is faster."""

    @cached_property
    def bounds(self) -> dict[str, tuple[float, float]]:
        return fit_bounds()

    @cached_property
    def start(self) -> dict[str, float]:
        return dict(self.begun or {name: (least + most) / 2 for name, (least, most) in self.bounds.items()})

    @cached_property
    def weights(self) -> Any:
        """Of each row's error: by how far its metric scatters, and how many of its group there are."""
        crowds = Counter((row.group, row.kind) for row in self.rows)
        shares: Any = np.array([crowds[row.group, row.kind] ** -CROWD for row in self.rows])
        noise: Any = np.array([NOISE[row.kind] for row in self.rows])
        return shares / shares.mean() / noise

    @cached_property
    def _asked(self) -> tuple[Asked, Any, Any, Any]:
        """What is asked, what was measured, whether the error is that of a time, and whether it is a first token's."""
        of_time = np.array([is_of_time(row) for row in self.rows])
        first = np.array([row.kind == "ttft" for row in self.rows])
        return Asked(self.rows), np.array([row.value for row in self.rows]), of_time, first

    def log_errors(self, values: Values) -> Any:
        """Of each row, predicted over measured; infinite where it does not fit in memory, NaN where it is saturated."""
        asked, measured, of_time, first = self._asked
        with np.errstate(all="ignore"):
            found, running = asked.predicted(standard_given() | dict(values))
            logs: Any = np.log(found / measured)
        signs: Any = np.where(of_time, -1, 1)
        errors: Any = signs * logs
        errors[np.isnan(found)] = np.inf
        errors[first & (running < 1)] = np.nan
        return errors

    def run(self) -> dict[str, float]:
        """The best values within their bounds."""
        optimize: Any = importlib.import_module("scipy.optimize")
        least: Any = np.array([bounds[0] for bounds in self.bounds.values()])
        most: Any = np.array([bounds[1] for bounds in self.bounds.values()])
        width: Any = most - least
        fits: Any = ~np.isinf(self.log_errors({**self.start, ROOM: self.bounds[ROOM][1]}))
        shortened = Refit([row for row, does in zip(self.rows, fits, strict=True) if does])

        def weighted(shares: Any) -> Any:
            values = dict(zip(self.bounds, least + shares * width, strict=True))
            return np.nan_to_num(shortened.log_errors(values), nan=0, posinf=MISSED) * shortened.weights

        start = (np.array(list(self.start.values())) - least) / width
        settings: Any = {
            "loss": "soft_l1",
            "max_nfev": EVALUATIONS,
            "x_scale": "jac",
            "diff_step": STEP,
            "ftol": ENOUGH,
        }
        best: Any = optimize.least_squares(weighted, start, bounds=(0, 1), **settings)
        values = dict(zip(self.bounds, (least + best.x * width).tolist(), strict=True))
        moved: Any = np.any(best.jac, axis=0)
        values |= _of_siblings(values, {name for name, moves in zip(values, moved, strict=True) if not moves})
        return {name: min(max(value, self.bounds[name][0]), self.bounds[name][1]) for name, value in values.items()}

    def points(self, values: Values) -> dict[str, int]:
        """How many rows each number moves."""
        before = self.log_errors(values)
        return {name: self._moved(values, before, name) for name in self.bounds}

    def _moved(self, values: Values, before: Any, name: str) -> int:
        least, most = self.bounds[name]
        step = (most - least) / 10
        other = values[name] + (step if values[name] + step <= most else -step)
        return int(np.sum(np.abs(self.log_errors({**values, name: other}) - before) > MOVES))

    def left_out(self, group: Callable[[Row], Hashable]) -> Any:
        """The errors of each row by the fit to all rows of other groups."""
        keys: list[Hashable] = [group(row) for row in self.rows]
        others = [[row for row, own in zip(self.rows, keys, strict=True) if own != key] for key in dict.fromkeys(keys)]
        values = dict(zip(dict.fromkeys(keys), self._fits(others), strict=True))
        errors = {key: self.log_errors(found) for key, found in values.items()}
        return np.array([errors[key][place] for place, key in enumerate(keys)])

    def _fits(self, samples: Iterable[Sequence[Row]]) -> list[dict[str, float]]:
        """A fit to each sample of rows, on all processors."""
        with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            return list(pool.map(_fit, samples, repeat(self.begun)))

    def drawn(self, group: Callable[[Row], Hashable], generator: Any, times: int) -> list[dict[str, float]]:
        """Fits to as many groups as there are, drawn with replacement."""
        groups: dict[Hashable, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(group(row), []).append(row)
        listed = list(groups.values())
        draws: Any = generator.integers(len(listed), size=(times, len(listed)))
        return self._fits([row for place in draw for row in listed[int(place)]] for draw in draws)


def _fit(rows: Sequence[Row], begun: Values | None) -> dict[str, float]:
    return Refit(rows, begun).run()


def _of_siblings(values: Values, unmoved: Set[str]) -> dict[str, float]:
    """What no point moves has the median of its kind: an accelerator without a measurement is an average one."""
    found: dict[str, float] = {}
    for name in unmoved:
        kind = next((kind for kind in KINDS if name.startswith(kind)), name)
        siblings = [value for other, value in values.items() if other.startswith(kind) and other not in unmoved]
        found[name] = float(np.median(siblings)) if siblings else values[name]
    return found
