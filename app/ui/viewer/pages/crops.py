"""The line that a quotation was read from, cut out of its page: shown beside evidence from scans and pictures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from statistics import median

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage, QTransform

from app.chat.evidence.places import Place
from app.engine.media.rendering import RenderBridge, Source
from app.ingest.types import Box
from app.ui.viewer.pictures import png_of

LINE_PX = 30
"""Pixels of a line's height, where the picture itself has as many."""

MOST_LINES = 4
_MOST_PIXELS = 800_000
_KEPT = 64
_ABOVE, _BESIDE = 0.5, 3.0
"""Shares of a line's height that are shown around it."""

Got = Callable[[bytes], None]
Crop = Callable[[Place, Got], None]
"""Asks for the picture of a place's words, as PNG; it comes later, or not at all where the file cannot be shown."""

_Key = tuple[Path, int, tuple[Box, ...]]


class Crops(QObject):
    """Cuts lines out of files, through the process that shows them; the most recent ones are cached."""

    def __init__(self, bridge: RenderBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._kept: OrderedDict[_Key, bytes] = OrderedDict()
        self._open: dict[_Key, tuple[Source, list[Got]]] = {}

    def take(self, path: Path, password: str | None, place: Place, got: Got, turn: int = 0) -> None:
        """``got`` is called with a PNG of the place's words and a little of what is around them.

        ``turn``: degrees clockwise, a multiple of 90, by which the page has to be turned to be read.
        """
        if not place.boxes:
            return
        key = (path, place.page or 1, place.boxes[:MOST_LINES])
        if key in self._kept:
            self._kept.move_to_end(key)
            got(self._kept[key])
        elif key in self._open:
            self._open[key][1].append(got)
        else:
            source = self._bridge.source(path, password)
            self._open[key] = (source, [got])
            source.pictured.connect(lambda _number, data, _why: self._taken(key, _upright(data, turn)))
            source.failed.connect(lambda _why, _locked: self._taken(key, b""))
            box, pixels = region(key[2])
            source.picture(key[1], box, pixels)

    def forget(self) -> None:
        """Drop all pending requests and close their sources."""
        for source, _ in self._open.values():
            source.close()
        self._open.clear()

    def _taken(self, key: _Key, data: bytes) -> None:
        source, waiting = self._open.pop(key, (None, []))
        if source is None:
            return
        source.close()
        if data:
            self._kept[key] = data
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            for got in waiting:
                got(data)


def _upright(data: bytes, turn: int) -> bytes:
    """The picture as it is read."""
    if not turn or not data:
        return data
    return png_of(QImage.fromData(data).transformed(QTransform().rotate(turn)), None)


def region(boxes: tuple[Box, ...]) -> tuple[Box, int]:
    """What is cut out around some lines of words, and how many pixels it gets."""
    height = max(1e-3, median(min(x1 - x0, y1 - y0) for x0, y0, x1, y1 in boxes))
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    across = max(x1) - min(x0) >= max(y1) - min(y0)
    beside, above = (_BESIDE, _ABOVE) if across else (_ABOVE, _BESIDE)
    box = (
        min(x0) - beside * height,
        min(y0) - above * height,
        max(x1) + beside * height,
        max(y1) + above * height,
    )
    scale = LINE_PX / height
    return box, max(1, min(_MOST_PIXELS, round((box[2] - box[0]) * (box[3] - box[1]) * scale * scale)))
