"""What runs in the Python that LibreOffice knows: a LibreOffice of one's own, connected to and ended."""

from __future__ import annotations

import contextlib
import subprocess
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue

XLSX = "Calc MS Excel 2007 XML"


@contextlib.contextmanager
def desktop_of(command, pipe):
    """The desktop of a LibreOffice that is started by the command and listens on the pipe."""
    office = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    desktop = _connect(pipe, office)
    yield desktop
    with contextlib.suppress(Exception):
        desktop.terminate()
    office.wait(30)


def loaded(desktop, path):
    """A workbook, also one whose lock was left by a LibreOffice that ended in the middle."""
    here = Path(path)
    here.with_name(f".~lock.{here.name}#").unlink(missing_ok=True)
    return desktop.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, (option("Hidden", True),))


def stored(document, path):
    document.storeToURL(uno.systemPathToFileUrl(path), (option("FilterName", XLSX),))


def option(name, value):
    chosen = PropertyValue()
    chosen.Name, chosen.Value = name, value
    return chosen


def _connect(pipe, office):
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    while True:
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except Exception:
            if office.poll() is not None:
                raise
            time.sleep(0.05)
