"""Errors as OpenAI's clients expect them: a status, a sentence, a code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from model.errors import LecternError
from model.messages import Message

_MOST_SHOWN = 200

_OVERLOADED = ("memory.", "spool.", "disk.")
_BROKEN = ("internal.", "device.", "model.hung", "model.closed", "model.no-end", "process.")


class ApiError(Exception):
    """Something that a client hears. ``param``: the field of its request that is wrong."""

    def __init__(
        self, status: int, message: str, code: str, *, param: str | None = None, retry_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.param, self.retry_s = status, message, code, param, retry_s

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code},
        }

    @property
    def type(self) -> str:
        """OpenAI's kind of error."""
        match self.status:
            case 401:
                return "authentication_error"
            case 403:
                return "permission_error"
            case 404:
                return "not_found_error"
            case 429:
                return "rate_limit_error"
            case status if status >= 500:
                return "server_error"
            case _:
                return "invalid_request_error"


def of_message(message: Message, *, param: str | None = None) -> ApiError:
    """A sentence of the engine's or the reader's; whose fault it is decides about the status."""
    cause = message.cause
    if cause == "context.too-long":
        return ApiError(400, str(message), "context_length_exceeded", param=param)
    if cause == "model.none":
        return ApiError(503, str(message), cause, retry_s=5)
    if cause.startswith(_OVERLOADED):
        return ApiError(503, str(message), cause, param=param, retry_s=30)
    return ApiError(500 if cause.startswith(_BROKEN) else 400, str(message), cause, param=param)


def of_error(error: LecternError, *, param: str | None = None) -> ApiError:
    """The same for an exception."""
    return of_message(error.message, param=param)


def unexpected() -> ApiError:
    """Something went wrong that nobody thought of."""
    return ApiError(500, "Something unexpected went wrong; the log has the details.", "internal.api")


def of_validation(error: ValidationError) -> ApiError:
    """The first thing that is wrong with a body, as a sentence."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    param = ".".join(str(part) for part in _places(first["loc"]))
    said = first["msg"].strip().rstrip(".")
    if first["type"] == "json_invalid":
        return ApiError(400, f"The body is not JSON: {_short(said.removeprefix('Invalid JSON: '))}.", "invalid_json")
    if first["type"] == "extra_forbidden":
        said = "Lectern does not know this field; leave it out"
    where = f"{_short(param)}: " if param else ""
    return ApiError(400, f"{where}{_short(said)}.", first["type"], param=_short(param) or None)


def _places(location: Sequence[int | str]) -> list[int | str]:
    """Without the names that tell which of several forms was tried."""
    return [
        part
        for number, part in enumerate(location)
        if not (number and isinstance(part, str) and ("[" in part or part in _FORMS))
    ]


_FORMS = {"str", "list", "dict", "text", "image_url", "file", "video_url", "input_audio", "input_text", "user"}
_FORMS |= {"input_image", "input_file", "output_text", "assistant", "system", "developer", "tool", "message", "json"}


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MOST_SHOWN else f"{line[: _MOST_SHOWN - 1]}…"
