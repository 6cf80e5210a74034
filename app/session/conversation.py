"""The conversation, and whether a question can be asked now. No Qt, no clock, no engine.

A conversation is a tree: asking again, or asking differently, puts a sibling beside the old exchange and keeps it.
What is shown, and what the model is told, is one path through the tree.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Literal

from app.chat.evidence.places import Evidence
from app.chat.growing import grown
from app.chat.tools.uses import ToolUse
from model.messages import NOTHING, Message, msg
from model.types import (
    EncodeProgress,
    Event,
    Failed,
    Finished,
    LoadProgress,
    ModelInfo,
    PrefillProgress,
    TakenBack,
    TextDelta,
    ThoughtDelta,
)

TITLE_CHARS = 80
HoldUp = Literal["", "model", "files", "answer", "other answer"]
"""Reasons why a question has to wait."""


class Stage(Enum):
    """Where a question is on its way to its answer."""

    WAITING = "waiting"  # for files to be read, for the model, or for the answer before it
    CHECKING = "checking"  # what it will cost is being found out
    HELD = "held"  # it costs much: the user decides
    SENT = "sent"
    LOOKING = "looking"  # pictures go through the vision tower
    READING = "reading"  # prefill
    THINKING = "thinking"
    ANSWERING = "answering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def pending(self) -> bool:
        """Not sent to the engine yet; the question can be taken back."""
        return self in (Stage.WAITING, Stage.CHECKING, Stage.HELD)

    @property
    def over(self) -> bool:
        """Whether the exchange is finished: no more events will come."""
        return self in (Stage.DONE, Stage.STOPPED, Stage.FAILED)


def new_id() -> str:
    """A name for a conversation or an exchange that no other has, on any machine."""
    return uuid.uuid4().hex


@dataclass
class Exchange:
    """One question and its answer. ``key`` is its number in this conversation, ``id`` its name in history."""

    key: int
    question: str
    stage: Stage = Stage.WAITING
    request_id: int | None = None
    answer: str = ""
    thinking: str = ""
    encode: EncodeProgress | None = None
    prefill: PrefillProgress | None = None
    finished: Finished | None = None
    error: Message = NOTHING
    seconds_left: float | None = None
    sources: tuple[str, ...] = ()
    approved: bool = False
    """The user knows what it costs."""
    evidence: tuple[Evidence, ...] = ()
    checked: bool = False
    """The answer's quotations have been looked up."""
    tool_uses: tuple[ToolUse, ...] = ()
    model: str = ""
    created: float = 0.0
    """Unix time of the question."""
    parent: int | None = None
    """The key of the exchange that this one follows."""
    pages: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """The only pages that were read for it, by document; empty where everything was."""
    id: str = field(default_factory=new_id)
    _rate: _Rate = field(default_factory=lambda: _Rate())

    def apply(self, event: Event | ToolUse, now: float) -> None:
        """Take one of the engine's events. ``now`` is a monotonic clock's seconds."""
        match event:
            case EncodeProgress():
                self.stage, self.encode = Stage.LOOKING, event
                self.seconds_left = self._rate.left((event.kind, event.total), event.done, event.total, now)
            case PrefillProgress():
                self.stage, self.prefill = Stage.READING, event
                done, total = event.done - event.reused, event.total - event.reused
                self.seconds_left = self._rate.left(("prefill", event.total), done, total, now)
            case ThoughtDelta() | TextDelta() | TakenBack():
                if not isinstance(event, TakenBack):
                    self.stage = Stage.THINKING if isinstance(event, ThoughtDelta) else Stage.ANSWERING
                self.answer, self.thinking = grown(self.answer, self.thinking, event)
            case ToolUse():
                self.tool_uses = (*self.tool_uses, event)
            case Finished():
                self.finished = self._as_it_was(event)
                self.stage = Stage.STOPPED if event.reason == "cancelled" else Stage.DONE
            case Failed():
                self.stage, self.error = Stage.FAILED, event.message
            case _:
                pass

    def _as_it_was(self, event: Finished) -> Finished:
        """The engine counts the whole prompt; of one that was stopped before the first word only a part was read."""
        if event.reason != "cancelled" or event.usage.answer_tokens:
            return event
        done, reused = (self.prefill.done, self.prefill.reused) if self.prefill is not None else (0, 0)
        return replace(event, usage=replace(event.usage, prompt_tokens=done, reused_tokens=reused))

    def restart(self) -> None:
        """Discard the answer, to ask the same question again."""
        fresh = Exchange(self.key, self.question, created=self.created, parent=self.parent, id=self.id)
        fresh.approved = self.approved
        self.__dict__.update(fresh.__dict__)


class _Rate:
    """How long the rest takes, from how long the part so far took. ``None`` before it can be estimated."""

    def __init__(self) -> None:
        self._phase: tuple[str, int] | None = None
        self._start = (0.0, 0)

    def left(self, phase: tuple[str, int], done: int, total: int, now: float) -> float | None:
        if phase != self._phase:
            self._phase, self._start = phase, (now, done)
            return None
        seconds, part = now - self._start[0], done - self._start[1]
        return (total - done) * seconds / part if part > 0 and seconds > 0.2 else None


class Conversation:
    """Questions and answers as a tree. Iterating gives the path that is shown; only one may be on its way."""

    def __init__(self, id: str = "") -> None:
        self.id = id or new_id()
        self.title = ""
        self.instructions = ""
        self.draft = ""
        """The composer's unsent text."""
        self.created = self.updated = 0.0
        self._exchanges: dict[int, Exchange] = {}
        self._chosen: dict[int | None, int] = {}
        self._next_key = 1

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self.path())

    def __len__(self) -> int:
        return len(self.path())

    @property
    def all(self) -> tuple[Exchange, ...]:
        """Every exchange of every branch, oldest first."""
        return tuple(self._exchanges.values())

    @property
    def last_key(self) -> int:
        """The highest key so far."""
        return self._next_key - 1

    @property
    def chosen(self) -> dict[str, str]:
        """Which branch was chosen where there are several: the parent's id (empty at the start) → the child's."""
        names: dict[int | None, str] = {None: ""}
        names.update((one.key, one.id) for one in self.all)
        return {names[parent]: names[key] for parent, key in self._chosen.items() if key in names and parent in names}

    def path(self) -> list[Exchange]:
        """The exchanges that are shown, in order."""
        children: dict[int | None, list[int]] = {}
        for one in self._exchanges.values():
            children.setdefault(one.parent, []).append(one.key)
        found: list[Exchange] = []
        at: int | None = None
        while among := children.get(at):
            at = self._chosen[at] if self._chosen.get(at) in among else among[-1]
            found.append(self._exchanges[at])
        return found

    def add(self, question: str, created: float = 0.0) -> Exchange:
        """A new question at the end of the path, waiting to be sent."""
        last = self.last
        return self._put(question, last.key if last is not None else None, created)

    def add_sibling(self, key: int, question: str, created: float = 0.0) -> Exchange:
        """A question beside the one with this key, which stays, as do those that follow it."""
        return self._put(question, self._exchanges[key].parent, created)

    def _put(self, question: str, parent: int | None, created: float) -> Exchange:
        exchange = Exchange(self._next_key, question, created=created, parent=parent)
        self.restore(exchange)
        self._chosen[parent] = exchange.key
        if not self.title:
            self.title = title_of(question)
        return exchange

    def restore(self, exchange: Exchange) -> None:
        """An exchange out of history; its parent came before it."""
        self._exchanges[exchange.key] = exchange
        self._next_key = max(self._next_key, exchange.key + 1)

    def choose(self, chosen: dict[str, str]) -> None:
        """The branches that were chosen when the conversation was saved."""
        keys: dict[str, int | None] = {"": None, **{one.id: one.key for one in self.all}}
        for parent, child in chosen.items():
            key = keys.get(child)
            if parent in keys and key is not None:
                self._chosen[keys[parent]] = key

    def get(self, key: int) -> Exchange | None:
        """The exchange with this key."""
        return self._exchanges.get(key)

    def remove(self, key: int) -> None:
        """Take a question back. Nothing follows it: it has not been sent."""
        gone = self._exchanges.pop(key, None)
        if gone is not None and self._chosen.get(gone.parent) == key:
            del self._chosen[gone.parent]
        if gone is not None and not self._exchanges and self.title == title_of(gone.question):
            self.title = ""

    def siblings(self, key: int) -> list[int]:
        """The keys of the branches at this place, oldest first, the one with this key among them."""
        one = self._exchanges.get(key)
        return [other.key for other in self.all if one is not None and other.parent == one.parent]

    def branches(self, key: int) -> tuple[int, int]:
        """Which branch this one is, counted from 1, and how many there are: ``(2, 3)``."""
        among = self.siblings(key)
        return (among.index(key) + 1, len(among)) if among else (0, 0)

    def switch(self, key: int, step: int) -> bool:
        """Show the branch ``step`` places beside this one instead; false when there is none."""
        among = self.siblings(key)
        at = among.index(key) + step if among else -1
        if step == 0 or not 0 <= at < len(among):
            return False
        self._chosen[self._exchanges[key].parent] = among[at]
        return True

    @property
    def last(self) -> Exchange | None:
        """The newest exchange that is shown."""
        path = self.path()
        return path[-1] if path else None

    @property
    def running(self) -> Exchange | None:
        """The exchange that the engine works on, in whichever branch."""
        return next((one for one in self.all if not one.stage.over and not one.stage.pending), None)

    @property
    def waiting(self) -> Exchange | None:
        """The question that waits to be sent."""
        return next((one for one in self.all if one.stage.pending), None)

    def history(self, before: Exchange) -> list[tuple[str, str]]:
        """The questions and answers that led to this one; those without any answer are left out."""
        if before.key not in self._exchanges:
            earlier = self.path()
        else:
            earlier, at = [], before.parent
            while at is not None and (one := self._exchanges.get(at)) is not None:
                earlier.insert(0, one)
                at = one.parent
        return [(one.question, one.answer) for one in earlier if one.stage.over and one.answer.strip()]


def title_of(question: str) -> str:
    """A conversation's name, from its first question."""
    words = " ".join(question.split())
    if len(words) <= TITLE_CHARS:
        return words
    cut = words[: TITLE_CHARS - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[TITLE_CHARS // 2 :] else cut}…"


class ModelPhase(Enum):
    """Whether there is a model to ask."""

    NONE = "none"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class ModelState:
    """The model, as the window shows it."""

    phase: ModelPhase = ModelPhase.NONE
    info: ModelInfo | None = None
    progress: LoadProgress | None = None
    error: Message = NOTHING

    @property
    def coming(self) -> bool:
        """Not there yet, but on its way."""
        return self.phase in (ModelPhase.STARTING, ModelPhase.LOADING)


@dataclass(frozen=True)
class Readiness:
    """Whether a question can be taken now, and a text with the reason if not, or that Enter queues it (``waits``)."""

    allowed: bool
    waits: bool
    reason: Message


def hold_up(model: ModelState, reading: int, running: bool, elsewhere: bool = False) -> HoldUp:
    """What a question would have to wait for; empty when it can go now.

    ``elsewhere``: an answer of another conversation of this window is still to come.
    """
    if model.coming:
        return "model"
    if reading:
        return "files"
    if running:
        return "answer"
    return "other answer" if elsewhere else ""


def queueing(hold_up: HoldUp) -> Message:
    """What Enter does while a question has to wait."""
    match hold_up:
        case "model":
            return msg("queue.model", "Enter queues it until the model has loaded.")
        case "files":
            return msg("queue.files", "Enter queues it until the files have been read.")
        case "answer":
            return msg("queue.answer", "Enter queues it until this answer is finished.")
        case "other answer":
            return msg("queue.other-answer", "Enter queues it until the other conversation’s answer is finished.")
        case _:
            return NOTHING


def readiness(model: ModelState, reading: int, conversation: Conversation, elsewhere: bool = False) -> Readiness:
    """Can the user ask, and what happens then?"""
    if model.phase in (ModelPhase.NONE, ModelPhase.FAILED):
        return Readiness(
            False, False, msg("ask.no-model", "No model is loaded. Choose a model folder, or try the sample model.")
        )
    if conversation.waiting is not None:
        return Readiness(False, True, msg("ask.queued", "One question is already queued. Cancel it to ask another."))
    wait = hold_up(model, reading, conversation.running is not None, elsewhere)
    return Readiness(True, bool(wait), queueing(wait))
