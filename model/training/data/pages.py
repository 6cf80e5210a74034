"""Pages and screenshots as pictures, with the place of every character, for the tower to learn to spell."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.prompt.pictures import fit_size
from model.soft_tokens import VISUAL_BUDGETS
from model.training.data.content import Content, Letter, Mark, marks, read_content
from model.training.data.fonts import TRAIN_FONTS, font
from model.training.data.printed import Printed, read_printed
from model.training.data.records import Block, Recipe, Record, make_record
from model.types import Picture

KEEPS = 0.95
"""The budget must keep this share of a picture's own pixels, as where the application chooses it."""

PAGE = Recipe(fields=(6, 16), tables=0.2, together=2)


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is drawn: its own size, the print's size, and the fonts."""

    sizes: tuple[tuple[int, int], ...] = ((192, 624), (240, 480), (288, 480), (240, 576), (336, 432), (432, 624))
    """Heights and widths in pixels."""
    print_px: tuple[int, int] = (22, 36)
    pace: tuple[float, float] = (1.2, 1.9)
    """From one line to the next, times the print's size."""
    fonts: Sequence[str] = TRAIN_FONTS
    recipe: Recipe = PAGE
    as_it_is: bool = False
    """Not enlarged to the smallest budget, as the application would: cheaper to learn on. Sizes are multiples of 48."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture at its budget, its text, every letter of it, and the values that answer questions."""

    record: Record
    pixels: NDArray[np.uint8]
    budget: int
    printed: Printed
    content: Content

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
    record, sheet, budget, size = lay_out(rng, look, budget)
    image = sheet.image
    if size != (image.height, image.width):
        image = image.resize((size[1], size[0]), resample=Image.Resampling.BICUBIC)
    pixels = worn(rng, np.asarray(image))
    letters = scaled(sheet, size)
    return Drawn(record, pixels, budget, read_printed(letters, size), read_content(letters, size))


def lay_out(rng: random.Random, look: Look, budget: int | None = None) -> tuple[Record, Sheet, int, tuple[int, int]]:
    """A page that is drawn, its budget, and its height and width at that."""
    while True:
        height, width = rng.choice(look.sizes)
        record = make_record(rng, look.recipe)
        sheet = Sheet(rng, height, width, rng.choice(look.fonts), rng.randint(*look.print_px), look.pace)
        kept = tuple(block for block in record.pages[0] if sheet.block(block))
        if any(block.facts for block in kept):
            chosen = budget or chosen_budget(height, width)
            size = (height, width) if look.as_it_is else fit_size(height, width, chosen)
            return replace(record, pages=(kept,)), sheet, chosen, size


def scaled(sheet: Sheet, size: tuple[int, int]) -> list[Letter]:
    """The sheet's characters at their places at another size."""
    down, across = size[0] / sheet.image.height, size[1] / sheet.image.width
    return [
        replace(one, x=one.x * across, y=one.y * down, half=one.half * across, size=one.size * down)
        for one in sheet.characters
    ]


def worn(rng: random.Random, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Sometimes with a camera's noise."""
    if rng.random() < 0.6:
        return pixels
    noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 7), pixels.shape)
    return (pixels + noise).clip(0, 255).astype(np.uint8)


class Sheet:
    """A page while it is drawn."""

    def __init__(
        self, rng: random.Random, height: int, width: int, name: str, size: int, pace: tuple[float, float]
    ) -> None:
        paper, ink = (rng.randint(225, 255), rng.randint(0, 70)) if rng.random() < 0.85 else (rng.randint(10, 50), 235)
        tint = [rng.randint(-8, 8) for _ in range(3)]
        self.image = Image.new("RGB", (width, height), tuple(max(0, min(255, paper + t)) for t in tint))
        self.characters: list[Letter] = []
        self._draw = ImageDraw.Draw(self.image)
        self._rng, self._size, self.name = rng, size, name
        self._ink = (ink, ink, min(255, ink + rng.randint(0, 60)))
        self._left = rng.randint(6, 28)
        self._y = float(rng.randint(4, 24))
        self.pace = size * rng.uniform(*pace)

    def block(self, block: Block) -> bool:
        """Draw a block; ``False`` where it does not fit any more."""
        size = min(48, int(self._size * 1.4)) if block.style == "title" else self._size
        face = font(self.name, size)
        pace = self.pace * size / self._size
        columns = self._columns(block, face)
        if columns is None or self._y + pace * len(block.lines) > self.image.height - 4:
            return False
        known = marks(block)
        for row, line in enumerate(block.lines):
            for place, (piece, x) in enumerate(zip(line, columns, strict=False)):
                self.text(piece, x, self._y, face, known.get((row, place)))
            self._y += pace
        self._y += self.pace * self._rng.uniform(0.2, 0.8)
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

    def text(self, text: str, x: float, y: float, face: ImageFont.FreeTypeFont, mark: Mark | None = None) -> None:
        """Draw a piece; ``mark`` tells which part of it is a value."""
        self._draw.text((x, y), text, fill=self._ink, font=face)
        middle = y + 0.55 * face.size
        ends = [face.getlength(text[:index]) for index in range(len(text) + 1)]
        for index, letter in enumerate(text):
            if letter != " ":
                start = text.rfind(" ", 0, index) + 1
                inside = x + ends[start] > -1
                self.characters.append(
                    Letter(
                        letter,
                        x + (ends[index] + ends[index + 1]) / 2,
                        middle,
                        (ends[index + 1] - ends[index]) / 2,
                        face.size,
                        index - start if inside else -1,
                        mark.at(index) if mark else None,
                        mark.labels if mark and index < mark.until else 0,
                    )
                )
