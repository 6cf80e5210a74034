"""Sound: the right samples from the right second on, in step with the pictures, and silence where there is none."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from pytestqt.qtbot import QtBot

from app.engine.media.sounding import BYTES_A_SECOND, Sound, default_output
from app.ingest.limits import Timeouts
from app.ingest.play import playing
from app.ingest.play.playing import SOUND_RATE, PlayingProcess
from tests.files import samples


def tones(path: Path, seconds: int = 6, rate: int = 44_100) -> Path:
    """A clip whose sound in second n is a tone of 300 × (n + 1) Hz."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=10)
        picture.width, picture.height, picture.pix_fmt = 160, 96, "yuv420p"
        sound: Any = container.add_stream("aac", rate=rate)
        for index in range(seconds * 10):
            frame = av.VideoFrame.from_ndarray(samples.frame_pixels(index), format="rgb24")
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        at = np.arange(seconds * rate)
        wave = (0.4 * np.sin(2 * np.pi * 300 * (at // rate + 1) * at / rate)).astype(np.float32)
        for start in range(0, len(wave), 1024):
            block = av.AudioFrame.from_ndarray(wave[None, start : start + 1024], format="fltp", layout="mono")
            block.sample_rate, block.pts, block.time_base = rate, start, Fraction(1, rate)
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))
    return path


def pitch(data: bytes) -> float:
    """The strongest frequency."""
    left = np.frombuffer(data, np.int16)[::2].astype(np.float32)
    return float(np.argmax(np.abs(np.fft.rfft(left * np.hanning(len(left))))) * SOUND_RATE / len(left))


class Tape:
    """A loudspeaker that takes everything at once and counts it as heard."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.starts = self.stops = 0

    def start(self) -> None:
        self.data.clear()
        self.starts += 1

    def room(self) -> int:
        return BYTES_A_SECOND // 4

    def write(self, samples: bytes) -> None:
        self.data += samples

    def played_s(self) -> float:
        return len(self.data) / BYTES_A_SECOND

    def stop(self) -> None:
        self.stops += 1


Made = tuple[Sound, Tape, list[float]]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[..., Made]]:
    made: list[Sound] = []

    def build(start_process: Callable[[], PlayingProcess] = PlayingProcess) -> Made:
        tape, heard = Tape(), []
        sound = Sound(tape, start_process)
        sound.heard.connect(heard.append)
        made.append(sound)
        return sound, tape, heard

    before = {child.pid for child in psutil.Process().children()}
    yield build
    for sound in made:
        sound.shutdown()
        assert not sound.running
    left = [child for child in psutil.Process().children() if child.pid not in before]
    assert not [child for child in left if "resource_tracker" not in " ".join(child.cmdline())]


def wait(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=60_000)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_the_sound_is_that_of_the_second(make: Callable[..., Made], qtbot: QtBot, tmp_path: Path, suffix: str) -> None:
    sound, tape, heard = make()
    sound.open(tones(tmp_path / f"a.{suffix}"))
    for second in (3, 1, 4):
        starts = tape.starts
        sound.play(second + 0.1, 1.0)
        wait(qtbot, lambda count=starts: tape.starts > count and len(tape.data) > 0.7 * BYTES_A_SECOND)
        data = bytes(tape.data)
        assert pitch(data[: int(0.7 * BYTES_A_SECOND)]) == pytest.approx(300 * (second + 1), abs=5)
        # The tone changes where the next second begins.
        wait(qtbot, lambda: len(tape.data) > 1.6 * BYTES_A_SECOND)
        later = bytes(tape.data[int(1.0 * BYTES_A_SECOND) : int(1.6 * BYTES_A_SECOND)])
        assert pitch(later) == pytest.approx(300 * (second + 2), abs=5)
        wait(qtbot, lambda: heard)
        assert heard[-1] > second
        heard.clear()
        sound.pause()


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0])
def test_another_speed_keeps_the_pitch(make: Callable[..., Made], qtbot: QtBot, tmp_path: Path, speed: float) -> None:
    sound, tape, heard = make()
    sound.open(tones(tmp_path / "a.mp4"))
    sound.play(2.0, speed)
    length = 0.6 * BYTES_A_SECOND / max(1.0, speed)
    wait(qtbot, lambda: len(tape.data) > length)
    assert pitch(bytes(tape.data[: int(length)])[: int(length) // 4 * 4]) == pytest.approx(900, abs=25)
    wait(qtbot, lambda: heard and tape.played_s() > 0.5)
    assert heard[-1] == pytest.approx(2.0 + tape.played_s() * speed, abs=0.6 * speed)


def test_the_end_is_silent_and_pausing_stops_at_once(make: Callable[..., Made], qtbot: QtBot, tmp_path: Path) -> None:
    sound, tape, _ = make()
    sound.open(tones(tmp_path / "a.mp4", seconds=2))
    sound.play(1.5, 1.0)
    wait(qtbot, lambda: tape.played_s() > 0.4)
    assert tape.played_s() < 0.7
    stops = tape.stops
    sound.pause()
    assert tape.stops == stops + 1
    assert not sound._timer.isActive()  # nothing more is written


def test_a_clip_without_sound_is_lost_and_nothing_breaks(
    make: Callable[..., Made], qtbot: QtBot, tmp_path: Path
) -> None:
    sound, _, _ = make()
    with qtbot.waitSignal(sound.lost, timeout=60_000):
        sound.open(samples.clip(tmp_path / "a.mp4"))
        sound.play(0, 1.0)
    assert sound.path is None


def _crashing(connection: Connection) -> None:
    playing._Side._more = lambda side, request: os._exit(5)  # type: ignore[assignment, method-assign]
    playing.main(connection)


def test_a_crash_is_silence(make: Callable[..., Made], qtbot: QtBot, tmp_path: Path) -> None:
    sound, _, _ = make(lambda: PlayingProcess(Timeouts(unit_s=2.0), _crashing))
    with qtbot.waitSignal(sound.lost, timeout=60_000):
        sound.open(tones(tmp_path / "a.mp4", seconds=1))
        sound.play(0, 1.0)


def test_without_a_device_there_is_no_output(qtbot: QtBot) -> None:
    """Here Qt Multimedia may be missing, or have nothing to speak to: both are no reason to fail."""
    from PySide6.QtCore import QObject

    parent = QObject()
    output = default_output(parent)
    if output is not None:
        started = time.monotonic()
        output.start()
        output.stop()
        assert time.monotonic() - started < 30
