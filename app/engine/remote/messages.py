"""A request in the words of OpenAI's API: messages with text, pictures and sound, functions, and what they gave.

Documents come first and in the order of the request, so that a server's prefix cache can serve them again.
"""

from __future__ import annotations

import base64
import io
import json
import wave
from typing import Any

from model.errors import LecternError
from model.messages import msg
from model.soft_tokens import SOUND_RATE
from model.types import (
    ChatMessage,
    Constraint,
    EngineCapabilities,
    Part,
    Picture,
    PicturePart,
    Request,
    Sound,
    SoundPart,
    TextPart,
    ToolStep,
)

Words = dict[str, Any]


def body_of(request: Request, model: str, capabilities: EngineCapabilities, *, effort: bool = False) -> Words:
    """The body of ``POST /chat/completions`` for ``request``, as a stream. Raises ``LecternError``.

    ``effort``: as in ``app.engine.remote.server.Facts``.
    """
    messages = [_message(one, capabilities) for one in request.messages]
    for number, step in enumerate(request.steps):
        messages += _step(step, number, capabilities)
    body: Words = {
        "model": model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": request.max_new_tokens + (request.max_thinking_tokens if request.thinking else 0),
    }
    for name, value in (
        ("temperature", request.sampling.temperature),
        ("top_p", request.sampling.top_p),
        ("seed", request.sampling.seed),
    ):
        if value is not None:
            body[name] = value
    if request.tools and capabilities.tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {"name": one.name, "description": one.description, "parameters": dict(one.parameters)},
            }
            for one in request.tools
        ]
    if request.constraint is not None:
        body["response_format"] = _form(request.constraint)
    if effort:
        body["reasoning_effort"] = "medium" if request.thinking else "none"
    more: Words = {}
    if not effort:  # of no effect on servers that do not know it; the API itself has no switch for thoughts
        more["chat_template_kwargs"] = {"enable_thinking": request.thinking}
    if request.sampling.top_k is not None:
        more["top_k"] = request.sampling.top_k
    body["extra_body"] = more
    return body


def _form(constraint: Constraint) -> Words:
    if constraint.kind != "json_schema":
        raise LecternError(
            msg(
                "server.only-schemas",
                "A server accepts JSON schemas only, not a {kind}; use a model on this machine.",
                kind=constraint.kind,
            )
        )
    return {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": json.loads(constraint.text), "strict": True},
    }


def _message(message: ChatMessage, capabilities: EngineCapabilities) -> Words:
    if message.role != "user":
        return {"role": message.role, "content": "".join(_text(part) for part in message.parts)}
    return {"role": "user", "content": _content(message.parts, capabilities)}


def _step(step: ToolStep, number: int, capabilities: EngineCapabilities) -> list[Words]:
    """A call and its result. Pictures follow as a user's message: a function's result is text in this API."""
    name = f"call_{number}"
    function = {"name": step.call.name, "arguments": step.call.arguments}
    call = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": name, "type": "function", "function": function}],
    }
    text = "".join(_text(part) for part in step.result)
    others = [part for part in step.result if not isinstance(part, TextPart)]
    found: list[Words] = [call, {"role": "tool", "tool_call_id": name, "content": text or "See the next message."}]
    if others:
        found.append({"role": "user", "content": _content(tuple(others), capabilities)})
    return found


def _text(part: Part) -> str:
    return part.text if isinstance(part, TextPart) else ""


def _content(parts: tuple[Part, ...], capabilities: EngineCapabilities) -> list[Words]:
    """Parts of text next to each other become one, as they are read."""
    found: list[Words] = []
    for part in parts:
        match part:
            case TextPart(text):
                if found and found[-1]["type"] == "text":
                    found[-1] = {"type": "text", "text": found[-1]["text"] + text}
                else:
                    found.append({"type": "text", "text": text})
            case PicturePart(picture):
                if not capabilities.pictures:
                    raise LecternError(
                        msg(
                            "server.no-pictures",
                            "The model on the server does not accept pictures; attach files with text, or choose "
                            "another model.",
                        )
                    )
                found.append({"type": "image_url", "image_url": {"url": f"data:image/png;base64,{_png(picture)}"}})
            case SoundPart(sound):
                if not capabilities.sound:
                    raise LecternError(
                        msg("server.no-sound", "The model on the server does not hear; choose another model.")
                    )
                found.append({"type": "input_audio", "input_audio": {"data": _wav(sound), "format": "wav"}})
    return found


def _png(picture: Picture) -> str:
    from PIL import Image

    out = io.BytesIO()
    Image.frombytes("RGB", (picture.width, picture.height), picture.read()).save(out, "PNG", compress_level=1)
    return base64.b64encode(out.getvalue()).decode("ascii")


def _wav(sound: Sound) -> str:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_RATE)
        file.writeframes(sound.read())
    return base64.b64encode(out.getvalue()).decode("ascii")
