"""The newest answers of ``/v1/responses``, so that they can be continued and fetched by their ids."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from app.server.errors import ApiError
from app.server.openai import bodies

MOST_KEPT = 256
"""Answers that can be continued or fetched by their id, until the server ends."""


@dataclass(frozen=True, slots=True)
class Known:
    """An answer, and the conversation that led to it."""

    messages: tuple[bodies.ChatMessage, ...]
    body: dict[str, Any]


class Memory:
    """The newest answers."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Known] = OrderedDict()

    def add(self, id: str, known: Known) -> None:
        """Remember one."""
        self._known[id] = known
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)

    def get(self, id: str) -> Known:
        """The answer with this id. Raises ``ApiError``."""
        if (known := self._known.get(id)) is None:
            words = "There is no answer with this id; those of an earlier start, and old ones, are not kept."
            raise ApiError(404, words, "response_not_found", param="previous_response_id")
        return known

    def remove(self, id: str) -> None:
        """Forget one. Raises ``ApiError``."""
        self.get(id)
        del self._known[id]
