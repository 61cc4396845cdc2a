"""Asking a peer: its own virtual environment, and its adapter as a process that answers line by line."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from rich.progress import track

from xl_econ.calibration.measured import Row
from xl_econ.calibration.predict import Asked
from xl_econ.catalog.load import load_catalog

ADAPTERS = Path(__file__).parent / "adapters"


@dataclass(frozen=True)
class Peer:
    """Another program that predicts the same."""

    name: str
    requirement: str
    adapter: str


PEERS = (
    Peer("AIConfigurator", "aiconfigurator==0.12.0", "use_aiconfigurator.py"),
    Peer("AISimulate", "aisimulate==0.1.0.dev2", "use_aisimulate.py"),
    Peer("GenZ", "genz-llm==0.0.16", "use_genz.py"),
)


@dataclass(frozen=True)
class Answers:
    """What a peer said of each row: values of one replica by name, or a reason."""

    peer: str
    version: str
    start_s: float
    of_rows: list[dict[str, Any]]


def ask(peer: Peer, rows: Sequence[Row], environments: Path) -> Answers:
    """All rows, one after the other. Its own output goes to a log in its environment."""
    python = _environment(peer, environments)
    log = python.parent.parent / "answers.log"
    with log.open("w", encoding="utf-8") as errors:
        command, pipe = [str(python), str(ADAPTERS / peer.adapter)], subprocess.PIPE
        with subprocess.Popen(command, text=True, bufsize=1, stdin=pipe, stdout=pipe, stderr=errors) as process:
            hello, *answers = list(_talk(process, peer, rows, log))
    return Answers(peer.name, hello["version"], hello["start_s"], answers)


def _talk(process: subprocess.Popen[str], peer: Peer, rows: Sequence[Row], log: Path) -> Iterator[dict[str, Any]]:
    assert process.stdin and process.stdout
    yield _heard(process, log)
    for question in track(list(_questions(rows)), peer.name, disable=not sys.stderr.isatty()):
        print(json.dumps(question), file=process.stdin)
        yield _heard(process, log)
    process.stdin.close()


def _heard(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    assert process.stdout
    if line := process.stdout.readline():
        return json.loads(line)
    raise SystemExit(f"The adapter ended before it answered. {log} says why.")


def _environment(peer: Peer, environments: Path) -> Path:
    """Its python; made and filled where it is not there."""
    folder = environments / peer.name.lower()
    python = folder / "bin" / "python"
    if python.exists():
        return python
    print(f"Installing {peer.requirement} into {folder}", file=sys.stderr)
    venv.create(folder, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", peer.requirement]
    if subprocess.run(install, stdout=sys.stderr).returncode:
        raise SystemExit(f"{peer.requirement} cannot be installed. Remove {folder} before the next try.")
    return python


def _questions(rows: Sequence[Row]) -> Iterator[Mapping[str, Any]]:
    """Each row with the facts of its LLM and accelerator, for peers that do not know them by name."""
    catalog = load_catalog()
    for row, replicas in zip(rows, Asked(rows).replicas, strict=True):
        yield asdict(row) | {
            "replicas": float(replicas),
            "llm_facts": _facts(catalog.llms[row.llm]),
            "accelerator_facts": _facts(catalog.accelerators[row.accelerator]),
        }


def _facts(record: BaseModel) -> dict[str, Any]:
    told = record.model_dump(exclude_none=True)
    return {name: fact["value"] if isinstance(fact, dict) else fact for name, fact in told.items()}
