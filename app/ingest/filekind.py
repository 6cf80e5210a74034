"""What there is to know about a kind of file, in one value: ``FileKind``. The kinds themselves are in ``kinds``.

Each kind has a folder in ``app.ingest.formats`` with a ``kind`` module, which holds its ``FileKind`` and imports no
parser: what reads, enlarges and shows its files is named as ``"module:name"`` and imported in a confined child process
when the first such file comes (``imported``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, BinaryIO, Literal

from model.messages import Message

Kind = str
"""A kind's name: ``"pdf"``, ``"image"``, ``"video"`` …; kept in conversations, so it never changes."""

View = Literal["pages", "picture", "player", "sound"]
"""What shows it in the viewer."""

Unit = Literal["page", "frame", "second"]
"""What it is read by, and what progress counts."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file and the one format in which its parser may read it."""

    kind: Kind
    format: str


def _nothing(_head: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Format:
    """One format that can be read: how its files begin, and what their names usually end with.

    ``matches`` tells it where the mark is not at the very beginning. ``inside``: the name of a
    part that such a zip archive has. ``confirms`` looks further into a file that begins so.
    ``text``: it begins with no mark but is text, and
    its name decides between several such. ``shared`` endings also belong to other kinds of files, as ``.ts`` does to
    program text. ``mime`` and ``uti`` are its names for "Open with" on Linux and macOS (on Windows the endings are);
    without a ``mime`` it is not offered there.
    """

    form: Form
    suffixes: tuple[str, ...]
    signatures: tuple[bytes, ...] = ()
    matches: Callable[[bytes], bool] = _nothing
    shared: tuple[str, ...] = ()
    inside: bytes = b""
    confirms: Callable[[BinaryIO], bool] | None = None
    text: bool = False
    mime: tuple[str, ...] = ()
    uti: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """A kind of file.

    ``title`` is its name in the window, ``noun`` the one for the model and the command line. ``icon`` is a file in
    ``resources/icons``. ``reader`` takes path, format, ``ReadOptions``, spool and the page to begin with, and gives the
    messages that describe the file; ``closer`` takes path, format and request, and gives a part of it as an image with
    the second that it shows, or ``None``; ``shown`` takes path, format and password, and is what
    ``app.ingest.view.viewing_child.Shown`` describes, or ``""`` where the player shows it. A file that is not pages is
    laid out into pages: ``layout`` takes path and format and gives its ``laid_out.content.Content``, and the other
    three are the same for all such kinds. ``sheet`` takes path, format and request, and gives the pictures of one page
    that may hold words (``app.ingest.ocr.sheet.Sheet``), or ``""`` where nothing is read from pictures.
    ``screen`` takes the same and gives what a video shows (``app.ingest.ocr.watching.Screen``), likewise. ``attached``
    takes path, format, password and number, and gives the bytes of a file that is inside of it (``Document.attached``).
    ``searchable`` takes path, format and password, and gives what makes a searchable PDF of it
    (``app.ingest.searchable.making.Making``). ``modes``: its pages can be read as text, as pictures or as both.
    """

    name: Kind
    title: Message
    noun: str
    icon: str
    formats: tuple[Format, ...]
    most_bytes: int
    view: View
    unit: Unit = "page"
    modes: bool = False
    layout: str = ""
    tells: str = ""
    reader: str = "app.ingest.formats.laid_out.reader:read_laid_out"
    closer: str = "app.ingest.formats.laid_out.reader:part_of_page"
    shown: str = "app.ingest.formats.laid_out.shown:ShownLaidOut"
    sheet: str = "app.ingest.formats.laid_out.scans:sheet_of_page"
    screen: str = ""
    attached: str = ""
    searchable: str = ""

    @property
    def timed(self) -> bool:
        """Whether a place in it is a second, and what is read of it are frames and sound."""
        return self.unit != "page"

    @property
    def paged(self) -> bool:
        """Whether a place in it is a numbered page whose words can be searched and quoted."""
        return self.view == "pages"

    @property
    def named(self) -> tuple[str, ...]:
        """What is imported by name."""
        read = (self.layout, self.tells, self.reader, self.closer, self.sheet, self.screen, self.attached)
        return tuple(where for where in (*read, self.shown, self.searchable) if where)

    @property
    def modules(self) -> tuple[str, ...]:
        """The modules that are imported by name, for the packages."""
        return tuple(where.partition(":")[0] for where in self.named)


def imported(where: str) -> Any:
    """What ``"module:name"`` names. In child processes only: parsers are imported with it."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)
