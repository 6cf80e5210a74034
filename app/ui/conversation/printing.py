"""A conversation as a PDF: the same content as the Markdown export, in pages, with its evidence as notes.

Everything is drawn from sealed documents, so that nothing an answer names is loaded for paper either.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QLocale, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QFontDatabase,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocumentFragment,
)

from app.chat.evidence.citing import SIGNS, Names, marks
from app.chat.evidence.places import Evidence
from app.i18n import tr, translated
from app.session.conversation import Conversation, Exchange
from app.session.export.markdown import note_words, replacing, small_print, tool_words
from app.text.fences import blocks
from app.ui.conversation import highlight
from app.ui.conversation.chips import Chip, is_code, with_marks
from app.ui.conversation.markdown import SealedDocument
from app.ui.look.colours import LIGHT, palette

RESOLUTION = 600
MARGIN_MM = 20.0
BODY_PT, SMALL_PT, TITLE_PT = 10.0, 8.0, 17.0
_FOOT_PT = 28.0
_TAIL = 1024


def save_pdf(talk: Conversation, path: Path, name_of: Names = lambda _: "") -> None:
    """Write the conversation to ``path``; raises ``ExportError`` with one sentence, and then leaves no file behind."""
    with replacing(path) as temporary:
        temporary.touch()  # raises the system's own error if the place is not writable
        _print(document_of(talk, name_of), temporary, talk.title or tr("Conversation"))
        _check(temporary)


def document_of(talk: Conversation, name_of: Names) -> SealedDocument:
    """The conversation as one document."""
    return _Page(name_of).document(talk)


def _print(document: SealedDocument, path: Path, title: str) -> None:
    writer = QPdfWriter(str(path))
    writer.setResolution(RESOLUTION)
    writer.setTitle(title)
    writer.setCreator("Lectern")
    metric = QLocale().measurementSystem() is QLocale.MeasurementSystem.MetricSystem
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4 if metric else QPageSize.PageSizeId.Letter))
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    document.documentLayout().setPaintDevice(writer)
    area = QSizeF(writer.width(), writer.height() - _FOOT_PT * RESOLUTION / 72)
    document.setPageSize(area)
    painter = QPainter()
    if not painter.begin(writer):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    try:
        for number in range(document.pageCount()):
            if number:
                writer.newPage()
            _print_page(painter, document, number, area, QSizeF(writer.width(), writer.height()), title)
    finally:
        painter.end()


def _print_page(
    painter: QPainter, document: SealedDocument, number: int, area: QSizeF, page: QSizeF, title: str
) -> None:
    shown = QRectF(0, number * area.height(), area.width(), area.height())
    context = QAbstractTextDocumentLayout.PaintContext()
    context.palette = palette(LIGHT)
    context.palette.setColor(QPalette.ColorRole.Text, Qt.GlobalColor.black)
    context.clip = shown
    painter.save()
    painter.translate(0, -shown.top())
    painter.setClipRect(shown)
    document.documentLayout().draw(painter, context)
    painter.restore()
    painter.setFont(_font(SMALL_PT))
    painter.setPen(QColor(LIGHT.muted))
    foot = QRectF(0, area.height(), page.width(), page.height() - area.height())
    words = tr("Page {number} of {count}", number=number + 1, count=document.pageCount())
    painter.drawText(foot, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom), words)
    room = int(page.width() * 0.8)
    short = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room)
    painter.drawText(foot, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom), short)


def _check(path: Path) -> None:
    """Qt does not report a full disk; an incomplete file shows it."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        if b"%%EOF" not in file.read():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class _Page:
    """Puts a document together, from top to bottom."""

    def __init__(self, name_of: Names) -> None:
        self._name_of = name_of
        self._document = SealedDocument()
        self._document.setDocumentMargin(0)
        self._document.setDefaultFont(_font(BODY_PT))
        self._cursor = QTextCursor(self._document)
        self._number = 1
        self._begun = False

    def document(self, talk: Conversation) -> SealedDocument:
        exchanges = list(talk)
        self._words(talk.title or tr("Conversation"), size=TITLE_PT, bold=True, after=4)
        self._words(_about(talk, exchanges), size=SMALL_PT, colour=LIGHT.muted, after=14)
        if talk.instructions.strip():
            self._words(tr("Instructions"), size=SMALL_PT, colour=LIGHT.muted, after=2)
            self._words(talk.instructions.strip(), after=14)
        for one in exchanges:
            self._exchange(one)
        return self._document

    def _exchange(self, one: Exchange) -> None:
        self._words(one.question, before=12, after=3, ground=LIGHT.soft, bold=True)
        self._words(small_print(one), size=SMALL_PT, colour=LIGHT.muted, after=6)
        uses = "\n".join(f"· {tool_words(use, translated)}" for use in one.tool_uses)
        self._words(uses, size=SMALL_PT, colour=LIGHT.muted, after=6)
        if one.answer.strip():
            self._answer(one)
        if one.error:
            self._words(translated(one.error), colour=LIGHT.danger, after=6)

    def _answer(self, one: Exchange) -> None:
        notes = {mark.end: self._number + mark.index for mark in marks(one.answer, one.evidence)}
        for piece in blocks(one.answer):
            if piece.kind == "code":
                self._code(piece.text.rstrip("\n"), piece.language)
            elif piece.text.strip():
                self._prose(piece.text, piece.start, notes, one.evidence)
        for index, found in enumerate(one.evidence):
            words = f"{self._number + index}  {note_words(found, self._name_of, translated)}"
            self._words(words, size=SMALL_PT, after=2, before=8 if index == 0 else 0, indent=12)
        self._number += len(one.evidence)

    def _prose(self, text: str, start: int, notes: dict[int, int], evidence: Sequence[Evidence]) -> None:
        first = self._number
        signs = [
            Chip(at - start, at - start, number, f"{SIGNS[evidence[number - first].state]}{number}", "found", "", "")
            for at, number in sorted(notes.items())
            if start < at <= start + len(text)
        ]
        marked, waiting = with_marks(text, signs)
        drawn = SealedDocument()
        drawn.setDefaultFont(_font(BODY_PT))
        drawn.show_markdown(marked, palette(LIGHT))
        for character, sign in waiting.items():
            _put_number(drawn, character, sign.label)
        self._block(QTextBlockFormat())
        self._cursor.insertFragment(QTextDocumentFragment(drawn))
        self._cursor.movePosition(QTextCursor.MoveOperation.End)

    def _code(self, text: str, language: str) -> None:
        coloured, forms = highlight.spans(text, language), highlight.formats(highlight.LIGHT)
        mono = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        mono.setPointSizeF(BODY_PT * 0.85)
        base = QTextCharFormat()
        base.setFont(mono)
        lines = text.split("\n")
        for number, line in enumerate(lines):
            before, after = (8.0 if number == 0 else 0.0), (8.0 if number == len(lines) - 1 else 0.0)
            self._block(_block_format(before, after, LIGHT.code, 6))
            begin = self._cursor.position()
            self._cursor.insertText(line, base)
            for at, length, kind in coloured.get(number, ()):
                part = QTextCursor(self._document)
                part.setPosition(begin + at)
                part.setPosition(begin + at + length, QTextCursor.MoveMode.KeepAnchor)
                part.mergeCharFormat(forms[kind])

    def _words(
        self,
        text: str,
        *,
        size: float = BODY_PT,
        colour: str = LIGHT.text,
        bold: bool = False,
        before: float = 0,
        after: float = 0,
        ground: str = "",
        indent: float = 0,
    ) -> None:
        """Plain text: a question is never taken for markup."""
        if not text:
            return
        form = QTextCharFormat()
        form.setFontPointSize(size)
        form.setForeground(QColor(colour))
        form.setFontWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        self._block(_block_format(before, after, ground, indent))
        self._cursor.insertText(text.replace("\n", "\u2028"), form)

    def _block(self, form: QTextBlockFormat) -> None:
        """A new paragraph; the document's first one is there already."""
        if self._begun:
            self._cursor.insertBlock(form, QTextCharFormat())
        else:
            self._cursor.setBlockFormat(form)
        self._begun = True


def _put_number(document: SealedDocument, character: str, words: str) -> None:
    """A note's number; where Markdown made code of its place, nothing."""
    cursor = document.find(character)
    if cursor.isNull():
        return
    code = is_code(cursor.charFormat(), cursor.block())
    cursor.removeSelectedText()
    if not code:
        form = QTextCharFormat()
        form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
        form.setForeground(QColor(LIGHT.accent))
        cursor.insertText(words, form)


def _block_format(before: float = 0, after: float = 0, ground: str = "", indent: float = 0) -> QTextBlockFormat:
    form = QTextBlockFormat()
    form.setTopMargin(before)
    form.setBottomMargin(after)
    form.setLeftMargin(indent)
    if ground:
        form.setBackground(QColor(ground))
    return form


def _font(points: float) -> QFont:
    font = QFont()
    font.setPointSizeF(points)
    return font


def _about(talk: Conversation, exchanges: Sequence[Exchange]) -> str:
    when = datetime.fromtimestamp(talk.created).strftime("%Y-%m-%d %H:%M") if talk.created else ""
    files = ", ".join(dict.fromkeys(name for one in exchanges for name in one.sources))
    models = ", ".join(dict.fromkeys(one.model for one in exchanges if one.model))
    return "\n".join(part for part in (when, models, files) if part)
