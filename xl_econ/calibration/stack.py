"""Stack: what result files do not tell, from options and a study, checked; and what the model predicts from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from xl_econ.calibration.measured import guessed_llm
from xl_econ.calibration.runs import Run
from xl_econ.core.problems import Problems, stop_on
from xl_econ.inputs.own_calibration import Stack
from xl_econ.inputs.own_catalog import Value, columns_with
from xl_econ.inputs.standard import left_open
from xl_econ.inputs.study import Study, fixed_values, load_study, study_of

NEEDED = ("accelerator", "weight_precision", "kv_precision", "tensor_parallel")
CALIBRATED = "Calibration"
MONEY_ASIDE = {"usd_per_accelerator_h_from": "own"}
"""A stack may be measured on an accelerator that has no price."""


@dataclass(frozen=True)
class Chosen:
    """A stack, and all that predictions start from."""

    stack: Stack
    replicas: int
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
    guess = _guess(runs)
    told = dict(_scenario(start, where, scenario)) if start else dict(left_open())
    told |= {"llm": guess} if guess and not start else {}
    problems = [] if start else [_needed(name) for name in NEEDED if name not in given]
    if scenario and not start:
        problems.append("--scenario is given without --study. Give the study that has it.")
    if not (start or guess or "llm" in given):
        problems.append(_no_llm(runs))
    values = told | given
    problems += _contradictions(runs, values)
    stop_on(problems, Problems)
    checked = _checked(values | MONEY_ASIDE, given, start, f"{where}: scenarios.{scenario or ''}")
    stack = Stack(**{name: checked[name] for name in Stack.model_fields})  # pyright: ignore[reportArgumentType]
    tables = fixed_values() | columns_with(start.catalog if start else {})
    base = tables | {name: np.asarray(value) for name, value in checked.items()}
    return Chosen(stack, replicas, base, _notes(runs, stack, guess))


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


def _guess(runs: Sequence[Run]) -> str | None:
    """The LLM that all runs name, if it is one."""
    found = {guessed_llm(*run.names) for run in runs}
    return found.pop() if len(found) == 1 else None


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
        f"Give a study with tokens_per_step = {run.tokens_per_step:.2f} as --study, or measure without."
        for run in runs
        if run.tokens_per_step > 1 >= float(values["tokens_per_step"])
    ]
    llms = sorted({llm for run in runs if (llm := guessed_llm(*run.names))})
    if len(llms) > 1:
        problems.append(f"the files are of different LLMs: {', '.join(llms)}. Calibrate one stack at a time.")
    if values["serving_mode"] != "aggregated":
        problems.append(
            f"serving_mode is {values['serving_mode']}. Give a scenario that is aggregated: it alone is told."
        )
    return problems


def _notes(runs: Sequence[Run], stack: Stack, guess: str | None) -> tuple[str, ...]:
    names = ", ".join(sorted({name for run in runs for name in run.names if name}))
    if guess is None or guess == stack.llm:
        return (f"LLM {stack.llm}, which the files name {names}",) if guess else ()
    return (f"LLM {stack.llm} as given, though the files name {names}, which is {guess}",)
