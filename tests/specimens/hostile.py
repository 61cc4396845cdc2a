"""Workbooks that mean harm, are damaged, or are none: how to make them, and what the message about each must say.

`HOSTILE` must be refused. `GOOD` are odd, and must be read as the study that they hold. `EITHER` may be refused or
read, but never misread. Each is made from the bytes of a good workbook; its name in a table is what the tests show.
No file here holds real harm: the bombs are zeros and blanks, and the addresses lead nowhere.
"""

from __future__ import annotations

from specimens import hostile_archives as archives
from specimens import hostile_cells as cells
from specimens import hostile_parts as parts
from specimens.tampered import Hostile

HOSTILE: dict[str, Hostile] = {**archives.HOSTILE, **parts.HOSTILE, **cells.HOSTILE}
GOOD: dict[str, Hostile] = {**parts.GOOD, **cells.GOOD}
EITHER: dict[str, Hostile] = {**archives.EITHER, **parts.EITHER, **cells.EITHER}
ALL: dict[str, Hostile] = HOSTILE | GOOD | EITHER
