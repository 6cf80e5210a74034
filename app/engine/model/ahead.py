"""Pictures that are encoded before anybody asks about them, one at a time, while the model has nothing else to do.

No Qt and no torch here. Each window is an asker and lists its pictures, visible ones first; a newer list
replaces its older one. Interrupted work continues later where it stopped.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.engine.model.pulse import Pulse
from model.cancel import Cancel
from model.errors import CancelledError, LecternError
from model.types import Picture

_log = logging.getLogger(__name__)
Prepare = Callable[[Picture, str, Cancel], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture of the document whose key this is."""

    picture: Picture
    document: str


@dataclass(frozen=True, slots=True)
class Coming:
    """How many pictures of each document of an asker are still to be encoded; nothing once all are."""

    asker: int
    left: tuple[tuple[str, int], ...]


class Ahead:
    """What is wanted, and the one step that the model's thread takes. ``want`` may be called from any thread."""

    def __init__(self) -> None:
        self.stop = Pulse()
        """Breaks the step off."""
        self.running = False
        """Whether a picture is being encoded."""
        self._lock = threading.Lock()
        self._wanted: dict[int, list[Wanted]] = {}
        self._now: Wanted | None = None

    @property
    def waiting(self) -> bool:
        """Whether there is something to encode."""
        with self._lock:
            return any(self._wanted.values())

    def want(self, asker: int, wanted: tuple[Wanted, ...]) -> None:
        """Take the list of one asker, the newest asker first. What is first now goes before what is on its way."""
        with self._lock:
            self._wanted.pop(asker, None)
            self._wanted = {asker: list(wanted), **self._wanted} if wanted else self._wanted
            if self._now is not None and self._now != self._first():
                self.stop.set()

    def forget(self, document: str) -> None:
        """Nothing of this document is wanted any more."""
        with self._lock:
            for asker, wanted in self._wanted.items():
                self._wanted[asker] = [one for one in wanted if one.document != document]

    def step(self, prepare: Prepare, tell: Callable[[Any], None]) -> None:
        """Encode the first picture, or as much of it as there is time for. On the model's thread."""
        with self._lock:
            self._now = now = self._first()
            asker = next((one for one, wanted in self._wanted.items() if wanted), 0)
        if now is None:
            return
        tell(self._coming(asker))
        self.running = True
        try:
            prepare(now.picture, now.document, self.stop)
        except CancelledError:
            return
        except LecternError as error:
            _log.info("A picture was not encoded ahead: %s", error)
        except Exception:  # a question about it will report it
            _log.exception("A picture was not encoded ahead")
        finally:
            self.running = False
            with self._lock:
                self._now = None
        self._done(now)
        tell(self._coming(asker))

    def _first(self) -> Wanted | None:
        return next((wanted[0] for wanted in self._wanted.values() if wanted), None)

    def _done(self, picture: Wanted) -> None:
        with self._lock:
            for asker, wanted in self._wanted.items():
                self._wanted[asker] = [one for one in wanted if one != picture]

    def _coming(self, asker: int) -> Coming:
        with self._lock:
            left: dict[str, int] = {}
            for one in self._wanted.get(asker, ()):
                left[one.document] = left.get(one.document, 0) + 1
            return Coming(asker, tuple(left.items()))
