"""Recordings made here: tones that stand for words, with silences between them, in every format that PyAV encodes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
Spoken = tuple[float, float]
"""From and to, in seconds."""

CODECS = {
    ".wav": "pcm_s16le",
    ".mp3": "libmp3lame",
    ".m4a": "aac",
    ".ogg": "libopus",
    ".opus": "libopus",
    ".flac": "flac",
    ".aac": "aac",
    ".aiff": "pcm_s16be",
    ".mka": "flac",
    ".mp4": "aac",
}


def spoken(spans: Sequence[Spoken], seconds: float, rate: int = 16_000) -> Samples:
    """Something like speech, a tone that trembles, in these spans; silence elsewhere."""
    at = np.arange(int(seconds * rate)) / rate
    voice = np.sin(2 * np.pi * 180 * at) * (0.6 + 0.4 * np.sin(2 * np.pi * 5 * at)) * 0.5
    loud = np.zeros(len(at))
    for start, end in spans:
        loud[int(start * rate) : int(end * rate)] = 1
    return np.round(voice * loud * 32_000).astype(np.int16)


def encode(container: Any, stream: Any, samples: Samples, rate: int) -> None:
    """Samples [n] as every channel of the stream."""
    layout = stream.codec_context.layout.name
    for start in range(0, len(samples), rate // 10):
        part = samples[start : start + rate // 10]
        channels = len(stream.codec_context.layout.channels)
        frame = av.AudioFrame.from_ndarray(np.repeat(part, channels).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def recording(
    path: Path,
    spans: Sequence[Spoken] = ((0.5, 1.5), (2.0, 3.5)),
    seconds: float = 4.0,
    *,
    rate: int = 48_000,
    layout: str = "stereo",
    tags: dict[str, str] | None = None,
) -> Path:
    """A recording in the format that its ending names."""
    with av.open(str(path), "w") as container:
        container.metadata.update(tags or {})
        stream: Any = container.add_stream(CODECS[path.suffix], rate=rate)
        stream.layout = layout
        encode(container, stream, spoken(spans, seconds, rate), rate)
    return path


def talking(path: Path, spans: Sequence[Spoken], seconds: int = 6) -> Path:
    """A grey video in which these spans are spoken."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("mpeg4", rate=5)
        video.width, video.height, video.pix_fmt = 96, 96, "yuv420p"
        sound: Any = container.add_stream("aac", rate=48_000)
        sound.layout = "mono"
        for index in range(5 * seconds):
            frame = av.VideoFrame.from_ndarray(np.full((96, 96, 3), 8 * index % 256, np.uint8), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, 5)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        encode(container, sound, spoken(spans, seconds, 48_000), 48_000)
    return path
