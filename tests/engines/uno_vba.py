"""What runs in the Python that LibreOffice knows: modules of VBA put into an empty workbook, and functions called."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from uno_desktop import desktop_of, option

ALWAYS = 4
"""Macros run without a question."""


def main(job):
    with desktop_of(job["soffice"], job["pipe"]) as desktop:
        hidden, macros = option("Hidden", True), option("MacroExecutionMode", ALWAYS)
        document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden, macros))
        document.BasicLibraries.VBACompatibilityMode = True
        library = document.BasicLibraries.createLibrary("Vba")
        for name, source in job["modules"].items():
            library.insertByName(name, source)
        scripts = document.getScriptProvider()
        where = "vnd.sun.star.script:Vba.{}?language=Basic&location=document"
        found = {name: scripts.getScript(where.format(name)).invoke((), (), ())[0] for name in job["calls"]}
        Path(job["result"]).write_text(json.dumps(found), "utf-8")
        document.close(True)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
