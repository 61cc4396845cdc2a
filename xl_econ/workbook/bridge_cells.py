"""Where the sheet Bridge holds its tables, and what a person sets there."""

from __future__ import annotations

from dataclasses import dataclass

from xl_econ.inputs.article import article_bridge
from xl_econ.workbook.trials import GROUPS

BRIDGE = "Bridge"
LABEL, ORDER, RESULT, CHANGE, WHY, LEVEL, FIGURE, HOW_IT_IS, PLACE, HIDDEN, RISE, FALL, TOTAL = range(13)
"""The columns of a bridge; what stands behind the reasons is for the chart, and not printed."""
FIRST_SOURCE = LEVEL
"""Where the scenarios that the groups follow stand, a column for each step."""
CHART_ROWS = 24


@dataclass(frozen=True)
class Table:
    """One bridge: its settings, its chart, its steps, and below them the order of the steps. Rows count from 0."""

    name: str
    top: int
    labels: tuple[str, ...]
    picks: int = 0
    """Rows of settings above the chart."""
    openings: int = 1
    """Rows before the first step."""

    @property
    def first_pick(self) -> int:
        return self.top + 1

    @property
    def chart(self) -> int:
        return self.first_pick + self.picks

    @property
    def heads(self) -> int:
        return self.chart + CHART_ROWS

    @property
    def opening(self) -> int:
        return self.heads + 1

    @property
    def first(self) -> int:
        """The row of the last figure before the first step."""
        return self.heads + self.openings

    @property
    def steps(self) -> range:
        return range(self.first + 1, self.first + 1 + len(self.labels))

    @property
    def end(self) -> int:
        return self.steps.stop

    @property
    def sums(self) -> int:
        """The row that says whether the steps add up."""
        return self.end + 2

    @property
    def rank_heads(self) -> int:
        return self.sums + 2

    @property
    def ranks(self) -> range:
        return range(self.rank_heads + 1, self.rank_heads + 1 + len(self.labels))

    @property
    def rank_check(self) -> int:
        return self.ranks.stop


CORRECTIONS = Table("correction_ranks", 4, tuple(each.label for each in article_bridge().correction), openings=2)
SCENARIOS = Table("group_ranks", CORRECTIONS.rank_check + 2, tuple(GROUPS), picks=3)
