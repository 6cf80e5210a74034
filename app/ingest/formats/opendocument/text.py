"""Paragraphs, lists, tables, footnotes, comments and pictures of OpenDocument as HTML: in texts and on slides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.ingest.formats.laid_out.content import MAX_CHARACTERS, PAGE_BREAK, escaped
from app.ingest.formats.laid_out.equations import linear
from app.ingest.formats.opendocument.package import Package, qn

_DEEPEST = 20
_MAX_SPANS = 200
_P, _H, _LIST, _TABLE = qn("text:p"), qn("text:h"), qn("text:list"), qn("table:table")
_SHAPE = qn("draw:x")[:-1]
_MATHS = "{http://www.w3.org/1998/Math/MathML}math"
_WRAPPING = frozenset(
    map(
        qn,
        (
            "text:section",
            "text:index-body",
            "text:index-title",
            "text:numbered-paragraph",
            "text:table-of-content",
            "text:alphabetical-index",
            "text:illustration-index",
            "text:bibliography",
            "text:user-index",
            "text:table-index",
            "text:object-index",
        ),
    )
)
_PASSED = frozenset(
    map(
        qn,
        (
            "text:tracked-changes",
            "text:sequence-decls",
            "text:variable-decls",
            "text:user-field-decls",
            "office:forms",
            "office:annotation-end",
            "presentation:notes",
        ),
    )
)


class TextReading:
    """State while the text of one file is read. ``footnotes`` and ``asides`` are what is beside it."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.footnotes: list[str] = []
        self.hidden = self.length = 0
        self.cut = False
        self._asides: list[str] = []
        self._hidden_styles: set[str] = set()
        self._breaks: set[str] = set()
        self._ordered: dict[str, dict[int, tuple[str, int]]] = {}
        """Of a style of lists, its numbered levels: the kind of number, and the first one."""
        self._changes: dict[str, str] = {}
        for root in (package.styles, package.content):
            if root is not None:
                self._take_styles(root)
        for region in package.content.iter(qn("text:changed-region")):
            self._take_change(region)

    def _take_styles(self, root: Any) -> None:
        for style in root.iter(qn("style:style")):
            name = style.get(qn("style:name")) or ""
            for child in style:
                if child.get(qn("text:display")) in ("none", "true"):
                    self._hidden_styles.add(name)
                if any(key.endswith("}break-before") and value == "page" for key, value in child.attrib.items()):
                    self._breaks.add(name)
        for style in root.iter(qn("text:list-style")):
            levels = {}
            for level in style:
                if level.tag == qn("text:list-level-style-number"):
                    number = _whole(level.get(qn("text:level")), 1)
                    start = _whole(level.get(qn("text:start-value")), 1)
                    levels[number] = (level.get(qn("style:num-format")) or "", start)
            self._ordered[style.get(qn("style:name")) or ""] = levels

    def _take_change(self, region: Any) -> None:
        """A deletion's words, told where they were."""
        key = region.get("{http://www.w3.org/XML/1998/namespace}id") or region.get(qn("text:id")) or ""
        for child in region:
            creator = "".join("".join(node.itertext()) for node in child.iter(qn("dc:creator")))
            words = " ".join("".join(node.itertext()) for node in child.iter(_P, _H))
            by = f" by {escaped(creator[:100])}" if creator else ""
            if child.tag == qn("text:deletion"):
                self._changes[key] = f"deleted{by}: {escaped(words[:2000])}"
            elif child.tag == qn("text:insertion"):
                self._changes[key] = f"inserted{by}"

    def blocks(self, parent: Any, depth: int = 0) -> Iterator[str]:
        """The parts of a text or a frame, in order."""
        for child in parent:
            if self.cut:
                return
            tag = child.tag
            if tag in (_P, _H):
                yield from self._paragraph(child, depth)
            elif tag == _LIST and depth < _DEEPEST:
                yield from self._list(child, depth, 1, child.get(qn("text:style-name")) or "")
            elif tag == _TABLE and depth < _DEEPEST:
                yield self.table(child, depth + 1)
            elif tag == qn("draw:frame") and depth < _DEEPEST:
                yield from self.frame(child, depth + 1)
            elif tag in _WRAPPING and depth < _DEEPEST:
                if child.get(qn("text:display")) == "none":
                    self.hidden += len("".join(child.itertext()))
                else:
                    yield from self.blocks(child, depth + 1)
            elif tag == qn("text:change") or tag == qn("text:change-start"):
                yield from self._changed(child)
            elif isinstance(tag, str) and tag not in _PASSED and tag.startswith(_SHAPE) and depth < _DEEPEST:
                yield from self.blocks(child, depth + 1)  # a shape with words on it

    def frame(self, frame: Any, depth: int) -> Iterator[str]:
        """What is in a frame: a picture (of several forms the first that can be shown), a table, or text."""
        for child in frame:
            if child.tag == qn("draw:image"):
                shown = self.package.picture(child.get(qn("xlink:href")) or "")
                if shown:
                    yield f"<p>{shown}</p>"
                    return
            elif child.tag == qn("draw:object"):
                parts = [*self._object(child, depth)]
                yield from parts
                if any(parts):
                    return  # what follows is a picture of it
            elif child.tag == qn("draw:text-box"):
                yield from self.blocks(child, depth)
            elif child.tag == _TABLE:
                yield self.table(child, depth)

    def _object(self, holder: Any, depth: int) -> Iterator[str]:
        """An object in a frame: an equation, the numbers of a chart, cells, or text."""
        inside = self.package.inner(holder.get(qn("xlink:href")) or "")
        root = inside if inside is not None else holder
        if root.tag == _MATHS or (len(root) and root[0].tag == _MATHS):
            words = linear(root)
            yield f"<p>{self.words(words)}</p>" if words.strip() else ""
            return
        chart = next(root.iter(qn("chart:chart")), None)
        if chart is not None:
            titles = " ".join("".join(one.itertext()) for one in chart.findall(qn("chart:title")))
            yield f"<p>Chart{': ' if titles.strip() else ''}{self.words(titles.strip())}</p>"
            yield from (self.table(one, depth + 1) for one in chart.findall(_TABLE))
        elif inside is not None:
            for body in root.iter(qn("office:text"), qn("office:spreadsheet"), qn("draw:page")):
                yield from self.blocks(body, depth + 1)
        else:
            yield from self.blocks(holder, depth)

    def table(self, table: Any, depth: int) -> str:
        """A table with its merged cells."""
        rows = []
        for row in table.iter(qn("table:table-row")):
            if next(row.iterancestors(_TABLE), None) is not table:
                continue
            cells = []
            for cell in row:
                if cell.tag != qn("table:table-cell"):
                    continue
                across = min(_MAX_SPANS, _whole(cell.get(qn("table:number-columns-spanned")), 1))
                down = min(_MAX_SPANS, _whole(cell.get(qn("table:number-rows-spanned")), 1))
                inner = "".join(self.blocks(cell, depth + 1))
                times = min(_MAX_SPANS, _whole(cell.get(qn("table:number-columns-repeated")), 1)) if inner else 1
                cells += [f'<td colspan="{across}" rowspan="{down}">{inner}</td>'] * times
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(rows)}</table>"

    def inline(self, parent: Any, depth: int = 0) -> Iterator[str]:
        """A paragraph's words, and what is among them."""
        yield self.words(parent.text)
        for child in parent:
            yield from self._piece(child, depth)
            yield self.words(child.tail)

    def _piece(self, child: Any, depth: int) -> Iterator[str]:
        tag = child.tag
        if not isinstance(tag, str) or tag in _PASSED or depth > _DEEPEST:
            return
        if tag == qn("text:s"):
            yield "&#160;" * min(200, _whole(child.get(qn("text:c")), 1))
        elif tag == qn("text:tab"):
            yield "&#160; "
        elif tag == qn("text:line-break"):
            yield "<br/>"
        elif tag == qn("text:note"):
            yield from self._footnote(child, depth)
        elif tag == qn("office:annotation"):
            self._asides.append(self.comment(child))
        elif tag in (qn("text:change"), qn("text:change-start")):
            self._asides += self._changed(child)
        elif tag == qn("draw:frame"):
            yield from self.frame(child, depth + 1)
        elif tag == qn("text:hidden-text"):
            self.hidden += len(child.get(qn("text:string-value")) or "")
        elif tag == qn("text:span") and child.get(qn("text:style-name")) in self._hidden_styles:
            self.hidden += len("".join(child.itertext()))
        else:
            yield from self.inline(child, depth + 1)

    def comment(self, annotation: Any) -> str:
        """A remark with its author and date."""
        creator = "".join(annotation.xpath("string(*[local-name()='creator'])"))[:100]
        date = "".join(annotation.xpath("string(*[local-name()='date'])"))[:10]
        words = " ".join("".join(node.itertext()) for node in annotation.iter(_P))
        by = "".join((f" by {escaped(creator)}" if creator else "", f", {escaped(date)}" if date else ""))
        return f"Comment{by}: {self.words(words)}"

    def words(self, text: str | None) -> str:
        """Text of the file's own, counted."""
        if not text:
            return ""
        self.length += len(text)
        self.cut = self.cut or self.length > MAX_CHARACTERS
        return escaped(" ".join(text.split("\n"))) if not self.cut else ""

    def _paragraph(self, paragraph: Any, depth: int, label: str = "") -> Iterator[str]:
        style = paragraph.get(qn("text:style-name")) or ""
        if style in self._hidden_styles:
            self.hidden += len("".join(paragraph.itertext()))
            return
        if style in self._breaks:
            yield PAGE_BREAK
        before, self._asides = self._asides, []
        inner = "".join(self.inline(paragraph, depth))
        if inner.strip() or label:
            level = min(6, max(1, _whole(paragraph.get(qn("text:outline-level")), 1)))
            tag = f"h{level}" if paragraph.tag == _H else "p"
            yield f"<{tag}>{label}{inner}</{tag}>"
        for words in self._asides:
            yield f'<p class="aside">{words}</p>'
        self._asides = before

    def _list(self, items: Any, depth: int, level: int, style: str) -> Iterator[str]:
        style = items.get(qn("text:style-name")) or style
        kind, number = self._ordered.get(style, {}).get(level, ("", 1))
        for item in items:
            if item.tag not in (qn("text:list-item"), qn("text:list-header")):
                continue
            number = _whole(item.get(qn("text:start-value")), number)
            label = f"{_label(kind, number)} " if item.tag == qn("text:list-item") else ""
            for child in item:
                if child.tag == _LIST and depth < _DEEPEST:
                    yield from self._list(child, depth + 1, level + 1, style)
                elif child.tag in (_P, _H):
                    indent = f"margin: 2pt 0 2pt {14 * min(level, 9)}pt"
                    for part in self._paragraph(child, depth, label):
                        yield part.replace("<p>", f'<p style="{indent}">', 1)
                    label = ""
            number += item.tag == qn("text:list-item")

    def _footnote(self, note: Any, depth: int) -> Iterator[str]:
        body = note.find(qn("text:note-body"))
        paragraphs = [*body.iter(_P)] if body is not None else []
        words = " ".join("".join(self.inline(one, depth + 1)) for one in paragraphs)
        self.footnotes.append(f'<p class="aside">[{len(self.footnotes) + 1}] {words}</p>')
        yield f"[{len(self.footnotes)}]"

    def _changed(self, mark: Any) -> Iterator[str]:
        words = self._changes.get(mark.get(qn("text:change-id")) or "")
        if words:
            yield f"Tracked change, {words}"


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value is not None and value.isdecimal() and len(value) < 8 else otherwise


def _label(kind: str, number: int) -> str:
    """A list's number as it is shown; a bullet where it has none."""
    if kind in ("a", "A") and 1 <= number <= 26:
        return f"{chr(ord(kind) + number - 1)}."
    if kind in ("i", "I") and 1 <= number < 50:
        roman = "x" * (number // 10) + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[number % 10]
        roman = roman.replace("xxxx", "xl")
        return f"{roman.upper() if kind == 'I' else roman}."
    return f"{number}." if kind else "•"
