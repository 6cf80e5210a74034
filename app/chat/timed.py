"""A video as parts of a prompt: its frames with their times, and between them what is said, as it is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.chat.prompt_text import text_parts
from app.ingest.cues import Cue, given, tracks_of
from app.ingest.types import Document
from app.text.times import mm_ss
from model.types import Part, PicturePart, TextPart

_SOURCES = {
    "track": "its subtitles",
    "file": "its subtitle file",
    "transcript": "what a model heard, which may be misheard",
    "frames": "text that was read on its frames, which may be misread",
}


def timed_parts(document: Document) -> Iterator[Part]:
    """Frames and words in the order of their times; a cue comes before the first frame that is later."""
    cues = list(given(document.cues))
    if not cues:
        for index, frame in enumerate(document.frames):
            # As Gemma's own processor joins them.
            yield TextPart(f"{' ' if index else chr(10)}{mm_ss(frame.time_s)} ")
            yield PicturePart(frame.picture)
        return
    at = 0
    apart = "\n"
    for frame in document.frames:
        stop = at
        while stop < len(cues) and cues[stop].start_s < frame.time_s:
            stop += 1
        if stop > at:
            yield from text_parts("\n" + _lines(cues[at:stop]))
            at, apart = stop, ""
        yield TextPart(f"{apart}{mm_ss(frame.time_s)} ")
        yield PicturePart(frame.picture)
        apart = " "
    if at < len(cues):
        yield from text_parts("\n" + _lines(cues[at:]))


def about_cues(document: Document) -> str:
    """One line on what the lines with two times are; empty where there are none."""
    if not document.cues:
        return ""
    tracks = tracks_of(document.cues)
    kinds = [_SOURCES[tracks[0].source]] if tracks else []
    if any(cue.source == "chapter" for cue in document.cues):
        kinds.append("its chapters (marked “Chapter”)")
    return f"Note: Lines that begin with [start–end] are {' and '.join(kinds)}.\n"


def _lines(cues: Sequence[Cue]) -> str:
    return "".join(f"{cue_line(cue)}\n" for cue in cues)


def cue_line(cue: Cue) -> str:
    """``[00:03–00:05] Good morning.``"""
    what = "Chapter: " if cue.source == "chapter" else ""
    return f"[{mm_ss(cue.start_s)}–{mm_ss(cue.end_s)}] {what}{cue.line}"
