"""What stands in the conversation's place before there is one: first run without a model, and the empty state."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QWidget

from app.library.models import sample_note
from app.ui.icons import app_icon
from app.ui.items import count
from app.ui.state import ModelPhase, ModelState
from app.ui.widgets import Note, column, label, row
from app.ui.words import model_long

MODEL_ADDRESS = "https://huggingface.co/google/gemma-4-26B-A4B-it"
NEEDS = (
    ("Download", "about 50 GB: the folder google/gemma-4-26B-A4B-it from Hugging Face (Apache-2.0 licence)"),
    ("Disk", "14 GB more for the quantised copy, which is made once; the download can then be deleted"),
    ("Memory", "about 17 GB while it answers, in RAM or on a graphics card"),
    ("Network", "none: you bring the folder, and nothing ever leaves this machine"),
)
WITH_FILES = (
    "Summarise the main points, with page numbers.",
    "List every date, name and amount.",
    "What needs my attention here?",
)
WIDTH = 620


class _Page(QScrollArea):
    """A centred column that scrolls when the window is small."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inside = QWidget()
        inside.setProperty("look", "plain")
        middle = QWidget()
        middle.setMaximumWidth(WIDTH)
        self.column = column(middle, margins=(0, 20, 0, 20), spacing=12)
        line = QHBoxLayout(inside)
        line.setContentsMargins(24, 0, 24, 0)
        line.addStretch(1)
        line.addWidget(middle, 1000, Qt.AlignmentFlag.AlignVCenter)
        line.addStretch(1)
        self.setWidget(inside)

    def add_head(self, title: str, words: str, centred: bool) -> None:
        """The sign, a title and a sentence."""
        sign = QLabel()
        sign.setPixmap(app_icon().pixmap(56, 56))
        side = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
        self.column.addWidget(sign, 0, side)
        for text, look in ((title, "title"), (words, "muted")):
            part = label(text, look, wrap=True)
            part.setAlignment(side)
            self.column.addWidget(part)


class FirstRunPage(_Page):
    """No model yet: what is missing, what it needs, and the two ways on."""

    choose_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("No model is loaded")
        self.add_head(
            "One thing is missing: the model",
            "Lectern answers with Gemma 4 26B-A4B, which runs inside this app, on this machine. "
            "It is too large to come along, so you choose the folder that it lies in.",
            centred=False,
        )
        self.error = Note("danger")
        self.error.hide()
        self.column.addWidget(self.error)
        self.column.addWidget(self._make_needs())
        buttons = row(spacing=10)
        self.choose_button = QPushButton("Choose a model folder…")
        self.choose_button.setProperty("look", "primary")
        self.choose_button.clicked.connect(self.choose_wanted)
        self.sample_button = QPushButton("Try it with the sample model")
        self.sample_button.clicked.connect(self.sample_wanted)
        buttons.addWidget(self.choose_button)
        buttons.addWidget(self.sample_button)
        buttons.addStretch()
        self.column.addLayout(buttons)
        words = f"The sample model shows the whole way, from your file to a streamed answer. {sample_note()}"
        self.column.addWidget(label(words, "small", wrap=True))

    def _make_needs(self) -> QWidget:
        card = QFrame()
        card.setProperty("look", "card")
        card_column = column(card, margins=(18, 14, 18, 14), spacing=9)
        for name, words in NEEDS:
            line = row(spacing=14)
            heading = label(name, "heading")
            heading.setFixedWidth(max(84, heading.fontMetrics().horizontalAdvance("Download  ")))
            line.addWidget(heading, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label(words, wrap=True, selectable=True), 1)
            card_column.addLayout(line)
        address = label(MODEL_ADDRESS, "small", wrap=True, selectable=True)
        address.setAccessibleName(f"Address of the model: {MODEL_ADDRESS}")
        card_column.addWidget(address)
        return card

    def show_state(self, state: ModelState) -> None:
        """Say why the last model could not be loaded, if one was tried."""
        self.error.set_text(state.error if state.phase is ModelPhase.FAILED else "")


class EmptyPage(_Page):
    """A model, but no question yet: what to do, with a few questions to start from."""

    open_wanted = Signal()
    suggestion = Signal(str)

    def __init__(self) -> None:
        super().__init__("New conversation")
        self.column.setSpacing(10)
        self.add_head(
            "Ask your own documents",
            "Drop PDFs, pictures or videos anywhere in this window, or paste a screenshot with Ctrl+V. "
            "Everything stays on this machine.",
            centred=True,
        )
        self.column.addSpacing(10)
        self.open_button = QPushButton("Add files…")
        self.open_button.setProperty("look", "primary")
        self.open_button.clicked.connect(self.open_wanted)
        self.column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.suggestions = [self._make_suggestion(words) for words in WITH_FILES]
        self.column.addSpacing(6)
        self.model = label(look="small", wrap=True)
        self.model.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.column.addWidget(self.model)
        self.show_files(0)

    def _make_suggestion(self, words: str) -> QPushButton:
        button = QPushButton(words)
        button.setProperty("look", "suggestion")
        button.clicked.connect(lambda: self.suggestion.emit(words))
        self.column.addWidget(button)
        return button

    def show_files(self, number: int) -> None:
        """Questions to start from make sense once there is something to ask about."""
        self.open_button.setText("Add files…" if not number else f"Add more ({count(number, 'file')} so far)…")
        for button in self.suggestions:
            button.setVisible(number > 0)

    def show_model(self, state: ModelState) -> None:
        """Which model will answer."""
        self.model.setText(f"Answers come from {model_long(state.info)}" if state.info else "")
