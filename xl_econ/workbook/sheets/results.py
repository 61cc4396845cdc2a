"""Results: the answer first, then the figures side by side, then the charts."""

from __future__ import annotations

from xl_econ.workbook.charts import cost_by_scenario, throughput_over_latency
from xl_econ.workbook.layout import FIRST_COLUMN, FIRST_ROW
from xl_econ.workbook.page import Page

TITLE = "Results"
PURPOSE = "The answer, one column per scenario. Every figure is taken live from the sheet Engine."
SENTENCES = (("headline", "In a sentence"), ("hosted_headline", "Against the hosted API"))
KEYS = ("usd_per_m_tokens", "usd_per_month", "output_tokens_per_s", "accelerators")
TABLE = {
    "Cost": (
        "usd_per_m_input_tokens",
        "usd_per_m_output_tokens",
        "usd_per_m_tokens",
        "usd_per_accelerator_h",
        "usd_per_h",
        "usd_per_month",
    ),
    "Hosted alternative": ("hosted_usd_per_m_tokens", "hosted_usd_per_month", "own_over_hosted"),
    "Service": (
        "ttft_ms",
        "itl_ms",
        "prefill_ms",
        "decode_step_ms",
        "concurrency",
        "input_tokens_per_s",
        "output_tokens_per_s",
        "utilisation",
    ),
    "Memory and fleet": (
        "weights_gb",
        "min_accelerators",
        "kv_mb_per_token",
        "kv_capacity_tokens",
        "memory_concurrency",
        "replicas",
        "accelerators",
    ),
    "State": ("serving_state_label",),
}


def write(page: Page) -> None:
    notes = page.layout.notes_column
    page.head(TITLE, PURPOSE, {0: 44, 1: 14, **dict.fromkeys(page.sheet_columns, 31), notes: 3})
    page.scenario_heads()
    page.column_heads({0: "Result", 1: "Unit"})
    row = FIRST_ROW
    for name, label in SENTENCES:
        row = _line(page, row, name, "sentence", label, height=46)
    for name in KEYS:
        row = _line(page, row, name, "key", height=30)
    for title, names in TABLE.items():
        row += 1
        for column in range(notes):
            page.text(row, column, title if column == 0 else "", "section")
        row += 1
        for name in names:
            row = _line(page, row, name, "link")
    cost_by_scenario(page, FIRST_ROW, notes + 1)
    throughput_over_latency(page, FIRST_ROW + 14, notes + 1)


def _line(page: Page, row: int, name: str, role: str, label: str = "", height: float | None = None) -> int:
    """One quantity across the scenarios; gives the next row."""
    quantity = page.layout.graph[name]
    page.text(row, 0, label or quantity.label, "strong" if role != "link" else "label")
    page.text(row, 1, "" if quantity.unit in ("1", "text") else quantity.unit, "unit")
    for column in page.scenario_columns:
        page.link(row, FIRST_COLUMN + column, name, column, role)
    if height:
        page.pen.dress("set_row", row, height)
    return row + 1
