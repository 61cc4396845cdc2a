"""The files that come with the package: in a wheel inside it, in a checkout beside it."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """The path of a file of `templates/`."""
    inside = PACKAGE / "templates" / name
    return inside if inside.exists() else PACKAGE.parent / "templates" / name
