"""What is in a presentation, a slide on a page: its words from top to bottom, tables, charts' numbers, pictures, notes.

A slide's look is not drawn, only its text is laid out. Nothing that it refers to outside of itself is opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pptx
from lxml import etree

from app.ingest.formats.laid_out.archive import check_archive
from app.ingest.formats.laid_out.charts import chart_html
from app.ingest.formats.laid_out.content import CUT, MAX_CHARACTERS, PAGE_BREAK, SPOT, Content, Note, escaped, picture
from model.errors import IngestError
from model.messages import msg

MAX_SLIDES = 1000
_DEEPEST = 20
_MAX_SHAPES = 2000
"""Shapes of one slide that are read."""

_STYLE = "body { font-size: 11pt } .n { color: #444; margin-left: 14pt }"
_DAMAGED = msg("slides.damaged", "The presentation is damaged and cannot be read; try to get it again from its source.")
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def lay_out(path: Path, form: str) -> Content:
    """The presentation's content. Raises ``IngestError``."""
    check_archive(path)
    try:
        return _Reading(pptx.Presentation(str(path))).content()
    except (IngestError, MemoryError):
        raise
    except Exception:  # python-pptx and lxml raise nearly anything on damaged data
        raise IngestError(_DAMAGED) from None


class _Reading:
    """State while one presentation is read."""

    def __init__(self, presentation: Any) -> None:
        self._presentation = presentation
        self._length = self._shapes = 0
        self._notes: list[Note] = []
        self._authors = dict(_authors(presentation.part))

    def content(self) -> Content:
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
        spots = tuple(f"Slide {number}" for number in range(1, len(pages) + 1))
        return Content(PAGE_BREAK.join(pages), tuple(self._notes), _STYLE, landscape=True, spots=spots)

    def _slide(self, number: int, slide: Any) -> str:
        hidden = " (hidden)" if slide._element.get("show") == "0" else ""
        title = slide.shapes.title
        words = self._text(title.text_frame.text).strip() if title is not None and title.has_text_frame else ""
        head = f'<p class="n">{SPOT}Slide {number}{hidden}</p>{f"<h2>{words}</h2>" if words else ""}'
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
        elif getattr(shape, "has_text_frame", False) and shape.text_frame.text.strip():
            yield from map(self._paragraph, shape.text_frame.paragraphs)
        else:
            yield from self._other(shape)

    def _paragraph(self, paragraph: Any) -> str:
        text = self._text(paragraph.text.replace("\v", "\n"))
        if not text.strip():
            return ""
        level = min(9, paragraph.level)
        mark = "• " if level else ""
        return f'<p style="margin: 3pt 0 3pt {14 * level}pt">{mark}{"<br/>".join(text.splitlines())}</p>'

    def _other(self, shape: Any) -> Iterator[str]:
        """Pictures; of drawings such as SmartArt the words."""
        for blip in shape._element.iter(f"{_A}blip"):
            name = blip.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed")
            relation = shape.part.rels.get(name) if name else None
            if relation is not None and not relation.is_external:
                yield picture(relation.target_part.blob, 500, 400)
        names = shape._element.xpath(".//*[local-name()='relIds']/@*[local-name()='dm']")
        for name in names[:1]:
            relation = shape.part.rels.get(name)
            if relation is not None and not relation.is_external:
                root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
                for paragraph in root.iter(f"{_A}p"):
                    words = self._text("".join(node.text or "" for node in paragraph.iter(f"{_A}t")))
                    yield f"<p>{words}</p>" if words.strip() else ""

    def _table(self, table: Any) -> str:
        rows = []
        for row in table.rows:
            cells = []
            for cell in row.cells:
                if cell.is_spanned:
                    continue
                across, down = (cell.span_width, cell.span_height) if cell.is_merge_origin else (1, 1)
                words = "<br/>".join(self._text(cell.text_frame.text).splitlines())
                cells.append(f'<td colspan="{across}" rowspan="{down}">{words}</td>')
            rows.append(f"<tr>{''.join(cells)}</tr>")
        return f"<table>{''.join(rows)}</table>"

    def _beside(self, slide: Any) -> Iterator[str]:
        """Content beside the slide itself: the speaker's notes, and comments."""
        if slide.has_notes_slide:
            frame = slide.notes_slide.notes_text_frame
            words = self._text(frame.text).strip() if frame is not None else ""
            if words:
                yield f'<p class="n">Notes: {"<br/>".join(words.splitlines())}</p>'
        for relation in slide.part.rels.values():
            if relation.reltype.rpartition("/")[2] == "comments" and not relation.is_external:
                yield from self._comments(relation.target_part.blob)

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


def _place(shape: Any) -> tuple[int, int]:
    """From top to bottom, then from left to right; what only inherits its place comes first."""
    return int(getattr(shape, "top", 0) or 0) // 100_000, int(getattr(shape, "left", 0) or 0)


def _authors(part: Any) -> Iterator[tuple[str | None, str]]:
    for relation in part.rels.values():
        if relation.reltype.rpartition("/")[2] in ("commentAuthors", "authors") and not relation.is_external:
            root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
            yield from ((one.get("id"), one.get("name") or "") for one in root)
