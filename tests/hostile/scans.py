"""Pictures and frames that are hard on text recognition: very wide, very tall, noise, grids, specks, restless print."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from tests.files import screens
from tests.hostile.case import Case


def recognition_cases() -> Iterator[Case]:
    """A few pictures of each sort, small as files."""
    rng = np.random.default_rng(5)
    noise = rng.integers(0, 256, (120, 160), dtype=np.uint8)
    specks = np.where(rng.random((400, 500)) < 0.03, 0, 255).astype(np.uint8)
    grid = np.full((400, 500), 255, np.uint8)
    grid[::5], grid[:, ::7] = 0, 0
    wide = np.tile(np.where(np.arange(20_000) % 40 < 20, 0, 255).astype(np.uint8), (30, 1))
    shapes = {"noise": noise, "specks": specks, "grid": grid, "wide": wide, "tall": wide.T, "dot": noise[:1, :1]}
    for name, pixels in shapes.items():
        out = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels)).save(out, "PNG")
        yield Case(f"scan-{name}.png", out.getvalue(), "read", f"recognition: {name}")


def watching_cases() -> Iterator[Case]:
    """Short videos whose frames are noise, a grid that moves, or print that is another at every look."""
    rng = np.random.default_rng(6)

    def noise(_at: float) -> Image.Image:
        return Image.fromarray(rng.integers(0, 256, (96, 160, 3), dtype=np.uint8))

    def grid(at: float) -> Image.Image:
        pixels = np.full((96, 160, 3), 255, np.uint8)
        pixels[round(at) % 5 :: 5], pixels[:, ::7] = 0, 0
        return Image.fromarray(pixels)

    def restless(at: float) -> Image.Image:
        image = Image.new("RGB", (320, 96), "white")
        for row in range(3):
            image.paste(screens.words(f"Row {row} at {at * 977:.3f}", 20), (10, 4 + 30 * row))
        return image

    paints: dict[str, Callable[[float], Image.Image]] = {"noise": noise, "grid": grid, "restless": restless}
    with TemporaryDirectory() as folder:
        for name, paint in paints.items():
            made = screens.film(Path(folder) / "film.mp4", paint, (), 1.6)
            yield Case(f"film-{name}.mp4", made.path.read_bytes(), "read", f"watching: {name}")
