"""A frame as a separate image: saved where the user chooses, or dragged out of the window."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QImage, QImageWriter, QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from app.engine.media.playing import PlayingBridge
from app.i18n import tr, translated
from app.ingest.play.playing import Video, Whole
from app.session.items import Item
from model.atomic import replacing
from model.messages import Message

_DRAGGED = QSize(160, 120)
_QUICK = 80
"""PNG quality: large and quick, for a file that is only carried over."""


GotFrame = Callable[[QImage, float], None]
Failed = Callable[[str], None]


class FrameTaker(QObject):
    """Gets frames in full size out of the playing process, and carries them out of the window."""

    def __init__(self, bridge: PlayingBridge, parent: QWidget) -> None:
        super().__init__(parent)
        self._bridge, self._widget = bridge, parent
        self._wanted: dict[int, tuple[GotFrame, Failed]] = {}
        self._files = FrameFiles()
        self._video: Video | None = None
        self.ready: QImage | None = None
        """The frame that may be dragged out next."""
        bridge.whole.connect(self._got)
        bridge.missing.connect(self._missing)
        bridge.failed.connect(self._failed)

    def set_video(self, video: Video | None) -> None:
        """Frames are taken from this one; nobody waits any more for those of another."""
        self._video, self.ready = video, None
        self._wanted.clear()

    def take(self, seconds: float, got: GotFrame, failed: Failed) -> None:
        """The frame at ``seconds`` in full size, when it is there; else a sentence."""
        self._wanted[self._bridge.grab(seconds)] = (got, failed)

    def prepare_drag(self, seconds: float) -> None:
        """The mouse button went down on the picture."""
        self.ready = None
        self.take(seconds, self._keep, lambda _: None)

    def drag(self, item: Item, seconds: float, seen: QImage) -> None:
        """Drag the frame out: in full size where it has come in time, else as it is ``seen``."""
        start_drag(self._widget, self._files, item, seconds, self.ready or seen.copy())

    def close(self) -> None:
        """Remove files that were dragged out."""
        self.set_video(None)
        self._files.remove()

    def _keep(self, image: QImage, seconds: float) -> None:
        self.ready = image

    def _got(self, number: int, whole: Whole) -> None:
        wanted = self._wanted.pop(number, None)
        if wanted is None:
            return
        size = (whole.width, whole.height, 4 * whole.width)
        image = QImage(whole.pixels, *size, QImage.Format.Format_RGB32).copy()
        if self._video is not None and image.width() < self._video.width:  # regions count in the video's own pixels
            image = image.scaled(self._video.width, self._video.height)
        wanted[0](image, whole.time_s)

    def _missing(self, number: int) -> None:
        wanted = self._wanted.pop(number, None)
        if wanted is not None:
            wanted[1](tr("This frame cannot be decoded in full size; try the one before it."))

    def _failed(self, message: Message) -> None:
        wanted, self._wanted = self._wanted, {}
        for _, failed in wanted.values():
            failed(translated(message))


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
        return path if _write(path, "png", image, _QUICK) else None

    def remove(self) -> None:
        """Delete all exported images."""
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
    with contextlib.suppress(OSError), replacing(path) as temporary:
        if not _write(temporary, path.suffix[1:].lower(), image):
            raise OSError("it was not written")
        return ""
    return tr(
        "The picture could not be saved as {name}; choose another folder, or a name that ends in .png.", name=path.name
    )


def _write(path: Path, form: str, image: QImage, quality: int = -1) -> bool:
    """In the format of that name, whatever ``path`` ends in. Not ``QImage.save``, which refuses a format in bytes."""
    writer = QImageWriter(str(path), form.encode())
    writer.setQuality(quality)
    return writer.write(image)


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
