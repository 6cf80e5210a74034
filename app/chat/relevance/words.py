"""Other words for what a question asks about, from the model: what a page says may be said in words of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

from app.chat.parts import Reply
from model.messages import Message
from model.types import ChatMessage, Request, Sampling, TextPart

_MOST = 40
_LONGEST = 40
_TOKENS = 120
_ASKED = (
    "A long document is searched for the passage that answers this question:\n\n{question}\n\n"
    "List up to 20 other words or short terms that the passage may use: synonyms, technical terms, abbreviations, "
    "units, and the same words in the document's likely language. Only the list, separated by commas."
)
MOST_SECONDS = 20.0
"""The longest that the user waits for these words; what has come by then is used."""

_PROMPT = 140
"""Approximate tokens of the request; a machine that reads them slowly would not write many words in time."""

_BETWEEN = re.compile(r"[,;\n•*]+|(?<=\s)-\s")


def too_slow(a_token: float | None) -> bool:
    """Whether asking takes too long on this machine, given the seconds it takes to read a token, if measured."""
    return a_token is not None and _PROMPT * a_token > MOST_SECONDS / 4


class Deadline:
    """A ``Cancel`` that sets itself after some seconds."""

    def __init__(self, seconds: float = MOST_SECONDS) -> None:
        self._end = time.monotonic() + seconds

    def is_set(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._end


class FurtherWords:
    """A pass of one request; ``words`` afterwards, none where the model did not answer with a list.

    Where it was stopped, those that were complete by then.
    """

    failure: str | Message = ""

    def __init__(self, question: str) -> None:
        self.words: tuple[str, ...] = ()
        self._question = question.strip()[:2000]
        self._asked = False

    def next_request(self) -> Request | None:
        """The one request."""
        if self._asked:
            return None
        self._asked = True
        return self.request()

    def request(self) -> Request:
        """The same, to be measured."""
        message = ChatMessage("user", (TextPart(_ASKED.format(question=self._question)),))
        return Request((message,), Sampling(seed=0), False, _TOKENS)

    def grow(self, text: str) -> None:
        """All but the last word, which may be incomplete."""
        self._take(_BETWEEN.split(text)[:-1])

    def take(self, reply: Reply) -> None:
        """The list, as far as it is one."""
        self._take(_BETWEEN.split(reply.text))

    def _take(self, found: Sequence[str]) -> None:
        pieces = (" ".join(piece.strip(" .\"'“”„`()[]0123456789").split()) for piece in found)
        words = [piece for piece in pieces if piece and len(piece) <= _LONGEST and len(piece.split()) <= 4]
        self.words = tuple(dict.fromkeys(words))[:_MOST]

    def fail(self, message: Message) -> None:
        """Without it, the question's own words have to do."""
