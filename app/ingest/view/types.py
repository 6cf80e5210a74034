"""What showing pages and pictures needs on both ends of the pipe, and in the window. No parser, no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.ingest.filekind import View
from app.ingest.types import Box
from model.errors import IngestError
from model.messages import Message, msg

Area = tuple[int, int, int, int]
"""Left, top, width and height in pixels."""

MAX_SHEETS = 10_000
MAX_DRAWN_PIXELS = 4_500_000
MAX_PNG_BYTES = 96 << 20
MAX_PICTURE_PIXELS = 16_000_000
MAX_LINKS = 2000
MAX_ADDRESS = 2000
MAX_HITS = 2000
"""Hits on one page."""


class LockedError(IngestError):
    """The file needs a password, or another one than was given (``wrong``)."""

    def __init__(self, message: Message, *, wrong: bool = False) -> None:
        super().__init__(message)
        self.wrong = wrong


def password_error(password: str | None) -> LockedError:
    """The error for a file that ``password`` does not open, or that needs one."""
    if password:
        return LockedError(msg("file.wrong-password", "This is not the file's password."), wrong=True)
    return LockedError(msg("file.needs-password", "The file is protected by a password."))


@dataclass(frozen=True, slots=True)
class File:
    """A file to be shown. The password is never written anywhere."""

    path: Path
    password: str | None = None

    def __repr__(self) -> str:
        return f"File({self.path})"


@dataclass(frozen=True, slots=True)
class Sheets:
    """An opened file: its pages' sizes in points, or a picture's in pixels; 0 × 0 for a page that is damaged.

    ``total`` is the number of pages in the file, which may be more than are shown. ``stamp`` changes with the file.
    """

    view: View
    sizes: tuple[tuple[float, float], ...]
    total: int
    stamp: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pixels of four bytes: blue, green, red, and opacity where ``clear`` is set, else 255."""

    width: int
    height: int
    pixels: bytes
    clear: bool


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a page in reading order.

    ``edges`` has one place more than ``text`` has characters: character n reaches from edge n to edge n + 1, across
    (``axis`` 0) or down the page (``axis`` 1). ``block`` tells paragraphs apart.
    """

    text: str
    box: Box
    edges: tuple[float, ...]
    block: int
    axis: int

    def part(self, start: int, end: int) -> Box:
        """The box of some of its characters."""
        low, high = sorted((self.edges[start], self.edges[end]))
        if self.axis:
            return self.box[0], low, self.box[2], high
        return low, self.box[1], high, self.box[3]


@dataclass(frozen=True, slots=True)
class Link:
    """A place that leads elsewhere: to a page (and a height on it), or to an address."""

    box: Box
    page: int | None
    y: float
    address: str


@dataclass(frozen=True, slots=True)
class PageText:
    """A page's text layer and its links."""

    lines: tuple[ShownLine, ...]
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The hits on one page, each a box per line that it touches."""

    page: int
    hits: tuple[tuple[Box, ...], ...]
