"""A workbook of ours as a finance team has it after a month: everything in it that Excel can put there.

`rich(book)` takes a fresh workbook and plants what `FEATURES` lists: two sheets of the user's own with charts, shapes,
a table with a slicer, a query, a pivot, formulas of every kind and names of every kind; on our own sheets comments,
threads, controls, print settings, sparklines, bars and icons; in the file custom XML, a sensitivity label, links to
elsewhere; and what Excel does by itself when it saves. `rich(book, macros=True)` adds a project of macros and a ribbon,
as an .xlsm file has them.

What we wrote stays: no row moves, no value of ours changes. The work is done on the parts of the package, so that
nothing is lost on the way. New parts lie in `parts` under their own names, pieces of old parts in `fragments`;
`{ttft_ms.area}` in them is written out from the names in the workbook, which is why a change of our layout does not
break the specimen. The numbers 41 and up keep new parts clear of ours.

It is not what Excel itself wrote: no Excel was at hand. It follows the schema, and what Excel is known to write. The
project of macros is only as long as one and starts like one, the settings of the printer are made up, and the thumbnail
is empty.
"""

from __future__ import annotations

from specimens import ours, package, saved, sheets
from specimens.book import Book, Feature

FEATURES: dict[str, Feature] = {**sheets.FEATURES, **ours.FEATURES, **package.FEATURES, **saved.FEATURES}
"""Each thing planted, in this order: the parts that it adds, and the sheets and parts that it changes."""
MACROS: dict[str, Feature] = package.MACROS
"""What an .xlsm file has besides."""


def rich(book: bytes, macros: bool = False) -> bytes:
    """The same workbook with everything planted; equal bytes for equal bytes."""
    planted = Book(book)
    for feature in [*FEATURES.values(), *(MACROS.values() if macros else ())]:
        feature.plant(planted)
    return planted.packed()
