"""Hostile, damaged and odd files: refused with a message that helps, or read right; fast, and in little memory.

The tables of files are in `specimens/hostile.py`. Besides, a good workbook is damaged at random: 500 times in a
normal run, more often with `XL_ECON_FUZZ=10000 pytest tests/test_hostile.py`. The number in a failure repeats that
damage: `Fuzzed(as_excel_saves(...)).damaged(number)`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specimens import reading as program
from specimens.hostile import ALL, EITHER, GOOD, HOSTILE, Hostile
from specimens.mutations import Fuzzed
from specimens.reading import STATUS, Reading, reading
from specimens.tampered import as_excel_saves
from typer.testing import CliRunner

from xl_econ.cli import app
from xl_econ.inputs.study import Study, preset
from xl_econ.workbook.fill import new_workbook

CPU_SECONDS, PEAK_MB = 1.5, 150
LARGEST_SPECIMEN = 12_000_000
LONGEST_PROBLEM = 1_000
"""Letters of a line that a person still reads."""
REMEDY = re.compile(
    r"(^|[.:;,(] )(Ask|Choose|Close|Copy|Delete|Download|Give|Make|Open|Remove|Rename|Restore|Save|See|Take|Type|Use)\b"
    r"|must (be|have)|Did you mean"
)
"""What to do is told."""
CELL = re.compile(r"\w+!\$?[A-Z]+\$?[0-9]+")
DAMAGES, BLOCKS = int(os.environ.get("XL_ECON_FUZZ", "500")), 40


@pytest.fixture(scope="session")
def good() -> bytes:
    return new_workbook(preset("standard"))


@pytest.fixture(scope="session")
def fuzzed(good: bytes) -> Fuzzed:
    return Fuzzed(as_excel_saves(good))


@pytest.fixture(scope="session")
def expected() -> Study:
    return preset("standard")


@pytest.fixture(scope="session")
def good_path(good: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("good") / "good.xlsx"
    path.write_bytes(good)
    return path


@pytest.fixture(scope="session", autouse=True)
def warm(good_path: Path, expected: Study) -> None:
    """Everything that is loaded once is loaded, so that the seconds are those of the file."""
    assert reading(good_path, expected).as_expected


def named(table: dict[str, Hostile], worst: bool) -> list[str]:
    return [name for name, specimen in table.items() if specimen.worst is worst]


def written(name: str, good: bytes, folder: Path) -> Path:
    path, made = folder / "deal of ours.xlsx", ALL[name].make(good)
    assert len(made) < LARGEST_SPECIMEN, "a bomb is a small file: that is what makes it one"
    path.write_bytes(made)
    return path


@pytest.fixture(scope="session")
def apart(good_path: Path) -> Iterator[Callable[[Path], Reading]]:
    """Reads a file in a process of its own, with little memory and time."""
    command = [sys.executable, str(program.__file__), str(good_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        to, back = server.stdin, server.stdout
        assert to and back

        def read(path: Path) -> Reading:
            print(path, file=to, flush=True)
            found = json.loads(back.readline())
            return Reading(**found | {"problems": tuple(found["problems"])})

        yield read


def judge(name: str, found: Reading, path: Path) -> None:
    """Refused clearly where it must be, read right where it must be, one of both otherwise; fast in any case."""
    assert not found.escaped, found.escaped
    if name in HOSTILE:
        assert found.problems, "it was read, but must be refused"
    if name in GOOD:
        assert not found.problems, found.problems
    if found.problems:
        tells(found.problems, path, ALL[name].says)
    else:
        assert found.as_expected, "it was misread"
    assert found.cpu_seconds < CPU_SECONDS, f"it took {found.cpu_seconds:.1f} s"


def tells(problems: tuple[str, ...], path: Path, says: str) -> None:
    """A message is one line that names the file or the cell, says what is wrong and what to do."""
    for problem in problems:
        assert len(problem) < LONGEST_PROBLEM + len(str(path)), f"{problem[:300]} … {len(problem)} letters"
        assert problem.isprintable(), f"{problem!r} would upset a terminal, or is more than a line"
        assert path.name in problem or CELL.search(problem), f"{problem}: in which file?"
        assert REMEDY.search(problem), f"{problem}: what is to be done?"
    text = "\n".join(problems).replace(str(path), "").replace(path.name, "")
    assert re.search(says, text, re.IGNORECASE), f"{text}: nothing of {says}"


@pytest.mark.parametrize("name", named(ALL, worst=False))
def test_a_bad_file_is_refused_or_read_right(name: str, good: bytes, expected: Study, tmp_path: Path) -> None:
    path = written(name, good, tmp_path)
    before = path.read_bytes()
    judge(name, reading(path, expected), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "reading writes nothing"


@pytest.mark.skipif(not STATUS.exists(), reason="memory is measured with Linux's /proc")
@pytest.mark.parametrize("name", named(ALL, worst=True))
def test_the_worst_files_do_no_harm_and_take_little_memory(
    name: str, good: bytes, apart: Callable[[Path], Reading], tmp_path: Path
) -> None:
    path = written(name, good, tmp_path)
    before = path.read_bytes()
    found = apart(path)
    judge(name, found, path)
    assert found.peak_mb < PEAK_MB, f"it took {found.peak_mb:.0f} MB"
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["directory", "missing"])
def test_a_path_that_is_no_file_is_told(kind: str, expected: Study, tmp_path: Path) -> None:
    path = tmp_path / "deal.xlsx"
    if kind == "directory":
        path.mkdir()
    tells(reading(path, expected).problems, path, "directory" if kind == "directory" else "does not exist")


def test_every_specimen_has_a_reason_and_its_own_name() -> None:
    assert len(ALL) == len(HOSTILE) + len(GOOD) + len(EITHER)
    assert [name for name, specimen in ALL.items() if not specimen.reason] == []


# --- the command line --------------------------------------------------------------------------

TOLD = {
    "bomb of 5 GB in the inputs": "deal",
    "billion laughs in the workbook": "document type definition",
    "encrypted workbook": "password",
    "two workbooks": "deal",
    "empty file": "empty",
    "number NaN": "Inputs!",
    "label with a terminal's codes": "Inputs!",
}


@pytest.mark.parametrize("command", ["read", "compute"])
@pytest.mark.parametrize("name", TOLD)
def test_the_command_line_tells_and_exits_with_2(name: str, command: str, good: bytes, tmp_path: Path) -> None:
    path = written(name, good, tmp_path)
    result = CliRunner().invoke(app, [command, str(path)])
    assert result.exit_code == 2, result.exception
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert all(line.startswith("xl-econ: ") for line in result.stderr.splitlines()), result.stderr
    assert TOLD[name] in result.stderr


@pytest.mark.parametrize("ending", [".xls", ".xlsb", ".ods", ".XLSX", ""])
def test_a_binary_file_of_any_ending_is_told(ending: str, good: bytes, tmp_path: Path) -> None:
    path = tmp_path / f"deal{ending}"
    path.write_bytes(HOSTILE["old .xls"].make(good))
    result = CliRunner().invoke(app, ["compute", str(path)])
    assert (result.exit_code, result.stdout) == (2, ""), result.exception
    assert str(path) in result.stderr


# --- damage at random --------------------------------------------------------------------------


@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_damaged_workbook_gives_problems_or_a_study(
    block: int, fuzzed: Fuzzed, expected: Study, tmp_path: Path
) -> None:
    path, escaped, slow = tmp_path / "deal.xlsx", defaultdict[str, list[str]](list), list[str]()
    for number in range(block, DAMAGES, BLOCKS):
        where, damaged = fuzzed.damaged(number)
        path.write_bytes(damaged)
        found = reading(path, expected)
        escaped[found.escaped].append(f"{number} ({where})")
        slow += [f"{number} ({where}): {found.cpu_seconds:.1f} s"] if found.cpu_seconds > CPU_SECONDS else []
    escaped.pop("", None)
    assert not escaped, "\n".join(f"damage {', '.join(numbers[:5])}: {trace}" for trace, numbers in escaped.items())
    assert not slow, slow


edits = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.binary(max_size=9)), min_size=1, max_size=4)
"""Where (as a share of the file), how many bytes go, and which come."""


@given(edits, st.booleans())
@settings(
    derandomize=True, max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_change_of_bytes_makes_another_exception(
    fuzzed: Fuzzed, expected: Study, tmp_path: Path, changes: list[tuple[float, int, bytes]], at_the_end: bool
) -> None:
    book, first = fuzzed.book, fuzzed.directory if at_the_end else 0
    for share, gone, come in changes:
        at = first + int(share * (len(book) - first))
        book = book[:at] + come + book[at + gone :]
    path = tmp_path / "deal.xlsx"
    path.write_bytes(book)
    assert not reading(path, expected).escaped
