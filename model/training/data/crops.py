"""Small pictures full of print, for the tower to learn its letters on before it reads pages: no patch is wasted."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import PATCH_PX
from model.training.data.fields import FIELDS, SENTENCES, TITLES
from model.training.data.fonts import TRAIN_FONTS, font
from model.training.data.pages import Sheet, worn
from model.training.data.printed import Printed, read_printed
from model.training.data.values import MAKERS
from model.training.tokenizer import ALPHABET
from model.types import Picture

SIZE = (144, 288)
"""Height and width in pixels."""
PATCHES = SIZE[0] * SIZE[1] // PATCH_PX**2
PACE = (1.4, 1.8)
_BUDGET = 70


@dataclass(frozen=True, slots=True)
class Print:
    """How small pictures are printed. ``enough`` is the share of characters spelled that opens the next kind."""

    fonts: Sequence[str]
    print_px: tuple[int, int]
    on_lines: bool
    """All lines begin at the same heights: every letter is seen in 16 positions instead of 256."""
    enough: float


CROPS: tuple[Print, ...] = (
    Print(("helv", "tiro"), (24, 24), True, 0.45),
    Print(("helv", "tiro", "hebo", "cour"), (22, 28), False, 0.6),
    Print(TRAIN_FONTS, (22, 36), False, 0.75),
)


def draw_crop(rng: random.Random, kind: Print = CROPS[-1]) -> tuple[NDArray[np.uint8], Printed]:
    """Pixels [H, W, 3], and the text printed on them."""
    points = rng.randint(*kind.print_px)
    sheet = Sheet(rng, *SIZE, rng.choice(kind.fonts), points, PACE)
    face = font(sheet.name, points)
    y, pace = (4.0, 32.0) if kind.on_lines else (rng.uniform(-0.6, 0.6) * points, sheet.pace)
    while y < SIZE[0]:
        x = rng.uniform(-2.0, 1.0) * points
        while x < SIZE[1]:
            text = _words(rng)
            sheet.text(text, x, y, face)
            x += face.getlength(text) + face.size * rng.uniform(0.3, 1.2)
        y += pace
    return worn(rng, np.asarray(sheet.image)), read_printed(sheet.characters, SIZE)


def as_picture(pixels: NDArray[np.uint8]) -> Picture:
    """As the engine takes it."""
    data, (height, width, _) = pixels.tobytes(), pixels.shape
    return Picture(data, height, width, _BUDGET, hashlib.sha256(data).hexdigest())


def _words(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.45:
        return MAKERS[rng.choice(tuple(MAKERS))](rng)
    if kind < 0.65:
        return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(2, 9)))
    if kind < 0.85:
        label = rng.choice(FIELDS).label
        return (label if rng.random() < 0.4 else label[0].upper() + label[1:]) + (":" if rng.random() < 0.5 else "")
    return rng.choice(SENTENCES if rng.random() < 0.5 else TITLES)
