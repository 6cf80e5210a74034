"""A small part of a page, drawn large and read as one block. In the recognising process only."""

from __future__ import annotations

from typing import Any

from PIL import Image

from app.ingest.formats.region import upright
from app.ingest.ocr.engine import sureness
from app.ingest.ocr.prepare import evened
from app.ingest.ocr.sheet import Sheet
from app.ingest.types import Box

_LINE_PX = 64.0
"""Pixels of a line's height, at which engines are surest."""

_MOST_PIXELS = 36_000_000
_AROUND = 0.45
"""Of the line's height: paper around the words, and nothing of the lines above and below."""

_SECONDS = 5.0


def read_enlarged(sheet: Sheet, engine: Any, box: Box, turn: int) -> str:
    """The words in ``box``, in the page's unit; ``turn``: degrees clockwise by which the page has to be turned."""
    x0, y0, x1, y1 = max(0.0, box[0]), max(0.0, box[1]), min(sheet.width, box[2]), min(sheet.height, box[3])
    if x0 >= x1 or y0 >= y1:
        return ""
    line = min(x1 - x0, y1 - y0)
    scale = min(_LINE_PX / line, (_MOST_PIXELS / (sheet.width * sheet.height)) ** 0.5)
    page = sheet.drawn(max(1, round(sheet.height * scale)), max(1, round(sheet.width * scale)))
    margin = _AROUND * line
    edges = (x0 - margin, y0 - margin, x1 + margin, y1 + margin)
    left, top, right, bottom = (round(edge * scale) for edge in edges)
    part = page.crop((max(0, left), max(0, top), min(page.width, right), min(page.height, bottom)))
    even = _on_paper(evened(upright(part, turn)))
    best, text = -1.0, ""
    for language in engine.languages:
        words = [word for found in engine.read(even, language, _SECONDS, block=True) for word in found.words]
        if (sure := sureness(words)) > best:
            best, text = sure, " ".join(word.text for word in words)
    return text


def _on_paper(image: Image.Image) -> Image.Image:
    """With white around it, as engines want it."""
    sheet = Image.new("L", (image.width + 40, image.height + 40), 255)
    sheet.paste(image, (20, 20))
    return sheet
