"""Article: each published figure, the article's own sum computed live, ours beside it, and why they differ."""

from __future__ import annotations

from xl_econ.inputs.article import CALCULATIONS, ArticleRow, article
from xl_econ.model.article import method_gap, published_gap
from xl_econ.workbook.layout import FIRST_ROW, HEAD_ROW, letters
from xl_econ.workbook.page import Page

TITLE = "Economics of LLM Serving, 9 November 2024"
PURPOSE = "The article's six calculations. Change an article's case at the right of Inputs and its row here moves."
HEADS = {
    0: "Figure",
    1: "Unit",
    2: "Printed as",
    3: "Printed",
    4: "The article's sum",
    5: "The article's method, live",
    6: "Live against printed",
    7: "This model, live",
    8: "This model against the article's",
    9: "Derivable",
    10: "Why",
}
WHY_WIDTH = 70
WIDTHS = (50, 12, 16, 12, 38, 15, 12, 15, 13, 12, WHY_WIDTH)
LIVE, GAP, OURS, OUR_GAP = 5, 6, 7, 8
UNDERIVABLE = "NO"


def write(page: Page) -> None:
    page.head(TITLE, PURPOSE, dict(enumerate(WIDTHS)))
    page.column_heads(HEADS, [HEADS[column] for column in (3, LIVE, GAP, OURS, OUR_GAP)])
    page.pen.dress("set_row", HEAD_ROW, 44)
    row, calculation = FIRST_ROW, 0
    for each in article()[1]:
        if each.calculation != calculation:
            calculation = each.calculation
            row += 1 if row > FIRST_ROW else 0
            for column in HEADS:
                title = f"{calculation}. {CALCULATIONS[calculation]}"
                page.text(row, column, title if column == 0 else "", "section")
            row += 1
        _row(page, row, each)
        row += 1


def _row(page: Page, row: int, each: ArticleRow) -> None:
    quantity = page.layout.graph[each.quantity]
    theirs = page.layout.scenarios + 2 * list(article()[0]).index(each.case)
    page.text(row, 0, quantity.label)
    page.text(row, 1, quantity.shown_unit, "unit")
    page.text(row, 2, each.printed, "quoted")
    page.figure(row, 3, each.published, "quoted", quantity.unit)
    page.text(row, 4, each.sum, "note")
    page.link(row, LIVE, each.quantity, theirs)
    page.link(row, OURS, each.quantity, theirs + 1)
    _gaps(page, row, each, theirs)
    page.text(row, 9, "yes" if each.derivable else UNDERIVABLE, "check" if each.derivable else "flag")
    page.text(row, 10, each.why, "wrapped")
    page.fit_row(row, (each.why, WHY_WIDTH))


def _gaps(page: Page, row: int, each: ArticleRow, theirs: int) -> None:
    live, ours = (page.columns.value(each.quantity, column) for column in (theirs, theirs + 1))
    live_cell, ours_cell = (f"{letters(column)}{row + 1}" for column in (LIVE, OURS))
    cells = {"computed": live_cell, "published": f"{letters(3)}{row + 1}"}
    gap = published_gap(live, each.published)
    page.applied(row, GAP, published_gap, cells, gap, "formula", "gap")
    cells = {"calibrated": ours_cell, "computed": live_cell}
    page.applied(row, OUR_GAP, method_gap, cells, method_gap(ours, live), "formula", "gap")
