"""Repeat a stretch of the graph with other inputs: one formula, several rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from xl_econ.core.quantity import DeclarationError, Derived, Quantity


def repeat(
    quantities: Iterable[Quantity],
    *,
    to: Iterable[str],
    instead: Mapping[str, str],
    rename: Callable[[str], str],
    relabel: Callable[[str], str] = str,
    theme: str | None = None,
) -> list[Derived]:
    """The formulas between the replaced quantities and `to`, once more, under new names.

    `instead` maps a quantity to what stands in its place. Everything on a way from it to one of `to`
    is repeated; whatever else those formulas need stays shared.
    """
    formulas = {q.name: q for q in quantities if isinstance(q, Derived)}
    used = {name for formula in formulas.values() for name in formula.inputs.values()}
    missing = sorted((set(to) - formulas.keys()) | (instead.keys() - used))
    if missing:
        raise DeclarationError(f"cannot repeat {', '.join(missing)}: no formula has or uses it")
    names = between(formulas, set(instead), set(to))
    new_name = {**{name: rename(name) for name in names}, **instead}
    return [
        replace(
            formula,
            name=rename(name),
            label=relabel(formula.label),
            theme=theme or formula.theme,
            inputs={param: new_name.get(used, used) for param, used in formula.inputs.items()},
            state=new_name.get(formula.state, formula.state) if formula.state else None,
            repeats=formula.repeats or name,
        )
        for name, formula in formulas.items()
        if name in names
    ]


def between(formulas: Mapping[str, Derived], start: set[str], to: set[str]) -> set[str]:
    """Names of formulas on a way from `start` to `to`, without `start` itself."""
    affected: dict[str, bool] = dict.fromkeys(start, True)

    def is_affected(name: str) -> bool:
        if name not in affected:
            inputs = formulas[name].inputs.values() if name in formulas else ()
            affected[name] = False
            affected[name] = any(is_affected(used) for used in list(inputs))
        return affected[name]

    found: set[str] = set()
    queue = list(to)
    while queue:
        name = queue.pop()
        if name in formulas and name not in found and name not in start and is_affected(name):
            found.add(name)
            queue.extend(formulas[name].inputs.values())
    return found
