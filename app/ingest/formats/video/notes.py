"""What a video holds beside its pictures: subtitles, closed captions, chapters, further tracks. Named, not read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import av
from av.sidedata.sidedata import Type

from app.ingest.types import WHOLE_FILE
from model.messages import msg

_NAMED = 12
_MAX_NAME = 60
_COVER = int(av.stream.Disposition.attached_pic)


def beside(container: Any, clock: Callable[[float], str]) -> Iterator[dict[str, Any]]:
    """Notes on the tracks and chapters of a video; ``clock`` writes seconds."""
    tracks = [stream for stream in container.streams if stream.type == "subtitle"]
    if tracks:
        why = msg(
            "video.subtitles",
            "The video has subtitles, which are not read: {tracks}.",
            tracks=_listed([_track(track) for track in tracks]),
        )
        yield {"kind": "skipped", "where": msg("where.subtitles", "subtitles"), "why": why}
    chapters = [_chapter(chapter, clock) for chapter in _chapters(container)]
    if chapters:
        yield {
            "kind": "skipped",
            "where": msg("where.chapters", "chapters"),
            "why": msg("video.chapters", "The video has chapters: {chapters}.", chapters=_listed(chapters)),
        }
    videos = [stream for stream in container.streams.video if not int(stream.disposition) & _COVER]
    if len(videos) > 1:
        why = msg(
            "video.more-tracks",
            "The video has {tracks} video tracks; only the first is read.",
            tracks=len(videos),
        )
        yield {"kind": "skipped", "where": WHOLE_FILE, "why": why}


def captioned(frame: Any) -> bool:
    """Whether a frame carries closed captions with text, and not only the padding of an empty channel."""
    for side in frame.side_data:
        if side.type == Type.A53_CC:
            data = bytes(side)
            triples = zip(data[::3], data[1::3], data[2::3], strict=False)
            if any(head & 4 and (one & 0x7F or other & 0x7F) for head, one, other in triples):
                return True
    return False


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _track(stream: Any) -> str:
    """``eng “Spoken words”``, as far as the file has them."""
    language = _tidy(str(stream.metadata.get("language", "")))
    title = _tidy(str(stream.metadata.get("title", "")))
    parts = [language if language != "und" else "", f"“{title}”" if title else ""]
    return " ".join(part for part in parts if part) or "a track without a name"


def _chapters(container: Any) -> list[dict[str, Any]]:
    try:
        return list(container.chapters())
    except (av.error.FFmpegError, ValueError, OverflowError):
        return []


def _chapter(chapter: dict[str, Any], clock: Callable[[float], str]) -> str:
    title = _tidy(str(chapter.get("metadata", {}).get("title", "")))
    base = chapter.get("time_base") or 0
    seconds = float(chapter.get("start", 0) * base)
    return f"{clock(min(max(0.0, seconds), 1e7))}{f' “{title}”' if title else ''}"


def _tidy(text: str) -> str:
    text = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return text if len(text) <= _MAX_NAME else f"{text[: _MAX_NAME - 1]}…"
