"""What is shown in place of the conversation before there is one: first run without a model, and the empty state."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.fetch.catalogue import Offer, fittings, offer_of
from app.fetch.fetching import may_fetch
from app.i18n import tr, tr_n, translated
from app.ingest.filekind import Kind
from app.library.budgets import machine_for
from app.library.models import sample_note
from app.session.conversation import ModelPhase, ModelState
from app.session.items import Item
from app.text.sizes import size
from app.ui.conversation.suggestions import other_samples, questions, sample_words
from app.ui.look.flow import Flow
from app.ui.look.icons import app_icon
from app.ui.look.status import model_long
from app.ui.look.widgets import CopyButton, Note, WrappingButton, column, label, row
from model.memory import machine_memory

WIDTH = 620


def needs(offer: Offer) -> tuple[tuple[str, str], ...]:
    """Disk and memory that a real model takes."""
    takes = offer.needs
    return (
        (
            tr("Download"),
            tr(
                "about {size}: {repository} from Hugging Face (Apache-2.0 licence)",
                size=size(offer.download),
                repository=offer.repository,
            ),
        ),
        (
            tr("Disk"),
            tr("{size} once it is imported; the download can then be deleted", size=size(takes.disk)),
        ),
        (
            tr("Memory"),
            tr(
                "{size} while it answers, on a graphics card or in a machine with {machine} GB",
                size=size(takes.memory),
                machine=machine_for(takes.memory),
            ),
        ),
        (
            tr("Network"),
            tr("only if you let Lectern download the model; none of your data is ever sent"),
        ),
    )


def recommended() -> Offer:
    """The model for this machine's memory; where none fits, the smallest."""
    memory = asdict(machine_memory())
    found = fittings(memory, {"kind": "cpu"}, sys.maxsize)
    return next((one.offer for one in found if one.recommended), offer_of("e2b"))


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
        self.column = column(middle, margins=(0, 8, 0, 16), spacing=12)
        line = QHBoxLayout(inside)
        line.setContentsMargins(24, 0, 24, 0)
        line.addStretch(1)
        line.addWidget(middle, 1000, Qt.AlignmentFlag.AlignVCenter)
        line.addStretch(1)
        self.setWidget(inside)

    def add_head(self, title: str, words: str, centred: bool) -> None:
        """The sign, a title and a sentence; the sign beside them where there is much below."""
        sign = QLabel()
        sign.setPixmap(app_icon().pixmap(56, 56) if centred else app_icon().pixmap(44, 44))
        side = Qt.AlignmentFlag.AlignHCenter if centred else Qt.AlignmentFlag.AlignLeft
        first, second = label(title, "title", wrap=True), label(words, "muted", wrap=True)
        for part in (first, second):
            part.setAlignment(side)
        if centred:
            self.column.addWidget(sign, 0, side)
            self.column.addWidget(first)
        else:
            line = row(spacing=14)
            line.addWidget(sign)
            line.addWidget(first, 1, Qt.AlignmentFlag.AlignVCenter)
            self.column.addLayout(line)
        self.column.addWidget(second)


def _card(title: str) -> tuple[QFrame, QVBoxLayout]:
    card = QFrame()
    card.setProperty("look", "card")
    inside = column(card, margins=(18, 14, 18, 16), spacing=9)
    inside.addWidget(label(title, "heading"))
    return card, inside


class FirstRunPage(_Page):
    """No model yet: the one thing that is missing, and two ways on, the quick one with files to try it on."""

    choose_wanted = Signal()
    get_wanted = Signal()
    sample_wanted = Signal()

    def __init__(self) -> None:
        super().__init__(tr("No model is loaded"))
        self.offer = recommended()
        self.add_head(
            tr("Welcome to Lectern"),
            tr(
                "Ask questions about your own documents, pictures, videos and recordings. Everything happens on this "
                "machine, and nothing leaves it. To start, choose the model that answers."
            ),
            centred=False,
        )
        self.error = Note("danger")
        self.error.hide()
        self.column.addWidget(self.error)
        self.sample_button = QPushButton(tr("Try it with the sample model"))
        self.sample_button.clicked.connect(self.sample_wanted)
        self.choose_button = QPushButton(tr("Choose a model folder…"))
        self.choose_button.clicked.connect(self.choose_wanted)
        self.get_button = QPushButton(tr("Get Gemma 4…"))
        self.get_button.clicked.connect(self.get_wanted)
        self.get_button.setVisible(may_fetch())
        (self.get_button if may_fetch() else self.choose_button).setProperty("look", "primary")
        self.column.addSpacing(4)
        self.column.addWidget(self._make_sample())
        self.column.addWidget(self._make_needs())

    def _make_sample(self) -> QWidget:
        card, inside = _card(tr("Try it first"))
        words = tr(
            "Lectern includes a small sample model, and an invoice, a screenshot, a video and a recording to ask "
            "about. {note}",
            note=translated(sample_note()),
        )
        inside.addWidget(label(words, "muted", wrap=True))
        inside.addWidget(self.sample_button, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _make_needs(self) -> QWidget:
        card, inside = _card(tr("For real work on this machine: {name}", name=self.offer.title))
        inside.addWidget(label(translated(self.offer.good_for), "muted", wrap=True))
        inside.addWidget(Flow((self.get_button, self.choose_button)))  # in sight where the window is low
        for name, words in needs(self.offer):
            line = row(spacing=14)
            heading = label(name, "muted")
            heading.setMinimumWidth(max(84, heading.fontMetrics().horizontalAdvance(f"{tr('Download')}  ")))
            line.addWidget(heading, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(label(words, wrap=True, selectable=True), 1)
            inside.addLayout(line)
        where = self.offer.address
        address = label(where, "small", wrap=True, selectable=True)
        address.setAccessibleName(tr("Address of the model: {address}", address=where))
        line = row(spacing=6)
        line.addWidget(address, 1)
        self.copy_button = CopyButton(tr("Copy the address of the model"), lambda: where)
        line.addWidget(self.copy_button)
        inside.addLayout(line)
        return card

    def show_state(self, state: ModelState) -> None:
        """Show why the last model could not be loaded, if one was tried."""
        self.error.set_text(translated(state.error) if state.phase is ModelPhase.FAILED else "")


class EmptyPage(_Page):
    """A model, but no question yet: what to do, with a few questions to start from."""

    open_wanted = Signal()
    suggestion = Signal(str)
    sample_wanted = Signal(str)
    """One of the sample files is to be tried; its kind."""

    def __init__(self) -> None:
        super().__init__(tr("New conversation"))
        self.column.setSpacing(10)
        self.add_head(
            tr("Ask your own documents"),
            tr(
                "Drop documents, pictures, videos, recordings or folders anywhere in this window, or paste a "
                "screenshot with Ctrl+V."
            ),
            centred=True,
        )
        self.stays = label(tr("Everything stays on this machine."), "muted", wrap=True)
        self.stays.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.column.addWidget(self.stays)
        self.column.addSpacing(10)
        self.open_button = QPushButton(tr("Add files…"))
        self.open_button.setProperty("look", "primary")
        self.open_button.clicked.connect(self.open_wanted)
        self.column.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.suggestions: list[WrappingButton] = []
        inside = QWidget()
        self._suggestions = column(inside, spacing=10)
        self.column.addWidget(inside)
        self.alone = label(tr("The sample model handles one file at a time."), "muted", wrap=True)
        self.alone.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.column.addWidget(self.alone)
        self.samples: dict[Kind, QPushButton] = {}
        self._make_samples()
        self.column.addWidget(Flow(tuple(self.samples.values()), gap=4, centred=True))
        self.column.addSpacing(6)
        self.model = label(look="small", wrap=True)
        self.model.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.column.addWidget(self.model)
        self.show_start((), ModelState())

    def _make_samples(self) -> None:
        for kind in other_samples(()):
            button = QPushButton(sample_words(kind))
            button.setProperty("look", "link")
            button.clicked.connect(partial(self._want_sample, kind))
            self.samples[kind] = button

    def _want_sample(self, kind: Kind, _checked: bool = False) -> None:
        self.sample_wanted.emit(kind)

    def show_start(self, items: Sequence[Item], state: ModelState, sample: bool = False) -> None:
        """What to start from: which model answers, and what can be asked of it about what is attached.

        ``sample``: it is the sample model, or will be.
        """
        number = len(items)
        more = tr_n("Add more ({n} file so far)…", "Add more ({n} files so far)…", number)
        self.open_button.setText(more if number else tr("Add files…"))
        self.open_button.setProperty("look", "" if number else "primary")
        self.open_button.style().unpolish(self.open_button)
        self.open_button.style().polish(self.open_button)
        info = state.info
        hears = info is not None and info.capabilities.sound and (info.sample or not sample)
        self._show_questions(questions(items, sample, hears))
        self.alone.setVisible(sample and number > 1)
        others = other_samples(items) if sample else ()
        for kind, button in self.samples.items():
            button.setVisible(kind in others)
        self.stays.setVisible(state.info is None or not state.info.leaves)
        self.model.setText(tr("Answers come from {model}", model=model_long(state.info)) if state.info else "")

    def _show_questions(self, words: Sequence[str]) -> None:
        if [button.text() for button in self.suggestions] == list(words):
            return
        for button in self.suggestions:
            button.hide()
            button.deleteLater()
        self.suggestions = [self._make_suggestion(one) for one in words]

    def _make_suggestion(self, words: str) -> WrappingButton:
        button = WrappingButton(words)
        button.setProperty("look", "suggestion")
        button.clicked.connect(lambda: self.suggestion.emit(words))
        self._suggestions.addWidget(button)
        return button
