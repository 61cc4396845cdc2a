"""Own catalog records: what a study knows beside the shipped catalog goes into the workbook and comes back.

A study in TOML may bring a new accelerator, LLM or hosted price, and know a shipped one better; so may a person who
types into the free rows of the sheet Catalog.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import engines
import openpyxl
import pytest
from edits import unlike
from test_parity import differences, expected_cells
from typer.testing import CliRunner
from workbooks import by_name, moved, put, saved, values_of, without_calls, without_rates, written

from xl_econ import Study, evaluate, load_study, preset, read_workbook, refresh_workbook
from xl_econ.catalog.load import load_catalog
from xl_econ.cli import app
from xl_econ.core.problems import Problems
from xl_econ.inputs.own_catalog import MAY_LACK, fields_of, shipped_value
from xl_econ.inputs.study import to_toml
from xl_econ.workbook import read
from xl_econ.workbook.book import Book
from xl_econ.workbook.layout import CATALOG, INPUTS, SPARE_ROWS, layout_for
from xl_econ.workbook.names import defined_name
from xl_econ.workbook.package import Package

LAYOUT = layout_for(3)
Records = dict[str, dict[str, dict[str, Any]]]


def like(table: str, id: str, **other: Any) -> dict[str, Any]:
    """All fields of a shipped record, some of them changed; what it lacks and a new one may lack is left out."""
    told = {field: shipped_value(table, id, field) for field in fields_of(table)} | other
    return {field: value for field, value in told.items() if MAY_LACK.get(table, {}).get(field) != value}


def toml(records: Records, base: str = "", second: str = "") -> str:
    """A study file whose base and second scenario choose."""
    lines = ['title = "Own records"', 'as_of = "2026-11-23"']
    for table, entries in records.items():
        for id, fields in entries.items():
            lines += ["", f'[catalog.{table}."{id}"]']
            lines += [f"{key} = {value!r}".replace("'", '"') for key, value in fields.items()]
    return "\n".join([*lines, "", "[scenarios.Base]", base, "[scenarios.Cheaper]", second, "[scenarios.Dearer]", ""])


# Each specimen: the records, what the base and the second scenario say, and a result that must follow from the record
# (in the scenario named), with the reason for the expected number.
CASES: dict[str, tuple[Records, str, str, tuple[str, str, float]]] = {
    "a new accelerator, chosen by the second scenario": (
        {"accelerators": {"h300-nvl": like("accelerators", "h200-sxm", name="Own H300", rent_usd_per_h=3.25)}},
        "",
        'accelerator = "h300-nvl"',
        ("Cheaper", "usd_per_accelerator_h", 3.25),  # its rent
    ),
    "a new LLM": (
        {"llms": {"own-70b": like("llms", "llama-3.3-70b", name="Own 70B", kv_heads=4.0)}},
        'llm = "own-70b"',
        "",
        ("Base", "kv_mb_per_token", 0.08192),  # 2 x 4 heads x 128 channels x 80 layers x 1 byte, by hand
    ),
    "a better price for a shipped accelerator": (
        {"accelerators": {"h100-sxm": {"rent_usd_per_h": 1.25}}},
        "",
        "",
        ("Dearer", "usd_per_accelerator_h", 1.25),  # the scenarios that leave h100-sxm as it is pay it
    ),
    "a hosted price": (
        {
            "hosted": {
                "vendor-x": {
                    "name": "Vendor X",
                    "date": "2026-11-23",
                    "input_usd_per_m_tokens": 1.0,
                    "output_usd_per_m_tokens": 1.0,
                }
            }
        },
        'hosted = "vendor-x"',
        "",
        ("Base", "hosted_usd_per_m_tokens", 1.0),  # equal prices have one mean, whatever the mix
    ),
    "ids and names that look like formulas": (
        {
            "accelerators": {
                "=1+1": like("accelerators", "h100-sxm", name="@SUM(A1)", rent_usd_per_h=1.75),
                "-x": like("accelerators", "l40s"),
            }
        },
        'accelerator = "=1+1"',
        "",
        ("Dearer", "usd_per_accelerator_h", 1.75),  # its rent, inherited
    ),
    "several tables at once": (
        {
            "accelerators": {
                "zz": like("accelerators", "mi300x", rent_usd_per_h=2.5),
                "b200-sxm": {"purchase_usd": 1.0},
            },
            "llms": {"tiny": like("llms", "llama-3.1-8b", name="Tiny")},
            "hosted": {"openai-gpt-4o-2024-11": {"output_usd_per_m_tokens": 8.0}},
        },
        'llm = "tiny"\naccelerator = "zz"\ntensor_parallel = 1',
        "",
        ("Base", "usd_per_accelerator_h", 2.5),
    ),
}
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def study_in(case: str, folder: Path) -> Study:
    records, base, second, _ = CASES[case]
    file = folder / "study.toml"
    file.write_text(toml(records, base, second), "utf-8")
    return load_study(file)


@every_case
def test_toml_workbook_toml_is_one_study(case: str, tmp_path: Path) -> None:
    study, file = study_in(case, tmp_path), tmp_path / "back.toml"
    assert study.catalog == CASES[case][0]
    back = read_workbook(written(study, tmp_path / "deal.xlsx"))
    assert back == study
    file.write_text(to_toml(back), "utf-8")
    assert load_study(file) == study


@every_case
def test_results_follow_from_the_record_before_and_after(case: str, tmp_path: Path) -> None:
    study, (scenario, name, expected) = study_in(case, tmp_path), CASES[case][3]
    assert evaluate(study, [name]).scenarios[scenario][name] == pytest.approx(expected, rel=1e-12)
    assert evaluate(read_workbook(written(study, tmp_path / "deal.xlsx"))) == evaluate(study)


@every_case
def test_the_workbook_recalculates_to_pythons_values_in_two_engines(case: str, tmp_path: Path) -> None:
    study = study_in(case, tmp_path)
    expected, path = expected_cells(study), written(study, tmp_path / "deal.xlsx")
    for engine, cells in ((engines.IroncalcBook, expected), (engines.CellruneBook, without_rates(expected))):
        book = engine(path)
        book.recalculate()
        assert not differences(cells, book.values(cells)), engine.__name__


@every_case
def test_refresh_with_the_study_file_brings_the_records_into_an_older_workbook(case: str, tmp_path: Path) -> None:
    path = written(preset("standard"), tmp_path / "deal.xlsx")
    study = study_in(case, tmp_path)
    receipt = refresh_workbook(path, study=study)
    assert read_workbook(path) == study
    assert receipt.not_refreshed == ()
    assert moved(by_name(written(study, tmp_path / "anew.xlsx")), by_name(path)) == {}
    ours, book = values_of(saved(path)), engines.IroncalcBook(path)
    book.recalculate()
    assert not differences(without_rates(without_calls(ours)), book.values(ours))


# --- typed on the sheet Catalog ----------------------------------------------------------------


def free_row(table: str, place: int = 0) -> int:
    """The sheet's row of a free record, from 0."""
    return LAYOUT.tables[table].row + len(load_catalog().table(table)) + place


def record_cells(table: str, id: str, fields: dict[str, Any], row: int) -> dict[tuple[str, str], Any]:
    from xl_econ.workbook.layout import letters

    values = {"id": id, **fields}
    return {(CATALOG, f"{letters(LAYOUT.sheet_column(f'{table}.{key}', 0))}{row + 1}"): v for key, v in values.items()}


def standard_with(cells: dict[tuple[str, str], Any], path: Path) -> Path:
    return put(written(preset("standard"), path), cells)


@pytest.mark.parametrize("place", [0, SPARE_ROWS - 1], ids=["first free row", "last free row"])
def test_a_record_typed_into_a_free_row_can_be_chosen(place: int, tmp_path: Path) -> None:
    """By openpyxl, which knows nothing of us; the row need not be the next one."""
    path, fields = tmp_path / "deal.xlsx", like("accelerators", "h100-sxm", name="Mine", rent_usd_per_h=1.5)
    book = openpyxl.load_workbook(written(preset("standard"), path))
    for (sheet, cell), value in record_cells("accelerators", "mine", fields, free_row("accelerators", place)).items():
        book[sheet][cell] = value
    book[INPUTS][LAYOUT.one("accelerator", 0)[1]] = "mine"
    book.save(path)
    study = read_workbook(path)
    assert study.catalog == {"accelerators": {"mine": fields}}
    assert study.resolved()["Dearer"]["accelerator"] == "mine"
    assert evaluate(study, ["usd_per_accelerator_h"]).scenarios["Base"]["usd_per_accelerator_h"] == 1.5


def test_refresh_computes_with_a_record_that_somebody_typed(tmp_path: Path) -> None:
    """The saved results are as old as the workbook; the look-ups cover the free rows."""
    fields = like("llms", "llama-3.3-70b", name="Mine", kv_heads=2.0)
    cells = record_cells("llms", "mine", fields, free_row("llms", 3)) | {LAYOUT.one("llm", 0): "mine"}
    path = standard_with(cells, tmp_path / "deal.xlsx")
    refresh_workbook(path)
    study = read_workbook(path)
    assert unlike(study, read_workbook(written(study, tmp_path / "anew.xlsx"))) == {}
    assert moved(by_name(tmp_path / "anew.xlsx"), by_name(path)) == {}
    ours, book = values_of(saved(path)), engines.CellruneBook(path)
    book.recalculate()
    assert not differences(without_calls(without_rates(ours)), book.values(ours))


# Each specimen: cells on the sheet Catalog, and what the message must say beside the cell.
NEW = like("accelerators", "h100-sxm", name="Mine")
ROW = free_row("accelerators")
PRICE = {"name": "Mine", "input_usd_per_m_tokens": 1.0, "output_usd_per_m_tokens": 1.0}
BAD: dict[str, tuple[dict[tuple[str, str], Any], str]] = {
    "a record without a price": (
        record_cells("accelerators", "mine", {k: v for k, v in NEW.items() if k != "rent_usd_per_h"}, ROW),
        "mine has no rent_usd_per_h",
    ),
    "a hosted price without a date": (
        record_cells("hosted", "mine", PRICE, free_row("hosted")),
        "mine has no date. Give the day or month of the price as text",
    ),
    "a date as the number that Excel makes of it": (
        record_cells("hosted", "mine", PRICE | {"date": 46349}, free_row("hosted")),
        "date of mine is 46349. Give the day or month of the price as text",
    ),
    "a record without an id": (
        record_cells("accelerators", "mine", NEW, ROW) | {(CATALOG, f"A{ROW + 1}"): ""},
        "1 to 60 visible characters",
    ),
    "an id twice": (record_cells("accelerators", "H100-SXM", NEW, ROW), "the id H100-SXM twice"),
    "text for a number": (record_cells("accelerators", "mine", NEW | {"memory_gb": "80 GB"}, ROW), "'80 GB'"),
    "nothing where the engine divides": (record_cells("accelerators", "mine", NEW | {"memory_gb": 0}, ROW), "above 0"),
    "a negative price": (record_cells("accelerators", "mine", NEW | {"rent_usd_per_h": -1}, ROW), "at least 0"),
    "a family that nobody knows": (
        record_cells("accelerators", "mine", NEW | {"efficiency_family": "x"}, ROW),
        "hopper",
    ),
}


@pytest.mark.parametrize("specimen", BAD, ids=str)
def test_a_bad_record_is_named_with_its_cell_and_the_remedy(specimen: str, tmp_path: Path) -> None:
    cells, said = BAD[specimen]
    with pytest.raises(Problems) as caught:
        read_workbook(standard_with(cells, tmp_path / "deal.xlsx"))
    (message,) = caught.value.problems
    assert said in message and f"{CATALOG}!" in message, message
    (row,) = {address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _, address in cells}
    assert f"{row}:" in message, message


def test_a_hosted_price_of_an_older_workbook_gets_the_day_of_its_study(tmp_path: Path) -> None:
    """Before prices had dates, Catalog had no cell for them."""
    record = {"hosted": {"mine": PRICE | {"date": "2020-01-01"}}}
    study = preset("standard").model_copy(update={"catalog": record})
    path = written(study, tmp_path / "old.xlsx")
    book = Book(Package(path.read_bytes()), path.name)
    names = {name: cells for name, cells in book.package.names.items() if name != defined_name("hosted.date")}
    book.package.__dict__["names"] = names
    found, reading = read.study_in(book, lenient=True)
    assert found.catalog["hosted"]["mine"]["date"] == study.as_of
    assert reading.unknown == ["the date of mine, now the study's own"]


def test_more_records_than_free_rows_are_told_and_nothing_is_written(tmp_path: Path) -> None:
    many = {f"own-{place:02}": dict(NEW) for place in range(SPARE_ROWS + 1)}
    path, file = written(preset("standard"), tmp_path / "deal.xlsx"), tmp_path / "study.toml"
    before = path.read_bytes()
    file.write_text(toml({"accelerators": many}), "utf-8")
    with pytest.raises(Problems, match=f"no free row for own-{SPARE_ROWS:02}"):
        refresh_workbook(path, study=load_study(file))
    assert path.read_bytes() == before


def test_a_new_workbook_of_more_records_than_free_rows_is_told_too(tmp_path: Path) -> None:
    """On the command line: exit code 2 and words, no traceback."""
    many = {f"own-{place:02}": dict(NEW) for place in range(SPARE_ROWS + 1)}
    file, out = tmp_path / "study.toml", tmp_path / "deal.xlsx"
    file.write_text(toml({"accelerators": many}, f'accelerator = "own-{SPARE_ROWS:02}"'), "utf-8")
    result = CliRunner().invoke(app, ["new", str(out), "--study", str(file)])
    if result.exit_code == 0:
        assert read_workbook(out) == load_study(file), "a record was lost in silence"
    assert result.exit_code in (0, 2), result.exception


def test_a_record_of_the_workbook_that_the_study_drops_goes_back_or_stays_unused(tmp_path: Path) -> None:
    """A fact of the shipped catalog is restored; a record of one's own stays, since nothing chooses it."""
    study, standard = study_in("several tables at once", tmp_path), preset("standard")
    path = written(study, tmp_path / "deal.xlsx")
    refresh_workbook(path, study=standard)
    left = read_workbook(path)
    assert left.scenarios == standard.scenarios
    own = {"accelerators": "zz", "llms": "tiny"}
    assert left.catalog == {table: {id: study.catalog[table][id]} for table, id in own.items()}
