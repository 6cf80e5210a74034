"""Small parts that several panes share: labels, notes that can be copied, the copy button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontMetrics, QGuiApplication, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from app.i18n import tr
from app.ui.look.icons import IconButton, IconLabel

COPIED_MS = 1500


def label(text: str = "", look: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """A label of plain text: nothing that comes from a file or a model is ever taken for markup."""
    result = QLabel(text)
    result.setTextFormat(Qt.TextFormat.PlainText)
    if look:
        result.setProperty("look", look)
    if wrap:
        result.setWordWrap(True)
    if selectable:
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        result.setTextInteractionFlags(flags)
    return result


class ElidedLabel(QLabel):
    """One line that is shortened where there is no room for it: a file's name in the middle, a title at its end."""

    def __init__(self, text: str = "", look: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__(text)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("look", look)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setMinimumWidth(24)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        shown = QFontMetrics(self.font()).elidedText(self.text(), self._mode, self.width())
        painter.drawText(self.rect(), int(self.alignment()), shown)


class BubbleLabel(QLabel):
    """Wrapped text that is no wider than it needs to be."""

    WIDEST = 560

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        self.setTextInteractionFlags(flags)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """The text's own width, up to the widest."""
        widest = self.fontMetrics().size(Qt.TextFlag.TextExpandTabs, self.text()).width() + 4
        width = min(widest, self.WIDEST)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Narrow, since the text may be shortened."""
        return QSize(min(120, self.sizeHint().width()), self.fontMetrics().lineSpacing())


class WrappingButton(QPushButton):
    """A button whose words go on in further lines where they do not fit into one."""

    WIDEST = 560
    _TEXT = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _around(self) -> tuple[int, int]:
        """The frame's part of the width and of the height."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.rect = QRect(0, 0, 1000, 1000)
        inside = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        return 1000 - inside.width(), 1000 - inside.height()

    def hasHeightForWidth(self) -> bool:
        """True: a narrower widget needs more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines at this width."""
        beside, above = self._around()
        room = QRect(0, 0, max(1, width - beside), 100_000)
        return self.fontMetrics().boundingRect(room, int(self._TEXT), self.text()).height() + above

    def sizeHint(self) -> QSize:
        """One line, up to the widest."""
        beside, _ = self._around()
        width = min(self.fontMetrics().horizontalAdvance(self.text()) + beside + 2, self.WIDEST)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """It may become narrow; its height comes from its width."""
        beside, above = self._around()
        return QSize(beside + 12 * self.fontMetrics().averageCharWidth(), self.fontMetrics().lineSpacing() + above)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame as the style has it, and the words in their lines."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        words, option.text = option.text, ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        inside = self.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, self)
        painter.setPen(self.palette().color(QPalette.ColorRole.ButtonText))
        painter.drawText(inside, int(self._TEXT), words)


class ChoiceBox(QComboBox):
    """A choice whose list shows every entry, also after the theme was changed: Qt keeps the rows' old heights then."""

    def showPopup(self) -> None:
        """Open the list as high as its entries need it, as far as ``maxVisibleItems`` allows."""
        super().showPopup()
        rows = range(min(self.count(), self.maxVisibleItems()))
        needed = sum(self.view().sizeHintForRow(row) for row in rows)
        missing = needed - self.view().viewport().height()
        popup = self.view().window()
        if missing > 0:
            popup.resize(popup.width(), popup.height() + missing)


class CopyButton(IconButton):
    """Copies what ``source`` gives at the moment of the click, and shows that it did."""

    def __init__(self, name: str, source: Callable[[], str], text: str = "", look: str = "small") -> None:
        super().__init__("copy", name, text=text, size=15, look=look)
        self._source, self._name, self._words = source, name, text
        self._timer = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._timer.timeout.connect(self._reset)
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._source())
        self.set_icon("check", tr("Copied"))
        if self._words:
            self.setText(tr("Copied"))
        self._timer.start()

    def _reset(self) -> None:
        self.set_icon("copy", self._name)
        self.setText(self._words)


class FewLines(QScrollArea):
    """A wrapped label that is as high as its text up to a few lines; the rest is scrolled to."""

    MOST = 8

    def __init__(self, inside: QLabel) -> None:
        super().__init__()
        self._inside = inside
        inside.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        for widget in (self.viewport(), inside):
            widget.setAutoFillBackground(False)

    def hasHeightForWidth(self) -> bool:
        """True: the text wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The text's own height, up to the most."""
        edge = 2 * self.frameWidth()
        return min(self._inside.heightForWidth(width - edge), self.MOST * self.fontMetrics().lineSpacing()) + edge

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        width = max(self.width(), self._inside.minimumSizeHint().width())
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """At least one line of text."""
        return QSize(self._inside.minimumSizeHint().width(), self.fontMetrics().lineSpacing())


class Note(QFrame):
    """A sentence that matters, where the eye is: an error, a warning, a piece of news. Can be copied."""

    closed = Signal()

    def __init__(
        self, look: str = "danger", *, closable: bool = False, copyable: bool = True, scrolls: bool = False
    ) -> None:
        """With ``scrolls``, a long text takes a few lines, and all of it can be scrolled to."""
        super().__init__()
        self.setProperty("look", look)
        role = {"danger": QPalette.ColorRole.BrightText}.get(look, QPalette.ColorRole.WindowText)
        self._label = label(wrap=True, selectable=True)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(4)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(10)
        sign = IconLabel("info" if look == "notice" else "warning", role, 17)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
        self._body: QWidget = FewLines(self._label) if scrolls else self._label
        self._body.setAccessibleName(tr("Message"))
        row.addWidget(self._body, 1)
        row.addLayout(self.tools)
        if copyable:
            self.tools.addWidget(CopyButton(tr("Copy this message"), self._label.text))
        if closable:
            close = IconButton("close", tr("Dismiss this message"), size=15)
            close.clicked.connect(self._close)
            self.tools.addWidget(close)

    @property
    def text(self) -> str:
        """The note's text."""
        return self._label.text()

    def set_text(self, text: str) -> None:
        """Show a text; an empty one hides the note."""
        new = bool(text) and text != self._label.text()
        self._label.setText(text)
        for part in (self._label, self._body):
            part.setAccessibleName(text or tr("Message"))
        self._body.updateGeometry()
        self.setVisible(bool(text))
        if new and self.isVisible():  # a screen reader announces it at once, wherever the focus is
            QAccessible.updateAccessibility(QAccessibleEvent(self._label, QAccessible.Event.Alert))

    def _close(self) -> None:
        self.set_text("")
        self.closed.emit()


def column(parent: QWidget, *, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 8) -> QVBoxLayout:
    """A vertical layout with our spacing."""
    layout = QVBoxLayout(parent)
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    return layout


def row(*, margins: tuple[int, int, int, int] = (0, 0, 0, 0), spacing: int = 6) -> QHBoxLayout:
    """A horizontal layout with our spacing, to be put into another one."""
    layout = QHBoxLayout()
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    return layout


def form_row(form: QFormLayout, name: str, field: QWidget | QHBoxLayout) -> None:
    """A row of a form, with its name at the height of the words in ``field``."""
    heading = label(name)
    heading.setMinimumHeight(field.sizeHint().height())
    if isinstance(field, QWidget):
        heading.setBuddy(field)
    form.addRow(heading, field)
