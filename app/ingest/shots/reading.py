"""Looks a video over from end to end: where its shots begin, and which few frames show what happens in them.

Every frame is decoded once and looked at as a tiny picture about eight times a second; between two of these that
differ, the frames themselves tell the exact moment. A video whose decoding would take too long is looked at more
coarsely: without the frames that no other rests on, in the end at its key frames only.
"""

from __future__ import annotations

import base64
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.ingest.filekind import Form
from app.ingest.formats.pictures import Spool, SpoolFullError
from app.ingest.formats.subtitles.tracks import words_of
from app.ingest.formats.video.reader import (
    TOO_LARGE,
    Found,
    Sampler,
    duration_of,
    notes_of,
    open_container,
    video_stream,
    zero_of,
)
from app.ingest.kinds import KINDS
from app.ingest.limits import MAX_FRAME_PIXELS
from app.ingest.shots.detection import CELLS, COLUMNS, ROWS, Boundary, find_boundaries, without_flashes
from app.ingest.types import WHOLE_FILE
from app.text.times import mm_ss as clock
from model.errors import IngestError
from model.messages import msg

Messages = Iterator[dict[str, Any]]
Row = NDArray[np.uint8]

RATE = 8.0
MAX_SAMPLES = 120_000
SLOW_S, TOO_SLOW_S = 300.0, 900.0
"""A whole video should not take longer; the second: not even without the frames that no other rests on."""
MAX_REFINED = 60
_BEAT_S = 0.5
_JUDGE_S = 3.0
_MAX_BETWEEN = 16
_BETWEEN_PIXELS = 4096 * 2304
_NOTABLE, _NOTABLE_SHARE = 14, 0.004
_EPSILON = 0.0005
_MOST_FRAMES = 12
"""Of one shot."""
_LEVELS_A_FRAME = 40.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """One shot, in seconds, and the part of it outside of transitions, as samples ``[first, last]``."""

    start: float
    end: float
    entry: str
    first: int
    last: int


def read_shots(path: Path, form: Form, request: dict[str, Any]) -> Messages:
    """The messages that describe a video's shots. ``request`` gives budget, max_frames, max_shots and the spool."""
    if not KINDS[form.kind].timed:
        raise IngestError(msg("scenes.not-a-video", "This is not a video; only videos have scenes."))
    with open_container(path, form.format) as container:
        stream = video_stream(container)
        duration = duration_of(container, stream)
        yield {"kind": "opened", "duration": duration}
        look = Look(container, stream, duration)
        yield from look.run()
        calm = without_flashes(look.cells)
        boundaries = look.strongest(find_boundaries(look.cells, look.rate), request["max_shots"])
        yield from look.refine(boundaries)
        shots = look.stretches(boundaries, max(duration, look.end))
        yield {"kind": "shots", "shots": [[shot.start, shot.end, shot.entry] for shot in shots]}
        times = frame_times(shots, activity(calm), look.times, request["max_frames"])
        yield from _frames(container, stream, times, request)
        zero = zero_of(stream)
    with open_container(path, form.format) as container:
        # What reading the file said about its words need not be said again.
        yield from (message for message in words_of(path, container, zero) if message["kind"] != "skipped")


class Look:
    """The pass over the video. ``cells`` and ``times`` have one row a sample: the screen, and since when."""

    def __init__(self, container: Any, stream: Any, duration: float) -> None:
        self._sampler = Sampler(container, stream)
        self._container, self._stream = container, stream
        self._duration = duration
        rate = float(stream.average_rate or stream.guessed_rate or RATE)
        self.rate = min(RATE, max(1.0, rate), MAX_SAMPLES / max(duration, 1.0))
        size = min(MAX_SAMPLES, int(duration * self.rate) + 64)
        self._cells = np.empty((size, CELLS * 3), np.uint8)
        self._times = np.empty(size, np.float64)
        self._count = 0
        self._exact: dict[int, float] = {}
        self._coarse = False
        self._overfull = False
        self.end = 0.0

    @property
    def cells(self) -> Row:
        """Cell colours, shape [samples, cells × 3]."""
        return self._cells[: self._count]

    @property
    def times(self) -> NDArray[np.float64]:
        """When each sample's frame began."""
        return self._times[: self._count]

    def run(self) -> Messages:
        """Look at everything; reports its progress from time to time."""
        begun = beat = time.monotonic()
        shown: Found | None = None
        between: list[Found] = []
        for found in self._sampler.frames():
            if found.frame.width * found.frame.height > MAX_FRAME_PIXELS:
                raise IngestError(TOO_LARGE)
            if shown is not None and found.time > self._due + _EPSILON:
                self._sample(shown, between, found.time)
                between = []
                if self._overfull:
                    break
            elif shown is not None:
                between = [*between[1 - _MAX_BETWEEN :], shown]
            shown = found
            now = time.monotonic()
            if now - beat > _BEAT_S:
                beat = now
                self._judge(found.time, now - begun)
                yield {"kind": "looked", "time": max(0.0, min(found.time, self._duration))}
        if shown is None:
            raise IngestError(
                msg("video.no-frame", "No frame of the video can be decoded; it is damaged or incomplete.")
            )
        self.end = shown.time
        if not self._overfull:
            self._sample(shown, between, max(self._due, self.end) + 1.5 * _EPSILON)
        yield from notes_of([self._sampler], nothing=False)
        yield from self._notes()

    @property
    def _due(self) -> float:
        return self._count / self.rate

    def _sample(self, found: Found, between: list[Found], until: float) -> None:
        """Write down what is on the screen at every due time before ``until``; ``between`` was seen since the last."""
        row = cells_of(found.frame)
        if self._count:
            self._find_exact(self._cells[self._count - 1], [*between, found], row)
        number = int((until - _EPSILON - self._due) * self.rate) + 1
        if self._count + number > MAX_SAMPLES:
            number, self._overfull = MAX_SAMPLES - self._count, True
        self._make_room(self._count + number)
        self._cells[self._count : self._count + number] = row
        self._times[self._count : self._count + number] = found.time
        self._count += number

    def _make_room(self, count: int) -> None:
        if count > len(self._cells):
            more = max(count, len(self._cells) * 3 // 2) - len(self._cells)
            self._cells = np.concatenate([self._cells, np.empty((more, CELLS * 3), np.uint8)])
            self._times = np.concatenate([self._times, np.empty(more, np.float64)])

    def _find_exact(self, last: Row, found: list[Found], row: Row) -> None:
        """Where the new sample differs much: at which of the frames since the last one it changed."""
        if (np.abs(row.astype(np.int16) - last) > _NOTABLE).mean() < _NOTABLE_SHARE:
            return
        if found[0].frame.width * found[0].frame.height > _BETWEEN_PIXELS:
            return
        largest, before = -1.0, last.astype(np.int16)
        for index, one in enumerate(found):
            now = (row if index == len(found) - 1 else cells_of(one.frame)).astype(np.int16)
            step = float(np.abs(now - before).mean())
            if step > largest:
                largest = step
                self._exact[self._count] = one.time
            before = now

    def _judge(self, media: float, wall: float) -> None:
        """Look more coarsely where the whole would take too long."""
        if wall < _JUDGE_S or self._duration <= 0 or media <= 0:
            return
        whole = wall / media * self._duration
        context = self._stream.codec_context
        if whole > TOO_SLOW_S and wall > 3 * _JUDGE_S:
            context.skip_frame, self._coarse = "NONKEY", True
        elif whole > SLOW_S and not self._coarse:
            context.skip_frame = "NONREF"

    def _notes(self) -> Messages:
        self._stream.codec_context.skip_frame = "DEFAULT"
        if self._coarse:
            why = msg(
                "scenes.coarse",
                "The video is long, so most of it was sampled only every few seconds; short scenes may be missing.",
            )
            yield {"kind": "skipped", "where": WHOLE_FILE, "why": why}
        if self._overfull:
            why = msg("scenes.cut", "The video is too long to be scanned to its end.")
            yield {
                "kind": "skipped",
                "where": msg("where.from-time", "from {time} on", time=clock(float(self._times[self._count - 1]))),
                "why": why,
            }

    def strongest(self, found: list[Boundary], most: int) -> list[Boundary]:
        """As many as there may be shots, in order."""
        if len(found) < most:
            return found
        kept = sorted(found, key=lambda boundary: -boundary.score)[: most - 1]
        return sorted(kept, key=lambda boundary: boundary.index)

    def refine(self, boundaries: list[Boundary]) -> Messages:
        """After a coarse look: decode around each cut to find its frame."""
        if not self._coarse:
            return
        for boundary in [one for one in boundaries if one.kind == "cut"][:MAX_REFINED]:
            before, after = self._times[boundary.index - 1], self._times[boundary.index]
            old, new = (self._cells[at].astype(np.int16) for at in (boundary.index - 1, boundary.index))
            for found in self._sampler.between(float(before), float(after)):
                row = cells_of(found.frame).astype(np.int16)
                if np.abs(row - new).mean() < np.abs(row - old).mean():
                    self._exact[boundary.index] = found.time
                    break
            yield {"kind": "alive"}

    def stretches(self, boundaries: list[Boundary], end: float) -> list[Stretch]:
        """The shots between the boundaries."""
        shots: list[Stretch] = []
        start, entry, first = 0.0, "start", 0
        for boundary in boundaries:
            at = self.time_of(boundary)
            shots.append(Stretch(start, at, entry, first, max(first, min(boundary.begin - 1, boundary.index - 1))))
            start, entry, first = at, boundary.kind, min(max(boundary.index, boundary.end), self._count - 1)
        shots.append(Stretch(start, end, entry, first, self._count - 1))
        return shots

    def time_of(self, boundary: Boundary) -> float:
        """The time of the new shot's first frame; of a slow transition, of its middle."""
        shown = float(self._times[boundary.index])
        return self._exact.get(boundary.index, shown) if boundary.kind == "cut" else shown


def cells_of(frame: Any) -> Row:
    """A frame as a tiny picture."""
    small = frame.reformat(COLUMNS, ROWS, "rgb24", interpolation="AREA", threads=1)
    return np.ascontiguousarray(small.to_ndarray()).reshape(-1)


def activity(cells: Row) -> NDArray[np.float32]:
    """How much changes from each sample to the next, in levels."""
    result = np.zeros(len(cells), np.float32)
    for start in range(1, len(cells), 4096):
        stop = min(len(cells), start + 4096)
        step = np.abs(cells[start:stop].astype(np.int16) - cells[start - 1 : stop - 1])
        result[start:stop] = step.mean(axis=1)
    return result


def frame_times(
    shots: list[Stretch], changes: NDArray[np.float32], times: NDArray[np.float64], most: int
) -> list[list[float]]:
    """Per shot the times of the frames that show it: more of them, and nearer to each other, where more happens."""
    wanted = [_frames_wanted(shot, changes) for shot in shots]
    share = min(1.0, most / max(1, sum(wanted)))
    chosen = []
    for shot, number in zip(shots, wanted, strict=True):
        number = max(1, int(number * share))
        weight = changes[shot.first : shot.last + 1].astype(np.float64)
        weight[:1] = 0
        # Quiet stretches count a little too; the frames divide the action into equal parts.
        weight = np.cumsum(weight + 0.25 * weight.mean() + 1e-3)
        at = np.searchsorted(weight, (np.arange(number) + 0.5) / number * weight[-1])
        own = sorted({float(times[shot.first + int(index)]) for index in np.minimum(at, len(weight) - 1)})
        chosen.append([time_s for time_s in own if time_s >= shot.start - _EPSILON] or [shot.start])
    return chosen


def _frames_wanted(shot: Stretch, changes: NDArray[np.float32]) -> int:
    change = float(changes[shot.first + 1 : shot.last + 1].sum())
    if change < 3:
        return 1
    return min(_MOST_FRAMES, 1 + round(change / _LEVELS_A_FRAME) + round(math.log2(1 + (shot.end - shot.start) / 4)))


def _frames(container: Any, stream: Any, times: list[list[float]], request: dict[str, Any]) -> Messages:
    """The chosen frames at their budget, and a thumbnail of each shot."""
    budget, spool = request["budget"], Spool(Path(request["spool"]), request["remaining"])
    sampler = Sampler(container, stream)
    sampler.rewind()
    last = -math.inf
    for number, own in enumerate(times):
        for place, target in enumerate(own):
            found = sampler.at(target)
            if found is None or found.time <= last:
                continue
            last = found.time
            image, _ = found.at_budget(stream, budget)
            try:
                picture = spool.store(image, budget)
            except SpoolFullError:
                why = msg(
                    "spool.full-scenes",
                    "The temporary folder has no room for more pictures; the remaining scenes have none.",
                )
                yield {
                    "kind": "skipped",
                    "where": msg("where.from-time", "from {time} on", time=clock(last)),
                    "why": why,
                }
                return
            yield {"kind": "frame", "shot": number, "time": found.time, "picture": picture}
            if place == len(own) // 2:
                png = base64.b64encode(found.thumbnail(stream)).decode("ascii")
                yield {"kind": "thumbnail", "shot": number, "png": png}
