"""Scenes in the window: what is known about each clip's, and the work that finds them and has them described.

Finding needs no model. Summaries are asked for one after the other: the next one goes to the engine only when the one
before is done, so that a person's own question never waits for more than one of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.chat.growing import grown
from app.chat.scenes.asking import SceneList, read_summary, read_whole, scene_request, scenes_of, whole_request
from app.chat.scenes.store import KeptScenes, SceneStore, with_words
from app.engine.media.shots import ShotsBridge
from app.engine.threads.background import Background, only_logged
from app.i18n import tr
from app.ingest.shots.finder import ShotList, ShotProgress
from app.session.status import model_name, time_left
from app.text.times import mm_ss
from app.ui.asking.bridges import Engine
from model.messages import NOTHING, Message
from model.types import Event, Failed, Finished, ModelInfo, Request, TakenBack, TextDelta


class Phase(Enum):
    """Where the work on a clip stands."""

    NONE = "none"
    FINDING = "finding"
    DESCRIBING = "describing"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def busy(self) -> bool:
        """It is being worked on."""
        return self in (Phase.FINDING, Phase.DESCRIBING)


@dataclass
class Work:
    """One clip's scenes, as far as they are known."""

    path: Path
    phase: Phase = Phase.NONE
    job: int | None = None
    progress: ShotProgress | None = None
    found: ShotList | None = None
    scenes: SceneList | None = None
    next: int = 0
    """The scene that is described, or comes next; past the last one it is the whole clip."""
    request: int | None = None
    words: str = ""
    error: Message = NOTHING
    note: str = ""
    looped: bool = False
    """A description was stopped because the model only repeated itself."""
    begun: float = field(default_factory=time.monotonic)
    unsaved: bool = False

    @property
    def content_hash(self) -> str:
        """Which clip, once it was looked at."""
        return self.scenes.content_hash if self.scenes is not None else ""

    @property
    def described(self) -> bool:
        """Every scene and the whole have been asked about."""
        return self.scenes is not None and self.next > len(self.scenes.scenes)


class SceneWork(QObject):
    """Finds and describes scenes, and keeps them in a store. Call ``shutdown`` before the application ends."""

    changed = Signal(object)
    """Work"""

    def __init__(
        self,
        engine: Engine,
        bridge: ShotsBridge | None = None,
        parent: QObject | None = None,
        store: SceneStore | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._background = store, Background(self)
        self._engine = engine
        self._bridge = bridge or ShotsBridge(parent=self)
        self._works: dict[Path, Work] = {}
        self._forgotten: set[str] = set()
        self._bridge.progress.connect(self._on_progress)
        self._bridge.found.connect(self._on_found)
        self._bridge.failed.connect(self._on_failed)
        self._bridge.cancelled.connect(self._on_cancelled)
        engine.event.connect(self._on_event)
        engine.loaded.connect(self._on_loaded)

    def of(self, path: Path) -> Work | None:
        """What is known about a clip."""
        return self._works.get(path)

    def start(self, path: Path) -> Work:
        """Find a clip's scenes, or go on where the work was stopped."""
        work = self._works.setdefault(path, Work(path))
        if work.phase.busy:
            return work
        work.error, work.note = Message(), ""
        work.begun = time.monotonic()
        if work.found is None:
            work.phase, work.progress = Phase.FINDING, None
            work.job = self._bridge.find(path)
            self.changed.emit(work)
        else:
            self._describe(work)
        return work

    def stop(self, path: Path) -> None:
        """Stop; what is known stays."""
        work = self._works.get(path)
        if work is None or not work.phase.busy:
            return
        if work.job is not None:
            self._bridge.cancel(work.job)
        if work.request is not None:
            self._engine.stop(work.request)
            work.request = None
        work.phase = Phase.STOPPED
        self.changed.emit(work)

    def expect(self, path: Path, content_hash: str) -> None:
        """A file with this content is shown; what is known of another file of the same name goes."""
        work = self._works.get(path)
        if work is not None and work.scenes is not None and content_hash not in ("", work.content_hash):
            self.forget(path)
        if self._store is not None and content_hash and path not in self._works:
            kept = self._store.load(content_hash, path.name)
            if kept is not None:
                work = Work(path, scenes=kept.scenes, next=kept.asked)
                work.phase = Phase.DONE if work.described else Phase.STOPPED
                self._works[path] = work

    def forget_clip(self, content_hash: str) -> None:
        """The person wants nothing kept of a clip: behind what is being written, and once more at the end."""
        if self._store is not None:
            self._forgotten.add(content_hash)
            forget = partial(self._store.forget, content_hash)
            self._background.run(forget, lambda _: None, only_logged)
        for path in [path for path, work in self._works.items() if work.content_hash == content_hash]:
            self.forget(path)
            self.changed.emit(Work(path))

    def forget(self, path: Path) -> None:
        """The file has gone from the list, or has changed."""
        self.stop(path)
        self._works.pop(path, None)

    def shutdown(self) -> None:
        """Stop everything; the pictures go."""
        for work in self._works.values():
            if work.request is not None:
                self._engine.stop(work.request)
        self._background.shutdown()
        for work in self._works.values():
            self._write(work)
        if self._store is not None:
            anew = {work.content_hash for work in self._works.values()}
            for content_hash in self._forgotten - anew:
                self._store.forget(content_hash)
        self._works.clear()
        self._bridge.shutdown()

    # What the finder says

    def _by_job(self, job: int) -> Work | None:
        return next((work for work in self._works.values() if work.job == job), None)

    def _on_progress(self, job: int, progress: ShotProgress) -> None:
        work = self._by_job(job)
        if work is not None and work.phase is Phase.FINDING:
            work.progress = progress
            self.changed.emit(work)

    def _on_found(self, job: int, found: ShotList) -> None:
        work = self._by_job(job)
        if work is None:
            return
        work.job = None
        now = KeptScenes(scenes_of(found), 0)
        if work.scenes is not None:  # from an earlier start
            now = with_words(now.scenes, KeptScenes(work.scenes, work.next))
        work.found, work.scenes, work.next = found, now.scenes, now.asked
        work.begun = time.monotonic()
        self._keep(work, pictures=True)
        if work.phase is Phase.FINDING:
            self._describe(work)

    def _on_failed(self, job: int, message: Message) -> None:
        work = self._by_job(job)
        if work is not None:
            work.job, work.phase, work.error = None, Phase.FAILED, message
            self.changed.emit(work)

    def _on_cancelled(self, job: int) -> None:
        work = self._by_job(job)
        if work is not None:
            work.job = None
            if work.phase is Phase.FINDING:
                work.phase = Phase.STOPPED
            self.changed.emit(work)

    # Describing

    def _describe(self, work: Work) -> None:
        """Ask about the next scene; where no model is loaded, say that it waits for one."""
        assert work.found is not None and work.scenes is not None
        info = self._engine.info
        if work.described:
            looped = tr("The model started repeating itself in a description, which was stopped there.")
            work.phase, work.note = Phase.DONE, looped if work.looped else ""
        elif info is None:
            work.phase, work.note = Phase.STOPPED, tr("Load a model to have the scenes described.")
        else:
            work.phase, work.words = Phase.DESCRIBING, ""
            work.scenes = replace(work.scenes, model=model_name(info))
            request = self._next_request(work, info)
            if request is None:
                work.next += 1
                self._describe(work)
                return
            work.request = self._engine.ask(request)
        self.changed.emit(work)

    def _next_request(self, work: Work, info: ModelInfo) -> Request | None:
        assert work.found is not None and work.scenes is not None
        if work.next < len(work.found.shots):
            return scene_request(work.found, work.next, sample=info.sample)
        return whole_request(work.found, work.scenes, sample=info.sample)

    def _on_event(self, request: int, event: Event) -> None:
        work = next((work for work in self._works.values() if work.request == request), None)
        if work is None:
            return
        match event:
            case TextDelta() | TakenBack():
                work.words, _ = grown(work.words, "", event)
                self._fill_in(work)
                self.changed.emit(work)
            case Failed(message):
                work.request, work.phase, work.error = None, Phase.FAILED, message
                self.changed.emit(work)
            case Finished(reason):
                work.request = None
                if reason == "cancelled":  # by a model that was unloaded, for example
                    work.phase = Phase.STOPPED
                    self.changed.emit(work)
                    return
                self._fill_in(work)
                work.looped = work.looped or reason == "repetition"
                work.next += 1
                self._keep(work)
                self._describe(work)

    def _fill_in(self, work: Work) -> None:
        """Words appear as they come."""
        assert work.scenes is not None
        if work.next < len(work.scenes.scenes):
            work.scenes = work.scenes.with_summary(work.next, *read_summary(work.words))
        else:
            work.scenes = replace(work.scenes, summary=read_whole(work.words))

    def _keep(self, work: Work, *, pictures: bool = False) -> None:
        """What somebody has waited for is on the disk as soon as it is there."""
        if self._store is not None and work.scenes is not None:
            work.unsaved = True
            kept = KeptScenes(work.scenes, work.next)
            save = partial(self._store.save, kept, pictures=pictures)
            self._background.run(save, partial(self._saved, work, kept), only_logged)  # tried again at the end

    @staticmethod
    def _saved(work: Work, kept: KeptScenes, well: bool) -> None:
        if well and work.next == kept.asked:
            work.unsaved = False

    def _write(self, work: Work) -> None:
        """At the end, when nothing runs in the background any more."""
        if self._store is not None and work.unsaved and work.scenes is not None:
            self._store.save(KeptScenes(work.scenes, work.next), pictures=True)

    def _on_loaded(self, info: ModelInfo) -> None:
        for work in self._works.values():
            if work.phase is Phase.STOPPED and work.note and work.found is not None:
                self._describe(work)


def progress_words(work: Work) -> str:
    """One line about the work, with an estimate once there can be one."""
    if work.phase is Phase.FINDING:
        progress = work.progress
        if progress is None:
            return tr("Opening…")
        if progress.stage == "picking":
            return tr("Taking pictures: {done} of {total}", done=int(progress.done) + 1, total=int(progress.total))
        times = {"done": mm_ss(progress.done), "total": mm_ss(progress.total)}
        return tr("Looking through it: {done} of {total}", **times) + _left(work, progress.done, progress.total)
    if work.phase is Phase.DESCRIBING and work.found is not None:
        total = len(work.found.shots)
        if work.next >= total:
            return tr("Describing the whole")
        return tr("Describing scene {done} of {total}", done=work.next + 1, total=total) + _left(work, work.next, total)
    return work.note if work.note else (tr("Stopped") if work.phase is Phase.STOPPED else "")


def share_done(work: Work) -> float:
    """How much of the present part is done, 0 to 1."""
    if work.phase is Phase.FINDING and work.progress is not None and work.progress.total:
        return min(1.0, work.progress.done / work.progress.total)
    if work.phase is Phase.DESCRIBING and work.found is not None:
        return work.next / (len(work.found.shots) + 1)
    return 0.0


def _left(work: Work, done: float, total: float) -> str:
    """What is left at the pace so far, once that can be told."""
    gone = time.monotonic() - work.begun
    if gone < 4 or done <= 0 or done >= total:
        return ""
    return f" · {time_left(gone * (total - done) / done)}"
