"""The widgets around an answer's text: the evidence as a list to fold out, and what the model looked at on its way."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget
from shiboken6 import isValid

from app.chat.evidence.citing import SIGNS, Names, file_name, state_words, where_long
from app.chat.evidence.places import Evidence, Place
from app.chat.tools.uses import ToolUse
from app.i18n import tr, tr_n, translated
from app.session.export.markdown import tool_words
from app.ui.conversation.chips import plain_tip
from app.ui.look.icons import IconButton, IconLabel
from app.ui.look.widgets import column, label, row
from app.ui.viewer.pages.crops import Crop

MOST_ROWS = 100
LONGEST_QUOTE = 600
_PADDING = 8
_TOOL_ICONS = {"look_closer": "closer", "go_to": "video", "find": "search"}


class PlaceButton(QPushButton):
    """A line of words that leads to a place. Shortened where there is no room; the whole is in its tooltip."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self._words = words
        self.setProperty("look", "place")
        self.setAccessibleName(words)
        self.setToolTip(plain_tip(words))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Room for all of the words."""
        return QSize(self.fontMetrics().horizontalAdvance(self._words) + _PADDING, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Narrow, since the text may be shortened."""
        return QSize(min(self.sizeHint().width(), 120), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the text to the new width."""
        super().resizeEvent(event)
        room = self.width() - _PADDING + 1
        words = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, room)
        self.setText(words.replace("&", "&&"))


class LinePicture(QLabel):
    """The printed line that words were read from; made smaller where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = QPixmap()
        self.setProperty("look", "plain")
        self.setAccessibleName(tr("The line as printed"))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()

    def set_png(self, data: bytes) -> None:
        """Show it, once it has come."""
        if not isValid(self):  # the row has gone meanwhile
            return
        self._whole.loadFromData(data)
        self.setVisible(not self._whole.isNull())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Never wider than the row."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        ratio = self.devicePixelRatioF()
        room = max(1, round(self.width() * ratio))
        shown = self._whole
        if shown.width() > room:
            shown = shown.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)
        shown.setDevicePixelRatio(ratio)
        self.setPixmap(shown)
        self.setFixedHeight(max(1, round(shown.height() / ratio)))


class EvidenceRow(QFrame):
    """One quotation: what became of it, its place, its words, and why; from a scan, also the printed line."""

    place_wanted = Signal(object)

    def __init__(self, one: Evidence, name_of: Names, crop: Crop | None = None) -> None:
        super().__init__()
        self.setProperty("look", "quote")
        at = translated(where_long(one.place, file_name(one.place, name_of)))
        self.words = f"{SIGNS[one.state]} {' · '.join(part for part in (translated(state_words(one)), at) if part)}"
        self.button: PlaceButton | None = None
        layout = column(self, margins=(8, 0, 0, 0), spacing=1)
        if one.place is None:
            layout.addWidget(label(self.words, wrap=True, selectable=True))
        for place in (one.place, *one.choices):
            if place is not None:
                named = translated(where_long(place, file_name(place, name_of)))
                words = self.words if place is one.place else named
                layout.addWidget(self._make_button(words, place), 0, Qt.AlignmentFlag.AlignLeft)
        if one.quote:
            layout.addWidget(label(f"“{_short(one.quote)}”", wrap=True, selectable=True))
        self.line: LinePicture | None = None
        if crop is not None and one.place is not None and one.place.boxes and (one.state == "scanned" or one.readings):
            self.line = LinePicture()
            layout.addWidget(self.line)
            crop(one.place, self.line.set_png)
        if one.reason:
            layout.addWidget(label(translated(one.reason), "small", wrap=True, selectable=True))

    def _make_button(self, words: str, place: Place) -> QPushButton:
        button = PlaceButton(words)
        button.clicked.connect(lambda: self.place_wanted.emit(place))
        self.button = self.button or button
        return button


class EvidenceList(QWidget):
    """Folded until someone wants to see it; its rows are made then."""

    place_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._evidence: tuple[Evidence, ...] = ()
        self._name_of: Names = lambda _: ""
        self.crop: Crop | None = None
        """Gives the pictures of printed lines."""
        self.rows: list[EvidenceRow] = []
        self.button = IconButton("right", tr("Show the evidence"), text=tr("Evidence"), look="small", size=14)
        self.button.clicked.connect(lambda: self.fold(self.body.isVisibleTo(self)))
        self.body: QWidget = QWidget()
        self._rows = column(self.body, margins=(4, 2, 0, 6), spacing=10)
        layout = column(self, spacing=2)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.body)
        self.body.hide()
        self.hide()

    def set_evidence(self, evidence: Sequence[Evidence], name_of: Names) -> None:
        """Show the evidence of an answer."""
        self._name_of = name_of
        if tuple(evidence) == self._evidence:
            return
        self._evidence = tuple(evidence)
        self.button.setText(summary(self._evidence))
        self.setVisible(bool(self._evidence))
        self._clear()
        self.fold(not self.body.isVisibleTo(self))

    def fold(self, folded: bool) -> None:
        """Hide or show the rows."""
        if not folded and not self.rows:
            self._fill()
        self.body.setVisible(not folded)
        name = tr("Show the evidence") if folded else tr("Hide the evidence")
        self.button.set_icon("right" if folded else "down", name)
        self.button.setAccessibleName(f"{name}. {self.button.text()}")

    def show_row(self, index: int) -> None:
        """Fold it out, with the keyboard at this row."""
        self.fold(False)
        if index < len(self.rows):
            row_button = self.rows[index].button
            (row_button or self.button).setFocus(Qt.FocusReason.OtherFocusReason)

    def _fill(self) -> None:
        for one in self._evidence[:MOST_ROWS]:
            made = EvidenceRow(one, self._name_of, self.crop)
            made.place_wanted.connect(self.place_wanted)
            self.rows.append(made)
            self._rows.addWidget(made)
            made.show()
        more = len(self._evidence) - MOST_ROWS
        if more > 0:
            self._rows.addWidget(label(tr_n("{n} more in the text", "{n} more in the text", more), "small"))

    def _clear(self) -> None:
        self.rows = []
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


class ToolUses(QWidget):
    """What the model asked the application for while it answered, as it happens."""

    place_wanted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("What the model looked at"))
        self._uses: tuple[ToolUse, ...] = ()
        self.rows: list[QWidget] = []
        self._rows = column(self, spacing=2)
        self.hide()

    def set_uses(self, uses: Sequence[ToolUse]) -> None:
        """The calls so far; they only become more, except when the question is asked anew."""
        if tuple(uses) == self._uses:
            return
        kept = len(self._uses) if tuple(uses[: len(self._uses)]) == self._uses else 0
        for old in self.rows[kept:]:
            old.hide()
            old.deleteLater()
        del self.rows[kept:]
        for use in uses[kept:]:
            self.rows.append(self._make_row(use))
            self._rows.addWidget(self.rows[-1])
            self.rows[-1].show()
        self._uses = tuple(uses)
        self.setVisible(bool(uses))

    def _make_row(self, use: ToolUse) -> QWidget:
        made = QWidget()
        line = row(spacing=4)
        line.addWidget(IconLabel(_TOOL_ICONS.get(use.name, "chip"), size=15), 0, Qt.AlignmentFlag.AlignTop)
        words = tool_words(use, translated)
        if use.place is None:
            line.addWidget(label(words, "small", wrap=True, selectable=True), 1)
        else:
            button, place = PlaceButton(words), use.place
            button.clicked.connect(lambda: self.place_wanted.emit(place))
            line.addWidget(button)
            line.addStretch()
        made.setLayout(line)
        return made


def summary(evidence: Sequence[Evidence]) -> str:
    """How many quotations were found and how many were not."""
    states = [one.state for one in evidence]
    found, elsewhere, scanned = (states.count(state) for state in ("found", "elsewhere", "scanned"))
    seen, lost = states.count("seen"), states.count("unverified")
    words = []
    if found:
        words.append(tr_n("{n} found", "{n} found", found))
    if scanned:
        words.append(tr_n("{n} found in a picture's text", "{n} found in pictures' text", scanned))
    if elsewhere:
        words.append(tr_n("{n} found elsewhere", "{n} found elsewhere", elsewhere))
    if seen:
        words.append(tr_n("{n} to check yourself", "{n} to check yourself", seen))
    if lost:
        words.append(tr_n("{n} not found", "{n} not found", lost))
    return tr("Evidence: {words}", words=", ".join(words))


def _short(quote: str) -> str:
    words = " ".join(quote.split())
    return words if len(words) <= LONGEST_QUOTE else f"{words[: LONGEST_QUOTE - 1]}…"
