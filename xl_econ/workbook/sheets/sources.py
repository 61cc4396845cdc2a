"""Sources: every reference by number, then every catalog figure with its reference, date and quote."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from pydantic import BaseModel

from xl_econ.catalog.load import load_catalog
from xl_econ.catalog.records import Fact
from xl_econ.workbook.layout import FIRST_ROW
from xl_econ.workbook.page import Page

TITLE = "Sources"
PURPOSE = "Where the numbers come from. Other sheets cite these numbers in square brackets."
FACT_HEADS = ("Row and figure", "Value", "Unit", "Kind", "Source", "Date", "What the source says, or why")
TITLE_WIDTH, WIDTH = 66, 60
SAID = 6
"""The column of what the source says."""
TABLES = ("accelerators", "hosted", "precisions", "llms")


@functools.cache
def numbered() -> dict[str, int]:
    """The number of each source."""
    return {source: number for number, source in enumerate(load_catalog().sources, start=1)}


def cited(source: str) -> str:
    """ "[12] Title", or the text itself where it is no reference."""
    if source not in numbered():
        return source
    return f"[{numbered()[source]}] {load_catalog().sources[source].title}"


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, {0: TITLE_WIDTH, 1: WIDTH, 2: WIDTH, 3: 12, 4: 10, 5: 12, 6: WIDTH}, frozen=False)
    page.column_heads(dict(enumerate(("Reference", "Where", "Note", "Date", "No."))))
    row = FIRST_ROW
    for id, source in load_catalog().sources.items():
        page.text(row, 0, source.title, "title_note")
        page.text(row, 1, source.reference, "wrapped")
        page.text(row, 2, source.note or "", "wrapped")
        page.fit_row(row, (source.title, TITLE_WIDTH), (source.reference, WIDTH), (source.note or "", WIDTH))
        page.text(row, 3, source.date, "note")
        page.text(row, 4, f"[{numbered()[id]}]", "strong")
        row += 1
    _facts(page, row + 1)


def _facts(page: Page, row: int) -> None:
    page.heads(row, dict(enumerate(FACT_HEADS)), ("Value",))
    page.pen.dress("repeat_rows", row)
    page.pen.dress("set_h_pagebreaks", [row])
    for table in TABLES:
        for place, fact in facts_of(table):
            row += 1
            source = load_catalog().sources[fact.source]
            page.text(row, 0, place)
            page.figure(row, 1, fact.value, "quoted", "general")
            said = (fact.unit, fact.kind, f"[{numbered()[fact.source]}]", fact.date or source.date)
            for column, text in enumerate((*said, fact.quote or fact.why or ""), start=2):
                page.text(row, column, text, "wrapped" if column == SAID else "note")
            page.fit_row(row, (fact.quote or fact.why or "", WIDTH))


def facts_of(table: str) -> Iterator[tuple[str, Fact]]:
    """Each figure of a table as "id: field"."""
    for id, record in load_catalog().table(table).items():
        assert isinstance(record, BaseModel)
        for field in type(record).model_fields:
            fact = getattr(record, field)
            if isinstance(fact, Fact):
                yield f"{id}: {field}", fact
