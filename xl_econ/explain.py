"""Explain: a quantity in words, from its declaration; the same text for the command and the docs."""

from __future__ import annotations

from xl_econ.catalog.assumptions import assumptions, constants
from xl_econ.catalog.load import load_catalog
from xl_econ.core.quantity import Derived, Given, Quantity
from xl_econ.core.spell import cell_formula, words
from xl_econ.model import HEADLINES, model_graph
from xl_econ.workbook.layout import layout_for

SCENARIOS = 3


def explain(name: str) -> list[tuple[str, str]]:
    """Label, unit, formula, inputs, source and cell of a quantity, as pairs of head and text.

    Raises GraphError, with the nearest names, for a name that no quantity has.
    """
    quantity = model_graph()[name]
    lines = [("name", quantity.name), ("label", quantity.label), ("unit", quantity.unit)]
    lines += [("note", quantity.note)] if quantity.note else []
    lines += _computed(quantity) if isinstance(quantity, Derived) else _given(quantity)
    return [*lines, ("source", _source(quantity)), *_cell(quantity)]


def _computed(quantity: Derived) -> list[tuple[str, str]]:
    graph = model_graph()
    inputs = [f"{name}: {graph[name].label} ({graph[name].unit})" for name in dict.fromkeys(quantity.inputs.values())]
    lines = [("formula", f"{quantity.name} = {words(graph.trees[quantity.name])}"), ("inputs", "\n".join(inputs))]
    if quantity.repeats:
        lines.append(("repeats", f"the formula of {quantity.repeats}"))
    return lines + ([("absent where", f"{quantity.state} is not 0")] if quantity.state else [])


def _given(quantity: Quantity) -> list[tuple[str, str]]:
    assert isinstance(quantity, Given)
    lines = [("given as", quantity.role)]
    if quantity.name in constants():
        lines.append(("value", f"{constants()[quantity.name].value:g}"))
    if quantity.name in assumptions():
        known = assumptions()[quantity.name]
        lines.append(("low, base, high", f"{known.low:g}, {known.base:g}, {known.high:g} ({known.kind})"))
    if quantity.role in ("input", "assumption"):
        lines.append(("allowed", f"a label of {quantity.choices}" if quantity.choices else str(quantity.bounds)))
    return lines


def _source(quantity: Quantity) -> str:
    id = assumptions()[quantity.name].source if quantity.name in assumptions() else quantity.source
    source = load_catalog().sources.get(id)
    return f"{source.title}. {source.reference} ({source.date})" if source else id


def _cell(quantity: Quantity) -> list[tuple[str, str]]:
    """Where it stands in the standard workbook, and what the first scenario's cell holds."""
    layout, along = layout_for(SCENARIOS), model_graph().axes[quantity.name] is not None
    if not layout.holds(quantity.name):
        return [("cell", "none: it is part of the formulas that take it")]
    sheet, cell = layout.one(quantity.name, 0, 0 if along else None)
    lines = [("cell", f"{sheet}!{cell}")]
    if isinstance(quantity, Derived):
        naming = layout.naming(quantity.name, 0, 0 if along else None)
        lines.append(("Excel", cell_formula(layout.tree(quantity.name, 0), naming)))
    return lines


def quantities_page() -> str:
    """The page of all quantities in the docs, in Markdown."""
    lines = [
        "# Quantities",
        "",
        "Made from the declarations in `xl_econ/model`; `python -m xl_econ.explain` writes it. Units are the "
        "practitioner's. Headline results are in bold.",
    ]
    derived = [quantity for quantity in model_graph() if isinstance(quantity, Derived)]
    for theme in dict.fromkeys(quantity.theme for quantity in derived):
        lines += ["", f"## {theme}", "", "| name | what | unit | formula |", "|---|---|---|---|"]
        lines += [_row(quantity) for quantity in derived if quantity.theme == theme]
    return "\n".join(lines) + "\n"


def _row(quantity: Derived) -> str:
    name = f"**`{quantity.name}`**" if quantity.name in HEADLINES else f"`{quantity.name}`"
    formula = words(model_graph().trees[quantity.name]).replace("|", "/")
    return f"| {name} | {quantity.label} | {quantity.unit} | {formula} |"


if __name__ == "__main__":
    from pathlib import Path

    Path("docs/quantities.md").write_text(quantities_page(), encoding="utf-8")
