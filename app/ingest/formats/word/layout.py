"""What is in a Word document: paragraphs with their numbers, tables, pictures, footnotes, comments, tracked changes.

The text reads as it is now: insertions are part of it, deletions are not, and both are told behind their paragraph.
Nothing that a document refers to outside of itself is opened, and no macro or field is run.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
from docx.oxml.ns import qn

from app.ingest.formats.laid_out.archive import check_archive, transitional
from app.ingest.formats.laid_out.charts import chart_html
from app.ingest.formats.laid_out.content import (
    CUT,
    MAX_CHARACTERS,
    PAGE_BREAK,
    Content,
    escaped,
    hidden_text,
    picture,
)
from app.ingest.formats.word.numbering import Numbering, numbering_of, whole
from model.errors import IngestError
from model.messages import msg

_DEEPEST = 20
_DAMAGED = msg("word.damaged", "The Word document is damaged and cannot be read; try to get it again from its source.")
_PACKAGE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart"
_BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SHOWN = {qn("w:tab"): "\t", qn("w:noBreakHyphen"): "\u2011", qn("w:softHyphen"): "\u00ad", qn("w:cr"): "<br/>"}


def lay_out(path: Path, form: str) -> Content:
    """The document's content. Raises ``IngestError``."""
    check_archive(path)
    try:
        source = transitional(path)
        document = docx.Document(source if isinstance(source, io.BytesIO) else str(source))
        return _Reading(document).content()
    except (IngestError, MemoryError):
        raise
    except Exception:  # python-docx and lxml raise nearly anything on damaged data
        raise IngestError(_DAMAGED) from None


@dataclass(slots=True)
class _Aside:
    """Notes that are added after a paragraph."""

    comments: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)


class _Reading:
    """State while one document is read."""

    def __init__(self, document: Any) -> None:
        self._part = document.part
        self._body = document.element.body
        self._styles = {style.style_id: style for style in document.styles}
        self._numbering: Numbering = numbering_of(self._root("numbering"))
        self._notes_by_id = {kind: self._by_id(f"{kind}s", f"w:{kind}") for kind in ("footnote", "endnote")}
        self._comments = self._by_id("comments", "w:comment")
        self._footnotes: list[str] = []
        self._aside = _Aside()
        self._hidden = self._length = 0
        self._cut = self._in_footnote = False

    def content(self) -> Content:
        """Everything, in the order of the document."""
        parts = [*self._margins("header"), *self._blocks(self._body, 0)]
        if self._footnotes:
            parts += ["<hr/>", *self._footnotes]
        parts += self._margins("footer")
        notes = [CUT] if self._cut else []
        if self._hidden:
            notes.append(hidden_text(self._hidden))
        if not any(part and "<hr" not in part for part in parts):
            raise IngestError(msg("word.empty", "The Word document is empty."))
        return Content("".join(parts), tuple(notes))

    def _blocks(self, parent: Any, depth: int) -> Iterator[str]:
        for child in parent:
            if self._cut:
                return
            if child.tag == qn("w:p"):
                yield from self._paragraph(child, depth)
            elif child.tag == qn("w:tbl") and depth < _DEEPEST:
                yield self._table(child, depth + 1)
            elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml"), qn("w:ins")) and depth < _DEEPEST:
                yield from self._blocks(child, depth + 1)

    def _paragraph(self, paragraph: Any, depth: int) -> Iterator[str]:
        before, self._aside = self._aside, _Aside()
        inner = "".join(self._inline(paragraph, depth))
        style, label = self._style_and_label(paragraph)
        if inner.strip() or label:
            tag, css = _tag(style), ""
            mark = f"{escaped(label)} " if label else ""
            if label and tag == "p":
                css = f' style="margin: 2pt 0 2pt {12 + 14 * self._depth(paragraph)}pt"'
            yield f"<{tag}{css}>{mark}{inner}</{tag}>"
        yield from self._aside.boxes
        for words in (*self._aside.comments, *self._aside.changes):
            yield f'<p class="aside">{words}</p>'
        self._aside = before
        if any(node.get(qn("w:type")) == "page" for node in paragraph.iter(qn("w:br"))):
            yield PAGE_BREAK

    def _inline(self, parent: Any, depth: int) -> Iterator[str]:
        """A paragraph's runs, and the elements among them."""
        for child in parent:
            tag = child.tag
            if tag == qn("w:r"):
                yield from self._run(child, depth)
            elif tag == qn("w:ins"):
                self._changed(child, "inserted")
                yield from self._inline(child, depth)
            elif tag in (qn("w:del"), qn("w:moveFrom")):
                self._changed(child, "deleted" if tag == qn("w:del") else "moved away")
            elif tag in _WRAPPERS and depth < _DEEPEST:
                yield from self._inline(child, depth + 1)
            elif isinstance(tag, str) and tag.endswith("}oMath"):
                yield escaped("".join(node.text or "" for node in child.iter(_MATHS)))

    def _run(self, run: Any, depth: int) -> Iterator[str]:
        properties = run.find(qn("w:rPr"))
        if _on(properties, "w:vanish"):
            self._hidden += sum(len(node.text or "") for node in run.iter(qn("w:t")))
            return
        text = "".join(self._pieces(run, depth))
        for name, tag in (("w:b", "b"), ("w:i", "i")):
            if text.strip() and _on(properties, name):
                text = f"<{tag}>{text}</{tag}>"
        yield text

    def _pieces(self, run: Any, depth: int) -> Iterator[str]:
        for child in run:
            tag = child.tag
            if tag == qn("w:t"):
                yield self._text(child.text or "")
            elif tag in _SHOWN:
                yield _SHOWN[tag]
            elif tag == qn("w:br"):
                yield "<br/>" if child.get(qn("w:type")) in (None, "textWrapping") else ""
            elif tag == qn("w:sym"):
                yield _symbol(child)
            elif tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                yield self._footnote(child, "footnote" if tag == qn("w:footnoteReference") else "endnote")
            elif tag == qn("w:commentReference"):
                self._comment(child.get(qn("w:id")))
            elif tag == _CHOICE and len(child):
                yield from self._pieces(child[0], depth)
            elif tag in (qn("w:drawing"), qn("w:pict"), qn("w:object")):
                yield from self._drawing(child, depth)

    def _text(self, text: str) -> str:
        self._length += len(text)
        self._cut = self._cut or self._length > MAX_CHARACTERS
        return "" if self._cut else escaped(text)

    def _drawing(self, drawing: Any, depth: int) -> Iterator[str]:
        for blip in drawing.iter(_BLIP):
            part = self._part.related_parts.get(blip.get(qn("r:embed")))
            if part is not None:
                yield picture(part.blob)
        for chart in drawing.iter(_CHART):
            part = self._part.related_parts.get(chart.get(qn("r:id")))
            if part is not None:
                self._aside.boxes.append(chart_html(part.blob))
        for box in drawing.iter(qn("w:txbxContent")):
            if depth < _DEEPEST:
                self._aside.boxes.append(f"<blockquote>{''.join(self._blocks(box, depth + 5))}</blockquote>")

    def _footnote(self, reference: Any, kind: str) -> str:
        note = self._notes_by_id[kind].get(reference.get(qn("w:id")))
        if note is None or self._in_footnote:
            return ""
        self._in_footnote = True
        number = len(self._footnotes) + 1
        self._footnotes.append("")
        inner = " ".join("".join(self._inline(one, 0)) for one in note.iter(qn("w:p")))
        self._in_footnote = False
        self._footnotes[number - 1] = f"<p>[{number}] {inner.strip()}</p>"
        return f"<sup>[{number}]</sup>"

    def _comment(self, name: str | None) -> None:
        comment = self._comments.get(name)
        if comment is not None:
            words = " ".join(
                "".join(node.text or "" for node in one.iter(qn("w:t"))) for one in comment.iter(qn("w:p"))
            )
            self._aside.comments.append(f"Comment{_by(comment)}: {self._text(words)}")

    def _changed(self, change: Any, how: str) -> None:
        words = "".join(node.text or "" for node in change.iter(qn("w:t"), qn("w:delText")))
        if words.strip():
            self._aside.changes.append(f"Tracked change{_by(change)}, {how}: “{self._text(words)}”")

    def _table(self, table: Any, depth: int) -> str:
        """Cells with what they span: merged ones across, and down."""
        rows = [list(_cells(row)) for row in table.iter(qn("w:tr")) if _owner(row) is table]
        lines = []
        for number, row in enumerate(rows):
            cells, column = [], 0
            for cell in row:
                across, down = _span(cell, "w:gridSpan"), _merge(cell)
                if down != "goes on":
                    tall = 1 + (_below(rows, number + 1, column) if down == "begins" else 0)
                    inner = "".join(self._blocks(cell, depth))
                    cells.append(f'<td colspan="{across}" rowspan="{tall}">{_unwrapped(inner)}</td>')
                column += across
            lines.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(lines)}</table>"

    def _style_and_label(self, paragraph: Any) -> tuple[Any, str]:
        properties = paragraph.find(qn("w:pPr"))
        named = properties.find(qn("w:pStyle")) if properties is not None else None
        style = self._styles.get(named.get(qn("w:val"))) if named is not None else None
        number = properties.find(qn("w:numPr")) if properties is not None else None
        seen = 0
        base = style
        while number is None and base is not None and seen < _DEEPEST:
            own = base.element.find(qn("w:pPr"))
            number = own.find(qn("w:numPr")) if own is not None else None
            base, seen = getattr(base, "base_style", None), seen + 1
        if number is None:
            return style, ""
        value, level = number.find(qn("w:numId")), number.find(qn("w:ilvl"))
        depth = whole(level.get(qn("w:val")), 0) if level is not None else 0
        return style, self._numbering.next(value.get(qn("w:val")), depth) if value is not None else ""

    def _depth(self, paragraph: Any) -> int:
        level = next(paragraph.iter(qn("w:ilvl")), None)
        return whole(level.get(qn("w:val")), 0) if level is not None else 0

    def _margins(self, kind: str) -> Iterator[str]:
        """Headers or footers, each of them once."""
        seen = set()
        for part in self._part.related_parts.values():
            if str(part.partname).startswith(f"/word/{kind}") and hasattr(part, "element"):
                words = "".join("".join(self._inline(one, 0)) for one in part.element.iter(qn("w:p"))).strip()
                if words and words not in seen:
                    seen.add(words)
                    yield f'<p class="aside">{kind.capitalize()}: {words}</p>'

    def _root(self, name: str) -> Any:
        for relation in self._part.rels.values():
            if relation.reltype == _PACKAGE + name and not relation.is_external:
                part = relation.target_part
                return part.element if hasattr(part, "element") else docx.oxml.parse_xml(part.blob)
        return None

    def _by_id(self, part: str, tag: str) -> dict[str | None, Any]:
        root = self._root(part)
        return {one.get(qn("w:id")): one for one in root.iter(qn(tag))} if root is not None else {}


_WRAPPERS = {
    qn(f"w:{name}")
    for name in ("hyperlink", "smartTag", "fldSimple", "sdt", "sdtContent", "moveTo", "customXml", "dir", "bdo")
}
"""Elements that only wrap runs."""


def _tag(style: Any) -> str:
    name = str(getattr(style, "name", "") or "").casefold()
    if name == "title":
        return "h1"
    last = name.rpartition(" ")[2]
    return f"h{min(6, max(1, int(last)))}" if name.startswith("heading") and last.isdecimal() else "p"


def _on(properties: Any, name: str) -> bool:
    found = properties.find(qn(name)) if properties is not None else None
    return found is not None and found.get(qn("w:val")) not in ("0", "false", "none")


def _symbol(node: Any) -> str:
    """A sign of a symbol font: ticks and boxes, as forms have them."""
    try:
        code = int(node.get(qn("w:char")) or "", 16) & 0xFF
    except ValueError:
        return ""
    signs = {0xFC: "✓", 0xFB: "✗", 0xFE: "☑", 0xFD: "☒", 0xA8: "☐", 0x6F: "☐", 0xE0: "→", 0xB7: "•"}
    return signs.get(code, "")


def _by(node: Any) -> str:
    author, date = node.get(qn("w:author")) or "", (node.get(qn("w:date")) or "")[:10]
    return "".join((f" by {escaped(author)}" if author else "", f", {escaped(date)}" if date else ""))


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == qn("w:tc"):
            yield child
        elif child.tag == qn("w:sdt"):
            content = child.find(qn("w:sdtContent"))
            yield from content.findall(qn("w:tc")) if content is not None else ()


def _owner(row: Any) -> Any:
    parent = row.getparent()
    while parent is not None and parent.tag != qn("w:tbl"):
        parent = parent.getparent()
    return parent


def _span(cell: Any, name: str) -> int:
    properties = cell.find(qn("w:tcPr"))
    found = properties.find(qn(name)) if properties is not None else None
    return max(1, min(100, whole(found.get(qn("w:val")), 1))) if found is not None else 1


def _merge(cell: Any) -> str:
    """Whether a cell ``begins`` a merged one or ``goes on`` with the one above; empty for an unmerged one."""
    properties = cell.find(qn("w:tcPr"))
    found = properties.find(qn("w:vMerge")) if properties is not None else None
    if found is None:
        return ""
    return "begins" if found.get(qn("w:val")) == "restart" else "goes on"


def _below(rows: list[list[Any]], start: int, column: int) -> int:
    """How many rows below ``start`` go on with the cell in this column."""
    count = 0
    for row in rows[start:]:
        at = 0
        for cell in row:
            if at == column and _merge(cell) == "goes on":
                count += 1
                break
            at += _span(cell, "w:gridSpan")
        else:
            return count
    return count


def _unwrapped(inner: str) -> str:
    """A cell of one paragraph needs none."""
    once = inner.startswith("<p>") and inner.endswith("</p>") and inner.count("<p") == 1
    return inner[3:-4] if once else inner
