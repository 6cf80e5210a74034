"""A video's sound: samples from a separate process, played by Qt Multimedia where that and a loudspeaker are there.

Nothing of the video is parsed in this process: Qt gets finished samples only. Without Qt Multimedia, without a device,
or where the sound's process is lost, videos play silently.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from app.engine.threads.worker import Worker
from app.ingest.play.playing import SOUND_RATE, Nothing, Piece, PlayingProcess
from app.ingest.process.child import LostError
from model.errors import LecternError

SHUTDOWN_S = 10.0
BYTES_A_SECOND = SOUND_RATE * 4
_BEAT_MS = 25
_HEARD_S = 0.25
_BUFFERED_S = 0.2
"""In the device: little enough that a pause is heard at once."""
_AHEAD = BYTES_A_SECOND
_POLL_S = 0.02
_log = logging.getLogger(__name__)


class Output(Protocol):
    """A loudspeaker that takes samples."""

    def start(self) -> None:
        """Start the output with empty buffers."""

    def room(self) -> int:
        """Bytes that it would take now."""

    def write(self, samples: bytes) -> None:
        """Queue samples for playing."""

    def played_s(self) -> float:
        """Seconds of sound that have been heard since the start."""

    def stop(self) -> None:
        """Stop at once and discard queued samples."""


class _QtOutput:
    """Output through Qt Multimedia."""

    def __init__(self, sink: Any) -> None:
        self._sink, self._device = sink, None
        self._written = 0

    def start(self) -> None:
        self._written = 0
        self._device = self._sink.start()

    def room(self) -> int:
        return int(self._sink.bytesFree()) if self._device is not None else 0

    def write(self, samples: bytes) -> None:
        if self._device is not None:
            self._written += max(0, int(self._device.write(samples)))

    def played_s(self) -> float:
        # What Qt calls processed is what was handed over on one system and what was heard on another.
        held = max(0, self._sink.bufferSize() - self._sink.bytesFree())
        return max(0.0, min(self._sink.processedUSecs() / 1e6, (self._written - held) / BYTES_A_SECOND))

    def stop(self) -> None:
        self._device = None
        self._sink.reset()
        self._sink.stop()


def default_output(parent: QObject) -> Output | None:
    """The system's own loudspeaker; ``None`` where there is none or Qt cannot speak to it."""
    try:
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices
    except (ImportError, OSError):
        return None
    device = QMediaDevices.defaultAudioOutput()
    shape = QAudioFormat()
    shape.setSampleRate(SOUND_RATE)
    shape.setChannelCount(2)
    shape.setSampleFormat(QAudioFormat.SampleFormat.Int16)
    if device.isNull() or not device.isFormatSupported(shape):
        return None
    sink = QAudioSink(device, shape, parent)
    sink.setBufferSize(round(_BUFFERED_S * BYTES_A_SECOND))
    return _QtOutput(sink)


class Sound(QObject):
    """Plays one video's sound at a time. Call ``shutdown`` before it is destroyed."""

    heard = Signal(float)
    """Seconds of the video, a few times a second while it sounds"""
    lost = Signal()
    """There will be no sound of this video any more."""

    _gone = Signal(int)

    def __init__(
        self,
        output: Output,
        start_process: Callable[[], PlayingProcess] = PlayingProcess,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._output, self._start_process = output, start_process
        self._thread: _SoundThread | None = None
        self._leaving: list[_SoundThread] = []
        self._number = 0
        self._path: Path | None = None
        self._speed = 1.0
        self._origin: float | None = None
        self._told = 0.0
        self._timer = QTimer(self, interval=_BEAT_MS)
        self._timer.timeout.connect(self._feed)
        self._gone.connect(self._on_gone)

    @property
    def running(self) -> bool:
        """Whether a thread runs."""
        return any(thread.running for thread in (self._thread, *self._leaving) if thread is not None)

    @property
    def path(self) -> Path | None:
        """The video that it belongs to."""
        return self._path

    def open(self, path: Path) -> None:
        """Another video; silent until ``play``."""
        self.close_file()
        self._path = path
        number = self._number
        self._thread = _SoundThread(path, self._start_process, lambda: self._gone.emit(number))

    def play(self, seconds: float, speed: float) -> None:
        """Play the sound from ``seconds`` at this speed."""
        if self._thread is not None:
            self._output.stop()
            self._speed, self._origin = speed, None
            self._thread.play(seconds, speed)
            self._timer.start()

    def pause(self) -> None:
        """Stop the sound; the video stays open."""
        self._timer.stop()
        self._origin = None
        self._output.stop()
        if self._thread is not None:
            self._thread.pause()

    def close_file(self) -> None:
        """Close the video."""
        self.pause()
        self._number += 1
        self._path = None
        self._leaving = [thread for thread in self._leaving if thread.running]
        if self._thread is not None:
            self._thread.leave()
            self._leaving.append(self._thread)
        self._thread = None

    def shutdown(self) -> None:
        """End thread and process, and wait for it."""
        self.close_file()
        for thread in self._leaving:
            thread.end(SHUTDOWN_S)

    def _feed(self) -> None:
        """Give the device what it has room for, and report what is heard."""
        thread = self._thread
        if thread is None:
            return
        if self._origin is None:
            origin = thread.origin()
            if origin is None:
                return  # the first piece is still being decoded
            self._origin = origin
            self._output.start()
        samples = thread.take(self._output.room() // 4 * 4)
        if samples:
            self._output.write(samples)
        played = self._output.played_s()
        if played > 0 and time.monotonic() - self._told > _HEARD_S:
            self._told = time.monotonic()
            self.heard.emit(self._origin + played * self._speed)

    def _on_gone(self, number: int) -> None:
        if number == self._number:
            self.close_file()
            self.lost.emit()


class _SoundThread(Worker):
    """Keeps about a second of samples ready."""

    def __init__(self, path: Path, start_process: Callable[[], PlayingProcess], gone: Callable[[], None]) -> None:
        super().__init__("lectern-sound")
        self._path, self._start_process, self._gone = path, start_process, gone
        self._wanted: tuple[float, float] | None = None
        self._pieces: deque[bytes] = deque()
        self._held = 0
        self._origin: float | None = None
        self._serial = 0
        self._waiting = self._ended = self._playing = False
        self.start()

    def play(self, seconds: float, speed: float) -> None:
        with self._changed:
            self._wanted, self._playing = (seconds, speed), True
            self._clear()
            self._changed.notify()

    def pause(self) -> None:
        with self._changed:
            self._wanted, self._playing = None, False
            self._clear()

    def origin(self) -> float | None:
        """The second at which the sound that is ready begins."""
        with self._changed:
            return self._origin if self._held else None

    def take(self, most: int) -> bytes:
        """At most ``most`` bytes of the samples that are ready."""
        taken = bytearray()
        with self._changed:
            while self._pieces and len(taken) < most:
                piece = self._pieces.popleft()
                fits = most - len(taken)
                taken += piece[:fits]
                if len(piece) > fits:
                    self._pieces.appendleft(piece[fits:])
            self._held -= len(taken)
            self._changed.notify()
        return bytes(taken)

    def _clear(self) -> None:
        self._pieces.clear()
        self._held, self._origin = 0, None
        self._serial += 1
        self._waiting = self._ended = False

    # On the thread

    def _work(self) -> None:
        process: PlayingProcess | None = None
        try:
            process = self._start_process()
            process.open_sound(self._path, self.ending)
            while not self.ending.is_set():
                self._ask(process)
                self._listen(process)
        except (LecternError, LostError) as error:
            _log.info("A video plays without sound: %s", error)
        except BaseException:  # no sound is no reason to end anything
            _log.exception("A video's sound was lost")
        finally:
            if process is not None:
                process.close()
        if not self.ending.is_set():
            self._gone()

    def _ask(self, process: PlayingProcess) -> None:
        with self._changed:
            wanted, self._wanted = self._wanted, None
            serial = self._serial
            more = self._playing and not self._waiting and not self._ended and self._held < _AHEAD
            if wanted is None and not more:
                if not self._waiting:
                    self._changed.wait(1.0)
                return
            self._waiting = True
        if wanted is not None:
            process.sound_from(serial, *wanted)
        else:
            process.more_sound(serial)

    def _listen(self, process: PlayingProcess) -> None:
        if not self._waiting:
            return
        answer = process.answer(_POLL_S, waiting=True)
        with self._changed:
            if answer is None or answer.serial != self._serial:
                return
            self._waiting = False
            if isinstance(answer, Nothing):
                self._ended = True
            elif isinstance(answer, Piece):
                if self._origin is None:
                    self._origin = answer.time_s
                self._pieces.append(answer.samples)
                self._held += len(answer.samples)
