"""Evidence: published measurements beside predictions. The cases are eighteen rows of many, each of another kind."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_cli import refused, run

from xl_econ.calibration.evidence import METRICS, OUT_OF_PROPORTION, SATURATED, TOO_LARGE, evidence
from xl_econ.calibration.measured import COLUMNS, Row, read_measured
from xl_econ.catalog.assumptions import assumptions
from xl_econ.functions.call import call
from xl_econ.inputs.own_catalog import fields_of, shipped_value
from xl_econ.inputs.scenario import Scenario
from xl_econ.inputs.study import Study, to_toml

CASES = Path(__file__).parent / "cases" / "measured.csv"
H100 = ("llama-3.1-70b", "h100-sxm")


def written(path: Path, changes: dict[str, str], start: str = "trt-00297") -> Path:
    """One row of the cases with other cells."""
    with CASES.open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["id"] == start) | changes
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    return path


def test_each_kind_of_row_is_predicted() -> None:
    found = evidence(CASES)
    assert list(found.metrics()) == ["max_throughput", "itl", "ttft", "e2e", "load_throughput"]
    assert {metric: errors["n"] for metric, errors in found.metrics().items()} == {
        "e2e": 2,
        "itl": 3,
        "load_throughput": 1,
        "max_throughput": 4,
        "ttft": 1,
    }
    assert all(0.3 < point.ratio < 3 for point in found.scored), "none is off by factors"


def test_what_is_left_out_has_a_reason() -> None:
    assert evidence(CASES).reasons() == {
        "contradicts physics or its neighbours (quality X)": 1,
        "a metric that is not predicted: ttft_p99_ms": 1,
        "lengths are not published": 1,
        "not in the catalog: decilm-7b": 1,
        "not in the catalog: SN40L-64GB": 1,
        "an open-loop run: its concurrency is not known": 1,
    }


def test_what_the_model_lacks_lowers_the_share_that_it_predicts() -> None:
    """What a row does not say is not the model's fault."""
    shares = {metric: errors["predicted_share"] for metric, errors in evidence(CASES).metrics().items()}
    assert shares["max_throughput"] == shares["itl"] == 1 and shares["e2e"] == pytest.approx(2 / 3)


def test_a_prediction_is_the_functions_own(tmp_path: Path) -> None:
    changes = {"metric": "itl_ms", "value": "20", "concurrency_or_batch": "32", "tp": "4", "num_gpus": "4"}
    changes |= {"date": "2026-06-01", "engine": "vLLM 0.15"}
    path = written(tmp_path / "one.csv", changes)
    (point,) = evidence(path).points
    by_function = call("ITL_MS", *H100, point.row.weight_precision, point.row.kv_precision, 4, 128, 128, 32)
    assert point.predicted == pytest.approx(by_function.values.item(), rel=1e-12)


@pytest.mark.parametrize(
    ("changes", "metric"),
    [({"metric": "itl_ms"}, "itl"), ({"metric": "ttft_ms"}, "ttft"), ({}, "rate")],
    ids=["time between tokens", "time to first token", "maximum"],
)
def test_a_measurement_is_held_from_p10_to_p90_of_its_prediction(
    changes: dict[str, str], metric: str, tmp_path: Path
) -> None:
    changes = {"concurrency_or_batch": "8" if changes else "", "tp": "4", "num_gpus": "4", **changes}
    (point,) = evidence(written(tmp_path / "one.csv", changes)).points
    ends = [assumptions()[f"{metric}_{end}_dense"].base for end in ("p10", "p90")]
    assert [point.p10_factor, point.p90_factor] == ends
    held = [ends[0] * 0.99, ends[0] * 1.01, ends[1] * 0.99, ends[1] * 1.01]
    told = [replace(point, row=replace(point.row, value=point.predicted * share)).is_held for share in held]
    assert told == [False, True, True, False]


def test_what_has_no_interval_holds_nothing() -> None:
    shares = {metric: errors["interval_held_share"] for metric, errors in evidence(CASES).metrics().items()}
    assert shares.pop("e2e") is None
    assert all(0 <= share <= 1 for share in shares.values())


RATES: dict[str, tuple[dict[str, str], float]] = {
    "of all": ({"metric": "output_tok_s_total"}, 1),
    "of one accelerator": ({"metric": "output_tok_s_per_gpu"}, 1 / 2),
    "with the input": ({"metric": "total_tok_s_total"}, 2),
    "of two replicas": ({"metric": "output_tok_s_total", "num_gpus": "4"}, 2),
}


@pytest.mark.parametrize("case", RATES)
def test_a_rate_is_told_in_the_unit_of_its_row(case: str, tmp_path: Path) -> None:
    """128 tokens in and 128 out on two accelerators."""
    changes, factor = RATES[case]
    base = {"num_gpus": "2", "tp": "2", "isl": "128", "osl": "128", "notes": ""}
    (plain,) = evidence(written(tmp_path / "plain.csv", base)).points
    (point,) = evidence(written(tmp_path / "one.csv", base | changes)).points
    assert point.predicted == pytest.approx(plain.predicted * factor, rel=1e-12)


def test_a_static_batch_is_one_time_however_it_is_told(tmp_path: Path) -> None:
    batch: dict[str, Any] = {"notes": "static batch", "concurrency_or_batch": "16", "tp": "2", "num_gpus": "2"}
    (time,) = evidence(written(tmp_path / "time.csv", batch | {"metric": "e2e_latency_ms"})).points
    (rate,) = evidence(written(tmp_path / "rate.csv", batch | {"metric": "total_tok_s_total"})).points
    assert time.row.kind == rate.row.kind == "e2e"
    assert rate.predicted == pytest.approx(16 * (128 + 128) / time.predicted * 1000, rel=1e-12)
    assert rate.ratio == pytest.approx(rate.row.value / rate.predicted), "an error of the time, too"


def test_the_first_tokens_of_a_static_batch_are_its_prompts_alone(tmp_path: Path) -> None:
    """Nothing of a front or of other requests, which a time to first token has under load."""
    first = {"metric": "ttft_ms", "concurrency_or_batch": "1", "tp": "2", "num_gpus": "2"}
    first |= {"date": "2026-06-01", "engine": "vLLM 0.15"}
    (alone,) = evidence(written(tmp_path / "static.csv", first | {"notes": "static batch"})).points
    (loaded,) = evidence(written(tmp_path / "loaded.csv", first)).points
    prefill = call("PREFILL_MS", *H100, alone.row.weight_precision, alone.row.kv_precision, 2, 128, 128)
    assert alone.predicted == pytest.approx(prefill.values.item(), rel=1e-12) and loaded.predicted > alone.predicted


def test_a_batch_that_does_not_fit_goes_in_waves_and_has_no_time_to_first_token(tmp_path: Path) -> None:
    large = {"isl": "8000", "osl": "1000", "concurrency_or_batch": "5000", "tp": "2", "num_gpus": "2"}
    batch = large | {"notes": "static batch", "metric": "e2e_latency_ms"}
    (time,) = evidence(written(tmp_path / "time.csv", batch)).points
    (twice,) = evidence(written(tmp_path / "twice.csv", batch | {"concurrency_or_batch": "10000"})).points
    assert twice.predicted == pytest.approx(2 * time.predicted, rel=1e-12)
    assert evidence(written(tmp_path / "ttft.csv", large | {"metric": "ttft_ms"})).reasons() == {SATURATED: 1}


def test_replicas_share_the_sequences(tmp_path: Path) -> None:
    """A concurrency is that of the whole run."""
    four = {"metric": "itl_ms", "tp": "2", "num_gpus": "8", "concurrency_or_batch": "64"}
    (shared,) = evidence(written(tmp_path / "four.csv", four)).points
    (alone,) = evidence(written(tmp_path / "one.csv", four | {"num_gpus": "2", "concurrency_or_batch": "16"})).points
    assert shared.predicted == alone.predicted


@pytest.mark.parametrize("column", ["gpu", "model"])
def test_a_name_that_is_blank_is_none_of_the_catalog(column: str, tmp_path: Path) -> None:
    assert evidence(written(tmp_path / "one.csv", {column: "", "arch": ""})).reasons() == {
        "not in the catalog: no name": 1
    }


def test_no_more_sequences_run_than_the_run_has(tmp_path: Path) -> None:
    few = evidence(written(tmp_path / "few.csv", {"notes": "all 20 requests sent at once"})).points
    at_once = evidence(written(tmp_path / "at_once.csv", {"concurrency_or_batch": "20", "notes": ""})).points
    assert few[0].predicted == pytest.approx(at_once[0].predicted, rel=1e-12) and few[0].row.kind == "max_throughput"


def test_what_does_not_fit_is_told(tmp_path: Path) -> None:
    path = written(tmp_path / "large.csv", {"tp": "1", "num_gpus": "1", "weight_dtype": "fp16"})
    assert evidence(path).reasons() == {TOO_LARGE: 1}


MOE = {"model": "deepseek-r1", "arch": "", "tp": "8", "num_gpus": "8"}
NAMES: dict[str, tuple[dict[str, str], tuple[str, Any]]] = {
    "a catalog id": ({"model": "qwen3-8b", "arch": ""}, ("llm", "qwen3-8b")),
    "a repository": ({"model": "Qwen/Qwen3-8B", "arch": ""}, ("llm", "qwen3-8b")),
    "an accelerator by its id": ({"gpu": "mi355x"}, ("accelerator", "mi355x")),
    "16 bits": ({"weight_dtype": "FP16"}, ("weight_precision", "bf16")),
    "a cache that the engine decides": ({"weight_dtype": "fp8", "kv_dtype": ""}, ("kv_precision", "fp8")),
    "a cache of other engines": ({"engine": "vLLM 0.9", "kv_dtype": ""}, ("kv_precision", "bf16")),
    "requests of a run": ({"notes": "num_requests=3,000 all queued"}, ("requests", 3_000)),
    "requests sent at once": ({"notes": "system output; all 500 requests sent at once"}, ("requests", 500)),
    "lengths that vary": ({"group": "InferenceX|x", "isl": "1000"}, ("input_tokens", 900)),
    "an old engine": ({"engine": "vLLM 0.6.3", "date": "2024-11-30"}, ("old_engine", True)),
    "a release of 2026": ({"engine": "vLLM v0.15.1", "date": ""}, ("new_engine", True)),
    "a release before it": ({"engine": "TensorRT-LLM 1.1.0rc2", "date": "2026-02-01"}, ("new_engine", False)),
    "a release that only its date tells": (
        {"engine": "SGLang nightly-dev", "date": "2026-02-20"},
        ("new_engine", True),
    ),
    "a release that nothing tells": ({"engine": "vLLM", "date": ""}, ("new_engine", False)),
    "an old engine that is compiled": ({"engine": "TensorRT-LLM 0.14", "date": "2024-11-30"}, ("old_engine", False)),
    "its first in-flight batching": ({"engine": "TensorRT-LLM v0.10.0", "date": "2024-06-18"}, ("old_engine", True)),
    "a static batch before": (
        {"engine": "TensorRT-LLM 0.9.0", "concurrency_or_batch": "8", "notes": "static batch"},
        ("old_engine", False),
    ),
    "a compiled engine without a version": ({"engine": "TensorRT-LLM", "date": "2024-05"}, ("old_engine", False)),
    "requests of one length": ({"group": "NVIDIA dynamo/AIC gap runs|x"}, ("alike", True)),
    "requests of varying lengths": ({"engine": "vLLM 0.9", "group": "InferenceX|x"}, ("alike", False)),
    "stages of a pipeline": ({"pp": "2", "tp": "2", "num_gpus": "8"}, ("pipeline_parallel", 2)),
    "accelerators beside a pipeline are replicas": ({"pp": "2", "tp": "", "num_gpus": "8"}, ("tensor_parallel", 4)),
    "experts on so many accelerators": ({**MOE, "ep": "8", "dp": "8", "tp": "1"}, ("expert_parallel", 8)),
    "experts split over all": ({**MOE, "ep": "", "dp": "8", "tp": "1"}, ("expert_parallel", 1)),
    "a flag that the notes tell": ({**MOE, "notes": "run with enable_attention_dp"}, ("data_parallel", 8)),
    "an engine without a date": ({"engine": "vLLM 0.9", "date": ""}, ("old_engine", False)),
    "cores instead of accelerators": (
        {"gpu": "Inferentia2-32GB", "tp": "24", "num_gpus": "12", "weight_dtype": "bf16"},
        ("tensor_parallel", 12),
    ),
    "no tensor parallelism told": ({"tp": "", "num_gpus": "4"}, ("tensor_parallel", 4)),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_row_is_understood(case: str, tmp_path: Path) -> None:
    changes, (field, value) = NAMES[case]
    (row,) = read_measured(written(tmp_path / "one.csv", changes))
    assert isinstance(row, Row) and getattr(row, field) == value


KEYS = {
    *("n", "median_error_percent", "p80_error_percent", "p90_error_percent", "bias_percent", "predicted_share"),
    *(f"{given}_given_median_error_percent" for given in ("none", "one", "any", "all")),
    *("one_given_n", "interval_held_share"),
}


def test_the_command_tells_the_same_in_json() -> None:
    told, found = json.loads(run("evidence", CASES, "--json").stdout), evidence(CASES)
    assert told == {"metrics": found.metrics(), "groups": found.groups(), "left_out": found.reasons()}
    assert all(set(errors) == KEYS for errors in told["metrics"].values())
    assert {group["by"] for group in told["groups"]} == {"llm kind", "accelerator", "engine", "source"}
    assert np.isfinite([group["median_error_percent"] for group in told["groups"]]).all()


def test_a_metric_that_no_row_is_predicted_for_is_told_as_such(tmp_path: Path) -> None:
    """With no errors, since there are none; a program that reads it finds the same keys in every file."""
    path = written(tmp_path / "one.csv", {"model": "gpt-neox-20b", "arch": ""})
    told = json.loads(run("evidence", path, "--json").stdout)["metrics"]
    counts = {"n": 0, "predicted_share": 0, "one_given_n": 0}
    assert told == {metric: dict.fromkeys(KEYS) | counts for metric in METRICS}
    assert run("evidence", path).exit_code == 0, "tables, too"


@pytest.mark.parametrize("changes", [{"value": "1e-320"}, {"value": "1e308"}, {"isl": "1e300"}, {"osl": "1e308"}])
def test_nothing_that_is_no_number_reaches_a_program(changes: dict[str, str], tmp_path: Path) -> None:
    path = written(tmp_path / "one.csv", changes)
    assert next(iter(evidence(path).reasons())) in (OUT_OF_PROPORTION, TOO_LARGE)
    told = run("evidence", path, "--json").stdout
    assert "NaN" not in told and "Infinity" not in told and json.loads(told)["metrics"]["max_throughput"]["n"] == 0


def test_a_pool_that_only_prefills_packs_its_passes(tmp_path: Path) -> None:
    """Of a node of a larger instance, whose ranks of attention are all of its accelerators."""
    pool = {"model": "deepseek-v3", "metric": "input_tok_s_total", "isl": "2048", "osl": "1", "tp": "1", "dp": "32"}
    pool |= {"num_gpus": "8", "notes": "prefill-only, per 8-GPU node (instance = 4 nodes)", "date": "2025-05-05"}
    (node,) = evidence(written(tmp_path / "node.csv", pool)).points
    whole = pool | {"num_gpus": "32", "value": str(4 * 5835.57), "notes": "prefill-only"}
    (instance,) = evidence(written(tmp_path / "whole.csv", whole)).points
    one = pool | {"num_gpus": "32", "metric": "input_tok_s_per_gpu", "notes": ""}
    (each,) = evidence(written(tmp_path / "one.csv", one)).points
    assert node.ratio == pytest.approx(instance.ratio, rel=1e-12) and node.row.accelerators == 32
    assert each.predicted == pytest.approx(instance.predicted / 32, rel=1e-12)


def test_own_records_of_a_study_count_too(tmp_path: Path) -> None:
    """What it adds, by any of its names, and what it knows better."""
    chip = {field: shipped_value("accelerators", "h100-sxm", field) for field in fields_of("accelerators")}
    llm = {field: shipped_value("llms", "llama-3.1-70b", field) for field in fields_of("llms")}
    own = {"h300": chip | {"name": "Own H300 NVL9"}, "h100-sxm": {"bandwidth_tb_per_s": 6.7}}
    study = Study(
        title="", as_of="", catalog={"accelerators": own, "llms": {"own-70b": llm}}, scenarios={"Base": Scenario()}
    )
    (tmp_path / "own.toml").write_text(to_toml(study), encoding="utf-8")
    (shipped,) = evidence(written(tmp_path / "plain.csv", {})).points
    for changes, is_same in (
        ({"model": "Own-70B-Instruct", "arch": "", "gpu": "h300 80GB"}, True),
        ({"gpu": "Own H300 NVL9"}, True),
        ({}, False),  # twice the bandwidth
    ):
        path = written(tmp_path / "one.csv", changes)
        told = json.loads(run("evidence", path, "--study", tmp_path / "own.toml", "--json").stdout)
        (point,) = evidence(path, study.catalog).points
        assert told["metrics"]["max_throughput"]["n"] == 1 and told["left_out"] == {}
        assert (point.predicted == pytest.approx(shipped.predicted, rel=1e-12)) == is_same
    assert "missing.toml" in refused(run("evidence", path, "--study", tmp_path / "missing.toml"))


def test_the_command_prints_tables() -> None:
    printed = run("evidence", CASES).stdout
    assert "max_throughput" in printed and "By accelerator" in printed and "not in the catalog: SN40L-64GB" in printed


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it has no column engine"),
    "a head alone": (",".join(COLUMNS).encode() + b"\n", "it has no rows"),
    "another table": (b"a,b\n1,2\n", "it has no column engine, model"),
    "other separators": ("~".join(COLUMNS).encode() + b"\n", "with commas between them"),
    "a column twice": ((",".join(COLUMNS) + ",TP").encode() + b"\n", "more than one column tp"),
    "a cell without an end": (",".join(COLUMNS).encode() + b"\n" + b"x" * 200_000, "it is no table"),
    "no text": (b"\xff\xfe\x00\x01", "no text in UTF-8"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_file_that_is_no_table_of_measurements_is_refused(case: str, tmp_path: Path) -> None:
    path, (content, told) = tmp_path / "bad.csv", BAD[case]
    path.write_bytes(content)
    assert told in refused(run("evidence", path)) and "bad.csv" in refused(run("evidence", path))


@pytest.mark.parametrize(("column", "text"), [("value", "fast"), ("tp", "-2"), ("isl", "nan"), ("osl", "1e999")])
def test_text_for_a_number_is_told_with_its_line(column: str, text: str, tmp_path: Path) -> None:
    told = refused(run("evidence", written(tmp_path / "bad.csv", {column: text})))
    assert f"line 2, {column}: '{text}' is no number" in told


def test_a_file_may_have_broken_lines_blank_engines_and_no_row_that_counts(tmp_path: Path) -> None:
    changes = {"group": "a [/x]", "notes": "first line\nsecond line", "engine": "", "quality": "c"}
    path = written(tmp_path / "odd.csv", changes)
    assert [row.quality for row in read_measured(path)] == ["C"]
    assert run("evidence", path).exit_code == 0
    told = json.loads(run("evidence", path, "--json").stdout)
    assert told["groups"] == [] and told["left_out"] == {}


def test_a_quality_that_is_none_is_told(tmp_path: Path) -> None:
    (reason,) = evidence(written(tmp_path / "one.csv", {"quality": ""})).reasons()
    assert reason == "a quality that is none of A, B, C: blank"


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "missing.csv" in refused(run("evidence", tmp_path / "missing.csv"))
