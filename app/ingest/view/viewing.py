"""Showing pages and pictures from a separate process, apart from the one that reads: the app's end.

Each call sends one request and waits for its answer; requests name the file, so a process that crashed or hung is
started anew by the next call and nothing else is lost. Pixels come as raw bytes whose length is known before. What
the process sends is checked field by field. No Qt, no parser here; the other end is ``viewing_child``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import Any

from app.ingest.limits import MAX_LINES, MAX_PAGE_TEXT, Timeouts
from app.ingest.process.child import Entry
from app.ingest.process.client import Answer, Client
from app.ingest.process.protocol import FAR, PNG, ProtocolError, decode_text, integer_of, number_of, text_of
from app.ingest.types import Box
from app.ingest.view import viewing_child
from app.ingest.view.types import (
    MAX_ADDRESS,
    MAX_DRAWN_PIXELS,
    MAX_HITS,
    MAX_LINKS,
    MAX_PNG_BYTES,
    MAX_SHEETS,
    Area,
    Drawn,
    File,
    Found,
    Link,
    PageText,
    Sheets,
    ShownLine,
)
from model.cancel import NEVER, Cancel

VIEW_TIMEOUTS = Timeouts(unit_s=12.0)


class ViewingProcess:
    """For one thread. Raises ``IngestError`` (one sentence), ``LostError`` (it crashed or hung), ``CancelledError``."""

    def __init__(self, timeouts: Timeouts | None = None, *, entry: Entry = viewing_child.main) -> None:
        self._client = Client(entry, timeouts or VIEW_TIMEOUTS)

    @property
    def pid(self) -> int | None:
        """The process's number, while there is one."""
        return self._client.pid

    def open(self, file: File, cancel: Cancel) -> Sheets:
        """How many pages there are, and how large."""
        with self._answer("open", file, cancel) as answer:
            return _sheets(answer.message)

    def draw(self, file: File, page: int, scale: float, area: Area, cancel: Cancel) -> Drawn:
        """A part of a page: ``scale`` pixels a point (or a picture's pixel), ``area`` in those pixels."""
        left, top, width, height = area
        assert 0 < width * height <= MAX_DRAWN_PIXELS, "the caller draws in tiles"
        with self._answer("draw", file, cancel, page=page, scale=scale, area=[left, top, width, height]) as answer:
            pixels = answer.data(width * height * 4)
            if len(pixels) != width * height * 4:
                raise ProtocolError("A picture has the wrong size.")
            return Drawn(width, height, pixels, answer.message.get("clear") is True)

    def text(self, file: File, page: int, cancel: Cancel) -> PageText:
        """The text layer, with the place of each character."""
        with self._answer("text", file, cancel, page=page) as answer:
            return _page_text(answer.message)

    def find(self, file: File, words: str, pages: tuple[int, ...], cancel: Cancel) -> tuple[Found, ...]:
        """Where words are on some pages. The process looks at as many of them, in order, as a moment allows."""
        with self._answer("find", file, cancel, words=words, pages=list(pages)) as answer:
            return _found(answer.message, pages)

    def picture(self, file: File, page: int, box: Box | None, pixels: int, cancel: Cancel) -> bytes:
        """A page or a part of it as PNG of about ``pixels`` pixels; a picture is never made larger than it is."""
        about = {"page": page, "box": list(box) if box else None, "pixels": pixels}
        with self._answer("picture", file, cancel, **about) as answer:
            data = answer.data(MAX_PNG_BYTES)
            if not data.startswith(PNG):
                raise ProtocolError("The picture is not a PNG.")
            return data

    def release(self, file: File) -> None:
        """Let go of a file, so that other programs can move or delete it."""
        if self._client.pid is not None:
            with self._answer("release", file, NEVER):
                pass

    def close(self) -> None:
        """End the process and reap it."""
        self._client.close()

    @contextlib.contextmanager
    def _answer(self, kind: str, file: File, cancel: Cancel, **about: Any) -> Iterator[Answer]:
        """What comes in answer to one request about a file."""
        request = {"kind": kind, "path": os.path.abspath(file.path), "password": file.password, **about}  # noqa: PTH100
        with self._client.answer(request, cancel) as answer:
            if answer.message["kind"] != kind:
                raise ProtocolError("An answer to something else.")
            yield answer


def _sheets(message: dict[str, Any]) -> Sheets:
    sizes = message.get("sizes")
    if not isinstance(sizes, list) or not 1 <= len(sizes) <= MAX_SHEETS:
        raise ProtocolError("sizes are not a list of pages.")
    total = integer_of(message, "total", len(sizes), 100_000_000)
    return Sheets(
        "picture" if message.get("view") == "picture" else "pages",
        tuple(_size(size) for size in sizes),
        total,
        _stamp(message),
    )


def _stamp(message: dict[str, Any]) -> tuple[int, int]:
    stamp = message.get("stamp")
    if not isinstance(stamp, list) or len(stamp) != 2 or not all(type(number) is int for number in stamp):
        raise ProtocolError("stamp is not two numbers.")
    return stamp[0], stamp[1]


def _size(value: object) -> tuple[float, float]:
    width, height = _numbers(value, 2)
    if width < 0 or height < 0:
        raise ProtocolError("A page has an impossible size.")
    return width, height


def _page_text(message: dict[str, Any]) -> PageText:
    lines = message.get("lines")
    if not isinstance(lines, list) or len(lines) > MAX_LINES:
        raise ProtocolError("lines are not a list.")
    taken = tuple(_line(line) for line in lines)
    if sum(len(line.text) for line in taken) > MAX_PAGE_TEXT + MAX_LINES:
        raise ProtocolError("There is too much text.")
    links = message.get("links", [])
    if not isinstance(links, list) or len(links) > MAX_LINKS:
        raise ProtocolError("links are not a list.")
    return PageText(taken, tuple(_link(link) for link in links))


def _link(value: object) -> Link:
    if not isinstance(value, list) or len(value) != 4:
        raise ProtocolError("A link is not a box and where it leads.")
    about = {"page": value[1], "y": value[2], "address": value[3]}
    page = integer_of(about, "page", 0, MAX_SHEETS)
    return Link(_box(value[0]), page or None, number_of(about, "y", -FAR, FAR), text_of(about, "address", MAX_ADDRESS))


def _line(value: object) -> ShownLine:
    if not isinstance(value, list) or len(value) != 5 or not isinstance(value[0], str):
        raise ProtocolError("A line is not a text and its places.")
    text = decode_text(value[0])
    block, axis = value[3], value[4]
    if type(block) is not int or axis not in (0, 1):
        raise ProtocolError("A line has no block or no direction.")
    return ShownLine(text, _box(value[1]), _numbers(value[2], len(value[0]) + 1), block, axis)


def _found(message: dict[str, Any], asked: tuple[int, ...]) -> tuple[Found, ...]:
    pages = message.get("pages")
    if not isinstance(pages, list) or not 1 <= len(pages) <= len(asked):
        raise ProtocolError("pages are not a list.")
    result = []
    for number, hits in zip(asked, pages, strict=False):
        if not isinstance(hits, list) or len(hits) > MAX_HITS:
            raise ProtocolError("hits are not a list.")
        result.append(Found(number, tuple(_boxes(hit) for hit in hits)))
    return tuple(result)


def _boxes(value: object) -> tuple[Box, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 1000:
        raise ProtocolError("A hit has no boxes.")
    return tuple(_box(box) for box in value)


def _box(value: object) -> Box:
    x0, y0, x1, y1 = _numbers(value, 4)
    return x0, y0, x1, y1


def _numbers(value: object, count: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != count:
        raise ProtocolError("A place is not a list of numbers.")
    return tuple(number_of({"n": number}, "n", -FAR, FAR) for number in value)
