"""Changes: single inputs of a study replaced, as `NAME=VALUE` or `SCENARIO.NAME=VALUE`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from xl_econ.core.problems import stop_on
from xl_econ.core.spell import START
from xl_econ.inputs.scenario import LAYOUT, LAYOUT_INPUTS, decided, whole_if_wanted
from xl_econ.inputs.study import Study, StudyError, study_of

NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?")
INHERIT = "inherit"
"""As a value: the scenario follows the first one again."""


class Change(NamedTuple):
    """One input of one scenario (of the first, if none is named)."""

    name: str
    value: Any
    scenario: str | None = None


def read_changes(texts: Iterable[str], option: str = "--set") -> list[Change]:
    """Changes from texts such as "Upside.input_tokens=2000". Raises StudyError with every problem."""
    changes, problems = list[Change](), list[str]()
    for text in texts:
        target, equals, value = text.partition(START)
        if not equals or not target.strip():
            problems.append(f"{option} {text}: it must be NAME=VALUE or SCENARIO.NAME=VALUE.")
            continue
        scenario, _, name = target.strip().rpartition(".")
        changes.append(Change(name, _value(name, value.strip()), scenario or None))
    stop_on(problems, StudyError)
    return changes


def _value(name: str, text: str) -> Any:
    """A number where the input wants one and the text is one; else the text, for a message that shows it."""
    given = decided().get(name)
    if given is None or given.unit == "text" or text == INHERIT:
        return text
    return whole_if_wanted(given, float(text)) if NUMBER.fullmatch(text) else text


def with_changes(study: Study, changes: Iterable[Change]) -> Study:
    """The study with single inputs replaced, checked whole. Raises StudyError with every problem."""
    listed = list(changes)
    if not listed:
        return study
    problems: list[str] = []
    names = list(study.scenarios)
    tables: dict[str, dict[str, Any]] = {name: dict(each.overrides) for name, each in study.scenarios.items()}
    for change in listed:
        scenario = change.scenario or names[0]
        if scenario not in tables:
            problems.append(f"there is no scenario {scenario!r}. Use {', '.join(names)}.")
        elif change.value == INHERIT and (change.name in decided() or change.name == LAYOUT):
            for name in LAYOUT_INPUTS if change.name == LAYOUT else (change.name,):
                tables[scenario].pop(name, None)
            if scenario == names[0]:
                problems.append(
                    f"{scenario}.{change.name}: the first scenario has nothing to inherit from. Give a value."
                )
        else:
            tables[scenario][change.name] = change.value
    stop_on(problems, StudyError)
    raw = {
        "title": study.title,
        "as_of": study.as_of,
        "months": study.months,
        "catalog": study.catalog,
        "scenarios": tables,
    }
    changed = study_of(raw, "the changed study", lambda scenario, name: f"{scenario}.{name}")
    return changed.model_copy(update={"simulate": study.simulate})
