"""A document's pages as cells: one each, or several in one where there are too many. No widgets here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.i18n import tr, tr_n, translated
from app.ingest.types import Document, Page, PageState
from app.text.times import mm_ss
from app.ui.files.words import cut_words, doubts_about, hard_words

WORST: tuple[PageState, ...] = ("skipped", "image", "both", "text")
"""Of several pages in one cell, the state listed first here is shown."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Pages ``first`` to ``last``, counted from 0, and what the worst of them is."""

    first: int
    last: int
    state: PageState
    shown: int
    """The page that a click opens: the first one of that state."""


def cells_of(pages: Sequence[Page], most: int) -> list[Cell]:
    """Cells for all pages, at most ``most`` of them, all for as many pages as the first."""
    if not pages or most < 1:
        return []
    each = -(-len(pages) // most)
    return [_cell(pages, first, min(first + each, len(pages)) - 1) for first in range(0, len(pages), each)]


def _cell(pages: Sequence[Page], first: int, last: int) -> Cell:
    shown = min(range(first, last + 1), key=lambda number: (WORST.index(pages[number].state), number))
    return Cell(first, last, pages[shown].state, shown)


def cell_words(document: Document, cell: Cell) -> str:
    """The text of a cell's tooltip."""
    page = document.pages[cell.shown]
    if cell.first == cell.last:
        about = f"{state_words(page)}. {translated(page.reason)}"
        if page.confidence is not None:
            about += " " + tr("Confidence {n} %.", n=f"{100 * page.confidence:.0f}")
        if document.file_kind.paged:
            about = f"{tr('Page {number}', number=page.number)}: {about}"
        return about.strip()
    between = document.pages[cell.first : cell.last + 1]
    head = tr("Pages {first} to {last}", first=between[0].number, last=between[-1].number)
    words = f"{head}: {_counted(between)}."
    if hard := [one.number for one in between if one.hard_to_read]:
        words += f" {hard_words(hard)}."
    if cut := [one.number for one in between if one.recognition == "part"]:
        words += f" {cut_words(cut)}."
    if cell.state != "text":
        words += f" {tr('Page {number}', number=page.number)}: {translated(page.reason)}"
    return words


def state_words(page: Page) -> str:
    """How one page was read."""
    budget = page.picture.budget if page.picture is not None else 0
    match page.state:
        case "text":
            return tr("read as text")
        case "image":
            return tr("read as a picture, {tokens} tokens at most", tokens=budget)
        case "both":
            return tr("read as text and as a picture, {tokens} tokens at most", tokens=budget)
        case _:
            return tr("not read")


def _counted(pages: Sequence[Page]) -> str:
    counts = Counter(page.state for page in pages)
    parts = []
    if counts["text"]:
        parts.append(tr_n("{n} as text", "{n} as text", counts["text"]))
    if counts["both"]:
        parts.append(tr_n("{n} as text and picture", "{n} as text and pictures", counts["both"]))
    if counts["image"]:
        parts.append(tr_n("{n} as a picture", "{n} as pictures", counts["image"]))
    if counts["skipped"]:
        parts.append(tr_n("{n} not read", "{n} not read", counts["skipped"]))
    return ", ".join(parts)


def summary(document: Document) -> str:
    """The whole document in one line."""
    if document.file_kind.timed:
        if not document.frames:
            return tr("{length} of sound", length=mm_ss(document.duration_s or 0.0))
        frames = tr_n("{n} frame looked at", "{n} frames looked at", len(document.frames))
        if document.duration_s is not None:
            frames = tr("{frames} in {length}", frames=frames, length=mm_ss(document.duration_s))
        return "; ".join([frames, *_screen_words(document), *doubts_about(document)])
    count = tr_n("{n} page", "{n} pages", len(document.pages))
    return "; ".join([f"{count}: {_counted(document.pages)}", *doubts_about(document)])


def _screen_words(document: Document) -> list[str]:
    """What became of the text on a video's frames; nothing where none was found."""
    if document.screen == "waiting":
        return [tr("text on frames is being read")]
    read = [(len(cue.text), cue.confidence) for cue in document.cues if cue.confidence is not None]
    if not read:
        return []
    sure = sum(length * confidence for length, confidence in read) / max(1, sum(length for length, _ in read))
    return [tr("text read from the frames, confidence {n} %", n=f"{100 * sure:.0f}")]


def frame_words(document: Document, index: int) -> str:
    """The text of a frame's tooltip."""
    frame = document.frames[index]
    return tr(
        "{time}: this frame was looked at, {tokens} tokens at most",
        time=mm_ss(frame.time_s),
        tokens=frame.picture.budget,
    )


def length_of(document: Document) -> float:
    """How long a video's time axis is, in seconds; never 0."""
    last = document.frames[-1].time_s if document.frames else 0.0
    return max(document.duration_s or 0.0, last, 0.001)
