"""xlwings UDFs: the functions as Python functions that xlwings puts into cells, `=TTFT_MS(…)`.

One module for classic xlwings (Windows), xlwings Lite (browser, macOS, Windows) and xlwings Server: each brings its own
`func` and `arg`, and where there is no Excel they change nothing, so that importing this is safe anywhere.
Ranges come as rows of cells, with errors by name, and go back so; Lite and Server show `#NUM!` as that error in Excel
365, and as a text in Excel that is bought once. Classic xlwings knows no errors either
(https://github.com/xlwings/xlwings/issues/776): there, `templates/udf/xl_econ.bas` makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

try:
    from xlwings import arg, func  # pyright: ignore[reportUnknownVariableType]
except ImportError as error:
    raise ImportError('UDFs need xlwings: pip install "xl-econ[excel]"') from error

from xl_econ.functions.cells import Entry, Rows, entries

CATEGORY = "xl_econ"
Udf = Callable[..., Rows]


def _udf(entry: Entry) -> Udf:
    """A Python function with a name, a docstring and arguments of its own, as xlwings reads them."""

    def called(*cells: Any) -> Rows:
        return entry.work(*cells)

    parameters = _parameters(entry)
    called.__name__ = called.__qualname__ = entry.name
    called.__doc__, called.__annotations__ = entry.help, {}  # xlwings would take annotations for converters
    called.__dict__["__signature__"] = Signature(parameters)
    decorated: Any = called
    for parameter, (_, meaning) in zip(parameters, entry.arguments, strict=True):
        decorated = arg(str(parameter), doc=meaning, ndim=2, err_to_str=True)(decorated)
    return func(category=CATEGORY)(decorated)


def _parameters(entry: Entry) -> list[Parameter]:
    names = [name for name, _ in entry.arguments]
    parameters = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    return [*parameters[:-1], Parameter(names[-1], Parameter.VAR_POSITIONAL)] if entry.repeats else parameters


UDFS: dict[str, Udf] = {name: _udf(entry) for name, entry in entries().items()}
globals().update(UDFS)
__all__ = list(UDFS)  # pyright: ignore[reportUnsupportedDunderAll]
