"""Where something is in a file, and what became of a quotation when it was looked up. No Qt, no torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.ingest.types import Box
from model.messages import Message

Checked = Literal["found", "scanned", "heard", "elsewhere", "seen", "unverified"]
"""``scanned`` and ``heard`` are of a second rank: found in text that was read from a picture, where single letters may
be wrong, or in what a model heard."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place that can be shown: a page with the boxes to mark on it, a second of a video, or a picture as a whole.

    ``document`` is the file's content hash (``Document.content_hash``); pages count from 1, and a picture has none.
    """

    document: str
    page: int | None = None
    time_s: float | None = None
    boxes: tuple[Box, ...] = ()
    name: str = field(default="", compare=False)
    """The file's name at that time, for when the file itself is not at hand; empty where it was not recorded."""
    spot: str = ""
    """What the place is called in the file itself, as ``Prices!B7`` or ``Slide 4``; empty where it has no name."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One quotation or citation of an answer, looked up.

    ``start`` and ``end`` are the characters of the answer (Markdown) that it takes; ``quote`` is empty where only a
    page or a time is named. ``state``: *found* at the cited place; *scanned* likewise, in text that was read from a
    picture; *heard*, in a transcript; *elsewhere* in the files, not at that place; *seen* where only the place can be
    shown, since a picture says it or a number was read in two ways; *unverified*: not found.
    ``place`` is where to go on a click; ``reason`` is one sentence for the tooltip. ``also`` are the characters of
    further mentions of the same place. Where a time can be in several videos, ``choices`` holds that second of each.
    """

    start: int
    end: int
    quote: str
    state: Checked
    place: Place | None
    reason: Message
    also: tuple[tuple[int, int], ...] = ()
    choices: tuple[Place, ...] = ()
    readings: tuple[str, ...] = ()
    """What was read from the picture where that is not what is quoted, or where a second reading differs."""
