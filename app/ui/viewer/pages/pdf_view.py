"""A PDF as it is read: pages one below the other, text to be selected, words found, places marked, links followed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt, QUrl, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from app.engine.media.rendering import RenderBridge
from app.i18n import tr
from app.ingest.view.types import Link
from app.ui.viewer.pages.layout import Spot
from app.ui.viewer.pages.text_view import MAX_DESCRIPTION, TextView


class PdfView(TextView):
    """The pages of one PDF."""

    link_wanted = Signal(QUrl)
    """An address that the page leads to."""

    def __init__(self, bridge: RenderBridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAccessibleName(tr("Pages of the document"))
        self._link: Link | None = None

    @property
    def has_words(self) -> bool:
        """A PDF can always be searched: it may have a text layer."""
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A selection begins, or a link is taken hold of."""
        if event.button() == Qt.MouseButton.LeftButton and not self.picks(event):
            self._link = self._link_at(event.position())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A selection is finished; without one, a link is followed."""
        picked = self.picks(event)
        super().mouseReleaseEvent(event)
        link, self._link = self._link, None
        if not picked and link is not None and self.selected is None and link is self._link_at(event.position()):
            self.follow(link)

    def follow(self, link: Link) -> None:
        """Go where a link leads; an address is for the window to open."""
        if link.page is not None:
            self.remember()
            self.bring(link.page)
            if self.layout_ is not None and link.y > 0:
                top = self.layout_.place(Spot(link.page, 0.0, link.y))[1]
                self.verticalScrollBar().setValue(round(top - self.margin))
        elif link.address:
            self.link_wanted.emit(QUrl(link.address))

    # Inside

    def _link_at(self, point: QPointF) -> Link | None:
        spot = self.spot_at(point)
        text = self._text(spot.page) if spot is not None else None
        if spot is None or text is None:
            return None
        for link in text.links:
            if link.box[0] <= spot.x <= link.box[2] and link.box[1] <= spot.y <= link.box[3]:
                return link
        return None

    def _point(self, point: QPointF) -> None:
        super()._point(point)
        link = self._link_at(point)
        if link is not None:
            self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        where = tr("Page {number}", number=link.page) if link is not None and link.page is not None else ""
        self.viewport().setToolTip(where or (link.address if link is not None else ""))

    def _describe(self, page: int) -> None:
        """What a screen reader reads of the page that is looked at."""
        text = self._text(page)
        words = "\n".join(line.text for line in text.lines)[:MAX_DESCRIPTION] if text is not None else ""
        where = tr("Page {number} of {total}", number=page, total=self.pages)
        empty = tr("This page has no text.") if text is not None else ""
        self.setAccessibleDescription(f"{where}\n{words or empty}".strip())
