"""From a request to its answer: bodies read and checked, streams that end with their clients."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Coroutine, MutableMapping
from contextlib import aclosing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from app.server.errors import ApiError, of_validation
from app.server.guard import Receive, Send

_B = TypeVar("_B", bound=BaseModel)
_T = TypeVar("_T")


class GoneError(Exception):
    """The client went away; there is nobody to answer."""


async def body_of(request: Request, kind: type[_B]) -> _B:
    """The JSON body. Raises ``ApiError``, ``GoneError``."""
    content_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if content_type != "application/json":  # what a form on a web page could send is no request
        raise ApiError(415, "The body has to be JSON, with Content-Type: application/json.", "content_type")
    pieces = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        pieces += message.get("body", b"")
        if not message.get("more_body", False):
            break
    try:
        return kind.model_validate_json(bytes(pieces))
    except ValidationError as error:
        raise of_validation(error) from None


def client_of(request: Request, user: str | None = None) -> str:
    """Whose turn a question takes: the ``user`` that a program names, else its connection."""
    if user:
        return f"user {user}"
    return f"{request.client.host}:{request.client.port}" if request.client else "unknown"


async def unless_gone(request: Request, work: Coroutine[Any, Any, _T]) -> _T:
    """The result; where the client goes away first, the work is cancelled. Raises ``GoneError``."""
    task = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(_gone(request.receive))
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise GoneError
        return task.result()
    finally:
        for one in (task, gone):
            if not one.done():
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await one


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Json(Response):
    """JSON as it is meant for programs: compact, in UTF-8."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """The bytes."""
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Events(Response):
    """Server-sent events. When the client goes away the generator is closed, and with it the answer stopped."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(None, headers={"x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._events = events

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """The answer, as an ASGI application."""
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sending = asyncio.ensure_future(self._send(send))
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({sending, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (sending, gone):
                one.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await one

    async def _send(self, send: Send) -> None:
        async with aclosing(self._events):
            async for event in self._events:
                await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def event_bytes(content: Any, name: str = "") -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n" if name else ""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"{head}data: {data}\n\n".encode("utf-8", "replace")
