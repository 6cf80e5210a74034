"""Which exchanges a window shows: of a change of branch it hears only what goes and what comes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from app.session.conversation import Conversation


class ShownPath:
    """The keys that were shown last, from the first question on."""

    def __init__(self, added: Callable[[int], object], removed: Callable[[int], object]) -> None:
        self._added, self._removed = added, removed
        self._keys: list[int] = []

    def forget(self) -> None:
        """Nothing is shown any more."""
        self._keys = []

    def show(self, talk: Conversation) -> None:
        """Tell what is no longer on the path, the last first, and then what is on it now."""
        path = [one.key for one in talk.path()]
        same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, self._keys, strict=False)))
        gone, self._keys = self._keys[same:], path
        for key in reversed(gone):
            self._removed(key)
        for key in path[same:]:
            self._added(key)
