"""One question on its way to its answer, step by step and without its own thread or clock.

The window and ``app.session.answering`` take the same steps: ``request``, ``measure``, ``begin``, ``take`` for each
event, ``check``, ``found``. The window does them as its signals come; callers without an event loop, in sequence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.chat import request as asking
from app.chat.evidence.closer import check_closely
from app.chat.evidence.places import Evidence
from app.chat.request import AskOptions
from app.chat.tools.declared import offered
from app.chat.tools.uses import ToolUse
from app.engine.model.figures import FIGURES
from app.ingest.types import Document
from app.session.conversation import Conversation, Exchange, Stage
from app.session.measuring import Held, decide, is_small
from model.types import Event, Finished, ModelInfo, Preflight, Request, Timings, Usage

STOPPED = Finished("cancelled", Usage(0, 0, 0), Timings(0.0, 0.0, 0.0))


@dataclass(frozen=True)
class Turn:
    """A question that was sent or is to be, and what was read for it."""

    talk: Conversation
    exchange: Exchange
    documents: tuple[Document, ...]

    def request(self, info: ModelInfo | None, options: AskOptions, tools: bool) -> Request:
        """The question with all that the model needs to know. ``tools``: whether it may look closer by itself."""
        turns = [asking.Turn(question, answer) for question, answer in self.talk.history(self.exchange)]
        told = replace(
            options,
            thinking=options.thinking and (info is None or info.capabilities.thinking),
            instructions=self.talk.instructions,
            hears=info is not None and info.capabilities.sound,
            tools=offered(info, self.documents, tools),
        )
        return asking.build_request(self.documents, [*turns, asking.Turn(self.exchange.question)], told)

    def is_small(self, known: Preflight | None = None) -> bool:
        """Whether it need not be measured; ``known``: the conversation's cost as measured while idle."""
        return is_small(self.talk, self.exchange, known, bool(self.documents))

    def measure(self, costs: Preflight) -> Held | None:
        """What the user has to choose from; ``None`` where the question can go."""
        return decide(self.exchange, costs, self.documents)

    def begin(self, info: ModelInfo | None) -> None:
        """It goes to the model."""
        self.exchange.stage = Stage.SENT
        self.exchange.sources = tuple(document.name for document in self.documents)
        self.exchange.model = info.name if info is not None else ""

    def take(self, event: Event | ToolUse, now: float) -> bool:
        """Take one of the engine's events; whether it was the last. ``now``: a monotonic clock's seconds."""
        self.exchange.apply(event, now)
        return self.exchange.stage.over

    def stop(self) -> None:
        """The receiver is gone: leave the answer as it is."""
        self.take(STOPPED, 0.0)

    def check(self, answer: str) -> tuple[Evidence, ...]:
        """What ``answer`` quotes, looked up in the documents. Takes a moment; any thread may do it."""
        return check_closely(answer, self.documents, self.exchange.question)

    def found(self, answer: str, evidence: tuple[Evidence, ...]) -> bool:
        """Keep what ``check`` found of this answer; false where the question was asked anew meanwhile."""
        if self.exchange.answer != answer:
            return False
        self.exchange.evidence, self.exchange.checked = evidence, True
        FIGURES.checked(evidence)
        return True
