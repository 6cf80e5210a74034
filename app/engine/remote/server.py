"""A server that speaks OpenAI's API: which models it has, and what the chosen one can do, found by asking.

vLLM, SGLang, llama.cpp's server, LM Studio, Ollama and Lectern itself each report some of it in their own way
(``kinds``). What they do not tell is tried with a request of one token.
"""

from __future__ import annotations

import base64
import io
import ipaddress
import socket
import ssl
import wave
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from app.engine.remote.kinds import reported
from app.engine.remote.line import watch
from app.engine.remote.secrets import key_of
from app.library.model_ref import RemoteModel
from app.library.policy import policy
from model.errors import ModelError
from model.messages import Message, msg
from model.types import EngineCapabilities

if TYPE_CHECKING:
    from openai import OpenAI

UNKNOWN_CONTEXT = 8192
"""Tokens of context where a server does not tell."""
CONNECT_S, SILENCE_S, PROBE_S, LOAD_S = 10.0, 900.0, 30.0, 300.0
"""A server may read a long prompt for minutes before its first word, and some load a model when it is asked first."""
_LOCAL = ("localhost", "127.0.0.1", "::1")


class ServerError(ModelError):
    """A server that cannot be used, or an answer that it did not give."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a model on a server."""

    context_tokens: int
    capabilities: EngineCapabilities
    effort: bool = False
    """Thinking is switched by ``reasoning_effort``, as with Ollama, and not by an argument of the chat template."""


def address_of(typed: str) -> str:
    """The API's address from what the user typed: ``localhost:8000`` or ``https://host/v1``. Raises ``ServerError``."""
    typed = typed.strip()
    if "://" not in typed:
        name = urlsplit(f"//{typed}").hostname or ""
        typed = f"{'http' if name in _LOCAL else 'https'}://{typed}"
    parts = urlsplit(typed)
    try:
        right = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if not right or parts.query or parts.fragment or "@" in parts.netloc:
        raise ServerError(
            msg(
                "server.address",
                "{address} is not a server's address; enter one such as https://host:8000/v1, and the key separately.",
                address=typed,
            )
        )
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") or "/v1", "", ""))


def is_on_this_machine(address: str) -> bool:
    """Whether what is sent to ``address`` stays on this machine."""
    name = urlsplit(address).hostname or ""
    try:
        return name in _LOCAL or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_readable_by_others(address: str) -> bool:
    """Whether what is sent to ``address`` can be read on its way."""
    return address.startswith("http://") and not is_on_this_machine(address)


def connect(address: str, key: str, silence_s: float = SILENCE_S) -> OpenAI:
    """A client for the server; certificates are checked, and nothing is tried twice. Raises ``ServerError``."""
    if not policy().remote:
        raise ServerError(
            msg(
                "server.forbidden",
                "Servers are switched off on this machine; choose a model folder, or ask your administrator.",
            )
        )
    from httpx2 import Limits
    from openai import DefaultHttpxClient, OpenAI, Timeout

    timeout = Timeout(silence_s, connect=CONNECT_S)
    return OpenAI(
        base_url=address,
        api_key=key or "none",
        max_retries=0,
        timeout=timeout,
        http_client=DefaultHttpxClient(
            timeout=timeout,
            limits=Limits(max_keepalive_connections=0),
            follow_redirects=False,  # what is sent goes to the server that the user named, and to no other
            event_hooks={"request": [watch]},
        ),
        organization="",
        project="",
    )


def allowed(model: RemoteModel) -> OpenAI:
    """A client for a model that the user has allowed on this machine. Raises ``ServerError``."""
    key = key_of(model.address)
    if key is None:
        raise ServerError(
            msg(
                "server.not-allowed",
                "The server {host} has not been allowed on this machine; choose it again in *Model → Use a server…*.",
                host=model.host,
            )
        )
    return connect(model.address, key)


def models_of(address: str, key: str) -> list[str]:
    """The names of the server's models. Raises ``ServerError``."""
    with connect(address, key, PROBE_S) as client:
        try:
            return sorted(one.id for one in client.models.list())
        except Exception as error:
            raise ServerError(why(error, address)) from error


def facts_of(client: OpenAI, model: RemoteModel) -> Facts:
    """What the model can do. Raises ``ServerError`` where the server cannot be asked."""
    try:
        listed = next((one.model_dump() for one in client.models.list() if one.id == model.name), None)
    except Exception as error:
        raise ServerError(why(error, model.address)) from error
    if listed is None:
        raise ServerError(
            msg(
                "server.no-model",
                "The server {host} has no model {name}; choose one that it has.",
                host=model.host,
                name=model.name,
            )
        )
    probe = client.with_options(timeout=LOAD_S)
    found_out = reported(client.with_options(timeout=PROBE_S), model, listed, lambda: _ask(probe, model, []))

    def can(name: str, attempt: Callable[[], Any]) -> bool:
        found = found_out.get(name)
        return found if isinstance(found, bool) else _works(attempt)

    capabilities = EngineCapabilities(
        pictures=can("pictures", lambda: _ask(probe, model, [{"type": "image_url", "image_url": {"url": _dot()}}])),
        sound=can("sound", lambda: _ask(probe, model, [{"type": "input_audio", "input_audio": _silence()}])),
        thinking=bool(found_out.get("thinking", True)),
        tools=can("tools", lambda: _ask(probe, model, [], tools=[_TOOL])),
        preflight=False,
        residency=False,
    )
    context = found_out.get("context")
    length = context if isinstance(context, int) and context > 0 else UNKNOWN_CONTEXT
    return Facts(length, capabilities, found_out.get("effort") is True)


def why(error: Exception, address: str) -> Message:
    """One sentence on what a server did not do."""
    import openai

    host = urlsplit(address).netloc
    match error:
        case openai.AuthenticationError() | openai.PermissionDeniedError():
            return msg("server.key", "The server {host} does not accept the key; check it.", host=host)
        case openai.APITimeoutError():
            return msg("server.silent", "The server {host} did not answer in time; try again.", host=host)
        case openai.APIConnectionError():
            return _unconnected(error, host)
        case openai.RateLimitError():
            return msg("server.busy", "The server {host} is busy; ask again in a moment.", host=host)
        case openai.APIStatusError(status_code=status):
            return msg(
                "server.refused",
                "The server {host} refused the request (status {status}: {why}).",
                host=host,
                status=str(status),
                why=_words_of(error),
            )
    return msg(
        "server.failed", "The server {host} did not answer as expected ({why}).", host=host, why=_short(str(error))
    )


def _unconnected(error: Exception, host: str) -> Message:
    """Why there is no connection, by the operating system's error below those of the HTTP client."""
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    if any(isinstance(one, socket.gaierror) for one in causes):
        return msg(
            "server.no-such-name",
            "No machine with the name of the server {host} was found; check the address and the network.",
            host=host,
        )
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return msg(
            "server.encryption",
            "There is no encrypted connection to the server {host}: it does not use https, or its certificate is not "
            "trusted on this machine. Check the address, or ask whoever runs the server.",
            host=host,
        )
    return msg(
        "server.unreachable",
        "The server {host} cannot be reached; check that it is running and that its address is right.",
        host=host,
    )


def _words_of(error: Any) -> str:
    body = error.body
    words = body.get("message") if isinstance(body, dict) else None
    return _short(words if isinstance(words, str) else str(error))


def _short(words: str) -> str:
    return " ".join(words.split())[:200]


_TOOL = {
    "type": "function",
    "function": {"name": "look", "description": "Look.", "parameters": {"type": "object", "properties": {}}},
}


def _works(attempt: Callable[[], Any]) -> bool:
    import openai

    try:
        attempt()
    except openai.APIStatusError:
        return False
    except openai.APIConnectionError as error:
        raise ServerError(why(error, str(error.request.url))) from error
    return True


def _ask(client: OpenAI, model: RemoteModel, parts: list[Any], **more: Any) -> None:
    content: Any = [*parts, {"type": "text", "text": "Hello"}]
    client.chat.completions.create(
        model=model.name, messages=[{"role": "user", "content": content}], max_tokens=1, **more
    )


def _dot() -> str:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (96, 96), "white").save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def _silence() -> dict[str, str]:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(16_000))
    return {"data": base64.b64encode(out.getvalue()).decode("ascii"), "format": "wav"}
