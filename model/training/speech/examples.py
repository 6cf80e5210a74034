"""Batches of spoken examples, in exactly the application's own prompt for a sample model."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from model.family.config import ModelConfig
from model.family.config_json import parse_config
from model.prompt.building import build_prompt
from model.prompt.tokenizer import Tokenizer
from model.sound.features import log_mel
from model.sound.samples import make_sound, waveform
from model.training.looking import AWAY, Look
from model.training.speech.asked import Questions, make_questions
from model.training.speech.spoken import Speaker, Spoken, say
from model.training.speech.words import QUESTION, WORDS, vocabulary
from model.training.tokenizer import write_tokenizer
from model.types import ChatMessage, Request, Sampling, SoundPart, TextPart

_EACH = (1, 2, 2, 3, 3, 4, 4, 5, 6, 8)
"""How many words an example has."""

_REPEATING = 0.4
"""The share of examples with few words that repeat often: without them, what follows such a word is hardly learned."""


def request(spoken: Spoken) -> Request:
    """What the application asks about an utterance."""
    parts = SoundPart(make_sound(spoken.samples)), TextPart(QUESTION)
    return Request((ChatMessage("user", parts),), Sampling(temperature=0.0), max_new_tokens=4 + 2 * max(_EACH))


@dataclass(frozen=True)
class Batch:
    """Padded on the right: ids and targets [B, L], spectrograms [B, F, 128] with their mask.

    ``heard`` and ``earlier`` [B, T]: for each soft token the word that has just ended, and the one before that.
    ``ends``: for each row the places of those soft tokens among the ids, a range for each word; ``answers``: from where
    the next word is written.
    """

    ids: Tensor
    targets: Tensor
    features: Tensor
    mask: Tensor
    heard: Tensor
    earlier: Tensor
    ends: list[list[tuple[int, int]]]
    answers: list[int]

    def earlier_looks(self) -> list[list[Look]]:
        """From each word's end to the end of the word before."""
        return [
            [(last - 1, *before) for (_, last), before in zip(row, [AWAY, *row[:-1]], strict=True)] for row in self.ends
        ]

    def next_looks(self) -> list[list[Look]]:
        """From each place in the answer to the word that it continues with; elsewhere at the end."""
        return [
            [(first + number, *seen) for number, seen in enumerate([*row, AWAY])]
            for row, first in zip(self.ends, self.answers, strict=True)
        ]


class Examples:
    """Makes batches from a seed and a step."""

    def __init__(self, config: dict[str, Any], speaker: Speaker) -> None:
        self._speaker = speaker
        self._config: ModelConfig = parse_config(config)
        with tempfile.TemporaryDirectory() as folder:
            write_tokenizer(Path(folder), vocabulary())
            self._tokenizer = Tokenizer.open(Path(folder))

    def batch(self, seed: int, step: int, words: int, most: int) -> Batch:
        """The batch of this step: about ``words`` words, in examples of up to ``most`` words, all equally many."""
        rng = random.Random(f"{seed}:{step}")
        each = min(most, rng.choice(_EACH))
        return self.of([self._one(rng, each) for _ in range(max(1, words // each))])

    def questions(self, seed: int, step: int, rows: int, most: int = 8) -> Questions:
        """This step's conversations about transcripts of up to ``most`` cues; no training step is negative."""
        return make_questions(random.Random(f"{seed}:asked:{step}"), rows, self._tokenizer, self._config, most)

    def held_out(self, count: int, each: int, seed: int = 0) -> Batch:
        """Examples by held-out voices."""
        rng = random.Random(f"held out:{seed}:{each}")
        return self.of([self._one(rng, each, held_out=True) for _ in range(count)])

    def _one(self, rng: random.Random, each: int, held_out: bool = False) -> Spoken:
        few = rng.sample(WORDS, rng.randint(2, 3)) if rng.random() < _REPEATING else WORDS
        return say(rng, self._speaker, [rng.choice(few) for _ in range(each)], held_out)

    def of(self, spoken: Sequence[Spoken]) -> Batch:
        """A batch of these."""
        rows, features, heard, earlier, ends, answers = [], [], [], [], [], []
        for one in spoken:
            asked = request(one)
            prompt = build_prompt(asked, self._tokenizer, self._config)
            answer = [*self._tokenizer.encode_data(one.text), *self._tokenizer.encode_control("<turn|>")]
            ids = prompt.ids.tolist()
            rows.append(([*ids, *answer], [-100] * (len(ids) - 1) + answer + [-100]))
            part = asked.messages[0].parts[0]
            assert isinstance(part, SoundPart)
            features.append(torch.from_numpy(log_mel(waveform(part.sound))))
            labels = one.labels(prompt.spans[0].source.soft_tokens)
            heard.append(torch.tensor(labels))
            found = runs(labels)
            before = [-100] * len(labels)
            for (start, stop), number in zip(found, [0, *(labels[start] for start, _ in found[:-1])], strict=True):
                before[start:stop] = [number] * (stop - start)
            earlier.append(torch.tensor(before))
            at = ids.index(self._config.audio_token_id)
            ends.append([(at + start, at + stop) for start, stop in found])
            answers.append(len(ids) - 1)
        length = max(len(ids) for ids, _ in rows)
        frames = -(-max(map(len, features)) // 4) * 4
        pad = self._config.pad_token_id
        return Batch(
            torch.tensor([[*ids, *[pad] * (length - len(ids))] for ids, _ in rows]),
            torch.tensor([[*targets, *[-100] * (length - len(targets))] for _, targets in rows]),
            torch.stack([F.pad(one, (0, 0, 0, frames - len(one))) for one in features]),
            torch.stack([torch.arange(frames) < len(one) for one in features]),
            torch.stack([F.pad(one, (0, frames // 4 - len(one)), value=-100) for one in heard]),
            torch.stack([F.pad(one, (0, frames // 4 - len(one)), value=-100) for one in earlier]),
            ends,
            answers,
        )


def runs(labels: Sequence[int]) -> list[tuple[int, int]]:
    """First and last soft token of each word. Between two words there is always one without a target."""
    found: list[tuple[int, int]] = []
    for place, label in enumerate(labels):
        if label > 0 and found and found[-1][1] == place:
            found[-1] = (found[-1][0], place + 1)
        elif label > 0:
            found.append((place, place + 1))
    return found
