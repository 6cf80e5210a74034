"""Playing a clip through the real process: right pictures at right times, exact seeks, and every bad end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil
import pytest
from pytestqt.qtbot import QtBot

from app.engine.media.playing import PlayingBridge
from app.ingest.limits import Timeouts
from app.ingest.play import playing
from app.ingest.play.playing import PlayingProcess, Shown, Video, Whole
from model.messages import Message
from tests.files import samples


class Listener:
    """What a bridge has said."""

    def __init__(self, bridge: PlayingBridge) -> None:
        self.clips: list[Video] = []
        self.shown: list[Shown] = []
        self.moved: list[float] = []
        self.wholes: list[tuple[int, Whole]] = []
        self.failures: list[Message] = []
        self.ends = 0
        bridge.opened.connect(self.clips.append)
        bridge.shown.connect(self.shown.append)
        bridge.moved.connect(self.moved.append)
        bridge.whole.connect(lambda number, whole: self.wholes.append((number, whole)))
        bridge.failed.connect(self.failures.append)
        bridge.ended.connect(self._end)

    def _end(self) -> None:
        self.ends += 1

    @property
    def times(self) -> list[float]:
        return [round(picture.time_s, 3) for picture in self.shown if not picture.passing]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[..., tuple[PlayingBridge, Listener]]]:
    made: list[tuple[PlayingBridge, list[int]]] = []

    def start(start_process: Callable[[], PlayingProcess] = PlayingProcess) -> tuple[PlayingBridge, Listener]:
        pids: list[int] = []

        def remember() -> PlayingProcess:
            process = start_process()
            assert process.pid is not None
            pids.append(process.pid)
            return process

        bridge = PlayingBridge(remember)
        made.append((bridge, pids))
        return bridge, Listener(bridge)

    yield start
    for bridge, pids in made:
        bridge.shutdown()
        assert not bridge.running
        assert not any(psutil.pid_exists(pid) for pid in pids)


def red(picture: Shown | Whole) -> float:
    """The number that a frame of ``samples.clip`` carries."""
    at = ((picture.height - 5) * picture.width + picture.width - 5) * 4
    return picture.pixels[at + 2] / 4


def wait(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=60_000)


def test_opening_shows_the_first_frame(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    bridge.set_fit(80, 80)
    bridge.open(samples.clip(tmp_path / "a.mp4", seconds=3, codec="libx264"))
    wait(qtbot, lambda: said.shown)
    assert said.times == [0.0]
    assert (said.shown[0].width, said.shown[0].height) == (80, 48)
    clip = said.clips[0]
    assert (clip.width, clip.height, clip.sound) == (160, 96, False)
    assert clip.duration_s == pytest.approx(3, abs=0.11)


def test_playing_shows_rising_frames_in_time_and_ends(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    bridge.open(samples.clip(tmp_path / "a.mp4", seconds=2))
    wait(qtbot, lambda: said.shown)
    started = time.monotonic()
    bridge.play()
    wait(qtbot, lambda: said.ends)
    assert time.monotonic() - started > 1.6
    assert said.times == sorted(set(said.times))
    assert said.times[-1] == 1.9 and len(said.times) >= 8
    for picture in said.shown:
        assert red(picture) == pytest.approx(picture.time_s * 10, abs=1.6)
    assert said.moved == sorted(said.moved)
    bridge.play()  # from the start again
    wait(qtbot, lambda: said.ends == 2)
    assert said.times.count(0.0) == 2


@pytest.mark.parametrize("gop", [1, 12, 300])
@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "libx264"), ("mkv", "mpeg4"), ("ts", "mpeg2video")])
def test_seeking_is_exact_to_the_frame(
    make: Callable[..., tuple[PlayingBridge, Listener]],
    qtbot: QtBot,
    tmp_path: Path,
    suffix: str,
    codec: str,
    gop: int,
) -> None:
    bridge, said = make()
    rate = 25 if codec.endswith("video") else 10
    bridge.open(samples.clip(tmp_path / f"a.{suffix}", seconds=6, rate=rate, gop=gop, codec=codec))
    wait(qtbot, lambda: said.shown)
    for target in (3.0, 5.05, 0.31, 2.39, 4.0, 0.0, 99.0):
        before = len(said.times)
        bridge.seek(target)
        wait(qtbot, lambda count=before: len(said.times) > count)
        expected = min(int(target * rate + 0.01), round(6 * rate) - 1) / rate
        assert said.times[-1] == pytest.approx(expected, abs=0.001), target


def test_single_frames_on_and_back(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    shown = [0.0, 0.1, 0.2, 1.5, 2.0, 2.05, 3.7]
    bridge.open(samples.clip(tmp_path / "a.mp4", times=shown, codec="libx264"))
    wait(qtbot, lambda: said.shown)
    for step, time_s in ((1, 0.1), (1, 0.2), (1, 1.5), (-1, 0.2), (1, 1.5), (1, 2.0), (1, 2.05), (-1, 2.0), (-1, 1.5)):
        before = len(said.times)
        bridge.step(step)
        wait(qtbot, lambda count=before: len(said.times) > count)
        assert said.times[-1] == time_s
    bridge.step(3)
    wait(qtbot, lambda: said.times[-1] == 3.7)


def test_a_frame_in_full_size_while_it_plays(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    bridge.set_fit(40, 40)
    bridge.open(samples.rotated_clip(tmp_path / "a.mp4", 90, seconds=3))
    bridge.play()
    wait(qtbot, lambda: len(said.shown) > 3)
    number = bridge.grab(2.15)
    wait(qtbot, lambda: said.wholes)
    assert [(n, w.time_s, w.width, w.height) for n, w in said.wholes] == [(number, 2.1, 96, 160)]
    before = len(said.shown)
    wait(qtbot, lambda: len(said.shown) > before)  # it goes on


def test_a_frame_that_is_not_there_is_said_and_playing_goes_on(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    missing: list[int] = []
    bridge.missing.connect(missing.append)
    path = samples.clip(tmp_path / "a.mp4", seconds=3)
    bridge.open(path)
    wait(qtbot, lambda: said.shown)
    data = path.read_bytes()
    path.write_bytes(b"")  # it is still open for playing, and cannot be opened again
    number = bridge.grab(1.0)
    wait(qtbot, lambda: missing == [number])
    path.write_bytes(data)
    bridge.seek(2.0)
    wait(qtbot, lambda: said.times[-1] == 2.0)
    assert said.failures == []


def test_pause_speed_and_a_new_size(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    bridge.open(samples.clip(tmp_path / "a.mp4", seconds=20))
    bridge.set_speed(2.0)
    bridge.play()
    wait(qtbot, lambda: said.times and said.times[-1] > 1)
    bridge.pause()
    bridge.set_fit(32, 32)
    wait(qtbot, lambda: said.shown[-1].width == 32)  # of two pictures that wait to be drawn the newer one counts
    stayed = said.times[-1]
    assert 1 < stayed < 20
    bridge.set_fit(64, 64)
    wait(qtbot, lambda: said.shown[-1].width == 64)
    assert said.times[-1] == stayed  # it stands: the same frame in the new size
    assert red(said.shown[-1]) == pytest.approx(stayed * 10, abs=1.6)


def test_many_seeks_end_at_the_last_one(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    bridge.open(samples.clip(tmp_path / "a.mp4", seconds=20, gop=300))
    for index in range(200):
        bridge.seek(index / 10)
    wait(qtbot, lambda: said.times and said.times[-1] == 19.9)
    assert len(said.shown) < 150


@pytest.mark.parametrize("content", [b"", b"\0\0\0\x18ftypmp42" + bytes(200), b"%PDF-1.4 none", b"text only"])
def test_what_cannot_be_played_says_why(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path, content: bytes
) -> None:
    bridge, said = make()
    (tmp_path / "a.mp4").write_bytes(content)
    bridge.open(tmp_path / "a.mp4")
    wait(qtbot, lambda: said.failures)
    assert str(said.failures[0]).endswith(".") and len(said.failures) == 1
    wait(qtbot, lambda: not bridge.running)


def test_a_truncated_clip_plays_as_far_as_it_goes(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    whole = samples.clip(tmp_path / "a.ts", seconds=2, rate=25, codec="mpeg2video")
    bridge.open(samples.truncated(tmp_path / "b.ts", whole, 0.5))
    bridge.play()
    wait(qtbot, lambda: said.ends or said.failures)
    assert said.ends and 0.3 < said.times[-1] < 1.5


def _misbehaving(connection: Connection) -> None:
    """Plays, but crashes, hangs or lies from second 1 on, as the clip's name says."""
    real = playing._Side._picture

    def picture(side: Any, request: dict[str, Any], time_s: float, frame: Any, passing: bool = False) -> Any:
        name = side._where[0].name
        about, pixels = real(side, request, time_s, frame, passing)
        if time_s >= 1:
            if "crash" in name:
                os._exit(7)
            if "hang" in name:
                threading.Event().wait(60)
            if "lie" in name:
                about = about | {"width": 5000}
        return about, pixels

    playing._Side._picture = picture  # type: ignore[method-assign]
    playing.main(connection)


@pytest.mark.parametrize("how", ["crash", "hang", "lie"])
def test_a_process_that_misbehaves_costs_a_sentence_and_can_be_started_again(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path, how: str
) -> None:
    bridge, said = make(lambda: PlayingProcess(Timeouts(unit_s=1.0), _misbehaving))
    bridge.open(samples.clip(tmp_path / f"{how}.mp4", seconds=2))
    wait(qtbot, lambda: said.shown)
    bridge.play()
    wait(qtbot, lambda: said.failures)
    assert str(said.failures[0]).startswith("The video cannot be played. It ")
    bridge.seek(0.5)  # the next command starts another process
    wait(qtbot, lambda: said.times[-1] == 0.5)
    assert len(said.failures) == 1


def test_another_clip_replaces_the_first_and_nothing_of_it_comes_later(
    make: Callable[..., tuple[PlayingBridge, Listener]], qtbot: QtBot, tmp_path: Path
) -> None:
    bridge, said = make()
    bridge.open(samples.clip(tmp_path / "a.mp4", seconds=3))
    bridge.play()
    bridge.open(samples.clip(tmp_path / "b.mp4", seconds=5, size=(64, 64)))
    wait(qtbot, lambda: said.clips and said.clips[-1].width == 64)
    assert {clip.width for clip in said.clips} == {64}
    bridge.close_video()
    wait(qtbot, lambda: not bridge.running)
