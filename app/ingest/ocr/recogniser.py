"""The owner of the recognising process, inside the app: a ``Document`` whose pictures of text get their words.

It works page by page beside everything else, in a separate process: what is on the screen first, then from the first
page on. What is read is cached at once, so cancelling or killing it loses one page. A page at which the process
crashes or hangs keeps its picture with a note.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app import paths
from app.ingest.kinds import KINDS
from app.ingest.limits import MAX_RESTARTS, Timeouts
from app.ingest.ocr import worker
from app.ingest.ocr.languages import language_folders
from app.ingest.ocr.merging import Use, Words, merged, not_read, use_of, with_pages, words_of
from app.ingest.ocr.screen import ScreenText, allowed_s, notes_on, with_screen
from app.ingest.ocr.store import RecognitionStore, languages_key
from app.ingest.process.child import Entry, LostError
from app.ingest.process.pictures import OwnsPictures
from app.ingest.process.protocol import FAR, ProtocolError, number_of
from app.ingest.types import Document, Page, ReadOptions, Recognition
from model.cancel import AnyOf, Cancel
from model.errors import CancelledError, IngestError
from model.messages import Message, joined, msg

PAGE_SECONDS = 60.0
"""After so much of the processor's time a page is given up with what was read of it."""

_PATIENCE = 8
"""Seconds that may pass for each of these before the process is given up: the machine may be busy."""

_MOST_FAILED = 20
"""After this many unreadable pages in a row, the rest is not tried."""


class Recogniser(OwnsPictures):
    """Reads the words on pictures, one document at a time. A context manager."""

    def __init__(
        self,
        store: RecognitionStore | None = None,
        languages: Sequence[Path] | None = None,
        timeouts: Timeouts | None = None,
        *,
        entry: Entry = worker.main,
    ) -> None:
        """``store``: the user's own cache by default. ``languages``: folders of language files, later ones first."""
        self._store = store if store is not None else RecognitionStore(paths.recognised_dir())
        self._languages = list(languages) if languages is not None else language_folders()
        super().__init__(entry, timeouts or Timeouts(unit_s=_PATIENCE * PAGE_SECONDS))

    def recognise(
        self,
        document: Document,
        options: ReadOptions | None = None,
        *,
        on_card: bool = False,
        first: Callable[[], int | None] = lambda: None,
        on_page: Callable[[Page], None] = lambda _page: None,
        on_screen: Callable[[Document, float], None] = lambda _document, _upto: None,
        cancel: Cancel | None = None,
    ) -> Document:
        """The document with the words of its pictures, a video with the text on its frames.

        ``options`` are those that it was read with; ``on_card``: pictures cost little, so they stay sharp. ``first`` is
        asked before each page which one is on the screen. ``on_page`` gets each page as it is done, on this thread;
        ``on_screen`` gets a video with what was read on its frames up to a second.
        Raises ``CancelledError``; the pages until then have been told and cached. Pictures live until ``close``.
        """
        if document.screen == "waiting":
            with self._lock:
                return self._watched(document, on_screen, AnyOf(self._cancel, cancel))
        waiting = {page.number: page for page in document.pages if page.recognition == "waiting"}
        if not waiting or not KINDS[document.kind].sheet:
            return document
        with self._lock:
            work = _Work(document, options or ReadOptions(), on_card, AnyOf(self._cancel, cancel))
            key = languages_key(self._languages)
            work.known = self._store.load(document.content_hash, key)
            done: dict[int, Page] = {}
            failed = 0
            try:
                while waiting:
                    asked = first()
                    number = asked if asked in waiting else min(waiting)
                    assert number is not None
                    if failed >= _MOST_FAILED:
                        page = not_read(
                            waiting[number], msg("ocr.too-many-losses", "Too many pages before it could not be read.")
                        )
                    else:
                        page = self._page(work, waiting[number], key)
                    failed = failed + 1 if page.recognition == "failed" else 0
                    done[number] = page
                    del waiting[number]
                    on_page(page)
            finally:
                self._store.trim()
            return with_pages(document, done)

    def _watched(self, document: Document, on_screen: Callable[[Document, float], None], cancel: Cancel) -> Document:
        """A video, stretch by stretch: each is cached at once, so a stop costs only the unfinished one."""
        key = languages_key(self._languages)
        text = _known_screen(self._store.load(document.content_hash, key))
        lost: list[float] = []
        failed: Message | None = None
        while not text.over and failed is None and text.spent < allowed_s(document.duration_s):
            if cancel.is_set():
                raise CancelledError(msg("cancelled.reading", "Reading was stopped."))
            if text.count:
                on_screen(with_screen(document, text, "waiting"), text.upto)
            try:
                self._watch(document, text, key, cancel)
            except LostError:
                lost.append(text.upto)
                text.skip()
                if len(lost) > MAX_RESTARTS or text.upto >= (document.duration_s or 0.0):
                    failed = msg("screen.failed", "Text on its frames could not be read.")
            except IngestError as error:
                failed = error.message
        self._store.trim()
        state: Recognition = "read" if text.over and not lost else "part" if text.upto else "failed"
        return with_screen(document, text, state, notes_on(document, text, lost, failed))

    def _watch(self, document: Document, text: ScreenText, key: str, cancel: Cancel) -> None:
        """The next stretch."""
        request = {
            "kind": "watch",
            "path": os.path.abspath(document.path),  # noqa: PTH100 (links are followed when the file is opened)
            "languages": [str(folder) for folder in self._languages],
            "seconds": PAGE_SECONDS,
        }
        start = text.upto
        with self._client.answer(request | text.request(), cancel) as answer:
            text.take(answer.message)
        about = {name: answer.message[name] for name in ("upto", "over", "language", "spent", "lines", "there")}
        self._store.add(document.content_hash, key, {"number": text.count, "from": start} | about)

    def _page(self, work: _Work, page: Page, key: str) -> Page:
        """One page, from the cache or from the process."""
        if work.cancel.is_set():
            raise CancelledError(msg("cancelled.reading", "Reading was stopped."))
        known = _checked(work.known.get(page.number))
        try:
            words, use, message = self._asked(work, page, known)
        except LostError as lost:
            work.lost += 1
            crashed = msg("ocr.too-many-crashes", "Text recognition crashed or hung on too many pages.")
            why = crashed if work.lost > MAX_RESTARTS else lost.message
            return not_read(page, joined(msg("ocr.page-failed", "The text in its picture could not be read."), why))
        except IngestError as error:
            return not_read(page, error.message)
        complete = known is not None or message.get("complete") is True
        if known is None and complete:
            kept = ("blocks", "turn", "language", "complete", "replaces")
            line = {"number": page.number} | {name: message[name] for name in kept}
            self._store.add(work.document.content_hash, key, line)
        work.turn, work.language = words.turn, words.language or work.language
        return merged(page, words, use, complete)

    def _asked(self, work: _Work, page: Page, known: Words | None) -> tuple[Words, Use, dict[str, Any]]:
        if known is not None and not known.count:  # nothing to see, and nothing to draw anew
            return known, Use(page.state, page.reason, page.picture is not None, None), {}
        spool = self._folder()
        request = {
            "kind": "recognise",
            "path": os.path.abspath(work.document.path),  # noqa: PTH100 (links are followed when the file is opened)
            "password": work.document.password,
            "spool": str(spool.path),
            "remaining": spool.remaining(),
            "page": page.number,
            "languages": [str(folder) for folder in self._languages],
            "known": None if known is None else {"words": known.count, "sure": known.sure, "turn": known.turn},
            "turn": work.turn,
            "language": work.language,
            "seconds": PAGE_SECONDS,
            "mode": work.options.mode if KINDS[work.document.kind].modes else "auto",
            "budget": page.picture.budget if page.picture is not None else None,
            "chosen": work.options.budget is not None,
            "on_card": work.on_card,
        }
        with self._client.answer(request, work.cancel) as answer:
            message = answer.message
            words = known or words_of(message)
            return words, use_of(message, spool.path), message


class _Work:
    """One document while it is worked on."""

    def __init__(self, document: Document, options: ReadOptions, on_card: bool, cancel: AnyOf) -> None:
        self.document, self.options, self.on_card, self.cancel = document, options, on_card, cancel
        self.known: dict[int, dict[str, Any]] = {}
        self.turn, self.language = 0, ""
        self.lost = 0


def _known_screen(stretches: dict[int, dict[str, Any]]) -> ScreenText:
    """What the cache has of a video, up to the first stretch that is damaged or missing."""
    text = ScreenText()
    while (message := stretches.get(text.count + 1)) is not None:
        try:
            if number_of(message, "from", 0, FAR) != text.upto:
                break  # an earlier one was lost: it is tried again
            text.take(message)
        except ProtocolError:
            break
    return text


def _checked(message: dict[str, Any] | None) -> Words | None:
    """The cached result; ``None`` where it is damaged."""
    if message is None:
        return None
    try:
        return words_of(message)
    except ProtocolError:
        return None
