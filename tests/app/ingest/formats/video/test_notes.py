"""What a clip holds beside its pictures and words is named."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
from av.sidedata.sidedata import Type

from app.ingest.formats.video.notes import captioned
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from tests.files import samples


def notes(document: Document) -> str:
    return "\n".join(f"{skipped.where}: {skipped.why}" for skipped in document.skipped)


def test_further_tracks_of_pictures_are_named(reader: Reader, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        videos = [container.add_stream("mpeg4", rate=5) for _ in range(2)]
        for video in videos:
            video.width, video.height, video.pix_fmt = 96, 96, "yuv420p"
        for index in range(5):
            for video in videos:
                frame = av.VideoFrame.from_ndarray(np.full((96, 96, 3), 20 * index, np.uint8), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 5)
                container.mux(video.encode(frame))
        for video in videos:
            container.mux(video.encode(None))
    assert "2 video tracks" in notes(reader.read(tmp_path / "a.mkv"))


def test_a_plain_clip_has_no_notes(reader: Reader, tmp_path: Path) -> None:
    assert notes(reader.read(samples.clip(tmp_path / "a.mp4", seconds=2))) == ""


@pytest.mark.parametrize(
    ("data", "said"), [("fc9420fc9420", True), ("fc8080fd8080", False), ("f89420", False), ("", False), ("fc", False)]
)
def test_captions_are_told_from_padding(data: str, said: bool) -> None:
    class Side(bytes):
        type = Type.A53_CC

    assert captioned(SimpleNamespace(side_data=[Side(bytes.fromhex(data))])) is said
