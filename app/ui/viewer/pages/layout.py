"""Where the pages of a document are: one below the other, centred. Numbers only, no Qt.

Pages are measured in units (points of a PDF, pixels of a picture), places on the sheet in logical pixels of the screen.
Changing the scale costs nothing, whatever the number of pages.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

A4 = (595.0, 842.0)
MOST_HEIGHT = 1_800_000_000.0
"""Scroll bars count in 32 bits."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a page, in units; pages count from 1."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class PageRect:
    """A page's place on the sheet."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """The lower edge of the page."""
        return self.top + self.height


class Layout:
    """The pages at a scale, on a sheet that is at least as wide and high as the view."""

    def __init__(self, sizes: Sequence[tuple[float, float]], margin: int = 12, gap: int = 12) -> None:
        sound = next((size for size in sizes if size[0] > 0 and size[1] > 0), A4)
        self.sizes = [size if size[0] > 0 and size[1] > 0 else sound for size in sizes]
        self.margin, self.gap = margin, gap
        self.scale = 1.0
        self._above = [0.0, *accumulate(height for _, height in self.sizes)]
        self._widest = max((width for width, _ in self.sizes), default=0.0)
        self._view = (0.0, 0.0)

    @property
    def pages(self) -> int:
        """The number of pages."""
        return len(self.sizes)

    @property
    def most_scale(self) -> float:
        """Beyond it the sheet would be too high for a scroll bar."""
        return MOST_HEIGHT / max(1.0, self._above[-1])

    def set(self, scale: float, view_width: float, view_height: float) -> None:
        """Set the scale and the size of the view, in pixels."""
        self.scale, self._view = scale, (view_width, view_height)

    @property
    def width(self) -> float:
        """Width of the whole sheet in pixels."""
        return max(self._view[0], self._widest * self.scale + 2 * self.margin)

    @property
    def height(self) -> float:
        """Height of the whole sheet in pixels."""
        return max(self._view[1], self._filled)

    @property
    def _filled(self) -> float:
        return self._above[-1] * self.scale + (self.pages - 1) * self.gap + 2 * self.margin

    @property
    def _lead(self) -> float:
        """A document that is lower than the view is centred."""
        return self.margin + max(0.0, (self._view[1] - self._filled) / 2)

    def rect(self, page: int) -> PageRect:
        """The rectangle of a page on the sheet."""
        width, height = self.sizes[page - 1]
        left = (self.width - width * self.scale) / 2
        top = self._lead + self._above[page - 1] * self.scale + (page - 1) * self.gap
        return PageRect(left, top, width * self.scale, height * self.scale)

    def page_at(self, y: float) -> int:
        """The page at a height of the sheet; between two, the upper one."""
        low, high = 1, self.pages
        while low < high:
            middle = (low + high + 1) // 2
            if self.rect(middle).top <= y:
                low = middle
            else:
                high = middle - 1
        return low

    def visible(self, top: float, bottom: float) -> range:
        """The pages that reach between two heights."""
        first = self.page_at(top)
        if self.rect(first).bottom < top and first < self.pages:
            first += 1
        return range(first, max(first, self.page_at(bottom)) + 1)

    def spot(self, x: float, y: float) -> Spot:
        """The place on a page at a place of the sheet; beside a page or between two, outside of the nearest one."""
        page = self.page_at(y)
        if page < self.pages:
            here, next_one = self.rect(page), self.rect(page + 1)
            page += y - here.bottom > next_one.top - y
        rect = self.rect(page)
        return Spot(page, (x - rect.left) / self.scale, (y - rect.top) / self.scale)

    def place(self, spot: Spot) -> tuple[float, float]:
        """The point of the sheet at a spot."""
        rect = self.rect(spot.page)
        return rect.left + spot.x * self.scale, rect.top + spot.y * self.scale


def nearest_stop(stops: Sequence[float], value: float, step: int) -> float:
    """The next stop above (1) or below (-1) a value."""
    if step > 0:
        index = bisect_right(stops, value * 1.001)
        return stops[min(index, len(stops) - 1)]
    index = bisect_right(stops, value * 0.999) - 1
    return stops[max(index, 0)]
