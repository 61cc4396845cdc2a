"""Independent spreadsheet engines: a test recalculates a workbook without trusting its cached values.

Four engines read the .xlsx file and compute every formula again:

* IronCalc (`IroncalcBook`), CellRune (`CellruneBook`) and Formulon (`FormulonBook`) run in this process.
  Load a workbook once, then `set` inputs, `recalculate`, and read `values` as often as needed.
* LibreOffice runs headless as a child process. One start converts many files (`recalculate_libreoffice`)
  or plays many sets of inputs on one workbook (`libreoffice_scenarios`).

All of them name cells as `(sheet name, "D12")`, and give numbers as floats and errors as texts ("#DIV/0!").
Two auditors look for other faults: `audit_openxml` (a file Excel would repair) and `audit_spreadsheet`.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

import cellrune
import formulon
import ironcalc
import openpyxl
from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token
from openpyxl.utils.cell import coordinate_to_tuple, get_column_letter
from openpyxl.workbook import Workbook
from openxml_audit import FileFormat, OpenXmlValidator

Value = float | str | bool | None
Cell = tuple[str, str]
"""A sheet name and an A1 address without dollar signs."""
Edits = Mapping[Cell, Value]
"""Inputs to set before a recalculation."""
PathLike = str | os.PathLike[str]


# --- Reading a workbook as a file, without any engine ---


def _open(path: PathLike, *, data_only: bool) -> Workbook:
    """Open with openpyxl, silent about the extensions (data bars and the like) that it cannot keep."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return openpyxl.load_workbook(path, data_only=data_only)


def _plain(value: Any) -> Value:
    """A cell value as float, text, bool or None."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value if value is None or isinstance(value, bool | str) else str(value)


def _formulas(path: PathLike) -> dict[Cell, str]:
    """The text of every formula, also of array formulas."""
    book = _open(path, data_only=False)
    cells = (cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row)
    found = ((cell, getattr(cell.value, "text", cell.value)) for cell in cells if cell.data_type == "f")
    return {(cell.parent.title, cell.coordinate): str(text) for cell, text in found}


def formula_cells(path: PathLike) -> dict[Cell, tuple[str, Value]]:
    """Each formula cell with its formula and the value cached in the file (None when the cache is empty)."""
    cached = _open(path, data_only=True)
    formulas = _formulas(path).items()
    return {(sheet, at): (formula, _plain(cached[sheet][at].value)) for (sheet, at), formula in formulas}


def same_value(left: Value, right: Value, rel_tol: float = 1e-12, abs_tol: float = 1e-12) -> bool:
    """Whether two engines agree: numbers within the tolerance, TRUE as 1, an empty cell as an empty text."""
    if left in (None, "") or right in (None, ""):
        return left in (None, "") and right in (None, "")
    if isinstance(left, str) or isinstance(right, str):
        return left == right
    assert left is not None and right is not None
    return math.isclose(left, right, rel_tol=rel_tol, abs_tol=abs_tol)


# --- Engines in this process ---


class Book(Protocol):
    """A loaded workbook whose inputs can be changed and whose formulas can be computed again."""

    def set(self, sheet: str, cell: str, value: Value) -> None: ...

    def recalculate(self) -> None: ...

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]: ...


class IroncalcBook:
    """A workbook in IronCalc. See `ironcalc_misreads` for a fault of its reader."""

    def __init__(self, path: PathLike) -> None:
        self._model = ironcalc.load_from_xlsx(str(path))
        self._sheets = {str(sheet.get("name")): i for i, sheet in enumerate(self._model.get_worksheets_properties())}

    def set(self, sheet: str, cell: str, value: Value) -> None:
        """Replace the content of one cell; None empties it."""
        at = (self._sheets[sheet], *coordinate_to_tuple(cell))
        if value is None:
            self._model.clear_cell_contents(*at)
        elif isinstance(value, bool):
            self._model.update_cell_with_bool(*at, value)
        elif isinstance(value, str):
            self._model.update_cell_with_text(*at, value)
        else:
            self._model.update_cell_with_number(*at, float(value))

    def recalculate(self) -> None:
        """Compute every formula."""
        self._model.evaluate()

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]:
        """The current values of these cells."""
        read, sheets = self._model.get_cell_value, self._sheets
        return {(sheet, at): _plain(read(sheets[sheet], *coordinate_to_tuple(at))) for sheet, at in cells}

    def formula(self, sheet: str, cell: str) -> str | None:
        """The formula as IronCalc understood it."""
        return self._model.get_cell_formula(self._sheets[sheet], *coordinate_to_tuple(cell))


class CellruneBook:
    """A workbook in CellRune."""

    def __init__(self, path: PathLike) -> None:
        self._book = cellrune.Workbook.open_path(path)

    def set(self, sheet: str, cell: str, value: Value) -> None:
        """Replace the content of one cell; None empties it."""
        if value is None:
            self._book.set_blank(sheet, cell)
        elif isinstance(value, bool):
            self._book.set_logical(sheet, cell, value)
        elif isinstance(value, str):
            self._book.set_text(sheet, cell, value)
        else:
            self._book.set_number(sheet, cell, float(value))

    def recalculate(self) -> None:
        """Compute every formula."""
        self._book.calculate()

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]:
        """The current values of these cells, read as one rectangle for each sheet."""
        found: dict[Cell, Value] = {}
        for sheet, box in _boxes(cells).items():
            rows = self._book.read_values(sheet, *box.corners)
            found |= {(sheet, at): _from_cellrune(rows[r][c]) for at, (r, c) in box.offsets.items()}
        return found


def _from_cellrune(value: Mapping[str, Any]) -> Value:
    """A CellRune value; what it cannot compute is reported as an error text with the reason."""
    if value["kind"] in ("unavailable", "unsupported"):
        return f"#UNAVAILABLE! {value.get('code')}: {value.get('detail') or value.get('message')}"
    return _plain(value.get("value"))


class FormulonBook:
    """A workbook in Formulon. The first use in a process compiles the engine, which takes seconds."""

    def __init__(self, path: PathLike) -> None:
        self._book = formulon.Workbook.load(Path(path).read_bytes())
        self._sheets = {self._book.sheet_name(i): i for i in range(self._book.sheet_count())}

    def _at(self, sheet: str, cell: str) -> tuple[int, int, int]:
        row, column = coordinate_to_tuple(cell)
        return self._sheets[sheet], row - 1, column - 1

    def set(self, sheet: str, cell: str, value: Value) -> None:
        """Replace the content of one cell; None empties it."""
        if value is None:
            self._book.set_blank(*self._at(sheet, cell))
        elif isinstance(value, bool):
            self._book.set_bool(*self._at(sheet, cell), value)
        elif isinstance(value, str):
            self._book.set_text(*self._at(sheet, cell), value)
        else:
            self._book.set_number(*self._at(sheet, cell), float(value))

    def recalculate(self) -> None:
        """Compute every formula."""
        self._book.recalc()

    def values(self, cells: Iterable[Cell]) -> dict[Cell, Value]:
        """The current values of these cells; this is slow (about 0.1 ms each), so ask for the needed ones."""
        return {cell: self._value(*self._at(*cell)) for cell in cells}

    def _value(self, sheet: int, row: int, column: int) -> Value:
        value = self._book.get_value(sheet, row, column)
        if value.kind is formulon.ValueKind.ERROR:
            return self._book.get_display_text(sheet, row, column)[0]
        return _plain(value.to_python())


def _recalculated(book: Book, path: PathLike) -> dict[Cell, Value]:
    book.recalculate()
    return book.values(_formulas(path))


def recalculate_ironcalc(path: PathLike) -> dict[Cell, Value]:
    """The value of each formula cell, computed by IronCalc."""
    return _recalculated(IroncalcBook(path), path)


def recalculate_cellrune(path: PathLike) -> dict[Cell, Value]:
    """The value of each formula cell, computed by CellRune."""
    return _recalculated(CellruneBook(path), path)


def recalculate_formulon(path: PathLike) -> dict[Cell, Value]:
    """The value of each formula cell, computed by Formulon."""
    return _recalculated(FormulonBook(path), path)


@dataclass(frozen=True)
class _Box:
    """The smallest rectangle around some cells of a sheet, and where each of them lies in it."""

    corners: tuple[str, str]
    offsets: dict[str, tuple[int, int]]


def _boxes(cells: Iterable[Cell]) -> dict[str, _Box]:
    """The rectangle to read on each sheet."""
    places: dict[str, dict[str, tuple[int, int]]] = {}
    for sheet, at in cells:
        places.setdefault(sheet, {})[at] = coordinate_to_tuple(at)
    return {sheet: _box(found) for sheet, found in places.items()}


def _box(places: Mapping[str, tuple[int, int]]) -> _Box:
    rows, columns = [r for r, _ in places.values()], [c for _, c in places.values()]
    top, left = min(rows), min(columns)
    corners = (f"{get_column_letter(left)}{top}", f"{get_column_letter(max(columns))}{max(rows)}")
    return _Box(corners, {at: (row - top, column - left) for at, (row, column) in places.items()})


# --- A guard for IronCalc: formulas that its reader changes ---

_BINDING = {"=": 1, "<>": 1, "<": 1, ">": 1, "<=": 1, ">=": 1, "&": 2, "+": 3, "-": 3, "*": 4, "/": 4, "^": 5}
_SIGN = 6
"""In a spreadsheet a sign binds tighter than a power: -2^2 is 4."""


def ironcalc_misreads(path: PathLike) -> dict[Cell, tuple[str, str]]:
    """The formulas that IronCalc 0.9.1 groups otherwise than written, each with what it read instead.

    Its xlsx reader computes another formula than the file has in two cases:

    * It drops parentheses after a sign, around comparisons and `&`, and before `%`: `-(A1^2*B1)` becomes
      `-A1^2*B1`, `2/-(A1*B1)` becomes `2/-A1*B1`, and `"x"&(A1>B1)` becomes `("x"&A1)>B1`. Write `0-(...)` or
      `-1*(...)`, and join a text chosen by IF.
    * It takes one cell (`@`) of a range given to a function of one value within SUMPRODUCT, like
      `SUMPRODUCT(LN(A1:A9))`. Compute the function in cells of its own.

    Changes without effect on the value, like `-(A1*B1)` to `-A1*B1` or `a+(b+c)` to `a+b+c`, are listed too.
    """
    book = IroncalcBook(path)
    read = {cell: (text, book.formula(*cell) or "") for cell, text in _formulas(path).items()}
    return {cell: texts for cell, texts in read.items() if not _same_grouping(*texts)}


def _same_grouping(written: str, read: str) -> bool:
    return all(_same_part(*pair) for pair in zip_longest(_grouped(written), _grouped(read), fillvalue=""))


def _same_part(written: str, read: str) -> bool:
    """Equal, or one number written in two ways, or a reference to a table and its range."""
    if _is_number(written) and _is_number(read):
        return float(written) == float(read)
    return written == read or ("[" in written and "$" in read)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[0-9.]+(E[+-]?[0-9]+)?", text) is not None


def _grouped(formula: str) -> list[str]:
    """The formula in prefix form (operator, then operands), which shows how its parts belong together."""
    tokens = [token for token in Tokenizer(formula).items if token.value.strip()]
    return _term(tokens[::-1], 0)


def _term(tokens: list[Token], binding: int) -> list[str]:
    """One expression off the end of the reversed tokens, up to an operator that binds looser."""
    left = _operand(tokens)
    while tokens and tokens[-1].type in (Token.OP_IN, Token.OP_POST):
        if tokens[-1].type == Token.OP_POST:
            left = [tokens.pop().value, *left]
            continue
        strength = _BINDING.get(tokens[-1].value, _SIGN + 1)
        if strength <= binding:
            break
        left = [tokens.pop().value, *left, *_term(tokens, strength)]
    return left


def _operand(tokens: list[Token]) -> list[str]:
    """A sign and its operand, a parenthesis, a function with its arguments, or a constant or reference."""
    token = tokens.pop()
    if token.type == Token.OP_PRE:
        sign = ["sign"] if token.value == "-" else []
        return sign + _term(tokens, _SIGN)
    if token.subtype != Token.OPEN:
        return [token.value.upper().replace("'", "")]
    parts = [] if token.type == Token.PAREN else [token.value.upper().lstrip("@").removeprefix("_XLFN.")]
    while tokens[-1].subtype != Token.CLOSE:
        parts += [tokens.pop().value] if tokens[-1].type == Token.SEP else _term(tokens, 0)
    close = tokens.pop()
    return parts if close.type == Token.PAREN else [*parts, close.value]


# --- LibreOffice ---

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
HAVE_LIBREOFFICE = SOFFICE is not None
NO_LIBREOFFICE = "LibreOffice (soffice) is not installed: its recalculation is NOT tested"
NO_UNO = "no Python can import uno (package python3-uno): edits in LibreOffice are NOT tested"

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
</oor:items>
"""
"""Recalculate an Excel file whenever it is loaded (the default keeps cached values); never run macros."""


def recalculate_libreoffice(paths: Sequence[PathLike], out_dir: PathLike, timeout: float | None = None) -> list[Path]:
    """Recalculate workbooks in one LibreOffice process and save them in `out_dir` under their own names.

    LibreOffice writes numbers with 15 significant digits and all but a few errors as #VALUE!.
    """
    sources, target = [Path(path).resolve() for path in paths], Path(out_dir).resolve()
    results = [target / source.with_suffix(".xlsx").name for source in sources]
    if len(set(results)) < len(results) or set(results) & set(sources):
        raise ValueError("the workbooks need different names, and a folder of their own for the results")
    target.mkdir(parents=True, exist_ok=True)
    for result in results:
        result.unlink(missing_ok=True)
    log = _convert(sources, target, timeout or 60 + 10 * len(sources))
    missing = [result.name for result in results if not result.exists()]
    if missing:
        raise RuntimeError(f"LibreOffice did not write {missing}:\n{log}")
    return results


def _convert(sources: list[Path], target: Path, timeout: float) -> str:
    with tempfile.TemporaryDirectory(prefix="soffice-", ignore_cleanup_errors=True) as work:
        command = [*_soffice(Path(work)), "--convert-to", "xlsx", "--outdir", str(target), *map(str, sources)]
        return _run(command, timeout)


def libreoffice_values(path: PathLike) -> dict[Cell, Value]:
    """The values that LibreOffice computed and saved: those of each formula cell, an empty text as ""."""
    return {cell: "" if value is None else value for cell, (_, value) in formula_cells(path).items()}


def edit_in_libreoffice(path: PathLike, out: PathLike, edits: Edits, timeout: float = 120) -> Path:
    """Set input cells in LibreOffice, recalculate everything, and save the workbook as `out`."""
    _play(path, [edits], [], timeout, out=Path(out).resolve())
    return Path(out)


def libreoffice_scenarios(
    path: PathLike, scenarios: Sequence[Edits], cells: Iterable[Cell], timeout: float = 300
) -> list[dict[Cell, Value]]:
    """For each set of inputs, the recalculated values of `cells` at full precision, from one loaded workbook.

    Each scenario starts from the inputs in the file. LibreOffice has no type for TRUE and FALSE: they are 1.0
    and 0.0 here.
    """
    return _play(path, scenarios, list(cells), timeout)


def _play(
    path: PathLike, scenarios: Sequence[Edits], cells: list[Cell], timeout: float, out: Path | None = None
) -> list[dict[Cell, Value]]:
    """Have the script below play the scenarios in a LibreOffice of its own."""
    boxes = _boxes(cells)
    order = [(sheet, at) for sheet, box in boxes.items() for at in box.offsets]
    with tempfile.TemporaryDirectory(prefix="soffice-", ignore_cleanup_errors=True) as work:
        result = Path(work, "result.json")
        pipe = f"parity{uuid.uuid4().hex}"
        job = {
            "soffice": [*_soffice(Path(work)), "--nodefault", f"--accept=pipe,name={pipe};urp;"],
            "pipe": pipe,
            "path": str(Path(path).resolve()),
            "out": out and str(out),
            "result": str(result),
            "scenarios": [[[*cell, value] for cell, value in edits.items()] for edits in scenarios],
            "reads": [[sheet, ":".join(b.corners), list(b.offsets.values())] for sheet, b in boxes.items()],
        }
        _run_script(job, Path(work), timeout)
        return [dict(zip(order, values, strict=True)) for values in json.loads(result.read_text("utf-8"))]


def _run_script(job: Mapping[str, Any], work: Path, timeout: float) -> None:
    python = uno_python()
    if python is None:
        raise RuntimeError(NO_UNO)
    (work / "job.json").write_text(json.dumps(job), "utf-8")
    (work / "play.py").write_text(_UNO_SCRIPT, "utf-8")
    log = _run([python, str(work / "play.py"), str(work / "job.json")], timeout)
    if not Path(job["result"]).exists():
        raise RuntimeError(f"LibreOffice did not play the edits:\n{log}")


@functools.cache
def uno_python() -> str | None:
    """A Python that can `import uno`: that of the system or the one beside soffice."""
    if SOFFICE is None:
        return None
    beside = [str(Path(SOFFICE).resolve().with_name(name)) for name in ("python", "python.exe")]
    for python in [sys.executable, shutil.which("python3", path=os.defpath), *beside]:
        if python and shutil.which(python) and _succeeds([python, "-c", "import uno"]):
            return python
    return None


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0


def _soffice(work: Path) -> list[str]:
    """The start of a command line for a LibreOffice with a fresh profile that always recalculates."""
    if SOFFICE is None:
        raise RuntimeError(NO_LIBREOFFICE)
    user = work / "profile" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(_PROFILE, "utf-8")
    profile = f"-env:UserInstallation={(work / 'profile').as_uri()}"
    return [SOFFICE, profile, "--headless", "--norestore", "--nologo", "--nofirststartwizard"]


def _run(command: list[str], timeout: float) -> str:
    """Run a command in a process group of its own, which is killed as a whole when time is up."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        return process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired as late:
        raise TimeoutError(f"{Path(command[0]).name} took longer than {timeout} s") from late
    finally:
        _end_group(process)


def _end_group(process: subprocess.Popen[str]) -> None:
    """Kill what is left of a process and its children; soffice is a wrapper around the real process."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()


_UNO_SCRIPT = """
import contextlib
import json
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue


def option(name, value):
    chosen = PropertyValue()
    chosen.Name, chosen.Value = name, value
    return chosen


def connect(pipe, office):
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


def content(cell):
    kind = cell.getType().value
    if kind == "FORMULA":
        raise ValueError(f"{cell.AbsoluteName} is a formula, not an input")
    return {"EMPTY": None, "VALUE": cell.getValue(), "TEXT": cell.getString()}[kind]


def put(cell, value):
    if value is None:
        cell.setFormula("")
    elif isinstance(value, str):
        cell.setString(value)
    else:
        cell.setValue(float(value))


def read(sheet, corners, offsets):
    box = sheet.getCellRangeByName(corners)
    rows = box.getDataArray()
    for row, column in offsets:
        value = rows[row][column]
        if not isinstance(value, (float, str)) or value == "":
            cell = box.getCellByPosition(column, row)
            value = error(cell) if cell.getError() else cell.getString()
        yield value


def error(cell):
    text = cell.getString()
    return text if text.startswith("#") else "#VALUE!"


def play(document, edits, reads):
    sheets = document.getSheets()
    cells = [(sheets.getByName(sheet).getCellRangeByName(at), value) for sheet, at, value in edits]
    before = [content(cell.getCellByPosition(0, 0)) for cell, _ in cells]
    for cell, value in cells:
        put(cell.getCellByPosition(0, 0), value)
    document.calculateAll()
    found = [value for sheet, *where in reads for value in read(sheets.getByName(sheet), *where)]
    return found, [(cell, value) for (cell, _), value in zip(cells, before)]


def main(job):
    office = subprocess.Popen(job["soffice"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    desktop = connect(job["pipe"], office)
    url = uno.systemPathToFileUrl
    document = desktop.loadComponentFromURL(url(job["path"]), "_blank", 0, (option("Hidden", True),))
    results = []
    for edits in job["scenarios"]:
        found, before = play(document, edits, job["reads"])
        results.append(found)
        if job["out"]:
            document.storeToURL(url(job["out"]), (option("FilterName", "Calc MS Excel 2007 XML"),))
        for cell, value in before:
            put(cell.getCellByPosition(0, 0), value)
    document.close(True)
    with open(job["result"], "w", encoding="utf-8") as file:
        json.dump(results, file)
    with contextlib.suppress(Exception):
        desktop.terminate()
    office.wait(30)


with open(sys.argv[1], encoding="utf-8") as file:
    main(json.load(file))
"""


# --- Auditors ---


@dataclass(frozen=True)
class Finding:
    """One remark of the spreadsheet auditor. `location` is like `Sheet!A1`; `severity` is Critical to Low."""

    severity: str
    rule: str
    location: str
    message: str


def audit_openxml(path: PathLike) -> list[str]:
    """What the Open XML schema and semantic checks object to; a file without remarks opens without repair."""
    validator = OpenXmlValidator(file_format=FileFormat.MICROSOFT_365, max_errors=0)
    result = validator.validate(str(path))
    return [f"{error.severity.value}: {error}" for error in result.errors]


def audit_spreadsheet(path: PathLike, recalculate: bool = HAVE_LIBREOFFICE, timeout: float = 300) -> list[Finding]:
    """The findings of spreadsheet-auditor (formula drift, hard-coded numbers, range faults, live errors...).

    Without recalculation by LibreOffice it judges totals by the cached values, so these must be right.
    """
    config = {
        "limits": {
            "max_reported_findings": 1_000_000,
            "max_formulas": 1_000_000,
            "timeout_seconds": int(timeout),
        },
        "recalc": {"enabled": recalculate, "timeout_seconds": int(timeout)},
    }
    with tempfile.TemporaryDirectory(prefix="audit-") as work:
        settings, report = Path(work, "config.json"), Path(work, "report.json")
        settings.write_text(json.dumps(config), "utf-8")
        command = [sys.executable, "-m", "spreadsheet_auditor", str(path), "--fail-on", "None", "--quiet"]
        log = _run([*command, "--config", str(settings), "--json", str(report)], timeout)
        if not report.exists():
            raise RuntimeError(f"spreadsheet-auditor failed:\n{log}")
        return _findings(json.loads(report.read_text("utf-8")))


def _findings(report: Mapping[str, Any]) -> list[Finding]:
    coverage = report["coverage"]
    if not coverage["complete"] or coverage["recalculation"]["status"] == "failed":
        raise RuntimeError(f"spreadsheet-auditor did not check everything: {coverage}")
    return [
        Finding(e["severity"], e["rule_id"], e["location"], "; ".join([e["title"], *e["evidence"]]))
        for e in report["findings"]
    ]
