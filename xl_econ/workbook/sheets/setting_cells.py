"""Setting cells: drop-downs and factors that a person sets on Bridge and Sensitivity, and what they pick."""

from __future__ import annotations

from xl_econ.inputs.study import fixed_values
from xl_econ.model.bridge import code_of, scenario_value
from xl_econ.model.given_parts import EXPLAINED
from xl_econ.workbook.layout import FIRST_COLUMN, HEAD_ROW, INPUTS, letters, span
from xl_econ.workbook.page import Page, Seen
from xl_econ.workbook.settings import LEAST, MOST, Setting, known_settings

FOUR = ("first", "second", "third", "fourth")
"""The results, as formulas that choose between them call them."""


def setting_cell(page: Page, name: str, offset: int = 0) -> Seen:
    """A cell that a person sets, with its label where it stands alone."""
    setting = known_settings(page.layout.scenarios)[name]
    value, (row, at) = page.columns.settings[name][offset], setting.place(offset)
    if len(setting.usual) == 1:
        page.text(row, 0, setting.label)
    role, unit = ("choice", None) if setting.labels else ("input", "code" if setting.most else "share")
    page.pen.typed(row, at, value, role, unit)
    page.pen.dress("data_validation", row, at, row, at, _rule(setting))
    return f"${letters(at)}${row + 1}", value or 0


def _rule(setting: Setting) -> dict[str, object]:
    """A drop-down or bounds, and what Excel says beside it."""
    allowed = f"Allowed: {setting.allowed}."
    counts = range(1, 1 if setting.may_be_free else setting.most + 1)
    listed = list(setting.labels) or [str(number) for number in counts]
    ends = (1, setting.most) if setting.may_be_free else (LEAST, MOST)
    kind = "integer" if setting.may_be_free else "decimal"
    bounds: dict[str, object] = {"validate": kind, "criteria": "between", "minimum": ends[0], "maximum": ends[1]}
    said: dict[str, object] = {"input_title": setting.label, "input_message": allowed, "error_message": allowed}
    said["ignore_blank"] = setting.may_be_free
    listing: dict[str, object] = {"validate": "list", "source": listed}
    return (listing if listed else bounds) | said | {"error_title": "Not allowed here"}


def list_cells(page: Page, name: str) -> Seen:
    """A list of labels on Lists."""
    return "!".join(page.layout.whole(name, 0)), fixed_values()[name].tolist()


def picked_scenario(page: Page, name: str, at: int) -> tuple[Seen, Seen]:
    """A setting that picks a scenario: its place, and its name in another column."""
    place, row = setting_cell(page, name), known_settings(page.layout.scenarios)[name].row
    heads = f"{INPUTS}!{span(HEAD_ROW, FIRST_COLUMN, HEAD_ROW, FIRST_COLUMN + page.layout.scenarios - 1)}"
    taken = {"values": (heads, [column.title for column in page.columns.scenarios]), "place": place}
    return place, page.worked(row, at, scenario_value, taken, "link", "text")


def picked_result(page: Page, name: str, at: int) -> tuple[Seen, Seen]:
    """A setting that picks a result: its label, and in another column its place in the list."""
    label, row = setting_cell(page, name), known_settings(page.layout.scenarios)[name].row
    taken = {"label": label, "labels": list_cells(page, "lists.explained")}
    return label, page.worked(row, at, code_of, taken, unit="code")


def four_results(page: Page, column: int) -> dict[str, Seen]:
    """The results that a person may pick from, of a column."""
    return dict(zip(FOUR, (page.seen(name, column) for name in EXPLAINED), strict=True))


def of_scenarios(page: Page, name: str) -> Seen:
    """A quantity of all scenarios."""
    place, last = page.layout.place(name), FIRST_COLUMN + page.layout.scenarios - 1
    values = [page.columns.value(name, column) for column in page.scenario_columns]
    return f"{place.sheet}!{span(place.row, FIRST_COLUMN, place.row, last)}", values
