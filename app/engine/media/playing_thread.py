"""The thread that plays a video: asks its process for pictures ahead, and hands each out when its time has come."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from app.engine.threads.worker import Worker
from app.ingest.play.playing import Answer, Missing, Nothing, Piece, PlayingProcess, Shown, Video, Whole
from app.ingest.process.child import LostError
from model.errors import CancelledError, LecternError
from model.messages import Message, joined, msg

AHEAD = 3
"""Pictures that are asked for before they are due."""
_POLL_S = 0.02
_SEEK_S = 0.25
"""A seek may take so long before a newer one ends it."""
_TELL_S = 0.2
_DRIFT_S = 0.06
_STALLED_S = 1.0
"""Behind by more, the clock waits for the pictures."""
_HOLD_S = 30.0
"""The longest that the last frame is shown, whatever the file asks for."""
_log = logging.getLogger(__name__)
_UNEXPECTED = msg(
    "internal.playing", "Something unexpected went wrong while this video was played; the log has the details."
)


@dataclass(frozen=True, slots=True)
class Opened:
    """The video is open and can be played."""

    video: Video


@dataclass(frozen=True, slots=True)
class At:
    """The current playing position."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The end has been reached."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The video cannot be played any further; one sentence."""

    message: Message


News = Opened | Shown | At | Whole | Missing | Ended | Broken


@dataclass(slots=True)
class Wishes:
    """The window's requests that the thread has not yet taken up."""

    seek: float | None = None
    steps: int = 0
    playing: bool | None = None
    fit: tuple[int, int] | None = None
    speed: float | None = None
    heard: float | None = None
    grabs: deque[tuple[int, float]] = field(default_factory=deque)

    @property
    def any(self) -> bool:
        """Whether there is something to do."""
        simple = (self.seek, self.playing, self.fit, self.speed, self.heard)
        return bool(self.steps or self.grabs) or any(wish is not None for wish in simple)


class Clock:
    """The video's time while it plays; does not advance until started."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._media, self._wall = 0.0, 0.0
        self.running = False

    def start(self, media: float) -> None:
        """Start the clock at ``media`` seconds."""
        self._media, self._wall, self.running = media, time.monotonic(), True

    def stop(self) -> None:
        """Wait for the next start."""
        self.running = False

    def set_speed(self, speed: float) -> None:
        """Faster or slower from now on."""
        self._media, self._wall, self.speed = self.now(), time.monotonic(), speed

    def now(self) -> float:
        """The current position in the video, in seconds."""
        return self._media + (time.monotonic() - self._wall) * self.speed if self.running else self._media

    def until(self, media: float) -> float:
        """Seconds until it is ``media``."""
        return (media - self.now()) / self.speed


class PlayingThread(Worker):
    """Starts at once. Commands may come from any thread; ``tell`` is called on this one."""

    def __init__(
        self,
        path: Path,
        position: float,
        fit: tuple[int, int],
        speed: float,
        start_process: Callable[[], PlayingProcess],
        tell: Callable[[News], None],
    ) -> None:
        super().__init__("lectern-playing")
        self._path, self._tell, self._start_process = path, tell, start_process
        self._wishes = Wishes(seek=position)
        self._process: PlayingProcess | None = None
        self._video: Video | None = None
        self._fit = self._drawn_fit = fit
        self._clock = Clock()
        self._clock.speed = speed
        self._playing = self._at_end = False
        self._buffer: deque[Shown] = deque()
        self._serial = self._waiting = 0
        self._seeking = False
        self._sought = 0.0
        self._grabbing = 0
        self._position = position
        self._told = 0.0
        self._steps = 0
        self.start()

    @property
    def pid(self) -> int | None:
        """Process number of the playing process; ``None`` where none runs."""
        return self._process.pid if self._process is not None else None

    @property
    def seeking(self) -> bool:
        """Whether a seek is still on its way: what is shown meanwhile is not yet what was asked for."""
        with self._changed:
            return self._seeking or self._wishes.seek is not None

    # From the window

    def play(self) -> None:
        """Play from the current position."""
        self._wish(playing=True)

    def pause(self) -> None:
        """Pause at the current frame."""
        self._wish(playing=False)

    def seek(self, seconds: float) -> None:
        """Go there; of several that wait, the last one counts."""
        self._wish(seek=seconds, steps=0)

    def step(self, frames: int) -> None:
        """Single frames; several add up."""
        with self._changed:
            self._wishes.steps += frames
            self._wishes.playing = False
            self._changed.notify()

    def set_speed(self, speed: float) -> None:
        """Set the playing speed; 1 is normal."""
        self._wish(speed=speed)

    def set_fit(self, fit: tuple[int, int]) -> None:
        """Set the largest size of the pictures, in pixels."""
        self._wish(fit=fit)

    def set_heard(self, seconds: float) -> None:
        """What is heard right now: pictures follow the sound, never the other way."""
        self._wish(heard=seconds)

    def grab(self, number: int, seconds: float) -> None:
        """A frame in full size."""
        with self._changed:
            self._wishes.grabs.append((number, seconds))
            self._changed.notify()

    def _wish(self, **wishes: object) -> None:
        with self._changed:
            for name, value in wishes.items():
                setattr(self._wishes, name, value)
            self._changed.notify()

    # On the thread

    def _work(self) -> None:
        try:
            self._process = self._start_process()
            self._video = self._process.open(self._path, self.ending)
            self._tell(Opened(self._video))
            while not self.ending.is_set():
                self._take_up()
                self._ask_ahead()
                self._hand_out()
                self._wait()
        except CancelledError:
            pass
        except LostError as lost:
            self._tell(Broken(joined(msg("play.failed", "The video cannot be played."), lost.message)))
        except LecternError as error:
            self._tell(Broken(error.message))
        except BaseException:  # the window must hear of it whatever it was
            _log.exception("A video could not be played")
            self._tell(Broken(_UNEXPECTED))
        finally:
            if self._process is not None:
                self._process.close()

    def _take_up(self) -> None:
        """Do what the window wants, as far as nothing else is under way."""
        with self._changed:
            wishes = self._wishes
            self._wishes = Wishes()
            if wishes.seek is not None and self._seeking and time.monotonic() - self._sought < _SEEK_S:
                self._wishes.seek, wishes.seek = wishes.seek, None  # while a slider is dragged, pictures come too
            self._seeking = self._seeking or wishes.seek is not None
        if wishes.speed is not None:
            self._clock.set_speed(wishes.speed)
        if wishes.heard is not None and self._clock.running and abs(wishes.heard - self._clock.now()) > _DRIFT_S:
            self._clock.start(wishes.heard)
        if wishes.playing is not None:
            self._set_playing(wishes.playing)
        if wishes.fit is not None:
            self._fit = wishes.fit
        self._steps += wishes.steps
        if wishes.seek is not None:
            self._steps = 0
            self._seek(wishes.seek)
        elif self._seeking:
            pass
        elif self._steps:
            self._step()
        elif self._fit != self._drawn_fit and not self._playing:
            self._seek(self._position)
        self._grab(wishes.grabs)

    def _grab(self, grabs: deque[tuple[int, float]]) -> None:
        assert self._process is not None
        if grabs and self._seeking:
            with self._changed:
                self._wishes.grabs.extendleft(reversed(grabs))  # a request would end the seek
            return
        for number, seconds in grabs:
            self._process.whole(number, seconds)
            self._grabbing += 1

    def _set_playing(self, playing: bool) -> None:
        if playing and self._at_end:
            self._seek(0.0)
        if playing != self._playing:
            self._playing = playing
            self._clock.stop()
            if not playing:
                self._tell(At(self._position))

    def _seek(self, target: float, *, before: bool = False) -> None:
        assert self._process is not None and self._video is not None
        self._serial += 1
        self._buffer.clear()
        self._waiting, self._seeking, self._at_end = 1, True, False
        self._clock.stop()
        self._process.seek(
            self._serial, min(max(0.0, target), max(0.0, self._video.duration_s)), self._fit, before=before
        )

    def _step(self) -> None:
        """One frame on comes out of the buffer or the process, one back by a seek."""
        assert self._process is not None
        if self._steps < 0:
            self._steps += 1
            self._seek(self._position, before=True)
        elif self._buffer:
            self._steps -= 1
            self._show(self._buffer.popleft())
        elif self._at_end:
            self._steps = 0
        elif not self._waiting:
            self._process.next(self._serial, 0.0, self._fit)
            self._waiting += 1

    def _ask_ahead(self) -> None:
        assert self._process is not None
        if not self._playing or self._seeking or self._at_end:
            return
        while len(self._buffer) + self._waiting < AHEAD:
            earliest = self._clock.now() if self._clock.running else 0.0
            self._process.next(self._serial, earliest, self._fit)
            self._waiting += 1

    def _hand_out(self) -> None:
        """Show the newest picture that is due, tell where playing is, and stop at the end."""
        if not self._playing or self._seeking:
            return
        if self._buffer and not self._clock.running:
            self._clock.start(self._position)
        due: Shown | None = None
        while self._buffer and self._clock.until(self._buffer[0].time_s) <= 0.002:
            due = self._buffer.popleft()
        if due is not None:
            if self._clock.now() - due.time_s > _STALLED_S:
                self._clock.start(due.time_s)
            self._show(due)
        if self._at_end and not self._buffer and self._over():
            self._playing = False
            self._clock.stop()
            self._tell(Ended())
        elif self._clock.running and time.monotonic() - self._told > _TELL_S:
            self._told = time.monotonic()
            self._tell(At(min(self._clock.now(), self._length)))

    def _over(self) -> bool:
        last = min(self._length, self._position + _HOLD_S)
        return not self._clock.running or self._clock.until(last) <= 0

    @property
    def _length(self) -> float:
        assert self._video is not None
        return max(self._video.duration_s, self._position)

    def _show(self, picture: Shown) -> None:
        self._position = picture.time_s
        self._tell(picture)

    def _wait(self) -> None:
        """Until an answer comes, the next picture is due, or the window wants something."""
        assert self._process is not None
        seconds = self._until_due()
        if self._waiting or self._grabbing:
            answer = self._process.answer(max(0.0, min(_POLL_S, seconds)), waiting=True)
            if answer is not None:
                self._take(answer)
            return
        with self._changed:
            if not self._wishes.any and not self.ending.is_set() and not (self._steps and not self._seeking):
                self._changed.wait(min(seconds, 3600.0))

    def _until_due(self) -> float:
        if not self._playing:
            return float("inf")
        if not self._clock.running:
            return _POLL_S
        ahead = self._clock.until(self._buffer[0].time_s) if self._buffer else _TELL_S
        return max(0.0, min(ahead, _TELL_S))

    def _take(self, answer: Answer) -> None:
        if isinstance(answer, Whole | Missing):
            self._grabbing = max(0, self._grabbing - 1)
            self._tell(answer)
            return
        if isinstance(answer, Piece) or answer.serial != self._serial:
            return  # it belongs to an older seek
        if isinstance(answer, Nothing):
            self._waiting = max(0, self._waiting - 1)
            if not self._seeking:
                self._at_end = True
            self._seeking = False
        elif self._seeking:
            if not answer.passing:
                self._waiting, self._seeking = 0, False
            self._show(answer)
        else:
            self._waiting = max(0, self._waiting - 1)
            self._buffer.append(answer)
