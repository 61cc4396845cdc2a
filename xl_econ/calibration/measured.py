"""Measured: a file of published measurements, row by row, as configurations that the model can compute.

A row is left out, with the reason, where it does not say enough, contradicts physics, or is about what the model does
not have. docs/evidence.md says what each column holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xl_econ.calibration import notes
from xl_econ.calibration.left_out import LeaveOut, LeftOut
from xl_econ.calibration.names import Names, engine_of, tables, version, version_of
from xl_econ.calibration.split import Split, split
from xl_econ.calibration.table import Cells, number, read_table
from xl_econ.core.problems import Problems, stop_on
from xl_econ.inputs.own_catalog import OwnRecords

TOLD = ("metric", "value", "quality", "group")
COLUMNS = ("engine", "model", "gpu", "num_gpus", "tp", "isl", "osl", "concurrency_or_batch", *TOLD)
"""What a file must have. What else is read may be absent: arch, pp, dp, ep, formats, unit, date and notes."""
METRICS = {"itl_ms": "itl", "ttft_ms": "ttft", "e2e_latency_ms": "e2e"}
RATES = ("output_tok_s_total", "output_tok_s_per_gpu", "total_tok_s_total")
INPUT_RATES = ("input_tok_s_total", "input_tok_s_per_gpu")
"""Of accelerators that only prefill."""
NUMBERS = ("num_gpus", "tp", "pp", "dp", "isl", "osl", "concurrency_or_batch", "value")
OLD = 2024
"""The last year of the engines that pay for a step instead of for a layer, if they are not compiled."""
USEFUL, USELESS = "ABC", "X"
Numbers = Mapping[str, float | None]


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
    new_engine: bool
    """Whether it is a release of 2026."""
    weight_precision: str
    kv_precision: str
    accelerators: float
    tensor_parallel: float
    data_parallel: float
    pipeline_parallel: float
    expert_parallel: float
    input_tokens: float
    output_tokens: float
    concurrency: float | None
    """None where all was queued at once."""
    requests: float | None
    """How many the run had, where it says so."""
    static: bool
    """A batch that starts and ends together, without continuous batching."""
    alike: bool
    """Whether all requests of the run have one length."""
    quality: str
    group: str


def read_measured(path: Path, own: OwnRecords | None = None) -> list[Row | LeftOut]:
    """All rows of a file; `own` are records that a study adds to the catalog.

    Raises Problems for a file that is no such table, with every line that holds text for a number.
    """
    problems: list[str] = []
    names = Names(own or {})
    rows = [_row(path, line, cells, names, problems) for line, cells in read_table(path, COLUMNS, problems)]
    stop_on(problems, Problems)
    if not rows:
        raise Problems([f"{path}: it has no rows. Give a file with a head and at least one measurement."])
    return [row for row in rows if row]


def _row(path: Path, line: int, cells: Cells, names: Names, problems: list[str]) -> Row | LeftOut | None:
    """None where a number is none, which is a problem of the file."""
    before, cells = len(problems), _tidy(cells)
    numbers = {name: number(path, line, cells, name, problems) for name in NUMBERS}
    if len(problems) > before:
        return None
    kind = _kind(cells)
    try:
        _stop_unless_usable(kind, cells, numbers)
        return _understood(line, kind, cells, numbers | {"ep": _expert_ranks(cells)}, names)
    except LeaveOut as why:
        return LeftOut(line, kind, cells["quality"], why.reason, why.ours)


def _tidy(cells: Cells) -> dict[str, str]:
    """In the letters and words of this file."""
    metric, concurrency = cells["metric"].lower(), cells["concurrency_or_batch"]
    return {
        **cells,
        "notes": notes.said(cells.get("notes", "")),
        "metric": tables()["metrics"].get(metric, metric),
        "quality": cells["quality"].upper(),
        "engine": engine_of(cells["engine"]),
        "engine_version": version_of(cells["engine"]),
        "concurrency_or_batch": "" if concurrency.lower() in tables()["cells"]["unlimited"] else concurrency,
    }


def _expert_ranks(cells: Cells) -> float | None:
    """How far experts are spread; nothing of what is written of them otherwise."""
    text = cells.get("ep", "")
    return float(text) if text.isdecimal() and text.isascii() else None


def _kind(cells: Cells) -> str:
    """A static batch is an end-to-end time, however it is told; a rate without a batch is the most there is."""
    metric = cells["metric"]
    if metric not in (*RATES, *INPUT_RATES):
        return METRICS.get(metric, metric)
    if not cells["concurrency_or_batch"]:
        return "max_throughput"
    return "e2e" if metric in RATES and notes.is_static(cells["notes"]) else "load_throughput"


def _understood(line: int, kind: str, cells: Cells, told: Numbers, names: Names) -> Row:
    llm = names.llm(cells["model"], cells.get("arch", ""))
    accelerator = names.accelerator(cells["gpu"])
    weights = names.weights(cells.get("weight_dtype", ""), cells["model"], llm, accelerator)
    shared = _split(cells, told, names, llm, accelerator)
    lengths = next((rule["share"] for rule in tables()["lengths"] if cells["group"].startswith(rule["group"])), 1)
    return Row(
        line,
        kind,
        cells["metric"],
        float(told["value"] or 0) / (shared.share if cells["metric"].endswith("_total") else 1),
        llm,
        accelerator,
        cells["engine"],
        _pays_for_steps(cells),
        _is_new(cells),
        weights,
        names.cache(cells.get("kv_dtype", ""), cells["engine"], weights, llm, accelerator),
        shared.accelerators,
        shared.tensor,
        shared.data,
        shared.pipeline,
        shared.expert,
        lengths * float(told["isl"] or 0),
        max(1.0, lengths * float(told["osl"] or 0)),
        _concurrency(cells, told, shared),
        notes.requests(cells["notes"]),
        notes.is_static(cells["notes"]) or (kind == "ttft" and _starts_together(cells)),
        cells["group"].startswith(tuple(tables()["alike"]["groups"])),
        cells["quality"],
        cells["group"],
    )


def _split(cells: Cells, told: Numbers, names: Names, llm: str, accelerator: str) -> Split:
    has_cores = accelerator in tables()["cores"]["accelerators"]
    if not told["dp"] and notes.has_attention_groups(cells["notes"]):
        told = {**told, "dp": told["tp"] or told["num_gpus"], "tp": None}
    return split(told, has_cores, names.fact("llms", llm, "experts") > 0, notes.is_of_a_part(cells["notes"]))


def _concurrency(cells: Cells, told: Numbers, shared: Split) -> float | None:
    """Of all accelerators, also where it is told of each."""
    concurrency = told["concurrency_or_batch"]
    is_each = concurrency is not None and notes.is_each(cells["notes"], concurrency)
    return concurrency * shared.accelerators if concurrency and is_each else concurrency


def _stop_unless_usable(kind: str, cells: Cells, told: Numbers) -> None:
    """Raises LeaveOut with the first reason."""
    if cells["quality"] == USELESS:
        raise LeaveOut("contradicts physics or its neighbours (quality X)")
    if cells["quality"] not in tuple(USEFUL):
        raise LeaveOut(f"a quality that is none of {', '.join(USEFUL)}: {cells['quality'] or 'blank'}")
    if not told["value"]:
        raise LeaveOut("no value")
    if cells["metric"] not in (*METRICS, *RATES, *INPUT_RATES):
        raise LeaveOut(f"a metric that is not predicted: {cells['metric'] or 'blank'}")
    _stop_on_other_unit(cells)
    if not told["isl"] or (told["osl"] is None and cells["metric"] not in INPUT_RATES):
        raise LeaveOut("lengths are not published")
    notes.stop_where_not_modelled(cells["notes"])
    if told["concurrency_or_batch"] == 0:
        raise LeaveOut("a concurrency of 0; blank means that all was queued at once")
    if kind in METRICS.values() and not told["concurrency_or_batch"]:
        raise LeaveOut("no concurrency")


def _stop_on_other_unit(cells: Cells) -> None:
    """A metric's name tells its unit; a column of units may contradict it."""
    unit = cells.get("unit", "").lower()
    if cells["metric"].endswith("_ms") and unit in tables()["cells"]["other_times"]:
        raise LeaveOut(f"a value in another unit than its metric's: {cells['metric']} in {unit}")


def _pays_for_steps(cells: Cells) -> bool:
    """Whether the engine is one of 2024 whose scheduler costs a time per step, instead of per layer."""
    compiled = tables()["compiled"]
    if cells["engine"] in compiled["engines"]:
        since = compiled["since"].get(cells["engine"], "")
        is_first = bool(cells["engine_version"]) and version(cells["engine_version"]) < version(since)
        return is_first and not notes.is_static(cells["notes"])
    return 0 < (notes.year(cells.get("date", "")) or 0) <= OLD


def _starts_together(cells: Cells) -> bool:
    """Whether all prompts of a batch are prefilled at once, with nothing before and between."""
    return cells["engine"].startswith(tuple(tables()["in_process"]["engines"])) or notes.start_together(cells["notes"])


def _is_new(cells: Cells) -> bool:
    """Whether the engine is a release of 2026, by its version or else by the date of the measurement.

    A date that nobody understands tells nothing here: what depends on it has refused it before.
    """
    since = tables()["new"]["since"].get(cells["engine"])
    if since and cells["engine_version"]:
        return version(cells["engine_version"]) >= version(since)
    try:
        return (notes.year(cells.get("date", "")) or 0) >= tables()["new"]["year"]
    except LeaveOut:
        return False
