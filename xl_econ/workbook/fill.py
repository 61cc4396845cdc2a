"""Fill: a study's inputs and results put into a template that has its cells already."""

from __future__ import annotations

import functools

from xl_econ.catalog.load import load_catalog
from xl_econ.core.problems import stop_on
from xl_econ.core.shipped import shipped
from xl_econ.inputs.own_catalog import ids_of
from xl_econ.inputs.study import STANDARD, Study, notes, preset
from xl_econ.model import MONTH_COUNT
from xl_econ.workbook.columns import Held, columns_of
from xl_econ.workbook.layout import SPARE_ROWS, layout_for
from xl_econ.workbook.package import Cell, Package
from xl_econ.workbook.page import Page
from xl_econ.workbook.pens import ValuePen
from xl_econ.workbook.sheets import sheet_names, write_sheet
from xl_econ.workbook.simulation_cells import LINES, SIMULATION

SHIPPED = {True: "standard.xlsx", False: "core.xlsx"}
"""The templates of three scenarios and sixty months: with all sheets, and with those of `core`."""


def new_workbook(study: Study, full: bool = True) -> bytes:
    """A workbook of the study: the template of its shape, filled."""
    stop_on([*_too_many_records(study), *too_many_lines(study)])
    if study.simulate.lines() and not full:
        notes.info(f"a core workbook has no sheet {SIMULATION}: the study's distributions stay in its file.")
    return _template(len(study.scenarios), full, study.months).patched(filled(study, full, changes_only=True))


def _too_many_records(study: Study) -> list[str]:
    new = {table: len(ids_of(table, study.catalog)) - len(load_catalog().table(table)) for table in study.catalog}
    return [
        f"the study has {count} {table} of its own, and the sheet Catalog has {SPARE_ROWS} free rows. Leave some out."
        for table, count in new.items()
        if count > SPARE_ROWS
    ]


def too_many_lines(study: Study) -> list[str]:
    """Of what inputs may be, more than the sheet has rows for."""
    count = len(study.simulate.lines())
    what = f"the study says of {count} inputs what they may be, and the sheet {SIMULATION} has {LINES} rows"
    return [f"{what}. Leave some out."] if count > LINES else []


def filled(
    study: Study, full: bool = True, held: Held | None = None, changes_only: bool = False
) -> dict[str, dict[str, Cell]]:
    """What a study puts into a template's cells, by sheet and address.

    `held` is what a workbook that is there already holds beside it. With `changes_only`, sheets whose results no study
    changes may be left out: a fresh template has them.
    """
    columns, layout = columns_of(study, full, held), layout_for(len(study.scenarios), full, study.months)
    held = held or Held()
    cells: dict[str, dict[str, Cell]] = {}
    for sheet in sheet_names(full):
        pen = ValuePen(changes_only=changes_only)
        write_sheet(Page(sheet, pen, layout, columns, study, held.baseline, held.stamps))
        cells[sheet] = pen.cells
    return cells


@functools.lru_cache(maxsize=4)
def _template(scenarios: int, full: bool, months: int) -> Package:
    """A shipped template, or where none has the shape one compiled on the way; opened once for all workbooks."""
    if (scenarios, months) == (standard_scenarios(), MONTH_COUNT):
        return Package(shipped(SHIPPED[full]).read_bytes())
    from xl_econ.workbook.blank import template_study
    from xl_econ.workbook.template import compile_template

    return Package(compile_template(template_study(scenarios, months), full=full))


@functools.cache
def standard_scenarios() -> int:
    """How many scenarios the shipped templates have."""
    return len(preset(STANDARD).scenarios)
