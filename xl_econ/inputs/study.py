"""Study: one or more scenarios, the first being the base that the others inherit from; TOML in and out."""

from __future__ import annotations

import functools
import logging
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from pydantic import BaseModel, ConfigDict, field_validator

from xl_econ.catalog.assumptions import assumptions, constants
from xl_econ.catalog.load import load_catalog
from xl_econ.core.problems import Problems, stop_on
from xl_econ.inputs.auto_layout import taken_apart, with_layouts
from xl_econ.inputs.calibrated import Calibrated
from xl_econ.inputs.distributions import KEY, Uncertain, read_uncertain
from xl_econ.inputs.own_catalog import Order, OwnRecords, columns_with, read_records
from xl_econ.inputs.rules import rule_problems
from xl_econ.inputs.scenario import Scenario, ScenarioBase, Value, decided, read_scenario
from xl_econ.inputs.spelling import toml_text, toml_value
from xl_econ.model import AXES, CALENDAR, MONTH_COUNT, PERIOD, model_graph

if TYPE_CHECKING:
    from xl_econ.inputs.difference import Difference

STANDARD = "standard"
MOST_SCENARIOS = 40
notes = logging.getLogger("xl_econ")
"""What a person should know though nothing is wrong; the command line prints it."""
KNOWN_KEYS = ("title", "as_of", "months", "catalog", "scenarios", "simulate")
YEAR_MONTHS, MOST_YEARS = 12, 10
"""Of a plan: it has whole years."""


Tables = dict[str, Any]
StudySpot = Callable[[str, str], str]
RecordSpot = Callable[[str, str, str], str]
EntrySpot = Callable[[str], str]


class StudyError(Problems):
    """A study cannot be used."""


class Study(BaseModel):
    """A workbook's worth of inputs. `preset`, `load_study` and `study_of` make one and check it whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    title: str
    as_of: str
    """The day that prices and facts are meant for, as YYYY-MM-DD."""
    months: int = MONTH_COUNT
    """Length of the plan."""
    catalog: OwnRecords = {}
    """Records beside the shipped catalog, and facts of it that this study knows better."""
    scenarios: dict[str, ScenarioBase]
    simulate: Uncertain = Uncertain()
    """What inputs may be, where that is known better than the ranges of Assumptions."""

    @field_validator("scenarios")
    @classmethod
    def _canonical(cls, scenarios: dict[str, ScenarioBase]) -> dict[str, ScenarioBase]:
        """One form for equal studies: the base decides every input, and only the assumptions that it changes."""
        names = list(scenarios)
        base = standard_values() | (scenarios[names[0]].overrides if names else {})
        changed = {name: value for name, value in base.items() if believed().get(name) != value}
        return scenarios | {name: Scenario(**changed) for name in names[:1]}

    @property
    def names(self) -> list[str]:
        return list(self.scenarios)

    def resolved(self) -> dict[str, dict[str, Value]]:
        """Every input of every scenario, with what is inherited filled in."""
        base = standard_values() | next(iter(self.scenarios.values())).overrides
        return {name: base | scenario.overrides for name, scenario in self.scenarios.items()}

    def diff(self, other: Study) -> Difference:
        """What differs in another study: inputs, catalog, and headline results with how much they moved."""
        from xl_econ.inputs.difference import compare

        return compare(self, other)

    def given(self, order: Order | None = None) -> dict[str, Any]:
        """What `core.evaluate` needs: an array over the scenarios for each decided given, and the tables.

        `order` are the ids of catalog tables as a workbook has them.
        """
        rows = list(self.resolved().values())
        tables = fixed_values() | {PERIOD: np.arange(self.months + 1)} | columns_with(self.catalog, order)
        return tables | {name: np.asarray([row[name] for row in rows]) for name in decided()}


@functools.cache
def fixed_values() -> dict[str, Any]:
    """Constants, catalog columns, drop-down labels, levels and months: the same for every scenario."""
    values: dict[str, Any] = {name: constant.value for name, constant in constants().items()}
    for column in (given for given in model_graph().givens if given.role == "column"):
        if column.options:
            values[column.name] = np.asarray(column.options)
        elif column.name in CALENDAR:
            values[column.name] = np.asarray(CALENDAR[column.name])
        elif column.axis in AXES:
            values[column.name] = np.asarray(AXES[column.axis])
        else:
            table, _, field = column.name.partition(".")
            values[column.name] = np.asarray(load_catalog().column(table, field))
    return values


@functools.cache
def standard_values() -> dict[str, Value]:
    """What a study gets for an input that it leaves out: the standard preset's base, and the assumptions."""
    raw = tomllib.loads(_preset_text(STANDARD))["scenarios"]
    return believed() | next(iter(raw.values()))


@functools.cache
def believed() -> dict[str, Value]:
    """The base values of the assumptions; whole ones as whole numbers."""
    fields = decided()
    return {name: int(each.base) if fields[name].bounds.whole else each.base for name, each in assumptions().items()}


def presets() -> list[str]:
    """Names of the shipped studies."""
    files = resources.files("xl_econ.inputs").joinpath("presets").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def preset(name: str) -> Study:
    """A shipped study, by name."""
    if name not in presets():
        raise StudyError([f'there is no preset "{name}". Use one of {", ".join(presets())}.'])
    return study_of(tomllib.loads(_preset_text(name)), name)


def load_study(path: Path) -> Study:
    """A study from a TOML file; raises StudyError with every problem."""
    if not path.is_file():
        what = "is a directory, not a study" if path.is_dir() else "does not exist"
        raise StudyError([f"{path}: {what}. Give a .toml file; `xl-econ read` writes one from a workbook."])
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise StudyError([f"{path}: it is not UTF-8 text. Save it as UTF-8."]) from None
    except tomllib.TOMLDecodeError as error:
        raise StudyError([f"{path}: it is not valid TOML: {error}."]) from None
    calibrated = Calibrated(raw, path)
    study = study_of(calibrated.raw, path.name)
    stop_on(calibrated.problems(study.resolved()), StudyError)
    return study


def study_of(
    raw: Mapping[str, Any],
    where: str,
    spot: StudySpot | None = None,
    record_spot: RecordSpot | None = None,
    entry_spot: EntrySpot | None = None,
) -> Study:
    """A study from plain values, checked whole; raises StudyError with every problem.

    `spot`, `record_spot` and `entry_spot` say where a scenario's input, a catalog record's field and a distribution
    stand, for the messages; by default in a TOML table.
    """

    def in_file(scenario: str, name: str) -> str:
        return f"{where}: scenarios.{scenario}.{name}"

    def in_records(*path: str) -> str:
        return f"{where}: {'.'.join(filter(None, ('catalog', *path)))}"

    def in_entries(name: str) -> str:
        return f"{where}: {'.'.join(filter(None, (KEY, name)))}"

    at = spot or in_file
    problems = [f"{where}: unknown key {key!r}. Use {', '.join(KNOWN_KEYS)}." for key in raw if key not in KNOWN_KEYS]
    problems += [*_text_problems(raw, where), *month_problems(raw.get("months", MONTH_COUNT), f"{where}: months")]
    records = read_records(raw.get("catalog", {}), record_spot or in_records, problems)
    uncertain = read_uncertain(raw.get(KEY, {}), entry_spot or in_entries, problems)
    scenarios, choices = _read_scenarios(raw.get("scenarios", {}), where, at, problems, records)
    stop_on(problems, StudyError)
    told: Tables = {"title": raw.get("title", where), "as_of": raw.get("as_of", "")}
    told |= {"months": raw.get("months", MONTH_COUNT), "catalog": records, "simulate": uncertain}
    study, chosen, no_layout = with_layouts(Study(scenarios=scenarios, **told), choices, at)
    problems += [*no_layout.values(), *rule_problems(study.given(), study.names, at, leave=no_layout)]
    stop_on(problems, StudyError)
    for line in chosen:
        notes.info(line)
    return study


def _read_scenarios(
    tables: Any, where: str, at: StudySpot, problems: list[str], own: OwnRecords
) -> tuple[dict[str, ScenarioBase], dict[str, str]]:
    """The scenarios as they are written, and the layouts that they choose."""
    found = cast(Tables, tables) if isinstance(tables, dict) else {}
    if not 1 <= len(found) <= MOST_SCENARIOS:
        problems.append(f"{where}: it needs 1 to {MOST_SCENARIOS} tables [scenarios.NAME]; the first is the base.")
        return {}, {}
    scenarios: dict[str, ScenarioBase] = {}
    choices: dict[str, str] = {}
    for name, table in found.items():
        problems += _name_problems(name, where)
        if not isinstance(table, dict):
            problems.append(f"{where}: scenarios.{name} is {table!r}, but must be a table of inputs.")
            continue
        spot = functools.partial(at, name)
        inputs, choices[name] = taken_apart(cast(Tables, table), spot, problems)
        scenarios[name] = read_scenario(inputs, spot, problems, own) or Scenario()
    return scenarios, choices


def _text_problems(raw: Mapping[str, Any], where: str) -> list[str]:
    return [
        f"{where}: {key} is {raw[key]!r}, but must be text in quotes."
        for key in ("title", "as_of")
        if key in raw and not isinstance(raw[key], str)
    ]


def month_problems(months: Any, what: str) -> list[str]:
    """Why a plan cannot have this many months."""
    is_whole = isinstance(months, int) and not isinstance(months, bool)
    if is_whole and months % YEAR_MONTHS == 0 and 1 <= months // YEAR_MONTHS <= MOST_YEARS:
        return []
    most = YEAR_MONTHS * MOST_YEARS
    return [f"{what} is {months!r}, but a plan has 1 to {MOST_YEARS} whole years: give 12, 24 … or {most}."]


def _name_problems(name: str, where: str) -> list[str]:
    if name.strip() == name and 1 <= len(name) <= 31 and name.isprintable() and "." not in name:
        return []
    return [f"{where}: the scenario name {name!r} must have 1 to 31 visible characters, without a dot."]


def _preset_text(name: str) -> str:
    return resources.files("xl_econ.inputs").joinpath("presets").joinpath(f"{name}.toml").read_text("utf-8")


def to_toml(study: Study) -> str:
    """The study as TOML that `load_study` reads back to an equal one."""
    lines = [f"title = {toml_text(study.title)}", f"as_of = {toml_text(study.as_of)}"]
    lines += [f"months = {study.months}"] if study.months != MONTH_COUNT else []
    for table, records in study.catalog.items():
        for id, fields in records.items():
            lines += ["", f"[catalog.{table}.{toml_text(id)}]"]
            lines += [f"{key} = {toml_value(value)}" for key, value in fields.items()]
    for name, scenario in study.scenarios.items():
        lines += ["", f"[scenarios.{toml_text(name)}]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in scenario.overrides.items()]
    if entries := study.simulate.lines():
        lines += ["", f"[{KEY}]", *entries]
    return "\n".join(lines) + "\n"
