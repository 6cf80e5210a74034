"""The playing process's other side: a video's sound as plain samples, from any second on, at any speed.

It has a separate process, so that pictures that take long never stop the sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av

from app.ingest.formats.recording.packets import Packets
from app.ingest.formats.video.reader import open_container, zero_of
from model.errors import IngestError
from model.messages import msg

RATE = 48_000
BYTES_A_SECOND = RATE * 4
"""Two channels of 16 bits."""
_PIECE = BYTES_A_SECOND // 8
_MOST_SILENCE_S = 30.0
_MAX_ERRORS = 500


class SoundTrack:
    """An open video's sound. Times count from the first picture, as they do for pictures."""

    def __init__(self, path: Path, form: str) -> None:
        self._container = open_container(path, form)
        tracks = [stream for stream in self._container.streams if stream.type == "audio"]
        if not tracks or getattr(tracks[0], "codec_context", None) is None:
            self._container.close()
            raise IngestError(msg("play.no-sound", "The video has no sound that can be played."))
        self._stream = tracks[0]
        pictures = [stream for stream in self._container.streams if stream.type == "video"]
        first = pictures[0] if pictures else self._stream
        self._zero = zero_of(first)
        self._samples: Iterator[bytes] = iter(())
        self._time = 0.0
        self._speed = 1.0

    def start(self, seconds: float, speed: float) -> None:
        """From now on, samples from ``seconds`` on."""
        self._time, self._speed = seconds, speed
        base = self._stream.time_base
        try:
            self._container.seek(int((seconds + self._zero) / base), stream=self._stream, backward=True)
        except av.error.FFmpegError:
            self._container.seek(0)
        self._samples = self._pieces(seconds)

    def next(self) -> tuple[float, bytes] | None:
        """The next piece and the second of the video at which it begins; ``None`` at the end."""
        piece = next(self._samples, None)
        if piece is None:
            return None
        begun = self._time
        self._time += len(piece) / BYTES_A_SECOND * self._speed
        return begun, piece

    def _pieces(self, start: float) -> Iterator[bytes]:
        """Samples in pieces of an eighth of a second."""
        held = bytearray()
        for data in self._played(start):
            held += data
            while len(held) >= _PIECE:
                yield bytes(held[:_PIECE])
                del held[:_PIECE]
        if held:
            yield bytes(held)

    def _played(self, start: float) -> Iterator[bytes]:
        graph: Any = None
        for frame in Packets(self._container, self._stream, _MAX_ERRORS).frames():
            if graph is None:
                at = float(frame.pts * frame.time_base) - self._zero if frame.pts is not None else start
                if at + frame.samples / max(1, frame.sample_rate) <= start:
                    continue  # before the wanted second; decoding begins earlier
                yield _silence((at - start) / self._speed)
                graph = _graph(frame, self._speed)
            try:
                graph.push(frame)
                yield from _pulled(graph)
            except (av.error.FFmpegError, ValueError):
                return  # a track whose form changes on the way
        if graph is not None:
            graph.push(None)
            yield from _pulled(graph)


def _graph(frame: Any, speed: float) -> Any:
    """To two channels of 16 bits, faster or slower at the same pitch."""
    graph = av.filter.Graph()
    nodes = [
        graph.add_abuffer(
            sample_rate=frame.sample_rate, format=frame.format.name, layout=frame.layout.name, time_base=frame.time_base
        )
    ]
    while speed < 0.5:  # one filter goes no slower
        nodes.append(graph.add("atempo", "0.5"))
        speed /= 0.5
    if speed != 1.0:
        nodes.append(graph.add("atempo", f"{speed:.4f}"))
    nodes.append(graph.add("aformat", f"sample_fmts=s16:sample_rates={RATE}:channel_layouts=stereo"))
    nodes.append(graph.add("abuffersink"))
    graph.link_nodes(*nodes).configure()
    return graph


def _pulled(graph: Any) -> Iterator[bytes]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield bytes(frame.planes[0])[: frame.samples * 4]


def _silence(seconds: float) -> bytes:
    return bytes(4 * int(min(max(seconds, 0.0), _MOST_SILENCE_S) * RATE))
