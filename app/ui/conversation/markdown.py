"""The model's Markdown as rich text that cannot reach anything outside the window.

Three locks: raw HTML is text, not markup (``MarkdownNoHTML``); pictures become their description; and
``loadResource`` gives nothing for any address, so that neither the network nor a file nor a UNC share is
touched. Links are drawn, never opened here: the window asks first.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QObject, QSize, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
    QTextTableFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QTextBrowser, QToolTip

from app.i18n import tr
from app.ui.conversation.chips import Chip, Placed, is_code, original, paint, plain_tip, put, with_marks

FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
LINE_HEIGHT = 138.0
_LOOKS_CHANGE = (QEvent.Type.ApplicationPaletteChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange)
_PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value


class SealedDocument(QTextDocument):
    """A document that loads nothing, whatever it is asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(2)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load no resource, whatever its scheme: answers must not reach files or the network."""
        return None

    def show_markdown(self, text: str, palette: QPalette) -> None:
        """Replace the content. Pictures are named, tables get lines, code a tint."""
        self.setMarkdown(text, FEATURES)
        cursor = QTextCursor(self)
        cursor.beginEditBlock()
        _name_pictures(self)
        _space_lines(self)
        _tint_code(self, palette)
        _rule_tables(self, palette)
        cursor.endEditBlock()


def _fragments(document: QTextDocument) -> list[tuple[int, int, QTextCharFormat]]:
    """Position, length and format of every run of text."""
    found = []
    block = document.begin()
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            found.append((fragment.position(), fragment.length(), fragment.charFormat()))
            iterator += 1
        block = block.next()
    return found


def _name_pictures(document: QTextDocument) -> None:
    """Put words in the place of pictures: a model's picture address is never followed."""
    plain = QTextCharFormat()
    plain.setFontItalic(True)
    for start, end, words in reversed(_pictures(document)):
        cursor = QTextCursor(document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(tr("[picture, not loaded: {words}]", words=words or tr("no description")), plain)


def _pictures(document: QTextDocument) -> list[tuple[int, int, str]]:
    """Start, end and description; a description with bold words in it comes as several runs."""
    found: list[tuple[int, int, str]] = []
    address = None
    for position, length, form in _fragments(document):
        image = form.toImageFormat() if form.isImageFormat() else None
        if image is None:
            address = None
            continue
        words = str(form.property(QTextFormat.Property.ImageAltText) or "")
        if found and address == image.name() and found[-1][1] == position:
            found[-1] = (found[-1][0], position + length, found[-1][2] + words)
        else:
            found.append((position, position + length, words))
        address = image.name()
    return found


def _space_lines(document: QTextDocument) -> None:
    form = QTextBlockFormat()
    form.setLineHeight(LINE_HEIGHT, _PROPORTIONAL)
    cursor = QTextCursor(document)
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(form)


def _tint_code(document: QTextDocument, palette: QPalette) -> None:
    form = QTextCharFormat()
    form.setBackground(palette.color(QPalette.ColorRole.AlternateBase))
    for position, length, known in _fragments(document):
        if is_code(known, document.findBlock(position)):
            cursor = QTextCursor(document)
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(form)


def _rule_tables(document: QTextDocument, palette: QPalette) -> None:
    for frame in document.rootFrame().childFrames():
        if not isinstance(frame, QTextTable):
            continue
        form = QTextTableFormat(frame.format())
        form.setBorderCollapse(True)
        form.setBorder(1)
        form.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        form.setBorderBrush(palette.color(QPalette.ColorRole.Midlight))
        form.setCellPadding(6)
        form.setCellSpacing(0)
        form.setTopMargin(6)
        form.setBottomMargin(8)
        form.setHeaderRowCount(1)
        form.setWidth(QTextLength())
        frame.setFormat(form)
        _close_up(frame)
        _tint_header(frame, palette.color(QPalette.ColorRole.AlternateBase))


def _close_up(table: QTextTable) -> None:
    """Cells have their own padding; paragraph margins on top of it tear a table apart."""
    form = QTextBlockFormat()
    form.setTopMargin(0)
    form.setBottomMargin(0)
    form.setLineHeight(110, _PROPORTIONAL)
    cursor = table.firstCursorPosition()
    cursor.setPosition(table.lastPosition(), QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeBlockFormat(form)


def _tint_header(table: QTextTable, colour: QColor) -> None:
    for index in range(table.columns()):
        cell = table.cellAt(0, index)
        form = cell.format()
        form.setBackground(colour)
        cell.setFormat(form)


class MarkdownView(QTextBrowser):
    """Read-only rich text as high as its content, for a place inside a scroll area."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._text = ""
        self._chips: tuple[Chip, ...] = ()
        self._placed: list[Placed] = []
        self._drawn_in: tuple[QColor, QColor] | None = None
        self.setDocument(SealedDocument(self))
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    @property
    def placed(self) -> list[Placed]:
        """The chips that are shown, and where."""
        return self._placed

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Load no resource, whatever its scheme: answers must not reach files or the network."""
        return None

    def set_markdown(self, text: str, chips: Sequence[Chip] = ()) -> None:
        """Draw this text in place of the former one; chips count their characters in ``text``."""
        if text == self._text and tuple(chips) == self._chips:
            return
        self._text, self._chips = text, tuple(chips)
        self._draw()

    def _draw(self) -> None:
        """A chip that Markdown has no room for (in a link's address) leaves its words as they were."""
        document = self.document()
        assert isinstance(document, SealedDocument)
        self._drawn_in = self._looks()
        palette, chips = QApplication.palette(), self._chips
        while True:
            marked, waiting = with_marks(self._text, chips)
            document.show_markdown(marked, palette)
            self._placed, missed = put(document, waiting)
            if not missed:
                break
            chips = tuple(chip for chip in chips if chip not in missed)
        self._fit()

    def _fit(self) -> None:
        size = self.document().size()
        bar = self.horizontalScrollBar()
        wide = size.width() > self.viewport().width() + 1
        height = int(size.height() + 0.999) + (bar.sizeHint().height() if wide else 0) + 2
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def block_top(self, number: int) -> int:
        """How far down a paragraph begins."""
        block = self.document().findBlockByNumber(number)
        return int(self.document().documentLayout().blockBoundingRect(block).top()) if block.isValid() else 0

    def selected(self) -> str:
        """The selected words as the answer has them."""
        return original(self.textCursor())

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copied text has the answer's own words, not the chips; tables stay tables."""
        data = QMimeData()
        data.setText(self.selected())
        return data

    def focusNextPrevChild(self, next: bool) -> bool:
        """Move to the next link on Tab; a focused chip shows its tooltip."""
        found = super().focusNextPrevChild(next)
        self.say_chip()
        return found

    def focused_chip(self) -> Placed | None:
        """The chip that the keyboard is at."""
        cursor = self.textCursor()
        if not self.hasFocus() or not cursor.hasSelection():
            return None
        at = (cursor.selectionStart(), cursor.selectionEnd())
        return next((placed for placed in self._placed if (placed.start, placed.end) == at), None)

    def say_chip(self) -> None:
        """Explain a chip that was reached by keyboard, with a tooltip and to screen readers."""
        one = self.focused_chip()
        if one is None:
            QToolTip.hideText()
            return
        corner = self.cursorRect(self.textCursor()).bottomLeft()
        QToolTip.showText(self.viewport().mapToGlobal(corner), plain_tip(one.chip.tip), self)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, one.chip.tip))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The chips' grounds first, the text above them."""
        if self._placed:
            painter = QPainter(self.viewport())
            painter.translate(-self.horizontalScrollBar().value(), 0)
            paint(painter, self.document(), self._placed, self.focused_chip())
            painter.end()
        super().paintEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width gives a new height."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """As high as the text is."""
        return QSize(400, self.height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The conversation scrolls, not the message."""
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        """Colours live in the text's formats, so a new theme draws it anew."""
        super().changeEvent(event)
        if self._text and event.type() in _LOOKS_CHANGE and self._looks() != self._drawn_in:
            self._draw()

    def _looks(self) -> tuple[QColor, QColor]:
        """The colours that go into the text's formats."""
        palette = QApplication.palette()
        return palette.color(QPalette.ColorRole.AlternateBase), palette.color(QPalette.ColorRole.Midlight)
