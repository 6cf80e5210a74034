"""The owner of the reading process, inside the app: ``Reader.read`` turns a file into a ``Document``.

A page that crashes or hangs the parser costs that page: the process is started anew and continues after it.
One thread reads at a time; ``close`` may come from any thread and ends a read within half a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app import paths
from app.ingest.attached import AttachedFile, place
from app.ingest.limits import MAX_FRAMES, MAX_PASSWORD, MAX_RESTARTS, Timeouts
from app.ingest.listen.store import TranscriptStore, with_transcript
from app.ingest.process.child import Entry, LostError
from app.ingest.process.pictures import OwnsPictures
from app.ingest.process.protocol import FAR, number_of, picture_of, taken_out_of
from app.ingest.read import worker
from app.ingest.read.assembly import UNREAD, Assembly
from app.ingest.types import Document, ReadOptions, ReadProgress
from model.cancel import AnyOf, Cancel
from model.errors import IngestError
from model.messages import joined, msg
from model.soft_tokens import VISUAL_BUDGETS
from model.types import Picture

OnProgress = Callable[[ReadProgress], None]
_NOT_TAKEN_OUT = msg("attached.failed", "The attached file could not be opened.")
_NOT_SHOWN = msg("view.failed", "The page could not be shown.")


class Reader(OwnsPictures):
    """Reads files in a separate process. A context manager."""

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        *,
        entry: Entry = worker.main,
        transcripts: TranscriptStore | None = None,
    ) -> None:
        """``transcripts``: the user's own by default."""
        self._transcripts = transcripts or TranscriptStore(paths.transcripts_dir())
        self._timeouts = timeouts or Timeouts()
        super().__init__(entry, self._timeouts)

    def warm_up(self) -> None:
        """Start the process now, so that the first file does not wait for it. Returns at once."""
        with self._lock:
            if not self._closed:
                self._client.start()

    def read(
        self,
        path: Path,
        options: ReadOptions | None = None,
        on_progress: OnProgress | None = None,
        cancel: Cancel | None = None,
    ) -> Document:
        """Read a file. Raises ``IngestError`` with a sentence, about a password ``LockedError``; ``CancelledError``."""
        options = options or ReadOptions()
        _check(options)
        document = replace(self._read(Path(path), options, on_progress, cancel), password=options.password)
        if document.file_kind.timed and (kept := self._transcripts.load(document.content_hash)) is not None:
            return replace(document, cues=with_transcript(document.cues, kept))
        return document

    def _read(
        self, path: Path, options: ReadOptions, on_progress: OnProgress | None, cancel: Cancel | None
    ) -> Document:
        with self._lock:
            assembly = Assembly(path, self._folder().path, on_progress)
            stop = AnyOf(self._cancel, cancel)
            deadline = time.monotonic() + self._timeouts.file_s
            for _ in range(MAX_RESTARTS + 1):
                try:
                    self._run(path, options, assembly, stop, deadline)
                    break
                except LostError as lost:
                    if not assembly.lose(lost.message):
                        raise IngestError(joined(UNREAD, lost.message)) from None
                    if assembly.complete:
                        break
            else:
                assembly.give_up(msg("process.too-many-losses", "Too many earlier pages crashed the reader or hung."))
            if not assembly.hashed:  # a video's frames may come first, and its process was lost at one of them
                self._hash(path, assembly, stop)
            return assembly.document()

    def _hash(self, path: Path, assembly: Assembly, stop: Cancel) -> None:
        """Only the file's hash, in a process that parses nothing of it."""
        try:
            self._client.follow(self._request("hash", path), stop, assembly.take, lambda: assembly.hashed)
        except LostError:
            raise IngestError(msg("file.failed", "The file could not be read.")) from None

    def region(
        self,
        path: Path,
        box: tuple[float, float, float, float],
        budget: int,
        *,
        page: int = 1,
        time_s: float = 0.0,
        turn: int = 0,
        password: str | None = None,
        cancel: Cancel | None = None,
    ) -> tuple[Picture, float | None]:
        """A part of a page, of an image or of the frame on the screen at ``time_s``, and the time to name it by.

        ``box`` is x0, y0, x1, y1 as shares of the whole; the part is turned clockwise by ``turn`` degrees, a multiple
        of 90. Raises ``IngestError`` and ``CancelledError``.
        """
        if not (0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
            raise IngestError(msg("region.outside", "The region must be inside the page."))
        about = {"box": list(box), "budget": budget, "page": int(page), "time": float(time_s), "password": password}
        return self._picture(path, about | {"turn": turn}, cancel)

    def _picture(self, path: Path, about: dict[str, Any], cancel: Cancel | None) -> tuple[Picture, float | None]:
        _check(ReadOptions(budget=about["budget"]))
        with self._lock:
            spool = self._folder()
            request = self._request("region", Path(path)) | about
            stop = AnyOf(self._cancel, cancel)
            try:
                with self._client.answer(request, stop) as answer:
                    message = answer.message
                    time_s = None if message.get("time") is None else number_of(message, "time", -FAR, FAR)
                    return picture_of(message, spool.path), time_s
            except LostError as lost:
                raise IngestError(joined(_NOT_SHOWN, lost.message)) from None

    def take_out(
        self,
        path: Path,
        file: AttachedFile,
        folder: Path | None = None,
        password: str | None = None,
        cancel: Cancel | None = None,
    ) -> Path:
        """One of the files inside of a file, written into ``folder`` under a name that is safe and free there.

        Without a ``folder`` it lives as long as this reader. Raises ``IngestError`` and ``CancelledError``.
        """
        with self._lock:
            spool = self._folder()
            request = self._request("take out", Path(path)) | {"number": file.number, "password": password}
            try:
                with self._client.answer(request, AnyOf(self._cancel, cancel)) as answer:
                    written = taken_out_of(answer.message, spool.path)
            except LostError as lost:
                raise IngestError(joined(_NOT_TAKEN_OUT, lost.message)) from None
            try:
                return place(written, folder or spool.path / "attached", file.name)
            finally:
                written.unlink(missing_ok=True)

    def _run(self, path: Path, options: ReadOptions, assembly: Assembly, stop: Cancel, deadline: float) -> None:
        request = self._request("read", path) | {
            "budget": options.budget,
            "mode": options.mode,
            "max_frames": options.max_frames,
            "start": assembly.next_page,
            "password": options.password,
        }
        if not self._client.follow(request, stop, assembly.take, lambda: assembly.complete, deadline):
            assembly.give_up(
                msg(
                    "process.file-too-long",
                    "Reading the file took longer than {seconds} seconds.",
                    seconds=self._timeouts.file_s,
                )
            )

    def _request(self, kind: str, path: Path) -> dict[str, Any]:
        spool = self._folder()
        return {
            "kind": kind,
            "path": os.path.abspath(path),  # noqa: PTH100 (links are followed when the file is opened)
            "spool": str(spool.path),
            "remaining": spool.remaining(),
        }


def _check(options: ReadOptions) -> None:
    if options.budget is not None and options.budget not in VISUAL_BUDGETS:
        raise IngestError(
            msg(
                "option.budget",
                "The image detail must be one of {allowed}.",
                allowed=", ".join(map(str, VISUAL_BUDGETS)),
            )
        )
    if options.mode not in ("auto", "text", "image", "both"):
        raise IngestError(msg("option.mode", "The mode must be auto, text, image or both."))
    if not 1 <= options.max_frames <= MAX_FRAMES:
        raise IngestError(msg("option.frames", "The number of frames must be between 1 and {limit}.", limit=MAX_FRAMES))
    if options.password is not None and len(options.password) > MAX_PASSWORD:
        raise IngestError(msg("option.password", "The password is longer than {limit} characters.", limit=MAX_PASSWORD))
