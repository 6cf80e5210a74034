"""Small documents as reading gives them, from lines of text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.ingest.types import Document, Frame, Page, PageState, TextLine, Word
from model.messages import plain
from model.types import Picture

HEIGHT = 12.0


def picture(budget: int = 280) -> Picture:
    """A black picture of four soft tokens."""
    return Picture(bytes(96 * 96 * 3), 96, 96, budget, "p" * 64)


def page(number: int, *lines: str, state: PageState = "text", left: float = 50, top: float = 60) -> Page:
    """A page with its lines one below the other, six points a letter."""
    placed = tuple(
        TextLine(text, (left, top + 14 * row, left + 6 * len(text), top + 14 * row + HEIGHT))
        for row, text in enumerate(lines)
    )
    shown = picture() if state in ("image", "both") else None
    return Page(number, 595, 842, "\n".join(lines), placed, shown, state, plain("As it is."))


def scanned(number: int, *lines: str, confidence: float | None = 0.95) -> Page:
    """The same page as a picture, with the words that were read from it."""
    made = page(number, *lines, state="both")
    placed = []
    for line in made.lines:
        x0, y0, _, y1 = line.box
        words, at = [], 0
        for word in line.text.split(" "):
            words.append(Word(word, (x0 + 6 * at, y0, x0 + 6 * (at + len(word)), y1), confidence))
            at += len(word) + 1
        placed.append(replace(line, source="picture", words=tuple(words)))
    return replace(made, lines=tuple(placed), recognition="read", confidence=confidence)


def paper(name: str, *pages: Page | tuple[str, ...]) -> Document:
    """A PDF of these pages, or of pages with these lines."""
    made = tuple(one if isinstance(one, Page) else page(number, *one) for number, one in enumerate(pages, 1))
    return Document((name * 64)[:64], Path(name), name, "pdf", made, (), None, (), b"")


def image(name: str) -> Document:
    """A picture."""
    return Document((name * 64)[:64], Path(name), name, "image", (page(1, state="image"),), (), None, (), b"")


def clip(name: str, *times: float, duration: float = 60.0) -> Document:
    """A video with frames at these times."""
    frames = tuple(Frame(time, picture(70)) for time in times)
    return Document((name * 64)[:64], Path(name), name, "video", (), frames, duration, (), b"")
