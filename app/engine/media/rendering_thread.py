"""The one thread that asks the viewing process: what is wanted most first, what nobody wants any more not at all.

A page that makes the process crash or hang costs that page: its owner is told, the process is started anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from PySide6.QtGui import QImage

from app.engine.media.rendering_jobs import (
    Broken,
    Cut,
    Find,
    Hits,
    Job,
    News,
    NotOpened,
    Open,
    Opened,
    PngReady,
    Rank,
    Ready,
    Texted,
    Tile,
    Wish,
    Words,
)
from app.engine.threads.worker import Worker
from app.ingest.process.child import LostError
from app.ingest.view.types import Drawn, File, Found, LockedError, PageText
from app.ingest.view.viewing import ViewingProcess
from model.cancel import Cancel
from model.errors import CancelledError, IngestError
from model.messages import Message, msg

_PATIENCE_S = 1.5
"""A page that nobody looks at any more may take so long while others wait."""
_log = logging.getLogger(__name__)
_UNEXPECTED = msg("internal.unexpected", "Something unexpected went wrong; the log has the details.")
Tell = Callable[[int, News], None]


@dataclass(slots=True)
class _Desk:
    """The jobs that one source wants done."""

    file: File
    turn: int
    jobs: list[tuple[Rank, Job]] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)

    def first(self) -> tuple[Rank, Job] | None:
        """The most urgent job, and its rank."""
        both = [*self.jobs[:1], *((wish.rank, wish.what) for wish in self.wishes[:1])]
        return min(both, key=lambda pair: pair[0]) if both else None

    def take(self, job: Job) -> None:
        """It is being done now."""
        if self.jobs and self.jobs[0][1] is job:
            del self.jobs[0]
        else:
            self.wishes = [wish for wish in self.wishes if wish.what != job]


class _Stale:
    """Set when the thread has to end, or when a slow page is no longer wanted and others are."""

    def __init__(self, thread: RenderingThread, source: int, job: Job) -> None:
        self._thread, self._source, self._job = thread, source, job
        self._begun = time.monotonic()

    def is_set(self) -> bool:
        """Whether the running job should stop now."""
        if self._thread.ending.is_set():
            return True
        slow = time.monotonic() - self._begun > _PATIENCE_S
        return slow and self._thread.overtaken(self._source, self._job)


class RenderingThread(Worker):
    """Starts at once. ``tell`` is called on this thread."""

    def __init__(self, start_process: Callable[[], ViewingProcess], tell: Tell) -> None:
        super().__init__("lectern-rendering")
        self._start_process, self._tell = start_process, tell
        self._desks: dict[int, _Desk] = {}
        self._gone: list[File] = []
        self._turns = 0
        self._now: tuple[int, Job] | None = None
        self._kept: set[Tile | Words] = set()
        """What the source being served still wanted at its last call."""
        self.process: ViewingProcess | None = None
        self.start()

    def add(self, source: int, file: File) -> None:
        """Register another source."""
        with self._changed:
            self._desks[source] = _Desk(file, 0)
            self._push(source, Rank.OPEN, Open())

    def remove(self, source: int) -> None:
        """A source wants nothing any more; its file is let go where no other source has it."""
        with self._changed:
            desk = self._desks.pop(source, None)
            if desk is not None and all(other.file != desk.file for other in self._desks.values()):
                self._gone.append(desk.file)
                self._changed.notify()

    def want(self, source: int, wishes: Sequence[Wish]) -> None:
        """All that a source wants drawn from now on, the most wanted first; older wishes are dropped."""
        with self._changed:
            desk = self._desks.get(source)
            if desk is None:
                return
            self._turns += 1
            desk.turn = self._turns
            wanted = sorted(wishes, key=lambda wish: wish.rank)
            if self._now is not None and self._now[0] == source:
                self._kept = {wish.what for wish in wanted}
                wanted = [wish for wish in wanted if wish.what != self._now[1]]
            desk.wishes = wanted
            self._changed.notify()

    def ask(self, source: int, job: Find | Cut | Words) -> None:
        """Something that is done once, whatever is drawn meanwhile."""
        with self._changed:
            desk = self._desks.get(source)
            if desk is None:
                return
            if isinstance(job, Find):
                desk.jobs = [pair for pair in desk.jobs if not isinstance(pair[1], Find)]
            self._push(source, Rank.FIND if isinstance(job, Find) else Rank.ASKED, job)

    def stop_finding(self, source: int) -> None:
        """Nobody waits for hits any more."""
        with self._changed:
            if (desk := self._desks.get(source)) is not None:
                desk.jobs = [pair for pair in desk.jobs if not isinstance(pair[1], Find)]

    def overtaken(self, source: int, job: Job) -> bool:
        """Whether what is being drawn is no longer wanted while something visible is."""
        with self._changed:
            if source in self._desks and (not isinstance(job, Tile | Words) or job in self._kept):
                return False
            firsts = (desk.first() for desk in self._desks.values())
            return any(first is not None and first[0] <= Rank.VISIBLE for first in firsts)

    def _push(self, source: int, rank: Rank, job: Job) -> None:
        desk = self._desks[source]
        desk.jobs.append((rank, job))
        desk.jobs.sort(key=lambda pair: pair[0])
        self._turns += 1
        desk.turn = self._turns
        self._changed.notify()

    # On the thread

    def _work(self) -> None:
        self.process = self._start_process()
        try:
            while (task := self._next()) is not None:
                self._serve(*task)
        finally:
            self.process.close()

    def _next(self) -> tuple[int, File, Job] | None:
        while True:
            with self._changed:
                self._now = None
                self._changed.wait_for(lambda: self.ending.is_set() or self._gone or self._best() is not None)
                if self.ending.is_set():
                    return None
                gone, self._gone = self._gone, []
                source = self._best()
                if not gone and source is not None:
                    desk = self._desks[source]
                    first = desk.first()
                    assert first is not None
                    self._kept = {wish.what for wish in desk.wishes}
                    desk.take(first[1])
                    self._now = (source, first[1])
                    return source, desk.file, first[1]
            for file in gone:
                self._release(file)

    def _best(self) -> int | None:
        """The source with the most wanted job; of several, the one that spoke last."""
        firsts = ((source, desk.first(), desk.turn) for source, desk in self._desks.items())
        waiting = [(first[0], -turn, source) for source, first, turn in firsts if first is not None]
        return min(waiting)[2] if waiting else None

    def _release(self, file: File) -> None:
        assert self.process is not None
        try:
            self.process.release(file)
        except (LostError, IngestError, CancelledError) as error:
            _log.info("Letting go of a file: %s", error)

    def _serve(self, source: int, file: File, job: Job) -> None:
        try:
            news = self._do(source, file, job, _Stale(self, source, job))
        except CancelledError:
            return
        except LostError as lost:
            _log.warning("The viewing process was lost: %s", lost)
            news = self._lost(source, job, lost.message)
        except IngestError as error:
            news = _failed(job, error.message, isinstance(error, LockedError))
        except Exception:  # a job must never take the thread with it
            _log.exception("A page could not be shown")
            news = _failed(job, _UNEXPECTED, False)
        if news is not None:
            self._tell(source, news)

    def _do(self, source: int, file: File, job: Job, stop: Cancel) -> News | None:
        assert self.process is not None
        match job:
            case Open():
                return Opened(self.process.open(file, stop))
            case Tile(page, scale, area):
                return Ready(job, _image(self.process.draw(file, page, scale, area, stop)))
            case Words(page):
                return Texted(page, self.process.text(file, page, stop))
            case Cut(number, page, box, pixels):
                return PngReady(number, self.process.picture(file, page, box, pixels, stop))
            case Find(number, words, pages, batch):
                found = self.process.find(file, words, pages[:batch], stop) if pages else ()
                return self._go_on(source, replace(job, pages=pages[len(found) :]), found)

    def _go_on(self, source: int, rest: Find, found: tuple[Found, ...]) -> Hits:
        """The remaining pages come later, behind what is to be seen meanwhile."""
        with self._changed:
            desk = self._desks.get(source)
            newer = desk is None or any(isinstance(job, Find) for _, job in desk.jobs)
            if rest.pages and not newer:
                self._push(source, Rank.FIND, rest)
        return Hits(rest.number, found, not rest.pages)

    def _lost(self, source: int, job: Job, message: Message) -> News | None:
        """One page of a batch made the process crash: look at them one by one, and leave out the one that does."""
        if isinstance(job, Find):
            if len(job.pages) > 1 and job.batch > 1:
                return self._go_on(source, replace(job, batch=1), ())
            return self._go_on(source, replace(job, pages=job.pages[1:]), (Found(job.pages[0], ()),))
        return _failed(job, message, False)


def _failed(job: Job, message: Message, locked: bool) -> News:
    match job:
        case Open():
            return NotOpened(message, locked)
        case Tile(page, _, _):
            return Broken(page, message)
        case Words(page):
            return Texted(page, PageText(()))
        case Cut(number, _, _, _):
            return PngReady(number, b"", message)
        case Find(number, _, _, _):
            return Hits(number, (), True)


def _image(drawn: Drawn) -> QImage:
    form = QImage.Format.Format_ARGB32 if drawn.clear else QImage.Format.Format_RGB32
    image = QImage(drawn.pixels, drawn.width, drawn.height, 4 * drawn.width, form)
    if drawn.clear:
        return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # the bytes belong to Python
