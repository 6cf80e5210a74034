"""The numbers that a chart of an office file shows, as a table: they are stored beside it (ECMA-376, part 1, 21.2)."""

from __future__ import annotations

from typing import Any

from lxml import etree

from app.ingest.formats.laid_out.content import escaped

_MOST = 200
"""Series of a chart, and points of a series."""


def chart_html(data: bytes) -> str:
    """A table with the chart's title, categories and series; empty where there is nothing in it."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return ""
    rows = []
    for number, series in enumerate(list(root.iter("{*}ser"))[:_MOST]):
        names = _points(series, "cat") or _points(series, "xVal")
        values = _points(series, "val") or _points(series, "yVal")
        title = " ".join(_points(series, "tx").values())
        places = sorted({*names, *values})[:_MOST]
        if number == 0 or _points(series, "xVal"):
            heads = "".join(f"<td>{escaped(names.get(place, ''))}</td>" for place in places)
            rows.append(f"<tr><td></td>{heads}</tr>")
        cells = "".join(f"<td>{escaped(values.get(place, ''))}</td>" for place in places)
        rows.append(f"<tr><td>{escaped(title)}</td>{cells}</tr>")
    title_node = next(root.iter("{*}title"), None)
    words = "".join(node.text or "" for node in title_node.iter("{*}t")) if title_node is not None else ""
    if not rows and not words:
        return ""
    return f"<p>Chart{': ' + escaped(words) if words else ''}</p><table>{''.join(rows)}</table>"


def _points(series: Any, name: str) -> dict[int, str]:
    """The stored values of one side of a series, by their places."""
    side = series.find(f"{{*}}{name}")
    if side is None:
        return {}
    found: dict[int, str] = {}
    for point in side.iter("{*}pt"):
        place = point.get("idx") or ""
        value = point.find("{*}v")
        if place.isdecimal() and len(place) < 7 and value is not None and len(found) < _MOST:
            found[int(place)] = _number(value.text or "")
    if not found:
        direct = side.find("{*}v")
        return {0: direct.text or ""} if direct is not None else {}
    return found


def _number(text: str) -> str:
    """Without the last digits that only come from storing in base two."""
    try:
        return f"{float(text):.15g}"
    except ValueError:
        return text
