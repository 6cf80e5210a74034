"""Pictures that are hard on text recognition: very wide, very tall, noise, grids, and pages of nothing but specks."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image

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
