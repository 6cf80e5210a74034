"""Shots are found where they are, to the frame for cuts; what looks like a cut and is none is left alone."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from app.ingest.filekind import Form
from app.ingest.formats.video import reader as video
from app.ingest.limits import Timeouts
from app.ingest.read import worker
from app.ingest.shots import finder as shots_module
from app.ingest.shots import reading
from app.ingest.shots.detection import CELLS, find_boundaries
from app.ingest.shots.finder import ShotFinder, ShotList, ShotOptions, ShotProgress
from app.ingest.shots.reading import read_shots
from model.errors import CancelledError, IngestError
from tests.files import samples, videos
from tests.files.videos import Draw, Known, Scene

SIZE = (192, 108)


@pytest.fixture(scope="module")
def finder() -> Iterator[ShotFinder]:
    with ShotFinder() as ours:
        yield ours


def starts(found: ShotList) -> list[float]:
    return [shot.start_s for shot in found.shots]


def scene(make: Callable[..., Draw], seed: int, seconds: float = 3.0, entry: str = "cut", **more: Any) -> Scene:
    return Scene(make(random.Random(seed), SIZE, **more), seconds, entry)


def near(found: ShotList, known: Known, within: float) -> None:
    assert starts(found) == pytest.approx([0.0, *known.cuts], abs=within)


@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "libx264"), ("mkv", "mpeg4")])
def test_hard_cuts_are_found_to_the_frame(finder: ShotFinder, tmp_path: Path, suffix: str, codec: str) -> None:
    scenes = [scene(videos.still, 1, 2.2), scene(videos.pan, 2, 3.4), scene(videos.walker, 3, 2.6)]
    scenes.append(scene(videos.shaky, 4, 2.0))
    known = videos.write(tmp_path / f"a.{suffix}", scenes, rate=20, codec=codec, gop=300)
    found = finder.find(known.path)
    near(found, known, 0.002)
    assert [shot.entered for shot in found.shots] == ["start", "cut", "cut", "cut"]
    assert found.shots[-1].end_s == pytest.approx(known.seconds, abs=0.1)
    assert [a.end_s for a in found.shots[:-1]] == starts(found)[1:]
    assert len(found.content_hash) == 64


def test_fades_and_dissolves_have_their_boundary_in_the_middle(finder: ShotFinder, tmp_path: Path) -> None:
    scenes = [scene(videos.still, 5), scene(videos.walker, 6, 4, "fade"), scene(videos.still, 7, 4, "dissolve")]
    known = videos.write(tmp_path / "a.mp4", scenes, rate=25)
    found = finder.find(known.path)
    near(found, known, 0.3)
    assert [shot.entered for shot in found.shots] == ["start", "fade", "dissolve"]
    for shot in found.shots:  # a picture of a scene is not taken out of its transition
        assert all(shot.start_s <= frame.time_s < shot.end_s for frame in shot.frames)
        if shot.entered != "start":
            assert shot.frames[0].time_s - shot.start_s > 0.2


def test_titles_on_one_background_are_scenes(finder: ShotFinder, tmp_path: Path) -> None:
    background = videos.texture(random.Random(8), SIZE)
    scenes = [Scene(videos.title(background, words), 2.5) for words in ("Harbour", "Market", "Garden")]
    known = videos.write(tmp_path / "a.mp4", scenes, rate=10)
    near(finder.find(known.path), known, 0.002)


def flashing(seed: int) -> Draw:
    rng = random.Random(seed)
    return videos.flashing(videos.walker(rng, SIZE), rng, 6.0)


@pytest.mark.parametrize(
    "draw",
    [
        videos.pan(random.Random(9), SIZE, 0.15),
        videos.shaky(random.Random(10), SIZE),
        videos.walker(random.Random(11), SIZE),
        videos.drifting_light(random.Random(12), SIZE),
        videos.noisy(random.Random(13), SIZE),
        videos.still(random.Random(14), SIZE),
        flashing(15),
    ],
    ids=["pan", "shaky", "walker", "light", "noise", "still", "flashes"],
)
def test_what_is_no_cut_is_left_alone(finder: ShotFinder, tmp_path: Path, draw: Draw) -> None:
    known = videos.write(tmp_path / "a.mp4", [Scene(draw, 6.0)], rate=25)
    assert starts(finder.find(known.path)) == [0.0]


@pytest.mark.parametrize("late", [0.0, 4.5])
def test_variable_rates_and_late_starts_keep_the_files_own_times(
    finder: ShotFinder, tmp_path: Path, late: float
) -> None:
    scenes = [scene(videos.still, 16, 3.1), scene(videos.walker, 17, 2.7), scene(videos.still, 18, 3.0)]
    known = videos.write(tmp_path / "a.mkv", scenes, rate=10, variable=True, late=late)
    near(finder.find(known.path), known, 0.31)


def test_a_turned_clip_has_the_same_scenes(finder: ShotFinder, tmp_path: Path) -> None:
    scenes = [scene(videos.still, 19), scene(videos.still, 20)]
    known = videos.write(tmp_path / "a.mp4", scenes, rate=10)
    upright = starts(finder.find(known.path))
    turned = samples.turned(known.path, tmp_path / "b.mp4", 90)
    found = finder.find(turned)
    assert starts(found) == upright
    picture = found.shots[0].frames[0].picture
    assert picture.height > picture.width


def test_more_frames_where_more_happens_and_never_more_than_allowed(finder: ShotFinder, tmp_path: Path) -> None:
    scenes = [scene(videos.still, 21, 6), scene(videos.shaky, 22, 6), scene(videos.still, 23, 6)]
    known = videos.write(tmp_path / "a.mp4", scenes, rate=20)
    found = finder.find(known.path)
    counts = [len(shot.frames) for shot in found.shots]
    assert counts[1] >= 4 and counts[0] == counts[2] == 1
    assert all(shot.thumbnail.startswith(b"\x89PNG") for shot in found.shots)
    for frame in found.shots[1].frames:
        assert len(frame.picture.read()) == frame.picture.height * frame.picture.width * 3
    few = finder.find(known.path, ShotOptions(max_frames=3, max_shots=2, budget=140))
    assert len(few.shots) == 2  # the stronger of the two cuts
    assert sum(len(shot.frames) for shot in few.shots) <= 3
    assert {frame.picture.budget for shot in few.shots for frame in shot.frames} == {140}


def test_progress_comes_in_order_and_cancelling_ends_soon(finder: ShotFinder, tmp_path: Path) -> None:
    known = videos.write(tmp_path / "a.mp4", [scene(videos.still, 24), scene(videos.still, 25)], rate=10)
    said: list[ShotProgress] = []
    finder.find(known.path, None, said.append)
    assert said[-1] == ShotProgress("picking", 1, 2)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        finder.find(known.path, None, None, cancel)
    assert len(finder.find(known.path).shots) == 2  # the next search is not disturbed


@pytest.mark.parametrize("content", [b"", b"\0\0\0\x18ftypmp42" + bytes(300), b"%PDF-1.4 none", b"only text"])
def test_what_is_no_clip_is_refused_with_a_sentence(finder: ShotFinder, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(IngestError, match=r"\.$"):
        finder.find(tmp_path / "a.mp4")


def test_a_truncated_clip_gives_what_there_is(finder: ShotFinder, tmp_path: Path) -> None:
    scenes = [scene(videos.still, 26, 2.0), scene(videos.still, 27, 2.0), scene(videos.still, 28, 2.0)]
    whole = videos.write(tmp_path / "a.mkv", scenes, rate=10)
    found = finder.find(samples.truncated(tmp_path / "b.mkv", whole.path, 0.8))
    assert starts(found)[:2] == pytest.approx([0, 2], abs=0.01)


def _misbehaving(connection: Connection) -> None:
    def read(path: Path, form: Form, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for message in shots_module._read(path, form, request):
            if message["kind"] == "shots":
                if "crash" in path.name:
                    os._exit(3)
                if "hang" in path.name:
                    threading.Event().wait(60)
                if "order" in path.name:
                    message["shots"] = [[0.0, 2.0, "start"], [1.0, 3.0, "cut"]]
            if message["kind"] == "frame" and "file" in path.name:
                message["picture"]["file"] = "../../etc/passwd"
            yield message

    worker.serve(connection, read)


@pytest.mark.parametrize("how", ["crash", "hang", "order", "file"])
def test_a_process_that_misbehaves_costs_a_sentence(tmp_path: Path, how: str) -> None:
    known = videos.write(tmp_path / f"{how}.mp4", [scene(videos.still, 29), scene(videos.still, 30)], rate=10)
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with ShotFinder(Timeouts(unit_s=1.5), entry=_misbehaving) as finder:
        with pytest.raises(IngestError, match=r"^The scenes could not be found\. It .*\.$"):
            finder.find(known.path)
        after = {child.pid for child in psutil.Process().children(recursive=True)} - before
        assert all("resource_tracker" in " ".join(psutil.Process(pid).cmdline()) for pid in after)


def test_an_hour_of_samples_is_judged_in_seconds() -> None:
    noise = np.random.default_rng(1)
    cells = np.repeat(noise.integers(0, 255, (72, CELLS * 3), np.uint8), 400, axis=0)
    cells = cells + noise.integers(0, 3, cells.shape, np.uint8)
    started = time.process_time()
    found = find_boundaries(cells, 8.0)
    assert [boundary.index for boundary in found] == [400 * number for number in range(1, 72)]
    assert time.process_time() - started < 60


def in_this_process(path: Path, folder: Path) -> list[dict[str, Any]]:
    folder.mkdir()
    request = {"budget": 70, "max_frames": 50, "max_shots": 50, "spool": str(folder), "remaining": 1 << 30}
    return list(read_shots(path, Form("video", "mov"), request))


@pytest.mark.parametrize(("coarse", "within"), [(False, 0.11), (True, 0.002)])
def test_a_clip_that_takes_too_long_is_looked_at_more_coarsely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coarse: bool, within: float
) -> None:
    """Without the frames that no other rests on; in the end at key frames, and then around each cut."""
    for name, value in {
        "_BEAT_S": 0.0,
        "_JUDGE_S": -1.0,
        "SLOW_S": -1.0,
        "TOO_SLOW_S": -1.0 if coarse else 1e9,
    }.items():
        monkeypatch.setattr(reading, name, value)
    decoded = 0
    found = video.Found

    def count(*args: Any) -> video.Found:
        nonlocal decoded
        decoded += 1
        return found(*args)

    monkeypatch.setattr(video, "Found", count)
    scenes = [scene(videos.still, number, 6.25) for number in (31, 32, 33, 34)]
    known = videos.write(tmp_path / "a.mp4", scenes, rate=20, gop=20)
    messages = in_this_process(known.path, tmp_path / "spool")
    shots = next(message["shots"] for message in messages if message["kind"] == "shots")
    assert [start for start, _, _ in shots] == pytest.approx([0.0, *known.cuts], abs=within)
    assert any("only every few seconds" in str(message.get("why", "")) for message in messages) == coarse
    assert decoded < (250 if coarse else 490)  # of 500


def test_a_clip_of_one_frame_is_one_scene(finder: ShotFinder, tmp_path: Path) -> None:
    found = finder.find(samples.clip(tmp_path / "a.mp4", times=[0.0]))
    assert len(found.shots) == 1 and len(found.shots[0].frames) == 1
