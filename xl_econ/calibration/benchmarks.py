"""Benchmarks: result files of benchmark tools, told apart by their content. All problems of all files at once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xl_econ.calibration.fields import Fields, mapping
from xl_econ.calibration.runs import Run
from xl_econ.calibration.tools.aiperf import AIPERF, is_aiperf, read_aiperf
from xl_econ.calibration.tools.guidellm import GUIDELLM, is_guidellm, read_guidellm
from xl_econ.calibration.tools.serving import SGLANG, VLLM, is_sglang, is_vllm, read_sglang, read_vllm
from xl_econ.core.problems import Problems, stop_on

MOST_BYTES = 200_000_000
"""A report with every single request may be this large; more would take too much memory."""
SHOWN_KEYS = 8
EMPTY = "{path}: it is empty. The benchmark did not end, or wrote elsewhere."
READERS: Mapping[str, tuple[Callable[[Mapping[str, Any]], bool], Callable[[Fields], list[Run]]]] = {
    VLLM: (is_vllm, read_vllm),
    SGLANG: (is_sglang, read_sglang),
    GUIDELLM: (is_guidellm, read_guidellm),
    AIPERF: (is_aiperf, read_aiperf),
}
WRITERS = (
    "`vllm bench serve --save-result`, SGLang's `bench_serving --output-file`, GuideLLM (JSON) and AIPerf "
    "(profile_export_aiperf.json)"
)
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True)
class ResultFile:
    """A file that was read whole."""

    path: Path
    sha256: str
    tool: str
    runs: tuple[Run, ...]


def read_benchmarks(paths: Sequence[Path]) -> list[ResultFile]:
    """The runs of all files. Raises Problems with every problem of every file."""
    problems: list[str] = []
    files = [found for path in paths if (found := _file(path, problems))]
    problems += _twice(files)
    stop_on(problems, Problems)
    return files


def _file(path: Path, problems: list[str]) -> ResultFile | None:
    try:
        content = _content(path)
        results = list(_results(path, content.decode("utf-8-sig")))
    except Problems as found:
        problems += found.problems
        return None
    except UnicodeDecodeError:
        problems.append(f"{path}: it is no text in UTF-8. Give the file as the tool wrote it.")
        return None
    if not results:
        problems.append(EMPTY.format(path=path))
        return None
    before = len(problems)
    wheres = [f"{path}, result {place}" if len(results) > 1 else str(path) for place in range(1, len(results) + 1)]
    parts = [_read(Fields(where, mapping(data), problems)) for where, data in zip(wheres, results, strict=True)]
    if len(problems) > before:
        return None
    runs = tuple(run for _, of_result in parts for run in of_result)
    return ResultFile(path, hashlib.sha256(content).hexdigest(), parts[0][0], runs)


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise Problems([f"{path}: it is a directory. Give the files in it that hold results."])
    if not path.is_file():
        raise Problems([f"{path}: it does not exist. Give a result file of a benchmark."])
    size = path.stat().st_size
    if size > MOST_BYTES:
        told = f"it has {size:,} bytes, and at most {MOST_BYTES:,} are read"
        raise Problems([f"{path}: {told}. Save the result without its single requests."])
    return path.read_bytes()


def _results(path: Path, text: str) -> Iterator[Any]:
    """One JSON value after the other: tools append results to a file, most of them one a line."""
    decoder, start = json.JSONDecoder(), _after_space(text, 0)
    while start < len(text):
        try:
            value, start = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            advice = "Was it cut off? Give the whole file as the tool wrote it."
            raise Problems([f"{path}, line {error.lineno}: it is no JSON ({error.msg}). {advice}"]) from None
        except (RecursionError, ValueError) as error:
            raise Problems([f"{path}: its JSON cannot be read ({error}). Give a result of a benchmark."]) from None
        yield value
        start = _after_space(text, start)


def _after_space(text: str, start: int) -> int:
    space = _SPACE.match(text, start)
    return space.end() if space else start


def _read(fields: Fields) -> tuple[str, list[Run]]:
    for tool, (is_one, read) in READERS.items():
        if is_one(fields.data):
            return tool, read(fields)
    keys = list(fields.data)
    found = f"its keys are {', '.join(keys[:SHOWN_KEYS])}{', …' if len(keys) > SHOWN_KEYS else ''}" if keys else ""
    fields.refuse(f"it is no result that is known ({found or 'it has no keys'}). Give one of {WRITERS}.")
    return "", []


def _twice(files: Sequence[ResultFile]) -> list[str]:
    """A file that is given again, maybe as a copy."""
    problems: list[str] = []
    first: dict[str, Path] = {}
    for file in files:
        if file.sha256 in first:
            problems.append(
                f"{file.path}: it is the same as {first[file.sha256]}, and would count twice. Leave it out."
            )
        first.setdefault(file.sha256, file.path)
    return problems
