"""A file's sound as a model hears it: one channel, 16,000 samples a second of 16 bits, on the file's own clock.

Samples come as they are decoded, so hours take no more memory than minutes. Where the file's times leave a gap,
there is silence, so that a sample's place always tells its second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from app.ingest.formats.recording.packets import Packets
from model.soft_tokens import SOUND_RATE

Samples = NDArray[np.int16]

MOST_S = 48 * 3600
"""Seconds of one file that are decoded."""

_SLACK = SOUND_RATE // 20
"""Samples by which a frame's time may differ from the place that counting gives."""

_MOST_GAP = 6 * 3600 * SOUND_RATE
_MOST_ERRORS = 2000


def sound_stream(container: Any) -> Any | None:
    """The first sound track whose codec is known; ``None`` where there is none."""
    streams = [stream for stream in container.streams if stream.type == "audio"]
    known = [stream for stream in streams if getattr(stream, "codec_context", None) is not None]
    return known[0] if known else None


class Decoding:
    """One way through a sound track, forwards, from ``start`` on, a sample's number; ``zero`` is its clock's second 0.

    ``at`` is the number of the sample that comes next.
    """

    def __init__(self, container: Any, stream: Any, zero: float, start: int = 0) -> None:
        self._container, self._stream, self._zero = container, stream, zero
        self._packets = Packets(container, stream, _MOST_ERRORS)
        self.at = start
        self.cut = False
        """There is more than ``MOST_S``."""
        self._resampler: Any = None
        self._shape: tuple[object, ...] = ()
        self._off = 0

    @property
    def errors(self) -> int:
        """How many packets could not be decoded."""
        return self._packets.errors

    def portions(self) -> Iterator[Samples]:
        """The samples, in portions of at most about a second."""
        if self.at:
            self._seek()
        for frame in self._packets.frames():
            yield from self._placed(frame)
            if self.at >= MOST_S * SOUND_RATE:
                self.cut = True
                return
        yield from self._flushed()

    def _seek(self) -> None:
        ticks = int((self.at / SOUND_RATE + self._zero) / self._stream.time_base)
        try:
            self._container.seek(ticks, stream=self._stream, backward=True)
        except av.error.FFmpegError:
            self._container.seek(0)

    def _placed(self, frame: Any) -> Iterator[Samples]:
        """A frame's samples at its place: silence before it, or without what is there already."""
        samples = self._converted(frame)
        place = self._place(frame)
        if place is not None and abs(place - self.at) > _SLACK:
            if place - self.at > _MOST_GAP:
                self._off = place - self.at  # a broken clock: counted on from here
            elif place > self.at:
                yield from self._silence(place - self.at)
            else:
                samples = samples[self.at - place :]
        if len(samples):
            self.at += len(samples)
            yield samples

    def _place(self, frame: Any) -> int | None:
        if frame.pts is None or not frame.time_base:
            return None
        return round((float(frame.pts * frame.time_base) - self._zero) * SOUND_RATE) - self._off

    def _silence(self, count: int) -> Iterator[Samples]:
        while count > 0:
            part = min(count, SOUND_RATE)
            count -= part
            self.at += part
            yield np.zeros(part, np.int16)

    def _converted(self, frame: Any) -> Samples:
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:  # it may change on the way
            self._resampler = av.AudioResampler("s16", "mono", SOUND_RATE)
            self._shape = shape
        try:
            return _joined(self._resampler.resample(frame))
        except (av.error.FFmpegError, ValueError):
            self._packets.errors += 1
            self._shape = ()
            return np.zeros(0, np.int16)

    def _flushed(self) -> Iterator[Samples]:
        if self._resampler is None or not self._shape:
            return
        try:
            rest = _joined(self._resampler.resample(None))
        except (av.error.FFmpegError, ValueError):
            return
        if len(rest):
            self.at += len(rest)
            yield rest


def _joined(frames: list[Any]) -> Samples:
    parts = [frame.to_ndarray().reshape(-1) for frame in frames]
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)
