"""What every request passes first: Host, Origin, the token, the size of its body, and the time it takes to come.

A page in a browser can send requests to this machine, and by a name that it controls it can even read the answers
("DNS rebinding"). So only this machine's own names are taken as ``Host``, another ``Origin`` than the server's own is
refused, no header of CORS is ever sent, and nothing but the description of the API is answered without the token.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from app.server.errors import ApiError, unexpected
from app.server.token import is_token

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MIB = 1 << 20
MOST_JSON = 64 * MIB
MOST_UPLOAD = 2048 * MIB
BODY_IDLE_S = 30.0
"""Between two pieces of a body."""
ANSWER_S = 3600.0
"""For a whole request, waiting for its turn included."""
OPEN_PATHS = frozenset(["/docs", "/openapi.json"])
"""Constant text about the API itself: no token, so that a browser can show it."""
UPLOADS = frozenset(["/v1/files", "/v1/lectern/documents"])
_NAMES = ("127.0.0.1", "localhost", "[::1]")
_log = logging.getLogger(__name__)


class Guard:
    """An ASGI application around the API's own."""

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app = app
        self.token = token
        self._hosts = {f"{name}:{port}" for name in _NAMES} | (set(_NAMES) if port == 80 else set())
        self._origins = {f"http://{host}" for host in self._hosts}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Check a request, then pass it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        answer = _Answer(send)
        try:
            self._check(scope)
            most = MOST_UPLOAD if scope["path"] in UPLOADS else MOST_JSON
            body = _Body(scope, receive, most)
            async with asyncio.timeout(ANSWER_S):
                await self._app(scope, body, answer)
        except ApiError as error:
            await answer.fail(error)
        except asyncio.CancelledError:
            await answer.fail(ApiError(503, "Lectern is closing.", "closing"))
            raise
        except TimeoutError:
            await answer.fail(ApiError(504, "The answer took more than an hour; ask about less.", "timeout"))
        except Exception:
            _log.exception("A request to the API failed")
            await answer.fail(unexpected())

    def _check(self, scope: MutableMapping[str, Any]) -> None:
        headers = _headers(scope)
        if headers.get("host", "").lower() not in self._hosts:
            words = "This address is not one of this machine's own; use http://127.0.0.1 with the port."
            raise ApiError(403, words, "wrong_host")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in self._origins:
            raise ApiError(403, "Web pages may not use this API.", "wrong_origin")
        if scope["path"] in OPEN_PATHS and scope["method"] in ("GET", "HEAD"):
            return
        scheme, _, given = headers.get("authorization", "").partition(" ")
        token = given.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        if not is_token(token, self.token):
            words = "The token is missing or wrong; send the one that Lectern shows as “Authorization: Bearer TOKEN”."
            raise ApiError(401, words, "wrong_token")


def _headers(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """Of a header that comes twice the values are joined, so that neither passes for the only one."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


class _Body:
    """``receive`` with limits. Raises ``ApiError``."""

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._seen, self._whole = 0, False
        length = _headers(scope).get("content-length", "0")
        if not length.isdecimal() or len(length) > 18:
            raise ApiError(400, "The Content-Length is not a number.", "invalid_length")
        self._refuse(int(length))

    async def __call__(self) -> Message:
        if self._whole:
            return await self._receive()  # until the client goes away
        try:
            async with asyncio.timeout(BODY_IDLE_S):  # ``wait_for`` can swallow that the request was given up
                message = await self._receive()
        except TimeoutError:
            raise ApiError(408, "The request took too long to arrive; send it again.", "body_timeout") from None
        if message["type"] == "http.request":
            self._seen += len(message.get("body", b""))
            self._whole = not message.get("more_body", False)
            self._refuse(self._seen)
        return message

    def _refuse(self, size: int) -> None:
        if size > self._most:
            words = f"The request is larger than {self._most // MIB:,} MiB; send less, or upload files one by one."
            raise ApiError(413, words, "body_too_large")


class _Answer:
    """``send`` that remembers whether an error can still be told."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            message["headers"] = [*message.get("headers", []), *_SAFE]
        await self._send(message)

    async def fail(self, error: ApiError) -> None:
        """The error as the whole answer; nothing where the answer has begun, which ends here."""
        if self._begun:
            return
        body = json.dumps(error.as_json(), ensure_ascii=False).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if error.retry_s is not None:
            headers.append((b"retry-after", str(error.retry_s).encode()))
        if error.status in (408, 413):  # what is left of the body is not read
            headers.append((b"connection", b"close"))
        await self({"type": "http.response.start", "status": error.status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


_SAFE = [
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
]
