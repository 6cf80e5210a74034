"""Stop sequences: where the answer ends before the model thinks so, without ever sending a part of one."""

from __future__ import annotations

from collections.abc import Sequence

from app.server.errors import ApiError

MOST, LONGEST = 16, 200


def stops_of(given: str | Sequence[str] | None) -> tuple[str, ...]:
    """The sequences of a request. Raises ``ApiError``."""
    found = (given,) if isinstance(given, str) else tuple(given or ())
    if len(found) > MOST or any(not 0 < len(one) <= LONGEST for one in found):
        words = f"stop takes up to {MOST} texts of 1 to {LONGEST} characters."
        raise ApiError(400, words, "stop", param="stop")
    return found


class Stopper:
    """Lets an answer through up to the first of the sequences."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.stopped = False

    def take(self, text: str) -> str:
        """What of the answer so far can be sent now."""
        if not self._stops or self.stopped:
            return "" if self.stopped else text
        text, self._held = self._held + text, ""
        ends = [found for stop in self._stops if (found := text.find(stop)) >= 0]
        if ends:
            self.stopped = True
            return text[: min(ends)]
        keep = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - keep :] if keep else ""
        return text[: len(text) - keep]

    def rest(self) -> str:
        """What was held back and is no stop sequence after all."""
        held, self._held = self._held, ""
        return "" if self.stopped else held


def _overlap(text: str, stop: str) -> int:
    """How many characters at the end of ``text`` could begin ``stop``."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if stop.startswith(text[-size:])), 0)
