"""The second that stands before a frame: one each, rising, and what is shown at that second is that frame."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from app.chat.documents import document_parts
from app.ingest.kinds import sniff
from app.ingest.play.player import Playback
from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions
from app.text.times import mm_ss
from model.types import Picture, TextPart

_BASE = Fraction(1, 60_000)


def grey_clip(path: Path, times: list[Fraction], codec: str = "mpeg4", gop: int = 12) -> Path:
    """A clip whose ``n``-th frame, shown at ``times[n]``, is one grey that neighbouring frames do not have."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=30)
        stream.width, stream.height, stream.pix_fmt = 96, 96, "yuv420p"
        stream.codec_context.gop_size = gop
        stream.codec_context.time_base = stream.time_base = _BASE
        stream.bit_rate = 2_000_000
        for index, shown in enumerate(times):
            pixels = np.full((96, 96, 3), 20 + index * 37 % 210, np.uint8)
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = round(shown / _BASE), _BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def grey(picture: Picture) -> float:
    return float(np.frombuffer(picture.read(), np.uint8).mean())


def evenly(rate: Fraction, seconds: float, late: float = 0.0) -> list[Fraction]:
    return [Fraction(late) + index / rate for index in range(int(seconds * rate))]


def unevenly(seconds: float) -> list[Fraction]:
    chosen, times = random.Random(5), [Fraction(0)]
    while times[-1] < seconds:
        times.append(times[-1] + Fraction(chosen.choice([17, 33, 41, 250, 1300]), 1000))
    return times


CLIPS = {
    "23.976": evenly(Fraction(24000, 1001), 5),
    "24": evenly(Fraction(24), 5),
    "25": evenly(Fraction(25), 5),
    "29.97": evenly(Fraction(30000, 1001), 5),
    "30": evenly(Fraction(30), 5),
    "59.94": evenly(Fraction(60000, 1001), 5),
    "variable": unevenly(9),
    "first frame late": evenly(Fraction(30000, 1001), 5, late=1.7),
    "first frame after a gap": [Fraction(0), *evenly(Fraction(24000, 1001), 4, late=2.3)],
    "long": evenly(Fraction(30000, 1001), 47),
}


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize("name", CLIPS)
def test_what_is_shown_at_a_label_is_its_frame(reader: Reader, tmp_path: Path, name: str, suffix: str) -> None:
    path = grey_clip(tmp_path / f"a.{suffix}", CLIPS[name])
    document = reader.read(path, ReadOptions(max_frames=32))
    labels = [mm_ss(frame.time_s) for frame in document.frames]
    assert labels == sorted(set(labels))
    assert labels[0] == "00:00"
    if name[0].isdigit():
        assert labels[:5] == ["00:00", "00:01", "00:02", "00:03", "00:04"]
    playback = Playback(path, sniff(path).format)
    for frame, label in zip(document.frames, labels, strict=True):
        clicked = 60.0 * int(label[:-3]) + int(label[-2:])
        part, named = reader.region(path, (0, 0, 1, 1), 70, time_s=clicked)
        assert named is not None and mm_ss(named) == label
        assert grey(part) == pytest.approx(grey(frame.picture), abs=3)
        *_, (_, shown, on_the_way) = playback.seek(clicked, before=False, newer=lambda: False)
        assert not on_the_way
        assert float(shown.to_ndarray(format="rgb24").mean()) == pytest.approx(grey(frame.picture), abs=3)
    playback.close()


def test_the_heading_of_short_clips(reader: Reader, tmp_path: Path) -> None:
    def heading(seconds: float) -> str:
        document = reader.read(grey_clip(tmp_path / "a.mp4", evenly(Fraction(30), seconds)))
        return "".join(part.text for part in document_parts(1, document) if isinstance(part, TextPart)).splitlines()[1]

    assert heading(0.3) == "Document 1: a.mp4 (video, less than a second long, 1 frame with its time)"
    assert heading(2) == "Document 1: a.mp4 (video, 00:02 long, 2 frames with their times)"
