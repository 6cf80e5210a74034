"""A held question that is to be answered from the most relevant pages, and the rest of the files read afterwards.

The model is asked for other words first, where it is able to give some in a few seconds; then the pages are chosen
off the main thread. Once the answer is there, the files are read whole while nothing else is asked, so that asking
again takes a moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.chat.parts import Reply
from app.chat.plan import Plan
from app.chat.relevance.choosing import Chosen, choose
from app.chat.relevance.words import MOST_SECONDS, FurtherWords, too_slow
from app.engine.model.bridges import ModelBridge
from app.engine.passes.passing import Passing
from app.ingest.types import Document
from app.session.conversation import Conversation, Exchange
from app.session.turn import Turn
from app.ui.files.attachments import Attachments
from model.messages import Message
from model.types import Request


class RelevantPages(QObject):
    """Finds the pages for one question at a time."""

    chosen = Signal(object, object)
    """The exchange, and its pages; none where no page has any of the words."""

    def __init__(self, engine: ModelBridge, attachments: Attachments) -> None:
        super().__init__()
        self._engine, self._attachments = engine, attachments
        self._passing = Passing(engine, self)
        self._passing.ended.connect(self._on_words)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(round(1000 * MOST_SECONDS))
        self._patience.timeout.connect(self._passing.stop)
        self._words = FurtherWords("")
        self._for: tuple[Exchange, tuple[Document, ...], int] | None = None

    def start(self, exchange: Exchange, documents: tuple[Document, ...], plan: Plan) -> None:
        """Choose pages for ``exchange`` within the room of ``plan``; ``chosen`` follows."""
        self._for = exchange, documents, plan.room
        self._words = FurtherWords(exchange.question)
        info = self._engine.info
        a_token = plan.seconds / plan.tokens if plan.seconds is not None and plan.tokens else None
        if info is None or info.sample or too_slow(a_token):
            self._on_words("done")
        else:
            self._passing.start(self._words)
            self._patience.start()

    def leave(self) -> None:
        """Nobody waits for the pages any more."""
        self._for = None
        self._patience.stop()
        self._passing.leave()

    def _on_words(self, _how: str) -> None:
        self._patience.stop()
        about = self._for
        if about is None:
            return
        exchange, documents, room = about
        work = partial(choose, documents, exchange.question, room, self._words.words)
        self._attachments.run(work, partial(self._on_chosen, about), lambda _error: self._on_chosen(about, None))

    def _on_chosen(self, about: tuple[Exchange, tuple[Document, ...], int], found: Chosen | None) -> None:
        if self._for is about:
            self._for = None
            self.chosen.emit(about[0], found.pages if found is not None else ())


class _Rest:
    """A pass that has the model read files, one more with each request, and throws its words away."""

    failure: str | Message = ""

    def __init__(self, requests: Callable[[int], Request | None]) -> None:
        self._requests, self._read = requests, 0

    def next_request(self) -> Request | None:
        """With one file more."""
        self._read += 1
        return self._requests(self._read)

    def grow(self, text: str) -> None:
        """Nothing is wanted of it."""

    def take(self, reply: Reply) -> None:
        """Nothing is wanted of it."""

    def fail(self, message: Message) -> None:
        """What does not fit stays unread; the next question says so."""
        self.failure = message


class ReadingOn(QObject):
    """Reads what an answer left out, while nothing else is asked."""

    read = Signal(int)
    """The key of the exchange whose files are read whole now."""

    def __init__(self, engine: ModelBridge, request_of: Callable[[Turn], Request]) -> None:
        super().__init__()
        self._passing = Passing(engine, self)
        self._passing.ended.connect(self._on_end)
        self._request_of = request_of
        self._key = 0

    @property
    def running(self) -> bool:
        """Whether a file is being read."""
        return self._passing.running

    def start(self, talk: Conversation, key: int, documents: tuple[Document, ...]) -> None:
        """Read ``documents`` whole, in their order."""

        def request(count: int) -> Request | None:
            if count > len(documents):
                return None
            turn = Turn(talk, Exchange(0, "?", parent=None), documents[:count])
            return replace(self._request_of(turn), max_new_tokens=1)

        self._key = key
        self._passing.start(_Rest(request))

    def leave(self) -> None:
        """Something else is asked: it goes first."""
        self._passing.leave()

    def _on_end(self, how: str) -> None:
        if how == "done":
            self.read.emit(self._key)
