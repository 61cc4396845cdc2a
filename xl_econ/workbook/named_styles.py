"""Named cell styles: XlsxWriter writes anonymous formats only, so the roles are named afterwards.

Each role's first format becomes a style of the workbook (`cellStyleXfs`, `cellStyles`), and every
format of the role refers to it, so that a firm restyles all inputs by changing one style in Excel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

FORMATS = re.compile(rb"(<cellXfs count=\"\d+\">)(.*?)(</cellXfs>)", re.DOTALL)
FORMAT = re.compile(rb"<xf [^>]*?/>|<xf .*?</xf>", re.DOTALL)
PARENT = re.compile(rb' xfId="\d+"')


def with_named_styles(styles: bytes, named: Mapping[int, str]) -> bytes:
    """The styles' part with a named style for each role; `named` maps a format's index to the style's name."""
    found = FORMATS.search(styles)
    assert found, "styles.xml has no cell formats"
    formats = FORMAT.findall(found[2])
    names = sorted(set(named.values()))
    parents = {name: formats[min(i for i, each in named.items() if each == name)] for name in names}
    formats = [_of_parent(xf, names, named.get(index)) for index, xf in enumerate(formats)]
    body = found[1] + b"".join(formats) + found[3]
    styles = styles[: found.start()] + body + styles[found.end() :]
    return _with_parents(styles, [parents[name] for name in names], names)


def _of_parent(xf: bytes, names: list[str], name: str | None) -> bytes:
    place = names.index(name) + 1 if name else 0
    return PARENT.sub(b' xfId="%d"' % place, xf, count=1)


def _with_parents(styles: bytes, parents: list[bytes], names: list[str]) -> bytes:
    plain = [PARENT.sub(b"", parent, count=1) for parent in parents]
    styles = re.sub(
        rb"<cellStyleXfs count=\"1\">(.*?)</cellStyleXfs>",
        lambda m: b'<cellStyleXfs count="%d">' % (len(plain) + 1) + m[1] + b"".join(plain) + b"</cellStyleXfs>",
        styles,
    )
    named = b"".join(b'<cellStyle name="%s" xfId="%d"/>' % (n.encode(), i) for i, n in enumerate(names, start=1))
    return re.sub(
        rb"<cellStyles count=\"1\">(.*?)</cellStyles>",
        lambda m: b'<cellStyles count="%d">' % (len(names) + 1) + m[1] + named + b"</cellStyles>",
        styles,
    )
