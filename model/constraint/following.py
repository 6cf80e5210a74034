"""What one answer may go on with: the tokens allowed next, while it thinks, answers or calls a function.

    thoughts       anything but an end: the answer is still to come
    the answer     what the constraint allows, and its end where it is whole; a thought or a call only before it begins
    a call         the function's name and arguments as its schema has them (``model.constraint.calls``)

Without a constraint only calls are held to anything. Masks are over all logits, V of them.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from model.constraint.vocabulary import Vocabulary
from model.errors import ModelError
from model.messages import msg
from model.types import Request

if TYPE_CHECKING:
    from llguidance import LLMatcher

_log = logging.getLogger(__name__)


class _Part(Enum):
    THOUGHT = "thought"
    ANSWER = "answer"
    CALL = "call"


class Rules:
    """Follows one answer, token by token. Raises ``ConstraintError`` where its constraint cannot be followed."""

    def __init__(self, request: Request, vocabulary: Vocabulary, stops: Sequence[int], prompt: Sequence[int]) -> None:
        """``prompt`` are the ids of the prompt's last turn, which may end inside a thought."""
        named = vocabulary.tokenizer.named
        self._vocabulary = vocabulary
        self._thought = (named["channel_start"], named["channel_end"])
        self._call = (named["tool_call_start"], named["tool_call_end"]) if request.tools else (None, None)
        self._call_end = np.array([i for i in self._call[1:] if i is not None], np.int64)
        self._quote = named["quote"]
        self._control = np.array(sorted(i for i in vocabulary.tokenizer.control_ids if i < vocabulary.words), np.int64)
        self._stops = np.array([i for i in stops if i < vocabulary.words], np.int64)
        self._tools = request.tools
        self._free = request.constraint is None
        self._answer = vocabulary.matcher(request.constraint) if request.constraint is not None else None
        self._matcher: LLMatcher | None = self._answer
        self._part = _Part.ANSWER
        self._begun = False
        self._may_think = request.thinking
        for token_id in prompt:
            self._turn(token_id)

    @classmethod
    def of(cls, request: Request, vocabulary: Vocabulary, stops: Sequence[int], prompt: Sequence[int]) -> Rules | None:
        """The rules for ``request``; ``None`` where it may be answered with anything."""
        return cls(request, vocabulary, stops, prompt) if request.constraint is not None or request.tools else None

    @property
    def done(self) -> bool:
        """Whether nothing may follow but the end."""
        matcher = self._matcher
        return matcher is not None and not self._thinking and matcher.is_stopped() and matcher.is_accepting()

    @property
    def _thinking(self) -> bool:
        return self._part is _Part.THOUGHT

    def push(self, token_id: int) -> None:
        """One more token of the answer, thoughts and calls included."""
        if self._turn(token_id) or self._thinking or self._matcher is None:
            return
        self._begun = True
        if self._matcher.consume_token(token_id):
            return
        if self._part is _Part.ANSWER:
            raise _lost(self._matcher.get_error())
        self._matcher = None  # a call that was not written under these rules

    def drafted(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """As many of ``tokens`` as may follow; none that ends or begins a part."""
        control = np.flatnonzero(np.isin(np.array(tokens, np.int64), self._control))
        tokens = tokens[: control[0]] if len(control) else tokens
        if self._thinking or self._matcher is None:
            return tuple(tokens)
        return tuple(tokens[: self._matcher.validate_tokens(list(tokens))])

    def forced(self) -> tuple[int, ...]:
        """Tokens that the rules leave no choice about, as far as the text goes; the model may split it otherwise."""
        if self._thinking or self._matcher is None or (not self._begun and self._openings()):
            return ()
        return self.drafted(self._matcher.compute_ff_tokens())

    def allowed(self, tokens: Sequence[int] = ()) -> Tensor | None:
        """Bool [1 + len(tokens), V]: what may come next, and behind each of these ``drafted`` tokens.

        ``None`` where that is everything.
        """
        if self._thinking:
            row = self._in_thoughts()
            return None if row is None else torch.from_numpy(row).expand(1 + len(tokens), -1)
        if self._matcher is None:
            return None
        rows = [self._row()]
        for done, token_id in enumerate(tokens, 1):
            if not self._matcher.consume_token(token_id):
                raise _lost(self._matcher.get_error())
            rows.append(self._row(begun=True))
            if done == len(tokens):
                self._matcher.rollback(done)
        return torch.from_numpy(np.stack(rows))

    def _turn(self, token_id: int) -> bool:
        """Goes to another part; true where ``token_id`` is what leads there."""
        if token_id == self._thought[0]:
            self._part, self._may_think = _Part.THOUGHT, False
        elif token_id == self._thought[1]:
            self._part, self._matcher = _Part.ANSWER, self._answer
        elif token_id == self._call[0] and self._part is not _Part.CALL:
            self._part, self._matcher = _Part.CALL, self._vocabulary.call_matcher(self._tools)
        elif token_id == self._call[1]:
            self._part, self._matcher = _Part.ANSWER, self._answer
        else:
            return False
        return True

    def _openings(self) -> list[int]:
        """The tokens that may lead elsewhere before the answer's first one."""
        return [i for i in (self._thought[0] if self._may_think else None, self._call[0]) if i is not None]

    def _in_thoughts(self) -> np.ndarray | None:
        if self._free:
            return None
        row = np.ones(self._vocabulary.words, bool)
        row[self._stops] = False
        return row

    def _row(self, *, begun: bool = False) -> np.ndarray:
        matcher = self._matcher
        assert matcher is not None
        bits = np.frombuffer(matcher.compute_bitmask(), np.uint8)
        row = np.zeros(self._vocabulary.words, bool)
        found = np.unpackbits(bits, bitorder="little")[: len(row)].view(bool)
        row[: len(found)] = found
        quotes = self._part is _Part.CALL and self._quote is not None and bool(row[self._quote])
        row[self._control] = False
        if quotes:
            row[self._quote] = True
        if matcher.is_accepting():
            row[self._stops if self._part is _Part.ANSWER else self._call_end] = True
        if self._part is _Part.ANSWER and not (begun or self._begun):
            row[self._openings()] = True
        if not row.any():
            raise _lost(matcher.get_error())
        return row


def _lost(reason: str) -> ModelError:
    _log.error("no token fits the answer's constraint: %s", reason.splitlines()[:1])
    return ModelError(
        msg(
            "constraint.stuck",
            "The answer could not be continued under its schema or grammar; ask again, or make it simpler.",
        )
    )
