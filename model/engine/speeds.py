"""This machine's own measured speeds with one model, from which the next request's cost is estimated."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from model import atomic
from model.engine.rates import Rates


@dataclass(slots=True)
class Speeds:
    """This machine's own measured speeds with one model, kept in a file where there is a place for it."""

    rates: Rates = field(default_factory=Rates)
    path: Path | None = None

    @classmethod
    def read(cls, path: Path) -> Speeds:
        """The rates measured before; none where the file is missing or damaged."""
        speeds = cls(path=path)
        with contextlib.suppress(OSError, ValueError, OverflowError, RecursionError):
            speeds.rates = Rates.parse(json.loads(path.read_text(encoding="utf-8")))
        return speeds

    def saw_prefill(self, tokens: int, seconds: float) -> None:
        """Takes a finished prefill into account."""
        self._take(self.rates.with_prefill(tokens, seconds))

    def saw_picture(self, soft_tokens: int, seconds: float) -> None:
        """Takes a picture into account that was encoded without interruption."""
        self._take(self.rates.with_picture(soft_tokens, seconds))

    def saw_sound(self, soft_tokens: int, seconds: float) -> None:
        """Takes a piece of sound into account that was encoded without interruption."""
        self._take(self.rates.with_sound(soft_tokens, seconds))

    def _take(self, rates: Rates) -> None:
        if rates == self.rates:
            return
        self.rates = rates
        if self.path is None:
            return
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            atomic.write(self.path, json.dumps(rates.as_json()), durable=False)
