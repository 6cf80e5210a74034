"""What reading a file gives: frozen dataclasses that need no parser, no Qt and no torch.

A PDF has pages, an image is a document with one page, a video has frames only. Every page records how it was
read (``state``) and why (``reason``); whatever was left out is named in ``Document.skipped``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from app.ingest.attached import AttachedFile
from app.ingest.cues import Cue
from app.ingest.filekind import FileKind, Kind, Unit
from app.ingest.kinds import KINDS
from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT
from model.messages import Message, msg
from model.types import Picture, Sound

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 from the top left: points on a PDF's page, pixels on an image."""

PageState = Literal["text", "image", "both", "skipped"]
Mode = Literal["auto", "text", "image", "both"]


WHOLE_FILE = msg("where.file", "file")
"""Where something was left out: anywhere in the file."""

TEXT_CUT = msg(
    "page.text-cut",
    "Its text was cut: the limits are {characters} characters and {lines} lines.",
    characters=MAX_PAGE_TEXT,
    lines=MAX_LINES,
)

Role = Literal["", "joined", "comment"]
"""``joined``: it belongs to the line before it, as what is filled in belongs to its label. ``comment``: somebody's
remark on the page, not the page's own words."""


Source = Literal["layer", "picture"]
"""``layer``: the file itself has it. ``picture``: recognised on a picture of the page, here or by a scanner's program,
so single characters may be wrong."""

Recognition = Literal["", "waiting", "read", "part", "failed"]
"""What became of the words on a page's picture: none are looked for, they are not read yet, they are read (there may be
none), time ran out before all were read, or they could not be read (``Page.reason`` has the reason of both)."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word that was read from a picture. ``box`` as the line's.

    ``confidence`` goes from 0 to 1; ``None``: a scanner's program read it, and gave no confidence.
    """

    text: str
    box: tuple[float, float, float, float]
    confidence: float | None


@dataclass(frozen=True, slots=True)
class TextLine:
    """One visible line of a page. ``box`` is x0, y0, x1, y1 from the top left, in points or an image's pixels.

    ``words`` are given where ``source`` is ``picture``; joined by spaces they make the text.
    """

    text: str
    box: tuple[float, float, float, float]
    role: Role = ""
    source: Source = "layer"
    words: tuple[Word, ...] = ()


_NEAR = 3.0
"""Points by which a line's box may begin before the cell that it is in."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on a page something begins that has its own name: a cell, a slide, a mail. In points."""

    name: str
    x: float
    y: float


LOW_CONFIDENCE = 0.8
"""Mean confidence below which words that were read from a picture may be other ones."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a PDF, or an image. Width and height are points for a PDF, pixels for an image.

    ``text`` and ``lines`` hold only what a person can see on the page; ``hidden_text`` counts the
    characters that the text layer holds but the page does not show. ``beyond_text``: the picture is likely to
    hold words that the text lacks, for the layer is damaged, or a picture covers the page and there is little text.
    """

    number: int
    width: float
    height: float
    text: str
    lines: tuple[TextLine, ...]
    picture: Picture | None
    state: PageState
    reason: Message
    hidden_text: int = 0
    beyond_text: bool = False
    recognition: Recognition = ""
    confidence: float | None = None
    """The mean confidence, 0 to 1, of the words that were read from the page's picture; ``None`` where none has any."""

    turn: int = 0
    """Degrees clockwise, a quarter or more, by which the model's picture of the page was turned: its print ran along
    one side. Boxes are always those of the page as it is."""

    @property
    def from_picture(self) -> bool:
        """Whether any of the text was read from a picture."""
        return any(line.source == "picture" for line in self.lines)

    @property
    def all_from_picture(self) -> bool:
        """Whether nothing of the text is the file's own, comments aside."""
        return self.from_picture and all(line.source == "picture" or line.role == "comment" for line in self.lines)

    @property
    def hard_to_read(self) -> bool:
        """Whether text was read from its picture with low confidence."""
        return self.from_picture and self.confidence is not None and self.confidence < LOW_CONFIDENCE

    spots: tuple[Spot, ...] = ()
    """In the order in which they are read."""

    def spot_at(self, x: float, y: float) -> str:
        """The name of the part there; empty where nothing on the page has one."""
        before = [spot for spot in self.spots if spot.y <= y + _NEAR]
        if not before:
            return ""
        lowest = max(spot.y for spot in before)
        row = [spot for spot in before if spot.y >= lowest - _NEAR]
        return max([spot for spot in row if spot.x <= x + _NEAR] or row, key=lambda spot: spot.x).name


@dataclass(frozen=True, slots=True)
class Frame:
    """One video frame: what is on the screen at ``time_s`` seconds, a whole number, since the first frame."""

    time_s: float
    picture: Picture


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something in the file that was not read, or read with a reservation. ``why`` is one sentence."""

    where: Message
    why: Message


@dataclass(frozen=True, slots=True)
class Document:
    """One file, read. ``content_hash`` is the SHA-256 of the file's bytes, ``thumbnail`` a small PNG."""

    content_hash: str
    path: Path
    name: str
    kind: Kind
    pages: tuple[Page, ...]
    frames: tuple[Frame, ...]
    duration_s: float | None
    skipped: tuple[Skipped, ...]
    thumbnail: bytes
    frame_size: tuple[int, int] | None = None
    """Height and width of a video's frames as they are shown."""
    attached: tuple[AttachedFile, ...] = ()
    """The files inside of it, which are read on their own where somebody wants them."""
    cues: tuple[Cue, ...] = ()
    """Subtitles, chapters, transcripts, text on frames: one track after the other, each by time."""
    screen: Recognition = ""
    """What became of the text on a video's frames, see ``Recognition``."""
    sound: tuple[Sound, ...] = ()
    """What can be heard in it, as pieces for a model that hears, by time; silence and what is too long are left out."""
    waveform: bytes = b""
    """Of a recording: how loud it is from its beginning to its end, 0 to 255 each."""
    tags: tuple[tuple[str, str], ...] = ()
    """Of a recording: its title, artist and the like, as the file has them."""
    password: str | None = field(default=None, repr=False, compare=False)
    """The password it was opened with, to open it again. In memory only: never written, shown or logged."""

    @property
    def hard_pages(self) -> tuple[int, ...]:
        """Numbers of the pages whose text was read from the picture with low confidence."""
        return tuple(page.number for page in self.pages if page.hard_to_read)

    @property
    def cut_pictures(self) -> tuple[int, ...]:
        """Numbers of the pages of whose pictures only a part was read, because time ran out."""
        return tuple(page.number for page in self.pages if page.recognition == "part")

    @property
    def waits(self) -> bool:
        """Whether words on its pictures or frames are not read yet, or may be there."""
        return self.screen == "waiting" or any(page.recognition == "waiting" for page in self.pages)

    @property
    def unread_pictures(self) -> tuple[int, ...]:
        """Numbers of the pages in whose pictures text could not be read."""
        return tuple(page.number for page in self.pages if page.recognition == "failed")

    @property
    def file_kind(self) -> FileKind:
        """The registered properties of its kind."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read. ``budget`` ``None`` chooses per page; ``mode``: what of a PDF's pages to use.

    ``password`` stays in memory: it is never written, shown or logged.
    """

    budget: int | None = None
    mode: Mode = "auto"
    max_frames: int = 32
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """How far reading has come. ``total`` is 0 while it is not yet known."""

    done: int
    total: int
    unit: Unit
