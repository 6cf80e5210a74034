"""A page, a picture, a frame or a part of one as a PNG: for the clipboard, a file, a drag, a closer look."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QObject
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from app.engine.media.rendering import Source
from app.i18n import tr, translated
from app.ingest.types import Box
from model import atomic
from model.messages import Message

PAGE_PIXELS = 4_000_000
"""A page at about 200 dots an inch."""
CLOSER_PIXELS = 3_200_000
"""A little more than the largest visual budget shows."""
Got = Callable[[bytes], None]
Failed = Callable[[str], None]


class Taker(QObject):
    """Asks sources for pictures and hands each to who asked for it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: dict[tuple[int, int], tuple[Got, Failed]] = {}

    def take(
        self, source: Source, page: int, box: Box | None, got: Got, failed: Failed, pixels: int = PAGE_PIXELS
    ) -> None:
        """``got`` is called with a PNG, or ``failed`` with one sentence; neither where the file is closed before."""
        if source.property("taken") is None:
            source.setProperty("taken", True)
            source.pictured.connect(lambda number, data, why: self._pictured((source.number, number), data, why))
        self._waiting[source.number, source.picture(page, box, pixels)] = (got, failed)

    def forget(self) -> None:
        """Drop all pending requests; their callbacks are not called."""
        self._waiting.clear()

    def _pictured(self, key: tuple[int, int], data: bytes, why: Message) -> None:
        got, failed = self._waiting.pop(key, (None, None))
        if data and got is not None:
            got(data)
        elif failed is not None:
            failed(translated(why))


def to_clipboard(data: bytes) -> None:
    """The picture, for every program that takes one.

    Not as a QMimeData subclass: what the clipboard holds lives longer than Python, and its end would crash the exit.
    """
    QGuiApplication.clipboard().setImage(QImage.fromData(data))


def save_as(parent: QWidget, suggestion: Path, data: bytes) -> str:
    """Ask where and write it there; one sentence where that did not work."""
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save as a picture"), str(suggestion), tr("Pictures (*.png)"))
    if not chosen:
        return ""
    path = Path(chosen) if Path(chosen).suffix else Path(chosen).with_suffix(".png")
    try:
        atomic.write(path, data)
    except OSError as error:
        return tr("The picture could not be saved as {name}: {why}.", name=path.name, why=error.strerror or str(error))
    return ""


def png_of(image: QImage, box: Box | None) -> bytes:
    """An image, or a part of it, as PNG."""
    if box is not None:
        x0, y0, x1, y1 = (round(edge) for edge in box)
        image = image.copy(x0, y0, max(1, x1 - x0), max(1, y1 - y0))
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, b"PNG").write(image)
    return bytes(buffer.data().data())
