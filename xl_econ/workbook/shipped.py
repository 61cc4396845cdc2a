"""The files that come with the package: in a wheel inside it, in a checkout beside it."""

from __future__ import annotations

from pathlib import Path

import xl_econ


def shipped(name: str) -> Path:
    """The path of a file of `templates/`."""
    package = Path(xl_econ.__file__).parent
    inside = package / "templates" / name
    return inside if inside.exists() else package.parent / "templates" / name
