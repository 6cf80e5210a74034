"""Compare two documents: which ones, the differences as a list, both pages of one side by side, what each means.

The panel is a separate window that does not block: questions can be asked meanwhile, and the explanations take turns
with them in the model's queue.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSplitter, QWidget

from app.chat.compare.aligning import Change
from app.chat.compare.explaining import Explaining
from app.chat.compare.places import places
from app.chat.evidence.places import Place
from app.engine.model.bridges import AskingBridge
from app.engine.passes.passing import Passing
from app.i18n import language, number, tr, tr_n, translated
from app.ingest.types import Document
from app.session.items import Item, Items
from app.ui.compare.list import ChangeListView, ChangeModel
from app.ui.compare.saving import SavingLine
from app.ui.compare.work import Comparing
from app.ui.look.buttons import push_button
from app.ui.look.widgets import ChoiceBox, label
from app.ui.look.widgets import column as column_layout
from app.ui.look.work_window import WorkWindow
from app.ui.viewer import ViewerPane

WIDTH, HEIGHT = 1280, 720
LIST_WIDTH = 360
"""Pixels that the list has beside the pages."""

_SHORTEST = 18
"""Characters of a file's name that a choice shows at least."""


class ComparePanel(WorkWindow):
    """``items``: what is attached. ``make_viewer`` makes a viewer that the panel ends."""

    def __init__(
        self, engine: AskingBridge, items: Items, make_viewer: Callable[[], ViewerPane], parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Compare two documents"), parent)
        self._engine, self._items = engine, items
        self._compared: tuple[tuple[int, Document], ...] = ()
        """The two items' keys, and what was read of them, that the differences shown are of."""
        self.comparing, self.passing = Comparing(self), Passing(engine, self)
        self.explaining: Explaining | None = None
        self.model = ChangeModel()
        self.list = ChangeListView(self.model)
        self.viewers = (make_viewer(), make_viewer())
        self.saving = SavingLine()
        self._make_choice()
        self._make_progress()
        self._lay_out()
        self._connect()
        self.refresh()

    def _make_choice(self) -> None:
        self.first, self.second = ChoiceBox(), ChoiceBox()
        for box, name in ((self.first, tr("The earlier document")), (self.second, tr("The later document"))):
            box.setAccessibleName(name)
            box.setToolTip(name)
            box.setMinimumContentsLength(_SHORTEST)
            box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.swap_button = push_button("⇄", self.swap)
        self.swap_button.setAccessibleName(tr("Swap the two documents"))
        self.swap_button.setToolTip(tr("Swap the two documents"))
        self.start_button = push_button(tr("Compare"), self.start, "primary")
        self.stop_button = push_button(tr("Stop"), self.stop)

    def _make_progress(self) -> None:
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedHeight(5)
        self.bar.setAccessibleName(tr("Progress of the comparison"))
        self.words = label(look="small", wrap=True, selectable=True)
        self.explain_button = push_button(tr("Explain the changes"), self.explain)
        self.explain_button.setToolTip(tr("The model explains what each change means, one after another."))

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self.first, 1)
        line.addWidget(self.swap_button)
        line.addWidget(self.second, 1)
        line.addWidget(self.start_button)
        line.addWidget(self.stop_button)
        self.pages = QSplitter(Qt.Orientation.Horizontal)
        self.across = QSplitter(Qt.Orientation.Horizontal)
        for viewer in self.viewers:
            self.pages.addWidget(viewer)
        self.across.addWidget(self.list)
        self.across.addWidget(self.pages)
        self.across.setStretchFactor(1, 1)
        for splitter in (self.pages, self.across):
            splitter.setChildrenCollapsible(False)
        self.pages.hide()
        foot = QHBoxLayout()
        foot.addWidget(self.explain_button)
        foot.addLayout(self.saving, 1)
        layout = column_layout(self, margins=(16, 14, 16, 14), spacing=8)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        layout.addWidget(self.words)
        layout.addWidget(self.across, 1)
        layout.addLayout(foot)
        screen = self.screen().availableGeometry()
        self.resize(min(WIDTH, screen.width()), min(HEIGHT, screen.height()))

    def _connect(self) -> None:
        for box in (self.first, self.second):
            box.currentIndexChanged.connect(self._show_state)
        self.comparing.advanced.connect(lambda share: self.bar.setValue(int(100 * share)))
        self.comparing.found.connect(self._on_found)
        self.comparing.stopped.connect(partial(self._say, tr("Stopped.")))
        self.comparing.failed.connect(self._on_failed)
        self.passing.asked.connect(self._show_explaining)
        self.passing.stepped.connect(self._on_step)
        self.passing.ended.connect(self._on_explained)
        self._engine.loaded.connect(self._show_state)
        self.list.selectionModel().currentChanged.connect(self._show_row)
        self.list.activated.connect(self._show_row)
        self.list.clicked.connect(self._show_row)
        for viewer in self.viewers:
            viewer.closed.connect(self._hide_pages)

    # What the user does

    def refresh(self, _key: int = 0) -> None:
        """What is attached has changed."""
        known = [(item.name, item.key) for item in self._items.comparable]
        if [(self.first.itemText(at), self.first.itemData(at)) for at in range(self.first.count())] != known:
            for box in (self.first, self.second):
                chosen = box.currentData()
                box.blockSignals(True)
                box.clear()
                for name, key in known:
                    box.addItem(name, key)
                box.setCurrentIndex(max(0, box.findData(chosen)) if known else -1)
                box.blockSignals(False)
            if self.first.currentData() == self.second.currentData():
                self._choose_other()
        self._show_state()

    def choose(self, key: int | None = None) -> None:
        """Take this file as the first one. Where there is only one other, the two are compared at once."""
        if self.comparing.running or (key is None and self._compared):
            return
        if key is not None:
            self.first.setCurrentIndex(max(0, self.first.findData(key)))
            self._choose_other()
        if self.first.count() == 2:
            self.start()

    def swap(self) -> None:
        """The later document becomes the earlier one."""
        first, second = self.first.currentIndex(), self.second.currentIndex()
        self.first.setCurrentIndex(second)
        self.second.setCurrentIndex(first)

    def start(self) -> None:
        """Compare the two that are chosen."""
        chosen = [self._items.get(box.currentData()) for box in (self.first, self.second)]
        pair = tuple((item.key, item.document) for item in chosen if item is not None and item.document is not None)
        if len(pair) != 2 or pair[0][0] == pair[1][0]:
            return
        self._forget()
        self._compared = pair
        self.bar.setValue(0)
        self.comparing.start(pair[0][1], pair[1][1])
        self._say(tr("Comparing…"))

    def stop(self) -> None:
        """Stop the comparison, or the explanations; those that are there stay."""
        self.comparing.stop()
        self.passing.stop()

    def explain(self) -> None:
        """Let the model say what each change means; where it was stopped, it goes on."""
        if self._engine.info is None or not self.model.changes:
            return
        if self.explaining is None or self.explaining.done >= len(self.model.changes):
            self.explaining = Explaining(self.model.changes, "" if language() == "English" else language())
        self.explaining.without.clear()
        self.passing.start(self.explaining)
        self._show_state()

    def _end(self) -> None:
        self.passing.leave()
        self.comparing.shutdown()
        for viewer in self.viewers:
            viewer.shutdown()

    def _stop_first(self) -> bool:
        running = self.comparing.running or self.passing.running
        if running:
            self.stop()
        return running

    def _hide_first(self) -> bool:
        shown = self.pages.isVisible()
        if shown:
            self._hide_pages()
        return shown

    # What happens

    def _choose_other(self) -> None:
        """A second document that is not the first one: the next in the list, else the one before."""
        first = self.first.currentIndex()
        if self.second.currentIndex() == first:
            self.second.setCurrentIndex(first + 1 if first + 1 < self.second.count() else first - 1)

    def _forget(self) -> None:
        self.passing.leave()
        self.explaining = None
        self.model.set_changes(())
        self._hide_pages()
        self.saving.clear()

    def _on_found(self, changes: tuple[Change, ...]) -> None:
        self.model.set_changes(changes)
        names = [document.name for _, document in self._compared]
        self.saving.set_changes(names[0], names[1], changes)
        self._say(self._summary())
        if changes:
            self.list.setFocus()
            self.list.setCurrentIndex(self.model.index(0))

    def _summary(self) -> str:
        changes = self.model.changes
        parts = [tr_n("{n} difference", "{n} differences", len(changes))]
        if numbers := sum(change.numbers for change in changes):
            parts.append(tr_n("{n} with another number", "{n} with other numbers", numbers))
        if moved := sum(change.kind == "moved" for change in changes):
            parts.append(tr_n("{n} moved paragraph", "{n} moved paragraphs", moved))
        said = " · ".join(parts) + "." if changes else tr("No difference in the text was found.")
        unread = sum(_unread(document) for _, document in self._compared)
        if unread:
            said += " " + tr_n(
                "No text was read on {n} page, so differences on it are not shown.",
                "No text was read on {n} pages, so differences on them are not shown.",
                unread,
            )
        return said

    def _on_failed(self, error: Exception) -> None:
        self._say(tr("The documents could not be compared: {reason}", reason=error))

    def _say(self, words: str) -> None:
        self.words.setText(words)
        self._show_state()

    def _show_row(self, index: QModelIndex, _before: object = None) -> None:
        """Both pages of a difference, with its words marked."""
        if not index.isValid() or len(self._compared) != 2 or self._closing:
            return
        (first, before), (second, after) = self._compared
        found = places(self.model.changes[index.row()], before, after)
        items = (self._items.get(first), self._items.get(second))
        if None in items:
            self._say(tr("This file is no longer attached."))
            return
        if self.pages.isHidden():
            self.pages.show()
            self.across.setSizes([LIST_WIDTH, max(1, self.across.width() - LIST_WIDTH)])
            half = max(1, (self.across.width() - LIST_WIDTH) // 2)
            self.pages.setSizes([half, half])
        for viewer, item, place in zip(self.viewers, items, found, strict=True):
            if item is not None:
                _show(viewer, item, place)

    def _hide_pages(self) -> None:
        had_focus = self.pages.isAncestorOf(self.focusWidget() or self)
        self.pages.hide()
        for viewer in self.viewers:
            viewer.clear()
        if had_focus:
            self.list.setFocus()

    def _on_step(self, step: str) -> None:
        if self.explaining is not None and step != "stopped":
            self.model.set_meanings(self.explaining.meanings)
            self.saving.set_meanings(self.explaining.meanings)

    def _show_explaining(self) -> None:
        if self.explaining is not None:
            done, total = self.explaining.done, len(self.explaining.changes)
            self.bar.setValue(100 * done // max(1, total))
            words = tr("Explaining change {done} of {total}", done=number(done + 1), total=number(total))
            self._say(words)

    def _on_explained(self, how: str) -> None:
        said = [self._summary()]
        if how == "stopped":
            said.insert(0, tr("Stopped."))
        elif self.explaining is not None and self.explaining.without:
            lacking = self.explaining.without
            said.append(tr_n("{n} change was not explained.", "{n} changes were not explained.", len(lacking)))
            said.append(translated(lacking[-1]))
        self._say(" ".join(said))

    def _show_state(self, *_: object) -> None:
        comparing, explaining = self.comparing.running, self.passing.running
        two = self.first.count() > 1 and self.first.currentData() != self.second.currentData()
        loaded = self._engine.info is not None
        for widget in (self.first, self.second, self.swap_button):
            widget.setEnabled(not comparing and self.first.count() > 1)
        self.start_button.setEnabled(two and not comparing and not explaining)
        self.stop_button.setEnabled(comparing or explaining)
        self.explain_button.setEnabled(loaded and not comparing and not explaining and bool(self.model.changes))
        self.bar.setRange(0, 100)
        if not comparing and not explaining:
            self.bar.setValue(0)


def _unread(document: Document) -> int:
    """How many pages have nothing that could be compared, though there may be words on them."""
    return sum(page.state == "skipped" or (page.state == "image" and not page.text.strip()) for page in document.pages)


def _show(viewer: ViewerPane, item: Item, place: Place | None) -> None:
    """The place, or the file as it stands where it has no such paragraph."""
    if place is not None:
        viewer.show_place(item, place)
        return
    viewer.show_item(item)
    if viewer.view is not None:
        viewer.view.unmark()
