"""Good archives with bad XML in them: entities, depth, length, relationships, sheets and defined names."""

from __future__ import annotations

import re

from specimens.book import STYLES, WORKBOOK
from specimens.tampered import (
    INPUTS,
    RELATIONS,
    TEXTS,
    Edit,
    Hostile,
    Maker,
    after,
    appended,
    as_excel_saves,
    cell,
    edited,
    named,
    part_of,
    parts,
    swapped,
)
from specimens.zips import MB, Entry, bomb, entries, entry, zipped

DECLARATION = re.compile(rb"\A<\?xml[^>]*\?>\s*")
ROOT = re.compile(rb"<([\w:]+)[^>]*>")
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
DTD = "document type|DTD|DOCTYPE|entit"
EVERYTHING = "$A$1:$XFD$1048576"
"""All cells of a sheet."""
DEPTH = 100_000


def with_dtd(declared: bytes, used: bytes) -> Edit:
    """A part with a document type definition, and its entity used as the first thing in the root."""

    def edit(content: bytes) -> bytes:
        body = DECLARATION.sub(b"", content)
        root = ROOT.match(body)
        assert root, "the part has no root"
        head = b'<?xml version="1.0"?><!DOCTYPE %s [%s]>' % (root[1], declared)
        return head + body[: root.end()] + used + body[root.end() :]

    return edit


def laughs(where: str) -> Maker:
    """Billion laughs: nine entities, each ten times the one before."""
    return edited(where, with_dtd(b'<!ENTITY l0 "ha">' + LAUGHS, b"&l9;"))


def blow_up(where: str) -> Maker:
    """One long entity many times over, which counters of depth do not see."""
    return edited(where, with_dtd(b'<!ENTITY a "%s">' % (b"a" * 50_000), b"&a;" * 50_000))


def external(where: str) -> Maker:
    """An entity that is a file of the reader's machine."""
    return edited(where, with_dtd(b'<!ENTITY x SYSTEM "file:///etc/passwd">', b"&x;"))


def parameter(where: str) -> Maker:
    """A definition that loads further definitions from elsewhere."""
    return edited(where, with_dtd(b'<!ENTITY % x SYSTEM "http://127.0.0.1:9/evil.dtd"> %x;', b""))


def utf16(edit: Edit) -> Edit:
    """A part's content in UTF-16, where searching for bytes finds nothing."""

    def encoded(content: bytes) -> bytes:
        text = DECLARATION.sub(b"", edit(content)).decode()
        return ('<?xml version="1.0" encoding="UTF-16"?>' + text).encode("utf-16")

    return encoded


def same(content: bytes) -> bytes:
    return content


def deep(where: str) -> Maker:
    """Elements within elements, where recursion ends badly."""
    return appended(where, "<x>" * DEPTH + "</x>" * DEPTH)


def long_attribute(where: str) -> Maker:
    """One attribute of 50 MB."""

    def change(part: Entry) -> list[Entry]:
        at = part.content.rindex(b"</")
        head, tail = part.content[:at] + b'<x y="', b'"/>' + part.content[at:]
        return [bomb(part.name.decode(), b"y" * MB, 50, head, tail)]

    return parts(where, change)


def target(sheet: str, path: str, mode: str = "") -> Maker:
    """A sheet that is elsewhere."""

    def make(book: bytes) -> bytes:
        part = part_of(book, sheet).removeprefix("xl/")
        return swapped(RELATIONS, f'Target="{part}"', f'Target="{path}"{mode}')(book)

    return make


def catalog_to(last: int) -> Maker:
    """Names of the catalog's columns that reach down to a row."""
    ends = re.compile(rb'(<definedName name="llms\.[^>]*>[^<]*\$)[0-9]+<')
    return edited(WORKBOOK, lambda content: ends.sub(rb"\g<1>%d<" % last, content))


def many_names(book: bytes) -> bytes:
    """10,000 names of the user's own before ours."""
    names = "".join(f'<definedName name="own_{n}">Inputs!$A${n}</definedName>' for n in range(1, 10_001))
    return swapped(WORKBOOK, "<definedNames>", f"<definedNames>{names}")(book)


def many_sheets(book: bytes) -> bytes:
    """5,000 empty sheets after ours."""
    numbers = range(1_000, 6_000)
    sheets = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    relations = "".join(f'<Relationship Id="rId{n}" Type="{kind}" Target="worksheets/sheet{n}.xml"/>' for n in numbers)
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    empty = f'<worksheet xmlns="{space}"><sheetData/></worksheet>'.encode()
    new = [entry(f"xl/worksheets/sheet{n}.xml", empty) for n in numbers]
    listed = after(swapped(WORKBOOK, "</sheets>", f"{sheets}</sheets>"), appended(RELATIONS, relations))(book)
    return zipped([*entries(listed).values(), *new])


ENTITIES = {
    **{
        f"billion laughs in {where}": Hostile(make, DTD, "1 KB that unfolds to 3 GB.", worst=True)
        for where, make in {
            "the workbook": laughs(WORKBOOK),
            "the inputs": laughs(INPUTS),
            "the texts": after(as_excel_saves, laughs(TEXTS)),
            "the styles": laughs(STYLES),
            "the relationships": laughs(RELATIONS),
        }.items()
    },
    "one long entity many times": Hostile(blow_up(WORKBOOK), DTD, "2.5 GB, without any nesting.", worst=True),
    "entity that is a file": Hostile(external(INPUTS), DTD, "It would put a file of the reader's machine into a cell."),
    "entity that is a file, in the texts": Hostile(
        after(as_excel_saves, external(TEXTS)), DTD, "The same for all sheets."
    ),
    "definition from elsewhere": Hostile(parameter(WORKBOOK), DTD, "It would make the reader's machine call another."),
    "laughs in UTF-16": Hostile(
        edited(WORKBOOK, utf16(with_dtd(b'<!ENTITY l0 "ha">' + LAUGHS, b"&l9;"))), DTD, "No search for bytes finds it."
    ),
    "file in UTF-16": Hostile(
        edited(INPUTS, utf16(with_dtd(b'<!ENTITY x SYSTEM "file:///etc/passwd">', b"&x;"))),
        f"{DTD}|utf|encod",
        "The same in a sheet.",
    ),
}

XML = {
    "attribute of 50 MB": Hostile(long_attribute(WORKBOOK), "workbook", "A parser keeps it in one piece.", worst=True),
    "attribute of 50 MB in the inputs": Hostile(long_attribute(INPUTS), "sheet", "The same in a sheet.", worst=True),
    "XML that ends early": Hostile(edited(INPUTS, lambda content: content[:-500]), "", "A program crashed on saving."),
    "bytes that are no UTF-8": Hostile(
        edited(WORKBOOK, lambda content: content.replace(b"About", b"Ab\xffut")), "", "An old program, another code."
    ),
    "unheard-of encoding": Hostile(swapped(WORKBOOK, "UTF-8", "utf-99"), "", "Nothing decodes it."),
    "zero byte": Hostile(swapped(INPUTS, "<sheetData>", "<sheetData>\0"), "", "XML has none."),
    "reference to character zero": Hostile(swapped(INPUTS, "<sheetData>", "<sheetData>&#0;"), "", "The same spelled."),
    **{
        f"100,000 {what} that never end": Hostile(
            swapped(INPUTS, "<sheetData>", "<sheetData>" + start * 100_000),
            "",
            "Searches start over at each.",
            worst=True,
        )
        for what, start in {
            "cells": '<c r="A1">',
            "comments": "<!--",
            "raw texts": "<![CDATA[",
            "values": "<v>",
        }.items()
    },
}

RELATIONSHIPS = {
    f"inputs at {path}": Hostile(
        target(INPUTS, path, mode),
        "missing|outside|no item|external",
        "A path of the machine, or of the net, is no part.",
    )
    for path, mode in {
        "../../../../etc/passwd": "",
        "/etc/passwd": "",
        "file:///etc/passwd": ' TargetMode="External"',
        "http://127.0.0.1:9/sheet.xml": ' TargetMode="External"',
        "worksheets/\u202elmx.1teehs": "",
    }.items()
}

WORKBOOKS = {
    "sheet that reads from right to left": Hostile(
        after(
            cell("input_tokens", "<v>NaN</v>"),
            edited(WORKBOOK, lambda content: content.replace(b"Inputs", "In\u202eputs".encode())),
        ),
        "C[0-9]+",
        "Every message about a cell names its sheet.",
    ),
    "two sheets of one name": Hostile(
        swapped(WORKBOOK, 'name="Results"', 'name="Inputs"'), "two|twice|same", "A name must lead to one sheet."
    ),
    "two names llm": Hostile(
        swapped(WORKBOOK, "<definedNames>", '<definedNames><definedName name="llm">{accelerator.area}</definedName>'),
        "llm.*(two|twice)|(two|twice).*llm",
        "A name must lead to one row.",
    ),
    **{
        f"llm at {area or 'nothing'}": Hostile(named("llm", area), "llm|no cell", why, worst="ZZ" in area)
        for area, why in {
            f"Inputs!{EVERYTHING}": "Each cell of the row would count as a scenario, and Excel allows the name.",
            "Inputs!$C$6:$ZZZZZZZ$6": "Eight thousand million columns.",
            "Inputs!#REF!": "What Excel makes of a name whose row was deleted.",
            "": "A name for nothing.",
            "OFFSET(Inputs!$C$6,0,0,1,3)": "A formula gives the row, and nobody has calculated it.",
            "[1]Inputs!$C$6:$E$6": "A row of another file.",
            "Nowhere!$C$6:$E$6": "A sheet that does not exist.",
            "Inputs!$C$0:$E$0": "There is no row 0.",
            "Inputs!$C$99999999999:$E$99999999999": "There is no such row either.",
            "Inputs!$E$6:$C$6": "From right to left.",
            "{input_tokens.area}": "The row of another input.",
        }.items()
    },
    **{
        f"scenarios at {area}": Hostile(named("scenario_names", area), "scenario", why, worst="REF" not in area)
        for area, why in {
            f"Inputs!{EVERYTHING}": "16,384 scenarios, each compared with each.",
            "Inputs!$C$4:$ZZZZZZZ$4": "Eight thousand million scenarios.",
            "Inputs!#REF!": "The row was deleted.",
        }.items()
    },
}

HOSTILE = {**ENTITIES, **XML, **RELATIONSHIPS, **WORKBOOKS}
OWN = f'<definedNames><definedName name="own">Inputs!{EVERYTHING}</definedName>'
GOOD = {
    "name for every cell of a sheet": Hostile(
        swapped(WORKBOOK, "<definedNames>", OWN), "", "The user's own.", worst=True
    ),
    "absolute path of a sheet": Hostile(
        swapped(RELATIONS, 'Target="worksheets/', 'Target="/xl/worksheets/'), "", "Some programs write it so."
    ),
    "name in a comment": Hostile(
        swapped(WORKBOOK, "<definedNames>", '<definedNames><!--<definedName name="llm">Lists!$A$1</definedName>-->'),
        "",
        "What is commented out does not count.",
    ),
}
EITHER = {
    "100,000 elements deep": Hostile(deep(WORKBOOK), "", "Recursion ends badly.", worst=True),
    "100,000 elements deep in the inputs": Hostile(deep(INPUTS), "", "The same in a sheet.", worst=True),
    "100,000 elements deep in the styles": Hostile(deep(STYLES), "", "The same in a part looked through.", worst=True),
    "catalog to the last row": Hostile(catalog_to(1_048_576), "", "A million records, nearly all empty.", worst=True),
    "catalog to row 5,000": Hostile(catalog_to(5_000), "", "Fewer, but the other tables are in the way.", worst=True),
    "10,000 names": Hostile(many_names, "", "Old workbooks of finance teams have them."),
    "5,000 sheets": Hostile(many_sheets, "", "Excel has no limit but memory."),
    "inputs in UTF-16": Hostile(edited(INPUTS, utf16(same)), "", "The standard allows it, and no program does it."),
    "workbook in UTF-16": Hostile(edited(WORKBOOK, utf16(same)), "", "The same."),
    "two sheets but for the case": Hostile(swapped(WORKBOOK, 'name="Results"', 'name="INPUTS"'), "", "Excel has none."),
    "llm over many rows": Hostile(named("llm", "{llm.area}0"), "", "The first row is the right one."),
}
