"""What runs in a Python of its own: classic xlwings with stand-ins for the parts of Windows that it needs.

All else is xlwings' own: its decorators, what it writes into VBA, how it reads and writes cells. Calls come on standard
input as JSON, money among them as {"money": "2.5"}; the functions' metadata, the VBA and the results go out so.
"""

from __future__ import annotations

import ctypes
import io
import json
import sys
from decimal import Decimal
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

PYWIN32 = ("pythoncom", "pywintypes", "win32api", "win32con", "win32event", "win32gui", "win32process", "win32timezone")
WIN32COM = ("client", "client.dynamic", "server", "server.util", "server.dispatcher", "server.policy")
WINDOWS = [*PYWIN32, "win32com", *(f"win32com.{name}" for name in WIN32COM)]
MODULE = "xl_econ.functions.xlwings_udfs"


def classic() -> tuple[ModuleType, ModuleType]:
    """xlwings' module of UDFs as on Windows, and ours, decorated by it."""
    import xlwings

    for name in WINDOWS:
        sys.modules[name] = MagicMock(name=name, __file__=name)
    for module in ("pywintypes", "pythoncom"):
        sys.modules[module].com_error = type("com_error", (Exception,), {})
    sys.modules["pywintypes"].TimeType = type("TimeType", (), {})
    for name in ("windll", "oledll", "PyDLL", "WinError"):
        setattr(ctypes, name, MagicMock())
    from xlwings import _xlwindows, udfs

    _xlwindows.is_range_instance = lambda _: False
    xlwings._xlwindows = _xlwindows
    xlwings.engines.add(xlwings.main.Engine(impl=_xlwindows.engine))
    xlwings.func, xlwings.arg, xlwings.ret = udfs.xlfunc, udfs.xlarg, udfs.xlret
    import xl_econ.functions.xlwings_udfs as ours

    return udfs, ours


def main() -> None:
    udfs, ours = classic()
    written, book = io.StringIO(), MagicMock()
    book.Name = "functions.xlsm"
    udfs.generate_vba_wrapper(MODULE, ours, written, book)
    described: dict[str, Any] = {name: udf.__xlfunc__ for name, udf in ours.UDFS.items()}
    calls = json.load(sys.stdin, object_hook=lambda told: Decimal(told["money"]))
    results = [udfs.call_udf(MODULE, name, tuple(arguments)) for name, arguments in calls]
    json.dump({"described": described, "vba": written.getvalue(), "results": results}, sys.stdout)


if __name__ == "__main__":
    main()
