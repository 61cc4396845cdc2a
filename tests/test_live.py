"""A workbook that is open in Excel: read, refreshed and checked by name, through a recorded fake of xlwings.

The fake has only what we call, and a test holds each of these calls against the real xlwings.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from workbooks import put

import xl_econ
from xl_econ.core.problems import Problems
from xl_econ.inputs.changes import read_changes
from xl_econ.workbook.layout import layout_for, letters
from xl_econ.workbook.other_layout_cells import PARTS, ROWS
from xl_econ.workbook.package import Cell, Package

NAME = "excel:deal.xlsx"


@dataclass
class Range:
    """A cell, as xlwings lets it be typed into."""

    book: Book
    spot: tuple[str, str]

    @property
    def value(self) -> Any:
        return self.book.typed[self.spot]

    @value.setter
    def value(self, value: Any) -> None:
        self.book.stop_if_locked(self.spot)
        self.book.typed[self.spot] = Cell(value)

    @property
    def formula(self) -> Any:
        return self.book.typed[self.spot]

    @formula.setter
    def formula(self, formula: str) -> None:
        self.book.stop_if_locked(self.spot)
        self.book.typed[self.spot] = Cell(0, formula)


@dataclass
class Book:
    """An open workbook: what is saved in the file, and what was typed since."""

    file: Path
    typed: dict[tuple[str, str], Cell] = field(default_factory=dict)

    locked: list[str] = field(default_factory=lambda: ["About", "Engine", "Results", "Changes", "Lists"])

    def stop_if_locked(self, spot: tuple[str, str]) -> None:
        if spot[0] in self.locked:
            raise RuntimeError("the cell is locked\nCOM error 0x800A03EC")

    @property
    def fullname(self) -> str:
        self._save(self.file)
        return str(self.file)

    @property
    def api(self) -> Any:
        return SimpleNamespace(SaveCopyAs=lambda path: self._save(Path(path)))

    @property
    def sheets(self) -> Any:
        class Sheets:
            def __getitem__(_, name: str) -> Any:  # noqa: N805
                return SimpleNamespace(range=lambda cell1: Range(self, (name, cell1)))

        return Sheets()

    def _save(self, path: Path) -> None:
        sheets: dict[str, dict[str, Cell]] = {}
        for (sheet, address), cell in self.typed.items():
            sheets.setdefault(sheet, {})[address] = cell
        path.write_bytes(Package(self.file.read_bytes()).patched(sheets))


@pytest.fixture(params=["win32", "darwin"])
def book(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    file = tmp_path / "deal.xlsx"
    file.write_bytes(xl_econ.new_workbook(xl_econ.preset("standard")))
    open_book = Book(file)
    monkeypatch.setitem(sys.modules, "xlwings", SimpleNamespace(books={"deal.xlsx": open_book}))
    monkeypatch.setattr(sys, "platform", request.param)
    return open_book


def test_an_open_workbook_is_read_with_what_nobody_saved(book: Book) -> None:
    layout = layout_for(3)
    book.typed[layout.one("input_tokens", 0)] = Cell(4000)
    study = xl_econ.read_workbook(NAME)
    assert [row["input_tokens"] for row in study.resolved().values()] == [4000] * 3


def test_a_refresh_types_inputs_and_leaves_results_to_excel(book: Book) -> None:
    layout = layout_for(3)
    receipt = xl_econ.refresh_workbook(NAME, changes=read_changes(["input_tokens=3000"]))
    assert book.typed[layout.one("input_tokens", 0)] == Cell(3000)
    others = {f"{letters(column)}{row + 1}" for row in ROWS for column in PARTS.values()}
    assert {sheet for sheet, _ in book.typed} <= {"Inputs", "Sensitivity"}, "stamps and results stand in locked cells"
    assert {at for sheet, at in book.typed if sheet == "Sensitivity"} <= others, "the best other layouts"
    assert [c.after for c in receipt.changes if (c.what, c.sheet) == ("input", "Inputs")] == [3000]


def test_a_text_that_looks_like_a_formula_is_typed_as_text(book: Book) -> None:
    study = xl_econ.preset("standard")
    prices = {"input_usd_per_m_tokens": 1.0, "output_usd_per_m_tokens": 2.0}
    record = {"hosted": {"own": {"name": "=1+1", "date": "2026-11-23", **prices}}}
    xl_econ.refresh_workbook(NAME, study=study.model_copy(update={"catalog": record}))
    assert Cell("'=1+1") in book.typed.values()


def test_what_excel_does_not_take_is_told_with_its_cell(book: Book) -> None:
    book.locked.append("Inputs")
    with pytest.raises(
        Problems, match=r"excel:deal.xlsx: Inputs!C\d+: Excel does not take 3000.0 \(the cell is locked"
    ):
        xl_econ.refresh_workbook(NAME, changes=read_changes(["input_tokens=3000"]))


def test_an_open_workbook_of_another_version_is_not_typed_into(book: Book) -> None:
    put(book.file, {("About", "B6"): "xl-econ 0.1.0"})
    with pytest.raises(Problems, match="made by another version"):
        xl_econ.refresh_workbook(NAME, changes=read_changes(["input_tokens=3000"]))
    assert not book.typed


def test_an_open_workbook_is_checked(book: Book) -> None:
    assert xl_econ.check_workbook(NAME) == []


def test_another_name_is_told(book: Book) -> None:
    with pytest.raises(Problems, match="no such workbook is open in Excel"):
        xl_econ.read_workbook("excel:other.xlsx")


def test_without_xlwings_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlwings", None)
    with pytest.raises(Problems, match="xlwings is not installed"):
        xl_econ.read_workbook(NAME)


def test_the_fake_has_what_xlwings_has() -> None:
    """Every attribute that we use exists there, is of the same kind, and takes what we give it."""
    main = pytest.importorskip("xlwings.main")
    properties = [(main.Book, "fullname"), (main.Book, "api"), (main.Book, "sheets")]
    properties += [(main.Range, "value"), (main.Range, "formula")]
    for owner, name in properties:
        assert isinstance(inspect.getattr_static(owner, name), property), name
    assert all(inspect.getattr_static(main.Range, name).fset for name in ("value", "formula"))
    assert "cell1" in inspect.signature(main.Sheet.range).parameters
    assert hasattr(main.Books, "__getitem__")
    assert hasattr(main.Sheets, "__getitem__")
