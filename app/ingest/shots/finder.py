"""Finding a video's shots in a separate process: what comes back, and the owner of the process. No Qt, no PyAV.

The pictures of what was found are in the finder's private folder until ``close``.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, cast, get_args

from app.ingest.cues import MAX_CUES, Cue
from app.ingest.filekind import Form
from app.ingest.formats.video.kind import VIDEO
from app.ingest.limits import MAX_SKIPPED, Timeouts
from app.ingest.process.child import Entry, LostError
from app.ingest.process.client import Client
from app.ingest.process.protocol import (
    FAR,
    ProtocolError,
    cues_of,
    frame_of,
    hash_of,
    integer_of,
    message_of,
    number_of,
    skipped_of,
    thumbnail_of,
)
from app.ingest.process.serving import Parts
from app.ingest.process.spool import SpoolFolder
from app.ingest.read import worker
from app.ingest.types import Document, Frame, Skipped
from model.cancel import AnyOf, Cancel
from model.errors import CancelledError, IngestError
from model.messages import joined, msg
from model.soft_tokens import VISUAL_BUDGETS

Entered = Literal["start", "cut", "fade", "dissolve"]
MAX_SHOTS = 240
MAX_FRAMES = 320


@dataclass(frozen=True, slots=True)
class ShotOptions:
    """How closely to look. Frames are for all of a video, tokens follow from them and the budget."""

    max_shots: int = MAX_SHOTS
    max_frames: int = 160
    budget: int = 70
    timeout_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One shot: from when to when, how it comes in, the frames that show it, a small PNG."""

    start_s: float
    end_s: float
    entered: Entered
    frames: tuple[Frame, ...]
    thumbnail: bytes = b""


@dataclass(frozen=True, slots=True)
class ShotList:
    """All shots of one video. Times are the file's own."""

    content_hash: str
    path: Path
    duration_s: float
    shots: tuple[Shot, ...]
    skipped: tuple[Skipped, ...] = ()
    cues: tuple[Cue, ...] = ()
    """What is said in it, and its chapters."""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def document(self, frames: Iterable[Frame], cues: Iterable[Cue] = ()) -> Document:
        """Some of its frames and words in the form in which every question about a video shows it."""
        return Document(
            content_hash=self.content_hash,
            path=self.path,
            name=self.name,
            kind=VIDEO.name,
            pages=(),
            frames=tuple(frames),
            duration_s=self.duration_s,
            skipped=(),
            thumbnail=b"",
            cues=tuple(cues),
        )


@dataclass(frozen=True, slots=True)
class ShotProgress:
    """How far it is: first the video is *looked* through (in seconds), then pictures are *picked* (in shots)."""

    stage: Literal["looking", "picking"]
    done: float
    total: float


_NOT_FOUND = msg("scenes.not-found", "The scenes could not be found.")

OnProgress = Callable[[ShotProgress], None]


class ShotFinder:
    """Owns the process and its pictures. A context manager; one thread at a time."""

    def __init__(self, timeouts: Timeouts | None = None, *, entry: Entry | None = None) -> None:
        self._timeouts = timeouts or Timeouts()
        self._client = Client(entry or main, self._timeouts)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._spool: SpoolFolder | None = None

    def __enter__(self) -> ShotFinder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def find(
        self,
        path: Path,
        options: ShotOptions | None = None,
        on_progress: OnProgress | None = None,
        cancel: Cancel | None = None,
    ) -> ShotList:
        """Find a video's shots. Raises ``IngestError`` with one sentence, or ``CancelledError``."""
        options = options or ShotOptions()
        _check(options)
        stop = AnyOf(self._closing, cancel)
        with self._lock:
            if self._closing.is_set():
                raise CancelledError(msg("cancelled.reading", "Reading was stopped."))
            self._spool = self._spool or SpoolFolder.made()
            assembly = _Assembly(Path(path), self._spool.path, on_progress)
            try:
                return self._found(Path(path), options, assembly, stop)
            except LostError as lost:
                raise IngestError(joined(_NOT_FOUND, lost.message)) from None
            finally:
                self._client.close()

    def close(self) -> None:
        """Stop what runs, end the process, remove the pictures."""
        self._closing.set()
        with self._lock:
            if self._spool is not None:
                self._spool.remove()
                self._spool = None

    def _found(self, path: Path, options: ShotOptions, assembly: _Assembly, stop: Cancel) -> ShotList:
        assert self._spool is not None
        request = {
            "kind": "read",
            "path": os.path.abspath(path),  # noqa: PTH100 (links are followed when the file is opened)
            "spool": str(self._spool.path),
            "remaining": self._spool.remaining(),
            "budget": options.budget,
            "max_frames": options.max_frames,
            "max_shots": options.max_shots,
        }
        until = time.monotonic() + options.timeout_s
        if not self._client.follow(request, stop, assembly.take, lambda: assembly.done, until):
            raise IngestError(
                msg(
                    "scenes.too-long",
                    "Finding the scenes took longer than {seconds} seconds and was stopped.",
                    seconds=options.timeout_s,
                )
            )
        return assembly.result()


class _Assembly:
    """A list of shots in the making. Everything that the process sends is checked."""

    def __init__(self, path: Path, spool: Path, on_progress: OnProgress | None) -> None:
        self._path, self._spool, self._on_progress = path, spool, on_progress
        self._hash = ""
        self._duration = 0.0
        self._spans: list[tuple[float, float, Entered]] = []
        self._frames: dict[int, list[Frame]] = {}
        self._thumbnails: dict[int, bytes] = {}
        self._skipped: list[Skipped] = []
        self._cues: list[Cue] = []
        self._count = 0
        self.done = False

    def take(self, message: dict[str, Any]) -> None:
        """Add one message. Raises ``ProtocolError``, ``IngestError``."""
        handler = getattr(self, f"_on_{message['kind']}", None)
        if handler is None:
            raise ProtocolError("A message's kind is unknown.")
        handler(message)

    def result(self) -> ShotList:
        """The finished list of shots."""
        shots = tuple(
            Shot(start, end, entered, tuple(self._frames.get(number, ())), self._thumbnails.get(number, b""))
            for number, (start, end, entered) in enumerate(self._spans)
        )
        return ShotList(self._hash, self._path, self._duration, shots, tuple(self._skipped), tuple(self._cues))

    def _on_alive(self, message: dict[str, Any]) -> None:
        """Only a sign of life."""

    def _on_form(self, message: dict[str, Any]) -> None:
        if message.get("form") != VIDEO.name:
            raise IngestError(msg("scenes.not-a-video", "This is not a video; only videos have scenes."))

    def _on_hash(self, message: dict[str, Any]) -> None:
        self._hash = hash_of(message)

    def _on_opened(self, message: dict[str, Any]) -> None:
        self._duration = number_of(message, "duration", 0, FAR)

    def _on_looked(self, message: dict[str, Any]) -> None:
        self._tell("looking", number_of(message, "time", 0, FAR), self._duration)

    def _on_shots(self, message: dict[str, Any]) -> None:
        shots = message.get("shots")
        if self._spans or not isinstance(shots, list) or not 0 < len(shots) <= MAX_SHOTS:
            raise ProtocolError("The shots are no list.")
        last = 0.0
        for shot in shots:
            if not isinstance(shot, list) or len(shot) != 3 or shot[2] not in get_args(Entered):
                raise ProtocolError("A shot is not two times and a word.")
            start, end = (number_of({"time": value}, "time", 0, FAR) for value in shot[:2])
            if start != last or end < start:
                raise ProtocolError("A shot does not follow the one before it.")
            last = end
            self._spans.append((start, end, cast(Entered, shot[2])))
        self._duration = max(self._duration, last)
        self._tell("picking", 0, len(self._spans))

    def _on_frame(self, message: dict[str, Any]) -> None:
        number = integer_of(message, "shot", 0, len(self._spans) - 1)
        self._count += 1
        if self._count > MAX_FRAMES + MAX_SHOTS:
            raise ProtocolError("There are too many frames.")
        self._frames.setdefault(number, []).append(frame_of(message, self._spool))
        self._tell("picking", number, len(self._spans))

    def _on_thumbnail(self, message: dict[str, Any]) -> None:
        self._thumbnails[integer_of(message, "shot", 0, len(self._spans) - 1)] = thumbnail_of(message)

    def _on_cues(self, message: dict[str, Any]) -> None:
        self._cues += cues_of(message)
        if len(self._cues) > MAX_CUES:
            raise ProtocolError("There are too many cues.")

    def _on_skipped(self, message: dict[str, Any]) -> None:
        if len(self._skipped) >= MAX_SKIPPED:
            raise ProtocolError("There are too many notes.")
        self._skipped.append(skipped_of(message))

    def _on_done(self, message: dict[str, Any]) -> None:
        if not self._spans or not self._hash:
            raise ProtocolError("The list is not complete.")
        self.done = True

    def _on_failed(self, message: dict[str, Any]) -> None:
        raise IngestError(message_of(message, "message"))

    def _tell(self, stage: Literal["looking", "picking"], done: float, total: float) -> None:
        if self._on_progress is not None:
            self._on_progress(ShotProgress(stage, done, total))


def _check(options: ShotOptions) -> None:
    if options.budget not in VISUAL_BUDGETS:
        raise IngestError(
            msg(
                "option.budget",
                "The image detail must be one of {allowed}.",
                allowed=", ".join(map(str, VISUAL_BUDGETS)),
            )
        )
    if not 1 <= options.max_shots <= MAX_SHOTS or not 1 <= options.max_frames <= MAX_FRAMES:
        raise IngestError(
            msg(
                "option.scenes",
                "At most {scenes} scenes and {frames} frames can be taken from a video.",
                scenes=MAX_SHOTS,
                frames=MAX_FRAMES,
            )
        )


def main(connection: Connection) -> None:
    """The process that looks: one video, then it is ended."""
    worker.serve(connection, _read)


def _read(path: Path, form: Form, request: dict[str, Any]) -> Parts:
    from app.ingest.shots.reading import read_shots

    return read_shots(path, form, request)
