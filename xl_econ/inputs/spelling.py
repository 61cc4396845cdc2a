"""Spelling: values as TOML writes them."""

from __future__ import annotations

from xl_econ.inputs.own_catalog import Value


def toml_value(value: Value) -> str:
    """A text in quotes, or a number."""
    return toml_text(value) if isinstance(value, str) else repr(value)


def toml_text(text: str) -> str:
    """A text in quotes, whatever it holds."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
