"""Conversations about pages that are given as pictures alone, drawn or made up."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.training.data import layout
from model.training.data.content import FIELD, RING, Content, place_in, read_content
from model.training.data.examples import Example, example, some_system, texts_of
from model.training.data.pages import Look, lay_out, scaled
from model.training.data.questions import questions, seen
from model.training.data.records import Recipe, Record
from model.training.data.values import digits
from model.training.looking import LAST, Pick
from model.training.looking import Look as Looking
from model.types import Picture


def page_example(
    rng: random.Random, record: Record, picture: Picture, content: Content
) -> tuple[NDArray[np.int64], Example]:
    """The conversation about a page that is seen, half as a scanned PDF, half as a screenshot.

    It asks for hardly anything twice: an earlier answer could be copied.
    """
    key = layout.make_key(rng)
    if rng.random() < 0.5:
        parts = layout.pdf_parts(1, record.name, key, [picture])
    else:
        parts = layout.image_parts(1, f"screenshot-{digits(rng, 1, 3)}.png", key, picture)
    asked = [(question, seen(answer)) for question, answer in questions(rng, record, 1 + len(record.facts))]
    prefix, one = example(parts, asked, some_system(rng, 0.6))
    return prefix, label_letters(one, content)


SMALL = Look(
    sizes=((144, 480), (192, 432), (144, 624), (240, 480)), recipe=Recipe(fields=(1, 4), together=2), as_it_is=True
)
"""Pages of few soft tokens, on which looking things up is learned at a third of the cost."""
LARGE = Look(
    sizes=((384, 576), (432, 720), (528, 672), (624, 960)), recipe=Recipe(fields=(4, 20), tables=0.2), as_it_is=True
)
"""Pages full of fields, among which the right one is the harder to find; they are never drawn."""


def made_up_page(rng: random.Random, look: Look) -> tuple[NDArray[np.int64], Example, Content]:
    """The same about a page that is laid out but not drawn."""
    record, sheet, budget, size = lay_out(rng, look)
    content = read_content(scaled(sheet, size), size)
    picture = Picture(b"", *size, budget, f"{rng.getrandbits(64):x}")
    return *page_example(rng, record, picture, content), content


def label_letters(one: Example, content: Content) -> Example:
    """Every token of a value that is read off the picture: what it must know, and where it must look."""
    texts = texts_of(one.ids)
    for token, slot, letter in zip(content.token, content.slot, content.letter, strict=True):
        one.labels[f"slot{slot}"][one.pictures[0].start + token] = letter
    looks: list[Looking] = list(one.looks[LAST])
    picks: list[Pick] = []
    for begin, answer in zip(one.begins, one.answers, strict=True):
        if not answer.field:
            continue
        held = content.tokens_at(FIELD[answer.field])
        for place, word, letter in _letters(texts, begin, answer.value):
            for name, label in (("field", FIELD[answer.field]), ("word", word + 1), ("letter", letter + 1)):
                one.labels[name][place - 1] = label
            if (word, letter) in held:
                seen = one.pictures[0].start + held[word, letter]
                looks.append((place - 1, seen, seen + 1))
                picks.append((place - 1, seen, letter % RING))
    one.looks[LAST] = tuple(looks)
    return replace(one, picks=tuple(picks))


def _letters(texts: list[str], begin: int, value: str) -> list[tuple[int, int, int]]:
    """For each token of a value: its place, and the word and the letter that it begins with."""
    found: list[tuple[int, int, int]] = []
    index = 0
    while index < len(value):
        text = texts[begin + len(found)]
        found.append((begin + len(found), *place_in(value, index + len(text) - len(text.lstrip()))))
        index += len(text)
    return found
