"""The growing answer: Markdown and code as pieces, of which only the last is ever drawn again.

When the answer is complete and its quotations have been looked up, chips take the place of its citations: only the
pieces that have any are drawn once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from time import perf_counter

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QWidget

from app.i18n import tr
from app.text.segments import Segment, Segmenter
from app.ui.conversation import chips as chip_texts
from app.ui.conversation.chips import Chip
from app.ui.conversation.code_view import CodeView
from app.ui.conversation.markdown import MarkdownView
from app.ui.conversation.selecting import Editor, Selecting, copy
from app.ui.look.widgets import column

DRAW_MIN_MS = 40
DRAW_SHARE = 6
"""A piece that takes t to draw is not drawn again for 6 t: drawing never takes more than a seventh of the time."""

Piece = MarkdownView | CodeView


class AnswerBody(QWidget):
    """The answer as pieces, of which only the last is drawn again, and not more often than it can afford."""

    link_clicked = Signal(QUrl)
    chip_clicked = Signal(int)
    quote_wanted = Signal(str)

    def __init__(self, name: str = "") -> None:
        super().__init__()
        self._name = name or tr("Answer")
        self._segmenter = Segmenter()
        self._fed = ""
        self._chips: tuple[Chip, ...] = ()
        self._views: list[Piece] = []
        self._drawn = 0  # pieces before this one are final
        self._layout = column(self, spacing=6)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._draw)
        self._rest_until = 0.0
        self.selecting = Selecting(self)
        self.selecting.copy_wanted.connect(lambda: copy(self.selected()))

    @property
    def pieces(self) -> list[Piece]:
        """The widgets that show the answer, in order."""
        return self._views

    def set_text(self, text: str, final: bool, chips: Sequence[Chip] = ()) -> None:
        """The answer so far. Draws soon; at once when it is final. Chips count their characters in ``text``."""
        if not text.startswith(self._fed):
            self.clear()
        delta = text[len(self._fed) :]
        if delta:
            self._segmenter.feed(delta)
            self._fed = text
        if final:
            self._segmenter.finish()
            self._draw()
            self._put_chips(tuple(chips))
        elif delta and not self._timer.isActive():
            self._timer.start(max(0, int(1000 * (self._rest_until - perf_counter()))))

    def below_chip(self, index: int) -> QPoint:
        """The point on the screen below the chip of evidence ``index``, the focused one first; else the pointer."""
        shown = [(view, placed) for view in self._views if isinstance(view, MarkdownView) for placed in view.placed]
        mine = [(view, placed) for view, placed in shown if placed.chip.index == index]
        mine.sort(key=lambda one: one[1] is not one[0].focused_chip())
        for view, placed in mine:
            for box in chip_texts.boxes(view.document(), placed.start, placed.end):
                return view.viewport().mapToGlobal(box.bottomLeft().toPoint())
        return QCursor.pos()

    def clear(self) -> None:
        """Remove all widgets."""
        self._timer.stop()
        self.selecting.set_editors(())
        for view in self._views:
            view.hide()
            view.deleteLater()
        self._views, self._segmenter, self._fed, self._drawn, self._chips = [], Segmenter(), "", 0, ()

    def selected(self) -> str:
        """The selected text, in the answer's own words."""
        return self._fed if self.selecting.everything else "\n\n".join(self.selecting.parts)

    def _draw(self) -> None:
        self._timer.stop()
        start = perf_counter()
        segments, before = self._segmenter.segments, len(self._views)
        for index in range(self._drawn, len(segments)):
            if index == len(self._views):
                self._views.append(self._new_view(segments[index]))
            self._show(index)
        self._drawn = max(0, len(segments) - (0 if segments and segments[-1].closed else 1))
        for extra in self._views[len(segments) :]:
            extra.hide()
            extra.deleteLater()
        del self._views[len(segments) :]
        if len(self._views) != before:
            self.selecting.set_editors([_editor(view) for view in self._views])
        took = perf_counter() - start
        self._rest_until = perf_counter() + max(DRAW_MIN_MS / 1000, DRAW_SHARE * took)

    def _put_chips(self, chips: tuple[Chip, ...]) -> None:
        if chips != self._chips:
            self._chips = chips
            for index in range(len(self._views)):
                self._show(index)

    def _show(self, index: int) -> None:
        view, segment = self._views[index], self._segmenter.segments[index]
        if isinstance(view, CodeView):
            view.set_text(segment.text, segment.closed)
            return
        length = len(segment.text) - segment.repeated
        view.set_markdown(segment.text, chip_texts.within(self._chips, segment.start, length, segment.repeated))

    def _new_view(self, segment: Segment) -> Piece:
        view: Piece
        if segment.kind == "code":
            view = CodeView(segment.language)
        else:
            view = MarkdownView(self._name)
            view.anchorClicked.connect(self._follow)
        editor = _editor(view)
        editor.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        editor.customContextMenuRequested.connect(partial(self._open_menu, editor))
        self._layout.addWidget(view)
        view.show()
        return view

    def _follow(self, url: QUrl) -> None:
        index = chip_texts.index_of(url)
        if index is None:
            self.link_clicked.emit(url)
        else:
            self.chip_clicked.emit(index)

    def _open_menu(self, editor: Editor, at: QPoint) -> None:
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(editor.viewport().mapToGlobal(at))

    def make_menu(self) -> QMenu:
        """The context menu for the answer's text."""
        menu, some = QMenu(self), self.selecting.any
        menu.addAction(tr("&Copy"), lambda: copy(self.selected())).setEnabled(some)
        menu.addAction(tr("&Quote in the question"), self.quote).setEnabled(some)
        menu.addSeparator()
        menu.addAction(tr("Select &all of this answer"), self.selecting.select_all)
        menu.addAction(tr("Copy the whole answer as &Markdown"), lambda: copy(self._fed))
        return menu

    def quote(self) -> None:
        """The selected words go into the question."""
        words = self.selected()
        if words.strip():
            self.quote_wanted.emit(words)


def _editor(view: Piece) -> Editor:
    return view.edit if isinstance(view, CodeView) else view
