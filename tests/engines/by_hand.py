"""Workbooks edited in LibreOffice as people edit them: rows, columns and sheets moved, cells typed."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Iterable
from pathlib import Path

from engines.office import ENDED, NO_UNO, run_to_end, soffice_command, uno_python

Step = tuple[str | int | float, ...]
"""A method of `uno_by_hand.Hands` and what it is given."""
TRIES = 6
"""For some twenty workbooks; each goes on with what is not written yet."""
SCRIPT = Path(__file__).with_name("uno_by_hand.py")


def edited_by_hand(books: Iterable[tuple[Path, Path, Iterable[Step]]], timeout: float = 300) -> None:
    """Play the steps on each workbook and save it, calculated, under its other name; one LibreOffice for all."""
    left, log = list(books), ENDED
    for _ in range(TRIES):
        if left and ENDED in log:
            log = _edited_in_one(left, timeout)
            left = [(path, out, steps) for path, out, steps in left if not Path(out).exists()]
    if left:
        raise RuntimeError(f"LibreOffice did not write {[out for _, out, _ in left]}:\n{log}")


def _edited_in_one(books: Iterable[tuple[Path, Path, Iterable[Step]]], timeout: float) -> str:
    """What one LibreOffice prints."""
    python = uno_python()
    if python is None:
        raise RuntimeError(NO_UNO)
    listed = [(str(path.resolve()), str(out.resolve()), list(steps)) for path, out, steps in books]
    with tempfile.TemporaryDirectory(prefix="soffice-", ignore_cleanup_errors=True) as work:
        pipe, job = f"hands{uuid.uuid4().hex}", Path(work, "job.json")
        soffice = [*soffice_command(Path(work)), "--nodefault", f"--accept=pipe,name={pipe};urp;"]
        job.write_text(json.dumps({"soffice": soffice, "pipe": pipe, "books": listed}), "utf-8")
        return run_to_end([python, str(SCRIPT), str(job)], timeout)
