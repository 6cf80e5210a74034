"""What is in a presentation, a slide on a page: its words from top to bottom, tables, charts' numbers, pictures, notes.

A slide's look is not drawn, only its text is laid out. Nothing that it refers to outside of itself is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree
from pptx.package import Package

from app.ingest.attached import AttachedFile
from app.ingest.formats.laid_out.archive import check_archive, transitional
from app.ingest.formats.laid_out.charts import chart_html
from app.ingest.formats.laid_out.content import (
    CUT,
    MAX_CHARACTERS,
    PAGE_BREAK,
    SPOT,
    Content,
    Note,
    escaped,
    picture,
    undrawn,
)
from app.ingest.formats.laid_out.drawings import DATA, DIAGRAM, words_in
from app.ingest.formats.laid_out.embedded import embedded_in
from app.ingest.formats.laid_out.equations import linear
from app.ingest.formats.word.numbering import written
from model.errors import IngestError
from model.messages import msg

MAX_SLIDES = 1000
_DEEPEST = 20
_MAX_SHAPES = 2000
"""Shapes of one slide that are read."""

_STYLE = "body { font-size: 11pt } .n { color: #444; margin-left: 14pt }"
_DAMAGED = msg("slides.damaged", "The presentation is damaged and cannot be read; try to get it again from its source.")
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_MATHS = "{http://schemas.microsoft.com/office/drawing/2010/main}m"
_NOT_SAID = frozenset(("sldImg", "sldNum", "hdr", "ftr", "dt"))
"""Placeholders on a notes page that do not hold the speaker's notes."""


def lay_out(path: Path, form: str) -> Content:
    """The presentation's content. Raises ``IngestError``."""
    check_archive(path)
    try:
        source = transitional(path)
        main = Package.open(str(source) if isinstance(source, Path) else source).main_document_part
        return _Reading(main.presentation).content(*embedded_in(path))  # templates and shows too
    except (IngestError, MemoryError):
        raise
    except Exception:  # python-pptx and lxml raise nearly anything on damaged data
        raise IngestError(_DAMAGED) from None


class _Reading:
    """State while one presentation is read."""

    def __init__(self, presentation: Any) -> None:
        self._presentation = presentation
        self._length = self._shapes = self._undrawn = 0
        self._behind: set[str] = set()
        """Words of masters and layouts that an earlier slide had."""
        self._notes: list[Note] = []
        self._authors = dict(_authors(presentation.part))

    def content(self, attached: tuple[AttachedFile, ...], about: tuple[Note, ...]) -> Content:
        """The content of all slides, in order."""
        slides = list(self._presentation.slides)
        if not slides:
            raise IngestError(msg("slides.empty", "The presentation has no slides."))
        if len(slides) > MAX_SLIDES:
            why = msg(
                "slides.too-many",
                "Only the first {limit} slides are read; split the file to read the rest.",
                limit=MAX_SLIDES,
            )
            self._notes.append(
                Note(
                    msg("where.slides", "slides {first} to {last}", first=str(MAX_SLIDES + 1), last=str(len(slides))),
                    why,
                )
            )
        pages = []
        for number, slide in enumerate(slides[:MAX_SLIDES], 1):
            pages.append(self._slide(number, slide))
            if self._length > MAX_CHARACTERS:
                self._notes.append(CUT)
                break
        if self._undrawn:
            self._notes.append(undrawn(self._undrawn))
        spots = tuple(f"Slide {number}" for number in range(1, len(pages) + 1))
        notes = (*self._notes, *about)
        return Content(PAGE_BREAK.join(pages), notes, _STYLE, landscape=True, spots=spots, attached=attached)

    def _slide(self, number: int, slide: Any) -> str:
        hidden = " (hidden)" if slide._element.get("show") == "0" else ""
        _settle(slide._element)
        title = slide.shapes.title
        words = self._words(title.text_frame._txBody).strip() if title is not None and title.has_text_frame else ""
        heading = "<br/>".join(words.splitlines())
        head = f'<p class="n">{SPOT}Slide {number}{hidden}</p>{f"<h2>{heading}</h2>" if words else ""}'
        self._shapes = 0
        own = [shape for shape in slide.shapes if title is None or shape.shape_id != title.shape_id]
        body = "".join(part for shape in sorted(own, key=_place) for part in self._shape(shape, 0))
        if self._shapes > _MAX_SHAPES:
            self._notes.append(
                Note(
                    msg("where.slide", "slide {number}", number=str(number)),
                    msg("slides.too-many-shapes", "Only {limit} shapes of the slide are read.", limit=_MAX_SHAPES),
                )
            )
        return head + body + "".join(self._beside(slide))

    def _shape(self, shape: Any, depth: int) -> Iterator[str]:
        self._shapes += 1
        if self._shapes > _MAX_SHAPES:
            return
        if hasattr(shape, "shapes"):
            if depth < _DEEPEST:
                for inner in sorted(shape.shapes, key=_place):
                    yield from self._shape(inner, depth + 1)
        elif getattr(shape, "has_table", False):
            yield self._table(shape.table)
        elif getattr(shape, "has_chart", False):
            yield chart_html(shape.chart_part.blob)
        elif getattr(shape, "has_text_frame", False) and _raw(shape.text_frame._txBody).strip():
            numbers: dict[int, int] = {}
            for paragraph in shape.text_frame._txBody.iterchildren(f"{_A}p"):
                yield self._paragraph(paragraph, numbers)
        else:
            yield from self._other(shape)

    def _paragraph(self, paragraph: Any, numbers: dict[int, int]) -> str:
        """``numbers``: how far the numbered lists of the frame have come, by their level."""
        text = self._text(_raw(paragraph))
        if not text.strip():
            return ""
        properties = paragraph.find(f"{_A}pPr")
        value = (properties.get("lvl") or "0") if properties is not None else "0"
        level = min(9, int(value)) if value.isdecimal() else 0
        counted = properties.find(f"{_A}buAutoNum") if properties is not None else None
        mark = "• " if level else ""
        for deeper in range(level + (counted is not None), 10):
            numbers.pop(deeper, None)
        if counted is not None:
            start = counted.get("startAt") or "1"
            numbers[level] = numbers.get(level, (int(start) if start.isdecimal() else 1) - 1) + 1
            mark = f"{_counted(numbers[level], counted.get('type') or '')} "
        return f'<p style="margin: 3pt 0 3pt {14 * level}pt">{mark}{"<br/>".join(text.splitlines())}</p>'

    def _words(self, body: Any) -> str:
        """The paragraphs of a frame, a line each."""
        return "\n".join(self._text(_raw(paragraph)) for paragraph in body.iterchildren(f"{_A}p"))

    def _other(self, shape: Any) -> Iterator[str]:
        """Pictures; of drawings such as SmartArt the words."""
        for blip in shape._element.iter(f"{_A}blip"):
            name = blip.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed")
            relation = shape.part.rels.get(name) if name else None
            if relation is not None and not relation.is_external:
                drawn = picture(relation.target_part.blob, 500, 400)
                self._undrawn += not drawn
                yield drawn
        for diagram in shape._element.iter(DIAGRAM):
            relation = shape.part.rels.get(diagram.get(DATA) or "")
            if relation is not None and not relation.is_external:
                yield from (f"<p>{self._text(words)}</p>" for words in words_in(relation.target_part.blob))

    def _table(self, table: Any) -> str:
        rows = []
        for row in table.rows:
            cells = []
            for cell in row.cells:
                if cell.is_spanned:
                    continue
                across, down = (cell.span_width, cell.span_height) if cell.is_merge_origin else (1, 1)
                words = "<br/>".join(self._words(cell.text_frame._txBody).splitlines())
                cells.append(f'<td colspan="{across}" rowspan="{down}">{words}</td>')
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(rows)}</table>"

    def _beside(self, slide: Any) -> Iterator[str]:
        """Content beside the slide itself: the speaker's notes, and comments."""
        if slide.has_notes_slide:
            _settle(slide.notes_slide._element)
            said = "".join(part for shape in slide.notes_slide.shapes for part in self._note(shape))
            if said:
                told = re.sub("^(<p[^>]*>)", r"\1Notes: ", said) if said.startswith("<p") else f"<p>Notes:</p>{said}"
                yield f'<div class="n">{told}</div>'
        yield from self._background(slide)
        for relation in slide.part.rels.values():
            if relation.reltype.rpartition("/")[2] == "comments" and not relation.is_external:
                yield from self._comments(relation.target_part.blob)

    def _note(self, shape: Any) -> Iterator[str]:
        places = [one.get("type") for one in shape._element.iter("{*}ph")]
        if not places or places[0] not in _NOT_SAID:
            yield from self._shape(shape, 0)

    def _background(self, slide: Any) -> Iterator[str]:
        """Text from the slide's layout and master; given on the first slide that has it."""
        for behind in (slide.slide_layout, slide.slide_layout.slide_master):
            for shape in behind.shapes:
                if not shape.is_placeholder and getattr(shape, "has_text_frame", False):
                    words = " ".join(_raw(shape.text_frame._txBody).split())
                    if words and words not in self._behind:
                        self._behind.add(words)
                        yield f'<p class="n">Behind the slide: {self._text(words)}</p>'

    def _comments(self, data: bytes) -> Iterator[str]:
        root = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
        for comment in root.iter("{*}cm"):
            texts = [*comment.iter("{*}text")] or [*comment.iter(f"{_A}t")]
            words = self._text(" ".join("".join(node.itertext()) for node in texts[:100])).strip()
            author = self._authors.get(comment.get("authorId"), "")
            date = (comment.get("dt") or comment.get("created") or "")[:10]
            by = "".join((f" by {escaped(author)}" if author else "", f", {escaped(date)}" if date else ""))
            if words:
                yield f'<p class="n">Comment{by}: {words}</p>'

    def _text(self, text: str) -> str:
        self._length += len(text)
        return escaped(text) if self._length <= MAX_CHARACTERS else ""


def _settle(root: Any) -> None:
    """Replace alternatives by the first that can be read; the library would skip all of them."""
    for either in [*root.iter(_CHOICE)]:
        parent = either.getparent()
        if parent is None or not parent.tag.endswith(("}spTree", "}grpSp")):
            continue
        forms = ([child for child in form if hasattr(child, "has_ph_elm")] for form in either)
        for child in next((form for form in forms if form), []):
            either.addprevious(child)
        parent.remove(either)


def _counted(number: int, kind: str) -> str:
    """A number as a list shows it: ``1.``, ``(b)``, ``iv)``; ``kind`` is as ``alphaLcParenBoth``."""
    forms = {"alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman"}
    text = written(number, next((form for begin, form in forms.items() if kind.startswith(begin)), "decimal"))
    if kind.endswith("ParenBoth"):
        return f"({text})"
    return f"{text}{')' if kind.endswith('ParenR') else '' if kind.endswith('Plain') else '.'}"


def _raw(root: Any) -> str:
    """The words of a paragraph or a frame: of its runs, fields, line breaks and equations."""
    words = ""
    for node in root.iter(f"{_A}t", f"{_A}br", f"{_A}p", _MATHS):
        if node.tag == _MATHS:
            words += linear(node)
        elif node.tag == f"{_A}t":
            words += node.text or ""
        elif node is not root:
            words += "\n"
    return words


def _place(shape: Any) -> tuple[int, int]:
    """From top to bottom, then from left to right; what only inherits its place comes first."""
    return int(getattr(shape, "top", 0) or 0) // 100_000, int(getattr(shape, "left", 0) or 0)


def _authors(part: Any) -> Iterator[tuple[str | None, str]]:
    for relation in part.rels.values():
        if relation.reltype.rpartition("/")[2] in ("commentAuthors", "authors") and not relation.is_external:
            root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
            yield from ((one.get("id"), one.get("name") or "") for one in root)
