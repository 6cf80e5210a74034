"""The jobs and the reports of the rendering thread. Frozen, no Qt but finished pictures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtGui import QImage

from app.ingest.types import Box
from app.ingest.view.types import Area, Found, PageText, Sheets
from model.messages import NOTHING, Message


class Rank(IntEnum):
    """Priority of a job; lower values come first."""

    OPEN = 0
    ASKED = 1
    """The user waits for just this: a copy, a picture to save."""
    VISIBLE = 2
    FIND = 3
    NEAR = 4
    """The pages before and behind, texts that are not needed yet."""
    SMALL = 5
    """Previews in a list."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of a page at a scale (pixels per point, or per pixel of a picture)."""

    page: int
    scale: float
    area: Area


@dataclass(frozen=True, slots=True)
class Words:
    """Job: read a page's text layer."""

    page: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Something that is wanted as long as it is in the list of wishes."""

    rank: Rank
    what: Tile | Words


@dataclass(frozen=True, slots=True)
class Open:
    """Job: open the file."""


@dataclass(frozen=True, slots=True)
class Find:
    """Look for words on some pages; a newer search ends an older one."""

    number: int
    words: str
    pages: tuple[int, ...]
    batch: int = 50


@dataclass(frozen=True, slots=True)
class Cut:
    """A page or a part of it as a PNG."""

    number: int
    page: int
    box: Box | None
    pixels: int


Job = Open | Find | Cut | Tile | Words


@dataclass(frozen=True, slots=True)
class Opened:
    """The file is open; ``sheets`` has the sizes of its pages."""

    sheets: Sheets


@dataclass(frozen=True, slots=True)
class NotOpened:
    """The file cannot be shown; ``locked``: it needs a password."""

    message: Message
    locked: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """A tile has been drawn."""

    tile: Tile
    image: QImage


@dataclass(frozen=True, slots=True)
class Broken:
    """A page cannot be drawn."""

    page: int
    message: Message


@dataclass(frozen=True, slots=True)
class Texted:
    """The text of a page has been read."""

    page: int
    text: PageText


@dataclass(frozen=True, slots=True)
class Hits:
    """Some pages have been searched; ``over`` with the last ones."""

    number: int
    pages: tuple[Found, ...]
    over: bool


@dataclass(frozen=True, slots=True)
class PngReady:
    """A picture has been made; or a sentence with the reason why not."""

    number: int
    data: bytes
    message: Message = NOTHING


News = Opened | NotOpened | Ready | Broken | Texted | Hits | PngReady
