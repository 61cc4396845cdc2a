"""Installing the functions: what is written for each spreadsheet, what is checked, what runs with what Lite has."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import engines
import openpyxl
import pytest
from test_cli import refused, run

from xl_econ.cli import Spreadsheet
from xl_econ.functions.cells import entries
from xl_econ.functions.extension import extension
from xl_econ.functions.forms import vba
from xl_econ.functions.macro_book import MODULE
from xl_econ.install import SPREADSHEETS
from xl_econ.version import VERSION

WRITTEN = {
    "windows": {"xl_econ.bas", "xl_econ_functions.xlsm"},
    "lite": {"main.py", "requirements.txt"},
    "server": {"main.py", "requirements.txt"},
    "libreoffice": {"xl_econ.oxt"},
}


@pytest.mark.parametrize("spreadsheet", WRITTEN)
def test_files_are_written_and_the_steps_told(spreadsheet: str, tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    done = run("functions", "install", "--for", spreadsheet, "--to", folder)
    assert done.exit_code == 0 and {path.name for path in folder.iterdir()} == WRITTEN[spreadsheet]
    told = done.stdout.splitlines()
    assert sum(line.startswith("written") for line in told) == len(WRITTEN[spreadsheet])
    assert sum(line.startswith("step") for line in told) >= 2
    assert all(str(folder / name) in done.stdout for name in WRITTEN[spreadsheet])


def test_the_command_offers_what_can_be_installed() -> None:
    assert [choice.value for choice in Spreadsheet] == [*SPREADSHEETS] == [*WRITTEN]


def test_nothing_is_replaced_or_half_written(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("mine\n")
    told = refused(run("functions", "install", "--for", "lite", "--to", tmp_path))
    assert "requirements.txt: it exists already" in told and not (tmp_path / "main.py").exists()
    assert run("functions", "install", "--for", "lite", "--to", tmp_path, "--force").exit_code == 0
    assert (tmp_path / "requirements.txt").read_text() != "mine\n"


def test_without_xlwings_nothing_is_written_and_the_way_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xl_econ.install.quickstart", lambda: None)
    told = refused(run("functions", "install", "--for", "windows", "--to", tmp_path / "new"))
    assert 'pip install "xl-econ[excel]", then run this again' in told and not (tmp_path / "new").exists()


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "it is a file. Give the name of a folder" in refused(
        run("functions", "install", "--for", "lite", "--to", tmp_path / "file")
    )


@pytest.mark.skipif(sys.platform.startswith("win"), reason="classic xlwings is at home there")
def test_what_is_missing_for_classic_xlwings_is_told(tmp_path: Path) -> None:
    told = run("functions", "install", "--for", "windows", "--to", tmp_path).stdout
    assert "MISSING  Windows" in told and "pip install pywin32" in told and "found    xlwings" in told


# --- classic xlwings ---------------------------------------------------------------------------


def test_the_macro_book_names_our_module_and_calls_our_functions(tmp_path: Path) -> None:
    run("functions", "install", "--for", "windows", "--to", tmp_path)
    path = tmp_path / "xl_econ_functions.xlsm"
    book = openpyxl.load_workbook(path, keep_vba=True)
    settings = {row[0].value: row[1].value for row in book["xlwings.conf"].iter_rows()}
    assert settings == {"UDF Modules": MODULE}, "another setting, even empty, would hide the user's own"
    assert book.vba_archive is not None
    calls = [cell.value for row in book["Functions"].iter_rows() for cell in row if str(cell.value).startswith("=")]
    assert len(calls) >= 3 and all(re.match(r"=(\w+)\(", call)[1] in entries() for call in calls)
    assert engines.audit_openxml(path) == []


def test_the_vba_has_every_function_in_lines_that_vba_takes() -> None:
    text = vba().decode("cp1252")
    lines = text.split("\r\n")
    assert max(map(len, lines)) < 1_023 and "{" not in text and "\n" not in text.replace("\r\n", "")
    for entry in entries().values():
        names = [name for name, _ in entry.arguments]
        (head,) = (line for line in lines if line.startswith(f"Public Function {entry.name}("))
        assert re.findall(r"(\w+)(?:\(\))? As Variant[,)]", head.removesuffix(" As Variant")) == names
        assert any(line.startswith(f'    Application.MacroOptions Macro:="{entry.name}"') for line in lines)
    starts = text.count("\r\nPublic Function ") + text.count("\r\nPrivate Function ")
    assert starts == text.count("\r\nEnd Function\r\n") > len(entries())


def test_no_paramarray_is_handed_over() -> None:
    """Excel compiles nothing of a module with that; LibreOffice takes it."""
    repeating = re.findall(r"ParamArray (\w+)\(\)[^\n]*\n(.*?)End Function", vba().decode("cp1252"), re.DOTALL)
    assert repeating and not [body for name, body in repeating if re.search(rf"[(,] *{name}[),]", body)]


# --- LibreOffice -------------------------------------------------------------------------------


def test_the_extension_is_the_same_each_time_and_holds_the_package() -> None:
    made = extension()
    assert made == extension()
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        names = archive.namelist()
        parts = {name: archive.read(name) for name in names}
    assert {"pythonpath/xl_econ/functions/cells.py", "LICENSE"} <= set(names)
    assert not [name for name in names if name.endswith(".pyc") or "templates" in name]
    for name in ("META-INF/manifest.xml", "description.xml", "CalcAddIns.xcu"):
        ElementTree.fromstring(parts[name])
    assert VERSION.encode() in parts["description.xml"]
    listed = re.findall(
        r'<node oor:name="([A-Z_]+)" oor:op="replace"><prop oor:name="DisplayName">', parts["CalcAddIns.xcu"].decode()
    )
    assert listed == [*entries()]


# --- xlwings Lite ------------------------------------------------------------------------------


def test_the_module_computes_with_only_what_lite_has(tmp_path: Path) -> None:
    """Pyodide brings numpy and pydantic; it has no processes and no threads."""
    run("functions", "install", "--for", "lite", "--to", tmp_path)
    script = Path(__file__).with_name("lite_environment.py")
    done = subprocess.run([sys.executable, script, tmp_path / "main.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told, weights = json.loads(done.stdout), entries()["WEIGHTS_GB"]
    column = [["llama-3.3-70b"], ["no such thing"]]
    assert told["called"] == [weights.work(column, "fp8"), entries()["WHY"].work("WEIGHTS_GB", column, "fp8")]
    assert set(entries()) <= set(told["functions"])


def test_what_lite_installs_is_this_version(tmp_path: Path) -> None:
    run("functions", "install", "--for", "lite", "--to", tmp_path)
    assert (tmp_path / "requirements.txt").read_text().split() == ["xlwings", f"xl-econ=={VERSION}"]
