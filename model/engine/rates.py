"""A machine's own speeds with one model, as they were measured, and how long something will take with them.

Attention in the vision tower grows with the square of a picture's patches, so a soft token of a large picture takes
longer than one of a small picture: its speed is kept for each visual budget. No torch: the window reckons with it too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from model.soft_tokens import VISUAL_BUDGETS

_WEIGHT = 0.5
"""How much a new measurement counts against all older ones: machines get busy and quiet again."""
_FEW_TOKENS = 64
"""A shorter prefill tells little about a long one."""
_EVEN_TOKENS = 308
"""Soft tokens of a picture whose attention takes as long as all else in the tower: 26B-A4B's, on two cores."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The measured rates. ``prefill``: tokens a second; ``encode``: soft tokens a second of pictures, by budget.

    ``sound``: soft tokens a second of sound, whose attention is local, so that all pieces are equally fast.
    """

    prefill: float | None = None
    encode: tuple[tuple[int, float], ...] = ()
    sound: float | None = None

    @classmethod
    def parse(cls, saved: object) -> Rates:
        """From the output of ``as_json``; anything damaged or in an older form counts as not measured."""
        values = saved if isinstance(saved, dict) else {}
        encode = values.get("encode")
        rates = [(budget, _rate(encode.get(str(budget)))) for budget in VISUAL_BUDGETS if isinstance(encode, dict)]
        known = tuple((budget, rate) for budget, rate in rates if rate is not None)
        return cls(_rate(values.get("prefill")), known, _rate(values.get("sound")))

    def as_json(self) -> dict[str, object]:
        """The same as JSON has it."""
        encode = {str(budget): rate for budget, rate in self.encode}
        return {"prefill": self.prefill, "encode": encode, "sound": self.sound}

    def with_prefill(self, tokens: int, seconds: float) -> Rates:
        """A finished prefill taken into account."""
        if tokens < _FEW_TOKENS or seconds <= 0:
            return self
        return replace(self, prefill=_mixed(self.prefill, tokens / seconds))

    def with_picture(self, soft_tokens: int, seconds: float) -> Rates:
        """A finished picture taken into account, as if it had filled the smallest budget that holds it."""
        if soft_tokens < 1 or seconds <= 0:
            return self
        budget = next((budget for budget in VISUAL_BUDGETS if budget >= soft_tokens), VISUAL_BUDGETS[-1])
        known = dict(self.encode)
        known[budget] = _mixed(known.get(budget), soft_tokens / seconds / _effort(budget) * _effort(soft_tokens))
        return replace(self, encode=tuple(sorted(known.items())))

    def with_sound(self, soft_tokens: int, seconds: float) -> Rates:
        """A finished piece of sound taken into account."""
        if soft_tokens < 1 or seconds <= 0:
            return self
        return replace(self, sound=_mixed(self.sound, soft_tokens / seconds))

    def seconds(self, tokens: int, pictures: Iterable[int], sounds: int = 0) -> float | None:
        """Seconds to read ``tokens``, encode pictures of these soft tokens each, and ``sounds`` soft tokens of sound.

        None where a speed is unknown.
        """
        pictures = list(pictures)
        if (tokens and self.prefill is None) or (pictures and not self.encode) or (sounds and self.sound is None):
            return None
        reading = tokens / self.prefill if self.prefill else 0.0
        reading += sounds / self.sound if self.sound else 0.0
        return reading + sum(many * self._each(many) for many in pictures)

    def _each(self, soft_tokens: int) -> float:
        """Seconds of one soft token of a picture: between two known budgets on a line, outside by the tower's law."""
        points = [(budget, 1 / rate) for budget, rate in self.encode]
        for (low, fast), (high, slow) in pairwise(points):
            if low <= soft_tokens <= high:
                return fast + (slow - fast) * (soft_tokens - low) / (high - low)
        nearest, known = min(points, key=lambda point: abs(point[0] - soft_tokens))
        return known / _effort(nearest) * _effort(soft_tokens)


def _effort(soft_tokens: int) -> float:
    """The cost of one soft token in a picture of this many, relative to one in a picture of none."""
    return 1 + soft_tokens / _EVEN_TOKENS


def _mixed(old: float | None, new: float) -> float:
    return new if old is None else (1 - _WEIGHT) * old + _WEIGHT * new


def _rate(value: object) -> float | None:
    """A speed from a file; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
        return None
    return float(value)
