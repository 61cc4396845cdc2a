"""Legal defined names: what Excel accepts and no grid address can be mistaken for."""

from __future__ import annotations

import re

LEGAL = re.compile(r"[A-Za-z_\\][A-Za-z0-9_.\\]{0,254}")
ADDRESS = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}")
ROW_COLUMN = re.compile(r"[RrCc][0-9]*([RrCc][0-9]*)?")


def is_legal(name: str) -> bool:
    """Whether Excel takes it as a defined name: H100, B200, T4 and R1C1 look like cells and are refused."""
    looks_like_a_cell = ADDRESS.fullmatch(name) or ROW_COLUMN.fullmatch(name)
    return bool(LEGAL.fullmatch(name)) and not looks_like_a_cell


def defined_name(quantity: str) -> str:
    """The name of a quantity's cells: Google Sheets takes letters, digits and underscores only."""
    return quantity.replace(".", "_")
