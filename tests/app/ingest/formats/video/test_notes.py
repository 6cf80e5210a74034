"""What a clip holds beside its pictures is named."""

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
from tests import samples

_HEADER = (
    b"[Script Info]\nScriptType: v4.00+\n[V4+ Styles]\nFormat: Name\nStyle: Default\n"
    b"[Events]\nFormat: Layer, Start, End, Style, Text\n"
)


def notes(document: Document) -> str:
    return "\n".join(f"{skipped.where}: {skipped.why}" for skipped in document.skipped)


def rich_clip(path: Path, tracks: int = 1) -> Path:
    """A Matroska file with subtitles, two chapters, and some video tracks."""
    with av.open(str(path), "w") as container:
        videos = [container.add_stream("mpeg4", rate=5) for _ in range(tracks)]
        for video in videos:
            video.width, video.height, video.pix_fmt = 96, 96, "yuv420p"
        words = container.add_stream("srt", rate=1000)
        words.codec_context.subtitle_header = _HEADER
        words.metadata["language"], words.metadata["title"] = "eng", "Spoken words"
        container.set_chapters(
            [
                {"id": 1, "start": 0, "end": 1000, "time_base": Fraction(1, 1000), "metadata": {"title": "Opening"}},
                {
                    "id": 2,
                    "start": 1000,
                    "end": 2000,
                    "time_base": Fraction(1, 1000),
                    "metadata": {"title": "Delivery"},
                },
            ]
        )
        for index in range(10):
            for video in videos:
                frame = av.VideoFrame.from_ndarray(np.full((96, 96, 3), 20 * index, np.uint8), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, 5)
                container.mux(video.encode(frame))
        for video in videos:
            container.mux(video.encode(None))
    return path


def test_subtitles_chapters_and_further_tracks(reader: Reader, tmp_path: Path) -> None:
    found = notes(reader.read(rich_clip(tmp_path / "a.mkv", tracks=2)))
    assert "subtitles: The video has subtitles, which are not read: eng “Spoken words”." in found
    assert "chapters: The video has chapters: 00:00 “Opening”, 00:01 “Delivery”." in found
    assert "2 video tracks" in found


def test_a_plain_clip_has_no_notes(reader: Reader, tmp_path: Path) -> None:
    assert notes(reader.read(samples.clip(tmp_path / "a.mp4", seconds=2))) == ""


@pytest.mark.parametrize(
    ("data", "said"), [("fc9420fc9420", True), ("fc8080fd8080", False), ("f89420", False), ("", False), ("fc", False)]
)
def test_captions_are_told_from_padding(data: str, said: bool) -> None:
    class Side(bytes):
        type = Type.A53_CC

    assert captioned(SimpleNamespace(side_data=[Side(bytes.fromhex(data))])) is said
