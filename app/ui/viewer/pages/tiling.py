"""Which tiles a view needs: a page in one piece while it is small enough, else the pieces that can be seen."""

from __future__ import annotations

from app.engine.media.rendering_jobs import Tile

WHOLE_PIXELS = 3_000_000
MOST_SIDE = 8192
SIDE = 1024
PREVIEW_PX = 256
"""Longer side of the small picture that is shown for a page until it is drawn in full, and in the list of pages."""

Size = tuple[float, float]


def pixel_size(size: Size, scale: float) -> tuple[int, int]:
    """The size of a page in pixels at this scale."""
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def fine(scale: float) -> float:
    """Scales that differ by nothing visible are the same."""
    return float(f"{scale:.5g}")


def preview(page: int, size: Size, most: float = float("inf")) -> Tile:
    """The small picture of a page, never larger than ``most`` pixels a unit."""
    scale = fine(min(PREVIEW_PX / max(size), most))
    return Tile(page, scale, (0, 0, *pixel_size(size, scale)))


def tiles(page: int, size: Size, scale: float, seen: tuple[float, float, float, float]) -> list[Tile]:
    """The tiles under the part ``seen`` (left, top, right, bottom in pixels) of a page, from its top on."""
    width, height = pixel_size(size, scale)
    if width * height <= WHOLE_PIXELS and max(width, height) <= MOST_SIDE:
        return [Tile(page, scale, (0, 0, width, height))]
    left, top = max(0, int(seen[0])) // SIDE * SIDE, max(0, int(seen[1])) // SIDE * SIDE
    right, bottom = min(width, int(seen[2]) + 1), min(height, int(seen[3]) + 1)
    return [
        Tile(page, scale, (x, y, min(SIDE, width - x), min(SIDE, height - y)))
        for y in range(top, bottom, SIDE)
        for x in range(left, right, SIDE)
    ]
