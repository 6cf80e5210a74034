"""The right pane: head, strips, the page or the conversation, and the composer at the bottom."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QToolButton, QWidget

from app.i18n import tr, tr_n
from app.session.conversation import ModelPhase
from app.session.items import ItemState
from app.ui.api.mark import ApiMark
from app.ui.asking.controller import Asking
from app.ui.asking.residency import Residency
from app.ui.conversation.composer import Composer
from app.ui.conversation.instructions import InstructionsButton
from app.ui.conversation.preflight_panel import PreflightPanel
from app.ui.conversation.view import COLUMN_WIDTH, ConversationView
from app.ui.files.attachments import Attachments
from app.ui.look.icons import IconButton
from app.ui.look.status import model_long, model_short
from app.ui.look.widgets import ElidedLabel, column, row
from app.ui.models.connection_strip import ConnectionStrip
from app.ui.models.control import ModelControl
from app.ui.models.leaving_mark import LeavingMark
from app.ui.notices.extract_offer import EverywhereOffer
from app.ui.notices.strips import LoadingStrip, Notices, SampleBanner
from app.ui.notices.stuck import StuckStrip
from app.ui.notices.undo import Undoing, UndoStrip
from app.ui.window.start_pages import EmptyPage, FirstRunPage

MOST_NAMED = 8
"""Files that could not be read and that a notice names."""

TELL_FILES_MS = 20
"""Many files come and go at once with a folder: what depends on all of them is drawn once for a batch."""


class ConversationPane(QFrame):
    """Arranges the parts and shows the one that fits the state."""

    nothing_to_stop = Signal()
    """Esc, and nothing runs: whatever else Esc means."""

    def __init__(
        self, asking: Asking, model: ModelControl, attachments: Attachments, residency: Residency, undoing: Undoing
    ) -> None:
        super().__init__()
        self.setProperty("look", "plain")
        self.setAccessibleName(tr("Conversation"))
        self._asking, self._model, self._attachments = asking, model, attachments
        self._residency = residency
        self.side_button = IconButton("sidebar", tr("Show or hide conversations and files (Ctrl+B)"))
        self.new_button = IconButton("compose", tr("New conversation (Ctrl+N)"))
        self.title = ElidedLabel(look="talk", mode=Qt.TextElideMode.ElideRight)
        self.instructions = InstructionsButton()
        self.viewer_button = IconButton("panel", tr("Show or hide the viewer (Ctrl+Shift+B)"))
        self.model_button = IconButton("chip", tr("The loaded model"), text=tr("No model"), look="model", size=16)
        self.model_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._files_timer = QTimer(self, singleShot=True, interval=TELL_FILES_MS)
        self.sample, self.loading, self.notices = SampleBanner(), LoadingStrip(), Notices()
        self.connection, self.leaving, self.api = ConnectionStrip(model.jobs), LeavingMark(), ApiMark()
        self.undo, self.stuck = UndoStrip(undoing), StuckStrip(model)
        self.first_run, self.empty = FirstRunPage(), EmptyPage()
        self.view = ConversationView(asking, attachments.items)
        self.composer = Composer()
        self.preflight, self.everywhere = PreflightPanel(), EverywhereOffer()
        self.stack = QStackedWidget()
        for page in (self.first_run, self.empty, self.view):
            self.stack.addWidget(page)
        self._lay_out()
        self._connect()
        self.show_model()
        self.show_state()

    def _lay_out(self) -> None:
        strips = row(margins=(20, 0, 20, 0))
        strips.addStretch(1)
        strips.addWidget(self._make_strips(), 1000)
        strips.addStretch(1)
        foot = row(margins=(20, 6, 20, 16))
        below = QWidget()
        below.setMaximumWidth(COLUMN_WIDTH)
        below_column = column(below, spacing=8)
        below_column.addWidget(self.preflight)
        below_column.addWidget(self.everywhere)
        below_column.addWidget(self.composer)
        foot.addStretch(1)
        foot.addWidget(below, 1000)
        foot.addStretch(1)
        layout = column(self, spacing=0)
        layout.addWidget(self._make_head())
        layout.addLayout(strips)
        layout.addWidget(self.stack, 1)
        layout.addLayout(foot)

    def _make_head(self) -> QFrame:
        head = QFrame()
        head.setProperty("look", "head")
        head.setMinimumHeight(48)
        line = QHBoxLayout(head)
        line.setContentsMargins(10, 4, 14, 4)
        line.addWidget(self.side_button)
        line.addWidget(self.new_button)
        line.addSpacing(2)
        line.addWidget(self.title, 1)
        line.addWidget(self.instructions)
        line.addWidget(self.viewer_button)
        line.addSpacing(2)
        line.addWidget(self.model_button)
        return head

    def _make_strips(self) -> QWidget:
        strips = QWidget()
        strips.setMaximumWidth(COLUMN_WIDTH)
        layout = column(strips, margins=(0, 8, 0, 8), spacing=6)
        marks = (self.leaving, self.connection, self.api)
        for strip in (*marks, self.stuck, self.loading, self.sample, self.undo, self.notices):
            layout.addWidget(strip)
        return strips

    def _connect(self) -> None:
        self._model.changed.connect(self.show_model)
        self._asking.state_changed.connect(self.show_state)
        self._asking.changed.connect(self.show_state)
        self._asking.added.connect(self.show_state)
        self._attachments.notice.connect(lambda line: self.notices.add(line, "files"))
        self._attachments.coming.connect(lambda: self.notices.drop("files"))
        self._asking.notice.connect(self.notices.add)
        self._asking.cleared.connect(self.notices.leave)
        self._files_timer.timeout.connect(self._on_files)
        for signal in (self._attachments.added, self._attachments.changed, self._attachments.removed):
            signal.connect(self._on_files_soon)
        self.composer.edit.textChanged.connect(self._offer_pages)
        for changed in (self._asking.added, self._asking.cleared, self._asking.state_changed):
            changed.connect(self.show_talk)
        self.composer.asked.connect(self._ask)
        self.composer.refused.connect(lambda reason: self.notices.add(reason, "refused", passing=True))
        self.composer.stopped.connect(self.stop)
        self.empty.suggestion.connect(self.composer.set_text)
        self._asking.cleared.connect(self.composer.end_edit)
        self.view.withdrawn.connect(self._take_back)
        self._residency.changed.connect(self._show_costs)
        self.preflight.accepted.connect(self._asking.accept)
        self.preflight.chosen.connect(self._asking.choose)
        self.preflight.cancelled.connect(self._give_up)
        self.loading.cancelled.connect(self._model.cancel)

    def set_model_menu(self, menu: QMenu) -> None:
        """The model button opens the same menu as the menu bar."""
        self.model_button.setMenu(menu)

    def show_talk(self, _key: int = 0) -> None:
        """Title and instructions of this conversation."""
        self.title.setText(self._asking.title)
        self.title.setToolTip(self._asking.title)
        self.instructions.show_text(self._asking.instructions)

    def show_panes(self, side: bool) -> None:
        """Where the left pane is shown, its own list is enough."""
        self.new_button.setVisible(not side)
        self.undo.set_wanted(not side)

    def show_model(self) -> None:
        """Everything that depends on the model."""
        state = self._model.state
        self.model_button.setText(f" {model_short(state)}")
        words = model_long(state.info) if state.info else model_short(state)
        self.model_button.setAccessibleName(tr("Model: {model}", model=words))
        self.model_button.setToolTip(words)
        self.composer.think_button.setVisible(state.info is None or state.info.capabilities.thinking)
        self.leaving.show_state(state)
        self.sample.show_state(state)
        self.loading.show_state(state)
        self.first_run.show_state(state)
        self._show_start()
        self.show_state()

    def show_state(self, _key: int = 0) -> None:
        """Everything that depends on whether one can ask."""
        state, talk = self._model.state, self._asking.conversation
        self.composer.set_readiness(self._asking.readiness)
        self.composer.set_busy(self._asking.busy)
        self.preflight.show_held(self._asking.held)
        self.view.set_hold_up(self._asking.waits_for)
        missing = state.phase in (ModelPhase.NONE, ModelPhase.FAILED)
        page = self.view if len(talk) and not state.error else self.first_run if missing else self.empty
        if self.stack.currentWidget() is not page:
            self.stack.setCurrentWidget(page)

    def _show_costs(self) -> None:
        self.composer.meter.show_costs(self._residency.costs)

    def _show_start(self, _key: int = 0) -> None:
        """What can be begun with what is attached and loaded."""
        items = list(self._attachments.items)
        self.empty.show_start(items, self._model.state, self._model.sample)
        self.sample.show_files(items)

    def _offer_pages(self, _key: int = 0) -> None:
        self.everywhere.show_for(self.composer.text, self._attachments.items.documents())

    def _on_files_soon(self, _key: int = 0) -> None:
        if not self._files_timer.isActive():
            self._files_timer.start()

    def _on_files(self) -> None:
        self._show_start()
        self._offer_pages()
        self.view.offer_pages()

    def begin_edit(self, key: int) -> None:
        """An earlier question goes back to where questions are written. Sent from there it is asked in its place."""
        exchange = self._asking.conversation.get(key)
        if exchange is not None:
            self.composer.edit_question(key, exchange.question)

    def _ask(self, question: str) -> None:
        key = self.composer.editing
        if self._asking.ask(question) if key is None else self._asking.edit(key, question):
            self.composer.end_edit()
            self.composer.edit.clear()
            self.notices.drop("next question")
            self._name_unread_files()
            self.focus_question()

    def _name_unread_files(self) -> None:
        """An answer may be wanted of a file that nobody could read."""
        names = [item.name for item in self._attachments.items if item.state is ItemState.FAILED]
        if names:
            shown = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
            words = tr_n(
                "One attached file could not be read and is not part of the question: {names}",
                "{n} attached files could not be read and are not part of the question: {names}",
                len(names),
                names=shown,
            )
            self.notices.add(words, "files")

    def stop(self) -> None:
        """Take back a question that only waits, else stop the answer."""
        if not self._asking.busy:
            self.nothing_to_stop.emit()
        elif not self._give_up():
            self._asking.stop()

    def _give_up(self) -> bool:
        """A question that was not sent yet goes back to where it was written; false when there is none."""
        waiting = self._asking.conversation.waiting
        if waiting is not None:
            self._take_back(self._asking.withdraw(waiting.key))
            self.focus_question()
        return waiting is not None

    def _take_back(self, question: str) -> None:
        """A withdrawn question goes back to where it can be changed."""
        if question and not self.composer.text.strip():
            self.composer.set_text(question)

    def focus_question(self) -> None:
        """The cursor where one writes."""
        self.composer.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
