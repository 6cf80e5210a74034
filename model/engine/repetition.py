"""Notices that a model has fallen into a loop: one block of tokens, over and over, to the limit.

Gemma 4's weights are known to end so now and then, most of all in 4 bits and with functions declared. A loop is a
stretch in which every token is the same as the one ``period`` tokens before it. Honest answers hold such stretches too:
ruled lines, ``| --- | --- |``, zeros, indentation, the same row of a receipt five times. So the least length depends
on the period and on whether there is a letter in the block: figures, marks and blanks may be repeated three times as
long as words. A stretch that occurs in the prompt just as long is quoted from there, and no loop. Only exact
repetition counts: a list whose lines differ in a number is not told from an honest one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.prompt.tokenizer import Tokenizer

LONGEST_PERIOD = 256
_LEAST, _PER_PERIOD, _PER_LONG_PERIOD, _LONG = 96, 8, 4, 32
_WITHOUT_LETTERS = 3
_LOOKED_UP_EVERY = 64


def least_repeated(period: int, *, letters: bool) -> int:
    """How many tokens must repeat those ``period`` tokens before them to count as a loop.

    A word 104 times, a row of 25 tokens 12 times, a paragraph of 100 tokens 6 times.
    """
    least = _LEAST + _PER_PERIOD * min(period, _LONG) + _PER_LONG_PERIOD * max(0, period - _LONG)
    return least if letters else _WITHOUT_LETTERS * least


_LEAST_REPEATED = np.array([least_repeated(period, letters=True) for period in range(1, LONGEST_PERIOD + 1)])


@dataclass(frozen=True, slots=True)
class Loop:
    """A block of ``period`` tokens that the last ``repeated`` tokens repeat, behind its first copy."""

    period: int
    repeated: int


class LoopGuard:
    """Watches one answer, token by token. What one token costs does not depend on how many there are."""

    def __init__(self, prompt: NDArray[np.int64], tokenizer: Tokenizer) -> None:
        """``prompt`` is a prompt's signature."""
        self._tokenizer = tokenizer
        self._prompt = prompt
        self._haystack: bytes | None = None
        # The last LONGEST_PERIOD tokens are in [at, at + LONGEST_PERIOD), the newest first.
        self._recent = np.full(4 * LONGEST_PERIOD, -1, np.int64)
        self._at = len(self._recent) - LONGEST_PERIOD
        self._repeated = np.zeros(LONGEST_PERIOD, np.int64)
        self._quoted_until = 0

    def push(self, token_id: int) -> Loop | None:
        """The loop that one more token completes; the shortest period where several fit."""
        recent = self._recent[self._at : self._at + LONGEST_PERIOD]
        self._repeated += 1
        self._repeated *= recent == token_id
        self._remember(token_id)
        if not (long_enough := self._repeated >= _LEAST_REPEATED).any():
            self._quoted_until = 0
            return None
        for place in np.flatnonzero(long_enough).tolist():
            loop = Loop(place + 1, int(self._repeated[place]))
            if self._is_one(loop):
                return loop
        return None

    def _remember(self, token_id: int) -> None:
        if self._at == 0:
            self._at = len(self._recent) - LONGEST_PERIOD
            self._recent[self._at + 1 :] = self._recent[: LONGEST_PERIOD - 1]
        else:
            self._at -= 1
        self._recent[self._at] = token_id

    def _is_one(self, loop: Loop) -> bool:
        block = self._recent[self._at : self._at + loop.period][::-1].tolist()
        if not self._has_letters(block) and loop.repeated < least_repeated(loop.period, letters=False):
            return False
        if loop.repeated < self._quoted_until:
            return False
        if self._stands_in_the_prompt(block, loop.period + loop.repeated):
            self._quoted_until = loop.repeated + _LOOKED_UP_EVERY
            return False
        return True

    def _has_letters(self, block: Sequence[int]) -> bool:
        return any(
            token_id in self._tokenizer.control_ids or _is_word(self._tokenizer.piece(token_id)) for token_id in block
        )

    def _stands_in_the_prompt(self, block: Sequence[int], length: int) -> bool:
        """Whether ``block``, repeated up to ``length`` tokens, ends somewhere in the prompt as it ends here."""
        if self._haystack is None:
            self._haystack = self._prompt.tobytes()
        stretch = np.array([block[place % len(block)] for place in range(-length, 0)], np.int64).tobytes()
        place = self._haystack.find(stretch)
        while place % 8 and place > 0:  # between two numbers
            place = self._haystack.find(stretch, place + 1)
        return place >= 0


def _is_word(piece: bytes) -> bool:
    """A letter, or a part of one in UTF-8."""
    text = piece.decode("utf-8", "replace")
    return any(letter.isalpha() or letter == "\ufffd" for letter in text)
