"""Good workbooks with bad cells: numbers that are none, texts that are elsewhere, formulas that go in circles."""

from __future__ import annotations

from specimens.book import STYLES, Book
from specimens.tampered import INPUTS, TEXTS, Hostile, Maker, after, cell, parts, swapped
from specimens.zips import NOISE, Entry, bomb

ADDRESS = r"Inputs!C[0-9]+"
"""The message names the cell."""
FIRST_LINK, LINKS = 1_001, 3_000
"""Cells that follow one another: more than the depth of calls in Python."""
CLEAR = "_x001B_[2J_x001B_[31m"
"""Clears the screen and makes it red, as Excel writes such characters."""
BASE = r'(<c r="{input_tokens.cell}")'
"""The start of an input's cell."""


def number(text: str) -> Maker:
    """An input that is this number."""
    return cell("input_tokens", f"<v>{text}</v>")


def formula(text: str) -> Maker:
    """An input that is this formula, which gave the value that was there."""
    return cell("input_tokens", f"<f>{text}</f><v>1000</v>")


def label(text: str) -> Maker:
    """An input that is this text."""
    return cell("llm", f'<is><t xml:space="preserve">{text}</t></is>', 't="inlineStr"')


def round_trip(book: bytes) -> bytes:
    """An input that follows the cell on its right, which follows it."""
    base = Book(book).filled("{input_tokens.cell}")
    return formula(f"D{base[1:]}")(book)


def follow_on(book: bytes) -> bytes:
    """An input that follows a cell that follows a cell, and so on, down a far column."""
    numbers = range(FIRST_LINK, FIRST_LINK + LINKS)
    rows = "".join(f'<row r="{n}"><c r="XX{n}"><f>XX{n + 1}</f><v>1000</v></c></row>' for n in numbers)
    last = f'<row r="{numbers.stop}"><c r="XX{numbers.stop}"><v>1000</v></c></row>'
    chain = swapped(INPUTS, "</sheetData>", f"{rows}{last}</sheetData>")
    return after(formula(f"XX{FIRST_LINK}"), chain)(book)


def rows(xml: bytes) -> Maker:
    """A row a million times at the end of the inputs, with noise between so that they pack like a good part."""
    unit = b"<!--%s-->" % NOISE + xml * 50_000

    def change(part: Entry) -> list[Entry]:
        at = part.content.index(b"</sheetData>")
        return [bomb(part.name.decode(), unit, 20, part.content[:at], part.content[at:])]

    return parts(INPUTS, change)


def ahead(xml: str) -> Maker:
    """Something before an input's cell."""
    return swapped(INPUTS, BASE, rf"{xml}\1")


NUMBERS = {
    f"number {text if len(text) < 20 else why}": Hostile(number(text), ADDRESS, why)
    for text, why in {
        "1e400": "Python calls it infinite.",
        "-1e400": "The same below zero.",
        "9" * 400: "400 digits are more than a number of a machine holds.",
        "9" * 5_000: "5,000 digits are more than Python reads.",
        "NaN": "Not a number, and no comparison with it is true.",
        "INF": "As XML spells infinity.",
        "-INF": "The same below zero.",
        "1_000": "Python reads a thousand, Excel nothing.",
        "١٠٠٠": "Python reads the digits of every script, Excel does not.",
        "0x3E8": "As programmers write it.",
        "1,5": "As a German writes it, which no file may.",
        "1000 tokens": "With its unit.",
    }.items()
}

CATALOG = {
    f"catalog number {text}": Hostile(cell("accelerators_memory_gb", f"<v>{text}</v>"), "Catalog!C[0-9]+", why)
    for text, why in {"1e400": "As among the inputs.", "NaN": "The same.", "-5": "No memory is negative."}.items()
}

KINDS = {
    "text that is not there": Hostile(
        cell("llm", "<v>999999999</v>", 't="s"'), ADDRESS, "The list of texts is shorter than that."
    ),
    "text before the first": Hostile(
        cell("llm", "<v>-1</v>", 't="s"'), ADDRESS, "Python counts from the end, Excel not."
    ),
    "text number one and a half": Hostile(cell("llm", "<v>1.5</v>", 't="s"'), ADDRESS, "Texts are counted."),
    "TRUE": Hostile(cell("input_tokens", "<v>1</v>", 't="b"'), ADDRESS, "Python takes it as 1."),
    "error value": Hostile(cell("input_tokens", "<v>#DIV/0!</v>", 't="e"'), ADDRESS, "A formula failed."),
    "date": Hostile(cell("input_tokens", "<v>2026-11-23</v>", 't="d"'), ADDRESS, "A day is no number of tokens."),
    "unheard-of kind": Hostile(cell("input_tokens", "<v>1000</v>", 't="zz"'), ADDRESS, "Excel calls the file damaged."),
    "style that is no number": Hostile(
        cell("input_tokens", "<v>1000</v>", 's="x"'), "", "Whether it is a date is open."
    ),
    "two cells of one address": Hostile(
        ahead('<c r="{input_tokens.cell}"><v>5</v></c>'), "two|twice|order", "Which is meant is open."
    ),
}

LABELS = {
    "label of a million letters": Hostile(label("x" * 1_000_000), ADDRESS, "Nobody reads a message with that in it."),
    "label with line breaks": Hostile(label("llama&#10;&#10;3"), ADDRESS, "A problem is told on one line."),
    "label with a terminal's codes": Hostile(
        label(f"llama{CLEAR}"), ADDRESS, "Printed as it is, it clears the screen of who reads the message."
    ),
    "scenario with a terminal's codes": Hostile(
        after(cell("scenario_names", f"<is><t>Up{CLEAR}</t></is>", 't="inlineStr"'), number("NaN")),
        "Inputs!C",
        "Every message about an input names its scenario.",
    ),
    "id with a terminal's codes": Hostile(
        cell("accelerators_id", f"<is><t>h100{CLEAR}</t></is>", 't="inlineStr"'), "Catalog|h100", "So does the catalog."
    ),
    "label that reads from right to left": Hostile(
        label("llama&#x202E;3"), ADDRESS, "Printed as it is, it turns the rest of the message around."
    ),
}

HOSTILE = {**NUMBERS, **CATALOG, **KINDS, **LABELS}
GOOD = {
    "cell in the last corner": Hostile(
        swapped(INPUTS, "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'),
        "",
        "A slip of the hand; a table of all cells up to there would fill any memory.",
        worst=True,
    ),
    "sheet that says it has every cell": Hostile(
        swapped(INPUTS, '<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"'),
        "",
        "It need not be true.",
        worst=True,
    ),
    "number spelled with a character reference": Hostile(number("&#49;000"), "", "XML allows it."),
    "number in a CDATA section": Hostile(number("<![CDATA[1000]]>"), "", "XML allows it."),
    "number with an exponent": Hostile(number("1E3"), "", "Excel writes large and small numbers so."),
    "cell in a comment": Hostile(ahead('<!--<c r="{input_tokens.cell}"><v>5</v></c>-->'), "", "It does not count."),
    "cell in an instruction": Hostile(ahead('<?x <c r="{input_tokens.cell}"><v>5</v></c>?>'), "", "It does not count."),
    "attributes in single quotes": Hostile(
        swapped(INPUTS, r'<c r="{input_tokens.cell}" s="([0-9]+)"', r"<c s = '\1' r='{input_tokens.cell}' "), "", "XML."
    ),
}
EITHER = {
    "style that is not there": Hostile(cell("input_tokens", "<v>1000</v>", 's="999999"'), "", "The value is good."),
    "number between blanks": Hostile(number(" 1000 "), "", "The standard strips them."),
    "copied formula without its original": Hostile(
        cell("input_tokens", '<f t="shared" si="77"/><v>1000</v>'), "", "Only the value is known."
    ),
    **{
        f"copied formula whose original is {what}": Hostile(
            after(
                cell("input_tokens", f'<f t="shared" ref="C1:E99" si="7">{text}</f><v>1000</v>'),
                cell("input_tokens", '<f t="shared" si="7"/><v>1000</v>', right=1),
            ),
            "",
            "It has to be moved to where the copy is.",
            worst=len(text) > 1_000,
        )
        for what, text in {
            "broken": "SUM(&quot;",
            "an open bracket": "1+(2",
            "at the last column": "XFD1",
            "in row 0": "A0",
            "very long": "A1+" * 300_000 + "1",
            "deep": "(" * 100_000 + "A1" + ")" * 100_000,
        }.items()
    },
    "input that follows its follower": Hostile(round_trip, "", "Each waits for the other."),
    "input that follows itself": Hostile(formula("{input_tokens.cell}"), "", "It waits for itself."),
    "input that follows another sheet": Hostile(formula("Engine!C27"), "", "On its own sheet, C27 is another input."),
    "input that follows 3,000 cells": Hostile(follow_on, "", "Recursion ends badly.", worst=True),
    "formula of a million letters": Hostile(formula("1+" * 500_000 + "1"), "", "Searches may start over at each."),
    "cell without an address": Hostile(swapped(INPUTS, BASE, "<c"), "", "The standard allows it: it follows the last."),
    "a million empty rows": Hostile(rows(b"<row/>"), "", "Seven MB; a list of them takes many times that.", worst=True),
    "texts that are miscounted": Hostile(
        swapped(TEXTS, 'uniqueCount="[0-9]+"', 'uniqueCount="4294967295"'), "", "It need not be true.", worst=True
    ),
    "styles that are miscounted": Hostile(
        swapped(STYLES, '<cellXfs count="[0-9]+"', '<cellXfs count="4294967295"'),
        "",
        "It need not be true.",
        worst=True,
    ),
}
