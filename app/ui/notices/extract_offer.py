"""An offer to check every page for a question that needs them all: above the composer, and beneath the answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.chat.extract.questions import is_everywhere_question
from app.i18n import tr
from app.ingest.types import Document
from app.ui.look.widgets import label, row


class EverywhereOffer(QWidget):
    """Shown while such a question is being written, and with its answer; it takes nothing away and asks nothing."""

    wanted = Signal(str)
    """The question."""

    def __init__(self) -> None:
        super().__init__()
        self._question = ""
        words = label(tr("A single answer may miss items."), "small", wrap=True)
        self.button = QPushButton(tr("Check every page…"))
        self.button.setProperty("look", "link")
        self.button.setToolTip(tr("Asks about each page in turn and makes a table that gives the page of every row."))
        self.button.clicked.connect(lambda: self.wanted.emit(self._question))
        line = row(margins=(12, 0, 4, 0), spacing=8)
        line.addWidget(words, 1)
        line.addWidget(self.button)
        self.setLayout(line)
        self.hide()

    def show_for(self, question: str, documents: Sequence[Document]) -> None:
        """Whether it fits the question and what is attached: one page needs no list."""
        self._question = question.strip()
        parts = sum(len(document.pages) + len(document.frames) + len(document.cues) for document in documents)
        self.setVisible(parts > 1 and is_everywhere_question(question))
