"""What reading a workbook gave and took: a study or problems, seconds of the processor, megabytes at the peak.

Run as a program, it takes paths line by line, reads each workbook in a child of its own, where a bomb that goes off
harms nobody, and prints what that gave and took as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

import xl_econ
from xl_econ.core.problems import Problems

MB = 1 << 20
STATUS = Path("/proc/self/status")
"""Linux's own account of a process. `getrusage` would count what its parent had."""
ROOM = 2_000 * MB
MOST_CPU_SECONDS = 30


@dataclass(frozen=True)
class Reading:
    """Problems, or whether the study is the expected one; `escaped` is the trace of any other exception."""

    problems: tuple[str, ...]
    as_expected: bool
    escaped: str
    cpu_seconds: float
    peak_mb: float = 0.0


def reading(path: Path, expected: xl_econ.Study) -> Reading:
    """Read a workbook, whatever comes."""
    problems, escaped, study, start = (), "", None, time.process_time()
    try:
        study = xl_econ.read_workbook(path)
    except Problems as error:
        problems = error.problems
    except Exception:
        escaped = traceback.format_exc(limit=-4)
    took = time.process_time() - start
    return Reading(problems, study is not None and values(study) == values(expected), escaped, took)


def values(study: xl_econ.Study) -> tuple[object, ...]:
    """What a study says, whether a scenario inherits a value or repeats it."""
    return study.title, study.as_of, study.resolved()


def account(key: str) -> int:
    """Bytes, from Linux's account."""
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith(f"{key}:"))
    return int(line.split()[1]) * 1024


def bounded() -> None:
    """From here on this process gets little more memory and time."""
    import resource

    for limit, most in ((resource.RLIMIT_AS, account("VmSize") + ROOM), (resource.RLIMIT_CPU, MOST_CPU_SECONDS)):
        resource.setrlimit(limit, (most, resource.getrlimit(limit)[1]))


def serve(good: Path) -> None:
    """Read each workbook whose path comes in; everything is loaded before, so that a child counts only its own."""
    expected = xl_econ.read_workbook(good)
    for line in sys.stdin:
        if os.fork() == 0:
            bounded()
            found = asdict(reading(Path(line.rstrip("\n")), expected))
            print(json.dumps(found | {"peak_mb": account("VmHWM") / MB}), flush=True)
            os._exit(0)
        _, status = os.wait()
        if status:
            print(json.dumps(asdict(Reading((), False, f"the process died: status {status}", 0.0))), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
