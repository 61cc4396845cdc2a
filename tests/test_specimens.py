"""The specimen: a workbook of ours with all that people and their Excel add, and still the same workbook."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element

import engines
import openpyxl
import pytest
from defusedxml.ElementTree import fromstring
from specimens.rich import FEATURES, MACROS, rich
from specimens.saved import ALL, SHEET_PART
from workbooks import without_calls

from xl_econ import new_workbook, preset, read_workbook

MORE_PARTS = 46
TYPES = "[Content_Types].xml"
USERS_SHEETS = {"Board notes", "Board pivot"}
XML = re.compile(r".*\.(xml|rels|vml)")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plain") / "deal.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    return path


@pytest.fixture(scope="module")
def specimen(plain: Path) -> Path:
    path = plain.with_name("rich.xlsx")
    path.write_bytes(rich(plain.read_bytes()))
    return path


@pytest.fixture(scope="module")
def with_macros(plain: Path) -> Path:
    path = plain.with_name("rich.xlsm")
    path.write_bytes(rich(plain.read_bytes(), macros=True))
    return path


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as package:
        return {name: package.read(name) for name in package.namelist()}


def relationships(package: dict[str, bytes]) -> list[tuple[str, Element]]:
    """Each relationship with the folder that its target is counted from."""
    found = [(name, fromstring(data)) for name, data in package.items() if name.endswith(".rels")]
    return [(posixpath.dirname(posixpath.dirname(name)), each) for name, root in found for each in root]


def led_to(package: dict[str, bytes]) -> set[str]:
    inside = [(base, each.get("Target", "")) for base, each in relationships(package) if not each.get("TargetMode")]
    return {posixpath.normpath(posixpath.join("/", base, target)).lstrip("/") for base, target in inside}


def sheets(path: Path) -> dict[str, str]:
    """The part of each sheet."""
    package = parts(path)
    targets = {each.get("Id"): f"xl/{each.get('Target')}" for base, each in relationships(package) if base == "xl"}
    entries = re.findall(r'<sheet name="([^"]+)"[^>]* r:id="(\w+)"', package["xl/workbook.xml"].decode())
    return {name: targets[number] for name, number in entries}


def test_it_holds_many_more_parts(plain: Path, specimen: Path, with_macros: Path) -> None:
    assert len(parts(specimen)) >= len(parts(plain)) + MORE_PARTS
    assert parts(with_macros).keys() - parts(specimen).keys() == {
        part for each in MACROS.values() for part in each.adds
    }


def test_each_relationship_leads_to_a_part_and_each_part_is_led_to(with_macros: Path) -> None:
    package = parts(with_macros)
    assert led_to(package) == {name for name in package if name != TYPES and not name.endswith(".rels")}
    ids = [(base, each.get("Id"), each.get("Type"), each.get("Target")) for base, each in relationships(package)]
    assert len(ids) == len(set(ids))


def test_each_part_has_a_content_type(with_macros: Path) -> None:
    package = parts(with_macros)
    root = fromstring(package.pop(TYPES))
    defaults = {each.get("Extension") for each in root.iterfind("{*}Default")}
    overrides = [each.get("PartName", "").lstrip("/") for each in root.iterfind("{*}Override")]
    assert sorted(overrides) == sorted(set(overrides) & set(package))
    assert {name for name in package if name.rsplit(".", 1)[1] not in defaults} <= set(overrides)


def test_each_xml_part_is_well_formed(with_macros: Path) -> None:
    package = parts(with_macros)
    assert all(fromstring(data) is not None for name, data in package.items() if XML.fullmatch(name))


def test_the_features_tell_what_is_new_and_what_has_changed(plain: Path, specimen: Path) -> None:
    before, after, by_name = parts(plain), parts(specimen), sheets(specimen)
    new = {part for each in FEATURES.values() for part in each.adds}
    assert {name for name in after.keys() - before.keys() if not name.endswith(".rels")} == new
    told = {by_name.get(what, what) for each in FEATURES.values() for what in each.changes}
    told |= {part for part in by_name.values() if ALL in told} - new - {ALL}
    changed = {name for name in before if before[name] != after[name] and not name.endswith(".rels")}
    assert changed - {TYPES} == told - new - {ALL}


def test_openxml_audit_finds_nothing(with_macros: Path) -> None:
    assert engines.audit_openxml(with_macros) == []


def test_equal_input_gives_equal_bytes(plain: Path, specimen: Path) -> None:
    assert rich(plain.read_bytes()) == specimen.read_bytes()


def test_it_is_still_the_same_study(plain: Path, specimen: Path, with_macros: Path) -> None:
    study = read_workbook(plain)
    assert read_workbook(specimen) == study
    assert read_workbook(with_macros) == study


def test_what_we_wrote_stays(plain: Path, specimen: Path) -> None:
    ours, theirs = engines.formula_cells(plain), engines.formula_cells(specimen)
    assert {cell: each for cell, each in theirs.items() if cell[0] not in USERS_SHEETS} == ours


def test_openpyxl_reads_the_users_sheets_and_names(specimen: Path) -> None:
    with pytest.warns(UserWarning, match="not supported"):
        book = openpyxl.load_workbook(specimen)
    assert set(book.sheetnames) == set(sheets(specimen)) and book.sheetnames[2] == "Board notes"
    notes = book["Board notes"]
    assert set(notes.tables) == {"BoardSpend", "Vendors"}
    assert notes.defined_names["ttft_ms"].attr_text == "'Board notes'!$C$13"
    assert book.defined_names["Twice"].attr_text == "_xlfn.LAMBDA(_xlpm.x,_xlpm.x*2)"
    assert len(book["Board pivot"]._pivots) == 1  # there is no public way to them


def test_names_of_one_sheet_follow_it_to_its_new_place(plain: Path, specimen: Path) -> None:
    """The user's sheet stands among ours, and such names know their sheet by its number."""

    def local(path: Path) -> set[tuple[str, str]]:
        names = re.findall(r'name="([^"]+)" localSheetId="([0-9]+)"', parts(path)["xl/workbook.xml"].decode())
        return {(name, list(sheets(path))[int(number)]) for name, number in names}

    assert {each for each in local(specimen) if each[1] not in USERS_SHEETS} == local(plain)


def test_texts_are_shared_and_the_calculation_chain_is_whole(specimen: Path) -> None:
    package = parts(specimen)
    texts = len(fromstring(package["xl/sharedStrings.xml"]).findall("{*}si"))
    written = b"".join(data for name, data in package.items() if SHEET_PART.fullmatch(name))
    used = {int(number) for number in re.findall(rb' t="s"[^>]*><v>([0-9]+)</v>', written)}
    assert b"inlineStr" not in written and max(used) < texts
    formulas = len(re.findall(rb"<f\b(?! t=\"dataTable\")", written))
    assert package["xl/calcChain.xml"].count(b"<c ") == formulas > 1000


@pytest.mark.skipif(not engines.HAVE_LIBREOFFICE, reason=engines.NO_LIBREOFFICE)
def test_libreoffice_opens_it_and_computes_our_sheets_alike(plain: Path, specimen: Path, tmp_path: Path) -> None:
    (result,) = engines.recalculate_libreoffice([specimen], tmp_path)
    computed = engines.libreoffice_values(result)
    wrong = {
        cell: (value, computed.get(cell))
        for cell, (_, value) in without_calls(engines.formula_cells(plain)).items()
        if not engines.same_value(value, computed.get(cell), rel_tol=1e-9, abs_tol=1e-9)
    }
    assert wrong == {}
