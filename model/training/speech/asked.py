"""Transcripts and questions about them, as the application writes them: when a word is said, and what is said when.

An answer carries its evidence: ``00:04 [00:04: "library seven"]`` · ``"library seven" [00:04]`` · ``Not in the
document.``
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from model.family.config import ModelConfig
from model.prompt.building import build_prompt
from model.prompt.tokenizer import Tokenizer
from model.training.data.layout import make_key, recording_parts, request
from model.training.data.questions import NOT_THERE
from model.training.data.videos import clock
from model.training.looking import AWAY, Look
from model.training.speech.words import ASK_AT, ASK_WHEN, NAMES, WORDS

_ABSENT, _WHEN = 0.2, 0.8
"""Shares of questions about what is not said, and of those and the ones about when a word is."""
_LATEST_S = 9 * 60


@dataclass(frozen=True, slots=True)
class Line:
    """A cue: what is said from one second to another."""

    start: int
    stop: int
    words: tuple[str, ...]

    @property
    def text(self) -> str:
        """The words with spaces between them."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer; ``line`` is the cue that it rests on, ``word`` which of its words was asked for."""

    question: str
    answer: str
    line: int = -1
    word: int = -1


@dataclass(frozen=True)
class Questions:
    """Conversations, padded on the right, behind the prefix that they share.

    ``said`` [B, L]: which tokens are answers. Looks for each row: from the words of a cue to its time, and from an
    answer to what it goes on with.
    """

    prefix: Tensor
    ids: Tensor
    said: Tensor
    time_looks: list[list[Look]]
    next_looks: list[list[Look]]


def make_lines(rng: random.Random, most: int = 8) -> list[Line]:
    """A transcript of 2 to ``most`` cues."""
    at = rng.randrange(_LATEST_S) if rng.random() < 0.3 else rng.randrange(6)
    lines = []
    for _ in range(rng.randint(2, most)):
        words = tuple(rng.choice(WORDS) for _ in range(rng.randint(1, min(5, most))))
        stop = at + max(1, round(len(words) * rng.uniform(0.4, 0.9)))
        lines.append(Line(at, stop, words))
        at = stop + rng.choice((0, 1, 1, 2, 3, rng.randrange(30)))
    return lines


def make_asked(rng: random.Random, lines: Sequence[Line], count: int) -> list[Asked]:
    """Questions about a transcript."""
    words = [word for line in lines for word in line.words]
    places = [(n, k) for n, line in enumerate(lines) for k, word in enumerate(line.words) if words.count(word) == 1]
    starts = [line.start for line in lines]
    once = [number for number, line in enumerate(lines) if starts.count(line.start) == 1]
    found = []
    for _ in range(count):
        kind = rng.random()
        if kind < _ABSENT:
            word = rng.choice([word for word in WORDS if word not in words])
            found.append(Asked(rng.choice(ASK_WHEN).format(word=word), NOT_THERE))
        elif (kind < _WHEN and places) or not once:
            if not places:
                continue
            number, place = rng.choice(places)
            line = lines[number]
            answer = f'{clock(line.start)} [{clock(line.start)}: "{line.text}"]'
            found.append(Asked(rng.choice(ASK_WHEN).format(word=line.words[place]), answer, number, place))
        else:
            line = lines[number := rng.choice(once)]
            asked = rng.choice(ASK_AT).format(time=clock(line.start))
            found.append(Asked(asked, f'"{line.text}" [{clock(line.start)}]', number))
    return found


def make_questions(
    rng: random.Random, rows: int, tokenizer: Tokenizer, config: ModelConfig, most: int = 8, each: int = 4
) -> Questions:
    """A batch of conversations, each about its own transcript."""
    made = [_row(rng, tokenizer, config, most, each) for _ in range(rows)]
    shared = min(said.index(True) for _, said, _, _ in made) - 1
    first = made[0][0]
    for ids, _, _, _ in made[1:]:
        shared = next((at for at in range(shared) if ids[at] != first[at]), shared)
    length = max(len(ids) for ids, _, _, _ in made) - shared
    pad = config.pad_token_id
    return Questions(
        torch.tensor(first[:shared]),
        torch.stack(
            [F.pad(torch.tensor(ids[shared:]), (0, length - len(ids) + shared), value=pad) for ids, *_ in made]
        ),
        torch.stack([F.pad(torch.tensor(said[shared:]), (0, length - len(said) + shared)) for _, said, _, _ in made]),
        [_moved(looks, shared) for _, _, looks, _ in made],
        [_moved(looks, shared) for _, _, _, looks in made],
    )


def _moved(looks: Sequence[Look], by: int) -> list[Look]:
    return [
        (at - by, start, stop) if (start, stop) == AWAY else (at - by, start - by, stop - by)
        for at, start, stop in looks
    ]


_Row = tuple[list[int], list[bool], list[Look], list[Look]]


def _row(rng: random.Random, tokenizer: Tokenizer, config: ModelConfig, most: int, each: int) -> _Row:
    lines = make_lines(rng, most)
    asked = make_asked(rng, lines, each)
    said_lines = [(line.start, line.stop, line.text) for line in lines]
    parts = recording_parts(1, rng.choice(NAMES), make_key(rng), lines[-1].stop + rng.randrange(3), said_lines)
    turns = [(one.question, one.answer) for one in asked]
    ids: list[int] = []
    said: list[bool] = []
    begins = []
    for number in range(len(turns)):
        ids = build_prompt(request(parts, turns[: number + 1]), tokenizer, config).ids.tolist()
        begins.append(len(ids))
    answer = [*tokenizer.encode_data(asked[-1].answer), *tokenizer.encode_control("<turn|>")]
    ids += answer
    said = [False] * len(ids)
    next_looks: list[Look] = []
    places = line_places(ids, tokenizer)
    for one, begin in zip(asked, begins, strict=True):
        count = len(tokenizer.encode_data(one.answer)) + 1
        said[begin : begin + count] = [True] * count
        next_looks += _next_looks(one, begin, places, lines)
    time_looks = [
        (at + _WORD + word, at + _SECOND, at + _SECOND + 1)
        for at, line in zip(places, lines, strict=True)
        for word in range(len(line.words))
    ]
    return ids, said, time_looks, next_looks


_SECOND, _WORD = 3, 9
"""Tokens of ``[00:04–00:05] library`` before the start's seconds, and before the first word."""
_BEFORE_QUOTE, _BEFORE_TIME = 11, 3
"""Tokens of ``00:04 [00:04: "`` before the quoted words, and of ``" [`` before the time."""


def line_places(ids: Sequence[int], tokenizer: Tokenizer) -> list[int]:
    """Where each cue's line begins."""
    bracket, colon, dash = (tokenizer.encode_data(one)[0] for one in "[:–")
    return [
        at
        for at in range(len(ids) - 5)
        if ids[at] == bracket and ids[at + 2] == colon and ids[at + 4] == dash and ids[at + 6] == colon
    ]


def _next_looks(one: Asked, begin: int, places: Sequence[int], lines: Sequence[Line]) -> list[Look]:
    """From the token before each answered token."""
    if one.line < 0:
        return [(begin - 1, *AWAY)]
    words = places[one.line] + _WORD
    count = len(lines[one.line].words)
    each = [(words + number, words + number + 1) for number in range(count + 1)]
    if one.word >= 0:
        quote, times = begin + _BEFORE_QUOTE, (begin, begin + 2)
        source = each[one.word]
    else:
        quote = begin + 1
        times, source = (quote + count + _BEFORE_TIME, quote + count + _BEFORE_TIME + 2), each[0]
    return [(time - 1, *source) for time in times] + [(quote - 1 + number, *seen) for number, seen in enumerate(each)]
