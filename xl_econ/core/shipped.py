"""The files that come with the package: in a wheel inside it, in a checkout beside it."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """The path of a file of `templates/`, or of the licence."""
    places = (PACKAGE / "templates", PACKAGE.parent / "templates", PACKAGE.parent)
    return next((path for place in places if (path := place / name).exists()), places[1] / name)
