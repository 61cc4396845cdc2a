"""The component of the LibreOffice extension: every function is `in_cells`, found by its name.

LibreOffice brings its own Python, which must be 3.11 or later. xl_econ comes along in the folder `pythonpath`; numpy
and pydantic must be there. This file itself is read by older ones, too, to say so.
"""

import struct
import sys

import uno
import unohelper

INTERFACE = "org.xlecon.XFunctions"
IMPLEMENTATION = "org.xlecon.Functions"
ERRORS = {"#VALUE!": 519, "#NUM!": 503}
"""The numbers that Calc has for them; it takes a number that is none for the error in its last half."""


def _cell(value):
    if value not in ERRORS:
        return value
    return struct.unpack("<d", struct.pack("<Q", 0x7FF8000000000000 | ERRORS[value]))[0]


class Functions(unohelper.Base):
    """An add-in of Calc: methods by name, rows of cells in and out."""

    def __init__(self, context):
        self.context = context

    def getTypes(self):  # noqa: N802
        """By name: while an extension is put in, its own types are not known everywhere yet."""
        return (uno.getTypeByName(INTERFACE), *super().getTypes())

    def __getattr__(self, name):
        if not name.isupper():
            raise AttributeError(name)
        return lambda *arguments: _called(name, arguments)

    def getServiceName(self):  # noqa: N802
        return IMPLEMENTATION


def _called(name, arguments):
    try:
        from xl_econ.functions.cells import entries
    except Exception as error:
        found = ".".join(map(str, sys.version_info[:3]))
        return ((f"xl_econ needs Python 3.11 with numpy and pydantic in LibreOffice; it has {found}: {error}",),)
    entry = entries()[name]
    told = (*arguments[:-1], *arguments[-1]) if entry.repeats else arguments
    return tuple(tuple(map(_cell, row)) for row in entry.work(*told))


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816
g_ImplementationHelper.addImplementation(Functions, IMPLEMENTATION, (IMPLEMENTATION, "com.sun.star.sheet.AddIn"))
