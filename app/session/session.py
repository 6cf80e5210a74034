"""``Session``: files, a model and a conversation about them, without a window. See ``app.session`` for an example."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from app.chat.parts import go_through
from app.chat.plan import judge
from app.chat.relevance.choosing import only
from app.chat.relevance.words import Deadline, FurtherWords, too_slow
from app.chat.request import AskOptions
from app.chat.tools.uses import ToolUse
from app.engine.model.protocols import Engine, Measuring, OpenEngine, Resident
from app.engine.model.tooling import Tooling
from app.ingest.types import Document, ReadOptions, ReadProgress
from app.library.model_ref import ModelRef, SampleModel
from app.library.models import model_to_open
from app.library.settings import Settings
from app.library.store.records import Change, FileRow
from app.session.answering import SessionEvent, answering
from app.session.conversation import Conversation, Exchange
from app.session.items import Items, ItemState
from app.session.notebook import Notebook
from app.session.reading import ReadFiles, read_files
from app.session.recording import file_rows
from app.session.relevant import ROOM, apply, relevant_plan
from app.session.turn import Turn
from model.cancel import NEVER, AnyOf, Cancel
from model.errors import CancelledError, LecternError
from model.messages import msg
from model.types import Failed, Finished, LoadProgress, ModelInfo, Request

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.ingest.attached import AttachedFile
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader
    from app.library.store.writing import Store


def _open_engine(model: ModelRef, report: Callable[[LoadProgress], None], cancel: Cancel) -> Engine:
    from app.engine.model.opening import open_engine  # which imports torch

    return open_engine(model, report, cancel)


def _a_token(engine: Engine, request: Request) -> float | None:
    """Seconds that reading a token takes, where this machine's speed is known."""
    if isinstance(engine, Measuring):
        with suppress(LecternError):  # generating reports it too
            rates = engine.preflight(request).rates
            return None if rates is None else rates.seconds(1, ())
    return None


class Session:
    """Read files, ask about them, get answers with evidence. For one thread; only ``cancel`` comes from others.

    The reading process starts with the first file and the model is opened with the first question, or with ``open``.
    ``close`` ends both; what was read stays in the model's cache for the next time.
    """

    def __init__(
        self,
        model: ModelRef | None = None,
        *,
        options: AskOptions | None = None,
        tools: bool = True,
        recognise: bool = True,
        history: Path | None = None,
        open_engine: OpenEngine = _open_engine,
    ) -> None:
        """``model``: by default the one that was used last, else the sample model.

        ``tools``: whether the model may look closer, go to a time and find words by itself. ``recognise``: whether
        the words on scans and pictures are read in files that are added. ``history``: the folder of conversations that
        this one is added to; by default it is not saved.
        """
        self.options = options or AskOptions()
        self.tools, self.recognise = tools, recognise
        self.conversation = Conversation()
        self.items = Items()
        """The files, as the window lists them; those that could not be read too."""
        self._model, self._open_engine = model, open_engine
        self._history = history
        self._store: Store | None = None
        self._notebook: Notebook | None = None
        self._reader: Reader | None = None
        self._recogniser: Recogniser | None = None
        self._engine: Engine | None = None
        self._owned = False
        self._tooling = Tooling()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Files

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents, in the order in which the model gets it."""
        return self.items.documents()

    @property
    def reader(self) -> Reader:
        """The process that reads files, started with the first one."""
        if self._reader is None:
            from app.ingest.read.reader import Reader

            self._reader = Reader()
        return self._reader

    @property
    def recogniser(self) -> Recogniser:
        """The process that reads words on pictures, started with the first one."""
        if self._recogniser is None:
            from app.ingest.ocr.recogniser import Recogniser

            self._recogniser = Recogniser()
        return self._recogniser

    def add(
        self,
        *paths: Path | str,
        options: ReadOptions | None = None,
        on_progress: Callable[[ReadProgress], None] | None = None,
        cancel: Cancel | None = None,
        attachments: bool = False,
    ) -> ReadFiles:
        """Read files and what is in folders; the next question is about them too.

        ``attachments``: files that are attached to others are read as well.

        A file that cannot be read is among ``failed`` with one sentence; the others are added. Raises
        ``CancelledError``.
        """
        chosen = options or ReadOptions()

        def read(path: Path) -> Document:
            document = self.reader.read(path, chosen, on_progress, cancel)
            return self.recogniser.recognise(document, chosen, cancel=cancel) if self.recognise else document

        def take_out(document: Document, file: AttachedFile) -> Path:
            return self.reader.take_out(document.path, file, password=document.password, cancel=cancel)

        found = read_files([Path(path) for path in paths], read, take_out=take_out if attachments else None)
        return self.take(found, chosen)

    def take(self, files: ReadFiles, options: ReadOptions) -> ReadFiles:
        """Add files that were read elsewhere, by ``read_files``; those of a folder know it."""
        homes: dict[Path, int] = {}
        for listing in files.folders:
            folder = self.items.add_folder(listing.path) if listing.files else None
            if folder is not None:
                folder.take(listing)
                homes |= dict.fromkeys(listing.files, folder.key)
        for document in files.documents:
            item = self.items.add(document.path)
            if item is not None:
                item.options, item.document, item.state = options, document, ItemState.READY
                item.label = document.name if document.name != document.path.name else ""
                item.folder = homes.get(document.path)
        for path, error in files.failed:
            item = self.items.add(path)
            if item is not None:
                item.error, item.state, item.folder = error, ItemState.FAILED, homes.get(path)
        return files

    # The model

    @property
    def engine(self) -> Engine:
        """The open model. Raises ``LecternError`` where it cannot be opened."""
        if self._engine is None:
            self.open()
        assert self._engine is not None
        return self._engine

    def open(
        self,
        on_progress: Callable[[LoadProgress], None] = lambda progress: None,
        cancel: Cancel | None = None,
    ) -> ModelInfo:
        """Open the model now; a large one takes a while. Raises ``LecternError``."""
        if self._engine is None:
            model = self._model or model_to_open(Settings.load()) or SampleModel()
            self._engine = self._open_engine(model, on_progress, cancel or NEVER)
            self._owned = True
        return self._engine.info

    def use(self, engine: Engine) -> None:
        """Ask an engine that somebody else has opened, and closes."""
        self._engine, self._owned = engine, False

    # Asking

    def events(self, question: str, cancel: Cancel | None = None, *, relevant: bool = False) -> Iterator[SessionEvent]:
        """Ask a question: ``Costed``, the engine's events with exactly one end, ``EvidenceFound``.

        ``relevant``: only the pages that fit the question best are read, and a ``ToolUse`` tells which.

        A caller that stops at ``Costed`` has not asked: the question is taken back. Stopping later stops the answer.
        """
        engine, cancel = self.engine, cancel or NEVER
        exchange = self.conversation.add(question.strip(), time.time())
        if relevant:
            yield from self._choose_pages(exchange, engine, cancel)
        turn = Turn(self.conversation, exchange, only(self.documents, exchange.pages))
        notebook = self._open_notebook()
        steps = answering(turn, engine, self._tooling, self.options, tools=self.tools, cancel=cancel, notebook=notebook)
        try:
            with closing(steps):
                yield from steps
        finally:
            if exchange.stage.pending:
                self.conversation.remove(exchange.key)
            elif not exchange.stage.over:
                turn.stop()
                if notebook is not None:
                    notebook.write(self.conversation, exchange)

    def _choose_pages(self, exchange: Exchange, engine: Engine, cancel: Cancel) -> tuple[ToolUse, ...]:
        """Choose what the exchange rests on, with other words from the model where it can give some."""
        further = FurtherWords(exchange.question)
        if not engine.info.sample and not too_slow(_a_token(engine, further.request())):
            for _ in go_through(further, engine.generate, AnyOf(cancel, Deadline())):
                pass
        apply(exchange, self.documents, self._room_for(exchange, engine), further.words)
        return exchange.tool_uses

    def _room_for(self, exchange: Exchange, engine: Engine) -> int:
        """Tokens of the chosen pages: as many as this model reads in time, where its speed is known."""
        if not isinstance(engine, Measuring):
            return ROOM
        with contextlib.suppress(LecternError):  # the question itself reports it
            turn = Turn(self.conversation, exchange, self.documents)
            costs = engine.preflight(turn.request(engine.info, self.options, self.tools))
            plan = relevant_plan(exchange.question, self.documents, costs, judge(costs))
            return plan.room if plan is not None else ROOM
        return ROOM

    def ask(self, question: str, cancel: Cancel | None = None) -> Exchange:
        """The finished exchange: ``answer``, ``evidence``, ``finished`` with usage and timings.

        Raises ``LecternError`` where the model could not answer, ``CancelledError`` where it was stopped; what was
        written until then is in ``conversation``. A question that costs much is asked anyway: ``events`` reports it.
        """
        for event in self.events(question, cancel):
            match event:
                case Failed(message):
                    raise LecternError(message)
                case Finished(reason="cancelled"):
                    raise CancelledError(msg("cancelled.answer", "The answer was stopped."))
        last = self.conversation.last
        assert last is not None
        return last

    def settle(self, cancel: Cancel | None = None) -> None:
        """Save what the model has read for the next time, where it keeps documents. Raises ``LecternError``."""
        if isinstance(self._engine, Resident):
            self._engine.settle(cancel)

    def close(self) -> None:
        """Save what was read, end the reading process, close the model that was opened here."""
        try:
            if self._owned:
                self.settle()
        finally:
            engine, self._engine = self._engine, None
            self._tooling.close()
            if engine is not None and self._owned:
                engine.close()
            for process in (self._reader, self._recogniser):
                if process is not None:
                    process.close()
            if self._store is not None:
                self._store.close()
            self._reader = self._recogniser = self._store = self._notebook = None

    def _open_notebook(self) -> Notebook | None:
        if self._history is not None and self._notebook is None:
            from app.library.store.writing import Store

            self._store = Store.open(self._history)
            self._notebook = Notebook(self._put, self._rows)
        return self._notebook

    def _put(self, changes: Iterable[Change], *, growing: bool = False) -> None:
        assert self._store is not None
        self._store.apply(changes)

    def _rows(self) -> tuple[FileRow, ...]:
        return file_rows(self.items)
