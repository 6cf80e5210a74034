"""Other words for what a question asks about, from the model: what a page says may be said in words of its own."""

from __future__ import annotations

import re

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
_BETWEEN = re.compile(r"[,;\n•*]+|(?<=\s)-\s")


class FurtherWords:
    """A pass of one request; ``words`` afterwards, none where the model did not answer with a list."""

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
        message = ChatMessage("user", (TextPart(_ASKED.format(question=self._question)),))
        return Request((message,), Sampling(seed=0), False, _TOKENS)

    def grow(self, text: str) -> None:
        """Nothing is taken of an answer before it is whole."""

    def take(self, reply: Reply) -> None:
        """The list, as far as it is one."""
        pieces = (" ".join(piece.strip(" .\"'“”„`()[]0123456789").split()) for piece in _BETWEEN.split(reply.text))
        words = [piece for piece in pieces if piece and len(piece) <= _LONGEST and len(piece.split()) <= 4]
        self.words = tuple(dict.fromkeys(words))[:_MOST]

    def fail(self, message: Message) -> None:
        """Without it, the question's own words have to do."""
