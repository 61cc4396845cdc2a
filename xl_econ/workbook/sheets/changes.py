"""Changes: every input and headline beside its baseline, live: what was edited, and by how much results moved."""

from __future__ import annotations

from typing import Any

from xl_econ.core.expr import Call, Ref
from xl_econ.core.operations import differs, total
from xl_econ.core.quantity import Given, Quantity
from xl_econ.core.spell import Naming, cell_formula
from xl_econ.model.changes import NOT_COMPARABLE, changes_words, moved_by, number_changed, text_changed
from xl_econ.workbook.layout import CHANGES, FIRST_COLUMN, HEAD_ROW, RESULTS, letters, span
from xl_econ.workbook.page import Page, Scalar, unit_format
from xl_econ.workbook.places import Group
from xl_econ.workbook.sheets.results import result_cell, result_value

TITLE = "Changes"
PURPOSE = "Every input and headline now, beside the figures of the day when the workbook was made (the baseline)."
COUNT_ROW = 2
WIDTH = 17


def write(page: Page) -> None:
    first, count = page.layout.baseline_column, page.layout.scenarios
    widths = {0: 52, 1: 14, **dict.fromkeys(range(FIRST_COLUMN, FIRST_COLUMN + 3 * count), WIDTH)}
    page.head(TITLE, PURPOSE, widths)
    page.scenario_heads()
    page.column_heads({0: "Input or result", 1: "Unit"})
    for place, column in enumerate(page.columns.scenarios):
        page.pen.typed(HEAD_ROW, first + place, f"{column.title}: baseline", "head", None)
        page.pen.typed(HEAD_ROW, first + count + place, f"{column.title}: change", "head", None)
    for group in page.layout.groups[CHANGES]:
        page.group_title(group, FIRST_COLUMN + 3 * count - 1)
        for quantity in group.quantities:
            _row(page, quantity)
    _count(page)


def _row(page: Page, quantity: Quantity) -> None:
    row = page.layout.compared[quantity.name].row
    page.text(row, 0, quantity.label)
    page.text(row, 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")
    for column in page.scenario_columns:
        _now(page, row, quantity, column)
        baseline, now = _baseline(page, quantity, column), _value(page, quantity, column)
        at = page.layout.baseline_column + column
        page.pen.typed(row, at, baseline, "stamped", unit_format(quantity) if quantity.unit != "text" else None)
        _change(page, row, quantity, column, now, baseline)
    first = page.layout.baseline_column + page.layout.scenarios
    last = first + page.layout.scenarios - 1
    tree = Call(differs, (Ref("now"), Ref("baseline")))
    moved = cell_formula(tree, Naming(_cells(page, row, 0).__getitem__, str))
    page.pen.dress("mark", row, first, row, last, "differs", type="formula", criteria=moved)


def _now(page: Page, row: int, quantity: Quantity, column: int) -> None:
    if isinstance(quantity, Given):
        page.link(row, FIRST_COLUMN + column, quantity.name, column)
    else:
        result_cell(page, row, FIRST_COLUMN + column, page.layout.graph[quantity.name], column, "link")


def _value(page: Page, quantity: Quantity, column: int) -> Any:
    if isinstance(quantity, Given):
        return page.columns.value(quantity.name, column)
    return result_value(page, page.layout.graph[quantity.name], column)


def _baseline(page: Page, quantity: Quantity, column: int) -> Scalar:
    """What the workbook's baseline says; where it is new, what it holds now."""
    known = page.baseline.get(quantity.name)
    return known[column] if known else _value(page, quantity, column)


def _change(page: Page, row: int, quantity: Quantity, column: int, now: Any, baseline: Any) -> None:
    at = page.layout.baseline_column + page.layout.scenarios + column
    cells = _cells(page, row, column)
    if not isinstance(quantity, Given):
        page.applied(row, at, moved_by, cells, _moved(now, baseline), "formula", "share")
        return
    changed = text_changed if quantity.unit == "text" else number_changed
    page.applied(row, at, changed, cells, int(changed(now, baseline)), "formula", "changed")


def _cells(page: Page, row: int, column: int) -> dict[str, str]:
    """Where a scenario's value stands, and its baseline."""
    return {
        "now": f"{letters(FIRST_COLUMN + column)}{row + 1}",
        "baseline": f"{letters(page.layout.baseline_column + column)}{row + 1}",
    }


def _moved(now: Any, baseline: Any) -> float | str:
    """As the cell computes it: an error there becomes words."""
    if isinstance(now, str) or isinstance(baseline, str) or baseline == 0:
        return NOT_COMPARABLE
    return float(moved_by(now, baseline))


def _count(page: Page) -> None:
    """How many inputs were edited, said at the top."""
    groups = [group for group in page.layout.groups[CHANGES] if group.title != RESULTS]
    count = sum(
        int((text_changed if q.unit == "text" else number_changed)(_value(page, q, column), _baseline(page, q, column)))
        for group in groups
        for q in group.quantities
        for column in page.scenario_columns
    )
    cells = _change_cells(page, groups)
    tree = changes_words(Call(total, (Ref("changes"),)))
    told = str(changes_words(count).item())
    page.spelled(COUNT_ROW, FIRST_COLUMN, tree, Naming(str, lambda _: cells), told, "status", "text")


def _change_cells(page: Page, groups: list[Group]) -> str:
    first = page.layout.baseline_column + page.layout.scenarios
    last_row = groups[-1].row + len(groups[-1].quantities)
    return span(groups[0].row + 1, first, last_row, first + page.layout.scenarios - 1)
