"""The lower part of the left pane: the files of the conversation that is open."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QWidget

from app.i18n import tr, tr_n
from app.ui.attaching import Attachments
from app.ui.coverage import CoverageLegend
from app.ui.dialogs import ForgetDialog
from app.ui.icons import IconButton
from app.ui.item_row import ItemRow
from app.ui.passwords import Passwords
from app.ui.residency import Residency
from app.ui.widgets import column, label, row

LEGEND_MARGIN = 28


class AttachmentsPane(QFrame):
    """Draws ``Attachments`` as a list of rows."""

    open_wanted = Signal()
    opened = Signal(int)
    """A file is to be shown."""
    place_wanted = Signal(object)
    remove_wanted = Signal(int)
    remove_all_wanted = Signal()
    new_wanted = Signal()
    """A new conversation with the files that are attached."""

    def __init__(self, attachments: Attachments, residency: Residency) -> None:
        super().__init__()
        self.setProperty("look", "side")
        self.setAccessibleName(tr("Attached files"))
        self._attachments, self._residency = attachments, residency
        self.passwords = Passwords(attachments, self)
        self.rows: dict[int, ItemRow] = {}
        self._heading = label(tr("Files"), "heading")
        self._count = label(look="small")
        self.add_button = IconButton("add", tr("Add files (Ctrl+O)"))
        self.add_button.clicked.connect(self.open_wanted)
        self.new_button = IconButton("compose", tr("New conversation with these files (Ctrl+Alt+N)"))
        self.new_button.clicked.connect(self.new_wanted)
        self.remove_all_button = IconButton("remove-all", tr("Remove all files"))
        self.remove_all_button.clicked.connect(self.remove_all_wanted)
        self._follows = False
        self._followed: ItemRow | None = None
        """What was made here, kept in sight until a person scrolls or another file comes: rows above it still grow."""
        self._empty = self._make_empty()
        self.legend = CoverageLegend()
        self.legend.hide()
        self._list = QWidget()
        self._list_layout = column(self._list, margins=(12, 2, 12, 12), spacing=8)
        self._list_layout.addWidget(self._empty)
        self._list_layout.addStretch(1)
        self._lay_out()
        attachments.added.connect(self._add)
        attachments.changed.connect(self._change)
        attachments.removed.connect(self._remove)
        self._update_head()

    def _make_empty(self) -> QWidget:
        empty = QWidget()
        layout = column(empty, margins=(4, 24, 4, 0), spacing=12)
        words = label(tr("Drop files or folders anywhere in this window."), "muted", wrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(words)
        button = QPushButton(tr("Add files…"))
        button.clicked.connect(self.open_wanted)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        return empty

    def _lay_out(self) -> None:
        head = row(margins=(16, 0, 10, 0), spacing=8)
        head.addWidget(self._heading)
        head.addWidget(self._count)
        head.addStretch()
        for button in (self.new_button, self.remove_all_button, self.add_button):
            head.addWidget(button)
        bar = QFrame()
        bar.setLayout(head)
        bar.setMinimumHeight(44)
        self._area = area = QScrollArea()
        area.setWidget(self._list)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.verticalScrollBar().rangeChanged.connect(self._follow)
        area.verticalScrollBar().actionTriggered.connect(self._stop_following)
        area.viewport().setAutoFillBackground(False)
        self._list.setAutoFillBackground(False)
        layout = column(self, spacing=0)
        layout.addWidget(bar)
        layout.addWidget(area, 1)
        foot = row(margins=(16, 4, 12, 8))
        foot.addWidget(self.legend)
        layout.addLayout(foot)

    def _add(self, key: int) -> None:
        item = self._attachments.items.get(key)
        if item is None:
            return
        new = ItemRow(item)
        new.opened.connect(self.opened)
        new.place_wanted.connect(self.place_wanted)
        new.remove.connect(self.remove_wanted)
        new.cancel.connect(self._attachments.cancel)
        new.retry.connect(self._attachments.retry)
        new.unlock.connect(self.passwords.ask)
        new.options.connect(self._attachments.set_options)
        new.pages.connect(self._attachments.set_pages)
        new.pin.connect(self._residency.pin)
        new.unload.connect(self._residency.unload)
        new.forget.connect(self._ask_to_forget)
        self.rows[key] = new
        self._list_layout.insertWidget(self._list_layout.count() - 1, new)
        self._followed = new if self._follows else None
        self._follows = False
        self._follow()
        self._update_head()

    def _follow(self) -> None:
        """Once the rows stand where they belong."""
        if new := self._followed:
            QTimer.singleShot(0, new, lambda: self._area.ensureWidgetVisible(new))

    def _stop_following(self) -> None:
        self._followed = None

    def follow_next(self) -> None:
        """What is added next was made here: the list shows it."""
        self._follows = True

    def _ask_to_forget(self, key: int) -> None:
        item = self._attachments.items.get(key)
        if item is not None:
            dialog = ForgetDialog(item.name, self)
            dialog.accepted.connect(lambda: self._residency.forget(key))
            dialog.open()

    def set_shown(self, key: int | None) -> None:
        """Mark the file that the viewer shows."""
        for number, one in self.rows.items():
            one.set_shown(number == key)

    def show_page(self, key: int, page: int) -> None:
        """The viewer has turned to a page: its cell in the coverage is the current one."""
        if key in self.rows:
            self.rows[key].coverage.show_page(page)

    def _update_legend(self) -> None:
        """What the patterns mean, as long as there are patterns of pages."""
        shown = any(one.coverage.isVisibleTo(one) and one.coverage.cells for one in self.rows.values())
        self.legend.setVisible(shown and self.legend.sizeHint().width() <= self.width() - LEGEND_MARGIN)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the legend does not fit, each cell's tooltip says it."""
        super().resizeEvent(event)
        self._update_legend()

    def _change(self, key: int) -> None:
        if key in self.rows:
            self.rows[key].refresh()
            self._update_legend()

    def _remove(self, key: int) -> None:
        gone = self.rows.pop(key, None)
        if gone is not None:
            if gone is self._followed:
                self._followed = None
            gone.hide()
            gone.deleteLater()
        self._update_head()

    def _update_head(self) -> None:
        number = len(self.rows)
        self._empty.setVisible(not number)
        for button in (self.new_button, self.remove_all_button):
            button.setVisible(bool(number))
        self._update_legend()
        self._count.setText(f"{number:,}" if number else "")
        self._count.setAccessibleName(tr_n("{n} file attached", "{n} files attached", number))
