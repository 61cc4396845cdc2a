"""A sample of measured rows in which every metric and every source has its say."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from xl_econ.calibration.evidence import METRICS, SCORED
from xl_econ.calibration.measured import LeftOut, Row

SEED = 20_261_127


def sample(read: Sequence[Row | LeftOut], size: int) -> list[Row]:
    """As many rows of each metric (or all there are), from its groups in turn: three sources hold most of the rows.

    Pipelines are left aside: not every peer knows them.
    """
    counted = (row for row in read if isinstance(row, Row) and row.quality in SCORED)
    scored = [row for row in counted if row.pipeline_parallel == 1]
    drawn: list[Row] = []
    for left, metric in _rarest_first(scored):
        of_metric = list(_in_turn(row for row in scored if row.kind == metric))
        drawn += of_metric[: round((size - len(drawn)) / left)]
    return sorted(drawn, key=lambda row: row.line)


def _rarest_first(rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """Metrics with how many are left, so that others take what a rare one lacks."""
    counts = {metric: sum(row.kind == metric for row in rows) for metric in METRICS}
    ordered = sorted(filter(counts.get, counts), key=lambda metric: counts[metric])
    yield from ((len(ordered) - place, metric) for place, metric in enumerate(ordered))


def _in_turn(rows: Iterable[Row]) -> Iterator[Row]:
    """One of each group, then the next of each: groups and the rows of each in random order."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.group, []).append(row)
    order = random.Random(SEED)
    queues = [order.sample(groups[name], len(groups[name])) for name in sorted(groups)]
    order.shuffle(queues)
    while queues:
        yield from (queue.pop() for queue in queues)
        queues = [queue for queue in queues if queue]
