"""A question to its checked answer in one call, for callers with no event loop: command line, scripts, a server."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from dataclasses import dataclass

from app.chat.evidence.places import Evidence
from app.chat.parts import NO_END
from app.chat.request import AskOptions
from app.chat.tools.uses import ToolUse
from app.engine.model.protocols import Engine, Measuring
from app.engine.model.tooling import Tooling
from app.session.measuring import Held
from app.session.notebook import Notebook
from app.session.turn import Turn
from model.cancel import NEVER, Cancel
from model.errors import LecternError
from model.types import Event, Failed, Preflight


@dataclass(frozen=True, slots=True)
class Costed:
    """What the question costs, before it is asked. ``held``: it is much, and what would make it less."""

    costs: Preflight
    held: Held | None


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """What the answer quotes was looked up; the last event of a question."""

    evidence: tuple[Evidence, ...]


SessionEvent = Costed | Event | ToolUse | EvidenceFound


def answering(
    turn: Turn,
    engine: Engine,
    tooling: Tooling,
    options: AskOptions,
    *,
    tools: bool = True,
    cancel: Cancel | None = None,
    notebook: Notebook | None = None,
) -> Generator[SessionEvent, None, None]:
    """Ask ``turn`` and follow it to its evidence: ``Costed`` where the engine can tell, the engine's events with one
    end, ``EvidenceFound`` where there is an answer. Raises no exception: an error is a ``Failed``.

    A caller that stops iterating at ``Costed`` has not asked.
    """
    exchange, talk = turn.exchange, turn.talk
    try:
        request = turn.request(engine.info, options, tools)
    except LecternError as error:
        turn.take(failed := Failed(error.message), time.monotonic())
        yield failed
        return
    if isinstance(engine, Measuring):
        with contextlib.suppress(LecternError):  # generating reports it too
            costs = engine.preflight(request)
            yield Costed(costs, turn.measure(costs))
    turn.begin(engine.info)
    if notebook is not None:
        notebook.write(talk, exchange)
    for event in tooling.answer(engine.generate, request, turn.documents, cancel or NEVER):
        over = turn.take(event, time.monotonic())
        yield event
        if over:
            break
    else:
        turn.take(failed := Failed(NO_END), time.monotonic())
        yield failed
    if exchange.answer.strip():
        evidence = turn.check(exchange.answer)
        turn.found(exchange.answer, evidence)
        yield EvidenceFound(evidence)
    if notebook is not None:
        notebook.write(talk, exchange)
