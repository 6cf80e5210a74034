"""Words with times: subtitles, chapters and transcripts, all of one type, and what is asked of them. No Qt.

Times are seconds on the file's own clock, which begins at its first frame, or at the first sample of a recording.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

CueSource = Literal["track", "file", "chapter", "transcript", "frames"]
"""``track``: a subtitle track in the file. ``file``: a subtitle file beside it. ``chapter``: a chapter's title.
``transcript``: heard by a model. ``frames``: text that was read on frames."""

MAX_CUES = 50_000
"""Cues of one file, all tracks together."""

MAX_CUE_TEXT = 2000
MAX_CUES_TEXT = 4_000_000
"""Characters of one cue, and of all of one file."""

MAX_TRACK_NAME = 120


@dataclass(frozen=True, slots=True)
class Cue:
    """Words from ``start_s`` to ``end_s``. ``track`` names the track or the file that they are from.

    ``confidence``: the mean one, 0 to 1, of words that were read on frames.
    """

    start_s: float
    end_s: float
    text: str
    source: CueSource
    track: str = ""
    confidence: float | None = None

    @property
    def line(self) -> str:
        """The words on one line."""
        return " ".join(self.text.split())


class Track(NamedTuple):
    """A track of cues: where it is from and what it is called."""

    source: CueSource
    name: str


def tracks_of(cues: Sequence[Cue]) -> tuple[Track, ...]:
    """The tracks of words in order, text read on frames last; chapters are not among them."""
    tracks = dict.fromkeys(Track(cue.source, cue.track) for cue in cues if cue.source != "chapter")
    return tuple(sorted(tracks, key=lambda track: track.source == "frames"))


def of_track(cues: Sequence[Cue], track: Track) -> tuple[Cue, ...]:
    """One track's cues, by time."""
    return tuple(cue for cue in cues if (cue.source, cue.track) == track)


def given(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """What a model is given, by time: the chapters, the first track, and what was read on frames.

    Other tracks mostly say the first one in other words.
    """
    tracks = tracks_of(cues)
    kept = [cue for cue in cues if cue.source in ("chapter", "frames") or Track(cue.source, cue.track) == tracks[0]]
    return tuple(sorted(kept, key=lambda cue: (cue.start_s, _ORDER.get(cue.source, 1))))


_ORDER = {"chapter": 0, "frames": 2}
"""Of what begins at the same time."""


def with_frames(cues: Sequence[Cue], read: Sequence[Cue]) -> tuple[Cue, ...]:
    """A file's cues, followed by what was read on its frames, which replaces any earlier text on frames."""
    return (*(cue for cue in cues if cue.source != "frames"), *read)


def between(cues: Sequence[Cue], start_s: float, end_s: float) -> tuple[Cue, ...]:
    """The cues of which any part is in this stretch."""
    return tuple(cue for cue in cues if cue.start_s < end_s and cue.end_s > start_s)


def shown_at(cues: Sequence[Cue], starts: Sequence[float], seconds: float) -> tuple[Cue, ...]:
    """The cues on the screen at a time. ``starts`` are the times at which ``cues`` begin, rising."""
    last = bisect_right(starts, seconds + 0.0005)
    return tuple(cue for cue in cues[max(0, last - 8) : last] if cue.end_s > seconds)
