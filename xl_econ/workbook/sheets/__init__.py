"""The sheets, in order; each module writes one page."""

from __future__ import annotations

from collections.abc import Callable

from xl_econ.workbook.page import Page
from xl_econ.workbook.sheets import (
    about,
    article,
    assumptions,
    bridge,
    catalog,
    changes,
    checks,
    curve,
    demand,
    engine,
    evidence,
    functions,
    inputs,
    lists,
    plan,
    provider,
    results,
    sensitivity,
    simulation,
    sources,
    workings,
)

SHEETS: dict[str, Callable[[Page], None]] = {
    "About": about.write,
    "Results": results.write,
    "Inputs": inputs.write,
    "Assumptions": assumptions.write,
    "Plan": plan.write,
    "Demand": demand.write,
    "Engine": engine.write,
    "Curve": curve.write,
    "Catalog": catalog.write,
    "Provider": provider.write,
    "Article": article.write,
    "Bridge": bridge.write,
    "Sensitivity": sensitivity.write,
    "Simulation": simulation.write,
    "Evidence": evidence.write,
    "Checks": checks.write,
    "Functions": functions.write,
    "Sources": sources.write,
    "Changes": changes.write,
    "Lists": lists.write,
    "Workings": workings.write,
}


def sheet_names(full: bool) -> list[str]:
    """The sheets of a full or a core workbook, in order."""
    return [name for name in SHEETS if full or name not in about.ONLY_FULL]


def write_sheet(page: Page) -> None:
    """One sheet, with the checks' word at its top."""
    SHEETS[page.sheet](page)
    checks.said_on_every_sheet(page)
