"""Independent spreadsheet engines: a test recalculates a workbook without trusting its cached values.

Four engines read the .xlsx file and compute every formula again:

* IronCalc (`IroncalcBook`), CellRune (`CellruneBook`) and Formulon (`FormulonBook`) run in this process.
  Load a workbook once, then `set` inputs, `recalculate`, and read `values` as often as needed.
* LibreOffice runs headless as a child process. One start converts many files (`recalculate_libreoffice`)
  or plays many sets of inputs on one workbook (`libreoffice_scenarios`).

All of them name cells as `(sheet name, "D12")`, and give numbers as floats and errors as texts ("#DIV/0!").
Two auditors look for other faults: `audit_openxml` (a file Excel would repair) and `audit_spreadsheet`.
"""

from __future__ import annotations

from engines.audit import Finding, audit_openxml, audit_spreadsheet
from engines.files import Cell, Edits, PathLike, Value, formula_cells, same_value
from engines.in_process import (
    Book,
    CellruneBook,
    FormulonBook,
    IroncalcBook,
    recalculate_cellrune,
    recalculate_formulon,
    recalculate_ironcalc,
)
from engines.misreads import ironcalc_misreads
from engines.office import (
    HAVE_LIBREOFFICE,
    NO_LIBREOFFICE,
    NO_UNO,
    SOFFICE,
    edit_in_libreoffice,
    libreoffice_scenarios,
    libreoffice_values,
    recalculate_libreoffice,
    uno_python,
)

__all__ = [
    "HAVE_LIBREOFFICE",
    "NO_LIBREOFFICE",
    "NO_UNO",
    "SOFFICE",
    "Book",
    "Cell",
    "CellruneBook",
    "Edits",
    "Finding",
    "FormulonBook",
    "IroncalcBook",
    "PathLike",
    "Value",
    "audit_openxml",
    "audit_spreadsheet",
    "edit_in_libreoffice",
    "formula_cells",
    "ironcalc_misreads",
    "libreoffice_scenarios",
    "libreoffice_values",
    "recalculate_cellrune",
    "recalculate_formulon",
    "recalculate_ironcalc",
    "recalculate_libreoffice",
    "same_value",
    "uno_python",
]
