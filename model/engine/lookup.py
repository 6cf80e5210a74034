"""Prompt lookup: tokens that may come next, taken from behind an earlier occurrence of the last ones.

Answers about documents quote them, so the longest suffix of the tokens so far that also occurs earlier is
often followed by the same tokens. Finding it costs some microseconds, and whether the guess was right is decided by
the model itself (``model.engine.decode``).

The places of the prompt's pairs of neighbouring tokens are sorted once, by a hash of 16 bits, which numpy does in
one pass; the answer's pairs go into a dictionary as it grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

LONGEST_MATCH = 32
"""Longer suffixes predict no better."""
_MOST_PLACES = 1024
"""Of a pair that occurs more often only the last places are looked at."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Tokens that may come next; ``matched`` tokens before them are the same in both places.

    ``agreed``: all places with that match go on with the same token.
    """

    tokens: tuple[int, ...]
    matched: int
    agreed: bool
    forced: bool = False
    """Not found in the prompt, but the only text that a schema leaves."""
    guessed: bool = False
    """Not found in the prompt, but a drafter's guess."""


class PromptLookup:
    """The tokens of one request so far, and the positions of each pair of them."""

    def __init__(self, prompt: NDArray[np.int64], room: int, stops: Sequence[int] = ()) -> None:
        """``prompt`` is a prompt's signature: negative numbers are soft tokens of pictures, and match nothing.

        ``room`` is how many tokens may be added. ``stops`` are never drafted, nor anything after them.
        """
        self._stops = np.array(stops, np.int64)
        self._length = len(prompt)
        self._tokens = np.empty(len(prompt) + room, np.int64)
        self._tokens[: len(prompt)] = prompt
        self._by_hash, self._starts = _places_by_hash(prompt)
        self._answer: dict[tuple[int, int], list[int]] = {}
        self._last = (int(prompt[-2]) if len(prompt) > 1 else -1, int(prompt[-1]) if len(prompt) else -1)

    def append(self, token_id: int) -> None:
        """One more token of the answer."""
        # The pair that ended the text so far now has something behind it.
        self._answer.setdefault(self._last, []).append(self._length - 1)
        self._tokens[self._length] = token_id
        self._length += 1
        self._last = (self._last[1], token_id)

    def draft(self, limit: int) -> Draft | None:
        """At most ``limit`` tokens that may come next; None where the last two occur nowhere else."""
        places = self._places()
        if limit < 1 or not len(places):
            return None
        places, matched = self._longest(places)
        following = self._tokens[places + 1]
        best = int(places[-1])
        agreed = bool((following == following[-1]).all())
        if not agreed:
            tokens, counts = np.unique(following, return_counts=True)
            most = counts == counts.max()
            best = int(places[np.isin(following, tokens[most])][-1])
        tokens = self._tokens[best + 1 : min(best + 1 + limit, self._length)]
        ends = np.flatnonzero((tokens < 0) | np.isin(tokens, self._stops))
        tokens = tokens[: ends[0]] if len(ends) else tokens
        return Draft(tuple(tokens.tolist()), matched, agreed) if len(tokens) else None

    def _places(self) -> NDArray[np.int64]:
        """Positions, in order, at which the last two tokens occur earlier: each that of the second of them."""
        first, second = self._last
        if first < 0 or second < 0:
            return np.empty(0, np.int64)
        value = _hash(first, second)
        same = self._by_hash[self._starts[value] : self._starts[value + 1]]
        places = same[(self._tokens[same] == second) & (self._tokens[same - 1] == first)][-_MOST_PLACES:]
        if answered := self._answer.get(self._last):
            return np.concatenate((places, np.array(answered[-_MOST_PLACES:], np.int64)))
        return places

    def _longest(self, places: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Those of ``places`` before which most tokens are the same, and how many are."""
        matched = 2
        while matched < min(LONGEST_MATCH, self._length):
            token = self._tokens[self._length - 1 - matched]
            longer = places[(places >= matched) & (self._tokens[places - matched] == token)]
            if token < 0 or not len(longer):
                break
            places, matched = longer, matched + 1
        return places, matched


_Ids = TypeVar("_Ids", int, NDArray[np.int64])


def _hash(first: _Ids, second: _Ids) -> _Ids:
    """16 bits of a pair of tokens."""
    return (first * 40_503 + second * 30_011 + (second >> 8)) & 0xFFFF


def _places_by_hash(tokens: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions of the second token of every pair that has something behind it, by the pair's hash, then in order.

    Those with hash h are at [starts[h], starts[h + 1]) of the first array; the second one holds the starts.
    """
    hashes = _hash(tokens[:-2], tokens[1:-1]).astype(np.uint16)
    places = hashes.argsort(kind="stable") + 1
    counts = np.bincount(hashes, minlength=1 << 16)
    return places, np.concatenate((np.zeros(1, np.int64), counts.cumsum()))
