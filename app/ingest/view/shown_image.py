"""A picture to be looked at: upright, with its transparency, drawn at any scale out of ever smaller copies."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.image.reader import load_shown
from app.ingest.types import Box
from app.ingest.view.types import Area
from model.errors import IngestError
from model.messages import msg

_LEVELS = 6


class ShownImage:
    """Level n of the picture is 2^n times smaller; each is made when it is first needed."""

    def __init__(self, path: Path, form: str, password: str | None = None) -> None:
        self._levels = [load_shown(path, form)]

    def sheets(self) -> dict[str, Any]:
        """The picture as one page, its size in pixels."""
        return {"view": "picture", "sizes": [list(self._levels[0].size)], "total": 1}

    def draw(self, page: int, scale: float, area: Area) -> tuple[bytes, bool]:
        """A part of the picture, out of the smallest copy that is still sharp enough."""
        _only(page)
        image, level = self._level(scale)
        left, top, width, height = area
        rest = scale * 2**level
        box = (left / rest, top / rest, (left + width) / rest, (top + height) / rest)
        whole = (0.0, 0.0, float(image.width), float(image.height))
        inside = tuple(
            min(max(low, value), high) for value, low, high in zip(box, whole[:2] * 2, whole[2:] * 2, strict=True)
        )
        if inside[0] >= inside[2] or inside[1] >= inside[3]:
            raise IngestError(msg("view.picture-nothing-here", "This region is outside the picture."))
        drawn = image.resize((width, height), Image.Resampling.BILINEAR, box=inside)
        clear = drawn.mode == "RGBA"
        return (drawn if clear else drawn.convert("RGBX")).tobytes("raw", "BGRA" if clear else "BGRX"), clear

    def text(self, page: int) -> list[list[Any]]:
        """A picture has no text layer."""
        _only(page)
        return []

    def links(self, page: int) -> list[list[Any]]:
        """Nor does it lead anywhere."""
        return []

    def find(self, words: str, pages: list[int]) -> list[list[list[Box]]]:
        """No hits on any page: a picture has no text layer."""
        return [[] for _ in pages]

    def picture(self, page: int, box: Box | None, pixels: int) -> bytes:
        """The picture or a part of it as PNG, made smaller where it has more than ``pixels``."""
        _only(page)
        image = self._levels[0]
        if box is not None:
            left, top = max(0, int(box[0])), max(0, int(box[1]))
            right, bottom = (
                min(image.width, max(left + 1, round(box[2]))),
                min(image.height, max(top + 1, round(box[3]))),
            )
            if left >= right or top >= bottom:
                raise IngestError(msg("view.outside-picture", "The region is outside the picture."))
            image = image.crop((left, top, right, bottom))
        if image.width * image.height > pixels:
            factor = (pixels / (image.width * image.height)) ** 0.5
            size = (max(1, int(image.width * factor)), max(1, int(image.height * factor)))
            image = image.resize(size, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=3)
        return out.getvalue()

    def shrink(self) -> None:
        """Keep only the picture itself."""
        del self._levels[1:]

    def close(self) -> None:
        """Nothing is open any more once a picture has been decoded."""

    def _level(self, scale: float) -> tuple[Image.Image, int]:
        level = 0
        while level < _LEVELS and scale * 2 ** (level + 1) <= 1 and min(self._levels[0].size) >> (level + 1) > 0:
            level += 1
            if level == len(self._levels):
                self._levels.append(self._levels[-1].reduce(2))
        return self._levels[level], level


def _only(page: int) -> None:
    if page != 1:
        raise IngestError(msg("view.picture-no-page", "The picture has no page {number}.", number=page))
