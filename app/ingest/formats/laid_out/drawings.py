"""The words of drawings in office files: SmartArt and shapes, in DrawingML (ECMA-376, part 1, sections 20 and 21)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
"""The attribute of ``DIAGRAM`` that names the part with the words."""

_MOST = 5000


def words_in(data: bytes) -> Iterator[str]:
    """The paragraphs of a part with drawings, in the order of the file; none where it is damaged."""
    try:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return
    yield from words_of(root)


def words_of(root: Any) -> Iterator[str]:
    """The paragraphs below an element."""
    for number, paragraph in enumerate(root.iter(f"{A}p")):
        if number >= _MOST:
            return
        words = "".join(_piece(node) for node in paragraph.iter(f"{A}t", f"{A}br"))
        if words.strip():
            yield words


def _piece(node: Any) -> str:
    return "\n" if node.tag == f"{A}br" else node.text or ""
