"""A video or recording as parts of a prompt: frames with their times, and between them what is said and heard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from app.chat.prompt_text import text_parts
from app.ingest.cues import Cue, given, tracks_of
from app.ingest.types import Document, Frame
from app.text.times import mm_ss
from model.types import Part, PicturePart, Sound, SoundPart, TextPart

_SOURCES = {
    "track": "its subtitles",
    "file": "its subtitle file",
    "transcript": "what a model heard, which may be misheard",
}


_MARKS = {"chapter": "Chapter: ", "frames": "On screen: "}


class _Shown(NamedTuple):
    """Something at a time; of several at one time, a frame comes first."""

    time_s: float
    order: int
    what: Frame | Cue | Sound


def timed_parts(document: Document, *, hears: bool = False) -> Iterator[Part]:
    """Frames, words and sound in the order of their times. ``hears``: the model takes sound."""
    shown = [_Shown(frame.time_s, 0, frame) for frame in document.frames]
    shown += [_Shown(cue.start_s, 1, cue) for cue in given(document.cues)]
    if hears and not has_transcript(document):
        shown += [_Shown(piece.start_s, 2, piece) for piece in document.sound]
    apart, lines = "\n", ""
    for one in sorted(shown, key=lambda one: one[:2]):
        match one.what:
            case Cue() as cue:
                lines = (lines or "\n") + f"{cue_line(cue)}\n"
                continue
            case Frame() as frame:
                yield from text_parts(lines) if lines else ()
                # As Gemma's own processor joins them.
                yield TextPart(f"{'' if lines else apart}{mm_ss(frame.time_s)} ")
                yield PicturePart(frame.picture)
                apart = " "
            case Sound() as piece:
                end = mm_ss(piece.start_s + piece.seconds)
                yield from text_parts(f"{lines or chr(10)}[{mm_ss(piece.start_s)}–{end}] Sound: ")
                yield SoundPart(piece)
                apart = "\n"
        lines = ""
    if lines:
        yield from text_parts(lines)


def has_transcript(document: Document) -> bool:
    """Whether a model has heard it already: its words are given, and its sound is not heard once more."""
    return any(cue.source == "transcript" for cue in document.cues)


def about_words(document: Document, *, hears: bool = False) -> str:
    """One line on what the lines with two times are, and one where there is sound that is not heard."""
    tracks = [track for track in tracks_of(document.cues) if track.source != "frames"]
    kinds = [_SOURCES[tracks[0].source]] if tracks else []
    if any(cue.source == "frames" for cue in document.cues):
        kinds.append("text that was read on its frames, which may be misread (marked “On screen”)")
    if any(cue.source == "chapter" for cue in document.cues):
        kinds.append("its chapters (marked “Chapter”)")
    heard = bool(document.sound) and hears and not has_transcript(document)
    if heard:
        kinds.append("its sound (marked “Sound”)")
    note = f"Note: Lines that begin with [start–end] are {' and '.join(kinds)}.\n" if kinds else ""
    if document.sound and not hears and not has_transcript(document):
        note += "Note: The sound of this file was not heard.\n"
    return note


def cue_line(cue: Cue) -> str:
    """``[00:03–00:05] Good morning.``"""
    return f"[{mm_ss(cue.start_s)}–{mm_ss(cue.end_s)}] {_MARKS.get(cue.source, '')}{cue.line}"
