"""A workbook as parts that may be changed: content types, relationships, elements in the order of their schema."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from xml.parsers.expat import ParserCreate

NEW_PARTS, FRAGMENTS = Path(__file__).parent / "parts", Path(__file__).parent / "fragments"
"""New parts under their own names, and pieces of old ones. `{ttft_ms.area}` in them stands for what a name means."""
WORKBOOK, STYLES, TYPES = "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MICROSOFT = "http://schemas.microsoft.com/office/"
DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
NO_RELATIONSHIPS = (
    f'{DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
).encode()
ORDERS = {
    "worksheet": (
        "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges "
        "scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting "
        "dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks "
        "customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF drawingHF picture "
        "oleObjects controls mc:AlternateContent webPublishItems tableParts extLst"
    ),
    "workbook": (
        "fileVersion fileSharing workbookPr mc:AlternateContent xr:revisionPtr workbookProtection bookViews sheets "
        "functionGroups externalReferences definedNames calcPr oleSize customWorkbookViews pivotCaches extLst"
    ),
    "styleSheet": "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst",
}
"""The children of a root, in the order that the schema wants."""
MEANT = re.compile(r"\{(\w+)\.(\w+)\}")
CELLS = re.compile(r"(\w+)!\$([A-Z])\$([0-9]+):\$([A-Z])\$[0-9]+")
BETWEEN_TAGS = re.compile(r">\s+<")
MIDNIGHT = (1980, 1, 1, 0, 0, 0)


class Book:
    """The parts of a workbook, and what the names in it stand for."""

    def __init__(self, book: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(book)) as file:
            self.parts = {name: file.read(name) for name in file.namelist()}
        self.meanings: dict[str, Mapping[str, str]] = {}

    # --- finding ---

    def sheet(self, name: str) -> str:
        """The part of a sheet."""
        found = re.search(rf'<sheet name="{name}"[^>]* r:id="(\w+)"', self.text(WORKBOOK))
        assert found, f"there is no sheet {name}"
        return self.target(WORKBOOK, f'Id="{found[1]}"')

    def target(self, source: str, mark: str) -> str:
        """The part that the first relationship with this mark leads to."""
        found = re.search(rf"<Relationship [^>]*{mark}[^>]*>", self.text(_rels(source)))
        target = re.search(r'Target="([^"]+)"', found[0]) if found else None
        assert target, f"{source} leads to nothing with {mark}"
        return posixpath.normpath(posixpath.join(posixpath.dirname(source), target[1]))

    def text(self, part: str) -> str:
        return self.parts[part].decode()

    def filled(self, text: str) -> str:
        """A text with the meanings of its names written out."""
        return MEANT.sub(lambda found: self._meaning(found[1])[found[2]], text)

    def _meaning(self, name: str) -> Mapping[str, str]:
        if name not in self.meanings:
            area = re.search(rf'<definedName name="{name}">([^<]+)<', self.text(WORKBOOK))
            cells = CELLS.fullmatch(area[1]) if area else None
            assert cells, f"the name {name} is missing, or is no row of cells"
            self.meanings[name] = self._cells(*cells.groups())
        return self.meanings[name]

    def _cells(self, sheet: str, first: str, row: str, last: str) -> dict[str, str]:
        """What may be said of cells in a row. VML counts rows and columns from 0."""
        columns = [chr(column) for column in range(ord(first), ord(last) + 1)]
        place = {"row": f"{int(row) - 1}", "column": f"{ord(first) - ord('A')}", "cell": f"{first}{row}"}
        cells = f"{first}{row}:{last}{row}"
        area = {"area": f"{sheet}!${first}${row}:${last}${row}", "range": f"{sheet}!{cells}", "cells": cells}
        values = {f"value{at}": self.value(sheet, f"{column}{row}") for at, column in enumerate(columns)}
        link = f"{sheet}!{first}{row}"
        shown = re.search(rf'<c r="C([0-9]+)"[^>]*><f>[^<]*\b{link}\b', self.text(self.sheet("Results")))
        results = {"shown": f"C{shown[1]}:E{shown[1]}", "shown_row": shown[1]} if shown else {}
        return {"link": link, "fixed": f"{sheet}!${first}${row}", **place, **area, **values, **results}

    def value(self, sheet: str, cell: str) -> str:
        """The number or the text in a cell, as XML."""
        found = re.search(rf'<c r="{cell}"[^>]*[^/]>.*?<(v|t)\b[^>]*>([^<]*)</\1>', self.text(self.sheet(sheet)))
        assert found, f"{sheet}!{cell} is empty"
        return found[2]

    # --- adding ---

    def add(self, part: str, content_type: str, data: bytes = b"") -> None:
        """A new part: given, or from its file, with its relationships."""
        assert part not in self.parts, f"{part} is there already"
        self.parts[part] = data or self._new(part)
        if (NEW_PARTS / _rels(part)).exists():
            self.parts[_rels(part)] = self._new(_rels(part))
        self._declare(part, content_type)

    def _declare(self, part: str, content_type: str) -> None:
        """The content type of a part, or of the first of its kind for all of them."""
        extension = PurePosixPath(part).suffix.removeprefix(".")
        default = re.search(rf'<Default Extension="{extension}" ContentType="([^"]+)"', self.text(TYPES))
        if default is None:
            self.append(TYPES, "Types", f'<Default Extension="{extension}" ContentType="{content_type}"/>')
        elif default[1] != content_type:
            self.append(TYPES, "Types", f'<Override PartName="/{part}" ContentType="{content_type}"/>')

    def _new(self, part: str) -> bytes:
        return self.filled(_tight(NEW_PARTS / part)).encode()

    def fragment(self, name: str, **here: str) -> str:
        """A piece of XML from its file, with `{here.id}` written out."""
        self.meanings["here"] = here
        return self.filled(_tight(FRAGMENTS / f"{name}.xml"))

    def relate(self, source: str, kind: str, target: str) -> str:
        """A relationship from a part (or from the package, "") to a part; gives its id."""
        rels = _rels(source)
        before = self.parts.setdefault(rels, NO_RELATIONSHIPS)
        number = 1 + max(map(int, re.findall(rb'Id="rId([0-9]+)"', before)), default=0)
        kind = kind if "://" in kind else RELATIONSHIPS + kind
        path = posixpath.relpath(target, posixpath.dirname(source) or ".")
        self.append(rels, "Relationships", f'<Relationship Id="rId{number}" Type="{kind}" Target="{path}"/>')
        return f"rId{number}"

    # --- splicing ---

    def append(self, part: str, tag: str, xml: str) -> int:
        """A last child of the last element with this tag; gives how many it said to have, and counts on."""
        data, end = self.parts[part], f"</{tag}>".encode()
        head, tail = data[: data.rindex(end)], data[data.rindex(end) :]
        counts = list(re.finditer(rf'<{tag} [^>]*?count="([0-9]+)"'.encode(), head))
        if counts:
            at, number = counts[-1].span(1), int(counts[-1][1])
            head = head[: at[0]] + b"%d" % (number + 1) + head[at[1] :]
        self.parts[part] = head + self.filled(xml).encode() + tail
        return number if counts else 0

    def place(self, part: str, xml: str) -> None:
        """A new child of the root, where the schema wants it."""
        root, children, end = _children(self.parts[part])
        order = ORDERS[root].split()
        tag = re.match(r"<([\w:]+)", xml)
        assert tag, f"{xml} is no element"
        later = (start for name, start in children if order.index(name) > order.index(tag[1]))
        at = min(later, default=end)
        self.parts[part] = self.parts[part][:at] + self.filled(xml).encode() + self.parts[part][at:]

    def extend(self, part: str, extension: str) -> None:
        """An extension of the part's root."""
        if "extLst" in (name for name, _ in _children(self.parts[part])[1]):
            self.append(part, "extLst", extension)
        else:
            self.place(part, f"<extLst>{extension}</extLst>")

    def replace(self, part: str, old: str, new: str) -> None:
        """Exactly one place changed; `old` is a pattern, `new` may use its groups."""
        changed, times = re.subn(old, self.filled(new), self.text(part))
        assert times == 1, f"{part} has {old} {times} times"
        self.parts[part] = changed.encode()

    def packed(self) -> bytes:
        """The workbook as a file, equal bytes for equal parts."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as file:
            for name, data in self.parts.items():
                item = zipfile.ZipInfo(name, MIDNIGHT)
                item.create_system, item.compress_type = 0, zipfile.ZIP_DEFLATED
                file.writestr(item, data)
        return out.getvalue()


def _tight(path: Path) -> str:
    """A file's XML without the white space for people."""
    return BETWEEN_TAGS.sub("><", path.read_text("utf-8").strip())


def _rels(part: str) -> str:
    """The part with the relationships of a part."""
    return posixpath.join(posixpath.dirname(part), "_rels", f"{posixpath.basename(part)}.rels")


def _children(xml: bytes) -> tuple[str, list[tuple[str, int]], int]:
    """The root's tag, its children's tags and first bytes, and the byte where the root's end tag starts."""
    parser, open_tags, starts = ParserCreate(), list[str](), list[tuple[str, int]]()

    def start(tag: str, _: dict[str, str]) -> None:
        starts.extend([(tag, parser.CurrentByteIndex)] if len(open_tags) < 2 else [])
        open_tags.append(tag)

    def end(tag: str) -> None:
        open_tags.pop()
        starts.extend([] if open_tags else [(tag, parser.CurrentByteIndex)])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(xml, True)
    return starts[0][0], starts[1:-1], starts[-1][1]


@dataclass(frozen=True)
class Feature:
    """One thing that is planted.

    `adds` are new parts with their content types; the parts with their relationships come along. `changes` are the
    sheets (by name) and parts that the workbook had before and that hold the thing now; the content types and the
    relationships of these change too. `splice` does what files do not.
    """

    adds: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    splice: Callable[[Book], None] | None = None

    def plant(self, book: Book) -> None:
        for part, content_type in self.adds.items():
            if (NEW_PARTS / part).exists():
                book.add(part, content_type)
        if self.splice:
            self.splice(book)
        assert set(self.adds) <= set(book.parts)


def spreadsheet(kind: str) -> str:
    """A content type of the standard."""
    return f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"


def excel(kind: str) -> str:
    """A content type of Excel's own."""
    return f"application/vnd.ms-excel.{kind}+xml"
