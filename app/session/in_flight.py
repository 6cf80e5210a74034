"""Questions that are at the engine or queued: whose each is, whichever conversation is shown meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from app.session.conversation import Conversation
from app.session.turn import Turn


class Flights:
    """One window's requests, by the ids that the engine gave them. Ids of other windows are not among them."""

    def __init__(self) -> None:
        self._flights: dict[int, Turn] = {}
        self._grown: set[int] = set()
        self.queued: list[Turn] = []
        """Of conversations that are not shown, the longest waiting first."""

    def __bool__(self) -> bool:
        return bool(self._flights)

    def __iter__(self) -> Iterator[tuple[int, Turn]]:
        return iter(list(self._flights.items()))

    def add(self, number: int, turn: Turn) -> None:
        """Record that a request was sent."""
        self._flights[number] = turn

    def get(self, number: int) -> Turn | None:
        """The request with this id, if it is this window's."""
        return self._flights.get(number)

    def land(self, number: int) -> None:
        """Nothing more comes of it."""
        self._flights.pop(number, None)
        self._grown.discard(number)

    def talk(self, id: str) -> Conversation | None:
        """A conversation for which something is on its way or queued."""
        return next((one.talk for one in (*self._flights.values(), *self.queued) if one.talk.id == id), None)

    def take_queued(self, id: str) -> Turn | None:
        """The queued question of a conversation, which is not queued here any more."""
        found = next((one for one in self.queued if one.talk.id == id), None)
        if found is not None:
            self.queued.remove(found)
        return found

    def besides(self, talk: Conversation) -> bool:
        """Whether something is on its way or queued for another conversation than this one."""
        return any(one.talk is not talk for one in (*self._flights.values(), *self.queued))

    def grow(self, number: int) -> None:
        """There is more of an answer."""
        self._grown.add(number)

    def take_grown(self) -> list[Turn]:
        """Those of which there is more since this was last asked."""
        grown, self._grown = self._grown, set()
        return [self._flights[number] for number in sorted(grown)]
