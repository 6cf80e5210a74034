"""Transcripts in the window: one file at a time, one utterance at a time in the model's queue.

The open model makes them where it hears; else the model that the settings name as ears is opened beside it, for as
long as there is something to transcribe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.chat.transcript.asking import Transcribing
from app.engine.media.listening import ListeningBridge
from app.engine.model.bridges import AskingBridge
from app.engine.passes.passing import Passing
from app.engine.threads.background import Background, only_logged
from app.i18n import tr
from app.ingest.cues import Cue
from app.ingest.listen.store import TranscriptStore, with_transcript
from app.ingest.listen.types import Over, Silence, Utterance
from app.ingest.types import Document
from app.library.model_ref import LocalFolder, ModelRef
from app.library.models import HasEars, ears_of
from app.session.costs import model_name
from app.text.times import clock
from model.messages import NOTHING, Message, msg
from model.types import ModelInfo

_NO_EARS = msg(
    "transcribe.no-ears",
    "The open model does not hear; choose one that does, or set a transcription model in the settings.",
)
_DEAF = msg("transcribe.ears-deaf", "The transcription model does not hear; choose another one in the settings.")


class Ears(AskingBridge, Protocol):
    """A second model beside the open one: ``app.engine.model.bridge.EngineBridge``."""

    def load(self, model: ModelRef) -> None:
        """Open it."""

    def shutdown(self) -> None:
        """Let it go, and wait for its thread."""


class Phase(Enum):
    """The state of a file's transcript."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def busy(self) -> bool:
        """It is being made, or waits for its turn."""
        return self in (Phase.QUEUED, Phase.RUNNING)


@dataclass
class Work:
    """One file's transcript in the making."""

    path: Path
    content_hash: str
    duration_s: float
    phase: Phase = Phase.QUEUED
    made: Transcribing | None = None
    error: Message = NOTHING

    @property
    def cues(self) -> tuple[Cue, ...]:
        """What was heard so far."""
        return tuple(self.made.cues) if self.made is not None else ()


def _make_ears(parent: QObject) -> Ears:
    from app.engine.model.bridge import EngineBridge

    return EngineBridge(parent=parent)


class TranscriptWork(QObject):
    """Makes transcripts and stores them. Call ``shutdown`` before the application ends."""

    changed = Signal(object)
    """``Work``"""
    able = Signal()
    """Whether there is a model that hears may have changed."""
    finished = Signal(str)
    """The content hash of a file of which more is known from now on: its transcript is over, or was stopped."""

    def __init__(
        self,
        engine: AskingBridge,
        settings: HasEars,
        store: TranscriptStore,
        bridge: ListeningBridge | None = None,
        make_ears: Callable[[QObject], Ears] = _make_ears,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._settings, self._store, self._make_ears = engine, settings, store, make_ears
        self._bridge = bridge or ListeningBridge(parent=self)
        self._background = Background(self)
        self._works: dict[str, Work] = {}
        self._queue: list[Work] = []
        self._now: Work | None = None
        self._job = 0
        self._ears: Ears | None = None
        self._passing: Passing | None = None
        self._bridge.opened.connect(self._opened)
        self._bridge.heard.connect(self._heard)
        self._bridge.failed.connect(self._failed)
        engine.loaded.connect(self.able)

    def of(self, content_hash: str) -> Work | None:
        """What is known about a file's transcript in this session."""
        return self._works.get(content_hash)

    @property
    def possible(self) -> bool:
        """Whether there is a model that hears: the open one, or the ears of the settings."""
        return self._open_hears or self._chosen_ears is not None

    @property
    def _chosen_ears(self) -> Path | None:
        info = self._engine.info
        return ears_of(self._settings, sample=info is not None and info.sample)

    @property
    def _open_hears(self) -> bool:
        info = self._engine.info
        return info is not None and info.capabilities.sound

    def start(self, document: Document) -> None:
        """Transcribe a file, or go on where it was stopped; it waits for the one that is being made."""
        work = self._works.get(document.content_hash)
        if work is not None and work.phase.busy:
            return
        work = Work(document.path, document.content_hash, document.duration_s or 0.0)
        self._works[document.content_hash] = work
        self._queue.append(work)
        self.changed.emit(work)
        self._go_on()

    def stop(self, content_hash: str) -> None:
        """Stop; what was heard stays."""
        work = self._works.get(content_hash)
        if work is None or not work.phase.busy:
            return
        if work is self._now:
            self._end(Phase.STOPPED)
        else:
            self._queue.remove(work)
            work.phase = Phase.STOPPED
            self.changed.emit(work)

    def with_words(self, document: Document) -> tuple[Cue, ...]:
        """A document's cues with what was heard so far."""
        work = self._works.get(document.content_hash)
        if work is None or work.made is None:
            return document.cues
        return with_transcript(document.cues, work.made.transcript)

    def forget(self, content_hash: str) -> None:
        """The user wants a file's stored data deleted: behind what is being written."""
        self.stop(content_hash)
        self._works.pop(content_hash, None)
        self._background.run(partial(self._store.forget, content_hash), lambda _: None, only_logged)

    def shutdown(self) -> None:
        """Stop everything; what was heard is stored already, utterance by utterance."""
        self._queue.clear()
        if self._passing is not None:
            self._passing.leave()
        self._now = None
        self._bridge.shutdown()
        self._background.shutdown()
        self._let_ears_go()

    # From one step to the next

    def _go_on(self) -> None:
        """Begin with what waits, once there is a model that hears."""
        if self._now is not None or not self._queue:
            if self._now is None:
                self._let_ears_go()
            return
        self._now = self._queue.pop(0)
        self._now.phase = Phase.RUNNING
        self.changed.emit(self._now)
        if self._open_hears:
            self._begin(self._engine)
        elif self._ears is not None and self._ears.info is not None:
            self._begin(self._ears)
        elif (chosen := self._chosen_ears) is not None:
            self._open_ears(chosen)
        else:
            self._end(
                Phase.FAILED,
                msg(
                    "transcribe.no-ears",
                    "The open model does not hear; choose one that does, or set a transcription model in the settings.",
                ),
            )

    def _open_ears(self, folder: Path) -> None:
        self._ears = ears = self._make_ears(self)
        ears.loaded.connect(self._ears_loaded)
        load_failed = getattr(ears, "load_failed", None)
        if load_failed is not None:
            load_failed.connect(lambda why: self._end(Phase.FAILED, why))
        ears.load(LocalFolder(folder))

    def _ears_loaded(self, info: ModelInfo) -> None:
        if self._now is None or self._ears is None:
            return
        if info.capabilities.sound:
            self._begin(self._ears)
        else:
            self._end(Phase.FAILED, _DEAF)

    def _let_ears_go(self) -> None:
        ears, self._ears = self._ears, None
        if ears is not None:
            if self._passing is not None:
                self._passing.deleteLater()
                self._passing = None
            ears.shutdown()

    def _begin(self, engine: AskingBridge) -> None:
        work, info = self._now, engine.info
        assert work is not None and info is not None
        kept = self._store.load(work.content_hash)
        work.made = Transcribing.resumed(work.content_hash, str(model_name(info)), kept, sample=info.sample)
        if self._passing is not None:
            self._passing.deleteLater()
        self._passing = Passing(engine, self)
        self._passing.ended.connect(self._answered)
        if work.made.over:
            self._end(Phase.DONE)
        else:
            self._job = self._bridge.open(work.path, work.made.done_s)

    def _opened(self, job: int, seconds: float) -> None:
        if job == self._job and self._now is not None:
            self._now.duration_s = seconds or self._now.duration_s
            self._job = self._bridge.next()

    def _heard(self, job: int, found: Utterance | Silence | Over) -> None:
        work = self._now
        if job != self._job or work is None or work.made is None:
            return
        work.made.give(found)
        if isinstance(found, Utterance) and self._passing is not None:
            self._passing.start(work.made)
            return
        self._keep(work.made)
        if work.made.over:
            self._end(Phase.DONE)
        else:
            self.changed.emit(work)
            self._job = self._bridge.next()

    def _answered(self, how: str) -> None:
        work = self._now
        if work is None or work.made is None:
            return
        if how == "failed":
            self._end(Phase.FAILED, work.made.failure)
        elif how == "stopped":  # by a model that was unloaded, for example
            self._end(Phase.STOPPED)
        else:
            self._keep(work.made)
            self.changed.emit(work)
            self._job = self._bridge.next()

    def _failed(self, job: int, message: Message) -> None:
        if job == self._job and self._now is not None:
            self._end(Phase.FAILED, message)

    def _end(self, phase: Phase, error: Message = NOTHING) -> None:
        work, self._now, self._job = self._now, None, 0
        if self._passing is not None:
            self._passing.leave()
        if work is not None:
            work.phase, work.error = phase, error
            self.changed.emit(work)
            if work.cues:
                self.finished.emit(work.content_hash)
        self._go_on()

    def _keep(self, made: Transcribing) -> None:
        self._background.run(partial(self._store.save, made.transcript), lambda _: None, only_logged)


def progress_words(work: Work) -> str:
    """One line about the work."""
    match work.phase:
        case Phase.QUEUED:
            return tr("Queued")
        case Phase.RUNNING:
            done = work.made.done_s if work.made is not None else 0.0
            if work.made is None:
                return tr("Loading the model…")
            return tr("Transcribing: {done} of {total}", done=clock(done), total=clock(work.duration_s))
        case Phase.STOPPED:
            return tr("Stopped")
        case _:
            return ""


def share_done(work: Work) -> float:
    """How much is done, 0 to 1."""
    if work.made is None or work.duration_s <= 0:
        return 0.0
    return min(1.0, work.made.done_s / work.duration_s)
