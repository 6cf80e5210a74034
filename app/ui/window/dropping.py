"""Drops on the window, and the veil over it while files are held above it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QMainWindow, QWidget

from app.i18n import tr


def local_paths(data: QMimeData) -> list[Path]:
    """The files and folders in a drop or on the clipboard; addresses of anything else are no files."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile() and url.toLocalFile()]


def model_files(paths: list[Path]) -> list[Path]:
    """The models in GGUF among files, those without a language model last."""
    found = [path for path in paths if path.suffix.lower() == ".gguf"]
    return sorted(found, key=lambda path: "mmproj" in path.name.lower())


def web_address(data: QMimeData) -> str:
    """The address of something on the network, where that is all there is; empty otherwise."""
    if data.hasImage() or local_paths(data):
        return ""
    return next((url.toString() for url in data.urls() if not url.isLocalFile()), "")


def take_as_copy(event: QDropEvent) -> None:
    """Accept a drop as a copy, whatever the source proposes: after a move, some programs delete the original."""
    for action in (Qt.DropAction.CopyAction, Qt.DropAction.LinkAction):
        if event.possibleActions() & action:
            event.setDropAction(action)
            event.accept()
            return
    event.ignore()


class DropVeil(QWidget):
    """Shows that files can be dropped here. Ignores all mouse events."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self) -> None:
        """Lie over the whole window."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint, a dashed frame and the words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tint = QColor(self.palette().color(QPalette.ColorRole.Window))
        tint.setAlpha(240)
        painter.fillRect(self.rect(), tint)
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent, 2.5, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(18, 18, -18, -18), 16, 16)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Drop to add to this conversation"))


class DropWindow(QMainWindow):
    """A window that files, pictures and text can be dropped on."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self._veil = DropVeil(self)

    def wants(self, data: QMimeData) -> bool:
        """Whether there is something to attach in a drop."""
        raise NotImplementedError

    def take(self, data: QMimeData) -> bool:
        """Attach what was dropped; whether something was taken."""
        raise NotImplementedError

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and pictures are welcome anywhere; what is dragged out of this window does not come back in."""
        own = event.source() is not None
        if not own and self.wants(event.mimeData()):
            take_as_copy(event)
            self._veil.cover()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Still a copy, whatever keys are held down."""
        if event.source() is None:
            take_as_copy(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Hide the drop hint when the drag leaves the window."""
        self._veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach files and pictures; text goes into the question. The original stays where it is."""
        self._veil.hide()
        if self.take(event.mimeData()):
            take_as_copy(event)
