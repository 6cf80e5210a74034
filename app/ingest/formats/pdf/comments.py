"""Remarks that people wrote onto a page: notes, highlights, stamps, drawings, replies, with who wrote them and when.

They are read from the page's own list: MuPDF's bindings pass over annotations written directly into it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf import objects
from app.ingest.formats.pdf.forms.widgets import bound_of
from app.ingest.formats.pdf.text.layer import Layer
from app.ingest.formats.pdf.text.lines import Line
from app.ingest.types import Box
from app.ingest.view.shown_text import lines_of

MAX_COMMENTS = 200
"""Comments of one page that are read."""

MAX_WORDS = 2000
"""Characters of one comment."""

_MAX_ANNOTATIONS = 5000
_MAX_MARKED = 300
_MAX_AUTHOR = 80
_MAX_QUADS = 400
_HIDDEN = 2 | 32
_NO_REMARK = {
    "Widget",
    "Link",
    "Popup",
    "PrinterMark",
    "TrapNet",
    "Watermark",
    "Screen",
    "Projection",
    "RichMedia",
    "3D",
}
_DRAWN = {"FreeText", "Stamp"}
"""Their words may be on the page already."""

_MARKS = {
    "Highlight": "Highlighted",
    "Underline": "Underlined",
    "Squiggly": "Underlined",
    "StrikeOut": "Struck out",
}
_DATE = re.compile(r"(?:D:)?(\d{4})-?(\d{2})?-?(\d{2})?")
_TAG = re.compile(r"<[^>]{0,500}>")
_BARE = 4.0
_SIZE = 9.0


@dataclass(slots=True)
class Comment:
    """One remark, as it is put into words, and where on the page it is."""

    text: str
    box: Box
    number: int
    answers: int


def read_comments(page: pymupdf.Page, layer: Layer) -> tuple[list[list[Line]], int]:
    """The page's comments as blocks to put after its text, and how many more there are than are read."""
    if not has_annotations(page):
        return [], 0
    comments = list(_comments(page, layer, objects.get(objects.page_of(page).obj(), "Annots")))
    kept = _threads(comments[:MAX_COMMENTS])
    return [[Line(one.text, one.box, _SIZE, "comment")] for one in kept], len(comments) - len(kept)


def has_annotations(page: pymupdf.Page) -> bool:
    """Whether there is anything on the page beside its own contents."""
    array = objects.get(objects.page_of(page).obj(), "Annots")
    return mupdf.pdf_is_array(array) == 1 and mupdf.pdf_array_len(array) > 0


def _comments(page: pymupdf.Page, layer: Layer, array: Any) -> Iterator[Comment]:
    reading = _Reading(page, layer)
    for item in objects.items(array, _MAX_ANNOTATIONS):
        try:
            comment = reading.comment(item)
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base; this annotation is too damaged to be read
            continue
        if comment is not None:
            yield comment


class _Reading:
    """Turns one annotation after another into words."""

    def __init__(self, page: pymupdf.Page, layer: Layer) -> None:
        self._page, self._layer = page, layer
        self._document = objects.pdf_of(page.parent)
        self._matrix = objects.view_of(objects.page_of(page))
        self._letters: list[Any] | None = None
        self._own: str | None = None

    def comment(self, item: Any) -> Comment | None:
        """An annotation's text; ``None`` where it adds nothing to the page's own text."""
        kind = objects.name_of(objects.get(item, "Subtype"))
        if not kind or kind in _NO_REMARK or mupdf.pdf_to_int(objects.get(item, "F")) & _HIDDEN:
            return None
        if objects.hidden_layer(self._document, item):
            return None
        words = _words(item)
        if kind in _DRAWN and words and self._on_page(words):
            return None
        quads = self._quads(item) if kind in _MARKS else []
        marked = self._marked(quads)
        if not words and not marked:
            return None
        about = _about(item)
        if not words:
            text = f"[{_MARKS[kind]}{about}: “{marked}”]"
        else:
            reply = objects.there(objects.get(item, "IRT")) and objects.name_of(objects.get(item, "RT")) != "Group"
            on = f", on “{marked}”" if marked and not reply else ""
            text = f"[{'Reply' if reply else 'Comment'}{about}{on}: {words}]"
        number, answers = objects.identity(item), objects.identity(objects.get(item, "IRT"))
        return Comment(text, self._box(item, quads), number, answers)

    def _box(self, item: Any, quads: list[Box]) -> Box:
        """Where it is, inside the page: a remark without a sensible place is in the nearest corner."""
        rect = objects.box_of(objects.numbers_of(objects.get(item, "Rect"), 4), self._matrix)
        boxes = quads or ([rect] if rect is not None else [(0.0, 0.0, 0.0, 0.0)])
        width, height = self._page.rect.width, self._page.rect.height
        x0, x1 = (min(width, max(0.0, x)) for x in (min(b[0] for b in boxes), max(b[2] for b in boxes)))
        y0, y1 = (min(height, max(0.0, y)) for y in (min(b[1] for b in boxes), max(b[3] for b in boxes)))
        x0, y0 = min(x0, max(0.0, width - _BARE)), min(y0, max(0.0, height - _BARE))
        return x0, y0, max(x1, x0 + _BARE), max(y1, y0 + _BARE)

    def _quads(self, item: Any) -> list[Box]:
        numbers = objects.numbers_of(objects.get(item, "QuadPoints"), 8 * _MAX_QUADS)
        found = [objects.box_of(numbers[at : at + 8], self._matrix) for at in range(0, len(numbers) - 7, 8)]
        return [box for box in found if box is not None]

    def _marked(self, quads: list[Box]) -> str:
        """The words that a highlight is over."""
        if not quads:
            return ""
        if self._letters is None:
            self._letters = _lines(self._page)
        pieces = []
        for left, top, right, bottom in quads:
            for text, box, edges, _, axis in self._letters:
                middle = (box[1] + box[3]) / 2 if not axis else (box[0] + box[2]) / 2
                low, high, start, stop = (left, right, top, bottom) if not axis else (top, bottom, left, right)
                if start <= middle <= stop:
                    inside = "".join(
                        letter
                        for place, letter in enumerate(text)
                        if low <= (edges[place] + edges[place + 1]) / 2 <= high
                    )
                    pieces.append(inside.strip())
        words = " ".join(piece for piece in pieces if piece)
        return words if len(words) <= _MAX_MARKED else f"{words[:_MAX_MARKED].rstrip()}…"

    def _on_page(self, words: str) -> bool:
        if self._own is None:
            self._own = _squeezed("".join(line.text for block in self._layer.blocks for line in block))
        return _squeezed(words) in self._own


def _lines(page: pymupdf.Page) -> list[Any]:
    """The page's own lines with the place of each letter."""
    structured = mupdf.FzStextPage(bound_of(page))
    device = mupdf.fz_new_stext_device(structured, mupdf.FzStextOptions(mupdf.FZ_STEXT_PRESERVE_WHITESPACE))
    inner = page.this if isinstance(page.this, mupdf.FzPage) else page.this.super()
    mupdf.fz_run_page_contents(inner, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return lines_of(structured)


def _words(item: Any) -> str:
    """The comment's text, on one line and of bounded length."""
    words = objects.text_of(objects.get(item, "Contents"), MAX_WORDS + 1)
    if not words.strip():
        words = _TAG.sub(" ", objects.text_of(objects.get(item, "RC"), 10 * MAX_WORDS))
    words = " ".join(words.split())
    return words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS].rstrip()}…"


def _about(item: Any) -> str:
    """`` by Lucas, 2024-05-03``, as far as it is known."""
    author = " ".join(objects.text_of(objects.get(item, "T"), _MAX_AUTHOR).split())
    dates = (objects.text_of(objects.get(item, key), 40) for key in ("M", "CreationDate"))
    date = next((found for found in map(_date, dates) if found), "")
    return (f" by {author}" if author else "") + (f", {date}" if date else "")


def _date(text: str) -> str:
    """``2024-05-03`` of ``D:20240503101500+02'00'``; empty where it is no date."""
    match = _DATE.match(text.strip())
    if match is None:
        return ""
    year, month, day = match.groups()
    if month is None or not 1 <= int(month) <= 12:
        return year
    return f"{year}-{month}" if day is None or not 1 <= int(day) <= 31 else f"{year}-{month}-{day}"


def _threads(comments: list[Comment]) -> list[Comment]:
    """From top to bottom, each reply behind what it answers."""
    known = {one.number for one in comments if one.number}
    replies: dict[int, list[Comment]] = {}
    heads = []
    for one in comments:
        if one.answers in known and one.answers != one.number:
            replies.setdefault(one.answers, []).append(one)
        else:
            heads.append(one)
    ordered: list[Comment] = []
    waiting = sorted(heads, key=lambda one: (one.box[1], one.box[0]), reverse=True)
    while waiting:
        one = waiting.pop()
        ordered.append(one)
        waiting += reversed(replies.pop(one.number, []))
    return ordered + [one for several in replies.values() for one in several]


def _squeezed(text: str) -> str:
    return "".join(text.split())
