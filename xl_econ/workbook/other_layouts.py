"""Other layouts: the candidates that Python writes beside a scenario's own layout, and what their columns decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xl_econ.inputs.layouts import BILL, BILLS, candidates
from xl_econ.inputs.study import Study
from xl_econ.model.layout import first_of, typed_or
from xl_econ.workbook.other_layout_cells import BY_PYTHON, CHOSEN_BY, COUNT, PARTS, setting_of
from xl_econ.workbook.settings import Settings, known_settings


def best_others(study: Study, scenario: str) -> dict[str, list[Any]]:
    """The cheapest layouts that fit beside the scenario's own, as settings: a column of each input, None where free."""
    fitting = [each.layout._asdict() for each in candidates(study, scenario) if each.fits and not each.is_given]
    rows = fitting[: COUNT - 1]
    free = [None] * (COUNT - 1 - len(rows))
    return {setting_of(name): [*(row[name] for row in rows), *free] for name in PARTS}


def with_others(study: Study, settings: Settings, held: Settings) -> Settings:
    """Settings with the best candidates for the scenario that is picked, unless candidates are held."""
    if any(setting_of(name) in held for name in PARTS):
        return settings
    return {**settings, **best_others(study, study.names[int(settings["tornado_scenario"][0]) - 1])}


def to_choose_anew(settings: Settings) -> Settings:
    """Settings without the candidates that Python chose, which it will choose anew."""
    if settings.get(CHOSEN_BY) != [BY_PYTHON]:
        return settings
    ours = {setting_of(name) for name in PARTS}
    return {name: values for name, values in settings.items() if name not in ours}


def candidate_cells() -> list[tuple[str, str]]:
    """Sheet and address of each in a template, whatever its number of scenarios."""
    known = known_settings(1)
    return [(known[name].sheet, cell) for name in map(setting_of, PARTS) for cell in known[name].cells]


def candidate_rows(given: Mapping[str, Any], base: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    """What each candidate's column decides: its layout, and that the bill is the computed one."""
    typed = {name: [0, *(value or 0 for value in settings[setting_of(name)])] for name in PARTS}
    return [
        {name: typed_or(typed[name][place], base[name]).item() for name in PARTS} | {BILL: first_of(given[BILLS])}
        for place in range(COUNT)
    ]
