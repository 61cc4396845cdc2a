"""Stack: what result files do not tell, from options and a study, checked; and what the model predicts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xl_econ.calibration.left_out import LeaveOut
from xl_econ.calibration.names import Names
from xl_econ.calibration.runs import Run
from xl_econ.core.problems import Problems, one_line, stop_on
from xl_econ.inputs.own_calibration import Stack
from xl_econ.inputs.own_catalog import Value, columns_with
from xl_econ.inputs.standard import left_open
from xl_econ.inputs.study import Study, fixed_values, load_study, study_of

NEEDED = ("accelerator", "weight_precision", "kv_precision", "tensor_parallel")
CALIBRATED = "Calibration"
DRAFTS = "draft tokens"
"""The label of speculative decoding."""
ASIDE = {
    "procurement": "rent",
    "usd_per_accelerator_h_from": "own",
    "own_time_factor": 1.0,
    "own_ttft_factor": 1.0,
}
"""A stack may be measured on an accelerator that has no price, and factors are found anew."""


@dataclass(frozen=True)
class Chosen:
    """A stack, and all that predictions start from."""

    stack: Stack
    replicas: int
    alike: bool
    """Whether requests have one length, where a run does not tell."""
    base: Mapping[str, Any]
    notes: tuple[str, ...]


def chosen(
    runs: Sequence[Run],
    options: Mapping[str, Value | None],
    replicas: int = 1,
    study: Path | None = None,
    scenario: str | None = None,
) -> Chosen:
    """The stack that runs are of. An option goes before the study; raises Problems with all that is missing."""
    given = {name: value for name, value in options.items() if value is not None}
    start, where = load_study(study) if study else None, str(study or "")
    own = start.catalog if start else {}
    llms, engine = _llms(runs, Names(own)), _engine(runs)
    guess = llms[0] if len(llms) == 1 else None
    known = {name: value for name, value in (("llm", guess), ("engine", engine)) if value}
    told = dict(_scenario(start, where, scenario)) if start else {**left_open(), **known}
    problems = [] if start else [_needed(name) for name in NEEDED if name not in given]
    if scenario and not start:
        problems.append("--scenario is given without --study. Give the study that has it.")
    if not (start or guess or "llm" in given):
        problems.append(_no_llm(runs))
    values = told | given
    problems += _contradictions(runs, values) + _several(runs, llms, given)
    stop_on(problems, Problems)
    checked = _checked(values | ASIDE, given, start, f"{where}: scenarios.{scenario or ''}")
    stack = Stack(**{name: checked[name] for name in Stack.model_fields})  # pyright: ignore[reportArgumentType]
    base = fixed_values() | columns_with(own) | {name: np.asarray(value) for name, value in checked.items()}
    alike = checked["request_lengths"] == fixed_values()["lists.request_lengths"][1]
    return Chosen(stack, replicas, bool(alike), base, (*_llm_notes(runs, stack, guess), *_engine_notes(stack, engine)))


def _scenario(study: Study, where: str, name: str | None) -> Mapping[str, Value]:
    resolved = study.resolved()
    if name is not None and name not in resolved:
        raise Problems([f'--scenario: {where} has no scenario "{name}". Use {", ".join(resolved)}.'])
    return resolved[name or next(iter(resolved))]


def _checked(values: Mapping[str, Value], given: Mapping[str, Value], start: Study | None, of: str) -> dict[str, Value]:
    """The values as a study's own checks leave them, with options named as they are typed."""

    def at(_: str, name: str) -> str:
        return f"--{name.replace('_', '-')}" if name in given or not start else f"{of}.{name}"

    raw = {"catalog": start.catalog if start else {}, "scenarios": {CALIBRATED: dict(values)}}
    return study_of(raw, CALIBRATED, at).resolved()[CALIBRATED]


def named_llm(run: Run, names: Names) -> str | None:
    """The id of the LLM that a run names, if it is one."""
    try:
        return names.llm(*run.names)
    except LeaveOut:
        return None


def _llms(runs: Sequence[Run], names: Names) -> list[str | None]:
    """Those that runs name, with None where one names none."""
    return sorted({named_llm(run, names) for run in runs}, key=str)


def _engine(runs: Sequence[Run]) -> str | None:
    """The label of the engine that runs tell, where it decides one; other engines have labels by their year."""
    told = {run.engine for run in runs if run.engine}
    return next((label for label in fixed_values()["lists.engine"].tolist() if told == {label}), None)


def _needed(name: str) -> str:
    option = f"--{name.replace('_', '-')}"
    return f"{option} is missing, and no result file tells it. Give it, or a study that does with --study."


def _no_llm(runs: Sequence[Run]) -> str:
    names = sorted({name for run in runs for name in run.names if name})
    told = f"the files name {', '.join(names)}" if names else "the files do not name it"
    return f"--llm is missing, and {told}. Give an id of `xl-econ list llms`, or a study with --study."


def _contradictions(runs: Sequence[Run], values: Mapping[str, Value]) -> list[str]:
    """What runs tell otherwise than the options or the study."""
    problems = [
        f"{run.where}: its server told tensor parallelism {run.tensor_parallel:g}, not {values['tensor_parallel']}. "
        "Give that as --tensor-parallel."
        for run in runs
        if run.tensor_parallel is not None and run.tensor_parallel != values["tensor_parallel"]
    ]
    problems += [
        f"{run.where}: it was measured with {run.tokens_per_step:.2f} tokens per step (speculative decoding). "
        f'Give a study with speculation = "{DRAFTS}" and its draft as --study, or measure without.'
        for run in runs
        if run.tokens_per_step > 1 and values["speculation"] != DRAFTS
    ]
    if values["serving_mode"] != "aggregated":
        problems.append(
            f"serving_mode is {values['serving_mode']}. Give a scenario that is aggregated: it alone is told."
        )
    return problems


def _several(runs: Sequence[Run], llms: Sequence[str | None], given: Mapping[str, Value]) -> list[str]:
    """What the files tell is more than one stack."""
    engines = set[str]() if "engine" in given else {run.engine for run in runs if run.engine}
    return [
        f"the files are of different {what}: {', '.join(sorted(found))}. Calibrate one stack at a time{otherwise}."
        for what, found, otherwise in (
            ("LLMs", {llm for llm in llms if llm}, ""),
            ("engines", engines, ", or tell it with --engine"),
        )
        if len(found) > 1
    ]


def _engine_notes(stack: Stack, engine: str | None) -> tuple[str, ...]:
    if engine in (None, stack.engine):
        return ()
    return (f"engine {stack.engine} as given, though the files are of {engine}",)


def _llm_notes(runs: Sequence[Run], stack: Stack, guess: str | None) -> tuple[str, ...]:
    names = one_line(", ".join(sorted({name for run in runs for name in run.names if name})))
    if guess is None or guess == stack.llm:
        return (f"LLM {stack.llm}, which the files name {names}",) if guess else ()
    return (f"LLM {stack.llm} as given, though the files name {names}, which is {guess}",)
