"""Problems that a person can mend: all at once, each with where, what, why and what to do."""

from __future__ import annotations

from collections.abc import Iterable

LONGEST = 900
"""Characters of one problem."""


class Problems(ValueError):
    """Something given cannot be used. `problems` lists every reason, a line each."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(map(one_line, problems))
        super().__init__("\n".join(self.problems))


def one_line(text: str) -> str:
    """A text that is safe to print: what a file says may hold line breaks, a terminal's codes, or a million letters."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def stop_on(problems: Iterable[str], kind: type[Problems] = Problems) -> None:
    """Raise if there is any problem."""
    found = list(problems)
    if found:
        raise kind(found)
