"""Videos with subtitle tracks and chapters, muxed here from the raw packets of each format."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

Said = tuple[float, float, str]
"""From, to, and the words."""

SPOKEN: tuple[Said, ...] = (
    (0.5, 1.8, "Good morning, everybody."),
    (2.0, 3.4, "The invoice is for 1,788.84 euros."),
    (3.5, 4.9, "We deliver on 3 May,\nnot before noon."),
)
ASS_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name\nStyle: Default\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)
_MS = Fraction(1, 1000)


@dataclass(frozen=True)
class Words:
    """A subtitle track: FFmpeg's name of its codec, what is said, its language and title."""

    codec: str
    said: Sequence[Said] = SPOKEN
    language: str = "eng"
    title: str = ""


def packet_of(codec: str, words: str, number: int) -> bytes:
    """One cue as its format has it in a file."""
    data = words.encode()
    match codec:
        case "mov_text":
            return struct.pack(">H", len(data)) + data
        case "ass":
            return f"{number},0,Default,,0,0,0,,{{\\i1}}".encode() + words.replace("\n", "\\N").encode()
        case _:
            return data


def subtitled(
    path: Path,
    tracks: Sequence[Words] = (Words("srt"),),
    *,
    seconds: int = 6,
    chapters: Sequence[Said] = (),
    late: float = 0.0,
) -> Path:
    """A grey video with these tracks. ``late``: the second at which its first frame and its words' clock begin."""
    with av.open(str(path), "w", options={"avoid_negative_ts": "disabled"}) as container:
        video = container.add_stream("mpeg4", rate=5)
        video.width, video.height, video.pix_fmt = 96, 96, "yuv420p"
        streams = []
        for track in tracks:
            stream = container.add_stream(track.codec)
            stream.time_base = stream.codec_context.time_base = _MS
            stream.codec_context.subtitle_header = ASS_HEADER
            stream.metadata["language"] = track.language
            if track.title:
                stream.metadata["title"] = track.title
            streams.append(stream)
        if chapters:
            container.set_chapters(
                [
                    {
                        "id": number,
                        "start": round(1000 * start),
                        "end": round(1000 * end),
                        "time_base": _MS,
                        "metadata": {"title": title},
                    }
                    for number, (start, end, title) in enumerate(chapters, 1)
                ]
            )
        container.start_encoding()
        for index in range(5 * seconds):
            frame = av.VideoFrame.from_ndarray(np.full((96, 96, 3), 8 * index % 256, np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(1000 * (index / 5 + late)), _MS
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for stream, track in zip(streams, tracks, strict=True):
            for number, (start, end, words) in enumerate(track.said):
                packet = av.Packet(packet_of(track.codec, words, number))
                packet.stream, packet.time_base = stream, _MS
                packet.pts = packet.dts = round(1000 * (start + late))
                packet.duration = round(1000 * (end - start))
                container.mux_one(packet)
    return path
