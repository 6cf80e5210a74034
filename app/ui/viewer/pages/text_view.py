"""A view with words on it, of a text layer or read from a picture: they are selected, copied, quoted and found."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from app.engine.media.rendering import RenderBridge
from app.engine.media.rendering_jobs import Rank, Wish, Words
from app.ingest.types import Box, Document, Page
from app.ingest.view.read_words import read_text, together
from app.ingest.view.types import PageText
from app.ui.viewer.finding import Finder
from app.ui.viewer.pages import selection
from app.ui.viewer.pages.marks import draw_hits, draw_selection
from app.ui.viewer.pages.picking_view import PickingView
from app.ui.viewer.pages.selection import Caret, Span

MAX_DESCRIPTION = 4000
_EDGE_MS = 30
_EDGE_PX = 24


class TextView(PickingView):
    """The base of ``PdfView`` and ``ImageView``."""

    quote_wanted = Signal(str)
    menu_wanted = Signal(QPoint)
    """Where the context menu belongs, on the screen."""
    selection_changed = Signal()

    def __init__(self, bridge: RenderBridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.finder = Finder(self)
        self.finder.changed.connect(self.viewport().update)
        self.finder.current_changed.connect(self._show_hit)
        self.selected: Span | None = None
        self._document: Document | None = None
        self._read: dict[int, PageText | None] = {}
        self._anchor: Span | None = None
        self._pointer = QPointF()
        self._clicked_twice: QPointF | None = None
        self._copying = ""
        self._edge = QTimer(self, interval=_EDGE_MS)
        self._edge.timeout.connect(self._drag_beyond_the_edge)
        self._clicks = QTimer(self, singleShot=True)
        self._clicks.timeout.connect(self._forget_clicks)
        self.page_changed.connect(self._describe)

    def open(self, path: Path, password: str | None = None) -> None:
        """Show another file; ``password`` where it needs one."""
        super().open(path, password)
        assert self.source is not None
        self.finder.set_source(self.source)
        self.source.texted.connect(self._texted)

    def set_document(self, document: Document | None) -> None:
        """What was read of the file: the words on its pictures, and where words cannot be."""
        self.finder.document = document
        if document is not self._document:
            self._document, self._read = document, {}
            self._describe(self.page)

    @property
    def has_words(self) -> bool:
        """Whether words can be looked for."""
        return self._document is not None and any(page.from_picture for page in self._document.pages)

    def clear(self) -> None:
        """Close the file and show nothing."""
        self.finder.set_source(None)
        self.set_document(None)
        self._select(None)
        self._anchor = None
        self._copying = ""
        self._edge.stop()
        super().clear()

    # Selecting

    @property
    def selected_text(self) -> str:
        """The selected text, as far as its pages' text has come."""
        return (selection.words(self._text, self.selected) if self.selected is not None else "") or ""

    def selected_box(self) -> tuple[int, Box] | None:
        """The page on which the selection begins, and the box around what is selected there."""
        text = self._text(self.selected.start.page) if self.selected is not None else None
        if self.selected is None or text is None:
            return None
        page = self.selected.start.page
        found = selection.boxes(text, page, self.selected)
        if not found:
            return None
        x0, y0, x1, y1 = zip(*found, strict=True)
        return page, (min(x0), min(y0), max(x1), max(y1))

    def select_page(self) -> None:
        """All text of the page that is looked at."""
        text = self._text(self.page)
        if text is not None:
            self._select(selection.whole_page(text, self.page))

    def deselect(self) -> None:
        """Nothing is selected any more."""
        self._select(None)
        self._anchor = None

    def copy(self) -> None:
        """Copy the selection to the clipboard, as soon as the text of all its pages is there."""
        self._with_selection("copy")

    def quote(self) -> None:
        """Quote the selection in the question."""
        self._with_selection("quote")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a selection."""
        if event.button() != Qt.MouseButton.LeftButton or self.picks(event):
            super().mousePressEvent(event)
            return
        third = self._clicked_twice is not None and _near(self._clicked_twice, event.position())
        caret = self._caret(event.position())
        if caret is None:
            self.deselect()
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._anchor is not None:
            self._extend(event.position())
            return
        text = self._text(caret.page)
        assert text is not None
        whole = third and text.lines
        self._anchor = selection.line_around(text, caret) if whole else Span(caret, caret)
        self._select(self._anchor if whole else None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A word; a third click takes the line."""
        caret = self._caret(event.position())
        text = self._text(caret.page) if caret is not None else None
        if event.button() != Qt.MouseButton.LeftButton or caret is None or text is None:
            super().mouseDoubleClickEvent(event)
            return
        self._anchor = selection.word_around(text, caret)
        self._select(self._anchor)
        self._clicked_twice = event.position()
        self._clicks.start(QApplication.doubleClickInterval())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Extend the selection; beyond the edge, scroll too."""
        if self.picks(event):
            super().mouseMoveEvent(event)
            return
        self._pointer = event.position()
        if event.buttons() & Qt.MouseButton.LeftButton and self._anchor is not None:
            self._extend(event.position())
            outside = not QRectF(self.viewport().rect()).adjusted(0, _EDGE_PX, 0, -_EDGE_PX).contains(self._pointer)
            if outside != self._edge.isActive():
                self._edge.start() if outside else self._edge.stop()
        else:
            self._point(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish the selection."""
        self._edge.stop()
        if self.picks(event):
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By the mouse or by the menu key."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        self.menu_wanted.emit(self.viewport().mapToGlobal(QPoint(40, 40)) if by_key else event.globalPos())

    # Inside

    def _text(self, page: int) -> PageText | None:
        layer = self.source.text(page) if self.source is not None else None
        known = self._page_read(page)
        if page not in self._read:
            self._read[page] = read_text(known) if known is not None else None
        return together(layer, self._read[page], known)

    def _page_read(self, page: int) -> Page | None:
        pages = self._document.pages if self._document is not None else ()
        return pages[page - 1] if page <= len(pages) else None

    def text_at(self, point: QPointF) -> bool:
        """Whether there are words at a point of the viewport."""
        spot = self.spot_at(point)
        text = self._text(spot.page) if spot is not None else None
        return spot is not None and text is not None and selection.on_text(text, spot.x, spot.y)

    def _caret(self, point: QPointF) -> Caret | None:
        """The place in the text at a point; a page whose text has not come is asked for it."""
        spot = self.spot_at(point)
        if spot is None or self.source is None:
            return None
        text = self._text(spot.page)
        if text is None:
            self.source.ask_text(spot.page)
            return None
        return selection.caret_at(text, spot.page, spot.x, spot.y)

    def _extend(self, point: QPointF) -> None:
        caret = self._caret(point)
        if caret is not None and self._anchor is not None:
            self._select(selection.Span(min(self._anchor.start, caret), max(self._anchor.end, caret)))

    def _select(self, selected: Span | None) -> None:
        selected = None if selected is None or selected.empty else selected
        if selected != self.selected:
            self.selected = selected
            self.viewport().update()
            self.selection_changed.emit()

    def _drag_beyond_the_edge(self) -> None:
        below = self._pointer.y() - self.viewport().height() + _EDGE_PX
        above = _EDGE_PX - self._pointer.y()
        step = max(0.0, below) - max(0.0, above)
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + round(step))
        self._extend(self._pointer)

    def _forget_clicks(self) -> None:
        self._clicked_twice = None

    def _point(self, point: QPointF) -> None:
        shape = Qt.CursorShape.IBeamCursor if self.text_at(point) else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def _with_selection(self, what: str) -> None:
        if self.selected is None or self.source is None:
            return
        words = selection.words(self._text, self.selected)
        self._copying = what if words is None else ""
        if words is None:
            for page in self.selected.pages:
                self.source.ask_text(page)
        elif what == "copy":
            QGuiApplication.clipboard().setText(words)
        else:
            self.quote_wanted.emit(selection.flowing(words))

    def _texted(self, page: int) -> None:
        if page == self.page:
            self._describe(page)
        if self._copying:
            self._with_selection(self._copying)
        if self.selected is not None and page in self.selected.pages:
            self.viewport().update()

    def _describe(self, page: int) -> None:
        """What a screen reader reads of the page that is looked at."""
        text = self._text(page)
        self.setAccessibleDescription("\n".join(line.text for line in text.lines)[:MAX_DESCRIPTION] if text else "")

    def _show_hit(self) -> None:
        current = self.finder.current
        if current is not None:
            self.remember()
            self.bring(current.page, current.boxes[0])

    def wishes(self) -> list[Wish]:
        """Selected pages' text too, so that it can be copied."""
        result = super().wishes()
        if self.selected is not None and len(self.selected.pages) < 50:
            result += [Wish(Rank.NEAR, Words(page)) for page in self.selected.pages]
        return result

    def paint_page(self, painter: QPainter, page: int, rect: QRectF) -> None:
        """Hits and selected text over the page."""
        hits, current = self.finder.on_page(page), self.finder.current
        for hit in hits:
            draw_hits(painter, (self.box_rect(page, box) for box in hit.boxes), hit is current, self.on_paper)
        text = self._text(page) if self.selected is not None else None
        if self.selected is not None and text is not None:
            found = selection.boxes(text, page, self.selected)
            draw_selection(painter, (self.box_rect(page, box) for box in found), self.on_paper)
        super().paint_page(painter, page, rect)


def _near(one: QPointF, other: QPointF) -> bool:
    return (one - other).manhattanLength() <= QApplication.startDragDistance()
