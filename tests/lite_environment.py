"""What runs in a Python of its own with only what xlwings Lite has: the main file told is run, and two calls made.

Lite runs in Pyodide: numpy and pydantic are there, processes and threads are not. xlwings' decorators do nothing here.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

BROUGHT = {"numpy", "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection", "xlwings"}
ABSENT = {"multiprocessing", "subprocess", "fcntl", "termios", "resource", "tkinter", "msvcrt", "winreg"}


class OnlyLite:
    """Finds nothing itself; stops every import of what is not there."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        top = name.partition(".")[0]
        there = top in BROUGHT | {"xl_econ"} or top in sys.stdlib_module_names or top.startswith("_")
        if top in ABSENT or not there:
            raise ModuleNotFoundError(f"xlwings Lite has no {name}", name=name)


def no_thread(self: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def xlwings() -> ModuleType:
    module: Any = ModuleType("xlwings")
    module.func = lambda f=None, *, category: f or (lambda f: f)
    module.arg = lambda name, *, doc, ndim, err_to_str: lambda f: f
    return module


def main(file: Path) -> None:
    for name in ABSENT & set(sys.modules):
        del sys.modules[name]
    sys.meta_path.insert(0, OnlyLite())
    sys.modules["xlwings"], threading.Thread.start = xlwings(), no_thread
    functions: dict[str, Any] = {}
    exec(compile(file.read_text("utf-8"), file.name, "exec"), functions)
    column = [["llama-3.3-70b"], ["no such thing"]]
    called = functions["WEIGHTS_GB"](column, "fp8"), functions["WHY"]([["WEIGHTS_GB"]], column, "fp8")
    json.dump({"called": called, "functions": [name for name in functions if name.isupper()]}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
