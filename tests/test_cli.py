"""The command line as a contract: what it prints, its exit codes, and bad input told on standard error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from xl_econ.cli import app
from xl_econ.inputs.study import load_study, preset, presets, to_toml
from xl_econ.workbook.read import read_workbook


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def refused(result: Result) -> str:
    """The message on standard error; exit code 2, nothing on standard output."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert all(line.startswith("xl-econ: ") for line in result.stderr.splitlines())
    return result.stderr


@pytest.mark.parametrize("asked", [("list", "quantities"), ("functions", "lambdas")], ids=" ".join)
def test_nothing_is_said_where_the_reader_has_seen_enough(asked: tuple[str, ...]) -> None:
    """As in `xl-econ list quantities | head -1`."""
    command = [sys.executable, "-c", "from xl_econ.cli import main; main()", *asked]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0) as process:
        assert process.stdout and process.stderr
        assert process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""


def test_new_writes_a_workbook_of_the_standard_study(tmp_path: Path) -> None:
    out = tmp_path / "deal.xlsx"
    assert run("new", out).exit_code == 0
    assert read_workbook(out) == preset("standard")


@pytest.mark.parametrize("name", presets())
def test_new_with_each_preset_is_read_back_as_that_study(name: str, tmp_path: Path) -> None:
    out = tmp_path / "deal.xlsx"
    assert run("new", out, "--preset", name).exit_code == 0
    assert read_workbook(out) == preset(name)


def test_a_study_goes_into_a_workbook_and_comes_back(tmp_path: Path) -> None:
    study, book, back = tmp_path / "study.toml", tmp_path / "deal.xlsx", tmp_path / "back.toml"
    study.write_text(to_toml(preset("article-8b")), encoding="utf-8")
    assert run("new", book, "--study", study).exit_code == 0
    assert run("read", book, "-o", back).exit_code == 0
    assert load_study(back) == preset("article-8b")
    assert run("read", book).stdout == back.read_text(encoding="utf-8")


def test_compute_prints_json_by_scenario_with_units() -> None:
    found = json.loads(run("compute", "article-405b", "--json").stdout)
    assert found["scenarios"]["Base"]["ttft_ms"] == pytest.approx(17.67, abs=0.005)
    assert found["units"]["ttft_ms"] == "ms"
    assert len(found["scenarios"]["Calibrated"]["level_itl_ms"]) == 20


def test_compute_takes_presets_studies_and_workbooks_alike(tmp_path: Path) -> None:
    study, book = tmp_path / "study.toml", tmp_path / "deal.xlsx"
    study.write_text(to_toml(preset("article-8b")), encoding="utf-8")
    run("new", book, "--preset", "article-8b")
    printed = {run("compute", each, "--json").stdout for each in ("article-8b", study, book)}
    assert len(printed) == 1


def test_compute_shows_only_the_quantities_asked_for() -> None:
    found = json.loads(run("compute", "standard", "--json", "--quantity", "weights_gb", "--quantity", "itl_ms").stdout)
    assert set(found["scenarios"]["Base"]) == {"weights_gb", "itl_ms"}


def test_compute_prints_a_table_of_headlines_for_people() -> None:
    printed = run("compute", "standard").stdout
    assert "usd_per_m_output_tokens" in printed, "names are not cut"
    assert "Cheaper" in printed


def test_explain_says_formula_inputs_source_and_cell() -> None:
    printed = run("explain", "weights_gb").stdout
    assert "common_weights_gb + expert_weights_gb" in printed
    assert "GB" in printed
    assert "config.json" in printed
    assert "Engine!C" in printed


@pytest.mark.parametrize("name", ["llm", "kv_fraction", "s_per_h", "llms.layers", "level_itl_ms"])
def test_explain_knows_every_kind_of_quantity(name: str) -> None:
    assert name in run("explain", name).stdout


@pytest.mark.parametrize(
    ("kind", "entry"),
    [
        ("presets", "article-405b"),
        ("llms", "llama-3.1-405b"),
        ("accelerators", "h100-sxm"),
        ("hosted", "gpt-4o"),
        ("quantities", "usd_per_m_output_tokens"),
    ],
)
def test_list_names_what_there_is(kind: str, entry: str) -> None:
    assert entry in run("list", kind).stdout


def test_template_build_compiles_for_any_number_of_scenarios(tmp_path: Path) -> None:
    out = tmp_path / "template.xlsx"
    assert run("template", "build", "-o", out, "--scenarios", 2).exit_code == 0
    assert len(read_workbook(out).scenarios) == 2


# --- bad input ---------------------------------------------------------------------------------


def test_an_existing_output_is_kept_without_force(tmp_path: Path) -> None:
    out = tmp_path / "deal.xlsx"
    out.write_text("mine")
    assert "--force" in refused(run("new", out))
    assert out.read_text() == "mine"
    assert run("new", out, "--force").exit_code == 0


def test_a_directory_a_missing_folder_and_another_ending_are_no_outputs(tmp_path: Path) -> None:
    assert "is a directory" in refused(run("new", tmp_path))
    assert "does not exist" in refused(run("new", tmp_path / "no" / "deal.xlsx"))
    assert "must end in .xlsx" in refused(run("new", tmp_path / "deal.txt"))
    assert list(tmp_path.iterdir()) == []


def test_a_bad_study_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    study, out = tmp_path / "study.toml", tmp_path / "deal.xlsx"
    study.write_text('[scenarios.Base]\nllm = "llama"\nown_usd_per_accelerator_h = -2\n[scenarios.Up]\nfoo = 1\n')
    message = refused(run("new", out, "--study", study))
    assert len(message.splitlines()) == 3
    assert not out.exists()


@pytest.mark.parametrize("source", ["no-such-preset", "missing.toml", "missing.xlsx"])
def test_a_source_that_is_not_there_is_told(source: str) -> None:
    assert source in refused(run("compute", source))


def test_a_name_that_no_quantity_has_brings_the_nearest(tmp_path: Path) -> None:
    assert "Did you mean ttft_ms" in refused(run("explain", "ttft_m"))
    assert "Did you mean itl_ms" in refused(run("compute", "standard", "--quantity", "itl_m"))


def test_preset_and_study_together_are_one_too_many(tmp_path: Path) -> None:
    assert "Give one" in refused(
        run("new", tmp_path / "a.xlsx", "--preset", "standard", "--study", tmp_path / "b.toml")
    )


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"plain text"], ids=["empty", "broken zip", "text"])
def test_a_file_that_is_no_workbook_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "deal.xlsx"
    path.write_bytes(content)
    assert "no readable .xlsx workbook" in refused(run("read", path))
