"""What crosses the pipe from the reading process: JSON of bounded length, checked field by field on arrival.

The reading process parses hostile files, so nothing that it sends is trusted: no pickle, no paths (only names
inside the spool folder), no number out of range.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import stat
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast, get_args

from app.catalogue import catalogue
from app.ingest.attached import MAX_ATTACHED_BYTES, AttachedFile
from app.ingest.cues import MAX_CUE_TEXT, MAX_TRACK_NAME, Cue, CueSource
from app.ingest.limits import (
    MAX_LINES,
    MAX_MESSAGE,
    MAX_MESSAGE_BYTES,
    MAX_SENTENCE,
    MAX_THUMBNAIL_BYTES,
    MAX_WORDS,
)
from app.ingest.reading_order import between
from app.ingest.types import Frame, Page, PageState, Recognition, Role, Skipped, Source, Spot, TextLine, Word
from app.ingest.view.types import LockedError
from model.messages import JOINED, Message, Value, from_record, joined, plain, record
from model.soft_tokens import SOFT_TOKEN_PX, SOUND_LONGEST_S, SOUND_RATE, VISUAL_BUDGETS
from model.types import Picture, Sound

_NAME = re.compile(r"[0-9a-f]{64}\.rgb")
_SOUND_NAME = re.compile(r"[0-9a-f]{64}\.pcm")
_HASH = re.compile(r"[0-9a-f]{64}")
TAKEN_OUT = ".attached"
"""The ending of a file in the spool that was inside of another one."""

PNG = b"\x89PNG\r\n\x1a\n"
MAX_PEAKS = 4000
MAX_TAGS = 20
FAR = 1e7
"""No place on a page and no time in a file is farther away than this, in points and in seconds."""

_ROLES = get_args(Role)
_SOURCES = get_args(Source)
_CUE_SOURCES = get_args(CueSource)


class ProtocolError(Exception):
    """The other side sent something that it may not send."""


def encode(message: dict[str, Any]) -> bytes:
    """A message as bytes. Names that are not valid text survive (as lone surrogates)."""
    return json.dumps(message, separators=(",", ":"), default=record).encode("ascii")


def decode(data: bytes) -> dict[str, Any]:
    """A message from bytes. Raises ``ProtocolError``."""
    if len(data) > MAX_MESSAGE_BYTES:
        raise ProtocolError("A message is too long.")
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise ProtocolError("A message is not JSON.") from None
    if not isinstance(message, dict) or not isinstance(message.get("kind"), str):
        raise ProtocolError("A message has no kind.")
    return message


def text_of(message: dict[str, Any], key: str, longest: int = MAX_SENTENCE) -> str:
    """A short text field, on one line."""
    value = message.get(key)
    if not isinstance(value, str):
        raise ProtocolError(f"{key} is not text.")
    return " ".join(_clean(value[:longest]).split())


def message_of(message: dict[str, Any], key: str) -> Message:
    """A message for the user. One that is not in the catalogue, or has other values, becomes short plain text."""
    try:
        told = from_record(message.get(key))
    except ValueError:
        raise ProtocolError(f"{key} is not a message.") from None
    known = _known(told)
    return known if known is not None and len(str(known)) <= MAX_MESSAGE else plain(_short(str(told)))


def _known(told: Message) -> Message | None:
    """The message with its texts cleaned, where it and those inside it are in the catalogue."""
    values: list[tuple[str, Value]] = []
    for name, value in told.values:
        cleaned = _known(value) if isinstance(value, Message) else _short(value) if isinstance(value, str) else value
        if cleaned is None:
            return None
        values.append((name, cleaned))
    if told.code == JOINED:
        return joined(*(value if isinstance(value, Message) else plain(value) for _, value in values))
    return replace(told, values=tuple(values)) if catalogue().get(told.code) == (told.template, told.singular) else None


def _short(text: str) -> str:
    return " ".join(_clean(text[:MAX_SENTENCE]).split())


def decode_text(text: str) -> str:
    """Text of any length as it may be kept; it stays as long as it is."""
    return _clean(text)


def number_of(message: dict[str, Any], key: str, low: float, high: float) -> float:
    """A finite number in a range."""
    return _number(message.get(key), low, high)


def integer_of(message: dict[str, Any], key: str, low: int, high: int) -> int:
    """A whole number in a range."""
    value = message.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ProtocolError(f"{key} is out of range.")
    return value


def locked_of(message: dict[str, Any]) -> LockedError:
    """The error for a missing or wrong password."""
    return LockedError(message_of(message, "message"), wrong=message.get("wrong") is True)


def hash_of(message: dict[str, Any]) -> str:
    """The message's SHA-256 in hexadecimal, checked."""
    value = message.get("hash")
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise ProtocolError("hash is not a SHA-256.")
    return value


def page_of(message: dict[str, Any], spool: Path) -> Page:
    """One page. Its text is made from its lines, so the two always agree."""
    state = message.get("state")
    if state not in get_args(PageState):
        raise ProtocolError("state is unknown.")
    recognition = message.get("recognition", "")
    if recognition not in get_args(Recognition):
        raise ProtocolError("recognition is unknown.")
    picture = message.get("picture")
    blocks = blocks_of(message.get("blocks"))
    return Page(
        number=integer_of(message, "number", 1, 1_000_000),
        width=number_of(message, "width", 0, FAR),
        height=number_of(message, "height", 0, FAR),
        text=page_text(blocks),
        lines=tuple(line for block in blocks for line in block),
        picture=None if picture is None else picture_of(picture, spool),
        state=cast(PageState, state),
        reason=message_of(message, "reason"),
        hidden_text=integer_of(message, "hidden", 0, 1_000_000_000),
        beyond_text=message.get("beyond") is True,
        recognition=cast(Recognition, recognition),
        confidence=mean_confidence([line for block in blocks for line in block]),
        spots=_spots(message.get("spots", [])),
    )


def mean_confidence(lines: Sequence[TextLine]) -> float | None:
    """The mean over the characters of all words that were read from a picture; ``None`` where there are none."""
    words = [(len(word.text), word.confidence) for line in lines for word in line.words if word.confidence is not None]
    characters = sum(count for count, _ in words)
    return sum(count * confidence for count, confidence in words) / characters if characters else None


def _spots(value: object) -> tuple[Spot, ...]:
    if not isinstance(value, list) or len(value) > MAX_LINES:
        raise ProtocolError("spots are not a list.")
    return tuple(map(_spot, value))


def _spot(value: object) -> Spot:
    if not isinstance(value, list) or len(value) != 3:
        raise ProtocolError("A spot is not a name and a place.")
    about = {"name": value[0], "x": value[1], "y": value[2]}
    return Spot(text_of(about, "name"), number_of(about, "x", -FAR, FAR), number_of(about, "y", -FAR, FAR))


def frame_of(message: dict[str, Any], spool: Path) -> Frame:
    """One video frame from a message, checked."""
    time_s = number_of(message, "time", -FAR, FAR)
    return Frame(time_s, picture_of(message.get("picture"), spool))


def cues_of(message: dict[str, Any]) -> list[Cue]:
    """Cues of one track, each ``[start, end, words]``, by time."""
    source, track, values = message.get("source"), text_of(message, "track", MAX_TRACK_NAME), message.get("cues")
    if source not in _CUE_SOURCES or not isinstance(values, list):
        raise ProtocolError("cues are not a list with its source.")
    cues = [_cue(value, cast(CueSource, source), track) for value in values]
    cues_in_order(cues)
    return cues


def cues_in_order(cues: Sequence[Cue]) -> None:
    """Raises ``ProtocolError`` where a cue begins before the one that comes before it."""
    if any(one.start_s > other.start_s for one, other in pairwise(cues)):
        raise ProtocolError("Cues are out of order.")


def _cue(value: object, source: CueSource, track: str) -> Cue:
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[2], str):
        raise ProtocolError("A cue is not two times and words.")
    start = _number(value[0], 0, FAR)
    lines = (_clean(line) for line in value[2][:MAX_CUE_TEXT].split("\n"))
    return Cue(start, _number(value[1], start, FAR), "\n".join(lines), source, track)


def skipped_of(message: dict[str, Any]) -> Skipped:
    """A note on something that was left out."""
    return Skipped(message_of(message, "where"), message_of(message, "why"))


def attached_of(message: dict[str, Any], number: int) -> AttachedFile:
    """A file inside of the file: the next one, so that its number is ``number``."""
    if message.get("number") != number:
        raise ProtocolError("An attached file is out of order.")
    size = None if message.get("size") is None else integer_of(message, "size", 0, 1 << 50)
    return AttachedFile(number, text_of(message, "name"), size)


def taken_out_of(message: dict[str, Any], spool: Path) -> Path:
    """Where the process has written a file that was inside of another: a plain file in the spool."""
    size = integer_of(message, "size", 1, MAX_ATTACHED_BYTES)
    name = f"{hash_of(message)}{TAKEN_OUT}"
    _check_file(spool / name, size)
    return spool / name


def picture_of(message: object, spool: Path) -> Picture:
    """A picture in the spool: a plain file there, of the size that its height and width ask for."""
    if not isinstance(message, dict):
        raise ProtocolError("picture is missing.")
    name = message.get("file")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ProtocolError("A picture's file name is not one of ours.")
    budget = integer_of(message, "budget", 1, VISUAL_BUDGETS[-1])
    height = integer_of(message, "height", SOFT_TOKEN_PX, budget * SOFT_TOKEN_PX)
    width = integer_of(message, "width", SOFT_TOKEN_PX, budget * SOFT_TOKEN_PX)
    picture = Picture(spool / name, height, width, budget, hash_of(message))
    if budget not in VISUAL_BUDGETS or height % SOFT_TOKEN_PX or width % SOFT_TOKEN_PX:
        raise ProtocolError("A picture has an impossible size.")
    if picture.soft_tokens > budget:
        raise ProtocolError("A picture is larger than its budget.")
    _check_file(spool / name, height * width * 3)
    return picture


def sound_of(message: dict[str, Any], spool: Path) -> Sound:
    """A piece of sound in the spool: a plain file there, of the length that it claims."""
    name = message.get("file")
    if not isinstance(name, str) or not _SOUND_NAME.fullmatch(name):
        raise ProtocolError("A sound's file name is not one of ours.")
    count = integer_of(message, "count", 1, SOUND_LONGEST_S * SOUND_RATE)
    _check_file(spool / name, 2 * count)
    return Sound(spool / name, count, hash_of(message), number_of(message, "start", 0, FAR))


def peaks_of(message: dict[str, Any]) -> bytes:
    """A waveform's columns."""
    value = message.get("peaks")
    if not isinstance(value, str) or len(value) > 4 * MAX_PEAKS:
        raise ProtocolError("peaks are not a short text.")
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ProtocolError("peaks are not base64.") from None
    if not 0 < len(data) <= MAX_PEAKS:
        raise ProtocolError("There are too many peaks.")
    return data


def tags_of(message: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The tags of a recording."""
    value = message.get("tags")
    if not isinstance(value, list) or len(value) > MAX_TAGS:
        raise ProtocolError("tags are not a short list.")
    pairs = [{"name": one[0], "value": one[1]} for one in value if isinstance(one, list) and len(one) == 2]
    if len(pairs) != len(value):
        raise ProtocolError("A tag is not a name and a value.")
    return tuple((text_of(pair, "name", 40), text_of(pair, "value")) for pair in pairs)


def thumbnail_of(message: dict[str, Any]) -> bytes:
    """A small PNG from a message, checked."""
    value = message.get("png")
    if not isinstance(value, str) or len(value) > 2 * MAX_THUMBNAIL_BYTES:
        raise ProtocolError("png is not a small picture.")
    try:
        data = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ProtocolError("png is not base64.") from None
    if not data.startswith(PNG):
        raise ProtocolError("png is not a PNG.")
    return data


def page_text(blocks: list[list[TextLine]]) -> str:
    """Blocks apart by an empty line; pieces that are beside each other, like a table's cells, on one line."""
    return "\n\n".join(_block_text(block) for block in blocks)


def _block_text(block: list[TextLine]) -> str:
    pieces: list[str] = []
    before: TextLine | None = None
    for line in block:
        if before is not None:
            pieces.append(" " if line.role == "joined" else between(before, line))
        pieces.append(line.text.rstrip())
        before = line
    return "".join(pieces)


def blocks_of(value: object) -> list[list[TextLine]]:
    """A page's lines in their blocks. Raises ``ProtocolError``."""
    if not isinstance(value, list) or not all(isinstance(block, list) for block in value):
        raise ProtocolError("blocks are not lists.")
    if sum(len(block) for block in value) > MAX_LINES:
        raise ProtocolError("There are too many lines.")
    blocks = [[_line(line) for line in block] for block in value]
    if sum(len(line.words) for block in blocks for line in block) > MAX_WORDS:
        raise ProtocolError("There are too many words.")
    return blocks


def _line(value: object) -> TextLine:
    """Six fields make a line of the text layer, two more (source, words) one that was read from a picture."""
    if not isinstance(value, list) or len(value) not in (6, 8) or not isinstance(value[0], str):
        raise ProtocolError("A line is not a text, a box and a role.")
    text, x0, y0, x1, y1, role = value[:6]
    if role not in _ROLES:
        raise ProtocolError("A line's role is unknown.")
    usual = type(x0) is type(y0) is type(x1) is type(y1) is float
    # Tens of thousands come from a long file, so what they nearly all are is looked at without a call; NaN fails too.
    if not (usual and -FAR <= x0 <= FAR and -FAR <= y0 <= FAR and -FAR <= x1 <= FAR and -FAR <= y1 <= FAR):
        x0, y0, x1, y1 = (_number(number, -FAR, FAR) for number in value[1:5])
    if len(value) == 6:
        return TextLine(_clean(text), (x0, y0, x1, y1), role)
    source, words = value[6:]
    if source not in _SOURCES or not isinstance(words, list) or (source == "layer") is bool(words):
        raise ProtocolError("A line's source or its words are not what they should be.")
    return TextLine(_clean(text), (x0, y0, x1, y1), role, source, tuple(map(_word, words)))


def _word(value: object) -> Word:
    if not isinstance(value, list) or len(value) != 6 or not isinstance(value[0], str):
        raise ProtocolError("A word is not a text, a box and a confidence.")
    x0, y0, x1, y1 = (_number(number, -FAR, FAR) for number in value[1:5])
    return Word(_clean(value[0]), (x0, y0, x1, y1), None if value[5] is None else _number(value[5], 0, 1))


def _number(value: object, low: float, high: float) -> float:
    if type(value) not in (int, float):
        raise ProtocolError("A number is missing.")
    number = float(cast(float, value))
    if not math.isfinite(number) or not low <= number <= high:
        raise ProtocolError("A number is out of range.")
    return number


def _clean(text: str) -> str:
    """No lone surrogates: the text is going to be written as UTF-8 later. No control characters either."""
    if text.isascii() and text.isprintable():
        return text
    text = text.encode("utf-8", errors="replace").decode("utf-8")
    return "".join(" " if character < " " or character == "\x7f" else character for character in text)


def _check_file(path: Path, size: int) -> None:
    try:
        status = path.lstat()
    except OSError:
        raise ProtocolError("A file is missing.") from None
    if not stat.S_ISREG(status.st_mode) or status.st_size != size:
        raise ProtocolError("A file is not what it should be.")
