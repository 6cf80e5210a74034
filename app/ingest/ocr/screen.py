"""The text on a video's frames, in the app's process: put together from stretches and made into cues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, cast

from app.ingest.cues import MAX_CUE_TEXT, MAX_CUES, MAX_CUES_TEXT, Cue, with_frames
from app.ingest.process.protocol import FAR, ProtocolError, decode_text, number_of, text_of
from app.ingest.types import Box, Document, Recognition, Skipped
from app.text.times import mm_ss
from model.messages import Message, msg

STRETCH_S = 60.0
"""Seconds of a video that are read at a time."""

LEAST_TIME_S, SHARE = 120.0, 0.5
"""The most processor time for a video: seconds, or a share of its length if that is more."""

VERY_LONG_S = 1200.0
"""Of longer videos only key frames are read."""

_TOGETHER_S = 1.0
"""Lines that begin together and end at most this many seconds apart are one cue."""

_MOST_LINES = 2000
"""Of one stretch."""

_FRAMES = msg("where.text-on-frames", "text on frames")


@dataclass(slots=True)
class ScreenLine:
    """A line of text. ``box`` in shares of the screen's width and height; ``end_s`` is open while it is shown."""

    text: str
    box: Box
    confidence: float
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(slots=True)
class ScreenText:
    """What has been read so far: until second ``upto``; ``over``: to the end. ``there``: lines still on the screen."""

    lines: list[ScreenLine] = field(default_factory=list)
    there: list[ScreenLine] = field(default_factory=list)
    upto: float = 0.0
    over: bool = False
    language: str = ""
    spent: float = 0.0
    count: int = 0
    """Stretches."""

    def take(self, message: dict[str, Any]) -> None:
        """Add the next stretch. Raises ``ProtocolError``."""
        upto, over = number_of(message, "upto", self.upto, FAR), message.get("over") is True
        if not over and upto <= self.upto:
            raise ProtocolError("A stretch of a video does not advance.")
        lines = [_line(value, ended=True) for value in _list(message, "lines")]
        there = [_line(value, ended=False) for value in _list(message, "there")]
        self.language = text_of(message, "language", 40)
        self.spent += number_of(message, "spent", 0, FAR)
        self.lines += lines
        self.there, self.upto, self.over = there, upto, over
        self.count += 1

    def skip(self) -> None:
        """The process died in the next stretch: continue after it."""
        for line in self.there:
            line.end_s = max(line.start_s, self.upto)
        self.lines += self.there
        self.there = []
        self.upto += STRETCH_S

    def cues(self) -> tuple[Cue, ...]:
        """What is read so far, by time."""
        now = [replace(line, end_s=max(line.start_s, self.upto)) for line in self.there]
        found: list[Cue] = []
        characters = 0
        for cue in sorted(_cues([*self.lines, *now]), key=lambda cue: (cue.start_s, cue.end_s)):
            characters += len(cue.text)
            if len(found) >= MAX_CUES or characters > MAX_CUES_TEXT:
                break
            found.append(cue)
        return tuple(found)

    def request(self) -> dict[str, Any]:
        """What the process needs to know for the next stretch."""
        there = [[line.text, *line.box, line.confidence, line.start_s, None] for line in self.there]
        return {"from": self.upto, "there": there, "language": self.language}


def allowed_s(duration_s: float | None) -> float:
    """Seconds of the processor's time for all of a video."""
    return max(LEAST_TIME_S, SHARE * (duration_s or 0.0))


def with_screen(document: Document, text: ScreenText, state: Recognition, notes: Sequence[Skipped] = ()) -> Document:
    """The document with what was read on its frames so far."""
    return replace(
        document,
        cues=with_frames(document.cues, text.cues()),
        screen=state,
        skipped=(*document.skipped, *notes),
    )


def notes_on(document: Document, text: ScreenText, lost: Sequence[float], failed: Message | None) -> list[Skipped]:
    """What of a video's frames was not read, and why. ``lost``: seconds at which lost stretches begin."""
    notes = [
        Skipped(_from(at), msg("screen.lost", "Text on the frames of the minute after it could not be read."))
        for at in lost
    ]
    if failed is not None:
        notes.append(Skipped(_from(text.upto) if text.upto else _FRAMES, failed))
    elif not text.over:
        why = msg("screen.cut", "Time ran out before text on all of its frames was read.")
        notes.append(Skipped(_from(text.upto), why))
    if (document.duration_s or 0.0) > VERY_LONG_S:
        why = msg(
            "screen.coarse",
            "The video is long, so text was looked for only every few seconds; text shown for a moment may be missing.",
        )
        notes.append(Skipped(_FRAMES, why))
    return notes


def _from(seconds: float) -> Message:
    return msg("where.from-time", "from {time} on", time=mm_ss(seconds))


def _list(message: dict[str, Any], key: str) -> list[object]:
    value = message.get(key)
    if not isinstance(value, list) or len(value) > _MOST_LINES:
        raise ProtocolError(f"{key} are not a list of lines.")
    return value


def _line(value: object, *, ended: bool) -> ScreenLine:
    if not isinstance(value, list) or len(value) != 8 or not isinstance(value[0], str):
        raise ProtocolError("A line on the screen is not a text, a box, a confidence and two times.")
    sides = [number_of({"side": side}, "side", 0, 1) for side in value[1:5]]
    start = number_of({"start": value[6]}, "start", 0, FAR)
    end = number_of({"end": value[7]}, "end", start, FAR) if ended else None
    text = " ".join(decode_text(value[0][:MAX_CUE_TEXT]).split())
    box = cast(Box, tuple(sides))
    return ScreenLine(text, box, number_of({"sure": value[5]}, "sure", 0, 1), start, end)


def _cues(lines: Sequence[ScreenLine]) -> Iterator[Cue]:
    """Lines that are shown together are one cue, from top to bottom."""
    for _, members in groupby(sorted(lines, key=_times), key=lambda line: line.start_s):
        some: list[ScreenLine] = []
        for line in members:
            if some and _end(line) - _end(some[0]) > _TOGETHER_S:
                yield from _cue(some)
                some = []
            some.append(line)
        yield from _cue(some)


def _times(line: ScreenLine) -> tuple[float, float]:
    return line.start_s, _end(line)


def _end(line: ScreenLine) -> float:
    return line.start_s if line.end_s is None else line.end_s


def _cue(lines: list[ScreenLine]) -> Iterator[Cue]:
    end = max(map(_end, lines))
    ordered = sorted(lines, key=lambda line: (line.box[1], line.box[0]))
    while ordered:
        some: list[ScreenLine] = []
        length = 0
        while ordered and (not some or length + len(ordered[0].text) < MAX_CUE_TEXT):
            some.append(ordered.pop(0))
            length += len(some[-1].text) + 1
        characters = sum(len(line.text) for line in some) or 1
        sure = sum(len(line.text) * line.confidence for line in some) / characters
        yield Cue(some[0].start_s, end, "\n".join(line.text for line in some), "frames", "", sure)
