"""Playing a video in a separate process: what crosses the pipe, and both of its ends. No Qt, no PyAV here.

The window's side asks (``seek``, ``next``, ``whole``) and listens; each answer carries its request's serial number,
so that what belongs to an older seek can be told. A picture comes as a message and then its raw pixels. At most a
few requests are under way, so neither side can flood the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest.kinds import KINDS, sniff
from app.ingest.limits import Timeouts
from app.ingest.process import serving
from app.ingest.process.child import Entry
from app.ingest.process.client import Client
from app.ingest.process.protocol import FAR, ProtocolError, integer_of, number_of
from app.ingest.process.serving import Failures
from model.cancel import Cancel
from model.errors import IngestError
from model.messages import msg

MAX_PICTURE_BYTES = 40 << 20
_FAILURES = Failures(
    "playing",
    memory=msg("play.memory", "The video needs more memory than playing may use."),
    damaged=msg("play.damaged", "The video is damaged and cannot be played."),
)


@dataclass(frozen=True, slots=True)
class Video:
    """An opened video. The size is in pixels, as it is to be shown; ``rate`` is frames a second, 0 where unknown."""

    duration_s: float
    width: int
    height: int
    rate: float
    sound: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture: four bytes a pixel (blue, green, red, 255). ``passing``: seen on the way to the wanted one."""

    serial: int
    time_s: float
    width: int
    height: int
    pixels: bytes
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A frame in its full size, for looking closer, copying and saving."""

    serial: int
    time_s: float
    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no frame in full size where one was asked for."""

    serial: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """The request has no picture: the video's end, or a seek that a newer one has overtaken."""

    serial: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Sound that begins at ``time_s``: two channels of 16 bits, ``SOUND_RATE`` samples a second."""

    serial: int
    time_s: float
    samples: bytes


Answer = Shown | Whole | Missing | Nothing | Piece
SOUND_RATE = 48_000
MAX_PIECE_BYTES = 1 << 20


class PlayingProcess:
    """The process as the app sees it; one video. Every failure is a ``LostError`` or an ``IngestError``."""

    def __init__(self, timeouts: Timeouts | None = None, entry: Entry | None = None) -> None:
        self._client = Client(entry or main, timeouts or Timeouts())
        self._client.start()

    @property
    def pid(self) -> int | None:
        """Process number; ``None`` where no process runs."""
        return self._client.pid

    def open(self, path: Path, cancel: Cancel) -> Video:
        """Open the video. Raises ``IngestError``, ``LostError``, ``CancelledError``."""
        with self._client.answer({"kind": "open", "path": os.path.abspath(path)}, cancel) as answer:  # noqa: PTH100
            message = answer.message
            return Video(
                number_of(message, "duration", 0, FAR),
                integer_of(message, "width", 1, 65_536),
                integer_of(message, "height", 1, 65_536),
                number_of(message, "rate", 0, 1000),
                message.get("sound") is True,
            )

    def seek(self, serial: int, target: float, fit: tuple[int, int], *, before: bool = False) -> None:
        """Ask for the frame on the screen at ``target``, or for the last one before it; later ones follow it."""
        self._client.send({"kind": "seek", "serial": serial, "time": target, "before": before, "fit": fit})

    def next(self, serial: int, earliest: float, fit: tuple[int, int]) -> None:
        """Ask for the next frame; frames that are over at ``earliest`` may be left out."""
        self._client.send({"kind": "next", "serial": serial, "time": earliest, "fit": fit})

    def whole(self, serial: int, target: float) -> None:
        """Ask for the frame at ``target`` in full size. The place that is played from stays."""
        self._client.send({"kind": "whole", "serial": serial, "time": target})

    def open_sound(self, path: Path, cancel: Cancel) -> None:
        """Open a video's sound instead of its pictures. Raises as ``open`` does."""
        with self._client.answer({"kind": "sound", "path": os.path.abspath(path)}, cancel):  # noqa: PTH100
            pass

    def sound_from(self, serial: int, target: float, speed: float) -> None:
        """Ask for the first piece of sound from ``target`` on."""
        self._client.send({"kind": "start", "serial": serial, "time": target, "speed": speed})

    def more_sound(self, serial: int) -> None:
        """Ask for the next piece."""
        self._client.send({"kind": "more", "serial": serial})

    def answer(self, seconds: float, *, waiting: bool) -> Answer | None:
        """What has come, at the latest after ``seconds``. Raises ``IngestError``, ``LostError``."""
        with self._client.received(seconds, waiting=waiting) as received:
            return None if received is None else _taken(received.message, received.data)

    def close(self) -> None:
        """End the process and reap it."""
        self._client.close()


def _taken(message: dict[str, Any], data: Callable[[int], bytes]) -> Answer:
    serial = integer_of(message, "serial", 0, 1 << 53)
    if message["kind"] == "nothing":
        return Nothing(serial)
    if message["kind"] == "missing":
        return Missing(serial)
    if message["kind"] == "piece":
        begun = number_of(message, "time", -FAR, FAR)
        return Piece(serial, begun, data(MAX_PIECE_BYTES))
    if message["kind"] not in ("picture", "whole"):
        raise ProtocolError("A message's kind is unknown.")
    width, height = (integer_of(message, side, 1, 65_536) for side in ("width", "height"))
    time_s = number_of(message, "time", -FAR, FAR)
    pixels = data(MAX_PICTURE_BYTES)
    if len(pixels) != width * height * 4:
        raise ProtocolError("A picture has the wrong size.")
    if message["kind"] == "whole":
        return Whole(serial, time_s, width, height, pixels)
    return Shown(serial, time_s, width, height, pixels, message.get("passing") is True)


def main(connection: Connection) -> None:
    """The playing process: answer requests until the app closes the pipe."""
    serving.serve(connection, _Side(connection).parts, _FAILURES)


class _Side:
    """The video inside the playing process."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._playback: Any = None
        self._track: Any = None
        self._where: tuple[Path, str] | None = None

    def parts(self, request: dict[str, Any]) -> serving.Parts:
        """The messages that answer a request, each with its pixels or samples behind it."""
        for message, data in getattr(self, f"_{request['kind']}")(request):
            yield message
            if data is not None:
                yield data

    def _open(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        from app.ingest.play.player import Playback

        path = Path(request["path"])
        form = sniff(path)
        if not KINDS[form.kind].timed:
            raise IngestError(msg("play.not-a-video", "This is not a video."))
        self._where = (path, form.format)
        self._playback = Playback(*self._where)
        yield self._playback.about(), None

    def _seek(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        last: tuple[float, Any] | None = None
        newer = self._connection.poll
        for time_s, frame, passing in self._playback.seek(request["time"], before=request["before"], newer=newer):
            if passing:
                yield self._picture(request, time_s, frame, passing=True)
            else:
                last = (time_s, frame)
        yield (
            ({"kind": "nothing", "serial": request["serial"]}, None) if last is None else self._picture(request, *last)
        )

    def _next(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        found = self._playback.following(request["time"])
        if found is None:
            yield {"kind": "nothing", "serial": request["serial"]}, None
        else:
            yield self._picture(request, *found)

    def _whole(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        from app.ingest.play.player import MAX_WHOLE_PIXELS, Playback

        assert self._where is not None
        answer: tuple[dict[str, Any], bytes | None] = ({"kind": "missing", "serial": request["serial"]}, None)
        other: Any = None
        try:
            other = Playback(*self._where)
            for time_s, frame, passing in other.seek(request["time"], before=False, newer=lambda: False):
                if not passing:
                    width, height, pixels = other.picture(frame, (1 << 16, 1 << 16), MAX_WHOLE_PIXELS)
                    about = {"kind": "whole", "serial": request["serial"], "time": time_s}
                    answer = about | {"width": width, "height": height}, pixels
        except IngestError:
            pass  # playing continues
        finally:
            if other is not None:
                other.close()
        yield answer

    def _sound(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        from app.ingest.play.sound import SoundTrack

        path = Path(request["path"])
        self._track = SoundTrack(path, sniff(path).format)
        yield {"kind": "opened"}, None

    def _start(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        self._track.start(request["time"], request["speed"])
        yield from self._more(request)

    def _more(self, request: dict[str, Any]) -> Iterator[tuple[dict[str, Any], bytes | None]]:
        piece = self._track.next()
        if piece is None:
            yield {"kind": "nothing", "serial": request["serial"]}, None
        else:
            yield {"kind": "piece", "serial": request["serial"], "time": piece[0]}, piece[1]

    def _picture(
        self, request: dict[str, Any], time_s: float, frame: Any, passing: bool = False
    ) -> tuple[dict[str, Any], bytes]:
        width, height, pixels = self._playback.picture(frame, request["fit"])
        about = {"kind": "picture", "serial": request["serial"], "time": time_s, "passing": passing}
        return about | {"width": width, "height": height}, pixels
