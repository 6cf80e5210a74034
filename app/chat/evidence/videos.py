"""Which video a time in an answer means, and whether the model was shown a frame near it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from app.chat.evidence.quotes import Cited
from app.ingest.types import Document

_NEAR_S = 2.0
_SLACK_S = 1.0
"""A time may be this far beyond the end of a video: both are cut to whole seconds."""


def videos_for(cited: Cited, documents: Sequence[Document], asked: Collection[int]) -> list[int]:
    """The videos that a cited time can be in, as numbers of ``documents``; several where it cannot be told.

    A video that is named with the time is taken at its word. Else it is the only one that is long enough, the one named
    last before the time, or the only one of ``asked``, which the question names. Empty where no video is long enough.
    """
    if cited.document is not None:
        return [cited.document] if documents[cited.document].file_kind.timed else []
    videos = [number for number, document in enumerate(documents) if document.file_kind.timed]
    if len(videos) < 2:
        return videos
    long = [number for number in videos if reaches(documents[number], cited.time_s or 0.0)]
    if len(long) < 2:
        return long
    if cited.nearby in long:
        return [number for number in long if number == cited.nearby]
    named = [number for number in long if number in asked]
    return named if len(named) == 1 else long


def end_of(document: Document) -> float:
    """Where a video ends, in seconds, as far as is known."""
    if document.duration_s is not None:
        return document.duration_s
    return document.frames[-1].time_s if document.frames else 0.0


def reaches(document: Document, time_s: float) -> bool:
    """Whether a video is long enough for a time."""
    return time_s <= end_of(document) + _SLACK_S


def was_shown(document: Document, time_s: float) -> bool:
    """Whether there is a frame near that time: half the way to the next, and a little."""
    times = [frame.time_s for frame in document.frames]
    apart = max((later - earlier for earlier, later in pairwise(times)), default=0.0)
    near = max(_NEAR_S, apart / 2 + 1)
    return any(abs(frame - time_s) <= near for frame in times)
