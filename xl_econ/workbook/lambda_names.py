"""Lambda names: the functions as defined names of our workbook, with comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

from xl_econ.core.spell import Naming
from xl_econ.functions.lambdas import Body, LambdaName, lambda_names, moved_steps
from xl_econ.functions.registry import FUNCTIONS
from xl_econ.functions.tables import TABLES, lambda_of
from xl_econ.workbook.layout import Layout
from xl_econ.workbook.splice import Box

NAME = re.compile(rb'<definedName name="([^"]*)"')


def names_in(layout: Layout) -> Iterator[LambdaName]:
    """The functions as names of a workbook; what no argument tells is as in its first scenario."""

    def at(address: tuple[str, str]) -> str:
        sheet, cells = address
        return f"{sheet}!{Box.of(cells).absolute}"

    outside = Naming(lambda name: at(layout.one(name, 0)), lambda name: at(layout.whole(name, 0)))
    for function in FUNCTIONS:
        yield from lambda_names(Body(function, outside, moved_steps(function), function.tree))
    yield from map(lambda_of, TABLES)


def commented(workbook: bytes, layout: Layout) -> bytes:
    """The workbook's part with what each function gives as the comment that the list of names shows."""
    comments = {each.name.encode(): quoteattr(each.comment).encode() for each in names_in(layout)}

    def with_comment(found: re.Match[bytes]) -> bytes:
        comment = comments.get(found[1])
        return found[0] + (b" comment=" + comment if comment else b"")

    return NAME.sub(with_comment, workbook)
