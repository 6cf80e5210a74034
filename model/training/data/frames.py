"""Frames of videos: one large title on a coloured scene, with the soft tokens that cover the title."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from model.prompt.pictures import fit_size
from model.soft_tokens import PATCH_PX, SOFT_TOKEN_PX
from model.training.data.fonts import TRAIN_FONTS, font
from model.training.data.videos import TITLES
from model.training.tokenizer import ALPHABET
from model.types import Picture

FRAME_BUDGET = 70
SHAPES: tuple[tuple[int, int], ...] = ((360, 640), (720, 1280), (480, 640), (540, 960), (480, 854))
"""Heights and widths of videos."""

_COVERED = 0.15


@dataclass(frozen=True, eq=False)
class Frame:
    """A drawn frame; for each soft token the title that it covers (0 for none, else its number + 1), and for
    each patch the letter that it covers (likewise, by ``ALPHABET``)."""

    pixels: NDArray[np.uint8]
    titles: NDArray[np.int64]
    letters: NDArray[np.int64]

    @property
    def picture(self) -> Picture:
        """As the engine takes it."""
        height, width, _ = self.pixels.shape
        data = self.pixels.tobytes()
        return Picture(data, height, width, FRAME_BUDGET, hashlib.sha256(data).hexdigest())


def draw_frame(
    rng: random.Random,
    title: str,
    size: tuple[int, int] | None = None,
    fonts: Sequence[str] = TRAIN_FONTS,
) -> Frame:
    """A frame of ``size`` (height, width; multiples of 48), by default as a video's frame at its budget."""
    height, width = size or fit_size(*rng.choice(SHAPES), FRAME_BUDGET)
    dark = rng.random() < 0.5
    image = _background(rng, height, width, dark)
    draw = ImageDraw.Draw(image)
    box, edges, text = _title(rng, draw, title, (height, width), _ink(rng, dark), fonts)
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.9)))
    pixels = np.asarray(image)
    if rng.random() < 0.5:
        noise = np.random.default_rng(rng.getrandbits(32)).normal(0, rng.uniform(1, 8), pixels.shape)
        pixels = (pixels + noise).clip(0, 255).astype(np.uint8)
    covered = _covered(box, height, width) * (TITLES.index(title) + 1)
    return Frame(pixels, covered, _letters(box, edges, text, height, width))


def _background(rng: random.Random, height: int, width: int, dark: bool) -> Image.Image:
    low, high = (0, 110) if dark else (150, 255)
    first = [rng.randint(low, high) for _ in range(3)]
    second = [rng.randint(low, high) for _ in range(3)] if rng.random() < 0.6 else first
    across = np.linspace(0, 1, width if rng.random() < 0.5 else height)
    ramp = np.outer(1 - across, first) + np.outer(across, second)
    wide = len(across) == width
    rows = np.broadcast_to(ramp[None] if wide else ramp[:, None], (height, width, 3))
    image = Image.fromarray(np.ascontiguousarray(rows).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(rng.randint(0, 4)):
        x, y = rng.randint(0, width), rng.randint(0, height)
        corner = (x + rng.randint(10, width // 2), y + rng.randint(10, height // 2))
        shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
        shape((x, y, *corner), fill=tuple(rng.randint(low, high) for _ in range(3)))
    return image


def _ink(rng: random.Random, dark: bool) -> tuple[int, ...]:
    if rng.random() < 0.5:
        return (255, 255, 255) if dark else (0, 0, 0)
    low, high = (200, 255) if dark else (0, 70)
    return tuple(rng.randint(low, high) for _ in range(3))


def _title(
    rng: random.Random,
    draw: ImageDraw.ImageDraw,
    title: str,
    size: tuple[int, int],
    ink: tuple[int, ...],
    fonts: Sequence[str],
) -> tuple[tuple[float, float, float, float], list[float], str]:
    """Draws it; its box, where its letters begin and end, and how it is written."""
    height, width = size
    text = title.upper() if rng.random() < 0.15 else title
    name = rng.choice(fonts)
    points = rng.randint(34, 76)
    while draw.textlength(text, font(name, points)) > width - 16 and points > 12:
        points -= 2
    left, top, right, bottom = draw.textbbox((0, 0), text, font(name, points))
    across, down = max(0, int(width - right)), max(0, int(height - bottom))
    middle = rng.random() < 0.4
    x = across // 2 if middle else rng.randint(0, across)
    y = down // 2 if middle else rng.randint(0, down)
    draw.text((x, y), text, fill=ink, font=font(name, points))
    edges = [x + draw.textlength(text[:index], font(name, points)) for index in range(len(text) + 1)]
    return (x + left, y + top, x + right, y + bottom), edges, text


def _letters(
    box: tuple[float, float, float, float], edges: Sequence[float], text: str, height: int, width: int
) -> NDArray[np.int64]:
    """The letter at each patch's middle, patches row by row."""
    across = (np.arange(width // PATCH_PX) + 0.5) * PATCH_PX
    down = (np.arange(height // PATCH_PX) + 0.5) * PATCH_PX
    index = np.searchsorted(edges, across, side="right") - 1
    numbers = np.array([1 + ALPHABET.index(letter) for letter in text])
    inside = (index >= 0) & (index < len(text))
    row = np.where(inside, numbers[index.clip(0, len(text) - 1)], 0)
    return (row[None] * ((down >= box[1]) & (down < box[3]))[:, None]).reshape(-1)


def _covered(box: tuple[float, float, float, float], height: int, width: int) -> NDArray[np.int64]:
    """1 for the soft tokens, row by row, of which the box covers enough."""

    def share(low: float, high: float, count: int) -> NDArray[np.float64]:
        edges = np.arange(count) * SOFT_TOKEN_PX
        inside = np.minimum(edges + SOFT_TOKEN_PX, high) - np.maximum(edges, low)
        return inside.clip(0) / SOFT_TOKEN_PX

    down = share(box[1], box[3], height // SOFT_TOKEN_PX)
    across = share(box[0], box[2], width // SOFT_TOKEN_PX)
    shares = np.outer(down, across)
    return (shares >= min(_COVERED, float(shares.max()))).astype(np.int64).reshape(-1)
