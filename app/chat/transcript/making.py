"""Makes a file's transcript in a row, for the command line and scripts: listens, asks, stores after each utterance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from app.chat.parts import go_through
from app.chat.transcript.asking import Transcribing
from app.ingest.listen.listener import Listener
from app.ingest.listen.store import TranscriptStore
from app.ingest.listen.types import Utterance
from model.cancel import Cancel
from model.types import Event, Request


def transcribe(
    work: Transcribing,
    path: Path,
    listener: Listener,
    generate: Callable[[Request, Cancel], Iterator[Event]],
    cancel: Cancel,
    store: TranscriptStore | None = None,
    tell: Callable[[], object] = lambda: None,
) -> None:
    """Go on with ``work`` until the file's end, a failure, or ``cancel``. ``tell`` is called after each step.

    Raises ``IngestError``, ``CancelledError``.
    """
    if work.over:
        return
    work.duration_s = listener.open(path, work.done_s, cancel)
    while not (work.over or work.failure or cancel.is_set()):
        found = listener.next(cancel)
        work.give(found)
        if isinstance(found, Utterance):
            for step in go_through(work, generate, cancel):
                if step == "stopped":
                    return
        if store is not None and not work.failure:
            store.save(work.transcript)
        tell()
