"""Frames by time: the right ones, with the times that they have in the file, without decoding everything."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from app.ingest.formats.pictures import Spool
from app.ingest.formats.video import frames
from app.ingest.formats.video import reader as video
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Frame, ReadOptions
from model.errors import IngestError
from tests.files import samples


def times(document: Document) -> list[float]:
    return [round(frame.time_s, 3) for frame in document.frames]


def red(frame: Frame) -> float:
    """The number that a frame of ``samples.clip`` carries, from its bottom right quarter."""
    pixels = np.frombuffer(frame.picture.read(), np.uint8)
    pixels = pixels.reshape(frame.picture.height, frame.picture.width, 3)
    return float(pixels[-40:, -40:, 0].mean()) / 4


def shown_at(path: Path, target: float) -> float:
    """By decoding everything: the time of the frame that is on the screen."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        start, base = stream.start_time or 0, stream.time_base
        every = [float((frame.pts - start) * base) for frame in container.decode(stream)]
    return max((time for time in every if time <= target + 0.0005), default=every[0])


def sampled(path: Path, form: str, most: int) -> dict[float, float]:
    """For each second that is looked at, when the frame on the screen began."""
    with video.open_container(path, form) as container:
        stream = video.video_stream(container)
        sampler = video.Sampler(container, stream)
        found = {
            target: sampler.at(target) for target in video.sample_times(video.duration_of(container, stream), most)
        }
    return {target: one.time for target, one in found.items() if one is not None}


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("mp4", "mpeg4"),
        ("mp4", "libx264"),
        ("mkv", "mpeg4"),
        ("avi", "mpeg4"),
        ("webm", "libvpx"),
        ("ts", "mpeg2video"),
        ("mpg", "mpeg1video"),
    ],
)
def test_one_frame_a_second(reader: Reader, tmp_path: Path, suffix: str, codec: str) -> None:
    rate = 25 if codec.endswith("video") else 10
    document = reader.read(samples.clip(tmp_path / f"a.{suffix}", seconds=4, codec=codec, rate=rate))
    assert document.kind == "video"
    assert document.pages == ()
    assert times(document)[:3] == [0.0, 1.0, 2.0]
    assert document.frame_size == (96, 160)
    assert all(frame.picture.budget == 70 for frame in document.frames)
    for frame in document.frames:
        assert red(frame) == pytest.approx(min(63, frame.time_s * rate), abs=2.5)


def test_long_clips_are_sampled_evenly(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(samples.clip(tmp_path / "a.mp4", seconds=64, rate=2))
    assert times(document) == [2.0 * index for index in range(32)]
    assert document.duration_s == pytest.approx(64)
    document = reader.read(tmp_path / "a.mp4", ReadOptions(max_frames=4, budget=140))
    assert times(document) == [0.0, 16.0, 32.0, 48.0]
    assert {frame.picture.budget for frame in document.frames} == {140}


def test_variable_frame_rate(reader: Reader, tmp_path: Path) -> None:
    """Each frame stays on the screen until the next, and none is given twice."""
    shown = [0.0, 0.1, 0.2, 1.5, 4.0, 4.05, 9.7]
    document = reader.read(samples.clip(tmp_path / "a.mp4", times=shown))
    assert times(document) == [0.0, 1.0, 2.0, 4.0, 5.0]
    for frame, own in zip(document.frames, [0.0, 0.2, 1.5, 4.0, 4.05], strict=True):
        assert red(frame) == pytest.approx(shown.index(own), abs=1.5)


@pytest.mark.parametrize("gop", [1, 7, 300])
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "avi"])
def test_sampling_equals_decoding_everything(tmp_path: Path, suffix: str, gop: int) -> None:
    path = samples.clip(tmp_path / f"a.{suffix}", seconds=25, gop=gop, codec="mpeg4")
    begun = sampled(path, {"mkv": "matroska", "mp4": "mov"}.get(suffix, suffix), 9)
    assert list(begun) == [0, 2, 5, 8, 11, 13, 16, 19, 22]
    assert begun == {target: shown_at(path, target) for target in begun}


def test_b_frames_and_irregular_times(tmp_path: Path) -> None:
    chosen = random.Random(7)
    shown = [0.0]
    for _ in range(150):
        shown.append(round(shown[-1] + chosen.choice([0.02, 0.04, 0.3]), 3))
    path = samples.clip(tmp_path / "a.mp4", times=shown, codec="libx264", gop=40)
    begun = sampled(path, "mov", 7)
    assert len(begun) == 7
    assert begun == {target: shown_at(path, target) for target in begun}


def test_a_clip_that_starts_late_counts_from_its_own_start(reader: Reader, tmp_path: Path) -> None:
    path = samples.clip(tmp_path / "a.mkv", times=[5 + index / 10 for index in range(30)])
    document = reader.read(path)
    assert times(document) == [0.0, 1.0, 2.0]
    assert document.duration_s == pytest.approx(3, abs=0.11)


def test_seeking_decodes_a_fraction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = samples.clip(tmp_path / "a.mp4", seconds=100, gop=10)
    decoded = 0
    found = video.Found

    def count(*args: object) -> video.Found:
        nonlocal decoded
        decoded += 1
        return found(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(video, "Found", count)
    (tmp_path / "spool").mkdir()
    spool = Spool(tmp_path / "spool", 1 << 30)
    messages = list(frames.read_video(path, "mov", ReadOptions(max_frames=5), spool))
    assert sum(message["kind"] == "frame" for message in messages) == 5
    assert decoded < 5 * 20


def messages(path: Path, spool: Path, form: str = "mov", most: int = 9, room: int = 1 << 30) -> list[dict[str, Any]]:
    spool.mkdir()
    return list(frames.read_video(path, form, ReadOptions(max_frames=most), Spool(spool, room)))


def sides(path: Path, form: str, most: int) -> int:
    """How many decoders would read a clip."""
    with video.open_container(path, form) as container:
        stream = video.video_stream(container)
        targets = video.sample_times(video.duration_of(container, stream), most)
        return 1 if len(frames._groups(container, stream, targets)) == 1 else 2


@pytest.mark.parametrize(("suffix", "form"), [("mp4", "mov"), ("mkv", "matroska")])
def test_two_decoders_give_what_one_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, form: str
) -> None:
    path = samples.clip(tmp_path / f"a.{suffix}", seconds=40, gop=15, codec="libx264")
    monkeypatch.setattr(frames, "_cores", lambda: 2)
    assert sides(path, form, most=9) == 2
    by_two = messages(path, tmp_path / "two", form)
    monkeypatch.setattr(frames, "_cores", lambda: 1)
    assert sides(path, form, most=9) == 1
    by_one = messages(path, tmp_path / "one", form)
    assert by_two == by_one
    assert sum(message["kind"] == "frame" for message in by_one) == 9


@pytest.mark.parametrize(("gop", "most"), [(400, 9), (200, 8), (10, 3)])
def test_few_key_frames_are_left_to_one_decoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gop: int, most: int
) -> None:
    """A second one would decode most of the clip again."""
    monkeypatch.setattr(frames, "_cores", lambda: 2)
    assert sides(samples.clip(tmp_path / "a.mp4", seconds=40, gop=gop), "mov", most) == 1


@pytest.mark.parametrize("cores", [1, 2])
def test_a_full_folder_keeps_the_frames_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    path = samples.clip(tmp_path / "a.mp4", seconds=20, gop=10)
    monkeypatch.setattr(frames, "_cores", lambda: cores)
    one = [message for message in messages(path, tmp_path / "all") if message["kind"] == "frame"][-1]["picture"]
    size = one["height"] * one["width"] * 3
    told = messages(path, tmp_path / "some", room=4 * size + 1)
    kept = [message["index"] for message in told if message["kind"] == "frame"]
    assert kept == list(range(len(kept))) and 1 <= len(kept) <= 4
    assert "has no room for more" in str([message for message in told if message["kind"] == "skipped"][-1]["why"])
    with pytest.raises(IngestError, match="has no room for more"):
        messages(path, tmp_path / "none", room=1)


@pytest.mark.parametrize(("turn", "corner"), [(90, "top right"), (180, "bottom right"), (270, "bottom left")])
def test_rotation(reader: Reader, tmp_path: Path, turn: int, corner: str) -> None:
    document = reader.read(samples.rotated_clip(tmp_path / "a.mp4", turn, seconds=1))
    picture = document.frames[0].picture
    assert document.frame_size == ((96, 160) if turn == 180 else (160, 96))
    assert (picture.height > picture.width) == (turn != 180)
    pixels = np.frombuffer(picture.read(), np.uint8).reshape(picture.height, picture.width, 3)
    green = {
        f"{vertical} {horizontal}": pixels[rows, columns, 1].mean()
        for vertical, rows in (("top", slice(0, 24)), ("bottom", slice(-24, None)))
        for horizontal, columns in (("left", slice(0, 24)), ("right", slice(-24, None)))
    }
    assert max(green, key=lambda name: green[name]) == corner


def test_an_absurd_rotation_is_said_and_not_obeyed(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(samples.rotated_clip(tmp_path / "a.mp4", "absurd"))
    assert document.frame_size == (96, 160)
    assert [("rotation" in str(note.why)) for note in document.skipped] == [True]


def test_pixels_that_are_not_square(reader: Reader, tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 160, 160, "yuv420p"
        stream.codec_context.sample_aspect_ratio = Fraction(2, 1)
        for index in range(5):
            frame = av.VideoFrame.from_ndarray(samples.frame_pixels(index, (160, 160)), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert reader.read(tmp_path / "a.mkv").frame_size == (160, 320)


def test_sound_beside_the_picture_is_no_obstacle(reader: Reader, tmp_path: Path) -> None:
    assert times(reader.read(samples.clip(tmp_path / "a.mp4", seconds=3, audio=True))) == [0.0, 1.0, 2.0]


def test_damage_in_the_middle_costs_some_frames_only(reader: Reader, tmp_path: Path) -> None:
    data = bytearray(samples.clip(tmp_path / "a.mkv", seconds=10, codec="libx264").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = bytes(400)
    (tmp_path / "b.mkv").write_bytes(bytes(data))
    assert len(reader.read(tmp_path / "b.mkv").frames) >= 5


@pytest.mark.parametrize(
    ("duration", "most", "expected"),
    [
        (0.0, 32, [0.0]),
        (0.5, 32, [0.0]),
        (3.0, 32, [0, 1, 2]),
        (3.2, 32, [0, 1, 2, 3]),
        (10, 4, [0, 2, 5, 7]),
    ],
)
def test_sample_times(duration: float, most: int, expected: list[float]) -> None:
    assert video.sample_times(duration, most) == pytest.approx(expected)
