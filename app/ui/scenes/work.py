"""Scenes in the window: what is known about each video's, and the work that finds them and has them described.

Finding needs no model. Summaries are asked for one after the other: the next one goes to the engine only when the one
before is done, so that a user's own question never waits for more than one of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.chat.scenes.asking import SceneList, scenes_of
from app.chat.scenes.describing import Describing
from app.chat.scenes.store import KeptScenes, SceneStore, with_words
from app.engine.media.shots import ShotsBridge
from app.engine.model.bridges import AskingBridge
from app.engine.passes.passing import Passing
from app.engine.threads.background import Background, only_logged
from app.i18n import tr
from app.ingest.cues import Cue
from app.ingest.shots.finder import ShotList, ShotProgress
from app.session.costs import model_name
from app.text.times import mm_ss
from app.ui.look.status import time_left
from model.messages import NOTHING, Message
from model.types import ModelInfo


class Phase(Enum):
    """The state of the work on a video."""

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
    """One video's scenes, as far as they are known."""

    path: Path
    phase: Phase = Phase.NONE
    job: int | None = None
    progress: ShotProgress | None = None
    kept: KeptScenes | None = None
    """What the store had of it, before it was looked through anew."""
    describing: Describing | None = None
    passing: Passing | None = None
    error: Message = NOTHING
    note: str = ""
    begun: float = field(default_factory=time.monotonic)
    unsaved: bool = False

    @property
    def found(self) -> ShotList | None:
        """The scenes with their frames, where it was looked through in this session."""
        return self.describing.found if self.describing is not None else None

    @property
    def scenes(self) -> SceneList | None:
        """The scenes, with as much of their summaries as there is."""
        if self.describing is not None:
            return self.describing.scenes
        return self.kept.scenes if self.kept is not None else None

    @property
    def next(self) -> int:
        """The scene that is described, or comes next; past the last one it is the whole video."""
        if self.describing is not None:
            return self.describing.next
        return self.kept.asked if self.kept is not None else 0

    @property
    def content_hash(self) -> str:
        """Which video, once it was looked at."""
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
        engine: AskingBridge,
        bridge: ShotsBridge | None = None,
        parent: QObject | None = None,
        store: SceneStore | None = None,
    ) -> None:
        super().__init__(parent)
        self._store, self._background = store, Background(self)
        self._engine = engine
        self._bridge = bridge or ShotsBridge(parent=self)
        self._works: dict[Path, Work] = {}
        self._words: dict[Path, tuple[Cue, ...]] = {}
        self._forgotten: set[str] = set()
        self._bridge.progress.connect(self._on_progress)
        self._bridge.found.connect(self._on_found)
        self._bridge.failed.connect(self._on_failed)
        self._bridge.cancelled.connect(self._on_cancelled)
        engine.loaded.connect(self._on_loaded)

    def of(self, path: Path) -> Work | None:
        """What is known about a video."""
        return self._works.get(path)

    def start(self, path: Path) -> Work:
        """Find a video's scenes, or go on where the work was stopped."""
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
        if work.passing is not None:
            work.passing.leave()
        work.phase = Phase.STOPPED
        self.changed.emit(work)

    def expect(self, path: Path, content_hash: str, cues: tuple[Cue, ...] = ()) -> None:
        """A file with this content, in which this is said, is shown; what is known of another of the same name goes."""
        self._words[path] = cues
        work = self._works.get(path)
        if work is not None and work.scenes is not None and content_hash not in ("", work.content_hash):
            self.forget(path)
        if self._store is not None and content_hash and path not in self._works:
            kept = self._store.load(content_hash, path.name)
            if kept is not None:
                work = Work(path, kept=kept)
                work.phase = Phase.DONE if work.described else Phase.STOPPED
                self._works[path] = work

    def forget_video(self, content_hash: str) -> None:
        """The user wants a video's stored data deleted: behind what is being written, and once more at the end."""
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
        work = self._works.pop(path, None)
        if work is not None and work.passing is not None:
            work.passing.deleteLater()

    def shutdown(self) -> None:
        """Stop everything; the pictures go."""
        for work in self._works.values():
            if work.passing is not None:
                work.passing.leave()
        self._background.shutdown()
        for work in self._works.values():
            self._write(work)
        if self._store is not None:
            anew = {work.content_hash for work in self._works.values()}
            for content_hash in self._forgotten - anew:
                self._store.forget(content_hash)
        self._works.clear()
        self._bridge.shutdown()

    # Reports of the finder

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
        found = replace(found, cues=self._words.get(work.path) or found.cues)
        now = KeptScenes(scenes_of(found), 0)
        if work.scenes is not None:  # from an earlier start
            now = with_words(now.scenes, KeptScenes(work.scenes, work.next))
        work.describing = Describing(found, now.scenes, now.asked)
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
        """Ask about the scenes that are left; where no model is loaded, show that it waits for one."""
        assert work.describing is not None
        info = self._engine.info
        if info is None and not work.described:
            work.phase, work.note = Phase.STOPPED, tr("Load a model to have the scenes described.")
            self.changed.emit(work)
            return
        if info is not None and not work.described:
            work.phase, work.describing.sample, work.describing.failure = Phase.DESCRIBING, info.sample, NOTHING
            work.describing.scenes = replace(work.describing.scenes, model=str(model_name(info)))
        if work.passing is None:
            work.passing = Passing(self._engine, self)
            work.passing.asked.connect(partial(self.changed.emit, work))
            work.passing.stepped.connect(partial(self._on_step, work))
            work.passing.ended.connect(partial(self._on_end, work))
        work.passing.start(work.describing)

    def _on_step(self, work: Work, step: str) -> None:
        if step == "grown":
            self.changed.emit(work)  # words appear as they come
        elif step == "answered":
            self._keep(work)
            if self._engine.info is None and work.passing is not None:  # it was unloaded
                work.passing.leave()
                self._describe(work)

    def _on_end(self, work: Work, how: str) -> None:
        assert work.describing is not None
        match how:
            case "done":
                looped = tr("The model started repeating itself in a description, so the description was stopped.")
                work.phase, work.note = Phase.DONE, looped if work.describing.looped else ""
            case "failed":
                work.phase, work.error = Phase.FAILED, work.describing.failure
            case _:  # by a model that was unloaded, for example
                work.phase = Phase.STOPPED
        self.changed.emit(work)

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
            return tr("Taking frames: {done} of {total}", done=int(progress.done) + 1, total=int(progress.total))
        times = {"done": mm_ss(progress.done), "total": mm_ss(progress.total)}
        return tr("Scanning: {done} of {total}", **times) + _left(work, progress.done, progress.total)
    if work.phase is Phase.DESCRIBING and work.found is not None:
        total = len(work.found.shots)
        if work.next >= total:
            return tr("Describing the whole video")
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
    """The time left at the pace so far, once that can be estimated."""
    gone = time.monotonic() - work.begun
    if gone < 4 or done <= 0 or done >= total:
        return ""
    return f" · {time_left(gone * (total - done) / done)}"
