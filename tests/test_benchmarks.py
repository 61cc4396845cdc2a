"""Results of benchmark tools: what is read out of them, and what is refused, with all problems of all files at once.

The specimens have the shape of what the tools write; their figures are made up.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xl_econ.calibration.benchmarks import MOST_BYTES, read_benchmarks
from xl_econ.calibration.names import Names
from xl_econ.calibration.runs import Run
from xl_econ.calibration.stack import named_llm
from xl_econ.core.problems import Problems

SPECIMENS = Path(__file__).parent / "specimens" / "benchmarks"
LLM = "RedHatAI/Meta-Llama-3.1-8B-Instruct-FP8"


def runs(name: str) -> tuple[Run, ...]:
    (file,) = read_benchmarks([SPECIMENS / name])
    return file.runs


def problems(*paths: Path) -> list[str]:
    with pytest.raises(Problems) as told:
        read_benchmarks(paths)
    return list(told.value.problems)


def result(name: str) -> Any:
    """The first result of a specimen."""
    text = (SPECIMENS / name).read_text("utf-8")
    return json.loads(text.splitlines()[0] if name.endswith("l") else text)


def changed(path: Path, changes: dict[str, Any], start: str = "vllm.json") -> Path:
    """A specimen with other fields, dots between the keys on the way; None takes a field out."""
    data = result(start)
    for name, value in changes.items():
        *way, last = name.split(".")
        part = data
        for key in way:
            part = part[int(key) if isinstance(part, list) else key]
        part.pop(last) if value is None else part.update({last: value})
    path.write_text(json.dumps(data), "utf-8")
    return path


# Concurrency, input, output, time between tokens, time to first token, output tokens/s, day; by hand from the files.
FIGURES: dict[str, tuple[str, list[tuple[Any, ...]]]] = {
    "vllm.json": ("vLLM bench serve", [(16, 1024, 256, 6.76, 95.4, 2250.549, "2026-11-10")]),
    # Little: 3.9406 requests/s × 1.465 s
    "vllm_at_a_rate.json": ("vLLM bench serve", [(5.773, 1024, 256, 5.5, 62.5, 1008.792, "2026-11-10")]),
    "vllm_2024.json": ("vLLM bench serve", [(None, 1024, 256, 71.0, 7420.0, 4266.667, "2024-09-05")]),
    # Little: 6 requests/s × 1.59 s
    "sglang.jsonl": (
        "SGLang bench_serving",
        [(8, 1024, 256, 5.48, 78.9, 1374.497, ""), (9.54, 1024, 256, 5.96, 70.0, 1536.0, "")],
    ),
    # One at a time, and what was measured in flight at a constant rate
    "guidellm_args.json": (
        "GuideLLM",
        [(1, 1024, 256, 5.08, 38.0, 192.0, "2025-11-09"), (7.4, 1024, 256, 5.62, 66.0, 1262.0, "2025-11-09")],
    ),
    "guidellm_config.json": ("GuideLLM", [(32, 1024, 256, 8.6, 118.0, 3499.0, "2025-11-13")]),
    # The phase that is no warm-up
    "aiperf_phases.json": ("AIPerf", [(64, 1024, 256, 11.52, 171.0, 5248.0, "2026-11-12")]),
    # A rate goes before the limit of 100. Little: 5 requests/s × 1.48 s
    "aiperf_loadgen.json": ("AIPerf", [(7.4, 1024, 256, 5.55, 64.0, 1280.0, "2026-11-12")]),
}


def test_there_is_a_case_for_each_specimen() -> None:
    assert sorted(path.name for path in SPECIMENS.iterdir()) == sorted(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_the_figures_of_a_file_are_read(name: str) -> None:
    tool, expected = FIGURES[name]
    (file,) = read_benchmarks([SPECIMENS / name])
    assert file.tool == tool
    for run, (concurrency, *figures, day) in zip(file.runs, expected, strict=True):
        assert run.concurrency == (concurrency and pytest.approx(concurrency, rel=1e-4))
        read = [run.input_tokens, run.output_tokens, run.itl_ms, run.ttft_ms, run.output_tokens_per_s]
        assert read == pytest.approx(figures, rel=1e-6) and run.day == day
        assert named_llm(run, Names({})) == "llama-3.1-8b"


def test_all_files_are_read_in_their_order() -> None:
    files = read_benchmarks([SPECIMENS / "sglang.jsonl", SPECIMENS / "vllm.json"])
    assert [(file.path.name, len(file.runs)) for file in files] == [("sglang.jsonl", 2), ("vllm.json", 1)]


LENGTHS = {"input_lens": [1024, 1025, 1024]}
VARIANTS: dict[str, tuple[str, dict[str, Any], tuple[str, Any]]] = {
    "fewer requests than streams": ("vllm.json", {"max_concurrency": 500}, ("concurrency", 160)),
    "a rate of Infinity, as JSON has none": ("vllm.json", {"request_rate": float("inf")}, ("concurrency", 16)),
    "latencies of all requests": (
        "vllm_at_a_rate.json",
        {"mean_e2el_ms": None, "latencies": [1.0, 2.0], "request_throughput": 4.0},
        ("concurrency", 6.0),
    ),
    "a few failures": ("vllm.json", {"num_prompts": 161, "failed": 1}, ("requests", 160)),
    "speculative decoding": ("vllm.json", {"spec_decode_acceptance_length": 2.5}, ("tokens_per_step", 2.5)),
    "speculative decoding in SGLang": ("sglang.jsonl", {"accept_length": 3.1}, ("tokens_per_step", 3.1)),
    "parallelism that the server told": ("sglang.jsonl", {}, ("tensor_parallel", 1)),
    "an SGLang without server": ("sglang.jsonl", {"server_info": None}, ("names", ("", ""))),
    "an engine that the tool was told": ("sglang.jsonl", {}, ("engine", "SGLang")),
    "SGLang by its other address": ("sglang.jsonl", {"backend": "sglang-oai-chat"}, ("engine", "SGLang")),
    "another engine, asked by SGLang's tool": ("sglang.jsonl", {"backend": "vllm"}, ("engine", "vLLM")),
    "a way of asking that many engines have": ("vllm.json", {"backend": "openai"}, ("engine", "")),
    "prompts of one length": ("sglang.jsonl", {"random_range_ratio": 1}, ("alike", True)),
    "prompts that vary": ("sglang.jsonl", {"random_range_ratio": 0.5}, ("alike", False)),
    "prompts of conversations": ("sglang.jsonl", {"dataset_name": "sharegpt"}, ("alike", None)),
    "lengths that nobody told": ("vllm.json", {}, ("alike", None)),
    "lengths of all requests": ("vllm.json", LENGTHS | {"output_lens": [256, 256, 0]}, ("alike", True)),
    "lengths of all requests, which vary": ("vllm.json", LENGTHS | {"output_lens": [256, 96, 256]}, ("alike", False)),
    "lengths beyond all numbers": ("vllm.json", LENGTHS | {"output_lens": [1e308, 1e308]}, ("alike", True)),
    "lengths in GuideLLM": ("guidellm_args.json", {}, ("alike", True)),
    "lengths in GuideLLM, which vary": (
        "guidellm_config.json",
        {"benchmarks.0.metrics.output_token_count.successful.std_dev": 60.5},
        ("alike", False),
    ),
    "prompts that differ by a token": ("aiperf_phases.json", {"input_sequence_length.std": 1.2}, ("alike", True)),
    "answers in AIPerf that vary": ("aiperf_phases.json", {"output_sequence_length.std": 50.0}, ("alike", False)),
    "an AIPerf without a spread": ("aiperf_phases.json", {"output_sequence_length.std": None}, ("alike", None)),
    "a date of another form": ("vllm.json", {"date": "today"}, ("day", "")),
    "a start of another form": ("aiperf_phases.json", {"start_time": "on a Monday"}, ("day", "")),
    "a replayed trace": ("sglang.jsonl", {"request_rate": "trace"}, ("concurrency", pytest.approx(7.925, rel=1e-3))),
    "a start that is no time": ("guidellm_config.json", {"benchmarks.0.start_time": 1e300}, ("day", "")),
    "two phases that count": (
        "aiperf_phases.json",
        {"input_config.phases.0.exclude_from_results": False},
        ("concurrency", pytest.approx(63.755)),
    ),
}


@pytest.mark.parametrize("case", VARIANTS)
def test_a_variant_is_understood(case: str, tmp_path: Path) -> None:
    start, changes, (field, value) = VARIANTS[case]
    (file,) = read_benchmarks([changed(tmp_path / "one.json", changes, start)])
    assert getattr(file.runs[0], field) == value


NEED = "which is needed"
REFUSED: dict[str, tuple[str, dict[str, Any], str]] = {
    "a spread that is none": (
        "aiperf_phases.json",
        {"output_sequence_length.std": "wide"},
        "output_sequence_length.std is 'wide', but must be a number of at least 0",
    ),
    "no time to first token": ("vllm.json", {"mean_ttft_ms": None}, f"it has no mean_ttft_ms, {NEED}"),
    "no rate": ("vllm.json", {"output_throughput": None}, "it has no output_throughput"),
    "no request rate": ("vllm.json", {"request_rate": None}, "it has no request_rate"),
    "no count": ("vllm.json", {"completed": None}, "it has no completed"),
    "NaN": ("vllm.json", {"mean_tpot_ms": float("nan")}, "mean_tpot_ms is nan, but must be a number above 0"),
    "Infinity": ("vllm.json", {"output_throughput": float("inf")}, "output_throughput is inf, but"),
    "a time of 0, as without streaming": ("vllm.json", {"mean_ttft_ms": 0.0}, "mean_ttft_ms is 0.0, but"),
    "a negative number": ("vllm.json", {"mean_ttft_ms": -3.0}, "mean_ttft_ms is -3.0, but"),
    "text": ("vllm.json", {"mean_ttft_ms": "95.4"}, "mean_ttft_ms is '95.4', but"),
    "true": ("vllm.json", {"mean_ttft_ms": True}, "mean_ttft_ms is True, but"),
    "a number that is too large to be one": ("vllm.json", {"mean_ttft_ms": 10**400}, "mean_ttft_ms is 1000"),
    "a count that is none": ("vllm.json", {"completed": "all"}, "completed is 'all', but must be a number of at least"),
    "nothing completed": ("vllm.json", {"completed": 0, "failed": 160}, "no request was completed"),
    "many failures": ("vllm.json", {"completed": 150, "failed": 10}, "10 of 160 requests failed"),
    "many failures, of old": ("vllm_2024.json", {"completed": 400}, "100 of 500 requests failed"),
    "many failures in SGLang": ("sglang.jsonl", {"errors": ["", "busy"] * 40}, "40 of 120 requests failed"),
    "failures that SGLang counts": ("sglang.jsonl", {"num_prompts": 90, "failed": 10}, "10 of 90 requests failed"),
    "many failures in GuideLLM": (
        "guidellm_config.json",
        {"benchmarks.0.metrics.request_totals.errored": 100},
        "one.json, benchmark 1: 100 of 920 requests failed",
    ),
    "many failures in AIPerf": ("aiperf_loadgen.json", {"error_summary": [{"count": 50}]}, "50 of 249 requests failed"),
    "failures that AIPerf counts": ("aiperf_phases.json", {"error_request_count": {"avg": 80}}, "80 of 720 requests"),
    "a rate without a latency": (
        "vllm_at_a_rate.json",
        {"mean_e2el_ms": None},
        "it has no mean_e2el_ms, which is needed. A run at a rate has no concurrency of its own: run it with "
        "--percentile-metrics ttft,tpot,itl,e2el.",
    ),
    "a rate that rises": ("vllm.json", {"ramp_up_strategy": "linear"}, "its request rate rises"),
    "an AIPerf without streaming": ("aiperf_phases.json", {"time_to_first_token": None}, "Run it with --streaming"),
    "an AIPerf in other units": ("aiperf_phases.json", {"request_latency.unit": "sec"}, "request_latency is in 'sec'"),
    "a report without a benchmark": ("guidellm_config.json", {"benchmarks": []}, "its list of benchmarks is empty"),
    "a report of something else": ("guidellm_config.json", {"benchmarks": [1]}, "it has no metrics.request_totals"),
    "a metric that is no table": (
        "guidellm_config.json",
        {"benchmarks.0.metrics.inter_token_latency_ms": 8.6},
        "it has no metrics.inter_token_latency_ms.successful.mean",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_result_that_does_not_do_is_refused(case: str, tmp_path: Path) -> None:
    start, changes, told = REFUSED[case]
    (problem,) = problems(changed(tmp_path / "one.json", changes, start))
    assert told in problem and "one.json" in problem


TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n\n", "it is empty"),
    "cut off": ((SPECIMENS / "vllm.json").read_bytes()[:300], "line 1: it is no JSON"),
    "cut off in its second line": ((SPECIMENS / "sglang.jsonl").read_bytes()[:1500], "line 2: it is no JSON"),
    "no UTF-8": (b"\xff\xfe{\x00}\x00", "it is no text in UTF-8"),
    "no JSON": (b"metric,value\nitl_ms,6\n", "line 1: it is no JSON"),
    "a number": (b"7", "it is no result that is known (it has no keys)"),
    "another tool": (
        json.dumps({"elapsed_time": 9.1, "num_requests": 1000, "tokens_per_second": 9.0}).encode(),
        "(its keys are elapsed_time, num_requests, tokens_per_second). Give one of `vllm bench serve --save-result`",
    ),
    "nested without end": (b"[" * 200_000, "its JSON cannot be read"),
    "a number of many digits": (b'{"completed": ' + b"9" * 5000 + b"}", "its JSON cannot be read"),
}


@pytest.mark.parametrize("case", TEXTS)
def test_a_file_that_is_no_result_is_refused(case: str, tmp_path: Path) -> None:
    path, (content, told) = tmp_path / "bad.json", TEXTS[case]
    path.write_bytes(content)
    (problem,) = problems(path)
    assert told in problem and "bad.json" in problem


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)  # a hole: it takes no room
    assert "bytes, and at most 200,000,000 are read" in problems(path)[0]


def test_a_directory_and_a_file_that_is_not_there_are_told(tmp_path: Path) -> None:
    directory, missing = problems(tmp_path, tmp_path / "missing.json")
    assert "it is a directory" in directory and "it does not exist" in missing


def test_a_file_counts_once(tmp_path: Path) -> None:
    copy = tmp_path / "copy.json"
    copy.write_bytes((SPECIMENS / "vllm.json").read_bytes())
    (problem,) = problems(SPECIMENS / "vllm.json", copy)
    assert "copy.json: it is the same as" in problem


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    two = changed(tmp_path / "two.json", {"mean_ttft_ms": None, "mean_tpot_ms": "fast"})
    one = changed(tmp_path / "one.json", {"inter_token_latency": None}, "aiperf_phases.json")
    told = problems(two, one, tmp_path)
    assert [Path(line.split(":")[0]).name for line in told] == ["two.json", "two.json", "one.json", tmp_path.name]


def places(data: Any, way: str = "") -> list[str]:
    """The ways to all fields, with dots between the keys."""
    parts = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [(f"{way}{key}", value) for key, value in parts]
    named = [way for way, _ in found] if isinstance(data, dict) else []
    return named + [each for way, value in found for each in places(value, f"{way}.")]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_subnormal=False) | st.text(max_size=5),
    lambda each: (
        st.lists(each, max_size=2) | st.dictionaries(st.sampled_from(["mean", "avg", "name"]), each, max_size=2)
    ),
    max_leaves=3,
)


@pytest.mark.parametrize("name", FIGURES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_stands_in_a_field_is_read_or_refused(name: str, data: st.DataObject, tmp_path: Path) -> None:
    place = data.draw(st.sampled_from(places(result(name))))
    path = changed(tmp_path / "any.json", {place: data.draw(ANYTHING)}, name)
    try:
        (file,) = read_benchmarks([path])
    except Problems as told:
        assert all(problem.startswith(str(path)) for problem in told.problems)
    else:
        read = [(run.input_tokens, run.output_tokens, run.itl_ms, run.ttft_ms) for run in file.runs]
        assert read and all(math.isfinite(number) and number > 0 for numbers in read for number in numbers)
        assert all(run.concurrency is None or run.concurrency > 0 for run in file.runs)


NAMES: dict[str, tuple[tuple[str, ...], str | None]] = {
    "a copy in a folder": (("/models/Qwen3-8B-FP8/",), "qwen3-8b"),
    "a name of the server's own": (("llama", "meta-llama/Llama-3.1-8B-Instruct"), "llama-3.1-8b"),
    "one that could be several": (("gpt-oss",), None),
    "one that nobody knows": (("default", ""), None),
    "one of the study's own": (("acme/My-LLM-Instruct",), "my-llm"),
}


@pytest.mark.parametrize("case", NAMES)
def test_a_server_s_name_for_an_llm_is_understood_where_it_can_mean_only_one(case: str) -> None:
    called, expected = NAMES[case]
    (run,) = runs("vllm.json")
    own = Names({"llms": {"my-llm": {"name": "My LLM"}}})
    assert named_llm(replace(run, names=called), own) == expected
