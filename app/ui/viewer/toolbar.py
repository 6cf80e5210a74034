"""The slim line above what is shown: page, zoom, find, look closer, close. What the user wants comes as signals."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QIntValidator, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QToolButton

from app.i18n import number, tr
from app.ingest.filekind import View
from app.ui.files.inside import InsideButton
from app.ui.look.icons import IconButton
from app.ui.look.widgets import ElidedLabel, label
from app.ui.viewer.pages.tiled_view import STOPS, Fit

_LEAST = 300
_ROOM_FOR_STEPS = 400
_ROOM_FOR_FIT = 430
_ROOM_FOR_TITLE = 480
_IN_MENU = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)


class PageField(QLineEdit):
    """A page's number; what is not finished is taken back."""

    page_wanted = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._page = 1
        self.setAccessibleName(tr("Page"))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setValidator(QIntValidator(1, 99_999, self))
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("00000") + 18)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.returnPressed.connect(self._chosen)

    def set_page(self, page: int) -> None:
        """The page that is read; somebody who is writing another number is not disturbed."""
        self._page = page
        if not (self.hasFocus() and self.isModified()):
            self.setText(str(page))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Back to the page that is read."""
        super().focusOutEvent(event)
        self.setText(str(self._page))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes back what was written."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText(str(self._page))
        else:
            super().keyPressEvent(event)

    def _chosen(self) -> None:
        self.setModified(False)
        self.page_wanted.emit(int(self.text()))


class ViewerToolbar(QFrame):
    """Shows what fits the kind of file."""

    page_wanted = Signal(int)
    zoom_wanted = Signal(float)
    step_wanted = Signal(int)
    fit_wanted = Signal(str)
    find_wanted = Signal()
    thumbnails_wanted = Signal(bool)
    closer_wanted = Signal(bool)
    close_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "head")
        self.title = ElidedLabel(look="name")
        self.thumbnails_button = IconButton("thumbnails", tr("List of pages"))
        self.thumbnails_button.setCheckable(True)
        self.page_field = PageField()
        self.total = label(look="muted")
        self.smaller_button = IconButton("minus", tr("Zoom out"))
        self.larger_button = IconButton("plus", tr("Zoom in"))
        self.zoom_menu = QMenu(self)
        self.zoom_button = self._make_zoom()
        self.fit_button = IconButton("fit-page", tr("Fit page"))
        self.find_button = IconButton("search", tr("Find in this document"))
        self.inside = InsideButton(words=False)
        self.closer_button = IconButton("closer", tr("Look closer: choose a region"))
        self.closer_button.setCheckable(True)
        self.close_button = IconButton("close", tr("Close the viewer"))
        self._fit: Fit = "width"
        self._view: View | None = None
        self._findable = False
        self._lay_out()
        self._connect()
        self.set_view(None)

    def _make_zoom(self) -> IconButton:
        button = IconButton("down", tr("Zoom"), text="100 %", size=10, look="small")
        button.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.zoom_menu.addAction(tr("Fit width"), lambda: self.fit_wanted.emit("width"))
        self.zoom_menu.addAction(tr("Fit page"), lambda: self.fit_wanted.emit("page"))
        self.zoom_menu.addSeparator()
        for stop in _IN_MENU:
            assert stop in STOPS
            self.zoom_menu.addAction(f"{stop:.0%}".replace("%", " %")).setData(stop)
        self.zoom_menu.triggered.connect(self._zoom_chosen)
        button.setMenu(self.zoom_menu)
        return button

    def _lay_out(self) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(6, 4, 6, 4)
        line.setSpacing(1)
        line.addWidget(self.thumbnails_button)
        line.addSpacing(4)
        line.addWidget(self.page_field)
        line.addSpacing(4)
        line.addWidget(self.total)
        line.addSpacing(6)
        line.addWidget(self.title, 1)
        line.addStretch()
        for part in (self.smaller_button, self.zoom_button, self.larger_button, self.fit_button):
            line.addWidget(part)
        line.addSpacing(4)
        for part in (self.inside, self.find_button, self.closer_button, self.close_button):
            line.addWidget(part)

    def _connect(self) -> None:
        self.page_field.page_wanted.connect(self.page_wanted)
        self.smaller_button.clicked.connect(lambda: self.step_wanted.emit(-1))
        self.larger_button.clicked.connect(lambda: self.step_wanted.emit(1))
        self.fit_button.clicked.connect(lambda: self.fit_wanted.emit("width" if self._fit == "page" else "page"))
        self.find_button.clicked.connect(self.find_wanted)
        self.thumbnails_button.clicked.connect(self.thumbnails_wanted)
        self.closer_button.clicked.connect(self.closer_wanted)
        self.close_button.clicked.connect(self.close_wanted)

    def set_title(self, name: str) -> None:
        """Show the name of the open file."""
        self.title.setText(name)
        self.title.setToolTip(name)

    def set_view(self, view: View | None) -> None:
        """What the tools are for; ``None`` where nothing is shown."""
        self._view = view
        self._show_parts()

    def set_findable(self, findable: bool) -> None:
        """Whether there are words that can be looked for."""
        self._findable = findable
        self._show_parts()

    def set_pages(self, page: int, total: int) -> None:
        """Show the current page and the number of pages."""
        self.page_field.set_page(page)
        self.total.setText(f"/ {number(total)}")
        self.page_field.setAccessibleDescription(tr("of {total}", total=total))
        self.page_field.setEnabled(total > 1)

    def set_zoom(self, zoom: float, fit: Fit) -> None:
        """How large it is shown."""
        self._fit = fit
        self.zoom_button.setText(f"{zoom * 100:.0f} %")
        if fit == "page":
            self.fit_button.set_icon("fit-width", tr("Fit width"))
        else:
            self.fit_button.set_icon("fit-page", tr("Fit page"))

    def minimumSizeHint(self) -> QSize:
        """What is left in a narrow pane; the rest steps aside."""
        return QSize(_LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow pane only what is needed stays."""
        super().resizeEvent(event)
        self._show_parts()

    def _show_parts(self) -> None:
        pages, drawn = self._view == "pages", self._view in ("pages", "picture")
        for part in (self.thumbnails_button, self.page_field, self.total):
            part.setVisible(pages)
        self.find_button.setVisible(self._view is not None and self._findable)
        for part in (self.zoom_button, self.closer_button):
            part.setVisible(drawn)
        for part in (self.smaller_button, self.larger_button):
            part.setVisible(drawn and self.width() >= _ROOM_FOR_STEPS)
        self.fit_button.setVisible(drawn and self.width() >= _ROOM_FOR_FIT)
        self.title.setVisible(not pages or self.width() >= _ROOM_FOR_TITLE)

    def _zoom_chosen(self, action: object) -> None:
        stop = getattr(action, "data", lambda: None)()
        if isinstance(stop, float):
            self.zoom_wanted.emit(stop)
