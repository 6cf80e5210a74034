"""The playing process's side: one video at a time, its frames decoded in order, each with its own time in the file.

A seek is exact to the frame: decoding starts at the key frame before and continues to the wanted one. Where that
takes long, the first picture on the way is shown meanwhile, and a newer request ends it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from app.ingest.formats.video.bright import is_bright, toned
from app.ingest.formats.video.orientation import orientation_of
from app.ingest.formats.video.reader import aspect_of, duration_of, open_container, shown_size, video_stream
from app.ingest.limits import MAX_FRAME_PIXELS
from model.errors import IngestError
from model.messages import msg

Fit = tuple[int, int]
Send = Callable[[dict[str, Any], bytes], None]

MAX_VIEW_PIXELS = 1_500_000
MAX_WHOLE_PIXELS = 4096 * 2304
_EPSILON = 0.0005
_PATIENCE_S = 0.15
"""A seek that takes longer shows a picture on its way."""
_LATE_S = 0.3
_MAX_ERRORS = 2000


class Playback:
    """An open video and the place in it that has been decoded to."""

    def __init__(self, path: Path, form: str) -> None:
        self._container = open_container(path, form)
        try:
            self._stream = video_stream(self._container)
            self.duration = duration_of(self._container, self._stream)
        except BaseException:
            self._container.close()
            raise
        self._aspect = aspect_of(self._stream)
        self._base = self._stream.time_base or Fraction(1, av.time_base)
        self._start: int = self._stream.start_time or 0
        self._decoded = self._decode()
        self._ahead: tuple[float, Any] | None = None

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def about(self) -> dict[str, Any]:
        """Size, length and rate of the video. Raises ``IngestError`` where not one frame can be decoded."""
        first = self._next()
        if first is None:
            raise IngestError(
                msg("video.no-frame", "No frame of the video can be decoded; it is damaged or incomplete.")
            )
        self._ahead = first
        height, width = shown_size(first[1], self._aspect)
        rate = float(self._stream.average_rate or self._stream.guessed_rate or 0)
        return {
            "kind": "opened",
            "duration": self.duration,
            "width": width,
            "height": height,
            "rate": rate if 0 < rate < 1000 else 0.0,
            "sound": any(stream.type == "audio" for stream in self._container.streams),
        }

    def seek(self, target: float, *, before: bool, newer: Callable[[], bool]) -> Iterator[tuple[float, Any, bool]]:
        """The frame on the screen at ``target`` (or the last one ``before`` it): (time, frame, whether on the way).

        Nothing where a newer request has come meanwhile.
        """
        limit = target - _EPSILON if before else target + _EPSILON
        found = self._from_key_frame(limit)
        begun, shown_one = time.monotonic(), False
        while (following := self._next()) is not None and following[0] <= limit:
            found = following
            if newer():
                return
            if not shown_one and time.monotonic() - begun > _PATIENCE_S:
                shown_one = True
                yield (*found, True)
        self._ahead = following
        if found is None and following is not None:
            found, self._ahead = following, None
        if found is not None:
            yield (*found, False)

    def following(self, earliest: float) -> tuple[float, Any] | None:
        """The next frame; where playing is late, the first one from ``earliest`` on. ``None`` at the end."""
        found = self._next()
        begun = time.monotonic()
        late = found is not None and found[0] < earliest - _LATE_S
        self._skip("NONREF" if late else "DEFAULT")
        while found is not None and found[0] < earliest and time.monotonic() - begun < _LATE_S:
            after = self._next()
            if after is None or after[0] > earliest:
                self._ahead = after
                break
            found = after
        return found

    def picture(self, frame: Any, fit: Fit, most: int = MAX_VIEW_PIXELS) -> tuple[int, int, bytes]:
        """Width, height and pixels (four bytes each: blue, green, red, 255), no larger than ``fit``."""
        return picture_of(frame, self._aspect, fit, most)

    def _from_key_frame(self, limit: float) -> tuple[float, Any] | None:
        """Seek to the key frame before ``limit``; some containers land late, so reach further back."""
        self._skip("DEFAULT")
        first: tuple[float, Any] | None = None
        for reach in (limit, max(0.0, limit - 2.0), max(0.0, limit - 10.0), 0.0, -10.0):
            ticks = int(reach / self._base) + self._start
            try:
                self._container.seek(ticks, stream=self._stream, backward=True)
            except av.error.FFmpegError:
                continue  # a file without seeking is decoded from where it is
            self._decoded, self._ahead = self._decode(), None
            first = self._next()
            if first is not None and first[0] <= limit:
                return first
        self._ahead = first
        return None

    def _skip(self, which: str) -> None:
        if str(self._stream.codec_context.skip_frame) != which:
            self._stream.codec_context.skip_frame = which

    def _next(self) -> tuple[float, Any] | None:
        if self._ahead is not None:
            found, self._ahead = self._ahead, None
            return found
        return next(self._decoded, None)

    def _decode(self) -> Iterator[tuple[float, Any]]:
        """Frames from here on; damaged packets are passed over, and frames without a time or out of order."""
        last, errors = -float("inf"), 0
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError):
                errors += 1
                if errors > _MAX_ERRORS:
                    return
                continue
            for frame in frames:
                ticks = frame.pts if frame.pts is not None else frame.dts
                if ticks is None or frame.width * frame.height > MAX_FRAME_PIXELS:
                    continue
                shown = float((ticks - self._start) * self._base)
                if shown > last:
                    last = shown
                    yield shown, frame

    def _packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(self._stream)
        except av.error.FFmpegError:
            return


def picture_of(frame: Any, aspect: float, fit: Fit, most: int) -> tuple[int, int, bytes]:
    """A frame as it is to be shown, made smaller to fit, never larger."""
    height, width = shown_size(frame, aspect)
    scale = min(1.0, fit[0] / width, fit[1] / height, (most / (width * height)) ** 0.5)
    height, width = max(1, int(height * scale)), max(1, int(width * scale))
    held = orientation_of(frame)
    down, across = held.size(height, width)
    way = "AREA" if scale < 0.5 else "BILINEAR"
    if is_bright(frame):
        pixels = np.full((down, across, 4), 255, np.uint8)
        pixels[:, :, :3] = toned(frame, down, across, way)[:, :, ::-1]
    else:
        pixels = frame.reformat(across, down, "bgra", interpolation=way, threads=1).to_ndarray()
    return width, height, held.upright(pixels).tobytes()
