"""Problems that a person can mend: all at once, each with where, what, why and what to do."""

from __future__ import annotations

from collections.abc import Iterable


class Problems(ValueError):
    """Something given cannot be used. `problems` lists every reason, a line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def stop_on(problems: Iterable[str], kind: type[Problems] = Problems) -> None:
    """Raise if there is any problem."""
    found = list(problems)
    if found:
        raise kind(found)
