"""Puts one document together from the messages of the reading process, and from what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.ingest.attached import MAX_ATTACHED, AttachedFile
from app.ingest.cues import MAX_CUES, MAX_CUES_TEXT, Cue
from app.ingest.filekind import FileKind
from app.ingest.kinds import KINDS
from app.ingest.limits import MAX_FRAMES, MAX_PAGES, MAX_PIECES, MAX_SECONDS, MAX_SKIPPED
from app.ingest.process.protocol import (
    FAR,
    ProtocolError,
    attached_of,
    cues_in_order,
    cues_of,
    frame_of,
    hash_of,
    integer_of,
    locked_of,
    message_of,
    number_of,
    page_of,
    peaks_of,
    skipped_of,
    sound_of,
    tags_of,
    text_of,
    thumbnail_of,
)
from app.ingest.types import Document, Frame, Page, ReadProgress, Skipped
from model.errors import IngestError
from model.messages import Message, joined, msg
from model.types import Sound

_STAGES = {"words": msg("where.subtitles", "subtitles"), "sound": msg("where.sound", "sound")}
UNREAD = msg("file.failed", "The file could not be read.")


class Assembly:
    """A document in the making."""

    def __init__(self, path: Path, spool: Path, on_progress: Callable[[ReadProgress], None] | None = None) -> None:
        self._path = path
        self._spool = spool
        self._on_progress = on_progress
        self._kind: FileKind | None = None
        self._hash: str | None = None
        self._total: int | None = None
        self._duration: float | None = None
        self._size: tuple[int, int] | None = None
        self._pages: list[Page] = []
        self._frames: list[Frame] = []
        self._skipped: list[Skipped] = []
        self._attached: list[AttachedFile] = []
        self._thumbnail = b""
        self._cues: list[Cue] = []
        self._cue_characters = 0
        self._sound: list[Sound] = []
        self._waveform = b""
        self._tags: tuple[tuple[str, str], ...] = ()
        self._stage = ""
        self.complete = False
        self.settled = False
        """The reading process has sent its last message about this file."""

    @property
    def _paged(self) -> bool:
        """Whether it comes page by page, so that a page that fails costs only itself."""
        return self._kind is not None and self._kind.paged

    @property
    def _timed(self) -> bool:
        return self._kind is not None and self._kind.timed

    @property
    def next_page(self) -> int:
        """Where to go on after a restart, counted from 0."""
        return len(self._pages)

    @property
    def hashed(self) -> bool:
        """Whether the file's hash has come."""
        return self._hash is not None

    def take(self, message: dict[str, Any]) -> None:
        """Add one message. Raises ``ProtocolError`` on a bad one, ``IngestError`` where reading failed."""
        handler = getattr(self, f"_on_{message['kind']}", None)
        if handler is None:
            raise ProtocolError("A message's kind is unknown.")
        handler(message)

    def lose(self, why: Message) -> bool:
        """The process was lost at the page or frame that comes next. False where nothing can be saved."""
        if self._total is None:
            return False
        if self._paged:
            if len(self._pages) < self._total:
                self._add_page(_lost_page(len(self._pages) + 1, why))
                self.complete = len(self._pages) >= self._total
            else:
                self.complete = True  # only the thumbnail is missing
            return any(page.state != "skipped" for page in self._pages) or not self.complete
        self.complete = True
        if self._stage:
            self._skipped.append(Skipped(_STAGES[self._stage], why))
        elif self._frames:
            self._skipped.append(
                Skipped(msg("where.after-seconds", "after {seconds} s", seconds=round(self._frames[-1].time_s)), why)
            )
        return bool(self._frames or self._pages or self._waveform)

    def give_up(self, why: Message) -> None:
        """Nothing more is read. Raises ``IngestError`` where there is nothing at all."""
        if not any(page.state != "skipped" for page in self._pages) and not self._frames:
            raise IngestError(joined(UNREAD, why))
        self._skipped.append(Skipped(msg("where.rest", "the rest of the file"), why))
        while self._paged and len(self._pages) < (self._total or 0):
            self._add_page(_lost_page(len(self._pages) + 1, why))
        self.complete = True

    def document(self) -> Document:
        """The finished document. Raises ``IngestError`` where not one page could be read."""
        if self._kind is None or self._hash is None:
            raise IngestError(UNREAD)
        if self._pages and all(page.state == "skipped" for page in self._pages):
            self._no_page()
        return Document(
            content_hash=self._hash,
            path=self._path,
            name=self._path.name,
            kind=self._kind.name,
            pages=tuple(self._pages),
            frames=tuple(self._frames),
            duration_s=self._duration,
            skipped=tuple(self._skipped),
            thumbnail=self._thumbnail,
            frame_size=self._size,
            attached=tuple(self._attached),
            cues=tuple(self._cues),
            screen="waiting" if self._kind.screen and self._frames else "",
            sound=tuple(self._sound),
            waveform=self._waveform,
            tags=self._tags,
        )

    def _no_page(self) -> None:
        """Blank pages make a document; pages that all failed do not."""
        first = next((page for page in self._pages if page.width == 0), None)
        if first is not None and all(page.width == 0 for page in self._pages):
            raise IngestError(joined(msg("file.no-page", "No page can be read."), first.reason))

    def _on_alive(self, message: dict[str, Any]) -> None:
        """Only a sign of life."""

    def _on_form(self, message: dict[str, Any]) -> None:
        kind = KINDS.get(text_of(message, "form"))
        if kind is None or self._kind not in (None, kind):
            raise ProtocolError("The kind of file is unknown or has changed.")
        self._kind = kind

    def _on_hash(self, message: dict[str, Any]) -> None:
        found = hash_of(message)
        if self._hash not in (None, found):
            raise IngestError(msg("file.changed", "The file changed while it was read; read it again."))
        self._hash = found

    def _on_opened(self, message: dict[str, Any]) -> None:
        unit = self._kind.unit if self._kind is not None else "page"
        most = {"page": MAX_PAGES, "frame": MAX_FRAMES, "second": MAX_SECONDS}[unit]
        self._total = integer_of(message, "total", 1, most)
        if message.get("duration") is not None:
            self._duration = number_of(message, "duration", 0, 1e9)
        self._tell(self.next_page)

    def _on_size(self, message: dict[str, Any]) -> None:
        self._size = (integer_of(message, "height", 1, 65_536), integer_of(message, "width", 1, 65_536))

    def _on_page(self, message: dict[str, Any]) -> None:
        page = page_of(message, self._spool)
        if self._timed or page.number != self.next_page + 1:
            raise ProtocolError("A page is out of order.")
        self._add_page(page)

    def _on_frame(self, message: dict[str, Any]) -> None:
        frame = frame_of(message, self._spool)
        if not self._timed or (self._frames and frame.time_s <= self._frames[-1].time_s):
            raise ProtocolError("A frame is out of order.")
        self._frames.append(frame)
        self._on_passed(message)

    def _on_passed(self, message: dict[str, Any]) -> None:
        """A sampled time that shows the same frame as the one before."""
        self._tell(integer_of(message, "index", 0, (self._total or 0) - 1) + 1)

    def _on_stage(self, message: dict[str, Any]) -> None:
        """Frames are over; what is read now is lost by itself."""
        stage = text_of(message, "name")
        if stage not in _STAGES:
            raise ProtocolError("A stage is unknown.")
        self._stage = stage

    def _on_heard(self, message: dict[str, Any]) -> None:
        self._tell(min(int(number_of(message, "time", 0, FAR)), self._total or 0))

    def _on_sound(self, message: dict[str, Any]) -> None:
        piece = sound_of(message, self._spool)
        if not self._timed or (self._sound and piece.start_s < self._sound[-1].start_s):
            raise ProtocolError("A piece of sound is out of order.")
        if len(self._sound) >= MAX_PIECES:
            raise ProtocolError("There are too many pieces of sound.")
        self._sound.append(piece)

    def _on_waveform(self, message: dict[str, Any]) -> None:
        self._waveform = peaks_of(message)
        self._duration = number_of(message, "duration", 0, FAR)

    def _on_tags(self, message: dict[str, Any]) -> None:
        self._tags = tags_of(message)

    def _on_cues(self, message: dict[str, Any]) -> None:
        cues = cues_of(message)
        before = self._cues[-1] if self._cues else None
        if before is not None and cues and (before.source, before.track) == (cues[0].source, cues[0].track):
            cues_in_order([before, cues[0]])
        self._cue_characters += sum(len(cue.text) for cue in cues)
        if not self._timed or len(self._cues) + len(cues) > MAX_CUES or self._cue_characters > MAX_CUES_TEXT:
            raise ProtocolError("There are too many cues.")
        self._cues += cues

    def _on_skipped(self, message: dict[str, Any]) -> None:
        if len(self._skipped) >= MAX_SKIPPED:
            raise ProtocolError("There are too many notes.")
        self._skipped.append(skipped_of(message))

    def _on_attached(self, message: dict[str, Any]) -> None:
        if len(self._attached) >= MAX_ATTACHED:
            raise ProtocolError("There are too many attached files.")
        self._attached.append(attached_of(message, len(self._attached)))

    def _on_thumbnail(self, message: dict[str, Any]) -> None:
        self._thumbnail = thumbnail_of(message)

    def _on_done(self, message: dict[str, Any]) -> None:
        read = self._frames or self._waveform if self._timed else self._pages
        if not read or (not self._timed and len(self._pages) != self._total):
            raise ProtocolError("The document is not complete.")
        self.complete = self.settled = True

    def _on_failed(self, message: dict[str, Any]) -> None:
        self.settled = True
        if self._stage:
            self._skipped.append(Skipped(_STAGES[self._stage], message_of(message, "message")))
            self.complete = True
            return
        raise IngestError(message_of(message, "message"))

    def _on_locked(self, message: dict[str, Any]) -> None:
        self.settled = True
        raise locked_of(message)

    def _add_page(self, page: Page) -> None:
        if len(self._pages) >= (self._total or 0):
            raise ProtocolError("There are more pages than announced.")
        self._pages.append(page)
        if page.state == "skipped" and page.width == 0:
            self._skipped.append(Skipped(msg("where.page", "page {number}", number=str(page.number)), page.reason))
        self._tell(len(self._pages))

    def _tell(self, done: int) -> None:
        if self._on_progress is not None and self._kind is not None:
            self._on_progress(ReadProgress(done, self._total or 0, self._kind.unit))


def _lost_page(number: int, why: Message) -> Page:
    return Page(number, 0.0, 0.0, "", (), None, "skipped", why)
