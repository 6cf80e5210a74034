"""Cues as files that other programs read: SubRip, WebVTT, and plain text with times. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from app.ingest.cues import Cue
from app.text.times import h_mm_ss
from model import atomic
from model.errors import LecternError
from model.messages import msg

_LEAST_S = 0.001


class ExportError(LecternError):
    """The words could not be written."""


def as_srt(cues: Sequence[Cue]) -> str:
    """SubRip: numbered cues with commas in their times. A blank line inside a cue would end it."""
    parts = (f"{number}\n{_times(cue, ',')}\n{_lines(cue).replace('-->', '→')}" for number, cue in enumerate(cues, 1))
    return "\n\n".join(parts) + "\n"


def as_vtt(cues: Sequence[Cue]) -> str:
    """WebVTT, in which nothing of the words is markup."""
    parts = ["WEBVTT"]
    for cue in cues:
        words = _lines(cue).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(f"{_times(cue, '.')}\n{words}")
    return "\n\n".join(parts) + "\n"


def as_text(cues: Sequence[Cue]) -> str:
    """A line for each cue: its time and its words."""
    return "".join(f"{h_mm_ss(cue.start_s)}  {cue.line}\n" for cue in cues)


def cue_objects(cues: Sequence[Cue]) -> list[dict[str, Any]]:
    """Each cue as plain data."""
    return [{"start_s": round(cue.start_s, 3), "end_s": round(cue.end_s, 3), "text": cue.text} for cue in cues]


FORMS: dict[str, Callable[[Sequence[Cue]], str]] = {".srt": as_srt, ".vtt": as_vtt, ".txt": as_text}
"""How words are written, by the ending of the file."""


def write(cues: Sequence[Cue], path: Path, form: str = "") -> None:
    """Write the words in the form of the ending ``form``, else of the file's own; plain text for any other.

    Raises ``ExportError``.
    """
    text = FORMS.get(form or path.suffix.lower(), as_text)(cues)
    try:
        atomic.write(path, text.encode("utf-8"))
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ExportError(
            msg("transcript.not-saved", "The transcript could not be saved as {path}: {why}.", path=path, why=why)
        ) from None


def _lines(cue: Cue) -> str:
    return "\n".join(line for line in (" ".join(one.split()) for one in cue.text.split("\n")) if line)


def _times(cue: Cue, point: str) -> str:
    return f"{_stamp(cue.start_s, point)} --> {_stamp(max(cue.end_s, cue.start_s + _LEAST_S), point)}"


def _stamp(seconds: float, point: str) -> str:
    ms = round(max(0.0, seconds) * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{point}{ms % 1000:03d}"
