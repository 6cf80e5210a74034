"""What is said in a recording or a video, heard by the open model: utterance by utterance, in its one queue.

A transcript is stored as it grows, so a pass that was stopped continues. A complete one is returned without a model,
whichever model made it.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from app import paths
from app.chat.transcript.asking import NOT_TIMED, Transcribing
from app.chat.transcript.export import as_srt, as_text, as_vtt, cue_objects
from app.ingest.kinds import KINDS, sniff
from app.ingest.listen.listener import Listener
from app.ingest.listen.store import TranscriptStore
from app.ingest.listen.types import Over, Silence, Utterance
from app.server.errors import ApiError, of_message
from app.server.lectern.bodies import TranscriptBody
from app.server.lectern.work import Progress, go_through
from app.server.service import Service
from app.server.uploads import Upload
from app.session.costs import model_name
from model.cancel import AnyOf
from model.messages import msg

_DEAF = msg(
    "api.deaf",
    "The open model does not hear. Gemma 4 E2B, E4B and 12B do: open one of them in Lectern, or with lectern serve "
    "--model DIR.",
)
_FORMS = {"text": as_text, "srt": as_srt, "vtt": as_vtt}


class _Ears:
    """A listening process that is called on other threads, and ended on this one."""

    def __init__(self, service: Service) -> None:
        self._service, self._listener = service, Listener()
        self._left, self._lock = threading.Event(), threading.Lock()
        self._cancel = AnyOf(self._left, service.documents.stop)

    async def open(self, path: Path, start_s: float) -> float:
        """As ``Listener.open``."""
        return await self._service.documents.run(lambda: self._open(path, start_s))

    async def next(self) -> Utterance | Silence | Over:
        """As ``Listener.next``."""
        return await self._service.documents.run(self._next)

    def close(self) -> None:
        """End the process, once the thread that waits for it has returned."""
        self._left.set()
        with self._lock:
            self._listener.close()

    def _open(self, path: Path, start_s: float) -> float:
        with self._lock:
            return self._listener.open(path, start_s, self._cancel)

    def _next(self) -> Utterance | Silence | Over:
        with self._lock:
            return self._listener.next(self._cancel)


async def transcript(service: Service, body: TranscriptBody, client: str) -> Progress:
    """``progress`` and ``cues`` as they come, ``transcript`` at the end. Raises ``ApiError``, ``LecternError``."""
    upload = service.uploads.get(body.document)
    if not await service.documents.run(lambda: KINDS[sniff(Path(upload.path)).kind].timed):
        raise of_message(NOT_TIMED, param="document")
    store = TranscriptStore(paths.transcripts_dir())
    work = _begun(service, upload, store, again=body.again)
    if not work.over:
        steps = _heard(service, work, upload, store, client)
        async with aclosing(steps):
            async for step in steps:
                yield step
        service.documents.drop(upload.sha256)  # the next question has the words
    yield {
        "type": "transcript",
        "id": upload.id,
        "name": upload.name,
        "model": work.model,
        "duration_s": round(max(work.duration_s, work.done_s), 3),
        "cues": cue_objects(work.cues),
        "text": _FORMS[body.format](work.cues),
        "repetitions_cut": work.looped,
        "damaged": work.damaged,
    }


def _begun(service: Service, upload: Upload, store: TranscriptStore, *, again: bool) -> Transcribing:
    """What is stored where it is complete; else where the open model stopped, or at the beginning."""
    kept = None if again else store.load(upload.sha256)
    if kept is not None and kept.over:
        return Transcribing(kept.content_hash, kept.model, cues=list(kept.cues), done_s=kept.done_s, over=True)
    info = service.queue.info
    if not info.capabilities.sound:
        raise of_message(_DEAF)
    return Transcribing.resumed(upload.sha256, str(model_name(info)), kept, sample=info.sample)


async def _heard(
    service: Service, work: Transcribing, upload: Upload, store: TranscriptStore, client: str
) -> AsyncGenerator[dict[str, Any], None]:
    ears, sent = _Ears(service), 0
    try:
        work.duration_s = await ears.open(Path(upload.path), work.done_s)
        while not (work.over or work.failure):
            work.give(found := await ears.next())
            if isinstance(found, Utterance):
                steps = go_through(service, work, client)
                async with aclosing(steps):
                    async for step in steps:
                        if step == "stopped":
                            raise ApiError(503, "The transcript was stopped in Lectern.", "cancelled.answer")
            if work.failure:
                raise of_message(work.failure)
            await service.documents.run(lambda: store.save(work.transcript))
            # The last cue may still lose a word to the next one, where a piece was cut within speech.
            ready = len(work.cues) if work.over else max(sent, len(work.cues) - 1)
            if ready > sent:
                yield {"type": "cues", "cues": cue_objects(work.cues[sent:ready])}
                sent = ready
            yield {"type": "progress", "done_s": round(work.done_s, 3), "total_s": round(work.duration_s, 3)}
    finally:
        ears.close()
