"""Videos, opened and decoded with PyAV: the frame that is shown at a time, with the time that it has in the file.

Only the container that the first bytes showed is opened, and only over the ``file`` protocol: a playlist or
a stream description inside is never followed. Decoding starts at the key frame before each wanted time;
where the next key frame is not nearer than the decoder already is, it simply continues.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
from PIL import Image

from app.ingest.filekind import Form
from app.ingest.formats.pictures import thumbnail_png
from app.ingest.formats.video.bright import is_bright, toned
from app.ingest.formats.video.notes import captioned
from app.ingest.formats.video.orientation import orientation_of
from app.ingest.limits import MAX_FRAME_PIXELS, THUMBNAIL_PX
from app.ingest.types import WHOLE_FILE
from model.errors import IngestError
from model.messages import Message, msg
from model.prompt.pictures import fit_size

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,asf,wav,mp3,flac,ogg,aac,aiff,amr"
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": _FORMATS}
_EPSILON = 0.0005
_MAX_PACKETS = 500_000
_DAMAGED = msg("video.damaged", "The video is damaged or incomplete and cannot be opened; try to get it again.")
TOO_LARGE = msg("video.too-large", "The video's frames are too large; the limit is 8K.")
_NO_PICTURE = msg("video.no-track", "The file has neither a video track nor a sound track that can be read.")


def sample_times(duration: float, most: int) -> list[float]:
    """One time a second from 0 on; where that gives more than ``most``, as many spread evenly.

    Whole seconds: a frame's label is no finer, and what is shown at that label must be this very frame.
    """
    count = max(1, min(most, math.ceil(duration - _EPSILON)))
    step = max(1.0, duration / count)
    return [float(int(index * step + _EPSILON)) for index in range(count)]


def open_container(path: Path, form: str) -> Any:
    """The file, opened as ``form`` and nothing else. Raises ``IngestError``."""
    try:
        name = str(path)
        name.encode("utf-8")
        return av.open(f"file:{name}", format=form, options=_OPTIONS, metadata_errors="replace")
    except UnicodeEncodeError:
        return _open_by_object(path, form)
    except (av.error.FFmpegError, OSError, ValueError):
        raise IngestError(_DAMAGED) from None


def _open_by_object(path: Path, form: str) -> Any:
    """A name that is not valid text cannot be handed to FFmpeg."""
    file = path.open("rb")
    try:
        return av.open(file, format=form, options=_OPTIONS, metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError):
        file.close()
        raise IngestError(_DAMAGED) from None


def what_it_is(path: Path, form: str, _password: str | None) -> Form:
    """A recording where there is sound and no picture but a cover; else a video. Raises ``IngestError``."""
    with open_container(path, form) as container:
        kinds = {stream.type for stream in container.streams if not int(stream.disposition) & _COVER}
        return Form("recording" if "audio" in kinds and "video" not in kinds else "video", form)


def video_stream(container: Any) -> Any:
    """The first video track that is not a cover picture and whose codec is known. Raises ``IngestError``."""
    streams = [stream for stream in container.streams if stream.type == "video"]
    streams = [stream for stream in streams if not int(stream.disposition) & _COVER]
    if not streams:
        raise IngestError(_NO_PICTURE)
    stream = streams[0]
    try:
        width, height = stream.codec_context.width, stream.codec_context.height
    except AttributeError:
        raise IngestError(
            msg("video.codec", "The video uses a codec that cannot be read; convert it to MP4 (H.264).")
        ) from None
    if width * height > MAX_FRAME_PIXELS:
        raise IngestError(
            msg(
                "video.too-large-size",
                "The video's frames are too large ({width} × {height} px); the limit is 8K.",
                width=width,
                height=height,
            )
        )
    stream.codec_context.thread_count = 2
    stream.thread_type = "AUTO"
    return stream


_COVER = int(av.stream.Disposition.attached_pic)


def zero_of(stream: Any) -> float:
    """The second of the container's own clock at which a track begins, which is ours for second 0."""
    return float((stream.start_time or 0) * (stream.time_base or 0))


def duration_of(container: Any, stream: Any) -> float:
    """Seconds, from the track, else from the file, else from its packets."""
    seconds: float | None = None
    if stream.duration and stream.time_base:
        seconds = float(stream.duration * stream.time_base)
    elif container.duration:
        seconds = container.duration / av.time_base
        if "matroska" in container.format.name and stream.start_time and stream.time_base:
            seconds -= float(stream.start_time * stream.time_base)  # Matroska counts from zero
    if seconds is None or not 0 < seconds < 10_000_000:
        seconds = _measured(container, stream)
    return seconds


def _measured(container: Any, stream: Any) -> float:
    """The span of the packets' times; nothing is decoded."""
    first, last = math.inf, -math.inf
    try:
        for count, packet in enumerate(container.demux(stream)):
            if packet.pts is not None:
                first, last = min(first, packet.pts), max(last, packet.pts + (packet.duration or 0))
            if count >= _MAX_PACKETS:
                break
        container.seek(0)
    except av.error.FFmpegError:
        pass
    return float((last - first) * stream.time_base) if last > first else 0.0


@dataclass(slots=True)
class Found:
    """One decoded frame and its time in the file."""

    time: float
    frame: Any

    def image(self, stream: Any) -> tuple[Image.Image, Message | None]:
        """The frame as it is to be shown, and a note where its rotation was not obeyed."""
        height, width = self.size(stream)
        return self._drawn(height, width), self._note()

    def at_budget(self, stream: Any, budget: int) -> tuple[Image.Image, Message | None]:
        """The same at a visual budget: made smaller while the colours are converted, ten times as fast as after it."""
        height, width = fit_size(*self.size(stream), budget)
        return self._drawn(height, width), self._note()

    def thumbnail(self, stream: Any) -> bytes:
        """A small PNG for the list of files."""
        return thumbnail_png(self.within(stream, THUMBNAIL_PX))

    def within(self, stream: Any, longest: int) -> Image.Image:
        """The frame as it is to be shown, made smaller where its longer side is above ``longest`` pixels."""
        height, width = self.size(stream)
        scale = min(1.0, longest / max(height, width))
        return self._drawn(max(1, round(height * scale)), max(1, round(width * scale)))

    def size(self, stream: Any) -> tuple[int, int]:
        """Height and width as it is to be shown. Raises ``IngestError`` where that is too large."""
        if self.frame.width * self.frame.height > MAX_FRAME_PIXELS:
            raise IngestError(TOO_LARGE)
        return shown_size(self.frame, aspect_of(stream))

    def _drawn(self, height: int, width: int) -> Image.Image:
        held = orientation_of(self.frame)
        down, across = held.size(height, width)
        if is_bright(self.frame):
            return Image.fromarray(held.upright(toned(self.frame, down, across, "BICUBIC")))
        # One thread: handing such small work to others costs more than it gives.
        drawn = self.frame.reformat(across, down, "rgb24", interpolation="BICUBIC", threads=1)
        return Image.fromarray(held.upright(drawn.to_ndarray()))

    def _note(self) -> Message | None:
        if orientation_of(self.frame).sound:
            return None
        return msg(
            "video.rotation", "The file specifies an impossible rotation, so the picture is shown as it is stored."
        )


def shown_size(frame: Any, aspect: float) -> tuple[int, int]:
    """Height and width of a frame as it is to be shown: turned, with square pixels."""
    return orientation_of(frame).size(frame.height, max(1, round(frame.width * aspect)))


def aspect_of(stream: Any) -> float:
    """Width of a pixel over its height, where the file gives one that makes sense."""
    ratio: Fraction | None = stream.codec_context.sample_aspect_ratio
    if not ratio or not 0.25 <= float(ratio) <= 4.0:
        return 1.0
    return float(ratio)


class Sampler:
    """Gives the frame that is on the screen at each of a rising list of times."""

    def __init__(self, container: Any, stream: Any) -> None:
        self._container = container
        self._stream = stream
        self._base = stream.time_base or Fraction(1, av.time_base)
        self._start: int = stream.start_time or 0
        self._decoded: Iterator[Found] = self._decode()
        self._shown: Found | None = None
        self._next: Found | None = None
        self._gap = 0.0
        self.errors = 0
        """Packets that could not be decoded."""

        self.untimed = 0
        """Frames without a time, left out."""

        self.captioned = False
        """Whether any frame carried closed captions."""

        self._ended = False

    def at(self, target: float) -> Found | None:
        """The last frame that starts at or before ``target`` seconds, or the first one after it."""
        if self._worth_seeking(target):
            self._seek(target)
        while not self._ended:
            if self._next is None:
                self._next = next(self._decoded, None)
                self._ended = self._next is None
                continue
            if self._next.time > target + _EPSILON:
                break
            self._shown, self._next = self._next, None
        return self._shown or self._next

    def rewind(self) -> None:
        """Start anew, after the video has been decoded to its end."""
        self._seek(0.0)

    def frames(self) -> Iterator[Found]:
        """All frames from where the decoder is, in order; what goes back in time is left out."""
        last = -math.inf
        for found in self._decoded:
            if found.time > last:
                last = found.time
                yield found

    def between(self, start: float, stop: float) -> Iterator[Found]:
        """The frames after ``start`` and up to ``stop``."""
        self._seek(start)
        first, self._next = self._next, None
        for found in chain([] if first is None else [first], self.frames()):
            if found.time > stop + _EPSILON:
                return
            if found.time > start + _EPSILON:
                yield found

    def _worth_seeking(self, target: float) -> bool:
        position = self._next or self._shown
        if position is None:
            return target > 2.0
        if self._ended or target <= position.time:
            return False
        key = self.key_before(target)
        if key is not None:
            return key > position.time + _EPSILON
        return target - position.time > max(2.0, self._gap)

    def key_before(self, target: float) -> float | None:
        """Seconds at which the last key frame before ``target`` starts, where the file has an index of them."""
        entries = self._stream.index_entries
        if not len(entries):
            return None
        at = entries.search_timestamp(self._ticks(target), backward=True)
        if at < 0:
            return None
        return float((entries[at].timestamp - self._start) * self._base)

    def _ticks(self, seconds: float) -> int:
        return int((seconds + _EPSILON) / self._base) + self._start

    def _seek(self, target: float) -> None:
        """Start decoding at the key frame before ``target``; some containers land late, so reach further back."""
        before = self._next or self._shown
        for back in (0.0, 2.0, 10.0, target):
            try:
                ticks = self._ticks(max(0.0, target - back))
                self._container.seek(ticks, stream=self._stream, backward=True)
            except av.error.FFmpegError:
                return  # a file without seeking is decoded from where it is
            self._decoded, self._ended = self._decode(), False
            self._next = next(self._decoded, None)
            if self._next is not None and self._next.time <= target + _EPSILON:
                break
        self._ended = self._next is None
        if before is not None and self._next is not None and self._next.time <= before.time:
            self._gap = max(self._gap, 2 * (target - self._next.time))  # key frames are rare: go on decoding

    def _decode(self) -> Iterator[Found]:
        """Frames from the decoder's position on; damaged packets are passed over."""
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError):
                self.errors += 1
                continue
            for frame in frames:
                ticks = frame.pts if frame.pts is not None else frame.dts
                if ticks is None:
                    self.untimed += 1
                else:
                    self.captioned = self.captioned or captioned(frame)
                    yield Found(float((ticks - self._start) * self._base), frame)

    def _packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(self._stream)
        except av.error.FFmpegError:
            self.errors += 1


def notes_of(samplers: Sequence[Sampler], nothing: bool) -> Iterator[dict[str, Any]]:
    """What was odd about the file. Raises ``IngestError`` where not one frame could be decoded."""
    if nothing:
        raise IngestError(msg("video.no-frame", "No frame of the video can be decoded; it is damaged or incomplete."))
    if any(sampler.errors for sampler in samplers):
        why = msg("video.partly-damaged", "Parts of the video are damaged and could not be decoded.")
        yield {"kind": "skipped", "where": WHOLE_FILE, "why": why}
    if any(sampler.untimed for sampler in samplers):
        why = msg("video.frames-without-time", "Some frames have no time in the file and were left out.")
        yield {"kind": "skipped", "where": WHOLE_FILE, "why": why}
    if any(sampler.captioned for sampler in samplers):
        why = msg("video.captions", "The video has closed captions (CEA-608 or CEA-708), which are not read.")
        yield {"kind": "skipped", "where": msg("where.captions", "captions"), "why": why}
