"""The bridge from Qt to a playing video: one thread that waits on the playing process and keeps time.

The thread asks for a few pictures ahead and hands each one out when it is due; what comes too late is left out.
The event loop gets finished pictures only, and never more than it can take: of two that wait, the newer counts.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engine.media.playing_thread import At, Broken, Ended, News, Opened, PlayingThread
from app.engine.threads.outbox import Outbox
from app.ingest.play.playing import Missing, PlayingProcess, Shown, Whole

SHUTDOWN_S = 10.0


class PlayingBridge(QObject):
    """Plays one video at a time. Call ``shutdown`` before it is destroyed."""

    opened = Signal(object)
    """A video"""
    shown = Signal(object)
    """Shown: the picture to be seen now"""
    moved = Signal(float)
    """Seconds: where playing is, several times a second"""
    whole = Signal(int, object)
    """(number, Whole): a frame in full size"""
    missing = Signal(int)
    """(number): there is no such frame"""
    ended = Signal()
    """The end has been reached; playing has stopped there."""
    failed = Signal(object)
    """A Message. The process is gone; the next command starts another one."""

    def __init__(
        self, start_process: Callable[[], PlayingProcess] = PlayingProcess, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._start_process = start_process
        self._numbers = itertools.count(1)
        self._thread: PlayingThread | None = None
        self._leaving: list[PlayingThread] = []
        self._outbox: Outbox[tuple[int, News]] = Outbox(self._deliver, _merge, self)
        self._video = 0
        self._path: Path | None = None
        self._position = 0.0
        self._fit = (640, 360)
        self._speed = 1.0
        self._closing = False

    @property
    def running(self) -> bool:
        """Whether a video's thread still runs."""
        return any(thread.running for thread in (self._thread, *self._leaving) if thread is not None)

    @property
    def pid(self) -> int | None:
        """The playing process's number, while there is one."""
        return self._thread.pid if self._thread is not None else None

    def open(self, path: Path, position: float = 0.0) -> None:
        """Close what was open, and show this video's frame at ``position``."""
        self.close_video()
        self._path, self._position = path, position
        self._start()

    def close_video(self) -> None:
        """Close the video; its thread and process end by themselves."""
        self._video += 1  # later reports of the old thread are ignored
        self._path = None
        self._leave_thread()

    def play(self) -> None:
        """Continue from the current position, or from the start if at the end."""
        if (thread := self._running()) is not None:
            thread.play()

    def pause(self) -> None:
        """Pause at the current frame."""
        if self._thread is not None:
            self._thread.pause()

    def seek(self, seconds: float) -> None:
        """Show the frame on the screen at ``seconds``; if it was playing, it continues from there."""
        self._position = seconds
        if (thread := self._running()) is not None:
            thread.seek(seconds)

    def step(self, frames: int) -> None:
        """One frame on (1) or back (-1), and stay there."""
        if (thread := self._running()) is not None:
            thread.step(frames)

    def set_speed(self, speed: float) -> None:
        """How many seconds of the video a second shows."""
        self._speed = speed
        if self._thread is not None:
            self._thread.set_speed(speed)

    def set_heard(self, seconds: float) -> None:
        """Where the sound is: the pictures keep to it."""
        if self._thread is not None:
            self._thread.set_heard(seconds)

    def set_fit(self, width: int, height: int) -> None:
        """The size in pixels that pictures have to fit into."""
        self._fit = (max(16, width), max(16, height))
        if self._thread is not None:
            self._thread.set_fit(self._fit)

    def grab(self, seconds: float) -> int:
        """Ask for the frame at ``seconds`` in full size. The number under which it comes."""
        number = next(self._numbers)
        if (thread := self._running()) is not None:
            thread.grab(number, seconds)
        return number

    def shutdown(self) -> None:
        """End thread and process, and wait for it; no signal follows."""
        self._closing = True
        self.close_video()
        for thread in self._leaving:
            thread.end(SHUTDOWN_S)

    def _running(self) -> PlayingThread | None:
        """The thread; started anew at the last position where a video made its process crash."""
        if self._thread is None and self._path is not None and not self._closing:
            self._start()
        return self._thread

    def _start(self) -> None:
        if self._closing or self._path is None:
            return
        video = self._video
        self._thread = PlayingThread(
            self._path,
            self._position,
            self._fit,
            self._speed,
            self._start_process,
            lambda news: self._outbox.post((video, news), urgent=True),
        )

    @property
    def _seeking(self) -> bool:
        return self._thread is not None and self._thread.seeking

    def _leave_thread(self) -> None:
        """The event loop does not wait for it."""
        self._leaving = [thread for thread in self._leaving if thread.running]
        if self._thread is not None:
            self._thread.leave()
            self._leaving.append(self._thread)
        self._thread = None

    def _deliver(self, item: tuple[int, News]) -> None:
        video, news = item
        if video != self._video:
            return
        match news:
            case Opened(about):
                self.opened.emit(about)
            case Shown():
                if self._seeking and not news.passing:
                    news = replace(news, passing=True)  # asked for before the user went elsewhere
                elif not news.passing:
                    self._position = news.time_s
                self.shown.emit(news)
            case At(seconds):
                if not self._seeking:
                    self.moved.emit(seconds)
            case Whole():
                self.whole.emit(news.serial, news)
            case Missing(number):
                self.missing.emit(number)
            case Ended():
                self.ended.emit()
            case Broken(message):
                self._leave_thread()
                self.failed.emit(message)


def _merge(old: tuple[int, News], new: tuple[int, News]) -> tuple[int, News] | None:
    """Of two pictures that wait to be drawn, and of two positions, the newer one counts."""
    same = old[0] == new[0] and type(old[1]) is type(new[1]) and isinstance(new[1], Shown | At)
    return new if same else None
