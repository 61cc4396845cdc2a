"""Measured: a file of published measurements, row by row, as configurations that the model can compute.

A row is left out, with the reason, where it does not say enough, contradicts physics, or is about what the model does
not have. docs/evidence.md says what each column holds.
"""

from __future__ import annotations

import csv
import functools
import io
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from xl_econ.catalog.load import load_catalog
from xl_econ.core.problems import Problems, stop_on

TOLD = ("metric", "value", "quality", "group")
COLUMNS = ("engine", "model", "gpu", "num_gpus", "tp", "isl", "osl", "concurrency_or_batch", *TOLD)
"""What a file must have; what else is read may be absent: arch, pp, dp, weight_dtype, kv_dtype, date, notes."""
METRICS = {"itl_ms": "itl", "ttft_ms": "ttft", "e2e_latency_ms": "e2e"}
RATES = ("output_tok_s_total", "output_tok_s_per_gpu", "total_tok_s_total")
OLD = "2024"
"""The last year of the engines that pay for a step instead of for a layer, if they are not compiled."""
REQUESTS = re.compile(r"num_requests=([\d,]+)|all ([\d,]+) requests sent")
USEFUL, USELESS = "ABC", "X"


@dataclass(frozen=True)
class Row:
    """A measurement and its configuration, in the names of the catalog."""

    line: int
    kind: str
    """Which of the metrics it counts for: max_throughput, load_throughput, itl, ttft or e2e."""
    metric: str
    value: float
    llm: str
    accelerator: str
    engine: str
    old_engine: bool
    weight_precision: str
    kv_precision: str
    accelerators: float
    tensor_parallel: float
    data_parallel: float
    input_tokens: float
    output_tokens: float
    concurrency: float | None
    """None where all was queued at once."""
    requests: float | None
    """How many the run had, where it says so."""
    static: bool
    """A batch that starts and ends together, without continuous batching."""
    burst_share: float | None
    """Where it is known of the run; else it is assumed."""
    quality: str
    group: str


@dataclass(frozen=True)
class LeftOut:
    """A row that is not predicted, and why; `ours` where the model, not the row, is what falls short."""

    line: int
    kind: str
    quality: str
    reason: str
    ours: bool = False


class _LeaveOut(Exception):
    def __init__(self, reason: str, ours: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.ours = reason, ours


def read_measured(path: Path) -> list[Row | LeftOut]:
    """All rows of a file.

    Raises Problems for a file that is no such table, with every line that holds text for a number.
    """
    problems: list[str] = []
    rows = [found for line, raw in _lines(path) if (found := _row(path, line, raw, problems))]
    stop_on(problems, Problems)
    if not rows:
        raise Problems([f"{path}: it has no rows. Give a file with a head and at least one measurement."])
    return rows


def _lines(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Problems([f"{path}: it is no text in UTF-8. Save it as comma-separated values in UTF-8."]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            advice = "Its first line must name the columns, with commas between them."
            raise Problems([f"{path}: it has no column {', '.join(missing)}. {advice}"])
        for raw in reader:
            cells = {name: (value or "").strip() for name, value in raw.items() if isinstance(name, str)}
            yield reader.line_num, cells | {"quality": cells["quality"].upper()}
    except csv.Error as error:
        raise Problems([f"{path}, line {reader.line_num}: it is no table ({error})."]) from None


def _row(path: Path, line: int, raw: Mapping[str, str], problems: list[str]) -> Row | LeftOut | None:
    """None where a number is none, which is a problem of the file."""
    before = len(problems)
    numbers = {name: _number(path, line, raw, name, problems) for name in (*NUMBERS, "value")}
    if len(problems) > before:
        return None
    kind = _kind(raw)
    try:
        return _understood(line, kind, raw, numbers)
    except _LeaveOut as why:
        return LeftOut(line, kind, raw["quality"], why.reason, why.ours)


NUMBERS = ("num_gpus", "tp", "pp", "dp", "isl", "osl", "concurrency_or_batch")


def _number(path: Path, line: int, raw: Mapping[str, str], name: str, problems: list[str]) -> float | None:
    text = raw.get(name, "").strip()
    try:
        number = float(text) if text else None
    except ValueError:
        number = math.nan
    if number is not None and not (math.isfinite(number) and number >= 0):
        problems.append(f"{path}, line {line}, {name}: {text!r} is no number. Give one, or leave it empty.")
    return number


def _kind(raw: Mapping[str, str]) -> str:
    """A static batch is an end-to-end time, however it is told; a rate without a batch is the most there is."""
    metric, batch = raw["metric"], raw["concurrency_or_batch"].strip()
    if metric not in RATES:
        return METRICS.get(metric, metric)
    return "max_throughput" if not batch else "e2e" if _is_static(raw) else "load_throughput"


def _is_static(raw: Mapping[str, str]) -> bool:
    return "static" in raw.get("notes", "").lower()


def _understood(line: int, kind: str, raw: Mapping[str, str], number: Mapping[str, float | None]) -> Row:
    _stop_unless_usable(kind, raw, number)
    tensor = _tensor_parallel(number)
    share = next((rule["share"] for rule in _names()["lengths"] if raw["group"].startswith(rule["group"])), 1)
    weights = _precision(raw.get("weight_dtype", ""))
    return Row(
        line,
        kind,
        raw["metric"],
        float(number["value"] or 0),
        _found("llms", raw["model"], raw.get("arch", "")),
        _found("accelerators", raw["gpu"]),
        raw["engine"],
        _pays_for_steps(raw),
        weights,
        _kv_precision(raw, weights),
        number["num_gpus"] or tensor,
        tensor,
        number["dp"] or 1,
        share * float(number["isl"] or 0),
        max(1.0, share * float(number["osl"] or 0)),
        number["concurrency_or_batch"],
        _requests(raw),
        _is_static(raw),
        _burst_share(raw),
        raw["quality"],
        raw["group"],
    )


def _tensor_parallel(number: Mapping[str, float | None]) -> float:
    """In accelerators: some makers count the cores of each, which are more than there are accelerators."""
    told, there = number["tp"] or number["num_gpus"] or 1, number["num_gpus"]
    return min(told, there) if there else told


def _stop_unless_usable(kind: str, raw: Mapping[str, str], number: Mapping[str, float | None]) -> None:
    """Raises _LeaveOut with the first reason."""
    if raw["quality"] == USELESS:
        raise _LeaveOut("contradicts physics or its neighbours (quality X)")
    if raw["quality"] not in tuple(USEFUL):
        raise _LeaveOut(f"a quality that is none of {', '.join(USEFUL)}: {raw['quality'] or 'blank'}")
    if not number["value"]:
        raise _LeaveOut("no value")
    if raw["metric"] not in (*METRICS, *RATES):
        raise _LeaveOut(f"a metric that is not predicted: {raw['metric']}")
    if not number["isl"] or number["osl"] is None:
        raise _LeaveOut("lengths are not published")
    if re.search(r"open[- ]loop|QPS|requests per second", raw.get("notes", ""), re.IGNORECASE):
        raise _LeaveOut("an open-loop run: its concurrency is not known")
    if kind in ("itl", "ttft", "e2e") and not number["concurrency_or_batch"]:
        raise _LeaveOut("no concurrency")
    if (number["pp"] or 1) > 1:
        raise _LeaveOut("pipeline parallelism is not modelled", ours=True)


def _pays_for_steps(raw: Mapping[str, str]) -> bool:
    """Whether the engine is one of 2024 whose scheduler costs a time per step, instead of per layer."""
    return "" < raw.get("date", "")[:4] <= OLD and not raw["engine"].startswith(tuple(_names()["compiled"]["engines"]))


def _precision(text: str) -> str:
    name = _names()["precisions"].get(text.strip().lower(), text.strip().lower())
    if name not in load_catalog().precisions:
        raise _LeaveOut(f"a number format that the catalog lacks: {text or 'blank'}", ours=bool(text))
    return name


def _kv_precision(raw: Mapping[str, str], weights: str) -> str:
    if raw.get("kv_dtype", "").strip():
        return _precision(raw["kv_dtype"])
    rules = (rule for rule in _names()["kv"] if raw["engine"].startswith(rule["engine"]) and weights in rule["weights"])
    return next((rule["precision"] for rule in rules), "bf16")


def _requests(raw: Mapping[str, str]) -> float | None:
    found = REQUESTS.search(raw.get("notes", ""))
    return float((found[1] or found[2]).replace(",", "")) if found else None


def _burst_share(raw: Mapping[str, str]) -> float | None:
    rules = _names()["burst"]
    found = (r for r in rules if raw["engine"].startswith(r["engine"]) and raw["group"].startswith(r["group"]))
    return next((rule["share"] for rule in found), None)


def _found(table: str, *names: str) -> str:
    """A catalog id: by the names of this table, as it is, or by its repository."""
    for name in filter(_bare, names):
        if id := _known(table).get(_bare(name)):
            return id
    raise _LeaveOut(f"not in the catalog: {names[-1] or names[0] or 'no name'}", ours=any(names))


def guessed_llm(*names: str) -> str | None:
    """The id of the LLM that a server calls by one of these names: known as it is, or a copy of one LLM alone."""
    exact = next((id for name in names if (id := _known("llms").get(_bare(name)))), None)
    copies = {id for name in names if _shape(name) for id in _shapes().get(_shape(name), ())}
    return exact or (copies.pop() if len(copies) == 1 else None)


def _shape(name: str) -> str:
    """The last part of a name, without what marks a tuned or quantised copy of the same shape."""
    words = re.split(r"[-_. ]", name.rstrip("/").rpartition("/")[2].lower())
    return "".join(word for word in words if word not in _names()["copies"]["words"])


@functools.cache
def _shapes() -> Mapping[str, set[str]]:
    shapes: dict[str, set[str]] = {}
    for id, llm in load_catalog().llms.items():
        for name in (id, llm.hf_repo):
            shapes.setdefault(_shape(name), set()).add(id)
    return shapes


@functools.cache
def _known(table: str) -> Mapping[str, str]:
    records = load_catalog().table(table)
    repositories = {_bare(str(getattr(record, "hf_repo", ""))): id for id, record in records.items()}
    return repositories | {_bare(id): id for id in records} | {_bare(k): v for k, v in _names()[table].items()}


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9/]", "", name.lower())


@functools.cache
def _names() -> dict[str, Any]:
    return tomllib.loads((resources.files("xl_econ.calibration") / "data" / "names.toml").read_text("utf-8"))
