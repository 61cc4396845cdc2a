"""Forms: the files that bring the functions into a spreadsheet, made from the list of entries and `templates/udf`.

Classic xlwings takes a module of VBA, xlwings Lite a `main.py` with its requirements, LibreOffice an extension.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from xl_econ.core.shipped import PACKAGE, shipped
from xl_econ.functions.cells import Entry, entries
from xl_econ.version import VERSION

VBA, EXTENSION, MAIN, REQUIREMENTS = "xl_econ.bas", "xl_econ.oxt", "main.py", "requirements.txt"
COMPONENT, TYPES, ADD_INS = "xl_econ_addin.py", "xl_econ.idl", "CalcAddIns.xcu"
VBA_ENCODING = "cp1252"
IDENTIFIER = "org.xlecon.Functions"
TAKEN_ALONG = (".py", ".toml")
THE_SAME_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The date of every file in an extension, so that the same functions give the same bytes."""


def _template(name: str) -> str:
    return (shipped("udf") / name).read_text("utf-8")


# --- xlwings ---


def lite_main() -> bytes:
    """The module that xlwings Lite and Server read."""
    return _template(MAIN).encode()


def lite_requirements() -> bytes:
    """What xlwings Lite has to install."""
    return _template(REQUIREMENTS).replace("{version}", VERSION).encode()


def vba() -> bytes:
    """The functions as VBA that asks classic xlwings, and their help for the function wizard."""
    text = _template(VBA).replace("{version}", VERSION)
    for mark, lines in (("{registrations}", _registrations()), ("{functions}", _vba_functions())):
        text = text.replace(mark, "\n".join(lines))
    return text.replace("\n", "\r\n").encode(VBA_ENCODING, "replace")


def _vba_functions() -> Iterator[str]:
    for entry in entries().values():
        names = [name for name, _ in entry.arguments]
        told = f"Listed({', '.join(names)})" if entry.repeats else f"Array({', '.join(names)})"
        if entry.repeats:
            names[-1] = f"ParamArray {names[-1]}()"
        yield f"Public Function {entry.name}({', '.join(f'{name} As Variant' for name in names)}) As Variant"
        yield f'    {entry.name} = Asked("{entry.name}", {told})'
        yield "End Function\n"


def _registrations() -> Iterator[str]:
    """Each in several lines: VBA takes no more than 1,023 characters in one."""
    yield "    Dim helps() As String"
    for entry in entries().values():
        yield f"    ReDim helps(0 To {len(entry.arguments) - 1})"
        for place, (_, help) in enumerate(entry.arguments):
            yield f"    helps({place}) = {_vba_text(help)}"
        yield f"    Application.MacroOptions Macro:={_vba_text(entry.name)}, Description:={_vba_text(entry.help)}, _"
        yield '        Category:="xl_econ", ArgumentDescriptions:=helps'


def _vba_text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


# --- LibreOffice ---


def extension() -> bytes:
    """The functions as an add-in of LibreOffice Calc, with this package in it."""
    made: dict[str, Callable[[], str]] = {
        "META-INF/manifest.xml": _manifest,
        "description.xml": _description,
        TYPES: _types,
        ADD_INS: _add_ins,
        COMPONENT: lambda: _template(COMPONENT),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, write in made.items():
            archive.writestr(zipfile.ZipInfo(name, THE_SAME_ALWAYS), write(), zipfile.ZIP_DEFLATED)
        for path in _package_files():
            name = f"pythonpath/xl_econ/{path.relative_to(PACKAGE).as_posix()}"
            archive.writestr(zipfile.ZipInfo(name, THE_SAME_ALWAYS), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _package_files() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in TAKEN_ALONG and path.is_file() and "__pycache__" not in path.parts:
            yield path


def _manifest() -> str:
    kinds: Mapping[str, str] = {
        TYPES: "application/vnd.sun.star.uno-typelibrary;type=RDB",
        COMPONENT: "application/vnd.sun.star.uno-component;type=Python",
        ADD_INS: "application/vnd.sun.star.configuration-data",
    }
    entries = "".join(_xml("file-entry", {"full-path": path, "media-type": kind}) for path, kind in kinds.items())
    space = "http://openoffice.org/2001/manifest"
    return f'<manifest xmlns="{space}">{entries}</manifest>'


def _description() -> str:
    space = "http://openoffice.org/extensions/description/2006"
    name = '<display-name><name lang="en">xl_econ: what serving an LLM costs</name></display-name>'
    told = _xml("identifier", {"value": IDENTIFIER}) + _xml("version", {"value": VERSION}) + name
    return f'<description xmlns="{space}">{told}</description>'


def _types() -> str:
    """The add-in's interface in UNO's own language, which LibreOffice reads as it is."""
    methods = "".join(
        f"sequence< sequence<any> > {entry.name}({_parameters(entry)});\n" for entry in entries().values()
    )
    interface = f"interface XFunctions : com::sun::star::uno::XInterface {{\n{methods}}};\n"
    return f"module org {{ module xlecon {{\n{interface}}}; }};\n"


def _parameters(entry: Entry) -> str:
    last = len(entry.arguments) - 1
    kinds = ["sequence<any>" if entry.repeats and place == last else "any" for place in range(last + 1)]
    return ", ".join(f"[in] {kind} {_camel(name)}" for kind, (name, _) in zip(kinds, entry.arguments, strict=True))


def _camel(name: str) -> str:
    """A name of UNO: letters and digits only."""
    first, *others = name.split("_")
    return first + "".join(map(str.title, others))


def _add_ins() -> str:
    """Names and help, for the function wizard."""
    functions = "".join(
        _node(
            entry.name,
            _property("DisplayName", entry.name)
            + _property("CompatibilityName", entry.name)
            + _property("Description", entry.help)
            + _property("Category", "Add-In", {})
            + _node(
                "Parameters", "".join(_node(_camel(name), _described(name, help)) for name, help in entry.arguments)
            ),
        )
        for entry in entries().values()
    )
    spaces = 'xmlns:oor="http://openoffice.org/2001/registry" oor:package="org.openoffice.Office" oor:name="CalcAddIns"'
    inner = _node("AddInInfo", _node(IDENTIFIER, _node("AddInFunctions", functions)))
    return f"<oor:component-data {spaces}>{inner}</oor:component-data>"


def _described(name: str, help: str) -> str:
    return _property("DisplayName", name) + _property("Description", help)


def _node(name: str, inner: str) -> str:
    operation = ' oor:op="replace"' if name not in ("AddInInfo", "AddInFunctions", "Parameters") else ""
    return f'<node oor:name="{name}"{operation}>{inner}</node>'


def _property(name: str, value: str, language: Mapping[str, str] | None = None) -> str:
    told = {"xml:lang": "en"} if language is None else language
    attributes = "".join(f" {key}={quoteattr(text)}" for key, text in told.items())
    return (
        f'<prop oor:name="{name}"><value{attributes}>{value.replace("&", "&amp;").replace("<", "&lt;")}</value></prop>'
    )


def _xml(tag: str, attributes: Mapping[str, str]) -> str:
    return f"<{tag}{''.join(f' {key}={quoteattr(value)}' for key, value in attributes.items())}/>"
