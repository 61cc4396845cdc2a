"""Listing: names of what there is, each with a few words."""

from __future__ import annotations

from collections.abc import Iterator

from xl_econ.catalog.load import load_catalog
from xl_econ.core.quantity import Given
from xl_econ.functions.registry import FUNCTIONS
from xl_econ.functions.tables import TABLES
from xl_econ.inputs.study import preset, presets
from xl_econ.model import model_graph


def listing(kind: str) -> Iterator[tuple[str, str]]:
    """Pairs of name and description for presets, llms, accelerators, hosted, quantities or functions."""
    yield from {
        "presets": _presets,
        "llms": _llms,
        "accelerators": _accelerators,
        "hosted": _hosted,
        "quantities": _quantities,
        "functions": _functions,
    }[kind]()


def _presets() -> Iterator[tuple[str, str]]:
    for name in presets():
        study = preset(name)
        yield name, f"{study.title} ({', '.join(study.names)})"


def _llms() -> Iterator[tuple[str, str]]:
    for id, llm in load_catalog().llms.items():
        yield id, f"{llm.name}, {llm.published_params_b.value:,.4g} B parameters, {llm.attention}"


def _accelerators() -> Iterator[tuple[str, str]]:
    for id, chip in load_catalog().accelerators.items():
        rent = f", {chip.rent_usd_per_h.value:.2f} USD/h" if chip.rent_usd_per_h else ""
        yield id, f"{chip.name}, {chip.memory_gb.value:.1f} GB, {chip.bandwidth_tb_per_s.value:.2f} TB/s{rent}"


def _hosted() -> Iterator[tuple[str, str]]:
    for id, api in load_catalog().hosted.items():
        prices = f"{api.input_usd_per_m_tokens.value:g} / {api.output_usd_per_m_tokens.value:g} USD per 1 M tokens"
        yield id, f"{api.name} of {api.provider}, {prices}, {api.date}"


def _quantities() -> Iterator[tuple[str, str]]:
    for quantity in model_graph():
        if not (isinstance(quantity, Given) and quantity.role == "column"):
            yield quantity.name, f"{quantity.label} ({quantity.unit})"


def _functions() -> Iterator[tuple[str, str]]:
    for entry in (*FUNCTIONS, *TABLES):
        yield entry.signature, entry.help
