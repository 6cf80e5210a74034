"""What the model may ask for while it answers: look closer, go to a time, find words. Only in the attached files.

Nothing that the model writes is believed: every argument is checked, files are named by what is attached, never by a
path, and whatever is wrong goes back to the model as a sentence. No Qt here, and no model.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from app.chat.evidence.places import Place
from app.chat.tools.arguments import ArgumentsError, parse_arguments
from app.chat.tools.checks import (
    CallError,
    attached,
    box_of,
    budget_for,
    heading_name,
    on_page,
    page_of,
    seconds_of,
    shares_of,
    text_inside,
)
from app.chat.tools.finding import find_said, find_words
from app.chat.tools.uses import ToolUse
from app.ingest.types import Box, Document
from app.text.times import mm_ss
from model.cancel import Cancel
from model.errors import IngestError
from model.messages import Message, msg, msg_n, plain
from model.types import ModelInfo, Part, Picture, PicturePart, TextPart, ToolCall, ToolSpec

MAX_CALLS = 4
"""The most calls for one question; after that the model is told to answer."""
_FRAME_BUDGET = 280
_MAX_SAID = 80

_DOCUMENT = {"type": "string", "description": "The document's number or its file name, as in its heading."}

LOOK_CLOSER = ToolSpec(
    "look_closer",
    "Shows a part of a page or picture enlarged, to read small print or see a detail. Use it when something there "
    "cannot be made out.",
    {
        "type": "object",
        "properties": {
            "document": _DOCUMENT,
            "page": {"type": "integer", "description": "The page's number; 1 for a picture."},
            "box": {
                "type": "array",
                "items": {"type": "integer"},
                "description": "The part: [y0, x0, y1, x1], each from 0 to 1000, measured from the top left corner.",
            },
        },
        "required": ["document", "page", "box"],
    },
)
GO_TO = ToolSpec(
    "go_to",
    "Shows the frame of a video at a time, larger than the frames that were given.",
    {
        "type": "object",
        "properties": {
            "document": _DOCUMENT,
            "time": {"type": "string", "description": "The time as mm:ss, or in seconds."},
        },
        "required": ["document", "time"],
    },
)
FIND = ToolSpec(
    "find",
    "Finds all pages whose text holds these words, in the order of the document.",
    {
        "type": "object",
        "properties": {
            "document": _DOCUMENT,
            "text": {"type": "string", "description": "The words to look for, as they stand in the document."},
        },
        "required": ["document", "text"],
    },
)
TOOLS = (LOOK_CLOSER, GO_TO, FIND)
"""Always all of them, in one order: declarations come before the documents, which are read once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a call: for the user, and for the model."""

    use: ToolUse
    parts: tuple[Part, ...]


Given = tuple[Message, Place | None, tuple[Part, ...]]
"""Words for the user, where it was, and what the model gets."""


class Looker(Protocol):
    """What this needs of ``app.ingest.read.reader.Reader``."""

    def region(
        self,
        path: Path,
        box: Box,
        budget: int,
        *,
        page: int = 1,
        time_s: float = 0.0,
        turn: int = 0,
        password: str | None = None,
        cancel: Cancel | None = None,
    ) -> tuple[Picture, float | None]:
        """A part of a page, of a picture or of a frame, turned clockwise by ``turn`` degrees."""
        ...


def offered(info: ModelInfo | None, documents: Sequence[Document], wanted: bool = True) -> tuple[ToolSpec, ...]:
    """The functions that go with a question. The sample model was not trained to use any."""
    can = info.capabilities if info is not None and not info.sample else None
    able = can is not None and can.tools and can.pictures
    return TOOLS if wanted and able and documents else ()


def run_call(call: ToolCall, documents: Sequence[Document], looker: Looker, cancel: Cancel) -> Outcome:
    """Run one call. Raises only ``CancelledError``."""
    arguments: dict[str, Any] = {}
    try:
        arguments = _arguments(call)
        words, place, parts = _RUN[call.name](arguments, documents, looker, cancel)
    except (CallError, IngestError) as error:
        written = json.dumps(arguments, ensure_ascii=False) if arguments else call.arguments
        use = ToolUse(
            call.name,
            written,
            _failed_words(call.name),
            error=error.message if isinstance(error, IngestError) else plain(error),
        )
        return Outcome(use, (TextPart(f"Error: {error}"),))
    return Outcome(ToolUse(call.name, json.dumps(arguments, ensure_ascii=False), words, place), parts)


def refused() -> tuple[Part, ...]:
    """The result of a call after the last one that is allowed."""
    return (TextPart("Error: No calls are left. Answer now, from what you have seen, and say what is missing."),)


def calls_left(parts: tuple[Part, ...], left: int) -> tuple[Part, ...]:
    """A result, with a word on how many calls there still are where they run out."""
    if left:
        return parts
    return (TextPart("This was the last call; answer now. "), *parts)


def _failed_words(name: str) -> Message:
    match name:
        case "look_closer":
            return msg("tool.not-looked-closer", "Could not look closer")
        case "go_to":
            return msg("tool.not-gone-to", "Could not look at another time")
        case "find":
            return msg("tool.not-searched", "Could not search for text")
    return msg("tool.unknown", "Asked for a tool that Lectern does not have")


def _arguments(call: ToolCall) -> dict[str, Any]:
    if not call.name:
        raise CallError("The call could not be read. Write it as call:name{key:value}.")
    if call.name not in _RUN:
        raise CallError(f"There is no such function. There are {', '.join(tool.name for tool in TOOLS)}.")
    try:
        found = parse_arguments(call.arguments)
    except ArgumentsError as error:
        raise CallError(str(error)) from None
    spec = next(tool for tool in TOOLS if tool.name == call.name)
    strange = [key for key in found if key not in spec.parameters["properties"]]
    if strange:
        raise CallError(f"{call.name} takes {', '.join(spec.parameters['properties'])} and nothing else.")
    return found


def _look_closer(arguments: dict[str, Any], documents: Sequence[Document], looker: Looker, cancel: Cancel) -> Given:
    document = attached(arguments, documents)
    if document.file_kind.timed:
        raise CallError("This has no pages; use go_to with a time of a video.")
    page = page_of(arguments, document)
    box = box_of(arguments.get("box"))
    shares = on_page(shares_of(box), page.turn)
    budget = budget_for(document, page, shares)
    picture, _ = looker.region(
        document.path, shares, budget, page=page.number, turn=page.turn, password=document.password, cancel=cancel
    )
    points = (shares[0] * page.width, shares[1] * page.height, shares[2] * page.width, shares[3] * page.height)
    place = Place(document.content_hash, page=page.number, boxes=(points,))
    where = f"page {page.number} of {heading_name(document)}" if document.file_kind.paged else heading_name(document)
    said = f"The part [{', '.join(map(str, box))}] of {where}, enlarged, is the picture behind this result."
    text = text_inside(page, points)
    if text:
        said += f" The text layer there reads:\n{text}"
    words = (
        msg(
            "tool.looked-closer-page",
            "Looked closer at page {page} of {name}",
            page=str(page.number),
            name=document.name,
        )
        if document.file_kind.paged
        else msg("tool.looked-closer", "Looked closer at {name}", name=document.name)
    )
    return words, place, (TextPart(said), PicturePart(picture))


def _go_to(arguments: dict[str, Any], documents: Sequence[Document], looker: Looker, cancel: Cancel) -> Given:
    document = attached(arguments, documents)
    if not document.file_kind.timed:
        raise CallError("This is not a video; use look_closer with a page and a box.")
    if not document.frames:
        raise CallError("This is a recording, which has no frames; find looks for words that are said.")
    wanted = seconds_of(arguments.get("time"), document.duration_s)
    picture, found = looker.region(document.path, (0.0, 0.0, 1.0, 1.0), _FRAME_BUDGET, time_s=wanted, cancel=cancel)
    time_s = wanted if found is None else found
    said = f"The frame of {heading_name(document)} at {mm_ss(time_s)} is the picture behind this result."
    words = msg("tool.went-to", "Looked at {time} in {name}", time=mm_ss(time_s), name=document.name)
    return words, Place(document.content_hash, time_s=time_s), (TextPart(said), PicturePart(picture))


def _find(arguments: dict[str, Any], documents: Sequence[Document], looker: Looker, cancel: Cancel) -> Given:
    text = arguments.get("text")
    if not isinstance(text, str) or not text.strip():
        raise CallError("text must be the words to look for.")
    document = attached(arguments, documents)
    quoted = " ".join(text.split())[:_MAX_SAID]
    if document.file_kind.timed:
        return _find_said(text, quoted, document)
    found = find_words(text, document)
    words = msg_n(
        "tool.searched",
        "Searched {name} for “{text}”: {n} page",
        "Searched {name} for “{text}”: {n} pages",
        len(found.pages),
        name=document.name,
        text=quoted,
    )
    place = Place(document.content_hash, page=found.pages[0]) if found.pages else None
    return words, place, (TextPart(found.said(heading_name(document))),)


def _find_said(text: str, quoted: str, document: Document) -> Given:
    if not document.cues:
        raise CallError("It has no subtitles and no transcript to search; use go_to with a time of a video.")
    found = find_said(text, document)
    words = msg_n(
        "tool.searched-said",
        "Searched what is said in {name} for “{text}”: {n} place",
        "Searched what is said in {name} for “{text}”: {n} places",
        len(found.cues),
        name=document.name,
        text=quoted,
    )
    place = Place(document.content_hash, time_s=found.cues[0].start_s) if found.cues else None
    return words, place, (TextPart(found.said(heading_name(document))),)


_RUN: dict[str, Callable[[dict[str, Any], Sequence[Document], Looker, Cancel], Given]] = {
    "look_closer": _look_closer,
    "go_to": _go_to,
    "find": _find,
}
