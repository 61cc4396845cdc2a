"""A file is replaced whole or not at all: processes that die at each step, full disks, files that others hold."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from xl_econ import check_workbook, new_workbook, preset, read_workbook, refresh_workbook
from xl_econ.core.problems import Problems
from xl_econ.workbook import save as module
from xl_econ.workbook.save import save, stop_unless_writable

OLD, NEW = b"old " * 1_000, b"new and longer " * 10_000
KILLED, MOST_STEPS = 9, 60
SUFFIXES = (".xlsx", ".xlsm")
DYING = """
import os, sys
from pathlib import Path
from xl_econ.workbook import save

left = int(sys.argv[2])

def step():
    global left
    left -= 1
    if left == 0:
        os._exit(9)  # as if it were killed: nothing is flushed, closed or cleared away

class Pieces:
    '''A file that is written piece by piece.'''
    def __init__(self, file): self.file = file
    def __enter__(self): return self
    def __exit__(self, *_): self.file.close()
    def __getattr__(self, name): return getattr(self.file, name)
    def write(self, content):
        for start in range(0, len(content), 1 + len(content) // 4):
            self.file.write(content[start : start + 1 + len(content) // 4])
            self.file.flush()
            step()

def lines(frame, event, _):
    if frame.f_code.co_filename != save.__file__:
        return None
    step()
    return lines

opened = os.fdopen
os.fdopen = lambda *args: Pieces(opened(*args))
sys.settrace(lines)
save.save(Path(sys.argv[1]), sys.stdin.buffer.read())
"""
"""Saves what comes in, and dies at a step: before each line of the module, and after each piece that is written."""
REFRESHING = """
import os, sys
import xl_econ
from xl_econ.inputs.changes import Change

def dying(function, is_done):
    def die(*args, **options):
        if is_done:
            function(*args, **options)
        os._exit(9)
    return die

setattr(os, sys.argv[2], dying(getattr(os, sys.argv[2]), sys.argv[3] == "after"))
xl_econ.refresh_workbook(sys.argv[1], changes=[Change("input_tokens", 4321)])
"""


def run(program: str, *arguments: object, given: bytes = b"") -> int:
    """How a process ends."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, input=given, capture_output=True, check=False).returncode


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "deal.xlsx"
    path.write_bytes(OLD)
    return path


# --- killed ---


@pytest.mark.parametrize("is_there", [True, False])
def test_a_process_that_is_killed_at_any_step_leaves_the_old_or_the_new_file(is_there: bool, tmp_path: Path) -> None:
    ends = list(endings(tmp_path, OLD if is_there else None))
    died, held = [end for end, _ in ends], [content for _, content in ends]
    assert died[:-1] == [KILLED] * (len(ends) - 1) and died[-1] == 0
    first_new = held.index(NEW)
    assert held == [OLD if is_there else None] * first_new + [NEW] * (len(ends) - first_new)
    assert 10 < first_new < len(ends) - 1, "it was killed on both sides of the change"


def endings(folder: Path, old: bytes | None) -> Iterator[tuple[int, bytes | None]]:
    """How the process ends that dies at step 1, 2, 3 and so on, and what the file holds then."""
    for step in range(1, MOST_STEPS):
        path = folder / f"{step}.xlsx"
        if old is not None:
            path.write_bytes(old)
        end = run(DYING, path, step, given=NEW)
        yield end, path.read_bytes() if path.exists() else None
        if end != KILLED:
            return


@pytest.mark.parametrize(("call", "when"), [("fsync", "before"), ("replace", "before"), ("replace", "after")])
def test_a_refresh_that_is_killed_leaves_a_workbook_that_is_whole(call: str, when: str, tmp_path: Path) -> None:
    path = tmp_path / "deal.xlsx"
    path.write_bytes(new_workbook(preset("standard")))
    before = path.read_bytes()
    assert run(REFRESHING, path, call, when) == KILLED
    if when == "before":
        assert path.read_bytes() == before
    else:
        assert read_workbook(path).resolved()["Base"]["input_tokens"] == 4321
        assert [each for each in check_workbook(path) if each.level == "error"] == []


# --- failing ---


def failing(call: Callable[..., Any], error: int, times: int) -> Callable[..., Any]:
    """The call, which fails after some times."""
    count = iter(range(times))

    def fail(*args: Any, **options: Any) -> Any:
        if next(count, None) is None:
            raise OSError(error, os.strerror(error))
        return call(*args, **options)

    return fail


class Full:
    """A file on a disk that is full after some bytes."""

    def __init__(self, handle: int, mode: str) -> None:
        self.file = open(handle, mode)  # noqa: SIM115

    def __enter__(self) -> Full:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> None:
        self.file.write(content[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


FAILURES: dict[str, tuple[str, Any, int]] = {
    "making the temporary file": ("tempfile.mkstemp", None, errno.EACCES),
    "writing": ("os.fdopen", Full, errno.ENOSPC),
    "bringing it to the disk": ("os.fsync", None, errno.ENOSPC),
    "setting its rights": ("Path.chmod", None, errno.EPERM),
    "taking the name": ("os.replace", None, errno.EACCES),
}
"""What fails, and with which error."""


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("name", FAILURES)
def test_a_step_that_fails_is_told_and_leaves_everything_as_it_was(
    name: str, is_there: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, other, error = FAILURES[name]
    owner, function = call.split(".")
    target = getattr(module, owner)
    if not is_there:
        path.unlink()
    with monkeypatch.context() as patch, pytest.raises(Problems) as told:
        patch.setattr(target, function, other or failing(getattr(target, function), error, 0))
        save(path, NEW)
    (problem,) = told.value.problems
    assert problem.startswith(f"{path}: {os.strerror(error)}.")
    assert [each.name for each in path.parent.iterdir()] == (["deal.xlsx"] if is_there else [])
    assert not is_there or path.read_bytes() == OLD


@pytest.mark.skipif(sys.platform == "win32", reason="a process's files cannot be limited there")
def test_a_file_that_gets_too_large_is_told(path: Path) -> None:
    """No imitation: the system refuses to write on."""
    program = (
        "import resource, sys; from pathlib import Path; from xl_econ.workbook.save import save\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "save(Path(sys.argv[1]), sys.stdin.buffer.read())"
    )
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, input=NEW, capture_output=True, check=False)
    assert f"{path}: {os.strerror(errno.EFBIG)}. Nothing was written." in done.stderr.decode()
    assert path.read_bytes() == OLD and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError, SystemExit])
def test_an_interruption_leaves_everything_as_it_was(
    stop: type[BaseException], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_: int) -> None:
        raise stop

    monkeypatch.setattr(module.os, "fsync", interrupt)
    with pytest.raises(stop):
        save(path, NEW)
    assert path.read_bytes() == OLD and list(path.parent.iterdir()) == [path]


# --- files that others hold ---


def test_it_is_written_with_the_rights_that_it_had(path: Path) -> None:
    path.chmod(0o640)
    save(path, NEW)
    assert path.read_bytes() == NEW and stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(path.parent.iterdir()) == [path]


def test_a_new_file_can_be_read_by_all(tmp_path: Path) -> None:
    save(tmp_path / "new.xlsx", NEW)
    assert stat.S_IMODE((tmp_path / "new.xlsx").stat().st_mode) == 0o644


@pytest.mark.parametrize("now", [b"", OLD + b" ", NEW])
def test_a_file_that_was_changed_meanwhile_stays(now: bytes, path: Path) -> None:
    path.write_bytes(now)
    with pytest.raises(Problems, match=r"deal\.xlsx: it was changed while .* Run the command again\."):
        save(path, NEW, instead_of=OLD)
    assert path.read_bytes() == now and list(path.parent.iterdir()) == [path]


def test_a_file_that_is_gone_meanwhile_is_not_made_again(path: Path) -> None:
    path.unlink()
    with pytest.raises(Problems, match=r"deal\.xlsx: .* Nothing was written\."):
        save(path, NEW, instead_of=OLD)
    assert list(path.parent.iterdir()) == []


def test_a_file_that_is_as_it_was_is_replaced(path: Path) -> None:
    save(path, NEW, instead_of=OLD)
    assert path.read_bytes() == NEW


LOCKS = {"Excel": "~$deal.xlsx", "LibreOffice": ".~lock.deal.xlsx#"}


@pytest.mark.parametrize("program", LOCKS)
def test_a_file_that_is_open_elsewhere_is_told(program: str, path: Path) -> None:
    (path.parent / LOCKS[program]).touch()
    with pytest.raises(Problems) as told:
        stop_unless_writable(path, force=True, suffixes=SUFFIXES)
    assert told.value.problems == (
        f"{path}: it is open in another program ({LOCKS[program]} is there). Close it there, or give another name.",
    )


@pytest.mark.parametrize("program", LOCKS)
def test_a_refresh_of_a_file_that_is_open_elsewhere_changes_nothing(program: str, path: Path) -> None:
    (path.parent / LOCKS[program]).touch()
    with pytest.raises(Problems, match="open in another program"):
        refresh_workbook(path)
    assert path.read_bytes() == OLD


@pytest.mark.parametrize("lock", ["~$other.xlsx", ".~lock.deal.xlsm#", "deal.xlsx.bak"])
def test_other_files_beside_it_do_not_matter(lock: str, path: Path) -> None:
    (path.parent / lock).touch()
    stop_unless_writable(path, force=True, suffixes=SUFFIXES)


REFUSED: dict[str, tuple[str, bool, str]] = {
    "read-only": ("deal.xlsx", True, "it is read-only. Make it writable, or give another name."),
    "there already": ("deal.xlsx", False, "it exists already. Give another name, or --force to replace it."),
    "another ending": ("deal.pdf", True, "its name must end in .xlsx or .xlsm."),
    "no ending": ("deal", True, "its name must end in .xlsx or .xlsm."),
    "a folder": ("folder.xlsx", True, "it is a directory. Give the name of a .xlsx or .xlsm file."),
    "no folder": ("nowhere/deal.xlsx", True, "does not exist. Make it first."),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_cannot_be_written_is_told(name: str, path: Path) -> None:
    file, force, message = REFUSED[name]
    path.chmod(0o444)
    (path.parent / "folder.xlsx").mkdir()
    with pytest.raises(Problems) as told:
        stop_unless_writable(path.parent / file, force=force, suffixes=SUFFIXES)
    (problem,) = told.value.problems
    assert problem.startswith(f"{path.parent / file}: ") and problem.endswith(message)


@pytest.mark.parametrize("file", ["new.xlsx", "NEW.XLSX", "new.xlsm", "deal.xlsx"])
def test_a_name_that_can_be_written_is_fine(file: str, path: Path) -> None:
    stop_unless_writable(path.parent / file, force=True, suffixes=SUFFIXES)
