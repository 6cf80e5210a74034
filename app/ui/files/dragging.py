"""Dragging out of the window: a file as itself, a page or a frame as a picture that other programs can take."""

from __future__ import annotations

import tempfile
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QImage, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app.text.file_names import fit_stem

GHOST = QSize(160, 160)


def file_data(path: Path) -> QMimeData:
    """A file for other programs."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


class Dragged:
    """A private folder for the pictures that are dragged out; it goes with the window."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def picture_data(self, image: QImage, name: str) -> QMimeData:
        """A picture for other programs: as a PNG file with a readable name, and as the picture itself."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="lectern-drag-")
        stem = fit_stem(name, "picture")
        path = Path(self._folder.name) / f"{stem}.png"
        data = file_data(path) if image.save(str(path)) else QMimeData()
        data.setImageData(image)
        return data

    def close(self) -> None:
        """Delete the pictures: a program that took one has copied it by now."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def start_drag(source: QWidget, data: QMimeData, ghost: QPixmap | None = None) -> Qt.DropAction:
    """Hold ``data`` under the pointer until it is let go somewhere."""
    drag = QDrag(source)
    drag.setMimeData(data)
    if ghost is not None and not ghost.isNull():
        fit = Qt.AspectRatioMode.KeepAspectRatio
        drag.setPixmap(ghost.scaled(GHOST, fit, Qt.TransformationMode.SmoothTransformation))
    return drag.exec(Qt.DropAction.CopyAction)


def is_drag(event: QMouseEvent, pressed_at: QPoint | None) -> bool:
    """Whether the pointer has moved far enough, with its button down, to mean a drag."""
    if pressed_at is None or not event.buttons() & Qt.MouseButton.LeftButton:
        return False
    moved = event.position().toPoint() - pressed_at
    return moved.manhattanLength() >= QApplication.startDragDistance()
