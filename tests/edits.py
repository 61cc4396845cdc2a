"""Random edits of a study's inputs, as people type them into a workbook."""

from __future__ import annotations

import math
from random import Random
from typing import Any

from studies import random_study

from xl_econ.core.problems import Problems
from xl_econ.inputs.changes import INHERIT, Change, with_changes
from xl_econ.inputs.scenario import decided
from xl_econ.inputs.study import Study
from xl_econ.workbook.layout import layout_for
from xl_econ.workbook.package import Cell

TRIES = 200
MOST = 6
DIGITS = 1e-14
Spot = tuple[str, str]


def random_changes(study: Study, seed: int) -> list[Change]:
    """A few inputs of a few scenarios that take the values of other studies; now and then one follows the base
    again. The study stays valid."""
    random = Random(seed)
    for attempt in range(TRIES):
        other = random_study(seed + 1_000 * (attempt + 1)).resolved()
        drawn = [_change(random, study, list(other.values())) for _ in range(random.randrange(1, MOST))]
        changes = list({(each.scenario, each.name): each for each in drawn}.values())
        try:
            with_changes(study, changes)
        except Problems:
            continue
        return changes
    raise AssertionError(f"seed {seed} gave no valid edits in {TRIES} tries")


def _change(random: Random, study: Study, others: list[dict[str, Any]]) -> Change:
    place = random.randrange(len(study.names))
    name = random.choice(sorted(decided()))
    follows = place > 0 and random.random() < 0.25
    return Change(name, INHERIT if follows else random.choice(others)[name], study.names[place])


def cells_of(study: Study, changes: list[Change], full: bool = True) -> dict[Spot, Any]:
    """What a person would type for the changes into an unmoved workbook: values, and links to the base's cell."""
    layout = layout_for(len(study.names), full)
    places = {name: place for place, name in enumerate(study.names)}
    cells: dict[Spot, Any] = {}
    for change in changes:
        spot = layout.one(change.name, places[str(change.scenario)])
        base = layout.one(change.name, 0)[1]
        cells[spot] = f"={base}" if change.value == INHERIT else change.value
    return cells


def calculated(study: Study, changes: list[Change], full: bool = True) -> dict[Spot, Cell]:
    """The same cells with the value beside each formula, as a program that calculates saves them."""
    row = with_changes(study, changes).resolved()
    found = zip(changes, cells_of(study, changes, full).items(), strict=True)
    return {
        spot: Cell(row[str(change.scenario)][change.name], content if change.value == INHERIT else None)
        for change, (spot, content) in found
    }


def unlike(one: Study, other: Study) -> dict[Any, tuple[Any, Any]]:
    """What two studies say differently. Programs save 15 or 16 digits, so that the last ones do not count."""
    mine, theirs = _said(one), _said(other)
    keys = [*mine, *(key for key in theirs if key not in mine)]
    found = {key: (mine.get(key), theirs.get(key)) for key in keys if not _alike(mine.get(key), theirs.get(key))}
    return found if found or one.names == other.names else {"scenarios": (one.names, other.names)}


def _said(study: Study) -> dict[Any, Any]:
    scenarios = {(name, key): value for name, each in study.scenarios.items() for key, value in each.overrides.items()}
    records = {
        (table, id, field): value
        for table, entries in study.catalog.items()
        for id, fields in entries.items()
        for field, value in fields.items()
    }
    return {"title": study.title, "as_of": study.as_of} | records | scenarios


def _alike(one: Any, other: Any) -> bool:
    """Equal, of one type, but for the last digits of a fraction."""
    both = isinstance(one, float) and isinstance(other, float)
    return math.isclose(one, other, rel_tol=DIGITS) if both else (type(one), one) == (type(other), other)
