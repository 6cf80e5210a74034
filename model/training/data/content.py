"""A page's picture as questions need it: whose value each character belongs to, and which of its letters it is.

A soft token must tell which field's value is there, and its letters, each in the slot of its place in its word. A
letter's place is its word's number in the value and its own in the word: so neither the tower nor the language side has
to count far. Print is so large that a soft token rarely holds parts of two lines.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import PATCH_PX, SOFT_TOKEN_PX
from model.training.data.fields import FIELDS
from model.training.data.records import Block
from model.training.tokenizer import ALPHABET

NUMBER = {letter: number for number, letter in enumerate(ALPHABET, 1)}
"""A character's class; 0 is none."""
FIELD = {field.label: number for number, field in enumerate(FIELDS, 1)}
"""A field's class; 0 is none."""
WORDS, LETTERS = 6, 24
"""Places that are told apart: words of a value, letters of a word."""
RING = 5
"""Slots for letters in a soft token: a letter's place in its word, modulo this."""

Place = tuple[int, int, int]
"""Field, word, letter; the field from 1, the others from 0."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A character that is drawn: its middle, in pixels, and of which value it is."""

    letter: str
    x: float
    y: float
    half: float
    """Half of its width."""
    size: float
    """The size of the print."""
    index: int
    """Its place in its word, from 0; -1 where the word begins outside of the picture."""
    place: Place | None = None
    label: int = 0
    """The field whose label it is of."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The value in a drawn piece of text, and the label."""

    field: int = 0
    start: int = 0
    value: str = ""
    labels: int = 0
    """The field whose label is there, up to ``until``."""
    until: int = 0

    def at(self, index: int) -> Place | None:
        """The place of a piece's character, where it is of the value."""
        inside = index - self.start
        if not 0 <= inside < len(self.value) or self.value[inside] == " ":
            return None
        return self.field, *place_in(self.value, inside)


def place_in(value: str, index: int) -> tuple[int, int]:
    """Word and letter of a value's character."""
    before = value[:index]
    return min(before.count(" "), WORDS - 1), min(index - before.rfind(" ") - 1, LETTERS - 1)


def marks(block: Block) -> dict[tuple[int, int], Mark]:
    """By line and piece, the labelled values of a block, and their labels; facts and lines are in the same order."""
    pieces = [(row, place, piece) for row, line in enumerate(block.lines) for place, piece in enumerate(line)]
    found: dict[tuple[int, int], Mark] = {}
    cursor = 0
    for fact in block.facts:
        if fact.field is None:
            continue
        name = fact.field.label.removesuffix(" number")
        for index in range(cursor, len(pieces)):
            row, place, piece = pieces[index]
            if piece == fact.value or (fact.value in piece and name.lower() in piece.lower()):
                found[row, place] = Mark(FIELD[fact.field.label], piece.rindex(fact.value), fact.value)
                cursor = index + 1
                break
    _mark_labels(block, pieces, found)
    return found


def _mark_labels(block: Block, pieces: Sequence[tuple[int, int, str]], found: dict[tuple[int, int], Mark]) -> None:
    for fact in block.facts:
        if fact.field is None:
            continue
        name = re.compile(rf"\b{re.escape(fact.field.label.removesuffix(' number'))}\b", re.IGNORECASE)
        for row, place, piece in pieces:
            there, mark = name.search(piece), found.get((row, place), Mark())
            if there and not mark.labels and mark.field in (0, FIELD[fact.field.label]):
                until = mark.start if mark.field else len(piece)
                found[row, place] = replace(mark, labels=FIELD[fact.field.label], until=until)
                break


@dataclass(frozen=True, eq=False)
class Content:
    """The values' characters one by one, all [n]: soft token, class, field, word, letter; and the patch."""

    token: NDArray[np.int64]
    letter: NDArray[np.int64]
    field: NDArray[np.int64]
    word: NDArray[np.int64]
    index: NDArray[np.int64]
    patch: NDArray[np.int64]
    near: NDArray[np.int64]
    """[k, 2]: soft tokens and slots that may hold a letter as well, since it ends at their edge."""
    near_patches: NDArray[np.int64]
    """[k, 2]: patches and slots likewise."""
    labels: NDArray[np.int64]
    """[m, 2]: patches that are on a label, and its field."""
    tokens: int
    """Soft tokens of the picture."""

    @property
    def slot(self) -> NDArray[np.int64]:
        """[n]: the slot in the soft token."""
        return self.index % RING

    def tokens_at(self, field: int) -> dict[tuple[int, int], int]:
        """For each word and letter of a field's value the soft token that holds it."""
        own = self.field == field
        places = zip(self.word[own].tolist(), self.index[own].tolist(), self.token[own].tolist(), strict=True)
        return {(word, index): token for word, index, token in places}


def read_content(letters: Sequence[Letter], size: tuple[int, int]) -> Content:
    """Of a picture of this height and width."""
    table = np.array([*_found(letters, size)], np.int64).reshape(-1, 6)
    token, number, field, word, index, patch = (table[:, place] for place in range(6))
    labels = np.array([*_on_labels(letters, size)], np.int64).reshape(-1, 2)
    near, near_patches = (
        np.array([*_near(letters, cells)], np.int64).reshape(-1, 2) for cells in (Cells(size), patches_of(size))
    )
    return Content(token, number, field, word, index, patch, near, near_patches, labels, len(Cells(size)))


EDGE = (4.0, 5.0)
"""This near to a soft token's side, and to its top or bottom, a letter's middle may as well be in the next one."""


PATCH_EDGE = (2.0, 3.0)
"""The same for a patch."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A picture's squares of one kind, row by row: its soft tokens or its patches."""

    size: tuple[int, int]
    """The picture's height and width."""
    side: int = SOFT_TOKEN_PX
    edge: tuple[float, float] = EDGE

    def __len__(self) -> int:
        return (self.size[0] // self.side) * (self.size[1] // self.side)

    def at(self, letter: Letter, across: float = 0.0, down: float = 0.0) -> int | None:
        """The cell that contains a letter's middle, or the point beside it; ``None`` outside of the picture."""
        row, column = math.floor((letter.y + down) / self.side), math.floor((letter.x + across) / self.side)
        rows, columns = self.size[0] // self.side, self.size[1] // self.side
        return row * columns + column if 0 <= row < rows and 0 <= column < columns else None

    def near(self, letter: Letter) -> Iterator[int]:
        """The neighbouring cells whose edge the letter's middle is near."""
        into_x, into_y = letter.x % self.side, letter.y % self.side
        wide, high = self.edge
        for near, across, down in (
            (into_x < wide, -wide, 0.0),
            (into_x >= self.side - wide, wide, 0.0),
            (into_y < high, 0.0, -high),
            (into_y >= self.side - high, 0.0, high),
        ):
            cell = self.at(letter, across, down) if near else None
            if cell is not None:
                yield cell


def patches_of(size: tuple[int, int]) -> Cells:
    """A picture's patches."""
    return Cells(size, PATCH_PX, PATCH_EDGE)


def _near(letters: Sequence[Letter], cells: Cells) -> Iterator[tuple[int, int]]:
    for letter in letters:
        if letter.place and letter.letter in NUMBER and cells.at(letter) is not None:
            for cell in cells.near(letter):
                yield cell, letter.place[2] % RING


def _on_labels(letters: Sequence[Letter], size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    for letter in letters:
        patch = patches_of(size).at(letter)
        if letter.label and patch is not None:
            yield patch, letter.label


def _found(letters: Sequence[Letter], size: tuple[int, int]) -> Iterator[tuple[int, ...]]:
    """Of each character of a value: soft token, class, field, word, letter and patch."""
    for letter in letters:
        number = NUMBER.get(letter.letter, 0)
        token, patch = Cells(size).at(letter), patches_of(size).at(letter)
        if letter.place and number and token is not None and patch is not None:
            yield token, number, *letter.place, patch
