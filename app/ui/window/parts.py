"""What a window consists of: its conversation and files, the panes that show them, and the keys going between these."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.engine.threads.background import Background
from app.session.collecting import Spool
from app.ui.asking.controller import Asking
from app.ui.asking.preparing import Preparing
from app.ui.asking.residency import Residency
from app.ui.conversation.pane import ConversationPane
from app.ui.files.attachments import Attachments
from app.ui.files.inside import Inside
from app.ui.files.pane import AttachmentsPane
from app.ui.files.recognition import Recognition
from app.ui.history.pane import LibraryPane
from app.ui.history.talks import Talks
from app.ui.notices.undo import Undoing
from app.ui.window.dropping import DropWindow
from app.ui.window.panes import Panes
from app.ui.window.services import Common
from app.ui.window.viewing import Viewing


class WindowParts(DropWindow):
    """Makes the parts; ``MainWindow`` connects them."""

    def __init__(self, common: Common) -> None:
        super().__init__()
        engine, reading, settings = common.engine, common.reading, common.settings
        self.common, self._settings = common, settings
        self.theme, self.model, self.history = self.common.theme, self.common.model, self.common.history
        self._background = Background(self)
        self.undoing = Undoing(self)
        pasted = Spool(self.common.spool)
        self.attachments = Attachments(reading, self._background, pasted)
        self.recognition = Recognition(self.common.recognising, self.attachments, engine)
        self.residency = Residency(engine, self.attachments, settings)
        self.preparing = Preparing(engine, self.attachments, settings)
        self.asking = Asking(engine, self.model, self.attachments, self.residency, self.history)
        self.side = AttachmentsPane(self.attachments, self.residency)
        self.library = LibraryPane(self.history.list, self.side, self.undoing)
        self.viewer = self.common.make_viewer()
        self.talk = ConversationPane(self.asking, self.model, self.attachments, self.residency, self.undoing)
        self.composer = self.talk.composer
        self.panes = Panes(self.library, self.viewer, self.talk)
        self.viewing = Viewing(self.viewer, self.panes, self.attachments, self.side, pasted, self)
        self.talks = Talks(
            self.asking, self.attachments, self.history, self.library, self.undoing, self.common.bring_up, self
        )
        self.inside = Inside(reading, self.attachments, pasted.folder)

    def next_pane(self, by: int) -> None:
        """The keys go to the next pane that is shown."""
        targets: list[QWidget] = [self.composer.edit]
        if self.panes.shown.viewer:
            targets.insert(0, self.viewer)
        if self.panes.shown.side:
            targets.insert(0, self.library.list if self.library.list.isVisible() else self.library.search)
        focus = self.focusWidget()
        holders = (self.library, self.viewer, self.talk)
        shown = [pane for pane in holders if pane.isVisible()]
        at = next((number for number, pane in enumerate(shown) if focus and pane.isAncestorOf(focus)), 0)
        targets[(at + by) % len(targets)].setFocus(Qt.FocusReason.ShortcutFocusReason)
