"""Where something stands in a file, and what became of a quotation when it was looked up. No Qt, no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 from the top left: points on a PDF's page, pixels on an image."""

Checked = Literal["found", "elsewhere", "seen", "unverified"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that can be shown: a page with the boxes to mark on it, or a second of a video.

    ``document`` is the file's content hash (``Document.content_hash``); pages count from 1.
    """

    document: str
    page: int | None = None
    time_s: float | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quotation or citation of an answer, looked up.

    ``start`` and ``end`` are the characters of the answer (Markdown) that it takes; ``quote`` is empty where only a
    page or a time is named. ``state``: *found* where the answer says; *elsewhere* in the files, not where it says;
    *seen* where the page is a picture without text, so that only the place can be shown; *unverified*: not found.
    ``place`` is where to go on a click; ``reason`` is one sentence for the tooltip.
    """

    start: int
    end: int
    quote: str
    state: Checked
    place: Place | None
    reason: str
