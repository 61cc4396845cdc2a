"""Shape: how many scenarios and months a workbook was made for, and whether it has the article's sheets."""

from __future__ import annotations

from xl_econ.core.problems import stop_on
from xl_econ.workbook.blank import Shape
from xl_econ.workbook.book import Book, WorkbookError

ON_ENGINE, ONLY_FULL = "serving_state", "at_Article_"
"""A row of the sheet Engine, and the names that only a full workbook has."""


def shape_of(book: Book) -> Shape:
    """Raises WorkbookError where scenarios were added on Inputs alone."""
    columns, count = book.cells(ON_ENGINE), len(book.scenarios)
    computed = sum(not book.is_free(spot) for spot in columns[0]) if columns else 0
    problems: list[str] = []
    if computed != count:
        problems.append(
            f"{book.name}: it has {count} scenarios on Inputs, but its sheets compute {computed}. "
            "Take the inputs out with `xl-econ read`, and make a workbook of them with `xl-econ new --study`."
        )
    stop_on(problems, WorkbookError)
    return Shape(count, any(name.startswith(ONLY_FULL) for name in book.package.names), book.months)
