"""The conversation that a window shows: what the user does with it, and what is asked with it.

When a question goes, and what becomes of it at the engine, is the ``queue``'s affair. Opening another conversation
leaves a running answer alone: it continues in its own conversation, whether that is shown or not.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.chat.plan import Plan
from app.chat.request import AskOptions
from app.engine.model.bridges import ModelBridge
from app.i18n import tr
from app.library.store.records import FileRow
from app.session.conversation import Conversation, Exchange, HoldUp, Readiness, Stage
from app.session.measuring import Held
from app.session.notebook import Notebook
from app.session.recording import conversation_of
from app.session.shown_path import ShownPath
from app.session.turn import Turn
from app.ui.asking.looking_up import LookingUp
from app.ui.asking.queue import QuestionQueue
from app.ui.asking.relevant import ReadingOn, RelevantPages
from app.ui.asking.residency import Residency
from app.ui.files.attachments import Attachments
from app.ui.history.history import History
from app.ui.models.control import ModelControl
from model.types import Request


class Asking(QObject):
    """Owns the conversation that a window shows; the conversation pane draws it."""

    added = Signal(int)
    changed = Signal(int)
    removed = Signal(int)
    cleared = Signal()
    state_changed = Signal()
    opened = Signal()
    """Another conversation is shown, with its draft and its instructions; its exchanges were all ``added``."""
    title_changed = Signal()
    notice = Signal(str)
    """The outcome of a question in a conversation that is not shown."""

    def __init__(
        self,
        engine: ModelBridge,
        model: ModelControl,
        attachments: Attachments,
        residency: Residency,
        history: History | None = None,
    ) -> None:
        """Without a ``history`` nothing is saved."""
        super().__init__()
        self.history = history if history is not None else History(parent=self)
        self.thinking = False
        self.tools = True
        """Whether the model may look closer, go to a time and find words by itself."""
        self.max_new_tokens, self.max_thinking_tokens = AskOptions().max_new_tokens, AskOptions().max_thinking_tokens
        self._engine, self._attachments, self._residency = engine, attachments, residency
        self._notebook = Notebook(self.history.put, attachments.rows)
        self._looking_up = LookingUp(attachments, self._looked_up)
        self._queue = QuestionQueue(
            engine, model, attachments, residency, self.history, self._notebook, self._request, owner=self
        )
        self._path = ShownPath(self.added.emit, self.removed.emit)
        self._closed = False
        residency.outline = self._outline
        self.history.claim(self.conversation.id, self)
        if self.history.on_disk:
            attachments.abandon = self.history.abandon
        self._queue.changed.connect(self.changed)
        self._queue.state_changed.connect(self.state_changed)
        self._queue.notice.connect(self.notice)
        self._queue.landed.connect(self._looking_up.look_up)
        self._queue.landed.connect(residency.schedule)  # the files are in memory now
        self._queue.landed.connect(self._read_on)
        self._relevant = RelevantPages(engine, attachments)
        self._relevant.chosen.connect(self._queue.answer_from)
        self._reading_on = ReadingOn(engine, self._request)
        self._reading_on.read.connect(self._tell_of_rest)
        attachments.settled.connect(self._on_files)
        self.history.deleted.connect(self._on_deleted)
        self.history.renamed.connect(self._on_renamed)

    # What a window asks for

    @property
    def conversation(self) -> Conversation:
        """The one that is shown."""
        return self._queue.shown

    @property
    def held(self) -> Held | None:
        """The question that waits for the user's choice, with what it costs."""
        return self._queue.held

    @property
    def readiness(self) -> Readiness:
        """Whether a question can be taken now."""
        return self._queue.readiness

    @property
    def waits_for(self) -> HoldUp:
        """Why a question would have to wait; empty when it can go now."""
        return self._queue.waits_for

    @property
    def busy(self) -> bool:
        """Whether there is something to stop."""
        return self.conversation.running is not None or self.conversation.waiting is not None

    @property
    def elsewhere(self) -> bool:
        """Whether an answer of a conversation that is not shown is still being written."""
        return self._queue.elsewhere

    @property
    def title(self) -> str:
        """The conversation's name; empty before the first question."""
        return self.conversation.title

    @property
    def instructions(self) -> str:
        """This conversation's instructions for the model, after the application's own."""
        return self.conversation.instructions

    @instructions.setter
    def instructions(self, text: str) -> None:
        if text.strip() != self.conversation.instructions:
            self.conversation.instructions = text.strip()
            self._notebook.head(self.conversation)
            self._notebook.tidy(self.conversation)
            self._queue.check_again()
            self._residency.schedule()
            self._queue.go_on()

    @property
    def draft(self) -> str:
        """The composer's unsent text; set on every edit."""
        return self.conversation.draft

    @draft.setter
    def draft(self, text: str) -> None:
        if text != self.conversation.draft:
            self.conversation.draft = text
            self._notebook.head(self.conversation, growing=True)
            self._notebook.tidy(self.conversation)

    def ask(self, question: str) -> bool:
        """Take a question; false when there is none or it cannot be taken."""
        if not question.strip() or not self.readiness.allowed:
            return False
        self._take(self.conversation.add(question.strip(), time.time()))
        return True

    def ask_again(self, key: int) -> bool:
        """The same question once more; the old answer stays as a branch beside the new one, if there is any."""
        exchange = self.conversation.get(key)
        if exchange is None or not exchange.stage.over or not self.readiness.allowed:
            return False
        if exchange.answer.strip():
            self._take(self.conversation.add_sibling(key, exchange.question, time.time()))
            return True
        exchange.restart()
        self._notebook.write(self.conversation, exchange)
        self.changed.emit(key)
        self._queue.go_on()
        return True

    def ask_whole(self, key: int) -> bool:
        """The same question about all pages, where an answer rests on some of them."""
        exchange = self.conversation.get(key)
        if exchange is None or not exchange.stage.over or not self.readiness.allowed:
            return False
        again = self.conversation.add_sibling(key, exchange.question, time.time())
        again.approved = True
        self._take(again)
        return True

    def edit(self, key: int, text: str) -> bool:
        """Ask something else in this question's place; the old one stays as a branch beside it."""
        exchange = self.conversation.get(key)
        if exchange is None or not exchange.stage.over or not text.strip() or not self.readiness.allowed:
            return False
        self._take(self.conversation.add_sibling(key, text.strip(), time.time()))
        return True

    def branches(self, key: int) -> tuple[int, int]:
        """Which branch this is, counted from 1, and how many there are at this place."""
        return self.conversation.branches(key)

    def switch(self, key: int, step: int) -> bool:
        """Show the branch ``step`` places on (-1: the one before); false when there is none."""
        if not self.conversation.switch(key, step):
            return False
        self._notebook.head(self.conversation)
        self._path.show(self.conversation)
        self._residency.schedule()
        self.state_changed.emit()
        return True

    def stop(self) -> None:
        """Stop the running answer."""
        running = self.conversation.running
        if running is not None and running.request_id is not None:
            self._engine.stop(running.request_id)

    def withdraw(self, key: int) -> str:
        """Take a waiting question back; gives its text, so that it can be changed."""
        exchange = self.conversation.get(key)
        if exchange is None or not exchange.stage.pending:
            return ""
        self._queue.held = None
        self.conversation.remove(key)
        self._path.show(self.conversation)
        self._notebook.take_back(self.conversation, exchange)
        self.state_changed.emit()
        return exchange.question

    def new(self, keep_files: bool = False) -> None:
        """A new conversation, without files or with the attached ones; a running answer continues in the old one."""
        self._queue.leave()
        self._enter(Conversation(), None if keep_files else ())

    def open(self, id: str) -> bool:
        """Show another conversation with its files; false where it is gone, or open in another window."""
        if id == self.conversation.id:
            return True
        stored = self.history.load(id)
        if stored is None or stored.deleted is not None or not self.history.claim(id, self):
            return False
        self._queue.leave()
        talk = self._queue.talk(id) or conversation_of(stored)
        self._notebook.opened(talk)
        self._enter(talk, stored.files)
        return True

    def accept(self) -> None:
        """The user knows what the held question costs: read it."""
        self._queue.accept()

    def choose(self, plan: Plan) -> None:
        """Make the held question fit; it goes by itself once the files are read again."""
        waiting = self.conversation.waiting
        if waiting is not None and self.held is not None:
            if plan.pages:
                waiting.stage = Stage.CHECKING
                self._relevant.start(waiting, self._attachments.items.documents(), plan)
                self._queue.held = None
                self.changed.emit(waiting.key)
                self.state_changed.emit()
                return
            waiting.approved = True
            self._attachments.apply(plan)

    def close(self) -> None:
        """The window goes: stop whatever runs, keep everything."""
        if not self._closed:
            self._closed = True
            self._relevant.leave()
            self._reading_on.leave()
            self._queue.close()

    # One conversation and another

    def _enter(self, talk: Conversation, files: Sequence[FileRow] | None = None) -> None:
        """Show it, with its own files or with those that are there."""
        self._relevant.leave()
        self._reading_on.leave()
        self._queue.enter(talk)
        self.history.claim(talk.id, self)
        self._path.forget()
        self.cleared.emit()
        if files is not None:
            self._attachments.restore(files)
        self._path.show(self.conversation)
        self._residency.schedule()
        self.opened.emit()
        self.title_changed.emit()
        self._queue.go_on()

    def _read_on(self, turn: Turn) -> None:
        """Read what an answer left out, as long as nothing else is asked."""
        if turn.exchange.pages and turn.talk is self.conversation and self._queue.idle:
            documents = self._attachments.items.documents()
            self._reading_on.start(turn.talk, turn.exchange.key, documents)

    def _tell_of_rest(self, _key: int) -> None:
        self.notice.emit(tr("All pages have been read now: “Answer again with all pages” takes only a moment."))

    def _take(self, exchange: Exchange) -> None:
        """A new question is there."""
        self._reading_on.leave()
        self._notebook.write(self.conversation, exchange)
        self._path.show(self.conversation)
        self.title_changed.emit()
        self._queue.go_on()

    def _on_deleted(self, id: str) -> None:
        self._queue.drop(id)
        self.history.release(id, self)
        if id == self.conversation.id:
            self._notebook.dropped(self.conversation)
            self._enter(Conversation(), ())

    def _on_renamed(self, id: str, title: str) -> None:
        for talk in (self.conversation, self._queue.talk(id)):
            if talk is not None and talk.id == id:
                talk.title = title
        if id == self.conversation.id:
            self.title_changed.emit()

    # What is asked

    def _request(self, turn: Turn) -> Request:
        most, most_thinking = self.max_new_tokens, self.max_thinking_tokens
        options = AskOptions(self.thinking, max_new_tokens=most, max_thinking_tokens=most_thinking)
        return turn.request(self._engine.info, options, self.tools)

    def _outline(self) -> Request | None:
        """The conversation with a question still to come, while nothing else is to be done."""
        if not self._queue.idle or not (len(self.conversation) or self._attachments.items.documents()):
            return None
        return self._request(self._queue.turn(Exchange(0, "?")))

    def _on_files(self) -> None:
        """Discard measurements made with other files."""
        self._notebook.files(self.conversation)
        self._queue.check_again()
        self._queue.go_on()
        self._looking_up.look_up_late(self.conversation)

    def _looked_up(self, talk: Conversation, exchange: Exchange) -> None:
        self._notebook.update(talk, exchange)
        if talk is self.conversation:
            self.changed.emit(exchange.key)
