"""Where the sheet Sensitivity holds the candidates among layouts, below its grid."""

from __future__ import annotations

from xl_econ.workbook.sensitivity_cells import GRID_ROWS

COUNT = 8
"""Candidates, the scenario's own layout first."""
(
    USE,
    TENSOR,
    PIPELINE,
    DATA,
    EXPERTS,
    PER_REPLICA,
    CONCURRENCY,
    ITL,
    TTFT,
    OUTPUT,
    COST,
    WORTH,
    STANDING,
    PLACE,
    NAME,
    OUT,
) = range(16)
"""The columns; what stands behind the cost is for rank and sentence, and not printed."""
PARTS = {
    "tensor_parallel": TENSOR,
    "pipeline_parallel": PIPELINE,
    "data_parallel": DATA,
    "expert_parallel": EXPERTS,
}
"""The inputs that a layout is."""
TOP = GRID_ROWS.stop + 1
SAID = TOP + 1
FROM_ROW, FROM = TOP + 2, PIPELINE
HEADS = TOP + 3
ROWS = range(HEADS + 1, HEADS + 1 + COUNT)
NOTE = ROWS.stop
CHOSEN_BY = "layouts_by"
BY_PYTHON, BY_HAND = "Python", "a person"


def setting_of(name: str) -> str:
    """The setting that holds an input of the other candidates."""
    return f"other_{name}"
