"""Tampering with a good workbook: one part, one cell, one name changed, everything else left as it was."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from specimens.book import WORKBOOK, Book
from specimens.zips import Entry, entries, entry, zipped

Maker = Callable[[bytes], bytes]
"""From the bytes of a good workbook to those of a bad one."""
Edit = Callable[[bytes], bytes]
"""From a part's content to another."""
TEXTS, STYLES, RELATIONS = "xl/sharedStrings.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels"
INPUTS = "Inputs"
TWICE = re.compile(rb'(<c r="D([0-9]+)"[^>]*>)<f>C\2</f>(<v>[^<]*</v></c><c r="E\2"[^>]*>)<f>C\2</f>')
"""Two cells that follow the base."""
SHARED = rb'\1<f t="shared" ref="D\2:E\2" si="\2">$C\2</f>\3<f t="shared" si="\2"/>'
ROOT_END = re.compile(rb"</[\w:]+>\s*\Z")


@dataclass(frozen=True)
class Hostile:
    """A bad file: how it is made, what the message about it must say (a pattern), and why it is bad."""

    make: Maker
    says: str
    reason: str
    worst: bool = False
    """It is out for memory, time or the stack of calls, and is read in a process of its own."""


def part_of(book: bytes, where: str) -> str:
    """A part's name: `where` is one, or the name of a sheet."""
    return where if "/" in where else Book(book).sheet(where)


def parts(where: str, change: Callable[[Entry], list[Entry]]) -> Maker:
    """One part as it is packed, given up for none, one or many."""

    def make(book: bytes) -> bytes:
        name = part_of(book, where)
        packed = entries(book)
        return zipped(each for old, part in packed.items() for each in (change(part) if old == name else [part]))

    return make


def lies(where: str, **facts: object) -> Maker:
    """One part that says something else of itself."""
    return parts(where, lambda part: [replace(part, **facts)])


def added(*new: Entry) -> Maker:
    """Further parts after the good ones."""
    return lambda book: zipped([*entries(book).values(), *new])


def edited(where: str, edit: Edit) -> Maker:
    """One part with other content."""

    def make(book: bytes) -> bytes:
        name = part_of(book, where)
        return zipped([*({**entries(book), name: entry(name, edit(Book(book).parts[name]))}.values())])

    return make


def filled(where: str, xml: bytes) -> Maker:
    """One part with other content, from scratch."""
    return edited(where, lambda _: xml)


def swapped(where: str, old: str, new: str) -> Maker:
    """One place of a part changed, the first that fits the pattern. `{llm.cell}` in both is what the name means."""

    def make(book: bytes) -> bytes:
        opened = Book(book)
        name = part_of(book, where)
        content, times = re.subn(opened.filled(old), opened.filled(new), opened.text(name), count=1)
        assert times == 1, f"{name} has no {old}"
        return edited(name, lambda _: content.encode())(book)

    return make


def first_cell(book: bytes, name: str) -> tuple[str, str]:
    """The sheet and the address of the first cell that a name stands for."""
    found = re.search(rf'<definedName name="{re.escape(name)}">(\w+)!\$([A-Z]+)\$([0-9]+)', Book(book).text(WORKBOOK))
    assert found, f"there is no name {name}"
    return found[1], found[2] + found[3]


def cell(name: str, content: str, attributes: str = "", right: int = 0) -> Maker:
    """Something else in the first cell of a name, or right of it; its style stays if the attributes give none."""

    def make(book: bytes) -> bytes:
        sheet, address = first_cell(book, name)
        address = chr(ord(address[0]) + right) + address[1:]
        style = "" if re.search(r"\bs=", attributes) else r"\1"
        old = rf'<c r="{address}"( s="[0-9]+")[^>]*>.*?</c>'
        return swapped(sheet, old, rf'<c r="{address}"{style} {attributes}>{content}</c>')(book)

    return make


def named(name: str, area: str) -> Maker:
    """A defined name that stands for something else."""
    return swapped(WORKBOOK, rf'(<definedName name="{name}">)[^<]*', rf"\g<1>{area}")


def appended(where: str, xml: str) -> Maker:
    """A last child of a part's root."""
    return edited(where, lambda content: ROOT_END.sub(lambda end: xml.encode() + end[0], content))


def after(first: Maker, *more: Maker) -> Maker:
    """One change after the other."""

    def make(book: bytes) -> bytes:
        for change in (first, *more):
            book = change(book)
        return book

    return make


def as_excel_saves(book: bytes) -> bytes:
    """The same workbook with a label in the list of texts, where Excel puts all, and formulas that two cells share."""
    label, number = Book(book).filled("{llm.value0}"), Book(book).parts[TEXTS].count(b"<si>")
    return after(
        appended(TEXTS, f"<si><t>{label}</t></si>"),
        cell("llm", f"<v>{number}</v>", 't="s"'),
        edited(INPUTS, lambda content: TWICE.sub(SHARED, content)),
    )(book)
