"""Anchors: hidden names for the cells that no quantity's name covers.

People insert rows, move blocks and rename sheets; Excel moves names along. A quantity's cells are
found by its own name; the others (heads, links, the article's cases) by an anchor, a name such as
`at_Results_C12` that says where the cells stood in the template.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from xl_econ.workbook.layout import CATALOG, Layout
from xl_econ.workbook.sheet_xml import letters, place_of
from xl_econ.workbook.splice import Box

PREFIX = "at_"
BY_ID = (CATALOG,)
"""Sheets whose rows are found by what stands in them."""
NAME = re.compile(rb'<definedName name="%s' % re.escape(PREFIX.encode()))
Written = Mapping[str, Iterable[str]]
"""Addresses of the cells that a study fills, by sheet."""


def named_boxes(layout: Layout) -> dict[str, tuple[str, Box]]:
    """The sheet and the cells of each quantity's name, in the template."""
    named = (
        (name, *cells.replace("$", "").replace("'", "").split("!")) for name, cells in layout.defined_names().items()
    )
    return {name: (sheet, Box.of(cells)) for name, sheet, cells in named}


def anchors(layout: Layout, written: Written) -> dict[str, tuple[str, Box]]:
    """An anchor for each run of filled cells in a row that no name of a quantity covers."""
    named: dict[str, set[tuple[int, int]]] = {}
    for sheet, box in named_boxes(layout).values():
        named.setdefault(sheet, set()).update(box.places())
    found: dict[str, tuple[str, Box]] = {}
    for sheet, addresses in written.items():
        places = {place_of(address) for address in addresses} - named.get(sheet, set())
        found |= {_name(sheet, run): (sheet, run) for run in _runs(places)}
    return found


def _runs(places: set[tuple[int, int]]) -> Iterable[Box]:
    """Neighbours in a row."""
    for row, group in groupby(sorted(places), key=lambda place: place[0]):
        columns = [column for _, column in group]
        for _, run in groupby(enumerate(columns), key=lambda pair: pair[1] - pair[0]):
            members = [column for _, column in run]
            yield Box(row, members[0], row, members[-1])


def _name(sheet: str, run: Box) -> str:
    return f"{PREFIX}{sheet}_{letters(run.column)}{run.row}"


def hidden(workbook: bytes) -> bytes:
    """The workbook's part with its anchors hidden: nobody wants to read them in the list of names."""
    return NAME.sub(lambda found: found[0].replace(b"<definedName ", b'<definedName hidden="1" '), workbook)
