"""``/v1/chat/completions``."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from app.server.errors import ApiError
from app.server.http import Events, Json, body_of, client_of, event_bytes, unless_gone
from app.server.openai import bodies
from app.server.openai.answers import Called, Growth, Piece, follow
from app.server.openai.forms import constraint_for
from app.server.openai.functions import specs
from app.server.openai.prompting import Asked
from app.server.openai.stops import stops_of
from app.server.service import Service
from model import types as engine
from model.types import ModelInfo, Sampling, Usage

ANSWER_TOKENS = 4096
DONE = b"data: [DONE]\n\n"


async def complete(request: Request) -> Response:
    """Answer a conversation, whole or as it is written."""
    service: Service = request.app.state.service
    body = await body_of(request, bodies.ChatBody)
    info = service.model(body.model)
    tokens = body.max_completion_tokens or body.max_tokens or ANSWER_TOKENS
    stops = stops_of(body.stop)
    functions = [one.function for one in body.tools or ()]
    start = engine_request(
        info,
        body,
        tokens,
        thinking=wants_thoughts(body.reasoning_effort, body.chat_template_kwargs),
        tools=functions,
        choice=body.tool_choice,
    )
    form = await constraint_for(service.documents, body.response_format, body.structured_outputs, body.grammar)
    start = replace(start, constraint=form)
    client = client_of(request, body.user or body.safety_identifier)
    asked = await service.prompting.ask(body.messages, info, start)
    growth = Growth(stops, service.calls)
    about = {"id": f"chatcmpl-{secrets.token_hex(12)}", "created": int(time.time()), "model": info.name}
    if body.stream:
        wanted = body.stream_options is not None and bool(body.stream_options.include_usage)
        return Events(_stream(service, asked, client, growth, about, usage=wanted))
    await unless_gone(request, _whole(service, asked, client, growth))
    message: dict[str, Any] = {"role": "assistant", "content": growth.text, "refusal": None}
    if growth.thought:
        message["reasoning_content"] = growth.thought
    if growth.call is not None:
        message["content"] = growth.text or None
        message["tool_calls"] = [call_json(growth.call)]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": growth.finish_reason()}
    return Json(
        {"object": "chat.completion", **about, "choices": [choice]}
        | {"usage": usage_json(growth.usage), "lectern": growth.lectern()}
    )


async def _whole(service: Service, asked: Asked, client: str, growth: Growth) -> None:
    async for _ in follow(service.queue, asked, client, growth, stream=False):
        pass


async def _stream(
    service: Service, asked: Asked, client: str, growth: Growth, about: dict[str, Any], *, usage: bool
) -> AsyncGenerator[bytes, None]:
    head = {"object": "chat.completion.chunk", **about}

    def chunk(delta: dict[str, Any], reason: str | None = None, **more: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return event_bytes({**head, "choices": [choice], **({"usage": None} if usage else {}), **more})

    yield chunk({"role": "assistant", "content": ""})
    try:
        pieces = follow(service.queue, asked, client, growth, stream=True)
        async with aclosing(pieces):
            async for piece in pieces:
                yield chunk(_delta(piece))
        if growth.call is not None:
            yield chunk({"tool_calls": [{"index": 0, **call_json(growth.call)}]})
        yield chunk({}, growth.finish_reason(), lectern=growth.lectern() | {"taken_back": growth.taken_back})
        if usage:
            yield event_bytes({**head, "choices": [], "usage": usage_json(growth.usage)})
    except ApiError as error:
        yield event_bytes(error.as_json())
    yield DONE


def _delta(piece: Piece) -> dict[str, str]:
    delta = {"reasoning_content": piece.thought} if piece.thought else {}
    return delta | ({"content": piece.text} if piece.text else {})


def call_json(call: Called) -> dict[str, Any]:
    """A call as OpenAI writes it."""
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def usage_json(usage: Usage) -> dict[str, Any]:
    """The counts as OpenAI writes them; cached tokens are those that came out of Lectern's cache."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.answer_tokens,
        "total_tokens": usage.prompt_tokens + usage.answer_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.reused_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.thinking_tokens,
            "accepted_prediction_tokens": usage.accepted_tokens,
            "rejected_prediction_tokens": usage.drafted_tokens - usage.accepted_tokens,
            "audio_tokens": 0,
        },
    }


def wants_thoughts(effort: bodies.Effort | None, arguments: bodies.TemplateArguments | None = None) -> bool:
    """Whether the model is to think first."""
    if arguments is not None and arguments.enable_thinking is not None:
        return arguments.enable_thinking
    return effort in ("low", "medium", "high", "xhigh")


def engine_request(
    info: ModelInfo,
    body: bodies.Common,
    tokens: int,
    *,
    thinking: bool,
    tools: list[bodies.Function],
    choice: str | bodies.NamedTool | None,
) -> engine.Request:
    """The request without its messages. Raises ``ApiError`` for what the open model or Lectern cannot do."""
    if tools and not info.capabilities.tools and choice != "none":
        raise ApiError(400, "The open model cannot call functions.", "no_tools", param="tools")
    if choice == "required" or isinstance(choice, bodies.NamedTool):
        words = "Lectern cannot force the model to call a function; use “auto”."
        raise ApiError(400, words, "tool_choice", param="tool_choice")
    return engine.Request(
        (),
        Sampling(body.temperature, body.top_p, body.top_k, body.seed),
        thinking and info.capabilities.thinking,
        tokens,
        tools=() if choice == "none" else specs(tools),
    )
