"""How many words by held-out voices the exported model transcribes correctly, run by the engine."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from pathlib import Path

from model.cancel import NEVER
from model.engine.engine import Engine
from model.training.speech.examples import request
from model.training.speech.spoken import Speaker, make_spoken
from model.types import TextDelta


def right_words(folder: Path, speaker: Speaker, count: int, seed: int = 1) -> float:
    """One minus the share of wrong, missing or added words in ``count`` recordings of 1 to 6 words."""
    rng = random.Random(f"held out:{seed}")
    wrong = total = 0
    with contextlib.closing(Engine.open(folder, device="cpu", quantise=False)) as engine:
        for _ in range(count):
            spoken = make_spoken(rng, speaker, 6, held_out=True)
            events = engine.generate(request(spoken), NEVER)
            heard = "".join(event.text for event in events if isinstance(event, TextDelta)).split()
            wanted = [word for word, _, _ in spoken.words]
            wrong += mistakes(wanted, heard)
            total += len(wanted)
    return max(0.0, 1 - wrong / total) if total else 0.0


def mistakes(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """The edit distance of two texts, in words."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(wanted, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(heard, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != other))
    return row[-1]
