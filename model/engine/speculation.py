"""How many tokens to draft: from how often drafts have been right, and the cost of a pass over several tokens.

One pass over T positions costs more than one over one, how much more depends on the machine, the model and the depth:
with experts, each position brings weights of its own. So both sides are measured while answers are written. A pass
of T positions that accepts a tokens gives a + 1 of them; the T that gives the most tokens a second is chosen, and 1 is
one of the choices. How often drafts are right is known without drafting: a token that was drawn anyhow tells whether
the one that would have been drafted was it.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from statistics import median

SIZES = (1, 2, 3, 4, 6, 8, 12, 16)
"""Positions of one pass. Few of them, so that each is soon measured, and kernels are prepared for few."""
_WORTH_IT = 1.05
"""By how much drafting must be ahead: less is within what the measurements are off."""
_FIRST_SLOPE = 0.15
"""The assumed cost of each further position, in passes of one, before anything was measured."""
_MATCHES = (2, 3, 4, 5, 7, 10, 16)
"""Lengths of the match at which the drafts are counted apart."""
_PRIOR = (0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95)
"""How often a draft is taken to be right at those lengths before any was seen, where all places agree."""
_SURE = 0.97
_GUESS_PRIOR = (0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3, 0.3)
"""How often a drafter's guess is taken to be right before any was seen, by the number of right ones before it."""
_FIRST_STEP = 0.1
"""The assumed cost of a guess, in passes over one position, before anything was measured."""
_TRY_AGAIN = 64
"""Tokens without a guess after which one is made, to see whether guesses pay again."""
LEAST_LIKELY = 0.3
"""A guess that the drafter itself takes to be less likely is not worth checking."""
_PRIOR_WEIGHT, _MEMORY = 4.0, 0.98


@dataclass(slots=True)
class _Share:
    """How often something was right, recent cases counting most."""

    right: float
    seen: float = _PRIOR_WEIGHT

    def saw(self, right: bool) -> None:
        self.right = self.right * _MEMORY + right
        self.seen = self.seen * _MEMORY + 1

    @property
    def value(self) -> float:
        return self.right / self.seen


class Acceptance:
    """How often a drafted token is the one that is drawn, by the length of the match before it."""

    def __init__(self) -> None:
        self._shares = {
            agreed: [_Share(_PRIOR_WEIGHT * prior * (1.0 if agreed else 0.5)) for prior in _PRIOR]
            for agreed in (True, False)
        }

    def saw(self, matched: int, agreed: bool, right: bool) -> None:
        """A token was drawn where another, or the same, had been found by a match of that length."""
        self._share(matched, agreed).saw(right)

    def chances(self, matched: int, agreed: bool, count: int) -> list[float]:
        """Of each of ``count`` drafted tokens: how likely it is right, and all before it too."""
        chances, all_right = [], 1.0
        for further in range(count):
            all_right *= self._share(matched + further, agreed).value
            chances.append(all_right)
        return chances

    def _share(self, matched: int, agreed: bool) -> _Share:
        return self._shares[agreed][sum(matched >= least for least in _MATCHES[1:])]


class PassCosts:
    """The cost of a pass over T positions in passes over one position.

    Ratios and not seconds: both grow with the context and with what else the machine does.
    """

    def __init__(self) -> None:
        self._single: deque[float] = deque(maxlen=5)
        self._ratios: dict[int, deque[float]] = {}

    def start(self) -> None:
        """A request begins, at another depth perhaps."""
        self._single.clear()

    def saw(self, size: int, seconds: float) -> None:
        """A pass over ``size`` positions took so long."""
        if size == 1:
            self._single.append(seconds)
        elif self._single and (single := median(self._single)) > 0:
            ratio = max(1.0, seconds / single)
            if size not in self._ratios:  # the first pass of a size prepares its kernels: half of it is believed
                ratio = (ratio + min(ratio, self.ratio(size))) / 2
            self._ratios.setdefault(size, deque(maxlen=5)).append(ratio)

    def share(self, seconds: float) -> float:
        """``seconds`` in passes over one position."""
        single = median(self._single) if self._single else 0.0
        return seconds / single if single > 0 else _FIRST_STEP

    def ratio(self, size: int) -> float:
        """The cost of ``size`` positions: measured, or on the line through the nearest sizes that were.

        No size costs more than a larger one: where the measurements show that, the smaller one was disturbed.
        """
        known = {1: 1.0}
        least = float("inf")
        for measured in sorted(self._ratios, reverse=True):
            least = known[measured] = min(least, median(self._ratios[measured]))
        if size in known:
            return known[size]
        below = max(other for other in known if other < size)
        above = min((other for other in known if other > size), default=None)
        if above is not None:
            slope = (known[above] - known[below]) / (above - below)
        elif below > 1:
            slope = (known[below] - 1) / (below - 1)
        else:
            slope = _FIRST_SLOPE
        return known[below] + slope * (size - below)


class Guesses:
    """How often a drafter's guesses are right, by how far ahead they are, and what one of them costs."""

    def __init__(self) -> None:
        self._shares = [_Share(_PRIOR_WEIGHT * prior) for prior in _GUESS_PRIOR]
        self._seconds: deque[float] = deque(maxlen=9)
        self._idle = 0

    def saw(self, ahead: int, right: bool) -> None:
        """The guess with ``ahead`` right ones before it was right, or was not."""
        self._shares[min(ahead, len(self._shares) - 1)].saw(right)

    def took(self, seconds: float) -> None:
        """One guess took so long."""
        self._seconds.append(seconds)

    def worth(self, costs: PassCosts, most: int) -> int:
        """How many to make, at most ``most``; 0 where none pays, but for one now and then to see whether that holds."""
        step = costs.share(median(self._seconds)) if self._seconds else _FIRST_STEP
        best, best_rate = 0, _WORTH_IT
        total, all_right = 1.0, 1.0
        for count in range(1, min(most, SIZES[-1] - 1) + 1):
            all_right *= self._shares[min(count, len(self._shares)) - 1].value
            total += all_right
            if count + 1 in SIZES and (rate := total / (costs.ratio(count + 1) + count * step)) > best_rate:
                best, best_rate = count, rate
        self._idle = 0 if best else self._idle + 1
        return 1 if most and self._idle and self._idle % _TRY_AGAIN == 0 else best


@dataclass(slots=True)
class Speculation:
    """Measurements from one open model's answers so far."""

    acceptance: Acceptance = field(default_factory=Acceptance)
    costs: PassCosts = field(default_factory=PassCosts)
    guesses: Guesses = field(default_factory=Guesses)

    def positions(self, matched: int, agreed: bool, drafted: int) -> int:
        """How many positions the next pass should have where ``drafted`` tokens are offered; 1: no draft pays."""
        return self._best(self.acceptance.chances(matched, agreed, drafted))

    def positions_of_sure(self, drafted: int) -> int:
        """The same for tokens of which only the split into tokens is in doubt."""
        return self._best([_SURE ** (further + 1) for further in range(drafted)])

    def _best(self, chances: list[float]) -> int:
        best, best_rate = 1, _WORTH_IT
        for size in SIZES[1:]:
            if size > len(chances) + 1:
                break
            rate = (1 + sum(chances[: size - 1])) / self.costs.ratio(size)
            if rate > best_rate:
                best, best_rate = size, rate
        return best
