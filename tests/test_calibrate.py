"""The command `calibrate`: one's own benchmarks beside their predictions, and the factors as a file."""

from __future__ import annotations

import hashlib
import json
import math
import statistics
from pathlib import Path
from typing import Any

import pytest
from test_benchmarks import SPECIMENS, changed
from test_cli import refused, run

from xl_econ.core.problems import Problems
from xl_econ.functions.call import call
from xl_econ.inputs.own_calibration import load_own_calibration, to_toml
from xl_econ.inputs.results import evaluate
from xl_econ.inputs.study import load_study, study_of

STACK = ["--accelerator", "h100-sxm", "--weight-precision", "fp8", "--kv-precision", "bf16", "--tensor-parallel", 1]
H100 = ("llama-3.1-8b", "h100-sxm", "fp8", "bf16", 1)
STUDY = """
[scenarios.Base]
llm = "llama-3.1-8b"
accelerator = "h100-sxm"
weight_precision = "fp8"
kv_precision = "bf16"
tensor_parallel = 1
[scenarios.Slow]
layer_overhead_us = 98
[scenarios.Two]
accelerator = "l40s"
tensor_parallel = 2
"""

LENGTHS = 'request_lengths = "all alike"\n'


def found(*arguments: object) -> dict[str, Any]:
    result = run("calibrate", *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def study(path: Path, text: str = STUDY) -> Path:
    path.write_text(text, "utf-8")
    return path


def first_token_ms(told: dict[str, Any]) -> float:
    """The first that is predicted."""
    return next(point["predicted"] for point in told["points"] if point["metric"] == "ttft_ms")


def of_study(concurrency: float, **changes: str) -> float:
    """The time to first token of a study that says the same."""
    base = dict(zip(("llm", "accelerator", "weight_precision", "kv_precision", "tensor_parallel"), H100, strict=True))
    run = {"input_tokens": 1024, "output_tokens": 256, "concurrency_from": "own", "own_concurrency": concurrency}
    results = evaluate(study_of({"scenarios": {"Base": base | run | changes}}, "test"), ["ttft_ms"])
    return results.scenarios["Base"]["ttft_ms"]


def test_predictions_are_the_functions_own() -> None:
    told = found(SPECIMENS / "vllm.json", *STACK)
    predicted = {point["metric"]: point["predicted"] for point in told["points"]}
    assert predicted["itl_ms"] == pytest.approx(call("ITL_MS", *H100, 1024, 256, 16).values.item(), rel=1e-12)
    assert predicted["ttft_ms"] == pytest.approx(call("TTFT_MS", *H100, 1024, 256, 16).values.item(), rel=1e-12)


def test_a_factor_is_the_median_of_measured_over_predicted_time() -> None:
    """Rates turned over, beside times between tokens; times to first token apart."""
    files = [SPECIMENS / name for name in ("vllm.json", "vllm_at_a_rate.json", "sglang.jsonl", "aiperf_phases.json")]
    told = found(*files, *STACK)
    slow: dict[bool, list[float]] = {True: [], False: []}
    for point in told["points"]:
        ratio = point["measured"] / point["predicted"]
        slow[point["metric"] == "ttft_ms"].append(1 / ratio if point["metric"].startswith("output") else ratio)
    for name, values in (("time", slow[False]), ("ttft", slow[True])):
        middle = math.exp(statistics.median(map(math.log, values)))
        assert told[name]["factor"] == pytest.approx(middle, rel=1e-12)
        assert [told[name]["low"], told[name]["high"]] == pytest.approx([min(values), max(values)], rel=1e-12)
        assert told[name]["points"] == len(values)
    assert told["time"]["points"] == 10 and told["ttft"]["points"] == 5


def test_one_run_that_went_wrong_moves_little(tmp_path: Path) -> None:
    slow = {"mean_tpot_ms": 67.6, "output_throughput": 225.0}
    files = [SPECIMENS / "vllm.json", SPECIMENS / "vllm_at_a_rate.json", SPECIMENS / "sglang.jsonl"]
    without, wrong = found(*files, *STACK), found(*files, changed(tmp_path / "wrong.json", slow), *STACK)
    assert wrong["time"]["factor"] == pytest.approx(without["time"]["factor"], rel=0.03)
    assert wrong["time"]["high"] > 10


def test_a_prediction_that_is_measured_gives_1(tmp_path: Path) -> None:
    told = found(SPECIMENS / "vllm.json", *STACK)
    fields = {"itl_ms": "mean_tpot_ms", "ttft_ms": "mean_ttft_ms", "output_tok_s_total": "output_throughput"}
    exact = {fields[point["metric"]]: point["predicted"] for point in told["points"]}
    again = found(changed(tmp_path / "exact.json", exact), *STACK)
    assert [again[name][value] for name in ("time", "ttft") for value in ("factor", "low", "high")] == pytest.approx(
        [1] * 6, rel=1e-12
    )


def test_a_run_where_all_was_queued_tells_of_the_rate_alone() -> None:
    told = found(SPECIMENS / "vllm_2024.json", *STACK, "--engine", "engines of 2024")
    assert [point["metric"] for point in told["points"]] == ["output_tok_s_total"]
    assert told["ttft"] is None and told["stack"]["engine"] == "engines of 2024"


def test_a_time_to_first_token_of_a_queue_is_left_out(tmp_path: Path) -> None:
    """More than fit: 700 requests of 30,000 tokens."""
    many = {"max_concurrency": 700, "completed": 7000, "num_prompts": 7000, "total_input_tokens": 7000 * 30_000}
    slow = {"total_output_tokens": 7000 * 256, "mean_tpot_ms": 60.0, "output_throughput": 300.0, "mean_ttft_ms": 1e6}
    told = found(changed(tmp_path / "many.json", many | slow), *STACK)
    assert told["ttft"] is None and "that of the queue" in told["left_out"][0]["reason"]


def test_replicas_share_what_was_offered(tmp_path: Path) -> None:
    """Twice the replicas at twice the concurrency give twice the rate, at the same time between tokens."""
    one = found(SPECIMENS / "vllm.json", *STACK)
    two = found(changed(tmp_path / "two.json", {"max_concurrency": 32}), *STACK, "--replicas", 2)
    for before, after in zip(one["points"], two["points"], strict=True):
        factor = 2 if before["metric"] == "output_tok_s_total" else 1
        assert after["predicted"] == pytest.approx(factor * before["predicted"], rel=1e-12)


def test_the_file_says_what_was_measured_and_is_read_back(tmp_path: Path) -> None:
    out = tmp_path / "my.toml"
    printed = run("calibrate", SPECIMENS / "vllm.json", SPECIMENS / "vllm_2024.json", *STACK, "-o", out).stdout
    read = load_own_calibration(out)
    assert read.stack.model_dump() == {
        "llm": "llama-3.1-8b",
        "accelerator": "h100-sxm",
        "weight_precision": "fp8",
        "kv_precision": "bf16",
        "tensor_parallel": 1,
        "data_parallel": 1,
        "pipeline_parallel": 1,
        "expert_parallel": 1,
        "engine": "engines since 2025",
        "engine_release": "since 2026",
        "activation_precision": "as the weights",
    }
    first = read.files[0]
    assert first.sha256 == hashlib.sha256((SPECIMENS / "vllm.json").read_bytes()).hexdigest()
    assert (first.name, first.tool, first.day, first.runs) == ("vllm.json", "vLLM bench serve", "2026-11-10", 1)
    assert f"time: {read.time_factor:.3f} times as long as predicted" in printed and "my.toml: written" in printed
    assert read.ttft and read.ttft_factor == read.ttft.factor
    assert to_toml(read) == out.read_text("utf-8")


def test_without_a_time_to_first_token_that_is_as_predicted(tmp_path: Path) -> None:
    out = tmp_path / "my.toml"
    assert run("calibrate", SPECIMENS / "vllm_2024.json", *STACK, "-o", out).exit_code == 0
    assert load_own_calibration(out).ttft is None and load_own_calibration(out).ttft_factor == 1


def test_the_printed_tables_show_predicted_beside_measured() -> None:
    printed = run("calibrate", SPECIMENS / "vllm.json", *STACK).stdout
    assert "Time between tokens (ms)" in printed and "predicted / measured" in printed
    assert "LLM llama-3.1-8b, which the files name RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8" in printed
    other = run("calibrate", SPECIMENS / "vllm.json", *STACK, "--llm", "llama-3-8b").stdout
    assert "LLM llama-3-8b as given, though the files name" in other


def test_a_study_tells_what_options_would(tmp_path: Path) -> None:
    path = study(tmp_path / "study.toml")
    assert found(SPECIMENS / "vllm.json", "--study", path)["points"] == found(SPECIMENS / "vllm.json", *STACK)["points"]


def test_predictions_start_from_the_scenario_s_own_assumptions(tmp_path: Path) -> None:
    """So that the factor and the study that it is for go together."""
    path = study(tmp_path / "study.toml")
    base, slow = (
        found(SPECIMENS / "vllm.json", "--study", path, "--scenario", name)["time"]["factor"]
        for name in ("Base", "Slow")
    )
    assert slow < base


def test_an_option_goes_before_the_study(tmp_path: Path) -> None:
    path = study(tmp_path / "study.toml")
    told = found(SPECIMENS / "vllm.json", "--study", path, "--scenario", "Two", "--tensor-parallel", 1)
    assert (told["stack"]["accelerator"], told["stack"]["tensor_parallel"]) == ("l40s", 1)


def test_an_accelerator_without_a_price_will_do() -> None:
    """The shipped catalog has no rent for it, which a study would need."""
    assert found(SPECIMENS / "vllm.json", *STACK, "--accelerator", "mi325x")["stack"]["accelerator"] == "mi325x"


def test_sglang_is_told_by_its_files(tmp_path: Path) -> None:
    """An option or a study goes before them, and that is said."""
    sglang = SPECIMENS / "sglang.jsonl"
    told = found(sglang, *STACK)
    assert told["stack"]["engine"] == "SGLang"
    assert first_token_ms(told) == pytest.approx(of_study(8, engine="SGLang", request_lengths="all alike"), rel=1e-12)
    note = "engine engines since 2025 as given, though the files are of SGLang"
    assert note in run("calibrate", sglang, *STACK, "--engine", "engines since 2025").stdout
    assert note in run("calibrate", sglang, "--study", study(tmp_path / "study.toml")).stdout
    assert (
        "engine    " in run("calibrate", sglang, *STACK).stdout and note not in run("calibrate", sglang, *STACK).stdout
    )


def test_whether_lengths_are_alike_is_told_by_the_file_else_by_the_study(tmp_path: Path) -> None:
    lengths = {"input_lens": [1024] * 160, "output_lens": [256] * 160}
    varying = {**lengths, "output_lens": [128, 384] * 80}
    alike = study(tmp_path / "alike.toml", STUDY.replace("[scenarios.Slow]", LENGTHS + "[scenarios.Slow]"))
    usual = study(tmp_path / "study.toml")

    def ttft_ms(changes: dict[str, Any], of: Path) -> float:
        return first_token_ms(found(changed(tmp_path / "run.json", changes), "--study", of))

    expected = {lengths: of_study(16, request_lengths=lengths) for lengths in ("all alike", "varying")}
    assert expected["all alike"] > expected["varying"]
    assert ttft_ms({}, usual) == ttft_ms(varying, alike) == pytest.approx(expected["varying"], rel=1e-12)
    assert ttft_ms({}, alike) == ttft_ms(lengths, usual) == pytest.approx(expected["all alike"], rel=1e-12)


def test_speculative_decoding_needs_a_study_that_has_it(tmp_path: Path) -> None:
    result = changed(tmp_path / "fast.json", {"spec_decode_acceptance_length": 2.5})
    assert "2.50 tokens per step" in refused(run("calibrate", result, *STACK))
    path = study(
        tmp_path / "study.toml", STUDY.replace("[scenarios.Slow]", 'speculation = "draft tokens"\n[scenarios.Slow]')
    )
    assert found(result, "--study", path)["time"]["points"] == 2


def calibrated(folder: Path, text: str) -> Path:
    """A study beside the factors of a measured run, which it names."""
    assert run("calibrate", SPECIMENS / "vllm.json", *STACK, "-o", folder / "my.toml").exit_code == 0
    return study(folder / "study.toml", text.replace("[scenarios.Slow]", 'calibration = "my.toml"\n[scenarios.Slow]'))


def test_a_study_that_names_the_file_predicts_what_was_measured(tmp_path: Path) -> None:
    path = calibrated(tmp_path, STUDY[: STUDY.index("[scenarios.Two]")])
    own, names = load_own_calibration(tmp_path / "my.toml"), ["itl_ms", "ttft_ms", "predicted_output_tokens_per_s"]
    at = {"concurrency_from": "own", "own_concurrency": 16.0, "input_tokens": 1024, "output_tokens": 256}
    resolved = load_study(path).resolved()["Base"] | at
    plain = resolved | {"own_time_factor": 1.0, "own_ttft_factor": 1.0}
    with_file, without = (
        evaluate(study_of({"scenarios": {"Base": inputs}}, "x"), names).scenarios["Base"]
        for inputs in (resolved, plain)
    )
    assert with_file["itl_ms"] == pytest.approx(own.time_factor * without["itl_ms"], rel=1e-12)
    assert with_file["ttft_ms"] == pytest.approx(own.ttft_factor * without["ttft_ms"], rel=1e-12)
    rates = with_file["predicted_output_tokens_per_s"] * own.time_factor, without["predicted_output_tokens_per_s"]
    assert rates[0] == pytest.approx(rates[1], rel=1e-12)


def test_factors_of_another_stack_are_refused(tmp_path: Path) -> None:
    path = calibrated(tmp_path, STUDY.replace('kv_precision = "bf16"', 'kv_precision = "fp8"'))
    message = refused(run("compute", path))
    assert "scenarios.Base.calibration: kv_precision is fp8, measured was bf16" in message


def test_a_file_of_factors_that_is_none_is_refused(tmp_path: Path) -> None:
    path = study(
        tmp_path / "study.toml", STUDY.replace("[scenarios.Slow]", 'calibration = "gone.toml"\n[scenarios.Slow]')
    )
    assert "gone.toml" in refused(run("compute", path))


BAD: dict[str, tuple[list[object], list[str]]] = {
    "nothing told": (["vllm.json"], ["--accelerator is missing", "--weight-precision", "--kv-precision", "--tensor-p"]),
    "no LLM told": (["nameless", *STACK], ["--llm is missing, and the files name mine"]),
    "two LLMs": (
        ["vllm.json", "another", *STACK, "--llm", "qwen3-8b"],
        ["the files are of different LLMs: llama-3.1-8b, qwen3-8b"],
    ),
    "two engines": (
        ["sglang.jsonl", "by vLLM", *STACK],
        ["the files are of different engines: SGLang, vLLM. Calibrate one stack at a time, or tell it with --engine."],
    ),
    "an accelerator that is unknown": (["vllm.json", *STACK, "--accelerator", "h100"], ["--accelerator: "]),
    "heads that do not divide": (["vllm.json", *STACK, "--tensor-parallel", 3], ["--tensor-parallel: tensor_parallel"]),
    "parallelism that the server tells otherwise": (
        ["sglang.jsonl", *STACK, "--tensor-parallel", 2],
        ["result 1: its server told tensor parallelism 1, not 2", "result 2: its server told"],
    ),
    "a scenario without a study": (
        ["vllm.json", *STACK, "--scenario", "Base"],
        ["--scenario is given without --study"],
    ),
    "a request that does not fit": (["long", *STACK], ["no request of 5,000,000 + 256 tokens fits in memory"]),
    "seconds for milliseconds": (["absurd", *STACK], ["absurd.json: ttft_ms is 0.0954, where "]),
    "an LLM that does not fit": (["vllm.json", *STACK, "--llm", "llama-3.1-405b"], ["--tensor-parallel: llama-3.1-4"]),
}
MADE: dict[str, dict[str, Any]] = {
    "nameless": {"model_id": "mine", "tokenizer_id": "mine"},
    "another": {"model_id": "Qwen/Qwen3-8B", "tokenizer_id": None},
    "by vLLM": {"backend": "vllm"},
    "absurd": {"mean_ttft_ms": 0.0954},
    "long": {"total_input_tokens": 160 * 5_000_000},
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_calibrated_is_told_and_nothing_is_written(case: str, tmp_path: Path) -> None:
    arguments, told = BAD[case]
    paths = {name: changed(tmp_path / f"{name}.json", changes) for name, changes in MADE.items()}
    places = [
        paths.get(str(each), SPECIMENS / str(each) if (SPECIMENS / str(each)).exists() else each) for each in arguments
    ]
    out = tmp_path / "my.toml"
    lines = refused(run("calibrate", *places, "-o", out)).splitlines()
    assert len(lines) == len(told) and not out.exists()
    assert all(expected in line for expected, line in zip(told, lines, strict=True))


def test_a_scenario_that_is_not_there_or_disaggregated_is_told(tmp_path: Path) -> None:
    path = study(
        tmp_path / "study.toml", STUDY.replace("[scenarios.Two]", '[scenarios.Two]\nserving_mode = "disaggregated"')
    )
    assert "Use Base, Slow, Two" in refused(
        run("calibrate", SPECIMENS / "vllm.json", "--study", path, "--scenario", "X")
    )
    told = refused(run("calibrate", SPECIMENS / "vllm.json", "--study", path, "--scenario", "Two"))
    assert "serving_mode is disaggregated" in told


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "my.toml"
    out.write_text("mine", "utf-8")
    assert "it exists already" in refused(run("calibrate", SPECIMENS / "vllm.json", *STACK, "-o", out))
    assert out.read_text("utf-8") == "mine"
    assert run("calibrate", SPECIMENS / "vllm.json", *STACK, "-o", out, "--force").exit_code == 0
    assert load_own_calibration(out).time.points == 2


EDITS: dict[str, tuple[str, str, list[str]]] = {
    "a factor that is none": ("points = 2", 'points = "two"', ["time.points: "]),
    "a factor out of its range": ("low = ", "low = 9.0 #", ["time: its factor", "is not between low 9 and high"]),
    "a factor below 0": ("\n[time]\nfactor = ", "\n[time]\nfactor = -", ["time.factor: ", "greater than 0"]),
    "a factor that is no number": ("\n[time]\nfactor = ", "\n[time]\nfactor = nan #", ["time.factor: ", "finite"]),
    "no stack": ("[stack]", "[stock]", ["stack: it is missing", "stock: there is no such key"]),
    "no files": ("[[files]]", "[[file]]", ["files: ", "file: there is no such key"]),
    "another format": ("format = 1", "format = 2", ["format: "]),
    "no TOML": ("format = 1", "format = ", ["it is not valid TOML"]),
    "a sum that is none": ('sha256 = "', 'sha256 = "x', ["files.0.sha256: "]),
}


@pytest.mark.parametrize("case", EDITS)
def test_a_calibration_that_was_edited_into_nonsense_is_refused(case: str, tmp_path: Path) -> None:
    before, after, told = EDITS[case]
    out = tmp_path / "my.toml"
    assert run("calibrate", SPECIMENS / "vllm.json", *STACK, "-o", out).exit_code == 0
    text = out.read_text("utf-8")
    out.write_text(text.replace(before, after), "utf-8")
    assert before in text
    with pytest.raises(Problems) as problems:
        load_own_calibration(out)
    said = "\n".join(problems.value.problems)
    assert all(expected in said for expected in told) and "my.toml" in said


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "no text"])
def test_a_calibration_that_cannot_be_read_is_refused(content: bytes | None, tmp_path: Path) -> None:
    out = tmp_path / "my.toml"
    if content is not None:
        out.write_bytes(content)
    with pytest.raises(Problems, match=r"my\.toml"):
        load_own_calibration(out)


def test_a_calibration_tells_in_what_a_scenario_is_another_stack(tmp_path: Path) -> None:
    out = tmp_path / "my.toml"
    assert run("calibrate", SPECIMENS / "vllm.json", *STACK, "-o", out).exit_code == 0
    calibration = load_own_calibration(out)
    same = calibration.stack.model_dump() | {"input_tokens": 7}
    assert calibration.differs_from(same) == []
    assert calibration.differs_from(same | {"kv_precision": "fp8"}) == ["kv_precision is fp8, measured was bf16"]
