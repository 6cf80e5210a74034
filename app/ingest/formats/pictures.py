"""From a decoded picture to what the vision tower sees: resized, stored in the spool, and thumbnails.

The resize is Pillow's bicubic filter on 8-bit RGB, exactly as transformers' PIL backend does it.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.limits import THUMBNAIL_PX
from model import atomic
from model.prompt.pictures import fit_size
from model.soft_tokens import SOFT_TOKEN_PX, VISUAL_BUDGETS

LARGEST_PICTURE = VISUAL_BUDGETS[-1] * SOFT_TOKEN_PX**2 * 3
"""Bytes of the largest picture that any budget allows."""

PLAIN = (224, 224, 224)


class SpoolFullError(Exception):
    """The temporary folder may not take more pictures."""


@dataclass(slots=True)
class Spool:
    """Where this process writes raw pictures for the app, and how many bytes it may still write."""

    folder: Path
    remaining: int

    def store(self, image: Image.Image, budget: int) -> dict[str, Any]:
        """Write a picture that already has its size; gives the message that describes it."""
        pixels = image.tobytes()
        digest = hashlib.sha256(f"{image.height}x{image.width}:".encode())
        digest.update(pixels)
        name = f"{digest.hexdigest()}.rgb"
        self.keep(name, pixels)
        return {
            "file": name,
            "height": image.height,
            "width": image.width,
            "budget": budget,
            "hash": digest.hexdigest(),
        }

    def keep(self, name: str, data: bytes) -> None:
        """Write a file of this name, which tells its content, unless it is there. Raises ``SpoolFullError``."""
        if not (self.folder / name).exists():
            self._write(name, data)

    def halve(self) -> Spool:
        """Give half of the room away, for another process that writes here at the same time."""
        half = Spool(self.folder, self.remaining // 2)
        self.remaining -= half.remaining
        return half

    def used(self) -> int:
        """Bytes of the pictures that are there."""
        return sum(file.stat().st_size for file in self.folder.glob("*.rgb"))

    def _write(self, name: str, pixels: bytes) -> None:
        if len(pixels) > self.remaining:
            raise SpoolFullError
        try:
            atomic.write(self.folder / name, pixels, durable=False)
        except OSError:
            raise SpoolFullError from None
        self.remaining -= len(pixels)


def to_budget(image: Image.Image, budget: int) -> Image.Image:
    """An RGB picture in the size that the budget gives it."""
    height, width = fit_size(image.height, image.width, budget)
    if (image.height, image.width) == (height, width):
        return image
    return image.resize((width, height), resample=Image.Resampling.BICUBIC)


def thumbnail_png(image: Image.Image) -> bytes:
    """A small PNG, at most 160 px on its longer side."""
    small = image.copy() if max(image.size) <= 4 * THUMBNAIL_PX else image.reduce(_reduction(image))
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    out = io.BytesIO()
    small.save(out, "PNG")
    return out.getvalue()


def plain_thumbnail() -> bytes:
    """A grey sheet for something that has no picture."""
    return thumbnail_png(Image.new("RGB", (120, 160), PLAIN))


def _reduction(image: Image.Image) -> tuple[int, int]:
    factor = max(1, max(image.size) // (2 * THUMBNAIL_PX))
    return min(factor, image.width), min(factor, image.height)
