"""A frame as an image of its own: saved where the person says, or dragged out of the window."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from app.i18n import tr
from app.ui.items import Item

_DRAGGED = QSize(160, 120)
_QUICK = 80
"""PNG quality: large and quick, for a file that is only carried over."""


class FrameFiles:
    """Frames that were dragged out, as files in a private folder, until the end."""

    def __init__(self) -> None:
        self._folder: Path | None = None

    def write(self, name: str, image: QImage) -> Path | None:
        """The frame's file; ``None`` where it cannot be written."""
        try:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="lectern-frames-"))
        except OSError:
            return None
        path = self._folder / name
        return path if image.save(str(path), b"PNG", _QUICK) else None

    def remove(self) -> None:
        """Delete them all."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def frame_name(item: Item, seconds: float) -> str:
    """``clip 00-01-05.2.png``: sorts by time, and every system takes it."""
    whole = int(seconds)
    tenth = int((seconds - whole) * 10)
    return f"{item.path.stem[:80]} {whole // 3600:02d}-{whole // 60 % 60:02d}-{whole % 60:02d}.{tenth}.png"


def save_frame(parent: QWidget, item: Item, seconds: float, image: QImage) -> str:
    """Ask where, and save it. A sentence where that did not work."""
    title = tr("Save this frame")
    suggestion = str(item.path.parent / frame_name(item, seconds))
    chosen, _ = QFileDialog.getSaveFileName(parent, title, suggestion, tr("Pictures (*.png *.jpg)"))
    if not chosen:
        return ""
    path = Path(chosen)
    if not path.suffix:
        path = path.with_suffix(".png")
    if image.save(str(path)):
        return ""
    return tr("The picture could not be saved as {name}; choose another folder or end it in .png.", name=path.name)


def start_drag(parent: QWidget, files: FrameFiles, item: Item, seconds: float, image: QImage) -> None:
    """Carry the frame as a picture and as a file."""
    data = QMimeData()
    data.setImageData(image)
    path = files.write(frame_name(item, seconds), image)
    if path is not None:
        data.setUrls([QUrl.fromLocalFile(str(path))])
    drag = QDrag(parent)
    drag.setMimeData(data)
    small = image.scaled(_DRAGGED, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
    drag.setPixmap(QPixmap.fromImage(small))
    drag.setHotSpot(QPoint(small.width() // 2, small.height() // 2))
    drag.exec(Qt.DropAction.CopyAction)
