"""Files inside a request: data URIs and base64, checked before anything is done with them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from app.server.errors import ApiError

_HEAD = re.compile(r"data:([A-Za-z0-9.+/-]{0,100})((?:;[A-Za-z0-9.=+_-]{1,100}){0,4}),", re.ASCII)
_SUFFIXES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/tiff": ".tiff",
    "application/pdf": ".pdf",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "video/quicktime": ".mov",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/csv": ".csv",
}


@dataclass(frozen=True, slots=True)
class Inline:
    """The bytes of a file, and an ending for its name that fits what it claims to be."""

    data: bytes
    suffix: str


def from_uri(uri: str, param: str) -> Inline:
    """The file in a data URI. Raises ``ApiError``: nothing is fetched from anywhere."""
    head = _HEAD.match(uri)
    if head is None:
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]{0,20}:", uri) and not uri.startswith("data:"):
            words = "Lectern fetches nothing from other addresses; send the file itself, as a data URI or an upload."
            raise ApiError(400, words, "no_fetching", param=param)
        raise ApiError(400, "This is not a data URI such as data:image/png;base64,….", "data_uri", param=param)
    if ";base64" not in head[2]:
        raise ApiError(400, "The data URI has to be in base64.", "data_uri", param=param)
    return Inline(from_base64(uri[head.end() :], param), _SUFFIXES.get(head[1].lower(), ""))


def from_base64(text: str, param: str) -> bytes:
    """The bytes. Raises ``ApiError``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ApiError(400, "The data is not base64.", "base64", param=param) from None
    if not data:
        raise ApiError(400, "The file is empty.", "file.empty", param=param)
    return data
