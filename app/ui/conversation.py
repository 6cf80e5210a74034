"""The conversation: questions and answers in one column that follows the text only while one is at its end."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QUrl, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QWidget

from app.ui.asking import Asking
from app.ui.message import ExchangeView
from app.ui.widgets import column

COLUMN_WIDTH = 800
AT_END_PX = 32
SIDE_MARGIN = 20


class ConversationView(QScrollArea):
    """Draws ``Asking``'s conversation."""

    link_clicked = Signal(QUrl)
    withdrawn = Signal(str)

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self._asking = asking
        self.views: dict[int, ExchangeView] = {}
        self._follow = True
        self._hold_up = ""
        self.setAccessibleName("Conversation")
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._make_column()
        self.jump_button = QPushButton("Jump to the latest", self)
        self.jump_button.setAccessibleName("Jump to the latest text")
        self.jump_button.clicked.connect(self.jump)
        self.jump_button.hide()
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._grown)
        bar.valueChanged.connect(self._scrolled)
        self.viewport().installEventFilter(self)
        asking.added.connect(self._add)
        asking.changed.connect(self._change)
        asking.removed.connect(self._remove)
        asking.cleared.connect(self._clear)

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

    @property
    def following(self) -> bool:
        """Whether new text keeps the end in sight."""
        return self._follow

    def set_hold_up(self, words: str) -> None:
        """What a waiting question waits for."""
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

    def _add(self, key: int) -> None:
        exchange = self._asking.conversation.get(key)
        if exchange is None:
            return
        view = ExchangeView(exchange)
        view.link_clicked.connect(self.link_clicked)
        view.again.connect(self._asking.ask_again)
        view.withdraw.connect(self._withdraw)
        view.refresh(self._hold_up)
        self.views[key] = view
        self._layout.insertWidget(self._layout.count() - 1, view)
        self._mark_last()
        self.jump()

    def _change(self, key: int) -> None:
        if key in self.views:
            self.views[key].refresh(self._hold_up)

    def _remove(self, key: int) -> None:
        gone = self.views.pop(key, None)
        if gone is not None:
            gone.hide()
            gone.deleteLater()
        self._mark_last()

    def _clear(self) -> None:
        for key in list(self.views):
            self._remove(key)
        self.jump()

    def _withdraw(self, key: int) -> None:
        self.withdrawn.emit(self._asking.withdraw(key))

    def _mark_last(self) -> None:
        last = max(self.views, default=0)
        for key, view in self.views.items():
            view.set_last(key == last)

    def _grown(self, _low: int, high: int) -> None:
        bar = self.verticalScrollBar().sizeHint().width() if high else 0
        self._line.setContentsMargins(SIDE_MARGIN + bar, 0, SIDE_MARGIN, 0)  # stays above the composer
        if self._follow:
            self.verticalScrollBar().setValue(high)
        else:
            self._scrolled(self.verticalScrollBar().value())

    def _scrolled(self, value: int) -> None:
        self._follow = value >= self.verticalScrollBar().maximum() - AT_END_PX
        self.jump_button.setVisible(not self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the jump button in its place."""
        if event.type() == QEvent.Type.Resize:
            button = self.jump_button
            button.adjustSize()
            button.move((self.width() - button.width()) // 2, self.height() - button.height() - 10)
            button.raise_()
        return super().eventFilter(watched, event)
