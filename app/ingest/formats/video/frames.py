"""A video's frames at evenly spread times, made small and stored: by one decoder, or by two side by side.

Two decoders of one thread each keep two cores busier than one of two threads, whose pipeline runs empty at each
seek, and while one draws its frame the other continues. That needs key frames: the times that one key frame leads to
are a group, and each group goes to the decoder that is free.
"""

from __future__ import annotations

import base64
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import av

from app.ingest.formats.pictures import Spool, SpoolFullError
from app.ingest.formats.recording.reader import sound_of
from app.ingest.formats.subtitles.tracks import words_of
from app.ingest.formats.video.notes import further_tracks
from app.ingest.formats.video.reader import (
    Sampler,
    duration_of,
    notes_of,
    open_container,
    sample_times,
    video_stream,
    zero_of,
)
from app.ingest.types import ReadOptions
from app.text.times import mm_ss as clock
from model.errors import IngestError
from model.messages import Message, msg

FRAME_BUDGET = 70
_MIN_GROUPS = 4
_MAX_PIXELS = 4096 * 2304
"""Larger frames go through one decoder: each holds up to sixteen of them."""

_FULL = msg("spool.full-frames", "The temporary folder has no room for more pictures; read fewer frames.")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One frame: seconds in the file, its stored picture as a message describes it, a note about it."""

    time: float
    picture: dict[str, Any]
    note: Message | None
    size: tuple[int, int]
    thumbnail: bytes | None
    """A PNG, for the first frame of a decoder."""


def read_video(path: Path, form: str, options: ReadOptions, spool: Spool, start: int = 0) -> Iterator[dict[str, Any]]:
    """The messages that describe a video, always from its beginning. Raises ``IngestError``."""
    budget = options.budget or FRAME_BUDGET
    with open_container(path, form) as container:
        stream = video_stream(container)
        duration = duration_of(container, stream)
        targets = sample_times(duration, options.max_frames)
        yield {"kind": "opened", "total": len(targets), "unit": "frame", "duration": duration}
        yield from further_tracks(container)
        groups = _groups(container, stream, targets)
        if len(groups) == 1:
            one = Decoder(container, stream, budget, spool)
            yield from _messages((one.draw(target) for target in targets), targets, [one])
        else:
            with open_container(path, form) as second:
                both = [Decoder(each, _alone(video_stream(each)), budget, spool) for each in (container, second)]
                with _side_by_side(both, groups) as drawn:
                    yield from _messages(drawn, targets, both)
        zero = zero_of(stream)
    yield {"kind": "stage", "name": "words"}
    with open_container(path, form) as container:
        yield from words_of(path, container, zero)
    yield {"kind": "stage", "name": "sound"}
    yield from sound_of(path, form, zero, spool)


class Decoder:
    """One way through the file, forwards only."""

    _storing = threading.Lock()

    def __init__(self, container: Any, stream: Any, budget: int, spool: Spool) -> None:
        self._stream, self._budget, self._spool = stream, budget, spool
        self._last: float | None = None
        self.sampler = Sampler(container, stream)

    def draw(self, target: float) -> Drawn | None:
        """The frame at ``target`` seconds; ``None`` where it was given before. Raises ``SpoolFullError``."""
        found = self.sampler.at(target)
        if found is None or (self._last is not None and found.time <= self._last):
            return None
        thumbnail = found.thumbnail(self._stream) if self._last is None else None
        self._last = found.time
        image, note = found.at_budget(self._stream, self._budget)
        with self._storing:  # the spool counts what it may still take
            picture = self._spool.store(image, self._budget)
        return Drawn(found.time, picture, note, found.size(self._stream), thumbnail)


def _messages(drawn: Iterator[Drawn | None], targets: list[float], decoders: list[Decoder]) -> Iterator[dict[str, Any]]:
    """What the frames are, in the order of ``targets``, and what was odd about the file."""
    last: float | None = None
    noted = False
    for index, target in enumerate(targets):
        try:
            frame = next(drawn)
        except SpoolFullError:
            if last is None:
                raise IngestError(_FULL) from None
            yield {
                "kind": "skipped",
                "where": msg("where.from-time", "from {time} on", time=clock(target)),
                "why": _FULL,
            }
            break
        if frame is None or (last is not None and frame.time <= last):
            yield {"kind": "passed", "index": index}
            continue
        if last is None and frame.thumbnail is not None:  # a decoder's first frame has one, so the first of all has
            height, width = frame.size
            yield {"kind": "size", "height": height, "width": width}
            yield {"kind": "thumbnail", "png": base64.b64encode(frame.thumbnail).decode("ascii")}
        last = frame.time
        if frame.note and not noted:
            noted = True
            yield {
                "kind": "skipped",
                "where": msg("where.from-time", "from {time} on", time=clock(target)),
                "why": frame.note,
            }
        # Named by the second that was asked for: at 29.97 frames a second, that frame itself begins a little before.
        yield {"kind": "frame", "index": index, "time": target, "picture": frame.picture}
    yield from notes_of([decoder.sampler for decoder in decoders], nothing=last is None)


def _groups(container: Any, stream: Any, targets: list[float]) -> list[list[float]]:
    """The times that one key frame leads to, together; one group where a second decoder would not help."""
    context = stream.codec_context
    if _cores() < 2 or context.width * context.height > _MAX_PIXELS:
        return [targets]
    if "matroska" in container.format.name:
        with suppress(av.error.FFmpegError):
            container.seek(0)  # its index of key frames is read at the first seek
    sampler = Sampler(container, stream)
    groups = [list(group) for _, group in groupby(targets, sampler.key_before)]
    most = max(map(len, groups))
    return groups if len(groups) >= _MIN_GROUPS and 2 * most <= len(targets) else [targets]


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _alone(stream: Any) -> Any:
    """The track, decoded on the thread that asks for it."""
    stream.codec_context.thread_count = 1
    stream.thread_type = "NONE"
    return stream


@contextmanager
def _side_by_side(decoders: list[Decoder], groups: list[list[float]]) -> Iterator[Iterator[Drawn | None]]:
    """What ``Decoder.draw`` gives for every time, in order; each group comes from one of the decoders."""
    results = [[Future[Drawn | None]() for _ in group] for group in groups]
    work, taking, stop = iter(zip(groups, results, strict=True)), threading.Lock(), threading.Event()

    def run(decoder: Decoder) -> None:
        while True:
            with taking:
                group = next(work, None)
            if group is None:
                return
            for target, result in zip(*group, strict=True):
                if stop.is_set():
                    return
                try:
                    result.set_result(decoder.draw(target))
                except BaseException as error:  # raised again for the caller that waits for the result
                    result.set_exception(error)
                    return

    threads = [threading.Thread(target=run, args=(each,), name="frames", daemon=True) for each in decoders]
    for thread in threads:
        thread.start()
    try:
        yield (result.result() for group in results for result in group)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
