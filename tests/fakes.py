"""Fakes of the two bridges with the real ones' signals. They do what a test tells them, at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QImageWriter

from app.engine.model.ahead import Wanted
from app.engine.model.worker import ModelWorker
from app.ingest.attached import AttachedFile
from app.ingest.types import Document, Frame, Kind, Page, ReadOptions, ReadProgress
from app.library.model_ref import ModelRef
from model.engine.rates import Rates
from model.messages import Message, plain
from model.types import (
    DocumentReport,
    EngineCapabilities,
    Event,
    Failed,
    Finished,
    ModelInfo,
    Picture,
    PrefillProgress,
    Preflight,
    Request,
    Residence,
    TextDelta,
    Timings,
    Usage,
)


def model_info(
    *, sample: bool = False, name: str = "Gemma 4 26B-A4B", folder: Path = Path("/models/g"), **able: bool
) -> ModelInfo:
    """A loaded model's description; ``able``: further capabilities, present or absent."""
    can = EngineCapabilities(**able)
    return ModelInfo(name, folder, "cpu", "bfloat16", "NF4", 25_200_000_000, 14_200_000_000, 262_144, can, sample)


def finished(reason: str = "stop", *, reused: int = 0) -> Finished:
    """The end of an answer."""
    return Finished(reason, Usage(1234, reused, 56), Timings(3.2, 3.4, 17.5))  # type: ignore[arg-type]


def thumbnail(colour: str = "#88aacc", width: int = 60, height: int = 80) -> bytes:
    """A small PNG."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def picture(budget: int = 280) -> Picture:
    """One black picture of 4 soft tokens."""
    return Picture(bytes(96 * 96 * 3), 96, 96, budget, "p" * 64)


def document(path: Path, *, kind: Kind | None = None, pages: int = 3, content_hash: str = "") -> Document:
    """A possible result of reading ``path``."""
    kind = kind or {".png": "image", ".mp4": "video"}.get(path.suffix, "pdf")  # type: ignore[assignment]
    assert kind is not None
    page_list: tuple[Page, ...] = ()
    frames: tuple[Frame, ...] = ()
    if kind == "video":
        frames = tuple(Frame(float(second), picture(70)) for second in range(pages))
    elif kind == "image":
        page_list = (Page(1, 96, 96, "", (), picture(), "image", plain("A picture.")),)
    else:
        page_list = tuple(
            Page(number, 595, 842, f"Page {number}", (), None, "text", plain("Sound text layer."))
            for number in range(1, pages + 1)
        )
    duration = float(pages) if kind == "video" else None
    digest = content_hash or f"{hash(str(path)) & 0xFFFFFFFF:064x}"
    return Document(digest, path, path.name, kind, page_list, frames, duration, (), thumbnail())


def costs(
    *states: tuple[str, Residence],
    tokens: int = 1200,
    seconds: float | None = 2.0,
    context: int = 262_144,
    free: int = 8 << 30,
    rates: Rates | None = None,
) -> Preflight:
    """An engine's report on documents, given as (key, state); each has ``tokens``, a token takes 1,000 bytes."""
    reports = tuple(
        DocumentReport(
            key=key,
            name=key,
            tokens=tokens,
            state=state,
            ram_bytes=1000 * tokens if state == "resident" else 0,
            disk_bytes=0 if state == "unread" else 1100 * tokens,
            pinned=False,
        )
        for key, state in states
    )
    prompt, known = 300 + tokens * len(reports), sum(state != "unread" for _, state in states)
    return Preflight(prompt, tokens * known, context, 0, 0, 1000 * prompt, free, seconds, reports, rates)


class FakeEngineBridge(QObject):
    """An engine that records what it is asked. With a ``script``, every question is answered by it at once.

    A request's cost is reported once the event loop runs: ``price`` makes it from the documents' keys and states,
    or ``price_failure`` gives the error. Documents are unread unless ``states`` tells otherwise.
    """

    loading = Signal(object)
    loaded = Signal(object)
    load_failed = Signal(object)
    event = Signal(int, object)
    preflighted = Signal(int, object)
    residency_changed = Signal()
    preparing = Signal(object)
    stuck = Signal()
    recovered = Signal()

    def __init__(self, info: ModelInfo | None = None, script: Sequence[Event] = ()) -> None:
        super().__init__()
        self.info = info
        self.worker: ModelWorker | None = None
        self.script = tuple(script)
        self.requests: list[Request] = []
        self.shown: tuple[Document, ...] = ()
        self.loads: list[ModelRef] = []
        self.stops: list[int | None] = []
        self.unloads = self.waits = 0
        self.states: dict[str, Residence] = {}
        self.price: Callable[..., Preflight] = costs
        self.price_failure = ""
        self.priced: list[Request] = []
        self.pins: list[tuple[str, bool]] = []
        self.unloaded_documents: list[str] = []
        self.forgotten: list[str] = []
        self.wanted: list[tuple[Wanted, ...]] = []
        self.asker = 0
        self.is_shut_down = False

    def prepare(self, wanted: Sequence[Wanted], asker: int = 0) -> None:
        self.wanted.append(tuple(wanted))
        self.asker = asker

    def load(self, model: ModelRef) -> None:
        self.loads.append(model)

    def wait_longer(self) -> None:
        self.waits += 1

    def restart(self) -> None:
        self.loads += self.loads[-1:]

    def ask(self, request: Request, documents: Sequence[Document] = ()) -> int:
        self.requests.append(request)
        self.shown = tuple(documents)
        number = len(self.requests)
        for event in self.script:
            # Queued, as from the real worker thread.
            self._later(number, event)
        return number

    def stop(self, request_id: int | None = None) -> None:
        self.stops.append(request_id)

    def unload(self) -> None:
        self.unloads += 1
        self.info = None

    def preflight(self, request: Request, asker: int = 0) -> int:
        self.priced.append(request)
        number = 10_000 + len(self.priced)
        found = self.price(*((one.key, self.states.get(one.key, "unread")) for one in request.documents))
        said = Failed(self.price_failure) if self.price_failure else found
        QTimer.singleShot(0, self, lambda: self.preflighted.emit(number, said))
        return number

    def pin(self, key: str, on: bool) -> None:
        self.pins.append((key, on))

    def unload_document(self, key: str) -> None:
        self.unloaded_documents.append(key)
        self.move(key, "disk")

    def forget(self, key: str) -> None:
        self.forgotten.append(key)
        self.move(key, "unread")

    def move(self, key: str, state: Residence) -> None:
        """A document is added or removed."""
        self.states[key] = state
        self.residency_changed.emit()

    def shutdown(self) -> None:
        self.is_shut_down = True

    def answer(self, text: str, *, reused: int = 0) -> None:
        """Answer the newest question in full."""
        number = len(self.requests)
        self.event.emit(number, PrefillProgress(1234, 1234, reused))
        self.event.emit(number, TextDelta(text))
        self.event.emit(number, finished(reused=reused))

    def say(self, event: Event) -> None:
        """One event about the newest question."""
        self.event.emit(len(self.requests), event)

    def become(self, info: ModelInfo) -> None:
        """Loading is done."""
        self.info = info
        self.loaded.emit(info)

    def _later(self, number: int, event: Event) -> None:

        QTimer.singleShot(0, self, lambda: self.event.emit(number, event))


class FakeReadingBridge(QObject):
    """A reader that waits to be told. With ``auto``, everything is read at once as ``document()``."""

    progress = Signal(int, object)
    done = Signal(int, object)
    failed = Signal(int, object)
    taken_out = Signal(int, object)
    locked = Signal(int, bool)

    def __init__(self, auto: bool = False) -> None:
        super().__init__()
        self.auto = auto
        self.taking: dict[int, tuple[Path, AttachedFile, Path]] = {}
        self.jobs: dict[int, tuple[Path, ReadOptions]] = {}
        self.cancelled: list[int] = []
        self.is_shut_down = False

    def read(self, path: Path, options: ReadOptions = ReadOptions()) -> int:  # noqa: B008 (frozen)
        number = len(self.jobs) + 1
        self.jobs[number] = (path, options)
        if self.auto:
            QTimer.singleShot(0, self, lambda: self.finish(number))
        return number

    def take_out(self, path: Path, file: AttachedFile, folder: Path, password: str | None = None) -> int:
        number = 10_000 + len(self.taking)
        self.taking[number] = path, file, folder
        return number

    def cancel(self, job_id: int) -> None:
        self.cancelled.append(job_id)

    def shutdown(self) -> None:
        self.is_shut_down = True

    def advance(self, number: int, done: int, total: int) -> None:
        """Progress of one job."""
        self.progress.emit(number, ReadProgress(done, total, "page"))

    def finish(self, number: int, content_hash: str = "") -> None:
        """One job is done."""
        self.done.emit(number, document(self.jobs[number][0], content_hash=content_hash))

    def fail(self, number: int, message: Message | str) -> None:
        """One job failed."""
        self.failed.emit(number, plain(message) if isinstance(message, str) else message)
