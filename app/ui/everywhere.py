"""An offer above the composer: a question that needs every page is better asked of every page, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.chat.extract_questions import is_everywhere_question
from app.i18n import tr
from app.ingest.types import Document
from app.ui.widgets import label, row


class EverywhereOffer(QWidget):
    """Shown while such a question is being written; it takes nothing away and asks nothing."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        words = label(tr("This asks for everything there is; one answer may miss some of it."), "small", wrap=True)
        self.button = QPushButton(tr("Go through every page…"))
        self.button.setProperty("look", "link")
        self.button.setToolTip(tr("Asks page by page, and makes a table with the page of every row."))
        self.button.clicked.connect(self.wanted)
        line = row(margins=(12, 0, 4, 0), spacing=8)
        line.addWidget(words, 1)
        line.addWidget(self.button)
        self.setLayout(line)
        self.hide()

    def show_for(self, question: str, documents: Sequence[Document]) -> None:
        """Whether it fits what is being written and what is attached: one page needs no list."""
        parts = sum(len(document.pages) + len(document.frames) for document in documents)
        self.setVisible(parts > 1 and is_everywhere_question(question))
