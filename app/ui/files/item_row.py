"""One attached file in the list: thumbnail, name, what is known, progress, error, and its small menu."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.chat.plan import first_pages
from app.i18n import tr, tr_n, translated
from app.ingest.kinds import KINDS, kind_by_name
from app.ingest.types import Document, Mode
from app.session.items import Item, ItemState, picture_tokens
from app.ui.files.card import Card
from app.ui.files.coverage import CoverageStrip
from app.ui.files.detail import at_budgets, detail_words
from app.ui.files.folders import show_in_folder
from app.ui.files.inside import InsideButton
from app.ui.files.words import badge, details, remark, residence_details, standing, summary
from app.ui.look.icons import IconButton, pixmap
from app.ui.look.widgets import CopyButton, ElidedLabel, column, label, row
from app.ui.viewer.naming import kind_of
from model.soft_tokens import VISUAL_BUDGETS

THUMB = QSize(44, 52)
INSIDE_IN_MENU = 3
"""Attached files that a card's menu names; its button lists them all."""


def modes() -> tuple[tuple[Mode, str], ...]:
    """The ways in which pages can be read."""
    return (
        ("auto", tr("Automatic, page by page")),
        ("text", tr("Text only")),
        ("image", tr("Pictures only")),
        ("both", tr("Text and pictures")),
    )


class Thumbnail(QLabel):
    """Decodes its small picture when it is first painted, so a long list costs nothing until it is seen."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon, self._data, self._shown = icon, b"", QPixmap()
        self.setProperty("look", "thumb")
        self.setFixedSize(THUMB)

    def set_data(self, data: bytes) -> None:
        """Show a picture, given as PNG bytes."""
        if data is not self._data:
            self._data, self._shown = data, QPixmap()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture in the middle; before it is there, the kind's icon."""
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        if self._data and self._shown.isNull():
            image = QImage.fromData(self._data)
            if not image.isNull():
                fit = Qt.AspectRatioMode.KeepAspectRatio
                image = image.scaled(THUMB * ratio, fit, Qt.TransformationMode.SmoothTransformation)
                image.setDevicePixelRatio(ratio)
                self._shown = QPixmap.fromImage(image)
        picture = self._shown
        if picture.isNull():
            picture = pixmap(self._icon, self.palette().placeholderText().color().name(), 24, ratio)
        size = picture.deviceIndependentSize()
        painter.drawPixmap(int((self.width() - size.width()) / 2), int((self.height() - size.height()) / 2), picture)


def worth_a_strip(document: Document) -> bool:
    """A single page that was read needs none."""
    return len(document.pages) + len(document.frames) > 1 or any(page.state == "skipped" for page in document.pages)


class ItemRow(Card):
    """Draws one item. A click opens it, a drag takes the file out of the window; the rest is in the small menu.

    What the user wants comes out as signals with the item's key.
    """

    thumbnail: Thumbnail
    opened = Signal(int)
    place_wanted = Signal(object)
    """A ``Place`` in the file: a page or a second that was chosen in its coverage."""
    cancel = Signal(int)
    retry = Signal(int)
    unlock = Signal(int)
    """The user wants to give the password."""
    options = Signal(int, object)
    pages = Signal(int, object)
    pin = Signal(int, bool)
    unload = Signal(int)
    forget = Signal(int)
    inside_opened = Signal(int, int)
    """Key, and the number of a file inside of the file that is to be added and shown."""
    inside_wanted = Signal(int)
    """All files inside of the file are to be added."""
    compare_wanted = Signal(int)
    """This file is to be compared with another one."""

    def __init__(
        self, item: Item, keeps: Callable[[], bool] = lambda: True, compares: Callable[[], bool] = lambda: False
    ) -> None:
        """Asked as a menu is opened: ``keeps``, whether the engine keeps documents that were read; ``compares``,
        whether there is another file to compare this one with."""
        super().__init__(item.key, item.path)
        self.item, self._keeps, self._compares = item, keeps, compares
        self.thumbnail = Thumbnail(KINDS[kind_by_name(item.path)].icon)
        self.name = ElidedLabel(item.name, "name")
        self.facts = label(look="small", wrap=True)
        self.badge = label(look="badge")
        self.badge.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.tokens = label(look="small", wrap=True)
        self.residence = self._make_residence()
        self.coverage = CoverageStrip()
        self.coverage.place_wanted.connect(self.place_wanted)
        self.inside = InsideButton(words=True)
        self.inside.opened.connect(lambda number: self.inside_opened.emit(item.key, number))
        self.inside.all_wanted.connect(lambda: self.inside_wanted.emit(item.key))
        self.remark = label(look="remark", wrap=True)
        self.error = label(look="error", wrap=True, selectable=True)
        self.error_tools = self._make_error_tools()
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Reading progress of {name}", name=item.name))
        self.cancel_button = IconButton("stop", tr("Stop reading {name}", name=item.name), size=16)
        self.more_button = IconButton("more", tr("Options for {name}", name=item.name), size=16)
        self.remove_button = IconButton("close", tr("Remove {name}", name=item.name), size=16)
        self.cancel_button.clicked.connect(lambda: self.cancel.emit(item.key))
        self.remove_button.clicked.connect(lambda: self.remove.emit(item.key))
        for button in (self.cancel_button, self.more_button, self.remove_button):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # one stop for each card: its menu has it all
        self.more_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.more_button.setMenu(self.menu)
        self._lay_out()
        self.refresh()

    def _make_residence(self) -> QWidget:
        residence = QWidget()
        line = QHBoxLayout(residence)
        line.setContentsMargins(0, 2, 0, 0)
        line.setSpacing(7)
        line.addWidget(self.badge)
        line.addWidget(self.tokens, 1)
        return residence

    def _make_error_tools(self) -> QWidget:
        tools = QWidget()
        self.again_button = again = QPushButton(tr("Read again"))
        again.setProperty("look", "link")
        again.setAccessibleName(tr("Read {name} again", name=self.item.name))
        again.clicked.connect(lambda: self.retry.emit(self.item.key))
        self.unlock_button = unlock = QPushButton(tr("Enter the password…"))
        unlock.setProperty("look", "link")
        unlock.setAccessibleName(tr("Enter the password for {name}", name=self.item.name))
        unlock.clicked.connect(lambda: self.unlock.emit(self.item.key))
        line = QHBoxLayout(tools)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(again)
        line.addWidget(unlock)
        line.addWidget(CopyButton(tr("Copy this error"), lambda: f"{self.item.name}: {translated(self.item.error)}"))
        line.addStretch()
        return tools

    def _lay_out(self) -> None:
        head = row(spacing=0)
        head.addWidget(self.name, 1)
        for button in (self.cancel_button, self.more_button, self.remove_button):
            head.addWidget(button)
        words = column(right := QWidget(), spacing=3)
        words.addLayout(head)
        for part in (
            self.facts,
            self.residence,
            self.coverage,
            self.inside,
            self.remark,
            self.error,
            self.error_tools,
            self.bar,
        ):
            words.addWidget(part)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 8, 6, 8)
        line.setSpacing(10)
        line.addWidget(self.thumbnail, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(right, 1, Qt.AlignmentFlag.AlignTop)

    def refresh(self) -> None:
        """Draw the item as it is now."""
        item = self.item
        reading = item.state is ItemState.READING
        self.facts.setText(summary(item))
        self._show_residence()
        self.remark.setText(remark(item))
        self.remark.setVisible(bool(self.remark.text()))
        self.error.setText(translated(item.error))
        for part in (self.error, self.error_tools):
            part.setVisible(item.state is ItemState.FAILED)
        self.unlock_button.setVisible(item.locked)
        self.again_button.setVisible(not item.locked)
        self.facts.setVisible(item.state is not ItemState.FAILED)
        self.cancel_button.setVisible(reading)
        self.bar.setVisible(reading)
        if reading:
            total = item.progress.total if item.progress else 0
            self.bar.setRange(0, total)
            self.bar.setValue(item.progress.done if item.progress and total else 0)
        if item.document is not None:
            self.thumbnail.set_data(item.document.thumbnail)
        self.inside.set_files(item.document.attached if item.document is not None else ())
        covered = first_pages(item.document, item.max_pages) if item.document is not None else None
        if covered is None or self.coverage.document is None or covered.pages != self.coverage.document.pages:
            self.coverage.set_document(covered)
        self.coverage.setVisible(covered is not None and worth_a_strip(covered))
        self.setToolTip(details(item))
        self._name()
        self.setAccessibleDescription(". ".join(residence_details(item)))

    def _show_residence(self) -> None:
        """Where what was read of it is: always in words, the colour only repeats them."""
        report = self.item.report
        self.residence.setVisible(report is not None or self.item.preparing > 0)
        self.badge.setVisible(report is not None)
        self.badge.setText(badge(self.item))
        self.tokens.setText(standing(self.item))
        state = report.state if report is not None else ""
        if self.badge.property("state") != state:
            self.badge.setProperty("state", state)
            self.badge.style().unpolish(self.badge)
            self.badge.style().polish(self.badge)

    def _fill_menu(self) -> None:
        menu, item = self.menu, self.item
        menu.clear()
        if item.document is not None:
            menu.addAction(tr("Open in the viewer"), lambda: self.opened.emit(item.key))
        if self._compares():
            menu.addAction(tr("Compare with…"), lambda: self.compare_wanted.emit(item.key))
        for file in self.inside.files[:INSIDE_IN_MENU]:
            words = tr("Open {name}", name=file.name).replace("&", "&&")
            menu.addAction(words, partial(self.inside_opened.emit, item.key, file.number))
        if len(self.inside.files) > 1:
            words = tr_n("Add {n} attached file", "Add all {n} attached files", len(self.inside.files))
            menu.addAction(words, partial(self.inside_wanted.emit, item.key))
        if item.state is ItemState.READING:
            menu.addAction(tr("Stop reading"), lambda: self.cancel.emit(item.key))
        elif item.locked:
            menu.addAction(tr("Enter the password…"), lambda: self.unlock.emit(item.key))
        else:
            menu.addAction(tr("Read again"), lambda: self.retry.emit(item.key))
        if not item.spooled:
            menu.addAction(tr("Show in folder"), lambda: show_in_folder(item.path))
        menu.addAction(tr("Remove"), lambda: self.remove.emit(item.key))
        if item.state is not ItemState.FAILED:
            self._fill_detail()
        if item.document is not None and self._keeps():
            self._fill_residence()

    def _fill_detail(self) -> None:
        """How the file is read; each choice shows what it costs, once that is known."""
        menu, item, document = self.menu, self.item, self.item.document
        _add_heading(menu, tr("Image detail"))
        budgets, known = QActionGroup(menu), at_budgets(document) if document is not None else {}
        for budget in (None, *VISUAL_BUDGETS):
            now = picture_tokens(document) if document is not None and item.options.budget == budget else []
            action = menu.addAction(detail_words(budget, now or known.get(budget or 0, []), item.rates))
            action.setCheckable(True)
            action.setChecked(item.options.budget == budget)
            action.triggered.connect(partial(self._choose_budget, budget))
            budgets.addAction(action)
        if KINDS[kind_of(item)].modes:
            self._fill_modes()
        if item.max_pages is not None:
            menu.addAction(tr("Use all pages again"), lambda: self.pages.emit(item.key, None))

    def _fill_residence(self) -> None:
        menu, item, report = self.menu, self.item, self.item.report
        _add_heading(menu, tr("Model cache"))
        keep = menu.addAction(tr("Pin in memory"))
        keep.setCheckable(True)
        keep.setChecked(item.pinned)
        keep.setToolTip(tr("Keeps the document in memory, even after a restart."))
        keep.triggered.connect(lambda on: self.pin.emit(item.key, on))
        unload = menu.addAction(tr("Unload from memory"), lambda: self.unload.emit(item.key))
        unload.setEnabled(report is not None and report.state == "resident")
        unload.setToolTip(tr("It stays on disk and is loaded again with the next question."))
        menu.addAction(tr("Delete cached data…"), lambda: self.forget.emit(item.key))

    def _fill_modes(self) -> None:
        _add_heading(self.menu, tr("Read pages as"))
        group = QActionGroup(self.menu)
        for mode, words in modes():
            action = self.menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(self.item.options.mode == mode)
            action.triggered.connect(partial(self._choose_mode, mode))
            group.addAction(action)

    def _choose_budget(self, budget: int | None, _checked: bool = False) -> None:
        self.options.emit(self.item.key, replace(self.item.options, budget=budget))

    def _choose_mode(self, mode: Mode, _checked: bool = False) -> None:
        self.options.emit(self.item.key, replace(self.item.options, mode=mode))

    def set_shown(self, shown: bool) -> None:
        """Whether the viewer shows this file."""
        if self.mark_shown(shown):
            self._name()

    def _name(self) -> None:
        words = f"{self.item.name}, {translated(self.item.error) or summary(self.item)}"
        shown = bool(self.property("shown"))
        self.setAccessibleName(tr("{file}, shown in the viewer", file=words) if shown else words)

    def act(self) -> None:
        """Open the file."""
        self.opened.emit(self.item.key)


def _add_heading(menu: QMenu, words: str) -> None:
    """A line of words: the style sheet draws a section's separator without them."""
    if menu.actions():
        menu.addSeparator()
    menu.addAction(words).setEnabled(False)
