"""The viewer's parts, and where they are in it: tools, coverage, search and note above, pages and the view below."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QStackedWidget, QWidget

from app.engine.media.rendering import RenderBridge
from app.i18n import tr
from app.ui.files.coverage import CoverageStrip
from app.ui.look.widgets import Note, column, label
from app.ui.viewer.carrying import Carrier
from app.ui.viewer.find_bar import FindBar
from app.ui.viewer.pages.image_view import ImageView
from app.ui.viewer.pages.pdf_view import PdfView
from app.ui.viewer.pages.thumbnails import Thumbnails
from app.ui.viewer.pictures import Taker
from app.ui.viewer.toolbar import ViewerToolbar


class ViewerParts(QFrame):
    """What the viewer consists of; ``ViewerPane`` connects it."""

    def __init__(self, bridge: RenderBridge | None, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.bridge = bridge or RenderBridge(parent=self)
        self._taker = Taker(self)
        self.carrier = Carrier(self, self._taker)
        self.toolbar = ViewerToolbar()
        self.pdf = PdfView(self.bridge)
        self.image = ImageView(self.bridge)
        self.thumbnails = Thumbnails(self.bridge)
        self.find_bar = FindBar(self.pdf.finder)
        self.coverage = CoverageStrip()
        self.note = Note("danger")
        self.again_button = QPushButton(tr("Try again"))
        self.note.tools.insertWidget(0, self.again_button)
        self.note.hide()
        self.empty = label(tr("Choose a file to see it here."), "muted", wrap=True)
        self.stack = QStackedWidget()
        self._lay_out()

    def _lay_out(self) -> None:
        self.setProperty("look", "viewer")
        self.setAccessibleName(tr("Viewer"))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for view in (self.empty, self.pdf, self.image):
            self.stack.addWidget(view)
        self.body = QHBoxLayout()
        self.body.setSpacing(0)
        self.body.addWidget(self.thumbnails)
        self.body.addWidget(self.stack, 1)
        self.thumbnails.hide()
        self.covered = QFrame()
        self.covered.setProperty("look", "strip")
        strip = column(self.covered, margins=(8, 2, 8, 3), spacing=0)
        strip.addWidget(self.coverage)
        layout = column(self, spacing=0)
        for part in (self.toolbar, self.covered, self.find_bar, self.note):
            layout.addWidget(part)
        layout.addLayout(self.body, 1)
        self.setFocusProxy(self.stack)
