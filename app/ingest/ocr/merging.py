"""Text read from a page's picture, merged with the page's own text. Checked, plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from app.ingest.ocr.spacing import with_tabs
from app.ingest.process.protocol import (
    ProtocolError,
    blocks_of,
    mean_confidence,
    message_of,
    page_text,
    picture_of,
    text_of,
)
from app.ingest.types import Document, Page, PageState, TextLine
from model.messages import Message, joined, msg
from model.types import Picture

_IN_PARTS = msg("ocr.in-parts", "Text in its pictures was read.")
_CUT = msg("ocr.cut", "Time ran out before all of the text in its picture was read, so some of it is missing.")
TURNS = (0, 90, 180, 270)


@dataclass(frozen=True, slots=True)
class Words:
    """What stays the same however the page is used: this is cached."""

    blocks: list[list[TextLine]]
    turn: int
    language: str
    replaces: bool

    @property
    def count(self) -> int:
        """Number of words, in all lines."""
        return sum(len(line.words) for block in self.blocks for line in block)

    @property
    def sure(self) -> float:
        """The mean confidence; 0 without any word."""
        return mean_confidence([line for block in self.blocks for line in block]) or 0.0


@dataclass(frozen=True, slots=True)
class Use:
    """How the page goes to the model now. ``picture``: another one than the page has, or ``None``."""

    state: PageState
    reason: Message
    with_picture: bool
    picture: Picture | None


def words_of(message: dict[str, Any]) -> Words:
    """The words in a message, or in a line of the cache. Raises ``ProtocolError``."""
    blocks, turn = blocks_of(message.get("blocks")), message.get("turn")
    if any(line.source != "picture" for block in blocks for line in block):
        raise ProtocolError("A line was not read from the picture.")
    if turn not in TURNS or isinstance(turn, bool):
        raise ProtocolError("A turn is no quarter.")
    return Words(with_tabs(blocks), turn, text_of(message, "language", 40), message.get("replaces") is True)


def use_of(message: dict[str, Any], spool: Path) -> Use:
    """The rest of a message. Raises ``ProtocolError``."""
    state, picture = message.get("state"), message.get("picture")
    if state not in get_args(PageState):
        raise ProtocolError("state is unknown.")
    return Use(
        cast(PageState, state),
        message_of(message, "reason"),
        message.get("budget") is not None,
        None if picture is None else picture_of(picture, spool),
    )


def merged(page: Page, words: Words, use: Use, complete: bool = True) -> Page:
    """The page with the words of its picture. Comments stay, and so does a text layer that is sound.

    ``complete``: false where time ran out before all of the picture was read; the page says so.
    """
    if not words.count:
        return replace(page, recognition="read") if complete else not_read(page, _CUT)
    comments = [line for line in page.lines if line.role == "comment"]
    if words.replaces:
        blocks = [*words.blocks, comments] if comments else words.blocks
        text, lines = page_text(blocks), tuple(line for block in blocks for line in block)
        state, reason = use.state, use.reason
    else:
        read = [line for block in words.blocks for line in block]
        text = f"{page.text}\n\n{page_text(words.blocks)}" if page.text else page_text(words.blocks)
        lines = (*page.lines, *read)
        state, reason = page.state, joined(page.reason, _IN_PARTS)
    picture = page.picture
    if words.replaces:
        picture = use.picture or page.picture if use.with_picture else None
    return replace(
        page,
        text=text,
        lines=lines,
        state=state,
        reason=reason if complete else joined(reason, _CUT),
        picture=picture,
        beyond_text=False,
        recognition="read" if complete else "part",
        confidence=mean_confidence(lines),
        turn=words.turn if words.replaces else 0,
    )


def not_read(page: Page, why: Message) -> Page:
    """The page whose picture could not be read."""
    return replace(page, recognition="failed", reason=joined(page.reason, why))


def with_pages(document: Document, pages: dict[int, Page]) -> Document:
    """The document with some of its pages replaced, by number."""
    return replace(document, pages=tuple(pages.get(page.number, page) for page in document.pages))
