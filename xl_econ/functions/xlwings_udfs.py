"""xlwings UDFs: the functions as Python functions that xlwings puts into cells, `=TTFT_MS(…)`.

One module for classic xlwings (Windows), xlwings Lite (browser, macOS, Windows) and xlwings Server: each brings its own
`func` and `arg`, and where there is no Excel they change nothing, so that importing this is safe anywhere.
Ranges come as rows of cells, with errors by name, and go back so; Lite and Server show `#NUM!` as that error. Classic
xlwings cannot (https://github.com/xlwings/xlwings/issues/776): there, `templates/udf/xl_econ.bas` does it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from inspect import Parameter, Signature
from typing import Any

try:
    from xlwings import arg, func  # pyright: ignore[reportUnknownVariableType]
except ImportError as error:
    raise ImportError("UDFs need xlwings: pip install 'xl-econ[excel]'") from error

from xl_econ.functions.cells import Rows, in_cells
from xl_econ.functions.cells import why as why_in_cells
from xl_econ.functions.registry import FUNCTIONS, Argument, Function
from xl_econ.functions.tables import TABLES, Table

CATEGORY = "xl_econ"
Udf = Callable[..., Rows]


def udf(name: str, help: str, arguments: Iterable[tuple[Parameter, str]], work: Callable[..., Rows]) -> Udf:
    """A Python function with a name, a docstring and arguments of its own, as xlwings reads them."""
    told = list(arguments)

    def called(*cells: Any) -> Rows:
        return work(*cells)

    called.__name__ = called.__qualname__ = name
    called.__doc__, called.__annotations__ = help, {}  # xlwings would take annotations for converters
    called.__dict__["__signature__"] = Signature([parameter for parameter, _ in told])
    decorated: Any = called
    for parameter, meaning in told:
        decorated = arg(str(parameter), doc=meaning, ndim=2, err_to_str=True)(decorated)
    return func(category=CATEGORY)(decorated)


def _parameter(argument: Argument) -> tuple[Parameter, str]:
    return Parameter(argument.name, Parameter.POSITIONAL_OR_KEYWORD), argument.help


def _of_registry(entry: Function | Table) -> Udf:
    return udf(entry.name, entry.help, map(_parameter, entry.args), lambda *cells: in_cells(entry.name, *cells))


def _why(called: Rows, *arguments: Rows) -> Rows:
    return why_in_cells(str(called[0][0]), *arguments)


UDFS: dict[str, Udf] = {entry.name: _of_registry(entry) for entry in (*FUNCTIONS, *TABLES)}
UDFS["WHY"] = udf(
    "WHY",
    "Why a function shows an error: its message in words, for the same arguments.",
    (
        (Parameter("called", Parameter.POSITIONAL_OR_KEYWORD), 'The name of the function, in quotes: "TTFT_MS".'),
        (Parameter("arguments", Parameter.VAR_POSITIONAL), "The arguments as the function has them."),
    ),
    _why,
)
globals().update(UDFS)
__all__ = list(UDFS)  # pyright: ignore[reportUnsupportedDunderAll]
