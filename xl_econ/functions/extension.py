"""Extension: the functions as an add-in of LibreOffice Calc, made from the list of entries.

LibreOffice asks for an interface with a method for each function, in UNO's own language, which it reads as it is; for
a component that has the methods, in Python; and for names and help. This package comes along in the extension.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from xl_econ.core.shipped import PACKAGE, shipped
from xl_econ.functions.cells import Entry, entries
from xl_econ.functions.forms import template_of
from xl_econ.version import VERSION

EXTENSION = "xl_econ.oxt"
COMPONENT, TYPES, ADD_INS = "xl_econ_addin.py", "xl_econ.idl", "CalcAddIns.xcu"
IDENTIFIER = "org.xlecon.Functions"
TAKEN_ALONG, LEFT_OUT = (".py", ".toml"), {"__pycache__", "templates"}
LICENSE = "LICENSE"
THE_SAME_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The date of every file in an extension, so that the same functions give the same bytes."""


def extension() -> bytes:
    """The extension as a file, an .oxt."""
    made: Mapping[str, Callable[[], str | bytes]] = {
        "META-INF/manifest.xml": _manifest,
        "description.xml": _description,
        TYPES: _types,
        ADD_INS: _add_ins,
        COMPONENT: lambda: template_of(COMPONENT),
    }
    along = {f"pythonpath/xl_econ/{path.relative_to(PACKAGE).as_posix()}": path.read_bytes for path in _package_files()}
    along[LICENSE] = shipped(LICENSE).read_bytes
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, write in {**made, **along}.items():
            archive.writestr(zipfile.ZipInfo(name, THE_SAME_ALWAYS), write(), zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _package_files() -> Iterator[Path]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in TAKEN_ALONG and LEFT_OUT.isdisjoint(path.relative_to(PACKAGE).parts):
            yield path


# --- the interface ---


def _types() -> str:
    """Rows of cells come back from each; what comes in is a cell or rows of cells."""
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


# --- names and help ---


def _manifest() -> bytes:
    kinds = {
        TYPES: "application/vnd.sun.star.uno-typelibrary;type=RDB",
        COMPONENT: "application/vnd.sun.star.uno-component;type=Python",
        ADD_INS: "application/vnd.sun.star.configuration-data",
    }
    files = [_element("file-entry", {"full-path": path, "media-type": kind}) for path, kind in kinds.items()]
    return tostring(_element("manifest", {"xmlns": "http://openoffice.org/2001/manifest"}, *files))


def _description() -> bytes:
    name = _element("name", {"lang": "en"}, text="xl_econ: what serving an LLM costs")
    told = (
        _element("identifier", {"value": IDENTIFIER}),
        _element("version", {"value": VERSION}),
        _element("display-name", {}, name),
    )
    return tostring(_element("description", {"xmlns": "http://openoffice.org/extensions/description/2006"}, *told))


def _add_ins() -> bytes:
    """For the function wizard."""
    functions = _node("AddInFunctions", *map(_function, entries().values()))
    spaces = {
        "xmlns:oor": "http://openoffice.org/2001/registry",
        "oor:package": "org.openoffice.Office",
        "oor:name": "CalcAddIns",
    }
    return tostring(_element("oor:component-data", spaces, _node("AddInInfo", _new(IDENTIFIER, functions))))


def _function(entry: Entry) -> Element:
    parameters = [_new(_camel(name), *_shown(name, help)) for name, help in entry.arguments]
    return _new(
        entry.name,
        *_shown(entry.name, entry.help),
        _property("CompatibilityName", entry.name),
        _property("Category", "Add-In", {}),
        _node("Parameters", *parameters),
    )


ENGLISH = {"xml:lang": "en"}


def _shown(name: str, help: str) -> tuple[Element, Element]:
    return _property("DisplayName", name), _property("Description", help)


def _node(name: str, *inner: Element) -> Element:
    return _element("node", {"oor:name": name}, *inner)


def _new(name: str, *inner: Element) -> Element:
    return _element("node", {"oor:name": name, "oor:op": "replace"}, *inner)


def _property(name: str, value: str, language: Mapping[str, str] = ENGLISH) -> Element:
    return _element("prop", {"oor:name": name}, _element("value", language, text=value))


def _element(tag: str, attributes: Mapping[str, str], *inner: Element, text: str | None = None) -> Element:
    made = Element(tag, dict(attributes))
    made.extend(inner)
    made.text = text
    return made
