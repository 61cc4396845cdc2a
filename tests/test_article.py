"""The article's six calculations: each figure computed, its gap to the printed one shown and explained."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import engines
import pytest

from xl_econ.inputs.article import CALCULATIONS, ArticleRow, article
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import preset
from xl_econ.workbook.fill import new_workbook
from xl_econ.workbook.layout import layout_for

CASES = tomllib.loads((Path(__file__).parent / "cases" / "article.toml").read_text("utf-8"))["case"]
ROWS = article()[1]
GAP = 0.095
"""The article rounds as it goes: no derivable figure is further than this from what its own sum gives."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['preset']}: {', '.join(case['expect'])}")
def test_each_preset_computes_the_articles_figures(case: dict[str, Any]) -> None:
    found = evaluate(preset(case["preset"]), case["expect"]).scenarios["Base"]
    assert found == pytest.approx(case["expect"], rel=1e-4), case["why"]


def computed(row: ArticleRow) -> float:
    study = article()[0][row.case].study()
    return evaluate(study, [row.quantity]).scenarios[study.names[0]][row.quantity]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.calculation}: {row.quantity}")
def test_a_printed_figure_is_near_what_its_sum_gives_unless_it_cannot_be_derived(row: ArticleRow) -> None:
    gap = abs(computed(row) / row.published - 1)
    assert (gap < GAP) == row.derivable or row.quantity == "decode_pool_computed_tokens_per_s"
    assert row.why.endswith((".", "loss.")), "every row says why in a sentence"


def test_the_two_figures_that_cannot_be_derived_are_flagged() -> None:
    assert [row.printed for row in ROWS if not row.derivable] == ["2 K tokens", "60 tokens/s"]


def test_all_six_calculations_have_rows() -> None:
    assert {row.calculation for row in ROWS} == set(CALCULATIONS)


def article_cells(path: Path) -> dict[str, engines.Value]:
    found = engines.recalculate_ironcalc(path)
    return {at: value for (sheet, at), value in found.items() if sheet == "Article"}


def test_nothing_is_typed_in_changing_the_articles_gpu_price_moves_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    layout = layout_for(3)
    price = layout.one("own_usd_per_accelerator_h", layout.scenarios)
    before = engines.IroncalcBook(path)
    cells = list(engines.formula_cells(path))
    before.recalculate()
    first = before.values(cells)
    before.set(*price, 3.0)
    before.recalculate()
    moved = {at for at, value in before.values(cells).items() if at[0] == "Article" and value != first[at]}
    rows = {at.lstrip("ABCDEFGHIJ") for _, at in moved}
    per_hour = [f"{14 + offset}" for offset in range(2)]
    assert set(per_hour) <= rows, "the price of 16 GPUs and its cents per second follow"


def test_every_row_of_the_sheet_shows_computed_ours_and_both_gaps(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(new_workbook(preset("article-405b")))
    cells = article_cells(path)
    for column in "FGHI":
        figures = [value for at, value in cells.items() if at.startswith(column)]
        assert len(figures) == len(ROWS)
        assert all(isinstance(value, float) for value in figures)
