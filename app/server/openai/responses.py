"""``/v1/responses``, whole or as a stream of events; the newest answers can be continued by their id."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.server.errors import ApiError
from app.server.http import Events, Json, body_of, client_of, event_bytes, unless_gone
from app.server.openai import bodies
from app.server.openai.answers import Growth, follow
from app.server.openai.chat import ANSWER_TOKENS, engine_request, wants_thoughts
from app.server.openai.forms import constraint_for
from app.server.openai.memory import Known
from app.server.openai.prompting import Asked
from app.server.openai.responses_bodies import ResponseForm, ResponsesBody, as_chat
from app.server.service import Service
from model.types import Usage


@dataclass
class _Turn:
    """A request on its way."""

    service: Service
    asked: Asked
    client: str
    growth: Growth
    messages: list[bodies.ChatMessage]
    head: dict[str, Any]
    store: bool

    def output(self) -> list[dict[str, Any]]:
        """The finished items."""
        items: list[dict[str, Any]] = []
        growth = self.growth
        if growth.thought:
            items.append(_thoughts(f"rs_{self.head['id'][5:]}", growth.thought))
        if growth.text or growth.call is None:
            items.append(_message(f"msg_{self.head['id'][5:]}", growth.text, "completed"))
        if growth.call is not None:
            call = growth.call
            items.append(
                {"id": f"fc_{call.id[5:]}", "type": "function_call", "call_id": call.id, "name": call.name}
                | {"arguments": call.arguments, "status": "completed"}
            )
        return items

    def whole(self) -> dict[str, Any]:
        """The finished answer; it is remembered. Raises ``ApiError``."""
        cut = self.growth.finish_reason() == "length"
        body = self.head | {
            "status": "incomplete" if cut else "completed",
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "output": self.output(),
            "usage": usage_json(self.growth.usage),
            "lectern": self.growth.lectern(),
        }
        if self.store:
            call = self.growth.call
            function = call and bodies.FunctionCall(name=call.name, arguments=call.arguments)
            said = bodies.AssistantMessage(
                role="assistant",
                content=self.growth.text,
                tool_calls=[bodies.Call(id=call.id, function=function)] if call and function else None,
            )
            self.service.memory.add(self.head["id"], Known((*self.messages, said), body))
        return body


async def respond(request: Request) -> Response:
    """Answer, whole or as it is written."""
    service: Service = request.app.state.service
    body = await body_of(request, ResponsesBody)
    info = service.model(body.model)
    choice = body.tool_choice
    start = engine_request(
        info,
        body,
        body.max_output_tokens or ANSWER_TOKENS,
        thinking=wants_thoughts(body.reasoning.effort if body.reasoning else None),
        tools=[bodies.Function(**one.model_dump(exclude={"type"})) for one in body.tools or ()],
        choice=choice if choice is None or isinstance(choice, str) else "required",
    )
    form = _form(body.text.format if body.text else None)
    start = replace(start, constraint=await constraint_for(service.documents, form))
    earlier = service.memory.get(body.previous_response_id).messages if body.previous_response_id else ()
    messages = [*earlier, *as_chat(body.input)]
    told = list(messages)
    if body.instructions:
        told.insert(0, bodies.SystemMessage(role="system", content=body.instructions))
    asked = await service.prompting.ask(told, info, start)
    head: dict[str, Any] = {
        "id": f"resp_{secrets.token_hex(12)}",
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "instructions": body.instructions,
        "max_output_tokens": body.max_output_tokens,
        "model": info.name,
        "output": [],
        "parallel_tool_calls": False,
        "previous_response_id": body.previous_response_id,
        "store": body.store is not False,
        "temperature": body.temperature,
        "text": {"format": {"type": "text"} if form is None else form.model_dump(by_alias=True, exclude_none=True)},
        "tool_choice": choice if isinstance(choice, str) else "auto",
        "tools": [one.model_dump() for one in body.tools or ()],
        "top_p": body.top_p,
        "truncation": "disabled",
        "usage": None,
        "metadata": body.metadata or {},
    }
    client = client_of(request, body.user or body.safety_identifier)
    turn = _Turn(service, asked, client, Growth((), service.calls), messages, head, body.store is not False)
    if body.stream:
        return Events(_stream(turn))
    await unless_gone(request, _all(turn))
    return Json(turn.whole())


async def fetch(request: Request) -> Response:
    """One of the newest answers."""
    service: Service = request.app.state.service
    return Json(service.memory.get(request.path_params["id"]).body)


async def delete(request: Request) -> Response:
    """Forget an answer."""
    service: Service = request.app.state.service
    service.memory.remove(request.path_params["id"])
    return Json({"id": request.path_params["id"], "object": "response", "deleted": True})


async def _all(turn: _Turn) -> None:
    async for _ in follow(turn.service.queue, turn.asked, turn.client, turn.growth, stream=False):
        pass


async def _stream(turn: _Turn) -> AsyncGenerator[bytes, None]:
    count = -1

    def event(name: str, /, **content: Any) -> bytes:
        nonlocal count
        count += 1
        return event_bytes({"type": name, "sequence_number": count, **content}, name)

    yield event("response.created", response=turn.head)
    yield event("response.in_progress", response=turn.head)
    thoughts, message = f"rs_{turn.head['id'][5:]}", f"msg_{turn.head['id'][5:]}"
    text_at = -1  # the place of the answer's words among the items
    try:
        pieces = follow(turn.service.queue, turn.asked, turn.client, turn.growth, stream=True)
        thinking = False
        async with aclosing(pieces):
            async for piece in pieces:
                if piece.thought and text_at < 0:
                    at: dict[str, Any] = {"item_id": thoughts, "output_index": 0, "content_index": 0}
                    if not thinking:
                        thinking = True
                        item = _thoughts(thoughts, "") | {"status": "in_progress", "content": []}
                        yield event("response.output_item.added", output_index=0, item=item)
                    yield event("response.reasoning_text.delta", **at, delta=piece.thought)
                if piece.text:
                    if text_at < 0:
                        text_at = int(thinking)
                        item = _message(message, "", "in_progress") | {"content": []}
                        yield event("response.output_item.added", output_index=text_at, item=item)
                        at = {"item_id": message, "output_index": text_at, "content_index": 0}
                        yield event("response.content_part.added", **at, part=_words(""))
                    at = {"item_id": message, "output_index": text_at, "content_index": 0}
                    yield event("response.output_text.delta", **at, delta=piece.text, logprobs=[])
        body = turn.whole()
        for number, item in enumerate(body["output"]):
            at = {"item_id": item["id"], "output_index": number}
            match item["type"]:
                case "reasoning":
                    done = item["content"][0]["text"]
                    yield event("response.reasoning_text.done", **at, content_index=0, text=done)
                case "message":
                    words = item["content"][0]
                    if text_at < 0:
                        yield event("response.output_item.added", output_index=number, item=item | {"content": []})
                    yield event("response.output_text.done", **at, content_index=0, text=words["text"], logprobs=[])
                    yield event("response.content_part.done", **at, content_index=0, part=words)
                case _:
                    started = item | {"arguments": "", "status": "in_progress"}
                    yield event("response.output_item.added", output_index=number, item=started)
                    yield event("response.function_call_arguments.delta", **at, delta=item["arguments"])
                    told = {"name": item["name"], "arguments": item["arguments"]}
                    yield event("response.function_call_arguments.done", **at, **told)
            yield event("response.output_item.done", output_index=number, item=item)
        yield event("response.incomplete" if body["incomplete_details"] else "response.completed", response=body)
    except ApiError as error:
        wrong = {"code": error.code, "message": error.message}
        yield event("response.failed", response=turn.head | {"status": "failed", "error": wrong})


def _form(form: ResponseForm | None) -> bodies.ResponseFormat | None:
    if form is None:
        return None
    if form.type != "json_schema":
        return bodies.ResponseFormat(type=form.type)
    schema = bodies.JsonSchema(name=form.name or "answer", schema=form.schema_, strict=form.strict)
    return bodies.ResponseFormat(type="json_schema", json_schema=schema)


def _words(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _message(id: str, text: str, status: str) -> dict[str, Any]:
    return {"id": id, "type": "message", "role": "assistant", "status": status, "content": [_words(text)]}


def _thoughts(id: str, text: str) -> dict[str, Any]:
    content = [{"type": "reasoning_text", "text": text}]
    return {"id": id, "type": "reasoning", "summary": [], "content": content, "status": "completed"}


def usage_json(usage: Usage) -> dict[str, Any]:
    """The counts as this endpoint writes them."""
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.reused_tokens},
        "output_tokens": usage.answer_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.thinking_tokens},
        "total_tokens": usage.prompt_tokens + usage.answer_tokens,
    }
