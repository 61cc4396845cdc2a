"""LibreOffice as a child process: hard recalculation, and inputs edited over UNO."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engines.files import Cell, Edits, PathLike, Value, formula_cells
from engines.in_process import boxes_of

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
ENDED = "DisposedException"
"""What a script prints when its LibreOffice ends in the middle. Version 7.4 does now and then, with signal 6 while it$
tells other cells of a value that was typed, whatever it is: it does not if the job is done once more."""
PLAYER = Path(__file__).with_name("uno_play.py")
HAVE_LIBREOFFICE = SOFFICE is not None
NO_LIBREOFFICE = "LibreOffice (soffice) is not installed: its recalculation is NOT tested"
NO_UNO = "no Python can import uno (package python3-uno): edits in LibreOffice are NOT tested"

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
</oor:items>
"""
"""Recalculate an Excel file whenever it is loaded (the default keeps cached values); never run macros."""


def recalculate_libreoffice(paths: Sequence[PathLike], out_dir: PathLike, timeout: float | None = None) -> list[Path]:
    """Recalculate workbooks in one LibreOffice process and save them in `out_dir` under their own names.

    LibreOffice writes numbers with 15 significant digits and all but a few errors as #VALUE!.
    """
    sources, target = [Path(path).resolve() for path in paths], Path(out_dir).resolve()
    results = [target / source.with_suffix(".xlsx").name for source in sources]
    if len(set(results)) < len(results) or set(results) & set(sources):
        raise ValueError("the workbooks need different names, and a folder of their own for the results")
    target.mkdir(parents=True, exist_ok=True)
    for result in results:
        result.unlink(missing_ok=True)
    log = _convert(sources, target, timeout or 60 + 10 * len(sources))
    missing = [result.name for result in results if not result.exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not write {missing}:\n{log}")
    return results


def _convert(sources: list[Path], target: Path, timeout: float) -> str:
    with tempfile.TemporaryDirectory(prefix="soffice-", ignore_cleanup_errors=True) as work:
        command = [*soffice_command(Path(work)), "--convert-to", "xlsx", "--outdir", str(target), *map(str, sources)]
        return run_to_end(command, timeout)


def libreoffice_values(path: PathLike) -> dict[Cell, Value]:
    """The values that LibreOffice computed and saved: those of each formula cell, an empty text as ""."""
    return {cell: "" if value is None else value for cell, (_, value) in formula_cells(path).items()}


def edit_in_libreoffice(path: PathLike, out: PathLike, edits: Edits, timeout: float = 120) -> Path:
    """Set input cells in LibreOffice, recalculate everything, and save the workbook as `out`."""
    _play(path, [edits], [], timeout, out=Path(out).resolve())
    return Path(out)


def libreoffice_scenarios(
    path: PathLike, scenarios: Sequence[Edits], cells: Iterable[Cell], timeout: float = 300
) -> list[dict[Cell, Value]]:
    """For each set of inputs, the recalculated values of `cells` at full precision, from one loaded workbook.

    Each scenario starts from the inputs in the file. LibreOffice has no type for TRUE and FALSE: they are 1.0
    and 0.0 here.
    """
    return _play(path, scenarios, list(cells), timeout)


def _play(
    path: PathLike, scenarios: Sequence[Edits], cells: list[Cell], timeout: float, out: Path | None = None
) -> list[dict[Cell, Value]]:
    """Have `uno_play.py` play the scenarios in a LibreOffice of its own."""
    boxes = boxes_of(cells)
    order = [(sheet, at) for sheet, box in boxes.items() for at in box.offsets]
    job = {
        "path": str(Path(path).resolve()),
        "out": out and str(out),
        "scenarios": [[[*cell, value] for cell, value in edits.items()] for edits in scenarios],
        "reads": [[sheet, ":".join(b.corners), list(b.offsets.values())] for sheet, b in boxes.items()],
    }
    return [dict(zip(order, values, strict=True)) for values in run_in_office(PLAYER, job, timeout)]


def run_in_office(
    script: Path,
    job: Mapping[str, Any],
    timeout: float,
    prepare: Callable[[Path, str], list[str]] = lambda work, profile: [],
    environment: Mapping[str, str] | None = None,
) -> Any:
    """What a script, run by the Python that LibreOffice knows, writes as its result: it is told the job, and starts a
    LibreOffice of its own, with the options that `prepare` gives for its folder and profile."""
    for last in (False, False, True):
        found, log = _in_one_office(script, job, timeout, prepare, environment)
        if found is not None:
            return found
        if last or ENDED not in log:
            raise RuntimeError(f"LibreOffice did not do what {script.name} asks:\n{log}")
    return None


def _in_one_office(
    script: Path,
    job: Mapping[str, Any],
    timeout: float,
    prepare: Callable[[Path, str], list[str]],
    environment: Mapping[str, str] | None,
) -> tuple[Any, str]:
    """The result, if there is one, and what was printed."""
    python = uno_python()
    if python is None:
        raise RuntimeError(NO_UNO)
    with tempfile.TemporaryDirectory(prefix="soffice-", ignore_cleanup_errors=True) as folder:
        work, pipe = Path(folder), f"parity{uuid.uuid4().hex}"
        result, (office, profile, *options) = work / "result.json", soffice_command(work)
        started = [office, profile, *options, *prepare(work, profile), "--nodefault", f"--accept=pipe,name={pipe};urp;"]
        (work / "job.json").write_text(
            json.dumps({**job, "soffice": started, "pipe": pipe, "result": str(result)}), "utf-8"
        )
        log = run_to_end([python, str(script), str(work / "job.json")], timeout, environment)
        return (json.loads(result.read_text("utf-8")) if result.exists() else None), log


@functools.cache
def uno_python() -> str | None:
    """A Python that can `import uno`: that of the system or the one beside soffice."""
    if SOFFICE is None:
        return None
    beside = [str(Path(SOFFICE).resolve().with_name(name)) for name in ("python", "python.exe")]
    for python in [sys.executable, shutil.which("python3", path=os.defpath), *beside]:
        if python and shutil.which(python) and _succeeds([python, "-c", "import uno"]):
            return python
    return None


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def soffice_command(work: Path) -> list[str]:
    """The start of a command line for a LibreOffice with a fresh profile that always recalculates."""
    if SOFFICE is None:
        raise RuntimeError(NO_LIBREOFFICE)
    user = work / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_PROFILE, "utf-8")
    profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
    return [SOFFICE, profile, "--headless", "--norestore", "--nologo", "--nofirststartwizard"]


def run_to_end(command: list[str], timeout: float, environment: Mapping[str, str] | None = None) -> str:
    """Run a command in a process group of its own, which is killed as a whole when time is up."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, env=environment
    )
    try:
        return process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired as late:
        raise TimeoutError(f"{Path(command[0]).name} took longer than {timeout} s") from late
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[str]) -> None:
    """Kill what is left of a process and its children; soffice is a wrapper around the real process."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
