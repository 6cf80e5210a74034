"""The functions themselves, for the endpoints and for the MCP server: nothing here knows HTTP.

What takes long is an asynchronous generator of objects, each with a ``type``; the last one holds the result. Leaving it
stops the work.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from app import paths
from app.chat.extract.export import as_objects
from app.chat.extract.questions import suggest_schema
from app.chat.extract.run import Run
from app.chat.extract.schema import Schema, parse_schema
from app.chat.extract.store import RunStore
from app.chat.extract.suggest import ColumnChoice, can_suggest
from app.chat.growing import ending
from app.chat.parts import NO_END, PartReader, Pass, Step
from app.chat.request import AskOptions
from app.chat.scenes.asking import scenes_of
from app.chat.scenes.describing import Describing
from app.chat.scenes.export import as_data
from app.chat.tools.uses import ToolUse
from app.ingest.shots.finder import ShotFinder, ShotOptions
from app.server.errors import ApiError, of_message
from app.server.lectern.bodies import AskBody, ExtractBody, ScenesBody
from app.server.lectern.documents import documents_of, numbered
from app.server.queue import STREAM_S
from app.server.reading import Parsed
from app.server.service import Service
from app.session.conversation import Conversation, Exchange, Stage
from app.session.costs import held_facts, held_title, model_name
from app.session.export.data import cost_object, document_objects, evidence_objects
from app.session.turn import Turn
from model.errors import LecternError
from model.types import Failed, Finished, Preflight, Sampling, TakenBack, TextDelta, ThoughtDelta
from model.types import Request as EngineRequest

Progress = AsyncGenerator[dict[str, Any], None]


@dataclass
class Asked:
    """A question on its way, with all that is told about it."""

    turn: Turn
    request: EngineRequest
    held: list[Parsed]
    ids: dict[str, str]
    """The program's id of each document, by the hash of its contents."""
    costs: Preflight | None = None

    @property
    def exchange(self) -> Exchange:
        """The question with its answer so far."""
        return self.turn.exchange

    def cost(self) -> dict[str, Any] | None:
        """What it costs, and whether that is much."""
        if self.costs is None:
            return None
        held = self.turn.measure(self.costs)
        found = cost_object(self.costs, self.turn.documents) | {"verdict": "go"}
        if held is not None:
            verdict = held.verdict
            found["verdict"], found["title"] = verdict.kind, str(held_title(verdict.kind))
            found["facts"] = " · ".join(map(str, held_facts(self.costs, verdict)))
            found["plans"] = [{"words": str(one.words), "tokens": one.tokens} for one in held.plans]
        return found

    def _documents(self) -> list[dict[str, Any]]:
        """Where each was before the question, by the names that the program knows."""
        found = document_objects(self.costs, self.turn.documents)
        for about, document in zip(found, self.turn.documents, strict=True):
            about.pop("file")
            about |= {"id": self.ids.get(document.content_hash, ""), "name": document.name}
        return found

    def result(self, model: str) -> dict[str, Any]:
        """The answer with its evidence."""
        one = self.exchange
        assert one.finished is not None
        return {
            "answer": one.answer,
            "thinking": one.thinking,
            "evidence": evidence_objects(one.evidence, self.turn.documents),
            "usage": asdict(one.finished.usage),
            "timings": asdict(one.finished.timings),
            "model": model,
            "documents": self._documents(),
            "cost": self.cost(),
            "tool_uses": [
                {"name": use.name, "words": str(use.words), "error": str(use.error)} for use in one.tool_uses
            ],
            "ended": one.finished.reason,
            "note": " · ".join(map(str, ending(one.finished))),
        }


async def prepared(service: Service, body: AskBody) -> Asked:
    """The question with its documents read and its cost measured. Raises ``ApiError``, ``LecternError``."""
    info = service.queue.info
    held = await documents_of(service, body.documents, body.reading)
    documents = tuple(numbered([one.document for one in held]))
    talk = Conversation()
    talk.instructions = body.instructions
    for one in body.history:
        earlier = talk.add(one.question, time.time())
        earlier.answer, earlier.stage = one.answer, Stage.DONE
    exchange = talk.add(body.question.strip(), time.time())
    sampling = Sampling(body.temperature, body.top_p, None, body.seed)
    turn = Turn(talk, exchange, documents)
    request = turn.request(info, AskOptions(body.think, sampling, body.max_tokens), body.tools)
    costs = await service.queue.preflight(request) if info.capabilities.preflight else None
    ids = {service.uploads.get(id).sha256: id for id in body.documents}
    return Asked(turn, request, held, ids, costs)


async def ask(service: Service, asked: Asked, client: str, *, stream: bool = True) -> Progress:
    """``cost``, ``thought``, ``text``, ``taken back``, ``tool``, and ``answer`` at the end. Raises ``ApiError``."""
    info, turn = service.queue.info, asked.turn
    yield {"type": "cost", "cost": asked.cost()}
    turn.begin(info)
    events = service.queue.events(asked.request, client, turn.documents, STREAM_S if stream else 0.0)
    async with aclosing(events):
        async for batch in events:
            for event in batch:
                turn.take(event, time.monotonic())
                match event:
                    case TextDelta(text):
                        yield {"type": "text", "text": text}
                    case ThoughtDelta(text):
                        yield {"type": "thought", "text": text}
                    case TakenBack():
                        yield {"type": "taken back", "text": event.answer, "thought": event.thought}
                    case ToolUse():
                        yield {"type": "tool", "name": event.name, "words": str(event.words), "error": str(event.error)}
                    case Failed(message):
                        raise of_message(message)
                    case Finished(reason="cancelled"):
                        raise ApiError(503, "The answer was stopped in Lectern.", "cancelled.answer")
    answer = asked.exchange.answer
    if answer.strip():
        turn.found(answer, await service.documents.run(lambda: turn.check(answer)))
    yield {"type": "answer", **asked.result(str(model_name(info)))}


async def extract(service: Service, body: ExtractBody, client: str) -> Progress:
    """``progress`` after each page, and ``table`` at the end. Raises ``ApiError``, ``LecternError``."""
    info = service.queue.info
    if body.schema_ is None and not body.question.strip():
        words = "Nothing to extract: give a question, or a schema with the columns."
        raise ApiError(400, words, "extract.nothing-asked")
    schema = parse_schema(body.schema_) if body.schema_ is not None else None
    held = await documents_of(service, body.documents, body.reading)
    documents = numbered([one.document for one in held])
    if schema is None:
        schema = await _columns(service, body.question, client)
    store = RunStore(paths.extractions_dir())
    run = Run(documents, schema, body.question, info, store, merge=not body.every_occurrence)
    if body.resume:
        run.resume()
    else:
        run.begin_anew()
    steps = go_through(service, run, client)
    async with aclosing(steps):
        async for step in steps:
            if step == "stopped":
                raise ApiError(503, "The pass was stopped in Lectern.", "cancelled.answer")
            yield {"type": "progress", "done": run.done, "total": run.total, "rows": len(run.table.rows)}
    yield {
        "type": "table",
        "schema": schema.as_json(),
        "rows": as_objects(schema, run.table.rows),
        "pages": {"total": run.total, "done": run.done},
        "complete": run.whole,
        "empty_because": str(run.why_empty()),
        "problems": [str(problem.said) for problem in run.problems],
        "failure": str(run.failure),
    }


async def _columns(service: Service, question: str, client: str) -> Schema:
    choice = ColumnChoice(question)
    if can_suggest(service.queue.info):
        steps = go_through(service, choice, client)
        async with aclosing(steps):
            async for _ in steps:
                pass
    return choice.schema or suggest_schema(question)


async def scenes(service: Service, body: ScenesBody, client: str) -> Progress:
    """``progress`` after each scene, and ``scenes`` at the end. Raises ``ApiError``, ``LecternError``."""
    info = service.queue.info
    upload = service.uploads.get(body.document)
    options = ShotOptions() if body.detail is None else ShotOptions(budget=body.detail)
    finder = ShotFinder()
    try:
        path, stop = Path(upload.path), service.documents.stop
        found = await service.documents.run(lambda: finder.find(path, options, None, stop))
        listed = replace(scenes_of(found), name=upload.name, model=str(model_name(info)) if body.summaries else "")
        work = Describing(found, listed, sample=info.sample)
        if body.summaries:
            steps = go_through(service, work, client)
            async with aclosing(steps):
                async for step in steps:
                    if step == "stopped":
                        raise ApiError(503, "The summaries were stopped in Lectern.", "cancelled.answer")
                    yield {"type": "progress", "done": work.next, "total": len(found.shots) + 1}
            if work.failure:
                raise of_message(work.failure)
        yield {"type": "scenes", **as_data(work.scenes)}
    finally:
        finder.close()


async def go_through(service: Service, work: Pass, client: str) -> AsyncGenerator[Step, None]:
    """As ``app.chat.parts.go_through``, one request at a time in the model's queue. Raises ``ApiError``."""
    reader = PartReader(work)
    while (request := reader.next_request()) is not None:
        outcome: Step | None = None
        events = service.queue.events(request, client)
        async with aclosing(events):
            async for batch in events:
                for event in batch:
                    step = reader.take(event) if not isinstance(event, ToolUse) else None
                    outcome = step if step not in (None, "grown") else outcome
        if outcome is None:
            work.fail(NO_END)
            outcome = "failed"
        yield outcome
        if outcome == "stopped":
            return


async def result_of(work: Progress) -> dict[str, Any]:
    """Only the last object. Raises ``LecternError`` where there is none, and what the work raises."""
    last: dict[str, Any] | None = None
    async with aclosing(work):
        async for one in work:
            last = one
    if last is None:
        raise LecternError(NO_END)
    return {name: value for name, value in last.items() if name != "type"}
