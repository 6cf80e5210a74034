"""Pages and screenshots as pictures, with the place of every character, for the tower to learn to spell."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.pictures import fit_size
from model.training.fonts import TRAIN_FONTS, font
from model.training.records import Block, Recipe, Record, make_record
from model.training.tokenizer import ALPHABET
from model.types import PATCH_PX, POOL, VISUAL_BUDGETS, Picture

SLOTS = 3
"""Characters that are told apart inside one patch, from left to right."""

KEEPS = 0.95
"""The budget must keep this share of a picture's own pixels, as where the application chooses it."""

_NUMBER = {letter: number for number, letter in enumerate(ALPHABET, 1)}


PAGE = Recipe(fields=(2, 8), tables=0.25)


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is drawn: its own size, the print's size, and the fonts."""

    sizes: tuple[tuple[int, int], ...] = ((288, 480), (240, 528), (336, 432), (432, 624), (480, 720))
    """Heights and widths in pixels."""
    print_px: tuple[int, int] = (22, 32)
    fonts: Sequence[str] = TRAIN_FONTS
    recipe: Recipe = PAGE


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture at its budget, what stands on it, and the characters in each patch's slots (0 for none)."""

    record: Record
    pixels: NDArray[np.uint8]
    budget: int
    slots: NDArray[np.int64]

    @property
    def picture(self) -> Picture:
        """As the engine takes it."""
        height, width, _ = self.pixels.shape
        data = self.pixels.tobytes()
        return Picture(data, height, width, self.budget, hashlib.sha256(data).hexdigest())


def chosen_budget(height: int, width: int) -> int:
    """The smallest budget that keeps a picture's own pixels, else the largest."""
    for budget in VISUAL_BUDGETS:
        rows, columns = fit_size(height, width, budget)
        if rows * columns >= KEEPS * height * width:
            return budget
    return VISUAL_BUDGETS[-1]


def draw_page(rng: random.Random, look: Look, budget: int | None = None) -> Drawn:
    """A page with as many blocks as fit, at ``budget`` or the one that keeps its pixels."""
    height, width = rng.choice(look.sizes)
    record = make_record(rng, look.recipe)
    sheet = _Sheet(rng, height, width, rng.choice(look.fonts), rng.randint(*look.print_px))
    kept = tuple(block for block in record.pages[0] if sheet.block(block))
    if not any(block.facts for block in kept):
        return draw_page(rng, look, budget)
    budget = budget or chosen_budget(height, width)
    size = fit_size(height, width, budget)
    image = sheet.image
    if size != (height, width):
        image = image.resize((size[1], size[0]), resample=Image.Resampling.BICUBIC)
    pixels = _worn(rng, np.asarray(image))
    slots = _slots(sheet.characters, size, (size[0] / height, size[1] / width))
    return Drawn(replace(record, pages=(kept,)), pixels, budget, slots)


def _worn(rng: random.Random, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    if rng.random() < 0.6:
        return pixels
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 7), pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


class _Sheet:
    """A page while it is drawn."""

    def __init__(self, rng: random.Random, height: int, width: int, name: str, size: int) -> None:
        paper, ink = (rng.randint(225, 255), rng.randint(0, 70)) if rng.random() < 0.85 else (rng.randint(10, 50), 235)
        tint = [rng.randint(-8, 8) for _ in range(3)]
        self.image = Image.new("RGB", (width, height), tuple(max(0, min(255, paper + t)) for t in tint))
        self.characters: list[tuple[str, float, float]] = []
        self._draw = ImageDraw.Draw(self.image)
        self._rng, self._size, self._name = rng, size, name
        self._ink = (ink, ink, min(255, ink + rng.randint(0, 60)))
        self._left = rng.randint(6, 28)
        self._y = float(rng.randint(4, 24))
        self._pace = size * rng.uniform(1.25, 1.6)

    def block(self, block: Block) -> bool:
        """Draw a block; ``False`` where it does not fit any more."""
        size = min(48, int(self._size * 1.4)) if block.style == "title" else self._size
        face = font(self._name, size)
        pace = self._pace * size / self._size
        columns = self._columns(block, face)
        if columns is None or self._y + pace * len(block.lines) > self.image.height - 4:
            return False
        for line in block.lines:
            for piece, x in zip(line, columns, strict=False):
                self._text(piece, x, self._y, face)
            self._y += pace
        self._y += self._pace * self._rng.uniform(0.2, 0.8)
        return True

    def _columns(self, block: Block, face: ImageFont.FreeTypeFont) -> list[float] | None:
        """Where the pieces of the block's lines begin; ``None`` where they are too wide."""
        x = float(self._left)
        starts = []
        for index in range(max(len(line) for line in block.lines)):
            starts.append(x)
            x += max(face.getlength(line[index]) for line in block.lines if index < len(line))
            if x > self.image.width - 4:
                return None
            x += face.size * self._rng.uniform(0.8, 2.0)
        return starts

    def _text(self, text: str, x: float, y: float, face: ImageFont.FreeTypeFont) -> None:
        self._draw.text((x, y), text, fill=self._ink, font=face)
        middle = y + 0.55 * face.size
        for index, letter in enumerate(text):
            before, after = face.getlength(text[:index]), face.getlength(text[: index + 1])
            if letter != " ":
                self.characters.append((letter, x + (before + after) / 2, middle))


def _slots(
    characters: Sequence[tuple[str, float, float]], size: tuple[int, int], scale: tuple[float, float]
) -> NDArray[np.int64]:
    """[soft tokens, 9 × ``SLOTS``]: soft tokens row by row, inside them patches row by row."""
    rows, columns = size[0] // PATCH_PX, size[1] // PATCH_PX
    grid = np.zeros((rows, columns, SLOTS), np.int64)
    filled = np.zeros((rows, columns), np.int64)
    for letter, x, y in sorted(characters, key=lambda one: one[1]):
        row, column = int(y * scale[0]) // PATCH_PX, int(x * scale[1]) // PATCH_PX
        if row < rows and column < columns and filled[row, column] < SLOTS:
            grid[row, column, filled[row, column]] = _NUMBER.get(letter, 0)
            filled[row, column] += 1
    pooled = grid.reshape(rows // POOL, POOL, columns // POOL, POOL, SLOTS).transpose(0, 2, 1, 3, 4)
    return pooled.reshape(-1, POOL * POOL * SLOTS)
