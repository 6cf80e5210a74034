"""One question and its answer: progress, thinking, what was looked at, growing Markdown, evidence, small print."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFrame, QMenu, QPlainTextEdit, QProgressBar, QPushButton, QSizePolicy, QWidget

from app.chat.evidence.citing import Names, file_name, where_long
from app.chat.evidence.places import Evidence, Place
from app.i18n import tr, translated
from app.ingest.types import Document
from app.session.conversation import Exchange, Stage
from app.session.relevant import is_partial
from app.ui.conversation import chips
from app.ui.conversation.answer import AnswerBody
from app.ui.conversation.chips import Chip
from app.ui.conversation.evidence_list import EvidenceList, ToolUses
from app.ui.conversation.message_tools import AnswerTools
from app.ui.look.icons import IconButton
from app.ui.look.status import footer, progress_line, progress_parts, waiting_line
from app.ui.look.widgets import BubbleLabel, Note, column, label, row
from app.ui.notices.extract_offer import EverywhereOffer
from app.ui.viewer.pages.crops import Crop


class Thinking(QFrame):
    """The model's thinking, folded away until someone wants to see it."""

    def __init__(self) -> None:
        super().__init__()
        name = tr("Show the model's thinking")
        self.button = IconButton("right", name, text=tr("Thinking"), look="small", size=14)
        self.button.setCheckable(False)
        self.button.clicked.connect(lambda: self.fold(self.body.isVisibleTo(self)))
        self.body: QFrame = QFrame()
        self.body.setProperty("look", "quote")
        self._words = QPlainTextEdit(readOnly=True)
        self._words.setAccessibleName(tr("The model's thinking"))
        self._words.setTabChangesFocus(True)
        self._words.setMaximumHeight(220)
        self._words.setUndoRedoEnabled(False)
        column(self.body, margins=(10, 0, 0, 0)).addWidget(self._words)
        layout = column(self, spacing=4)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.body)
        self._shown = ""
        self.fold(True)

    def fold(self, folded: bool) -> None:
        """Hide or show the text."""
        self.body.setVisible(not folded)
        name = tr("Show the model's thinking") if folded else tr("Hide the model's thinking")
        self.button.set_icon("right" if folded else "down", name)

    def set_text(self, text: str) -> None:
        """The thoughts so far; they only grow."""
        if not text.startswith(self._shown):
            self._words.clear()
            self._shown = ""
        if len(text) > len(self._shown):
            cursor = QTextCursor(self._words.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText(text[len(self._shown) :])
            self._shown = text
        self.setVisible(bool(text.strip()))


class ExchangeView(QWidget):
    """Draws one exchange. Nothing in it decides anything."""

    link_clicked = Signal(QUrl)
    place_wanted = Signal(object)
    quote_wanted = Signal(str)
    again = Signal(int)
    edit_wanted = Signal(int)
    branch_wanted = Signal(int, int)
    whole = Signal(int)
    """The same question about all pages."""
    withdraw = Signal(int)
    pages_wanted = Signal(str)
    """This question is to be asked of every page."""

    def __init__(self, exchange: Exchange, name_of: Names = lambda _: "", crop: Crop | None = None) -> None:
        super().__init__()
        self.exchange, self._name_of = exchange, name_of
        self._documents: Sequence[Document] = ()
        self._chips: tuple[Chip, ...] = ()
        self._chipped: tuple[tuple[Evidence, str], ...] = ()
        self.setAccessibleName(tr("Question: {question}", question=exchange.question))
        self.question = BubbleLabel(exchange.question)
        self.edit_button = IconButton("edit", tr("Edit this question and ask again"), size=15, look="small")
        self.waiting = self._make_waiting()
        self.progress_words = label(look="small")
        self.progress_bar = QProgressBar(textVisible=False)
        self.progress_bar.setFixedHeight(4)
        self.progress_bar.setMaximumWidth(420)
        self.progress_bar.setAccessibleName(tr("Progress before the answer"))
        self.thinking, self.tool_uses, self.body = Thinking(), ToolUses(), AnswerBody()
        self.evidence = EvidenceList()
        self.evidence.crop = crop
        self.error = Note("danger")
        self.tools = AnswerTools(lambda: self.exchange.answer)
        self.everywhere = EverywhereOffer()
        self.whole_button = QPushButton(tr("Answer again with all pages"))
        self.whole_button.setProperty("look", "link")
        self.whole_button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.small_print = label(look="small", wrap=True, selectable=True)
        self._lay_out()
        self._connect()
        self.refresh("")

    @property
    def copy_button(self) -> QWidget:
        """A button that copies the answer's Markdown."""
        return self.tools.copy_button

    @property
    def again_button(self) -> IconButton:
        """Asks the question once more."""
        return self.tools.again_button

    def _make_waiting(self) -> QWidget:
        waiting = QWidget()
        self.waiting_words = label(look="small")
        button = QPushButton(tr("Cancel"))
        button.setProperty("look", "link")
        button.setAccessibleName(tr("Cancel this question"))
        button.clicked.connect(lambda: self.withdraw.emit(self.exchange.key))
        line = row()
        line.addStretch()
        line.addWidget(self.waiting_words)
        line.addWidget(button)
        waiting.setLayout(line)
        return waiting

    def _lay_out(self) -> None:
        bubble = QFrame()
        bubble.setProperty("look", "question")
        column(bubble, margins=(16, 10, 16, 10)).addWidget(self.question)
        asked = row(spacing=4)
        asked.addStretch(1)
        asked.addWidget(self.edit_button, 0, Qt.AlignmentFlag.AlignVCenter)
        asked.addWidget(bubble)
        layout = column(self, margins=(0, 0, 0, 14), spacing=8)
        layout.addLayout(asked)
        before = (self.waiting, self.thinking, self.tool_uses, self.progress_words, self.progress_bar)
        for part in (*before, self.body, self.error, self.evidence, self.tools):
            layout.addWidget(part)
        layout.addWidget(self.whole_button)
        layout.addWidget(self.everywhere)
        layout.addWidget(self.small_print)

    def _connect(self) -> None:
        self.body.link_clicked.connect(self.link_clicked)
        self.body.chip_clicked.connect(self._follow_chip)
        self.body.quote_wanted.connect(self.quote_wanted)
        self.body.selecting.changed.connect(lambda: self.tools.set_quotable(self.body.selecting.any))
        self.evidence.place_wanted.connect(self.place_wanted)
        self.everywhere.wanted.connect(self.pages_wanted)
        self.tool_uses.place_wanted.connect(self.place_wanted)
        self.edit_button.clicked.connect(lambda: self.edit_wanted.emit(self.exchange.key))
        self.tools.again_button.clicked.connect(lambda: self.again.emit(self.exchange.key))
        self.whole_button.clicked.connect(lambda: self.whole.emit(self.exchange.key))
        self.tools.quote_button.clicked.connect(self.body.quote)
        self.tools.stepped.connect(lambda step: self.branch_wanted.emit(self.exchange.key, step))
        self.tools.more_button.set_menu_maker(self.body.make_menu)

    def refresh(self, hold_up: str) -> None:
        """Draw the exchange as it is now. ``hold_up`` is what a waiting question waits for."""
        one = self.exchange
        self.waiting.setVisible(one.stage.pending)
        self.waiting_words.setText(waiting_line(one, hold_up))
        self._show_progress()
        self.thinking.set_text(one.thinking)
        self.tool_uses.set_uses(one.tool_uses)
        self.body.setVisible(bool(one.answer))
        self._make_chips()
        self.body.set_text(one.answer, one.stage.over, self._chips)
        self.evidence.set_evidence(one.evidence if one.stage.over else (), self._name_of)
        self.error.set_text(translated(one.error))
        self.offer_pages(self._documents)
        self.edit_button.setVisible(one.stage.over)
        self.tools.setVisible(one.stage.over)
        self.whole_button.setVisible(one.stage.over and is_partial(one))
        self.tools.set_answered(bool(one.answer))
        self.small_print.setText(footer(one.finished, one.model) if one.finished else "")
        self.small_print.setVisible(one.stage.over and one.finished is not None)

    def _show_progress(self) -> None:
        one = self.exchange
        working = one.stage in (Stage.SENT, Stage.LOOKING, Stage.READING, Stage.THINKING)
        self.progress_words.setVisible(working)
        self.progress_bar.setVisible(working and one.stage is not Stage.THINKING)
        if working:
            done, total = progress_parts(one)
            self.progress_words.setText(progress_line(one))
            self.progress_bar.setRange(0, total)
            self.progress_bar.setValue(done)

    def _make_chips(self) -> None:
        """Chips belong to a complete answer whose quotations were looked up."""
        one = self.exchange
        evidence = one.evidence if one.stage.over else ()
        named = tuple((found, file_name(found.place, self._name_of)) for found in evidence)
        if named != self._chipped:  # a file's name may become known later than what was found in it
            self._chipped = named
            self._chips = chips.make(one.answer, evidence, self._name_of, several=len(one.sources) > 1)

    def set_usable(self, allowed: bool, reason: str) -> None:
        """Whether a question can be asked now, and the reason if not."""
        self.tools.set_usable(allowed, reason)
        self.edit_button.setEnabled(allowed)
        self.whole_button.setEnabled(allowed)

    def offer_pages(self, documents: Sequence[Document]) -> None:
        """Beneath an answer that may miss items, the way to ask of every page of ``documents``."""
        self._documents = documents
        self.everywhere.show_for(self.exchange.question if self.exchange.stage.over else "", documents)

    def set_branches(self, at: int, count: int) -> None:
        """Which of several answers at this place this one is."""
        self.tools.set_branches(at, count)

    def _follow_chip(self, index: int) -> None:
        """To the place; where it can be in several videos, ask which; where there is none, to the words that say so."""
        place, choices = chips.places_of(self.exchange.evidence, index)
        if place is not None:
            self.place_wanted.emit(place)
        elif choices:
            self._choose(index, choices)
        else:
            self.evidence.show_row(index)

    def _choose(self, index: int, choices: Sequence[Place]) -> None:
        """A small menu of the videos that a time can be in, below its chip."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place in choices:
            words = translated(where_long(place, file_name(place, self._name_of))).replace("&", "&&")
            menu.addAction(words).triggered.connect(partial(self._go, place))
        menu.popup(self.body.below_chip(index))

    def _go(self, place: Place, _checked: bool = False) -> None:
        self.place_wanted.emit(place)
