"""Evidence: predictions beside published measurements, row by row, and how far they are off in the middle."""

from __future__ import annotations

from xl_econ.workbook.page import Page


def write(page: Page) -> None:
    """The same in every study: where a fresh template has it, nothing is read or predicted, nor even loaded."""
    if not page.pen.changes_only:
        from xl_econ.workbook.evidence_page import write_all

        write_all(page)
