"""Evidence inside an answer's text: small chips that show the result for a quotation and lead to its place.

A chip is text in the document like any other, an anchor with a border painted behind it: Tab goes to it, Enter follows
it, a screen reader reads it, it wraps and it prints. While Markdown is made into rich text, a character for private use
holds its place; where Markdown has no room for it (inside code, inside a link's address) the original words come back.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QTextBlock, QTextCharFormat, QTextCursor, QTextDocument
from PySide6.QtGui import QTextFormat as Format
from PySide6.QtWidgets import QApplication

from app.chat.evidence.citing import SIGNS, Names, file_name, label, marks, state_words, where
from app.chat.evidence.places import Checked, Evidence, Place
from app.i18n import tr, translated
from app.ui.look.colours import DARK, LIGHT, Colours

SCHEME = f"lectern-{secrets.token_hex(6)}"
"""What a chip's address begins with; no model can write such a link."""

INDEX = Format.Property.UserProperty.value + 11
RAW = INDEX + 1
_HARD = "\u00a0"
_LONGEST_NAME = 24
_PRIVATE = range(0xE000, 0xF900)


@dataclass(frozen=True, slots=True)
class Chip:
    """One sign: characters ``start`` to ``end`` of the text give way to ``label``."""

    start: int
    end: int
    index: int
    label: str
    state: Checked
    tip: str
    raw: str


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a chip is in a document, padding and all."""

    chip: Chip
    start: int
    end: int


def colours() -> Colours:
    """The theme that the palette shows."""
    return DARK if QApplication.palette().window().color().lightness() < 128 else LIGHT


def plain_tip(text: str) -> str:
    """Text for a tooltip: never interpreted as markup, and wrapped where it is long."""
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>"


def address(index: int) -> str:
    """The target of a chip's link."""
    return f"{SCHEME}:{index}"


def index_of(url: QUrl) -> int | None:
    """The evidence that an address means; ``None`` for every other link."""
    return int(url.path()) if url.scheme() == SCHEME and url.path().isdigit() else None


def make(answer: str, evidence: Sequence[Evidence], name_of: Names, several: bool = False) -> tuple[Chip, ...]:
    """The chips of an answer; with ``several`` files each names its file, and a picture always does."""
    found = []
    for mark in marks(answer, evidence):
        one = evidence[mark.index]
        raw = answer[mark.start : mark.end]
        name = file_name(one.place, name_of) if several or not where(one.place) else ""
        words = translated(label(one, mark.words, _short(name)))
        words = words if mark.words else words.replace(" ", _HARD)
        found.append(Chip(mark.start, mark.end, mark.index, words, one.state, tip(one, raw), raw))
    return tuple(found)


def tip(one: Evidence, raw: str = "") -> str:
    """The result for a quotation, and the quotation."""
    lines = [f"{SIGNS[one.state]} {translated(state_words(one))}. {translated(one.reason)}".strip()]
    if one.quote:
        lines.append(f"“{' '.join(one.quote.split())}”")
    if raw and one.state in ("elsewhere", "unverified"):
        lines.append(tr("The answer says: {words}", words=raw))
    return "\n".join(lines)


def _short(name: str) -> str:
    stem = name.rpartition(".")[0] or name
    return stem if len(stem) <= _LONGEST_NAME else f"{stem[: _LONGEST_NAME - 1]}…"


def within(chips: Sequence[Chip], start: int, length: int, shift: int = 0) -> tuple[Chip, ...]:
    """The chips that are in one piece of the answer, counted from the piece's own start."""
    end = start + length
    mine = [chip for chip in chips if start <= chip.start and chip.end <= end and (start < chip.end or not start)]
    return tuple(replace(chip, start=chip.start - start + shift, end=chip.end - start + shift) for chip in mine)


def with_marks(text: str, chips: Sequence[Chip]) -> tuple[str, dict[str, Chip]]:
    """The text with one private character for each chip."""
    free = (chr(code) for code in _PRIVATE if chr(code) not in text)
    parts, at, placed = [], 0, {}
    for chip, character in zip(chips, free, strict=False):
        parts += [text[at : chip.start], character]
        placed[character] = chip
        at = chip.end
    return "".join([*parts, text[at:]]), placed


def put(document: QTextDocument, waiting: dict[str, Chip]) -> tuple[list[Placed], list[Chip]]:
    """Replace each private character by its chip. Also gives those for which there was no room."""
    placed, missed = [], []
    for character, chip in waiting.items():
        cursor = document.find(character)  # positions count UTF-16 units, so Python's own search would be wrong
        if cursor.isNull():
            missed.append(chip)
        elif is_code(cursor.charFormat(), cursor.block()):
            cursor.insertText(chip.raw, cursor.charFormat())
        else:
            placed.append(_insert(document, cursor, chip))
    return placed, missed


def is_code(form: QTextCharFormat, block: QTextBlock) -> bool:
    """Whether Markdown made code of these words."""
    return form.fontFixedPitch() or block.blockFormat().hasProperty(Format.Property.BlockCodeLanguage)


def _insert(document: QTextDocument, cursor: QTextCursor, chip: Chip) -> Placed:
    around = QTextCharFormat(cursor.charFormat())
    start = cursor.selectionStart()
    form = chip_format(chip, document.defaultFont())
    space = QTextCharFormat(around)
    space.setProperty(INDEX, chip.index + 1)
    before = document.characterAt(start - 1) if start > cursor.block().position() else " "
    cursor.removeSelectedText()
    if not str(before).isspace() and str(before) not in "([{|":
        cursor.insertText(" ", space)
    start = cursor.position()
    cursor.insertText(f"{_HARD}{chip.label}{_HARD}", form)
    return Placed(chip, start, cursor.position())


def chip_format(chip: Chip, font: QFont) -> QTextCharFormat:
    """How a chip's text looks, and where it leads."""
    form = QTextCharFormat()
    form.setAnchor(True)
    form.setAnchorHref(address(chip.index))
    form.setToolTip(plain_tip(chip.tip))
    form.setProperty(INDEX, chip.index + 1)
    form.setProperty(RAW, chip.raw)
    form.setFontPointSize(font.pointSizeF() * 0.9 if font.pointSizeF() > 0 else 9.0)
    form.setFontWeight(QFont.Weight.Medium)
    form.setFontItalic(False)
    form.setForeground(QColor(_shades(chip.state)[0]))
    return form


def _shades(state: Checked) -> tuple[str, str, str]:
    """Colours of text, background and border."""
    theme = colours()
    return {
        "found": (theme.accent, theme.soft, theme.accent),
        "scanned": (theme.accent, theme.code, theme.accent),
        "heard": (theme.accent, theme.code, theme.accent),
        "elsewhere": (theme.warning, theme.warning_soft, theme.warning),
        "seen": (theme.text, theme.code, theme.strong),
        "unverified": (theme.danger, theme.danger_soft, theme.danger),
    }[state]


def paint(painter: QPainter, document: QTextDocument, placed: Sequence[Placed], focused: Placed | None = None) -> None:
    """The grounds and borders, behind the text. What is not certain has a broken line, what has the focus a ring."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for one in placed:
        _, ground, border = _shades(one.chip.state)
        solid = one.chip.state in ("found", "elsewhere")
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(border), 1.0, Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DashLine))
        for box in boxes(document, one.start, one.end):
            painter.drawRoundedRect(box.adjusted(0.5, -0.5, -0.5, 0.5), 5, 5)
            if one is focused:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colours().accent), 2.0))
                painter.drawRoundedRect(box.adjusted(-1.5, -2.5, 1.5, 2.5), 7, 7)


def boxes(document: QTextDocument, start: int, end: int) -> list[QRectF]:
    """The rectangles, one on each line, that the characters take in the document."""
    block: QTextBlock = document.findBlock(start)
    layout, top = block.layout(), document.documentLayout().blockBoundingRect(block).topLeft()
    first, last = start - block.position(), end - block.position()
    found = []
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        left, right = max(first, line.textStart()), min(last, line.textStart() + line.textLength())
        if left >= right:
            continue
        x0, x1 = (_x(line.cursorToX(at)) for at in (left, right))
        height = line.ascent() + line.descent()
        y = line.y() + line.leading()
        found.append(QRectF(min(x0, x1), y, abs(x1 - x0), height).translated(top))
    return found


def _x(found: Any) -> float:
    """Qt gives the place, or the place and the character."""
    return float(found[0]) if isinstance(found, tuple) else float(found)


def original(cursor: QTextCursor) -> str:
    """The selected text with the answer's own words in the place of chips."""
    document, taken = cursor.document(), 0
    parts: list[str] = []
    block = document.findBlock(cursor.selectionStart())
    while block.isValid() and block.position() <= cursor.selectionEnd():
        if parts:
            parts.append("\n")
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            start = max(fragment.position(), cursor.selectionStart())
            end = min(fragment.position() + fragment.length(), cursor.selectionEnd())
            index = fragment.charFormat().intProperty(INDEX)
            if start < end and index:
                raw = fragment.charFormat().stringProperty(RAW)
                parts.append(raw if index != taken else "")
                taken = index if raw else taken
            elif start < end:
                taken = 0
                parts.append(_slice(fragment.text(), start - fragment.position(), end - fragment.position()))
            iterator += 1
        block = block.next()
    return "".join(parts).replace(_HARD, " ").replace("\u2028", "\n")


def _slice(text: str, start: int, end: int) -> str:
    """A part of the text, counted as Qt counts it: in UTF-16 units."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le", "replace")


def places_of(evidence: Sequence[Evidence], index: int) -> tuple[Place | None, tuple[Place, ...]]:
    """Where a chip leads, or the places among which it asks to choose."""
    return (evidence[index].place, evidence[index].choices) if 0 <= index < len(evidence) else (None, ())
