"""The conversation, and whether a question can be asked now. No Qt, no clock of its own, no engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from model.types import (
    EncodeProgress,
    Event,
    Failed,
    Finished,
    LoadProgress,
    ModelInfo,
    PrefillProgress,
    TextDelta,
    ThoughtDelta,
)


class Stage(Enum):
    """Where a question is on its way to its answer."""

    WAITING = "waiting"  # for files to be read, for the model, or for the answer before it
    CHECKING = "checking"  # what it will cost is being found out
    HELD = "held"  # it costs much: the person decides
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
        """Nothing more will come."""
        return self in (Stage.DONE, Stage.STOPPED, Stage.FAILED)


@dataclass
class Exchange:
    """One question and its answer."""

    key: int
    question: str
    stage: Stage = Stage.WAITING
    request_id: int | None = None
    answer: str = ""
    thinking: str = ""
    encode: EncodeProgress | None = None
    prefill: PrefillProgress | None = None
    finished: Finished | None = None
    error: str = ""
    seconds_left: float | None = None
    sources: tuple[str, ...] = ()
    approved: bool = False
    """The person knows what it costs."""
    _rate: _Rate = field(default_factory=lambda: _Rate())

    def apply(self, event: Event, now: float) -> None:
        """Take in what the engine says. ``now`` is a monotonic clock's seconds."""
        match event:
            case EncodeProgress():
                self.stage, self.encode = Stage.LOOKING, event
                self.seconds_left = self._rate.left(("encode", event.total), event.done, event.total, now)
            case PrefillProgress():
                self.stage, self.prefill = Stage.READING, event
                done, total = event.done - event.reused, event.total - event.reused
                self.seconds_left = self._rate.left(("prefill", event.total), done, total, now)
            case ThoughtDelta():
                self.stage = Stage.THINKING
                self.thinking += event.text
            case TextDelta():
                self.stage = Stage.ANSWERING
                self.answer += event.text
            case Finished():
                self.finished = event
                self.stage = Stage.STOPPED if event.reason == "cancelled" else Stage.DONE
            case Failed():
                self.stage, self.error = Stage.FAILED, event.message
            case _:
                pass

    def restart(self) -> None:
        """Forget the answer, to ask the same question again."""
        fresh = Exchange(self.key, self.question)
        self.__dict__.update(fresh.__dict__)


class _Rate:
    """How long the rest takes, from how long the part so far took. Says nothing before it can know."""

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
    """Questions and answers in order. Only the last may be on its way."""

    def __init__(self) -> None:
        self._exchanges: dict[int, Exchange] = {}
        self._next_key = 1

    def __iter__(self) -> Iterator[Exchange]:
        return iter(self._exchanges.values())

    def __len__(self) -> int:
        return len(self._exchanges)

    def add(self, question: str) -> Exchange:
        """A new question, waiting to be sent."""
        exchange = Exchange(self._next_key, question)
        self._next_key += 1
        self._exchanges[exchange.key] = exchange
        return exchange

    def get(self, key: int) -> Exchange | None:
        """The exchange with this key."""
        return self._exchanges.get(key)

    def remove(self, key: int) -> None:
        """Take a question back."""
        self._exchanges.pop(key, None)

    def clear(self) -> None:
        """Start anew. Keys are not used twice."""
        self._exchanges.clear()

    def by_request(self, request_id: int) -> Exchange | None:
        """The exchange that an engine request belongs to."""
        return next((one for one in self if one.request_id == request_id), None)

    @property
    def last(self) -> Exchange | None:
        """The newest exchange."""
        return next(reversed(self._exchanges.values()), None)

    @property
    def running(self) -> Exchange | None:
        """The exchange that the engine works on."""
        return next((one for one in self if not one.stage.over and not one.stage.pending), None)

    @property
    def waiting(self) -> Exchange | None:
        """The question that waits to be sent."""
        return next((one for one in self if one.stage.pending), None)

    def history(self, before: Exchange) -> list[tuple[str, str]]:
        """Earlier questions with their answers; those without any answer are left out."""
        turns = []
        for one in self:
            if one is before:
                break
            if one.stage.over and one.answer.strip():
                turns.append((one.question, one.answer))
        return turns


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
    error: str = ""

    @property
    def coming(self) -> bool:
        """Not there yet, but on its way."""
        return self.phase in (ModelPhase.STARTING, ModelPhase.LOADING)


@dataclass(frozen=True)
class Readiness:
    """Whether a question can be taken now, and the words that say why not or when."""

    allowed: bool
    waits: bool
    reason: str


def hold_up(model: ModelState, reading: int, running: bool) -> str:
    """What a question would have to wait for; empty when it can go now."""
    if model.coming:
        return "the model is ready"
    if reading:
        return "reading is done"
    return "this answer is finished" if running else ""


def readiness(model: ModelState, reading: int, conversation: Conversation) -> Readiness:
    """Can the person ask, and what happens then?"""
    if model.phase in (ModelPhase.NONE, ModelPhase.FAILED):
        return Readiness(False, False, "No model is loaded. Choose a model folder, or try the sample model.")
    if conversation.waiting is not None:
        return Readiness(False, True, "A question is waiting already. Withdraw it to ask another one.")
    wait = hold_up(model, reading, conversation.running is not None)
    return Readiness(True, bool(wait), f"Will be asked when {wait}." if wait else "")
