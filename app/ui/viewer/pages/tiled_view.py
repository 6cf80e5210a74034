"""A scrolling view of pages that are drawn elsewhere: only what can be seen is asked for, and drawn when it has come.

What is not there yet is painted from what is: a small preview, or the page at the scale it had before. Coordinates:
*units* on a page (points or pixels), the *sheet* on which the pages are, the *viewport* that moves over it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from app.engine.media.rendering import RenderBridge, Source
from app.engine.media.rendering_jobs import Rank, Tile, Wish, Words
from app.i18n import tr, translated
from app.ingest.types import Box
from app.ingest.view.types import Sheets
from app.ui.viewer.pages.layout import Layout, Spot, nearest_stop
from app.ui.viewer.pages.tiling import fine, preview, tiles
from model.messages import Message

Fit = Literal["width", "page", "free"]
STOPS = (0.1, 0.25, 0.33, 0.5, 0.67, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_ZOOMING_MS = 90
"""While somebody zooms, sharp pages wait until the scale has been unchanged for this long."""
_LINE_PX = 48
_CLEAR_OF = 8.0
_MOST_JUMPS = 50
_PAPER = QColor("white")


class TiledView(QAbstractScrollArea):
    """The base of ``PdfView`` and ``ImageView``. Call ``clear`` before it goes."""

    opened = Signal(object)
    """Sheets"""
    failed = Signal(object, bool)
    """A Message, and whether a password is missing."""
    page_changed = Signal(int)
    zoom_changed = Signal()

    margin, gap = 12, 12
    most_zoom = STOPS[-1]
    most_scale = float("inf")
    """The most pixels a unit at which pages are drawn; beyond it, the drawn tiles are enlarged."""

    def __init__(self, bridge: RenderBridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.source: Source | None = None
        self.layout_: Layout | None = None
        self.fit: Fit = "width"
        self._zoom = 1.0
        self._page = 1
        self._refused = False
        self._before: list[Spot] = []
        self._wishes = QTimer(self, singleShot=True)
        self._wishes.timeout.connect(self._wish)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(_LINE_PX)
        self.horizontalScrollBar().setSingleStep(_LINE_PX)

    # What is shown

    def open(self, path: Path, password: str | None = None) -> None:
        """Show another file; ``password`` where it needs one."""
        self.clear()
        self.source = source = self._bridge.source(path, password)
        source.opened.connect(self._opened)
        source.failed.connect(self._failed)
        source.drawn.connect(self._drawn)
        source.broken.connect(self._drawn)

    def clear(self) -> None:
        """Close the file and show nothing."""
        self._wishes.stop()
        if self.source is not None:
            self.source.disconnect(self)
            self.source.close()
        self.source = self.layout_ = None
        self._page = 1
        self._refused = False
        self._before = []
        self._set_bars()
        self.viewport().update()

    @property
    def pages(self) -> int:
        """How many pages are shown; 0 until the file is open."""
        return self.layout_.pages if self.layout_ is not None else 0

    @property
    def page(self) -> int:
        """The page that a user looks at now."""
        return self._page

    @property
    def zoom(self) -> float:
        """1 is the size on paper, or a picture's own pixels."""
        return self._zoom

    @property
    def unit(self) -> float:
        """Logical pixels a unit at zoom 1."""
        return 96 / 72

    # Moving and zooming

    def remember(self) -> None:
        """Before a jump: where the reader is, so that there is a way back."""
        spot = self.spot_at(QPointF(self.viewport().width() / 2, 0.0))
        if spot is not None and (not self._before or self._before[-1] != spot):
            self._before = [*self._before[1 - _MOST_JUMPS :], spot]

    def go_back(self) -> None:
        """To where the reader was before the last jump."""
        if self._before and self.layout_ is not None:
            spot = self._before.pop()
            self.verticalScrollBar().setValue(round(self.layout_.place(spot)[1]))

    def go_to_page(self, page: int) -> None:
        """A page's top to the top of the view."""
        if self.layout_ is not None:
            page = max(1, min(page, self.pages))
            self.verticalScrollBar().setValue(round(self.layout_.rect(page).top - self.margin))
            self._set_page(page)

    def bring(self, page: int, box: Box | None = None) -> None:
        """A page, or a box on it, to where the eye is; no further than needed."""
        if self.layout_ is None or not 1 <= page <= self.pages:
            return
        if box is None:
            self.go_to_page(page)
            return
        left, top = self.layout_.place(Spot(page, box[0], box[1]))
        right, bottom = self.layout_.place(Spot(page, box[2], box[3]))
        seen = self._seen()
        if not (seen.top() + _CLEAR_OF <= top and bottom <= seen.bottom() - _CLEAR_OF):
            room = max(self.margin * 2.0, (seen.height() - (bottom - top)) * 0.35)
            self.verticalScrollBar().setValue(round(top - room))
        if not (seen.left() <= left and right <= seen.right()):
            room = max(self.margin * 2.0, (seen.width() - (right - left)) / 2)
            self.horizontalScrollBar().setValue(round(left - room))
        self._set_page(page)

    def set_fit(self, fit: Fit) -> None:
        """Keep pages as wide as the view, or keep a whole page in it."""
        self.fit = fit
        if fit != "free":
            self._apply(self._fitting_zoom(), None)

    def set_zoom(self, zoom: float, at: QPointF | None = None) -> None:
        """A zoom of the user's choice; what is at a point of the viewport stays there."""
        self.fit = "free"
        self._apply(zoom, at)

    def zoom_by(self, step: int, at: QPointF | None = None) -> None:
        """The next common zoom above or below."""
        self.set_zoom(nearest_stop(STOPS, self._zoom, step), at)

    def spot_at(self, point: QPointF) -> Spot | None:
        """The place on a page at a point of the viewport."""
        if self.layout_ is None:
            return None
        seen = self._seen()
        return self.layout_.spot(point.x() + seen.left(), point.y() + seen.top())

    def point_of(self, spot: Spot) -> QPointF:
        """The point of the viewport at a place on a page."""
        assert self.layout_ is not None
        x, y = self.layout_.place(spot)
        return QPointF(x, y) - self._seen().topLeft()

    def page_rect(self, page: int) -> QRectF:
        """A page's place in the viewport, on whole pixels of the screen."""
        assert self.layout_ is not None
        rect, seen, ratio = self.layout_.rect(page), self._seen(), self.devicePixelRatioF()
        left, top = round((rect.left - seen.left()) * ratio) / ratio, round((rect.top - seen.top()) * ratio) / ratio
        return QRectF(left, top, max(1, round(rect.width * ratio)) / ratio, max(1, round(rect.height * ratio)) / ratio)

    def box_rect(self, page: int, box: Box) -> QRectF:
        """A box of a page in the viewport."""
        rect, scale = self.page_rect(page), self._scale
        return QRectF(
            QPointF(rect.left() + box[0] * scale, rect.top() + box[1] * scale),
            QPointF(rect.left() + box[2] * scale, rect.top() + box[3] * scale),
        )

    def visible_pages(self) -> range:
        """The pages of which something can be seen."""
        if self.layout_ is None:
            return range(0)
        seen = self._seen()
        return self.layout_.visible(seen.top(), seen.bottom())

    def retry(self, page: int) -> None:
        """Draw a page once more that could not be drawn."""
        if self.source is not None:
            self.source.retry(page)
            self._wishes.start(0)
            self.viewport().update()

    # Inside

    @property
    def _scale(self) -> float:
        return self.layout_.scale if self.layout_ is not None else self.unit

    def _seen(self) -> QRectF:
        """The part of the sheet in the viewport."""
        size = self.viewport().size()
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        return QRectF(across, down, size.width(), size.height())

    def _opened(self, sheets: Sheets) -> None:
        self.layout_ = Layout(sheets.sizes, self.margin, self.gap)
        self._apply(self._zoom if self.fit == "free" else self._fitting_zoom(), None)
        self.opened.emit(sheets)
        self.page_changed.emit(self._page)

    def _failed(self, message: Message, locked: bool) -> None:
        self._refused = True
        self.viewport().update()
        self.failed.emit(message, locked)

    def _drawn(self, page: int) -> None:
        if page in self.visible_pages():
            self.viewport().update(self.page_rect(page).toAlignedRect().adjusted(-8, -8, 8, 8))

    def _fitting_zoom(self) -> float:
        return self._zoom_to_fit(self.fit)

    def _zoom_to_fit(self, fit: Fit) -> float:
        if self.layout_ is None:
            return self._zoom
        width, height = self.layout_.sizes[self._page - 1]
        room = 2 * self.margin
        zoom = max(1, self.viewport().width() - room) / (width * self.unit)
        if fit == "page":
            zoom = min(zoom, max(1, self.viewport().height() - room) / (height * self.unit))
        return zoom

    def _apply(self, zoom: float, at: QPointF | None) -> None:
        """Another scale around a point of the viewport; by default around the middle of its upper edge."""
        zoom = min(max(zoom, min(STOPS[0], self._zoom_to_fit("page"))), self.most_zoom)
        if self.layout_ is None:
            self._zoom = zoom
            return
        zoom = min(zoom, self.layout_.most_scale / self.unit)
        at = QPointF(self.viewport().width() / 2, 0.0) if at is None else at
        kept = self.spot_at(at)
        self._zoom = zoom
        self._set_bars()
        if kept is not None:
            x, y = self.layout_.place(kept)
            self.horizontalScrollBar().setValue(round(x - at.x()))
            self.verticalScrollBar().setValue(round(y - at.y()))
        self._scrolled()
        self._wishes.start(_ZOOMING_MS if self.fit == "free" else 0)
        self.zoom_changed.emit()

    def _set_bars(self) -> None:
        size = self.viewport().size()
        width, height = 0.0, 0.0
        if self.layout_ is not None:
            self.layout_.set(self._zoom * self.unit, size.width(), size.height())
            width, height = self.layout_.width, self.layout_.height
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setRange(0, max(0, round(width) - size.width()))
        down.setRange(0, max(0, round(height) - size.height()))
        across.setPageStep(size.width())
        down.setPageStep(max(_LINE_PX, size.height() - _LINE_PX))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """The scroll bars have moved."""
        self._scrolled()
        if not self._wishes.isActive():
            self._wishes.start(0)

    def _scrolled(self) -> None:
        if self.layout_ is not None:
            seen = self._seen()
            self._set_page(self.layout_.page_at(seen.top() + 0.4 * seen.height()))
        self.viewport().update()

    def _set_page(self, page: int) -> None:
        if page != self._page:
            self._page = page
            self.page_changed.emit(page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the fit, and the place."""
        super().resizeEvent(event)
        self._refit()

    def _refit(self) -> None:
        if self.layout_ is None:
            return
        if self.fit != "free":
            self._apply(self._fitting_zoom(), None)
        else:
            self._set_bars()
            self._scrolled()
            self._wishes.start(0)

    def viewportEvent(self, event: QEvent) -> bool:
        """A screen of another density needs other pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._refit()
        return super().viewportEvent(event)

    # What is wanted

    def draw_scale(self) -> float:
        """Pixels a unit in which pages are drawn now."""
        return fine(min(self._scale * self.devicePixelRatioF(), self.most_scale))

    def _wish(self) -> None:
        if self.source is not None and self.layout_ is not None:
            self.source.want(self.wishes())

    def wishes(self) -> list[Wish]:
        """All that should be drawn now, the most wanted first."""
        visible = self.visible_pages()
        assert self.layout_ is not None and self.source is not None
        result = [self._preview(page, Rank.VISIBLE) for page in visible if not self.source.tiles(page)]
        result += [Wish(Rank.VISIBLE, tile) for page in visible for tile in self._tiles(page)]
        result += [Wish(Rank.NEAR, Words(page)) for page in visible]
        near = [page for page in (visible[-1] + 1, visible[0] - 1) if 1 <= page <= self.pages]
        result += [self._preview(page, Rank.NEAR) for page in near]
        return result + [Wish(Rank.NEAR, tile) for page in near for tile in self._tiles(page)]

    def _preview(self, page: int, rank: Rank) -> Wish:
        assert self.layout_ is not None
        return Wish(rank, preview(page, self.layout_.sizes[page - 1], self.most_scale))

    def _tiles(self, page: int) -> list[Tile]:
        """The tiles of a page that can be seen; of a page that cannot, what comes into view first."""
        assert self.layout_ is not None
        rect, seen, scale = self.layout_.rect(page), self._seen(), self.draw_scale()
        pixels = scale / self._scale
        if rect.top > seen.bottom() or rect.bottom < seen.top():
            seen.moveTop(rect.top if rect.top > seen.bottom() else rect.bottom - seen.height() / 2)
            seen.setHeight(seen.height() / 2)
        edges = (seen.left() - rect.left, seen.top() - rect.top, seen.right() - rect.left, seen.bottom() - rect.top)
        left, top, right, bottom = (edge * pixels for edge in edges)
        return tiles(page, self.layout_.sizes[page - 1], scale, (left, top, right, bottom))

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pages that can be seen, and the overlays on them."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self.palette().color(QPalette.ColorRole.Midlight))
        if self.layout_ is None:
            if self.source is not None and not self._refused:
                painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
                painter.drawText(self.viewport().rect(), int(Qt.AlignmentFlag.AlignCenter), tr("Opening…"))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for page in self.visible_pages():
            rect = self.page_rect(page)
            if rect.adjusted(-40, -40, 40, 40).intersects(QRectF(event.rect())):
                self._paint_page(painter, page, rect)
        self.paint_over(painter)

    def _paint_page(self, painter: QPainter, page: int, rect: QRectF) -> None:
        assert self.source is not None
        self.paint_paper(painter, rect)
        wanted = self._tiles(page)
        there = [tile for tile in wanted if self.source.image(tile) is not None]
        complete = len(there) == len(wanted)
        if not complete:
            if not self._wishes.isActive():
                self._wishes.start(0)  # it may have been there, and given way to something else
            others = [tile for tile in self.source.tiles(page) if tile not in there]
            there = self.layers(sorted(others, key=lambda tile: tile.scale), there)
        for tile in there:
            self._paint_tile(painter, rect, tile, tile not in wanted)
        message = self.source.broken_pages.get(page)
        if message is not None and not complete:
            self._paint_broken(painter, rect, message)
        self.paint_page(painter, page, rect)

    def layers(self, others: list[Tile], there: list[Tile]) -> list[Tile]:
        """What is painted of a page that is not complete: the rough below, the sharp above."""
        return [*others, *there]

    def _paint_tile(self, painter: QPainter, rect: QRectF, tile: Tile, rough: bool) -> None:
        assert self.source is not None
        image = self.source.image(tile)
        if image is None:
            return
        factor = self._scale / tile.scale
        left, top, width, height = tile.area
        target = QRectF(rect.left() + left * factor, rect.top() + top * factor, width * factor, height * factor)
        smooth = rough or self.smooth(factor * self.devicePixelRatioF())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(target, image)

    def smooth(self, factor: float) -> bool:
        """Whether an image that is drawn ``factor`` times its size is smoothed."""
        return abs(factor - 1) > 0.001

    def paint_paper(self, painter: QPainter, rect: QRectF) -> None:
        """The background of a page."""
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.fillRect(rect, _PAPER)

    def _paint_broken(self, painter: QPainter, rect: QRectF, message: Message) -> None:
        words = tr("This page could not be drawn.") + "\n" + translated(message)
        painter.setPen(QColor("#5a5550"))
        room = rect.intersected(QRectF(self.viewport().rect())).adjusted(24, 24, -24, -24)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), words)

    def paint_page(self, painter: QPainter, page: int, rect: QRectF) -> None:
        """Draw over a page; for subclasses."""

    def paint_over(self, painter: QPainter) -> None:
        """Draw over everything; for subclasses."""
