"""Questions in, answers out: the loop that every adapter runs in its peer's own environment.

Lines of JSON. A question is a measured configuration, an answer has the peer's value or the reason of its refusal, and
the seconds that it took. The first line tells the peer's version and how long it took to start.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

Question = dict[str, Any]
Answer = dict[str, float]
STARTED = time.perf_counter()


class Refused(Exception):
    """The peer has no answer, for a reason that the adapter knows."""


def answer_all(package: str, predict: Callable[[Question], Answer]) -> None:
    """Answers on what was standard output; all that the peer prints goes to standard error."""
    with os.fdopen(os.dup(1), "w", buffering=1) as replies:
        os.dup2(2, 1)
        hello = {"version": version(package), "start_s": time.perf_counter() - STARTED}
        print(json.dumps(hello), file=replies)
        for line in sys.stdin:
            print(json.dumps(_answered(json.loads(line), predict)), file=replies)


def _answered(question: Question, predict: Callable[[Question], Answer]) -> dict[str, Any]:
    start = time.perf_counter()
    try:
        found: dict[str, Any] = {name: float(value) for name, value in predict(question).items()}
    except Refused as why:
        found = {"reason": str(why)}
    except Exception as error:  # whatever a peer raises is its refusal, and is counted by its words
        found = {"reason": _in_short(error)}
    return found | {"line": question["line"], "seconds": time.perf_counter() - start}


def _in_short(error: Exception) -> str:
    """The first line, without the paths and numbers that make each message another."""
    first = (str(error).strip() or "no message").splitlines()[0]
    return f"{type(error).__name__}: {re.sub(r'(/[^ ]+)|([0-9][0-9.,]*)', '…', first)[:90]}"


def sequences(question: Question) -> int:
    """Offered to one replica at once."""
    return max(1, round(question["concurrency"] / question["replicas"]))


def tokens(question: Question) -> tuple[int, int]:
    """Input and output of a request, whole."""
    return max(1, round(question["input_tokens"])), max(1, round(question["output_tokens"]))
