"""The conversation: questions and answers in one column that follows the text only while one is at its end.

Whatever changes its height above what one reads (a view that is drawn, chips in the place of citations) leaves the line
that one reads where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QWidget

from app.i18n import tr, translated
from app.ingest.types import Document
from app.session.conversation import Exchange
from app.session.items import Item
from app.ui.asking.controller import Asking
from app.ui.conversation.markdown import MarkdownView
from app.ui.conversation.message import ExchangeView
from app.ui.conversation.slots import Slot, Slots
from app.ui.look.widgets import column
from app.ui.viewer.pages.crops import Crop

COLUMN_WIDTH = 800
AT_END_PX = 32
SIDE_MARGIN = 20
_PASSES, _LEVELS = 4, 8


class ConversationView(QScrollArea):
    """Scrollable view of the conversation of an ``Asking``."""

    link_clicked = Signal(QUrl)
    withdrawn = Signal(str)
    place_wanted = Signal(object)
    """A ``Place`` that evidence or a tool's use leads to."""
    quote_wanted = Signal(str)
    edit_wanted = Signal(int)
    branch_wanted = Signal(int, int)
    pages_wanted = Signal(str)
    """A question is to be asked of every page."""

    def __init__(self, asking: Asking, items: Iterable[Item] = ()) -> None:
        """``items``: the attached files, for their names."""
        super().__init__()
        self._asking, self._items = asking, items
        self.crop: Crop | None = None
        """Gives the pictures of printed lines beside evidence from scans."""
        self._follow = True
        self._hold_up = ""
        self._settling = False
        self.setAccessibleName(tr("Conversation"))
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._make_column()
        self.views = Slots(self._layout, self._make_view, lambda: self._column.width())
        self.jump_button = QPushButton(tr("Jump to the latest"), self)
        self.jump_button.setAccessibleName(tr("Jump to the latest text"))
        self.jump_button.clicked.connect(self.jump)
        self.jump_button.hide()
        self._filler = QTimer(self, singleShot=True, interval=0)
        self._filler.timeout.connect(self.fill)
        self._connect()

    def _connect(self) -> None:
        asking, bar = self._asking, self.verticalScrollBar()
        bar.rangeChanged.connect(self._grown)
        bar.valueChanged.connect(self._scrolled)
        self.viewport().installEventFilter(self)
        asking.added.connect(self._add)
        asking.changed.connect(self._change)
        asking.removed.connect(self._remove)
        asking.cleared.connect(self._clear)
        asking.opened.connect(self.fill)
        asking.state_changed.connect(self._show_usable)

    def _make_column(self) -> None:
        inside = QWidget()
        inside.setProperty("look", "plain")
        self._column = QWidget()
        self._column.setMaximumWidth(COLUMN_WIDTH)
        self._column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._layout = column(self._column, margins=(0, 20, 0, 8), spacing=14)
        self._layout.addStretch()
        self._line = line = QHBoxLayout(inside)
        line.setContentsMargins(SIDE_MARGIN, 0, SIDE_MARGIN, 0)
        line.addStretch(1)
        line.addWidget(self._column, 1000)
        line.addStretch(1)
        self.setWidget(inside)
        self._inside = inside

    @property
    def following(self) -> bool:
        """Whether new text keeps the end in sight."""
        return self._follow

    def set_hold_up(self, words: str) -> None:
        """Show why the queued question waits."""
        if words != self._hold_up:
            self._hold_up = words
            waiting = self._asking.conversation.waiting
            if waiting is not None:
                self._change(waiting.key)

    def jump(self) -> None:
        """Go to the end and follow it again."""
        self._follow = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self.jump_button.hide()

    def fill(self) -> None:
        """Draw what is in sight, and a screen before and behind it."""
        self._filler.stop()
        if self._settling or not self.isVisible() or not len(self.views):
            return
        for _ in range(_PASSES):
            self._relayout()
            near = self._near()
            if not self._keeping_place(partial(self.views.draw, near)):
                break
        self.views.thin_out(self._near())

    def name_of(self, document: str) -> str:
        """An attached file's name from its content hash, also before it has been read again."""
        for item in self._items:
            known = item.document.content_hash if item.document is not None else item.expected
            if known == document:
                return item.name
        return ""

    def offer_pages(self) -> None:
        """Other files are attached: which answers could be asked for of every page."""
        documents = self._documents()
        for view in self.views.drawn:
            self._keeping_place(partial(view.offer_pages, documents))

    def _documents(self) -> list[Document]:
        return [item.document for item in self._items if item.document is not None]

    # What is asked

    def _make_view(self, exchange: Exchange) -> ExchangeView:
        view = ExchangeView(exchange, self.name_of, self.crop)
        for signal in ("link_clicked", "place_wanted", "quote_wanted", "edit_wanted", "pages_wanted"):
            getattr(view, signal).connect(getattr(self, signal))
        view.again.connect(self._asking.ask_again)
        view.whole.connect(self._asking.ask_whole)
        view.withdraw.connect(self._withdraw)
        view.branch_wanted.connect(self._switch)
        view.offer_pages(self._documents())
        view.refresh(self._hold_up)
        view.set_branches(*self._asking.branches(exchange.key))
        ready = self._asking.readiness
        view.set_usable(ready.allowed, translated(ready.reason))
        return view

    def _add(self, key: int) -> None:
        exchange = self._asking.conversation.get(key)
        if exchange is None:
            return
        self.views.add(exchange)
        if exchange.stage.over:
            self._filler.start()
        else:
            _ = self.views[key]
            self.jump()

    def _change(self, key: int) -> None:
        if key not in self.views.order:
            return
        view = self.views.slot(key).view
        if view is None:
            return
        if view.exchange.stage.over:
            self._keeping_place(lambda: view.refresh(self._hold_up))
        else:
            view.refresh(self._hold_up)

    def _remove(self, key: int) -> None:
        self.views.remove(key)
        self._filler.start()

    def _clear(self) -> None:
        for key in list(self.views):
            self.views.remove(key)
        self.jump()

    def _withdraw(self, key: int) -> None:
        self.withdrawn.emit(self._asking.withdraw(key))

    def _switch(self, key: int, step: int) -> None:
        """Another answer at the same place in the window, with the keyboard where it was."""
        at, bar = self.views.order.index(key), self.verticalScrollBar()
        offset = self.views.slot(key).y() - bar.value()
        self._follow = False
        self.branch_wanted.emit(key, step)
        if at < len(self.views) and self.views.order[at] != key:
            there = self.views.order[at]
            tools = self.views[there].tools
            self._relayout()
            bar.setValue(self.views.slot(there).y() - offset)
            self.fill()
            button = tools.branches.back if step < 0 else tools.branches.on
            (button if button.isEnabled() else tools.again_button).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_usable(self) -> None:
        ready = self._asking.readiness
        for view in self.views.drawn:
            view.set_usable(ready.allowed, translated(ready.reason))

    # Where one reads

    def _near(self) -> list[Slot]:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        return self.views.between(bar.value() - page, bar.value() + 2 * page)

    def _keeping_place(self, work: Callable[[], object]) -> object:
        """Do something that changes heights; what is at the top of the window stays there."""
        if self._settling or not self.isVisible():
            return work()
        self._settling = True
        bar = self.verticalScrollBar()
        follow, anchor, value = self._follow, self._anchor(), bar.value()
        before = anchor() if anchor is not None else 0
        try:
            done = work()
            self._relayout()
            if follow:
                bar.setValue(bar.maximum())
            elif anchor is not None:
                bar.setValue(value + anchor() - before)
            self._follow = follow
        finally:
            self._settling = False
        return done

    def _anchor(self) -> Callable[[], int] | None:
        """Where, in the column, the first line is that one sees: asked again later, the same line."""
        top = self.verticalScrollBar().value()
        inside = self._inside
        seen = self.views.between(top, top + self.viewport().height())
        slot = next((one for one in seen if one.view is not None), seen[0] if seen else None)
        if slot is None:
            return None
        for piece in slot.view.body.pieces if slot.view is not None else ():
            y = piece.mapTo(inside, QPoint(0, 0)).y()
            if piece.isVisible() and y <= top < y + piece.height() and isinstance(piece, MarkdownView):
                block = piece.cursorForPosition(QPoint(0, max(0, top - y))).blockNumber()
                return lambda: piece.mapTo(inside, QPoint(0, 0)).y() + piece.block_top(block)
            if piece.isVisible() and y >= top:
                return lambda: piece.mapTo(inside, QPoint(0, 0)).y()
        return lambda: slot.mapTo(inside, QPoint(0, 0)).y()

    def _relayout(self) -> None:
        """Give every part its height now, not when the event loop comes to it."""
        for _ in range(_LEVELS):  # a height goes up one level of layouts each time; nothing waiting costs nothing
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)

    def _grown(self, _low: int, high: int) -> None:
        bar = self.verticalScrollBar().sizeHint().width() if high else 0
        self._line.setContentsMargins(SIDE_MARGIN + bar, 0, SIDE_MARGIN, 0)  # stays above the composer
        if self._settling:
            return
        if self._follow:
            self.verticalScrollBar().setValue(high)
        else:
            self._scrolled(self.verticalScrollBar().value())

    def _scrolled(self, value: int) -> None:
        if self._settling:
            return
        self._follow = value >= self.verticalScrollBar().maximum() - AT_END_PX
        self.jump_button.setVisible(not self._follow)
        if any(slot.view is None for slot in self.views.between(value, value + self.viewport().height())):
            self.fill()
        elif not self._filler.isActive():
            self._filler.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Heights are known from now on."""
        super().showEvent(event)
        self._filler.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the jump button in its place."""
        if event.type() == QEvent.Type.Resize:
            button = self.jump_button
            button.adjustSize()
            button.move((self.width() - button.width()) // 2, self.height() - button.height() - 10)
            button.raise_()
            self._filler.start()
        return super().eventFilter(watched, event)
