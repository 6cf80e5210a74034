"""What a workbook holds besides its cells: text boxes, diagrams, charts, pictures, and threaded comments."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from app.ingest.formats.laid_out.charts import chart_html
from app.ingest.formats.laid_out.content import escaped, picture
from app.ingest.formats.laid_out.drawings import words_in

_MAIN = "xl/workbook.xml"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_DRAWN = 200
"""The most parts with drawings, and the most comments of one cell, that are read."""

_MOST_PICTURES = 60


@dataclass(slots=True)
class Beside:
    """Of one sheet: HTML of what is drawn on it, and its threaded comments by the cell's address."""

    html: str = ""
    threads: dict[str, str] = field(default_factory=dict)
    undrawn: int = 0


def beside_cells(archive: zipfile.ZipFile) -> dict[str, Beside]:
    """What there is besides the cells, by the sheet's name; damaged parts are left out."""
    names = set(archive.namelist())
    book = _root(archive, names, _MAIN)
    if book is None:
        return {}
    parts = _related(archive, names, _MAIN)
    people = _people(archive, names, parts)
    found = {}
    for sheet in book.iter("{*}sheet"):
        _, part = parts.get(sheet.get(_ID) or "", ("", ""))
        if part in names:
            found[sheet.get("name") or ""] = _of_sheet(archive, names, part, people)
    return found


def _of_sheet(archive: zipfile.ZipFile, names: set[str], part: str, people: dict[str, str]) -> Beside:
    result = Beside()
    for kind, target in [*_related(archive, names, part).values()][:_MOST_DRAWN]:
        if kind == "drawing":
            result.html += "".join(_drawing(archive, names, target, result))
        elif kind == "threadedComment":
            result.threads |= _threads(_root(archive, names, target), people)
    return result


def _drawing(archive: zipfile.ZipFile, names: set[str], part: str, result: Beside) -> Iterator[str]:
    """Words of shapes, then charts, diagrams and pictures, in the order of the file."""
    if part in names:
        yield from (
            f"<p>{'<br/>'.join(map(escaped, words.splitlines()))}</p>" for words in words_in(archive.read(part))
        )
    pictures = 0
    for kind, target in [*_related(archive, names, part).values()][:_MOST_DRAWN]:
        if target not in names:
            continue
        if kind == "chart":
            yield chart_html(archive.read(target))
        elif kind == "diagramData":
            yield from (f"<p>{escaped(words)}</p>" for words in words_in(archive.read(target)))
        elif kind == "image" and pictures < _MOST_PICTURES:
            pictures += 1
            drawn = picture(archive.read(target), 500, 400)
            result.undrawn += not drawn
            yield f"<p>{drawn}</p>" if drawn else ""


def _threads(root: Any, people: dict[str, str]) -> dict[str, str]:
    """Comments with their replies, in order."""
    found: dict[str, list[str]] = {}
    for comment in root.iter("{*}threadedComment") if root is not None else ():
        words = "".join(node.text or "" for node in comment.iter("{*}text"))
        thread = found.setdefault(comment.get("ref") or "", [])
        if len(thread) < _MOST_DRAWN:
            author = people.get(comment.get("personId") or "", "")
            date = (comment.get("dT") or "")[:10]
            who = ", ".join(part for part in (author, date) if part)
            thread.append(f"{'reply' if thread else 'comment'}{f' by {who}' if who else ''}: {words}")
    return {cell: "; ".join(thread) for cell, thread in found.items()}


def _people(archive: zipfile.ZipFile, names: set[str], parts: dict[str, tuple[str, str]]) -> dict[str, str]:
    people: dict[str, str] = {}
    for kind, target in parts.values():
        root = _root(archive, names, target) if kind == "person" else None
        for person in root.iter("{*}person") if root is not None else ():
            people[person.get("id") or ""] = person.get("displayName") or ""
    return people


def _related(archive: zipfile.ZipFile, names: set[str], part: str) -> dict[str, tuple[str, str]]:
    """The kind and path of each part of the file that ``part`` refers to, by the relationship's id."""
    folder, name = posixpath.split(part)
    root = _root(archive, names, f"{folder}/_rels/{name}.rels")
    found = {}
    for one in root.iter("{*}Relationship") if root is not None else ():
        target = one.get("Target") or ""
        if one.get("TargetMode") != "External" and target:
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
            found[one.get("Id") or ""] = ((one.get("Type") or "").rpartition("/")[2], path)
    return found


def _root(archive: zipfile.ZipFile, names: set[str], part: str) -> Any:
    if part not in names:
        return None
    try:
        return etree.fromstring(archive.read(part), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
