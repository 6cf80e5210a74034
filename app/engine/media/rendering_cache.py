"""Drawn tiles, the last used ones, within a budget of bytes. For the event loop's thread only."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtGui import QImage

from app.engine.media.rendering_jobs import Tile

CACHE_BYTES = 192 << 20
Key = tuple[str, tuple[int, int]]
"""A file's path and its stamp."""


class TileCache:
    """What was not used for the longest time goes first."""

    def __init__(self, most_bytes: int = CACHE_BYTES) -> None:
        self._most = most_bytes
        self._images: OrderedDict[tuple[Key, Tile], QImage] = OrderedDict()
        self._pages: dict[tuple[Key, int], set[Tile]] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._images)

    def put(self, key: Key, tile: Tile, image: QImage) -> None:
        """Cache an image, and drop the least recently used ones beyond the limit."""
        self._drop(key, tile)
        self._images[key, tile] = image
        self._pages.setdefault((key, tile.page), set()).add(tile)
        self.bytes += image.sizeInBytes()
        while self.bytes > self._most and len(self._images) > 1:
            self._drop(*next(iter(self._images)))

    def get(self, key: Key, tile: Tile) -> QImage | None:
        """The image, which counts as used now."""
        image = self._images.get((key, tile))
        if image is not None:
            self._images.move_to_end((key, tile))
        return image

    def has(self, key: Key, tile: Tile) -> bool:
        """Whether it is there; does not count as use."""
        return (key, tile) in self._images

    def of_page(self, key: Key, page: int) -> list[Tile]:
        """Everything that is there of a page."""
        return list(self._pages.get((key, page), ()))

    def forget(self, key: Key) -> None:
        """Drop all of a file."""
        for one, tile in [known for known in self._images if known[0] == key]:
            self._drop(one, tile)

    def _drop(self, key: Key, tile: Tile) -> None:
        image = self._images.pop((key, tile), None)
        if image is None:
            return
        self.bytes -= image.sizeInBytes()
        tiles = self._pages[key, tile.page]
        tiles.discard(tile)
        if not tiles:
            del self._pages[key, tile.page]
