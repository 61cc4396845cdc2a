"""Save: a file is replaced whole or not at all, and never one that somebody has open."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path

from xl_econ.core.problems import Problems, stop_on
from xl_econ.workbook.live import is_live

READ_FOR_ALL = 0o644


def stop_unless_writable(out: Path, force: bool, suffixes: tuple[str, ...]) -> None:
    """Raises Problems where a file of this name cannot be written, or must not."""
    problems: list[str] = []
    kinds = " or ".join(suffixes)
    if is_live(out):
        problems.append(f"{out}: this names a workbook that is open in Excel. Give the name of a file.")
    elif out.is_dir():
        problems.append(f"{out}: it is a directory. Give the name of a {kinds} file.")
    elif out.suffix.lower() not in suffixes:
        problems.append(f"{out}: its name must end in {kinds}.")
    elif not out.parent.is_dir():
        problems.append(f"{out}: the folder {out.parent} does not exist. Make it first.")
    elif out.exists() and not force:
        problems.append(f"{out}: it exists already. Give another name, or --force to replace it.")
    elif out.exists():
        problems += _locked(out)
    stop_on(problems, Problems)


def _locked(out: Path) -> list[str]:
    """Excel and LibreOffice leave a small file beside a workbook that is open."""
    for lock in (out.with_name(f"~${out.name}"), out.with_name(f".~lock.{out.name}#")):
        if lock.exists():
            return [
                f"{out}: it is open in another program ({lock.name} is there). Close it there, or give another name."
            ]
    if not out.stat().st_mode & stat.S_IWUSR:
        return [f"{out}: it is read-only. Make it writable, or give another name."]
    return []


def save(out: Path, content: bytes, *, instead_of: bytes | None = None) -> None:
    """All or nothing: a temporary file beside it, on the disk before it takes the name.

    `instead_of` is what the file held when it was read: if it holds something else by now, nothing is
    written. Raises Problems.
    """
    out = out.resolve()  # a link stays a link
    mode = stat.S_IMODE(out.stat().st_mode) if out.exists() else READ_FOR_ALL
    try:
        handle, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    except OSError as error:
        raise Problems([f"{out}: {error.strerror}. Give another folder."]) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(mode)
        if instead_of is not None and out.read_bytes() != instead_of:
            raise Problems([f"{out}: it was changed while the new content was computed. Run the command again."])
        os.replace(temporary, out)
    except OSError as error:
        raise Problems([f"{out}: {error.strerror}. Nothing was written."]) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
