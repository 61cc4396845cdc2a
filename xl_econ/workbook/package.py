"""Package: an .xlsx file as a workbook of sheets and names. Reads its cells, and puts new content into them.

Only the sheets with such cells, the flag that makes Excel recalculate, and Excel's list of formulas
(where one goes) change; every other part stays as it is packed.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element
from xml.parsers.expat import ParserCreate

from xl_econ.core.spell import START
from xl_econ.workbook.archive import Archive, Broken
from xl_econ.workbook.cells import (
    DAY_0,
    DAY_0_OF_MACS,
    boolean_of,
    characters,
    date_styles,
    is_utf8,
    number_of,
    parsed,
    unescaped,
)
from xl_econ.workbook.sheet_xml import (
    ATTRIBUTES,
    CellXml,
    SharedTexts,
    SheetXml,
    attribute,
    attributes,
    elements_only,
    without,
)
from xl_econ.workbook.splice import KEEP, Cell, CutSheet, Scalar, freed, moved

WORKBOOK_RELATIONS, CONTENT_TYPES = "_rels/.rels", "[Content_Types].xml"
END = "/"
BEHIND_CALCULATION = (
    "oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing",
    "fileRecoveryPr", "webPublishObjects", "extLst", END,
)  # fmt: skip
"""What may follow the settings of calculation in a workbook's part."""
SETTINGS = re.compile(rb"(<(?:[\w.-]+:)?calcPr)(?=[\s/>])(%s)/?>" % ATTRIBUTES)
CHAIN_LINK = re.compile(rb"<((?:[\w.-]+:)?c)(?=[\s/>])(%s)(?:/>|>\s*</[\w.:-]+\s*>)" % ATTRIBUTES)


class Package:
    """An opened workbook. What it finds out it keeps, so that one package fills many workbooks.

    Raises Broken where the file is no workbook.
    """

    def __init__(self, book: bytes) -> None:
        self.archive = Archive(book)
        self._sheets: dict[str, SheetXml] = {}
        self._cuts: dict[str, CutSheet] = {}
        self._shared: dict[str, dict[str, tuple[str, str]]] = {}
        self._formulas: dict[tuple[str, str], str | None] = {}

    # --- reading ---

    @cached_property
    def names(self) -> dict[str, str]:
        """What each name that the whole workbook knows stands for."""
        elements = self.workbook.iterfind("{*}definedNames/{*}definedName")
        listed = [(each.get("name", ""), each.text or "") for each in elements if each.get("localSheetId") is None]
        twice = [name for name, count in Counter(name.casefold() for name, _ in listed).items() if count > 1]
        if twice:
            raise Broken(f"the name {twice[0]} is there twice")
        return dict(listed)

    @cached_property
    def sheet_parts(self) -> dict[str, str]:
        """The part of each sheet, by the sheet's name."""
        sheets = list(self.workbook.iterfind("{*}sheets/{*}sheet"))
        if len({sheet.get("name", "").casefold() for sheet in sheets}) < len(sheets):
            raise Broken("two sheets have the same name")
        targets = {each.get("Id"): self._target(each) for each in self._relations}
        ids = {sheet.get("name", ""): _relation(sheet) for sheet in sheets}
        return {name: targets[id] for name, id in ids.items() if id in targets}

    def sheet(self, name: str) -> SheetXml:
        """The rows and cells of a sheet, by its name."""
        part = self.sheet_parts[name]
        if part not in self._sheets:
            self._sheets[part] = SheetXml(self.archive.read(part))
        return self._sheets[part]

    def value(self, sheet: str, address: str) -> Any:
        """What a cell shows: typed, or as the last program to calculate left it; None if it is empty.

        Errors such as #DIV/0! come as text.
        """
        cell = self.sheet(sheet).cell(address)
        if cell is None:
            return None
        try:
            return self._decoded(self.sheet(sheet), cell)
        except Broken:
            raise
        except (ValueError, LookupError, OverflowError):
            raise Broken(f"the cell {sheet}!{address} cannot be decoded") from None

    def kind(self, sheet: str, address: str) -> str:
        """How a cell's value is stored: n, s, str, inlineStr, b, e or d."""
        cell = self.sheet(sheet).cell(address)
        return (attribute(cell.attributes, "t") if cell else None) or "n"

    def formula(self, sheet: str, address: str) -> str | None:
        """A cell's formula as a person would see it, or None. Who checks a workbook asks for each several times."""
        spot = sheet, address
        if spot not in self._formulas:
            self._formulas[spot] = self._formula(sheet, address)
        return self._formulas[spot]

    def _formula(self, sheet: str, address: str) -> str | None:
        found = self.sheet(sheet).cell(address)
        formula = self.sheet(sheet).formula(found) if found else None
        if formula is None:
            return None
        if not formula.text and formula.attributes.get("t") == "shared":
            text, origin = self._masters(sheet).get(formula.attributes.get("si", ""), ("", address))
            return moved(text, origin, address)
        return START + unescaped(characters(formula.text))

    def formulas(self, sheet: str) -> dict[str, str]:
        """All formulas of a sheet, by address."""
        found = ((address, self.formula(sheet, address)) for address in self.sheet(sheet).addresses())
        return {address: formula for address, formula in found if formula}

    @cached_property
    def workbook(self) -> Element:
        """The part that lists sheets and names."""
        if self.workbook_part.endswith(".bin") or "xl/workbook.bin" in self.archive:
            raise Broken("it is a binary workbook (.xlsb)")
        if self.workbook_part not in self.archive:
            is_open_document = "content.xml" in self.archive
            raise Broken("it is an OpenDocument file (.ods)" if is_open_document else "there is no workbook in it")
        root = parsed(self.archive.read(self.workbook_part))
        if root.tag.rpartition("}")[2] != "workbook":
            raise Broken("there is no workbook in it")
        return root

    @cached_property
    def workbook_part(self) -> str:
        """Where the workbook's main part is."""
        if WORKBOOK_RELATIONS not in self.archive:
            return "xl/workbook.xml"
        relations = parsed(self.archive.read(WORKBOOK_RELATIONS))
        found = [each.get("Target", "") for each in relations if each.get("Type", "").endswith("/officeDocument")]
        return _joined("/", found[0]) if found else "xl/workbook.xml"

    @cached_property
    def _relations(self) -> list[Element]:
        folder, name = posixpath.split(self.workbook_part)
        return list(parsed(self.archive.read(f"{folder}/_rels/{name}.rels")))

    @cached_property
    def _texts(self) -> SharedTexts:
        """The texts that cells share."""
        parts = self._parts_of("sharedStrings")
        return SharedTexts(self.archive.read(parts[0]) if parts else b"<sst/>")

    @cached_property
    def _dates(self) -> frozenset[int]:
        parts = self._parts_of("styles")
        return date_styles(self.archive.read(parts[0])) if parts else frozenset()

    @cached_property
    def _day_0(self) -> datetime:
        settings = self.workbook.find("{*}workbookPr")
        is_old = settings is not None and settings.get("date1904") in ("1", "true")
        return DAY_0_OF_MACS if is_old else DAY_0

    def _parts_of(self, kind: str) -> list[str]:
        """The parts of a kind; most kinds have one or none."""
        found = [self._target(each) for each in self._relations if each.get("Type", "").endswith(f"/{kind}")]
        return [part for part in found if part in self.archive]

    def _target(self, relation: Element) -> str:
        """The part that a relation of the workbook leads to."""
        return _joined(f"/{posixpath.dirname(self.workbook_part)}", relation.get("Target", ""))

    def _masters(self, sheet: str) -> dict[str, tuple[str, str]]:
        """Formulas that one cell spells for many, and that cell's address."""
        if sheet not in self._shared:
            xml, masters = self.sheet(sheet), dict[str, tuple[str, str]]()
            for address in xml.addresses():
                cell = xml.cell(address)
                found = xml.formula(cell) if cell else None
                if found and found.text and found.attributes.get("t") == "shared":
                    masters[found.attributes.get("si", "")] = (unescaped(characters(found.text)), address)
            self._shared[sheet] = masters
        return self._shared[sheet]

    def _decoded(self, xml: SheetXml, cell: CellXml) -> Any:
        kind = attribute(cell.attributes, "t") or "n"
        if kind == "inlineStr":
            return xml.inline_text(cell)
        written = xml.inside(cell, "v")
        if not written:
            return None
        text = characters(written)
        if kind == "s":
            return self._texts[int(text)]
        if kind == "b":
            return boolean_of(text)
        if kind == "n":
            is_date = int(attribute(cell.attributes, "s") or 0) in self._dates
            return number_of(text.strip(), self._day_0 if is_date else None)
        return unescaped(text)

    # --- writing ---

    def patched(self, sheets: Mapping[str, Mapping[str, Cell]]) -> bytes:
        """A workbook with these cells, by sheet name and A1 address, holding new content.

        Raises Broken where a cell is part of an array formula.
        """
        parts = {self.sheet_parts[name]: self._spliced(name, cells) for name, cells in sheets.items() if cells}
        gone = {name: self._formulas_gone(name, cells) for name, cells in sheets.items()}
        recalculated = _recalculating(self.archive.read(self.workbook_part))
        if recalculated is not None:
            parts[self.workbook_part] = recalculated
        return self.archive.replaced(parts | self._shorter_chain(gone))

    def _spliced(self, name: str, cells: Mapping[str, Cell]) -> bytes:
        sheet, cut = self.sheet(name), self._cuts.get(name)
        spelled = freed(sheet, [address for address, cell in cells.items() if cell.formula != KEEP])
        kept = spelled.keys() & cells.keys()
        cells = {**cells, **{address: Cell(cells[address].value, spelled.pop(address)) for address in kept}}
        if cut is None or spelled or cut.addresses != frozenset(cells):
            cut = CutSheet(sheet, cells, spelled)
            if not spelled:
                self._cuts[name] = cut
        return cut.spliced(cells)

    def _formulas_gone(self, name: str, cells: Mapping[str, Cell]) -> set[str]:
        sheet = self.sheet(name)
        typed = [(address, sheet.cell(address)) for address, cell in cells.items() if cell.formula is None]
        return {address for address, cell in typed if cell and sheet.formula(cell)}

    def _shorter_chain(self, gone: Mapping[str, set[str]]) -> dict[str, bytes]:
        """Excel's list of formula cells without those that hold none any more: it would offer to repair the file."""
        if not any(gone.values()):
            return {}
        ids = {
            sheet.get("name", ""): sheet.get("sheetId", "") for sheet in self.workbook.iterfind("{*}sheets/{*}sheet")
        }
        removed = {(ids[name], address) for name, addresses in gone.items() for address in addresses}
        chains = {part: _without_links(self.archive.read(part), removed) for part in self._parts_of("calcChain")}
        return chains if all(chains.values()) else self._unlinked(chains)

    def _unlinked(self, parts: Iterable[str]) -> dict[str, bytes]:
        """Parts that go altogether, with what refers to them. An archive drops a part that becomes empty."""
        folder, name = posixpath.split(self.workbook_part)
        relations = f"{folder}/_rels/{name}.rels"
        xml, types = self.archive.read(relations), self.archive.read(CONTENT_TYPES)
        for part in parts:
            target = re.escape(posixpath.basename(part).encode())
            xml = re.sub(rb"<(?:[\w.-]+:)?Relationship\s[^>]*%s[^>]*/>" % target, b"", xml)
            types = re.sub(rb"<(?:[\w.-]+:)?Override\s[^>]*%s[^>]*/>" % target, b"", types)
        return {relations: xml, CONTENT_TYPES: types, **dict.fromkeys(parts, b"")}


def _without_links(chain: bytes, removed: set[tuple[str, str]]) -> bytes:
    """The list without some links; empty if none is left. One that names no sheet is on that of the one before."""
    pieces: list[bytes] = []
    end, sheet, told = 0, "", None
    for found in CHAIN_LINK.finditer(chain):
        link = attributes(found[2])
        sheet = link.get("i", sheet)
        pieces.append(chain[end : found.start()])
        if (sheet, link.get("r", "")) not in removed:
            whole = "i" in link or sheet == told
            pieces.append(found[0] if whole else b'<%s%s i="%s"/>' % (found[1], found[2].rstrip(), sheet.encode()))
            told = sheet
        end = found.end()
    return b"" if told is None else b"".join([*pieces, chain[end:]])


def _recalculating(workbook: bytes) -> bytes | None:
    """The workbook's part with the flag that makes Excel recalculate on load; None where it is set already."""
    if not is_utf8(workbook):
        raise Broken("its workbook part is not written in UTF-8")
    flag, places = b' fullCalcOnLoad="1"', _children(workbook)
    settings = next((start for name, start in places if name == "calcPr"), None)
    if settings is not None:
        found = SETTINGS.match(workbook, settings)
        assert found is not None
        if attributes(found[2]).get("fullCalcOnLoad") in ("1", "true"):
            return None
        kept = without(found[2], ("fullCalcOnLoad",))
        return workbook[: found.end(1)] + flag + kept + workbook[found.end(2) :]
    at = next(start for name, start in places if name in BEHIND_CALCULATION)
    root = re.search(rb"<(?:([\w.-]+):)?workbook(?=[\s>])", elements_only(workbook))
    prefix = root[1] + b":" if root and root[1] else b""
    return workbook[:at] + b"<%scalcPr%s/>" % (prefix, flag) + workbook[at:]


def _children(workbook: bytes) -> list[tuple[str, int]]:
    """The elements right below the root: their names, and where their tags begin; last, where the root ends."""
    found: list[tuple[str, int]] = []
    depth = 0
    parser = ParserCreate()

    def opened(name: str, _: object) -> None:
        nonlocal depth
        if depth == 1:
            found.append((name.rpartition(":")[2], parser.CurrentByteIndex))
        depth += 1

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1
        if depth == 0:
            found.append((END, parser.CurrentByteIndex))

    parser.StartElementHandler, parser.EndElementHandler = opened, closed
    parser.Parse(workbook, True)
    return found


def _joined(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(folder, target)).lstrip("/")


def _relation(sheet: Element) -> str | None:
    """The id of a sheet's relation."""
    return next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)


__all__ = ["KEEP", "Broken", "Cell", "Package", "Scalar"]
